"""Sentences and lines in memory as ids, in a vocabulary."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import Words
from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.counting import Ids
from lrd_bench.models.ngram.text import NEWLINE, delimited, never, note_first
from lrd_bench.models.ngram.words import WordIds, find_word, guess_words
from lrd_bench.vocabulary import BOS, BOS_ID, EOS, EOS_ID, UNK_ID, Vocabulary, check_words


class SentenceIds:
    """Sentences in memory as ids, in a vocabulary; in all else as `TextIds`."""

    def __init__(self, sentences: Iterable[Words], known: Vocabulary) -> None:
        """Sentences without boundary symbols."""
        words, lengths = list[str](), [0]
        for sentence in sentences:
            check_words(sentence)
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
        first = never(self.vocab)
        note_first(self.ids, 0, first)
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
        words = _encoded("\n".join(known.words)).replace(b"\0", b"\xff")
        self._known, self._words = known, WordIds(words.split(b"\n"))

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
        for words in sentences:
            check_words(words)
        ids, starts, delimiters = self._read([" ".join(words) for words in sentences])
        size = sum(map(len, sentences))
        empty = sum(not words for words in sentences)
        if delimiters == size + empty and len(ids) == size + 2 * len(sentences):
            return ids, starts
        text = SentenceIds(sentences, self._known)  # some word is empty, or holds white space
        return text.ids, text.starts

    def _read(self, lines: Sequence[str]) -> tuple[Ids, NDArray[np.int64], int]:
        text = "\n".join([*lines, ""])
        data, eights, ends = delimited(_encoded(text.lower() if self._known.case == "lower" else text))
        ids, starts = np.empty(len(ends) + 2 * len(lines), np.int32), np.empty(len(lines) + 1, np.int64)
        size = _read_lines(data, eights, ends, np.empty(len(ends), np.int32), ids, starts, *self._words.arrays)
        return ids[:size], starts, len(ends) - 1


def _encoded(text: str) -> bytes:
    """As UTF-8, be it with halves of surrogate pairs: a word may hold them, though no text does."""
    return text.encode(errors="surrogatepass")


@compiled
def _read_lines(data, eights, ends, guesses, ids, starts, slots, heads, offsets, blob):  # type: ignore[no-untyped-def]
    """Read all lines, each of which ends with a newline; returns the size of `ids`. guesses: room for all words."""
    guess_words(eights, 0, ends, slots, heads, guesses)
    size, line, start = 0, 0, 0
    begins = True
    for k in range(len(ends)):
        stop, word = ends[k], guesses[k]
        if line == len(starts) - 1:  # only the NUL is left
            break
        if begins:
            starts[line] = size
            ids[size] = BOS_ID
            size += 1
            begins = False
        if start < stop:
            if word < 0:
                word = max(find_word(data, eights, start, stop, slots, heads, offsets, blob), UNK_ID)
            ids[size] = word
            size += 1
        if data[stop] == NEWLINE:
            ids[size] = EOS_ID
            size += 1
            line += 1
            begins = True
        start = stop + 1
    starts[line] = size
    return size
