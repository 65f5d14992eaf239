"""What `report` is given: outcomes, and what else may stand among them. Each file is known by its content."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lrd_bench.catalogue import find
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import file_digest, opened
from lrd_bench.formats import find_format
from lrd_bench.long_tables import table_columns
from lrd_bench.outcome_checks import REQUIRED
from lrd_bench.outcomes import OVERLAP_COLUMNS, SURPRISAL_COLUMNS, TABLES, TEXT_COLUMNS

_AUDIT = "audit.json"

_COLUMNS = {"texts": TEXT_COLUMNS, "overlaps": OVERLAP_COLUMNS, "surprisals": SURPRISAL_COLUMNS, "outcomes": REQUIRED}
"""Field of Inputs → the columns of such a table."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The files of a report, by what they hold."""

    outcomes: tuple[Path, ...] = ()
    """What `score` wrote."""
    texts: tuple[Path, ...] = ()
    """Perplexities, that `score --text` wrote."""
    overlaps: tuple[Path, ...] = ()
    """What the suites share with the training text, as `run` counts it."""
    stimuli: tuple[Path, ...] = ()
    """The items that were scored, of any format that `lrd_bench.formats` reads."""
    surprisals: tuple[Path, ...] = ()
    """What `score --surprisals` wrote."""
    audits: tuple[Path, ...] = ()
    """Audits as JSON."""
    experiments: tuple[Path, ...] = ()
    """The file of the experiment, at most one."""

    @property
    def experiment(self) -> Path | None:
        """The file of the experiment, if there is one."""
        return self.experiments[0] if self.experiments else None

    def named(self) -> list[dict[str, Any]]:
        """Name, content and sha256 of each file, for a manifest."""
        files = [
            (field.name, file) for field in fields(self) for path in getattr(self, field.name) for file in _files(path)
        ]
        return [{"name": path.name, "holds": holds, "sha256": file_digest(path)} for holds, path in files]


def sort_inputs(paths: Sequence[Path]) -> Inputs:
    """The files by what they hold: a table by its columns, an audit as a JSON list, an experiment as TOML, else items.

    A table that is no other is taken for outcomes, a folder of an audit for the audit.json in it.
    Raises LrdBenchError for a file that cannot be read.
    """
    sorted_: dict[str, list[Path]] = {field.name: [] for field in fields(Inputs)}
    for path in paths:
        _check_folder(path)
        file = path / _AUDIT if (path / _AUDIT).is_file() else path
        if path.suffix == ".toml":
            file = find("experiment", str(path))  # says what else it is
        sorted_[_kind(file)].append(file)
    if len(sorted_["experiments"]) > 1:
        named = " ".join(map(str, sorted_["experiments"]))
        raise LrdBenchError(f"{named}: are several experiments, and a report is of one. Name the one that it is of.")
    return Inputs(**{name: tuple(files) for name, files in sorted_.items()})


def _check_folder(path: Path) -> None:
    """Raise LrdBenchError for a folder of ours that has outcomes or could have."""
    if (path / "outcomes.parquet").is_file():
        raise LrdBenchError(f"{path}: is a folder. Name the outcomes in it: {path / 'outcomes.parquet'}.")
    if (path / "outcomes").is_dir():
        raise LrdBenchError(f"{path}: is the folder of a run. Name the outcomes in it: {path / 'outcomes'}/*.")
    if (path / "recipe.json").is_file():
        raise LrdBenchError(f"{path}: is a model, and has no outcomes yet. Make some: lrd-bench score {path} STIMULI")


def _kind(path: Path) -> str:
    """The field of Inputs that a file belongs to. Raises LrdBenchError for what belongs to none."""
    if path.suffix == ".toml":
        return "experiments"
    if not path.is_file():
        if path.suffix in TABLES:
            return "outcomes"
        find_format(path)
        return "stimuli"
    columns = set(table_columns(path))
    for kind, has in _COLUMNS.items():
        if set(has) <= columns:
            return kind
    with opened(path) as file:
        beginning = file.read(4096)
    if path.suffix in TABLES or beginning.startswith(b"PAR1"):
        return "outcomes"
    if beginning.lstrip().startswith(b"["):
        return "audits"
    find_format(path)
    return "stimuli"


def _files(path: Path) -> list[Path]:
    """The files themselves, of stimuli whose format is named, as in blimp:FILE, or that are a folder."""
    _, colon, file = str(path).partition(":")
    if colon and not path.exists():
        path = Path(file).expanduser()
    return sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
