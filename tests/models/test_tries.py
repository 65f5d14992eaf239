"""Tries against what they stand for: every distinct prefix once, and rows that hold each with its ancestors."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lrd_bench.models.packing import packed_rows
from lrd_bench.models.tries import NO_PARENT, Trie, build_trie

ROWS = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=6), min_size=1, max_size=12).map(sorted)


def prefix(trie: Trie, node: int) -> tuple[int, ...]:
    symbols: list[int] = []
    while node != NO_PARENT:
        symbols.append(int(trie.symbol[node]))
        node = int(trie.parent[node])
    return tuple(reversed(symbols))


def test_sentences_that_begin_alike_share_their_beginning():
    trie = build_trie([[0, 1, 2], [0, 1, 3], [0, 4]])
    assert [prefix(trie, node) for node in range(5)] == [(0,), (0, 1), (0, 4), (0, 1, 2), (0, 1, 3)]
    assert [(level.start, level.stop) for level in trie.levels()] == [(0, 1), (1, 3), (3, 5)]
    assert trie.node[:, :2].tolist() == [[0, 1], [0, 1], [0, 2]]


@given(ROWS)
def test_every_distinct_prefix_is_one_node(rows: list[list[int]]):
    trie = build_trie(rows)
    prefixes = {tuple(row[: n + 1]) for row in rows for n in range(len(row))}
    found = [prefix(trie, node) for node in range(len(trie.symbol))]
    assert len(found) == len(prefixes)
    assert set(found) == prefixes
    assert [len(each) for each in found] == sorted(map(len, found))


@given(ROWS)
def test_each_position_of_a_row_finds_its_prefix(rows: list[list[int]]):
    trie = build_trie(rows)
    for number, row in enumerate(rows):
        assert [prefix(trie, trie.node[number, n]) for n in range(len(row))] == [
            tuple(row[: n + 1]) for n in range(len(row))
        ]


@given(ROWS)
def test_levels_are_the_prefixes_of_each_length(rows: list[list[int]]):
    trie = build_trie(rows)
    for length, level in enumerate(trie.levels(), start=1):
        assert {len(prefix(trie, node)) for node in range(level.start, level.stop)} == {length}


def test_the_last_symbols_of_a_prefix_are_those_of_its_window():
    trie = build_trie([[5, 6, 7, 8], [5, 6, 9]])
    nodes = trie.node[[0, 1], [3, 2]]
    assert trie.last_symbols(nodes, 3).tolist() == [[6, 7, 8], [5, 6, 9]]


@given(ROWS, st.integers(1, 8), st.data())
def test_a_packed_row_sees_of_each_prefix_just_its_own_words(rows: list[list[int]], size: int, data: st.DataObject):
    trie = build_trie(rows)
    everything = list(range(len(trie.symbol)))
    wanted = np.array(sorted(data.draw(st.sets(st.sampled_from(everything), min_size=1))))
    found = set()
    for row in packed_rows(trie, wanted, size):
        longest = max(len(prefix(trie, node)) for node in row.nodes)
        assert len(row.nodes) <= max(size, longest)
        for line, node in enumerate(row.nodes):
            own = prefix(trie, node)
            seen = [prefix(trie, other) for other in row.nodes[row.sees[line]]]
            assert seen == [own[: n + 1] for n in range(len(own))]
            assert row.depths[line] == len(own) - 1
            found.add(int(node))
    assert set(wanted.tolist()) <= found


def test_a_suite_that_fits_a_row_is_one_row():
    trie = build_trie([[0, 1, 2], [0, 1, 3], [0, 4, 2]])
    rows = list(packed_rows(trie, np.arange(len(trie.symbol)), 6))
    assert [len(row.nodes) for row in rows] == [6]
