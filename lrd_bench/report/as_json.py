"""Reports as JSON: every table with its numbers in full, intervals, counts and marks as fields."""

import json
import math
from collections.abc import Sequence
from typing import Any

from lrd_bench import __version__
from lrd_bench.report.statistics import Estimate
from lrd_bench.report.tables import SIGNS, Cell, Table


def json_document(tables: Sequence[Table], signatures: Table, *, about: str, how_to_read: Sequence[str]) -> str:
    """A report as one JSON object (docs/reports.md says what is in it)."""
    report = {
        "version": __version__,
        "about": about,
        "how_to_read": list(how_to_read),
        "marks": {mark: meaning for mark, (_, meaning) in SIGNS.items()},
        "tables": [json_table(table) for table in tables],
        "signatures": json_table(signatures)["rows"],
    }
    return json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def json_table(table: Table) -> dict[str, Any]:
    """A table as JSON has it: each row an object, with the columns' names for keys."""
    names = _distinct([column.name for column in table.columns])
    return {
        "slug": table.slug,
        "title": table.title,
        "note": table.note,
        "keys": names[: table.keys],
        "columns": names,
        "rows": [dict(zip(names, map(_value, row), strict=True)) for row in table.rows],
    }


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, those that occur before (a model called `items`) with their place."""
    return [f"{name} ({i + 1})" if name in names[:i] else name for i, name in enumerate(names)]


def _value(cell: Cell) -> Any:
    match cell:
        case Estimate():
            return {
                "value": _number(cell.value),
                "low": _number(cell.low),
                "high": _number(cell.high),
                "interval": cell.interval,
                "theorem": cell.theorem,
                "items": cell.items,
                "groups": cell.groups,
                "unscored": cell.unscored,
                "marks": list(cell.marks),
            }
        case float():
            return _number(cell)
        case _:
            return cell


def _number(value: float | None) -> float | str | None:
    """JSON knows no infinity: it is a string, and what is no number null."""
    if value is None or math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)
