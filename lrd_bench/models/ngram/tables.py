"""The n-grams of a model, order by order.

The n-grams that begin with the same words are neighbours, so that a table need only say where those of each n-gram of
the order below begin, and what their last words are: 16 bytes an n-gram, of which the highest order needs 8.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.counting import Ids

Floats32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class NgramTable:
    """All n-grams of one order, sorted by the ids of their words; an n-gram's id is its row.

    Logarithms are to base 10 and of single precision, as ARPA files and KenLM have them: sums of the same numbers in
    the same order are the same to the last bit.
    """

    words: Ids
    """[grams]: the last word; for unigrams 0, 1, 2 …, the whole vocabulary."""
    starts: Ids | None
    """[grams + 1]: what follows gram g are the words of rows starts[g] to starts[g + 1] of the next order, increasing;
    None for the highest order."""
    log10_probs: Floats32
    """[grams]: of the last word after the others; -inf for `<s>`, which is never predicted."""
    log10_backoffs: Floats32 | None
    """[grams]: what is added to a shorter context's score for a word never seen after this n-gram; None for the highest
    order."""


def starts_of(parents: Ids, size: int) -> Ids:
    """Where the n-grams of each of `size` parents begin, and where the last ones end: [size + 1]."""
    starts = np.empty(size + 1, np.int32)
    _starts(parents, starts)
    return starts


def ids_of(tables: Sequence[NgramTable], tokens: Ids) -> Iterator[Ids]:
    """For orders 1, 2 … the id of the n-gram that ends at each position: [positions], -1 where there is none.

    Each is the same array, changed in place.
    """
    ids = tokens.copy()
    yield ids
    for shorter, table in itertools.pairwise(tables):
        extend(tokens, ids, shorter.starts, table.words)
        yield ids


def spell(tables: Sequence[NgramTable], order: int, rows: NDArray[np.integer]) -> Ids:
    """The words of n-grams of an order: [rows, order]."""
    words = np.empty((len(rows), order), np.int32)
    for n in range(order, 0, -1):
        words[:, n - 1] = tables[n - 1].words[rows]
        if n > 1:
            starts = tables[n - 2].starts
            assert starts is not None
            rows = np.searchsorted(starts, rows, side="right") - 1
    return words


# -- kernels -----------------------------------------------------------------------------------------------------------


@compiled
def _starts(parents, starts):  # type: ignore[no-untyped-def]
    gram = 0
    for parent in range(len(starts)):
        while gram < len(parents) and parents[gram] < parent:
            gram += 1
        starts[parent] = gram


@compiled
def find_row(words, start, stop, word):  # type: ignore[no-untyped-def]
    """The row of a word between start and stop, whose words increase; -1 if it is not there."""
    size = stop - start
    if size <= 0:
        return -1
    # Without a branch that nobody foresees, and with three looks at a time, which the processor waits for together.
    while size > 3:
        part = size >> 2
        passed = np.int64(words[start + part] <= word)
        passed += np.int64(words[start + 2 * part] <= word)
        passed += np.int64(words[start + 3 * part] <= word)
        start += passed * part
        size -= 3 * part  # what is left after the last of them, the longest
    while size > 1:
        half = size >> 1
        start += half if words[start + half] <= word else 0
        size -= half
    return start if words[start] == word else -1


@compiled
def extend(tokens, ids, starts, words):  # type: ignore[no-untyped-def]
    """From the ids of the n-grams that end at each position to those of the n-grams one word longer."""
    for at in range(len(tokens) - 1, 0, -1):  # backwards: each is made from the shorter one before it
        context = ids[at - 1]
        ids[at] = -1 if context < 0 else find_row(words, starts[context], starts[context + 1], tokens[at])
    ids[:1] = -1
