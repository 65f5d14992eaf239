"""Two networks that read from both ends, against two that read from left to right, in NumPy and float64."""

import numpy as np
import pytest
import torch
from equations import STEPS, Array, Weights, read, weights_of
from torch import Tensor

from lrd_bench.models.bidirectional import BidirectionalEncoder
from lrd_bench.models.neural import initialise
from lrd_bench.models.recipes import BidirectionalSettings
from lrd_bench.vocabulary import BOS_ID, EOS_ID

HIDDEN = 6
ROWS = [[BOS_ID, 3, 4, 5, 3, 6, EOS_ID], [BOS_ID, 7, EOS_ID], [BOS_ID, 5, 5, 8, EOS_ID]]
LENGTHS = torch.tensor([len(row) for row in ROWS])
TIME = 7


def encoder(cell: str = "lstm", layers: int = 1) -> BidirectionalEncoder:
    settings = BidirectionalSettings(cell=cell, hidden=HIDDEN, embedding=5, layers=layers, dropout=0.5)
    network = BidirectionalEncoder(settings, 9)
    initialise(network, torch.Generator().manual_seed(0))
    return network.eval()


def padded(rows: list[list[int]], filling: int) -> Tensor:
    return torch.tensor([row + [filling] * (TIME - len(row)) for row in rows])


def both_ways(cell: str, weights: Weights, row: list[int]) -> tuple[list[Array], list[Array]]:
    """The states of each layer, [time, hidden] each, of the words up to each word, and of those from it on."""
    rightwards = read(cell, weights, row, hidden=HIDDEN, network="rightwards")
    leftwards = read(cell, weights, row[::-1], hidden=HIDDEN, network="leftwards")
    return rightwards, [states[::-1] for states in leftwards]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", STEPS)
def test_a_state_is_what_both_have_made_of_their_words_and_the_one_they_share(cell: str, layers: int) -> None:
    network = encoder(cell, layers)
    weights = weights_of(network)
    states = network(padded(ROWS, EOS_ID), None, LENGTHS).unflatten(0, (3, TIME))
    for row, of_row in zip(ROWS, states, strict=True):
        rightwards, leftwards = both_ways(cell, weights, row)
        expected = np.concatenate((rightwards[-1], leftwards[-1]), axis=1)
        assert of_row[: len(row)].detach().numpy() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", STEPS)
def test_around_a_word_are_the_states_before_it_from_both_sides(cell: str, layers: int) -> None:
    network = encoder(cell, layers)
    weights = weights_of(network)
    cells = [(line, place) for line, row in enumerate(ROWS) for place in range(1, len(row) - 1)]
    where = torch.tensor([line * TIME + place for line, place in cells])
    states = network.around(padded(ROWS, EOS_ID), where, LENGTHS)
    for (line, place), state in zip(cells, states, strict=True):
        before, after = ROWS[line][:place], ROWS[line][place + 1 :]
        expected = np.concatenate(
            (both_ways(cell, weights, before)[0][-1][-1], both_ways(cell, weights, after)[1][-1][0])
        )
        assert state.detach().numpy() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("cell", STEPS)
def test_the_ends_are_the_states_in_which_each_has_read_everything(cell: str) -> None:
    network = encoder(cell, 2)
    weights = weights_of(network)
    for row, state in zip(ROWS, network.ends(padded(ROWS, EOS_ID), LENGTHS), strict=True):
        rightwards, leftwards = both_ways(cell, weights, row)
        expected = np.concatenate((rightwards[-1][-1], leftwards[-1][0]))
        assert state.detach().numpy() == pytest.approx(expected, abs=1e-5)


def test_layer_states_are_those_of_both_in_each_layer() -> None:
    network = encoder(layers=3)
    rightwards, leftwards = both_ways("lstm", weights_of(network), ROWS[0])
    states = network.layer_states(torch.tensor(ROWS[:1]))
    assert len(states) == 3
    for layer, right, left in zip(states, rightwards, leftwards, strict=True):
        assert layer[0].detach().numpy() == pytest.approx(np.concatenate((right, left), axis=1), abs=1e-5)


def test_what_fills_up_a_row_never_matters() -> None:
    network = encoder(layers=2)
    real = torch.arange(TIME) < LENGTHS.unsqueeze(1)
    one, other = (network(padded(ROWS, filling), None, LENGTHS)[real.flatten()] for filling in (EOS_ID, 4))
    assert torch.equal(one, other)
    one, other = (network.ends(padded(ROWS, filling), LENGTHS) for filling in (EOS_ID, 4))
    assert torch.equal(one, other)


def test_word_vectors_are_in_common() -> None:
    network = encoder()
    assert network.rightwards.embedding is network.leftwards.embedding is network.embedding
