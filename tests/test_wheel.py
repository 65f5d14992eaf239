"""What is shipped works outside the clone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lrd_bench import catalogue

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel of this clone installed, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    install = ["install", "--quiet", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *install], check=True)
    return folder


def run(installed: Path, *arguments: str) -> str:
    """What a command prints, run from elsewhere, the installed wheel before the clone."""
    environment = {**os.environ, "PYTHONPATH": str(installed / "site")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=installed, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_wheels_own_code_is_what_runs(installed: Path):
    where = run(installed, "-c", "import lrd_bench; print(lrd_bench.__file__)")
    assert Path(where.strip()).is_relative_to(installed / "site")


@pytest.mark.parametrize(
    ("what", "kind"), [("suites", "suite"), ("grammars", "grammar"), ("models", "model"), ("experiments", "experiment")]
)
def test_everything_shipped_is_found(installed: Path, what: str, kind: Any):
    listed = json.loads(run(installed, "-m", "lrd_bench", "list", what, "--format", "json"))
    assert [entry["name"] for entry in listed] == catalogue.names(kind) != []


def test_a_page_can_be_made_and_says_how_to_cite(installed: Path):
    pd.read_parquet(ROOT / "reports/quick/outcomes.parquet").head(40).to_csv(installed / "outcomes.csv", index=False)
    page = run(installed, "-m", "lrd_bench", "report", "outcomes.csv", "--format", "html")
    assert page.startswith("<!doctype html>")
    assert "@misc{lrd_bench," in page


def test_a_shipped_suite_can_be_generated(installed: Path):
    out = installed / "items.jsonl"
    run(installed, "-m", "lrd_bench", "generate", "agreement-pp", "--items", "1", "--out", str(out))
    assert out.stat().st_size
