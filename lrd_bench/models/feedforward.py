"""The feed-forward network over a fixed window of words of Bengio et al. (2003), without direct connections."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from lrd_bench.models.base import LogProbs, WordDistribution, Words
from lrd_bench.models.neural import WordLayer, next_word_logprobs, word_logprobs
from lrd_bench.models.recipes import FeedForwardSettings
from lrd_bench.vocabulary import BOS_ID, Vocabulary


class FeedForwardModel(nn.Module, WordDistribution):
    """The vectors of the last `context` words, side by side; a tanh layer; a linear layer to the vocabulary.

    A window that reaches over the beginning of the sentence is filled with `<s>`. A word's score depends on its window
    alone, and equal windows are scored once.
    """

    def __init__(self, settings: FeedForwardSettings, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.context: int = settings.context
        self.dropout = settings.dropout
        self.embedding = nn.Embedding(len(vocabulary), settings.embedding)
        self.layer = nn.Linear(settings.context * settings.embedding, settings.hidden)
        self.output = WordLayer(settings.hidden, len(vocabulary))

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the initial weights.

        Word vectors from N(0, 1), everything else from U(-1/√inputs, 1/√inputs), torch's own choice; from a generator.
        """
        with torch.no_grad():
            nn.init.normal_(self.embedding.weight, generator=generator)
            for layer in (self.layer, self.output):
                bound = 1 / math.sqrt(layer.in_features)
                nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
                nn.init.uniform_(layer.bias, -bound, bound, generator=generator)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embedding.weight.device

    def states(self, inputs: Tensor, cells: Tensor | None = None) -> Tensor:
        """The states that predict the next word; see `lrd_bench.models.neural.Network`."""
        padded = F.pad(inputs, (self.context - 1, 0), value=BOS_ID)
        windows = padded.unfold(1, self.context, 1).reshape(-1, self.context)  # [batch × time, context]
        windows = windows if cells is None else windows.index_select(0, cells)
        vectors = F.dropout(self.embedding(windows).flatten(1), self.dropout, self.training)
        states = torch.tanh(self.layer(vectors))  # [n, hidden]
        return F.dropout(states, self.dropout, self.training)

    def logits(self, states: Tensor) -> Tensor:
        """states [n, hidden] to logits [n, vocab]."""
        scores: Tensor = self.output(states)
        return scores

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words given those before them; see `LanguageModel`."""
        return word_logprobs(self, sentences, wanted, end)

    def next_word(self, prefixes: Sequence[Words]) -> NDArray[np.float64]:
        """Natural-log probability of each word after each prefix: [prefixes, vocab]; see `WordDistribution`."""
        return next_word_logprobs(self, prefixes)
