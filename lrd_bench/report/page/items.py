"""The items of a suite with what every model made of them, packed for the page."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lrd_bench.formula import Comparison, Formula, atoms_of, names_twin, parse_formula
from lrd_bench.items import Suite
from lrd_bench.outcomes import OUTCOME_COLUMNS
from lrd_bench.report.cells import PREPARED
from lrd_bench.report.page.columns import Base, Columns
from lrd_bench.report.page.sentences import Sentences
from lrd_bench.signature import SUM, metric_of

QUARTERS = 4
"""`correct` is a multiple of 1/4: two ties under `&` are ¼."""

UNSCORED = 255

AT = "at"
"""The column that says where in the suite a row's item stands."""

Floats = NDArray[np.float64]
Place = tuple[str, str]
"""Condition and region."""


def pack_items(suite: Suite, rows: pd.DataFrame, surprisals: pd.DataFrame | None, models: Sequence[str]) -> str:
    """Sentences, regions, factors and outcomes of a suite, as `lrd_bench.report.page.columns` packs them.

    rows:       the suite's prepared rows
    surprisals: of any suites (columns SURPRISAL_COLUMNS), or None
    models:     the labels by whose numbers the page knows the models

    `odds` says of a run whether its margins are of probabilities, so that the right region is 2^margin times likelier.
    """
    columns = Columns()
    formulas = {text: parse_formula(text) for text in rows["prediction"].unique()}
    ends = _ends_of(formulas)
    asked = _asked(formulas, ends)
    sentences = Sentences(suite, None if ends is None else ends[0][0])
    rows = _placed(rows, sentences.ids)
    runs = rows[["label", "seed_code", "seed", "run", "method"]].drop_duplicates(["label", "seed_code"])
    seeds = [None if pd.isna(seed) else int(seed) for seed in runs["seed"]]
    parts = [part for _, part in rows.groupby(["label", "seed_code"], sort=False, observed=True)]
    head = {
        "suite": suite.name,
        **sentences.add_to(columns),
        "factors": _factors(columns, rows, len(sentences.ids)),
        "predictions": [{"text": text, "twin": names_twin(formula)} for text, formula in formulas.items()],
        "runs": [
            {"model": models.index(label), "seed": seed, "odds": method != "judge" and metric_of(run) == SUM}
            for label, seed, run, method in zip(runs["label"], seeds, runs["run"], runs["method"], strict=True)
        ],
        "reasons": _outcomes(columns, parts, formulas, sentences.twins),
        "asked": asked,
        "ranked": ends is not None,
    }
    if surprisals is not None:
        ours = _placed(surprisals[surprisals["suite"] == suite.name], sentences.ids)
        of_runs = [_of_run(ours, run, seed) for run, seed in zip(runs["run"], seeds, strict=True)]
        _surprisals(columns, of_runs, asked, _plain(formulas) if ends else None, len(sentences.ids))
    return columns.pack(head)


