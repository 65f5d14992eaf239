"""Networks as language models: a network's states, a score for each word, and scoring in batches that never change one.

Scoring asks for a state at each wanted position only, and once for equal inputs: the two sentences of a pair are equal
up to their critical word.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lrd_bench.models.base import LogProbs, WordDistribution, Words, check_wanted
from lrd_bench.models.neural import MAX_CELLS, MAX_LOGITS, Encoder, OutputLayer, batch_bounds
from lrd_bench.vocabulary import BOS_ID, EOS_ID, Vocabulary

Integers = NDArray[np.int64]
HiddenStates = list[NDArray[np.float32]]
"""Of one sentence, for each layer: [words + 1, size], after `<s>` and after each word; of a model that fills in blanks,
[words, size], around each word."""


class NeuralLanguageModel(nn.Module, WordDistribution):
    """An encoder, and a linear layer from its states to the vocabulary. `<s>` is never predicted.

    With `tied`, the layer's weights are the word vectors (Press and Wolf 2017; Inan et al. 2017).
    """

    def __init__(self, encoder: Encoder, vocabulary: Vocabulary, *, tied: bool = False) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.context: int | None = encoder.context
        self.encoder = encoder
        self.output = OutputLayer(encoder.size, len(vocabulary), never=BOS_ID)
        if tied:
            self.output.weight = encoder.embedding.weight

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.output.weight.device

    def output_states(self, inputs: Tensor, cells: Tensor | None, lengths: Tensor | None = None) -> Tensor:
        """What the output layer is given: [n, size]; see `lrd_bench.models.neural.Encoder`."""
        return self.encoder(inputs, cells, lengths)

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words given those before them; see `LanguageModel`."""
        questions = _ask(self, sentences, wanted, end)
        result = np.empty(len(questions.cell), dtype=np.float64)
        for question, cell, logprobs in _answers(self, questions):
            where = torch.from_numpy(np.stack((cell, questions.target[question]))).to(logprobs.device)
            result[question] = logprobs[where[0], where[1]].cpu().numpy()
        ends = np.cumsum(questions.counts, dtype=np.int64).tolist()
        values = result.tolist()
        return [values[stop - count : stop] for stop, count in zip(ends, questions.counts, strict=True)]

    def next_word(self, prefixes: Sequence[Words]) -> NDArray[np.float64]:
        """Natural-log probability of each word after each prefix: [prefixes, vocab]; see `WordDistribution`."""
        questions = _ask(self, prefixes, [()] * len(prefixes), end=True)
        result = np.empty((len(prefixes), len(self.vocabulary)), dtype=np.float64)
        for question, cell, logprobs in _answers(self, questions):
            result[question] = logprobs.cpu().numpy()[cell]
        return result

    def states(self, sentences: Sequence[Words]) -> list[HiddenStates]:
        """The hidden states of each layer: for each sentence a list of arrays, [words + 1, size], lowest layer first.

        Row 0 is the state after `<s>`, row t that after the t-th word, from which the word after it is predicted: so
        row t is what word t, counted from 0, is predicted from, by the output layer if it is of the last layer. With
        a finite `context`, it is the state of a network that has read the window alone. Of an LSTM's layer it is h,
        not its cell c.

        Raises TypeError for a sentence that is a string.
        """
        self.eval()
        rows = [[BOS_ID, *self.vocabulary.encode(sentence)] for sentence in sentences]
        return hidden_states(self.encoder.layer_states, rows, self.device)


def hidden_states(
    read: Callable[[Tensor], list[Tensor]], rows: Sequence[Sequence[int]], device: torch.device
) -> list[HiddenStates]:
    """What `states` of a network returns.

    read:  from ids, [1, time], to the states of each layer, [1, states, size] each
    rows:  the ids of each sentence, with their boundary symbols
    """
    with torch.inference_mode():  # one by one: states are looked at in dozens, not in millions
        ids = [torch.tensor([row], device=device) for row in rows]
        return [[layer[0].cpu().numpy() for layer in read(row)] for row in ids]


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


def _ask(
    network: NeuralLanguageModel, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None, end: bool
) -> _Questions:
    check_wanted(sentences, wanted)
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


def _answers(network: NeuralLanguageModel, questions: _Questions) -> Iterator[tuple[Integers, Integers, Tensor]]:
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
            states = network.encoder(torch.from_numpy(inputs).to(network.device), cells.to(network.device), None)
            for part in torch.split(states, max(1, MAX_LOGITS // len(network.vocabulary))):
                begin, finish = np.searchsorted(question_cell, (first, first + len(part)))
                logprobs = network.output(part).log_softmax(dim=-1)  # [cells, vocab]
                yield question_order[begin:finish], question_cell[begin:finish] - first, logprobs
                first += len(part)
