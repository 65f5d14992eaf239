"""The results on one suite, from which tables and figures are made."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from typing import Any

import pandas as pd

from lrd_bench.chance import chance_of
from lrd_bench.formula import names_twin, parse_formula
from lrd_bench.report.bounds import fall_bounds
from lrd_bench.report.cells import FILLER, Key, estimate_cells, pair_up, tally_by
from lrd_bench.report.statistics import ALPHA, Estimate
from lrd_bench.report.verdicts import Curve

NOUNS = "nouns_between"
"""The factor that says how many nouns stand between cue and critical word."""

HOW_FAR, WHAT_BETWEEN = frozenset({"distance", "depth"}), frozenset({"filler", "nouns"})
"""Reasons in `seen` that concern how far apart cue and critical word are, and what stands between or before them; the
others concern which words they are."""


@dataclass(frozen=True, kw_only=True)
class SuiteResults:
    """Prepared rows of one suite (see `lrd_bench.report.cells.prepare`)."""

    name: str
    rows: pd.DataFrame
    withheld_for: frozenset[str] = HOW_FAR
    """Reasons in `seen` for which a distance counts as one that is withheld."""

    def with_filler(self, filler: str) -> "SuiteResults":
        """The results on the items of one kind of filler, as if they were the suite."""
        own = self.rows[self.rows[FILLER] == filler]
        return replace(self, rows=own, withheld_for=HOW_FAR | WHAT_BETWEEN)

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

    @property
    def double_prediction(self) -> str | None:
        """The first prediction that names the twin: the double difference."""
        return next((text for text, twin in self._predictions.items() if twin), None)

    @cached_property
    def chance(self) -> float | None:
        """How often the headline prediction holds by chance, worked out where no row says it; None: cannot be said."""
        known = self.headline["chance"].dropna().unique()
        return float(known[0]) if len(known) else chance_of(self.headline_prediction)

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
        """The rows of the double difference."""
        return None if self.double_prediction is None else self._of_prediction(self.double_prediction)

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
        return frozenset(distance for (distance,) in self._withheld(["distance"], self.withheld_for))

    @cached_property
    def withheld_fillers(self) -> frozenset[tuple[str, int]]:
        """Kinds of filler, each with a distance, that the training text does not show, whatever the words."""
        return frozenset(self._withheld([FILLER, "distance"], HOW_FAR | WHAT_BETWEEN))

    def _withheld(self, factors: list[str], reasons: frozenset[str]) -> set[tuple[Any, ...]]:
        """Combinations of values of which every item is withheld for one of some reasons."""
        if not self.has("seen"):
            return set()
        marks = self.rows[[*factors, "seen"]].dropna().drop_duplicates().astype({"distance": int})
        rows = [(tuple(values), set(str(seen).split("+"))) for *values, seen in marks.itertuples(index=False)]
        return {values for values, _ in rows} - {values for values, marks in rows if reasons.isdisjoint(marks)}

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
    def strands(self) -> list[str | None]:
        """The kinds of filler to be drawn apart, for they reach different distances; [None]: all are drawn together."""
        if not self.has(FILLER) or not self.has("distance"):
            return [None]
        rows = self._with_distance
        reached = {str(kind): frozenset(part["distance"]) for kind, part in rows.groupby(FILLER, sort=False)}
        return list(reached) if len(set(reached.values())) > 1 else [None]

    def by_distance_of(self, strand: str | None) -> dict[Key, Estimate]:
        """Accuracy of the headline by distance, pointwise, with one kind of filler or with all."""
        if strand is None:
            return self.by_distance
        return estimate_cells(self._with_distance[self._with_distance[FILLER] == strand], ["distance"])

    @cached_property
    def curves(self) -> dict[str, Curve]:
        """Model → its curve of accuracy by distance."""
        rows = self._alike
        alike = self.by_distance if len(rows) == len(self._with_distance) else estimate_cells(rows, ["distance"])
        curves = {}
        for label in self.labels:
            context = self.of(label)["context"].iloc[0]
            curves[label] = Curve(
                context=None if pd.isna(context) else int(context),
                points=points_of(self.by_distance, label),
                alike=points_of(alike, label),
                lower=surely_lower(rows[rows["label"] == label], self.withheld),
                withheld=self.withheld,
            )
        return curves

    @cached_property
    def _filler_factors(self) -> list[str]:
        """The factors by which the suite's fillers differ."""
        return [factor for factor in (FILLER, NOUNS) if self.has(factor) and self.varies(factor)]

    @cached_property
    def judged_on(self) -> list[tuple[Hashable, ...]] | None:
        """The fillers (kind, nouns between) of the items that verdicts are of; None where they are of all items.

        They are those that reach from the shortest distance to the longest, and the same distances on the way: else
        distances would differ in what they hold as well. Of several such sets, the one with the most distances.
        """
        rows, factors = self._with_distance, self._filler_factors
        if not factors or rows.empty:
            return None
        reached = rows.groupby(factors)["distance"].agg(frozenset)
        ends = {rows["distance"].min(), rows["distance"].max()}
        whole = reached[[ends <= distances for distances in reached]]
        if whole.empty or len(set(reached)) == 1:
            return None
        most = max(whole, key=len)
        chosen = whole[[distances == most for distances in whole]].index
        return [each if isinstance(each, tuple) else (each,) for each in chosen]

    @cached_property
    def _alike(self) -> pd.DataFrame:
        """The rows of the headline in which distance alone varies."""
        rows, chosen = self._with_distance, self.judged_on
        if chosen is None:
            return rows
        factors = self._filler_factors
        return rows[rows.set_index(factors).index.isin(chosen if len(factors) > 1 else [each for (each,) in chosen])]

    @cached_property
    def _with_distance(self) -> pd.DataFrame:
        return self.headline[self.headline["distance"].notna()]


def points_of(estimates: Mapping[Key, Estimate], label: str) -> dict[int, Estimate]:
    """Distance → estimate of one model."""
    return {int(key.values[0]): e for key, e in estimates.items() if key.label == label}  # type: ignore[call-overload]


def surely_lower(rows: pd.DataFrame, withheld: frozenset[int]) -> frozenset[int]:
    """The distances at which accuracy is surely lower than at the shortest: that any is wrong happens in 5 % at most.

    rows:     of one model and prediction
    withheld: the distances that the training text never shows, which are judged apart

    From the longest distance to shorter ones, for as long as a lower bound of the fall is above 0. Tests in an order
    that is fixed beforehand need no more correction than that (Maurer, Hothorn and Lehmacher 1995).
    """
    known = rows[rows["used"] & rows["correct"].notna()]
    if known.empty:
        return frozenset()
    data, (_, *longer) = tally_by(known, "distance")
    parts = [part for part in ([d for d in longer if (d in withheld) is apart] for apart in (False, True)) if part]
    bounds = dict(zip(longer, fall_bounds(data, alpha=ALPHA / max(1, len(parts))), strict=True))
    return frozenset(int(d) for part in parts for d in takewhile(lambda d: bounds[d] > 0, reversed(part)))  # type: ignore[call-overload]
