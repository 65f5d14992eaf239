"""One panel of the figure: bands, seeds, lines, the chance level and the reach of the window models."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

WIDTH, HEIGHT = 210, 165
"""Of a panel, in points: three panels with their axes are as wide as a printed page."""

# Okabe and Ito (2008), less their yellow, which is too light for a line, and with brown and grey for more models than
# theirs: told apart with any colour vision. Dashes and shapes tell the lines apart in print without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C510A", "#7F7F7F")
DASHES = ((1, 0), (7, 2), (2, 2), (8, 2, 2, 2), (4, 3), (1, 2), (11, 3), (3, 1, 1, 1), (5, 1, 1, 1, 1, 1))
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right", "triangle-left")
GREY = "#666666"

LINEAR_UP_TO = 8
"""A longest distance more than so many times the shortest is drawn on a logarithmic axis."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What all panels share."""

    models: tuple[str, ...]
    windows: frozenset[str]
    """The models that see so many words to the left only."""
    distances: tuple[int, ...]
    """In increasing order."""
    bottom: float
    """The accuracy at which the axis begins."""

    @property
    def logarithmic(self) -> bool:
        """Whether distances are drawn by their logarithm."""
        return self.distances[0] > 0 and self.distances[-1] > LINEAR_UP_TO * self.distances[0]

    @property
    def edges(self) -> tuple[float, float]:
        """The distances at which the panel begins and ends: a little beyond adjacency and the longest."""
        first, last = min(self.distances[0], 1), self.distances[-1]
        return (first / 1.12, last * 1.12) if self.logarithmic else (first - 0.5, last + 0.5)

    def x(self) -> alt.X:
        """The axis of distances."""
        ticks = [2**power for power in range(16) if self.edges[0] <= 2**power <= self.edges[1]]
        scale = alt.Scale(type="log", base=2, domain=self.edges, nice=False) if self.logarithmic else None
        return alt.X(
            "distance:Q",
            title="distance from cue to critical word (words)",
            scale=scale or alt.Scale(domain=self.edges, nice=False),
            axis=alt.Axis(values=ticks if self.logarithmic else list(self.distances), format="d", labelOverlap=True),
        )

    def y(self, field: str = "accuracy:Q", *, titled: bool = True) -> alt.Y:
        """The axis of accuracy."""
        ticks = [0, 0.25, 0.5, 0.75, 1] if self.bottom == 0 else [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
        return alt.Y(
            field,
            title="accuracy" if titled else None,
            scale=alt.Scale(domain=[self.bottom, 1.0], nice=False),
            axis=alt.Axis(values=ticks, format=".2~f", labelOverlap=False),
        )

    def colour(self) -> alt.Color:
        """Model → colour."""
        # Without an opacity of their own the symbols of the legend are as pale as the bands.
        return alt.Color("model:N", scale=self._scale(COLOURS), legend=alt.Legend(symbolOpacity=1))

    def dash(self) -> alt.StrokeDash:
        """Model → dash pattern; not in the legend, whose symbols it would fray."""
        return alt.StrokeDash("model:N", scale=self._scale([list(dash) for dash in DASHES]), legend=None)

    def shape(self) -> alt.Shape:
        """Model → shape of its points."""
        return alt.Shape("model:N", scale=self._scale(SHAPES))

    def _scale(self, values: Any) -> alt.Scale:
        # The most distinct ones go to the models that see everything: the others lie together on one half.
        ranked = sorted(self.models, key=lambda model: model in self.windows)
        given = {model: values[number % len(values)] for number, model in enumerate(ranked)}
        return alt.Scale(domain=self.models, range=[given[model] for model in self.models])


def panel(curves: pd.DataFrame, suite: str, frame: Frame, *, left: bool) -> Any:
    """The panel of one suite.

    curves: the suite's rows of the table of points
    left:   whether the panel stands at the left of its row and so names the axis of accuracy
    """
    means = curves[curves["seed"].isna() & curves["accuracy"].notna()]
    seeds = curves[curves["seed"].notna()]
    bands, bars = _bands_and_bars(means)
    x, y = frame.x(), frame.y(titled=left)
    layers: list[Any] = []
    if len(bands):
        area = alt.Chart(bands).mark_area(opacity=0.12, strokeWidth=0)
        low = frame.y("low:Q", titled=left)
        layers.append(area.encode(x=x, y=low, y2="high:Q", color=frame.colour(), detail="stretch:N"))
    if len(bars):
        rule = alt.Chart(bars).mark_rule(opacity=0.3, strokeWidth=1.2)
        layers.append(rule.encode(x=x, y=frame.y("low:Q", titled=left), y2="high:Q", color=frame.colour()))
    layers += [*_chance(frame), *_reaches(means, frame)]
    if len(seeds):
        dots = alt.Chart(seeds).mark_circle(size=9, opacity=0.5)
        layers.append(dots.encode(x=x, y=y, color=frame.colour()))
    for windowed in (True, False):  # what may not see the cue lies below what does
        some = means[means["context"].notna() == windowed]
        if len(some):
            base = alt.Chart(some).encode(x=x, y=y, color=frame.colour())
            width, size = (0.9, 16) if windowed else (1.8, 32)
            layers.append(base.mark_line(strokeWidth=width).encode(strokeDash=frame.dash()))
            layers.append(base.mark_point(filled=True, opacity=1, size=size).encode(shape=frame.shape()))
    title = alt.TitleParams(suite, anchor="start", frame="group", fontSize=12, fontWeight="bold", offset=6)
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=title)


