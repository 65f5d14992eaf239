"""Outputs made block by block: what is done is kept, so that a run that was stopped goes on where it was."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from lrd_bench.outcomes import table_made_from, write_table

Tables = Sequence[pd.DataFrame]
"""Of a block: its outcomes and, where they are asked for, its surprisals."""


class Parts:
    """The tables of blocks, in a folder beside the output that is removed when all is written."""

    def __init__(self, out: Path | None, made_from: str) -> None:
        """out: the output; None: nothing is kept. made_from: the digest of all inputs; others' parts lie elsewhere."""
        self._folder = None if out is None else out.with_name(f"{out.name}.unfinished-{made_from[:8]}")
        self._made_from = made_from

    def made(self, number: int, make: Callable[[], Tables], kinds: Sequence[str]) -> list[pd.DataFrame]:
        """The tables of a block, one of each kind: those that were kept, or else made and kept now."""
        if self._folder is None:
            return list(make())
        files = [self._folder / f"{number:06}.{kind}.parquet" for kind in kinds]
        if not all(table_made_from(file) == self._made_from for file in files):
            for file, table in zip(files, make(), strict=True):
                write_table(table, file, made_from=self._made_from)
        return [pd.read_parquet(file) for file in files]

    def remove(self) -> None:
        """Remove what was kept."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
