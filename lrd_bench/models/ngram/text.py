"""The words of a text as ids, straight from its bytes; a line is a sentence."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import Words
from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.counting import Ids, count_words
from lrd_bench.models.ngram.words import DELIMITERS, Bytes, Eights, WordIds, add_word, bytes_and_eights, find_word
from lrd_bench.vocabulary import BOS, BOS_ID, EOS, EOS_ID, SPECIAL, UNK, UNK_ID, Vocabulary

NEWLINE = 10
_BETWEEN_WORDS = re.compile(b"[\\0\t\r ]")
_DONE, _NO_ROOM, _SYMBOL = range(3)


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
        self._first = _never(self.vocab)

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
                _note_first(ids, int(self._counts.sum()), self._first)
            counts = count_words(ids, self.vocab)
            counts[: len(self._counts)] += self._counts
            self._counts = counts
            line += block.count(b"\n")
            yield ids

    def _encode(self, block: bytes, line: int) -> Ids:
        """The block's words as types, numbered as they appear: [positions]."""
        data, eights, ends = _delimited(block)
        ids = np.empty(3 * len(ends), np.int32)  # a line of one word has three
        state, like_lmplz = np.array([0, 0, 0, len(self._types), 0]), self._known is None
        while status := _read(data, eights, ends, ids, state, like_lmplz, *self._types.arrays):
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


class SentenceIds:
    """Sentences in memory as ids, in a vocabulary; in all else as `TextIds`."""

    def __init__(self, sentences: Iterable[Words], known: Vocabulary) -> None:
        """Sentences without boundary symbols."""
        words, lengths = list[str](), [0]
        for sentence in sentences:
            words += sentence
            lengths.append(len(sentence) + 2)
        self._known = known
        self.starts = np.cumsum(lengths)
        """[sentences + 1]: where each `<s>` is, and where the last sentence ends."""
        self.ids = np.empty(self.starts[-1], np.int32)
        """[positions]"""
        inside = np.ones(len(self.ids), np.bool_)
        for symbol, places in ((BOS_ID, self.starts[:-1]), (EOS_ID, self.starts[1:] - 1)):
            self.ids[places] = symbol
            inside[places] = False
        self.ids[inside] = known.encode(words)

    @property
    def vocab(self) -> int:
        """How many words there are."""
        return len(self._known)

    @property
    def appearance(self) -> NDArray[np.int64]:
        """[vocab]: as for `TextIds`."""
        first = _never(self.vocab)
        _note_first(self.ids, 0, first)
        return first

    def vocabulary(self) -> Vocabulary:
        """The one that was given."""
        return self._known

    def __iter__(self) -> Iterator[Ids]:
        """Yields all ids at once. Raises LrdBenchError naming the sentence that holds a boundary symbol."""
        for symbol in (BOS_ID, EOS_ID):
            places = np.flatnonzero(self.ids == symbol)
            if len(places) >= len(self.starts):
                sentences = np.searchsorted(self.starts, places, side="right")
                number = int(sentences[1:][np.diff(sentences) == 0][0])
                raise LrdBenchError(
                    f"sentence {number}: {BOS} and {EOS} are boundary symbols. Leave them out: each gets its own."
                )
        yield self.ids


