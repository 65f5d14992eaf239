"""The rules of a file, each alternative with the line that it stands on: what can be refused before any is used."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.generate.language import Parts, Rule, Slot, parse_parts, parse_rule
from lrd_bench.generate.lexicon import Bindings, Lexicon, no_words
from lrd_bench.places import place


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Rules:
    """A rule, perhaps with fixed features (`end(complement=none)`), and its alternatives."""

    name: str
    fixed: Bindings
    place: str
    """File and line, for messages."""
    written: str
    """Name and features as its author wrote them."""
    alternatives: Sequence[Rule]

    @property
    def where(self) -> str:
        """File, line and rule, for messages."""
        return f"{self.place}: rule {self.written!r}"


def read_rules(path: Path, tables: Mapping[str, Sequence[str]]) -> list[Rules]:
    """The parsed rules of a file's table [rules].

    Raises LrdBenchError naming file and line for a rule that is not written as it should be, and for alternatives that
    are there twice or contradict each other.
    """
    found: list[Rules] = []
    for written, texts in tables.items():
        at = place(path, "rules", written)
        where = f"{at}: rule {written!r}"
        slot = _called(written, where)
        if not texts:
            raise LrdBenchError(f'{where} has no alternatives. Add one; [""] is nothing at all.')
        if any(each.name == slot.name and each.fixed == slot.fixed for each in found):
            raise LrdBenchError(f"{where} is there twice. Put the alternatives of both into one.")
        alternatives = [
            parse_rule(text, f"{place(path, 'rules', written, number)}: rule {written!r}")
            for number, text in enumerate(texts)
        ]
        rules = Rules(name=slot.name, fixed=slot.fixed, place=at, written=written, alternatives=alternatives)
        _check_alternatives(rules, [each for each in found if each.name == rules.name])
        found.append(rules)
    return found


def _called(written: str, where: str) -> Slot:
    parts = parse_parts(f"{{{written}}}", where)
    if len(parts) != 1 or not isinstance(parts[0], Slot) or parts[0].shared or parts[0].region:
        raise LrdBenchError(f"{where}: a rule is called name or name(feature=value).")
    if parts[0].name.startswith("_"):
        raise LrdBenchError(f"{where}: names that begin with '_' are taken. Rename the rule.")
    return parts[0]


def _check_alternatives(rules: Rules, others: Sequence[Rules]) -> None:
    """Refuse what is there twice, and what is both shown and withheld, also for features that meet in another rule."""
    for one, other in combinations(rules.alternatives, 2):
        if one.parts == other.parts and (one.withheld == other.withheld or not _shows(one, other)):
            raise LrdBenchError(f"{other.where}: {other.text!r} is there twice. Make it one, with the weight of both.")
    alike = [
        each for each in others if all(each.fixed.get(name, value) == value for name, value in rules.fixed.items())
    ]
    earlier = [rule for each in alike for rule in each.alternatives]
    for number, other in enumerate(rules.alternatives):
        for one in (*earlier, *rules.alternatives[:number]):
            if one.withheld != other.withheld and _shows(one, other) and _overlap(one.parts, other.parts):
                raise LrdBenchError(
                    f"{other.where}: {other.text!r} shows and withholds the same as {one.text!r}. Keep one of the two."
                )


def _shows(*rules: Rule) -> bool:
    """Whether any of the alternatives shows something."""
    return any(all(withheld.equal for withheld in rule.withheld) for rule in rules)


def _overlap(one: Parts, other: Parts) -> bool:
    """Whether two lines are the same, if slots are filled as often as both allow."""
    return len(one) == len(other) and all(map(_alike, one, other))


def _alike(one: Slot | str, other: Slot | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    (low, high), (least, most) = one.repeat, other.repeat
    return replace(one, repeat=other.repeat) == other and low <= most and least <= high


def check_slots(slots: Sequence[Slot], where: str, lexicon: Lexicon, rules: Collection[str]) -> None:
    """Raises LrdBenchError where neither a rule nor a class has a slot's name, or no word its features.

    where:  file, line and name of what the slots stand in
    rules:  the names of the rules
    """
    for slot in slots:
        if slot.name in rules:
            continue
        if slot.name not in lexicon:
            raise LrdBenchError(f"{where}: {unknown('rule or class', slot.name, {*rules, *lexicon.classes})}")
        if lexicon.cut:  # by a vocabulary: it has been checked over all words
            continue
        for feature in (*slot.fixed, *slot.shared):
            if feature not in lexicon.features:
                raise LrdBenchError(f"{where}: {{{slot.name}}}: {unknown('feature', feature, lexicon.features)}")
        if not lexicon.forms(slot.name, slot.fixed):
            raise no_words(where, lexicon, slot.name, slot.fixed)


def check_sharing(slots: Sequence[Slot], where: str, lexicon: Lexicon) -> None:
    """Raises LrdBenchError where words of a line would have to agree, and the line does not say so.

    *{article} {noun}* would be *la boulanger*: where one slot inflects for a feature that another's words have of their
    own, both mention it. *{article(number)} {noun}* would be *les clé*: what inflects shares with something, if it can.
    """
    words = [slot for slot in slots if slot.name in lexicon]
    for feature in sorted(lexicon.inflectional):
        having = [slot for slot in words if len(lexicon.values(slot.name, feature)) > 1]
        mentioned = [slot for slot in having if feature in slot.fixed or feature in slot.shared]
        inflecting = [slot for slot in having if lexicon.inflects(slot.name, feature)]
        to_agree = 0 < len(inflecting) < len(having)
        alone = len(mentioned) == 1 and feature in mentioned[0].shared and mentioned[0] in inflecting
        silent = [slot for slot in having if slot not in mentioned]
        if not to_agree and not alone:  # a second noun may have any number; not so an article whose gender is said
            silent = [slot for slot in silent if slot in inflecting and _says_some(slot, lexicon)]
        if silent and (mentioned or to_agree):
            forgotten = silent[0]
            other = next(slot for slot in (*mentioned, *having) if slot is not forgotten)
            raise LrdBenchError(
                f"{where}: {forgotten} does not say its {feature}, which {other} has too. Write "
                f"{{{forgotten.name}({feature})}} if they agree, {{{forgotten.name}({feature}=$other)}} if not."
            )


def _says_some(slot: Slot, lexicon: Lexicon) -> bool:
    """Whether a slot says of some feature that its words inflect for what theirs is."""
    return any(lexicon.inflects(slot.name, feature) for feature in (*slot.fixed, *slot.shared))


def lengths(parts: Parts, rules: Sequence[Rules], inside: frozenset[str] = frozenset()) -> tuple[float, float]:
    """The fewest and the most words that a line may come to; infinitely many where a rule calls itself."""
    ranges = [_slot_lengths(part, rules, inside) if isinstance(part, Slot) else (1, 1) for part in parts]
    return sum(low for low, _ in ranges), sum(high for _, high in ranges)


def _slot_lengths(slot: Slot, rules: Sequence[Rules], inside: frozenset[str]) -> tuple[float, float]:
    if slot.name in inside:
        return 0, math.inf
    alternatives = [rule for each in rules if each.name == slot.name for rule in each.alternatives]
    called = [lengths(rule.parts, rules, inside | {slot.name}) for rule in alternatives] or [(1, 1)]
    fewest, most = min(least for least, _ in called), max(most for _, most in called)
    low, high = slot.repeat
    return low * fewest, high * most if high else 0
