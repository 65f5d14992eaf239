"""The sections of an ARPA file: entries of one order after the other, with ids for words."""

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram.arpa.entries import POWERS, parse_entry, read_entries
from lrd_bench.models.ngram.arpa.header import Header
from lrd_bench.models.ngram.arpa.lines import BLANKS, Lines, shown
from lrd_bench.models.ngram.counting import Ids
from lrd_bench.models.ngram.words import DELIMITERS, WordIds, add_word, bytes_and_eights, find_word
from lrd_bench.vocabulary import BOS_ID, SPECIAL

Floats = NDArray[np.float32]


class Entries(NamedTuple):
    """Some entries, in the order of the file."""

    ids: Ids
    """[entries, n]"""
    log10_probs: Floats
    """[entries], none above 0"""
    log10_backoffs: Floats
    """[entries]: 0 where there is none"""


class Sections:
    """Reads one section after the other; the 1-grams say which words there are."""

    def __init__(self, lines: Lines, header: Header) -> None:
        self._lines, self._header = lines, header
        self._words = WordIds([word.encode() for word in SPECIAL])
        self._places: list[tuple[int, int]] = []  # an entry and its line; up to the next, each has a line more
        self.names = list(SPECIAL)
        """The words so far. The special ones are there from the beginning."""
        self.listed: set[int] = set()
        """Which of the special ones are among the 1-grams."""
        self.positive, self.first_positive = 0, 0
        """How many log probabilities were above 0, which are taken for 0; and the line of the first."""

    def read(self, n: int) -> Iterator[Entries]:
        """Yields the entries of one order, some at a time. The orders must be read in turn.

        Raises LrdBenchError naming the line for all that `read_arpa` names, but n-grams above 1 that are listed twice.
        """
        lines, count = self._lines, self._header.counts[n - 1]
        counted = f"line {self._header.lines[n - 1]} counts {count}. Correct the count, or make the file again."
        self.expect(f"\\{n}-grams:")
        self._places = []
        size = 0
        while (line := lines.filled_line()) is not None and not line.startswith(b"\\"):
            if size == count:
                raise lines.refused(f"a {n}-gram too many: {counted}")
            entries = self._read_block(n, size, count - size)
            size += len(entries.ids)
            yield entries
        if line is None:
            raise lines.refused(f"the file ends among the {n}-grams: it is cut off. Copy or make it again.")
        if size < count:
            raise lines.refused(f"the {n}-grams end after {size}, but {counted}")

    def expect(self, header: str) -> None:
        """Pass the line that must come next."""
        lines = self._lines
        line = lines.filled_line()
        if line is None:
            raise lines.refused(f"the file ends before '{header}': it is cut off. Copy or make it again.")
        if line != header.encode():
            raise lines.refused(
                f"expected '{header}', found {shown(line)}. After the header comes one section for each order that it "
                "counts, from 1 on, then '\\end\\'. Make the file again."
            )
        lines.skip()

    def listed_twice(self, *entries: int) -> LrdBenchError:
        """What is wrong with two entries of the section that was read last."""
        first, second = sorted(map(self._line_of, entries))
        return self._lines.refused(f"the n-gram of line {first} once more. Remove one of the two.", line=second)

    def _line_of(self, entry: int) -> int:
        first, line = self._places[bisect(self._places, entry, key=lambda place: place[0]) - 1]
        return line + entry - first

    def respell(self, words: Sequence[str]) -> None:
        """Read other words for the ids from now on."""
        self._words = WordIds([word.encode() for word in words])

    # -- entries -------------------------------------------------------------------------------------------------------

    def _read_block(self, n: int, before: int, room: int) -> Entries:
        """Read entries up to the end of the block, the next header, or the first that there is no room for.

        before:  entries of the section that were read before these
        """
        lines, highest = self._lines, n == len(self._header.counts)
        start, first = lines.at, lines.number
        data, eights = bytes_and_eights(lines.block)
        shortest = len("0\n") + n * len(" w")
        rows = min(room, (len(lines.block) - lines.at) // shortest + 1)
        entries = Entries(np.empty((rows, n), np.int32), np.empty(rows, np.float32), np.empty(rows, np.float32))
        row = 0
        while row < rows and lines.at < len(lines.block):
            place = (lines.at, len(lines.block), n, highest, POWERS, DELIMITERS, len(self._words))
            last, stop, self._words.size = read_entries(data, eights, *place, *self._words.arrays, *entries, row)
            if last > row:
                self._note(before + row)
                lines.advance(stop, last - row)
                row = last
                continue
            line = lines.line()
            if line and line.startswith(b"\\"):
                break
            if line:
                self._note(before + row)
                ids, entries.log10_probs[row], entries.log10_backoffs[row] = self._read_unusual(line, n, highest)
                entries.ids[row] = ids
                row += 1
            lines.skip()
        if n == 1:
            self._name_words(start, first)
        return Entries(entries.ids[:row], entries.log10_probs[:row], entries.log10_backoffs[:row])

    def _note(self, entry: int) -> None:
        """Note that an entry stands on the next line."""
        line = self._lines.number
        if not self._places or line - entry != self._places[-1][1] - self._places[-1][0]:
            self._places.append((entry, line))

    def _read_unusual(self, line: bytes, n: int, highest: bool) -> tuple[list[int], float, float]:
        """The ids and numbers of an entry that the compiled loop has left."""
        prob, words, backoff = parse_entry(self._lines, line, n, highest=highest)
        ids = [self._new(word) if n == 1 else self._find(word) for word in words]
        if min(ids) < 0:
            unlisted = next(word for word, id_ in zip(words, ids, strict=True) if id_ < 0)
            raise self._lines.refused(
                f"the word {shown(unlisted)} is not among the 1-grams, which list all words. Make the file again."
            )
        if prob > 0 and ids != [BOS_ID]:
            self.positive += 1
            self.first_positive = self.first_positive or self._lines.number
        return ids, min(prob, 0.0), backoff

    def _find(self, word: bytes) -> int:
        id_: int = find_word(*bytes_and_eights(word), 0, len(word), *self._words.arrays)
        return id_

    def _new(self, word: bytes) -> int:
        """The id of a word that was not listed before."""
        id_ = self._find(word)
        if id_ >= len(SPECIAL) or id_ in self.listed:
            raise self._lines.refused(f"{shown(word)} is listed twice among the 1-grams. Remove one of the two.")
        if id_ >= 0:
            self.listed.add(id_)
            return id_
        known = len(self._words)
        while (size := add_word(*bytes_and_eights(word), 0, len(word), known, *self._words.arrays)) < 0:
            self._words.grow(len(word))
        self._words.size = size
        return known

    def _name_words(self, start: int, first: int) -> None:
        """Decode the words that are new. In the block that held them, reading began at `start`, on line `first`."""
        new = self._words.words(len(self.names))
        try:
            self.names += b"\n".join(new).decode().split("\n") if new else []
        except UnicodeDecodeError:
            broken = next(word for word in new if not _is_utf8(word))
            place = re.search(rb"[%s]%s[%s\n]" % (BLANKS, re.escape(broken), BLANKS), self._lines.block[start:])
            line = first + self._lines.block.count(b"\n", start, start + (place.start() if place else 0))
            raise self._lines.refused(f"{broken!r} is not UTF-8. Convert the file to UTF-8.", line=line) from None


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True
