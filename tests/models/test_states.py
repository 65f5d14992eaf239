"""Hidden states, as a notebook looks at them: of every network, what its scores are made from."""

import numpy as np
import pytest
import torch
from networks import make_network
from numpy.typing import NDArray

from lrd_bench.models.blank import BlankModel
from lrd_bench.models.labeller import Labeller
from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.recipes import (
    BidirectionalSettings,
    FeedForwardSettings,
    RecurrentSettings,
    TransformerSettings,
)
from lrd_bench.vocabulary import BOS_ID, EOS_ID, build_vocabulary

SENTENCES = [
    sentence.split()
    for sentence in (
        "the keys near the old boxes are here",
        "the key is lost",
        "keys",
        "",
        "the wombat near the box is lost",
    )
]
VOCABULARY = build_vocabulary([[word for word in sentence if word != "wombat"] for sentence in SENTENCES])
TOLERANCE = 1e-5

READ_FROM_THE_LEFT = {
    "elman": RecurrentSettings(cell="elman", hidden=12),
    "gru, tied": RecurrentSettings(cell="gru", hidden=12, tied=True),
    "lstm, three layers": RecurrentSettings(cell="lstm", hidden=12, layers=3),
    "lstm, three layers, residual": RecurrentSettings(cell="lstm", hidden=12, layers=3, residual=True),
    "lstm, two layers, in a window": RecurrentSettings(cell="lstm", hidden=12, layers=2, context=3),
    "minimal gru, two layers": RecurrentSettings(cell="min-gru", hidden=12, layers=2),
    "transformer": TransformerSettings(hidden=12, layers=3, heads=3),
    "feedforward": FeedForwardSettings(context=3, embedding=8, hidden=12),
}
READ_FROM_BOTH_ENDS = {
    "one layer": BidirectionalSettings(hidden=6),
    "two layers": BidirectionalSettings(hidden=6, layers=2),
}
LAYERS = {name: getattr(settings, "layers", 1) for name, settings in (READ_FROM_THE_LEFT | READ_FROM_BOTH_ENDS).items()}


def language_model(name: str) -> NeuralLanguageModel:
    network = make_network(READ_FROM_THE_LEFT[name], VOCABULARY)
    assert isinstance(network, NeuralLanguageModel)
    return network


def blank_model(name: str) -> BlankModel:
    network = make_network(READ_FROM_BOTH_ENDS[name], VOCABULARY)
    assert isinstance(network, BlankModel)
    return network


def labeller(settings: object, task: str) -> Labeller:
    network = make_network(settings, VOCABULARY, task=task, labels=("singular", "plural", "neither"))
    assert isinstance(network, Labeller)
    return network


def scored(network: NeuralLanguageModel | BlankModel | Labeller, states: NDArray[np.float32]) -> NDArray[np.float32]:
    """The log-probabilities that the output layer gives after some states: [states, outcomes]."""
    with torch.inference_mode():
        return network.output(torch.from_numpy(states)).log_softmax(dim=-1).numpy()


NETWORKS = {
    **{name: lambda name=name: language_model(name) for name in READ_FROM_THE_LEFT},
    **{f"blanks, {name}": lambda name=name: blank_model(name) for name in READ_FROM_BOTH_ENDS},
    "labels": lambda: labeller(RecurrentSettings(cell="lstm", hidden=12), "classification"),
    "labels, from both ends": lambda: labeller(BidirectionalSettings(hidden=6, layers=2), "tagging"),
}


@pytest.mark.parametrize("name", READ_FROM_THE_LEFT)
def test_each_word_is_predicted_from_the_last_layer_s_state_before_it(name: str) -> None:
    model = language_model(name)
    for sentence, states in zip(SENTENCES, model.states(SENTENCES), strict=True):
        after = scored(model, states[-1])
        targets = [*VOCABULARY.encode(sentence), EOS_ID]
        assert after[range(len(targets)), targets] == pytest.approx(
            model.logprobs([sentence], end=True)[0], abs=TOLERANCE
        )
        prefixes = [sentence[:length] for length in range(len(sentence) + 1)]
        assert np.exp(after) == pytest.approx(np.exp(model.next_word(prefixes)), abs=TOLERANCE)


@pytest.mark.parametrize("name", READ_FROM_BOTH_ENDS)
def test_a_blank_is_filled_from_the_last_layer_s_state_around_it(name: str) -> None:
    model = blank_model(name)
    for sentence, states in zip(SENTENCES, model.states(SENTENCES), strict=True):
        around = scored(model, states[-1])
        targets = VOCABULARY.encode(sentence)
        assert around[range(len(targets)), targets] == pytest.approx(model.logprobs([sentence])[0], abs=TOLERANCE)


@pytest.mark.parametrize("settings", [RecurrentSettings(cell="gru", hidden=12), BidirectionalSettings(hidden=6)])
def test_a_word_s_label_is_read_from_the_last_layer_s_state_after_it(settings: object) -> None:
    tagger = labeller(settings, "tagging")
    for scores, states in zip(tagger.word_scores(SENTENCES), tagger.states(SENTENCES), strict=True):
        assert scored(tagger, states[-1][1:]) == pytest.approx(scores, abs=TOLERANCE)


def test_a_sentence_s_label_is_read_from_the_state_after_its_last_word() -> None:
    classifier = labeller(RecurrentSettings(cell="gru", hidden=12), "classification")
    last = np.stack([states[-1][-1] for states in classifier.states(SENTENCES)])
    assert scored(classifier, last) == pytest.approx(classifier.scores(SENTENCES), abs=TOLERANCE)


