"""The cells of a suite's design: what stands before the cue, and between it and the critical word.

Every cell holds the same frames, cues, values and answers; only the filler changes. A cell is feasible where units of
the filler (a phrase, a clause) and single words that stretch them add up to its distance exactly.
"""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, NonNegativeInt, PositiveInt

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.language import Parts, Slot, parse_parts, slots_of
from lrd_bench.places import place
from lrd_bench.settings import Settings

STRETCH, INNER, UNITS = "stretch", "inner", "units"
"""Slots of a filler with a meaning of their own: the words that lengthen it, where the next unit nests, the units."""
MARKS = (STRETCH, INNER, UNITS)
MOST_NOUNS, MOST_ITEMS = 6, 4000
"""The most nouns between, or before the cue, and the most items of a block: it holds all patterns of their values."""
ATTRACTOR, LURE = "attractor", "lure"
"""Regions of the nouns that may mislead: between cue and critical word, and before the cue."""


class Filler(Settings):
    """What a suite puts between the cue and the critical word."""

    kind: str
    """What it is called in tables."""
    distances: Sequence[PositiveInt] = Field(min_length=1)
    text: str = ""
    """Single words around the units, in one slot `units`; perhaps nouns of its own, and a slot `stretch`."""
    unit: str = ""
    """One phrase or clause of single words, with a slot `attractor`, and perhaps `stretch` and `inner`."""
    stretch: str | None = None
    """The class of the lexicon whose words lengthen the filler one by one, where `stretch` stands; None: none do."""
    nouns: Sequence[NonNegativeInt] = Field(default=(0,), min_length=1)
    """How many nouns stand between: those of the text, and one for each unit."""


class Lead(Settings):
    """What a suite puts before the cue."""

    unit: str = ""
    """A phrase or clause of single words with a slot `lure`, a noun that may mislead."""
    lures: Sequence[NonNegativeInt] = Field(default=(0,), min_length=1)
    """How many units."""
    stretch: str | None = None
    """The class of the words that take the filler's place in a version of fixed length."""


class Cell(NamedTuple):
    """One level of all that varies within a block."""

    filler: int
    """Which of the suite's fillers."""
    distance: int
    pattern: tuple[int, ...]
    """For each noun between, from left to right, which of the twins' two values it has: 0 or 1."""
    stretches: tuple[int, ...]
    """How many words lengthen each unit; one number where they do not stand in units."""
    lures: tuple[int, ...]
    """For each noun before the cue, which of the two values it has."""
    lead: int = 0
    """How many words stand before the cue in the place of the filler."""


class FillerParts(NamedTuple):
    """A parsed filler."""

    kind: str
    text: Parts
    unit: Parts
    stretch: str | None

    @property
    def in_text(self) -> bool:
        """Whether the words that lengthen it stand in the text, and not in the units."""
        return any(slot.name == STRETCH for slot in slots_of(self.text))


def parse_filler(filler: Filler, path: Path, number: int) -> FillerParts:
    """The parts of a suite's filler; what its author leaves out is the units alone, or the stretch alone."""
    default = f"{{{UNITS}}}" if filler.unit else f"{{{STRETCH}}}" if filler.stretch else ""
    text, unit = (
        parse_parts(line, filler_at(path, number, filler.kind, key))
        for key, line in (("text", filler.text or default), ("unit", filler.unit))
    )
    return FillerParts(filler.kind, text, unit, filler.stretch)


def filler_at(path: Path, number: int, kind: str, key: str) -> str:
    """File, line and name of a key of a filler, for messages."""
    return f"{place(path, 'filler', number, key)}: filler {kind!r} {key}"


def lead_at(path: Path, key: str) -> str:
    """File, line and name of a key of the lead, for messages."""
    return f"{place(path, 'lead', key)}: [lead] {key}"


def slug(kind: str) -> str:
    """A filler's kind as the ids of items have it."""
    return "-".join(kind.replace("-", " ").split())


def nouns_in(parts: Parts, region: str = ATTRACTOR) -> int:
    """How many nouns that may mislead a text or unit holds."""
    return sum(slot.region == region for slot in slots_of(parts))


