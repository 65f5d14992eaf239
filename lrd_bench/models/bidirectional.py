"""A forward and a backward recurrent network (Schuster and Paliwal 1997) that read a sentence from both ends."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from lrd_bench.models.recipes import BidirectionalSettings, RecurrentSettings
from lrd_bench.models.recurrent import RecurrentEncoder


class BidirectionalEncoder(nn.Module):
    """Two networks with word vectors in common, one of which reads from the right; their states side by side."""

    context: int | None = None

    def __init__(self, settings: BidirectionalSettings, vocab: int) -> None:
        super().__init__()
        self.size = 2 * settings.hidden
        one_way = RecurrentSettings(**settings.model_dump())
        self.rightwards, self.leftwards = RecurrentEncoder(one_way, vocab), RecurrentEncoder(one_way, vocab)
        self.leftwards.embedding = self.embedding = self.rightwards.embedding

    def forward(self, inputs: Tensor, cells: Tensor | None = None, lengths: Tensor | None = None) -> Tensor:
        """The states of both once they have read a word; see `lrd_bench.models.neural.Encoder`."""
        rightwards, leftwards = self._read(inputs, lengths)
        both = torch.cat((rightwards, leftwards), dim=-1).flatten(0, 1)
        return both if cells is None else both.index_select(0, cells)

    def around(self, inputs: Tensor, cells: Tensor, lengths: Tensor) -> Tensor:
        """The states of both before they read a word, so that neither has seen it: [n, size].

        inputs:   [batch, time]  ids, each sentence between its `<s>` and its `</s>`
        cells:    [n]            the words, as indices into batch × time; no boundary symbol is among them
        lengths:  [batch]        of each sentence with both boundary symbols
        """
        rightwards, leftwards = (states.flatten(0, 1) for states in self._read(inputs, lengths))
        return torch.cat((rightwards.index_select(0, cells - 1), leftwards.index_select(0, cells + 1)), dim=-1)

    def ends(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """The states of both at the end of all that they read: [batch, size]."""
        rightwards, leftwards = self._read(inputs, lengths)
        rows = torch.arange(len(inputs), device=inputs.device)
        return torch.cat((rightwards[rows, lengths - 1], leftwards[:, 0]), dim=-1)

    def _read(self, inputs: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor]:
        """What each network has made of the words up to each, and of those from each on: [batch, time, hidden] each."""
        assert lengths is not None, "whoever reads from the right must know where a sentence ends"
        places = torch.arange(inputs.shape[1], device=inputs.device).expand_as(inputs)
        mirrored = torch.where(places < lengths.unsqueeze(1), lengths.unsqueeze(1) - 1 - places, places)
        backwards = self.leftwards(inputs.gather(1, mirrored)).unflatten(0, inputs.shape)
        return self.rightwards(inputs).unflatten(0, inputs.shape), backwards.gather(
            1, mirrored.unsqueeze(-1).expand_as(backwards)
        )

    def layer_states(self, inputs: Tensor) -> list[Tensor]:
        """The states of both in each layer; see `lrd_bench.models.neural.Encoder`."""
        return [torch.cat(both, dim=-1) for both in self._read_layers(inputs)]

    def layer_states_around(self, inputs: Tensor) -> list[Tensor]:
        """The states of both in each layer before they read a word, so that neither has seen it: [batch, words, size].

        inputs:  [batch, words + 2]  sentences of one length, each between its `<s>` and its `</s>`
        """
        return [torch.cat((right[:, :-2], left[:, 2:]), dim=-1) for right, left in self._read_layers(inputs)]

    def _read_layers(self, inputs: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """For each layer what `_read` returns of the last, for rows of one length."""
        backwards = self.leftwards.layer_states(inputs.flip(1))
        for rightwards, leftwards in zip(self.rightwards.layer_states(inputs), backwards, strict=True):
            yield rightwards, leftwards.flip(1)
