"""Each cell against its equations, one sentence and one step at a time, in NumPy and float64."""

import math

import numpy as np
import pytest
import torch
from networks import language_model, training_text
from numpy.typing import NDArray

from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.recipes import RecurrentSettings, TrainSettings
from lrd_bench.train.loop import mean_loss, train_network
from lrd_bench.vocabulary import BOS_ID, EOS_ID, build_vocabulary

SENTENCES = [
    ["the", "keys", "to", "the", "old", "cabinet", "are", "lost"],
    ["the", "key", "is", "here"],
    ["keys"],
]
VOCABULARY = build_vocabulary(SENTENCES)

Array = NDArray[np.float64]
Weights = dict[str, Array]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def elman_step(x: Array, state: tuple[Array, Array], weights: Weights, layer: int) -> tuple[Array, Array]:
    """Elman (1990): h = tanh(W x + b + U h + c)."""
    h, unused = state
    inputs, recurrent = preactivations(x, h, weights, layer)
    return np.tanh(inputs + recurrent), unused


def gru_step(x: Array, state: tuple[Array, Array], weights: Weights, layer: int) -> tuple[Array, Array]:
    """Cho et al. (2014), the reset gate after the recurrent product: h = (1 - z) n + z h."""
    h, unused = state
    inputs, recurrent = (np.split(part, 3) for part in preactivations(x, h, weights, layer))
    r = sigmoid(inputs[0] + recurrent[0])
    z = sigmoid(inputs[1] + recurrent[1])
    n = np.tanh(inputs[2] + r * recurrent[2])
    return (1 - z) * n + z * h, unused


def lstm_step(x: Array, state: tuple[Array, Array], weights: Weights, layer: int) -> tuple[Array, Array]:
    """Hochreiter and Schmidhuber (1997) with forget gates: c = f c + i g, h = o tanh(c)."""
    h, c = state
    inputs, recurrent = preactivations(x, h, weights, layer)
    i, f, g, o = np.split(inputs + recurrent, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def preactivations(x: Array, h: Array, weights: Weights, layer: int) -> tuple[Array, Array]:
    w_x, w_h, b_x, b_h = (
        weights[f"encoder.layers.{layer}.{part}_l0"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return w_x @ x + b_x, w_h @ h + b_h


STEPS = {"elman": elman_step, "gru": gru_step, "lstm": lstm_step}


def by_hand(cell: str, layers: int, weights: Weights, read: list[int], following: int) -> float:
    """Log-probability of the word that follows what a fresh network has read."""
    states = [(np.zeros(HIDDEN), np.zeros(HIDDEN)) for _ in range(layers)]
    for word in read:
        x = weights["encoder.embedding.weight"][word]
        for layer in range(layers):
            states[layer] = STEPS[cell](x, states[layer], weights, layer)
            x = states[layer][0]
    scores = weights["output.weight"] @ x + weights["output.bias"]
    scores[BOS_ID] = -np.inf
    return float(scores[following] - np.logaddexp.reduce(scores))


HIDDEN = 12


def network(
    cell: str, layers: int = 1, context: int | None = None, residual: bool = False, tied: bool = False
) -> NeuralLanguageModel:
    settings = RecurrentSettings(
        cell=cell,
        context=context,
        hidden=HIDDEN,
        embedding=None if tied else 7,
        layers=layers,
        residual=residual,
        tied=tied,
        dropout=0.5,
    )
    return language_model(settings, VOCABULARY)


@pytest.mark.parametrize("context", [None, 1, 3])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", STEPS)
def test_scores_are_what_the_cell_s_equations_give(cell: str, layers: int, context: int | None) -> None:
    model = network(cell, layers, context)
    weights = {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}
    for sentence, row in zip(SENTENCES, model.logprobs(SENTENCES, end=True), strict=True):
        text = [BOS_ID] * (context or 1) + VOCABULARY.encode(sentence) + [EOS_ID]
        expected = [
            by_hand(cell, layers, weights, text[0 if context is None else place - context : place], text[place])
            for place in range(context or 1, len(text))
        ]
        assert row == pytest.approx(expected, abs=1e-5)


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


def test_initial_weights_come_from_the_generator_alone() -> None:
    one, other = network("lstm").state_dict(), network("lstm").state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("context", [None, 2])
def test_chosen_cells_are_the_same_states_as_all_of_them(context: int | None) -> None:
    model = network("elman", context=context).eval()
    inputs = torch.tensor([[BOS_ID, 3, 4], [BOS_ID, 5, EOS_ID]])
    cells = torch.tensor([0, 1, 2, 3, 4])
    assert torch.allclose(model.encoder(inputs, cells), model.encoder(inputs)[cells], atol=1e-6)


@pytest.mark.parametrize("cell", STEPS)
def test_each_gate_s_initial_matrix_from_state_to_state_is_orthogonal(cell: str) -> None:
    weights = network(cell, layers=2).state_dict()
    for layer in (0, 1):
        for gate in weights[f"encoder.layers.{layer}.weight_hh_l0"].split(HIDDEN):
            assert torch.allclose(gate @ gate.T, torch.eye(HIDDEN), atol=1e-5)