def test_read_from_both_ends_a_sentence_s_label_is_read_where_both_have_read_it_all() -> None:
    classifier = labeller(BidirectionalSettings(hidden=6), "classification")
    ends = [np.concatenate((states[-1][-1, :6], states[-1][0, 6:])) for states in classifier.states(SENTENCES)]
    assert scored(classifier, np.stack(ends)) == pytest.approx(classifier.scores(SENTENCES), abs=TOLERANCE)


@pytest.mark.parametrize("name", READ_FROM_THE_LEFT)
def test_there_is_a_state_after_the_boundary_symbol_and_one_after_each_word(name: str) -> None:
    for sentence, states in zip(SENTENCES, language_model(name).states(SENTENCES), strict=True):
        assert [layer.shape for layer in states] == [(len(sentence) + 1, 12)] * LAYERS[name]
        assert {layer.dtype for layer in states} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", READ_FROM_BOTH_ENDS)
def test_there_is_a_state_around_each_word_where_blanks_are_filled_in(name: str) -> None:
    for sentence, states in zip(SENTENCES, blank_model(name).states(SENTENCES), strict=True):
        assert [layer.shape for layer in states] == [(len(sentence), 12)] * LAYERS[name]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_sentences_asked_with_it_never_change_a_state(name: str) -> None:
    network = NETWORKS[name]().train()  # as training leaves it: dropout is not for looking
    together = network.states(SENTENCES)
    for sentence, states in zip(SENTENCES, together, strict=True):
        for layer, alone in zip(states, network.states([sentence])[0], strict=True):
            assert layer == pytest.approx(alone, abs=TOLERANCE)
    assert network.states([]) == []


@pytest.mark.parametrize("name", NETWORKS)
def test_a_string_is_no_sentence(name: str) -> None:
    with pytest.raises(TypeError, match=r"'the boxes' is a string\. Split it"):
        NETWORKS[name]().states(["the boxes"])


@pytest.mark.parametrize("name", READ_FROM_THE_LEFT)
def test_a_later_word_never_changes_a_state(name: str) -> None:
    one, other = language_model(name).states([["the", "keys", "are", "lost"], ["the", "keys", "are", "here"]])
    for layer, same in zip(one, other, strict=True):
        assert layer[:4] == pytest.approx(same[:4], abs=TOLERANCE)
        assert layer[4] != pytest.approx(same[4], abs=TOLERANCE)


def test_in_a_window_no_layer_has_seen_what_lies_before_it() -> None:
    one, other = language_model("lstm, two layers, in a window").states(
        [["the", "key", "near", "the", "old", "box"], ["the", "keys", "near", "the", "old", "box"]]
    )
    for layer, same in zip(one, other, strict=True):
        changed = np.abs(layer - same).max(axis=1) > TOLERANCE
        assert changed.tolist() == [False, False, True, True, True, False, False]


def test_in_a_window_that_begins_with_the_sentence_each_layer_is_as_without_one() -> None:
    name = "lstm, two layers, in a window"
    windowed = language_model(name)
    whole = make_network(READ_FROM_THE_LEFT[name].model_copy(update={"context": None}), VOCABULARY)
    whole.load_state_dict(windowed.state_dict())
    for layer, same in zip(windowed.states(SENTENCES[:1])[0], whole.states(SENTENCES[:1])[0], strict=True):
        assert layer[2] == pytest.approx(same[2], abs=TOLERANCE)  # `<s>` and two words: the window just holds them


def test_of_a_transformer_only_the_last_block_s_states_are_normalised() -> None:
    deep = language_model("transformer")
    shallow = make_network(TransformerSettings(hidden=12, layers=1, heads=3), VOCABULARY)
    shallow.load_state_dict(deep.state_dict(), strict=False)
    first, *_, last = deep.states(SENTENCES[:1])[0]
    (same,) = shallow.states(SENTENCES[:1])[0]
    with torch.inference_mode():
        assert deep.encoder.norm(torch.from_numpy(first)).numpy() == pytest.approx(same, abs=TOLERANCE)
    assert last.mean(axis=1) == pytest.approx(np.zeros(9), abs=TOLERANCE)
    assert np.abs(first.mean(axis=1)).max() > 0.01


@pytest.mark.parametrize("name", READ_FROM_BOTH_ENDS)
def test_around_a_blank_the_halves_are_the_two_networks_states_before_the_word(name: str) -> None:
    model, sentence = blank_model(name).eval(), SENTENCES[0]
    ids = VOCABULARY.encode(sentence)
    with torch.inference_mode():
        rightwards = model.encoder.rightwards.layer_states(torch.tensor([[BOS_ID, *ids]]))
        leftwards = model.encoder.leftwards.layer_states(torch.tensor([[EOS_ID, *reversed(ids)]]))
    for layer, right, left in zip(model.states([sentence])[0], rightwards, leftwards, strict=True):
        assert layer[:, :6] == pytest.approx(right[0, :-1].numpy(), abs=TOLERANCE)
        assert layer[:, 6:] == pytest.approx(left[0, :-1].flip(0).numpy(), abs=TOLERANCE)


@pytest.mark.parametrize("name", READ_FROM_BOTH_ENDS)
def test_around_a_blank_no_layer_has_seen_the_word_and_all_have_seen_the_others(name: str) -> None:
    one, other = blank_model(name).states([["the", "old", "box", "is"], ["the", "old", "key", "is"]])
    for layer, same in zip(one, other, strict=True):
        changed = np.abs(layer - same).max(axis=1) > 1e-7
        assert changed.tolist() == [True, True, False, True]
