"""Counting text that is larger than memory: part by part, the counts of the parts kept in files and merged two by two.

The n-grams of a part are in the order of their words, so those of two parts merge in one walk, order by order. The walk
of one order tells the next where each n-gram of either side has gone, so that it can rename parents and suffixes. These
names, 4 bytes for each n-gram of two neighbouring orders of both sides, are what merging holds in memory, with a few
rows of each file: it grows with the distinct n-grams, not with the text. One walk through all parts at once would copy
less, but hold names for the n-grams of every part, however often the same ones come back.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.counting import Ids, Level, count_ngrams
from lrd_bench.vocabulary import BOS_ID, EOS_ID

ROWS = 2**16
"""n-grams that are read of a file at a time: a quarter of a megabyte of each of a level's four arrays."""

LARGEST = 2**31 - 1
"""Of ids and counts, as 32 bits hold them."""

COLUMNS = ("words", "parents", "suffixes", "counts")


def positions_within(memory: int, order: int) -> int:
    """How many positions of a text can be counted at once in so many bytes, were no n-gram to occur twice; at least 1.

    The vocabulary comes on top, 68 bytes a word and processor, and what merging holds.
    """
    # As measured: 16 bytes a position for the n-grams of each order above the first, and 24 for the text and ids.
    return min(max(memory // (16 * order + 8), 1), LARGEST)


def in_parts(chunks: Iterable[Ids], positions: int) -> Iterator[Ids]:
    """Chunks of text, cut and joined to parts of as many whole sentences as so many positions hold; at least one.

    A sentence ends with `</s>`, or where its chunk does.
    """
    gathered, size = list[Ids](), 0
    for chunk in chunks:
        ends = np.flatnonzero(chunk == EOS_ID) + 1
        if len(chunk) and (not len(ends) or ends[-1] < len(chunk)):
            ends = np.append(ends, len(chunk))
        start = sentences = 0  # how much of the chunk has been taken
        while sentences < len(ends):
            fitting = int(np.searchsorted(ends, start + positions - size, side="right"))
            if not size:
                fitting = max(fitting, sentences + 1)
            if fitting > sentences:
                stop = int(ends[fitting - 1])
                gathered.append(chunk[start:stop])
                size += stop - start
                start, sentences = stop, fitting
            if sentences < len(ends):
                yield _emptied(gathered)
                size = 0
    if gathered:
        yield _emptied(gathered)


def _emptied(gathered: list[Ids]) -> Ids:
    """What the list holds, on end. The list is emptied, or it would keep all that while the copy is counted."""
    text = gathered[0] if len(gathered) == 1 else np.concatenate(gathered)
    gathered.clear()
    return text


def count_in_parts(parts: Iterable[Ids], vocab: Callable[[], int], order: int, folder: Path) -> list[Level]:
    """The n-grams of a text that comes in parts, orders 1 to `order`: what `count_ngrams` gives for all of it at once.

    parts:   [positions] each: word ids of whole sentences on end, each between `<s>` and `</s>`
    vocab:   how many words there are by now; asked once a part is there. Words keep their ids, new ones follow
    folder:  an empty folder, where counts are kept if there is more than one part. The arrays of the result, but the
             words, are then files in it, mapped into memory: it is the caller's to remove once they are not needed

    Raises LrdBenchError where the folder cannot be written, and for more n-grams of an order, or more occurrences of
    one, than 32 bits can count.
    """
    stems = (folder / str(number) for number in count())
    waiting = list[_Run]()
    counted: list[Level] | None = None
    for part in parts:
        if counted is not None:
            waiting.append(_spill(counted, next(stems)))
            counted = None
            # Like sizes with like sizes, as a binary counter carries: an n-gram is copied once for each doubling.
            while len(waiting) > 1 and waiting[-2].parts == waiting[-1].parts:
                waiting[-2:] = [_merge_runs(waiting[-2], waiting[-1], next(stems))]
        counted = count_ngrams(part, vocab(), order)
        del part  # or it would stay until the next one has been gathered
    if counted is None:
        return count_ngrams(np.empty(0, np.int32), vocab(), order)
    if not waiting:
        return counted
    waiting.append(_spill(counted, next(stems)))
    counted = None
    while len(waiting) > 1:
        waiting[-2:] = [_merge_runs(waiting[-2], waiting[-1], next(stems))]
    return _map(waiting[0])


# -- files -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _LevelFiles:
    """A level on disk: a file of 32-bit integers for each of its arrays, without a header, so that it can grow."""

    stem: Path
    size: int
    """How many n-grams."""

    def paths(self) -> list[Path]:
        return [self.stem.with_name(f"{self.stem.name}.{column}") for column in COLUMNS]

    def rows(self, start: int) -> tuple[Ids, ...]:
        """Words, parents, suffixes and counts of the n-grams from one on, at most ROWS of them."""
        number, offset = min(ROWS, self.size - start), start * np.dtype(np.int32).itemsize
        if not number:
            return (np.empty(0, np.int32),) * len(COLUMNS)
        return tuple(np.fromfile(path, np.int32, number, offset=offset) for path in self.paths())

    def grown(self, columns: Sequence[Ids]) -> "_LevelFiles":
        """The level once further n-grams have been appended to its files."""
        try:
            for path, column in zip(self.paths(), columns, strict=True):
                with path.open("ab") as file:
                    file.write(column.data)
        except OSError as error:
            raise LrdBenchError(
                f"{self.stem.parent}: the counts of the text cannot be kept there ({error.strerror or error}). "
                "Free some space, or let TMPDIR name a folder with more of it."
            ) from error
        return replace(self, size=self.size + len(columns[0]))

    def remove(self) -> None:
        for path in self.paths():
            path.unlink(missing_ok=True)  # there is none where no n-gram has been written


@dataclass(frozen=True, kw_only=True)
class _Run:
    """The levels of one part of the text, or of several, on disk."""

    levels: list[_LevelFiles]
    parts: int


def _level_files(stem: Path, n: int) -> _LevelFiles:
    return _LevelFiles(stem=stem.with_name(f"{stem.name}-{n}"), size=0)


def _spill(levels: Sequence[Level], stem: Path) -> _Run:
    files = [
        _level_files(stem, n).grown((level.words, level.parents, level.suffixes, level.counts))
        for n, level in enumerate(levels, start=1)
    ]
    return _Run(levels=files, parts=1)


def _map(run: _Run) -> list[Level]:
    """The levels of a run, their arrays, but for the words, mapped into memory."""
    levels, initial = list[Level](), (BOS_ID, BOS_ID + 1)
    for files in run.levels:
        # Words go into the model's tables, and must outlive their file. The rest is writable, a page becoming a copy,
        # though nobody writes: numba compiles anew for arrays that are read-only.
        last_words, *others = files.paths()
        words = np.fromfile(last_words, np.int32) if files.size else np.empty(0, np.int32)
        parents, suffixes, counts = (
            np.asarray(np.memmap(path, np.int32, mode="c")) if files.size else np.empty(0, np.int32) for path in others
        )
        if levels:
            # Looked for as int64, as numpy would have it, they would make a copy of all the parents.
            first, last = np.searchsorted(parents, np.array(initial, np.int32))
            initial = int(first), int(last)
        levels.append(Level(words=words, parents=parents, suffixes=suffixes, counts=counts, initial=initial))
    return levels


# -- merging -----------------------------------------------------------------------------------------------------------


def _merge_runs(one: _Run, other: _Run, stem: Path) -> _Run:
    """The counts of both. Their files are removed once they have been read, so that the disk holds them once."""
    levels = list[_LevelFiles]()
    names = np.zeros(1, np.int32), np.zeros(1, np.int32)  # of the empty n-gram, from which unigrams go on
    for n, pair in enumerate(zip(one.levels, other.levels, strict=True), start=1):
        longest = n == len(one.levels)
        longer = None if longest else (np.empty(pair[0].size, np.int32), np.empty(pair[1].size, np.int32))
        levels.append(_merge_levels(pair, names, longer, _level_files(stem, n)))
        names = longer or names
        for files in pair:
            files.remove()
    return _Run(levels=levels, parts=one.parts + other.parts)


def _merge_levels(
    pair: tuple[_LevelFiles, _LevelFiles],
    shorter: tuple[Ids, Ids],
    longer: tuple[Ids, Ids] | None,
    merged: _LevelFiles,
) -> _LevelFiles:
    """The n-grams of both sides, appended to `merged`.

    shorter:  for each side the merged ids of its n-grams one order down
    longer:   for each side the array that gets the merged ids of its own n-grams; None where no order follows
    """
    words, parents, suffixes = np.empty((3, 2 * ROWS), np.int32)
    counts = np.empty(2 * ROWS, np.int64)
    ids = np.empty((2, ROWS), np.int32)
    start = [0, 0]
    while start[0] < pair[0].size or start[1] < pair[1].size:
        rows = pair[0].rows(start[0]), pair[1].rows(start[1])
        final = start[0] + ROWS >= pair[0].size, start[1] + ROWS >= pair[1].size
        *taken, number = _merge_rows(rows, final, shorter, merged.size, ids, words, parents, suffixes, counts)
        if counts[:number].max() > LARGEST or merged.size + number > LARGEST:
            raise LrdBenchError(
                f"the training text has more n-grams of one order, or one of them more often, than {LARGEST}, "
                "and more cannot be counted. Train on less text."
            )
        merged = merged.grown((words[:number], parents[:number], suffixes[:number], counts[:number].astype(np.int32)))
        for side in (0, 1):
            stop = start[side] + taken[side]
            if longer is not None:
                longer[side][start[side] : stop] = ids[side][: taken[side]]
            start[side] = stop
    return merged


@compiled
def _merge_rows(rows, final, shorter, gram, ids, words, parents, suffixes, counts):  # type: ignore[no-untyped-def]
    """Merge rows of two levels, until one side has no more of them here, though others follow.

    rows:           for each side words, parents, suffixes and counts: [rows] each
    final:          for each side whether these are its last rows
    shorter:        for each side the merged ids of its n-grams one order down
    gram:           merged id of the first n-gram
    ids:            [2, rows], gets the merged id of each row
    words … counts: [sum of the rows], get the merged n-grams
    returns         how many rows of each side have been merged, to how many n-grams
    """
    words_one, parents_one, suffixes_one, counts_one = rows[0]
    words_other, parents_other, suffixes_other, counts_other = rows[1]
    names_one, names_other = shorter
    i, j, number = 0, 0, 0
    while True:
        one, other = i < len(words_one), j < len(words_other)
        if not (one or other) or not (one or final[0]) or not (other or final[1]):
            return i, j, number
        if one and other:
            here, there = names_one[parents_one[i]], names_other[parents_other[j]]
            if here == there:
                here, there = words_one[i], words_other[j]
            one, other = here <= there, there <= here
        counts[number] = 0
        if one:
            words[number], parents[number] = words_one[i], names_one[parents_one[i]]
            suffixes[number] = names_one[suffixes_one[i]]
            counts[number] += counts_one[i]
            ids[0, i] = gram + number
            i += 1
        if other:
            words[number], parents[number] = words_other[j], names_other[parents_other[j]]
            suffixes[number] = names_other[suffixes_other[j]]
            counts[number] += counts_other[j]
            ids[1, j] = gram + number
            j += 1
        number += 1
