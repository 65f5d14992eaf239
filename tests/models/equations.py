"""The networks' equations, one word and one step at a time, in NumPy and float64."""

import numpy as np
import torch
from numpy.typing import NDArray

from lrd_bench.vocabulary import BOS_ID

Array = NDArray[np.float64]
Weights = dict[str, Array]
State = tuple[Array, Array]
"""h, and of an LSTM the contents of its cells."""


def weights_of(network: torch.nn.Module) -> Weights:
    return {name: tensor.double().numpy() for name, tensor in network.state_dict().items()}


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def log_softmax(scores: Array) -> Array:
    return scores - np.logaddexp.reduce(scores)


def linear(x: Array, weights: Weights, name: str) -> Array:
    return weights[f"{name}.weight"] @ x + weights[f"{name}.bias"]


def elman_step(x: Array, state: State, weights: Weights, layer: str) -> State:
    """Elman (1990): h = tanh(W x + b + U h + c)."""
    inputs, recurrent = preactivations(x, state[0], weights, layer)
    return np.tanh(inputs + recurrent), state[1]


def relu_step(x: Array, state: State, weights: Weights, layer: str) -> State:
    """Le, Jaitly and Hinton (2015): h = max(0, W x + b + U h + c)."""
    inputs, recurrent = preactivations(x, state[0], weights, layer)
    return np.maximum(0, inputs + recurrent), state[1]


def gru_step(x: Array, state: State, weights: Weights, layer: str) -> State:
    """Cho et al. (2014), the reset gate after the recurrent product: h = (1 - z) n + z h."""
    h, unused = state
    inputs, recurrent = (np.split(part, 3) for part in preactivations(x, h, weights, layer))
    r = sigmoid(inputs[0] + recurrent[0])
    z = sigmoid(inputs[1] + recurrent[1])
    n = np.tanh(inputs[2] + r * recurrent[2])
    return (1 - z) * n + z * h, unused


def lstm_step(x: Array, state: State, weights: Weights, layer: str) -> State:
    """Hochreiter and Schmidhuber (1997) with forget gates: c = f c + i g, h = o tanh(c)."""
    h, c = state
    inputs, recurrent = preactivations(x, h, weights, layer)
    i, f, g, o = np.split(inputs + recurrent, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def min_gru_step(x: Array, state: State, weights: Weights, layer: str) -> State:
    """Feng et al. (2024), section 3.1: h = (1 - z) h + z n, neither of which sees h."""
    h, unused = state
    z = sigmoid(linear(x, weights, f"{layer}.gate"))
    return (1 - z) * h + z * linear(x, weights, f"{layer}.candidate"), unused


def preactivations(x: Array, h: Array, weights: Weights, layer: str) -> tuple[Array, Array]:
    w_x, w_h, b_x, b_h = (weights[f"{layer}.{part}_l0"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    return w_x @ x + b_x, w_h @ h + b_h


STEPS = {"elman": elman_step, "elman-relu": relu_step, "gru": gru_step, "lstm": lstm_step, "min-gru": min_gru_step}


def read(
    cell: str,
    weights: Weights,
    ids: list[int],
    *,
    hidden: int,
    network: str = "encoder",
    residual: bool = False,
    scale: float = 1.0,
) -> list[Array]:
    """The states of each layer of a recurrent network after each word, from a state of zeros: [time, hidden] each."""
    layers = len({name.removeprefix(f"{network}.layers.")[0] for name in weights if f"{network}.layers." in name})
    carried = [(np.zeros(hidden), np.zeros(hidden)) for _ in range(layers)]
    states = np.empty((layers, len(ids), hidden))
    for time, word in enumerate(ids):
        x = scale * weights[f"{network}.embedding.weight"][word]
        for layer in range(layers):
            carried[layer] = STEPS[cell](x, carried[layer], weights, f"{network}.layers.{layer}")
            x = carried[layer][0] + (x if residual and layer else 0)
            states[layer, time] = x
    return list(states)


def word_logprobs(state: Array, weights: Weights) -> Array:
    """Of all words, from a state: `<s>` never comes."""
    scores = linear(state, weights, "output")
    scores[BOS_ID] = -np.inf
    return log_softmax(scores)
