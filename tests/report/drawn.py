"""What stands where in a figure that was drawn."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree


def heights_of(svg: str, texts: Sequence[str]) -> list[float]:
    """How far below the top each of these texts stands, as far as a reader sees: in tenths of a point."""
    found: dict[str, float] = {}

    def look_into(element: ElementTree.Element, height: float) -> None:
        moved = re.match(r"translate\([-\d.]+,\s*([-\d.]+)\)", element.get("transform", ""))
        height += float(moved[1]) if moved else 0.0
        if element.tag.endswith("text"):
            found.setdefault("".join(element.itertext()), round(height, 1))
        for child in element:
            look_into(child, height)

    look_into(ElementTree.fromstring(svg), 0.0)
    return [found[text] for text in texts]
