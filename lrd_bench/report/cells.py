"""From outcome rows to estimates: which rows count, which cells the theorem fixes, and what is made of pairs of twins.

Rows are first prepared: each gets the label of its model, the group that is resampled with it, and whether it is used,
that is, scored by all models that the report compares (so that no model is judged on easier items than another).
"""

import re
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.formula import parse_formula
from lrd_bench.report.statistics import ALPHA, Codes, Estimate, Mark, Tally, estimate_means, tally
from lrd_bench.report.theorem import certificate_of
from lrd_bench.signature import SUM, metric_of

OBSERVER = "ideal-observer"
"""The model that knows the grammar which the text was drawn from."""

FILLER = "filler"
"""The factor that says what kind of material stands between cue and critical word: a name, though it be a number."""

THEOREM = {"correct": 0.5, "margin_bits": 0.0}
"""Value → its mean over pairs of twins, as the theorem says; the margin only where every item is a tie."""

PREPARED = ("label", "seed_code", "unit", "known", "pair_code", "item_code", "blind", "tied", "used")
"""The columns that `prepare` adds."""


class Key(NamedTuple):
    """What an estimate is of: a model and a combination of factor values."""

    label: str
    values: tuple[Hashable, ...]


def model_digest(run: str) -> str:
    """The eight digits of the model's digest in the signature of a run."""
    found = re.search(r"\|model:.*#([^|#]*)\|method:", run)
    return found[1] if found else ""


def label_runs(rows: pd.DataFrame) -> dict[str, str]:
    """Run → how a report calls its model: the name, and what tells it from another of that name."""
    runs = rows[["run", "model", "method"]].drop_duplicates("run")
    known = [(model, model_digest(run), method) for run, model, method in runs.itertuples(index=False)]
    labels = {}
    for run, (model, digest, method) in zip(runs["run"], known, strict=True):
        alone = len({other[1] for other in known if other[0] == model}) == 1
        told = [word for word, usual in ((method, "lm"), (metric_of(run), SUM)) if word != usual]
        labels[run] = (model if alone else f"{model}#{digest}") + (f" ({', '.join(told)})" if told else "")
    return _apart(labels, rows)


def _apart(labels: dict[str, str], rows: pd.DataFrame) -> dict[str, str]:
    """The labels with what tells two runs of one label and suite apart, such as the version that scored them.

    Raises LrdBenchError where their signatures differ in nothing that could.
    """
    runs = rows[["suite", "run"]].drop_duplicates()
    told = runs["run"].map(labels)
    for label in told[runs.assign(label=told).duplicated(["suite", "label"])].unique():
        settings = {run: run.partition("|method:")[2].split("|")[1:] for run, of in labels.items() if of == label}
        for run, parts in settings.items():
            own = [part for part in parts if not all(part in other for other in settings.values())]
            labels[run] = " ".join([label, *own])
    again = runs.assign(label=runs["run"].map(labels))
    for suite, run, label in again[again.duplicated(["suite", "label"])].itertuples(index=False):
        other = again["run"][(again["suite"] == suite) & (again["label"] == label)].iloc[0]
        raise LrdBenchError(
            f"runs {other!r} and {run!r} are both of {label} on suite {suite!r}, and nothing tells them apart. "
            "Give the models two names, or report one run at a time."
        )
    return labels


