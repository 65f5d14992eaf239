"""The points of the figure as a table: accuracy by distance of each model, and of each of its training seeds."""

from collections.abc import Sequence

import pandas as pd

from lrd_bench.report.results import SuiteResults

CURVE_COLUMNS = (
    *("suite", "model", "seed", "context", "distance"),
    *("accuracy", "low", "high", "interval", "items", "groups", "unscored"),
)
"""`seed` is null for the mean over seeds, which alone has an interval (pointwise, 95 %)."""


def curve_table(results: Sequence[SuiteResults]) -> pd.DataFrame:
    """One row for each suite, model and distance, and where there are several seeds one for each of them."""
    rows = [row for suite in results if suite.has("distance") for row in _rows(suite)]
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS)).astype({"seed": "Int64", "context": "Int64"})


def _rows(suite: SuiteResults) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for label in suite.labels:
        curve = suite.curves[label]
        for distance, point in curve.points.items():
            about = {"suite": suite.name, "model": label, "context": curve.context, "distance": distance}
            rows.append(
                {
                    **about,
                    "accuracy": point.value,
                    "low": point.low,
                    "high": point.high,
                    "interval": point.interval,
                    "items": point.items,
                    "groups": point.groups,
                    "unscored": point.unscored,
                }
            )
            if suite.seeds[label] > 1:
                rows += [about | seed for seed in _seeds(suite, label, distance)]
    return rows


def _seeds(suite: SuiteResults, label: str, distance: int) -> list[dict[str, object]]:
    rows = suite.headline[(suite.headline["label"] == label) & (suite.headline["distance"] == distance)]
    used = rows[rows["used"]].groupby("seed_code")["correct"].agg(["mean", "size"])
    return [{"seed": seed, "accuracy": mean, "items": size} for seed, mean, size in used.itertuples()]
