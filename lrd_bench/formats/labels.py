"""Labelled sentences to train on, made of items or of a treebank: lines of `label TAB words`.

The words are those before the word that the label is about, so that whoever learns to label them predicts (Linzen et
al. 2016). Sentences of items come in an order drawn by chance, the same each time: twins follow one another in a suite,
and every twentieth line, which is held out, would be of one label.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.formats import read_stimuli
from lrd_bench.formats.conllu import is_treebank, read_conllu
from lrd_bench.formats.dependencies import agreements
from lrd_bench.formats.lines import write_lines
from lrd_bench.items import Item, Suite

NUMBER, TAGS, ACCEPTABILITY = "number", "number-tags", "acceptability"

LABELS: Mapping[str, str] = {
    NUMBER: "the words before the critical word, with the cue's value, such as the number of the verb to come",
    TAGS: "the same words, each with a label: `none`, and from the cue on its value",
    ACCEPTABILITY: "whole sentences, `acceptable` and `unacceptable`",
}
"""What sentences can be labelled with → what a line then holds."""

ACCEPTABLE, UNACCEPTABLE = "acceptable", "unacceptable"
NONE = "none"
"""The label of a word before the cue."""

Line = tuple[str, str]
"""The label that a line is counted under, and the line."""


@dataclass(frozen=True, kw_only=True)
class LabelledSentences:
    """Lines for a file, and what became of their source."""

    name: str
    """Of the suite or the treebank."""
    lines: tuple[str, ...]
    """`label TAB words`; of number tags, as many labels as words."""
    counts: Mapping[str, int]
    """Label → lines, in alphabetical order; of number tags, the number that the line is about."""
    left_out: Mapping[str, int]
    """Why an item, or a subject of the treebank, is in no line → of how many that is true; the commonest first."""
    of: str
    """What is left out: `items` or `subjects`."""


def label_sentences(source: str, to: str) -> LabelledSentences:
    """Label the sentences of a suite or of a treebank.

    source:  a file of items of any format, or a treebank (.conllu, .conllu.gz)
    to:      number, number-tags or acceptability (see LABELS)

    Raises LrdBenchError for an unknown kind of labels, a source that is broken or gives no line, and items that lack
    what their label is made of.
    """
    if to not in LABELS:
        raise LrdBenchError(f"--to: {unknown('kind of labels', to, LABELS)}")
    left_out: Counter[str] = Counter()
    if is_treebank(Path(source)):
        if to == ACCEPTABILITY:
            raise LrdBenchError(f"{source}: is a treebank, and has no unacceptable sentences. Name a file of items.")
        name, of = Path(source).name.partition(".conllu")[0], "subjects"
        lines = list(_treebank_lines(Path(source), to, left_out))
    else:
        suite = read_stimuli(source)
        name, of = suite.name, "items"
        lines = list(_acceptability_lines(suite, left_out) if to == ACCEPTABILITY else _number_lines(suite, to))
        random.Random(0).shuffle(lines)
    if not lines:
        why = (
            f"all {left_out.total()} {of} are left out ({next(iter(left_out))} …)" if left_out else f"there are no {of}"
        )
        raise LrdBenchError(f"{source}: gives no labelled sentence: {why}. Name another file.")
    return LabelledSentences(
        name=name,
        lines=tuple(line for _, line in lines),
        counts=dict(sorted(Counter(label for label, _ in lines).items())),
        left_out=dict(left_out.most_common()),
        of=of,
    )


def write_labels(labelled: LabelledSentences, out: Path, *, force: bool = False) -> None:
    """Write the lines, packed if `out` ends in `.gz`. A file that says the same is left as it is.

    Raises LrdBenchError where another file is there, unless `force`, and where the place cannot be written.
    """
    write_lines(labelled.lines, out, force=force)


def _line(labels: str | list[str], words: tuple[str, ...]) -> str:
    return f"{labels if isinstance(labels, str) else ' '.join(labels)}\t{' '.join(words)}"


def _number_line(to: str, value: str, words: tuple[str, ...], cue: int) -> Line:
    """cue: the place of its last word"""
    return value, _line(value if to == NUMBER else [NONE] * cue + [value] * (len(words) - cue), words)


def _treebank_lines(path: Path, to: str, left_out: Counter[str]) -> Iterator[Line]:
    for sentence in read_conllu(path):
        for found in agreements(sentence):
            if isinstance(found, str):
                left_out[found] += 1
            else:
                words = tuple(token.word for token in sentence.tokens[: found.verb])
                yield _number_line(to, found.number, words, found.subject)


def _number_lines(suite: Suite, to: str) -> Iterator[Line]:
    refused = _refuser(suite, to)
    for item in suite.items:
        sentence = item.sentences.get("good", next(iter(item.sentences.values())))
        value = item.factors.get("cue_value")
        if value is None:
            raise refused(item, "has no `cue_value`, which is the label")
        if "critical" not in sentence.regions:
            raise refused(item, "has no critical region, before which the words end")
        if not sentence.context:
            raise refused(item, "has no word before its critical region")
        cue = sentence.regions.get("cue")
        if to == TAGS and cue is None:
            raise refused(item, "has no cue, from which on the words have its value")
        if cue is not None and cue.stop > len(sentence.context):
            raise refused(item, "has its cue after its critical region begins")
        if to == TAGS and len(str(value).split()) != 1:
            raise refused(item, f"has the value {value!r}, and a word's label is one word")
        yield _number_line(to, str(value), sentence.context, 0 if cue is None else cue.stop - 1)


def _acceptability_lines(suite: Suite, left_out: Counter[str]) -> Iterator[Line]:
    refused = _refuser(suite, ACCEPTABILITY)
    for item in suite.items:
        if not {"good", "bad"} <= item.sentences.keys():
            raise refused(item, "has no good and bad sentence")
        good, bad = item.sentences["good"].tokens, item.sentences["bad"].tokens
        if good == bad:
            left_out["its sentences are the same"] += 1
            continue
        yield ACCEPTABLE, _line(ACCEPTABLE, good)
        yield UNACCEPTABLE, _line(UNACCEPTABLE, bad)


def _refuser(suite: Suite, to: str) -> Callable[[Item, str], LrdBenchError]:
    def refused(item: Item, what: str) -> LrdBenchError:
        line = f" (line {item.source['line']})" if "line" in item.source else ""
        return LrdBenchError(
            f"{suite.name}: item {item.id!r}{line} {what}. --to {to} cannot label it: name other items."
        )

    return refused
