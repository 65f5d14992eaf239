"""Whether what is varied is varied evenly: each level of a factor, each cell, each cue and answer at each distance."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from lrd_bench.audit.contrasts import Contrast, Words
from lrd_bench.audit.tables import HELPED, Finding, Section, Table, counted, percent, phrase
from lrd_bench.items import DERIVED, Factor, Item, Suite

CELL = ("distance", "nouns_between", "pattern", "lures", "filler", "construction")
"""Factors whose combinations are the cells of a design, as far as a suite has them."""

SHOWN = 10
"""Levels of a factor that are listed; of more than these only how many items the smallest and the largest have."""


class Check(NamedTuple):
    """Something that a balanced suite holds, and where this one does not."""

    name: str
    places: int
    """How many places were compared."""
    uneven: int
    example: str
    broken: str
    """For the finding: what is so `{where}` it is uneven; or only what is uneven."""


def balance_section(suite: Suite, contrasts: Sequence[Contrast]) -> Section:
    """The levels of every factor, and what is even at every distance and in every cell."""
    named = dict.fromkeys([*DERIVED, *(name for item in suite.items for name in item.factors)])
    factors = [name for name in named if any(_level(suite, item, name) is not None for item in suite.items)]
    cell = [factor for factor in CELL if factor in factors]
    in_cells, at_distances = list(_in_cells(suite, contrasts, cell)), list(_at_distances(suite, contrasts))
    tables = (
        Table(
            slug="factors",
            title=f"{suite.name}: factors",
            columns=("factor", "levels", "fewest items", "most items", "items at each level"),
            rows=tuple(_row(name, Counter(_level(suite, item, name) for item in suite.items)) for name in factors),
        ),
        Table(
            slug="balance",
            title=f"{suite.name}: balance",
            columns=("what is even", "places", "uneven", "for example"),
            rows=tuple(
                (check.name, check.places, check.uneven, check.example or None) for check in [*in_cells, *at_distances]
            ),
            note=f"Cells are the combinations of {', '.join(cell)}." if cell else "",
        ),
    )
    return Section(tables, (*_uneven_cells(in_cells), *_uneven_distances(at_distances)))


def _uneven_cells(checks: Sequence[Check]) -> Iterator[Finding]:
    for check in checks:
        if check.uneven:
            where = f"in {check.uneven} of {check.places} cells"
            yield Finding(HELPED - 0.5, f"{check.broken.format(where=where)}: {check.example}.")


def _uneven_distances(checks: Sequence[Check]) -> Iterator[Finding]:
    if uneven := [check for check in checks if check.uneven]:
        what = ", ".join(check.broken for check in uneven)
        text = f"Distances differ in more than their length: {what} are in other proportions than over all, such as"
        yield Finding(HELPED - 0.6, f"{text} {uneven[-1].example}.")


def _level(suite: Suite, item: Item, factor: str) -> Factor:
    if factor in DERIVED:
        return item.distance if factor == "distance" else suite.needed_context(item)
    return item.factors.get(factor)


def _row(name: str, levels: Counter[Factor]) -> tuple[str | int | None, ...]:
    shown = None
    if len(levels) <= SHOWN:
        ordered = sorted(levels, key=lambda level: (level is None, isinstance(level, str), level))
        shown = ", ".join(f"{_name(level)}: {levels[level]}" for level in ordered)
    return name, len(levels), min(levels.values()), max(levels.values()), shown


def _name(level: Factor) -> str:
    return "none" if level is None or level == "" else str(level)


def _in_cells(suite: Suite, contrasts: Sequence[Contrast], cell: Sequence[str]) -> Iterator[Check]:
    """Whether answers cannot be guessed from the cell, and all values of the nouns are equally frequent."""

    def place(item: Item, without: str = "") -> str:
        levels = ((factor, _level(suite, item, factor)) for factor in cell if factor != without)
        return ", ".join(f"{factor} {_name(level)}" for factor, level in levels)

    if contrasts and cell:
        more: dict[str, Counter[Words]] = defaultdict(Counter)
        for contrast in contrasts:
            here = more[place(contrast.item)]
            here[contrast.right] += 1
            here[contrast.wrong] -= 1
        worst = {at: max(count.items(), key=lambda entry: (abs(entry[1]), entry[0])) for at, count in more.items()}
        uneven = {at: entry for at, entry in worst.items() if entry[1]}
        example = ""
        if uneven:
            at, (words, number) = max(uneven.items(), key=lambda entry: abs(entry[1][1]))
            more_so, less_so = ("right", "wrong") if number > 0 else ("wrong", "right")
            example = f"{phrase(words)} is {more_so} {counted(abs(number), 'time')} more than {less_so} at {at}"
        yield Check(
            "each candidate is as often right as wrong in every cell",
            len(more),
            len(uneven),
            example,
            "Some candidates are right more often than wrong, or less often, {where}",
        )
    for factor, nouns in (("pattern", "between"), ("lures", "before the cue")):
        if factor in cell:
            counts: dict[str, Counter[str]] = defaultdict(Counter)
            for item in suite.items:
                values = str(item.factors.get(factor) or "")
                counts[f"{place(item, factor)}, {counted(len(values), 'noun')}"][values] += 1
            yield _all_values(f"nouns {nouns}", counts)


def _all_values(nouns: str, counts: Mapping[str, Counter[str]]) -> Check:
    """Where not every row of values that so many nouns can have is equally frequent.

    nouns:   which nouns
    counts:  place → values of the nouns there, one letter for each → items
    """
    alphabet = {letter for count in counts.values() for values in count for letter in values}
    uneven, example = 0, ""
    for at, count in counts.items():
        possible = len(alphabet) ** len(next(iter(count)))
        if len(count) < possible or len({*count.values()}) > 1:
            uneven += 1
            seen = ", ".join(f"{_name(values)} {number}" for values, number in sorted(count.items()))
            example = example or f"{seen} in {at}"
    return Check(
        f"all values of the {nouns} are equally frequent in every cell",
        len(counts),
        uneven,
        example,
        f"The values of the {nouns} are not equally frequent {{where}}",
    )


def _at_distances(suite: Suite, contrasts: Sequence[Contrast]) -> Iterator[Check]:
    """Whether every distance asks about the same cues and answers."""
    if len({item.distance for item in suite.items}) < 2:
        return
    answers = {contrast.item.id: phrase(contrast.right) for contrast in contrasts}
    of_item: Mapping[str, Callable[[Item], str | None]] = {
        "cue values": lambda item: _name(item.factors["cue_value"]) if "cue_value" in item.factors else None,
        "cues": _cue,
        "answers": lambda item: answers.get(item.id),
    }
    for what, value_of in of_item.items():
        if any(value_of(item) is not None for item in suite.items):
            counts: dict[str, Counter[str | None]] = defaultdict(Counter)
            for item in suite.items:
                counts[f"distance {_name(item.distance)}"][value_of(item)] += 1
            yield _same_shares(what, counts)


def _cue(item: Item) -> str | None:
    sentence = next(iter(item.sentences.values()))
    return phrase(sentence.tokens[slice(*sentence.regions["cue"])]) if "cue" in sentence.regions else None


def _same_shares(what: str, counts: Mapping[str, Counter[str | None]]) -> Check:
    """Where a value has another share of the items than it has of all.

    counts:  place → value → items
    """
    overall = sum(counts.values(), Counter[str | None]())
    off = []
    for at, count in counts.items():
        for value, number in overall.items():
            share, wanted = Fraction(count[value], count.total()), Fraction(number, overall.total())
            if share != wanted:
                off.append((abs(share - wanted), at, _name(value), share, wanted))
    example = ""
    if off:
        _, at, value, share, wanted = max(off)
        example = f"{value} is {percent(float(share))} of {at}, and {percent(float(wanted))} of all"
    return Check(
        f"{what} are in the same proportions at every distance",
        len(counts),
        len({at for _, at, *_ in off}),
        example,
        what,
    )
