"""The distinct prefixes of many sentences, so that each is read once, however many sentences begin with it.

Sentences that a generator writes share almost all of their prefixes, and the two sentences of a minimal pair theirs up
to where they differ. A trie has a node for each distinct prefix, numbered level by level: a recurrent network reads a
level at a time (`Trie.levels`), a network with attention rows of whole branches (`lrd_bench.models.packing`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

MAX_ROWS = 2**15
MAX_CELLS = 2**22
"""Of one trie: so many rows, and so many positions with all padded to the longest. A network keeps a level's states."""

NO_PARENT = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trie:
    """Distinct prefixes of rows of symbols. Nodes are numbered by length, and within a length in the rows' order."""

    symbol: Integers
    """[nodes] the last symbol of each prefix"""
    parent: Integers
    """[nodes] the prefix without it; NO_PARENT for prefixes of one symbol"""
    bounds: Integers
    """[longest + 1] prefixes of length n are the nodes from bounds[n - 1] up to bounds[n]"""
    first_row: Integers
    """[nodes] the first row that begins with the prefix"""
    node: Integers
    """[rows, longest] the prefix that ends at each position of each row; of no meaning beyond a row's end"""

    def levels(self) -> Iterator[slice]:
        """The nodes of each length, shortest first."""
        for start, stop in zip(self.bounds[:-1].tolist(), self.bounds[1:].tolist(), strict=True):
            yield slice(start, stop)

    def depths(self, nodes: Integers) -> Integers:
        """How many symbols stand before the last one of each prefix: [nodes]."""
        return np.searchsorted(self.bounds, nodes, side="right") - 1

    def last_symbols(self, nodes: Integers, length: int) -> Integers:
        """The last symbols of prefixes that are at least so long: [nodes, length]."""
        columns = []
        for _ in range(length):
            columns.append(self.symbol[nodes])
            nodes = self.parent[nodes]
        return np.stack(columns[::-1], axis=1)


def build_trie(rows: Sequence[Sequence[int]]) -> Trie:
    """The trie of rows in lexicographic order, none of them empty. Rows may be equal.

    rows:  of symbols from 0 up
    """
    lengths = np.array([len(row) for row in rows])
    real = np.arange(lengths.max()) < lengths[:, np.newaxis]  # [rows, longest]
    symbols = np.full(real.shape, -1, dtype=np.int64)
    symbols[real] = np.fromiter((symbol for row in rows for symbol in row), np.int64, count=int(lengths.sum()))
    new = real.copy()  # where a prefix ends that the row before does not begin with
    new[1:] &= np.logical_or.accumulate(symbols[1:] != symbols[:-1], axis=1)
    by_length = new.T
    # Of rows in order, those that share a prefix stand together: its number is that of the first of them.
    node = by_length.ravel().cumsum().reshape(by_length.shape).T - 1
    lengths_of_new, rows_of_new = by_length.nonzero()
    parent = np.where(lengths_of_new > 0, node[rows_of_new, lengths_of_new - 1], NO_PARENT)
    bounds = np.concatenate(([0], by_length.sum(axis=1).cumsum()))
    symbol = symbols[rows_of_new, lengths_of_new]
    return Trie(symbol=symbol, parent=parent, bounds=bounds, first_row=rows_of_new, node=node)
