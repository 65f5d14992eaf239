"""A word's probability given all others of its sentence."""

import math

import numpy as np
import pytest
import torch
from equations import read, weights_of, word_logprobs
from networks import make_network

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.blank import BlankModel
from lrd_bench.models.recipes import BidirectionalSettings
from lrd_bench.vocabulary import BOS, BOS_ID, EOS_ID, build_vocabulary

SENTENCES = [["the", "keys", "to", "the", "old", "cabinet", "are", "lost"], ["the", "key", "is", "here"], ["keys"]]
VOCABULARY = build_vocabulary(SENTENCES)
CANDIDATES = [word for word in VOCABULARY.words if word != BOS]
HIDDEN = 8


def network(cell: str = "lstm", layers: int = 1) -> BlankModel:
    settings = BidirectionalSettings(cell=cell, hidden=HIDDEN, embedding=5, layers=layers, dropout=0.5)
    model = make_network(settings, VOCABULARY)
    assert isinstance(model, BlankModel)
    with torch.no_grad():
        for weights in model.parameters():  # as decided as a trained network
            weights *= 2
    return model


def with_word(sentence: list[str], place: int, word: str) -> list[str]:
    return [*sentence[:place], word, *sentence[place + 1 :]]


@pytest.mark.parametrize("layers", [1, 2])
def test_scores_are_those_of_an_lstm_up_to_the_blank_and_one_down_to_it(layers: int) -> None:
    model = network(layers=layers)
    weights = weights_of(model)
    for sentence, row in zip(SENTENCES, model.logprobs(SENTENCES), strict=True):
        text = [BOS_ID, *VOCABULARY.encode(sentence), EOS_ID]
        expected = []
        for place in range(1, len(text) - 1):
            before = read("lstm", weights, text[:place], hidden=HIDDEN, network="encoder.rightwards")[-1][-1]
            after = read("lstm", weights, text[:place:-1], hidden=HIDDEN, network="encoder.leftwards")[-1][-1]
            expected.append(word_logprobs(np.concatenate((before, after)), weights)[text[place]])
        assert row == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("sentence", SENTENCES, ids=" ".join)
def test_the_probabilities_of_all_that_may_fill_a_blank_sum_to_one(sentence: list[str]) -> None:
    model = network()
    for place in range(len(sentence)):
        filled = [with_word(sentence, place, word) for word in CANDIDATES]
        scores = model.logprobs(filled, [[place]] * len(filled))
        assert math.fsum(math.exp(score) for [score] in scores) == pytest.approx(1, abs=1e-5)


def test_the_word_at_the_blank_never_changes_a_probability() -> None:
    model = network(layers=2).eval()
    ids = [BOS_ID, *VOCABULARY.encode(SENTENCES[0]), EOS_ID]
    for place in range(1, len(ids) - 1):
        inputs = torch.tensor([ids] * len(VOCABULARY))
        inputs[:, place] = torch.arange(len(VOCABULARY))  # each word once
        cells = torch.arange(len(inputs)) * len(ids) + place
        states = model.output_states(inputs, cells, torch.full((len(inputs),), len(ids)))
        logprobs = model.output(states).log_softmax(dim=-1)
        assert logprobs[:, BOS_ID].tolist() == [-math.inf] * len(inputs)
        assert torch.allclose(logprobs, logprobs[:1].expand_as(logprobs), atol=1e-6)


@pytest.mark.parametrize("changed", [0, 1, 2, 4, 5, 6, 7])
def test_every_other_word_changes_it_on_the_left_and_on_the_right(changed: int) -> None:
    sentence = SENTENCES[0]
    [[one], [other]] = network().logprobs([sentence, with_word(sentence, changed, "here")], [[3], [3]])
    assert abs(one - other) > 1e-4


def test_a_batch_never_changes_a_score() -> None:
    model = network(layers=2)
    sentences = [*SENTENCES, *(SENTENCES[0][:length] for length in range(1, 8)), SENTENCES[0] * 20]
    for sentence, scores in zip(sentences, model.logprobs(sentences), strict=True):
        assert scores == pytest.approx(model.logprobs([sentence])[0], abs=1e-5)


def test_wanted_positions_get_the_scores_they_have_among_all() -> None:
    model = network()
    everything = model.logprobs(SENTENCES)
    wanted = [[2, 5, 7], [], [0]]
    for positions, some, scores in zip(wanted, model.logprobs(SENTENCES, wanted), everything, strict=True):
        assert some == pytest.approx([scores[position] for position in positions], abs=1e-5)


def test_nothing_asked_is_nothing_answered() -> None:
    model = network()
    assert model.logprobs([]) == []
    assert model.logprobs([[], ["the"]], [[], []]) == [[], []]
    assert model.logprobs([[]]) == [[]]


def test_the_end_of_a_sentence_has_no_probability() -> None:
    with pytest.raises(LrdBenchError, match="gives the end of a sentence no probability"):
        network().logprobs(SENTENCES, end=True)


def test_a_string_is_no_sentence() -> None:
    with pytest.raises(TypeError, match=r"'the keys' is a string\. Split it"):
        network().logprobs(["the keys"])


def test_it_says_that_it_sees_what_comes_after() -> None:
    model = network()
    assert model.bidirectional
    assert model.method == "blank"
    assert model.context is None


def test_dropout_never_touches_a_score() -> None:
    model = network()
    before = model.logprobs(SENTENCES)
    model.train()
    assert model.logprobs(SENTENCES) == before
