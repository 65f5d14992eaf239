"""The grammar of a suite: it derives every good sentence and no bad one, so that the question can be decided."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lrd_bench.catalogue import find
from lrd_bench.generate.cells import INNER, STRETCH, UNITS, Cell, filler_at, lead_at, nouns_in
from lrd_bench.generate.grammar import Grammar
from lrd_bench.generate.language import Parts, Rule, Slot, slots_of
from lrd_bench.generate.pages import OpenedSuite
from lrd_bench.generate.rules import Rules
from lrd_bench.pcfg import Pcfg
from lrd_bench.places import place


def suite_grammar(suite: str, *, fixed_length: bool = False, nonce: bool = False) -> Pcfg:
    """The grammar of a shipped suite, or of the path of one: its sentence, with every lead and filler of its design.

    fixed_length, nonce:  of which version of the suite
    """
    return grammar_of(OpenedSuite(find("suite", suite), fixed_length=fixed_length, nonce=nonce))


def grammar_of(suite: OpenedSuite) -> Pcfg:
    """The grammar of a suite. Raises LrdBenchError for rules of its own that never end or never agree."""
    frame, page = suite.frame, suite.page
    made = _Made(suite)
    for cell in suite.cells:
        made.lead(cell)
        made.filler(cell)
    sentence = (
        *(*frame.head, made.call("_lead"), *frame.onset, frame.cue),
        *(*frame.bridge[0], made.call("_filler"), *frame.bridge[1], frame.critical, *frame.tail),
    )
    made.add("_item", sentence, page.sentence, f"{place(suite.path, 'sentence')}: 'sentence'")
    return Grammar(frame.lexicon, [*frame.grammar.rules, *made.rules()]).multiply_out("_item", str(suite.path))


class _Made:
    """Rules for what fills a lead or a filler: each text and unit is one, so that its features are its own.

    Messages name the line of the suite's file that a rule is made from, and quote what its author wrote there.
    """

    def __init__(self, suite: OpenedSuite) -> None:
        self._page, self._frame, self._path = suite.page, suite.frame, suite.path
        self._lead_at = lead_at(suite.path, "unit")
        self._fillers_at = [
            (filler_at(suite.path, number, filler.kind, "text"), filler_at(suite.path, number, filler.kind, "unit"))
            for number, filler in enumerate(suite.page.filler)
        ]
        self._alternatives: dict[str, dict[str, Rule]] = defaultdict(dict)
        """Name → line → the alternative that it is."""
        self._units: dict[str, str] = {}
        """Line of a unit → the name of its rule."""
        variables = {variable for slot in (suite.frame.cue, suite.frame.critical) for variable in slot.shared.values()}
        self._handed = sorted(variables - {suite.frame.variable})

    def add(self, name: str, parts: Parts, text: str, where: str) -> None:
        """Add an alternative to a rule, which its author wrote as `text`, and where."""
        rule = Rule(where=where, text=text, weight=1.0, parts=parts)
        self._alternatives[name].setdefault(_written(parts), rule)

    def call(self, name: str) -> Slot:
        """A slot for a rule, to which it hands down what cue and critical word share."""
        rules = self._alternatives[name].values()
        used = {variable for rule in rules for slot in rule.slots for variable in slot.shared.values()}
        return Slot(name=name, fixed={}, shared={each: each for each in self._handed if each in used})

    def rules(self) -> list[Rules]:
        """All rules that were added."""
        return [
            Rules(name=name, fixed={}, place=str(self._path), written=name, alternatives=list(alternatives.values()))
            for name, alternatives in self._alternatives.items()
        ]

    def _unit(self, parts: Parts, text: str, where: str) -> Slot:
        name = self._units.setdefault(_written(parts), f"_unit_{len(self._units)}")
        self.add(name, parts, text, where)
        return self.call(name)

    def lead(self, cell: Cell) -> None:
        """Add the lead of a cell."""
        text, where = self._page.lead.unit, self._lead_at
        units = [self._unit(self._free(self._frame.lead), text, where) for _ in cell.lures]
        self.add("_lead", (*_row(self._frame.lead_stretch, cell.lead), *units), text, where)

    def filler(self, cell: Cell) -> None:
        """Add the filler of a cell."""
        page, parts = self._page.filler[cell.filler], self._frame.fillers[cell.filler]
        text_at, unit_at = self._fillers_at[cell.filler]
        nests = any(slot.name == INNER for slot in slots_of(parts.unit))
        count = len(cell.pattern) - nouns_in(parts.text)
        units: list[Slot] = []
        for number in reversed(range(count)):
            stretch = () if parts.in_text else _row(parts.stretch, cell.stretches[number])
            line = _filled(self._free(parts.unit), {STRETCH: stretch, INNER: units if nests else ()})
            unit = self._unit(line, page.unit, unit_at)
            units = [unit] if nests else [unit, *units]
        stretch = _row(parts.stretch, cell.stretches[0]) if parts.in_text else ()
        line = _filled(self._free(parts.text), {STRETCH: stretch, UNITS: units})
        self.add("_filler", line, page.text, text_at)

    def _free(self, parts: Parts) -> Parts:
        """The parts without a feature of the twins that only one of them has: it need not be multiplied out."""
        feature = self._frame.feature
        times = Counter(variable for slot in slots_of(parts) for variable in slot.shared.values())

        def free(part: Slot | str) -> Slot | str:
            if isinstance(part, str) or times[part.shared.get(feature, "")] != 1:
                return part
            return replace(part, shared={name: each for name, each in part.shared.items() if name != feature})

        return tuple(free(part) for part in parts)


def _filled(parts: Parts, marks: Mapping[str, Sequence[Slot]]) -> Parts:
    filled: list[Slot | str] = []
    for part in parts:
        filled += marks[part.name] if isinstance(part, Slot) and part.name in marks else [part]
    return tuple(filled)


def _row(name: str | None, length: int) -> tuple[Slot, ...]:
    return (Slot(name=name, fixed={}, shared={}, repeat=(length, length)),) if name and length else ()


def _written(parts: Parts) -> str:
    return " ".join(map(str, parts))
