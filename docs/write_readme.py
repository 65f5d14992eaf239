"""Write what README.md shows: the output of its commands, and the tables of `reports/full` and `reports/books`.

A test holds the page and its sources together: `make docs`.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
CURVES = ROOT / "reports" / "full" / "accuracy-by-distance.csv"
BOOKS = ROOT / "reports" / "books" / "README.md"

_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"(<!-- reports/(full|books) -->\n).*?(<!-- end -->)", re.DOTALL)
_MODULE = re.compile(r"# (\w+\.py)")


def render(text: str, folder: Path) -> str:
    """The page with what its commands print now.

    text:    the page: Python blocks that begin with `# NAME.py` become files, and every line `$ COMMAND` of a console
             block is run
    folder:  an empty folder, in which all that happens, in the order of the page
    """

    def rerun(block: re.Match[str]) -> str:
        kind, body = block.groups()
        if kind == "python":
            if module := _MODULE.match(body):
                (folder / module[1]).write_text(body, encoding="utf-8")
            return block[0]
        commands = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"$ {command}\n{_run(command, folder)}" for command in commands) + "```"

    tables = {"full": curve_ends(CURVES), "books": table_of(BOOKS)}
    text = _TABLE.sub(lambda table: table[1] + tables[table[2]] + table[3], text)
    return _BLOCK.sub(rerun, text)


def curve_ends(curves: Path) -> str:
    """Suite, and kind of filler where kinds are drawn apart, × model: accuracy at the shortest and longest distance.

    As a Markdown table.

    curves: the points of a report's figure
    """
    points = pd.read_csv(curves, dtype={"seed": "string"})
    points = points[points["seed"].isna()]
    models = list(dict.fromkeys(points["model"]))
    lines = [f"| suite | distance | {' | '.join(models)} |", "|---|---|" + "---|" * len(models)]
    for (suite, filler), rows in points.groupby(["suite", "filler"], sort=False, dropna=False):
        near, far = rows["distance"].min(), rows["distance"].max()
        ends = rows.set_index(["model", "distance"])[["accuracy", "interval"]]
        cells = [f"{_accuracy(*ends.loc[(model, near)])} → {_accuracy(*ends.loc[(model, far)])}" for model in models]
        name = f"{suite}: {filler}" if isinstance(filler, str) else suite
        lines.append(f"| {name} | {near} → {far} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def table_of(page: Path) -> str:
    """The one table of a page."""
    return "".join(line for line in page.read_text(encoding="utf-8").splitlines(keepends=True) if line.startswith("|"))


def _accuracy(value: float, interval: str) -> str:
    return "½" if interval == "exact" else f"{value:.2f}"


def _run(command: str, folder: Path) -> str:
    """What a command prints, its messages among its results as on a terminal."""
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": search, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        README.write_text(render(README.read_text(encoding="utf-8"), Path(name)), encoding="utf-8")
