"""The minimal GRU: its states at once against its states one after the other."""

import pytest
import torch
from torch import Tensor

from lrd_bench.models.min_gru import MinGru, linear_scan

LENGTHS = [1, 2, 3, 7, 64, 100]


def random_steps(time: int) -> tuple[Tensor, Tensor]:
    """What is kept, between 0 and 1, and what is added: [2, time, 3]."""
    generator = torch.Generator().manual_seed(time)
    kept = torch.rand(2, time, 3, generator=generator, dtype=torch.float64)
    return kept, torch.randn(2, time, 3, generator=generator, dtype=torch.float64)


def step_by_step(kept: Tensor, added: Tensor) -> Tensor:
    state, states = torch.zeros_like(added[:, 0]), []
    for time in range(added.shape[1]):
        state = kept[:, time] * state + added[:, time]
        states.append(state)
    return torch.stack(states, dim=1)


def random_layer() -> tuple[MinGru, Tensor]:
    torch.manual_seed(0)
    return MinGru(5, 4), torch.randn(3, 9, 5)


@pytest.mark.parametrize("time", LENGTHS)
def test_the_scan_is_the_recurrence_step_by_step(time: int) -> None:
    kept, added = random_steps(time)
    assert torch.allclose(linear_scan(kept, added), step_by_step(kept, added), rtol=0, atol=1e-12)


@pytest.mark.parametrize("time", LENGTHS)
def test_the_scan_s_gradients_are_those_of_the_recurrence(time: int) -> None:
    arguments = [argument.requires_grad_() for argument in random_steps(time)]
    direction = torch.randn(2, time, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ours, expected = (
        torch.autograd.grad(read(*arguments), arguments, direction, materialize_grads=True)  # zeros for what is kept of
        for read in (linear_scan, step_by_step)  # the zeros before
    )
    for one, other in zip(ours, expected, strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e-12)


@pytest.mark.parametrize("time", LENGTHS)
def test_the_scan_s_gradients_are_slopes(time: int) -> None:
    kept, added = (argument[:1].requires_grad_() for argument in random_steps(time))
    assert torch.autograd.gradcheck(linear_scan, (kept, added))


def test_with_all_kept_the_scan_adds_up() -> None:
    added = torch.tensor([[[1.0], [2.0], [3.0], [4.0], [5.0]]])
    assert linear_scan(torch.ones_like(added), added).flatten().tolist() == [1, 3, 6, 10, 15]


def test_with_nothing_kept_the_scan_forgets() -> None:
    added = torch.tensor([[[1.0], [2.0], [3.0], [4.0], [5.0]]])
    assert linear_scan(torch.zeros_like(added), added).flatten().tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_carried_state_goes_on_as_if_all_had_been_read_at_once(cut: int) -> None:
    layer, inputs = random_layer()
    whole, end = layer(inputs)
    first, carried = layer(inputs[:, :cut])
    second, last = layer(inputs[:, cut:], carried)
    assert torch.allclose(torch.cat((first, second), dim=1), whole, atol=1e-6)
    assert torch.allclose(last, end, atol=1e-6)


def test_what_is_carried_on_is_the_last_state() -> None:
    layer, inputs = random_layer()
    states, last = layer(inputs)
    assert last.shape == (1, 3, 4)
    assert torch.equal(last[0], states[:, -1])


@pytest.mark.parametrize("later", range(1, 9))
def test_a_later_input_never_changes_an_earlier_state(later: int) -> None:
    layer, inputs = random_layer()
    before = layer(inputs)[0]
    inputs[:, later] += 100
    after = layer(inputs)[0]
    assert torch.equal(after[:, :later], before[:, :later])
    assert not torch.allclose(after[:, later:], before[:, later:])