def _placed(rows: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """The rows with the places of their items in the suite, less those of no item of it."""
    items = rows["item"].astype("category").cat
    places = ids.get_indexer(items.categories.astype(object))[items.codes.to_numpy()]
    return rows[places >= 0].assign(**{AT: places[places >= 0]})


def _of_run(surprisals: pd.DataFrame, run: str, seed: int | None) -> pd.DataFrame:
    seeds = surprisals["seed"].isna() if seed is None else (surprisals["seed"] == seed).fillna(value=False)
    return surprisals[(surprisals["run"] == run) & seeds]


def _factors(columns: Columns, rows: pd.DataFrame, items: int) -> list[dict[str, Any]]:
    """Each factor of the outcomes with its values, distance and needed context first."""
    first = rows.drop_duplicates(AT)
    own = [str(name) for name in rows.columns if name not in (*OUTCOME_COLUMNS, *PREPARED, AT)]
    factors = []
    for name in ["distance", "needed_context", "seen", *own]:
        if first[name].notna().any():
            values: list[Hashable] = [None] * items
            for place, value in zip(first[AT], first[name].tolist(), strict=True):
                values[place] = None if pd.isna(value) else value
            factors.append({"name": name, "values": columns.add_values(f"factor.{name}", values)})
    return factors


def _outcomes(
    columns: Columns, parts: Sequence[pd.DataFrame], formulas: Mapping[str, Formula], twins: NDArray[np.intp]
) -> list[Hashable]:
    """`correct` and margin of every item by prediction and run, and why it is unscored by run; returns the reasons.

    parts: the rows of each run
    """
    texts, items, plain = list(formulas), len(twins), _plain(formulas)
    # A double difference is the sum of both twins' margins, which therefore come first.
    order = sorted(range(len(texts)), key=lambda number: number != plain)
    reasons: dict[Hashable, int] = {None: 0}
    for run, part in enumerate(parts):
        for number in order:
            answers = part[part["prediction"] == texts[number]]
            correct = _spread(answers["correct"], answers[AT], items)
            quarters = np.where(np.isnan(correct), UNSCORED, np.rint(correct * QUARTERS))
            columns.add_codes(f"correct.{number}.{run}", quarters.astype(np.int64))
            base = f"margin.{plain}.{run}"
            bases = [] if number == plain or plain is None else [Base(base), Base(base, twins)]
            columns.add_numbers(f"margin.{number}.{run}", _spread(answers["margin_bits"], answers[AT], items), bases)
        headline = part[part["prediction"] == texts[0]]
        codes = np.zeros(items, dtype=np.int64)
        said = [None if pd.isna(why) else why for why in headline["reason"]]
        codes[headline[AT]] = [reasons.setdefault(why, len(reasons)) for why in said]
        columns.add_codes(f"reason.{run}", codes)
    return list(reasons)


def _surprisals(
    columns: Columns,
    parts: Sequence[pd.DataFrame],
    asked: Sequence[Place],
    plain: int | None,
    items: int,
) -> None:
    """The surprisals of the regions asked about, by run.

    parts: the surprisals of each run, perhaps none
    plain: the prediction that the second region asked about is less likely than the first; None: there is none
    """
    for run, part in enumerate(parts):
        for number, (condition, region) in enumerate(asked if len(part) else ()):
            of_place = part[(part["condition"] == condition) & (part["region"] == region)]
            bits = _spread(of_place["surprisal_bits"], of_place[AT], items)
            # The unlikelier one of two is the likelier and the margin.
            of_both = number == 1 and plain is not None
            bases = [Base(f"bits.0.{run}"), Base(f"margin.{plain}.{run}")] if of_both else []
            columns.add_numbers(f"bits.{number}.{run}", bits, bases)


def _asked(formulas: Mapping[str, Formula], ends: tuple[Place, Place] | None) -> list[Place]:
    """The regions that the predictions ask about, those of the plain one first."""
    asked = sorted({(atom.condition, atom.region) for formula in formulas.values() for atom in atoms_of(formula)})
    return asked if ends is None else [*ends, *(place for place in asked if place not in ends)]


def _ends_of(formulas: Mapping[str, Formula]) -> tuple[Place, Place] | None:
    """The likelier and the unlikelier region of the plain prediction; None where it is not of just two."""
    plain = _plain(formulas)
    formula = None if plain is None else list(formulas.values())[plain]
    if not isinstance(formula, Comparison) or formula.operator == "=":
        return None
    smaller, larger = (formula.left, formula.right) if formula.operator == "<" else (formula.right, formula.left)
    if any(side.constant or list(side.atoms.values()) != [1] for side in (smaller, larger)):
        return None
    one, other = (next(iter(side.atoms)) for side in (smaller, larger))
    return (one.condition, one.region), (other.condition, other.region)


def _plain(formulas: Mapping[str, Formula]) -> int | None:
    """The number of the first prediction about the item alone."""
    return next((number for number, formula in enumerate(formulas.values()) if not names_twin(formula)), None)


def _spread(values: pd.Series, places: pd.Series, items: int) -> Floats:
    """[items] the values at their places, NaN where there is none."""
    spread = np.full(items, np.nan)
    spread[places.to_numpy()] = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return spread
