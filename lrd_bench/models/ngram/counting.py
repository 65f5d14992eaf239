"""Counting n-grams: the positions of a text are sorted once for each order, and the n-grams fall out.

The positions sorted by the n - 1 words that follow them, each moved back by one and then dealt out by the word that
stands there, are sorted by n words: a radix sort whose digits are words, from the last to the first (the way back that
a suffix array is induced on: Ko and Aluru, 2005). Where two neighbours have the same first word and the same n-gram but
for that, it is the same n-gram: so ids, and the id of each n-gram's suffix, come with the sorting, and no two stretches
of text are ever compared.

Compiled with numba: loops over millions of positions, each too small for an array operation of its own. The compiled
code is kept beside the module, so that it is made once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.cores import divided, pieces, side_by_side
from lrd_bench.vocabulary import BOS_ID

Ids = NDArray[np.int32]

_LOW = np.uint64(32)
_POSITION = np.uint64(2**32 - 1)


@dataclass(frozen=True, kw_only=True)
class Level:
    """The distinct n-grams of one order, by their words; an n-gram's id is its place here."""

    words: Ids
    """[grams]: the last word."""
    parents: Ids
    """[grams]: id, one order down, of the n-gram without its last word; increasing. For unigrams, 0."""
    suffixes: Ids
    """[grams]: id, one order down, of the n-gram without its first word. For unigrams, 0."""
    counts: Ids
    """[grams]: how often each occurs; for the unigram `<s>`, 0."""
    initial: tuple[int, int]
    """The first id of those that begin with `<s>`, and the one after the last."""


def count_ngrams(text: Ids, vocab: int, order: int) -> list[Level]:
    """The n-grams of a text, orders 1 to `order`. No n-gram holds `<s>` but at its beginning, or goes beyond `</s>`.

    text:   [positions] word ids of all sentences on end, each between `<s>` and `</s>`
    vocab:  how many words there are; all of them are unigrams, whether they occur or not
    """
    occurrences = count_words(text, vocab)
    starts = _starts(occurrences)
    grams = np.empty(len(text), np.uint64)  # the id of the n-gram at a position, and the position; sorted by the ids
    _deal_words(text, starts[:-1].copy(), grams)
    before, spare = np.empty(len(grams), np.int32), np.empty_like(grams)
    levels, bounds = [_unigrams(occurrences)], np.arange(vocab + 1)
    for _ in range(2, order + 1):
        parts = pieces(len(grams))
        found = np.zeros((len(parts), vocab), np.int64)
        side_by_side(
            _look_back, [(*part, text, grams, before, counts) for part, counts in zip(parts, found, strict=True)]
        )
        starts = _starts(found.sum(axis=0))
        # Of each word the first part's positions come first, then the second's: the order stays.
        places = starts[:-1] + np.cumsum(found, axis=0) - found
        # The two arrays change places: memory that has been in use is quicker than new memory.
        shorter, grams, spare = grams, spare[: starts[-1]], grams
        side_by_side(_deal, [(*part, shorter, before, place, grams) for part, place in zip(parts, places, strict=True)])
        level, bounds = _open(grams, starts, levels[-1], bounds)
        levels.append(level)
    return levels


def count_words(text: Ids, vocab: int) -> NDArray[np.int64]:
    """How often each word occurs: [vocab]."""
    occurrences = np.zeros(vocab, np.int64)
    _count_words(text, occurrences)
    return occurrences


def _open(grams: NDArray[np.uint64], starts: NDArray[np.int64], shorter: Level, bounds: Any) -> tuple[Level, Any]:
    """The n-grams of an order, and where those that begin with each word begin and end: [vocab + 1].

    grams:   the id of the suffix at a position and the position one before, sorted by the word there and that id; on
             return the id of the n-gram instead
    starts:  [vocab + 1]: where the positions of each word begin and end
    bounds:  as what is returned, of the order below
    """
    vocab = len(bounds) - 1
    numbers = np.empty(vocab, np.int64)
    divided(_number, vocab, grams, starts, numbers, work=starts)
    longer_bounds = _starts(numbers)
    words, parents, suffixes, counts = (np.empty(longer_bounds[-1], np.int32) for _ in range(4))
    divided(_name, vocab, grams, starts, longer_bounds, suffixes, counts, work=starts)
    of_shorter = bounds, shorter.words, shorter.parents, shorter.suffixes
    divided(_link, vocab, longer_bounds, *of_shorter, suffixes, words, parents, work=longer_bounds)
    initial = int(longer_bounds[BOS_ID]), int(longer_bounds[BOS_ID + 1])
    return Level(words=words, parents=parents, suffixes=suffixes, counts=counts, initial=initial), longer_bounds


