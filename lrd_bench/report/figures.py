"""The figures of accuracy by distance: one line a model, one panel a suite or kind of filler.

There is one for a page, of all suites, and one for a column, of each. They are drawn in points at the size at which
they are printed, so that no letter is smaller than 7.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from lrd_bench.report.legend import legend
from lrd_bench.report.panels import GREY, LETTER, SMALL, Frame, Spec, panel
from lrd_bench.report.statistics import FEW_SEEDS

FONT = "Helvetica, Arial, Liberation Sans, sans-serif"

LARGE = 8
"""The size of letters in the titles of panels."""

PAGE, COLUMN = 486, 238
"""The widths of a page's text and of one of two columns: 6.75 and 3.3 inches."""
PANELS_A_ROW = 3
AXIS = 48
"""What the axis of accuracy takes at the left, and the edge around the figure."""
EDGE = 6
"""Around the figure, on both sides together."""
GAP = 12
"""Between panels; ticks take a little more."""
DOTS_AN_INCH = 300

NARROW = f"Bands from fewer than {FEW_SEEDS} seeds are somewhat too narrow."

LOWEST = 0.3
"""Where the axis of accuracy begins, unless something lies below."""


def save_figure(spec: Spec, paths: Sequence[Path]) -> None:
    """Save a figure as .svg, .pdf or .png, with its size in points."""
    import vl_convert

    svg = _numbered_afresh(vl_convert.vegalite_to_svg(spec))
    for path in paths:
        match path.suffix:
            case ".svg":
                # Vega means points, and a browser would take them for pixels, which are smaller.
                sized = re.sub(r'(<svg[^>]*? width="[\d.]+)(" height="[\d.]+)"', r'\1pt\2pt"', svg, count=1)
                path.write_text(sized, encoding="utf-8", newline="\n")
            case ".pdf":
                path.write_bytes(_in_order(vl_convert.svg_to_pdf(svg)))
            case ".png":
                path.write_bytes(_packed(vl_convert.svg_to_png(svg, ppi=DOTS_AN_INCH)))


_NUMBERED = re.compile(r"(id=\"|url\(#)([a-z_]+?)(\d+)")
"""Where an SVG gives something a name, or uses it."""


def _numbered_afresh(svg: str) -> str:
    """The same SVG, its names numbered from 0: the writer goes on from the figure that it drew last."""
    numbers: dict[str, int] = {}
    return _NUMBERED.sub(lambda found: f"{found[1]}{found[2]}{numbers.setdefault(found[3], len(numbers))}", svg)


_ENTRIES = re.compile(rb"(?:^ +/\w+ \d+ 0 R\n){2,}", re.MULTILINE)
"""Lines of a dictionary in a PDF that name other objects."""


def _in_order(pdf: bytes) -> bytes:
    """The same PDF, its resources in order: the writer leaves that to chance, and the same figure is the same bytes."""
    return _ENTRIES.sub(lambda found: b"".join(sorted(found[0].splitlines(keepends=True))), pdf)


_LENGTH = struct.Struct(">I")


def _packed(png: bytes) -> bytes:
    """The same PNG, pixel by pixel, in a third of the bytes: the writer packs for speed."""
    chunks: list[bytes] = []
    pixels: list[bytes] = []
    at = 8  # a signature; then chunks: length of the data, four letters, data, checksum
    while at < len(png):
        end = at + 12 + _LENGTH.unpack_from(png, at)[0]
        if png[at + 4 : at + 8] == b"IDAT":  # one stream, in one chunk or several
            pixels.append(png[at + 8 : end - 4])
        else:
            chunks.append(png[at:end])
        at = end
    packed = b"IDAT" + zlib.compress(zlib.decompress(b"".join(pixels)), 9)
    chunk = _LENGTH.pack(len(packed) - 4) + packed + _LENGTH.pack(zlib.crc32(packed))
    return b"".join([png[:8], *chunks[:-1], chunk, chunks[-1]])  # the last one is the end


