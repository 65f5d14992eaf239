"""Fixtures that several parts share."""

import os
from pathlib import Path

import pytest

# Networks of tests are too small for several threads, and tests run side by side.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parent.parent


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests marked `gpu` skip, saying so, where torch sees none."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("torch sees no GPU here")


@pytest.fixture(autouse=True)
def _heard() -> None:
    """`--quiet`, which one test asks for, silences the whole process: not the next test, too."""
    from lrd_bench import progress

    progress._console.quiet, progress._told = False, None


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real text, treebanks and public suites; tests that need it skip, saying so, where it is absent."""
    path = Path(os.environ.get("LRD_BENCH_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"the shared data is not at {path}: set LRD_BENCH_DATA to test against it")
    return path
