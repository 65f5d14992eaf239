"""Ids of words by their bytes: a hash table that compiled loops fill and search.

Open addressing with linear probing. Bytes are read eight at a time, and compared, whatever the hash: nearly all words
are known by their first sixteen.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrd_bench.models.ngram.compiled import compiled

DELIMITERS = np.zeros(256, np.bool_)
DELIMITERS[[0, 9, 10, 13, 32]] = True
"""[256] the bytes between words, as KenLM has them: NUL, TAB, LF, CR, SPACE. (`str.split` also breaks at vertical tabs,
no-break spaces and the like.)"""

Bytes = NDArray[np.uint8]
Eights = NDArray[np.uint64]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2^64 by the golden ratio, as Knuth has it


def bytes_and_eights(text: bytes) -> tuple[Bytes, Eights]:
    """A text with some NULs after it, as bytes and as numbers of eight bytes each, for `read_head`."""
    data = np.frombuffer(text + bytes(32 - len(text) % 8), np.uint8)
    return data, data.view("<u8")


class WordIds:
    """Words numbered 0, 1, 2 … in the order in which they are added."""

    def __init__(self, words: Sequence[bytes] = ()) -> None:
        """The words, each of which occurs once, get the first ids."""
        text = b"".join(word + b"\n" for word in words)
        self.size = len(words)
        room = 1 << max(15, (2 * self.size).bit_length())
        self.slots = np.full(2 * room, -1, np.int32)
        """[power of two]: the id of a word that hashes there, or before with all slots between taken; -1: free."""
        self.heads = np.zeros((room, 2), np.uint64)
        """[words and room for more, 2]: the first eight bytes of each and the next eight, zeros after a shorter one."""
        self.offsets = np.zeros(room + 1, np.int64)
        """[words + 1 and room for more]: where each word begins in `blob`."""
        self.blob = np.empty(max(1 << 18, 2 * len(text)), np.uint8)
        """[bytes and room for more]: the words, a newline after each."""
        self.offsets[1 : self.size + 1] = np.cumsum([len(word) + 1 for word in words])
        self.blob[: len(text)] = np.frombuffer(text, np.uint8)
        self._hash()

    def __len__(self) -> int:
        return self.size

    @property
    def arrays(self) -> tuple[NDArray[np.int32], Eights, NDArray[np.int64], Bytes]:
        """Slots, heads, offsets and blob, as `find_word` and `add_word` take them."""
        return self.slots, self.heads, self.offsets, self.blob

    def words(self, start: int = 0) -> list[bytes]:
        """The words from an id on."""
        return self.blob[self.offsets[start] : self.offsets[self.size]].tobytes().split(b"\n")[:-1]

    def grow(self, length: int) -> None:
        """Make room for as many words again, and for one of so many bytes."""
        self.blob = _longer(self.blob, 2 * len(self.blob) + length + 1)
        if self.size == len(self.heads):
            self.slots = np.full(4 * len(self.slots), -1, np.int32)
            self.heads = _longer(self.heads, len(self.slots) // 2)
            self.offsets = _longer(self.offsets, len(self.heads) + 1)
            self._hash()

    def _hash(self) -> None:
        data, eights = bytes_and_eights(self.blob[: self.offsets[self.size]].tobytes())
        _fill(data, eights, self.size, *self.arrays)


def _longer(array: NDArray[Any], size: int) -> NDArray[Any]:
    longer = np.empty((size, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer


@compiled
def read_head(eights, start, length):  # type: ignore[no-untyped-def]
    """The (at most eight) bytes of a word from `start` on as a number, zeros after a shorter one.

    eights:  the text as numbers of eight bytes each, the first byte the lowest
    """
    at, shift = start >> 3, np.uint64(8 * (start & 7))
    head = (eights[at] >> shift) | ((eights[at + 1] << np.uint64(1)) << (np.uint64(63) - shift))
    if length < 8:
        head &= (np.uint64(1) << np.uint64(8 * length)) - np.uint64(1)
    return head


@compiled
def read_next(eights, start, length):  # type: ignore[no-untyped-def]
    """The same for the eight bytes after the first eight."""
    return read_head(eights, start + 8, min(max(length - 8, 0), 8))


@compiled
def hash_word(eights, start, stop, head):  # type: ignore[no-untyped-def]
    """64 bits of the word from start to stop, of which `head` is the beginning."""
    hashed = head * _FACTOR
    at = start + 8
    while at < stop:
        hashed = ((hashed >> np.uint64(29)) ^ hashed ^ read_head(eights, at, stop - at)) * _FACTOR
        at += 8
    return hashed ^ (hashed >> np.uint64(32))


@compiled
def find_word(data, eights, start, stop, slots, heads, offsets, blob):  # type: ignore[no-untyped-def]
    """The id of the word from start to stop; -1 - slot for the slot where it would be added, where there is none."""
    length = stop - start
    head, next_head = read_head(eights, start, length), read_next(eights, start, length)
    mask = np.uint64(len(slots) - 1)
    slot = hash_word(eights, start, stop, head) & mask
    while True:
        word = slots[slot]
        if word < 0:
            return -1 - np.int64(slot)
        if heads[word, 0] == head and heads[word, 1] == next_head:
            if length < 16:  # no byte of a word is zero
                return np.int64(word)
            first = offsets[word]
            if offsets[word + 1] - first == length + 1:
                same = 16
                while same < length and blob[first + same] == data[start + same]:
                    same += 1
                if same >= length:
                    return np.int64(word)
        slot = (slot + np.uint64(1)) & mask


@compiled
def guess_words(eights, start, ends, slots, heads, guesses):  # type: ignore[no-untyped-def]
    """The ids of the words that end at `ends`, of which the first begins at `start`; -1: ask `find_word`.

    Nearly all words are shorter than sixteen bytes and stand where they hash. These are found without a branch that
    nobody foresees, so that the processor waits for many at once.
    """
    mask = np.uint64(len(slots) - 1)
    for k in range(len(ends)):
        stop = ends[k]
        length = stop - start
        head = read_head(eights, start, length)
        word = slots[hash_word(eights, start, stop, head) & mask]
        row = max(word, 0)
        same = (heads[row, 0] == head) & (heads[row, 1] == read_next(eights, start, length))
        guesses[k] = word if same & (length < 16) else -1
        start = stop + 1


@compiled
def add_word(data, eights, start, stop, size, slots, heads, offsets, blob):  # type: ignore[no-untyped-def]
    """Add the word from start to stop, which is new; returns the number of words then, or -1 for want of room."""
    end = offsets[size] + stop - start
    if size == len(heads) or end >= len(blob):
        return -1
    slots[-1 - find_word(data, eights, start, stop, slots, heads, offsets, blob)] = size
    heads[size, 0] = read_head(eights, start, stop - start)
    heads[size, 1] = read_next(eights, start, stop - start)
    blob[offsets[size] : end] = data[start:stop]
    blob[end] = 10
    offsets[size + 1] = end + 1
    return size + 1


@compiled
def _fill(data, eights, size, slots, heads, offsets, blob):  # type: ignore[no-untyped-def]
    """Hash words that are in `offsets` and `blob` already; `data` and `eights` are these."""
    for word in range(size):
        start, stop = offsets[word], offsets[word + 1] - 1
        heads[word, 0] = read_head(eights, start, stop - start)
        heads[word, 1] = read_next(eights, start, stop - start)
        slots[-1 - find_word(data, eights, start, stop, slots, heads, offsets, blob)] = word
