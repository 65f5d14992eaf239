"""Tables that go into detail: they are in every file of a report, but not in what a terminal shows.

Two are by factors of the item, not of the pair, and so cut pairs, where all others are by factors that twins share: the
marks in their cells and the notes below them say so.
"""

from collections.abc import Sequence

import pandas as pd

from lrd_bench.report.cells import Key, estimate_cells
from lrd_bench.report.crossed import all_labels, counts, crossed_table, plain, shown
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.tables import Cell, Column, Table

OPPOSING = "attractors"
"""The factor that counts the nouns between cue and critical word whose value is not the cue's."""

FEW_VALUES = 8
"""A cue with more values is no feature, such as number or case, but a domain among many."""

OF_THE_ITEM = (
    "A factor of the item, not of the pair: cells hold twins without each other (°), and a model that cannot see the "
    "cue need not score ½ in them."
)


def detail_tables(results: Sequence[SuiteResults]) -> list[Table]:
    """Those at the end of a report, in order: all but what belongs beside another table."""
    tables = [both_by_distance(suite) for suite in results if suite.pairs is not None and suite.has("distance")]
    tables += [opposing_nouns(suite) for suite in results if has_opposing(suite)]
    return [table for table in [*tables, by_cue_value(results)] if table.rows]


def has_bits(suite: SuiteResults) -> bool:
    """Whether the double difference was asked, and is known in bits."""
    return suite.double is not None and bool(suite.double["margin_bits"].notna().any())


def double_by_distance(suite: SuiteResults) -> Table:
    """The mean double difference by distance, with the rows of the table of accuracy, beside which it belongs."""
    rows = suite.double
    assert rows is not None
    rows = rows[rows["distance"].notna()]
    return crossed_table(
        suite,
        ["distance"],
        estimate_cells(rows, ["distance"], value="margin_bits", proportions=False),
        slug="double-by-distance",
        title="double difference in bits by distance",
        note=f"By how many bits `{suite.double_prediction}` holds. What a word costs in any context cancels. 0: to the "
        "model, cue and candidate have nothing to do with each other. No interval where all groups agree.",
        decimals=2,
        detail=True,
    )


def both_by_distance(suite: SuiteResults) -> Table:
    """How many pairs of twins are answered right both times, by distance."""
    pairs = suite.pairs
    assert pairs is not None
    cells = estimate_cells(pairs[pairs["distance"].notna()], ["distance"], value="both")
    return crossed_table(
        suite,
        ["distance"],
        cells,
        slug="both-by-distance",
        title="both right by distance",
        note="Pairs of twins answered right both times: 0 for a model that always prefers the same word, ¼ for a coin.",
        counted="pairs",
        detail=True,
    )


def has_opposing(suite: SuiteResults) -> bool:
    """Whether the suite varies how many nouns oppose the cue, at known distances. Others may call words so."""
    counts = suite.has(OPPOSING) and pd.api.types.is_integer_dtype(suite.rows[OPPOSING])
    return suite.has("distance") and counts and suite.varies(OPPOSING)


def opposing_nouns(suite: SuiteResults) -> Table:
    """Accuracy by distance × number of nouns that oppose the cue, a row for each model and distance: the heat map."""
    rows = suite.headline[suite.headline["distance"].notna() & suite.headline[OPPOSING].notna()]
    cells = estimate_cells(rows, ["distance", OPPOSING])
    distances, numbers = (sorted({key.values[i] for key in cells}) for i in range(2))  # type: ignore[type-var]
    marked = bool(suite.withheld)
    return Table(
        slug=f"opposing-nouns.{suite.name}",
        title=f"{suite.name}: accuracy by distance × opposing nouns",
        columns=(
            Column("model"),
            Column("distance"),
            *([Column("training text")] if marked else []),
            *(Column(f"{number} opposing", intervals=False) for number in numbers),
        ),
        rows=tuple(
            (
                label,
                plain(distance),
                *([shown(suite, {"distance": distance})] if marked else []),
                *(cells.get(Key(label, (distance, number))) for number in numbers),
            )
            for label in suite.labels
            for distance in distances
        ),
        note="opposing: nouns between whose value is not the cue's; what opposes one twin supports the other. "
        f"{OF_THE_ITEM} ·: no item is so. Intervals and counts are in CSV and JSON.",
        keys=2 + marked,
        detail=True,
        figure=True,
    )


def by_cue_value(results: Sequence[SuiteResults]) -> Table:
    """Accuracy by the value of the cue, such as singular and plural, for suites where it is one of a few."""
    with_values = [
        suite for suite in results if suite.has("cue_value") and 1 < len(suite.values("cue_value")) <= FEW_VALUES
    ]
    labels = all_labels(with_values)
    rows: list[tuple[Cell, ...]] = []
    for suite in with_values:
        cells = estimate_cells(suite.headline, ["cue_value"])
        rows += [
            (
                suite.name,
                plain(values[0]),
                *counts(suite, cells, values),
                *(cells.get(Key(label, values)) for label in labels),
            )
            for values in dict.fromkeys(key.values for key in cells)
        ]
    return Table(
        slug="accuracy-by-cue-value",
        title="Accuracy by the value of the cue",
        columns=(Column("suite"), Column("cue"), Column("items"), Column("groups"), *map(Column, labels)),
        rows=tuple(rows),
        note=f"{OF_THE_ITEM} A model that prefers one of the candidates is right where that is the answer, and wrong "
        "where it is not.",
        keys=4,
        detail=True,
    )
