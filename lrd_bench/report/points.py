"""The points of the figure as a table: accuracy by distance of each model, and of each of its training seeds."""

from collections.abc import Sequence

import pandas as pd

from lrd_bench.report.results import SuiteResults, points_of

CURVE_COLUMNS = (
    *("suite", "filler", "model", "seed", "context", "distance"),
    *("accuracy", "theorem", "low", "high", "interval", "items", "groups", "unscored"),
)
"""`filler` is null where all kinds of filler reach the same distances, and are taken together. `seed` is null for the
mean over seeds, which alone has an interval (pointwise, 95 %). `context` is how many words to the left the model sees,
null for all, and `theorem` what the accuracy must be for that reason, null where the theorem says nothing."""


def curve_table(results: Sequence[SuiteResults]) -> pd.DataFrame:
    """One row for each suite, kind of filler, model and distance; of several training seeds, one for each as well."""
    rows = [
        row for suite in results if suite.has("distance") for strand in suite.strands for row in _rows(suite, strand)
    ]
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS)).astype(
        {"seed": "Int64", "context": "Int64", "theorem": "float64"}
    )


def _rows(suite: SuiteResults, strand: str | None) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    estimates = suite.by_distance_of(strand)
    for label in suite.labels:
        curve = suite.curves[label]
        for distance, point in points_of(estimates, label).items():
            about = {
                "suite": suite.name,
                "filler": strand,
                "model": label,
                "context": curve.context,
                "distance": distance,
            }
            rows.append(
                {
                    **about,
                    "accuracy": point.value,
                    "theorem": point.theorem,
                    "low": point.low,
                    "high": point.high,
                    "interval": point.interval,
                    "items": point.items,
                    "groups": point.groups,
                    "unscored": point.unscored,
                }
            )
            if suite.seeds[label] > 1:
                rows += [about | seed for seed in _seeds(suite, strand, label, distance)]
    return rows


def _seeds(suite: SuiteResults, strand: str | None, label: str, distance: int) -> list[dict[str, object]]:
    rows = suite.headline[(suite.headline["label"] == label) & (suite.headline["distance"] == distance)]
    rows = rows if strand is None else rows[rows["filler"] == strand]
    used = rows[rows["used"]].groupby("seed_code")["correct"].agg(["mean", "size"])
    return [{"seed": seed, "accuracy": mean, "items": size} for seed, mean, size in used.itertuples()]
