"""The results on one suite, from which tables and figures are made."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lrd_bench.formula import names_twin, parse_formula
from lrd_bench.report.cells import Key, estimate_cells, pair_up
from lrd_bench.report.statistics import ALPHA, Estimate
from lrd_bench.report.verdicts import Curve

NOUNS = "nouns_between"
"""The factor that says how many nouns stand between cue and critical word: each may mislead, whatever the distance."""

HOW_FAR = {"distance", "depth"}
"""Reasons in `seen` that concern how far apart cue and critical word are; the others concern which words they are."""


@dataclass(frozen=True, kw_only=True)
class SuiteResults:
    """Prepared rows of one suite (see `lrd_bench.report.cells.prepare`)."""

    name: str
    rows: pd.DataFrame

    @cached_property
    def labels(self) -> list[str]:
        """The models, in the order of the files."""
        present = set(self.rows["label"])
        return [label for label in self.rows["label"].cat.categories if label in present]

    @cached_property
    def seeds(self) -> dict[str, int]:
        """Model → how many training seeds there are of it."""
        return {label: int(self.of(label)["seed_code"].nunique()) for label in self.labels}

    def of(self, label: str) -> pd.DataFrame:
        """The rows of one model."""
        return self.rows[self.rows["label"] == label]

    # -- predictions -----------------------------------------------------------------------------------------------

    @cached_property
    def _predictions(self) -> dict[str, bool]:
        """Prediction → whether it names the twin; the headline first."""
        return {text: names_twin(parse_formula(text)) for text in self.rows["prediction"].unique()}

    @property
    def headline_prediction(self) -> str:
        """The first prediction: whose accuracy is the suite's."""
        return next(iter(self._predictions))

    @property
    def headline_is_double(self) -> bool:
        """Whether the headline is a double difference."""
        return self._predictions[self.headline_prediction]

    @cached_property
    def headline(self) -> pd.DataFrame:
        """The rows of the headline prediction."""
        return self._of_prediction(self.headline_prediction)

    @cached_property
    def plain(self) -> pd.DataFrame | None:
        """The rows of the first prediction about the item alone."""
        return next((self._of_prediction(text) for text, twin in self._predictions.items() if not twin), None)

    @cached_property
    def double(self) -> pd.DataFrame | None:
        """The rows of the first prediction that names the twin: the double difference."""
        return next((self._of_prediction(text) for text, twin in self._predictions.items() if twin), None)

    def _of_prediction(self, text: str) -> pd.DataFrame:
        return self.rows[self.rows["prediction"] == text]

    @cached_property
    def pairs(self) -> pd.DataFrame | None:
        """Pairs of twins on the plain prediction."""
        return None if self.plain is None else pair_up(self.plain)

    # -- factors ---------------------------------------------------------------------------------------------------

    def has(self, factor: str) -> bool:
        """Whether the factor is known of any item."""
        return factor in self.rows and bool(self.rows[factor].notna().any())

    def varies(self, factor: str) -> bool:
        """Whether the factor takes several values, null among them."""
        return factor in self.rows and self.rows[factor].nunique(dropna=False) > 1

    def values(self, factor: str) -> list[Hashable]:
        """The values of a factor in order, null last as None."""
        values: list[Hashable] = sorted(self.rows[factor].dropna().unique().tolist())
        return [*values, None] if self.rows[factor].isna().any() else values

    @cached_property
    def withheld(self) -> frozenset[int]:
        """Distances at which the training text shows nothing of the kind, whatever the words."""
        if not self.has("seen"):
            return frozenset()
        marks = self.rows[["distance", "seen"]].dropna().drop_duplicates()
        marked = list(zip(marks["distance"].astype(int), marks["seen"].str.split("+"), strict=True))
        shown = {distance for distance, reasons in marked if HOW_FAR.isdisjoint(reasons)}
        return frozenset(distance for distance, _ in marked) - shown

    # -- estimates -------------------------------------------------------------------------------------------------

    @cached_property
    def accuracies(self) -> dict[str, Estimate]:
        """Model → accuracy of the headline over all items."""
        return {label: estimate for (label, _), estimate in estimate_cells(self.headline, []).items()}

    @cached_property
    def by_distance(self) -> dict[Key, Estimate]:
        """Accuracy of the headline by distance, pointwise."""
        return estimate_cells(self._with_distance, ["distance"])

    @cached_property
    def curves(self) -> dict[str, Curve]:
        """Model → its curve of accuracy by distance."""
        rows = self._alike
        longer = max(1, rows["distance"].nunique() - 1)
        # One-sided, and shared out over the longer distances (Bonferroni): hence twice ALPHA, which is of two sides.
        alike = self.by_distance if len(rows) == len(self._with_distance) else estimate_cells(rows, ["distance"])
        simultaneous = estimate_cells(rows, ["distance"], alpha=2 * ALPHA / longer)
        curves = {}
        for label in self.labels:
            context = self.of(label)["context"].iloc[0]
            curves[label] = Curve(
                context=None if pd.isna(context) else int(context),
                points=_points(self.by_distance, label),
                alike=_points(alike, label),
                upper={d: e.high for d, e in _points(simultaneous, label).items() if e.high is not None},
                withheld=self.withheld,
            )
        return curves

    @property
    def judged_at_fewest_nouns(self) -> int | None:
        """How many nouns stand in between in all items that verdicts are of; None where they are of all items."""
        rows = self._with_distance
        if not self.has(NOUNS) or rows.empty:
            return None
        fewest = rows.loc[rows["distance"] == rows["distance"].min(), NOUNS].min()
        if pd.isna(fewest):
            return None
        chosen = (rows[NOUNS] == fewest).fillna(value=False)
        everywhere = rows["distance"][chosen].nunique() == rows["distance"].nunique()
        return int(fewest) if everywhere and not chosen.all() else None

    @cached_property
    def _alike(self) -> pd.DataFrame:
        """The rows of the headline in which distance alone varies: longer distances may hold more nouns as well."""
        rows, fewest = self._with_distance, self.judged_at_fewest_nouns
        return rows if fewest is None else rows[(rows[NOUNS] == fewest).fillna(value=False)]

    @cached_property
    def _with_distance(self) -> pd.DataFrame:
        return self.headline[self.headline["distance"].notna()]


def _points(estimates: Mapping[Key, Estimate], label: str) -> dict[int, Estimate]:
    """Distance → estimate of one model."""
    return {int(key.values[0]): e for key, e in estimates.items() if key.label == label}  # type: ignore[call-overload]
