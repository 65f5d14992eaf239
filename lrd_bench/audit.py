"""What a suite can and cannot show: how much of it the models have read in their training text.

A short beginning such as *The keys* has of course been read. What must not occur is the beginning together with its
answer, and a pairing of cue and answer that the training grammar withholds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lrd_bench.corpus import open_corpus
from lrd_bench.items import Item, Sentence, Suite, read_suite
from lrd_bench.outcomes import OVERLAP_COLUMNS

Words = tuple[str, ...]

PAIRING = "pairing"
"""The reason, in the factor `seen`, for which a grammar withholds a cue and an answer from each other."""


class Pair(NamedTuple):
    """A cue with the word before it, and an answer."""

    before: str
    cue: str
    answer: str


def count_overlap(stimuli: Sequence[Path], corpus: Path) -> pd.DataFrame:
    """How much of the suites occurs in a training text: one row for each suite, columns OVERLAP_COLUMNS.

    stimuli:  item files (our JSONL)
    corpus:   what models are trained on, of which the training split is read, once, as a stream

    Words are compared as they stand, but for the one before the cue. Raises LrdBenchError for files that cannot be
    read.
    """
    asked = [(suite, _asked(suite)) for suite in map(read_suite, stimuli)]
    found = _look_up([each for _, each in asked], open_corpus(corpus).sentences("train"))
    rows = [
        {
            "suite": suite.name,
            "items": len(suite.items),
            "groups": len({item.group for item in suite.items}),
            "left_out": _left_out(suite),
            "contexts": len(each.contexts),
            "contexts_in_text": len(each.contexts & found.beginnings),
            "sentences_in_text": len(each.answered & found.beginnings),
            "withheld_pairs": len(each.pairs),
            "withheld_pairs_in_text": len(each.pairs & found.pairs),
            "repeated": sum(sentence in found.sentences for sentence in each.sentences),
        }
        for suite, each in asked
    ]
    return pd.DataFrame(rows, columns=list(OVERLAP_COLUMNS)).astype(dict(OVERLAP_COLUMNS))


def _left_out(suite: Suite) -> str:
    """How many groups a vocabulary left out, by what it does not know, as the generator noted; "none" if it did not."""
    counts = suite.source.get("left_out") or {}
    return ", ".join(f"{number} for an {reason}" for reason, number in sorted(counts.items())) or "none"


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What is looked for on account of a suite."""

    contexts: set[Words]
    answered: set[Words]
    """Contexts with their right critical word."""
    pairs: set[Pair]
    """Cues and the answers withheld from them."""
    sentences: list[Words]
    """The whole right sentence of each item."""


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What of it occurs in the text."""

    beginnings: set[Words]
    sentences: set[Words]
    pairs: set[Pair]


def _asked(suite: Suite) -> _Asked:
    right = {item.id: _right(item) for item in suite.items}
    return _Asked(
        contexts={sentence.context for sentence in right.values()},
        answered={sentence.tokens[: len(sentence.context) + 1] for sentence in right.values()},
        pairs={pair for item in suite.items for pair in _withheld_pairs(item, right[item.id])},
        sentences=[sentence.tokens for sentence in right.values()],
    )


def _right(item: Item) -> Sentence:
    """The sentence with the right answer; the first one where no condition is called so."""
    return item.sentences.get("good") or next(iter(item.sentences.values()))


def _withheld_pairs(item: Item, sentence: Sentence) -> Iterator[Pair]:
    reasons = str(item.factors.get("seen") or "").split("+")
    if PAIRING in reasons and {"cue", "critical"} <= sentence.regions.keys():
        cue, critical = (sentence.regions[region].start for region in ("cue", "critical"))
        before = sentence.tokens[cue - 1].lower() if cue else ""
        yield Pair(before, sentence.tokens[cue], sentence.tokens[critical])


def _look_up(asked: Sequence[_Asked], text: Iterable[Words]) -> _Found:
    """Pass once over the text, and note what of all that is asked occurs there."""
    beginnings = _Beginnings()
    answers: dict[str, dict[str, set[str]]] = {}
    for each in asked:
        for words in (*each.contexts, *each.answered, *each.sentences):
            beginnings.add(words)
        for before, cue, answer in each.pairs:
            answers.setdefault(before, {}).setdefault(cue, set()).add(answer)
    found = _Found(beginnings=set(), sentences=set(), pairs=set())
    for sentence in text:
        for length in beginnings.lengths(sentence):
            found.beginnings.add(sentence[:length])
            if length == len(sentence):
                found.sentences.add(sentence)
        for before, cues in answers.items():
            place = _place_after(before, sentence)
            if place < len(sentence) and (known := cues.get(sentence[place])):
                pairs = (Pair(before, sentence[place], answer) for answer in known.intersection(sentence[place + 1 :]))
                found.pairs.update(pairs)
    return found


def _place_after(before: str, sentence: Words) -> int:
    """The place after the first occurrence of a word, in any case; 0 for no word; past the end if it does not occur."""
    if not before:
        return 0
    return next((place for place, word in enumerate(sentence, start=1) if word.lower() == before), len(sentence))


class _Beginnings:
    """Beginnings of sentences as a trie, so that a sentence is followed once for all of them, and not further."""

    def __init__(self) -> None:
        self._next: dict[tuple[int, str], int] = {}
        self._ends: set[int] = set()

    def add(self, words: Words) -> None:
        """Note a beginning."""
        node = 0
        for word in words:
            node = self._next.setdefault((node, word), len(self._next) + 1)
        self._ends.add(node)

    def lengths(self, sentence: Words) -> Iterator[int]:
        """The lengths of the noted beginnings that the sentence has."""
        node = 0
        for length, word in enumerate(sentence, start=1):
            if (node, word) not in self._next:
                return
            node = self._next[node, word]
            if node in self._ends:
                yield length
