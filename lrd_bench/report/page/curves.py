"""Accuracy by distance for every kind of filler and number of opposing nouns, as curves.js draws it."""

from collections.abc import Hashable, Iterator, Mapping
from itertools import chain, combinations
from typing import Any

import pandas as pd

from lrd_bench.report.cells import FILLER, estimate_cells
from lrd_bench.report.detail import OPPOSING, has_opposing
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.statistics import Estimate
from lrd_bench.report.tables import Column, printed

DIGITS = 5
"""So many decimals are drawn."""

_ACCURACY = Column("accuracy")

Values = Mapping[str, list[Hashable]]
"""Factor → its values; their places in the list stand for them."""


def curves_of(suite: SuiteResults) -> dict[str, Any]:
    """The curves of a suite: of all items, and of those of each filler, number of opposing nouns, and both.

    `cells` maps `FILLER|NOUNS`, each the place of a value or `*` for all, to one curve for each of the suite's models
    (None where it has none): its points as parallel lists, and the accuracy of each training seed where there are
    several.
    """
    rows = suite.headline[suite.headline["distance"].notna()]
    fills = suite.has(FILLER) and suite.varies(FILLER)
    factors = [factor for factor, asked in ((FILLER, fills), (OPPOSING, has_opposing(suite))) if asked]
    values = {factor: suite.values(factor) for factor in factors}
    cells: dict[str, list[dict[str, Any] | None]] = {}
    for chosen in _subsets(factors) if len(rows) else ():
        for (label, (*about, distance)), point in estimate_cells(rows, [*chosen, "distance"]).items():
            curves = cells.setdefault(_key(values, dict(zip(chosen, about, strict=True))), [None] * len(suite.labels))
            place = suite.labels.index(label)
            curves[place] = _extended(curves[place] or {}, int(distance), point)  # type: ignore[call-overload]
        for label, seed, known, distance, accuracy in _seeds(suite, rows, chosen):
            curve = cells[_key(values, known)][suite.labels.index(label)]
            assert curve is not None, "a mean over seeds has a point wherever a seed has one"
            curve.setdefault("seeds", []).append([distance, seed, round(accuracy, DIGITS)])
    fillers = values.get(FILLER, [])
    withheld = sorted(suite.withheld_fillers) if fillers else []
    return {
        "fillers": fillers,
        "nouns": values.get(OPPOSING, []),
        "strands": ["*" if strand is None else fillers.index(strand) for strand in suite.strands],
        "withheld": sorted(suite.withheld),
        "withheldFillers": [[fillers.index(filler), distance] for filler, distance in withheld],
        "cells": cells,
    }


def _subsets(factors: list[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(factors, number) for number in range(len(factors) + 1))


def _key(values: Values, known: Mapping[str, Hashable]) -> str:
    """How a cell is called whose factors have these values, and any value where they are not known."""
    return "|".join(
        str(values[factor].index(known[factor])) if factor in known else "*" for factor in (FILLER, OPPOSING)
    )


def _extended(curve: dict[str, Any], distance: int, point: Estimate) -> dict[str, Any]:
    """A curve with one more point."""
    bounds = [None if bound is None else round(bound, DIGITS) for bound in (point.value, point.low, point.high)]
    entry = dict(zip(("value", "low", "high"), bounds, strict=True)) | {
        "distance": distance,
        "text": printed(point, _ACCURACY),
        "interval": point.interval,
        "items": point.items,
        "groups": point.groups,
        "unscored": point.unscored,
    }
    for name, value in entry.items():
        curve.setdefault(name, []).append(value)
    return curve


def _seeds(
    suite: SuiteResults, rows: pd.DataFrame, chosen: tuple[str, ...]
) -> Iterator[tuple[str, int, dict[str, Hashable], int, float]]:
    """Of models with several training seeds: model, seed, the factors' values, distance, accuracy."""
    several = [label for label, number in suite.seeds.items() if number > 1]
    used = rows[rows["used"] & rows["label"].isin(several)]
    grouped = used.groupby(["label", "seed_code", *chosen, "distance"], observed=True, dropna=False)["correct"]
    for row in grouped.mean().reset_index().itertuples(index=False):
        label, seed, *about, distance, accuracy = row
        known = {factor: None if pd.isna(value) else value for factor, value in zip(chosen, about, strict=True)}
        yield str(label), int(seed), known, int(distance), float(accuracy)
