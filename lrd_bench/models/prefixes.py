"""What a network has made of the prefixes that are asked about, each read once, however many sentences share it."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from lrd_bench.models.tries import MAX_CELLS, MAX_ROWS, Integers, Trie, build_trie

Walk = Callable[[Trie, Integers], Iterator[tuple[Integers, Tensor]]]
"""Reads a trie; yields the states after the prefixes asked for, each of them once, some at a time.

trie:     of rows of symbols
asked:    [n]  nodes in increasing order
yields:   which nodes, [m]; their states, [m, size]
"""


def asked_states(
    rows: Sequence[tuple[int, ...]], row: Integers, position: Integers, walk: Walk, *, at_once: int | None
) -> Iterator[tuple[Integers, Integers, Tensor]]:
    """The states that questions are answered from.

    rows:      of symbols, none of them empty
    row:       [questions]  which row each question is about
    position:  [questions]  the symbol after which it is asked
    at_once:   how many states are yielded; None: as many as the walk has each time
    yields:    which questions, [n]; for each the line of the tensor that answers it, [n]; states, [lines, size]
    """
    in_order = sorted(range(len(rows)), key=lambda number: rows[number])  # rows that begin alike stand together
    rank = np.empty(len(rows), dtype=np.int64)
    rank[in_order] = np.arange(len(rows))
    by_rank = np.argsort(rank[row], kind="stable")
    ranks = rank[row][by_rank]
    for start, stop in _blocks([len(rows[number]) for number in in_order]):
        first, last = np.searchsorted(ranks, (start, stop))
        trie = build_trie([rows[number] for number in in_order[start:stop]])
        questions = by_rank[first:last]
        nodes = trie.node[ranks[first:last] - start, position[questions]]
        order = np.argsort(nodes, kind="stable")
        asked, begins, counts = np.unique(nodes[order], return_index=True, return_counts=True)
        parts = walk(trie, asked)
        for some, states in parts if at_once is None else _bundles(parts, at_once):
            place = np.searchsorted(asked, some)
            many = counts[place]
            lines = np.repeat(np.arange(len(some)), many)
            nth = np.arange(len(lines)) - np.repeat(many.cumsum() - many, many)  # of the questions about a node
            yield questions[order[begins[place][lines] + nth]], lines, states


def _blocks(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Cut rows into stretches of which a trie is made: yields (start, stop)."""
    start, longest = 0, 0
    for stop, length in enumerate(lengths):
        longest = max(longest, length)
        if stop > start and (stop - start == MAX_ROWS or (stop - start + 1) * longest > MAX_CELLS):
            yield start, stop
            start, longest = stop, length
    if lengths:
        yield start, len(lengths)


def _bundles(parts: Iterator[tuple[Integers, Tensor]], size: int) -> Iterator[tuple[Integers, Tensor]]:
    """The same in parts of `size`, but for the last: what few states go through a large matrix goes through slowly."""
    held: list[tuple[Integers, Tensor]] = []
    number = 0
    for part in parts:
        held.append(part)
        number += len(part[0])
        if number >= size:
            nodes, states = _joined(held)
            whole = number - number % size
            for start in range(0, whole, size):
                yield nodes[start : start + size], states[start : start + size]
            held, number = [(nodes[whole:], states[whole:])], number - whole
    if number:
        yield _joined(held)


def _joined(parts: Sequence[tuple[Integers, Tensor]]) -> tuple[Integers, Tensor]:
    return np.concatenate([nodes for nodes, _ in parts]), torch.cat([states for _, states in parts])
