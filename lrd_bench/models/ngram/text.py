"""The words of a text as ids, straight from its bytes; a line is a sentence."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.counting import Ids, count_words
from lrd_bench.models.ngram.words import (
    DELIMITERS,
    Bytes,
    Eights,
    WordIds,
    add_word,
    bytes_and_eights,
    find_word,
    guess_words,
)
from lrd_bench.vocabulary import BOS, BOS_ID, EOS, EOS_ID, SPECIAL, UNK, UNK_ID, Vocabulary

NEWLINE = 10
_BETWEEN_WORDS = re.compile(b"[\\0\t\r ]")
_DONE, _NO_ROOM, _SYMBOL = range(3)
GUESSED = 2**12
"""Words that are guessed at a time: soon enough for those that have just been added to be among them."""


class TextIds:
    """The sentences of a text as ids, on end, each after its `<s>` and before its `</s>`. Can be read once.

    With a vocabulary, words are what it makes of them, and a line without words is no sentence. Without one the text is
    read as KenLM's `lmplz` reads it: words are numbered as they appear, `<unk>` among them is refused, a line without
    words is a sentence, and a last line without a newline does not end: it gets no `</s>`.
    """

    def __init__(self, blocks: Iterable[bytes], path: Path, vocabulary: Vocabulary | None = None) -> None:
        """Whole lines, some at a time, and the file that they are from, for messages."""
        self._blocks, self._path, self._known = blocks, path, vocabulary
        self._types = WordIds([word.encode() for word in SPECIAL])
        self._names = list(SPECIAL)
        self._ids = np.arange(len(SPECIAL), dtype=np.int32)  # of each type in the vocabulary
        self._counts = np.zeros(len(SPECIAL), np.int64)
        self._first = never(self.vocab)

    @property
    def vocab(self) -> int:
        """How many words there are so far."""
        return len(self._names) if self._known is None else len(self._known)

    @property
    def words(self) -> int:
        """Words and ends of sentences read so far."""
        return int(self._counts.sum() - self._counts[BOS_ID])

    @property
    def appearance(self) -> NDArray[np.int64]:
        """[vocab]: where each word came first, as far as order goes. `<s>` has -2, `</s>` -1; -3: never."""
        return np.arange(self.vocab) - len(SPECIAL) if self._known is None else self._first

    def vocabulary(self) -> Vocabulary:
        """The one that was given, or else the words read so far, in the order in which they appeared."""
        if self._known is not None:
            return self._known
        return Vocabulary(words=tuple(self._names), counts=tuple(self._counts.tolist()))

    def __iter__(self) -> Iterator[Ids]:
        """Yields the ids of some whole sentences: [positions].

        Raises LrdBenchError naming the line that is not UTF-8, that holds a boundary symbol or, where the text is read
        as lmplz reads it, `<unk>`.
        """
        line = 1
        for block in self._blocks:
            types = self._encode(block if self._known is None or block.endswith(b"\n") else block + b"\n", line)
            self._name_types(block, line)
            ids = types
            if self._known is not None:
                ids = self._ids[types]
                note_first(ids, int(self._counts.sum()), self._first)
            counts = count_words(ids, self.vocab)
            counts[: len(self._counts)] += self._counts
            self._counts = counts
            line += block.count(b"\n")
            yield ids

    def _encode(self, block: bytes, line: int) -> Ids:
        """The block's words as types, numbered as they appear: [positions]."""
        data, eights, ends = delimited(block)
        ids = np.empty(3 * len(ends), np.int32)  # a line of one word has three
        state, like_lmplz = np.array([0, 0, 0, len(self._types), 0]), self._known is None
        guesses = np.empty(GUESSED, np.int32)
        while status := _read(data, eights, ends, guesses, ids, state, like_lmplz, *self._types.arrays):
            done, _, _, self._types.size, what = state.tolist()
            if status == _SYMBOL:
                raise self._refused(line + block.count(b"\n", 0, int(ends[done])), SPECIAL[what])
            self._types.grow(what)
        self._types.size = int(state[3])
        return ids[: state[1]].copy()  # what was never touched takes no memory

    def _name_types(self, block: bytes, line: int) -> None:
        """Note the words that this block is the first to hold."""
        new = self._types.words(len(self._names))
        try:
            names = b"\n".join(new).decode().split("\n") if new else []
        except UnicodeDecodeError:
            for number, text in enumerate(block.split(b"\n"), start=line):
                try:
                    text.decode()
                except UnicodeDecodeError as error:
                    raise LrdBenchError(
                        f"{self._path}:{number}: not UTF-8 (byte {error.start} of the line). Save the file as UTF-8."
                    ) from error
            raise
        self._names += names
        if self._known is not None:
            ids = np.array(self._known.encode(names), np.int32)
            for word in np.flatnonzero((ids == BOS_ID) | (ids == EOS_ID)):  # `<S>` in lower case
                raise self._refused(_line_of(new[word], block, line), SPECIAL[ids[word]])
            self._ids = np.append(self._ids, ids)

    def _refused(self, line: int, symbol: str) -> LrdBenchError:
        where = f"{self._path}:{line}"
        if symbol == UNK:
            return LrdBenchError(
                f"{where}: {UNK} stands for words that a vocabulary lacks, and its own words are the vocabulary. "
                "Give one, or call it something else in the text; lmplz refuses it, too."
            )
        return LrdBenchError(f"{where}: {BOS} and {EOS} are boundary symbols. Remove them from the text.")


