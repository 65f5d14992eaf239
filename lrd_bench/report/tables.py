"""Tables of typed cells, and their renderings as text, Markdown and CSV: the same rows in the same order.

LaTeX and JSON have modules of their own.
"""

import csv
import io
import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Literal, NamedTuple, get_args

import tabulate

from lrd_bench.errors import LrdBenchError
from lrd_bench.report import markdown
from lrd_bench.report.statistics import FEW_SEEDS, Estimate, Mark

Format = Literal["text", "markdown", "latex", "csv", "json"]
tabulate.MIN_PADDING = 0  # its headings are padded otherwise, and tables that fit a terminal would not

FORMATS: tuple[Format, ...] = get_args(Format)

TEXT_WIDTH = 132
"""A wider table is printed as several, each with the key columns."""

NOTHING = "·"
"""A cell that cannot be: no item has these values."""

SIGNS: dict[Mark, tuple[str, str]] = {
    "cut pairs": ("°", "the cell cuts pairs of twins, so a model that cannot see the cue need not score ½ here"),
    "few groups": ("†", "fewer than 20 groups: take the interval as too narrow"),
    "unknown groups": ("‡", "the suite does not name its groups: the interval is too narrow"),
    "theorem broken": (
        "!",
        "not what the theorem says it must be, on average or item by item: an error in the model's `context`, or in us",
    ),
}
"""Mark → the sign beside the number and what it means."""

OF_FEW_SEEDS = (
    f"Intervals of an architecture from fewer than {FEW_SEEDS} seeds are somewhat too narrow: where seeds differ as "
    "much as groups do, those from 5 hold the truth in 91 % of experiments, not 95 %."
)
"""What is said under a table that has such intervals; of a report as text or Markdown, under the first one."""

SAID = {0.5: "½", 0.0: "0"}
"""What the theorem says of a mean, as it is printed."""

Cell = str | int | float | Estimate | None


class Column(NamedTuple):
    """A column's heading and how its numbers are printed."""

    name: str
    decimals: int = 3
    intervals: bool = True
    """Whether an estimate is printed with its interval; CSV has it in any case."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of a report."""

    slug: str
    """The name of its CSV file, but for what no file's name may hold."""
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    keys: int = 1
    """How many columns name the row."""
    detail: bool = False
    """Whether a report that is printed as text leaves it out, so that what matters most can be read."""
    figure: bool = False
    """Whether a figure of the same name shows what the table says."""


def check_format(name: str) -> Format:
    """The format of that name. Raises LrdBenchError that lists the formats there are."""
    for known in FORMATS:
        if name == known:
            return known
    raise LrdBenchError(f"--format {name}: reports come as {', '.join(FORMATS)}, html. Choose one of these.")


def file_name(slug: str) -> str:
    """The slug of a table as a name that any system and LaTeX take, whatever the suite is called."""
    return re.sub(r"[^\w.+-]+", "-", slug)


def file_names(slugs: Iterable[str]) -> dict[str, str]:
    """Slug → the name of its file; names that are the same but for capitals, as of `a b` and `a-b`, are numbered."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for slug in dict.fromkeys(slugs):
        first = file_name(slug)
        names[slug] = next(
            name
            for name in chain([first], (f"{first}-{number}" for number in count(2)))
            if name.casefold() not in taken
        )
        taken.add(names[slug].casefold())
    return names


def render(table: Table, format_: Literal["text", "markdown", "csv"], *, seeds: bool = True) -> str:
    """The table with its title and notes, without a blank line at the end.

    seeds: whether to say that seeds are few, if they are
    """
    said = [note for note in notes_of(table) if seeds or note != OF_FEW_SEEDS]
    match format_:
        case "csv":
            return f"# {table.title}\n" + to_csv(table).rstrip("\n")
        case "markdown":
            notes = map(markdown.prose, said)
            return "\n\n".join([f"## {markdown.name(table.title)}", _tabulated(table, "pipe"), *notes])
        case "text":
            blocks = "\n\n".join(_tabulated(block, "simple") for block in _blocks(table))
            return "\n".join([markdown.one_line(table.title), "", blocks, *map(wrapped, said)])


def wrapped(text: str) -> str:
    """A paragraph in lines of a terminal's width; names with hyphens stay whole."""
    return textwrap.fill(text, TEXT_WIDTH, break_on_hyphens=False, break_long_words=False)


def notes_of(table: Table) -> list[str]:
    """The table's own note, what the signs that occur in it mean, and that seeds are few: one paragraph each."""
    few = any(cell.interval == "seeds and groups" and cell.seeds < FEW_SEEDS for cell in estimates_of(table))
    notes = (table.note, meaning_of_signs(estimates_of(table)), OF_FEW_SEEDS if few else "")
    return [note for note in notes if note]


def estimates_of(table: Table) -> list[Estimate]:
    """Those in the table's cells."""
    return [cell for row in table.rows for cell in row if isinstance(cell, Estimate)]


def meaning_of_signs(estimates: Iterable[Estimate]) -> str:
    """What the signs beside these numbers mean; empty without signs."""
    occurring = {mark for estimate in estimates for mark in estimate.marks}
    signs = [f"{sign} {meaning}" for mark, (sign, meaning) in SIGNS.items() if mark in occurring]
    return "; ".join(signs) + "." if signs else ""


