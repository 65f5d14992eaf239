"""What rows of outcomes must say, each by itself and all together: whoever made them, whenever and wherever."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from lrd_bench.errors import LrdBenchError
from lrd_bench.formula import parse_formula
from lrd_bench.long_tables import in_words

REQUIRED = ("model", "suite", "item", "prediction", "method", "correct")
"""Columns that outcomes made elsewhere must have; what they lack of the others is null (docs/formats.md)."""

METHODS = ("lm", "pll", "blank", "judge")

OF_A_RUN = frozenset(
    {"run", "model", "seed", "context", "suite_version", "suite_digest", "prediction", "method"}
    | {"correct", "margin_bits", "chance", "reason"}
)
"""Columns in which rows of one item may differ; the others describe the item."""

ROW_KEY = ("run", "suite", "seed", "item", "prediction")
"""What no two rows share."""

Place = Callable[[int], str]
"""Row of a table → where it stands, for messages."""


def check_rows(frame: pd.DataFrame, place: Place) -> None:
    """Raise LrdBenchError for a row that cannot be, whatever the others are."""
    for column in REQUIRED:
        if column != "correct":
            _refuse(frame, frame[column].isna(), column, "filled in", place)
    _refuse(frame, ~frame["method"].isin(METHODS), "method", f"one of {', '.join(METHODS)}", place)
    outside = ((frame["correct"] < 0) | (frame["correct"] > 1)).fillna(value=False)
    _refuse(frame, outside, "correct", "in [0, 1], or empty where unscored", place)
    for text in frame["prediction"].unique():
        try:
            parse_formula(text)
        except LrdBenchError as error:
            row = int((frame["prediction"] == text).to_numpy().argmax())
            raise LrdBenchError(f"{place(row)}: {error}") from error


def _refuse(frame: pd.DataFrame, bad: pd.Series, column: str, wanted: str, place: Place) -> None:
    if bad.any():
        row = int(bad.to_numpy().argmax())
        said = in_words(frame[column].iloc[row])
        raise LrdBenchError(f"{place(row)}: {column} is {said}, and must be {wanted}. Mend the row.")


def fill_together(frame: pd.DataFrame, place: Place) -> pd.DataFrame:
    """The rows with what any of them says of an item filled in where others of that item do not say it.

    Raises LrdBenchError for rows that do not go together. These are a run of two models, a row that occurs twice, two
    versions of one suite, two accounts of one item, and a pair of more than two items.
    """
    _check_runs(frame, place)
    _check_suites(frame, place)
    return _fill_items(frame, place)


def _check_runs(frame: pd.DataFrame, place: Place) -> None:
    runs = frame[["run", "model", "method"]].drop_duplicates()
    for row in runs.index[runs.duplicated("run")]:
        first = runs[runs["run"] == runs["run"][row]].iloc[0]
        raise LrdBenchError(
            f"{place(row)}: run {frame['run'][row]!r} is of {frame['model'][row]!r} ({frame['method'][row]}) here and "
            f"of {first['model']!r} ({first['method']}) elsewhere. Name runs apart, or leave the column empty."
        )
    twice = frame.duplicated(list(ROW_KEY))
    if twice.any():
        row = int(twice.to_numpy().argmax())
        key = frame.loc[[row], list(ROW_KEY)].assign(row=row)
        first = frame[list(ROW_KEY)].reset_index().merge(key, on=list(ROW_KEY))["index"].min()
        seed = "" if pd.isna(frame["seed"][row]) else f" (seed {frame['seed'][row]})"
        raise LrdBenchError(
            f"{place(row)}: item {frame['item'][row]!r} of run {frame['run'][row]!r}{seed} occurs twice, first in "
            f"{place(first)}. Give each outcomes file once; name two models, or their seeds, apart."
        )


def _check_suites(frame: pd.DataFrame, place: Place) -> None:
    # What says nothing of its version is taken to be of the one there is.
    for column, what in (("suite_version", "two versions"), ("suite_digest", "different items")):
        known = frame[["suite", column]].drop_duplicates().dropna()
        for row in known.index[known.duplicated("suite")]:
            other = known[known["suite"] == known["suite"][row]].index[0]
            told = [f"{frame[column][each]} ({place(each)})" for each in (other, row)]
            raise LrdBenchError(
                f"{place(row)}: the outcomes are of {what} of suite {frame['suite'][row]!r}: {told[0]} and {told[1]}. "
                "Score all models on the same stimuli."
            )


def _fill_items(frame: pd.DataFrame, place: Place) -> pd.DataFrame:
    items, _ = pd.factorize(pd.MultiIndex.from_frame(frame[["suite", "item"]]))
    _, firsts = np.unique(items, return_index=True)
    filled = {}
    for column in [name for name in frame.columns if name not in OF_A_RUN]:
        codes, _ = pd.factorize(frame[column])
        known = np.flatnonzero(codes >= 0)
        if not len(known):
            continue
        saying = np.full(len(firsts), -1)  # [items] the first row that says it
        of_items, places = np.unique(items[known], return_index=True)
        saying[of_items] = known[places]
        others = saying[items]
        differs = (codes >= 0) & (codes != codes[others])
        if differs.any():
            row = int(differs.argmax())
            other = int(others[row])
            says, said = in_words(frame[column][row]), in_words(frame[column][other])
            raise LrdBenchError(
                f"{place(row)}: of item {frame['item'][row]!r} of suite {frame['suite'][row]!r}, {column} is {says} "
                f"here and {said} in {place(other)}. What describes an item must be the same for all models."
            )
        if ((codes < 0) & (others >= 0)).any():
            rows = np.where(others < 0, np.arange(len(frame)), others)
            filled[column] = frame[column].take(rows).set_axis(frame.index)
    frame = frame.assign(**filled)
    one_each = frame.loc[np.sort(firsts), ["suite", "pair"]].dropna()
    crowded = one_each.groupby(["suite", "pair"]).cumcount() >= 2
    for row in crowded.index[crowded]:
        raise LrdBenchError(
            f"{place(row)}: is the third item of pair {frame['pair'][row]!r} of suite {frame['suite'][row]!r}. "
            "A pair is two twins; leave it empty where there are none."
        )
    return frame
