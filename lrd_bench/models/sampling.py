"""Sentences drawn from a language model, from nothing or from a beginning: one to many.

What a model says when nobody asks shows at once whether it has learnt the language of its training text.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import Judge, LanguageModel, WordDistribution, Words
from lrd_bench.progress import progress_bar
from lrd_bench.vocabulary import BOS, EOS, EOS_ID, check_words

GROUP = 64
"""Sentences that are drawn side by side."""
MAX_SCORES = 2**22
"""Scores of words held at once (32 MiB), so that a large vocabulary does not need gigabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledSentence:
    """A sentence that a model has drawn."""

    words: tuple[str, ...]
    """The prefix as it was given and the words drawn after it, without boundary symbols; `<unk>` may be among them."""
    ended: bool
    """Whether the model has drawn its end, too; else it was cut."""


def word_distribution(name: str, model: LanguageModel | Judge) -> WordDistribution:
    """The model as one that sentences can be drawn from.

    name:  what to call it in the message

    Raises LrdBenchError, with the reason, where it is none: its next word has no distribution.
    """
    if isinstance(model, Judge):
        raise LrdBenchError(f"{name}: decides on labels and predicts no words. Sample from a language model.")
    if model.bidirectional:
        raise LrdBenchError(
            f"{name}: sees the words to the right, and there are none yet. Sample from a left-to-right model."
        )
    if not model.normalised:
        raise LrdBenchError(
            f"{name}: its scores do not sum to one, so they are no chances to draw words by. Sample from another model."
        )
    if not isinstance(model, WordDistribution):
        raise LrdBenchError(
            f"{name}: scores the words it is given and cannot list those that may come. Sample from a model folder, "
            "arpa:FILE, or a python: model that has a Vocabulary and `next_word` (lrd_bench.models.base)."
        )
    return model


def sample_sentences(
    model: WordDistribution,
    *,
    sentences: int,
    prefix: Words = (),
    temperature: float = 1.0,
    seed: int = 0,
    max_words: int = 100,
) -> list[SampledSentence]:
    """Draw sentences word by word, each from a model's distribution after the words before.

    sentences:    how many; the first ones are the same however many there are
    prefix:       the words that each begins with
    temperature:  words are drawn in proportion to p^(1 / temperature): below 1 the likely ones more often, above 1 less
    max_words:    of a sentence, prefix included; one that has so many and does not end there is cut

    Raises LrdBenchError for a temperature that is no number above 0, a prefix that holds a boundary symbol or more than
    `max_words` words, and where a model finds impossible whatever could come next; TypeError for a prefix that is a
    string.
    """
    check_words(prefix)
    _check(prefix, temperature, max_words)
    # Always whole groups, for another batch may change the last bits of a network's scores, and with them a word.
    group = max(1, min(GROUP, MAX_SCORES // len(model.vocabulary)))
    sampled: list[SampledSentence] = []
    with progress_bar() as bar:
        task = bar.add_task("sampling", total=sentences, unit="sentences")
        while len(sampled) < sentences:
            # A generator for each sentence, or its chances would depend on how many words its neighbours take.
            numbers = range(len(sampled), len(sampled) + group)
            rngs = [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,))) for number in numbers]
            wanted = min(group, sentences - len(sampled))
            sampled += _sample_group(model, rngs, wanted, prefix, temperature, max_words)
            bar.advance(task, wanted)
    return sampled


def _check(prefix: Words, temperature: float, max_words: int) -> None:
    if not 0 < temperature < math.inf:
        raise LrdBenchError(
            f"--temperature {temperature:g}: expected a number above 0. For the likeliest words, take a low one: 0.01."
        )
    if BOS in prefix or EOS in prefix:
        raise LrdBenchError(
            f"--prefix: {BOS} and {EOS} are boundary symbols. Leave them out: a sentence begins by itself."
        )
    if len(prefix) > max_words:
        raise LrdBenchError(
            f"--prefix: has {len(prefix)} words, and a sentence at most {max_words}. Raise --max-words, or shorten it."
        )


def _sample_group(
    model: WordDistribution,
    rngs: Sequence[np.random.Generator],
    wanted: int,
    prefix: Words,
    temperature: float,
    max_words: int,
) -> list[SampledSentence]:
    """Draw a sentence with each generator until the first `wanted` are done, and return these."""
    words = [list(prefix) for _ in rngs]
    ended = [False] * len(rngs)
    unfinished = list(range(len(rngs)))
    while unfinished and unfinished[0] < wanted:
        beginnings = [words[row] for row in unfinished]
        logprobs = model.next_word(beginnings)
        _check_possible(logprobs, beginnings, prefix)
        drawn = _draw(logprobs, temperature, np.array([rngs[row].random() for row in unfinished])).tolist()
        going_on = []
        for row, word in zip(unfinished, drawn, strict=True):
            if word == EOS_ID:
                ended[row] = True
            elif len(words[row]) < max_words:
                words[row].append(model.vocabulary.words[word])
                going_on.append(row)
        unfinished = going_on
    return [SampledSentence(words=tuple(words[row]), ended=ended[row]) for row in range(wanted)]


def _check_possible(logprobs: NDArray[np.float64], beginnings: Sequence[Words], prefix: Words) -> None:
    """Raise LrdBenchError where a row has no possible word, or one that has no number.

    logprobs:  [beginnings, vocab]
    """
    for words, highest in zip(beginnings, logprobs.max(axis=1).tolist(), strict=True):
        if math.isfinite(highest):
            continue
        where = f"after {' '.join(words)!r}" if words else "at the beginning"
        if math.isnan(highest):
            raise LrdBenchError(f"{where}, the model gives some word no number (NaN). Check it, or train it again.")
        advice = "Take another --seed." if len(words) > len(prefix) else "Take another --prefix."
        raise LrdBenchError(f"{where}, the model finds every word impossible, and the end as well. {advice}")


def _draw(logprobs: NDArray[np.float64], temperature: float, chances: NDArray[np.float64]) -> NDArray[np.int64]:
    """A word for each row, in proportion to p^(1 / temperature): [prefixes].

    logprobs:  [prefixes, vocab]
    chances:   [prefixes], uniform in [0, 1)
    """
    with np.errstate(over="ignore"):  # at a very low temperature: of what is then as good as impossible
        scores = (logprobs - logprobs.max(axis=1, keepdims=True)) / temperature
    totals = np.exp(scores).cumsum(axis=1)
    # The first word whose running total exceeds the chance: never one that adds nothing, such as `<s>`.
    words: NDArray[np.int64] = (totals <= chances[:, np.newaxis] * totals[:, -1:]).sum(axis=1)
    return words
