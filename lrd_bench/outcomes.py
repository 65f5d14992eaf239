"""Results as long tables: one row for each item × prediction × run, and one for each region's surprisal.

Nothing aggregated is stored: every table and figure is recomputed from these rows. `score` writes them, `report` reads
them, and so does anyone with pandas or R.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import replacing
from lrd_bench.long_tables import place_of, read_table, table_pieces, tidy
from lrd_bench.outcome_checks import REQUIRED, check_rows, fill_together
from lrd_bench.progress import tracked

OUTCOME_COLUMNS: Mapping[str, str] = {
    "run": "string",
    "model": "string",
    "seed": "Int64",
    "context": "Int64",
    "suite": "string",
    "suite_version": "Int64",
    "suite_digest": "string",
    "item": "string",
    "group": "string",
    "pair": "string",
    "prediction": "string",
    "method": "string",
    "correct": "Float64",
    "margin_bits": "Float64",
    "chance": "Float64",
    "reason": "string",
    "distance": "Int64",
    "needed_context": "Int64",
    "seen": "string",
}
"""Column → pandas type; every other column of an outcomes table is a factor of the items.

`seed` is the training seed (null for a model that has none), `context` the words to the left that the model sees (null:
all), `correct` in [0, 1] (null when unscored), `reason` why an item is unscored.
"""

SURPRISAL_COLUMNS: Mapping[str, str] = {
    "run": "string",
    "model": "string",
    "seed": "Int64",
    "suite": "string",
    "item": "string",
    "condition": "string",
    "region": "string",
    "surprisal_bits": "Float64",
    "words": "Int64",
    "unknown_words": "Int64",
}

TEXT_COLUMNS: Mapping[str, str] = {
    "model": "string",
    "model_digest": "string",
    "seed": "Int64",
    "text": "string",
    "text_digest": "string",
    "sentences": "Int64",
    "words": "Int64",
    "unknown_words": "Int64",
    "bits": "Float64",
    "unknown_bits": "Float64",
}
"""How likely a model finds a running text: one row for each model and text. `words` counts end symbols, `bits` is the
summed surprisal of them all, `unknown_bits` that of the unknown words alone: perplexity is 2^(bits / words), without
unknown words 2^((bits − unknown_bits) / (words − unknown_words))."""

OVERLAP_COLUMNS: Mapping[str, str] = {
    "suite": "string",
    "items": "Int64",
    "groups": "Int64",
    "left_out": "string",
    "contexts": "Int64",
    "contexts_in_text": "Int64",
    "sentences_in_text": "Int64",
    "withheld_pairs": "Int64",
    "withheld_pairs_in_text": "Int64",
    "repeated": "Int64",
}
"""What a suite holds and how much of it its models have read: one row for each suite. `left_out` says how many groups
the vocabulary left out of the suite, and what it did not know. `contexts` are its distinct right sentences up to
their critical word, `contexts_in_text` those that begin a training sentence, `sentences_in_text` those that begin one
together with their critical word. `withheld_pairs` are the distinct pairs of a cue and an answer that the grammar
withholds from each other, `withheld_pairs_in_text` those that a training sentence holds: the cue after the first *the*
(or what else stands before it in the items), whatever comes before that, and the answer further on. `repeated` are the
items whose whole right sentence is a training sentence."""

TABLES = (".parquet", ".csv")
"""What a table may be written as, by the ending of its name."""

MADE_FROM = b"lrd_bench.made_from"
"""The key of a Parquet file's metadata that holds the digest of what the table was made from."""


def nats_to_bits(nats: float) -> float:
    """Models speak nats; files and reports speak bits. The one place that converts."""
    return nats / math.log(2)


def outcome_frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Rows as a table with our columns in our order and types, factors after them."""
    frame = pd.DataFrame(rows)
    factors = [column for column in frame.columns if column not in OUTCOME_COLUMNS]
    return frame.reindex(columns=[*OUTCOME_COLUMNS, *factors]).astype(dict(OUTCOME_COLUMNS))


def write_table(frame: pd.DataFrame, path: Path, *, made_from: str = "") -> None:
    """Write a table as Parquet, or as CSV if the path says so.

    made_from: the digest of the inputs, kept in a Parquet file's metadata
    """
    _write([frame], path, made_from)


def write_tables(parts: Sequence[Path], path: Path, *, made_from: str = "") -> None:
    """Write tables that `write_table` has written as Parquet as one, reading one at a time.

    A column that some of them lack is null there; a factor that is of one type here and of another there becomes words.
    """
    kinds = _common_types(parts)
    read = (pd.read_parquet(part).reindex(columns=list(kinds)).astype(kinds) for part in parts)
    _write(tracked(read, f"writing {path.name}", total=len(parts), unit="parts"), path, made_from)


def _write(frames: Iterable[pd.DataFrame], path: Path, made_from: str) -> None:
    with replacing(path) as temporary, ExitStack() as stack:
        writer: pq.ParquetWriter | None = None
        for number, frame in enumerate(frames):
            if path.suffix == ".csv":
                frame.to_csv(temporary, mode="a", header=number == 0, index=False, lineterminator="\n")
                continue
            table = pa.Table.from_pandas(frame, preserve_index=False)
            if writer is None:
                metadata = {**(table.schema.metadata or {}), MADE_FROM: made_from.encode()}
                schema = table.schema.with_metadata(metadata)
                writer = stack.enter_context(pq.ParquetWriter(temporary, schema, compression="zstd"))
            writer.write_table(table.cast(writer.schema))


def _common_types(parts: Sequence[Path]) -> dict[str, str]:
    """Column → the pandas type that all its values have in some tables, in the order in which columns first occur."""
    known = {**OUTCOME_COLUMNS, **SURPRISAL_COLUMNS}
    found: dict[str, set[str]] = {}
    for part in parts:
        columns = pq.read_schema(part).names
        found |= {column: found.get(column, set()) for column in columns}
        # Of the others, the values decide: a factor that is null in all of a part may be a number in the next.
        for column, values in pd.read_parquet(part, columns=[name for name in columns if name not in known]).items():
            if values.notna().any():
                found[str(column)].add(str(values.dtype))
    numbers = {"Int64", "Float64"}
    return {
        column: known.get(column)
        or (next(iter(kinds)) if len(kinds) == 1 else "Float64" if kinds == numbers else "string")
        for column, kinds in found.items()
    }


def table_made_from(path: Path) -> str | None:
    """The digest of the inputs that a Parquet table names; None where it names none or is no Parquet file."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowInvalid):
        return None
    return metadata[MADE_FROM].decode() if MADE_FROM in metadata else None


