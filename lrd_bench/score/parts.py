"""Outputs made block by block: what is done is kept on disk, so that a run that was stopped goes on where it was."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from lrd_bench.outcomes import is_whole, table_made_from, write_table, write_tables

Tables = Mapping[str, pd.DataFrame]
"""Of a block: its outcomes and, where they are asked for, its surprisals."""


class Parts:
    """The tables of blocks in a folder."""

    def __init__(self, folder: Path, made_from: str) -> None:
        """folder: where none but these are kept. made_from: the digest of all inputs."""
        self._folder = folder
        self._made_from = made_from
        self._numbers = 0

    def add(self, make: Callable[[], Tables], kinds: Sequence[str]) -> None:
        """Keep the tables of the next block, one of each kind, unless they are there from the last time."""
        files = {kind: self._file(kind, self._numbers) for kind in kinds}
        self._numbers += 1
        if all(table_made_from(file) == self._made_from and is_whole(file) for file in files.values()):
            return
        tables = make()
        for kind, file in files.items():
            write_table(tables[kind], file, made_from=self._made_from)

    def join(self, kind: str, path: Path, *, made_from: str) -> None:
        """Write all tables of a kind as one, of which a block is in memory at a time."""
        write_tables([self._file(kind, number) for number in range(self._numbers)], path, made_from=made_from)

    def _file(self, kind: str, number: int) -> Path:
        return self._folder / f"{number:06}.{kind}.parquet"
