"""How much of a suite the models have read in their training text.

A short beginning such as *The keys* has of course been read. What must not occur is the beginning together with its
answer, and a pairing of cue and answer that the training grammar withholds. Everything is counted with the wrong answer
as well: what occurs with both is no help.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lrd_bench.audit.contrasts import Contrast
from lrd_bench.audit.shortcuts import WINDOWS, Frequency
from lrd_bench.audit.tables import LEAKED, Cell, Finding, Section, Table, counted, percent
from lrd_bench.audit.training import Asked, Found, Pair, Words, look_up
from lrd_bench.corpus import open_corpus
from lrd_bench.formats import read_stimuli
from lrd_bench.items import Item, Sentence, Suite
from lrd_bench.outcomes import OVERLAP_COLUMNS

PAIRING = "pairing"
"""The reason, in the factor `seen`, for which a grammar withholds a cue and an answer from each other."""


def count_overlap(stimuli: Sequence[Path], corpus: Path) -> pd.DataFrame:
    """How much of the suites occurs in a training text: one row for each suite, columns OVERLAP_COLUMNS.

    stimuli:  files of items, of any format that is recognised by its content
    corpus:   what models are trained on, of which the training split is read, once, as a stream

    Words are compared as they stand, but for the one before the cue. Raises LrdBenchError for files that cannot be
    read.
    """
    asked = [(suite, Material.of(suite)) for suite in map(read_stimuli, stimuli)]
    found = look_up([each.asked for _, each in asked], open_corpus(corpus).sentences("train"))
    rows = [
        {
            "suite": suite.name,
            "items": len(suite.items),
            "groups": len({item.group for item in suite.items}),
            "left_out": _left_out(suite),
            **each.counted(found),
        }
        for suite, each in asked
    ]
    return pd.DataFrame(rows, columns=list(OVERLAP_COLUMNS)).astype(dict(OVERLAP_COLUMNS))


def _left_out(suite: Suite) -> str:
    """How many groups a vocabulary left out, by what it does not know, as the generator noted; "none" if it did not."""
    counts = suite.source.get("left_out") or {}
    return ", ".join(f"{number} for an {reason}" for reason, number in sorted(counts.items())) or "none"


@dataclass(frozen=True, kw_only=True)
class Material:
    """What of a suite a text may hold."""

    contexts: set[Words]
    """Right sentences up to their critical word."""
    answered: set[Words]
    """Contexts with their right critical word."""
    pairs: set[Pair]
    """Cues and the answers withheld from them."""
    sentences: list[Words]
    """The whole right sentence of each item."""

    @classmethod
    def of(cls, suite: Suite) -> "Material":
        """The material of a suite."""
        right = {item.id: _right(item) for item in suite.items}
        return cls(
            contexts={sentence.context for sentence in right.values()},
            answered={sentence.tokens[: len(sentence.context) + 1] for sentence in right.values()},
            pairs={pair for item in suite.items for pair in _withheld_pairs(item, right[item.id])},
            sentences=[sentence.tokens for sentence in right.values()],
        )

    @property
    def asked(self) -> Asked:
        """What is looked for in the text."""
        return Asked(beginnings={*self.contexts, *self.answered, *self.sentences}, pairs=self.pairs)

    def counted(self, found: Found) -> dict[str, int]:
        """How much of it the text holds, under the names of OVERLAP_COLUMNS."""
        return {
            "contexts": len(self.contexts),
            "contexts_in_text": len(self.contexts & found.beginnings),
            "sentences_in_text": len(self.answered & found.beginnings),
            "withheld_pairs": len(self.pairs),
            "withheld_pairs_in_text": len(self.pairs & found.pairs),
            "repeated": sum(sentence in found.sentences for sentence in self.sentences),
        }


def _right(item: Item) -> Sentence:
    """The sentence with the right answer; the first one where no condition is called so."""
    return item.sentences.get("good") or next(iter(item.sentences.values()))


def _withheld_pairs(item: Item, sentence: Sentence) -> Iterator[Pair]:
    reasons = str(item.factors.get("seen") or "").split("+")
    if PAIRING in reasons and {"cue", "critical"} <= sentence.regions.keys():
        cue, critical = (sentence.regions[region].start for region in ("cue", "critical"))
        before = sentence.tokens[cue - 1].lower() if cue else ""
        yield Pair(before, sentence.tokens[cue], sentence.tokens[critical])


def asked_of(suite: Suite, contrasts: Sequence[Contrast]) -> Asked:
    """What an audit looks for in a training text on account of a suite."""
    material = Material.of(suite).asked
    beginnings = {words for c in contrasts for words in (c.bad.tokens, c.before + c.right, c.before + c.wrong)}
    phrases: set[Words] = {(word,) for c in contrasts for word in (*c.right, *c.wrong)}
    for rows in (_spans(contrasts), *(_endings(contrasts, window) for window in WINDOWS)):
        phrases |= {words for both in rows for words in both if words}
    return Asked(beginnings=material.beginnings | beginnings, pairs=material.pairs, phrases=phrases)


def frequency_in(found: Found) -> Frequency:
    """How common words and phrases are in the training text."""
    return Frequency(count=lambda words: found.counts[words], by="the training text", phrases=True)


Both = tuple[Words, Words]
"""With the right candidate, and with the wrong one."""


def _spans(contrasts: Sequence[Contrast]) -> list[Both]:
    """From the cue to the candidate, both included, for items that mark a cue before the candidates."""
    return [
        (c.before[start:] + c.right, c.before[start:] + c.wrong)
        for c in contrasts
        if "cue" in c.good.regions and (start := c.good.regions["cue"].start) < len(c.before)
    ]


def _endings(contrasts: Sequence[Contrast], window: int) -> list[Both]:
    """The last words before the candidate, with it."""
    return [(c.before[-window:] + c.right, c.before[-window:] + c.wrong) for c in contrasts]


def overlap_section(suite: Suite, contrasts: Sequence[Contrast], found: Found) -> Section:
    """How much of the suite occurs in a training text, with the right candidate and with the wrong one."""
    counts = Material.of(suite).counted(found)
    rows: list[tuple[Cell, ...]] = [
        _row("whole sentences", [(c.good.tokens, c.bad.tokens) for c in contrasts], found.sentences),
        _row(
            "beginnings up to the candidate",
            [(c.before + c.right, c.before + c.wrong) for c in contrasts],
            found.beginnings,
        ),
        _row("from the cue to the candidate", _spans(contrasts), found.counts),
        *(
            _row(f"{counted(window, 'word')} and the candidate", _endings(contrasts, window), found.counts)
            for window in WINDOWS
        ),
    ]
    table = Table(
        slug="overlap",
        title=f"{suite.name}: overlap with the training text",
        columns=("what", "different ones", "in the text, right", "in the text, wrong"),
        rows=(
            *rows,
            ("contexts that begin a sentence", counts["contexts"], counts["contexts_in_text"], None),
            ("withheld pairs of cue and answer", counts["withheld_pairs"], counts["withheld_pairs_in_text"], None),
        ),
        note="Different ones are counted once, with their right candidate. Words are compared as they stand.",
    )
    return Section((table,), tuple(_findings(suite, contrasts, found, counts)))


def _row(what: str, both: Sequence[Both], text: Container[Words]) -> tuple[Cell, ...]:
    if not both:
        return (f"{what} (no cue is marked)", None, None, None)
    right, wrong = {words for words, _ in both}, {words for _, words in both}
    return (what, len(right), sum(words in text for words in right), sum(words in text for words in wrong))


def _findings(
    suite: Suite, contrasts: Sequence[Contrast], found: Found, counts: Mapping[str, int]
) -> Iterator[Finding]:
    items = len(suite.items)
    if repeated := counts["repeated"]:
        yield Finding(
            LEAKED + 0.9,
            f"The whole right sentence of {counted(repeated, 'item')} of {items} ({percent(repeated / items)}) "
            "occurs in the training text.",
        )
    if paired := counts["withheld_pairs_in_text"]:
        yield Finding(
            LEAKED + 0.8,
            f"Of {counted(counts['withheld_pairs'], 'pair')} of cue and answer that the grammar withholds, the "
            f"training text has {paired}.",
        )
    begun = [c for c in contrasts if c.before + c.right in found.beginnings]
    if begun:
        yield Finding(
            LEAKED + 0.7,
            f"{counted(len(begun), 'item')} of {len(contrasts)} ({percent(len(begun) / len(contrasts))}) begin as a "
            "training sentence does, up to and including the right candidate.",
        )
    if spans := _spans(contrasts):
        right, wrong = (sum(both[side] in found.counts for both in spans) for side in (0, 1))
        if right:
            yield Finding(
                LEAKED + 0.6,
                f"Of {counted(right, 'item')} of {len(spans)} ({percent(right / len(spans))}) the training text has "
                f"the very words from the cue to the right candidate, of {wrong} those to the wrong one.",
            )