def is_whole(path: Path) -> bool:
    """Whether all of a Parquet table can be read."""
    try:
        pq.read_table(path)
    except (OSError, pa.ArrowException):
        return False
    return True


def check_table_name(path: Path) -> None:
    """Raises LrdBenchError where a file's name does not say what a table is to be written as."""
    if path.suffix not in TABLES:
        raise LrdBenchError(f"{path}: a table is written as {' or '.join(TABLES)}. Name such a file.")


def holds_table(path: Path) -> bool:
    """Whether a file looks like a table of outcomes or surprisals, broken or not: one that may be replaced by such."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        beginning = file.read(4096)
    return beginning.startswith((b"PAR1", b"run,")) or not beginning.strip()


def read_outcomes(paths: Sequence[Path]) -> pd.DataFrame:
    """One or more outcomes files (Parquet or CSV, ours or made by hand) as one table; absent columns are null.

    What one file says of an item holds for the others that do not say it.

    Raises LrdBenchError for a file that is missing, damaged, lacks a column of REQUIRED or holds what cannot be, and
    for files that do not go together: a row that occurs twice, two versions of one suite, two accounts of one item.
    """
    frames = [_read_one(path) for path in paths]
    frame = pd.concat(_alike(frames), ignore_index=True) if len(frames) > 1 else frames[0]
    starts = np.cumsum([0, *map(len, frames)])

    def place(row: int) -> str:
        file = int(np.searchsorted(starts, row, side="right")) - 1
        return place_of(paths[file], row - int(starts[file]))

    frame = fill_together(frame, place)
    factors = [column for column in frame.columns if column not in OUTCOME_COLUMNS]
    return frame.assign(**{column: tidy(frame[column]) for column in factors})  # rows without one made it fractions


def outcome_pieces(path: Path) -> Iterator[pd.DataFrame]:
    """The rows of outcomes that we have written, without the factors, some at a time: a long table is never held whole.

    Raises LrdBenchError as `read_outcomes` does, but for what only rows together show.
    """
    for piece in table_pieces(path, OUTCOME_COLUMNS, required=REQUIRED, what="outcomes"):
        check_rows(piece, partial(_place_in_piece, path, piece))
        yield piece


def _place_in_piece(path: Path, piece: pd.DataFrame, row: int) -> str:
    return place_of(path, int(piece.index[row]))


def _alike(frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """The tables with words in all where a factor is words in one and numbers in another: CSV does not tell."""
    kinds: dict[str, set[bool]] = {}
    for frame in frames:
        for column in frame.columns:
            if column not in OUTCOME_COLUMNS and frame[column].notna().any():
                kinds.setdefault(column, set()).add(pd.api.types.is_numeric_dtype(frame[column]))
    mixed = {column for column, found in kinds.items() if len(found) > 1}
    return [frame.astype({column: "string" for column in frame.columns if column in mixed}) for frame in frames]


def _read_one(path: Path) -> pd.DataFrame:
    frame = read_table(path, OUTCOME_COLUMNS, required=REQUIRED, what="outcomes")
    if frame.empty:
        raise LrdBenchError(f"{path}: holds no outcomes. Score again.")
    check_rows(frame, lambda row: place_of(path, row))
    return frame.assign(run=frame["run"].fillna(_unknown_runs(frame)))


def _unknown_runs(frame: pd.DataFrame) -> pd.Series:
    """For each row a signature that says what is not known."""
    version = frame["suite_version"].astype("string").fillna("?")
    digest = frame["suite_digest"].str[:8].fillna("?")
    run = "suite:" + frame["suite"] + "@" + version + "#" + digest
    return run + "|model:" + frame["model"] + "#?|method:" + frame["method"] + "|ties:?|oov:?|eos:?|v:?"
