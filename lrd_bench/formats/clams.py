"""CLAMS (Mueller et al. 2020) and the items of Marvin & Linzen (2018): `True|False TAB sentence`, tokenised.

A True line and the False lines after it are one question each. The file says nothing of the subject's place or number.
Both follow where every item has a twin in the file: the same words but for one, the same candidates, the opposite
answer. That one word is then the cue.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lrd_bench.formats.lines import TextFile, Words, read_text_file
from lrd_bench.items import Difference, Item, Sentence, Span, Suite, difference

WHOLE = "(*;%good%) < (*;%bad%)"
CRITICAL = "(critical;%good%) < (critical;%bad%)"

GLOSSARY = {
    "case": "the construction, as the file is named",
    "multi_word": "whether the critical region is of more than one word in either sentence",
    "identical": "whether the two sentences are the same, so that any model scores one half",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A True line and a False line that belongs to it."""

    id: str
    line: int
    good: Words
    bad: Words
    differing: Difference | None

    @property
    def context(self) -> Words:
        """The words before the first difference."""
        return self.good if self.differing is None else self.good[: self.differing.good.start]


def read_clams(path: Path) -> Suite:
    """Read one construction (.txt, plain or gzipped).

    The headline compares whole sentences, as published. Where every difference lies after a shared context, a second
    prediction compares the critical regions (from the first differing word to the last) alone.

    Raises LrdBenchError naming the line that is not `True|False TAB sentence` or lacks its other half, and for a file
    that is empty or cannot be read.
    """
    file = read_text_file(path)
    pairs = list(_pairs(file))
    twins = _twins(pairs)
    case = file.path.name.partition(".")[0]
    language = re.match(r"([a-z]{2})(?:_|$)", file.path.resolve().parent.name)
    asked = all(map(_is_asked_by_its_critical_region, pairs))
    return Suite(
        name="-".join(["clams", *([language[1]] if language else []), case]),
        version=1,
        items=tuple(_item(file, case, pair, twins.get(pair.id)) for pair in pairs),
        predictions=(WHOLE, CRITICAL) if asked else (WHOLE,),
        phenomenon=_phenomenon(case),
        reference="Marvin & Linzen 2018; Mueller et al. 2020 (CLAMS).",
        glossary=GLOSSARY,
        source={"format": "clams", "files": {file.path.name: file.sha256}},
    )


def _is_asked_by_its_critical_region(pair: _Pair) -> bool:
    """Whether both sentences have words there, after a context that they share.

    Where they differ from the first word on (*no authors have ever* … against *the authors have ever* …), the critical
    region says how common *no* is, and nothing of what it licenses.
    """
    return bool(pair.context) and pair.differing is not None and all(start < stop for start, stop in pair.differing)


def _pairs(file: TextFile) -> Iterator[_Pair]:
    """The pairs of the file, each with an id: the number of its True line among the True lines, from 1."""
    groups: list[tuple[int, Words, list[Words]]] = []
    for number, line in enumerate(file.lines, start=1):
        if not line.strip():
            continue
        label, words = _fields(file, number)
        if label == "True":
            groups.append((number, words, []))
        elif groups:
            groups[-1][2].append(words)
        else:
            raise file.error(number, "a False line with no True line before it. Put the True line of each pair first.")
    for place, (number, good, others) in enumerate(groups, start=1):
        if not others:
            raise file.error(number, "a True line with no False line after it. Add the False line, or remove this one.")
        for nth, bad in enumerate(others, start=1):
            yield _Pair(
                id=str(place) if nth == 1 else f"{place}.{nth}",
                line=number,
                good=good,
                bad=bad,
                differing=difference(good, bad),
            )


def _fields(file: TextFile, number: int) -> tuple[str, Words]:
    fields = file.lines[number - 1].split("\t")
    if len(fields) != 2:
        raise file.error(
            number, f"has {len(fields)} field(s), not 2. A line is True or False, one tab and a tokenised sentence."
        )
    label, sentence = fields
    if label not in ("True", "False"):
        raise file.error(number, f"begins with {label!r}. A line begins with True or False, then a tab.")
    return label, file.words(number, sentence)


def _twins(pairs: Sequence[_Pair]) -> Mapping[str, tuple[_Pair, int]]:
    """Id → the twin, and the position of the word that differs, where every pair has exactly one twin; else nothing.

    Twins share all words before the critical region but one, of which one form is the other with an ending (author,
    authors), and what is right in one is wrong in the other. Where a determiner or a verb agrees with the subject, more
    than one word differs and we do not guess which is the cue. It is all items or none, so that no table mixes items
    whose distance is known with items whose distance is not.
    """
    if any(pair.differing is None for pair in pairs):
        return {}
    # The context around one word, and what follows in the right and in the wrong sentence → what stands there.
    frames: dict[tuple[Words, Words, Words, Words], list[tuple[str, _Pair]]] = defaultdict(list)
    for pair in pairs:
        for frame, word in _frames(pair):
            frames[frame].append((word, pair))
    twins = {}
    for pair in pairs:
        found = [
            (twin, len(before))
            for (before, after, good, bad), word in _frames(pair)
            for other, twin in frames.get((before, after, bad, good), ())
            if word != other and (word.startswith(other) or other.startswith(word))
        ]
        if len(found) != 1:
            return {}
        twins[pair.id] = found[0]
    return twins


def _frames(pair: _Pair) -> Iterator[tuple[tuple[Words, Words, Words, Words], str]]:
    """Each word of the context, with the words before it, after it, and what follows the context in each sentence."""
    context = pair.context
    good, bad = pair.good[len(context) :], pair.bad[len(context) :]
    for place, word in enumerate(context):
        yield (context[:place], context[place + 1 :], good, bad), word


def _item(file: TextFile, case: str, pair: _Pair, twin: tuple[_Pair, int] | None) -> Item:
    """An item; with its twin and the position of the cue, where they are known."""
    spans = {} if pair.differing is None else pair.differing._asdict()
    cue = {} if twin is None else {"cue": Span(twin[1], twin[1] + 1)}
    return Item(
        id=pair.id,
        group=None if twin is None else _group(pair, *twin),
        pair=None if twin is None else "+".join(one.id for one in sorted((pair, twin[0]), key=lambda one: one.line)),
        sentences={
            condition: Sentence(
                tokens=tokens, regions=cue | ({"critical": spans[condition]} if condition in spans else {})
            )
            for condition, tokens in (("good", pair.good), ("bad", pair.bad))
        },
        factors={
            "case": case,
            "multi_word": pair.differing is not None and pair.differing.multi_word,
            "identical": pair.differing is None,
        },
        source=file.source(pair.line),
    )


def _group(pair: _Pair, twin: _Pair, cue: int) -> str:
    """Subject × verb, each in all its forms: `author/authors × laugh/laughs`."""
    assert pair.differing is not None
    subject = {one.good[cue] for one in (pair, twin)}
    good, bad = pair.differing
    verb = {" ".join(pair.good[slice(*good)]), " ".join(pair.bad[slice(*bad)])}
    return f"{'/'.join(sorted(subject))} × {'/'.join(sorted(verb))}"


def _phenomenon(case: str) -> str:
    if "npi" in case:
        return "negative polarity items"
    return "reflexive anaphora" if "reflexive" in case else "subject-verb number agreement"
