"""The heat map: accuracy by distance and by the number of nouns that oppose the cue, a panel for each model."""

import pandas as pd

from lrd_bench.report.figures import BASIS, LARGE, PAGE
from lrd_bench.report.panels import LETTER, SMALL, Spec, data_of
from lrd_bench.report.statistics import Estimate
from lrd_bench.report.tables import NOTHING, SIGNS, Table

CELL_WIDTH, CELL_HEIGHT = 21, 12
AXIS, GAP = 24, 8
"""What the axis of a panel takes at its left, and the space between panels."""

# Brown to white to blue-green (ColorBrewer's BrBG, as Brewer 2003): chance is white, and no colour vision mixes the two
# sides up. In print without colour the numbers say it.
COLOURS = ("#8c510a", "#d8b365", "#f6e8c3", "#ffffff", "#c7eae5", "#5ab4ac", "#01665e")
COLOUR: Spec = {
    "field": "accuracy",
    "type": "quantitative",
    "scale": {"domain": [0, 1], "range": list(COLOURS), "interpolate": "rgb"},
    "legend": None,
}
PALE = 0.36
"""On cells that are farther from ½ than this, numbers are white."""


def opposing_nouns_figure(table: Table) -> Spec:
    """The figure of a table of `lrd_bench.report.detail.opposing_nouns`, no wider than a page."""
    cells = heat_cells(table)
    models = list(dict.fromkeys(cells["model"]))
    width = cells["distance"].nunique() * CELL_WIDTH
    across = max(1, min(len(models), int((PAGE + GAP) // (width + AXIS + GAP))))
    panels = [
        _panel(cells, model, left=number % across == 0, below=number + across >= len(models))
        for number, model in enumerate(models)
    ]
    notes = _notes(cells, across * (width + AXIS + GAP))
    return {
        **BASIS,
        "title": {"text": table.title, "subtitle": notes, "fontSize": LARGE + 1, "offset": 6},
        "vconcat": [{"concat": panels, "columns": across, "spacing": GAP}, _colour_bar()],
    }


def _panel(cells: pd.DataFrame, model: str, *, left: bool, below: bool) -> Spec:
    """The cells of one model, as coloured squares with their numbers."""
    distances, numbers = (
        list(dict.fromkeys(cells["distance"])),
        sorted(cells["opposing"].unique().tolist(), reverse=True),
    )
    of_model = cells[cells["model"] == model]
    # No longer than the axis, or it sticks out, and the panel's title stands above it, higher than in other columns.
    height, named = len(numbers) * CELL_HEIGHT, "opposing nouns"
    x = {
        "field": "distance",
        "type": "ordinal",
        "sort": distances,
        "scale": {"domain": distances},
        "title": "distance (words)" if below else None,
        "axis": {"labelAngle": 0},
    }
    y = {
        "field": "opposing",
        "type": "ordinal",
        "sort": numbers,
        "scale": {"domain": numbers},
        "title": (named if len(named) * LETTER * SMALL <= height else "nouns") if left else None,
    }
    squares = {
        "data": data_of(of_model[of_model["accuracy"].notna()]),
        "mark": {"type": "rect", "stroke": "white", "strokeWidth": 0.5},
        "encoding": {"x": x, "y": y, "color": COLOUR},
    }
    words = [
        {
            "data": data_of(of_model[of_model["ink"] == ink]),
            "mark": {"type": "text", "fontSize": SMALL, "color": ink},
            "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}},
        }
        for ink in ("black", "white")
    ]
    return {
        "layer": [squares, *words],
        "width": len(distances) * CELL_WIDTH,
        "height": height,
        "title": {"text": _short(model, len(distances) * CELL_WIDTH), "frame": "group", "offset": 3},
    }


def _colour_bar() -> Spec:
    """What the colours mean, once for all panels."""
    # Each step reaches a little over the next, or their edges show.
    steps = [{"accuracy": step / 50, "stop": step / 50 + 0.021} for step in range(50)]
    words = "datum.value == 0.5 ? 'chance ½' : format(datum.value, '.2~f')"
    x = {
        "field": "accuracy",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"values": [0, 0.25, 0.5, 0.75, 1], "labelExpr": words, "title": "accuracy"},
    }
    return {
        "data": {"values": steps},
        "mark": {"type": "rect", "clip": True},
        "encoding": {"x": x, "x2": {"field": "stop"}, "color": COLOUR},
        "width": 120,
        "height": 6,
    }


def heat_cells(table: Table) -> pd.DataFrame:
    """One row for each model, distance and number of opposing nouns, with what the cell shows."""
    rows = []
    for row in table.rows:
        model, distance = row[0], row[1]
        for column, cell in zip(table.columns[table.keys :], row[table.keys :], strict=True):
            value = cell.value if isinstance(cell, Estimate) else None
            cut = isinstance(cell, Estimate) and "cut pairs" in cell.marks
            rows.append(
                {
                    "model": model,
                    "distance": distance,
                    "opposing": int(column.name.split()[0]),
                    "accuracy": value,
                    "text": NOTHING if value is None else f"{value:.2f}" + (SIGNS["cut pairs"][0] if cut else ""),
                    "ink": "white" if value is not None and abs(value - 0.5) > PALE else "black",
                }
            )
    return pd.DataFrame(rows).astype({"accuracy": "float64"})


def _notes(cells: pd.DataFrame, width: float) -> list[str]:
    notes = [f"{NOTHING} no item is so."] if (cells["text"] == NOTHING).any() else []
    sign = SIGNS["cut pairs"][0]
    if cells["text"].str.endswith(sign).any():
        notes.append(f"{sign} twins without each other: a model that cannot see the cue need not score ½.")
    return [" ".join(notes)] if len(" ".join(notes)) * LETTER * SMALL <= width else notes


def _short(name: str, width: float) -> str:
    """A model's name, cut where it is longer than its panel."""
    fits = int(width / (LETTER * LARGE))
    return name if len(name) <= fits else name[: fits - 1] + "…"
