"""The words of a block: one frame, one pair of cues and of candidates, and the pool that its fillers take from."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.choices import Choice, Choices, Line
from lrd_bench.generate.language import Parts, Slot, slots_of
from lrd_bench.generate.plans import Plan, Scope, Stretch
from lrd_bench.generate.twins import Frame, Material, Two


class Word(NamedTuple):
    """A word of the frame: with the one cue and with the other, different only where it agrees with the cue."""

    texts: Two
    region: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The words of a block."""

    material: Material
    head: Sequence[Word]
    onset: Sequence[Word]
    tail: Sequence[Word]
    pool: list[str]


class Drawer:
    """Draws the words of blocks. What the slots of a line share is drawn first, and then the words that have it."""

    def __init__(self, frame: Frame, plan: Plan, seed: int) -> None:
        self._frame = frame
        self._random = random.Random(f"{seed}/words").random
        self._choices = Choices(frame)
        self._material: Material | None = None
        self._used: set[str] = set()
        bridge = slots_of((*frame.bridge[0], *frame.bridge[1]))
        around = slots_of((*frame.head, *frame.onset, *frame.tail))
        classes = [slot for slot in (*around, *bridge) if slot.name in frame.lexicon]
        self._around = Line([(slot, self._depends(slot)) for slot in classes])
        self._draws = [[draw for draw in draws if not _is_empty(draw)] for draws in plan.draws]
        scopes = [draw for draws in self._draws for draw in draws if isinstance(draw, Scope)]
        self._scopes = {id(scope): Line(_class_slots(scope)) for scope in scopes}
        self._rules: dict[int, Line] = {}

    def _depends(self, slot: Slot) -> bool:
        """Whether a word of the sentence agrees with the cue."""
        return self._frame.variable in slot.shared.values()

    def can_fill(self, material: Material) -> bool:
        """Whether there are words to stand around a cue and its candidates, and between them, other than these."""
        rows = (draw for draws in self._draws for draw in draws if isinstance(draw, Stretch))
        return all(len(self._texts(row.name)) > 1 or row.length == 1 for row in rows) and all(
            self._choices.assignments(line, material.variables, material.values, material.lemmas)
            for line in (self._around, *self._scopes.values())
        )

    def block(self, material: Material) -> Block:
        """Draw the words around a cue and its candidates, and those of every filler.

        Raises LrdBenchError where there are no words for a slot.
        """
        self._material, self._used = material, set(material.lemmas)
        frame = self._frame
        variables = self._assigned(self._around, material.variables)
        head, onset, tail = (self._line(parts, variables) for parts in (frame.head, frame.onset, frame.tail))
        pool: list[str] = []
        for number, draws in enumerate(self._draws):
            before = set(self._used) if draws else self._used
            for draw in draws:
                handed = material.variables if number else variables
                pool += self._row(draw) if isinstance(draw, Stretch) else self._scope(draw, handed)
            if number:  # no two fillers meet in a sentence: each draws afresh from all that the frame leaves
                self._used = before
        return Block(material=material, head=head, onset=onset, tail=tail, pool=pool)

    def _assigned(self, line: Line, handed: Mapping[str, str]) -> Mapping[str, str]:
        """The variables of a line: those handed to it, and others that leave words for every slot."""
        assert self._material is not None
        found = self._choices.assignments(line, handed, self._material.values, self._material.lemmas)
        if not found:
            raise self._unfilled(line, handed)
        number = 0
        if len(found) > 1:
            mark = self._random() * sum(each.ways for each in found)
            while mark >= found[number].ways and number < len(found) - 1:
                mark -= found[number].ways
                number += 1
        return {**handed, **found[number].values}

    def _unfilled(self, line: Line, handed: Mapping[str, str]) -> LrdBenchError:
        """Why a line cannot be filled: the first slot that has no word by itself, or that none go together."""
        assert self._material is not None
        values, without = self._material.values, self._material.lemmas
        for slot, depends in line.slots:
            if not self._choices.assignments(Line([(slot, depends)]), handed, values, frozenset()):
                return self._choices.no_words(slot, handed)
        for slot, depends in line.slots:
            if not self._choices.assignments(Line([(slot, depends)]), handed, values, without):
                return LrdBenchError(
                    f"{self._choices.place_of(slot.name)}: class {slot.name!r} has no word besides the cue and "
                    f"the candidates {', '.join(sorted(without))}. Add words of its kind, or use a larger vocabulary."
                )
        names = ", ".join(repr(slot.name) for slot, _ in line.slots)
        return LrdBenchError(
            f"{self._choices.place_of(line.slots[0][0].name)}: no words of the classes {names} have what their slots "
            "share. Add words, or share fewer features."
        )

    # The frame, whose rules may call others.

    def _line(self, parts: Parts, variables: Mapping[str, str], *, top: bool = True) -> list[Word]:
        words: list[Word] = []
        for part in parts:
            if isinstance(part, str):
                words.append(Word((part, part), None))
                continue
            low, high = part.repeat
            for _ in range(low if low == high else low + int(self._random() * (high - low + 1))):
                words += self._slot(part, variables, top=top)
        return words

    def _slot(self, slot: Slot, variables: Mapping[str, str], *, top: bool) -> list[Word]:
        """The words of a slot: one drawn from a class, or those of an alternative of a rule."""
        if slot.name in self._frame.lexicon:
            # Only in the sentence itself is the variable the cue's: a rule's features are its own.
            return [Word(self._draw(slot, variables, depends=top and self._depends(slot)), slot.region)]
        bindings = {**slot.fixed, **{f: variables[v] for f, v in slot.shared.items() if v in variables}}
        rules = self._frame.grammar.alternatives(slot.name, bindings)
        mark, number = self._random() * sum(rule.weight for rule in rules), 0
        while mark >= rules[number].weight and number < len(rules) - 1:
            mark -= rules[number].weight
            number += 1
        rule = rules[number]
        if id(rule) not in self._rules:
            self._rules[id(rule)] = Line([(each, False) for each in rule.slots if each.name in self._frame.lexicon])
        return self._line(rule.parts, self._assigned(self._rules[id(rule)], bindings), top=False)

    # Fillers and the lead, whose words go to the pool.

    def _scope(self, scope: Scope, handed: Mapping[str, str]) -> list[str]:
        """The words of a text or unit, in the order of `Scope.places`."""
        words: list[str] = []
        variables = self._assigned(self._scopes[id(scope)], handed)
        for part, at, noun in scope.places():
            if at < 0:
                continue
            if isinstance(part, str):
                words.append(part)
            else:
                texts = self._draw(part, variables, depends=noun is not None)
                words += texts if noun is not None else texts[:1]
        return words

    def _row(self, stretch: Stretch) -> list[str]:
        """Words that lengthen a filler: none twice before all have come, and none after itself.

        Words that the sentence has anyway are left out, if that leaves two or more: one of them might stand beside it.
        """
        texts = self._texts(stretch.name)
        fresh = self._texts(stretch.name, without=self._used)
        texts = fresh if len(fresh) > 1 else texts
        if stretch.length > len(texts) <= 1:
            raise LrdBenchError(
                f"{self._choices.place_of(stretch.name)}: {texts[0]!r} is the only known word of class "
                f"{stretch.name!r}, and {stretch.length} in a row are needed. Add words, or shorten the distances."
                if texts
                else str(self._choices.no_words(Slot(name=stretch.name, fixed={}, shared={}), {}))
            )
        words: list[str] = []
        while len(words) < stretch.length:
            left = list(texts)
            for _ in range(min(len(texts), stretch.length - len(words))):
                word = left.pop(int(self._random() * len(left)))
                if words and word == words[-1]:  # only where one round of all the words ends and the next begins
                    left.append(word)
                    word = left.pop(int(self._random() * (len(left) - 1)))
                words.append(word)
        return words

    def _texts(self, name: str, without: Collection[str] = ()) -> list[str]:
        """The words of a class that lengthens something, but for those of some lemmas."""
        words = self._choices.words(Slot(name=name, fixed={}, shared={}), {}, None)
        return list(dict.fromkeys(choice.texts[0] for choice in words if choice.lemma not in without))

    # Words.

    def _draw(self, slot: Slot, variables: Mapping[str, str], *, depends: bool) -> Two:
        """A word, in the forms for both values of the twins' feature if it depends on it."""
        assert self._material is not None
        if not depends:
            return self._pick(self._choices.words(slot, variables, None)).texts
        found = [self._pick(each) for each in self._choices.both(slot, variables, self._material.values)]
        return found[0].texts if len(found) == 1 else (found[0].texts[0], found[1].texts[0])

    def _pick(self, choices: list[Choice]) -> Choice:
        """One of them, of a lexeme that the sentence does not have yet if there is any; never a cue or candidate."""
        assert self._material is not None
        for _ in range(20):
            choice = choices[int(self._random() * len(choices))]
            if choice.lemma not in self._used:
                break
        else:
            left = [choice for choice in choices if choice.lemma not in self._used]
            left = left or [choice for choice in choices if choice.lemma not in self._material.lemmas]
            choice = left[int(self._random() * len(left))]
        self._used.add(choice.lemma)
        return choice


def _is_empty(draw: Scope | Stretch) -> bool:
    return isinstance(draw, Scope) and draw.stop == draw.start


def _class_slots(scope: Scope) -> list[tuple[Slot, bool]]:
    """The slots of a text or unit that classes fill, each with whether its word depends on the twins' feature."""
    return [(part, noun is not None) for part, at, noun in scope.places() if at >= 0 and isinstance(part, Slot)]
