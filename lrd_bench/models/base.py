"""What every model can do, said once: in plain Python, so that an n-gram model is no second-class citizen."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lrd_bench.vocabulary import Vocabulary

Words = Sequence[str]
LogProbs = list[list[float]]


def check_wanted(sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None) -> None:
    """Raise ValueError where the wanted positions are not those of words of the sentences."""
    if wanted is None:
        return
    if len(wanted) != len(sentences):
        raise ValueError(f"wanted positions of {len(wanted)} sentences, and there are {len(sentences)}")
    for sentence, positions in zip(sentences, wanted, strict=True):
        if positions and not 0 <= min(positions) <= max(positions) < len(sentence):
            raise ValueError(f"wanted positions {[*positions]} of a sentence of {len(sentence)} words: count from 0")


class KnownWords(Protocol):
    """Says which words a model knows, boundary symbols and `<unk>` not among them; a `Vocabulary` does."""

    def __contains__(self, word: str, /) -> bool: ...


@runtime_checkable
class LanguageModel(Protocol):
    """Anything that can say how likely each next word is. Subclass it and write `logprobs`; the rest has defaults.

    Every sentence starts from the boundary symbol and a fresh state. Batching, padding and device are the model's own
    business, and never change a score by more than 1e-5 nats.
    """

    context: int | None = None
    """How many words to the left the model sees; None: all of them."""
    bidirectional: bool = False
    """Whether it also sees the words to the right."""
    method: str | None = None
    """How its scores come about: lm, a word given those before it; blank, a word given all others; pll, as blank but of
    a masked language model. None: pll for a model that sees the right, else lm."""
    normalised: bool = True
    """Whether the probabilities of all words in a place sum to one; where they do not, there is no perplexity."""
    vocabulary: KnownWords | None = None
    """The words it knows; None for a model that has an opinion on any word."""
    conventions: str | None = None
    """What the signature of its numbers must say besides, as `name:value,…`: how words are made of a model of other
    units, where that could be done in another way."""

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words given what the model may see, in nats.

        sentences:  words, without boundary symbols
        wanted:     for each sentence the positions (0-based, increasing) asked for; None: all of them
        end:        whether to append the log-probability of the end symbol after the whole sentence
        returns:    for each sentence one number per wanted position, in order, then the end's if asked for

        The models here raise TypeError for a sentence that is a string, and ValueError for positions that are not
        there.
        """
        ...


@runtime_checkable
class WordDistribution(LanguageModel, Protocol):
    """A language model with a vocabulary that can give the whole distribution of the next word."""

    vocabulary: Vocabulary

    def next_word(self, prefixes: Sequence[Words]) -> NDArray[np.float64]:
        """Natural-log probability of each word of the vocabulary after each prefix: [prefixes, vocab].

        Each row sums to one over the vocabulary; `<s>` has probability 0.
        """
        ...


@runtime_checkable
class Judge(Protocol):
    """Decides rather than predicts: which of some labels a sentence has. Never averaged with language models."""

    labels: tuple[str, ...]
    """What a sentence can be, such as `singular` and `plural`, for the verb that is to come, or `acceptable`."""
    context: int | None = None
    """How many words to the left the judge sees; None: all of them."""
    vocabulary: KnownWords | None = None
    """The words it knows; None for one that has an opinion on any word."""

    def scores(self, sentences: Sequence[Words]) -> NDArray[np.float64]:
        """Natural-log probability of each label: [sentences, labels].

        The judges here raise TypeError for a sentence that is a string.
        """
        ...