class LineIds:
    """Reads lines of text in a vocabulary, quickly."""

    def __init__(self, known: Vocabulary) -> None:
        # A NUL, which parts words, would end a word in the table, too.
        self._known, self._words = known, WordIds([_encoded(word).replace(b"\0", b"\xff") for word in known.words])

    def read(self, lines: Sequence[str]) -> tuple[Ids, NDArray[np.int64]]:
        """The ids of all lines, each between `<s>` and `</s>`: [positions]; where each line begins: [lines + 1].

        Raises LrdBenchError for a line that holds a line feed.
        """
        for line in lines:
            if "\n" in line:
                raise LrdBenchError(
                    f"{line!r} holds a line feed, and is no single line. Give lines without their ends."
                )
        ids, starts, _ = self._read(lines)
        return ids, starts

    def read_sentences(self, sentences: Sequence[Words]) -> tuple[Ids, NDArray[np.int64]]:
        """The same for sentences whose words are known."""
        ids, starts, delimiters = self._read([" ".join(words) for words in sentences])
        words = sum(map(len, sentences))
        empty = sum(not words for words in sentences)
        if delimiters == words + empty and len(ids) == words + 2 * len(sentences):
            return ids, starts
        text = SentenceIds(sentences, self._known)  # some word is empty, or holds white space
        return text.ids, text.starts

    def _read(self, lines: Sequence[str]) -> tuple[Ids, NDArray[np.int64], int]:
        text = "\n".join([*lines, ""])
        data, eights, ends = _delimited(_encoded(text.lower() if self._known.case == "lower" else text))
        ids, starts = np.empty(len(ends) + 2 * len(lines), np.int32), np.empty(len(lines) + 1, np.int64)
        size = _read_lines(data, eights, ends, ids, starts, *self._words.arrays)
        return ids[:size], starts, len(ends) - 1


def _delimited(text: bytes) -> tuple[Bytes, Eights, Ids]:
    """The bytes of a text, one by one and by eights, and where its delimiters are; a NUL ends the last word."""
    data, eights = bytes_and_eights(text)
    data = data[: len(text) + 1]
    ends = np.empty(len(data) + 1, np.int32)
    return data, eights, ends[: _delimit(data, DELIMITERS, ends)]


def _encoded(text: str) -> bytes:
    """As UTF-8, be it with halves of surrogate pairs: a word may hold them, though no text does."""
    return text.encode(errors="surrogatepass")


def _line_of(word: bytes, block: bytes, line: int) -> int:
    """The line of a word that stands in the block, whose first line is `line`."""
    return next(number for number, text in enumerate(block.split(b"\n"), line) if word in _BETWEEN_WORDS.split(text))


def _never(vocab: int) -> NDArray[np.int64]:
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
def _read(data, eights, ends, ids, state, like_lmplz, slots, heads, offsets, blob):  # type: ignore[no-untyped-def]
    """Read words until all are read, one is refused, or there is no room for a new one; returns which of these.

    ends:   where the delimiters are
    state:  how many of these have been passed, size of `ids`, whether inside a sentence, types; then the word that is
            refused, or the bytes of the one that there is no room for
    """
    done, size, inside, types = state[0], state[1], state[2], state[3]
    status = _DONE
    while done < len(ends):
        start, stop = ends[done - 1] + 1 if done else 0, ends[done]
        newline = data[stop] == NEWLINE
        if not inside and (start < stop or (newline and like_lmplz)):
            ids[size] = BOS_ID
            size += 1
            inside = 1
        if start < stop:
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
def _read_lines(data, eights, ends, ids, starts, slots, heads, offsets, blob):  # type: ignore[no-untyped-def]
    """Read all lines, each of which ends with a newline; returns the size of `ids`."""
    size, line, start = 0, 0, 0
    begins = True
    for stop in ends:
        if line == len(starts) - 1:  # only the NUL is left
            break
        if begins:
            starts[line] = size
            ids[size] = BOS_ID
            size += 1
            begins = False
        if start < stop:
            ids[size] = max(find_word(data, eights, start, stop, slots, heads, offsets, blob), UNK_ID)
            size += 1
        if data[stop] == NEWLINE:
            ids[size] = EOS_ID
            size += 1
            line += 1
            begins = True
        start = stop + 1
    starts[line] = size
    return size


@compiled
def _note_first(ids, offset, first):  # type: ignore[no-untyped-def]
    """Note where each word comes first, if it has not come before; `<s>` and `</s>` keep their places."""
    for at in range(len(ids)):
        if first[ids[at]] == -3:
            first[ids[at]] = offset + at
