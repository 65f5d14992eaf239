"""HTML from plain values. All text goes through `text`, so that a name from a file is a name and never markup."""

import math
import re
from collections.abc import Iterable, Sequence
from html import escape

from lrd_bench.report.statistics import Estimate
from lrd_bench.report.tables import Cell, Column, Table, notes_of, printed


def text(value: object) -> str:
    """Anything as text of a page."""
    return escape(str(value))


def tag(name: str, content: str = "", **attributes: object) -> str:
    """An element around markup; `class_` is class, `data_x` data-x. An attribute that is None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{given}>{content}</{name}>"


_OPTION = re.compile(r"(?<![\w-])(?:--\w[\w-]*|lrd-bench)\b")
"""What is typed: an option, or the command."""


def prose(line: str) -> str:
    """Plain text, in which what is typed is not broken at its hyphens."""
    return _OPTION.sub(lambda typed: tag("span", typed[0], class_="whole"), text(line))


def paragraphs(lines: Iterable[str], class_: str | None = None) -> str:
    """Plain text, a paragraph each."""
    return "".join(tag("p", prose(line), class_=class_) for line in lines)


def listing(lines: Iterable[str]) -> str:
    """Plain text as a list."""
    return tag("ul", "".join(tag("li", prose(line)) for line in lines))


def definitions(terms: Iterable[tuple[str, str]]) -> str:
    """Terms and what they mean."""
    pairs = (tag("dt", text(term)) + tag("dd", text(meaning)) for term, meaning in terms)
    return tag("dl", "".join(tag("div", pair) for pair in pairs))


def table_of(table: Table) -> str:
    """A table of the report: its columns sort, and what does not fit scrolls inside."""
    right = [not any(isinstance(row[i], str) for row in table.rows) for i in range(len(table.columns))]
    columns = list(zip(table.columns, right, strict=True))
    heads = "".join(
        tag("th", tag("span", text(column.name)), scope="col", class_="number" if number else None)
        for column, number in columns
    )
    rows = "".join(
        tag("tr", "".join(_cell(row[i], *columns[i], key=i == 0) for i in range(len(columns)))) for row in table.rows
    )
    caption = tag("caption", text(table.title), class_="unseen")
    whole = tag("table", caption + tag("thead", tag("tr", heads)) + tag("tbody", rows), class_="sortable")
    return scrolling(whole, table.title) + paragraphs(notes_of(table), "note")


def scrolling(content: str, called: str) -> str:
    """What may be wider than the page, in a frame that scrolls, by the keyboard too."""
    return tag("div", content, class_="scroll", tabindex=0, role="region", aria_label=called)


WRAPPED_FROM = 40
"""Longer texts in a cell are broken into lines."""


def _cell(cell: Cell, column: Column, number: bool, *, key: bool) -> str:
    """A cell, and the number by which it sorts where its text does not say it in full."""
    value = cell.value if isinstance(cell, Estimate) else cell
    by = repr(value) if isinstance(value, float) and math.isfinite(value) else None
    said = printed(cell, column)
    class_ = "number" if number else "long" if len(said) > WRAPPED_FROM else None
    return tag("th" if key else "td", text(said), class_=class_, data_by=by, scope="row" if key else None)


def sparkline(points: Sequence[tuple[int, float]], *, logarithmic: bool, lowest: float) -> str:
    """A curve of accuracy by distance as small as a word, over the line of one half.

    logarithmic: whether distances are drawn by their logarithm
    lowest:      the accuracy at the bottom
    """
    width, height, edge = 96.0, 28.0, 3.0
    across = [math.log(distance) if logarithmic else float(distance) for distance, _ in points]
    left, span = across[0], (across[-1] - across[0]) or 1.0

    def up(accuracy: float) -> float:
        return edge + (1 - (accuracy - lowest) / (1 - lowest)) * (height - 2 * edge)

    places = [
        (edge + (x - left) / span * (width - 2 * edge), up(accuracy))
        for x, (_, accuracy) in zip(across, points, strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    half = f'<line x1="0" x2="{width:.0f}" y1="{up(0.5):.1f}" y2="{up(0.5):.1f}" class="half"/>'
    ends = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.8"/>' for x, y in (places[0], places[-1]))
    return (
        f'<svg class="spark" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'aria-hidden="true">{half}<polyline points="{line}"/>{ends}</svg>'
    )
