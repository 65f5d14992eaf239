"""Where the words of a block lie: a block's words are drawn once, and its cells differ in which of them they take.

For each filler the pool of a block holds one noun for each place where a noun may stand, in both forms, and one row of
words that lengthen it, of which a cell takes as many as it needs. A cell is a list of places in the pool. With the unit
`{preposition} the {stretch} {attractor:noun(number)}`, up to two nouns and three adjectives, it is this:

    0 near  1 the  2 key  3 keys  |  4 behind  5 the  6 box  7 boxes  |  8 old  9 small  10 new
    one singular noun, stretched by two:    0 1 8 9 2          near the old small key
    singular and plural, stretched by one:  0 1 8 2 4 5 7      near the old key behind the boxes
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lrd_bench.generate.cells import ATTRACTOR, INNER, LURE, MARKS, STRETCH, UNITS, Cell, FillerParts, nouns_in
from lrd_bench.generate.language import Parts, Slot, slots_of
from lrd_bench.generate.twins import Frame


class Stretch(NamedTuple):
    """A row of words of one class."""

    name: str
    length: int


@dataclass(frozen=True)
class Scope:
    """A text, or one unit at one place: its slots share features with each other and with nothing else."""

    parts: Parts
    nouns: Mapping[str, int]
    """Variable of the twins' feature → which of the scope's nouns has it."""
    start: int
    """The place in the pool of its first word."""

    def places(self) -> Iterator[tuple[Slot | str, int, int | None]]:
        """Each word's part, its place in the pool, and the noun whose value it depends on; marks have the place -1.

        A word that depends on a noun takes two places, one for each value.
        """
        at = self.start
        for part in self.parts:
            if isinstance(part, Slot) and part.name in MARKS:
                yield part, -1, None
                continue
            noun = self.noun_of(part)
            yield part, at, noun
            at += 1 if noun is None else 2

    def noun_of(self, part: Slot | str) -> int | None:
        """The noun whose value a word depends on."""
        if isinstance(part, str):
            return None
        return next((self.nouns[variable] for variable in part.shared.values() if variable in self.nouns), None)

    @property
    def stop(self) -> int:
        """The place after its last word."""
        return self.start + sum(1 if noun is None else 2 for _, at, noun in self.places() if at >= 0)


@dataclass
class _Layout:
    """Where everything that fills a filler or lead lies in the pool."""

    text: Scope
    units: list[Scope] = field(default_factory=list)
    stretch: int = 0
    """The place of the first word of the row that lengthens it."""


class Cut(NamedTuple):
    """What a cell takes of a block's pool."""

    lead: tuple[int, ...]
    between: tuple[int, ...]
    """From after the cue to before the critical word."""
    lures: tuple[int, ...]
    """Positions within the lead."""
    attractors: tuple[int, ...]
    """Positions within what is between."""


class Plan:
    """The layout of the pool, the same for all blocks of a suite."""

    def __init__(self, frame: Frame, cells: Sequence[Cell]) -> None:
        self._frame = frame
        self.draws: list[list[Scope | Stretch]] = [[]]
        """What is drawn for a block, in the order of the pool: what all its sentences share, then filler by filler."""
        self._size = 0
        self._bridge = [self._scope(parts, 0) for parts in frame.bridge]
        self._lead = _Layout(self._scope((), 0))
        self._lead.units = [self._scope(frame.lead, 1) for _ in range(max(len(cell.lures) for cell in cells))]
        self._lead.stretch = self._row(frame.lead_stretch, max(cell.lead for cell in cells))
        self._fillers = [self._layout(number, parts, cells) for number, parts in enumerate(frame.fillers)]
        self.cuts = [self._cut(cell) for cell in cells]

    def _layout(self, number: int, parts: FillerParts, cells: Sequence[Cell]) -> _Layout:
        mine = [cell for cell in cells if cell.filler == number]
        own = nouns_in(parts.text)
        self.draws.append([])
        layout = _Layout(self._scope(parts.text, own))
        layout.units = [self._scope(parts.unit, 1) for _ in range(max(len(cell.pattern) for cell in mine) - own)]
        layout.stretch = self._row(parts.stretch, max(sum(cell.stretches) for cell in mine))
        return layout

    def _scope(self, parts: Parts, nouns: int) -> Scope:
        found = [slot for slot in slots_of(parts) if slot.region in (ATTRACTOR, LURE)][:nouns]
        scope = Scope(parts, {slot.shared[self._frame.feature]: at for at, slot in enumerate(found)}, self._size)
        self.draws[-1].append(scope)
        self._size = scope.stop
        return scope

    def _row(self, name: str | None, length: int) -> int:
        start = self._size
        if name is not None and length:
            self.draws[-1].append(Stretch(name, length))
            self._size += length
        return start

    def _cut(self, cell: Cell) -> Cut:
        lead = _Taken()
        lead.take(range(self._lead.stretch, self._lead.stretch + cell.lead))
        for unit, value in zip(self._lead.units, cell.lures, strict=False):
            lead.take_scope(unit, (value,))
        between = _Taken()
        between.take_scope(self._bridge[0], ())
        _take_filler(between, self._fillers[cell.filler], cell)
        between.take_scope(self._bridge[1], ())
        return Cut(tuple(lead.places), tuple(between.places), tuple(lead.nouns), tuple(between.nouns))


@dataclass
class _Taken:
    """Places taken from the pool, one after another."""

    places: list[int] = field(default_factory=list)
    nouns: list[int] = field(default_factory=list)
    """Positions, among these, of nouns that may mislead."""

    def take(self, places: Sequence[int]) -> None:
        self.places += places

    def take_word(self, part: Slot | str, at: int, noun: int | None, values: Sequence[int]) -> None:
        if isinstance(part, Slot) and part.region in (ATTRACTOR, LURE):
            self.nouns.append(len(self.places))
        self.places.append(at if noun is None else at + values[noun])

    def take_scope(self, scope: Scope, values: Sequence[int]) -> None:
        for part, at, noun in scope.places():
            self.take_word(part, at, noun, values)


def _take_filler(taken: _Taken, layout: _Layout, cell: Cell) -> None:
    """Take the words of a filler: its text, in it the units, and in these the words that lengthen them."""
    parts = layout.text.parts
    before = nouns_in(parts[: next((at for at, part in enumerate(parts) if _is(part, UNITS)), len(parts))])
    units = len(cell.pattern) - nouns_in(parts)
    unit_values = cell.pattern[before : before + units]
    text_values = cell.pattern[:before] + cell.pattern[before + units :]
    row = iter(range(layout.stretch, layout.stretch + sum(cell.stretches)))

    def stretch(place_of_unit: int) -> None:
        taken.take([next(row) for _ in range(cell.stretches[place_of_unit])])

    def unit(number: int) -> None:
        if number == units:
            return
        nests = False
        for part, at, noun in layout.units[number].places():
            if _is(part, STRETCH):
                stretch(number)
            elif _is(part, INNER):
                unit(number + 1)
                nests = True
            else:
                taken.take_word(part, at, noun, unit_values[number : number + 1])
        if not nests:
            unit(number + 1)

    for part, at, noun in layout.text.places():
        if _is(part, STRETCH):
            stretch(0)
        elif _is(part, UNITS):
            unit(0)
        else:
            taken.take_word(part, at, noun, text_values)


def _is(part: Slot | str, mark: str) -> bool:
    return isinstance(part, Slot) and part.name == mark