def prepare(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The outcomes with the columns that estimates are made from.

    label      the model's name in the report (categorical, in the order of the files)
    seed_code  the training seed, -1 where there is none
    unit       the number of the group that is resampled; where it is unknown, of the pair or else the item
    known      whether the group is known
    pair_code  the number of the pair within the suite, -1 where there is none
    item_code  the number of the item within the suite
    blind      whether the twins differ only beyond the model's window, and the theorem speaks of the prediction
    tied       whether the theorem then makes every item a tie, not only the pair's mean one half
    used       whether the item and its twin are scored by all models that score any item of the suite; the ideal
               observer has no vote, and of these items uses those that it scores itself

    Raises LrdBenchError for outcomes that have a column of one of these names.
    """
    if taken := [column for column in PREPARED if column in outcomes]:
        raise LrdBenchError(f"outcomes: a factor may not be called {taken[0]!r}, as reports use the name. Rename it.")
    rows = outcomes.copy(deep=False)  # columns are added, none is changed in place
    labels = label_runs(rows)
    rows["label"] = pd.Categorical(rows["run"].map(labels), categories=list(dict.fromkeys(labels.values())))
    rows["seed_code"] = rows["seed"].fillna(-1).astype("int64")
    rows["known"] = rows["group"].notna()
    unit = rows["group"].fillna("pair " + rows["pair"]).fillna("item " + rows["item"])
    for code, column in (("unit", unit), ("pair_code", rows["pair"]), ("item_code", rows["item"])):
        rows[code] = rows["suite"].to_frame("suite").assign(it=column).groupby(["suite", "it"], sort=True).ngroup()
        rows[code] = rows[code].fillna(-1).astype("int64")
    (of_run, runs), (of_text, texts) = (pd.factorize(rows[column]) for column in ("run", "prediction"))
    certificates = [[certificate_of(parse_formula(text), metric_of(run)) for text in texts] for run in runs]
    certificate = pd.Series(np.array(certificates, dtype=object)[of_run, of_text], index=rows.index)
    beyond = (rows["context"] < rows["needed_context"]).fillna(value=False).astype(bool)
    rows["blind"] = beyond & rows["pair"].notna() & certificate.notna()
    rows["tied"] = (certificate == "item").fillna(value=False).astype(bool)
    rows["used"] = _used(rows)
    if FILLER in rows:
        rows[FILLER] = rows[FILLER].astype("string")
    # Rows are selected again and again, which is slow with strings.
    strings = [column for column in rows.columns if pd.api.types.is_string_dtype(rows[column])]
    return rows.astype(dict.fromkeys(strings, "category"))


def _used(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """[rows] whether the item and its twin are scored by every run (and seed) that scores anything of the suite.

    What the grammar rules out on both sides of a comparison the ideal observer cannot score: infinity against infinity.
    That says nothing of the item's use for a trained model, so a control must not shrink the sample of the others.
    """
    votes = rows["model"] != OBSERVER
    scored = rows[rows["correct"].notna() & votes]
    question = ["suite", "prediction"]
    runs = scored.drop_duplicates([*question, "label", "seed_code"]).groupby(question).size().rename("runs")
    given = scored.groupby([*question, "item_code"]).size().rename("given")
    both = rows[[*question, "item_code", "pair_code"]].merge(runs, on=question, how="left")
    both = both.merge(given, on=[*question, "item_code"], how="left")
    complete = both["given"].fillna(0) == both["runs"].fillna(0)
    pair = [both[column] for column in (*question, "pair_code")]
    in_pairs = complete.groupby(pair).transform("min")
    used: NDArray[np.bool_] = np.where(both["pair_code"] >= 0, in_pairs, complete).astype(bool)
    # Of the observer, and where nobody else scores anything, only what is scored.
    own = rows["correct"].notna().reset_index(drop=True) | (votes.reset_index(drop=True) & both["runs"].notna())
    run = [rows[column].reset_index(drop=True) for column in ("run", "seed_code")]
    own_in_pairs = own.groupby([*pair, *run]).transform("min")
    used &= np.where(both["pair_code"] >= 0, own_in_pairs, own).astype(bool)
    return used


def codes_of(column: pd.Series) -> tuple[Codes, list[Hashable]]:
    """Codes from 0 in sorted order, nulls last, and what they stand for (None for null)."""
    codes, values = pd.factorize(column, sort=True)
    known: list[Hashable] = values.tolist()
    if (codes < 0).any():
        codes = np.where(codes < 0, len(known), codes)
        known.append(None)
    return codes.astype(np.intp), known


def estimate_cells(
    rows: pd.DataFrame, by: Sequence[str], *, value: str = "correct", alpha: float = ALPHA, proportions: bool = True
) -> dict[Key, Estimate]:
    """The mean of `value` for each model and each combination of the factors that occurs.

    rows:         prepared rows of one suite and prediction
    proportions:  whether the values lie in [0, 1]
    returns:      in the order of the models, then of the factors' values
    """
    columns = [codes_of(rows[factor]) for factor in by]
    combined = np.zeros(len(rows), dtype=np.intp)
    for codes, values in columns:
        combined = combined * len(values) + codes
    occurring, cells = np.unique(combined, return_inverse=True)
    names = [_cell_name(int(code), [values for _, values in columns]) for code in occurring]
    arrays = {name: rows[name].to_numpy() for name in PREPARED if name != "label"}
    if value != "correct":  # two margins of opposite sign add up to 0, but a sum of many such pairs may be rounded
        arrays["blind"] = arrays["blind"] & arrays["tied"]
    arrays["value"] = rows[value].to_numpy(dtype=np.float64, na_value=np.nan)
    arrays["scored"] = rows["correct"].notna().to_numpy()
    arrays["cell"] = cells
    of_label = rows["label"].cat.codes.to_numpy()
    estimates: dict[Key, Estimate] = {}
    for code, label in enumerate(rows["label"].cat.categories):
        if (of_label == code).any():
            part = {name: array[of_label == code] for name, array in arrays.items()}
            means = _estimates(part, len(names), alpha, proportions=proportions, theorem=THEOREM.get(value))
            estimates |= {Key(label, name): mean for name, mean in zip(names, means, strict=True)}
    return estimates


def _cell_name(code: int, values: Sequence[Sequence[Hashable]]) -> tuple[Hashable, ...]:
    """The factor values of a combined code, whose last factor varies fastest."""
    name: list[Hashable] = []
    for known in reversed(values):
        code, place = divmod(code, len(known))
        name.append(known[place])
    return tuple(reversed(name))


Arrays = dict[str, NDArray[np.generic]]
"""Columns of one model's rows, [rows] each."""


def _estimates(rows: Arrays, cells: int, alpha: float, *, proportions: bool, theorem: float | None) -> list[Estimate]:
    """One estimate for each cell, of one model."""
    used = {name: array[rows["used"].astype(bool)] for name, array in rows.items()}
    estimates = [Estimate(value=None)] * cells
    if len(used["value"]):
        estimates = estimate_means(_tally(used, cells), alpha=alpha, proportions=proportions)
    missing = ~rows["scored"].astype(bool)
    unscored = _distinct_items(rows["cell"][missing], rows["item_code"][missing])
    cut = _cells_that_cut_pairs(used)
    return [
        _mark(
            replace(estimate, unscored=unscored.get(cell, 0)),
            {name: array[used["cell"] == cell] for name, array in used.items()},
            cut=cell in cut,
            theorem=theorem,
        )
        for cell, estimate in enumerate(estimates)
    ]


def _tally(used: Arrays, cells: int) -> Tally:
    # Only the groups and seeds that the model has at all: others would be empty draws.
    seeds, units = (np.unique(used[name], return_inverse=True)[1] for name in ("seed_code", "unit"))
    shape = (int(seeds.max()) + 1, int(units.max()) + 1, cells)
    return tally(used["value"].astype(np.float64), seeds, units, used["cell"].astype(np.intp), shape)


def tally_by(rows: pd.DataFrame, factor: str) -> tuple[Tally, list[Hashable]]:
    """`correct` of one model's used rows, added up by the values of a factor, and these values in order."""
    cell, values = codes_of(rows[factor])
    used: Arrays = {name: rows[name].to_numpy() for name in ("seed_code", "unit")}
    used |= {"value": rows["correct"].to_numpy(dtype=np.float64), "cell": cell}
    return _tally(used, len(values)), values


def _distinct_items(cells: NDArray[np.generic], items: NDArray[np.generic]) -> dict[int, int]:
    """Key → how many distinct items it holds."""
    distinct = np.unique(np.stack([cells, items]), axis=1)
    numbers, counts = np.unique(distinct[0], return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def _cells_that_cut_pairs(used: Arrays) -> set[int]:
    """The cells that hold one of two twins without the other."""
    paired = used["pair_code"].astype(np.intp) >= 0
    cells, seeds, pairs = (used[name][paired].astype(np.intp) for name in ("cell", "seed_code", "pair_code"))
    if not len(pairs):
        return set()
    shape = (cells.max() + 1, seeds.max() + 2, pairs.max() + 1)  # seeds from -1, which is none
    twins, counts = np.unique(np.ravel_multi_index((cells, seeds + 1, pairs), shape), return_counts=True)
    return set(np.unravel_index(twins[counts != 2], shape)[0].tolist())


def _mark(estimate: Estimate, rows: Arrays, *, cut: bool, theorem: float | None) -> Estimate:
    """The estimate with what the theorem and the make-up of the cell say about it.

    rows:    those of the cell, with the columns of `prepare` and the value
    cut:     whether the cell holds one of two twins without the other
    theorem: what the theorem says of such a value, wherever it says something
    """
    if estimate.value is None:
        return estimate
    tied = rows["tied"].all()
    if theorem is not None and rows["blind"].all() and (tied or not cut):
        found = (rows["value"] == theorem).all() if tied else estimate.value == theorem
        if found:
            return replace(estimate, low=theorem, high=theorem, interval="exact", theorem=theorem, marks=())
        return replace(estimate, theorem=theorem, marks=("theorem broken",))
    marks: list[Mark] = list(estimate.marks)
    if cut:
        marks.append("cut pairs")
    if not rows["known"].all():
        marks.append("unknown groups")
    return replace(estimate, marks=tuple(marks))


def pair_up(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each pair of used twins, model and seed, in the form that `estimate_cells` takes.

    both       the product of both twins' `correct`: 1 where both are right; a tie counts half
    attractor  correct where the nearest noun mismatches the cue − correct where it matches; only with a factor
               `nearest`, and NaN where the twins do not differ in it
    """
    key = ["label", "seed_code", "pair_code"]
    used = rows[rows["used"] & (rows["pair_code"] >= 0)]
    firsts, seconds = used.drop_duplicates(key), used[used.duplicated(key)]
    also = [column for column in ("correct", "nearest") if column in used]
    pairs = firsts.merge(seconds[[*key, *also]], on=key, suffixes=("", "_twin"))
    pairs["both"] = pairs["correct"] * pairs["correct_twin"]
    if "nearest" in used:
        difference = pairs["correct"] - pairs["correct_twin"]
        mismatch, match = ((pairs[["nearest", "nearest_twin"]] == kind).fillna(False) for kind in ("mismatch", "match"))
        forwards = mismatch["nearest"] & match["nearest_twin"]
        backwards = match["nearest"] & mismatch["nearest_twin"]
        effect = difference.where(forwards, (-difference).where(backwards))
        pairs["attractor"] = effect.to_numpy(dtype=np.float64, na_value=np.nan)
    return pairs.assign(pair_code=-1)  # a pair is cut by nothing
