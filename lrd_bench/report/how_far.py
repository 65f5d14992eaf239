"""How far each model gets, as a table: horizon, detectable distance and half-life, by kind of filler."""

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import pandas as pd

from lrd_bench.report.bounds import lower_bounds
from lrd_bench.report.cells import FILLER, tally_by
from lrd_bench.report.horizons import half_life, horizon
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.statistics import ARCHITECTURE_SEEDS, Floats, bootstrap
from lrd_bench.report.tables import Cell, Column, Table

COLUMNS = ("suite", "filler", "text", "model", "horizon", "detectable", "half-life", "low", "high")

UNKNOWN = "–"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A model's accuracy by distance, with one kind of filler."""

    distances: tuple[int, ...]
    """In increasing order."""
    accuracies: Floats
    """[distances]"""
    bounds: Floats
    """[distances] lower bounds that hold all at once"""
    draws: Floats
    """[draws, distances] accuracies of resampled groups (and seeds, of an architecture)"""
    items: Floats
    """[distances] how many items, over all seeds"""
    blind: tuple[bool, ...]
    """[distances] whether the theorem decides the accuracy"""


def how_far_table(results: Sequence[SuiteResults]) -> Table:
    """Suite × filler × whether the training text shows the distances × model: how far the model gets."""
    asked = [suite for suite in results if suite.has("distance") and suite.chance is not None]
    rows = tuple(row for suite in asked for row in _rows(suite))
    return Table(
        slug="how-far",
        title="How far",
        columns=tuple(Column(name, decimals=1) for name in COLUMNS),
        rows=rows,
        note="horizon: the longest distance up to which accuracy surely exceeds halfway from chance to perfect (0.75, "
        "where chance is ½); detectable: chance. Surely: by lower bounds that hold at all distances of a suite, filler "
        "and model at once (simultaneous, one-sided 95 %), not in all rows at once. ≥: at every distance tested. "
        "half-life: how many words beyond the shortest distance the model has lost half of what it knows there, with "
        "low and high where draws differ (pointwise, 95 %), interpolated between the distances tested; >: more than "
        "was tested; ≤: no more, since the model is blind there, and how much less no data say; not learnt: below 0.9 "
        "at the shortest distance. text: of the distances that the grammar's training text shows, or of those that it "
        "withholds; half-lives begin at the shortest of all. Left out: what is blind at all distances.",
        keys=4,
    )


def _rows(suite: SuiteResults) -> Iterator[tuple[Cell, ...]]:
    rows = suite.headline[suite.headline["used"]].dropna(subset=["correct", "distance"])
    for filler, part in rows.groupby(FILLER, dropna=False, observed=True) if suite.has(FILLER) else [(None, rows)]:
        kind = filler if isinstance(filler, str) else None
        found: dict[str, list[tuple[Cell, ...]]] = {"shown": [], "withheld": [], UNKNOWN: []}
        for label in suite.labels:  # one at a time: draws are large
            own = part[part["label"] == label]
            if own.empty or own["blind"].all():
                continue
            curve = _measure(own)
            for text, of_text in found.items():
                chosen = [i for i, d in enumerate(curve.distances) if _text(suite, kind, d) == text]
                if chosen:
                    cells = _cells(curve, chosen, suite.chance or 0.0)
                    of_text.append((suite.name, kind or UNKNOWN, text, label, *cells))
        yield from chain.from_iterable(found.values())


def _measure(rows: pd.DataFrame) -> Measured:
    data, values = tally_by(rows, "distance")
    return Measured(
        distances=tuple(int(value) for value in values),  # type: ignore[call-overload]  # Hashable
        accuracies=data.means,
        bounds=lower_bounds(data),
        draws=bootstrap(data, resample_seeds=data.seeds >= ARCHITECTURE_SEEDS),
        items=data.counts.sum(axis=(0, 1)),
        blind=tuple(bool(rows["blind"][rows["distance"] == value].all()) for value in values),
    )


def _text(suite: SuiteResults, filler: Hashable, distance: int) -> str:
    """Whether the training text shows such a distance, with such a filler; a dash where no text is known."""
    if not suite.has("seen"):
        return UNKNOWN
    withheld = distance in suite.withheld if filler is None else (filler, distance) in suite.withheld_fillers
    return "withheld" if withheld else "shown"


def _cells(curve: Measured, chosen: list[int], chance: float) -> tuple[Cell, ...]:
    """Horizon, detectable distance and half-life at some of the distances, given by their places."""
    distances = [curve.distances[i] for i in chosen]
    reached = (horizon(distances, curve.bounds[chosen], above) for above in ((1 + chance) / 2, chance))
    return *(_reached(distance, distances[-1]) for distance in reached), *_half_life(curve, chosen, chance)


def _reached(distance: int | None, longest: int) -> str:
    if distance is None:
        return "none"
    return f"≥ {distance}" if distance == longest else str(distance)


def _half_life(curve: Measured, chosen: list[int], chance: float) -> tuple[Cell, Cell, Cell]:
    """The half-life with its interval, from the shortest distance of all on."""
    places = sorted({0, *chosen})
    if len(places) == 1:
        return None, None, None
    distances = [curve.distances[i] for i in places]
    found = half_life(
        distances,
        curve.accuracies[places],
        curve.draws[:, places],
        curve.items[places],
        chance=chance,
        blind=[curve.blind[i] for i in places],
    )
    if found is None:
        return "not learnt", None, None
    beyond = f"> {distances[-1] - distances[0]}"
    value, low, high = (beyond if x is not None and math.isinf(x) else x for x in (found.most, found.low, found.high))
    if found.least < found.most:
        value = f"> {found.least:.0f}, ≤ {found.most:.0f}" if found.least else f"≤ {found.most:.0f}"
    return value, low, high
