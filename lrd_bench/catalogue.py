"""Where shipped suites, grammars, recipes, experiments and the citation lie: in a clone, and in an installed wheel."""

import tomllib
from pathlib import Path
from typing import Literal

from lrd_bench.errors import LrdBenchError, unknown

Kind = Literal["suite", "grammar", "model", "experiment"]

_PACKAGE = Path(__file__).parent
_SHIPPED = _PACKAGE / "shipped"
ROOT = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent

CITATION = ROOT / "CITATION.cff"
"""How lrd_bench wants to be cited."""

_PATTERNS: dict[Kind, str] = {
    "suite": "stimuli/{}.toml",
    "grammar": "stimuli/grammars/{}.toml",
    "model": "models/{}.toml",
    "experiment": "reports/{}/experiment.toml",
}

_MARKS: dict[str, Kind] = {"sentence": "suite", "models": "experiment", "family": "model", "rules": "grammar"}
"""What only a file of that kind has, or, of the last, what else only a suite has."""


def names(kind: Kind) -> list[str]:
    """The shipped names of a kind, in alphabetical order."""
    pattern = _PATTERNS[kind]
    paths = ROOT.glob(pattern.format("*"))
    return sorted(path.parent.name if pattern.endswith("}/experiment.toml") else path.stem for path in paths)


def is_path(name: str) -> bool:
    """Whether the user means a file of their own: a name with a `/` or a suffix is a path, any other is shipped."""
    return "/" in name or Path(name).suffix != ""


def find(kind: Kind, name: str) -> Path:
    """The file of a shipped name, or the user's own file. Raises LrdBenchError with the nearest name."""
    path = Path(name) if is_path(name) else ROOT / _PATTERNS[kind].format(name)
    if path.is_file():
        if (other := _kind_of(path)) not in (kind, None):
            raise LrdBenchError(f"{name}: is a {other}, and a {kind} is wanted here. Name another file.")
        return path
    if is_path(name):
        raise LrdBenchError(f"{name}: no such {kind} file. Check the path, or name a shipped one: `lrd-bench list`.")
    for other in _PATTERNS:
        if name in names(other):
            raise LrdBenchError(
                f"{name!r} is a shipped {other}, and a {kind} is wanted here. See `lrd-bench list {kind}s`."
            )
    raise LrdBenchError(unknown(kind, name, names(kind)))


def _kind_of(path: Path) -> Kind | None:
    """What kind of file a TOML file is; None where it does not show."""
    try:
        keys = tomllib.loads(path.read_text(encoding="utf-8")).keys()
    except (OSError, ValueError):
        return None
    return next((kind for key, kind in _MARKS.items() if key in keys), None)
