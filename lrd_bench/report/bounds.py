"""How high several accuracies surely are, all at once, and how far each surely lies below the first.

Percentiles of a bootstrap are too sure of accuracies near 1 from few groups: all at once, they hold far less often than
they say (docs/method.md has the figures). All words of judgement in a report rest on these bounds instead.
"""

import numpy as np
from scipy.stats import norm, t

from lrd_bench.report.statistics import ALPHA, ARCHITECTURE_SEEDS, Floats, Tally, clopper_pearson

_AGREE = 1e-24
"""A variance up to this size is rounding: the groups agree."""


def lower_bounds(data: Tally, *, alpha: float = ALPHA) -> Floats:
    """[cells] lower bounds of means of values in [0, 1], one-sided, all of them right with probability 1 − alpha.

    NaN for a cell without values. The error is shared out over the other cells (Bonferroni).
    """
    cells = _cells(data)
    known = sum(bool(counts.any()) for _, counts in cells)
    return np.array([_lower_bound(sums, counts, alpha / known) if counts.any() else np.nan for sums, counts in cells])


def fall_bounds(data: Tally, *, alpha: float = ALPHA) -> Floats:
    """[cells − 1] lower bounds of how far the mean of each cell but the first lies below that of the first.

    One-sided, each right with probability 1 − alpha. NaN for a cell without values.
    """
    first, *others = _cells(data)
    return np.array([_fall_bound(first, other, alpha) if other[1].any() else np.nan for other in others])


def _cells(data: Tally) -> list[tuple[Floats, Floats]]:
    """Sums and counts of each cell, [seeds, groups] each."""
    parts = [data.sums, data.counts]
    if data.seeds < ARCHITECTURE_SEEDS:  # the trained models are what they are: only groups vary
        parts = [part.sum(axis=0, keepdims=True) for part in parts]
    return list(zip(*(np.moveaxis(part, 2, 0) for part in parts), strict=True))


def _lower_bound(sums: Floats, counts: Floats, alpha: float) -> float:
    """The bound of one cell; sums and counts are [seeds, groups].

    No surer than if all values were 1: an accuracy below 1 cannot be known better than that.
    """
    groups = int(counts.any(axis=0).sum())
    trials = effective_groups(sums, counts, alpha)
    low, _ = clopper_pearson(float(sums.sum() / counts.sum()) * trials, trials, 2 * alpha)
    return min(low, float(alpha ** (1 / groups)))


def effective_groups(sums: Floats, counts: Floats, alpha: float) -> float:
    """How many independent trials, each right or wrong, would say as much about the mean (Korn and Graubard 1998).

    sums, counts: [seeds, groups]
    alpha:        the error of the bound that it is for, one-sided

    The mean of n trials has the variance p(1 − p)/n. Where all groups agree it is their number.
    """
    mean, errors = _mean_and_errors(sums, counts)
    variance, freedom = _variance(errors, counts)
    if variance <= _AGREE:
        return float(counts.any(axis=0).sum())
    shrunk = norm.ppf(alpha) / t.ppf(alpha, freedom)
    return float(mean * (1 - mean) / variance * shrunk**2)


def _fall_bound(first: tuple[Floats, Floats], other: tuple[Floats, Floats], alpha: float) -> float:
    """The bound of one difference, paired: what a group, or a seed, shares at both distances cancels.

    -1, the least that can be, where there are so few groups that all of them may fall by chance (as coins do).
    """
    if 2.0 ** -min(int(counts.any(axis=0).sum()) for _, counts in (first, other)) > alpha:
        return -1.0
    (mean, errors), (other_mean, other_errors) = (_mean_and_errors(*cell) for cell in (first, other))
    variance, freedom = _variance(errors - other_errors, first[1] + other[1])
    spread = t.ppf(1 - alpha, freedom) * np.sqrt(variance) if variance > _AGREE else 0.0
    return float(mean - other_mean - spread)


def _mean_and_errors(sums: Floats, counts: Floats) -> tuple[float, Floats]:
    """The mean, and what each seed and group adds to its error, [seeds, groups]: 0 in all."""
    total = counts.sum()
    mean = sums.sum() / total
    return float(mean), (sums - mean * counts) / total


def _variance(errors: Floats, counts: Floats) -> tuple[float, float]:
    """The variance of what the errors add up to, and its degrees of freedom.

    errors, counts: [seeds, groups]

    It is the sum of what groups and what seeds contribute, with the degrees of freedom of Satterthwaite (1946).
    """
    variance, squares = 0.0, 0.0
    for axis in (0, 1):
        units = errors.sum(axis=axis)[counts.any(axis=axis)]
        freedom = len(units) - 1
        if freedom:
            part = float((units**2).sum()) * len(units) / freedom
            variance += part
            squares += part**2 / freedom
    return variance, variance**2 / squares if squares else np.inf
