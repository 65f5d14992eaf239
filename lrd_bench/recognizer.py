"""Which sentences a grammar derives, and what of them its text withholds, for millions of sentences.

An automaton that is built as it is used. A state is the set of what may still come, each possibility with the reasons
for which a text would never show it; states that are equal are one. Words that stand in the same places of the same
rules (all adverbs, say) are of one class and lead from a state to the same state, so that each step is worked out once
and looked up ever after.

With the rules S → the N V, N → key | box and V → is | are, the last withheld as *number*, the state after *the key* is
{(no reasons, V)}, and so is the one after *the box*; after *the key are* it is {(number, nothing)}.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from lrd_bench.errors import LrdBenchError
from lrd_bench.pcfg import Alternative, Pcfg

DEAD, START = 0, 1
"""The state that no sentence leads out of, and the one before the first word."""

Symbols = tuple[str, ...]
Reasons = frozenset[str]
Possibility = tuple[Reasons, Symbols]
"""Why the text withholds it (for nothing: an empty set), and the symbols that are still to come."""

UNKNOWN_WORD = -1
"""The class of words that the grammar does not have."""


class _Edges(dict[int, int]):
    """Class of the next word → the state after it, worked out when it is first asked for."""

    def __init__(self, state: int, step: Callable[[int, int], int]) -> None:
        super().__init__()
        self._state, self._step = state, step

    def __missing__(self, word: int) -> int:
        self[word] = following = self._step(self._state, word)
        return following


class Recognizer:
    """A grammar's automaton. States and classes are numbers."""

    def __init__(self, pcfg: Pcfg) -> None:
        self._pcfg = pcfg
        self._rules: dict[str, list[Possibility]] = {}
        self._branches: dict[str, set[Reasons]] = {}
        """Of what is left of several possibilities that began alike, the reasons of each."""
        for symbol, rule in pcfg.rules.items():
            self._factor(symbol, [(_reasons(each), each.symbols) for each in rule])
        self._begun: dict[str, tuple[dict[int, set[Possibility]], set[Reasons]] | None] = {}
        self._numbers: dict[frozenset[Possibility], int] = {}
        self._states: list[frozenset[Possibility]] = []
        self._edges: list[_Edges] = []
        self._complete: list[bool] = []
        assert self._state(set()) == DEAD
        assert self._state({(frozenset(), (pcfg.start,))}) == START

    def _factor(self, symbol: str, possibilities: list[Possibility]) -> None:
        """Enter a rule so that possibilities which begin alike are one as long as they do, and branch behind that.

        Without this a state would hold the product of all that may come now and all that may come later.
        """
        groups: dict[str, list[Possibility]] = defaultdict(list)
        for reasons, symbols in dict.fromkeys(possibilities):
            groups[symbols[0] if symbols else ""].append((reasons, symbols))
        self._rules[symbol] = rule = []
        for number, group in enumerate(groups.values()):
            if len(group) == 1 or not group[0][1]:
                rule += group
                continue
            reasons = frozenset.intersection(*(each for each, _ in group))
            shared = _common_beginning([symbols for _, symbols in group])
            branch = f"{symbol}/{number}"
            rule.append((reasons, (*shared, branch)))
            self._branches[branch] = {each - reasons for each, _ in group}
            self._factor(branch, [(each - reasons, symbols[len(shared) :]) for each, symbols in group])

    @cached_property
    def classes(self) -> dict[str, int]:
        """Word → its class."""
        places: dict[str, set[object]] = defaultdict(set)
        for symbol, rule in self._pcfg.rules.items():
            for alternative in rule:
                for at, word in enumerate(alternative.symbols):
                    if word not in self._pcfg.rules:
                        around = (alternative.symbols[:at], alternative.symbols[at + 1 :])
                        places[word].add((symbol, around, alternative.withheld))
        numbers: dict[frozenset[object], int] = {}
        return {word: numbers.setdefault(frozenset(each), len(numbers)) for word, each in places.items()}

    def classes_of(self, words: Iterable[str]) -> tuple[int, ...]:
        """The class of each word; UNKNOWN_WORD for those that the grammar does not have."""
        classes = self.classes
        return tuple(classes.get(word, UNKNOWN_WORD) for word in words)

    def follow(self, state: int, classes: Iterable[int]) -> int:
        """The state after more words; DEAD if no sentence goes on so."""
        edges = self._edges
        for word in classes:
            state = edges[state][word]
        return state

    def derives(self, words: Sequence[str]) -> bool:
        """Whether the grammar, with all that it withholds, has an analysis of the sentence."""
        return self.complete(self.follow(START, self.classes_of(words)))

    def complete(self, state: int) -> bool:
        """Whether a sentence may end here."""
        return self._complete[state]

    def withheld(self, state: int) -> Reasons:
        """Why the text never comes to a state other than DEAD: the reasons that all ways to it and on share.

        None if there is a way that it shows. Where every way is withheld and no reason is shared, all of them.
        """
        ways: set[Reasons] = set()
        for reasons, symbols in self._states[state]:
            # A branch is a choice that the text has not made yet: each of its possibilities has reasons of its own.
            choices = [self._branches[symbol] for symbol in symbols if symbol in self._branches]
            ways |= {reasons.union(*each) for each in itertools.product(*choices)}
        if frozenset() in ways:
            return frozenset()
        return frozenset.intersection(*ways) or frozenset.union(*ways)

    def _step(self, state: int, word: int) -> int:
        following: set[Possibility] = set()
        for reasons, symbols in self._states[state]:
            if symbols:
                for more, symbols_left in self._begin(symbols[0])[0].get(word, ()):
                    following.add((reasons | more, symbols_left + symbols[1:]))
        return self._state(following)

    def _state(self, possibilities: set[Possibility]) -> int:
        """The number of the state that holds these, and what they come to where symbols may be nothing."""
        waiting = list(possibilities)
        while waiting:
            reasons, symbols = waiting.pop()
            if symbols:
                skipped = {(reasons | more, symbols[1:]) for more in self._begin(symbols[0])[1]}
                waiting += skipped - possibilities
                possibilities |= skipped
        whole = frozenset(possibilities)
        if whole not in self._numbers:
            self._numbers[whole] = len(self._states)
            self._states.append(whole)
            self._complete.append(any(not symbols for _, symbols in whole))
            self._edges.append(_Edges(len(self._edges), self._step))
        return self._numbers[whole]

    def _begin(self, symbol: str) -> tuple[dict[int, set[Possibility]], set[Reasons]]:
        """Class → what remains of a symbol after such a word; and the reasons with which it may be nothing at all."""
        if symbol in self._begun:
            begun = self._begun[symbol]
            if begun is None:
                raise LrdBenchError(f"rule {symbol}: calls itself before any word (left recursion). Put a word first.")
            return begun
        if symbol not in self._rules:
            self._begun[symbol] = begun = ({self.classes[symbol]: {(frozenset(), ())}}, set())
            return begun
        self._begun[symbol] = None  # a mark: met again before it is filled, the symbol calls itself
        firsts: dict[int, set[Possibility]] = defaultdict(set)
        empty: set[Reasons] = set()
        for withheld, symbols in self._rules[symbol]:
            before = {withheld}  # the reasons with which all that precedes may be nothing
            for at, part in enumerate(symbols):
                begins, nothing = self._begin(part)
                for word, possibilities in begins.items():
                    firsts[word] |= {
                        (reasons | more, rest + symbols[at + 1 :]) for reasons in before for more, rest in possibilities
                    }
                before = {reasons | more for reasons in before for more in nothing}
                if not before:
                    break
            empty |= before
        self._begun[symbol] = begun = (dict(firsts), empty)
        return begun


def _common_beginning(lines: list[Symbols]) -> Symbols:
    first, last = min(lines), max(lines)  # in alphabetical order: what these two share, all between them share
    length = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:length]


def _reasons(alternative: Alternative) -> Reasons:
    return frozenset(alternative.withheld.split("+")) if alternative.withheld else frozenset()
