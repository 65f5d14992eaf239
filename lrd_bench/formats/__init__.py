"""Other people's suites: one module for each file format, and the one function that knows which is which."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from lrd_bench.catalogue import names
from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.files import opened
from lrd_bench.formats import gulordava
from lrd_bench.formats.blimp import read_blimp
from lrd_bench.formats.clams import read_clams
from lrd_bench.formats.conllu import is_treebank
from lrd_bench.formats.gulordava import read_gulordava
from lrd_bench.formats.syntaxgym import read_syntaxgym
from lrd_bench.items import Suite
from lrd_bench.suite_files import read_suite

__all__ = ["FORMATS", "read_blimp", "read_clams", "read_gulordava", "read_stimuli", "read_syntaxgym"]


class Format(NamedTuple):
    """A file format of items."""

    about: str
    """What it is."""
    read: Callable[[Path], Suite]


FORMATS: Mapping[str, Format] = {
    "jsonl": Format("our own: one item a line, and NAME.suite.json beside it", read_suite),
    "blimp": Format("BLiMP: one JSON object a line, with a good and a bad sentence (Warstadt et al. 2020)", read_blimp),
    "clams": Format("CLAMS, Marvin & Linzen: True or False, a tab, a sentence (Mueller et al. 2020)", read_clams),
    "gulordava": Format(
        "Gulordava et al. 2018: .text, .gold, .eval and .tab side by side; name any of them, or their folder",
        read_gulordava,
    ),
    "syntaxgym": Format("SyntaxGym: one JSON file, sentences cut into regions (Gauthier et al. 2020)", read_syntaxgym),
}


def read_stimuli(stimuli: str | Path) -> Suite:
    """Read a suite of any format: recognised by its content, or named, as in `blimp:FILE`.

    Raises LrdBenchError for a format that we do not know, a file that is of none, and whatever its reader refuses.
    """
    name, path = find_format(stimuli)
    return FORMATS[name].read(path)


def find_format(stimuli: str | Path) -> tuple[str, Path]:
    """The format of a suite, and its file; what is in it is not yet read.

    Raises LrdBenchError for a format that we do not know, and a file that is not there or is of none.
    """
    path = Path(stimuli)
    if path.exists() or gulordava.sibling(path, ".gold"):
        return _format_of(path), path
    name, colon, file = str(stimuli).partition(":")
    # A single letter is a drive; a name with a dot or a slash is part of a path.
    if str(stimuli) in names("suite"):
        raise LrdBenchError(
            f"{stimuli}: is a shipped suite, not a file of its items. Make one with `lrd-bench generate {stimuli}`."
        )
    if not colon or not re.fullmatch(r"[A-Za-z][\w-]+", name):
        raise LrdBenchError(f"{stimuli}: cannot be read (no such file). Check the path.")
    if name not in FORMATS:
        raise LrdBenchError(f"{stimuli}: {unknown('format', name, FORMATS)}")
    return name, Path(file).expanduser()  # the shell leaves a ~ after a colon alone


_BEGINNINGS_OF_SYNTAXGYM = (
    r'\s*\{\s*"(?:meta|region_meta)"',
    # Its keys may stand in any order, and an item of ours may begin with its predictions.
    r'\s*\{\s*"(?:items|predictions)"(?s:.*)"(?:conditions|region_meta|formula|relation)"\s*:',
)
"""What a file of SyntaxGym's begins with, on however many lines."""

_FIRST_LINES: Mapping[str, str] = {
    "jsonl": r'\{.*"(?:sentences|suite)"',
    "blimp": r'\{.*"sentence_(?:good|bad)"',
    "clams": r"(?:True|False)\s",
}
"""Format → what its first line looks like, if only roughly: what is broken in it, its reader says best."""

_FIRST_LINES_OF_GULORDAVA: Mapping[str, str] = {
    ".text": r".*<eos>\s*$",
    ".gold": r"(?:[^\t]*\t){3}",
    ".eval": r"[0-9]+\s*$",
    ".tab": r"pattern\t",
}


def _format_of(path: Path) -> str:
    """The format of what lies there. Raises LrdBenchError where it is none that we know."""
    if is_treebank(path):
        raise LrdBenchError(
            f"{path}: is a treebank, and holds no items. Label its sentences with `lrd-bench convert`, "
            "or train a tagger on it."
        )
    if path.suffix == ".toml":
        raise LrdBenchError(
            f"{path}: is no file of items. If it is a suite, make them with `lrd-bench generate {path}`."
        )
    if path.is_dir():
        if gulordava.stem_in(path):
            return "gulordava"
        raise LrdBenchError(f"{path}: is a folder, and holds no one set of .text, .gold, .eval and .tab. Name a file.")
    stem = gulordava.stem_of(path)
    if not path.exists() or sum(gulordava.sibling(stem, suffix) is not None for suffix in gulordava.SUFFIXES) > 1:
        return "gulordava"
    beginning = _beginning(path)
    if any(re.match(looks, beginning) for looks in _BEGINNINGS_OF_SYNTAXGYM):
        return "syntaxgym"
    line = next(line for line in beginning.split("\n") if line.strip())
    suffix = path.name.removeprefix(stem.name).removesuffix(".gz")
    if suffix in _FIRST_LINES_OF_GULORDAVA and re.match(_FIRST_LINES_OF_GULORDAVA[suffix], line):
        return "gulordava"
    for name, looks in _FIRST_LINES.items():
        if re.match(looks, line):
            return name
    raise LrdBenchError(
        f"{path}: is of no format that we know. Known: {', '.join(FORMATS)} (see `lrd-bench list formats`). "
        "If it is of one of these, name it, as in blimp:FILE."
    )


def _beginning(path: Path) -> str:
    """The first characters of a file, not all of them blank."""
    with opened(path) as file:
        start = file.read(2**16).decode("utf-8-sig", errors="replace")
    if not start.strip():
        raise LrdBenchError(f"{path}: is empty. Check that the file is whole.")
    return start
