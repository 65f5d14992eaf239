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
    lower: frozenset[int]
    """Distances at which `alike` is surely lower than at the shortest; all are right at once with 95 %."""
    withheld: frozenset[int] = frozenset()
    """Distances that the training text never shows."""


def judge(curve: Curve) -> str | None:
    """The verdict on a curve; None where there is no accuracy by distance.

    Whether a model is blind is asked of all items, whether it forgets of those in which distance alone varies. A fall
    counts where accuracy is measured at least DROP lower than at the shortest distance, and surely is lower.
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
    falls = {distance for distance in curve.lower if best - alike[distance] >= DROP}
    if falls - curve.withheld:
        return "forgets"
    if falls:
        return "forgets (only where withheld)"
    return "holds" if longer else "learnt"
