"""The loss of a batch, without ever holding its scores of all words at once.

The same number and gradients as `torch.nn.functional.cross_entropy`, which would keep [words, vocab] several times
over. Here matrix products are of 256 rows at a time (on a GPU, of 4,096), and what is done to their scores of so few
that they stay in the processor's cache.
"""

from typing import Any

import torch
from torch import Tensor

from lrd_bench.models.neural import OutputLayer

ROWS = {"cpu": 256, "cuda": 4096}
"""Of scores in one matrix product."""
CACHED = {"cpu": 2**18, "cuda": 2**30}
"""Scores that stay in the cache (1 MiB); a GPU has none to speak of, and is given all at once."""


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
        loss, device, vocab = bias.new_zeros(()), states.device.type, len(weight)
        to_states, to_weight, to_bias = torch.empty_like(states), torch.empty_like(weight), torch.zeros_like(bias)
        narrow, rows, lines = weight.to(states.dtype), ROWS[device], max(1, CACHED[device] // vocab)
        room = states.new_empty(min(rows, len(states)), vocab)
        parts = (torch.split(whole, rows) for whole in (states, targets.unsqueeze(1), to_states))
        for number, (part, words, to_part) in enumerate(zip(*parts, strict=True)):
            scores = room[: len(part)]
            torch.mm(part, narrow.t(), out=scores)
            for few, their_words in zip(torch.split(scores, lines), torch.split(words, lines), strict=True):
                loss += _to_gradients(few, bias, their_words, to_bias)
            torch.mm(scores, narrow, out=to_part)
            if part.dtype == weight.dtype:
                to_weight.addmm_(scores.t(), part, beta=min(number, 1))  # at first there is nothing in it
            elif number:
                to_weight += torch.mm(scores.t(), part)
            else:
                to_weight.copy_(torch.mm(scores.t(), part))
        ctx.save_for_backward(to_states, to_weight, to_bias)
        return loss

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        to_states, to_weight, to_bias = ctx.saved_tensors
        return to_states * gradient, to_weight.mul_(gradient), to_bias * gradient, None


def _to_gradients(scores: Tensor, bias: Tensor, words: Tensor, to_bias: Tensor) -> Tensor:
    """The summed loss of some scores, which become its gradient by them: probabilities, less one for what came.

    scores:   [lines, vocab], the bias not yet added
    words:    [lines, 1]
    to_bias:  [vocab], to which the gradient by the bias is added
    """
    wide = scores.to(bias.dtype).add_(bias)
    logprobs = wide.log_softmax(dim=1)
    loss = -logprobs.gather(1, words).sum()
    torch.exp(logprobs, out=wide).scatter_add_(1, words, wide.new_full(words.shape, -1.0))
    to_bias.add_(wide.sum(dim=0))
    if wide is not scores:
        scores.copy_(wide)
    return loss
