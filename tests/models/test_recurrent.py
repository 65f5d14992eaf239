"""Each cell against its equations, one sentence and one step at a time, in NumPy and float64."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lrd_bench.models.recipes import RecurrentSettings
from lrd_bench.models.recurrent import RecurrentModel
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
        weights[f"recurrent.{part}_l{layer}"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return w_x @ x + b_x, w_h @ h + b_h


STEPS = {"elman": elman_step, "gru": gru_step, "lstm": lstm_step}


def by_hand(cell: str, layers: int, weights: Weights, ids: list[int]) -> list[float]:
    """Log-probability of each word and of the end."""
    states = [(np.zeros(HIDDEN), np.zeros(HIDDEN)) for _ in range(layers)]
    result = []
    for word, following in zip([BOS_ID, *ids], [*ids, EOS_ID], strict=True):
        x = weights["embedding.weight"][word]
        for layer in range(layers):
            states[layer] = STEPS[cell](x, states[layer], weights, layer)
            x = states[layer][0]
        scores = weights["output.weight"] @ x + weights["output.bias"]
        scores[BOS_ID] = -np.inf
        result.append(scores[following] - np.logaddexp.reduce(scores))
    return result


HIDDEN = 12


def network(cell: str, layers: int = 1) -> RecurrentModel:
    settings = RecurrentSettings(cell=cell, hidden=HIDDEN, embedding=7, layers=layers, dropout=0.5)
    model = RecurrentModel(settings, VOCABULARY)
    model.initialise(torch.Generator().manual_seed(0))
    return model


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", STEPS)
def test_scores_are_what_the_cell_s_equations_give(cell: str, layers: int) -> None:
    model = network(cell, layers)
    weights = {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}
    scores = model.logprobs(SENTENCES, end=True)
    for sentence, row in zip(SENTENCES, scores, strict=True):
        assert row == pytest.approx(by_hand(cell, layers, weights, VOCABULARY.encode(sentence)), abs=1e-5)


def test_dropout_never_touches_a_score() -> None:
    model = network("gru")
    before = model.logprobs(SENTENCES)
    model.train()
    assert model.logprobs(SENTENCES) == before


def test_dropout_is_at_work_in_training() -> None:
    model = network("gru")
    inputs = torch.tensor([[BOS_ID, 3, 4]])
    model.train()
    assert not torch.equal(model.states(inputs), model.states(inputs))


def test_initial_weights_come_from_the_generator_alone() -> None:
    one, other = network("lstm").state_dict(), network("lstm").state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_chosen_cells_are_the_same_states_as_all_of_them() -> None:
    model = network("elman").eval()
    inputs = torch.tensor([[BOS_ID, 3, 4], [BOS_ID, 5, EOS_ID]])
    cells = torch.tensor([0, 1, 2, 3, 4])
    assert torch.equal(model.states(inputs, cells), model.states(inputs)[cells])


@pytest.mark.parametrize("cell", STEPS)
def test_each_gate_s_initial_matrix_from_state_to_state_is_orthogonal(cell: str) -> None:
    weights = network(cell, layers=2).state_dict()
    for layer in (0, 1):
        for gate in weights[f"recurrent.weight_hh_l{layer}"].split(HIDDEN):
            assert torch.allclose(gate @ gate.T, torch.eye(HIDDEN), atol=1e-5)
