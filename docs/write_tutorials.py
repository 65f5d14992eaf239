"""Run the notebooks of docs/tutorials and store in each what its cells show: `make docs`.

Jupyter is not needed: cells are run one after the other in a process of their own, and the last expression of a cell is
shown as Jupyter would show it, tables and other values as text, charts as pictures.
"""

import ast
import base64
import contextlib
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TUTORIALS = Path(__file__).parent / "tutorials"

Notebook = dict[str, Any]
Output = dict[str, Any]


def rerun(path: Path, folder: Path) -> Notebook:
    """The notebook with what its cells show now, run in a fresh process in an empty folder; a warning is an error."""
    command = [sys.executable, "-W", "error", str(Path(__file__).resolve()), str(path.resolve())]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{path.name}\n{done.stderr}"
    assert not done.stderr, f"{path.name}: writes to stderr\n{done.stderr}"
    notebook: Notebook = json.loads(done.stdout)
    return notebook


def text_of(notebook: Notebook) -> str:
    """The notebook's file, as Jupyter lays it out."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def run_cells(notebook: Notebook) -> Notebook:
    """The notebook with what its cells show, run here and now in one namespace."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells, number = [], 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            number += 1
            outputs = _run_cell("".join(cell["source"]), number, names)
            cell = {**cell, "execution_count": number, "outputs": outputs}
        cells.append(cell)
    return {**notebook, "cells": cells}


def _run_cell(source: str, number: int, names: dict[str, Any]) -> list[Output]:
    """What one cell shows: what it prints, then the value of its last line if that is an expression."""
    statements = ast.parse(source).body
    last = statements.pop() if statements and isinstance(statements[-1], ast.Expr) else None
    value = None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(ast.Module(statements, []), f"cell {number}", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names)
    outputs: list[Output] = []
    if text := printed.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)})
    if value is not None:
        shown = {"output_type": "execute_result", "execution_count": number, "metadata": {}}
        outputs.append({**shown, "data": _data_of(value)})
    return outputs


def _data_of(value: object) -> dict[str, Any]:
    """A value as Jupyter stores it: MIME type → content."""
    import altair as alt

    if isinstance(value, alt.TopLevelMixin):
        picture = io.BytesIO()
        value.save(picture, format="png", scale_factor=1.5)
        return {"image/png": base64.b64encode(picture.getvalue()).decode(), "text/plain": ["alt.Chart(...)"]}
    return {"text/plain": repr(value).splitlines(keepends=True)}


def _main(arguments: list[str]) -> None:
    if arguments:  # a fresh process, to run the cells of one notebook in
        sys.stdout.write(text_of(run_cells(json.loads(Path(arguments[0]).read_text(encoding="utf-8")))))
        return
    for path in sorted(TUTORIALS.glob("*.ipynb")):
        with tempfile.TemporaryDirectory() as folder:
            path.write_text(text_of(rerun(path, Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    _main(sys.argv[1:])
