"""Recurrent networks: Elman (1990), the GRU of Cho et al. (2014), the LSTM of Hochreiter and Schmidhuber (1997).

Each sees the whole sentence so far or, as Gulordava et al. (2018) have an LSTM do, a window of words.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from lrd_bench.models.base import LogProbs, WordDistribution, Words
from lrd_bench.models.neural import WordLayer, next_word_logprobs, word_logprobs
from lrd_bench.models.recipes import RecurrentSettings
from lrd_bench.vocabulary import BOS_ID, Vocabulary

CELLS: dict[str, type[nn.RNN] | type[nn.GRU] | type[nn.LSTM]] = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class RecurrentModel(nn.Module, WordDistribution):
    """Word vectors, one or more recurrent layers, and a linear layer to the vocabulary.

    Every sentence starts from `<s>` and a state of zeros. With a `context`, so does every word (Gulordava et al. 2018):
    a fresh network reads the last `context` words and predicts the next; a window that reaches over the beginning of
    the sentence is filled with `<s>`, and equal windows are scored once.

    The cells are torch's: Elman's function is tanh, the LSTM has forget gates (Gers et al. 2000) and no peepholes, the
    GRU applies its reset gate after the recurrent product.
    """

    def __init__(self, settings: RecurrentSettings, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.context: int | None = settings.context
        self.dropout = settings.dropout
        size = settings.embedding or settings.hidden
        self.embedding = nn.Embedding(len(vocabulary), size)
        self.recurrent = CELLS[settings.cell](
            size,
            settings.hidden,
            num_layers=settings.layers,
            dropout=settings.dropout if settings.layers > 1 else 0.0,
            batch_first=True,
        )
        self.output = WordLayer(settings.hidden, len(vocabulary))

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the initial weights.

        The matrix from state to state, each gate's by itself, is a random orthogonal one (Saxe et al. 2014), which at
        first neither fades nor swells what a state holds. The rest is torch's own choice: word vectors from N(0, 1),
        everything else from U(-1/√hidden, 1/√hidden).
        """
        with torch.no_grad():
            nn.init.normal_(self.embedding.weight, generator=generator)
            bound = 1 / math.sqrt(self.recurrent.hidden_size)
            for weight in (*self.recurrent.parameters(), *self.output.parameters()):
                nn.init.uniform_(weight, -bound, bound, generator=generator)
            for name, weight in self.recurrent.named_parameters():
                if name.startswith("weight_hh"):
                    for gate in torch.split(weight, self.recurrent.hidden_size):
                        nn.init.orthogonal_(gate, generator=generator)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embedding.weight.device

    def states(self, inputs: Tensor, cells: Tensor | None = None) -> Tensor:
        """The states that predict the next word; see `lrd_bench.models.neural.Network`."""
        # Real positions first, the vocabulary after: nothing is projected that nobody asks for, nor any window read.
        if self.context is None:
            states = self._run(inputs).flatten(0, 1)  # [batch × time, hidden]
            states = states if cells is None else states.index_select(0, cells)
        else:
            padded = F.pad(inputs, (self.context - 1, 0), value=BOS_ID)
            windows = padded.unfold(1, self.context, 1).reshape(-1, self.context)  # [batch × time, context]
            states = self._run(windows if cells is None else windows.index_select(0, cells))[:, -1]
        return F.dropout(states, self.dropout, self.training)

    def _run(self, inputs: Tensor) -> Tensor:
        """ids [batch, time] to the states of a network that starts fresh: [batch, time, hidden]."""
        states: Tensor = self.recurrent(F.dropout(self.embedding(inputs), self.dropout, self.training))[0]
        return states

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
