"""Encoded sentences, cut into batches of sentences of like length; or a text as it runs, cut into stretches."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from lrd_bench.models.neural import batch_bounds
from lrd_bench.vocabulary import EOS_ID

Asked = Literal["next-word", "blank", "sentence-label", "word-labels"]
"""What a network learns to give: each word and the end, after those before it; each word, between all others; a label
of each sentence, or of each word."""


@dataclass(frozen=True, kw_only=True)
class EncodedText:
    """Sentences as ids, end to end, each as `<s> w1 … wn </s>`."""

    ids: Tensor
    """[symbols], int32."""
    starts: Tensor
    """Where each sentence's `<s>` is: [sentences]."""
    lengths: Tensor
    """Words in each sentence, and its end: [sentences]."""
    labels: Tensor | None = None
    """Of each sentence, [sentences], or of each symbol, [symbols], of which boundary symbols' mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Sentences side by side, padded to the longest; or stretches of a text."""

    inputs: Tensor
    """[batch, time]"""
    cells: Tensor | None
    """Which of batch × time are asked: [targets]; None: all."""
    targets: Tensor
    """The words or labels that are right: [targets]."""
    lengths: Tensor
    """How many symbols of a row are its sentence's: [batch]."""
    total: int
    """Targets of the whole batch, of which other processes may have a share."""
    fresh: bool = True
    """Whether rows start from a state of zeros, rather than go on where those of the batch before end."""

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        if device.type == "cpu":
            return self
        return replace(
            self,
            inputs=self.inputs.to(device, non_blocking=True),
            cells=None if self.cells is None else self.cells.to(device, non_blocking=True),
            targets=self.targets.to(device, non_blocking=True),
            lengths=self.lengths.to(device, non_blocking=True),
        )


@dataclass(frozen=True, kw_only=True)
class Share:
    """Which rows of each batch are this process's: rank, rank + world, …"""

    rank: int = 0
    world: int = 1


def sentence_batches(
    text: EncodedText, asked: Asked, *, batch_size: int, generator: torch.Generator, share: Share
) -> Iterator[Batch]:
    """All sentences once, in batches of like length and random order.

    Sorting a shuffled text by length leaves nearly nothing to pad, and still mixes the sentences of each length anew.
    """
    shuffled = torch.randperm(len(text.lengths), generator=generator)
    by_length = shuffled[torch.argsort(text.lengths[shuffled], stable=True)]
    bounds = list(batch_bounds(text.lengths[by_length].tolist(), max_rows=batch_size))
    for index in torch.randperm(len(bounds), generator=generator).tolist():
        start, stop = bounds[index]
        yield make_batch(text, asked, by_length[start:stop], share)


def make_batch(text: EncodedText, asked: Asked, chosen: Tensor, share: Share = Share()) -> Batch:
    """The sentences of the given indices, [batch], in order of increasing length; of them this process's share."""
    total = int(targets_of(text.lengths[chosen], asked).sum())
    mine = chosen[share.rank :: share.world]
    if not len(mine):
        mine = chosen[:1]  # read by another process, too: here, nothing of it is asked
    lengths = text.lengths[mine]
    offsets = torch.arange(int(lengths[-1]) + 1)
    # Past a sentence's end stand the next sentence's words, which no real position sees.
    places = (text.starts[mine].unsqueeze(1) + offsets).clamp_(max=len(text.ids) - 1)
    symbols = text.ids[places].long()  # [batch, time + 1]
    inputs, cells = symbols[:, :-1], None
    match asked:
        case "next-word":
            targets = symbols[:, 1:].flatten()
            if lengths[0] < lengths[-1]:
                cells = _cells(offsets[:-1] < lengths.unsqueeze(1))
                targets = targets[cells]
        case "blank":
            inputs, lengths = symbols, lengths + 1
            cells = _cells((offsets > 0) & (offsets < lengths.unsqueeze(1) - 1))
            targets = symbols.flatten()[cells]
        case "word-labels":
            assert text.labels is not None
            cells = _cells((offsets[:-1] > 0) & (offsets[:-1] < lengths.unsqueeze(1)))
            targets = text.labels[places[:, :-1].flatten()[cells]]
        case "sentence-label":
            assert text.labels is not None
            cells = torch.arange(len(mine)) * inputs.shape[1] + lengths - 1
            targets = text.labels[mine]
    if share.rank >= len(chosen):
        cells, targets = torch.empty(0, dtype=torch.int64), targets[:0]
    return Batch(inputs=inputs, cells=cells, targets=targets, lengths=lengths, total=total)


def targets_of(lengths: Tensor, asked: Asked) -> Tensor:
    """How many targets each sentence has: [sentences]. lengths: words and end: [sentences]."""
    match asked:
        case "next-word":
            return lengths
        case "sentence-label":
            return torch.ones_like(lengths)
        case "blank" | "word-labels":
            return lengths - 1


def stream_batches(text: EncodedText, *, rows: int, length: int, share: Share) -> Iterator[Batch]:
    """A text as it runs, in rows side by side: yields stretches of all rows, one after the other.

    Every symbol but `</s>` is read, the next `<s>` right after a sentence's last word, as where a sentence is scored;
    what comes next is asked after each, `</s>` among it. What the rows have no room for, at the end, is left out: fewer
    symbols than rows.
    """
    read = text.ids[:-1] != EOS_ID
    inputs, targets = text.ids[:-1][read].long(), text.ids[1:][read].long()
    rows = min(rows, len(inputs))
    rows = max(share.world, rows - rows % share.world)  # as many for each process, or their states could not be kept
    columns = len(inputs) // rows
    inputs, targets = (part[: rows * columns].view(rows, columns) for part in (inputs, targets))
    total, mine = rows, slice(share.rank, None, share.world)
    for start in range(0, columns, length):
        here = slice(start, start + length)
        stretch = inputs[mine, here]
        yield Batch(
            inputs=stretch,
            cells=None,
            targets=targets[mine, here].flatten(),
            lengths=torch.full((len(stretch),), stretch.shape[1]),
            total=total * stretch.shape[1],
            fresh=start == 0,
        )


def _cells(mask: Tensor) -> Tensor:
    """Where a mask [batch, time] holds, as indices into batch × time."""
    return mask.flatten().nonzero().squeeze(1)
