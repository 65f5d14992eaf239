"""The feed-forward network over a fixed window of words of Bengio et al. (2003), without direct connections."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from lrd_bench.models.neural import MAX_CELLS, WordVectors
from lrd_bench.models.recipes import FeedForwardSettings
from lrd_bench.models.tries import Integers, Trie
from lrd_bench.vocabulary import BOS_ID


class FeedForwardEncoder(nn.Module):
    """The vectors of the last `context` words, side by side, and a tanh layer: h = tanh(W [x₁; …; x_context] + b).

    A window that reaches over the beginning of the sentence is filled with `<s>`. A state depends on its window alone,
    and equal windows are scored once. How weights begin: `lrd_bench.models.neural.initialise`.
    """

    def __init__(self, settings: FeedForwardSettings, vocab: int) -> None:
        super().__init__()
        self.context: int | None = settings.context
        self.dropout, self.size = settings.dropout, settings.hidden
        self.embedding = WordVectors(vocab, settings.embedding)
        self.layer = nn.Linear(settings.context * settings.embedding, settings.hidden)

    def forward(self, inputs: Tensor, cells: Tensor | None = None, lengths: Tensor | None = None) -> Tensor:
        """The states after some of the words; see `lrd_bench.models.neural.Encoder`."""
        assert self.context is not None
        padded = F.pad(inputs, (self.context - 1, 0), value=BOS_ID)
        windows = padded.unfold(1, self.context, 1).reshape(-1, self.context)  # [batch × time, context]
        windows = windows if cells is None else windows.index_select(0, cells)
        return self._read(windows)

    def _read(self, windows: Tensor) -> Tensor:
        """The states after windows: [n, context] to [n, hidden]."""
        vectors = F.dropout(self.embedding(windows).flatten(1), self.dropout, self.training)
        states = torch.tanh(self.layer(vectors))
        return F.dropout(states, self.dropout, self.training)

    def walk(self, trie: Trie, asked: Integers) -> Iterator[tuple[Integers, Tensor]]:
        """The states after windows, which are the prefixes asked for; see `lrd_bench.models.prefixes.Walk`."""
        assert self.context is not None
        for start in range(0, len(asked), MAX_CELLS):
            nodes = asked[start : start + MAX_CELLS]
            windows = torch.from_numpy(trie.last_symbols(nodes, self.context)).to(self.embedding.weight.device)
            yield nodes, self._read(windows)

    def layer_states(self, inputs: Tensor) -> list[Tensor]:
        """The states of its one layer; see `lrd_bench.models.neural.Encoder`."""
        return [self(inputs).unflatten(0, inputs.shape)]
