"""What a curve of accuracy by distance says of a model, in a few words: blind, not learnt, forgets or holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from lrd_bench.report.statistics import Estimate

LEARNT = 0.9
"""Accuracy at the shortest distance from which on a fall with distance can be called forgetting."""
DROP = 0.05
"""The least fall below the shortest distance that counts."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A model's accuracy by distance on one suite."""

    context: int | None
    """How many words to the left the model sees; None: all."""
    points: Mapping[int, Estimate]
    """Distance → accuracy with its pointwise interval, in increasing order."""
    alike: Mapping[int, Estimate]
    """The same over items in which distance alone varies, where there are such at each distance; else `points`."""
    upper: Mapping[int, float]
    """Distance → the upper bound of `alike`, simultaneous over all distances but the shortest, one-sided 95 %."""
    withheld: frozenset[int] = frozenset()
    """Distances that the training text never shows."""


def judge(curve: Curve) -> str | None:
    """The verdict on a curve; None where there is no accuracy by distance.

    Whether a model is blind is asked of all items, whether it forgets of those in which distance alone varies. A fall
    counts where a longer distance's simultaneous upper bound lies below the accuracy at the shortest distance, and its
    accuracy at least DROP below it.
    """
    points = {distance: point.value for distance, point in curve.points.items() if point.value is not None}
    if not points:
        return "unscored" if any(point.unscored for point in curve.points.values()) else None
    if any("theorem broken" in point.marks for point in curve.points.values()):
        return "blind, and yet not ½: an error"
    exact = {distance for distance, point in curve.points.items() if point.interval == "exact"}
    if exact == set(points):
        return "blind: ½ exact"
    if exact:
        return f"blind: ½ exact beyond {curve.context} words"
    alike = {distance: point.value for distance, point in curve.alike.items() if point.value is not None}
    if not alike:
        return None
    shortest, *longer = sorted(alike)
    best = alike[shortest]
    if best < LEARNT:
        return "not learnt"
    falls = {d for d in longer if curve.upper[d] < best and best - alike[d] >= DROP}
    if falls - curve.withheld:
        return "forgets"
    if falls:
        return "forgets (only where withheld)"
    return "holds" if longer else "learnt"
