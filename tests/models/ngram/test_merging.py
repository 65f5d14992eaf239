"""Counting in parts, against counting the whole text at once."""

import tracemalloc
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pytest
from counts_spelt import occurrences
from hypothesis import given, settings
from hypothesis import strategies as st

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram import merging
from lrd_bench.models.ngram.counting import count_ngrams
from lrd_bench.models.ngram.merging import count_in_parts, in_parts, positions_within
from lrd_bench.vocabulary import BOS_ID, EOS_ID


def joined(sentences):
    return np.array([word for sentence in sentences for word in (BOS_ID, *sentence, EOS_ID)], np.int32)


def assert_same(levels, expected):
    assert len(levels) == len(expected)
    for level, other in zip(levels, expected, strict=True):
        for array in ("words", "parents", "suffixes", "counts"):
            assert getattr(level, array).dtype == np.int32
            assert getattr(level, array).tolist() == getattr(other, array).tolist()
        assert level.initial == other.initial


def by_first_appearance(sentences):
    ids = {}
    return [[ids.setdefault(word, len(ids) + 3) for word in sentence] for sentence in sentences]


texts = st.lists(st.lists(st.integers(3, 9), max_size=8), min_size=1, max_size=12).map(by_first_appearance)


@settings(deadline=None, max_examples=150)  # the first example loads compiled code
@given(
    sentences=texts,
    cuts=st.sets(st.integers(1, 11)),
    order=st.integers(1, 8),
    rows=st.sampled_from([2, 7, 50]),
    vocab=st.sampled_from([12, 60, None]),
    ends=st.booleans(),
)
def test_counts_of_parts_are_those_of_the_whole_text(sentences, cuts, order, rows, vocab, ends):
    cuts = [0, *sorted(cut for cut in cuts if cut < len(sentences)), len(sentences)]
    parts = [joined(sentences[start:stop]) for start, stop in pairwise(cuts)]
    if not ends:
        parts[-1] = parts[-1][:-1]
    known = 3

    def grow():
        nonlocal known
        for part in parts:
            known = max(known, int(part.max()) + 1)
            yield part

    with TemporaryDirectory() as folder, patch.object(merging, "ROWS", rows):
        levels = count_in_parts(grow(), lambda: vocab or known, order, Path(folder))
        assert_same(levels, count_ngrams(np.concatenate(parts), vocab or known, order))


def test_as_many_parts_as_sentences_of_real_length_give_the_same_counts(tmp_path):
    rng = np.random.default_rng(0)
    words = np.minimum(rng.zipf(1.3, size=(150, 40)) + 2, 999)
    parts = [joined([sentence]) for sentence in words]
    assert_same(count_in_parts(parts, lambda: 1000, 5, tmp_path), count_ngrams(np.concatenate(parts), 1000, 5))


def test_merged_counts_are_sums(tmp_path):
    levels = count_in_parts([joined([[3, 4]]), joined([[4, 5], [3, 4]])], lambda: 6, 3, tmp_path)
    counted = occurrences(levels)
    assert counted[BOS_ID, 3, 4] == 2
    assert counted[4, 5] == 1
    assert (5, 4) not in counted


def test_a_single_part_touches_no_disk(tmp_path):
    text = joined([[3, 4, 5], [4, 3]])
    assert_same(count_in_parts([text], lambda: 6, 3, tmp_path / "missing"), count_ngrams(text, 6, 3))


def test_no_part_at_all_is_a_text_without_words(tmp_path):
    levels = count_in_parts([], lambda: 3, 2, tmp_path)
    assert [level.counts.tolist() for level in levels] == [[0, 0, 0], []]


