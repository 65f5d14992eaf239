"""What the surprisals of a region's words become: the metric of a suite, or of `score --metric`.

The sum is the surprisal of the region itself, by the chain rule. The mean (per word) and its like per character do not
let longer regions cost more; they are no probabilities any more, and the signature names them. The rest is SyntaxGym's.
Words are those of the stimuli, whatever pieces a model cuts them into.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.formula import Atom
from lrd_bench.models.base import Words
from lrd_bench.score.evidence import UnscorableError, added_up
from lrd_bench.signature import SUM

MEAN, PER_CHARACTER = "mean", "per-character"

_PARTS: Mapping[str, Callable[[Words], int]] = {
    SUM: lambda words: 1,
    MEAN: len,
    PER_CHARACTER: lambda words: sum(map(len, words)),
}
"""Metric → the number that a region's sum is divided by. The spaces between words are no characters."""

_PICKS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "median": median,
    "range": lambda bits: max(bits) - min(bits),
    "max": max,
    "min": min,
}
"""Metric → the number that is made of the words' surprisals one by one."""

METRICS = (*_PARTS, *_PICKS)


class Region(NamedTuple):
    """A region that a formula names, with its weight there."""

    atom: Atom
    weight: float
    words: Words
    numbers: Sequence[int]
    """One for the evidence of each word (see `lrd_bench.score.evidence`)."""


def check_metric(where: str, metric: str) -> None:
    """Raise LrdBenchError for a metric that there is not. where: a suite or an option, for the message"""
    if metric not in METRICS:
        raise LrdBenchError(f"{where}: {unknown('metric', metric, METRICS)}")


def total_of(metric: str, regions: Iterable[Region], total: Callable[[Mapping[int, float]], float]) -> float:
    """A linear combination of regions in bits, in which what is equal is added up before anything is summed.

    total:   Σ weight × surprisal over numbered evidence

    Raises UnscorableError for a region without words, of which there is a sum only, and what `total` raises.
    """
    weights: dict[int, float] = {}
    picks: dict[tuple[int, ...], float] = {}
    for region in regions:
        check_words(metric, region.atom, region.words)
        if metric in _PARTS:
            share = region.weight / _PARTS[metric](region.words)
            for number in region.numbers:
                weights[number] = weights.get(number, 0.0) + share
        else:
            key = tuple(sorted(region.numbers))
            picks[key] = picks.get(key, 0.0) + region.weight
    if metric in _PARTS:
        return total(weights)
    return added_up(
        weight * _PICKS[metric]([total({number: 1.0}) for number in numbers])
        for numbers, weight in picks.items()
        if weight
    )


def needs_words(metric: str) -> bool:
    """Whether a metric takes the surprisal of each word, and not only their sum."""
    return metric in _PICKS


def value_of(metric: str, words: Words, bits: Sequence[float]) -> float:
    """A region's number, given the surprisal of each of its words, of which there is one at least."""
    return _PICKS[metric](bits) if needs_words(metric) else part_of(metric, words, added_up(bits))


def part_of(metric: str, words: Words, bits: float) -> float:
    """A region's number, given the sum over its words, of which there is one at least; not where they are needed."""
    return bits / _PARTS[metric](words)


def check_words(metric: str, atom: Atom, words: Words) -> None:
    """Raise UnscorableError for a region without words where the metric is none of nothing."""
    if metric != SUM and not words:
        raise UnscorableError(f"region {atom.region!r} of {atom.condition!r} has no words, and so no {metric}")
