"""The weights of Jelinek-Mercer smoothing, from text that the counts have not seen.

Jelinek and Mercer (1980), "Interpolated estimation of Markov source parameters from sparse data", with one weight for
each order: expectation-maximisation on held-out words, each of which came from one of the orders.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram.counting import Ids, Level
from lrd_bench.models.ngram.tables import extend, starts_of
from lrd_bench.vocabulary import BOS_ID

Floats = NDArray[np.float64]

MAX_POSITIONS = 1_000_000
"""As many words are enough for a handful of weights."""
ROUNDS = 100
ENOUGH = 1e-6
"""Rounds end when no weight changes more."""


def estimate_lambdas(levels: Sequence[Level], held_out: Ids, *, deleted: bool) -> list[float]:
    """For orders 1, 2 … the weight of relative frequencies against the distribution of the order below.

    levels:    counts of the training text
    held_out:  [positions]: sentences on end, each between `<s>` and `</s>`; beyond MAX_POSITIONS left aside
    deleted:   whether they are the training text itself: then each word in turn is held out, by one count less

    Raises LrdBenchError for held-out text without sentences.
    """
    if not len(held_out):
        raise LrdBenchError(
            "the held-out text has no sentences to weigh the orders by. Give it one tokenised sentence a line."
        )
    frequencies = _frequencies(levels, held_out[:MAX_POSITIONS], deleted=deleted)
    lambdas = np.full(len(levels), 0.5)
    for _ in range(ROUNDS):
        before, lambdas = lambdas, _improved(lambdas, frequencies)
        if np.abs(lambdas - before).max() < ENOUGH:
            break
    return [float(weight) for weight in lambdas]


def _frequencies(levels: Sequence[Level], tokens: Ids, *, deleted: bool) -> list[Floats]:
    """For orders 0, 1 … the relative frequency of each word that can follow: [words]; NaN after an unseen context.

    Of order 0, every word but `<s>` is equally frequent.
    """
    followers = np.flatnonzero(tokens != BOS_ID)
    result = [np.full(len(followers), 1 / (len(levels[0].words) - 1))]
    ids, contexts = tokens.copy(), np.zeros(len(tokens), np.int32)
    for n, level in enumerate(levels):
        # An id of -1 takes what is last: nothing.
        counts = np.append(level.counts, 0)
        mass = np.bincount(level.parents, weights=level.counts, minlength=1 + (len(levels[n - 1].words) if n else 1))
        if n:
            contexts = np.concatenate([ids[:1], ids[:-1]])
            extend(tokens, ids, starts_of(level.parents, len(levels[n - 1].words)), level.words)
        occurrences, known = counts[ids] - deleted, mass[contexts] - deleted
        with np.errstate(divide="ignore", invalid="ignore"):
            frequencies = np.where(known > 0, occurrences / known, np.nan)
        result.append(frequencies[followers])
    return result


def _improved(lambdas: Floats, frequencies: Sequence[Floats]) -> Floats:
    """One round: how often each order was the one that a word came from, of the times it could have been."""
    mixed = [frequencies[0]]
    for weight, frequency in zip(lambdas, frequencies[1:], strict=True):
        mixed.append(np.where(np.isnan(frequency), mixed[-1], weight * frequency + (1 - weight) * mixed[-1]))
    improved, passed = lambdas.copy(), np.ones(len(frequencies[0]))
    for n in range(len(lambdas), 0, -1):
        known = ~np.isnan(frequencies[n]) & (mixed[-1] > 0)
        reached = (passed * mixed[n])[known] / mixed[-1][known]
        chosen = (passed * lambdas[n - 1] * np.nan_to_num(frequencies[n]))[known] / mixed[-1][known]
        if reached.sum() > 0:
            improved[n - 1] = chosen.sum() / reached.sum()
        passed = np.where(np.isnan(frequencies[n]), passed, passed * (1 - lambdas[n - 1]))
    return improved
