"""Grammars: rules over a lexicon, multiplied out over their features into a plain probabilistic grammar."""

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.generate.language import Rule, Slot
from lrd_bench.generate.lexicon import Bindings, Lexicon, read_lexicon
from lrd_bench.generate.rules import Rules, check_sharing, check_slots, read_rules
from lrd_bench.pcfg import Alternative, Pcfg
from lrd_bench.places import place
from lrd_bench.settings import Settings, read_settings


class GrammarFile(Settings):
    """A training grammar as its author writes it."""

    name: str
    version: int = Field(ge=1)
    description: str
    lexicon: Path | Sequence[Path]
    start: str = "sentence"
    rules: Mapping[str, Sequence[str]]
    """Name, perhaps with fixed features (`end(complement=none)`) → alternatives."""


class Grammar:
    """Parsed rules over a lexicon, and the probabilistic grammar they multiply out to.

    Where slots of a rule share a feature, each is drawn by its weight and the draws are kept if they agree: the
    probability of a value is the product of the weights of what the rule's lexical slots hold for it, normalised.
    """

    def __init__(self, lexicon: Lexicon, rules: Sequence[Rules]) -> None:
        """Raises LrdBenchError naming file and line for a rule that calls what there is not."""
        self.rules = rules
        self._lexicon = lexicon
        self._named: dict[str, list[Rules]] = {}
        """Name → its rules, one for each set of fixed features."""
        self._multiplied: dict[str, tuple[Alternative, ...]] = {}
        self._called: dict[str, list[Rules]] = {}
        """Symbol → the rules that it stands for."""
        for each in rules:
            if each.name in lexicon:
                raise LrdBenchError(f"{each.where}: {each.name!r} is also a class of {lexicon.name}. Rename the rule.")
            self._named.setdefault(each.name, []).append(each)
        for each in rules:
            for rule in each.alternatives:
                check_slots(rule.slots, rule.where, lexicon, self._named)
                check_sharing(rule.slots, rule.where, lexicon)

    def multiply_out(self, start: str, where: str) -> Pcfg:
        """The probabilistic grammar of everything that the rule `start` derives.

        where:  the file and line that name `start`

        Raises LrdBenchError naming file and line for features that never agree, for rules that never come to an end or
        call themselves before any word, and for rules that nothing calls.
        """
        if start not in self._named and start not in self._lexicon:
            raise LrdBenchError(f"{where}: {unknown('rule or class', start, {*self._named, *self._lexicon.classes})}")
        pcfg = Pcfg(start=self._symbol(start, {}), rules=self._multiplied)
        _check_recursion(pcfg, {symbol: rules[0].place for symbol, rules in self._called.items()})
        called = {each for rules in self._called.values() for each in rules}
        if idle := next((each for each in self.rules if each not in called), None):
            raise LrdBenchError(f"{idle.where}: nothing calls it. Call it from another rule, or remove it.")
        return pcfg

    def _symbol(self, name: str, bindings: Bindings) -> str:
        """The symbol for a name with features, its rule multiplied out when it is first met."""
        features = ",".join(f"{feature}={value}" for feature, value in sorted(bindings.items()))
        symbol = f"<{name}({features})>" if features else f"<{name}>"
        if symbol not in self._multiplied:
            self._multiplied[symbol] = ()  # so that a rule that calls itself ends
            if name in self._lexicon:
                self._multiplied[symbol] = tuple(
                    Alternative(form.lexeme.weight, (form.text,)) for form in self._lexicon.forms(name, bindings)
                )
            else:
                self._called[symbol] = self._rules(name, bindings)
                self._multiplied[symbol] = tuple(
                    alternative
                    for rule in self.alternatives(name, bindings)
                    for alternative in self._multiply(rule, bindings)
                )
        return symbol

    def names(self) -> set[str]:
        """The rules and classes that its rules call."""
        return {slot.name for each in self.rules for rule in each.alternatives for slot in rule.slots}

    def alternatives(self, name: str, bindings: Bindings) -> list[Rule]:
        """The alternatives of a rule for these features. Raises LrdBenchError if it has none."""
        return [rule for each in self._rules(name, bindings) for rule in each.alternatives]

    def _rules(self, name: str, bindings: Bindings) -> list[Rules]:
        found = [each for each in self._named[name] if each.fixed.items() <= bindings.items()]
        if not found:
            wanted = ", ".join(f"{feature}={value}" for feature, value in bindings.items())
            call = f"{name}({wanted})" if wanted else name
            raise LrdBenchError(f"{self._named[name][0].where} has no alternatives for {call}. Add them.")
        return found

    def _multiply(self, rule: Rule, bindings: Bindings) -> Iterator[Alternative]:
        """The rule once for each assignment of values to its variables and each number of repetitions."""
        assignments = [
            (assignment, weight)
            for assignment in self._assignments(rule, bindings)
            if (weight := self._weight(rule, assignment))
        ]
        if not assignments:
            raise LrdBenchError(
                f"{rule.where}: the features of {rule.text!r} can never agree: no words have them. "
                "Share fewer features, or add words to the lexicon."
            )
        repeats = list(itertools.product(*(range(slot.repeat[0], slot.repeat[1] + 1) for slot in rule.slots)))
        # The author's weight is the share of what the text shows, so that withholding more does not make a rule rarer.
        shown = math.fsum(weight for assignment, weight in assignments if not _withheld(rule, assignment))
        total = (shown or math.fsum(weight for _, weight in assignments)) * len(repeats)
        for assignment, weight in assignments:
            for repeat in repeats:
                symbols = self._parts(rule, assignment, repeat)
                yield Alternative(rule.weight * weight / total, symbols, _withheld(rule, assignment))

    def _assignments(self, rule: Rule, bindings: Bindings) -> Iterator[dict[str, str]]:
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
                f"{rule.where}: nothing in {rule.text!r} gives {', '.join(sorted(missing))} a value. "
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


