"""`--compare A B`: two models side by side on the items that both scored, as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.progress import progress_bar
from lrd_bench.report.cells import estimate_cells
from lrd_bench.report.paired import FLIPS, holm, mcnemar_test, sign_flip_test
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.statistics import Estimate
from lrd_bench.report.tables import Column, Table


class Models(NamedTuple):
    """The labels of the two."""

    one: str
    other: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two models on some items of a suite."""

    suite: str
    distance: int | None
    """None: at all distances, or without any."""
    one: float
    other: float
    """Their accuracies."""
    estimate: Estimate
    """Of the one minus the other."""
    p: float
    test: str


def comparison_table(results: Sequence[SuiteResults], models: Sequence[str]) -> Table:
    """Suite × distance: two accuracies, their difference, and whether it may be chance.

    models: two labels, as the report prints them
    Raises LrdBenchError for another label and for models that share no items.
    """
    pair = _checked(results, models)
    rows = list(_differences(results, pair))
    if not rows:
        raise LrdBenchError(f"--compare: {pair.one} and {pair.other} scored no item of one suite. Score both on one.")
    adjusted = holm([row.p for row in rows])
    return Table(
        slug="comparison",
        title=f"{pair.one} against {pair.other}: these trained models, not their architectures",
        columns=(
            *map(Column, ("suite", "distance", "items", "groups", pair.one, pair.other, "difference")),
            *(Column("p", decimals=4), Column("Holm", decimals=4), Column("test")),
        ),
        rows=tuple(
            (
                row.suite,
                "all" if row.distance is None else row.distance,
                row.estimate.items,
                row.estimate.groups,
                row.one,
                row.other,
                row.estimate,
                row.p,
                p,
                row.test,
            )
            for row, p in zip(rows, adjusted, strict=True)
        ),
        note=_note(results, pair),
        keys=4,
    )


def _checked(results: Sequence[SuiteResults], models: Sequence[str]) -> Models:
    labels = dict.fromkeys(label for suite in results for label in suite.labels)
    for label in models:
        if label not in labels:
            raise LrdBenchError(f"--compare {label}: {unknown('model', label, labels)}")
    pair = Models(*models)
    if pair.one == pair.other:
        raise LrdBenchError(f"--compare {pair.one} {pair.other}: a model does not differ from itself. Name two.")
    return pair


def _differences(results: Sequence[SuiteResults], models: Models) -> Iterator[Difference]:
    with progress_bar() as bar:
        task = bar.add_task("comparing", total=len(results), unit="suites")
        for suite in results:
            items = _both_scored(suite.headline, models)
            distances = sorted(items["distance"].dropna().unique().tolist())
            if len(items):
                yield _difference(suite, None, items)
            if len(distances) > 1:
                for distance in distances:
                    yield _difference(suite, distance, items[items["distance"] == distance])
            bar.advance(task)


def _both_scored(rows: pd.DataFrame, models: Models) -> pd.DataFrame:
    """One row for each item that both models scored from every seed, its twin included.

    `one` and `other` are the models' `correct`, averaged over seeds; `binary`: each was asked once, and no tie.
    """
    one, other = (_by_item(rows[rows["label"] == label]) for label in models)
    items = one.merge(other, left_index=True, right_index=True, suffixes=("_one", "_other"))
    about = rows.drop_duplicates("item_code").set_index("item_code")
    items = items.join(about[["pair_code", "unit", "known", "distance"]])
    twins = items.groupby("pair_code")["unit"].transform("size")
    whole = items[(items["pair_code"] < 0) | (twins == 2)].reset_index()
    return whole.rename(columns={"mean_one": "one", "mean_other": "other"}).assign(
        difference=lambda frame: frame["one"] - frame["other"],
        binary=lambda frame: frame["binary_one"] & frame["binary_other"],
    )


def _by_item(rows: pd.DataFrame) -> pd.DataFrame:
    """Item → mean of `correct` over the seeds that scored anything, for items that all of them scored."""
    scored = rows[rows["correct"].notna()]
    seeds = scored["seed_code"].nunique()
    items = scored.groupby("item_code")["correct"].agg(["mean", "size"]).astype({"mean": "float64"})
    items["binary"] = items["mean"].isin([0.0, 1.0]) & (seeds == 1)
    return items[items["size"] == seeds].drop(columns="size")


def _difference(suite: SuiteResults, distance: int | None, items: pd.DataFrame) -> Difference:
    p, test = _test(items)
    return Difference(
        suite=suite.name,
        distance=distance,
        one=float(items["one"].mean()),
        other=float(items["other"].mean()),
        estimate=_estimate(items),
        p=p,
        test=test,
    )


def _estimate(items: pd.DataFrame) -> Estimate:
    """The mean difference with its interval: the groups of both models are drawn together."""
    rows = items.assign(
        label=pd.Categorical(["difference"] * len(items)),
        seed_code=0,
        pair_code=-1,  # both models are asked the same items, so no pair is cut between them
        blind=False,
        tied=False,
        used=True,
        correct=items["one"],
    )
    (estimate,) = estimate_cells(rows, [], value="difference", proportions=False).values()
    return estimate


def _test(items: pd.DataFrame) -> tuple[float, str]:
    """The p-value of the difference, and of which test."""
    differences = items["difference"].to_numpy()
    if items["binary"].all() and items["unit"].is_unique:
        return mcnemar_test(int((differences > 0).sum()), int((differences < 0).sum())), "McNemar"
    parts = items.groupby("unit")["difference"].sum().to_numpy() / len(items)
    parts = np.where(np.abs(parts) > 1e-12, parts, 0.0)  # what rounding leaves of seeds that cancel
    return sign_flip_test(parts), "sign flips"


def _note(results: Sequence[SuiteResults], models: Models) -> str:
    seeds = {label: max(suite.seeds.get(label, 0) for suite in results) for label in models}
    several = [f"{number} of {label}" for label, number in seeds.items() if number > 1]
    averaged = f" Seeds are averaged ({', '.join(several)})." if several else ""
    return (
        "Claimed is what holds of these trained models on more items of the kind, and nothing of other seeds. "
        f"difference: {models.one} − {models.other}, of the suite's first prediction, over the items that both "
        "scored (from every seed, whatever other models did); [low, high]: 95 %, pointwise, the groups of both "
        f"resampled together; none where all groups agree.{averaged} p: two-sided, by flipping the signs of the "
        f"groups' differences, in all ways or {FLIPS:,} drawn; by McNemar's exact test where every group is one "
        "item, without ties or several seeds. Holm: p adjusted for all rows of this table: those up to 0.05 are "
        "claimed together (simultaneous)."
    )
