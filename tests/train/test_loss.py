import pytest
import torch
from torch.nn import functional as F  # noqa: N812
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lrd_bench.models.neural import OutputLayer
from lrd_bench.train.loss import CACHED, ROWS, summed_loss
from lrd_bench.train.products import LIBRARIES, MAX_ERROR, quickest_products
from lrd_bench.vocabulary import BOS_ID

SIZE = 6
ONE, WHOLE, SEVERAL = 1, 255, 773
"""Targets: one, one less than a product has rows, and those of three products and a bit. Not in terms of `ROWS`, which
might then ask for more memory than there is."""
FEW, MANY = 11, 3000
"""Words of a vocabulary: the scores of one product fit into the cache at once, or only in pieces."""


def problem(words: int, vocab: int) -> tuple[OutputLayer, torch.Tensor, torch.Tensor]:
    """An output layer, states [words, size] and targets [words], in float64."""
    torch.manual_seed(0)
    layer = OutputLayer(SIZE, vocab, never=BOS_ID).double()
    return layer, torch.randn(words, SIZE, dtype=torch.float64), torch.randint(BOS_ID + 1, vocab, (words,))


def ours(layer: OutputLayer, states: torch.Tensor, targets: torch.Tensor) -> list[torch.Tensor]:
    """Three times the mean loss; its gradients by the states, the weights and the bias."""
    states = states.clone().requires_grad_()
    loss = 3 * summed_loss(layer, states, targets) / len(targets)
    return [loss.detach(), *torch.autograd.grad(loss, [states, layer.weight, layer.bias])]


def torch_s(layer: OutputLayer, states: torch.Tensor, targets: torch.Tensor) -> list[torch.Tensor]:
    """The same as torch has it, in float64."""
    layer, states = layer.double(), states.double().requires_grad_()
    loss = 3 * F.cross_entropy(layer(states), targets)
    return [loss.detach(), *torch.autograd.grad(loss, [states, layer.weight, layer.bias])]


def off(these: list[torch.Tensor], those: list[torch.Tensor]) -> float:
    """The largest of the distances between them, each over how long the other is."""
    return max(float((one.double() - other).norm() / other.norm()) for one, other in zip(these, those, strict=True))


@pytest.mark.parametrize("vocab", [FEW, MANY])
@pytest.mark.parametrize("words", [ONE, WHOLE, SEVERAL])
def test_the_loss_and_its_gradients_are_those_of_torch_s_cross_entropy(words: int, vocab: int) -> None:
    assert (ROWS["cpu"] - 1, 3 * ROWS["cpu"] + 5) == (WHOLE, SEVERAL)
    assert FEW * WHOLE < CACHED["cpu"] < MANY * WHOLE
    layer, states, targets = problem(words, vocab)
    for one, other in zip(ours(layer, states, targets), torch_s(layer, states, targets), strict=True):
        assert torch.allclose(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("vocab", [FEW, MANY])
def test_in_float32_they_are_as_exact_whichever_library_multiplies(vocab: int, library: str) -> None:
    layer, states, targets = problem(SEVERAL, vocab)
    layer, states = layer.float(), states.float()
    with quickest_products(torch.device("cpu"), earlier=library):
        left, right = torch.randn(256, 300), torch.randn(300, 500)
        exact = left.double() @ right.double()
        if (left @ right - exact).abs().max() > MAX_ERROR * exact.abs().max():
            pytest.skip(f"{library} rounds to bfloat16 on this processor")
        found = ours(layer, states, targets)
    assert off(found, torch_s(layer, states, targets)) < 1e-5


@pytest.mark.parametrize("vocab", [FEW, MANY])
@pytest.mark.parametrize("words", [ONE, SEVERAL])
def test_of_states_of_16_bits_they_are_as_near_as_16_bits_are(words: int, vocab: int) -> None:
    layer, states, targets = problem(words, vocab)
    layer, states = layer.float(), states.bfloat16()
    found = ours(layer, states, targets)
    assert [tensor.dtype for tensor in found] == [torch.float32, torch.bfloat16, torch.float32, torch.float32]
    assert off(found, torch_s(layer, states, targets)) < 0.02


class Made(TorchDispatchMode):
    """How many numbers the largest tensor holds that is made inside the block."""

    largest = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        sizes = (leaf.numel() for leaf in tree_leaves(made) if isinstance(leaf, torch.Tensor))
        self.largest = max(self.largest, *sizes, 0)
        return made


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_no_more_scores_are_held_than_of_a_few_hundred_words(dtype: torch.dtype) -> None:
    layer, states, targets = problem(2000, MANY)
    layer, states = layer.float(), states.to(dtype)
    with Made() as of_torch:
        torch_s(layer, states, targets)
    assert of_torch.largest == 2000 * MANY
    layer = layer.float()
    with Made() as made:
        ours(layer, states, targets)
    assert MANY * SIZE < made.largest <= 256 * MANY  # more than the weights: scores were seen
