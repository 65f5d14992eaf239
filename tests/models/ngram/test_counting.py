"""The n-grams of a text, against counting them one by one."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrd_bench.models.ngram.counting import count_ngrams, find
from lrd_bench.vocabulary import BOS_ID, EOS_ID


def joined(sentences):
    return [word for sentence in sentences for word in (BOS_ID, *sentence, EOS_ID)]


def one_by_one(sentences, order):
    """Order → n-gram → how often it occurs, `<s>` in front of it or not."""
    found = defaultdict(Counter)
    for sentence in sentences:
        words = (BOS_ID, *sentence, EOS_ID)
        for n in range(1, order + 1):
            found[n].update(words[at : at + n] for at in range(len(words) - n + 1))
    return found


def spelt(levels):
    """For each order its n-grams, spelt out from parents and words."""
    grams = [(word,) for word in levels[0].words.tolist()]
    yield grams
    for level in levels[1:]:
        grams = [
            (*grams[parent], word) for parent, word in zip(level.parents.tolist(), level.words.tolist(), strict=True)
        ]
        yield grams


words = st.sampled_from([0, *range(3, 9)])


@settings(deadline=None, max_examples=60)  # the first example loads compiled code
@given(
    sentences=st.lists(st.lists(words, max_size=12), min_size=1, max_size=30),
    order=st.integers(1, 8),
    vocab=st.sampled_from([9, 2**17, 2**21]),
)
def test_the_ngrams_of_every_order_are_those_counted_one_by_one(sentences, order, vocab):
    levels = count_ngrams(np.array(joined(sentences), np.int32), vocab, order)
    expected = one_by_one(sentences, order)
    assert len(levels) == order
    before = None
    for n, (level, grams) in enumerate(zip(levels, spelt(levels), strict=True), start=1):
        counted = {gram: count for gram, count in zip(grams, level.counts.tolist(), strict=True) if count}
        assert counted == {gram: count for gram, count in expected[n].items() if gram != (BOS_ID,)}
        assert grams == sorted(grams)
        start, stop = level.initial
        assert {gram for gram in grams if gram[0] == BOS_ID} == set(grams[start:stop])
        if before is not None:
            assert [gram[1:] for gram in grams] == [before[suffix] for suffix in level.suffixes.tolist()]
            assert all(find(levels[:n], gram) == at for at, gram in enumerate(grams))
        before = grams


def test_what_never_occurs_is_not_found():
    levels = count_ngrams(np.array(joined([[3, 4, 5]]), np.int32), 9, 3)
    assert find(levels, (4, 3)) == find(levels, (3, 4, 4)) == find(levels, (8, 3)) == -1


@pytest.mark.parametrize("order", [2, 5])
def test_a_last_sentence_without_an_end_has_no_end(order):
    text = joined([[3, 4], [3, 5]])[:-1]
    levels = count_ngrams(np.array(text, np.int32), 9, order)
    assert find(levels, (4, EOS_ID)) >= 0
    assert find(levels, (5, EOS_ID)) == -1


def test_runs_of_one_ngram_that_are_long_are_sorted_too():
    rng = np.random.default_rng(0)
    sentences = [[3, 3, 3, 3, *rng.integers(3, 6, size=8).tolist()] for _ in range(400)]
    levels = count_ngrams(np.array(joined(sentences), np.int32), 2**20, 8)  # three words to a key
    grams = list(spelt(levels))[-1]
    assert grams == sorted(set(grams))
    assert dict(zip(grams, levels[-1].counts.tolist(), strict=True)) == one_by_one(sentences, 8)[8]
