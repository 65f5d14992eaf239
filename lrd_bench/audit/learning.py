"""What a rule without any language in it gets right, and whether that is more than chance.

A rule that is fitted to the suite itself is always good in hindsight: where each of 1000 items has candidates of its
own, "prefer what is right" is right 1000 times and says nothing. So it is learnt from one half of the groups and asked
of the other, both ways, over several random halvings. Leaving out one group at a time would be misleading: of a suite
that is balanced to the last item, what is left always speaks for the wrong answer.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from lrd_bench.audit.contrasts import Contrast
from lrd_bench.items import Suite

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SPLITS = 20
"""Random halvings."""

ALPHA = 0.001
"""How surely a rule must beat chance to be told: about a dozen rules are asked of each suite."""

TIE = 1e-9
"""Scores that differ by less are equal: what is left of sums of fractions."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """How a rule does on some contrasts."""

    halves: Ints
    """[contrasts] what it gets of each in units of 1 / (2 · `draws`): a tie is half of what is right."""
    draws: int
    clusters: Ints
    """[contrasts] the number of each one's group."""

    @property
    def points(self) -> npt.NDArray[np.float64]:
        """[contrasts] between 0 (wrong) and 1 (right)."""
        return self.halves / (2 * self.draws)

    @property
    def accuracy(self) -> float | None:
        """With ties at half; None of nothing. Exact: a rule that is balanced gets 0.5 and not 0.49999."""
        return int(self.halves.sum()) / (2 * self.draws * len(self.halves)) if len(self.halves) else None

    def only(self, chosen: Mask) -> "Score":
        """The same of some of the contrasts."""
        return Score(halves=self.halves[chosen], draws=self.draws, clusters=self.clusters[chosen])

    @property
    def differs_from_chance(self) -> bool:
        """Whether groups drawn again would hardly bring the accuracy to one half.

        t-test of the mean against ½ with standard errors that let the contrasts of a group be as alike as they like
        (Liang and Zeger 1986), at ALPHA, two-sided; where all groups agree, whether so many coins would.
        """
        accuracy = self.accuracy
        if accuracy is None or accuracy == 0.5:
            return False
        _, group = np.unique(self.clusters, return_inverse=True)
        groups = int(group.max()) + 1
        excess = np.bincount(group, weights=self.points - accuracy)
        error = float(np.sqrt((excess**2).sum())) / len(self.halves)
        if error < TIE:
            return bool(2 * 0.5**groups < ALPHA and accuracy in (0.0, 1.0))
        error *= np.sqrt(groups / (groups - 1))
        return bool(2 * stats.t.sf(abs(accuracy - 0.5) / error, groups - 1) < ALPHA)


def clusters_of(suite: Suite, contrasts: Sequence[Contrast]) -> Ints:
    """[contrasts] A number for each one's group. Twins share one; an item of unknown group is its own."""
    homes: list[tuple[str, str]] = []
    for contrast in contrasts:
        item = contrast.item
        members = [item] if item.pair is None else [item, suite.twins[item.id]]
        groups = [each.group for each in members if each.group is not None]
        homes.append(("group", min(groups)) if groups else ("item", min(each.id for each in members)))
    return numbers_of(homes, sorted(set(homes)))


def numbers_of(values: Iterable[Hashable], known: Iterable[Hashable] = ()) -> Ints:
    """A number for each value, the same for equal ones, from 0 up: in the order of `known`, then of first sight."""
    numbers: dict[Hashable, int] = {value: number for number, value in enumerate(known)}
    return np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), dtype=np.int64)


def fixed(points: Iterable[float], clusters: Ints) -> Score:
    """The score of a rule that is not learnt, from 1, ½ or 0 for each contrast."""
    return Score(halves=np.fromiter((round(2 * point) for point in points), np.int64), draws=1, clusters=clusters)


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """The score of a rule that is learnt."""

    elsewhere: Score
    """Learnt from one half of the groups, asked of the other."""
    hindsight: Score
    """Learnt from the very items that are asked."""


def preferences(keys: Iterable[Hashable], contrasts: Sequence[Contrast], clusters: Ints) -> Learnt:
    """A rule that prefers, of two candidates, the one that is right more often where the key is the same.

    keys:  [contrasts] what the rule sees besides the candidates
    """
    sees = numbers_of(
        (key, *sorted((contrast.right, contrast.wrong))) for key, contrast in zip(keys, contrasts, strict=True)
    )
    # 1 where the right candidate is the first of the two in alphabetical order, −1 where it is the second.
    side = np.array([(c.right < c.wrong) - (c.right > c.wrong) for c in contrasts], dtype=np.int64)

    def learn(taught: Mask) -> Ints:
        balance = np.bincount(sees, weights=side * taught)
        signs: Ints = np.sign(balance[sees] * side).astype(np.int64)
        return signs

    return _learnt(learn, clusters)


def votes(features: Iterable[tuple[Sequence[Hashable], Sequence[Hashable]]], clusters: Ints) -> Learnt:
    """A rule that adds up, for each candidate, how its features stood elsewhere: from 1, always right, to −1, never.

    features:  [contrasts] those of the right candidate and those of the wrong one
    """
    entries = [
        (number, feature, side)
        for number, both in enumerate(features)
        for side, candidate in zip((1, -1), both, strict=True)
        for feature in candidate
    ]
    if not entries:
        return _learnt(lambda taught: np.zeros(len(clusters), dtype=np.int64), clusters)
    contrast = np.array([number for number, _, _ in entries])
    side = np.array([side for _, _, side in entries])
    feature = numbers_of(name for _, name, _ in entries)

    def learn(taught: Mask) -> Ints:
        seen = taught[contrast]
        standing = np.bincount(feature, weights=side * seen) / np.maximum(np.bincount(feature, weights=seen), 1)
        sums = np.bincount(contrast, weights=side * standing[feature], minlength=len(clusters))
        signs: Ints = np.where(np.abs(sums) < TIE, 0, np.sign(sums)).astype(np.int64)
        return signs

    return _learnt(learn, clusters)


def _learnt(learn: Callable[[Mask], Ints], clusters: Ints) -> Learnt:
    """learn: the contrasts to learn from → for each contrast 1 right, 0 a tie, −1 wrong."""
    hindsight = Score(halves=1 + learn(np.ones(len(clusters), dtype=bool)), draws=1, clusters=clusters)
    halves = np.zeros(len(clusters), dtype=np.int64)
    for taught in _halvings(clusters):
        halves += 1 + np.where(taught, learn(~taught), learn(taught))
    return Learnt(elsewhere=Score(halves=halves, draws=SPLITS, clusters=clusters), hindsight=hindsight)


def _halvings(clusters: Ints) -> Iterator[Mask]:
    """Halves of the groups, as masks of their contrasts: the same whatever the order of the items."""
    rng = np.random.default_rng(0)
    groups = int(clusters.max(initial=-1)) + 1
    for _ in range(SPLITS):
        taught = np.zeros(groups, dtype=bool)
        taught[rng.permutation(groups)[: groups // 2]] = True
        yield taught[clusters]
