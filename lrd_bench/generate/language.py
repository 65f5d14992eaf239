"""The language in which suites and training grammars are written: rules with slots and features that must agree.

    The {cue:agent(number, square=$i)} {filler} {critical:verb(number, square=$i)} .

A word stands for itself; `{name}` is a slot, filled from the rule or the class of the lexicon that has that name.
`region:` names the span that fills it. In brackets stand features: `number` alone is shared by all slots of the rule
that mention it, `number=plural` is fixed, `square=$i` shares the value called i. `{adverb}*3` is three of them,
`{adverb}*2-4` two to four. A training grammar puts weights before alternatives, and says what the text withholds:

    5, withheld pairing if i = j: The {agent(number, square=$i)} {verb(number, square=$j)} .
    withheld distance: {adverb}*5-6
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lrd_bench.errors import LrdBenchError

_SLOT = re.compile(
    r"\{(?:(?P<region>\w+):)?(?P<name>\w+)(?:\((?P<features>[^)}]*)\))?\}(?:\*(?P<low>\d+)(?:-(?P<high>\d+))?)?"
)
_PREFIX = re.compile(
    r"\s*(?:(?P<weight>\d+(?:\.\d+)?)\b)?(?P<withheld>(?:,?\s*withheld \w+(?: if \w+\s*=\s*\w+)?)*)\s*:(?:\s+|$)"
)
_WITHHELD = re.compile(r"withheld (\w+)(?: if (\w+)\s*=\s*(\w+))?")


SEEN, FOREIGN = "seen", "foreign"
"""What an item is marked with whose sentence the text may hold, and one that the grammar does not derive at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in a rule that another rule or a class of the lexicon fills."""

    name: str
    region: str | None = None
    fixed: Mapping[str, str]
    """Feature → the value it must have."""
    shared: Mapping[str, str]
    """Feature → the variable of the rule that holds its value."""
    repeat: tuple[int, int] = (1, 1)
    """The fewest and the most times the slot is filled."""

    def __str__(self) -> str:
        features = [f"{feature}={value}" for feature, value in self.fixed.items()]
        features += [
            feature if variable == feature else f"{feature}=${variable}" for feature, variable in self.shared.items()
        ]
        region = f"{self.region}:" if self.region else ""
        brackets = f"({', '.join(features)})" if features else ""
        low, high = self.repeat
        return f"{{{region}{self.name}{brackets}}}" + (f"*{low}-{high}" if (low, high) != (1, 1) else "")


Parts = tuple[Slot | str, ...]
"""A parsed line: words and slots, from left to right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """What a training text never shows."""

    reason: str
    equal: tuple[str, str] | None = None
    """The two variables whose equality is withheld; None: the alternative as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One alternative of a rule."""

    where: str
    """The file, the line and the name of what its author wrote, for messages."""
    text: str
    """What its author wrote, but for weight and what is withheld."""
    weight: float
    parts: Parts
    withheld: tuple[Withheld, ...] = ()

    @property
    def slots(self) -> list[Slot]:
        """The slots of the rule, from left to right."""
        return slots_of(self.parts)


def parse_rule(text: str, where: str) -> Rule:
    """Parse one alternative; `where` names its file, line and rule for messages.

    Raises LrdBenchError for a slot, weight or `withheld` that is not written as it should be.
    """
    prefix = _PREFIX.match(text)
    weight, body = 1.0, text
    withheld: tuple[Withheld, ...] = ()
    if prefix and prefix.end():
        body = text[prefix.end() :]
        weight = float(prefix["weight"] or 1)
        withheld = tuple(
            Withheld(reason=reason, equal=(left, right) if left else None)
            for reason, left, right in _WITHHELD.findall(prefix["withheld"])
        )
    if not weight:
        raise LrdBenchError(f"{where}: {text!r} has weight 0. Give it a larger one, or remove it.")
    parts = parse_parts(body, where)
    # Text is tokenised, so a colon stands alone: one that ends a word is a weight or `withheld` that went wrong.
    if odd := next((part for part in parts if isinstance(part, str) and part[:-1] and part.endswith(":")), None):
        raise LrdBenchError(
            f"{where}: {text!r} has a word {odd!r}. Write '5, withheld reason if i = j: words' for weight and what is "
            "withheld, and a colon of the text as a word of its own."
        )
    rule = Rule(where=where, text=body, weight=weight, parts=parts, withheld=withheld)
    variables = {variable for slot in rule.slots for variable in slot.shared.values()}
    for each in withheld:
        if each.reason in (SEEN, FOREIGN):
            raise LrdBenchError(
                f"{where}: {text!r} withholds for the reason {each.reason!r}, a mark that says of items that nothing "
                "is withheld, or that the grammar has no such sentence. Call it something else."
            )
        if each.equal and not variables.issuperset(each.equal):
            raise LrdBenchError(
                f"{where}: {text!r} withholds by {' = '.join(each.equal)}, which its slots do not share."
            )
        if each.equal and each.equal[0] == each.equal[1]:
            raise LrdBenchError(
                f"{where}: {text!r} withholds where {' = '.join(each.equal)}, which always holds. Name two variables, "
                f"or write 'withheld {each.reason}:' for all of it."
            )
    return rule


def slots_of(parts: Parts) -> list[Slot]:
    """The slots of a line, from left to right."""
    return [part for part in parts if isinstance(part, Slot)]


def parse_parts(text: str, where: str) -> Parts:
    """Words and slots of a text without weights. Raises LrdBenchError quoting what is neither."""
    parts: list[Slot | str] = []
    position = 0
    for match in _SLOT.finditer(text):
        parts += _words(text[position : match.start()], text, where)
        parts.append(_slot(match, where))
        position = match.end()
    return (*parts, *_words(text[position:], text, where))


def _words(between: str, text: str, where: str) -> list[str]:
    if broken := re.search(r"[^\s{}]*[{}][^{}]*}?|^\*\S*", between):
        raise LrdBenchError(
            f"{where}: {text!r} has a broken slot, {broken[0].strip()!r}. Write slots as {{name}}, "
            "{name(feature, …)} or {name}*3."
        )
    return between.split()


def _slot(match: re.Match[str], where: str) -> Slot:
    fixed, shared = {}, {}
    for feature in (match["features"] or "").split(","):
        name, equals, value = (part.strip() for part in feature.partition("="))
        if not name and not equals:
            continue
        if not name.isidentifier() or (equals and not value):
            raise LrdBenchError(
                f"{where}: {match[0]!r} has a broken feature {feature.strip()!r}. Write name or name=value."
            )
        if equals and not value.startswith("$"):
            fixed[name] = value
        else:
            shared[name] = value.removeprefix("$") or name
    low = int(match["low"] or 1)
    high = int(match["high"] or low)
    if high < low:
        raise LrdBenchError(f"{where}: {match[0]!r} counts down. Write the smaller number first.")
    return Slot(
        name=match["name"],
        region=match["region"],
        fixed=fixed,
        shared=shared,
        repeat=(low, high),
    )
