"""Long tables as people have them: Parquet from any program, and CSV as spreadsheets save it.

What a column must hold is checked here, value by value; what the rows must say together, whoever reads them checks.
"""

import warnings
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import text_lines
from lrd_bench.progress import tracked

PIECE = 65_536
"""Rows of a long table that are read together."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_TRUTHS = {"true": "1", "false": "0"}
"""R and spreadsheets write them in capitals."""
_NO_NUMBER = ("na", "nan", "n/a", "#n/a", "null", "none", "<na>")
"""What other programs write for a number that is not there. In a name each is a word like any other."""
_OF_R = "NA"
"""What R writes in place of a missing word, too."""


def read_table(path: Path, types: Mapping[str, str], *, required: Collection[str], what: str) -> pd.DataFrame:
    """A Parquet or CSV file as a table with these columns, in this order, and any others after them.

    Which of the two it is, its first bytes say. A CSV file may begin with a byte order mark, be UTF-16, and part its
    columns with commas, semicolons (numbers then have a decimal point or comma) or tabs.

    types:     column → `string`, `Int64` or `Float64`; what a file lacks of them is null in every row. `true` and
               `false` are numbers too, and NaN is null, as is an empty word, which CSV does not tell from none
    required:  columns that must be there; in them NA is a word in CSV, in others it is what R writes for none
    what:      what the table is of, for messages

    Raises LrdBenchError for a file that cannot be read, lacks a column, or holds what is not of its column's type.
    """
    frame = _read_parquet(path, what) if _is_parquet(path, what) else _read_csv(path, types, required, what)
    typed = _typed_columns(path, frame, types, required, what)
    others = {str(column): tidy(_without_empty(frame[column])) for column in frame.columns if column not in types}
    return pd.DataFrame(typed | others)


def table_pieces(
    path: Path, types: Mapping[str, str], *, required: Collection[str], what: str
) -> Iterator[pd.DataFrame]:
    """These columns of a table that we have written, some rows at a time, so that a long one is never in memory whole.

    The index goes on from piece to piece. The arguments, and what is checked, are those of `read_table`.
    """
    start = 0
    for piece in tracked(_pieces(path, what), f"reading {path.name}", total=None, unit="pieces"):
        piece.index = pd.RangeIndex(start, start + len(piece))
        start += len(piece)
        yield pd.DataFrame(_typed_columns(path, piece, types, required, what))


def _pieces(path: Path, what: str) -> Iterator[pd.DataFrame]:
    try:
        if _is_parquet(path, what):
            with pq.ParquetFile(path) as file:
                yield from (piece.to_pandas() for piece in file.iter_batches(PIECE))
        else:
            yield from pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""], chunksize=PIECE)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _unreadable(path, what, error) from error


def table_columns(path: Path) -> list[str]:
    """The names of a table's columns; none where it is no table or cannot be read."""
    try:
        if _is_parquet(path, ""):
            return list(pq.read_schema(path).names)
        return [name.strip('"') for name in _first_line(path).split(_separator(path))]
    except (OSError, LrdBenchError, pa.ArrowException, UnicodeError):
        return []


def place_of(path: Path, row: int) -> str:
    """Where a row of a table stands in its file, for messages.

    row: from 0 on
    """
    return f"{path}, row {row + 1}" if _is_parquet(path, "") else f"{path}:{row + 2}"


def in_words(value: object) -> str:
    """A value of a table in a message."""
    return repr(value) if isinstance(value, str) else "empty" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _is_parquet(path: Path, what: str) -> bool:
    return _beginning(path, what).startswith(b"PAR1")