def _unigrams(occurrences: NDArray[np.int64]) -> Level:
    none, counts = np.zeros(len(occurrences), np.int32), occurrences.astype(np.int32)
    counts[BOS_ID] = 0  # never predicted
    words = np.arange(len(occurrences), dtype=np.int32)
    return Level(words=words, parents=none, suffixes=none, counts=counts, initial=(BOS_ID, BOS_ID + 1))


def _starts(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of some neighbouring stretches begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(numbers)])


# -- kernels -----------------------------------------------------------------------------------------------------------


@compiled
def _count_words(text, occurrences):  # type: ignore[no-untyped-def]
    for word in text:
        occurrences[word] += 1


@compiled
def _deal_words(text, places, grams):  # type: ignore[no-untyped-def]
    """Sort the positions by their words.

    places:  [vocab]: where the first position of each word goes; moved on
    """
    for position in range(len(text)):
        word = text[position]
        grams[places[word]] = (np.uint64(word) << _LOW) | np.uint64(position)
        places[word] += 1


@compiled
def _look_back(first, last, text, grams, before, found):  # type: ignore[no-untyped-def]
    """The word before each n-gram from the first to before the last, -1 where it begins its sentence; and how often
    each word is one of these."""
    for k in range(first, last):
        position = np.int64(grams[k] & _POSITION)
        before[k] = -1 if text[position] == BOS_ID else text[position - 1]
    # In a loop of its own, so that the processor waits for many words at once.
    for k in range(first, last):
        if before[k] >= 0:
            found[before[k]] += 1


@compiled
def _deal(first, last, shorter, before, places, grams):  # type: ignore[no-untyped-def]
    """Move each position back by one, and put it where the next one with the word there goes."""
    for k in range(first, last):
        word = before[k]
        if word >= 0:
            grams[places[word]] = shorter[k] - np.uint64(1)
            places[word] += 1


@compiled
def _number(first, last, grams, starts, numbers):  # type: ignore[no-untyped-def]
    """How many different n-grams begin with each word, from the first to before the last."""
    for word in range(first, last):
        number = 0
        for k in range(starts[word], starts[word + 1]):
            number += k == starts[word] or grams[k] >> _LOW != grams[k - 1] >> _LOW
        numbers[word] = number


@compiled
def _name(first, last, grams, starts, bounds, suffixes, counts):  # type: ignore[no-untyped-def]
    """The suffix of each n-gram and how often it occurs; its id takes the place of its suffix's.

    first, last:  the words that begin n-grams, from the first to before the last
    """
    gram = bounds[first] - 1
    for word in range(first, last):
        suffix = np.uint64(2**32 - 1)
        for k in range(starts[word], starts[word + 1]):
            here = grams[k] >> _LOW
            if here != suffix:
                gram += 1
                suffix = here
                suffixes[gram] = here
                counts[gram] = 0
            counts[gram] += 1
            grams[k] = (np.uint64(gram) << _LOW) | (grams[k] & _POSITION)


@compiled
def _link(  # type: ignore[no-untyped-def]
    first, last, bounds, shorter_bounds, shorter_words, shorter_parents, shorter_suffixes, suffixes, words, parents
):
    """The last word of each n-gram, and its parent: what has the same first word, and its suffix's parent as suffix."""
    for word in range(first, last):
        parent = shorter_bounds[word]
        for gram in range(bounds[word], bounds[word + 1]):
            suffix = suffixes[gram]
            words[gram] = shorter_words[suffix]
            while shorter_suffixes[parent] != shorter_parents[suffix]:
                parent += 1
            parents[gram] = parent
