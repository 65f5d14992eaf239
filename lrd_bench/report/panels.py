"""One panel of the figure: bands, seeds, lines, the chance level and the reach of the window models.

Figures are described in Vega-Lite, as plain data. All sizes are in points, as in print.
"""

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

# Okabe and Ito (2008), less their yellow, which is too light for a line, and with brown and grey for more models than
# theirs: told apart with any colour vision. Dashes and shapes tell the lines apart in print without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C510A", "#7F7F7F")
DASHES = (
    (1, 0),
    (5, 1.5),
    (1.2, 1.2),
    (6, 1.5, 1.2, 1.5),
    (2.5, 2),
    (0.8, 2),
    (8, 2),
    (3, 1, 1, 1),
    (5, 1, 1, 1, 1, 1),
)
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right", "triangle-left")
GREY = "#555555"

Spec = dict[str, Any]
"""A part of a description in Vega-Lite."""
CHANCE_DASH = [2, 2]

SMALL = 7
"""The size of letters, but for titles."""
LETTER = 0.5
"""The mean width of a letter, as a part of its size."""
ROW = 9
"""The height of a row of the strip."""

LINEAR_UP_TO = 8
"""A longest distance more than so many times the shortest is drawn on a logarithmic axis."""
SIDE_STEP = 1.7
"""How far points of one distance stand apart, so that those of equal accuracy are all seen."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What all panels of a figure share."""

    models: tuple[str, ...]
    windows: frozenset[str]
    """The models that see so many words to the left only."""
    distances: tuple[int, ...]
    """In increasing order."""
    bottom: float
    """The accuracy at which the numbers of the axis begin."""
    width: float
    height: float
    """Of a panel, without its axes, and without the strip below for the windows."""
    reaches: tuple[int, ...] = ()
    """How many words the window models see, in increasing order, without repetition: the strip has a row for each."""

    @property
    def logarithmic(self) -> bool:
        """Whether distances are drawn by their logarithm."""
        return self.distances[0] > 0 and self.distances[-1] > LINEAR_UP_TO * self.distances[0]

    @property
    def edges(self) -> tuple[float, float]:
        """The distances at which the panel begins and ends: a little beyond adjacency and the longest."""
        first, last = min(self.distances[0], 1), self.distances[-1]
        margin = 0.04 * (last - first) + 0.3
        return (first / 1.2, last * 1.2) if self.logarithmic else (first - margin, last + margin)

    @property
    def strip(self) -> float:
        """The height of the strip below the numbers."""
        return ROW * len(self.reaches) + 2 if self.reaches else 0

    def strip_row(self, number: int) -> float:
        """Where on the axis of accuracy a row of the strip stands, the first one lowest."""
        return self.bottom - (self.strip - ROW * (number + 0.5)) / self.height * (1 - self.bottom)

    def beside(self, model: str, distance: float, distances: Sequence[float]) -> float:
        """Where on the axis of distances a model's point stands: a little beside its distance.

        distances: those of the panel, in increasing order
        """
        at = [math.log2(each) if self.logarithmic else each for each in (*self.edges, *distances)]
        points = self.width / (at[1] - at[0])
        nearest = min((b - a for a, b in itertools.pairwise(at[2:])), default=at[1] - at[0]) * points
        step = min(SIDE_STEP, 0.7 * nearest / len(self.models)) / points
        aside = (self.models.index(model) - (len(self.models) - 1) / 2) * step
        return distance * 2**aside if self.logarithmic else distance + aside

    def x(self, field: str = "place", *, titled: bool = True) -> Spec:
        """The axis of distances."""
        powers = [2**power for power in range(16) if self.edges[0] <= 2**power <= self.edges[1]]
        ticks = powers if self.logarithmic else list(self.distances)
        long = "distance from cue to critical word (words)"
        title = long if len(long) * LETTER * SMALL < self.width else "distance (words)"
        kind: Spec = {"type": "log", "base": 2} if self.logarithmic else {"zero": False}
        return {
            "field": field,
            "type": "quantitative",
            "title": title if titled else None,
            "scale": {**kind, "domain": list(self.edges), "nice": False},
            "axis": {
                "values": ticks if self.logarithmic else list(self.distances),
                "format": "d",
                "labelOverlap": True,
            },
        }

    def y(self, field: str = "accuracy", *, left: bool = True) -> Spec:
        """The axis of accuracy; with numbers only at the left of a row, for all panels have the same."""
        ticks = [0, 0.25, 0.5, 0.75, 1] if self.bottom == 0 else [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
        floor = self.bottom - self.strip / self.height * (1 - self.bottom)
        # Elsewhere blank, not absent: a title stands above what sticks out of a panel, such as half of the top number.
        words = "datum.value == 0.5 ? '½' : format(datum.value, '.2~f')" if left else "' '"
        return {
            "field": field,
            "type": "quantitative",
            "title": "accuracy" if left else None,
            "scale": {"domain": [floor, 1.0], "nice": False},
            "axis": {"values": ticks, "labelExpr": words, "labelOverlap": False},
        }

    def colour(self) -> Spec:
        """Model → colour."""
        return self._by_model(COLOURS)

    def dash(self) -> Spec:
        """Model → dash pattern."""
        return self._by_model([list(dash) for dash in DASHES])

    def shape(self) -> Spec:
        """Model → shape of its points."""
        return self._by_model(SHAPES)

    def _by_model(self, values: Sequence[Any]) -> Spec:
        # The most distinct ones go to the models that see everything: the others lie together on one half.
        ranked = sorted(self.models, key=lambda model: model in self.windows)
        given = {model: values[number % len(values)] for number, model in enumerate(ranked)}
        scale = {"domain": list(self.models), "range": [given[model] for model in self.models]}
        return {"field": "model", "type": "nominal", "scale": scale, "legend": None}


def data_of(rows: pd.DataFrame) -> Spec:
    """Rows as the data of a layer; what is missing is null."""
    return {"values": json.loads(rows.to_json(orient="records", double_precision=15))}


def panel(curves: pd.DataFrame, title: list[str], frame: Frame, *, left: bool = True, below: bool = True) -> Spec:
    """A panel of some models' curves.

    curves: rows of the table of points
    title:  in lines
    left:   whether the panel stands at the left of its row, and so has numbers on the axis of accuracy
    below:  whether it is the lowest of its column, and so names the axis of distances
    """
    distances = sorted(curves["distance"].unique())
    at = [frame.beside(model, distance, distances) for model, distance in curves[["model", "distance"]].to_numpy()]
    curves = curves.assign(place=at)
    means = curves[curves["seed"].isna() & curves["accuracy"].notna()]
    seeds = curves[curves["seed"].notna()]
    bands, bars = _bands_and_bars(means)
    x, y, low = frame.x(titled=below), frame.y(left=left), frame.y("low", left=left)
    band = {"x": x, "y": low, "y2": {"field": "high"}, "color": frame.colour()}
    layers = [
        {
            "data": {"values": [{"accuracy": 0.5}]},
            "mark": {"type": "rule", "strokeDash": CHANCE_DASH, "color": GREY, "strokeWidth": 0.6},
            "encoding": {"y": y},
        },
        *_reaches(means, frame, y, titled=below),
        {
            "data": data_of(bands),
            "mark": {"type": "area", "opacity": 0.13, "strokeWidth": 0},
            "encoding": {**band, "detail": {"field": "stretch", "type": "nominal"}},
        },
        {"data": data_of(bars), "mark": {"type": "rule", "opacity": 0.55, "strokeWidth": 0.7}, "encoding": band},
        {
            "data": data_of(seeds),
            "mark": {"type": "circle", "size": 3.5, "opacity": 0.55},
            "encoding": {"x": x, "y": y, "color": frame.colour()},
        },
    ]
    for windowed in (True, False):  # what may not see the cue lies below what does
        some = data_of(means[means["context"].notna() == windowed])
        width, size = (0.7, 9) if windowed else (1.1, 14)
        at_points = {"x": x, "y": y, "color": frame.colour()}
        line, point = {"type": "line", "strokeWidth": width}, {"type": "point", "filled": True, "size": size}
        layers += [
            {"data": some, "mark": line, "encoding": {**at_points, "strokeDash": frame.dash()}},
            {"data": some, "mark": {**point, "opacity": 1}, "encoding": {**at_points, "shape": frame.shape()}},
        ]
    return {
        "layer": [layer for layer in layers if layer["data"]["values"]],
        "width": frame.width,
        "height": frame.height + frame.strip,
        "title": {"text": title, "frame": "group"},
    }


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


def _reaches(means: pd.DataFrame, frame: Frame, y: Spec, *, titled: bool) -> list[Spec]:
    """A bracket for each window that ends inside the panel: from its end on, the theorem says one half."""
    windows = means[means["context"].notna()].drop_duplicates("model")
    rows: list[Spec] = []
    for number, context in enumerate(frame.reaches):
        end, models = context + 1, list(windows["model"][windows["context"] == context])
        if models and end <= frame.edges[1]:
            text = _names(models, _room(frame, end))
            row = {"accuracy": frame.strip_row(number), "distance": end, "start": frame.edges[0], "text": text}
            rows.append(row)
    start, end_of = frame.x("start", titled=titled), frame.x("distance", titled=titled)
    line = {"type": "rule", "color": GREY, "strokeWidth": 0.7}
    tick = {"type": "tick", "color": GREY, "orient": "vertical", "size": 5, "thickness": 0.9}
    name = {"type": "text", "align": "left", "baseline": "middle", "dx": 3, "fontSize": SMALL, "color": GREY}
    text_of = {"field": "text", "type": "nominal"}
    return [
        {"data": {"values": rows}, "mark": line, "encoding": {"x": start, "x2": {"field": "distance"}, "y": y}},
        {"data": {"values": rows}, "mark": tick, "encoding": {"x": end_of, "y": y}},
        {"data": {"values": rows}, "mark": name, "encoding": {"x": end_of, "y": y, "text": text_of}},
    ]


def _room(frame: Frame, distance: float) -> int:
    """How many letters stand between a distance and the right edge."""
    first, last, at = (math.log2(each) if frame.logarithmic else each for each in (*frame.edges, distance))
    return int((last - at) / (last - first) * frame.width / (LETTER * SMALL))


def _names(models: list[str], room: int) -> str:
    """The models by name, as far as there is room, or how many they are."""
    for shown in range(len(models), 0, -1):
        more = len(models) - shown
        text = ", ".join(models[:shown]) + (f" and {more} more" if more else "")
        if len(text) <= room:
            return text
    return f"{len(models)} models"
