"""What may fill the slots of a line, and which values the features that its slots share may take together."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.cells import ATTRACTOR, LURE
from lrd_bench.generate.language import Slot
from lrd_bench.generate.lexicon import Bindings, Form, Lexicon, no_words
from lrd_bench.generate.twins import Frame, Two
from lrd_bench.places import place


class Choice(NamedTuple):
    """A word that may fill a slot: its forms for the two values, the same one twice where they do not matter."""

    lemma: str
    texts: Two


@dataclass(frozen=True, eq=False)
class Line:
    """The slots of a line that classes fill, each with whether its word depends on the twins' feature."""

    slots: Sequence[tuple[Slot, bool]]

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The variables that its slots mention."""
        return tuple(dict.fromkeys(variable for slot, _ in self.slots for variable in slot.shared.values()))


class Assignment(NamedTuple):
    """Values that the variables of a line may take together."""

    values: Mapping[str, str]
    """Variable → value."""
    ways: int
    """In how many ways the line can then be filled."""
    tight: Sequence[frozenset[str]]
    """The lemmas of each slot that has only a few: none may be left if these are used elsewhere."""


FEW = 4
"""As many lemmas as a pair's cues and candidates may be of."""


class Choices:
    """Looks up, and remembers, the words for slots over a frame's lexicon."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._words: dict[tuple[str, tuple[tuple[str, str], ...], Two | None, bool], list[Choice]] = {}
        self._lines: dict[tuple[object, ...], list[Assignment]] = {}

    def words(self, slot: Slot, variables: Mapping[str, str], values: Two | None) -> list[Choice]:
        """What may fill a slot.

        variables:  what they must be; a feature whose variable is not among them is left open
        values:     the twins' two values, for a word that comes in both; None for one that does not depend on them
        """
        feature = self._frame.feature
        shared = (
            (name, variables[variable])
            for name, variable in slot.shared.items()
            if variable in variables and not (values and name == feature)
        )
        bindings = tuple(sorted((*slot.fixed.items(), *shared)))
        told = slot.region in (ATTRACTOR, LURE)  # must show which value it has: *sheep* misleads nobody
        key = (slot.name, bindings, values, told)
        if key not in self._words:
            found = _choices(self._frame.lexicon, slot.name, dict(bindings), feature, values)
            if told and values and self._frame.lexicon.inflects(slot.name, feature):
                found = [choice for choice in found if choice.texts[0] != choice.texts[1]]
            self._words[key] = found
        return self._words[key]

    def both(self, slot: Slot, variables: Mapping[str, str], values: Two) -> list[list[Choice]]:
        """What may fill a slot that depends on the twins' feature: one list of words with both forms, or two lists."""
        if self._frame.lexicon.inflects(slot.name, self._frame.feature):
            return [self.words(slot, variables, values)]
        own = self._frame.feature
        variable = slot.shared[own]
        return [self.words(slot, {**variables, variable: value}, None) for value in values]

    def assignments(
        self, line: Line, handed: Mapping[str, str], values: Two, without: frozenset[str]
    ) -> list[Assignment]:
        """What the variables of a line may be together.

        handed:   the variables that are given
        without:  lemmas that may not be used
        """
        key = (line, *(handed.get(variable) for variable in line.variables), values)
        if key not in self._lines:
            given = {variable: handed[variable] for variable in line.variables if variable in handed}
            self._lines[key] = list(self._assignments(line, given, values))
        return [each for each in self._lines[key] if not any(lemmas <= without for lemmas in each.tight)]

    def _assignments(self, line: Line, given: Mapping[str, str], values: Two) -> Iterator[Assignment]:
        lexicon, feature = self._frame.lexicon, self._frame.feature
        free: dict[str, list[str]] = {}
        for slot, depends in line.slots:
            for name, variable in slot.shared.items():
                if variable not in given and not (depends and name == feature):
                    offered = lexicon.values(slot.name, name)
                    free[variable] = [value for value in free.get(variable, offered) if value in offered]
        for combination in itertools.product(*free.values()):
            variables = {**given, **dict(zip(free, combination, strict=True))}
            found = [
                choices
                for slot, depends in line.slots
                for choices in (self.both(slot, variables, values) if depends else [self.words(slot, variables, None)])
            ]
            if all(found):
                tight = [frozenset(each.lemma for each in choices) for choices in found if len(choices) <= 2 * FEW]
                ways = math.prod(map(len, found))
                yield Assignment(variables, ways, [lemmas for lemmas in tight if len(lemmas) <= FEW])

    def no_words(self, slot: Slot, variables: Mapping[str, str]) -> LrdBenchError:
        """The error that a slot has no words."""
        bindings = {name: variables[variable] for name, variable in slot.shared.items() if variable in variables}
        return no_words(self.place_of(slot.name), self._frame.lexicon, slot.name, {**slot.fixed, **bindings})

    def place_of(self, name: str) -> str:
        """The first line of the suite's file that asks for a class."""
        path = self._frame.path
        written = (f"{{{name}(", f":{name}(", f"{{{name}}}", f":{name}}}", f'"{name}"')
        found = (place(path, containing=each) for each in written)
        return next((each for each in found if each != str(path)), str(path))


def _choices(lexicon: Lexicon, name: str, bindings: Bindings, feature: str, values: Two | None) -> list[Choice]:
    if name not in lexicon:
        return []
    if values is None:
        return [Choice(form.lexeme.lemma, (form.text, form.text)) for form in lexicon.forms(name, bindings)]
    one, other = (lexicon.forms(name, {**bindings, feature: value}) for value in values)
    found = []
    for form in one:
        like = next((each for each in other if each.lexeme is form.lexeme and _agree(form, each, feature)), None)
        if like is not None:
            found.append(Choice(form.lexeme.lemma, (form.text, like.text)))
    return found


def _agree(one: Form, other: Form, but: str) -> bool:
    """Whether two forms have the same features but for one; a feature that one of them lacks is no hindrance."""
    return all(other.features.get(name, value) == value for name, value in one.features.items() if name != but)
