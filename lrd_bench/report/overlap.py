"""How much of the suites the models have read: the table that says what a test is a test of."""

from pathlib import Path

import pandas as pd

from lrd_bench.errors import LrdBenchError
from lrd_bench.outcomes import OVERLAP_COLUMNS
from lrd_bench.report.tables import Column, Table


def overlap_table(path: Path) -> Table:
    """The counts of a file that `run` wrote. Raises LrdBenchError if it is missing or is no such file."""
    try:
        frame = pd.read_csv(path, dtype=dict(OVERLAP_COLUMNS))[list(OVERLAP_COLUMNS)]
    except (OSError, ValueError, KeyError) as error:
        raise LrdBenchError(
            f"{path}: cannot be read as an overlap table ({error}). Let `run` write it again."
        ) from error
    return Table(
        slug="overlap",
        title="Overlap with the training text",
        columns=tuple(Column(column.replace("_", " ")) for column in OVERLAP_COLUMNS),
        rows=tuple((row[0], *map(int, row[1:])) for row in frame.itertuples(index=False)),
        note=(
            "contexts: right sentences up to their critical word; in text: those that begin a training sentence, as "
            "short ones do. sentences in text: the same with the critical word. withheld pairs: cues and answers that "
            "the training grammar keeps apart. repeated: items whose whole right sentence is in the text."
        ),
        keys=1,
    )
