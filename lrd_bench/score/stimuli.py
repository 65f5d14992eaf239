"""`score MODEL STIMULI…`: stimuli files and a model to a table of outcomes on disk."""

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from lrd_bench import __version__
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import already_made, digest_of
from lrd_bench.formats import read_stimuli
from lrd_bench.items import Suite
from lrd_bench.long_tables import table_pieces
from lrd_bench.models.base import Judge
from lrd_bench.models.recorded import RecordedSurprisals
from lrd_bench.outcomes import check_table_name, holds_table, read_outcomes, table_made_from
from lrd_bench.progress import progress_bar
from lrd_bench.score.metrics import check_metric
from lrd_bench.score.parts import Parts, Tables
from lrd_bench.score.questions import Questions
from lrd_bench.score.suites import Asked, ask, outcome_table, run_of, surprisal_table

if TYPE_CHECKING:
    from lrd_bench.models.opening import OpenedModel

BLOCK = 16_384
"""Items that are scored together: what is lost when a run is stopped, and what of a large suite is in memory."""


def score_items(
    model: str,
    stimuli: Sequence[str | Path],
    *,
    out: Path | None = None,
    surprisals: Path | None = None,
    metric: str | None = None,
    only_asked: bool = False,
    device: str = "auto",
    force: bool = False,
) -> pd.DataFrame:
    """Score a model on the items of one or more files, as `score_files` does, and give back their outcomes.

    out:      where the outcomes are written, too (.parquet or .csv); None: nowhere, and a run that was
              stopped begins anew
    returns:  the outcomes of all suites, in the order of the files
    """
    with TemporaryDirectory() as temporary:
        table = out or Path(temporary) / "outcomes.parquet"
        score_files(
            model,
            stimuli,
            out=table,
            surprisals=surprisals,
            metric=metric,
            only_asked=only_asked,
            device=device,
            force=force,
        )
        return read_outcomes([table])


def score_files(
    model: str,
    stimuli: Sequence[str | Path],
    *,
    out: Path,
    surprisals: Path | None = None,
    metric: str | None = None,
    only_asked: bool = False,
    device: str = "auto",
    force: bool = False,
) -> None:
    """Score a model on the items of one or more files, however many they are, of which a block is in memory at a time.

    model:       a model folder, arpa:FILE, hf:NAME, kenlm:FILE, surprisals:FILE or python:package.module:factory
    stimuli:     files of items, one suite each: our JSONL, or another format (see `lrd_bench.formats`)
    out:         where the outcomes go (.parquet or .csv): of all suites, in the order of the files
    surprisals:  where the surprisal of every region goes (.parquet or .csv); None: nowhere
    metric:      what the surprisals of a region's words become (see `lrd_bench.score.metrics`); None: what the suite
                 says, the sum if it says nothing
    only_asked:  of the surprisals, write those of the regions that predictions ask about, which cost nothing more
    device:      auto, cpu or cuda
    force:       whether to replace outputs that were made from other inputs

    Nothing is scored when the outputs are there and were made from the same inputs; a run that was stopped goes on with
    the block of items that it was at. Raises LrdBenchError for inputs that cannot be read or do not fit together, and
    for outputs that stand there and were made from others.
    """
    from lrd_bench.models.opening import open_model  # torch, only when something is scored

    if surprisals is not None and surprisals.resolve() == out.resolve():
        raise LrdBenchError(f"{out}: cannot hold outcomes and surprisals. Name two places with --out and --surprisals.")
    suites = _read_suites(stimuli)
    if metric is not None:
        check_metric("--metric", metric)
        suites = [replace(suite, metric=metric) for suite in suites]
    opened = open_model(model, device)
    # Outcomes do not depend on which surprisals are written beside them.
    all_from = _made_from(opened, suites), _made_from(opened, suites, regions="asked" if only_asked else "all")
    outputs = {path: digest for path, digest in zip((out, surprisals), all_from, strict=True) if path is not None}
    if _are_made(outputs, _rows_of(opened, suites), out, force=force):
        return
    _check_options(model, opened, suites, surprisals=surprisals is not None, metric=metric is not None)
    kinds = ["outcomes", "surprisals"][: len(outputs)]
    # What others' inputs give is kept elsewhere.
    folder = out.with_name(f"{out.name}.unfinished-{all_from[1][:8]}")
    parts = Parts(folder, all_from[1])
    items = sum(len(suite.items) for suite in suites)
    with progress_bar() as bar:
        task = bar.add_task("scoring", total=items, unit="items", visible=items > BLOCK)
        for suite, block, questions in _blocks(opened, suites):
            parts.add(partial(_tables, opened, suite, questions, kinds, only_asked=only_asked), kinds)
            bar.advance(task, len(block.items))
    for kind, (path, made_from) in zip(kinds, outputs.items(), strict=True):
        parts.join(kind, path, made_from=made_from)
    shutil.rmtree(folder, ignore_errors=True)


Rows = Mapping[tuple[str, int | None], int]
"""Run and seed → how many outcomes it has."""


