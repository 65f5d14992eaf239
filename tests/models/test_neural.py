"""How weights begin."""

import math

import pytest
import torch
from equations import STEPS
from networks import make_network
from torch import nn

from lrd_bench.models.neural import WordVectors, initialise
from lrd_bench.models.recipes import (
    BidirectionalSettings,
    FeedForwardSettings,
    RecurrentSettings,
    TransformerSettings,
)
from lrd_bench.vocabulary import build_vocabulary

VOCABULARY = build_vocabulary([[f"word{number}" for number in range(500)]])
HIDDEN = 32
SETTINGS = {
    **{cell: RecurrentSettings(cell=cell, hidden=HIDDEN, embedding=16, layers=3) for cell in STEPS},
    "tied": RecurrentSettings(cell="lstm", hidden=HIDDEN, layers=2, tied=True),
    "bidirectional": BidirectionalSettings(cell="gru", hidden=HIDDEN, embedding=16, layers=2),
    "transformer": TransformerSettings(hidden=HIDDEN, heads=4),
    "transformer, tied": TransformerSettings(hidden=HIDDEN, heads=4, tied=True),
    "feedforward": FeedForwardSettings(context=3, embedding=16, hidden=HIDDEN),
}
WITH_STATES_THAT_FOLLOW = ["elman", "elman-relu", "gru", "lstm", "bidirectional"]


@pytest.mark.parametrize("name", SETTINGS)
def test_the_seed_decides_all_weights(name: str) -> None:
    torch.manual_seed(1)
    one = make_network(SETTINGS[name], VOCABULARY, seed=7).state_dict()
    torch.manual_seed(2)  # torch's own chance has no part in it
    other = make_network(SETTINGS[name], VOCABULARY, seed=7).state_dict()
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("name", SETTINGS)
def test_another_seed_gives_other_weights(name: str) -> None:
    one, other = (make_network(SETTINGS[name], VOCABULARY, seed=seed).state_dict() for seed in (7, 8))
    assert all(torch.equal(one[key], other[key]) == ("norm" in key) for key in one)


@pytest.mark.parametrize("name", WITH_STATES_THAT_FOLLOW)
def test_each_gate_s_matrix_from_state_to_state_is_orthogonal(name: str) -> None:
    weights = make_network(SETTINGS[name], VOCABULARY).state_dict()
    matrices = [gate for key in weights if "weight_hh" in key for gate in weights[key].split(HIDDEN)]
    gates = {"elman": 1, "elman-relu": 1, "gru": 3, "lstm": 4, "bidirectional": 3}[name]
    assert len(matrices) == gates * (4 if name == "bidirectional" else 3)
    for gate in matrices:
        assert torch.allclose(gate @ gate.T, torch.eye(HIDDEN), atol=1e-5)


@pytest.mark.parametrize("name", SETTINGS)
def test_other_weights_are_uniform_within_one_over_the_root_of_what_they_add_up(name: str) -> None:
    network = make_network(SETTINGS[name], VOCABULARY)
    vectors = [module.weight for module in network.modules() if isinstance(module, WordVectors)]
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.RNNBase):
            bound = 1 / math.sqrt(module.in_features if isinstance(module, nn.Linear) else module.hidden_size)
            for key, weights in module.named_parameters(recurse=False):
                if "weight_hh" not in key and not any(weights is other for other in vectors):
                    assert 0.8 * bound < weights.abs().max() <= bound
                    assert weights.mean().abs() < 0.4 * bound


@pytest.mark.parametrize("name", SETTINGS)
def test_word_vectors_have_unit_variance_where_they_are_read(name: str) -> None:
    network = make_network(SETTINGS[name], VOCABULARY)
    read = network.encoder.embedding(torch.arange(len(VOCABULARY)))
    assert read.std().item() == pytest.approx(1, abs=0.03)
    assert read.mean().item() == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("name", ["tied", "transformer, tied"])
def test_tied_word_vectors_are_stored_smaller_by_the_root_of_their_size(name: str) -> None:
    network = make_network(SETTINGS[name], VOCABULARY)
    assert network.output.weight is network.encoder.embedding.weight
    assert network.output.weight.std().item() == pytest.approx(1 / math.sqrt(HIDDEN), rel=0.03)
    assert 0 < network.output.bias.abs().max() <= 1 / math.sqrt(HIDDEN)


def test_what_normalises_scales_by_one_and_adds_nothing() -> None:
    norms = [
        part for part in make_network(SETTINGS["transformer"], VOCABULARY).modules() if isinstance(part, nn.LayerNorm)
    ]
    assert len(norms) == 5
    for norm in norms:
        assert torch.equal(norm.weight, torch.ones(HIDDEN))
        assert torch.equal(norm.bias, torch.zeros(HIDDEN))


def test_drawing_again_from_the_same_seed_gives_the_same_weights() -> None:
    network = make_network(SETTINGS["tied"], VOCABULARY, seed=3)
    before = {key: weights.clone() for key, weights in network.state_dict().items()}
    initialise(network, torch.Generator().manual_seed(3))
    assert all(torch.equal(weights, before[key]) for key, weights in network.state_dict().items())
