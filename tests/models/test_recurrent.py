"""Each cell against its equations, one sentence and one step at a time, in NumPy and float64."""

import itertools
import math

import numpy as np
import pytest
import torch
from equations import STEPS, read, weights_of, word_logprobs
from networks import language_model, training_text

from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.recipes import RecurrentSettings
from lrd_bench.models.train_settings import TrainSettings
from lrd_bench.train.loop import mean_loss, train_network
from lrd_bench.vocabulary import BOS_ID, EOS_ID, build_vocabulary

SENTENCES = [
    ["the", "keys", "to", "the", "old", "cabinet", "are", "lost"],
    ["the", "key", "is", "here"],
    ["keys"],
]
VOCABULARY = build_vocabulary(SENTENCES)

HIDDEN = 12


def network(
    cell: str,
    layers: int = 1,
    context: int | None = None,
    residual: bool = False,
    tied: bool = False,
    embedding: int | None = 7,
) -> NeuralLanguageModel:
    settings = RecurrentSettings(
        cell=cell,
        context=context,
        hidden=HIDDEN,
        embedding=embedding,
        layers=layers,
        residual=residual,
        tied=tied,
        dropout=0.5,
    )
    return language_model(settings, VOCABULARY)


def check_by_hand(model: NeuralLanguageModel, cell: str, residual: bool = False, scale: float = 1.0) -> None:
    """Each score against the equations, for a fresh network that reads all words before or the last `context`."""
    weights, context = weights_of(model), model.context
    for sentence, row in zip(SENTENCES, model.logprobs(SENTENCES, end=True), strict=True):
        text = [BOS_ID] * (context or 1) + VOCABULARY.encode(sentence) + [EOS_ID]
        expected = []
        for place in range(context or 1, len(text)):
            seen = text[0 if context is None else place - context : place]
            state = read(cell, weights, seen, hidden=HIDDEN, residual=residual, scale=scale)[-1][-1]
            narrowing = weights.get("encoder.narrowing.weight", np.eye(HIDDEN))
            expected.append(word_logprobs(narrowing @ state, weights)[text[place]])
        assert row == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("context", [None, 1, 3])
@pytest.mark.parametrize("layers", [1, 2, 3, 4])
@pytest.mark.parametrize("cell", STEPS)
def test_scores_are_what_the_cell_s_equations_give(cell: str, layers: int, context: int | None) -> None:
    check_by_hand(network(cell, layers, context), cell)


@pytest.mark.parametrize("context", [None, 3])
@pytest.mark.parametrize("cell", STEPS)
def test_with_residual_each_layer_but_the_first_adds_to_what_it_reads(cell: str, context: int | None) -> None:
    check_by_hand(network(cell, 3, context, residual=True), cell, residual=True)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", STEPS)
def test_tied_word_vectors_are_the_output_s_weights_and_swelled_where_they_are_read(cell: str, layers: int) -> None:
    model = network(cell, layers, tied=True, embedding=None)
    assert model.output.weight is model.encoder.embedding.weight
    check_by_hand(model, cell, scale=math.sqrt(HIDDEN))


@pytest.mark.parametrize("context", [None, 3])
@pytest.mark.parametrize("size", [7, 17])
@pytest.mark.parametrize("cell", STEPS)
def test_tied_word_vectors_of_another_size_are_met_by_a_linear_layer(cell: str, size: int, context: int | None) -> None:
    model = network(cell, context=context, tied=True, embedding=size)
    assert model.output.weight is model.encoder.embedding.weight
    check_by_hand(model, cell, scale=math.sqrt(size))


@pytest.mark.parametrize("context", [None, 3])
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("cell", STEPS)
def test_states_are_those_of_every_layer_after_every_word(cell: str, residual: bool, context: int | None) -> None:
    model = network(cell, 3, context, residual=residual)
    weights = weights_of(model)
    for sentence, layers in zip(SENTENCES, model.states(SENTENCES), strict=True):
        text = [BOS_ID] * (context or 1) + VOCABULARY.encode(sentence)
        for place in range(len(sentence) + 1):
            seen = text[: place + 1] if context is None else text[place : place + context]
            expected = read(cell, weights, seen, hidden=HIDDEN, residual=residual)
            assert len(layers) == len(expected)
            for layer, states in zip(layers, expected, strict=True):
                assert layer[place] == pytest.approx(states[-1], abs=1e-5)


