"""Which nouns before the answer share the cue's value (its number, its domain), as far as the suite says."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lrd_bench.items import Item, Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Nouns:
    """The nouns of an item's context: for each but the cue, whether it has the cue's value."""

    before: tuple[bool, ...]
    """Those before the cue, from left to right."""
    between: tuple[bool, ...]
    """Those between the cue and the answer."""

    @property
    def all(self) -> tuple[bool, ...]:
        """All of them, and the cue in its place."""
        return (*self.before, True, *self.between)


def nouns_of(suite: Suite) -> list[Nouns | None]:
    """The nouns of each item; None where the suite does not say their values.

    A suite says them by the letters of `pattern` and `lures`, one for each noun. Which letter is the cue's own follows
    from how many nouns oppose it (`attractors`, `lures_before`) and whether the `nearest` does; where an item leaves it
    open (AB, one of them opposed), from other items of its group with the same `cue_value`.
    """
    alphabet = sorted(
        {letter for item in suite.items for letter in _letters(item, "pattern") + _letters(item, "lures")}
    )
    own = [_own_letters(item, alphabet) for item in suite.items]
    seen: dict[tuple[object, object], set[str]] = defaultdict(set)
    for item, letters in zip(suite.items, own, strict=True):
        if len(letters) == 1:
            seen[item.group, item.factors.get("cue_value")] |= letters
    return [
        _nouns(item, letters if len(letters) == 1 else seen[item.group, item.factors.get("cue_value")])
        for item, letters in zip(suite.items, own, strict=True)
    ]


def _nouns(item: Item, own: set[str]) -> Nouns | None:
    """The nouns of an item whose cue has this letter."""
    lures, pattern = _letters(item, "lures"), _letters(item, "pattern")
    if item.factors.get("cue_value") is None or not {"pattern", "attractors"} <= item.factors.keys():
        return None
    if not lures and not pattern:
        return Nouns(before=(), between=())
    if len(own) != 1:
        return None
    [letter] = own
    return Nouns(before=tuple(each == letter for each in lures), between=tuple(each == letter for each in pattern))


def _letters(item: Item, factor: str) -> str:
    return str(item.factors.get(factor) or "")


def _own_letters(item: Item, alphabet: Sequence[str]) -> set[str]:
    """The letters that the cue's value may have, as far as the item itself tells."""
    pattern, lures = _letters(item, "pattern"), _letters(item, "lures")
    nearest = item.factors.get("nearest")
    # Where all nouns of a suite have one letter, a cue that opposes them has another.
    return {
        letter
        for letter in (alphabet if len(alphabet) > 1 else [*alphabet, ""])
        if sum(each != letter for each in pattern) == item.factors.get("attractors")
        and sum(each != letter for each in lures) == item.factors.get("lures_before", 0)
        and (not pattern or nearest is None or (pattern[-1] == letter) == (nearest == "match"))
    }


def right_by_first(nouns: Nouns) -> float:
    """The answer agrees with the first noun of the sentence."""
    return float(nouns.all[0])


def right_by_nearest(nouns: Nouns) -> float:
    """The answer agrees with the noun nearest before it."""
    return float(nouns.all[-1])


def right_by_majority(nouns: Nouns) -> float:
    """The answer agrees with most nouns before it, the cue among them; a tie where they are even."""
    ours = sum(nouns.all)
    return _compare(ours, len(nouns.all) - ours)


def right_by_presence(nouns: Nouns) -> float:
    """The answer has a value that some noun before it has; a tie where both have."""
    return 1.0 if all(nouns.all) else 0.5


def _compare(ours: int, theirs: int) -> float:
    return 0.5 if ours == theirs else float(ours > theirs)
