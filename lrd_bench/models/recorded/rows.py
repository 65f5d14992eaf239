"""The rows of a table that anyone may have written: CSV, TSV (what has a tab in its first line) or Parquet."""

import csv
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import opened, text_lines

Row = dict[str, Any]
"""Column → cell: text, or whatever Parquet holds."""


def is_missing(value: Any) -> bool:
    """Whether a cell is empty."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def as_text(value: Any) -> str:
    """A cell as text; pandas writes whole numbers beside empty cells as 3.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def to_whole(row: Row, column: str) -> int | None:
    """A cell as a whole number, None where it is empty, NA or not there. Raises ValueError for anything else."""
    value = row.get(column)
    if type(value) is str and value.isdecimal():  # as nearly always
        return int(value)
    if is_missing(value) or value == "NA":
        return None
    found = re.fullmatch(r"([0-9]+)(?:\.0)?", as_text(value))
    if found is None:
        raise ValueError(f"{column!r} is {value!r}, and must be a whole number from 0 up. Mend or remove the row.")
    return int(found[1])


def is_parquet(path: Path) -> bool:
    """Whether a file is of that kind: its first bytes say so, not its name."""
    with opened(path) as file:
        return file.read(4) == b"PAR1"


def parquet_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """The rows of a Parquet file, each with its number from 1. Raises LrdBenchError where it cannot be read."""
    try:
        count = 0
        for batch in pq.ParquetFile(path).iter_batches():
            for row in batch.to_pylist():
                count += 1
                yield count, row
    except (OSError, pa.ArrowInvalid) as error:
        reason = str(error).splitlines()[0]
        raise LrdBenchError(f"{path}: cannot be read ({reason}). Check that the file is whole.") from error


def text_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """The rows of a text file, plain or gzipped, each with the number of its line.

    Raises LrdBenchError where it cannot be read, and naming a line that has not the columns of the first.
    """
    lines = (line for _, line in text_lines(path))
    head = next(lines, "")
    tabs = "\t" in head
    # Tables with tabs are often written without any quoting, so that a quotation mark may be a token.
    read = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else csv.reader(lines)
    [columns] = csv.reader([head], delimiter="\t" if tabs else ",")
    if doubled := [column for column in columns if columns.count(column) > 1]:
        raise LrdBenchError(f"{path}:1: has two columns {doubled[0]!r}. Remove one of them.")
    try:
        for cells in read:
            if not cells:
                continue
            if len(cells) != len(columns):
                raise LrdBenchError(
                    f"{path}:{read.line_num + 1}: has {len(cells)} cells, and the first line {len(columns)}. "
                    "Mend or remove the line."
                )
            yield read.line_num + 1, dict(zip(columns, map(_unquoted, cells) if tabs else cells, strict=True))
    except csv.Error as error:
        raise LrdBenchError(f"{path}:{read.line_num + 1}: {error}. Mend the line.") from error


def _unquoted(cell: str) -> str:
    """A cell without the quotation marks that some programs put around those with a mark in them."""
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].replace('""', '"') if quoted else cell