@pytest.mark.parametrize("cuts", [(0, 7), (0, 3, 4, 7)])
@pytest.mark.parametrize(("embedding", "tied"), [(7, False), (None, True), (7, True), (17, True)])
@pytest.mark.parametrize("cell", STEPS)
def test_a_row_read_in_stretches_is_a_row_read_at_once(
    cell: str, embedding: int | None, tied: bool, cuts: tuple[int, ...]
) -> None:
    encoder = network(cell, 3, residual=True, tied=tied, embedding=embedding).eval().encoder
    row = torch.tensor([[BOS_ID, 3, 4, 5, BOS_ID, 6, 7], [BOS_ID, 4, BOS_ID, 5, 5, 3, 8]])
    stretches, carried = [], None
    for start, stop in itertools.pairwise(cuts):
        states, carried = encoder.go_on(row[:, start:stop], carried)
        stretches.append(states.unflatten(0, (2, stop - start)))
    assert torch.allclose(torch.cat(stretches, dim=1), encoder(row).unflatten(0, (2, 7)), atol=1e-6)


def test_a_window_is_read_as_torch_s_lstm_reads_it_alone() -> None:
    model = network("lstm", 2, context=3).eval()
    padded = [BOS_ID, BOS_ID, BOS_ID, *VOCABULARY.encode(SENTENCES[0]), EOS_ID]
    lstm = torch.nn.LSTM(7, HIDDEN, num_layers=2, batch_first=True)
    for layer, one in enumerate(model.encoder.layers):
        for name, weight in one.named_parameters():
            getattr(lstm, name.replace("l0", f"l{layer}")).data.copy_(weight)
    alone = []
    with torch.no_grad():
        for place in range(3, len(padded)):
            state = lstm(model.encoder.embedding(torch.tensor([padded[place - 3 : place]])))[0][0, -1]
            alone.append(float(model.output(state).log_softmax(-1)[padded[place]]))
    assert model.logprobs([SENTENCES[0]], end=True)[0] == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize("cell", STEPS)
def test_equal_windows_get_equal_scores_to_the_last_bit(cell: str) -> None:
    model = network(cell, 2, context=4)
    ending = ["cabinet", "to", "the", "are", "lost"]
    sentences = [["keys", *["old"] * number, *ending] for number in range(40)]
    assert len({row[-1] for row in model.logprobs(sentences)}) == 1


def test_training_sees_the_windows_that_scoring_sees() -> None:
    model = network("lstm", context=3).eval()
    inputs = torch.full((2, 9), EOS_ID)
    ids = [VOCABULARY.encode(sentence) for sentence in SENTENCES[:2]]
    for line, words in enumerate(ids):
        inputs[line, : len(words) + 1] = torch.tensor([BOS_ID, *words])
    logprobs = model.output(model.output_states(inputs, None)).log_softmax(-1).reshape(2, 9, -1)
    for line, (words, row) in enumerate(zip(ids, model.logprobs(SENTENCES[:2]), strict=True)):
        assert logprobs[line, torch.arange(len(words)), words].tolist() == pytest.approx(row, abs=1e-5)


@pytest.mark.parametrize("dropout", [0.0, 0.1])
@pytest.mark.parametrize(("context", "loss_nats"), [(1, math.log(2) / 4), (2, 0.0)])
def test_training_learns_what_the_window_holds_and_nothing_from_beyond(
    context: int, loss_nats: float, dropout: float
) -> None:
    text = [["a", "x", "b"], ["c", "x", "d"]] * 32  # which of b and d, the word before x tells
    vocabulary = build_vocabulary(text)
    settings = RecurrentSettings(cell="lstm", context=context, hidden=16, dropout=dropout)
    model = language_model(settings, vocabulary)
    training = train_network(
        model,
        training_text(text, vocabulary),
        lambda: mean_loss(model, text[:2]),
        TrainSettings(learning_rate=0.03, batch_size=16, max_epochs=20),
        generator=torch.Generator().manual_seed(0),
    )
    # Of four predictions a sentence, the first is open to all: ln 2 / 4 a word.
    assert training.epochs[-1].valid_loss_nats == pytest.approx(math.log(2) / 4 + loss_nats, abs=0.02)


def test_dropout_never_touches_a_score() -> None:
    model = network("gru")
    before = model.logprobs(SENTENCES)
    model.train()
    assert model.logprobs(SENTENCES) == before


def test_dropout_is_at_work_in_training() -> None:
    model = network("gru")
    inputs = torch.tensor([[BOS_ID, 3, 4]])
    model.train()
    assert not torch.equal(model.output_states(inputs, None), model.output_states(inputs, None))


@pytest.mark.parametrize("context", [None, 2])
@pytest.mark.parametrize("cell", STEPS)
def test_chosen_cells_are_the_same_states_as_all_of_them(cell: str, context: int | None) -> None:
    model = network(cell, context=context).eval()
    inputs = torch.tensor([[BOS_ID, 3, 4], [BOS_ID, 5, EOS_ID]])
    cells = torch.tensor([0, 1, 2, 3, 4])
    assert torch.allclose(model.encoder(inputs, cells), model.encoder(inputs)[cells], atol=1e-6)
