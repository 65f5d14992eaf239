"""The n-grams of a text, against counting them one by one."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from counts_spelt import spelt
from hypothesis import given, settings
from hypothesis import strategies as st

from lrd_bench.models.ngram.counting import count_ngrams
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
        before = grams


@pytest.mark.parametrize("order", [2, 5])
def test_a_last_sentence_without_an_end_has_no_end(order):
    text = joined([[3, 4], [3, 5]])[:-1]
    levels = count_ngrams(np.array(text, np.int32), 9, order)
    bigrams = list(spelt(levels))[1]
    assert (4, EOS_ID) in bigrams
    assert (5, EOS_ID) not in bigrams


def test_long_runs_of_one_word_are_counted_too():
    rng = np.random.default_rng(0)
    sentences = [[3, 3, 3, 3, *rng.integers(3, 6, size=8).tolist()] for _ in range(400)]
    levels = count_ngrams(np.array(joined(sentences), np.int32), 2**20, 8)
    grams = list(spelt(levels))[-1]
    assert grams == sorted(set(grams))
    assert dict(zip(grams, levels[-1].counts.tolist(), strict=True)) == one_by_one(sentences, 8)[8]