def accuracy_by_distance(curves: pd.DataFrame) -> Spec:
    """All suites, side by side, as wide as a page: panels of their own, since a facet cannot hold layers like these.

    curves: columns as in `lrd_bench.report.points`
    """
    named = list(_by_panel(curves))
    across = min(len(named), PANELS_A_ROW)
    width = (PAGE - AXIS - (PANELS_A_ROW - 1) * (GAP + 4)) / PANELS_A_ROW
    frame = _frame(curves, width, 0.5 * width)
    panels = [
        panel(rows, _title(name, width), frame, left=number % across == 0, below=number + across >= len(named))
        for number, (name, rows) in enumerate(named)
    ]
    total = AXIS + across * width + (across - 1) * (GAP + 4)
    notes = _notes(curves, total)
    together = {"concat": panels, "columns": across, "spacing": GAP}
    parts = [together, legend(frame, total - EDGE, left=AXIS - 8)]
    title = {"text": "Accuracy by distance", "subtitle": notes, "fontSize": LARGE + 1, "offset": 6}
    return {**BASIS, "title": title, "vconcat": parts, "spacing": 6}


def suite_by_distance(curves: pd.DataFrame) -> Spec:
    """One suite, as wide as a column, its kinds of filler one below the other; what is seen is for a caption to say."""
    named = list(_by_panel(curves))
    width = COLUMN - AXIS
    frame = _frame(curves, width, (0.62 if len(named) == 1 else 0.42) * width)
    panels = [
        panel(rows, _title(name, width), frame, below=number == len(named) - 1)
        for number, (name, rows) in enumerate(named)
    ]
    return {**BASIS, "vconcat": [*panels, legend(frame, COLUMN - EDGE, left=AXIS - 8)], "spacing": 6}


def _frame(curves: pd.DataFrame, width: float, height: float) -> Frame:
    lowest = curves[["accuracy", "low"]].min().min()
    return Frame(
        models=tuple(dict.fromkeys(curves["model"])),
        windows=frozenset(curves["model"][curves["context"].notna()]),
        distances=tuple(sorted(int(distance) for distance in curves["distance"].unique())),
        bottom=0.0 if lowest < LOWEST else LOWEST,
        width=width,
        height=height,
        reaches=tuple(sorted(int(context) for context in curves["context"].dropna().unique())),
    )


def _by_panel(curves: pd.DataFrame) -> Iterator[tuple[list[str], pd.DataFrame]]:
    """The curves of each panel, with its name: the suite, and the kind of filler where kinds are drawn apart."""
    for (suite, filler), rows in curves.groupby(["suite", "filler"], sort=False, dropna=False):
        yield ([str(suite), filler] if isinstance(filler, str) else [str(suite)]), rows


def _title(name: list[str], width: float) -> list[str]:
    """The name of a panel in one line, or in two where it is too long."""
    line = ", ".join(name)
    return [line] if len(line) * LETTER * LARGE <= width else name


# One weight of one font throughout: of two, their order in a PDF is left to chance.
CONFIG: Spec = {
    "background": "white",
    "font": FONT,
    "padding": 2,
    "view": {"stroke": None},
    "axis": {
        "grid": False,
        "labelFontSize": SMALL,
        "titleFontSize": SMALL,
        "titleFontWeight": "normal",
        "labelPadding": 1.5,
        "titlePadding": 3,
        "tickSize": 2.5,
        "tickWidth": 0.6,
        "domainWidth": 0.6,
    },
    "title": {
        "anchor": "start",
        "fontSize": LARGE,
        "fontWeight": "normal",
        "offset": 5,
        "subtitleFontSize": SMALL,
        "subtitleColor": GREY,
        "subtitlePadding": 3,
    },
}


BASIS: Spec = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": CONFIG}
"""What every figure begins with."""


def _notes(curves: pd.DataFrame, width: float) -> list[str]:
    """What bands, bars, dots and brackets are, in lines no wider than the figure."""
    notes = ["Bands and bars: pointwise 95 % intervals.", "Points of one distance stand side by side."]
    if curves["seed"].notna().any():
        notes.append("Small dots: single training seeds.")
    crossed = curves["model"][curves["interval"] == "seeds and groups"].unique()
    if (curves[curves["model"].isin(crossed)].groupby("model")["seed"].nunique() < FEW_SEEDS).any():
        notes.append(NARROW)
    if curves["context"].notna().any():
        notes.append("Brackets: what a window model sees; from their end on it scores exactly ½.")
    lines = [""]
    for word in " ".join(notes).split(" "):
        if (len(lines[-1]) + len(word) + 1) * LETTER * SMALL > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
