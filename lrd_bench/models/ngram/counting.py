"""Counting n-grams: one sort of a text's positions gives the n-grams of every order.

The positions are sorted by the words that follow each of them, up to the end of its sentence. Then the n-grams of an
order lie side by side, and each neighbour says at which order the next n-gram begins: the ids of all orders come out of
one walk, in the order of their words, so that the n-grams that go on from a context are neighbours, too. After Heafield
et al. (2013), "Scalable modified Kneser-Ney language model estimation", who sort once for each order.

Compiled with numba: loops over millions of positions, each too small for an array operation of its own. The compiled
code is kept beside the module, so that it is made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from lrd_bench.models.ngram.positions import NOTHING, Ids, sorted_positions
from lrd_bench.vocabulary import BOS_ID, EOS_ID


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
    levels = [_unigrams(text, vocab)]
    if order == 1:
        return levels
    size = len(text)
    padded = np.concatenate([text, np.full(order, NOTHING, np.int32)])
    places = sorted_positions(padded, size, vocab, order)
    common, lengths = np.empty(size, np.uint8), np.empty(size, np.uint8)
    numbers = np.zeros(order + 1, np.int64)
    _compare(padded, places, order, common, lengths, numbers)
    following = np.empty(size, np.int32)
    _follow(places, following)
    ids = text[places]
    for n in range(2, order + 1):
        shorter, ids = ids, np.empty(size, np.int32)
        words, parents, firsts, counts = (np.empty(numbers[n], np.int32) for _ in range(4))
        _open(padded, places, common, lengths, n, shorter, ids, words, parents, firsts, counts)
        suffixes = firsts  # each is overwritten once it has been read
        _link(firsts, following, shorter, suffixes)
        first, last = levels[-1].initial
        initial = np.searchsorted(parents, (first, last))
        levels.append(
            Level(
                words=words,
                parents=parents,
                suffixes=suffixes,
                counts=counts,
                initial=(int(initial[0]), int(initial[1])),
            )
        )
    return levels


def find(levels: Sequence[Level], words: Sequence[int]) -> int:
    """The id of an n-gram; -1 if there is none."""
    gram = words[0]
    for level, word in zip(levels[1:], words[1:], strict=False):
        start, stop = np.searchsorted(level.parents, (gram, gram + 1))
        at = start + np.searchsorted(level.words[start:stop], word)
        if at == stop or level.words[at] != word:
            return -1
        gram = int(at)
    return int(gram)


def _unigrams(text: Ids, vocab: int) -> Level:
    none, counts = np.zeros(vocab, np.int32), np.bincount(text, minlength=vocab).astype(np.int32)
    counts[BOS_ID] = 0  # never predicted
    return Level(
        words=np.arange(vocab, dtype=np.int32),
        parents=none,
        suffixes=none,
        counts=counts,
        initial=(BOS_ID, BOS_ID + 1),
    )


# -- kernels -----------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _compare(padded, places, order, common, lengths, numbers):  # type: ignore[no-untyped-def]
    """For each place how many words it has, at most `order`, and how many it shares with the one before it.

    numbers:  [order + 1], to which the number of n-grams of each order is added
    """
    before = 0
    for k in range(len(places)):
        here = places[k]
        same, sharing, length = 0, k > 0, 0
        for j in range(order):
            word = padded[here + j]
            if word == NOTHING:
                break
            length += 1
            if sharing and padded[before + j] == word:
                same += 1
            else:
                sharing = False
            if word == EOS_ID:
                break
        common[k], lengths[k] = same, length
        for j in range(same, length):
            numbers[j + 1] += 1
        before = here


@njit(cache=True, nogil=True)
def _follow(places, following):  # type: ignore[no-untyped-def]
    """For each place the place of the next position of the text; 0 for the last position."""
    rank = np.empty(len(places) + 1, np.int32)
    for k in range(len(places)):
        rank[places[k]] = k
    rank[len(places)] = 0
    for k in range(len(places)):
        following[k] = rank[places[k] + 1]


@njit(cache=True, nogil=True)
def _open(padded, places, common, lengths, n, shorter, ids, words, parents, firsts, counts):  # type: ignore[no-untyped-def]
    """The n-grams of one order: last word, parent, first place and occurrences of each; and the id at each place.

    A place with fewer words keeps the id of the one before it, which nothing asks for.
    """
    gram = -1
    for k in range(len(places)):
        if lengths[k] >= n:
            if common[k] < n:
                gram += 1
                words[gram] = padded[places[k] + n - 1]
                parents[gram] = shorter[k]
                firsts[gram] = k
                counts[gram] = 0
            counts[gram] += 1
        ids[k] = gram


@njit(cache=True, nogil=True)
def _link(firsts, following, shorter, suffixes):  # type: ignore[no-untyped-def]
    """The id of each n-gram's suffix, found where the next position of its first occurrence stands."""
    for gram in range(len(firsts)):
        suffixes[gram] = shorter[following[firsts[gram]]]
