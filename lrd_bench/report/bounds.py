"""Lower bounds of several accuracies that hold all at once.

Percentiles of a bootstrap are too sure of accuracies near 1 from few groups: all at once, they hold far less often than
they say (docs/method.md has the figures). These bounds are Clopper and Pearson's on an effective number of groups.
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
    parts = [data.sums, data.counts]
    if data.seeds < ARCHITECTURE_SEEDS:  # the trained models are what they are: only groups vary
        parts = [part.sum(axis=0, keepdims=True) for part in parts]
    cells = [(sums, counts) for sums, counts in zip(*(np.moveaxis(part, 2, 0) for part in parts), strict=True)]
    known = sum(bool(counts.any()) for _, counts in cells)
    return np.array([_lower_bound(sums, counts, alpha / known) if counts.any() else np.nan for sums, counts in cells])


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

    The mean of n trials has the variance p(1 − p)/n. Here it has the sum of what groups and what seeds contribute, with
    Satterthwaite's (1946) degrees of freedom. Where all groups agree it is their number.
    """
    total = counts.sum()
    mean = sums.sum() / total
    errors = sums - mean * counts  # [seeds, groups], 0 in all
    groups = int(counts.any(axis=0).sum())
    variance, squares = 0.0, 0.0
    for axis in (0, 1):
        units = errors.sum(axis=axis)[counts.any(axis=axis)]
        freedom = len(units) - 1
        if freedom:
            part = float((units**2).sum() / total**2) * len(units) / freedom
            variance += part
            squares += part**2 / freedom
    if variance <= _AGREE:
        return float(groups)
    shrunk = norm.ppf(alpha) / t.ppf(alpha, variance**2 / squares)
    return float(mean * (1 - mean) / variance * shrunk**2)
