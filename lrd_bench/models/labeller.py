"""Labels in place of words: what a sentence is (many to one), or what each of its words is (many to many).

A label may be the number of a verb that is still to come (Linzen et al. 2016), `acceptable` or not, a class of texts, a
part of speech.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import Judge, Words
from lrd_bench.models.bidirectional import BidirectionalEncoder
from lrd_bench.models.language import HiddenStates, hidden_states
from lrd_bench.models.neural import Encoder, OutputLayer, padded_batches
from lrd_bench.vocabulary import BOS_ID, Vocabulary

Floats = NDArray[np.float64]


class Labeller(nn.Module, Judge):
    """An encoder, and a linear layer from its states to the labels.

    A sentence's label is read off the state after its last word; of two networks that read from both ends, off the
    states in which both end.
    """

    def __init__(self, encoder: Encoder, vocabulary: Vocabulary, labels: Sequence[str], *, every_word: bool) -> None:
        """every_word: whether each word has a label, rather than the sentence."""
        super().__init__()
        self.vocabulary: Vocabulary = vocabulary
        self.context: int | None = encoder.context
        self.labels = tuple(labels)
        self.every_word = every_word
        self.encoder = encoder
        self.output = OutputLayer(encoder.size, len(labels))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.output.weight.device

    def output_states(self, inputs: Tensor, cells: Tensor | None, lengths: Tensor) -> Tensor:
        """What the output layer is given: for each sentence, or for each of the words asked for, [n, size].

        inputs:   [batch, time]  ids, each sentence after its `<s>`
        cells:    [n]            the words asked for, as indices into batch × time: each sentence's last, or all words
        lengths:  [batch]        words in each sentence, and its `<s>`
        """
        if isinstance(self.encoder, BidirectionalEncoder) and not self.every_word:
            return self.encoder.ends(inputs, lengths)
        return self.encoder(inputs, cells, lengths)

    def scores(self, sentences: Sequence[Words]) -> Floats:
        """Natural-log probability of each label of a sentence, or of its last word: [sentences, labels]."""
        result = np.empty((len(sentences), len(self.labels)))
        for row, logprobs in self._answers(sentences, [[len(sentence)] for sentence in sentences]):
            result[row] = logprobs[0]
        return result

    def tags(self, sentences: Sequence[Words]) -> list[list[str]]:
        """The likeliest label of each word; of several, the first of `labels`. Raises as `word_scores` does."""
        return [[self.labels[best] for best in scores.argmax(axis=1)] for scores in self.word_scores(sentences)]

    def word_scores(self, sentences: Sequence[Words]) -> list[Floats]:
        """Natural-log probability of each label of each word: [words, labels] for each sentence.

        Raises LrdBenchError where it is sentences that have labels, and TypeError for a sentence that is a string.
        """
        if not self.every_word:
            raise LrdBenchError("words have no labels here, for the model labels sentences. Ask for their `scores`.")
        result = [np.empty((0, len(self.labels)))] * len(sentences)
        for row, logprobs in self._answers(sentences, [range(1, len(sentence) + 1) for sentence in sentences]):
            result[row] = logprobs
        return result

    def states(self, sentences: Sequence[Words]) -> list[HiddenStates]:
        """The hidden states of each layer: for each sentence a list of arrays, [words + 1, size], lowest layer first.

        Row 0 is the state after `<s>`, row t that after the t-th word, from which a word's label is read. Of two
        networks that read from both ends, the first half of row t has read `<s>` and the words up to the t-th, the
        second half, from the right, the words down to the t-th; a sentence's label is then read from the first half of
        the last row and the second half of row 0. See `NeuralLanguageModel.states`.
        """
        self.eval()
        rows = [[BOS_ID, *self.vocabulary.encode(sentence)] for sentence in sentences]
        return hidden_states(self.encoder.layer_states, rows, self.device)

    def _answers(self, sentences: Sequence[Words], asked: Sequence[Sequence[int]]) -> Iterator[tuple[int, Floats]]:
        """Yields (sentence, log-probabilities at the positions asked for, [n, labels]); 0 is the `<s>`."""
        self.eval()
        rows = [[BOS_ID, *self.vocabulary.encode(sentence)] for sentence in sentences]
        with torch.inference_mode():
            for chosen, inputs, lengths in padded_batches(rows, len(self.labels)):
                places = [line * inputs.shape[1] + place for line, row in enumerate(chosen) for place in asked[row]]
                cells = torch.tensor(places, dtype=torch.int64)
                states = self.output_states(*(part.to(self.device) for part in (inputs, cells, lengths)))
                logprobs = self.output(states).log_softmax(dim=-1).cpu().to(torch.float64).numpy()
                start = 0
                for row in chosen:
                    yield row, logprobs[start : start + len(asked[row])]
                    start += len(asked[row])
