"""Pairs of twins: a cue with two values, a filler, two candidates, written out as two items.

*The keys near the table {are, is}* has the twin *The key near the table {is, are}*: the same words but for the cue, the
same candidates, the opposite answer. The two values are two forms of one lexeme where it inflects for the feature
(number), and two lexemes where the feature is its own (domain). Words before the cue may agree with it (*this key*,
*these keys*); nothing after it may.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.cells import INNER, STRETCH, Cell
from lrd_bench.generate.grammar import Grammar
from lrd_bench.generate.language import Slot
from lrd_bench.generate.lexicon import Bindings, Form, Lexeme, Lexicon, no_words
from lrd_bench.items import Sentence, Span

FILLER = "filler"

Parts = Sequence[Slot | str]
Two = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every sentence of a suite is built from."""

    lexicon: Lexicon
    grammar: Grammar
    """The suite's own rules, for what is neither cue, filler nor critical word."""
    sentence: Parts
    unit: Parts
    stretch: str | None
    feature: str
    """The feature whose two values make twins."""

    def slot(self, region: str) -> Slot:
        """The slot of the sentence that fills a region."""
        return next(part for part in self.sentence if isinstance(part, Slot) and part.region == region)

    @property
    def inflected(self) -> bool:
        """Whether the twins' cues are two forms of one lexeme, not two lexemes."""
        return self.lexicon.inflects(self.slot("cue").name, self.feature)

    def values(self) -> list[str]:
        """The values that the cue can have, in the order of the lexicon."""
        return self.lexicon.values(self.slot("cue").name, self.feature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the pairs of one block share: the twins' values, cues and answers, and what else the slots agree on."""

    group: str
    values: Two
    cues: Two
    answers: Two
    lemmas: frozenset[str]
    variables: Mapping[str, str]


def groups_of(frame: Frame) -> dict[str, list[Material]]:
    """Group → the materials it can be given. A group is cue lemma × answer lemma, or the values of two lexemes' own."""
    found: dict[str, list[Material]] = {}
    values = frame.values()
    if len(values) < 2:
        return {}
    pairs = [(values[0], values[1])] if frame.inflected else list(itertools.combinations(values, 2))
    for pair in pairs:
        candidates = list(_lexemes(frame, "critical", pair))
        for cues in _lexemes(frame, "cue", pair):
            bound = _bind(frame, "cue", cues, {})
            if bound is None:
                continue
            for answers in candidates:
                variables = _bind(frame, "critical", answers, bound)
                if variables is None:
                    continue
                forms = {"cues": _forms(frame, "cue", cues, pair), "answers": _forms(frame, "critical", answers, pair)}
                if any(one == other for one, other in forms.values()):
                    continue  # *sheep* tells nothing of its number
                material = Material(
                    group=f"{cues[0].lemma}|{answers[0].lemma}" if frame.inflected else "|".join(sorted(pair)),
                    values=pair,
                    **forms,
                    lemmas=frozenset(lexeme.lemma for lexeme in (*cues, *answers)),
                    variables=variables,
                )
                found.setdefault(material.group, []).append(material)
    return found


def _lexemes(frame: Frame, region: str, pair: Two) -> Iterator[tuple[Lexeme, Lexeme]]:
    """Lexemes for the two values: the same one with two forms, or any two with the values for their own."""
    slot = frame.slot(region)
    one, other = (frame.lexicon.lexemes(slot.name, {**slot.fixed, frame.feature: value}) for value in pair)
    if frame.lexicon.inflects(slot.name, frame.feature):
        both = {id(lexeme) for lexeme in other}
        yield from ((lexeme, lexeme) for lexeme in one if id(lexeme) in both)
    else:
        yield from itertools.product(one, other)


def _bind(frame: Frame, region: str, lexemes: tuple[Lexeme, Lexeme], bound: Mapping[str, str]) -> dict[str, str] | None:
    """Variables with the values that the lexemes of a region give them, the same in both twins; None on a clash."""
    variables = dict(bound)
    for feature, variable in frame.slot(region).shared.items():
        if feature == frame.feature:
            continue
        for lexeme in lexemes:
            value = lexeme.features.get(feature)
            if value is None or variables.setdefault(variable, value) != value:
                return None
    return variables


def _forms(frame: Frame, region: str, lexemes: tuple[Lexeme, Lexeme], pair: Two) -> Two:
    slot = frame.slot(region)
    one, other = (
        lexeme.form({**slot.fixed, frame.feature: value}) for lexeme, value in zip(lexemes, pair, strict=True)
    )
    assert one is not None
    assert other is not None
    return one, other


def schedule(frame: Frame, groups: Mapping[str, Sequence[Material]], seed: int) -> Iterator[Material]:
    """Materials for one block after another, without end, so that more items extend a file.

    Each group comes once before any comes again, in random order. Where the values are lexemes' own, each round is a
    random derangement: every value meets one other as its twin's.
    """
    for round_ in itertools.count():
        rng = random.Random(f"{seed}/round {round_}")
        keys = sorted(groups) if frame.inflected else _derangement(frame.values(), rng)
        if frame.inflected:
            rng.shuffle(keys)
        yield from (rng.choice(groups[key]) for key in keys if key in groups)


def _derangement(values: Sequence[str], rng: random.Random) -> list[str]:
    """The group of each value and the next one on a random circle through them all."""
    circle = list(values)
    rng.shuffle(circle)
    return ["|".join(sorted(pair)) for pair in zip(circle, circle[1:] + circle[:1], strict=True)]


BOTH = "both"
"""The value of the twins' feature in words before the cue: that of one twin's cue or the other's."""


class Word(NamedTuple):
    """A word of both twins' sentences. Cue, critical word, filler and `inner` are places, to be filled later."""

    texts: Two
    """With the one cue and with the other: different only for a word that agrees with the cue."""
    region: str | None


def _word(text: str, region: str | None = None) -> Word:
    return Word((text, text), region)


class Writer:
    """Draws the words of a block: the frame once, then a filler for each cell."""

    def __init__(self, frame: Frame, material: Material, rng: random.Random) -> None:
        self._frame = frame
        self._material = material
        self._rng = rng
        self._used = set(material.lemmas)
        variable = frame.slot("cue").shared[frame.feature]
        self._sentence = self._parts(frame.sentence, {**material.variables, variable: BOTH})

    def twins(self, cell: Cell) -> tuple[dict[str, Sentence], dict[str, Sentence]]:
        """The sentences (`good`, `bad`) of the two items of a cell."""
        before = set(self._used)
        filler = self._filler(cell)
        self._used = before  # each cell draws afresh from all that the frame leaves
        words: list[Word] = []
        for word in self._sentence:
            words += filler if word.region == FILLER else [word]
        one, other = (
            {"good": self._write(words, cue, answer=cue), "bad": self._write(words, cue, answer=1 - cue)}
            for cue in (0, 1)
        )
        return one, other

    def _write(self, words: Sequence[Word], cue: int, answer: int) -> Sentence:
        """The sentence with the cue and the candidate that the numbers stand for."""
        chosen = {"cue": self._material.cues[cue], "critical": self._material.answers[answer]}
        regions: dict[str, Span] = {}
        tokens = []
        attractors = itertools.count(1)
        for position, (texts, region) in enumerate(words):
            tokens.append(chosen.get(region or "", texts[cue]))
            if region is not None:
                name = f"attractor{next(attractors)}" if region == "attractor" else region
                regions[name] = Span(position, position + 1)
        return Sentence(tokens=tuple(tokens), regions=regions)

    def _parts(self, parts: Parts, variables: dict[str, str]) -> list[Word]:
        words: list[Word] = []
        for part in parts:
            if isinstance(part, str):
                words.append(_word(part))
            elif part.name == FILLER or part.region in ("cue", "critical"):
                words.append(_word("", FILLER if part.name == FILLER else part.region))
            else:
                for _ in range(self._rng.randint(*part.repeat)):
                    words += self._slot(part, variables)
        return words

    def _slot(self, slot: Slot, variables: dict[str, str]) -> list[Word]:
        """The words of a slot: one drawn from a class, or those of an alternative of a rule.

        What the word has for features that the slot shares is written to `variables`.
        """
        bindings = {**slot.fixed, **{f: variables[v] for f, v in slot.shared.items() if v in variables}}
        if slot.name not in self._frame.lexicon:
            rules = self._frame.grammar.alternatives(slot.name, bindings)
            rule = self._rng.choices(rules, [rule.weight for rule in rules])[0]
            return self._parts(rule.parts, dict(bindings))
        choices = self._choices(slot.name, bindings)
        form, twins_text = self._rng.choice(
            [each for each in choices if each[0].lexeme.lemma not in self._used] or choices
        )
        self._used.add(form.lexeme.lemma)
        for feature, variable in slot.shared.items():
            if feature in form.features:
                variables.setdefault(variable, form.features[feature])
        return [Word((form.text, twins_text), slot.region)]

    def _choices(self, name: str, bindings: Bindings) -> list[tuple[Form, str]]:
        """The forms that may fill a slot, each with what stands there in the other twin: its like, or the same.

        Raises LrdBenchError if there are none.
        """
        one, other = (
            self._frame.lexicon.forms(name, {f: value if v == BOTH else v for f, v in bindings.items()})
            for value in self._material.values
        )
        like = {id(form.lexeme): form.text for form in reversed(other)} if BOTH in bindings.values() else {}
        choices = [(form, like.get(id(form.lexeme), form.text)) for form in one if not like or id(form.lexeme) in like]
        if not choices:
            raise no_words(self._frame.lexicon, name, bindings)
        return choices

    def _filler(self, cell: Cell) -> list[Word]:
        if not cell.nouns:
            return self._stretch(cell.stretches[0])
        nests = any(isinstance(part, Slot) and part.name == INNER for part in self._frame.unit)
        units = []
        for value, stretch in zip(cell.pattern, cell.stretches, strict=True):
            units.append(self._unit(self._material.values[value], stretch))
        words: list[Word] = []
        for unit in reversed(units):
            at = next((place for place, word in enumerate(unit) if word.region == INNER), len(unit))
            words = unit[:at] + words + unit[at + nests :]
        return words

    def _unit(self, value: str, stretch: int) -> list[Word]:
        """One unit, its attractor with the given value; a unit that nests keeps a place for the next one."""
        attractor = next(part for part in self._frame.unit if isinstance(part, Slot) and part.region == "attractor")
        variables = {attractor.shared[self._frame.feature]: value}
        words: list[Word] = []
        for part in self._frame.unit:
            if isinstance(part, str):
                words.append(_word(part))
            elif part.name == STRETCH:
                words += self._stretch(stretch)
            elif part.name == INNER:
                words.append(_word("", INNER))
            else:
                words += self._slot(part, variables)
        return words

    def _stretch(self, length: int) -> list[Word]:
        """Words that lengthen the filler: none twice before all have come, and none after itself."""
        if not length or self._frame.stretch is None:
            return []
        texts = list(dict.fromkeys(form.text for form, _ in self._choices(self._frame.stretch, {})))
        if length > len(texts) == 1:
            raise LrdBenchError(
                f"{self._frame.lexicon.path}: {texts[0]!r} is the only known word of class {self._frame.stretch!r}, "
                f"and {length} in a row are needed. Add words, or shorten the distances."
            )
        words: list[str] = []
        while len(words) < length:
            drawn = self._rng.sample(texts, k=min(len(texts), length - len(words)))
            while words[-1:] == drawn[:1]:
                drawn = drawn[::-1] if len(drawn) > 1 else self._rng.sample(texts, k=1)
            words += drawn
        return [_word(word) for word in words]
