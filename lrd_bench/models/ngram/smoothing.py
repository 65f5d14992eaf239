"""From counts to probabilities: how each smoothing shares a context's probability out.

Every one of them is, for a context h and the shorter context h' without its first word,

    p(w | h) = scale(h) · (c(h w) - discount(c(h w))) + share(h) · p(w | h'),

where a word that never follows h has the last term alone, and the unigrams end in 1 / (vocab - 1) for every word but
`<s>`. What they differ in are the weights, and what is counted (`estimation`). docs/method.md has the formulas and
their sources.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.cores import divided
from lrd_bench.models.ngram.counting import Ids
from lrd_bench.models.recipes import NgramSettings

Floats = NDArray[np.float64]

FALLBACK_DISCOUNTS = np.array([0.0, 0.5, 1.0, 1.5])
"""lmplz's for an order whose counts give none: of counts 0, 1, 2 and more."""
FALLBACK_DISCOUNT = np.array([0.0, 0.5, 0.5, 0.5])
"""Where one discount serves for all counts."""

NO_DISCOUNTS = np.zeros(4)
EACH_ONCE = np.array([0.0, 1.0, 1.0, 1.0])
"""Discounts that count the different words after a context."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How the contexts of one order share out their probability."""

    discounts: Floats
    """What is taken from a count of 0, 1, 2 and of 3 or more: [4]."""
    scale: Floats
    """What is left of a count is multiplied by it: [contexts]."""
    share: Floats
    """The shorter context's distribution is multiplied by it: [contexts]; 1 for a context that nothing follows."""


def context_weights(
    settings: NgramSettings,
    counts: Ids,
    parents: Ids,
    contexts: int,
    *,
    can_follow: int,
    discounts: Floats | None,
    lambda_: float,
) -> Weights:
    """How the contexts of an order share out what follows them.

    counts:     of the n-grams: [grams]
    parents:    the context of each: [grams], increasing
    contexts:   how many there are
    can_follow: how many words can
    discounts:  of counts of 0, 1, 2 and 3 or more, for the smoothings that have them
    lambda_:      the weight of relative frequencies, for Jelinek-Mercer
    """
    # Here and below in place: for millions of contexts, memory matters.
    mass, taken = np.zeros(contexts), np.zeros(contexts)
    divided(_sum_contexts, len(parents), counts, parents, EACH_ONCE if discounts is None else discounts, mass, taken)
    scale, share, followed = mass, taken, mass > 0
    match settings.smoothing:
        case "modified-kneser-ney" | "kneser-ney" | "absolute-discounting":
            np.divide(taken, mass, out=share, where=followed)
        case "witten-bell":
            mass += taken
            np.divide(taken, mass, out=share, where=followed)
        case "add-k":
            added = settings.k * can_follow
            with np.errstate(over="ignore"):  # as 1 / (1 + mass / added), which no k is too large or too small for
                share[:] = mass / added
            share += 1
            np.divide(1, share, out=share)
            mass += added
        case "jelinek-mercer":
            share[:] = 1 - lambda_
        case "maximum-likelihood" | "stupid-backoff":
            share[:] = 0
    np.divide(lambda_, mass, out=scale, where=followed)
    share[~followed] = 1
    return Weights(discounts=NO_DISCOUNTS if discounts is None else discounts, scale=scale, share=share)


def interpolate(weights: Weights, counts: Ids, parents: Ids, suffixes: Ids, shorter: Floats) -> Floats:
    """The probability of each n-gram's last word: [grams]. shorter: of the n-grams one order down."""
    probabilities = np.empty(len(counts))
    of_contexts = weights.discounts, weights.scale, weights.share
    divided(_interpolate, len(counts), counts, parents, suffixes, *of_contexts, shorter, probabilities)
    return probabilities


def prune(weights: Weights, counts: Ids, parents: Ids, kept: NDArray[np.bool_]) -> None:
    """Add what the n-grams that are not kept would have had to the shares of their contexts."""
    _prune(counts, parents, kept, weights.discounts, weights.scale, weights.share)


