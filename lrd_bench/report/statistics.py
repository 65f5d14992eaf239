"""Estimates with intervals: what a mean over items says beyond these items.

Items that share open-class material are not independent, so groups are what is resampled, never items; over several
training seeds, seeds and groups are resampled crossed (both at once), which gives the interval of an architecture.
docs/method.md has the formulas and their reasons.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

DRAWS = 10_000
RANDOM_SEED = 0
ALPHA = 0.05
"""Intervals leave so much outside, half of it on each side."""
FEW_GROUPS = 20
"""With fewer groups a percentile bootstrap is too narrow; such intervals are flagged, and no others."""
ARCHITECTURE_SEEDS = 5
"""With fewer training seeds nothing is claimed beyond the trained models."""
FEW_SEEDS = 10
"""With fewer, what is claimed of an architecture is somewhat too sure where seeds differ much; it is said so."""

_WEIGHTS_AT_ONCE = 10_000_000
_IN_CACHE = 50_000
"""Of numbers counted at once, so that counting stays in a processor's cache."""

Interval = Literal["groups", "seeds and groups", "clopper-pearson", "exact", "none"]
Mark = Literal["few groups", "unknown groups", "cut pairs", "theorem broken"]

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean over items (and training seeds), and the interval around it."""

    value: float | None
    """None where nothing was scored."""
    low: float | None = None
    high: float | None = None
    interval: Interval = "none"
    """What was resampled; `exact` where the value is what the theorem says."""
    theorem: float | None = None
    """What the theorem says that the value must be; None where it says nothing."""
    items: int = 0
    groups: int = 0
    unscored: int = 0
    seeds: int = 1
    """How many training seeds it is a mean over."""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tally:
    """All that resampling needs of a model's rows: their sums and counts."""

    sums: Floats
    """[seeds, groups, cells] sum of the values"""
    counts: Floats
    """[seeds, groups, cells] number of values"""

    @property
    def means(self) -> Floats:
        """[cells] mean over all values; NaN for a cell without any."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.sums.sum(axis=(0, 1)) / self.counts.sum(axis=(0, 1)))

    @property
    def seeds(self) -> int:
        """How many training seeds there are."""
        return int(self.sums.shape[0])


def tally(values: Floats, seeds: Codes, groups: Codes, cells: Codes, shape: tuple[int, int, int]) -> Tally:
    """Add values up by seed, group and cell.

    values:               [rows]
    seeds, groups, cells: [rows] codes from 0
    shape:                how many seeds, groups and cells there are
    """
    flat = np.ravel_multi_index((seeds, groups, cells), shape)
    size = math.prod(shape)
    return Tally(
        sums=np.bincount(flat, weights=values, minlength=size).reshape(shape).astype(np.float64),
        counts=np.bincount(flat, minlength=size).reshape(shape).astype(np.float64),
    )


def bootstrap(data: Tally, *, resample_seeds: bool) -> Floats:
    """Means of resampled data: groups drawn with replacement, the same for all cells, crossed with seeds if asked.

    returns: [draws, cells]; NaN where a draw holds no value of a cell

    Up to a thousand groups, the draws depend on their number alone, so that models and cells are compared on the same
    draws. More of them are drawn by kind, wherever many are alike: how often each kind comes up is multinomial, which
    is the same distribution with far fewer numbers to be drawn.
    """
    seeds, groups, _ = data.sums.shape
    # A cell with an infinite value has no interval; left in, it would turn the other cells' products into NaN.
    parts = [np.where(np.isfinite(data.sums), data.sums, 0.0), data.counts]
    if resample_seeds:
        seed_weights = _weights(np.random.default_rng([RANDOM_SEED, 1]), DRAWS, seeds)
    else:
        seed_weights = np.ones((DRAWS, 1))
        parts = [part.sum(axis=0, keepdims=True) for part in parts]
    alike: Floats | None = None
    if groups * DRAWS > _WEIGHTS_AT_ONCE:
        parts, alike = _kinds(parts)
    means = []
    done = 0
    for weights in _group_weights(groups, alike):  # [draws of this block, groups or kinds]
        by_seed = seed_weights[done : done + len(weights)]
        done += len(weights)
        sums, counts = (np.einsum("ds,dsc->dc", by_seed, np.tensordot(weights, part, axes=(1, 1))) for part in parts)
        with np.errstate(invalid="ignore"):
            means.append(sums / counts)
    return np.concatenate(means)


def _kinds(parts: list[Floats]) -> tuple[list[Floats], Floats | None]:
    """One group of each kind, and how many there are of it; the groups themselves and None where most differ.

    parts: [seeds, groups, cells] each
    """
    groups = parts[0].shape[1]
    table = np.concatenate([part.transpose(1, 0, 2).reshape(groups, -1) for part in parts], axis=1)
    _, firsts, sizes = np.unique(table, axis=0, return_index=True, return_counts=True)
    if len(sizes) > groups / 2:
        return parts, None
    return [part[:, firsts] for part in parts], sizes.astype(np.float64)


def _group_weights(groups: int, alike: Floats | None = None) -> Iterator[Floats]:
    """How often each group, or each kind of group, is drawn, in blocks of draws: [draws, groups or kinds] in all.

    alike: [kinds] how many groups there are of each kind; None: groups are drawn one by one
    """
    if alike is None and groups * DRAWS <= _WEIGHTS_AT_ONCE:
        yield _all_weights(groups).astype(np.float64)
        return
    random = np.random.default_rng(RANDOM_SEED)
    block = max(1, _WEIGHTS_AT_ONCE // (groups if alike is None else len(alike)))
    for start in range(0, DRAWS, block):
        draws = min(block, DRAWS - start)
        if alike is None:
            yield _weights(random, draws, groups)
        else:
            yield random.multinomial(groups, alike / groups, size=draws).astype(np.float64)


@lru_cache(maxsize=32)  # suites take turns, and each has its own number of groups
def _all_weights(groups: int) -> NDArray[np.uint16]:
    # As small as can be: no group is drawn more often than there are groups, a thousand at most.
    return _weights(np.random.default_rng(RANDOM_SEED), DRAWS, groups).astype(np.uint16)


def _weights(random: np.random.Generator, draws: int, groups: int) -> Floats:
    weights = np.empty((draws, groups))
    at_once = max(1, _IN_CACHE // groups)
    for start in range(0, draws, at_once):
        rows = min(at_once, draws - start)
        picks = random.integers(groups, size=(rows, groups)) + np.arange(rows)[:, np.newaxis] * groups
        weights[start : start + rows] = np.bincount(picks.ravel(), minlength=rows * groups).reshape(rows, groups)
    return weights


def clopper_pearson(successes: float, trials: float, alpha: float = ALPHA) -> tuple[float, float]:
    """The interval of Clopper and Pearson (1934) for a proportion; neither number need be whole."""
    low = beta.ppf(alpha / 2, successes, trials - successes + 1) if successes > 0 else 0.0
    high = beta.ppf(1 - alpha / 2, successes + 1, trials - successes) if successes < trials else 1.0
    return float(low), float(high)


def estimate_means(data: Tally, *, alpha: float = ALPHA, proportions: bool = True) -> list[Estimate]:
    """The mean of each cell with its interval, and the mark for percentiles of few groups.

    proportions: whether the values lie in [0, 1], so that Clopper and Pearson serve where all groups agree, on the
                 number of groups; other values have no interval then
    """
    crossed = data.seeds >= ARCHITECTURE_SEEDS
    draws = bootstrap(data, resample_seeds=crossed)
    return [
        _estimate(data, cell, draws[:, cell], crossed=crossed, alpha=alpha, proportions=proportions)
        for cell in range(data.sums.shape[2])
    ]


def _estimate(data: Tally, cell: int, draws: Floats, *, crossed: bool, alpha: float, proportions: bool) -> Estimate:
    sums, counts = data.sums[:, :, cell], data.counts[:, :, cell]
    items = round(counts.sum() / data.seeds)
    if not counts.any():
        return Estimate(value=None)
    value = float(data.means[cell])
    groups = int(counts.any(axis=0).sum())
    if not math.isfinite(value):
        return Estimate(value=None if math.isnan(value) else value, items=items, groups=groups)
    if not crossed:  # the trained models are what they are: only groups vary
        sums, counts = sums.sum(axis=0), counts.sum(axis=0)
    units = sums[counts > 0] / counts[counts > 0]
    low: float | None
    high: float | None
    interval: Interval = "seeds and groups" if crossed else "groups"
    marks: tuple[Mark, ...] = ()
    if not np.allclose(units, units[0], rtol=0, atol=1e-12):
        low, high = (float(bound) for bound in np.nanquantile(draws, [alpha / 2, 1 - alpha / 2]))
        marks = ("few groups",) if groups < FEW_GROUPS else ()
    elif proportions:
        low, high = clopper_pearson(value * groups, groups, alpha)
        interval = "clopper-pearson"
    else:
        low, high, interval = None, None, "none"
    of = Estimate(value=value, items=items, groups=groups, seeds=data.seeds, marks=marks)
    return replace(of, low=low, high=high, interval=interval)
