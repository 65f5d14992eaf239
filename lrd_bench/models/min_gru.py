"""The minimal gated recurrent unit of Feng et al. (2024), "Were RNNs all we needed?".

It is linear in its state, and so all words of a sentence are read at once.
"""

import torch
from torch import Tensor, nn


class MinGru(nn.Module):
    """One layer: z = σ(Wz x + bz),  n = Wn x + bn,  h = (1 - z) · h′ + z · n.

    Neither z nor n depends on the state h′ before (the paper's section 3.1; not its variant in log-space, which keeps
    states positive). The layer starts from a state of zeros.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(inputs, hidden)
        self.candidate = nn.Linear(inputs, hidden)

    def forward(self, inputs: Tensor, carried: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """inputs [batch, time, inputs] and the state before, [1, batch, hidden], to states and the last of them."""
        gate, candidate = self.gate(inputs), self.candidate(inputs)
        if gate.dtype == torch.bfloat16:  # a sum of hundreds of terms wants all of its bits
            gate, candidate = gate.float(), candidate.float()
        gate = torch.sigmoid(gate)
        kept, added = 1 - gate, gate * candidate
        if carried is not None:
            added = torch.cat((added[:, :1] + kept[:, :1] * carried.transpose(0, 1), added[:, 1:]), dim=1)
        states = linear_scan(kept, added)
        return states, states[:, -1:].transpose(0, 1)


def linear_scan(kept: Tensor, added: Tensor) -> Tensor:
    """h with h[t] = kept[t] · h[t - 1] + added[t], and zeros before: [batch, time, hidden], as both arguments.

    In log2(time) passes over all of it (Hillis and Steele 1986), each of which joins stretches to ones twice as long:
    two steps in a row are one such step, with kept₂ · kept₁ and kept₂ · added₁ + added₂. What is later never enters.
    """
    reach, time = 1, kept.shape[1]
    while reach < time:
        added = torch.cat((added[:, :reach], added[:, reach:] + kept[:, reach:] * added[:, :-reach]), dim=1)
        kept = torch.cat((kept[:, :reach], kept[:, reach:] * kept[:, :-reach]), dim=1)
        reach *= 2
    return added