def _beginning(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
        more = f" Name the files in it: {path}/*." if path.is_dir() else " Check the path."
        raise LrdBenchError(f"{path}: cannot be read as {what} ({reason}).{more}") from error


def _read_parquet(path: Path, what: str) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
        # What was filtered, sorted or put together has other row numbers; an index with a name is a column.
        return frame.reset_index(drop=frame.index.name is None and frame.index.nlevels == 1)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _unreadable(path, what, error) from error


def _read_csv(path: Path, types: Mapping[str, str], required: Collection[str], what: str) -> pd.DataFrame:
    separator = _separator(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # of rows that are longer than the first line
            frame = pd.read_csv(
                path,
                sep=separator,
                encoding=_encoding(path),
                dtype="string",  # to be checked, and no number: an item may be called 007
                keep_default_na=False,  # an item may be called None, too
                na_values=[""],
                index_col=False,  # else a longer first row would shift all columns
                skip_blank_lines=False,  # lines are counted for messages
                low_memory=False,
            )
    except UnicodeDecodeError as error:
        for _ in text_lines(path):  # says in which line
            pass
        raise _unreadable(path, what, error) from error
    except pd.errors.ParserWarning as error:
        raise LrdBenchError(
            f"{path}: cannot be read as {what}: rows have more fields than the first line names columns. Is there a "
            "decimal comma in it, or a formula without quotation marks? Save it again, or as Parquet."
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, what, error) from error
    for column in frame.columns:
        kind = types.get(column)
        if kind == "string" and column not in required:
            frame[column] = frame[column].mask(frame[column] == _OF_R)
        elif kind is None:
            frame[column] = _guessed(frame[column], decimal="," if separator == ";" else ".")
        elif kind != "string" and separator == ";":
            frame[column] = frame[column].str.replace(",", ".", regex=False)
    return frame


def _guessed(words: pd.Series, *, decimal: str) -> pd.Series:
    """A column of CSV of which nobody says what it holds: truths, numbers, or else words."""
    known = words.mask(words.str.lower().isin(_NO_NUMBER))
    if known.notna().any() and known.str.lower().isin(_TRUTHS).where(known.notna(), other=True).all():
        return known.str.lower().map({"true": True, "false": False}).astype("boolean")
    numbers = pd.to_numeric(known.str.replace(decimal, ".", regex=False), errors="coerce")
    if (numbers.isna() & known.notna()).any() or known.str.match(r"[+-]?0\d").any():  # 007 is no number
        return words.mask(words == _OF_R)
    return numbers


def _unreadable(path: Path, what: str, error: Exception) -> LrdBenchError:
    reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
    return LrdBenchError(f"{path}: cannot be read as {what} ({reason}). Is it whole? Make it again, or save it anew.")


def _encoding(path: Path) -> str:
    return "utf-16" if _beginning(path, "").startswith(_UTF_16) else "utf-8-sig"


def _first_line(path: Path) -> str:
    with path.open(encoding=_encoding(path), errors="replace") as lines:
        return lines.readline().rstrip("\n")


def _separator(path: Path) -> str:
    """What the columns of a CSV file are parted by: what occurs most often in its first line."""
    line = _first_line(path)
    return max(",;\t", key=line.count)


def _typed_columns(
    path: Path, frame: pd.DataFrame, types: Mapping[str, str], required: Collection[str], what: str
) -> dict[str, pd.Series]:
    if missing := [column for column in required if column not in frame.columns]:
        has = ", ".join(map(str, frame.columns[:12])) or "none"
        columns = "the column" if len(missing) == 1 else "the columns"
        raise LrdBenchError(
            f"{path}: lacks {columns} {', '.join(missing)} of {what} (it has {has}). Is it such a file?"
        )
    return {column: _typed(path, frame, column, kind) for column, kind in types.items()}


def _typed(path: Path, frame: pd.DataFrame, column: str, kind: str) -> pd.Series:
    """A column as its type has it; null where there is none. Raises LrdBenchError for what it cannot hold."""
    if column not in frame.columns:
        return pd.Series(pd.NA, index=frame.index, dtype=kind)
    values = frame[column]
    if kind == "string":
        return _without_empty(tidy(values).astype("string"))
    values = _without_empty(values)
    if _is_words(values):
        values = values.mask(values.astype("string").str.lower().isin(_NO_NUMBER))
    numbers = _numbers(values)
    bad = numbers.isna() & values.notna()
    if not bad.any() and kind == "Int64":
        bad = ~(numbers % 1 == 0).fillna(value=False) & numbers.notna()  # infinity has no remainder
    if bad.any():
        row = int(bad.to_numpy().argmax())
        said, wanted = in_words(values.iloc[row]), "a whole number" if kind == "Int64" else "a number"
        place = place_of(path, int(frame.index[row]))
        raise LrdBenchError(f"{place}: {column} is {said}, and must be {wanted}, or empty. Mend the row.")
    return pd.Series(numbers, dtype=kind)


def _numbers(values: pd.Series) -> pd.Series:
    """Values as numbers, null where they are none: NaN in the file and the word NaN are null, not numbers."""
    if _is_words(values):
        words = values.astype("string")
        if words.str.lower().isin(_TRUTHS).any():
            words = words.str.lower().replace(_TRUTHS)
        values = pd.to_numeric(words, errors="coerce")
    if str(values.dtype) in ("Int64", "int64"):  # large ones would lose digits
        return values.astype("Int64")
    try:
        return pd.Series(values.to_numpy(dtype="float64", na_value=float("nan")), index=values.index).astype("Float64")
    except (TypeError, ValueError):  # dates, lists
        return pd.Series(pd.NA, index=values.index, dtype="Float64")


def _is_words(values: pd.Series) -> bool:
    return pd.api.types.is_object_dtype(values) or isinstance(values.dtype, pd.StringDtype | pd.CategoricalDtype)


def _without_empty(values: pd.Series) -> pd.Series:
    """A column whose empty words are null, as in CSV."""
    return values.mask((values == "").fillna(value=False).astype(bool)) if _is_words(values) else values


def tidy(values: pd.Series) -> pd.Series:
    """A column with whole numbers as such: where some are missing, CSV and R make them fractions."""
    if pd.api.types.is_float_dtype(values):
        numbers = _numbers(values)
        whole = numbers.notna().any() and bool((numbers.dropna() % 1 == 0).all())
        return numbers.astype("Int64") if whole else numbers
    return values
