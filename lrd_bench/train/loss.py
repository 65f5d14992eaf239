"""The loss of a batch, without ever holding its scores of all words at once.

The same number and gradients as `torch.nn.functional.cross_entropy`. That would keep [words, vocab] several times over;
a few hundred rows at a time stay in the processor's cache, 1.7 times as fast at 7,000 words and never slower.
"""

from typing import Any

import torch
from torch import Tensor

from lrd_bench.models.neural import WordLayer

ROWS = {"cpu": 256, "cuda": 4096}


def word_loss(layer: WordLayer, states: Tensor, targets: Tensor) -> Tensor:
    """The mean negative log-probability of the words that follow the states, in nats.

    states:   [words, hidden]
    targets:  [words]
    returns:  []
    """
    loss: Tensor = _WordLoss.apply(states, layer.weight, layer.bias + layer.never, targets)  # type: ignore[no-untyped-call]
    return loss


class _WordLoss(torch.autograd.Function):
    """Forms the gradients on the way forward, while the scores are at hand."""

    @staticmethod
    def forward(ctx: Any, states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        loss = states.new_zeros(())
        gradients = torch.empty_like(states), torch.zeros_like(weight), torch.zeros_like(bias)
        rows = ROWS[states.device.type]
        parts = (torch.split(whole, rows) for whole in (states, targets.unsqueeze(1), gradients[0]))
        for part, words, to_states in zip(*parts, strict=True):
            logprobs = torch.addmm(bias, part, weight.t()).log_softmax(dim=1)  # [rows, vocab]
            loss -= logprobs.gather(1, words).sum()
            # The gradient of the loss by the scores: the probabilities, less one for the word that came.
            to_scores = logprobs.exp_().scatter_add_(1, words, logprobs.new_full(words.shape, -1.0))
            torch.mm(to_scores, weight, out=to_states)
            gradients[1].addmm_(to_scores.t(), part)
            gradients[2].add_(to_scores.sum(dim=0))
        ctx.save_for_backward(*gradients)
        ctx.words = len(targets)
        return loss / len(targets)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        scale = gradient / ctx.words
        to_states, to_weight, to_bias = ctx.saved_tensors
        return to_states * scale, to_weight * scale, to_bias * scale, None
