"""Results as long tables: one row for each item × prediction × run, and one for each region's surprisal.

Nothing aggregated is stored: every table and figure is recomputed from these rows. `score` writes them, `report` reads
them, and so does anyone with pandas or R.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import replacing

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

ROW_KEY = ("run", "seed", "item", "prediction")
"""What no two rows share."""

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
    with replacing(path) as temporary:
        if path.suffix == ".csv":
            frame.to_csv(temporary, index=False, lineterminator="\n")
            return
        table = pa.Table.from_pandas(frame, preserve_index=False)
        metadata = {**(table.schema.metadata or {}), MADE_FROM: made_from.encode()}
        pq.write_table(table.replace_schema_metadata(metadata), temporary, compression="zstd")


def table_made_from(path: Path) -> str | None:
    """The digest of the inputs that a Parquet table names; None where it names none or is no Parquet file."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowInvalid):
        return None
    return metadata[MADE_FROM].decode() if MADE_FROM in metadata else None


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
    """One or more outcomes files (Parquet or CSV) as one table.

    Raises LrdBenchError for a file that is missing, damaged or lacks a column, for a row that occurs twice and for
    two versions of one suite.
    """
    frame = pd.concat([_read_one(path) for path in paths], ignore_index=True)
    twice = frame.duplicated(list(ROW_KEY), keep=False)
    if twice.any():
        row = frame[twice].iloc[0]
        raise LrdBenchError(
            f"{' '.join(map(str, paths))}: item {row['item']!r} of run {row['run']!r} (seed {row['seed']}) "
            "occurs twice. Give each outcomes file once."
        )
    digests = frame.groupby("suite")["suite_digest"].nunique()
    for suite in digests.index[digests > 1]:
        raise LrdBenchError(
            f"{' '.join(map(str, paths))}: the outcomes are of different items of suite {suite!r}. "
            "Score all models on the same stimuli."
        )
    return frame


_WORDS = {column: kind for column, kind in OUTCOME_COLUMNS.items() if kind == "string"}
"""Columns that CSV must not take for numbers: an item called 007, a digest of digits only."""


def _read_one(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=_WORDS) if path.suffix == ".csv" else pd.read_parquet(path)
    except (OSError, ValueError, pa.ArrowInvalid) as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else str(error).splitlines()[0]
        raise LrdBenchError(
            f"{path}: cannot be read as outcomes ({reason}). Check the path, or score again."
        ) from error
    if missing := [column for column in OUTCOME_COLUMNS if column not in frame.columns]:
        raise LrdBenchError(f"{path}: lacks the columns {', '.join(missing)}. Is it an outcomes file?")
    try:
        return frame.astype(dict(OUTCOME_COLUMNS))
    except (ValueError, TypeError) as error:
        raise LrdBenchError(f"{path}: a column does not hold what it should ({error}). Score again.") from error
