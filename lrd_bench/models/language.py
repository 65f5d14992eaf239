"""Networks as language models: a network's states, a score for each word, and scoring in batches that never change one.

Scoring reads each distinct prefix once (`lrd_bench.models.prefixes`), and asks for scores where a word is wanted only.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lrd_bench.models.base import LogProbs, WordDistribution, Words, check_wanted
from lrd_bench.models.neural import MAX_LOGITS, CausalEncoder, OutputLayer
from lrd_bench.models.prefixes import asked_states
from lrd_bench.models.tries import Integers
from lrd_bench.vocabulary import BOS_ID, EOS_ID, Vocabulary

CACHED_LOGITS = 2**18
"""Scores of words that stay in a processor's cache (1 MiB)."""
HiddenStates = list[NDArray[np.float32]]
"""Of one sentence, for each layer: [words + 1, size], after `<s>` and after each word; of a model that fills in blanks,
[words, size], around each word."""


class NeuralLanguageModel(nn.Module, WordDistribution):
    """An encoder, and a linear layer from its states to the vocabulary. `<s>` is never predicted.

    With `tied`, the layer's weights are the word vectors (Press and Wolf 2017; Inan et al. 2017).
    """

    def __init__(self, encoder: CausalEncoder, vocabulary: Vocabulary, *, tied: bool = False) -> None:
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

    @torch.inference_mode()
    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words given those before them; see `LanguageModel`."""
        questions = _ask(self, sentences, wanted, end)
        result = np.empty(len(questions.target), dtype=np.float64)
        for question, line, states in self._states(questions):
            scores = self.output(states)  # [lines, vocab]
            where = torch.from_numpy(np.stack((line, questions.target[question]))).to(scores.device)
            logprobs = scores[where[0], where[1]] - _log_totals(scores)[where[0]]
            result[question] = logprobs.cpu().numpy()
        ends = np.cumsum(questions.counts, dtype=np.int64).tolist()
        values = result.tolist()
        return [values[stop - count : stop] for stop, count in zip(ends, questions.counts, strict=True)]

    @torch.inference_mode()
    def next_word(self, prefixes: Sequence[Words]) -> NDArray[np.float64]:
        """Natural-log probability of each word after each prefix: [prefixes, vocab]; see `WordDistribution`."""
        result = np.empty((len(prefixes), len(self.vocabulary)), dtype=np.float64)
        for question, line, states in self._states(_ask(self, prefixes, [()] * len(prefixes), end=True)):
            result[question] = self.output(states).log_softmax(dim=-1).cpu().numpy()[line]
        return result

    def _states(self, questions: "_Questions") -> Iterator[tuple[Integers, Integers, Tensor]]:
        """Yields (which questions, line of the tensor for each, states [lines, size]); see `asked_states`."""
        self.eval()
        at_once = max(1, MAX_LOGITS // len(self.vocabulary))
        return asked_states(questions.rows, questions.row, questions.position, self.encoder.walk, at_once=at_once)

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


def _log_totals(scores: Tensor) -> Tensor:
    """What the scores' exponentials add up to, as a logarithm: [n, vocab] to [n]. Some at a time stay in the cache."""
    parts = torch.split(scores, max(1, CACHED_LOGITS // scores.shape[1]))
    return torch.cat([part.logsumexp(dim=-1) for part in parts])


class _Questions(NamedTuple):
    """Which words are asked for, after which inputs."""

    rows: list[tuple[int, ...]]
    """Distinct inputs: `<s>` and the words up to the last one that matters; or, with a finite context, windows."""
    row: Integers
    """[questions]"""
    position: Integers
    """[questions] the symbol of the row after which the word comes"""
    target: Integers
    """[questions] the word"""
    counts: list[int]
    """Questions of each sentence, in order."""


def _ask(
    network: NeuralLanguageModel, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None, end: bool
) -> _Questions:
    check_wanted(sentences, wanted)
    rows: dict[tuple[int, ...], int] = {}
    row, place, target, counts = list[int](), list[int](), list[int](), list[int]()
    context = network.context
    padding = [BOS_ID] * (context or 1)
    for index, sentence in enumerate(sentences):
        ids = network.vocabulary.encode(sentence)
        asked = [*(range(len(ids)) if wanted is None else wanted[index]), *([len(ids)] if end else [])]
        inputs = (*padding, *ids, EOS_ID)
        counts.append(len(asked))
        target += [inputs[len(padding) + position] for position in asked]
        if context is not None:
            row += [rows.setdefault(inputs[position : position + context], len(rows)) for position in asked]
            place += [context - 1] * len(asked)
        elif asked:
            row += [rows.setdefault(inputs[: asked[-1] + 1], len(rows))] * len(asked)
            place += asked
    row_array, place_array, target_array = (np.array(numbers, dtype=np.int64) for numbers in (row, place, target))
    return _Questions(list(rows), row_array, place_array, target_array, counts)
