"""How far a model gets: the horizon of an accuracy by distance, and its half-life."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lrd_bench.report.statistics import ALPHA, Floats
from lrd_bench.report.verdicts import LEARNT

_ROUNDING = 1e-9


def horizon(distances: Sequence[int], bounds: Floats, above: float) -> int | None:
    """The largest distance up to which every lower bound exceeds `above`; None where the first does not.

    distances: in increasing order
    bounds:    [distances] simultaneous lower bounds of the accuracies
    """
    reached = None
    for distance, bound in zip(distances, bounds, strict=True):
        if not bound > above:
            break
        reached = distance
    return reached


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfLife:
    """How much farther than the shortest distance half of what the model knows there is lost, in words.

    Infinite: not within the distances that were tested.
    """

    least: float
    most: float
    """The same number, interpolated, unless the model is blind from a distance on: then half is lost somewhere between
    the last distance before and the first one beyond, and no data say where."""
    low: float | None = None
    high: float | None = None
    """The interval, 95 %; None where it says no more."""


def half_life(
    distances: Sequence[int],
    accuracies: Floats,
    draws: Floats,
    items: Floats,
    *,
    chance: float = 0.5,
    blind: Sequence[bool] | None = None,
) -> HalfLife | None:
    """The half-life of a curve; None where it was not learnt, being below LEARNT at the shortest distance.

    distances:   in increasing order
    accuracies:  [distances]
    draws:       [draws, distances] the same of resampled groups; those with a NaN are left out
    items:       [distances] how many each accuracy is a mean of
    chance:      the accuracy of knowing nothing
    blind:       [distances] whether the theorem decides the accuracy there; None: nowhere
    """
    if accuracies[0] < LEARNT:
        return None
    at = np.asarray(distances, dtype=np.float64)
    whole = draws[~np.isnan(draws).any(axis=1)]
    decided = np.zeros(len(at), dtype=np.bool_) if blind is None else np.asarray(blind, dtype=np.bool_)
    least, most = _half_lives(at, (np.vstack([accuracies, whole]) - chance) / (1 - chance), items, decided)
    found = HalfLife(least=float(least[0]), most=float(most[0]))
    if not len(whole):
        return found
    # Of the draws themselves, never between two: one of them may be infinite.
    low = float(np.quantile(least[1:], ALPHA / 2, method="inverted_cdf"))
    high = float(np.quantile(most[1:], 1 - ALPHA / 2, method="inverted_cdf"))
    if low == high or (low, high) == (found.least, found.most):
        return found
    return replace(found, low=low, high=high)


def _half_lives(
    distances: Floats, knowledge: Floats, weights: Floats, blind: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """[curves] where the decreasing fit of each curve first is half of what it begins with, less the first distance.

    knowledge: [curves, distances] 0 at chance, 1 for all right; between two distances it is taken to fall in a line
    blind:     [distances] where it is 0 whatever the data: before such a distance a line would be drawn by the choice
               of distances alone, so both ends of the gap are returned, the least that it may be and the most
    """
    fit = decreasing_fit(knowledge, weights)
    half = fit[:, 0] / 2
    below = fit <= half[:, np.newaxis] + _ROUNDING
    curves, after = np.arange(len(fit)), below.argmax(axis=1)
    before = np.maximum(after - 1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):  # of curves that never fall, or begin below chance
        part = (fit[curves, before] - half) / (fit[curves, before] - fit[curves, after])
        lives = distances[before] + part * (distances[after] - distances[before]) - distances[0]
    lives = np.where(below.any(axis=1), np.where(after > 0, lives, 0.0), math.inf)
    gap = blind[after] & (after > 0)
    ends = (np.where(gap, distances[end] - distances[0], lives) for end in (before, after))
    least, most = ends
    return least, most


def decreasing_fit(values: Floats, weights: Floats) -> Floats:
    """The non-increasing curve nearest to each curve by weighted least squares: isotonic regression, many at a time.

    values:  [curves, points]
    weights: [points]
    returns: [curves, points]

    By the formula of Barlow et al. (1972): at i the least, over all j ≤ i, of the largest mean from j to some k ≥ i.
    `scipy.optimize.isotonic_regression` gives the same, one curve at a time, which is too slow for a bootstrap. Means
    are taken from one j at a time: all of them at once would be many gigabytes for a hundred distances.
    """
    fit = np.full(values.shape, math.inf)
    for first in range(len(weights)):
        means = np.cumsum(values[:, first:] * weights[first:], axis=1) / np.cumsum(weights[first:])  # [curves, to]
        largest = np.maximum.accumulate(means[:, ::-1], axis=1)[:, ::-1]  # of those to the same point and beyond
        np.minimum(fit[:, first:], largest, out=fit[:, first:])
    return fit