def length_of(parts: Parts) -> int:
    """How many words a text or unit has without what stretches it and nests in it."""
    return sum(1 for part in parts if not (isinstance(part, Slot) and part.name in MARKS))


def cells_of(
    fillers: Sequence[Filler], parts: Sequence[FillerParts], lures: Sequence[int], nearest: int, path: Path
) -> list[Cell]:
    """Every feasible cell, with all patterns of the nouns' values in each, by filler, distance and number of nouns.

    lures:    the numbers of nouns before the cue
    nearest:  the distance with no filler at all

    Raises LrdBenchError for a distance that no number of nouns reaches, and for more cells than a block may have.
    """
    cells: list[Cell] = []
    if max(lures) > MOST_NOUNS:
        raise LrdBenchError(f"{lead_at(path, 'lures')}: {_too_many(max(lures))}")
    for number, (filler, parsed) in enumerate(zip(fillers, parts, strict=True)):
        if max(filler.nouns) > MOST_NOUNS:
            raise LrdBenchError(f"{filler_at(path, number, filler.kind, 'nouns')}: {_too_many(max(filler.nouns))}")
        for distance in dict.fromkeys(filler.distances):
            found = [
                Cell(number, distance, pattern, stretches, before)
                for nouns, stretches in _stretches(filler, parsed, distance - nearest)
                for pattern in itertools.product((0, 1), repeat=nouns)
                for lure in dict.fromkeys(lures)
                for before in itertools.product((0, 1), repeat=lure)
            ]
            if not found:
                raise LrdBenchError(_unreached(filler, parsed, number, distance, nearest, path))
            cells += found
            if 2 * len(cells) > MOST_ITEMS:
                raise LrdBenchError(
                    f"{filler_at(path, number, filler.kind, 'distances')}: a block would have more than {MOST_ITEMS} "
                    "items, two for each distance, number of nouns and pattern of their values. Ask for fewer "
                    "distances, nouns or lures."
                )
    return cells


def _too_many(nouns: int) -> str:
    return f"{nouns} nouns have 2**{nouns} patterns of their values, each an item. Ask for at most {MOST_NOUNS} nouns."


def _stretches(filler: Filler, parsed: FillerParts, words: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """For a filler of so many words: each number of nouns that reaches it, and how many words lengthen each unit."""
    own = nouns_in(parsed.text)
    for nouns in dict.fromkeys(filler.nouns):
        units = nouns - own
        if units < 0 or (units and not parsed.unit):
            continue
        missing = words - length_of(parsed.text) - units * length_of(parsed.unit)
        places = 1 if parsed.in_text else units
        if missing < 0 or (missing and (parsed.stretch is None or not places)):
            continue
        yield nouns, tuple(missing // places + (at < missing % places) for at in range(places))


def _unreached(filler: Filler, parsed: FillerParts, number: int, distance: int, nearest: int, path: Path) -> str:
    where = f"{place(path, 'filler', number, 'distances')}: filler {filler.kind!r}"
    own = nouns_in(parsed.text)
    if not parsed.unit and own not in filler.nouns:
        return f"{where}: its text has {own} nouns, and nouns = {list(filler.nouns)} does not say so. Write [{own}]."
    unit = f", a unit adds {length_of(parsed.unit)}" if parsed.unit else ""
    stretch = "" if parsed.stretch else " and nothing stretches it"
    return (
        f"{where}: no number of nouns in {list(filler.nouns)} reaches distance {distance}: without units it is "
        f"{nearest + length_of(parsed.text)}{unit}{stretch}. Drop the distance, or add a number of nouns or a stretch."
    )


def with_fixed_length(cells: Sequence[Cell], lead: Parts) -> list[Cell]:
    """The cells with words before the cue where they have fewer between, so that the critical word keeps its place."""

    def length(cell: Cell) -> int:
        return cell.distance + len(cell.lures) * length_of(lead)

    longest = max(map(length, cells))
    return [cell._replace(lead=longest - length(cell)) for cell in cells]
