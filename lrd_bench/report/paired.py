"""Tests of whether two models differ, and what many such tests say together."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import binomtest, permutation_test

from lrd_bench.report.statistics import RANDOM_SEED, Floats

FLIPS = 10_000
"""Ways to flip the groups' signs: all of them where there are no more (up to 13 groups), else so many drawn."""

_AT_ONCE = 10**6
"""So many signs are held in memory at a time: 8 MB, several times over. The p-value does not depend on it."""


def sign_flip_test(differences: Floats) -> float:
    """The two-sided p-value of a sum of group differences, had each group's sign been a coin's.

    differences: [groups] each group's part in the difference between two models

    Exact if all ways to flip are tried, else (b + 1) / (n + 1) where b of n ways drawn are as far from 0. A group
    without a difference is the same either way, and plays no part.
    """
    parts = differences[differences != 0]
    if len(parts) < 2:  # one group is as far from 0 either way
        return 1.0
    found = permutation_test(
        (parts,),
        lambda flipped, axis: np.abs(flipped.sum(axis=axis)),
        permutation_type="samples",
        vectorized=True,
        n_resamples=FLIPS,
        batch=max(1, min(FLIPS, _AT_ONCE // len(parts))),
        alternative="greater",
        rng=np.random.default_rng(RANDOM_SEED),
    )
    return float(found.pvalue)


def mcnemar_test(only_one: int, only_other: int) -> float:
    """McNemar's (1947) test, exact: the two-sided p-value of so many items that one model alone has right."""
    return float(binomtest(only_one, only_one + only_other).pvalue) if only_one + only_other else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) adjusted p-values, in the same order.

    To call every difference whose adjusted value is at most 0.05 real is to be wrong anywhere with probability 0.05.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, p_values[i] * (len(p_values) - rank)))
        adjusted[i] = largest
    return adjusted
