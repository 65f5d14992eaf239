import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from lrd_bench.models.neural import OutputLayer
from lrd_bench.train.loss import ROWS, summed_loss
from lrd_bench.vocabulary import BOS_ID


@pytest.mark.parametrize("words", [1, ROWS["cpu"] - 1, 3 * ROWS["cpu"] + 5])
def test_the_loss_and_its_gradients_are_those_of_torch_s_cross_entropy(words: int) -> None:
    torch.manual_seed(0)
    layer = OutputLayer(6, 11, never=BOS_ID).double()
    targets = torch.randint(BOS_ID + 1, 11, (words,))
    states = torch.randn(words, 6, dtype=torch.float64, requires_grad=True)
    inputs = [states, layer.weight, layer.bias]
    expected = F.cross_entropy(layer(states), targets)
    loss = summed_loss(layer, states, targets) / words
    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)
    for one, other in zip(
        torch.autograd.grad(3 * loss, inputs), torch.autograd.grad(3 * expected, inputs), strict=True
    ):
        assert torch.allclose(one, other, rtol=1e-12, atol=1e-14)
