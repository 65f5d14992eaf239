"""A small causal transformer (Vaswani et al. 2017), today's point of comparison."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from lrd_bench.models.neural import WordVectors
from lrd_bench.models.packing import packed_batches
from lrd_bench.models.recipes import TransformerSettings
from lrd_bench.models.tries import Integers, Trie

LONGEST_WAVE = 10_000.0
"""Of the positions' sines, in words and 2π: Vaswani et al. (2017), section 3.5."""


class TransformerEncoder(nn.Module):
    """Word vectors with sines of their positions, and blocks of attention and a feed-forward layer.

    With x the vectors of a sentence's words, one block is

        x ← x + Wo [head₁; …; head_heads] + bo,  head = softmax(q kᵀ / √(size of a head), words up to this one) v,
        x ← x + W₂ max(0, W₁ norm(x) + b₁) + b₂,

    where q, k and v are linear in norm(x), and norm is layer normalisation. It stands before each part rather than
    after (Xiong et al. 2020), which trains without warm-up, and once more at the end. Dropout as in the paper: of the
    sum of vectors and positions, and of what each part adds; besides, before the vocabulary as for all networks here.
    A word never sees what comes after it.
    """

    def __init__(self, settings: TransformerSettings, vocab: int) -> None:
        super().__init__()
        self.context: int | None = None
        self.dropout, self.size = settings.dropout, settings.hidden
        self.embedding = WordVectors(vocab, settings.hidden, tied=settings.tied)
        self.blocks = nn.ModuleList(
            _Block(settings.hidden, settings.heads, settings.dropout) for _ in range(settings.layers)
        )
        self.norm = nn.LayerNorm(settings.hidden)

    def forward(self, inputs: Tensor, cells: Tensor | None = None, lengths: Tensor | None = None) -> Tensor:
        """The states after some of the words; see `lrd_bench.models.neural.Encoder`."""
        states = self._read(inputs)[-1].flatten(0, 1)  # [batch × time, hidden]
        states = self.norm(states if cells is None else states.index_select(0, cells))
        return F.dropout(states, self.dropout, self.training)

    def walk(self, trie: Trie, asked: Integers) -> Iterator[tuple[Integers, Tensor]]:
        """The states after the prefixes of a trie, whole branches of which lie in a row, where each word looks at those
        before it alone; see `lrd_bench.models.prefixes.Walk`."""
        for batch in packed_batches(trie, asked):
            arrays = (batch.symbols, batch.depths, batch.sees, batch.cells)
            symbols, depths, sees, cells = (torch.from_numpy(part).to(self.embedding.weight.device) for part in arrays)
            states = self._read(symbols, depths, sees)[-1].flatten(0, 1).index_select(0, cells)
            yield batch.nodes, self.norm(states)

    def layer_states(self, inputs: Tensor) -> list[Tensor]:
        """The states of each block, of the last one as they leave the network: normalised. See
        `lrd_bench.models.neural.Encoder`."""
        *below, last = self._read(inputs)
        return [*below, self.norm(last)]

    def _read(self, inputs: Tensor, places: Tensor | None = None, sees: Tensor | None = None) -> list[Tensor]:
        """What each block makes of a row: [batch, time, hidden] each.

        inputs:  [batch, time]
        places:  [batch, time]        of each word in its sentence; None: where it stands in the row
        sees:    [batch, time, time]  whether a word looks at another; None: at all before it, and itself
        """
        vectors = self.embedding(inputs)
        waves = sines(inputs.shape[1] if places is None else int(places.max()) + 1, self.size, vectors)
        positions = waves if places is None else waves[places]
        states = F.dropout(vectors + positions, self.dropout, self.training)
        mask = None if sees is None else sees.unsqueeze(1)  # for all heads alike
        of_layers = []
        for block in self.blocks:
            states = block(states, mask)
            of_layers.append(states)
        return of_layers


class _Block(nn.Module):
    def __init__(self, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm_attention, self.norm_layer = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.queries_keys_values = nn.Linear(hidden, 3 * hidden)
        self.mix = nn.Linear(hidden, hidden)
        self.widen, self.narrow = nn.Linear(hidden, 4 * hidden), nn.Linear(4 * hidden, hidden)

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """[batch, time, hidden] to the same; mask as `_read` has it, [batch, 1, time, time]."""
        split = self.queries_keys_values(self.norm_attention(states)).unflatten(-1, (3, self.heads, -1))
        queries, keys, values = split.permute(2, 0, 3, 1, 4)  # [batch, heads, time, size of a head] each
        heads = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, is_causal=mask is None)
        mixed = self.mix(heads.transpose(1, 2).flatten(2))
        states = states + F.dropout(mixed, self.dropout, self.training)
        layer = self.narrow(torch.relu(self.widen(self.norm_layer(states))))
        return states + F.dropout(layer, self.dropout, self.training)


def sines(time: int, size: int, like: Tensor) -> Tensor:
    """The sines and cosines that tell positions apart, in turn: [time, size], as `like` in type and device."""
    rates = torch.exp(torch.arange(0, size, 2, device=like.device) * (-math.log(LONGEST_WAVE) / size))
    angles = torch.arange(time, device=like.device).unsqueeze(1) * rates  # [time, half the size]
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)[:, :size].to(like.dtype)
