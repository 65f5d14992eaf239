"""The tables of a report, one function each, in the order in which they are printed."""

from collections.abc import Hashable, Iterable, Sequence

import pandas as pd

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.outcomes import OUTCOME_COLUMNS
from lrd_bench.report.cells import OBSERVER, PREPARED, Key, estimate_cells
from lrd_bench.report.chance_note import chance_note
from lrd_bench.report.crossed import all_labels, counts, crossed_table, plain
from lrd_bench.report.detail import double_by_distance, has_bits
from lrd_bench.report.how_far import how_far_table
from lrd_bench.report.reach import reach_table
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.statistics import ARCHITECTURE_SEEDS, Estimate
from lrd_bench.report.tables import Cell, Column, Table
from lrd_bench.report.verdicts import judge

FACTORS_OF_OURS = ("distance", "needed_context", "seen", "group")
"""Columns of every outcomes table that may be asked for with --by, besides the suite's own factors."""


def suite_tables(results: Sequence[SuiteResults], by: Sequence[str]) -> list[Table]:
    """Every table made from outcomes, in order."""
    tables = [overview(results), reach_table(results, all_labels(results))]
    for suite in results:
        if suite.has("distance"):
            tables.append(by_factors(suite, ["distance"]))
            tables += [double_by_distance(suite)] if has_bits(suite) else []
    crossed = ["filler", "distance"]
    if list(by) != crossed:  # where there are several kinds of filler, what is owed to them and what to distance
        several = [suite for suite in results if suite.has("distance") and _fillers(suite) > 1]
        tables += [by_factors(suite, crossed, detail=True) for suite in several]
    if list(by) != ["distance"]:
        tables += [by_factors(suite, by) for suite in _suites_with(results, by)]
    tables.append(how_far_table(results))
    return [table for table in [*tables, seen(results), attractor_effect(results)] if table.rows]


def _fillers(suite: SuiteResults) -> int:
    return len(suite.values("filler")) if suite.has("filler") else 0


def overview(results: Sequence[SuiteResults]) -> Table:
    """Model × suite: accuracy, both right, double difference, and a verdict."""
    rows: list[tuple[Cell, ...]] = []
    for suite in results:
        both = _means(suite.pairs, "both")
        double = _means(suite.double, "correct")
        bits = _means(suite.double, "margin_bits")
        rows += [
            (
                suite.name,
                label,
                suite.accuracies[label].items,
                suite.accuracies[label].unscored,
                suite.accuracies[label],
                both.get(label),
                judge(suite.curves[label]),
                double.get(label),
                bits.get(label),
            )
            for label in suite.labels
        ]
    columns = (
        Column("suite"),
        Column("model"),
        Column("items"),
        Column("unscored"),
        Column("accuracy"),
        Column("both"),
        Column("verdict"),  # within the width of the first part, for what folds
        Column("double"),
        Column("bits", decimals=2),
    )
    return Table(
        slug="overview", title="Overview", columns=columns, rows=tuple(rows), note=_overview_note(results), keys=2
    )


def _means(rows: pd.DataFrame | None, value: str) -> dict[str, Estimate]:
    """Model → mean over all rows; empty without rows."""
    if rows is None or rows.empty:
        return {}
    proportions = value != "margin_bits"
    return {key.label: mean for key, mean in estimate_cells(rows, [], value=value, proportions=proportions).items()}


def _overview_note(results: Sequence[SuiteResults]) -> str:
    doubles = [suite.name for suite in results if suite.headline_is_double]
    notes = [
        "accuracy: of the suite's first prediction, over the items that all models scored.",
        _observer_note(results),
        f"First for {', '.join(doubles)}: the double difference." if doubles else "",
        "both: pairs of twins answered right both times.",
        "double: how often the double difference holds, and by how many bits on average.",
        chance_note(results),
        _verdict_note(results),
        _interval_note(results),
    ]
    left_out = [
        f"{suite.name} {label}: {extra}" for suite in results for label, extra in _scored_but_left_out(suite).items()
    ]
    if left_out:
        notes.append(f"Scored, but left out because another model did not score them: {'; '.join(left_out)} items.")
    return " ".join(note for note in notes if note)


def _observer_note(results: Sequence[SuiteResults]) -> str:
    """That the ideal observer does not decide which items are compared; nothing where it is absent or alone."""
    models = {str(model) for suite in results for model in suite.rows["model"].unique()}
    if OBSERVER not in models or models == {OBSERVER}:
        return ""
    return f"{OBSERVER} has no say in which these are, and is judged on those of them that it scores."


def _verdict_note(results: Sequence[SuiteResults]) -> str:
    """Which verdicts are of fewer items than the curves."""
    chosen = {suite.name: suite.judged_on for suite in results if suite.judged_on is not None}
    if not chosen:
        return ""
    named = (f"{name} ({'; '.join(_filler(filler) for filler in fillers)})" for name, fillers in chosen.items())
    return (
        "verdict: learnt, holds and forgets are of the fillers that reach from the shortest to the longest distance, "
        f"so that distance alone varies, for {', '.join(named)}; of all items for the others."
    )


