"""The figure: accuracy by distance, one panel a suite or kind of filler, one line a model, for a page of print."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import altair as alt
import pandas as pd

from lrd_bench.report.panels import GREY, Frame, panel

FONT = "Helvetica, Arial, Liberation Sans, sans-serif"
PANELS_A_ROW = 3
LEGEND_COLUMNS = 3
"""Under each panel of a row."""

LOWEST = 0.3
"""Where the axis of accuracy begins, unless something lies below."""


def draw_accuracy_by_distance(curves: pd.DataFrame, paths: Sequence[Path]) -> None:
    """Draw the curves (columns as in `lrd_bench.report.curves`) and save the figure as each path's suffix says."""
    chart = accuracy_by_distance(curves)
    for path in paths:
        chart.save(str(path), scale_factor=3 if path.suffix == ".png" else 1)


def accuracy_by_distance(curves: pd.DataFrame) -> alt.ConcatChart:
    """The figure as an altair chart: panels of their own side by side, since a facet cannot hold layers like these."""
    lowest = curves[["accuracy", "low"]].min().min()
    frame = Frame(
        models=tuple(dict.fromkeys(curves["model"])),
        windows=frozenset(curves["model"][curves["context"].notna()]),
        distances=tuple(sorted(int(distance) for distance in curves["distance"].unique())),
        bottom=0.0 if lowest < LOWEST else LOWEST,
    )
    panels = [
        panel(rows, " · ".join(map(str, name)), frame, left=number % PANELS_A_ROW == 0)
        for number, (name, rows) in enumerate(_by_panel(curves))
    ]
    across = min(len(panels), PANELS_A_ROW)
    title = _title(curves, across)
    chart: alt.ConcatChart = alt.concat(*panels, columns=across, title=title, spacing=20)
    return _dressed(across, chart.resolve_scale(color="shared", strokeDash="shared", shape="shared"))


def _by_panel(curves: pd.DataFrame) -> Iterator[tuple[list[object], pd.DataFrame]]:
    """The curves of each panel, with its name: the suite, and the kind of filler where kinds are drawn apart."""
    for (suite, filler), rows in curves.groupby(["suite", "filler"], sort=False, dropna=False):
        yield [suite, filler] if isinstance(filler, str) else [suite], rows


def _dressed(across: int, chart: alt.ConcatChart) -> alt.ConcatChart:
    """The chart, of so many panels across, with fonts and sizes that can be read at the width of a column."""
    dressed: alt.ConcatChart = chart.configure(background="white", font=FONT, padding=8).configure_view(stroke=None)
    dressed = dressed.configure_legend(
        orient="bottom",
        direction="horizontal",
        columns=LEGEND_COLUMNS * across,
        labelFontSize=11,
        labelLimit=0,
        symbolSize=80,
        symbolStrokeWidth=0,  # the lines' dashes would fray the symbols
        title=None,
    )
    dressed = dressed.configure_axis(
        grid=False, labelFontSize=10, titleFontSize=11, titleFontWeight="normal", tickSize=4
    )
    return dressed  # noqa: RET504  # with a type, which altair's own methods lack


def _title(curves: pd.DataFrame, across: int) -> alt.TitleParams:
    """The heading, and below it what bands, bars, dots and brackets are, in lines no wider than so many panels."""
    notes = ["Bands and bars: pointwise 95 % intervals."]
    if curves["seed"].notna().any():
        notes.append("Small dots: single training seeds.")
    if curves["context"].notna().any():
        notes.append("Brackets: what a window model sees; from their end on it scores exactly ½.")
    if across == PANELS_A_ROW:
        notes = [" ".join(notes[:2]), *notes[2:]]
    elif across == 1:
        notes = [line for note in notes for line in note.replace("; ", ";\n").splitlines()]
    return alt.TitleParams(
        "Accuracy by distance",
        subtitle=notes,
        anchor="start",
        fontSize=14,
        subtitleFontSize=11,
        subtitleColor=GREY,
        subtitlePadding=4,
        offset=12,
    )
