"""What a table of surprisals holds, row by row, and whose they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel, LogProbs, Words

SUFFIXES = (".gz", ".csv", ".tsv", ".txt", ".parquet")
"""What names of tables end in, and is not part of the model's name."""

Key = tuple[str | None, str, str] | tuple[str | None, int]
"""A sentence: its suite, if the table says which, then item and condition, or its number from 1."""


class Value(NamedTuple):
    """A row of the table."""

    line: int
    """Of a text file; of Parquet, the number of the row."""
    bits: float
    """NaN where the table has no number."""
    token: str | None
    words: int | None
    """How many words a region has."""
    unknown: int
    """How many of them the model did not know."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RecordedSurprisals(LanguageModel):
    """A table of surprisals. It answers for its own sentences alone, so `score` looks them up in it."""

    path: Path
    name: str
    seed: int | None
    method: str | None
    place: Literal["region", "position", "token_id"]
    """What the rows of a sentence are of; `position` counts from 0, `token_id` from 1."""
    sentences: Mapping[Key, Mapping[str | int, Value]]
    """Sentence → region, or the place of a word counted from 0 → its row."""
    digests: Mapping[str, frozenset[str]]
    """Suite → the first digits of the digests of the items that the rows are of, as far as the table says."""
    mark: str
    """What stands between path and number where a message names a row: a colon, of a line."""

    def where(self, value: Value) -> str:
        """A row, for a message."""
        return f"{self.path}{self.mark}{value.line}"

    @property
    def suites(self) -> frozenset[str | None]:
        """The suites that it is of: {None} where it does not say."""
        return frozenset(key[0] for key in self.sentences)

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Raises LrdBenchError: there is no model to ask."""
        raise LrdBenchError(
            f"{self.path}: is a table of surprisals, and can be asked nothing new. Score the items that it is of."
        )


def name_of_table(path: Path) -> str:
    """What the model behind a table is called where the table does not say: `gpt` of `gpt.tsv.gz`."""
    name = path.name
    while (suffix := Path(name).suffix) in SUFFIXES:
        name = name.removesuffix(suffix)
    return name
