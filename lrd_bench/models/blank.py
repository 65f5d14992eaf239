"""Filling in the blank: a word's probability given all other words of its sentence.

What such a model knows of a dependency is not what a model knows that reads from left to right: it sees what comes
after. Its method is `blank`, and reports keep it apart.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel, LogProbs, Words, check_wanted
from lrd_bench.models.bidirectional import BidirectionalEncoder
from lrd_bench.models.language import HiddenStates, hidden_states
from lrd_bench.models.neural import OutputLayer, padded_batches
from lrd_bench.vocabulary import BOS_ID, EOS_ID, Vocabulary


class BlankModel(nn.Module, LanguageModel):
    """One network has read all before the blank, another all after it; from both states, a score for each word.

    Not `<s>`, but every other word is possible. There is no blank after the sentence: no probability of the end, and no
    perplexity that could stand beside a language model's.
    """

    bidirectional = True
    method = "blank"

    def __init__(self, encoder: BidirectionalEncoder, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary: Vocabulary = vocabulary
        self.context: int | None = None
        self.encoder = encoder
        self.output = OutputLayer(encoder.size, len(vocabulary), never=BOS_ID)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.output.weight.device

    def output_states(self, inputs: Tensor, cells: Tensor | None, lengths: Tensor) -> Tensor:
        """What the output layer is given for some of the words; see `BidirectionalEncoder.around`."""
        assert cells is not None, "not all of the symbols are words"
        return self.encoder.around(inputs, cells, lengths)

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words given all others of their sentence; see `LanguageModel`.

        Raises LrdBenchError for `end`, which no model predicts that sees it.
        """
        if end:
            raise LrdBenchError("a model that fills in blanks gives the end of a sentence no probability.")
        check_wanted(sentences, wanted)
        self.eval()
        rows = [[BOS_ID, *self.vocabulary.encode(sentence), EOS_ID] for sentence in sentences]
        asked = [range(len(row) - 2) for row in rows] if wanted is None else wanted
        result: LogProbs = [[] for _ in rows]
        with torch.inference_mode():
            for chosen, inputs, lengths in padded_batches(rows, len(self.vocabulary)):
                places = [line * inputs.shape[1] + 1 + word for line, row in enumerate(chosen) for word in asked[row]]
                cells = torch.tensor(places, dtype=torch.int64)
                targets = inputs.flatten()[cells].to(self.device)
                states = self.output_states(*(part.to(self.device) for part in (inputs, cells, lengths)))
                scores = self.output(states).log_softmax(dim=-1).gather(1, targets.unsqueeze(1)).squeeze(1)
                values = iter(scores.cpu().to(torch.float64).tolist())
                for row in chosen:
                    result[row] = [next(values) for _ in asked[row]]
        return result

    def states(self, sentences: Sequence[Words]) -> list[HiddenStates]:
        """The hidden states of each layer: for each sentence a list of arrays, [words, size], lowest layer first.

        Row t is what word t, counted from 0, is predicted from, as in every model here: its first half has read `<s>`
        and the words before that one, its second half, from the right, `</s>` and the words after it. No row has seen
        its own word, and there is none for the end, which is not predicted.

        Raises TypeError for a sentence that is a string.
        """
        self.eval()
        rows = [[BOS_ID, *self.vocabulary.encode(sentence), EOS_ID] for sentence in sentences]
        return hidden_states(self.encoder.layer_states_around, rows, self.device)
