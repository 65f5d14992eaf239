"""What the networks share: the vocabulary layer, and scoring words in batches that never change a score.

Scoring asks for a state at each wanted position only, and once for equal inputs: the two sentences of a pair are equal
up to their critical word.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.models.base import LogProbs, Words
from lrd_bench.vocabulary import BOS_ID, EOS_ID, Vocabulary

MAX_CELLS = 8192
"""Positions in a batch, padding included, so that long sentences do not need gigabytes."""
MAX_LOGITS = 2**22
"""Scores of words held at once (16 MiB), so that a large vocabulary does not need gigabytes either."""

Integers = NDArray[np.int64]


def find_device(device: str) -> torch.device:
    """`auto` is the GPU where there is one. Raises LrdBenchError for an unknown device and for `cuda` without one."""
    if device not in ("auto", "cpu", "cuda"):
        raise LrdBenchError(f"--device: {unknown('device', device, ('auto', 'cpu', 'cuda'))}")
    if device == "cuda" and not torch.cuda.is_available():
        raise LrdBenchError("--device cuda: torch sees no GPU here. Use --device cpu, or auto.")
    # torch lets cuDNN's recurrent layers round to ten bits by default: a batch would change a score by 1e-3 nats.
    torch.backends.cudnn.allow_tf32 = False
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


class WordLayer(nn.Linear):
    """From a state to a score for each word of the vocabulary; `<s>` never follows anything: its score is -inf."""

    never: Tensor

    def __init__(self, hidden: int, vocab: int) -> None:
        super().__init__(hidden, vocab)
        never = torch.zeros(vocab)
        never[BOS_ID] = -torch.inf
        self.register_buffer("never", never, persistent=False)

    def forward(self, states: Tensor) -> Tensor:
        """states [n, hidden] to logits [n, vocab]."""
        return F.linear(states, self.weight, self.bias + self.never)


class Network(Protocol):
    """What `word_logprobs`, `next_word_logprobs` and the training loop ask of a network."""

    @property
    def context(self) -> int | None:
        """Words to the left that it sees; None: all."""
        ...

    @property
    def vocabulary(self) -> Vocabulary:
        """The words it knows."""
        ...

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        ...

    def states(self, inputs: Tensor, cells: Tensor | None = None) -> Tensor:
        """The states that predict the next word.

        inputs:   [batch, time]  ids, each sentence after its `<s>`; what follows a sentence's end does not matter
        cells:    [n]            the positions asked for, as indices into batch × time; None: all of them
        returns:  [n, hidden]
        """
        ...

    def logits(self, states: Tensor) -> Tensor:
        """states [n, hidden] to logits [n, vocab]."""
        ...

    def eval(self) -> object:
        """Switch dropout off."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Questions:
    """Which words are asked for, after which inputs."""

    rows: list[tuple[int, ...]]
    """Distinct inputs: `<s>` and the words up to the last one that matters; or, with a finite context, windows."""
    cell_row: Integers
    cell_position: Integers
    """A cell is a position in a row: [cells]."""
    cell: Integers
    """Of each question: [questions]."""
    target: Integers
    """The word whose probability is asked: [questions]."""
    counts: list[int]
    """Questions of each sentence, in order."""


def _ask(network: Network, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None, end: bool) -> _Questions:
    rows: dict[tuple[int, ...], int] = {}
    cells: dict[tuple[int, int], int] = {}
    cell, target, counts = [], [], []
    context = network.context
    padding = [BOS_ID] * (context or 1)
    for index, sentence in enumerate(sentences):
        ids = network.vocabulary.encode(sentence)
        asked = [*(range(len(ids)) if wanted is None else wanted[index]), *([len(ids)] if end else [])]
        inputs = (*padding, *ids, EOS_ID)
        counts.append(len(asked))
        target += [inputs[len(padding) + position] for position in asked]
        if context is not None:
            keys = [(rows.setdefault(inputs[p : p + context], len(rows)), context - 1) for p in asked]
        elif asked:
            row = rows.setdefault(inputs[: asked[-1] + 1], len(rows))
            keys = [(row, position) for position in asked]
        else:
            keys = []
        cell += [cells.setdefault(key, len(cells)) for key in keys]
    places = np.array(list(cells), dtype=np.int64).reshape(-1, 2)
    return _Questions(
        rows=list(rows),
        cell_row=places[:, 0],
        cell_position=places[:, 1],
        cell=np.array(cell, dtype=np.int64),
        target=np.array(target, dtype=np.int64),
        counts=counts,
    )


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


def _answers(network: Network, questions: _Questions) -> Iterator[tuple[Integers, Integers, Tensor]]:
    """Yields (question [n], row of the tensor for each [n], log-probabilities of all words [cells, vocab])."""
    network.eval()
    lengths = np.array([len(row) for row in questions.rows], dtype=np.int64)
    by_length = np.argsort(lengths, kind="stable")
    rank = np.empty_like(by_length)
    rank[by_length] = np.arange(len(by_length))
    cell_order = np.lexsort((questions.cell_position, rank[questions.cell_row]))
    cell_rank = np.empty_like(cell_order)
    cell_rank[cell_order] = np.arange(len(cell_order))
    question_order = np.argsort(cell_rank[questions.cell], kind="stable")
    question_cell = cell_rank[questions.cell][question_order]
    cell_row = rank[questions.cell_row][cell_order]
    cell_position = questions.cell_position[cell_order]

    with torch.inference_mode():
        for start, stop in batch_bounds(lengths[by_length].tolist(), max_rows=MAX_CELLS):
            time = int(lengths[by_length[stop - 1]])
            inputs = np.full((stop - start, time), EOS_ID, dtype=np.int64)
            for line, row in enumerate(by_length[start:stop]):
                inputs[line, : lengths[row]] = questions.rows[row]
            first, last = np.searchsorted(cell_row, (start, stop))
            cells = torch.from_numpy((cell_row[first:last] - start) * time + cell_position[first:last])
            states = network.states(torch.from_numpy(inputs).to(network.device), cells.to(network.device))
            for part in torch.split(states, max(1, MAX_LOGITS // len(network.vocabulary))):
                begin, finish = np.searchsorted(question_cell, (first, first + len(part)))
                logprobs = network.logits(part).log_softmax(dim=-1)  # [cells, vocab]
                yield question_order[begin:finish], question_cell[begin:finish] - first, logprobs
                first += len(part)


def word_logprobs(
    network: Network, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None, end: bool
) -> LogProbs:
    """`LanguageModel.logprobs` of a network."""
    questions = _ask(network, sentences, wanted, end)
    result = np.empty(len(questions.cell), dtype=np.float64)
    for question, cell, logprobs in _answers(network, questions):
        where = torch.from_numpy(np.stack((cell, questions.target[question]))).to(logprobs.device)
        result[question] = logprobs[where[0], where[1]].cpu().numpy()
    ends = np.cumsum(questions.counts, dtype=np.int64).tolist()
    values = result.tolist()
    return [values[stop - count : stop] for stop, count in zip(ends, questions.counts, strict=True)]


def next_word_logprobs(network: Network, prefixes: Sequence[Words]) -> NDArray[np.float64]:
    """`WordDistribution.next_word` of a network: [prefixes, vocab]."""
    questions = _ask(network, prefixes, [()] * len(prefixes), end=True)
    result = np.empty((len(prefixes), len(network.vocabulary)), dtype=np.float64)
    for question, cell, logprobs in _answers(network, questions):
        result[question] = logprobs.cpu().numpy()[cell]
    return result
