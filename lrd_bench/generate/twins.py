"""Pairs of twins: a cue with two values, two candidates, and the groups in which they come.

*The keys near the table {are, is}* has the twin *The key near the table {is, are}*: the same words but for the cue, the
same candidates, the opposite answer. The two values are two forms of one lexeme where it inflects for the feature
(number), and two lexemes where the feature is its own (domain). Words before the cue may agree with it (*this key*,
*these keys*); nothing after it may.
"""

import itertools
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lrd_bench.generate.cells import FillerParts
from lrd_bench.generate.grammar import Grammar
from lrd_bench.generate.language import Parts, Slot
from lrd_bench.generate.lexicon import Lexeme, Lexicon

TRIES = 20
"""How often a circle is begun anew before it is taken with gaps."""

Two = tuple[str, str]
"""What the two twins have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every sentence of a suite is built from, in the order of its parts."""

    path: Path
    """The suite's file, for messages."""
    lexicon: Lexicon
    grammar: Grammar
    """The suite's own rules, for what is neither cue, filler nor critical word."""
    feature: str
    """The feature whose two values make twins."""
    kin: tuple[frozenset[str], ...]
    """Sets of values too close for a reader to tell their answers apart: no two of one set make twins."""
    head: Parts
    """What comes before the lead, or before the cue where there is no lead."""
    onset: Parts
    """What comes between the lead and the cue."""
    cue: Slot
    bridge: tuple[Parts, Parts]
    """Single words between the cue and the filler, and between the filler and the critical word."""
    critical: Slot
    tail: Parts
    fillers: tuple[FillerParts, ...]
    lead: Parts
    """One unit of the lead."""
    lead_stretch: str | None

    @property
    def variable(self) -> str:
        """The variable that the cue and the critical word share for the feature."""
        return self.cue.shared[self.feature]

    @property
    def inflected(self) -> bool:
        """Whether the twins' cues are two forms of one lexeme, not two lexemes."""
        return self.lexicon.inflects(self.cue.name, self.feature)

    def values(self) -> list[str]:
        """The values that the cue can have, in the order of the lexicon."""
        return self.lexicon.values(self.cue.name, self.feature)

    def one_sided(self) -> list[str]:
        """The lemmas that are never cue or candidate, for want of two different forms; none where twins are lexemes."""
        if not self.inflected:
            return []
        found = dict[str, None]()
        for slot in (self.cue, self.critical):
            asked = [{**slot.fixed, self.feature: value} for value in self.values()]
            for lexeme in (lexeme for each in asked for lexeme in self.lexicon.lexemes(slot.name, each)):
                forms = {lexeme.form(each) for each in asked}
                if None in forms or len(forms) < len(asked):
                    found[lexeme.lemma] = None
        return list(found)

    def pairs(self) -> list[Two]:
        """Every two of them that may make twins."""
        pairs = itertools.combinations(self.values(), 2)
        return [pair for pair in pairs if not any(kin.issuperset(pair) for kin in self.kin)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the pairs of one block share: the twins' values, cues and answers, and what else the slots agree on."""

    group: str
    values: Two
    cues: Two
    answers: Two
    lemmas: frozenset[str]
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Groups:
    """The groups of a suite: cue lemma × answer lemma, or the two values where these are lexemes' own."""

    frame: Frame
    accepts: Callable[[Material], bool] = field(default=lambda material: True)
    """Which material is used."""
    _found: dict[str, list[Material]] = field(default_factory=dict, init=False)

    def keys(self) -> list[str]:
        """Every group that has material, in the order of the lexicon."""
        if not self.frame.inflected:
            return [key for key in map(_key, self.frame.pairs()) if self.materials(key)]
        for material in itertools.chain.from_iterable(_materials(self.frame, pair) for pair in self.frame.pairs()):
            if self.accepts(material):
                self._found.setdefault(material.group, [material])
        return list(self._found)

    def materials(self, key: str) -> list[Material]:
        """All material of a group; none where its words have not got what the slots share."""
        if key not in self._found:
            one, _, other = key.partition("|")
            self._found[key] = [each for each in _materials(self.frame, (one, other)) if self.accepts(each)]
        return self._found[key]

    def blocks(self, seed: int) -> Iterator[Material]:
        """Material for one block after another, without end, so that more items extend a file.

        Where one word has both values, each group comes once before any comes again, in random order. Where the values
        are lexemes' own, a round is a random circle through them all: each is a twin of its two neighbours.
        """
        keys = dict.fromkeys(self.keys())
        for round_ in itertools.count():
            rng = random.Random(f"{seed}/round {round_}")
            order = list(keys) if self.frame.inflected else _derangement(keys, rng)
            if self.frame.inflected:
                rng.shuffle(order)
            yield from (rng.choice(self.materials(key)) for key in order)


def _key(pair: Sequence[str]) -> str:
    return "|".join(sorted(pair))


def _derangement(groups: Collection[str], rng: random.Random) -> list[str]:
    """The group of each value and the next one on a random circle through them all.

    Pairs that are no groups are left out; the circle is one with as few of them as some tries find.
    """
    circle = list(dict.fromkeys(value for group in groups for value in group.split("|")))
    size, best = len(circle), list[str]()
    for _ in range(TRIES):
        rng.shuffle(circle)
        for _ in range(10 * size):
            pairs = [_key(pair) for pair in zip(circle, circle[1:] + circle[:1], strict=True)]
            misfits = [place for place in range(size) if pairs[place - 1] not in groups]
            if not misfits:
                return list(dict.fromkeys(pairs))
            one, other = misfits[0], rng.randrange(size)
            circle[one], circle[other] = circle[other], circle[one]
        best = max(best, [pair for pair in pairs if pair in groups], key=len)
    return list(dict.fromkeys(best))


def _materials(frame: Frame, values: Two) -> Iterator[Material]:
    """Every choice of cues and answers for two values whose slots can share what they share."""
    candidates = [
        (answers, _forms(frame, frame.critical, answers, values)) for answers in _lexemes(frame, "critical", values)
    ]
    for cues in _lexemes(frame, "cue", values):
        bound = _bind(frame, frame.cue, cues, {})
        cue_forms = _forms(frame, frame.cue, cues, values)
        if bound is None or cue_forms[0] == cue_forms[1]:  # *sheep* tells nothing of its number
            continue
        for answers, answer_forms in candidates:
            variables = _bind(frame, frame.critical, answers, bound)
            if variables is None or answer_forms[0] == answer_forms[1]:
                continue
            yield Material(
                group=f"{cues[0].lemma}|{answers[0].lemma}" if frame.inflected else _key(values),
                values=values,
                cues=cue_forms,
                answers=answer_forms,
                lemmas=frozenset(lexeme.lemma for lexeme in (*cues, *answers)),
                variables=variables,
            )


def _lexemes(frame: Frame, region: str, values: Two) -> Iterator[tuple[Lexeme, Lexeme]]:
    """Lexemes for the two values: the same one with two forms, or any two with the values for their own."""
    slot = frame.cue if region == "cue" else frame.critical
    one, other = (frame.lexicon.lexemes(slot.name, {**slot.fixed, frame.feature: value}) for value in values)
    if frame.lexicon.inflects(slot.name, frame.feature):
        both = {id(lexeme) for lexeme in other}
        yield from ((lexeme, lexeme) for lexeme in one if id(lexeme) in both)
    else:
        yield from itertools.product(one, other)


def _bind(frame: Frame, slot: Slot, lexemes: tuple[Lexeme, Lexeme], bound: Mapping[str, str]) -> dict[str, str] | None:
    """Variables with the values that the lexemes of a slot give them, the same in both twins; None on a clash."""
    variables = dict(bound)
    for feature, variable in slot.shared.items():
        if feature == frame.feature:
            continue
        for lexeme in lexemes:
            value = lexeme.features.get(feature)
            if value is None or variables.setdefault(variable, value) != value:
                return None
    return variables


def _forms(frame: Frame, slot: Slot, lexemes: tuple[Lexeme, Lexeme], values: Two) -> Two:
    one, other = (
        lexeme.form({**slot.fixed, frame.feature: value}) for lexeme, value in zip(lexemes, values, strict=True)
    )
    assert one is not None
    assert other is not None
    return one, other