def _rows_of(opened: "OpenedModel", suites: Sequence[Suite]) -> Rows:
    return {(run_of(opened, suite), opened.seed): len(suite.items) * len(suite.predictions) for suite in suites}


def _are_made(outputs: Mapping[Path, str], rows: Rows, out: Path, *, force: bool) -> bool:
    """Whether all outputs are there, made from the same inputs.

    Raises LrdBenchError for one that was made from others or is no table of ours. All are looked at before any is
    written: a refusal leaves all as they were.

    outputs:  with the digest of the inputs of each
    rows:     of whole outcomes
    out:      which of the outputs are outcomes
    """
    for path in outputs:
        if path.exists() and not holds_table(path):
            raise LrdBenchError(f"{path}: is no table of ours, and is not replaced. Name another place with --out.")
        check_table_name(path)
    made = []
    for path, digest in outputs.items():
        # CSV names no inputs. What is of these runs is written again unless it is whole, which of surprisals nobody
        # knows: nothing of it is lost.
        found = _rows_in(path)
        ours, whole = bool(found) and found.keys() <= rows.keys(), path == out and found == rows
        made_from = digest if whole else table_made_from(path)
        made.append(already_made(path, made_from, digest, force=force or (ours and not whole)))
    return all(made)


def _check_options(
    spec: str, opened: "OpenedModel", suites: Sequence[Suite], *, surprisals: bool, metric: bool
) -> None:
    """Raise LrdBenchError for what a judge or a table of surprisals cannot be asked."""
    model = opened.model
    if isinstance(model, Judge) and (surprisals or metric):
        option = "--surprisals" if surprisals else "--metric"
        raise LrdBenchError(f"{spec}: is a judge, and gives words no surprisal. Leave out {option}.")
    if isinstance(model, RecordedSurprisals) and surprisals:
        raise LrdBenchError(f"{spec}: are surprisals already. Leave out --surprisals.")
    if isinstance(model, RecordedSurprisals) and None in model.suites and len(suites) > 1:
        raise LrdBenchError(
            f"{model.path}: does not say of which suite a row is. Give it a column suite, or score one suite at a time."
        )


def _blocks(opened: "OpenedModel", suites: Sequence[Suite]) -> Iterator[tuple[Suite, Suite, Asked]]:
    """Each suite, and block by block what is asked. Raises LrdBenchError, before anything is scored, for suites that
    cannot be asked."""
    # A table of surprisals is held against the whole suite.
    size = sys.maxsize if isinstance(opened.model, RecordedSurprisals) else BLOCK
    blocks = [suite.blocks(size) for suite in suites]
    firsts = [next(of_suite) for of_suite in blocks]
    asked = [ask(opened, first) for first in firsts][::-1]
    for suite, first, rest in zip(suites, firsts, blocks, strict=True):
        yield suite, first, asked.pop()  # what was asked is much, and not kept
        for block in rest:
            yield suite, block, ask(opened, block)


def _tables(
    opened: "OpenedModel",
    suite: Suite,
    questions: Asked,
    kinds: Sequence[str],
    *,
    only_asked: bool,
) -> Tables:
    tables = {"outcomes": outcome_table(opened, questions, suite)}
    if "surprisals" in kinds:
        assert isinstance(questions, Questions)
        tables["surprisals"] = surprisal_table(opened, questions, suite, only_asked=only_asked)
    return tables


def _read_suites(stimuli: Sequence[str | Path]) -> list[Suite]:
    suites: dict[str, Suite] = {}
    for path in stimuli:
        suite = read_stimuli(path)
        if suite.name in suites:
            raise LrdBenchError(f"{path}: is of suite {suite.name!r}, as an earlier file is. Give each suite once.")
        suites[suite.name] = suite
    return list(suites.values())


def _rows_in(path: Path) -> Rows:
    """How many whole rows of which runs and seeds a CSV file has; none where it has none or is of another kind."""
    rows: Counter[tuple[str, int | None]] = Counter()
    keys: list[tuple[str, int | None]] = []
    if path.suffix != ".csv" or not path.exists():
        return rows
    try:
        for piece in table_pieces(path, {"run": "string", "seed": "Int64"}, required=("run", "seed"), what="outcomes"):
            seeds = [None if seed is pd.NA else int(seed) for seed in piece["seed"]]
            keys = list(zip(piece["run"], seeds, strict=True))
            rows.update(keys)
    except LrdBenchError:
        return {}
    return rows if _ends_a_line(path) else rows - Counter(keys[-1:])


def _ends_a_line(path: Path) -> bool:
    """Whether a file that is not empty was not cut off within a line."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _made_from(opened: "OpenedModel", suites: Sequence[Suite], **which: str) -> str:
    """The digest of all that a table depends on. which: of surprisals, of which regions."""
    depends_on = {
        "model": [opened.name, opened.digest, opened.seed],
        "suites": [[suite.digest, suite.metric] for suite in suites],
        "version": __version__,
    }
    return digest_of(depends_on | which)
