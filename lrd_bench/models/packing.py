"""Whole branches of a trie in one row, for networks in which a word looks at those before it.

Each looks at those of its own sentence alone, though other sentences lie beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrd_bench.models.neural import batch_bounds
from lrd_bench.models.tries import NO_PARENT, Integers, Trie

ROW_NODES = 256
"""In a row. Looking at one another costs the square of it."""
BATCH_NODES = 4096
"""In the rows of a batch, padding included."""


class PackedRow(NamedTuple):
    """Some branches of a trie, laid out one after the other for a network that attends to ancestors alone."""

    nodes: Integers
    """[time] nodes in increasing order, each after its parent"""
    depths: Integers
    """[time] symbols before the last one of the prefix"""
    sees: NDArray[np.bool_]
    """[time, time] whether the node of a line may look at that of a column: an ancestor, or itself"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedBatch:
    """Packed rows padded to one length. What pads a row looks at itself, and nothing looks at it."""

    symbols: Integers
    """[batch, time]"""
    depths: Integers
    """[batch, time]"""
    sees: NDArray[np.bool_]
    """[batch, time, time]"""
    nodes: Integers
    """[n] the wanted nodes in these rows that no batch before held"""
    cells: Integers
    """[n] where they stand, as indices into batch × time"""


def packed_batches(trie: Trie, wanted: Integers) -> Iterator[PackedBatch]:
    """Rows of like length that hold all wanted nodes and their ancestors.

    wanted:  [n] nodes, each once
    """
    rows = sorted(packed_rows(trie, wanted, ROW_NODES), key=lambda row: len(row.nodes))
    missing = np.zeros(len(trie.symbol), dtype=bool)
    missing[wanted] = True
    for start, stop in batch_bounds([len(row.nodes) for row in rows], max_rows=BATCH_NODES, max_cells=BATCH_NODES):
        batch, time = stop - start, len(rows[stop - 1].nodes)
        nodes, depths = np.zeros((batch, time), dtype=np.int64), np.zeros((batch, time), dtype=np.int64)
        sees = np.broadcast_to(np.eye(time, dtype=bool), (batch, time, time)).copy()
        found, cells = list[Integers](), list[Integers]()
        for line, row in enumerate(rows[start:stop]):
            length = len(row.nodes)
            nodes[line, :length], depths[line, :length], sees[line, :length, :length] = row
            new = np.flatnonzero(missing[row.nodes])
            found.append(row.nodes[new])
            cells.append(line * time + new)
            missing[row.nodes] = False
        yield PackedBatch(
            symbols=trie.symbol[nodes],
            depths=depths,
            sees=sees,
            nodes=np.concatenate(found),
            cells=np.concatenate(cells),
        )


def packed_rows(trie: Trie, wanted: Integers, size: int) -> Iterator[PackedRow]:
    """Rows of at most `size` nodes (more only where one prefix is longer) with all wanted nodes and their ancestors.

    wanted:  [n] nodes, each once
    """
    # A node's branches stand together, before those of the next node: by the first row that goes through each.
    order = wanted[np.lexsort((wanted, trie.first_row[wanted]))]
    chosen: set[int] = set()
    for node in order.tolist():
        branch = _branch(trie, node, chosen)
        if chosen and len(chosen) + len(branch) > size:
            yield _packed(trie, chosen)
            chosen = set()
            branch = _branch(trie, node, chosen)
        chosen.update(branch)
    if chosen:
        yield _packed(trie, chosen)


def _branch(trie: Trie, node: int, known: set[int]) -> list[int]:
    """A node and its ancestors up to the first that is known."""
    branch = []
    while node != NO_PARENT and node not in known:
        branch.append(node)
        node = int(trie.parent[node])
    return branch


def _packed(trie: Trie, chosen: set[int]) -> PackedRow:
    nodes = np.array(sorted(chosen))
    parents = np.searchsorted(nodes, trie.parent[nodes])
    sees = np.eye(len(nodes), dtype=bool)
    for line in np.flatnonzero(trie.parent[nodes] != NO_PARENT):  # a parent comes before its children
        sees[line] |= sees[parents[line]]
    return PackedRow(nodes, trie.depths(nodes), sees)
