"""What the networks share: devices, the layers at both ends, how weights begin, and how rows are cut into batches."""

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.models.tries import Integers, Trie
from lrd_bench.vocabulary import EOS_ID

MAX_CELLS = 8192
"""Positions in a batch, padding included, so that long sentences do not need gigabytes."""
MAX_LOGITS = 2**24
"""Scores of words held at once (64 MiB), so that a large vocabulary does not need gigabytes either."""


def find_device(device: str) -> torch.device:
    """`auto` is the GPU where there is one. Raises LrdBenchError for an unknown device and for `cuda` without one."""
    if device not in ("auto", "cpu", "cuda"):
        raise LrdBenchError(f"--device: {unknown('device', device, ('auto', 'cpu', 'cuda'))}")
    if device == "cuda" and not torch.cuda.is_available():
        raise LrdBenchError("--device cuda: torch sees no GPU here. Use --device cpu, or auto.")
    # torch lets cuDNN's recurrent layers round to ten bits by default: a batch would change a score by 1e-3 nats.
    torch.backends.cudnn.allow_tf32 = False
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


class WordVectors(nn.Embedding):
    """A vector for each word, of unit variance where it is read.

    Those that the output layer shares (Press and Wolf 2017) are stored √size times smaller, as Vaswani et al. (2017,
    section 3.4) have it: at the other end, scores of words are to begin small.
    """

    def __init__(self, vocab: int, size: int, *, tied: bool = False) -> None:
        super().__init__(vocab, size)
        self.tied = tied
        self.scale = math.sqrt(size) if tied else 1.0

    def forward(self, ids: Tensor) -> Tensor:
        """ids [...] to vectors [..., size]."""
        vectors = super().forward(ids)
        return vectors if self.scale == 1 else vectors * self.scale


class OutputLayer(nn.Linear):
    """From a state to a score for each word of the vocabulary, or for each label; `never` is one that never comes."""

    never: Tensor

    def __init__(self, size: int, outcomes: int, *, never: int | None = None) -> None:
        super().__init__(size, outcomes)
        impossible = torch.zeros(outcomes)
        if never is not None:
            impossible[never] = -torch.inf
        self.register_buffer("never", impossible, persistent=False)

    def forward(self, states: Tensor) -> Tensor:
        """states [n, size] to logits [n, outcomes]."""
        return F.linear(states, self.weight, self.bias + self.never)


class Encoder(Protocol):
    """What reads words: a network's states, whatever is made of them."""

    context: int | None
    """Words to the left that it sees, the last one read among them; None: all."""
    size: int
    """Of a state."""
    embedding: WordVectors

    def __call__(self, inputs: Tensor, cells: Tensor | None, lengths: Tensor | None) -> Tensor:
        """The states after some of the words.

        inputs:   [batch, time]  ids, each sentence after its `<s>`; what follows a sentence's end does not matter
        cells:    [n]            of the batch, which are asked for, as indices into batch × time; None: all of them
        lengths:  [batch]        how many of a row's symbols are its sentence's; asked for by those that look ahead
        returns:  [n, size]
        """
        ...

    def layer_states(self, inputs: Tensor) -> list[Tensor]:
        """The states of each layer after each word: [batch, time, size] each, of the last layer what a call returns
        (but for what makes it as small as the output layer's vectors).

        inputs:  [batch, time]  sentences of one length, each after its `<s>`
        """
        ...

    def parameters(self) -> Iterator[nn.Parameter]:
        """The weights."""
        ...


class CausalEncoder(Encoder, Protocol):
    """An encoder whose states depend on what was read so far alone, so that prefixes can be read once for many rows."""

    def walk(self, trie: Trie, asked: Integers) -> Iterator[tuple[Integers, Tensor]]:
        """The states after prefixes, each distinct one read once; see `lrd_bench.models.prefixes.Walk`.

        With a finite `context`, the prefixes asked for are whole windows.
        """
        ...


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Draw a network's initial weights, layer by layer.

    Word vectors from N(0, 1), where they are read; linear layers from U(-1/√inputs, 1/√inputs) and recurrent ones from
    U(-1/√hidden, 1/√hidden), torch's own choice; but the matrix from state to state, each gate's by itself, is a random
    orthogonal one (Saxe et al. 2014), which at first neither fades nor swells what a state holds. What normalises
    starts by scaling by one.
    """
    recurrent: list[nn.RNNBase] = []
    with torch.no_grad():
        for module in network.modules():
            match module:
                case WordVectors():
                    nn.init.normal_(module.weight, std=1 / module.scale, generator=generator)
                case nn.Linear():
                    shared = any(module.weight is vectors.weight for vectors in _word_vectors(network))
                    _uniform(module, module.in_features, generator, skip=module.weight if shared else None)
                case nn.RNNBase():
                    _uniform(module, module.hidden_size, generator)
                    recurrent.append(module)
        for module in recurrent:
            for name, weight in module.named_parameters():
                if name.startswith("weight_hh"):
                    for gate in torch.split(weight, module.hidden_size):
                        nn.init.orthogonal_(gate, generator=generator)


def _word_vectors(network: nn.Module) -> list[WordVectors]:
    return [module for module in network.modules() if isinstance(module, WordVectors)]


def _uniform(module: nn.Module, inputs: int, generator: torch.Generator, skip: Tensor | None = None) -> None:
    bound = 1 / math.sqrt(inputs)
    for weight in module.parameters(recurse=False):
        if weight is not skip:
            nn.init.uniform_(weight, -bound, bound, generator=generator)


def batch_bounds(lengths: Sequence[int], *, max_rows: int, max_cells: int = MAX_CELLS) -> Iterator[tuple[int, int]]:
    """Cut rows of increasing length into batches: yields (start, stop).

    A batch holds at most `max_rows` rows and, padded to its longest, `max_cells` cells; but one row at least.
    """
    start = 0
    for stop, length in enumerate(lengths):
        if stop > start and (stop - start == max_rows or (stop - start + 1) * length > max_cells):
            yield start, stop
            start = stop
    if lengths:
        yield start, len(lengths)


def padded_batches(rows: Sequence[Sequence[int]], outcomes: int) -> Iterator[tuple[list[int], Tensor, Tensor]]:
    """Rows of ids in batches of like length: yields (which rows, their ids [batch, time], their lengths [batch]).

    outcomes:  scores that each position may be given, so that not too many are held at once
    """
    by_length = sorted(range(len(rows)), key=lambda row: len(rows[row]))
    largest = max(1, min(MAX_CELLS, MAX_LOGITS // outcomes))
    for start, stop in batch_bounds([len(rows[row]) for row in by_length], max_rows=MAX_CELLS, max_cells=largest):
        chosen = by_length[start:stop]
        lengths = torch.tensor([len(rows[row]) for row in chosen])
        inputs = torch.full((len(chosen), int(lengths[-1])), EOS_ID)
        for line, row in enumerate(chosen):
            inputs[line, : lengths[line]] = torch.tensor(rows[row])
        yield chosen, inputs, lengths
