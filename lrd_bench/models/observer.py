"""The ideal observer: what the grammar that wrote a text makes of it. No model of the same sentences does better."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lrd_bench.models.base import LogProbs, WordDistribution, Words, check_wanted
from lrd_bench.pcfg import Pcfg
from lrd_bench.vocabulary import Vocabulary, check_words


class IdealObserver(WordDistribution):
    """Scores words by the grammar's own probabilities, exactly; a word that no analysis admits gets -inf.

    The vocabulary says what `next_word` is a distribution over. A word outside it is looked up in the grammar as
    itself, not as `<unk>`, and none is spelt in another case: the grammar knows its words as they stand.
    """

    def __init__(self, grammar: Pcfg, vocabulary: Vocabulary) -> None:
        self.grammar = grammar
        self.vocabulary = vocabulary

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words; see `LanguageModel.logprobs`. -inf from the first impossible word on."""
        grammar = self.grammar
        check_wanted(sentences, wanted)
        result: LogProbs = [[] for _ in sentences]
        # In sorted order neighbours share their longest beginnings: its analyses are kept, one list a word.
        words: Words = ()
        steps = [(math.nan, grammar.begin())]  # before any word, then after each
        for number in sorted(range(len(sentences)), key=lambda number: tuple(sentences[number])):
            shared = _shared(words, sentences[number])
            words = sentences[number]
            check_words(words)
            del steps[shared + 1 :]
            positions = range(len(words)) if wanted is None else wanted[number]
            needed = len(words) if end else max(positions, default=-1) + 1
            for word in words[len(steps) - 1 : needed]:
                steps.append(grammar.advance(steps[-1][1], word))
            result[number] = [steps[position + 1][0] for position in positions]
            if end:
                result[number].append(grammar.end(steps[-1][1]))
        return result

    def next_word(self, prefixes: Sequence[Words]) -> NDArray[np.float64]:
        """Natural-log probability of every word after each prefix: [prefixes, vocab]; -inf for `<s>`.

        `<unk>` stands for all words of the grammar that the vocabulary lacks. After a prefix that no analysis admits
        there is no distribution, and the row is -inf throughout.
        """
        probabilities = np.zeros((len(prefixes), len(self.vocabulary)))
        for row, prefix in zip(probabilities, prefixes, strict=True):
            for word, probability in self.grammar.next_word(prefix).items():
                row[self.vocabulary.encode((word,))] += probability
        with np.errstate(divide="ignore"):
            return np.log(probabilities)


def _shared(one: Words, other: Words) -> int:
    """How many words two sentences have in common from the beginning."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
