"""Tables with a row for each combination of factors, and what the rows of all tables have in common."""

import itertools
from collections.abc import Hashable, Mapping, Sequence

from lrd_bench.report.cells import Key
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.statistics import Estimate
from lrd_bench.report.tables import Cell, Column, Table

ROWS_RATIO = 2
"""Factors are crossed in full, with dots where no item can be, unless that makes more than so many times the rows that
occur: then those alone are shown."""


def crossed_table(
    suite: SuiteResults,
    by: Sequence[str],
    cells: Mapping[Key, Estimate],
    *,
    slug: str,
    title: str,
    note: str,
    counted: str = "items",
    decimals: int = 3,
    detail: bool = False,
) -> Table:
    """One row for each combination of the factors, one column for each model.

    counted:  what the estimates are means over
    decimals: of the estimates
    """
    combined = _combinations(suite, by, cells)
    marked = "distance" in by and bool(suite.withheld)
    named = [(*values, *([shown(suite, dict(zip(by, values, strict=True)))] if marked else [])) for values in combined]
    return Table(
        slug=f"{slug}.{suite.name}",
        title=f"{suite.name}: {title}",
        columns=(
            *map(Column, by),
            *([Column("training text")] if marked else []),
            Column(counted),
            Column("groups"),
            *(Column(label, decimals) for label in suite.labels),
        ),
        rows=tuple(
            (*map(plain, name), *counts(suite, cells, values), *(cells.get(Key(m, values)) for m in suite.labels))
            for name, values in zip(named, combined, strict=True)
        ),
        note=note,
        keys=len(by) + marked + 2,
        detail=detail,
    )


def shown(suite: SuiteResults, values: Mapping[str, Hashable]) -> str | None:
    """Whether the training text shows anything of the kind at a distance, with a filler if one is named.

    None without a distance.
    """
    if values["distance"] is None:
        return None
    if "filler" in values:
        return "withheld" if (values["filler"], values["distance"]) in suite.withheld_fillers else "shown"
    return "withheld" if values["distance"] in suite.withheld else "shown"


def plain(value: Hashable) -> Cell:
    """A factor's value as a cell; an empty one is called none, and what an item lacks is a dash."""
    if value is None:
        return "–"
    return value if isinstance(value, int | float | str) and value != "" else str(value) or "none"


def _combinations(suite: SuiteResults, by: Sequence[str], cells: Mapping[Key, Estimate]) -> list[tuple[Hashable, ...]]:
    occurring = list(dict.fromkeys(key.values for key in cells))
    known = [[value for value in suite.values(by[i]) if value in {v[i] for v in occurring}] for i in range(len(by))]
    crossed = list(itertools.product(*known))
    return crossed if len(crossed) <= ROWS_RATIO * len(occurring) else occurring


def counts(
    suite: SuiteResults, cells: Mapping[Key, Estimate], values: tuple[Hashable, ...]
) -> tuple[int | None, int | None]:
    """How many items and groups the cell rests on, the same for all models that scored any."""
    found = [cells[Key(label, values)] for label in suite.labels if Key(label, values) in cells]
    if not found:
        return None, None
    return max(cell.items for cell in found), max(cell.groups for cell in found)


def all_labels(results: Sequence[SuiteResults]) -> list[str]:
    """The models of these suites, in the order of the files."""
    present = {label for suite in results for label in suite.labels}
    return [label for label in (results[0].rows["label"].cat.categories if results else []) if label in present]
