"""Cue-using heuristics: rules that look at the right sort of word without knowing which one is the cue.

They are no fault of a suite: a model may well agree with the nearest noun. But what a suite cannot tell from agreeing
with the cue it must not be taken to show, so that each heuristic should be wrong on some items. docs/audit.md defines
each.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lrd_bench.audit.contrasts import Contrast
from lrd_bench.audit.learning import Ints, Score, fixed, votes
from lrd_bench.audit.nouns import (
    Nouns,
    nouns_of,
    right_by_first,
    right_by_majority,
    right_by_nearest,
    right_by_presence,
)
from lrd_bench.audit.shortcuts import MORE, gets
from lrd_bench.audit.tables import HELPED, Cell, Finding, Section, Table
from lrd_bench.items import Suite

NEAREST = "nearest noun"
AT_LEAST = "nearest noun, at least"
BAG_LEARNT = "bag of words (learnt)"

BY_NOUNS: Mapping[str, Callable[[Nouns], float]] = {
    "first noun": right_by_first,
    NEAREST: right_by_nearest,
    "majority of nouns": right_by_majority,
    "bag of words (values)": right_by_presence,
}

NOT_COMPUTED = "not computed: needs the value of each noun"


@dataclass(frozen=True, kw_only=True)
class Heuristic:
    """A rule and what it earns; no score where the suite does not say what the rule needs."""

    name: str
    score: Score | None


def heuristics_of(suite: Suite, contrasts: Sequence[Contrast], clusters: Ints) -> list[Heuristic]:
    """Every cue-using heuristic."""
    of_item = dict(zip((item.id for item in suite.items), nouns_of(suite), strict=True))
    nouns = [of_item[contrast.item.id] for contrast in contrasts]
    known = np.array([each is not None for each in nouns], dtype=bool)
    found = [
        Heuristic(
            name=name,
            score=fixed([right(each) for each in nouns if each is not None], clusters[known]) if known.any() else None,
        )
        for name, right in BY_NOUNS.items()
    ]
    if not known.any():
        found = [_nearest_at_least(contrasts, clusters) if each.name == NEAREST else each for each in found]
    learnt = votes([_associations(suite, contrast) for contrast in contrasts], clusters)
    return [*found, Heuristic(name=BAG_LEARNT, score=learnt.elsewhere)]


def _nearest_at_least(contrasts: Sequence[Contrast], clusters: Ints) -> Heuristic:
    """The nearest noun where all that is known is how many nouns between oppose the cue: right where none does."""
    attractors = [contrast.item.factors.get("attractors") for contrast in contrasts]
    known = np.array([number is not None for number in attractors], dtype=bool)
    points = [float(number == 0) for number in attractors if number is not None]
    return (
        Heuristic(name=AT_LEAST, score=fixed(points, clusters[known]))
        if points
        else Heuristic(name=NEAREST, score=None)
    )


def _associations(suite: Suite, contrast: Contrast) -> tuple[list[Hashable], list[Hashable]]:
    """Each candidate with every word before it: (word, answer), where an answer is its value if that is known."""
    twin = suite.twins.get(contrast.item.id)
    values = [each.factors.get("cue_value") if each is not None else None for each in (contrast.item, twin)]
    right, wrong = values if None not in values else (contrast.right, contrast.wrong)
    words = sorted(set(contrast.before))
    return [(word, right) for word in words], [(word, wrong) for word in words]


def heuristic_section(suite: Suite, contrasts: Sequence[Contrast], clusters: Ints, blind: float) -> Section:
    """The table of the heuristics, with the items where each is wrong, and findings on what they are right on.

    blind:  the accuracy of the best preference that sees no context, which a learnt bag of words has by itself
    """
    heuristics = heuristics_of(suite, contrasts, clusters)
    table = Table(
        slug="heuristics",
        title=f"{suite.name}: cue-using heuristics",
        columns=("heuristic", "items", "right", "tied", "wrong", "accuracy", "remark"),
        rows=tuple(_row(heuristic) for heuristic in heuristics),
        note="A bag of words is learnt from half of the groups and asked of the others, over random halvings: right, "
        "tied or wrong as it is in most.",
    )
    return Section((table,), (*_never_wrong(heuristics), *_often_right(heuristics, blind)))


def _row(heuristic: Heuristic) -> tuple[Cell, ...]:
    if heuristic.score is None:
        return (heuristic.name, None, None, None, None, None, NOT_COMPUTED)
    points = heuristic.score.points
    if heuristic.name == AT_LEAST:  # an attractor need not be the nearest noun
        remark = "right where no noun between opposes the cue"
        return (heuristic.name, len(points), int(points.sum()), None, None, heuristic.score.accuracy, remark)
    right, wrong = int((points > 0.5).sum()), int((points < 0.5).sum())
    tied = len(points) - right - wrong
    return (heuristic.name, len(points), right, tied, wrong, heuristic.score.accuracy, None)


def _never_wrong(heuristics: Sequence[Heuristic]) -> Iterator[Finding]:
    """The heuristics that the suite holds no item against, in one sentence."""
    names = [
        each.name.partition(" (")[0]
        for each in heuristics
        if each.name in BY_NOUNS and each.score and _always_right(each.score)
    ]
    if names:
        *others, last = names
        rules = f"{', '.join(others)} and {last}" if others else last
        text = f"The {rules} {'are' if others else 'is'} right on all items: the suite cannot tell agreeing with "
        yield Finding(HELPED + 0.5, f"{text}{'them' if others else 'it'} from agreeing with the cue.")


def _always_right(score: Score) -> bool:
    return len(score.halves) > 0 and bool((score.points == 1).all())


def _often_right(heuristics: Sequence[Heuristic], blind: float) -> Iterator[Finding]:
    for heuristic in heuristics:
        score = heuristic.score
        if score is None or not score.accuracy or not score.differs_from_chance:
            continue
        if heuristic.name in BY_NOUNS and _always_right(score):
            continue
        if heuristic.name == AT_LEAST:
            text, least = f"The nearest noun {gets(score.accuracy)} at least, where none between opposes the cue.", 0.5
        elif heuristic.name == BAG_LEARNT:
            text = (
                f"Which words stand before the candidates, in whatever order, {gets(score.accuracy)}: a bag of words."
            )
            least = blind + MORE
        else:
            text, least = f"The {heuristic.name.partition(' (')[0]} {gets(score.accuracy)}.", 0.5
        if score.accuracy > least:
            yield Finding(HELPED + score.accuracy - 0.5, text)
