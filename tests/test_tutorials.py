"""The notebooks run as they stand, and what they show is of a run."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))


def write_tutorials() -> ModuleType:
    place = importlib.util.spec_from_file_location("write_tutorials", ROOT / "docs" / "write_tutorials.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    notebook: Path = request.param
    return notebook


def read(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def kinds_of_outputs(notebook: dict[str, Any]) -> list[list[list[str]]]:
    """For each code cell, what kinds of output it has."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [[sorted(output.get("data", {"stream": ""})) for output in cell["outputs"]] for cell in code]


def test_there_is_a_notebook():
    assert NOTEBOOKS


def test_every_cell_runs_without_error_or_warning_and_shows_what_is_stored(path, tmp_path):
    # Not number by number: another processor may round a network to other ones.
    rerun = write_tutorials().rerun(path, tmp_path)
    assert kinds_of_outputs(rerun) == kinds_of_outputs(read(path))
    assert [cell["source"] for cell in rerun["cells"]] == [cell["source"] for cell in read(path)["cells"]]


def test_what_it_invites_to_change_can_be_changed_where_it_has_run_before(path, tmp_path, monkeypatch):
    code = ["".join(cell["source"]) for cell in read(path)["cells"] if cell["cell_type"] == "code"]
    training = next(number for number, source in enumerate(code) if "train_model(" in source)
    monkeypatch.chdir(tmp_path)
    weights = set()
    for seed, hidden, epochs in (("seed=0", "hidden = 8", 2), ("seed=1", "hidden = 8", 2), ("seed=1", "hidden = 4", 1)):
        changed = code[training].replace("seed=0", seed).replace("hidden = 64", hidden)
        changed = changed.replace("max_epochs = 12", f"max_epochs = {epochs}")
        assert changed != code[training]
        sources = [*code[:training], changed]
        cells = [{"cell_type": "code", "source": source.replace("10_000", "200")} for source in sources]
        write_tutorials().run_cells({"cells": cells})
        weights.add((tmp_path / "small-lstm" / "model.safetensors").read_bytes())
    assert len(weights) == 3


def test_the_stored_format_is_jupyter_s(path):
    notebook = read(path)
    assert notebook.keys() == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len({*ids}) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", id_) for id_ in ids)
    number = 0
    for cell in notebook["cells"]:
        assert isinstance(cell["metadata"], dict)
        assert isinstance(cell["source"], list)
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        if cell["cell_type"] == "markdown":
            assert cell.keys() == {"cell_type", "id", "metadata", "source"}
            continue
        number += 1
        assert cell.keys() == {"cell_type", "execution_count", "id", "metadata", "outputs", "source"}
        assert cell["execution_count"] == number
        for output in cell["outputs"]:
            if output["output_type"] == "stream":
                assert output.keys() == {"name", "output_type", "text"}
                assert output["name"] == "stdout"
            else:
                assert output.keys() == {"data", "execution_count", "metadata", "output_type"}
                assert output["output_type"] == "execute_result"


def test_it_is_laid_out_as_the_command_that_writes_it_lays_it_out(path):
    assert path.read_text(encoding="utf-8") == write_tutorials().text_of(read(path)), "run `make docs`"


def test_it_names_no_place_on_anyone_s_machine(path):
    notebook = read(path)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("image/png", None)  # letters of base64, slashes among them
    assert not re.findall(r"(?<![\w.<*/])/(?:[\w.-]+/)*[\w.-]+|[A-Z]:\\\\|file:", json.dumps(notebook))


@pytest.mark.parametrize(
    ("source", "outputs"),
    [
        ("x = 1", []),
        ("print('keys')\nprint('are')", [("stdout", ["keys\n", "are\n"])]),
        ("x = 2\nx + 1", [("text/plain", ["3"])]),
        ("print('keys')\n'are'", [("stdout", ["keys\n"]), ("text/plain", ["'are'"])]),
        ("print('keys');", [("stdout", ["keys\n"])]),
    ],
)
def test_a_cell_shows_what_it_prints_and_then_its_last_value(source, outputs):
    cell = {"cell_type": "code", "source": source.splitlines(keepends=True)}
    (run,) = write_tutorials().run_cells({"cells": [cell]})["cells"]
    shown = [
        (output["name"], output["text"])
        if output["output_type"] == "stream"
        else ("text/plain", output["data"]["text/plain"])
        for output in run["outputs"]
    ]
    assert shown == outputs


@pytest.mark.parametrize("source", ["1 / 0", "import warnings\nwarnings.warn('keys')"])
def test_a_cell_that_fails_or_warns_is_an_error(source, tmp_path):
    cell = {"cell_type": "code", "source": source.splitlines(keepends=True)}
    (tmp_path / "broken.ipynb").write_text(json.dumps({"cells": [cell]}))
    with pytest.raises(AssertionError, match=r"broken\.ipynb"):
        write_tutorials().rerun(tmp_path / "broken.ipynb", tmp_path)
