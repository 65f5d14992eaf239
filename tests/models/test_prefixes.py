"""Prefixes read once against sentences read one by one, as the network does in training."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import language_model

from lrd_bench.models import packing, prefixes, recurrent
from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.prefixes import asked_states
from lrd_bench.models.recipes import FeedForwardSettings, RecurrentSettings, TransformerSettings
from lrd_bench.vocabulary import BOS_ID, EOS_ID, Vocabulary, build_vocabulary

VOCABULARY: Vocabulary = build_vocabulary([["the", "keys", "key", "to", "cabinet", "are", "is", "here"]])

SHAPES = {
    "elman": RecurrentSettings(cell="elman", hidden=5, embedding=4),
    "elman with relu": RecurrentSettings(cell="elman-relu", hidden=5),
    "gru": RecurrentSettings(cell="gru", hidden=5),
    "lstm": RecurrentSettings(cell="lstm", hidden=5),
    "deep lstm with ways round": RecurrentSettings(cell="lstm", hidden=5, layers=3, residual=True, tied=True),
    "lstm narrowed": RecurrentSettings(cell="lstm", hidden=6, embedding=3, tied=True),
    "minimal gru": RecurrentSettings(cell="min-gru", hidden=5, layers=2),
    "gru in a window": RecurrentSettings(cell="gru", hidden=5, context=3),
    "feed-forward": FeedForwardSettings(hidden=5, embedding=4, context=3),
    "transformer": TransformerSettings(hidden=8, heads=2, layers=2),
}

WORDS = st.lists(st.sampled_from(["the", "keys", "to", "are"]), max_size=7)  # few, so that many beginnings are shared
SENTENCES = st.lists(WORDS, min_size=1, max_size=12)


def alone(network: NeuralLanguageModel, words: list[str]) -> list[float]:
    """Of each word and the end, by the way that training reads a sentence."""
    ids = VOCABULARY.encode(words)
    with torch.inference_mode():
        states = network.output_states(torch.tensor([[BOS_ID, *ids]]), None)
        logprobs = network.output(states).log_softmax(dim=-1)
    return logprobs[torch.arange(len(ids) + 1), torch.tensor([*ids, EOS_ID])].tolist()


@pytest.fixture(params=SHAPES, scope="module")
def network(request: pytest.FixtureRequest) -> NeuralLanguageModel:
    return language_model(SHAPES[request.param], VOCABULARY).eval()


@settings(max_examples=25, deadline=None)
@given(SENTENCES)
def test_what_is_read_once_is_scored_as_each_sentence_alone(network: NeuralLanguageModel, sentences: list[list[str]]):
    together = network.logprobs(sentences, end=True)
    for words, scores in zip(sentences, together, strict=True):
        assert scores == pytest.approx(alone(network, words), abs=1e-5)


@pytest.mark.parametrize("cells", [1, 3])
def test_scores_do_not_depend_on_how_much_is_read_together(network: NeuralLanguageModel, monkeypatch, cells: int):
    sentences = [["the", "keys", "to", "the"], ["the", "keys", "are"], ["keys"], ["the", "key", "is", "here"]] * 2
    together = network.logprobs(sentences, end=True)
    monkeypatch.setattr(recurrent, "MAX_CELLS", cells)
    monkeypatch.setattr(packing, "ROW_NODES", cells)
    monkeypatch.setattr(prefixes, "MAX_ROWS", cells)
    for one, other in zip(network.logprobs(sentences, end=True), together, strict=True):
        assert one == pytest.approx(other, abs=1e-5)


def test_each_prefix_is_read_once_and_only_those_asked_about_are_given_out():
    rows = [(1, 5, 6), (1, 5, 7), (1, 5, 6, 8)]
    read = []

    def walk(trie, asked):
        read.append(len(trie.symbol))
        yield asked, torch.arange(len(asked), dtype=torch.float32).unsqueeze(1)

    found = list(asked_states(rows, np.array([0, 1, 2]), np.array([1, 2, 1]), walk, at_once=10))
    assert read == [5]  # 1, 15, 156, 157, 1568
    [(questions, lines, states)] = found
    assert sorted(zip(questions.tolist(), lines.tolist(), strict=True)) == [(0, 0), (1, 1), (2, 0)]
    assert len(states) == 2
