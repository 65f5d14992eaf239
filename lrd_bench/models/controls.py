"""Models that see no context at all: what is left when nothing about the sentence is known.

Whatever a suite reports for them is due to the suite, not to memory: one half, if its items are whole pairs of twins.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LogProbs, WordDistribution, Words, check_wanted
from lrd_bench.vocabulary import BOS_ID, EOS_ID, Vocabulary


class UniformModel(WordDistribution):
    """Every word of the vocabulary but `<s>`, `<unk>` and `</s>` among them, is equally likely everywhere."""

    context = 0

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._table = _log_shares(np.ones(len(vocabulary), np.int64))

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words; see `LanguageModel.logprobs`."""
        return _looked_up(self._table, self.vocabulary, sentences, wanted, end)

    def next_word(self, prefixes: Sequence[Words]) -> NDArray[np.float64]:
        """Natural-log probability of every word, the same after each prefix: [prefixes, vocab]; -inf for `<s>`."""
        return np.tile(self._table, (len(prefixes), 1))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Nothing: the vocabulary says it all."""
        return {}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], vocabulary: Vocabulary) -> Self:
        """The model of a vocabulary."""
        return cls(vocabulary)


class UnigramModel(WordDistribution):
    """Every word is as likely as it is frequent in the training text, `</s>` and `<unk>` among them.

    A word of the vocabulary that never occurs there, such as `<unk>` where no word was rare, counts as if it had
    occurred once. With its relative frequency, 0, one such word would make a sentence's surprisal infinite, and the
    difference of two sentences that share it no number at all.
    """

    context = 0

    def __init__(self, counts: NDArray[np.int64], vocabulary: Vocabulary) -> None:
        """counts: [vocab], how often each word occurs in the training text, `<s>` ignored."""
        self.vocabulary = vocabulary
        self._counts = counts
        self._table = _log_shares(np.maximum(counts, 1))

    @classmethod
    def estimate(cls, sentences: Iterable[Words], vocabulary: Vocabulary) -> Self:
        """Train on sentences; words that the vocabulary lacks become `<unk>`. Raises LrdBenchError for no sentences."""
        occurrences: Counter[int] = Counter()
        for sentence in sentences:
            occurrences.update((*vocabulary.encode(sentence), EOS_ID))
        if not occurrences:
            raise LrdBenchError("the training text has no sentences to count. Give it one tokenised sentence a line.")
        return cls(np.array([occurrences[word] for word in range(len(vocabulary))], np.int64), vocabulary)

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words; see `LanguageModel.logprobs`."""
        return _looked_up(self._table, self.vocabulary, sentences, wanted, end)

    def next_word(self, prefixes: Sequence[Words]) -> NDArray[np.float64]:
        """Natural-log probability of every word, the same after each prefix: [prefixes, vocab]; -inf for `<s>`."""
        return np.tile(self._table, (len(prefixes), 1))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """`counts`: [vocab], how often each word occurs in the training text."""
        return {"counts": self._counts}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], vocabulary: Vocabulary) -> Self:
        """The model whose `arrays` these are."""
        return cls(arrays["counts"].astype(np.int64, copy=False), vocabulary)


def _log_shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Natural-log share of each word in all but `<s>`, whose share is 0: [vocab]."""
    predicted = counts.astype(np.float64)
    predicted[BOS_ID] = 0
    with np.errstate(divide="ignore"):
        shares: NDArray[np.float64] = np.log(predicted / predicted.sum())
    return shares


def _looked_up(
    table: NDArray[np.float64],
    vocabulary: Vocabulary,
    sentences: Sequence[Words],
    wanted: Sequence[Sequence[int]] | None,
    end: bool,
) -> LogProbs:
    check_wanted(sentences, wanted)
    result = []
    for number, sentence in enumerate(sentences):
        words = sentence if wanted is None else [sentence[position] for position in wanted[number]]
        ids = [*vocabulary.encode(words), EOS_ID] if end else vocabulary.encode(words)
        result.append([float(table[word]) for word in ids])
    return result
