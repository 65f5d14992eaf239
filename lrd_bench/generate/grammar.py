"""Grammars: rules over a lexicon, multiplied out over their features into a plain probabilistic grammar."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.generate.language import Rule, Slot, parse_parts, parse_rule
from lrd_bench.generate.lexicon import Bindings, Lexicon, no_words, read_lexicon
from lrd_bench.pcfg import Alternative, Pcfg
from lrd_bench.settings import Settings, read_settings


class GrammarFile(Settings):
    """A training grammar as its author writes it."""

    name: str
    version: int = Field(ge=1)
    description: str
    lexicon: Path
    start: str = "sentence"
    rules: Mapping[str, Sequence[str]]
    """Name, perhaps with fixed features (`end(complement=none)`) → alternatives."""


class Grammar:
    """Parsed rules over a lexicon, and the probabilistic grammar they multiply out to.

    Where slots of a rule share a feature, each is drawn by its weight and the draws are kept if they agree: the
    probability of a value is the product of the weights of what the rule's lexical slots hold for it, normalised.
    """

    def __init__(self, path: Path, lexicon: Lexicon, rules: Mapping[str, Sequence[str]]) -> None:
        self._path = path
        self._lexicon = lexicon
        self._rules: dict[str, list[tuple[Bindings, list[Rule]]]] = {}
        for head, alternatives in rules.items():
            where = f"{path}: rule {head!r}"
            slot = _head(head, where)
            if slot.name in lexicon:
                raise LrdBenchError(f"{where}: {slot.name!r} is also a class of {lexicon.path}. Rename the rule.")
            parsed = [parse_rule(text, where) for text in alternatives]
            self._rules.setdefault(slot.name, []).append((slot.fixed, parsed))
        self._multiplied: dict[str, tuple[Alternative, ...]] = {}

    def multiply_out(self, start: str) -> Pcfg:
        """The probabilistic grammar of everything that the rule `start` derives."""
        return Pcfg(start=self._symbol(start, {}), rules=self._multiplied)

    def _symbol(self, name: str, bindings: Bindings) -> str:
        """The symbol for a name with features, its rule multiplied out when it is first met."""
        features = ",".join(f"{feature}={value}" for feature, value in sorted(bindings.items()))
        symbol = f"<{name}({features})>" if features else f"<{name}>"
        if symbol not in self._multiplied:
            self._multiplied[symbol] = ()  # so that a rule that calls itself ends
            if name in self._lexicon:
                self._multiplied[symbol] = self._class(name, bindings)
            else:
                self._multiplied[symbol] = tuple(
                    alternative
                    for rule in self.alternatives(name, bindings)
                    for alternative in self._multiply(name, rule, bindings)
                )
        return symbol

    def _class(self, name: str, bindings: Bindings) -> tuple[Alternative, ...]:
        forms = self._lexicon.forms(name, bindings)
        if not forms:
            raise no_words(self._lexicon, name, bindings)
        return tuple(Alternative(form.lexeme.weight, (form.text,)) for form in forms)

    def alternatives(self, name: str, bindings: Bindings) -> list[Rule]:
        """The alternatives of a rule for these features. Raises LrdBenchError if there is no such rule."""
        if name not in self._rules:
            known = {*self._rules, *self._lexicon.classes}
            raise LrdBenchError(f"{self._path}: {unknown('rule or class', name, known)}")
        found = [rule for fixed, rules in self._rules[name] if fixed.items() <= bindings.items() for rule in rules]
        if not found:
            wanted = ", ".join(f"{feature}={value}" for feature, value in bindings.items())
            call = f"{name}({wanted})" if wanted else name
            raise LrdBenchError(f"{self._path}: rule {name!r} has no alternatives for {call}. Add them.")
        return found

    def _multiply(self, name: str, rule: Rule, bindings: Bindings) -> Iterator[Alternative]:
        """The rule once for each assignment of values to its variables and each number of repetitions."""
        assignments = [
            (assignment, weight)
            for assignment in self._assignments(name, rule, bindings)
            if (weight := self._weight(rule, assignment))
        ]
        if not assignments:
            raise LrdBenchError(f"{self._path}: rule {name!r}: the features of {rule.text!r} can never agree.")
        repeats = list(itertools.product(*(range(slot.repeat[0], slot.repeat[1] + 1) for slot in rule.slots)))
        # The author's weight is the share of what the text shows, so that withholding more does not make a rule rarer.
        shown = math.fsum(weight for assignment, weight in assignments if not _withheld(rule, assignment))
        total = (shown or math.fsum(weight for _, weight in assignments)) * len(repeats)
        for assignment, weight in assignments:
            for repeat in repeats:
                symbols = self._parts(rule, assignment, repeat)
                yield Alternative(rule.weight * weight / total, symbols, _withheld(rule, assignment))

    def _assignments(self, name: str, rule: Rule, bindings: Bindings) -> Iterator[dict[str, str]]:
        """Every assignment of values to the rule's variables: those handed down, and those its classes offer."""
        values: dict[str, list[str]] = {}
        for slot in rule.slots:
            for feature, variable in slot.shared.items():
                if variable in bindings:
                    values[variable] = [bindings[variable]]
                elif slot.name in self._lexicon:
                    offered = self._lexicon.values(slot.name, feature)
                    values[variable] = [value for value in values.get(variable, offered) if value in offered]
        missing = {variable for slot in rule.slots for variable in slot.shared.values()} - values.keys()
        if missing:
            raise LrdBenchError(
                f"{self._path}: rule {name!r}: nothing in {rule.text!r} gives {', '.join(sorted(missing))} a value. "
                "Share it with a slot that a class of the lexicon fills."
            )
        for combination in itertools.product(*values.values()):
            yield dict(zip(values, combination, strict=True))

    def _weight(self, rule: Rule, assignment: Bindings) -> float:
        """What the rule's lexical slots hold for an assignment: zero where one has no word for it."""
        return math.prod(
            math.fsum(form.lexeme.weight for form in self._lexicon.forms(slot.name, _bind(slot, assignment)))
            for slot in rule.slots
            if slot.name in self._lexicon
        )

    def _parts(self, rule: Rule, assignment: Bindings, repeat: Sequence[int]) -> tuple[str, ...]:
        times = iter(repeat)
        symbols: list[str] = []
        for part in rule.parts:
            if isinstance(part, Slot):
                symbols += [self._symbol(part.name, _bind(part, assignment))] * next(times)
            else:
                symbols.append(part)
        return tuple(symbols)


