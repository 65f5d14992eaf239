"""Labels, from the states that the equations give and a linear layer, in NumPy and float64."""

import numpy as np
import pytest
import torch
from equations import STEPS, Array, Weights, linear, log_softmax, read, weights_of
from networks import make_network

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.labeller import Labeller
from lrd_bench.models.recipes import (
    BidirectionalSettings,
    FeedForwardSettings,
    RecurrentSettings,
    TransformerSettings,
)
from lrd_bench.vocabulary import BOS_ID, build_vocabulary

SENTENCES = [["the", "keys", "to", "the", "old", "cabinet", "are", "lost"], ["the", "key", "is", "here"], ["keys"]]
VOCABULARY = build_vocabulary(SENTENCES)
LABELS = ("singular", "plural", "neither")
HIDDEN = 8
SETTINGS = {
    "gru": RecurrentSettings(cell="gru", hidden=HIDDEN, layers=2, dropout=0.5),
    "minimal gru": RecurrentSettings(cell="min-gru", hidden=HIDDEN, layers=2, residual=True, dropout=0.5),
    "lstm in a window": RecurrentSettings(cell="lstm", hidden=HIDDEN, context=3, dropout=0.5),
    "bidirectional": BidirectionalSettings(cell="lstm", hidden=HIDDEN, layers=2, dropout=0.5),
    "transformer": TransformerSettings(hidden=HIDDEN, heads=2, dropout=0.5),
    "feedforward": FeedForwardSettings(context=3, embedding=5, hidden=HIDDEN, dropout=0.5),
}


def labeller(settings: object, task: str, scale: float = 2) -> Labeller:
    """As decided as a trained network. `elman-relu` has no bounds, and would burst."""
    network = make_network(settings, VOCABULARY, task=task, labels=LABELS)
    assert isinstance(network, Labeller)
    with torch.no_grad():
        for weights in network.parameters():
            weights *= scale
    return network


@pytest.fixture(params=SETTINGS)
def classifier(request: pytest.FixtureRequest) -> Labeller:
    return labeller(SETTINGS[request.param], "classification")


@pytest.fixture(params=SETTINGS)
def tagger(request: pytest.FixtureRequest) -> Labeller:
    return labeller(SETTINGS[request.param], "tagging")


def answers(states: Array, weights: Weights) -> Array:
    return np.stack([log_softmax(linear(state, weights, "output")) for state in states])


@pytest.mark.parametrize("cell", STEPS)
def test_a_sentence_s_label_is_read_off_the_state_after_its_last_word(cell: str) -> None:
    network = labeller(RecurrentSettings(cell=cell, hidden=HIDDEN, layers=2), "classification", scale=1)
    weights = weights_of(network)
    ids = [[BOS_ID, *VOCABULARY.encode(sentence)] for sentence in SENTENCES]
    states = np.stack([read(cell, weights, row, hidden=HIDDEN)[-1][-1] for row in ids])
    assert network.scores(SENTENCES) == pytest.approx(answers(states, weights), abs=1e-5)


def test_a_sentence_s_label_is_read_off_both_ends_by_two_networks() -> None:
    network = labeller(SETTINGS["bidirectional"], "classification")
    weights = weights_of(network)
    states = []
    for sentence in SENTENCES:
        ids = [BOS_ID, *VOCABULARY.encode(sentence)]
        right = read("lstm", weights, ids, hidden=HIDDEN, network="encoder.rightwards")[-1][-1]
        left = read("lstm", weights, ids[::-1], hidden=HIDDEN, network="encoder.leftwards")[-1][-1]
        states.append(np.concatenate((right, left)))
    assert network.scores(SENTENCES) == pytest.approx(answers(np.stack(states), weights), abs=1e-5)


@pytest.mark.parametrize("cell", STEPS)
def test_a_word_s_label_is_read_off_the_state_after_it(cell: str) -> None:
    network = labeller(RecurrentSettings(cell=cell, hidden=HIDDEN, layers=2), "tagging", scale=1)
    weights = weights_of(network)
    for sentence, scores in zip(SENTENCES, network.word_scores(SENTENCES), strict=True):
        states = read(cell, weights, [BOS_ID, *VOCABULARY.encode(sentence)], hidden=HIDDEN)[-1]
        assert scores == pytest.approx(answers(states[1:], weights), abs=1e-5)


