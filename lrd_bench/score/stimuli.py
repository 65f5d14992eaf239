"""`score MODEL STIMULI…`: stimuli files and a model to a table of outcomes on disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lrd_bench import __version__
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import already_made, digest_of
from lrd_bench.formats import read_stimuli
from lrd_bench.items import Suite
from lrd_bench.models.base import Judge
from lrd_bench.outcomes import check_table_name, holds_table, read_outcomes, table_made_from, write_table
from lrd_bench.score.questions import Questions
from lrd_bench.score.suites import ask, outcome_table, run_of, surprisal_table

if TYPE_CHECKING:
    from lrd_bench.models.opening import OpenedModel


def score_items(
    model: str,
    stimuli: Sequence[str | Path],
    *,
    out: Path | None = None,
    surprisals: Path | None = None,
    device: str = "auto",
    force: bool = False,
) -> pd.DataFrame:
    """Score a model on the items of one or more files, and write the outcomes where `out` says.

    model:       a model folder, arpa:FILE, kenlm:FILE or python:package.module:factory
    stimuli:     files of items, one suite each: our JSONL, or another format (see `lrd_bench.formats`)
    out:         where the outcomes go (.parquet or .csv); None: only returned
    surprisals:  where the surprisal of every region goes (.parquet or .csv); None: nowhere
    device:      auto, cpu or cuda
    force:       whether to replace outputs that were made from other inputs
    returns:     the outcomes of all suites, in the order of the files

    Nothing is scored when the outputs are there and were made from the same inputs. Raises LrdBenchError for inputs
    that cannot be read or do not fit together, and for outputs that stand there and were made from others.
    """
    from lrd_bench.models.opening import open_model  # torch, only when something is scored

    suites = _read_suites(stimuli)
    opened = open_model(model, device)
    made_from = _made_from(opened, suites)
    outputs = [path for path in (out, surprisals) if path is not None]
    for path in outputs:
        if path.exists() and not holds_table(path):
            raise LrdBenchError(f"{path}: is no table of ours, and is not replaced. Name another place with --out.")
        check_table_name(path)
    # Every output is looked at before any is written: a refusal leaves all as they were.
    runs = {(run_of(opened, suite), opened.seed) for suite in suites}
    made = [
        already_made(path, made_from if _holds(path, runs) else table_made_from(path), made_from, force=force)
        for path in outputs
    ]
    if out is not None and all(made):
        return read_outcomes([out])
    asked = [ask(opened, suite) for suite in suites]
    if surprisals is not None and isinstance(opened.model, Judge):
        raise LrdBenchError(f"{model}: is a judge, and gives words no surprisal. Leave out --surprisals.")
    outcomes = pd.concat([outcome_table(opened, questions) for questions in asked], ignore_index=True)
    if out is not None:
        write_table(outcomes, out, made_from=made_from)
    if surprisals is not None:
        tables = [surprisal_table(opened, questions) for questions in asked if isinstance(questions, Questions)]
        write_table(pd.concat(tables, ignore_index=True), surprisals, made_from=made_from)
    return outcomes


def _read_suites(stimuli: Sequence[str | Path]) -> list[Suite]:
    suites: dict[str, Suite] = {}
    for path in stimuli:
        suite = read_stimuli(path)
        if suite.name in suites:
            raise LrdBenchError(f"{path}: is of suite {suite.name!r}, as an earlier file is. Give each suite once.")
        suites[suite.name] = suite
    return list(suites.values())


def _holds(path: Path, runs: set[tuple[str, int | None]]) -> bool:
    """Whether a CSV file, which has no metadata, holds the outcomes or surprisals of just these runs and seeds."""
    if path.suffix != ".csv" or not path.exists():
        return False
    try:
        rows = pd.read_csv(path, usecols=["run", "seed"]).drop_duplicates().astype({"seed": "Int64"})
    except (OSError, ValueError):
        return False
    seeds = [None if seed is pd.NA else seed for seed in rows["seed"]]
    return set(zip(rows["run"], seeds, strict=True)) == runs


def _made_from(opened: "OpenedModel", suites: Sequence[Suite]) -> str:
    """The digest of all that the outcomes depend on."""
    return digest_of(
        {
            "model": [opened.name, opened.digest, opened.seed],
            "suites": [[suite.digest, suite.metric] for suite in suites],
            "version": __version__,
        }
    )