def has_discounts(settings: NgramSettings) -> bool:
    """Whether the smoothing takes something from each count."""
    return settings.smoothing in ("modified-kneser-ney", "kneser-ney", "absolute-discounting")


def counts_of_counts(counts: Ids) -> NDArray[np.int64]:
    """How many n-grams have a count of 0, 1, … 4, and of 5 or more: [6]."""
    numbers = np.zeros(6, np.int64)
    _count_counts(counts, numbers)
    return numbers


def estimate_discounts(settings: NgramSettings, numbers: NDArray[np.int64], n: int) -> tuple[Floats, bool]:
    """What is taken from a count of 0, 1, 2 and of 3 or more: [4]; and whether that is what others fall back to.

    For modified Kneser-Ney equation 26 of Chen and Goodman (1998), for the others D of Ney et al. (1994).

    Where the counts of counts do not give discounts between 0 and the count: the fallback, or LrdBenchError.
    """
    modified = settings.smoothing == "modified-kneser-ney"
    missing = [count for count in ((1, 2, 3) if modified else (1, 2)) if not numbers[count]]
    if not missing:
        # In single precision, as lmplz: of a discount that is 0, rounding decides whether it is out of range.
        singles = numbers.astype(np.float32)
        scale = singles[1] / np.float32(numbers[1] + 2 * numbers[2])
        if not modified:
            return np.array([0, scale, scale, scale], np.float64), False
        discounts = np.zeros(4)
        discounts[1:] = [k - (k + 1) * scale * singles[k + 1] / singles[k] for k in (1, 2, 3)]
        if np.all((discounts >= 0) & (discounts <= np.arange(4))):
            return discounts, False
    if settings.discount_fallback:
        return (FALLBACK_DISCOUNTS if modified else FALLBACK_DISCOUNT), True
    why = f"none has a count of {missing[0]}" if missing else "their counts of counts give one out of range"
    raise LrdBenchError(
        f"the discounts of the {n}-grams cannot be estimated: {why}, as in small or artificial text. "
        "Set `discount_fallback = true` in the recipe's [model], or train on more text."
    )


# -- kernels -----------------------------------------------------------------------------------------------------------


@compiled
def _count_counts(counts, numbers):  # type: ignore[no-untyped-def]
    # A sum for each, which vector instructions do, rather than a table, which waits for itself.
    none, ones, twos, threes, fours = 0, 0, 0, 0, 0
    for count in counts:
        none += count == 0
        ones += count == 1
        twos += count == 2
        threes += count == 3
        fours += count == 4
    numbers[:5] = (none, ones, twos, threes, fours)
    numbers[5] = len(counts) - none - ones - twos - threes - fours


@compiled
def _sum_contexts(start, stop, counts, parents, discounts, mass, taken):  # type: ignore[no-untyped-def]
    """The counts of each context's n-grams, and what is taken from them: [contexts] each.

    Of the contexts whose first n-gram lies between start and stop.
    """
    gram = start
    while 0 < gram < len(parents) and parents[gram] == parents[gram - 1]:
        gram += 1
    while gram < stop:
        context, total, discounted = parents[gram], 0, 0.0
        while gram < len(parents) and parents[gram] == context:
            count = counts[gram]
            total += count
            discounted += discounts[min(count, 3)]
            gram += 1
        mass[context], taken[context] = total, discounted


@compiled
def _interpolate(start, stop, counts, parents, suffixes, discounts, scale, share, shorter, probabilities):  # type: ignore[no-untyped-def]
    for gram in range(start, stop):
        context, count = parents[gram], counts[gram]
        kept = (count - discounts[min(count, 3)]) * scale[context]
        probabilities[gram] = kept + share[context] * shorter[suffixes[gram]]


@compiled
def _prune(counts, parents, kept, discounts, scale, share):  # type: ignore[no-untyped-def]
    for gram in range(len(parents)):
        if not kept[gram]:
            count = counts[gram]
            share[parents[gram]] += (count - discounts[min(count, 3)]) * scale[parents[gram]]
