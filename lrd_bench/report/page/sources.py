"""How a report was made, and how to cite it."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from lrd_bench import __version__
from lrd_bench.catalogue import CITATION
from lrd_bench.items import Suite


def commands(inputs: Sequence[str], by: Sequence[str], compare: tuple[str, str] | None, experiment: Path | None) -> str:
    """What to type for the same report: of a run the one command, else `report` with its files."""
    if experiment is not None:
        return f"lrd-bench run {experiment.name}"
    compared = ["--compare", *compare] if compare else []
    return " ".join(["lrd-bench report", *inputs, "--by", ",".join(by), *compared, "--out FOLDER"])


def settings_of(suites: Iterable[Suite]) -> list[tuple[str, str]]:
    """Suite → how its items were made, as far as its file says."""
    told = []
    for suite in suites:
        named = {"seed": "seed", "split": "training grammar", "page": "page", "vocabulary": "vocabulary"}
        parts = [
            f"{called} {str(suite.source[key])[:40]}"
            for key, called in named.items()
            if suite.source.get(key) is not None
        ]
        told.append((suite.name, "; ".join([f"version {suite.version}", f"sha256 {suite.digest}", *parts])))
    return told


def citation() -> tuple[str, str, str]:
    """How the software wants to be cited: a sentence, a reference, and the same as BibTeX. From CITATION.cff."""
    cff = CITATION.read_text(encoding="utf-8")
    found = {key: _field(cff, key) for key in ("message", "title", "version", "license", "url", "doi")}
    authors = re.findall(
        r"^ +(?:- )?name: *(.+)$", cff.partition("authors:")[2].partition("\nversion:")[0], re.MULTILINE
    )
    names = " and ".join(authors)
    where = found["doi"] or found["url"]
    reference = f"{names}. {found['title']}, version {found['version']}. Software, {found['license']}."
    fields = {
        "title": f"{{{found['title']}}}".replace("_", r"\_"),
        "author": f"{{{names}}}",
        "version": found["version"],
        "note": f"Software, {found['license']}",
        "url": where,
    }
    lines = [f"  {key:<7} = {{{value}}}," for key, value in fields.items() if value]
    bibtex = "\n".join([f"@misc{{{found['title']},", *lines, "}"])
    return found["message"], f"{reference} {where}".strip(), bibtex


def _field(cff: str, key: str) -> str:
    """The value of a key that stands on one line; empty where there is none."""
    found = re.search(rf"^{key}: *(.+)$", cff, re.MULTILINE)
    return found[1].strip().strip("'\"") if found else ""


def references(suites: Iterable[Suite]) -> list[tuple[str, str]]:
    """Suite → the work that it goes back to, as far as its file says."""
    return [(suite.name, suite.reference) for suite in suites if suite.reference]


MADE_BY = f"lrd_bench {__version__}"
