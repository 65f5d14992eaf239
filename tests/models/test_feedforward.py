"""The network of Bengio et al. (2003) against its equations, one window at a time, in NumPy and float64."""

import numpy as np
import pytest
import torch
from networks import language_model

from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.recipes import FeedForwardSettings
from lrd_bench.vocabulary import BOS_ID, EOS_ID, build_vocabulary

SENTENCES = [["the", "keys", "to", "the", "old", "cabinet", "are", "lost"], ["the", "key", "is", "here"], ["keys"]]
VOCABULARY = build_vocabulary(SENTENCES)


@pytest.fixture(params=[1, 3])
def model(request: pytest.FixtureRequest) -> NeuralLanguageModel:
    settings = FeedForwardSettings(context=request.param, embedding=5, hidden=9, dropout=0.5)
    return language_model(settings, VOCABULARY)


def test_scores_are_what_the_equations_give(model: NeuralLanguageModel) -> None:
    weights = {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}
    for sentence, row in zip(SENTENCES, model.logprobs(SENTENCES, end=True), strict=True):
        padded = [BOS_ID] * model.context + VOCABULARY.encode(sentence) + [EOS_ID]
        by_hand = []
        for position in range(model.context, len(padded)):
            window = padded[position - model.context : position]
            x = np.concatenate([weights["encoder.embedding.weight"][word] for word in window])
            state = np.tanh(weights["encoder.layer.weight"] @ x + weights["encoder.layer.bias"])
            scores = weights["output.weight"] @ state + weights["output.bias"]
            scores[BOS_ID] = -np.inf
            by_hand.append(scores[padded[position]] - np.logaddexp.reduce(scores))
        assert row == pytest.approx(by_hand, abs=1e-5)


def test_equal_windows_get_equal_scores_to_the_last_bit(model: NeuralLanguageModel) -> None:
    ending = ["cabinet", "to", "the", "are", "lost"]
    sentences = [["keys", *["old"] * number, *ending] for number in range(40)]
    assert len({row[-1] for row in model.logprobs(sentences)}) == 1


def test_training_sees_the_windows_that_scoring_sees(model: NeuralLanguageModel) -> None:
    ids = [VOCABULARY.encode(sentence) for sentence in SENTENCES[:2]]
    inputs = torch.full((2, 9), EOS_ID)
    for line, words in enumerate(ids):
        inputs[line, : len(words) + 1] = torch.tensor([BOS_ID, *words])
    logprobs = model.eval().output(model.output_states(inputs, None)).log_softmax(-1).reshape(2, 9, -1)
    for line, (words, row) in enumerate(zip(ids, model.logprobs(SENTENCES[:2]), strict=True)):
        assert logprobs[line, torch.arange(len(words)), words].tolist() == pytest.approx(row, abs=1e-5)


def test_dropout_never_touches_a_score(model: NeuralLanguageModel) -> None:
    before = model.logprobs(SENTENCES)
    model.train()
    assert model.logprobs(SENTENCES) == before