def _bands_and_bars(means: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The intervals drawn as bands, with a column `stretch` that tells unbroken ones apart, and those drawn as bars.

    Where all groups agree the interval comes from another method, and is far wider than that of a neighbour where one
    group differs: a band through both would show a wedge that means nothing.
    """
    means = means.sort_values(["model", "distance"], kind="stable")
    of_groups = means["interval"].isin(["groups", "seeds and groups"])
    stretch = ((means["model"] != means["model"].shift()) | ~of_groups).cumsum()
    alone = of_groups.groupby(stretch).transform("sum") < 2  # a band needs two points
    drawn = means["low"].notna() & (means["interval"] != "exact")
    band = drawn & of_groups & ~alone
    return means[band].assign(stretch=stretch[band]), means[drawn & ~band]


def _chance(frame: Frame) -> list[Any]:
    """The dashed line at one half, with its name."""
    at_half = alt.Chart(pd.DataFrame({"accuracy": [0.5], "distance": [frame.edges[0]], "text": ["chance ½"]}))
    rule = at_half.mark_rule(strokeDash=[4, 3], color=GREY, strokeWidth=1).encode(y=frame.y())
    name = at_half.mark_text(align="left", baseline="top", dx=3, dy=3, fontSize=9, color=GREY)
    return [rule, name.encode(x=frame.x(), y=frame.y(), text="text:N")]


def _reaches(means: pd.DataFrame, frame: Frame) -> list[Any]:
    """A bracket for each window that ends inside the panel: from its end on, the theorem says one half."""
    windows = means[means["context"].notna()].drop_duplicates("model")
    rows: list[dict[str, object]] = []
    for context in sorted(windows["context"].unique()):
        end, models = int(context) + 1, windows["model"][windows["context"] == context]
        if end <= frame.edges[1]:
            height = frame.bottom + (0.04 + 0.075 * len(rows)) * (1 - frame.bottom)
            text = ", ".join(models)
            rows.append({"accuracy": height, "distance": end, "start": frame.edges[0], "text": text})
    if not rows:
        return []
    base = alt.Chart(pd.DataFrame(rows)).encode(y=frame.y())
    line = base.mark_rule(color=GREY, strokeWidth=1).encode(x="start:Q", x2="distance:Q")
    end_tick = base.mark_tick(color=GREY, orient="vertical", size=9, thickness=1.2).encode(x="distance:Q")
    name = base.mark_text(align="left", baseline="middle", dx=4, fontSize=9, color=GREY)
    return [line, end_tick, name.encode(x="distance:Q", text="text:N")]
