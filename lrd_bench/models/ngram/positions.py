"""The positions of a text, sorted by the words that follow them: what all counting of n-grams begins with.

As many words as fit into 64 bits are sorted by at once, digit by digit; only what is equal in them is compared word by
word. Sentences end with `</s>`, and nothing beyond it is looked at.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lrd_bench.vocabulary import EOS_ID

Ids = NDArray[np.int32]

NOTHING = -1
"""What follows the end of the text."""

RADIX_BITS = 8
"""A digit of the radix sort: 256 counters and as many places to write to stay in the nearest cache."""

SMALL = 16
"""Runs up to this length are sorted by insertion."""


def sorted_positions(padded: Ids, size: int, vocab: int, order: int) -> NDArray[np.uint32]:
    """The positions of a text by the words that follow them: [positions].

    padded:  [positions + order] word ids, and NOTHING as often as the order says
    size:    how many of these are the text
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
