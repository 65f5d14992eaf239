"""Reading a table of surprisals.

A row says what it is of (`item` and `condition`, or `sentence_id`; then `region`, or `position`, or `token_id`) and the
surprisal, under a column whose name says the unit. It may say more: the `token`, so that it can be checked, the
`suite`, the `model`. docs/formats.md has the columns.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.models.recorded.rows import Row, as_text, is_missing, is_parquet, parquet_rows, text_rows, to_whole
from lrd_bench.models.recorded.surprisals import Key, RecordedSurprisals, Value, name_of_table
from lrd_bench.outcomes import nats_to_bits
from lrd_bench.progress import progress_bar
from lrd_bench.vocabulary import UNK

LOGPROB = "logprob"
UNITS: Mapping[str, Callable[[float], float]] = {
    "surprisal_bits": lambda value: value,
    "surprisal": lambda value: value,
    "surprisal_nats": nats_to_bits,
    LOGPROB: lambda value: -nats_to_bits(value),
}
"""Column → what makes bits of its numbers. `logprob` is a natural logarithm, as our models speak."""

PLACES: tuple[Literal["region"], Literal["position"], Literal["token_id"]] = ("region", "position", "token_id")
"""What a row is of: of several, the first that the table has."""

METHODS = ("lm", "pll", "blank")
"""How surprisals come about; the first, where the table does not say."""

NEARLY_ZERO = -1e-6
"""How far below 0 rounding may leave the surprisal of a certain word, in bits."""

_SAY_WHOSE = ("run", "model", "seed", "method")

ROWS_AT_ONCE = 10_000
"""How often the progress bar moves."""


class _Columns(NamedTuple):
    """Which of its columns a table is read by."""

    unit: str
    place: Literal["region", "position", "token_id"]
    numbered: bool
    """Whether sentences go by their numbers, and not by item and condition."""


class _Origin(NamedTuple):
    """Whose surprisals a row holds."""

    model: str | None
    seed: int | None
    method: str


class _Run(NamedTuple):
    """What the signature of a run of ours says of it."""

    suite: str
    digest: str
    method: str


def read_recorded(path: Path) -> RecordedSurprisals:
    """Read a table of surprisals: CSV, or TSV (what has a tab in its first line), plain or gzipped; or Parquet.

    Raises LrdBenchError for a file that is no such table, and naming the row that is broken, that says what another row
    has said, or that is of another model.
    """
    parquet = is_parquet(path)
    table = _Table(path, ", row " if parquet else ":")
    with progress_bar() as bar:
        task = bar.add_task(f"reading {path.name}", total=None, unit="rows")
        for count, (line, row) in enumerate(parquet_rows(path) if parquet else text_rows(path), start=1):
            try:
                table.add(line, row)
            except ValueError as error:
                raise LrdBenchError(f"{path}{table.mark}{line}: {error}") from error
            if count % ROWS_AT_ONCE == 0:
                bar.advance(task, ROWS_AT_ONCE)
    return table.finish()


class _Table:
    """A table that is being read. `add` raises ValueError that says what is wrong with a row."""

    def __init__(self, path: Path, mark: str) -> None:
        """mark: what stands between path and number where a message names a row"""
        self.path, self.mark = path, mark
        self.columns: _Columns | None = None
        self.sentences: dict[Key, dict[str | int, Value]] = defaultdict(dict)
        self.digests: dict[str, set[str]] = defaultdict(set)
        self.origin: _Origin | None = None
        self._noted: set[tuple[Any, ...]] = set()

    def add(self, line: int, row: Row) -> None:
        """Take in a row."""
        columns = self.columns = self.columns or _columns(self.path, row)
        suite = _word(row, "suite") if "suite" in row else None
        if columns.numbered:
            sentence: Key = (suite, _whole(row, "sentence_id"))
        else:
            sentence = (suite, _word(row, "item"), _word(row, "condition"))
        token = None if is_missing(row.get("token")) else as_text(row["token"])
        value = Value(
            line=line,
            bits=_bits(row[columns.unit], columns.unit),
            token=token,
            words=to_whole(row, "words"),
            unknown=to_whole(row, "unknown_words") or int(token == UNK),
        )
        first = self.sentences[sentence].setdefault(_place(row, columns.place), value)
        if first is not value:
            raise ValueError(f"says again what {'line' if self.mark == ':' else 'row'} {first.line} says. Remove one.")
        self._note_origin(suite, row)

    def _note_origin(self, suite: str | None, row: Row) -> None:
        """Whose surprisals the row holds: rows of one table say it in few ways, and all must say the same."""
        said = (suite, *map(row.get, _SAY_WHOSE))
        if said in self._noted:
            return
        run = _run(row.get("run"))
        method = row.get("method")
        origin = _Origin(
            model=None if is_missing(row.get("model")) else as_text(row["model"]),
            seed=to_whole(row, "seed"),
            method=as_text(method) if not is_missing(method) else run.method if run else METHODS[0],
        )
        if self.origin is None and origin.method not in METHODS:
            raise ValueError(unknown("method", origin.method, METHODS))
        if self.origin is not None and self.origin != origin:
            before = _called(self.origin)
            raise ValueError(f"is of {_called(origin)}, and rows before it of {before}. Keep one model in a file.")
        self.origin = origin
        if run and suite == run.suite:
            self.digests[suite].add(run.digest)
        self._noted.add(said)

    def finish(self) -> RecordedSurprisals:
        """What was read."""
        if self.columns is None or self.origin is None:
            raise LrdBenchError(f"{self.path}: holds no surprisals. Check that the file is whole.")
        return RecordedSurprisals(
            path=self.path,
            mark=self.mark,
            name=self.origin.model or name_of_table(self.path),
            seed=self.origin.seed,
            method=self.origin.method,
            place=self.columns.place,
            sentences=dict(self.sentences),
            digests={suite: frozenset(digests) for suite, digests in self.digests.items()},
        )


def _run(cell: Any) -> _Run | None:
    """What a signature says, if it is of one of our runs."""
    found = re.match(r"suite:(.*)@[0-9]+#([0-9a-f]+)\|.*\|method:([a-z]+)\|", "" if is_missing(cell) else as_text(cell))
    return _Run(*found.groups()) if found else None


def _called(origin: _Origin) -> str:
    seed = "" if origin.seed is None else f", seed {origin.seed}"
    return f"{origin.model or 'a model without a name'}{seed} ({origin.method})"


def _columns(path: Path, columns: Collection[str]) -> _Columns:
    """Raises LrdBenchError where columns are missing that must be there."""
    units = [unit for unit in UNITS if unit in columns]
    if len(units) != 1:
        has = f"the columns {' and '.join(units)}" if units else "no column of surprisals"
        raise LrdBenchError(f"{path}: has {has}. Give it one of {', '.join(UNITS)} (ln p).")
    numbered = not {"item", "condition"} <= set(columns)
    if numbered and "sentence_id" not in columns:
        raise LrdBenchError(
            f"{path}: does not say which sentence a row is of. Give it the columns item and condition, or sentence_id."
        )
    places = [place for place in PLACES if place in columns]
    if not places:
        raise LrdBenchError(
            f"{path}: does not say what of the sentence a row is of. Give it a column region, position (words from 0) "
            "or token_id (words from 1)."
        )
    return _Columns(units[0], places[0], numbered)


# What follows raises ValueError that says what is wrong, and leaves it to the above to say where.


def _word(row: Row, column: str) -> str:
    if is_missing(row[column]):
        raise ValueError(f"{column!r} is empty. Fill it in, or remove the row.")
    return as_text(row[column])


def _whole(row: Row, column: str) -> int:
    number = to_whole(row, column)
    if number is None:
        raise ValueError(f"{column!r} is empty. Fill it in, or remove the row.")
    return number


def _place(row: Row, column: str) -> str | int:
    if column == "region":
        return _word(row, column)
    position = _whole(row, column) - (column == "token_id")
    if position < 0:
        raise ValueError(
            "'token_id' is 0, and counts words from 1. Number the words anew, or call the column position."
        )
    return position


def _bits(cell: Any, unit: str) -> float:
    """NaN where there is no number; R writes NA."""
    if is_missing(cell) or cell == "NA":
        return math.nan
    try:
        bits = UNITS[unit](float(cell))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{unit!r} is {cell!r}, and no number. Mend or remove the row.") from error
    if bits < NEARLY_ZERO:
        raise ValueError(
            f"{unit!r} is {cell}, of a probability above 1. Is it a {'surprisal' if unit == LOGPROB else 'logarithm'}? "
            f"Columns are {', '.join(UNITS)} (ln p)."
        )
    return bits
