"""What a page is given besides outcomes: items, surprisals and audits, each checked to belong to the outcomes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats import read_stimuli
from lrd_bench.items import Suite
from lrd_bench.long_tables import read_table
from lrd_bench.outcomes import SURPRISAL_COLUMNS
from lrd_bench.progress import progress_bar
from lrd_bench.report.inputs import Inputs
from lrd_bench.signature import short


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What an audit found in a suite, or in several taken together."""

    suite: str
    """Its name; of several, how many they are."""
    findings: tuple[str, ...]
    """In plain language, the most important first."""
    together: bool = False
    """Whether it is of several suites taken together."""


@dataclass(frozen=True, kw_only=True)
class Background:
    """What lies behind the numbers of a report, as far as it was given."""

    suites: dict[str, Suite]
    """Name → suite."""
    surprisals: pd.DataFrame | None
    """Columns as in `lrd_bench.outcomes.SURPRISAL_COLUMNS`; None where no such file was given."""
    findings: tuple[Findings, ...]


def read_background(rows: pd.DataFrame, inputs: Inputs) -> Background:
    """Read what was given. Raises LrdBenchError for a file that is damaged or does not belong to the outcomes.

    rows: outcomes, columns as in `lrd_bench.outcomes`
    """
    # Outcomes that were made elsewhere may not say of which items they are.
    told = rows.astype({"suite": "string", "suite_digest": "string"}).groupby("suite")["suite_digest"].first()
    digests = {str(suite): digest for suite, digest in told.fillna("").items()}
    return Background(
        suites=_read_suites(inputs.stimuli, digests),
        surprisals=_read_surprisals(inputs.surprisals, set(rows["run"].unique())) if inputs.surprisals else None,
        findings=tuple(each for path in inputs.audits for each in _read_audit(path, digests)),
    )


def _read_suites(stimuli: Sequence[Path], digests: dict[str, str]) -> dict[str, Suite]:
    suites: dict[str, Suite] = {}
    with progress_bar() as bar:
        for path in bar.track(stimuli, description="reading items") if stimuli else ():
            suite = read_stimuli(path)
            if suite.name in suites:
                raise LrdBenchError(f"{path}: is of suite {suite.name!r}, as an earlier file is. Give each suite once.")
            _check_digest(f"{path}: holds", suite.name, suite.digest, digests)
            suites[suite.name] = suite
    return suites


def _check_digest(where: str, suite: str, digest: str, digests: dict[str, str]) -> None:
    if suite not in digests:
        raise LrdBenchError(
            f"{where} items of suite {suite!r}, and no outcomes are of it. Leave it out, or add its outcomes."
        )
    if digests[suite] and short(digests[suite]) != short(digest):  # either may be given by its first digits alone
        raise LrdBenchError(
            f"{where} other items of suite {suite!r} (digest {short(digest)}) than those that were scored "
            f"({short(digests[suite])}). Give the items that the outcomes are of, or score again."
        )


def _read_surprisals(paths: Sequence[Path], runs: set[str]) -> pd.DataFrame:
    frame = pd.concat([_read_table(path, runs) for path in paths], ignore_index=True)
    twice = frame.duplicated(["run", "seed", "item", "condition", "region"])
    if twice.any():
        row = frame[twice].iloc[0]
        raise LrdBenchError(
            f"{' '.join(map(str, paths))}: region {row['region']!r} of item {row['item']!r} of run {row['run']!r} "
            f"(seed {row['seed']}) occurs twice. Give each surprisals file once."
        )
    return frame


def _read_table(path: Path, runs: set[str]) -> pd.DataFrame:
    frame = read_table(path, SURPRISAL_COLUMNS, required=SURPRISAL_COLUMNS, what="surprisals")
    if foreign := sorted(set(frame["run"].unique()) - runs):
        raise LrdBenchError(
            f"{path}: holds surprisals of run {foreign[0]!r}, and no outcomes are of it. Leave it out, or add them."
        )
    words = [column for column, kind in SURPRISAL_COLUMNS.items() if kind == "string"]
    return frame[list(SURPRISAL_COLUMNS)].astype(dict.fromkeys(words, "category"))


def _read_audit(path: Path, digests: dict[str, str]) -> list[Findings]:
    """The findings of an audit on suites of the report; on several together only where all are of the report."""
    try:
        audits = [(str(audit["suite"]), tuple(map(str, audit["findings"]))) for audit in json.loads(path.read_bytes())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LrdBenchError(
            f"{path}: cannot be read as an audit ({error}). Make it with `lrd-bench audit --format json`."
        ) from error
    known, left_out = [], False
    for suite, found in audits:
        name, at, digest = suite.rpartition("@")
        if not at:
            known.append(Findings(suite=suite, findings=found, together=True))
        elif name in digests:
            _check_digest(f"{path}: is of", name, digest.rpartition("#")[2], digests)
            known.append(Findings(suite=name, findings=found))
        else:
            left_out = True
    return [each for each in known if not (left_out and each.together)]