def _filler(filler: Sequence[Hashable]) -> str:
    """What tells a filler from the suite's others, its kind or number of nouns or both, in words."""
    return ", ".join(each if isinstance(each, str) else f"{each} noun{'' if each == 1 else 's'}" for each in filler)


def _scored_but_left_out(suite: SuiteResults) -> dict[str, int]:
    """Model → how many items it scored that are not compared."""
    rows = suite.headline
    left_out = rows[rows["correct"].notna() & ~rows["used"]]
    return {label: int(part["item"].nunique()) for label, part in left_out.groupby("label", observed=True)}  # type: ignore[misc]


def _interval_note(results: Sequence[SuiteResults]) -> str:
    seeds = {label: number for suite in results for label, number in suite.seeds.items()}
    many = [label for label, number in seeds.items() if number >= ARCHITECTURE_SEEDS]
    if not many:
        return "Intervals (95 %) resample groups: they are of these trained models, and claim nothing of other seeds."
    crossed = f"Intervals (95 %) resample seeds and groups, and so are of the architecture, for {', '.join(many)}"
    return (
        f"{crossed}." if len(many) == len(seeds) else f"{crossed}; groups alone, of the trained model, for the others."
    )


def by_factors(suite: SuiteResults, by: Sequence[str], *, detail: bool = False) -> Table:
    """Accuracy of the headline, one row for each combination of the factors, one column for each model."""
    cells = suite.by_distance if list(by) == ["distance"] else estimate_cells(suite.headline, by)
    return crossed_table(
        suite,
        by,
        cells,
        slug=f"accuracy-by-{'-'.join(by)}",
        title=f"accuracy by {' × '.join(by)}",
        note=f"Asked: `{suite.headline_prediction}`",
        detail=detail,
    )


def _suites_with(results: Sequence[SuiteResults], by: Sequence[str]) -> list[SuiteResults]:
    """The suites that have all of the factors. Raises LrdBenchError for a factor that none has."""
    known = {factor for suite in results for factor in _factors(suite)}
    for factor in by:
        if factor not in known:
            raise LrdBenchError(f"--by {factor}: {unknown('factor', factor, known)}")
    return [suite for suite in results if all(suite.has(factor) for factor in by)]


def _factors(suite: SuiteResults) -> Iterable[str]:
    ours = {*OUTCOME_COLUMNS, *PREPARED} - set(FACTORS_OF_OURS)
    return (str(column) for column in suite.rows.columns if column not in ours and suite.has(column))


def seen(results: Sequence[SuiteResults]) -> Table:
    """Accuracy by what the training text withholds of an item, for suites where that varies."""
    varying = [suite for suite in results if suite.has("seen") and suite.varies("seen")]
    labels = all_labels(varying)
    rows: list[tuple[Cell, ...]] = []
    for suite in varying:
        cells = estimate_cells(suite.headline, ["seen"])
        values = dict.fromkeys(key.values for key in cells)
        ordered = sorted(values, key=lambda value: (value[0] is None, value[0] != "seen", str(value[0])))
        rows += [
            (
                suite.name,
                "shown" if value[0] == "seen" else plain(value[0]),
                *counts(suite, cells, value),
                *(cells.get(Key(label, value)) for label in labels),
            )
            for value in ordered
        ]
    return Table(
        slug="seen-and-withheld",
        title="What the training text shows and what it withholds",
        columns=(Column("suite"), Column("withheld"), Column("items"), Column("groups"), *map(Column, labels)),
        rows=tuple(rows),
        note="withheld: what of the item the grammar's training text never shows; `shown`: nothing. It says something "
        "of models that were trained on such text.",
        keys=4,
    )


def attractor_effect(results: Sequence[SuiteResults]) -> Table:
    """Accuracy where the nearest noun mismatches the cue minus accuracy where it matches, inside the same pairs."""
    with_effect = [suite for suite in results if suite.pairs is not None and "attractor" in suite.pairs]
    labels = all_labels(with_effect)
    rows: list[tuple[Cell, ...]] = []
    for suite in with_effect:
        assert suite.pairs is not None
        pairs = suite.pairs[suite.pairs["attractor"].notna()]
        if pairs.empty:
            continue
        cells = estimate_cells(pairs, [], value="attractor", proportions=False)
        rows.append((suite.name, *counts(suite, cells, ()), *(cells.get(Key(label, ())) for label in labels)))
    return Table(
        slug="attractor-effect",
        title="Attractor effect",
        columns=(Column("suite"), Column("pairs"), Column("groups"), *map(Column, labels)),
        rows=tuple(rows),
        note="Accuracy where the noun nearest to the critical word mismatches the cue, minus accuracy where it "
        "matches, inside the same pairs: below 0, attractors mislead. No interval where all groups agree.",
        keys=3,
    )
