"""The training text as whole tensors, cut into batches of sentences of like length."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lrd_bench.models.neural import batch_bounds
from lrd_bench.vocabulary import BOS_ID, EOS_ID, Vocabulary


@dataclass(frozen=True, kw_only=True)
class EncodedText:
    """Sentences as ids, end to end, each as `<s> w1 … wn </s>`."""

    ids: Tensor
    """[symbols], int64."""
    starts: Tensor
    """Where each sentence's `<s>` is: [sentences]."""
    lengths: Tensor
    """Predictions in each sentence, its words and its end: [sentences]."""
    dropped: int
    """Sentences left out for their length."""

    @property
    def predictions(self) -> int:
        """Words and ends of sentences in all."""
        return int(self.lengths.sum())


def encode_text(sentences: Iterable[Sequence[str]], vocabulary: Vocabulary, *, max_words: int) -> EncodedText:
    """Encode sentences, leaving out those of more than `max_words` words."""
    ids: list[int] = []
    lengths: list[int] = []
    dropped = 0
    for sentence in sentences:
        if len(sentence) > max_words:
            dropped += 1
            continue
        ids.append(BOS_ID)
        ids += vocabulary.encode(sentence)
        ids.append(EOS_ID)
        lengths.append(len(sentence) + 1)
    symbols = np.array(lengths, dtype=np.int64) + 1
    return EncodedText(
        ids=torch.from_numpy(np.array(ids, dtype=np.int64)),
        starts=torch.from_numpy(np.cumsum(symbols) - symbols),
        lengths=torch.from_numpy(symbols - 1),
        dropped=dropped,
    )


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Sentences side by side, padded to the longest."""

    inputs: Tensor
    """`<s>` and the words: [batch, time]."""
    cells: Tensor | None
    """Which of batch × time are real: [words]; None: all."""
    targets: Tensor
    """The words and the end: [words]."""

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        if device.type == "cpu":
            return self
        cells = None if self.cells is None else self.cells.to(device, non_blocking=True)
        inputs, targets = (part.to(device, non_blocking=True) for part in (self.inputs, self.targets))
        return Batch(inputs=inputs, cells=cells, targets=targets)


def epoch_batches(text: EncodedText, *, batch_size: int, generator: torch.Generator) -> Iterator[Batch]:
    """All sentences once, in batches of like length and random order.

    Sorting a shuffled text by length leaves nearly nothing to pad, and still mixes the sentences of each length anew.
    """
    shuffled = torch.randperm(len(text.lengths), generator=generator)
    by_length = shuffled[torch.argsort(text.lengths[shuffled], stable=True)]
    bounds = list(batch_bounds(text.lengths[by_length].tolist(), max_rows=batch_size))
    for index in torch.randperm(len(bounds), generator=generator).tolist():
        start, stop = bounds[index]
        yield make_batch(text, by_length[start:stop])


def make_batch(text: EncodedText, chosen: Tensor) -> Batch:
    """The sentences of the given indices, [batch], in order of increasing length."""
    lengths = text.lengths[chosen]
    offsets = torch.arange(int(lengths[-1]) + 1)
    # Past a sentence's end stand the next sentence's words, which no real position sees.
    places = (text.starts[chosen].unsqueeze(1) + offsets).clamp_(max=len(text.ids) - 1)
    symbols = text.ids[places]  # [batch, time + 1]
    inputs, targets = symbols[:, :-1], symbols[:, 1:].flatten()
    if lengths[0] == lengths[-1]:
        return Batch(inputs=inputs, cells=None, targets=targets)
    cells = (offsets[:-1] < lengths.unsqueeze(1)).flatten().nonzero().squeeze(1)
    return Batch(inputs=inputs, cells=cells, targets=targets[cells])
