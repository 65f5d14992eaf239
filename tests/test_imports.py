"""The tree is the architecture: who may import whom, read from the source."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "lrd_bench"
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))

FLOOR = {
    "errors",
    "files",
    "long_tables",
    "settings",
    "progress",
    "vocabulary",
    "corpus",
    "items",
    "suite_files",
    "formula",
    "chance",
    "pcfg",
    "recognizer",
    "places",
    "outcome_checks",
    "outcomes",
    "signature",
    "catalogue",
}
VERBS = {"generate", "train", "score", "report"}
BELOW = FLOOR | VERBS | {"formats", "models"}
MAY_IMPORT = {
    "formats": FLOOR,
    "models": FLOOR,
    "generate": FLOOR | {"formats"},
    "train": FLOOR | {"formats", "models"},
    "score": FLOOR | {"formats", "models"},
    "report": FLOOR | {"formats"},
    "audit": FLOOR | {"formats", "models", "generate", "report"},
    "listing": BELOW,
    "experiment": BELOW | {"audit", "listing"},
    "cli": BELOW | {"audit", "listing", "experiment"},
    "__main__": {"cli"},
}

LIGHT = {"__init__", "__main__", "cli", "errors", "catalogue"}
"""What `--help` loads, and so must not load anything slow."""


def part_of(module: Path) -> str:
    return module.parts[0].removesuffix(".py")


def imports(module: Path, *, only_top_level: bool = False) -> Iterator[str]:
    """The dotted names that a module imports: anywhere in it, or as it is loaded."""
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    for node in tree.body if only_top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: write imports in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_parts(module: Path) -> set[str]:
    names = (name.split(".") for name in imports(module))
    return {parts[1] for parts in names if parts[0] == "lrd_bench"} - {"__version__"}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_imports_only_what_lies_beneath_it(module: Path):
    assert imported_parts(module) - {part_of(module)} <= MAY_IMPORT.get(part_of(module), FLOOR)


def test_every_part_has_its_place():
    assert {part_of(module) for module in MODULES} <= FLOOR | MAY_IMPORT.keys() | {"__init__"}


@pytest.mark.parametrize(
    "module", [module for module in MODULES if part_of(module) not in ("models", "train")], ids=str
)
def test_torch_stays_at_home(module: Path):
    assert not [name for name in imports(module) if name.split(".")[0] == "torch"]


@pytest.mark.parametrize("module", [module for module in MODULES if part_of(module) in LIGHT], ids=str)
def test_what_help_loads_is_light(module: Path):
    third_party = {"torch", "numpy", "pandas", "pyarrow", "scipy", "altair", "pydantic", "rich", "safetensors"}
    loaded = list(imports(module, only_top_level=True))
    assert not [name for name in loaded if name.split(".")[0] in third_party]
    assert {name.split(".")[1] for name in loaded if name.startswith("lrd_bench.")} <= LIGHT | {"__version__"}


def test_a_process_that_trains_sets_its_threads_before_a_library_reads_them():
    """It loads this first, by which numpy and torch would read how many threads to take."""
    program = "import sys, lrd_bench.experiment.jobs; print({'numpy', 'torch'} & {*sys.modules})"
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_what_not_everyone_has_installed_is_imported_where_it_is_used(module: Path):
    loaded = {name.split(".")[0] for name in imports(module, only_top_level=True)}
    assert not loaded & {"huggingface_hub", "kenlm", "spacy", "tokenizers", "transformers"}