def _tabulated(table: Table, style: str) -> str:
    columns = range(len(table.columns))
    cells = [[printed(row[i], table.columns[i]) for i in columns] for row in table.rows]
    heads = [markdown.one_line(column.name) for column in table.columns]
    if style == "pipe":  # numbers are ours, and their brackets no links
        names = [[isinstance(cell, str) for cell in row] for row in table.rows]
        cells = [
            [markdown.name(cell) if name else cell for cell, name in zip(*row, strict=True)]
            for row in zip(cells, names, strict=True)
        ]
        heads = list(map(markdown.name, heads))
    right = [not any(isinstance(row[i], str) for row in table.rows) for i in columns]
    return tabulate.tabulate(
        cells,
        headers=heads,
        tablefmt=style,
        disable_numparse=True,
        colalign=["right" if number else "left" for number in right] if cells else None,
    )


def _blocks(table: Table) -> list[Table]:
    """The table cut into tables of a terminal's width."""
    widths = [
        max(len(column.name), *(len(printed(row[i], column)) for row in table.rows), 0) + 2
        for i, column in enumerate(table.columns)
    ]
    return cut_to_width(table, widths, TEXT_WIDTH)


def cut_to_width(table: Table, widths: Sequence[float], width: float) -> list[Table]:
    """The table cut into tables that are no wider than `width` wherever that can be, with the key columns in each.

    widths: of the columns, with the space between them
    """
    blocks: list[list[int]] = [[]]
    for i in range(table.keys, len(widths)):
        if blocks[-1] and sum(widths[: table.keys]) + sum(widths[j] for j in [*blocks[-1], i]) > width:
            blocks.append([])
        blocks[-1].append(i)
    return [_of_columns(table, [*range(table.keys), *block]) for block in blocks]


def _of_columns(table: Table, chosen: Sequence[int]) -> Table:
    return replace(
        table,
        columns=tuple(table.columns[i] for i in chosen),
        rows=tuple(tuple(row[i] for i in chosen) for row in table.rows),
    )


def printed(cell: Cell, column: Column) -> str:
    """A cell as it is printed in text and in Markdown."""
    value, interval = parts_of(cell, column)
    return f"{value} {interval}" if interval else value


def parts_of(cell: Cell, column: Column) -> tuple[str, str]:
    """A cell as it is printed: the value with its signs, and its interval; empty where there is none."""
    match cell:
        case None:
            return NOTHING, ""
        case Estimate():
            return _parts_of_estimate(cell, column)
        case float():
            return _number(cell, column.decimals), ""
        case _:
            return markdown.one_line(str(cell)), ""


def _parts_of_estimate(cell: Estimate, column: Column) -> tuple[str, str]:
    if cell.value is None:
        return "unscored" if cell.unscored else NOTHING, ""
    signs = "".join(SIGNS[mark][0] for mark in cell.marks)
    if cell.theorem is not None:
        said = f"= {SAID[cell.theorem]}" if cell.interval == "exact" else f"≠ {SAID[cell.theorem]} {signs}"
        return f"{_unlike(cell.value, cell.theorem, column.decimals)} {said}", ""
    value = _number(cell.value, column.decimals) + signs
    if not column.intervals or cell.low is None or cell.high is None:
        return value, ""
    return value, f"[{_number(cell.low, column.decimals)}, {_number(cell.high, column.decimals)}]"


def _unlike(value: float, other: float, decimals: int) -> str:
    """A number with as many decimals, or as many more as it takes to tell it from another one."""
    while value != other and _number(value, decimals) == _number(other, decimals):
        decimals += 1
    return _number(value, decimals)


def _number(value: float, decimals: int) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value + 0.0:.{decimals}f}".replace("-0." + "0" * decimals, "0." + "0" * decimals)


def to_csv(table: Table) -> str:
    """The table as CSV: numbers in full.

    Beside an estimate stand what the theorem says it must be, if anything, its bounds, counts, kind of interval and
    marks (several parted by `+`).
    """
    estimates = [any(isinstance(row[i], Estimate) for row in table.rows) for i in range(len(table.columns))]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            name + suffix
            for (name, *_), estimate in zip(table.columns, estimates, strict=True)
            for suffix in (("", *_ESTIMATE_SUFFIXES) if estimate else ("",))
        ]
    )
    for row in table.rows:
        writer.writerow(
            [value for cell, estimate in zip(row, estimates, strict=True) for value in _raw(cell, estimate=estimate)]
        )
    return text.getvalue()


_ESTIMATE_SUFFIXES = (" theorem", " low", " high", " items", " groups", " unscored", " interval", " marks")


def _raw(cell: Cell, *, estimate: bool) -> list[object]:
    """A cell as CSV fields: nine for an estimate, one for anything else; empty for None."""
    if isinstance(cell, Estimate):
        counts = (cell.items, cell.groups, cell.unscored)
        return [cell.value, cell.theorem, cell.low, cell.high, *counts, cell.interval, "+".join(cell.marks)]
    return [cell, *[None] * len(_ESTIMATE_SUFFIXES)] if estimate else [cell]