def _bind(slot: Slot, assignment: Bindings) -> dict[str, str]:
    return {**slot.fixed, **{feature: assignment[variable] for feature, variable in slot.shared.items()}}


def _withheld(rule: Rule, assignment: Bindings) -> str | None:
    """Why the text never shows the rule with these values: its reasons joined by `+`; None if it does."""
    reasons = {
        withheld.reason
        for withheld in rule.withheld
        if withheld.equal is None or assignment[withheld.equal[0]] == assignment[withheld.equal[1]]
    }
    return "+".join(sorted(reasons)) or None


def _head(head: str, where: str) -> Slot:
    parts = parse_parts(f"{{{head}}}", where)
    if len(parts) != 1 or not isinstance(parts[0], Slot) or parts[0].shared:
        raise LrdBenchError(f"{where}: a rule is called name or name(feature=value).")
    return parts[0]


def read_grammar(path: Path) -> tuple[GrammarFile, Pcfg]:
    """A training grammar and what it multiplies out to. Raises LrdBenchError naming the file and the rule."""
    file = read_settings(path, GrammarFile)
    lexicon = read_lexicon(path.parent / file.lexicon)
    pcfg = Grammar(path, lexicon, file.rules).multiply_out(file.start)
    _check_recursion(path, pcfg)
    return file, pcfg


def _check_recursion(path: Path, pcfg: Pcfg) -> None:
    """Raise LrdBenchError for a rule that never comes to an end, and for one that calls itself before any word."""
    endless = {symbol: [each for each in rule if each.withheld is None] or rule for symbol, rule in pcfg.rules.items()}
    while ending := [
        symbol for symbol, rule in endless.items() if any(not endless.keys() & set(each.symbols) for each in rule)
    ]:
        for symbol in ending:
            del endless[symbol]
    if endless:  # the last one was met last: those before it call it
        raise LrdBenchError(
            f"{path}: rule {list(endless)[-1]}: calls itself without end. Add an alternative that ends."
        )
    for symbol in pcfg.rules:
        try:
            replace(pcfg, start=symbol).begin()
        except LrdBenchError as error:
            raise LrdBenchError(f"{path}: {error}") from error