def delimited(text: bytes) -> tuple[Bytes, Eights, Ids]:
    """The bytes of a text, one by one and by eights, and where its delimiters are; a NUL ends the last word."""
    data, eights = bytes_and_eights(text)
    data = data[: len(text) + 1]
    ends = np.empty(len(data) + 1, np.int32)
    return data, eights, ends[: _delimit(data, DELIMITERS, ends)]


def _line_of(word: bytes, block: bytes, line: int) -> int:
    """The line of a word that stands in the block, whose first line is `line`."""
    return next(number for number, text in enumerate(block.split(b"\n"), line) if word in _BETWEEN_WORDS.split(text))


def never(vocab: int) -> NDArray[np.int64]:
    """Where each word came first, before any has come: [vocab]; see `TextIds.appearance`."""
    first = np.full(vocab, -3)
    first[BOS_ID], first[EOS_ID] = -2, -1
    return first


@compiled
def _delimit(data, delimiters, ends):  # type: ignore[no-untyped-def]
    """Write down where the delimiters are; returns how many there are. Without a branch, for no one foresees them."""
    size = 0
    for at in range(len(data)):
        ends[size] = at
        size += delimiters[data[at]]
    return size


@compiled
def _read(data, eights, ends, guesses, ids, state, like_lmplz, slots, heads, offsets, blob):  # type: ignore[no-untyped-def]
    """Read words until all are read, one is refused, or there is no room for a new one; returns which of these.

    ends:     where the delimiters are
    guesses:  room for some words
    state:    how many of these have been passed, size of `ids`, whether inside a sentence, types; then the word that is
              refused, or the bytes of the one that there is no room for
    """
    done, size, inside, types = state[0], state[1], state[2], state[3]
    status, guessed, first = _DONE, 0, done
    while done < len(ends):
        start, stop = ends[done - 1] + 1 if done else 0, ends[done]
        if done == first + guessed:
            first, guessed = done, min(len(guesses), len(ends) - done)
            guess_words(eights, start, ends[first : first + guessed], slots, heads, guesses)
        newline = data[stop] == NEWLINE
        if not inside and (start < stop or (newline and like_lmplz)):
            ids[size] = BOS_ID
            size += 1
            inside = 1
        if start < stop:
            word = np.int64(guesses[done - first])
            if word < 0:
                word = find_word(data, eights, start, stop, slots, heads, offsets, blob)
            if word < 0:
                if add_word(data, eights, start, stop, types, slots, heads, offsets, blob) < 0:
                    state[4] = stop - start
                    status = _NO_ROOM
                    break
                word = types
                types += 1
            elif word < len(SPECIAL) and (like_lmplz or word != UNK_ID):
                state[4] = word
                status = _SYMBOL
                break
            ids[size] = word
            size += 1
        if newline and inside:
            ids[size] = EOS_ID
            size += 1
            inside = 0
        done += 1
    state[0], state[1], state[2], state[3] = done, size, inside, types
    return status


@compiled
def note_first(ids, offset, first):  # type: ignore[no-untyped-def]
    """Note where each word comes first, if it has not come before; `<s>` and `</s>` keep their places."""
    for at in range(len(ids)):
        if first[ids[at]] == -3:
            first[ids[at]] = offset + at
