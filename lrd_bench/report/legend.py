"""The legend of the figures: for each model its line, with colour and dash, and on it the shape of its points.

Vega's own legends show either lines or symbols; in print without colour it takes both to tell models apart.
"""

from lrd_bench.report.panels import CHANCE_DASH, GREY, LETTER, SMALL, Frame, Spec

SAMPLE = 20
"""The length of the sample of a line."""
ROW = 10
"""The height of a row of names."""
CHANCE = "chance ½"


def legend(frame: Frame, width: float, *, left: float) -> Spec:
    """The legend as a panel of its own, with as many models in a row as fit.

    width:  of the figure
    left:   how far it reaches to the left of the panels
    """
    names = [*frame.models, CHANCE]
    entry = SAMPLE + 8 + max(map(len, names)) * LETTER * SMALL
    across = max(1, min(len(names), int((width + 6) // entry)))
    rows = [
        {
            "model": name,
            "start": number % across * entry - left,
            "middle": number % across * entry - left + SAMPLE / 2,
            "stop": number % across * entry - left + SAMPLE,
            "row": number // across,
        }
        for number, name in enumerate(names)
    ]
    down = (len(rows) - 1) // across + 1
    y = {
        "field": "row",
        "type": "quantitative",
        "scale": {"domain": [down - 0.5, -0.5], "nice": False, "zero": False},
        "axis": None,
    }

    def at(field: str) -> Spec:
        scale = {"domain": [0, width - left], "nice": False}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": None}

    span = {"x": at("start"), "x2": {"field": "stop"}, "y": y}
    of_models, of_chance = {"values": rows[:-1]}, {"values": rows[-1:]}
    return {
        "layer": [
            {
                "data": of_chance,
                "mark": {"type": "rule", "strokeDash": CHANCE_DASH, "color": GREY, "strokeWidth": 0.6},
                "encoding": span,
            },
            {
                "data": of_models,
                "mark": {"type": "rule", "strokeWidth": 1.1},
                "encoding": {**span, "color": frame.colour(), "strokeDash": frame.dash()},
            },
            {
                "data": of_models,
                "mark": {"type": "point", "filled": True, "opacity": 1, "size": 14},
                "encoding": {"x": at("middle"), "y": y, "color": frame.colour(), "shape": frame.shape()},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 4, "fontSize": SMALL},
                "encoding": {"x": at("stop"), "y": y, "text": {"field": "model", "type": "nominal"}},
            },
        ],
        "width": width - left,
        "height": down * ROW,
    }
