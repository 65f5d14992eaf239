"""What the suites hold and how much of it the models have read: the table that says what a test is a test of."""

from pathlib import Path

from lrd_bench.long_tables import read_table
from lrd_bench.outcomes import OVERLAP_COLUMNS
from lrd_bench.report.tables import Column, Table


def _plain(value: object) -> str | int:
    return value if isinstance(value, str) else int(value)  # type: ignore[call-overload]  # Int64


def overlap_table(path: Path) -> Table:
    """The counts of a file that `run` wrote. Raises LrdBenchError if it is missing or is no such file."""
    columns = list(OVERLAP_COLUMNS)
    frame = read_table(path, OVERLAP_COLUMNS, required=columns, what="overlaps (that `run` counts)")[columns]
    return Table(
        slug="overlap",
        title="The suites, and their overlap with the training text",
        columns=tuple(Column(column.replace("_", " ")) for column in OVERLAP_COLUMNS),
        rows=tuple(tuple(map(_plain, row)) for row in frame.itertuples(index=False)),
        note=(
            "left out: groups that the vocabulary left out, and what it does not know. contexts: right sentences up to "
            "their critical word; in text: those that begin a training sentence, as short ones do. sentences in text: "
            "the same with the critical word. withheld pairs: cues and answers that the training grammar keeps apart. "
            "repeated: items whose whole right sentence is in the text."
        ),
        keys=1,
    )
