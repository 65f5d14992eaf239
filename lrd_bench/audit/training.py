"""One pass over a training text: what of all that is asked for occurs there, and how often.

Memory grows with what is asked for, not with the text.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lrd_bench.progress import progress_bar

Words = tuple[str, ...]

_STEP = 5000
"""Sentences between two words of progress."""


class Pair(NamedTuple):
    """A cue with the word before it, and an answer."""

    before: str
    cue: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for on account of a suite."""

    beginnings: set[Words] = field(default_factory=set)
    """Of sentences, whole ones among them."""
    pairs: set[Pair] = field(default_factory=set)
    """Found where a sentence has the cue in its place (after the first such word before it) and the answer later."""
    phrases: set[Words] = field(default_factory=set)
    """Words in a row, anywhere."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What of it occurs in the text."""

    beginnings: set[Words] = field(default_factory=set)
    sentences: set[Words] = field(default_factory=set)
    """The beginnings that are whole sentences."""
    pairs: set[Pair] = field(default_factory=set)
    counts: Counter[Words] = field(default_factory=Counter)
    """Phrase → how often it occurs; 0 for one that does not."""


def look_up(asked: Sequence[Asked], text: Iterable[Words]) -> Found:
    """Pass once over the text, and note what of all that is asked occurs there. Words are compared as they stand."""
    beginnings, phrases = _Beginnings(), _Phrases()
    answers: dict[str, dict[str, set[str]]] = {}
    for each in asked:
        for words in each.beginnings:
            beginnings.add(words)
        for phrase in each.phrases:
            phrases.add(phrase)
        for before, cue, answer in each.pairs:
            answers.setdefault(before, {}).setdefault(cue, set()).add(answer)
    found = Found()
    for sentence in _watched(text):
        for length in beginnings.lengths(sentence):
            found.beginnings.add(sentence[:length])
            if length == len(sentence):
                found.sentences.add(sentence)
        found.counts.update(phrases.within(sentence))
        for before, cues in answers.items():
            place = _place_after(before, sentence)
            if place < len(sentence) and (known := cues.get(sentence[place])):
                pairs = (Pair(before, sentence[place], answer) for answer in known.intersection(sentence[place + 1 :]))
                found.pairs.update(pairs)
    return found


def _watched(text: Iterable[Words]) -> Iterator[Words]:
    """The sentences, with a word of progress now and then."""
    with progress_bar() as bar:
        task = bar.add_task("reading the training text", total=None, unit="sentences")
        for number, sentence in enumerate(text, start=1):
            yield sentence
            if number % _STEP == 0:
                bar.update(task, completed=number)


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


class _Phrases:
    """Phrases by their last word, from which they are compared backwards: most words of a text end none."""

    def __init__(self) -> None:
        self._by_last: dict[str, dict[int, set[Words]]] = {}

    def add(self, phrase: Words) -> None:
        """Note a phrase of at least one word."""
        self._by_last.setdefault(phrase[-1], {}).setdefault(len(phrase), set()).add(phrase)

    def within(self, sentence: Words) -> Iterator[Words]:
        """The noted phrases that occur in the sentence, each as often as it does."""
        for stop, word in enumerate(sentence, start=1):
            for length, phrases in self._by_last.get(word, {}).items():
                if length <= stop and (phrase := sentence[stop - length : stop]) in phrases:
                    yield phrase