def test_a_word_s_label_is_read_off_what_both_networks_know_of_it() -> None:
    network = labeller(SETTINGS["bidirectional"], "tagging")
    weights = weights_of(network)
    for sentence, scores in zip(SENTENCES, network.word_scores(SENTENCES), strict=True):
        ids = [BOS_ID, *VOCABULARY.encode(sentence)]
        right = read("lstm", weights, ids, hidden=HIDDEN, network="encoder.rightwards")[-1]
        left = read("lstm", weights, ids[::-1], hidden=HIDDEN, network="encoder.leftwards")[-1][::-1]
        assert scores == pytest.approx(answers(np.concatenate((right, left), axis=1)[1:], weights), abs=1e-5)


def test_the_probabilities_of_a_sentence_s_labels_sum_to_one(classifier: Labeller) -> None:
    scores = classifier.scores(SENTENCES)
    assert scores.shape == (3, 3)
    assert np.exp(scores).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_probabilities_of_a_word_s_labels_sum_to_one(tagger: Labeller) -> None:
    for sentence, scores in zip(SENTENCES, tagger.word_scores(SENTENCES), strict=True):
        assert scores.shape == (len(sentence), 3)
        assert np.exp(scores).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_a_batch_never_changes_a_sentence_s_scores(classifier: Labeller) -> None:
    sentences = [*SENTENCES, *(SENTENCES[0][:length] for length in range(1, 8)), SENTENCES[0] * 20]
    together = classifier.scores(sentences)
    for sentence, scores in zip(sentences, together, strict=True):
        assert scores == pytest.approx(classifier.scores([sentence])[0], abs=1e-5)
    assert classifier.scores(sentences[::-1])[::-1] == pytest.approx(together, abs=1e-5)


def test_a_batch_never_changes_a_word_s_scores(tagger: Labeller) -> None:
    sentences = [*SENTENCES, *(SENTENCES[0][:length] for length in range(1, 8)), SENTENCES[0] * 20]
    for sentence, scores in zip(sentences, tagger.word_scores(sentences), strict=True):
        assert scores == pytest.approx(tagger.word_scores([sentence])[0], abs=1e-5)


def test_a_word_s_tag_is_its_likeliest_label(tagger: Labeller) -> None:
    sentences = [*SENTENCES, []]
    tags = tagger.tags(sentences)
    assert [len(row) for row in tags] == [8, 4, 1, 0]
    assert {tag for row in tags for tag in row} <= {*LABELS}
    for row, scores in zip(tags, tagger.word_scores(sentences), strict=True):
        for tag, of_word in zip(row, scores, strict=True):
            assert dict(zip(LABELS, of_word, strict=True))[tag] == max(of_word)


def test_tags_follow_the_bias_of_the_output_layer(tagger: Labeller) -> None:
    with torch.no_grad():
        tagger.output.weight.zero_()
        tagger.output.bias.copy_(torch.tensor([-1.0, 3.0, 1.0]))
    assert tagger.tags([["the", "keys"]]) == [["plural", "plural"]]


def test_a_model_that_labels_sentences_has_no_tags(classifier: Labeller) -> None:
    for asked in (classifier.tags, classifier.word_scores):
        with pytest.raises(LrdBenchError, match=r"the model labels sentences\. Ask for their `scores`"):
            asked(SENTENCES)


def test_a_tagger_s_scores_of_a_sentence_are_those_of_its_last_word(tagger: Labeller) -> None:
    expected = np.stack([scores[-1] for scores in tagger.word_scores(SENTENCES)])
    assert tagger.scores(SENTENCES) == pytest.approx(expected, abs=1e-5)


def test_a_string_is_no_sentence(tagger: Labeller) -> None:
    for scores in (tagger.scores, tagger.word_scores):
        with pytest.raises(TypeError, match=r"'the keys' is a string\. Split it"):
            scores(["the keys"])


def test_no_sentences_have_no_scores(tagger: Labeller) -> None:
    assert tagger.scores([]).shape == (0, 3)
    assert tagger.word_scores([]) == []
    assert [scores.shape for scores in tagger.word_scores([[], ["keys"]])] == [(0, 3), (1, 3)]


def test_dropout_never_touches_a_score(classifier: Labeller) -> None:
    before = classifier.scores(SENTENCES)
    classifier.train()
    assert np.array_equal(classifier.scores(SENTENCES), before)