def read_grammar(path: Path) -> tuple[GrammarFile, Pcfg]:
    """A training grammar and what it multiplies out to. Raises LrdBenchError naming the file and the rule."""
    file = read_settings(path, GrammarFile)
    grammar = Grammar(lexicon_beside(path, file.lexicon), read_rules(path, file.rules))
    return file, grammar.multiply_out(file.start, place(path, "start"))


def lexicon_beside(path: Path, tables: Path | Sequence[Path]) -> Lexicon:
    """The lexicon whose tables a suite or grammar names, relative to its own file."""
    files = [path.parent / table for table in ([tables] if isinstance(tables, Path) else tables)]
    if missing := next((file for file in files if not file.is_file()), None):
        raise LrdBenchError(f"{place(path, 'lexicon')}: lexicon {missing}: no such file. Check the path.")
    return read_lexicon(*files)


def _check_recursion(pcfg: Pcfg, places: Mapping[str, str]) -> None:
    """Raise LrdBenchError for a rule that never comes to an end, and for one that calls itself before any word.

    places:  symbol → the file and line of its rule
    """
    endless = {symbol: [each for each in rule if each.withheld is None] or rule for symbol, rule in pcfg.rules.items()}
    while ending := [
        symbol for symbol, rule in endless.items() if any(not endless.keys() & set(each.symbols) for each in rule)
    ]:
        for symbol in ending:
            del endless[symbol]
    if endless:  # the last one was met last: those before it call it
        symbol = list(endless)[-1]
        raise LrdBenchError(f"{places[symbol]}: rule {symbol}: calls itself without end. Add an alternative that ends.")
    for symbol in _shown(pcfg):
        if all(each.withheld for each in pcfg.rules[symbol]):
            raise LrdBenchError(
                f"{places[symbol]}: rule {symbol}: the text is to show it, and all of it is withheld. "
                "Withhold less, or withhold what calls it."
            )
    for symbol in pcfg.rules:
        try:
            replace(pcfg, start=symbol).begin()
        except LrdBenchError as error:
            at_fault = re.search(r"<.*?>", str(error))
            raise LrdBenchError(f"{places[at_fault[0] if at_fault else symbol]}: {error}") from error


def _shown(pcfg: Pcfg) -> list[str]:
    """The symbols that the text shows."""
    shown = {pcfg.start: None}
    waiting = [pcfg.start]
    while waiting:
        for alternative in pcfg.rules[waiting.pop()]:
            if alternative.withheld is None:
                new = [symbol for symbol in alternative.symbols if symbol in pcfg.rules and symbol not in shown]
                shown |= dict.fromkeys(new)
                waiting += new
    return list(shown)