def test_only_the_files_of_the_result_are_left(tmp_path):
    count_in_parts([joined([[word]]) for word in (3, 4, 5, 3, 4)], lambda: 6, 2, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2 * 4  # orders and arrays


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    parts = [joined([[3]]), joined([[4]])]
    with pytest.raises(LrdBenchError, match="missing: the counts of the text cannot be kept there"):
        count_in_parts(parts, lambda: 5, 2, tmp_path / "missing")


@pytest.mark.parametrize("further", [-1, 0])
def test_more_occurrences_than_32_bits_hold_are_refused(tmp_path, further):
    times = iter([2**30, 2**30 + further])

    def often(text, vocab, order):
        number = next(times)
        return [replace(level, counts=level.counts * np.int32(number)) for level in count_ngrams(text, vocab, order)]

    with patch.object(merging, "count_ngrams", often):
        parts = [joined([[3]]), joined([[3]])]
        if further < 0:
            assert count_in_parts(parts, lambda: 4, 2, tmp_path)[1].counts.tolist() == [2**31 - 1] * 2
        else:
            with pytest.raises(LrdBenchError, match="2147483647"):
                count_in_parts(parts, lambda: 4, 2, tmp_path)


# -- parts -------------------------------------------------------------------------------------------------------------


@given(texts=st.lists(texts, max_size=4), positions=st.integers(1, 60), ends=st.booleans())
def test_parts_hold_as_many_whole_sentences_as_fit(texts, positions, ends):
    sentences = [joined([sentence]) for text in texts for sentence in text]
    chunks = [joined(text) for text in texts]
    if sentences and not ends:
        sentences[-1], chunks[-1] = sentences[-1][:-1], chunks[-1][:-1]
    expected = []
    for sentence in sentences:
        if expected and len(expected[-1]) + len(sentence) <= positions:
            expected[-1] = [*expected[-1], *sentence.tolist()]
        else:
            expected.append(sentence.tolist())
    assert [part.tolist() for part in in_parts(chunks, positions)] == expected


def test_chunks_without_words_make_no_parts():
    nothing = np.empty(0, np.int32)
    assert list(in_parts([nothing, nothing], 10)) == []
    assert [part.tolist() for part in in_parts([nothing, joined([[3]]), nothing], 10)] == [[BOS_ID, 3, EOS_ID]]


def test_a_text_that_fits_is_not_copied():
    text = joined([[3, 4], [5]])
    (part,) = in_parts([text], 7)
    assert np.shares_memory(part, text)


# -- memory ------------------------------------------------------------------------------------------------------------


def peak_bytes(task):
    """The most that numpy's arrays, and all else but files, take while a task runs, beyond what there is already."""
    peaks = []
    for _ in range(2):  # twice, for now and then the interpreter makes room for a few megabytes of names of files
        tracemalloc.start()
        try:
            task()
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    return min(peaks)


@pytest.mark.parametrize("order", [2, 3, 5, 8])
def test_counting_keeps_to_its_memory_where_no_ngram_occurs_twice(order):
    memory, vocab = 8_000_000, 4000
    text = joined([np.random.default_rng(order).integers(3, vocab, size=positions_within(memory, order) - 2)])
    assert 0.8 * memory < peak_bytes(lambda: count_ngrams(text.copy(), vocab, order)) < memory + 120 * vocab


def test_memory_of_nothing_still_counts_a_position():
    assert positions_within(0, 5) == 1


def test_memory_grows_with_the_ngrams_and_not_with_the_text():
    rng = np.random.default_rng(0)
    text = joined(rng.integers(3, 3000, size=(500, 20)))  # some 40,000 distinct n-grams
    parts = positions_within(500_000, 5)

    def count(times):
        with TemporaryDirectory() as folder:
            chunks = (text.copy() for _ in range(times))
            levels = count_in_parts(in_parts(chunks, parts), lambda: 3000, 5, Path(folder))
            assert levels[-1].counts.sum() == times * 500 * (22 - 4)

    with patch.object(merging, "ROWS", 1000):
        count(1)  # what is loaded once
        short, long = (peak_bytes(lambda times=times: count(times)) for times in (3, 30))
    assert long < 1.5 * short  # the text itself would add 2.4 MB
    assert long < peak_bytes(lambda: count_ngrams(np.tile(text, 30), 3000, 5)) / 8
