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
from numpy.typing import NDArray

from lrd_bench.vocabulary import BOS_ID, EOS_ID

Ids = NDArray[np.int32]

RADIX_BITS = 8
"""A digit of the radix sort: 256 counters and as many places to write to stay in the nearest cache."""

NOTHING = -1
"""What follows the end of the text."""

SMALL = 16
"""Runs up to this length are sorted by insertion."""


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
    places = _sorted(padded, size, vocab, order)
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


def _sorted(padded: Ids, size: int, vocab: int, order: int) -> NDArray[np.uint32]:
    """The positions of a text by the words that follow them: [positions].

    As many words as fit into 64 bits are sorted by at once; what is equal in them is compared word by word.
    """
    bits = int(vocab).bit_length()
    packed = min(order, 64 // bits)
    keys, places = np.empty(size, np.uint64), np.arange(size, dtype=np.uint32)
    _pack(padded, keys, packed, bits)
    other_keys, other_places = np.empty_like(keys), np.empty_like(places)
    if _radix_sort(keys, places, other_keys, other_places, packed * bits):
        keys, places = other_keys, other_places
    if packed < order:
        _refine(padded, keys, places, packed, order, np.uint64((1 << bits) - 1))
    return places


# -- kernels -----------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _pack(padded, keys, packed, bits):  # type: ignore[no-untyped-def]
    """keys[i]: the words from position i on, `bits` bits each and one more than their ids; zeros after `</s>`."""
    shift = np.uint64(bits)
    for i in range(len(keys)):
        key = np.uint64(0)
        live = True
        for k in range(packed):
            key <<= shift
            if live:
                word = padded[i + k]
                key |= np.uint64(word + 1)
                live = word != EOS_ID and word != NOTHING
        keys[i] = key


@njit(cache=True, nogil=True)
def _radix_sort(keys, places, other_keys, other_places, bits):  # type: ignore[no-untyped-def]
    """Sort keys and places by the keys, digit by digit from the last; whether the other two arrays hold the result."""
    size, digits = len(keys), -(-bits // RADIX_BITS)
    mask = np.uint64((1 << RADIX_BITS) - 1)
    counts = np.zeros((digits, 1 << RADIX_BITS), np.int64)
    for i in range(size):
        key = keys[i]
        for digit in range(digits):
            counts[digit, (key >> np.uint64(RADIX_BITS * digit)) & mask] += 1
    swapped = False
    for digit in range(digits):
        count = counts[digit]
        if count.max() == size:  # the same everywhere
            continue
        total = 0
        for value in range(1 << RADIX_BITS):
            total, count[value] = total + count[value], total
        shift = np.uint64(RADIX_BITS * digit)
        for i in range(size):
            key = keys[i]
            value = (key >> shift) & mask
            at = count[value]
            count[value] = at + 1
            other_keys[at] = key
            other_places[at] = places[i]
        keys, places, other_keys, other_places = other_keys, other_places, keys, places
        swapped = not swapped
    return swapped


@njit(cache=True, nogil=True)
def _before(padded, one, other, packed, order):  # type: ignore[no-untyped-def]
    """Whether the words at one position come before those at another, of which the first few are equal."""
    for k in range(packed, order):
        left, right = padded[one + k], padded[other + k]
        if left != right:
            return left < right
        if left in (EOS_ID, NOTHING):
            return False
    return False


@njit(cache=True, nogil=True)
def _refine(padded, keys, places, packed, order, last):  # type: ignore[no-untyped-def]
    """Sort each run of equal keys by the words that the keys do not hold.

    last:  mask of a key's last word
    """
    start = 0
    while start < len(keys):
        stop = start + 1
        while stop < len(keys) and keys[stop] == keys[start]:
            stop += 1
        # A key whose last word is </s>, or nothing, holds the sentence to its end.
        word = keys[start] & last
        if stop - start > 1 and word != 0 and word != EOS_ID + 1:
            _sort_run(padded, places, start, stop, packed, order)
        start = stop


@njit(cache=True, nogil=True)
def _sort_run(padded, places, start, stop, packed, order):  # type: ignore[no-untyped-def]
    """Quicksort of places[start:stop] with the median of three, the larger part put off; small parts by insertion."""
    waiting = np.empty((64, 2), np.int64)
    waiting[0, 0], waiting[0, 1] = start, stop
    number = 1
    while number:
        number -= 1
        low, high = waiting[number, 0], waiting[number, 1]
        while high - low > SMALL:
            one, pivot, other = places[low], places[(low + high) // 2], places[high - 1]
            if _before(padded, pivot, one, packed, order):
                one, pivot = pivot, one
            if _before(padded, other, pivot, packed, order):
                pivot = one if _before(padded, other, one, packed, order) else other
            left, right = low, high - 1
            while left <= right:
                while _before(padded, places[left], pivot, packed, order):
                    left += 1
                while _before(padded, pivot, places[right], packed, order):
                    right -= 1
                if left <= right:
                    places[left], places[right] = places[right], places[left]
                    left += 1
                    right -= 1
            if right + 1 - low > high - left:
                waiting[number, 0], waiting[number, 1] = low, right + 1
                low = left
            else:
                waiting[number, 0], waiting[number, 1] = left, high
                high = right + 1
            number += 1
        for at in range(low + 1, high):
            place = places[at]
            to = at
            while to > low and _before(padded, place, places[to - 1], packed, order):
                places[to] = places[to - 1]
                to -= 1
            places[to] = place


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
