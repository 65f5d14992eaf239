"""Models that see nothing: uniform and unigram."""

import math

import numpy as np
import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel
from lrd_bench.models.controls import UniformModel, UnigramModel
from lrd_bench.vocabulary import BOS_ID, build_vocabulary

TEXT = [["the", "keys", "are", "old"], ["the", "key", "is", "old"]]
RARE_ARE_UNKNOWN = build_vocabulary(TEXT, min_count=2)  # the, old
ALL_KNOWN = build_vocabulary(TEXT)
MODELS = [UniformModel(RARE_ARE_UNKNOWN), UnigramModel.estimate(TEXT, RARE_ARE_UNKNOWN)]
each_control = pytest.mark.parametrize("model", MODELS, ids=["uniform", "unigram"])


def test_uniform_gives_every_word_but_the_opening_symbol_the_same():
    scores = UniformModel(RARE_ARE_UNKNOWN).logprobs([["the", "vault"]], end=True)
    assert scores == [pytest.approx([-math.log(4)] * 3)]  # <unk> </s> the old


def test_unigram_gives_relative_frequencies():
    # 2 the, 2 old, 4 rare words and 2 ends make ten.
    scores = UnigramModel.estimate(TEXT, RARE_ARE_UNKNOWN).logprobs([["the", "vault", "keys"]], end=True)
    assert np.exp(scores[0]) == pytest.approx([0.2, 0.4, 0.4, 0.2])


def test_unigram_counts_what_never_occurs_as_if_it_had_occurred_once():
    scores = UnigramModel.estimate(TEXT, ALL_KNOWN).logprobs([["vault", "keys", "the"]], end=True)
    assert np.exp(scores[0]) == pytest.approx([1 / 11, 1 / 11, 2 / 11, 2 / 11])


def test_unigram_frequencies_come_from_the_text_and_not_from_the_vocabulary():
    other_text = [["old", "old", "old"]]
    scores = UnigramModel.estimate(other_text, RARE_ARE_UNKNOWN).logprobs([["old", "the"]])
    assert np.exp(scores[0]) == pytest.approx([3 / 6, 1 / 6])  # 3 old, 1 end; <unk> and the count once each


def test_unigram_needs_a_text():
    with pytest.raises(LrdBenchError, match="no sentences"):
        UnigramModel.estimate([], ALL_KNOWN)


@each_control
def test_controls_are_language_models_that_see_no_word(model):
    assert isinstance(model, LanguageModel)
    assert model.context == 0


@each_control
def test_controls_know_one_distribution_that_sums_to_one(model):
    distribution = model.next_word([[], ["the"], ["the", "vault"]])
    assert distribution.shape == (3, len(model.vocabulary))
    assert np.exp(distribution).sum(axis=1) == pytest.approx(np.ones(3))
    assert np.all(distribution == distribution[0])
    assert np.all(distribution[:, BOS_ID] == -np.inf)
    assert [row[model.vocabulary.encode(["old"])[0]] for row in distribution] == model.logprobs([["old"]])[0] * 3


@each_control
def test_controls_give_the_wanted_positions_and_the_end(model):
    (the, vault, old, end) = model.logprobs([["the", "vault", "old"]], end=True)[0]
    assert model.logprobs([["the", "vault", "old"], ["old"], []], [[1, 2], [], []], end=True) == [
        [vault, old, end],
        [end],
        [end],
    ]
    assert model.logprobs([["the", "vault", "old"]], [[0]]) == [[the]]


@each_control
def test_controls_are_the_same_after_storing_their_arrays(model):
    again = type(model).from_arrays(model.arrays(), model.vocabulary)
    assert again.logprobs(TEXT, end=True) == model.logprobs(TEXT, end=True)
