"""The cells of a suite's design: what stands between cue and critical word at each distance and number of nouns.

Every cell holds the same frames, cues, values and answers; only the filler changes. A cell is feasible where units of
the filler (a phrase, a clause) and single words that stretch them add up to its distance exactly.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, NonNegativeInt, PositiveInt

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.language import Slot, parse_parts
from lrd_bench.settings import Settings

STRETCH, INNER = "stretch", "inner"
"""Slots of a unit with a meaning of their own: the words that lengthen it, and the place where the next unit nests."""


class Filler(Settings):
    """What a suite puts between the cue and the critical word."""

    kind: str
    """What it is called in tables."""
    distances: Sequence[PositiveInt] = Field(min_length=1)
    stretch: str | None = None
    """The class of the lexicon whose words lengthen the filler one by one, in the units' slots `stretch` if there are
    units; None: the units alone make the distance."""
    unit: str = ""
    """One phrase or clause of single words, with a slot `attractor`, and perhaps `stretch` and `inner`."""
    nouns: Sequence[NonNegativeInt] = Field(default=(0,), min_length=1)
    """How many units, and so nouns, stand between."""


class Cell(NamedTuple):
    """One level of distance and nouns between, with the values of the nouns."""

    distance: int
    nouns: int
    pattern: tuple[int, ...]
    """For each noun between, from left to right, which of the twins' two values it has: 0 or 1."""
    stretches: tuple[int, ...]
    """How many words lengthen each unit; one number for a filler without units."""


def cells_of(filler: Filler, nearest: int, path: Path) -> list[Cell]:
    """Every feasible cell, all patterns of the nouns' values in each, by distance, nouns and pattern.

    nearest:  the distance with no filler at all

    Raises LrdBenchError for a distance that no number of units reaches.
    """
    parts = parse_parts(filler.unit, f"{path}: [filler] unit")
    if bool(parts) != any(filler.nouns):
        raise LrdBenchError(
            f"{path}: [filler] nouns come in units: give both 'unit' and 'nouns', such as nouns = [1, 2], or neither."
        )
    length = sum(1 for part in parts if not isinstance(part, Slot) or part.name not in (STRETCH, INNER))
    cells = []
    for distance in dict.fromkeys(filler.distances):
        found = False
        for nouns in dict.fromkeys(filler.nouns):
            words = distance - nearest - nouns * length
            # Words that lengthen a unit, such as adjectives, need not go without one.
            stretches = filler.stretch is not None and (nouns > 0 or not parts)
            if words < 0 or (words and not stretches):
                continue
            found = True
            units = max(nouns, 1)
            each = tuple(words // units + (position < words % units) for position in range(units))
            cells += [Cell(distance, nouns, pattern, each) for pattern in itertools.product((0, 1), repeat=nouns)]
        if not found:
            raise LrdBenchError(
                f"{path}: [filler] no number of nouns in {list(filler.nouns)} reaches distance {distance}: the nearest "
                f"is {nearest}, a unit adds {length} words{'' if filler.stretch else ' and nothing stretches it'}. "
                "Drop the distance or add a number of nouns."
            )
    return cells
