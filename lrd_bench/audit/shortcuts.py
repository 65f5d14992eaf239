"""Cue-blind shortcuts: rules that never look at what decides the answer, and are right nonetheless.

On a suite of certified twins each earns exactly one half, by the theorem in docs/method.md: whatever does not see the
cue prefers the same candidate in both twins. docs/audit.md defines each rule.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lrd_bench.audit.contrasts import Contrast, Words
from lrd_bench.audit.learning import Ints, Score, fixed, preferences, votes
from lrd_bench.audit.tables import DECIDED, HELPED, Finding, Section, Table, counted, percent, phrase
from lrd_bench.items import Suite

WINDOWS = (1, 2, 3, 4)
"""Words before the candidates that a rule may see."""

MORE = 0.02
"""A preference that sees more is told only if it is right so much more often than the one that sees less."""

DECIDES = 0.95
"""A rule that is right so often is said to decide the items."""

PREFERENCE = "fixed preference between the two candidates"
WORD_SCORE = "fixed score of each contrasting word"

Count = Callable[[Words], int]


@dataclass(frozen=True, kw_only=True)
class Frequency:
    """How common words are, and by what they were counted."""

    count: Count
    by: str
    """Such as "the training text"."""
    phrases: bool = False
    """Whether words in a row were counted, too."""


def counted_in(suite: Suite) -> Frequency:
    """Words counted in the suite itself, in right and wrong sentences alike."""
    words = Counter(word for item in suite.items for s in item.sentences.values() for word in s.tokens)
    return Frequency(count=lambda phrase: words[phrase[0]], by="the suite itself")


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """A rule and what it earns."""

    name: str
    score: Score
    hindsight: Score | None = None
    """The same rule learnt from the very items it is asked: only for rules that are learnt."""
    told: str
    """The finding, with `{gets}` for what the rule does with the items, such as "decides 98 % of the items"."""
    turned: str = ""
    """The finding on the rule that prefers the other candidate; empty where there is no such rule."""
    sees_cue: bool = False
    """Whether nothing keeps the cue out of what the rule sees, so that it may be no shortcut at all."""

    @property
    def best(self) -> float:
        """The accuracy of the rule or of its opposite, whichever is higher."""
        accuracy = self.score.accuracy or 0.0
        return max(accuracy, 1 - accuracy) if self.turned else accuracy

    @property
    def beats_chance(self) -> bool:
        """Whether it, or the rule that prefers the other candidate, is surely right more often than not."""
        return self.score.differs_from_chance and self.best > 0.5


def shortcuts_of(
    suite: Suite, contrasts: Sequence[Contrast], clusters: Ints, frequency: Frequency
) -> Iterator[Shortcut]:
    """Every cue-blind shortcut, from the one that sees least."""
    learnt = preferences([None] * len(contrasts), contrasts, clusters)
    yield Shortcut(
        name=PREFERENCE,
        score=learnt.elsewhere,
        hindsight=learnt.hindsight,
        told="A fixed preference between the two contrasting words, whatever stands before them, {gets}"
        f"{_preferred(contrasts)}.",
    )
    unshared = [_unshared(contrast) for contrast in contrasts]
    learnt = votes(unshared, clusters)
    yield Shortcut(
        name=WORD_SCORE,
        score=learnt.elsewhere,
        hindsight=learnt.hindsight,
        told="How often each contrasting word is right elsewhere {gets}, whatever stands before it" + _purest(unshared),
    )
    points = [_commoner(contrast, frequency.count) for contrast in contrasts]
    yield _turnable("commoner", "rarer", "candidate", f"by {frequency.by}", points, clusters)
    for unit, length in _LENGTHS.items():
        points = [_less(length(contrast.good.tokens), length(contrast.bad.tokens)) for contrast in contrasts]
        yield _turnable("shorter", "longer", "sentence", unit, points, clusters)
    yield from _windows(suite, contrasts, clusters, frequency)


_LENGTHS: Mapping[str, Callable[[Words], int]] = {
    "in characters": lambda words: len(" ".join(words)),
    "in words": len,
}


def _turnable(rule: str, turned: str, noun: str, by: str, points: Sequence[float], clusters: Ints) -> Shortcut:
    """A rule whose opposite is a rule, too."""
    return Shortcut(
        name=f"{rule} {noun} ({by})",
        score=fixed(points, clusters),
        told=f"Preferring the {rule} {noun} ({by}) {{gets}}.",
        turned=f"Preferring the {turned} {noun} ({by}) {{gets}}.",
    )


def _windows(suite: Suite, contrasts: Sequence[Contrast], clusters: Ints, frequency: Frequency) -> Iterator[Shortcut]:
    """Rules that see some words before the candidates, on the items whose cue lies further back."""
    reach = [_reach(suite, contrast) for contrast in contrasts]
    sees_cue = all(distance is None for distance in reach)
    for window in WINDOWS:
        blind = np.array([sees_cue or (far is not None and far > window) for far in reach], dtype=bool)
        place = counted(window, "word") + " before" + (" (the cue may be there)" if sees_cue else "")
        words = f"the {counted(window, 'word')} before the candidates"
        which = "the cue is there, or not needed" if sees_cue else "the cue is not there"
        learnt = preferences([contrast.before[-window:] for contrast in contrasts], contrasts, clusters)
        yield Shortcut(
            name=f"fixed preference, given the {place}",
            score=learnt.elsewhere.only(blind),
            hindsight=learnt.hindsight.only(blind),
            told=f"A preference that depends on {words} {{gets}}: {which}.",
            sees_cue=sees_cue,
        )
        if frequency.phrases:
            points = [_after(contrast, window, frequency.count) for contrast in contrasts]
            yield Shortcut(
                name=f"seen more often after the {place}",
                score=fixed(points, clusters).only(blind),
                told=f"What {frequency.by} shows more often after {words} {{gets}}: {which}.",
                sees_cue=sees_cue,
            )
    needed = [suite.needed_context(contrast.item) for contrast in contrasts]
    if any(needed):
        blind = np.array([k is not None for k in needed], dtype=bool)
        keys = [c.before[len(c.before) - (k or 1) + 1 :] for c, k in zip(contrasts, needed, strict=True)]
        learnt = preferences(keys, contrasts, clusters)
        yield Shortcut(
            name="fixed preference, given K − 1 words before",
            score=learnt.elsewhere.only(blind),
            hindsight=learnt.hindsight.only(blind),
            told="A preference that depends on all words between the cue and the candidates {gets}.",
        )


def _reach(suite: Suite, contrast: Contrast) -> int | None:
    """How many words before the candidates a rule must see to see the cue, if that is known."""
    needed = suite.needed_context(contrast.item) or contrast.good.distance
    if needed is None:
        return None
    # Where the sentences differ only further on than their critical region begins, the cue is further off than K says.
    return needed + len(contrast.before) - len(contrast.good.context)


def _unshared(contrast: Contrast) -> tuple[list[str], list[str]]:
    """The words of each candidate that the other does not have, as often as it has them more."""
    right, wrong = Counter(contrast.right), Counter(contrast.wrong)
    return sorted((right - wrong).elements()), sorted((wrong - right).elements())


def _less(ours: float, theirs: float) -> float:
    """1 if ours is less, ½ for a tie, else 0."""
    return 0.5 if ours == theirs else float(ours < theirs)


def _commoner(contrast: Contrast, count: Count) -> float:
    """Whether the right candidate is the commoner one: the one whose rarest word is commoner."""
    right, wrong = (min((count((w,)) for w in side), default=0) for side in (contrast.right, contrast.wrong))
    return _less(wrong, right)


def _after(contrast: Contrast, window: int, count: Count) -> float:
    """Whether the words before are followed more often by the right candidate than by the wrong one."""
    return _less(count(contrast.before[-window:] + contrast.wrong), count(contrast.before[-window:] + contrast.right))


def _preferred(contrasts: Sequence[Contrast]) -> str:
    """The commonest preference, as the end of a finding."""
    if not contrasts:
        return ""
    both = Counter((contrast.right, contrast.wrong) for contrast in contrasts)
    (right, wrong), number = both.most_common(1)[0]
    return f": {phrase(right)} is right against {phrase(wrong)} {number} times of {number + both[wrong, right]}"


def _purest(unshared: Sequence[tuple[Sequence[str], Sequence[str]]]) -> str:
    """The word that is most often right, or most often wrong, as the end of a finding."""
    right = Counter(word for words, _ in unshared for word in words)
    wrong = Counter(word for _, words in unshared for word in words)
    if not right and not wrong:
        return "."
    word = max(sorted({*right, *wrong}), key=lambda word: abs(right[word] - wrong[word]))
    side, number = max(("right", right[word]), ("wrong", wrong[word]), key=lambda entry: entry[1])
    return f": “{word}” is {side} {number} times of {right[word] + wrong[word]}."


def best_without_context(shortcuts: Sequence[Shortcut]) -> float:
    """The accuracy of the best preference that sees the candidates and nothing else."""
    return max((each.best for each in shortcuts if each.name in (PREFERENCE, WORD_SCORE)), default=0.0)


def shortcut_section(suite: Suite, shortcuts: Sequence[Shortcut]) -> Section:
    """The table of the shortcuts, and a finding for each that beats chance and adds to what sees less."""
    shortcuts = [shortcut for shortcut in shortcuts if shortcut.score.accuracy is not None]
    table = Table(
        slug="shortcuts",
        title=f"{suite.name}: cue-blind shortcuts",
        columns=("shortcut", "items", "accuracy", "in hindsight", "beats chance"),
        rows=tuple(
            (
                shortcut.name,
                len(shortcut.score.halves),
                shortcut.score.accuracy,
                shortcut.hindsight.accuracy if shortcut.hindsight else None,
                "yes" if shortcut.beats_chance else "no",
            )
            for shortcut in shortcuts
        ),
        note=_NOTE if shortcuts else "Not computed: no prediction sets two sentences against each other.",
    )
    return Section((table,), tuple(_findings(shortcuts)))


_NOTE = (
    "Ties count ½. A preference or score is learnt from half of the groups and asked of the others, both ways, over "
    "random halvings; in hindsight it is learnt from what it is asked, and flattered. Below ½, it says that the suite "
    "is balanced more evenly than chance would make it."
)


def _findings(shortcuts: Sequence[Shortcut]) -> Iterator[Finding]:
    best = 0.5  # of the preferences that see less
    for shortcut in shortcuts:
        if not shortcut.beats_chance:
            continue
        right = shortcut.best
        told = shortcut.told if shortcut.score.accuracy == right else shortcut.turned
        if not shortcut.turned:
            if right <= best + MORE:
                continue
            best = right
        weight = HELPED if shortcut.sees_cue else DECIDED
        yield Finding(weight + right - 0.5, told.replace("{gets}", gets(right)))


def gets(accuracy: float) -> str:
    """What a rule does with items of which it is right about so many."""
    return f"{'decides' if accuracy >= DECIDES else 'is right on'} {percent(accuracy)} of the items"
