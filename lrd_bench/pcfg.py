"""Probabilistic context-free grammars as plain data: what a text was drawn from, and how likely that makes it.

Two things need them that do not know each other: the generator samples sentences, and the ideal observer, a model like
any other, says how likely each next word is. Probabilities of prefixes are exact: a top-down parser holds every
analysis of the words so far. What follows a symbol does not depend on how the symbol is rewritten, so analyses that
await the same symbol share it and differ only in where they return to (a graph-structured stack; Tomita 1987).
"""

import bisect
import itertools
import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import digest_of, to_json, write_text
from lrd_bench.vocabulary import EOS

WITHHELD_SHARE = 1e-6
"""What an observer leaves for the withheld alternatives of a rule: enough to recognise them, too little to count."""


class Alternative(NamedTuple):
    """One way to rewrite a symbol."""

    weight: float
    symbols: tuple[str, ...]
    """Words, and names of rules."""
    withheld: str | None = None
    """Why the training text never shows this alternative (pairing, distance, depth …); None if it does."""


Symbols = tuple[str, ...]
"""Symbols still to be rewritten, the next one first."""


class _Start(NamedTuple):
    """One way for a symbol to begin with a word."""

    probability: float
    rest: Symbols


@dataclass(frozen=True, eq=False, slots=True)
class _Return:
    """What comes after a symbol: the rest of a rule that asked for it, and then what comes after that.

    Compared by identity: analyses that share one go on together.
    """

    choices: tuple[tuple[float, Symbols, "_Return"], ...]
    """For each such rule its probability (they sum to one), its remaining symbols, and where it returns to."""
    depth: int
    """More than any outer return's."""


_END = _Return((), 0)
"""After the start symbol: the end of the sentence."""


class Analyses(NamedTuple):
    """What may still come, after some words. Immutable: go on from the same analyses as often as you like."""

    expected: Mapping[str, Mapping[tuple[Symbols, _Return], float]]
    """Symbol that gives the next word → what comes after it → probability."""
    end: float
    """Probability that nothing comes."""


@dataclass(frozen=True, kw_only=True)
class Pcfg:
    """A grammar whose rules are listed; a symbol without a rule is a word. Left recursion is refused."""

    start: str
    rules: Mapping[str, tuple[Alternative, ...]]

    # -- sampling --------------------------------------------------------------------------------------------------

    def sample(self, rng: random.Random, longest: int = sys.maxsize) -> tuple[str, ...]:
        """One sentence, drawn without the withheld alternatives; broken off when it is longer than `longest` words."""
        words: list[str] = []
        stack = [self.start]
        while stack and len(words) <= longest:
            symbol = stack.pop()
            choices = self._choices.get(symbol)
            if choices is None:
                words.append(symbol)
                continue
            cumulative, alternatives = choices
            chosen = bisect.bisect_right(cumulative, rng.random() * cumulative[-1])
            stack.extend(reversed(alternatives[min(chosen, len(alternatives) - 1)].symbols))
        return tuple(words)

    @cached_property
    def _choices(self) -> dict[str, tuple[list[float], list[Alternative]]]:
        shown = {
            symbol: [alternative for alternative in alternatives if alternative.withheld is None] or list(alternatives)
            for symbol, alternatives in self.rules.items()
        }
        return {
            symbol: (list(itertools.accumulate(alternative.weight for alternative in alternatives)), alternatives)
            for symbol, alternatives in shown.items()
        }

    # -- probabilities ---------------------------------------------------------------------------------------------

    def logprobs(self, words: Sequence[str]) -> list[float]:
        """Natural-log probability of each word given those before it, and of the end: one more than there are words.

        -inf from the first word on that no analysis admits.
        """
        result: list[float] = []
        analyses = self.begin()
        for word in words:
            logprob, analyses = self.advance(analyses, word)
            result.append(logprob)
        return [*result, self.end(analyses)]

    def next_word(self, prefix: Sequence[str]) -> dict[str, float]:
        """Probability of each word that may follow the prefix, `</s>` among them; empty if no analysis admits it."""
        analyses = self.begin()
        for word in prefix:
            analyses = self.advance(analyses, word)[1]
        distribution: dict[str, list[float]] = defaultdict(list)
        for symbol, after in analyses.expected.items():
            probability = math.fsum(after.values())
            for word, starts in self._begin(symbol)[0].items():
                distribution[word].extend(probability * start.probability for start in starts)
        if analyses.end:
            distribution[EOS].append(analyses.end)
        return {word: math.fsum(parts) for word, parts in distribution.items()}

    def derives(self, words: Sequence[str]) -> bool:
        """Whether the grammar, withheld alternatives included, has an analysis of the sentence."""
        return self.logprobs(words)[-1] > -math.inf

    # The three steps of a sentence, for callers whose sentences share beginnings.

    def begin(self) -> Analyses:
        """The analyses before the first word."""
        return self._opened([(1.0, (self.start,), _END)])

    def advance(self, analyses: Analyses, word: str) -> tuple[float, Analyses]:
        """Natural-log probability of the next word, and the analyses after it.

        -inf and no analyses where none admits the word; every word after that is as impossible.
        """
        following: list[tuple[float, Symbols, _Return]] = []
        for symbol, after in analyses.expected.items():
            starts, probability = self._begin(symbol)[0].get(word), math.fsum(after.values())
            if starts and probability:
                back = _return_to(after, probability)
                following += [(probability * start.probability, start.rest, back) for start in starts]
        mass = math.fsum(probability for probability, _, _ in following)
        if not mass:
            return -math.inf, Analyses({}, 0.0)
        return _log(mass), self._opened([(part / mass, symbols, back) for part, symbols, back in following])

    def end(self, analyses: Analyses) -> float:
        """Natural-log probability that the sentence ends here; -inf where no analysis is complete."""
        return _log(analyses.end) if analyses.end else -math.inf

    def _opened(self, items: Sequence[tuple[float, Symbols, _Return]]) -> Analyses:
        """The symbols that may give the next word, where each item has a probability, symbols and a return."""
        expected: dict[str, dict[tuple[Symbols, _Return], float]] = defaultdict(lambda: defaultdict(float))
        end = 0.0
        # The deepest first, so that all that goes through a return has arrived there before it is taken.
        levels: dict[int, dict[_Return, list[tuple[float, Symbols]]]] = defaultdict(lambda: defaultdict(list))
        for probability, symbols, back in items:
            levels[back.depth][back].append((probability, symbols))
        for depth in range(max(levels), -1, -1):
            for back, arrived in levels.pop(depth, {}).items():
                through = 0.0
                for probability, symbols in arrived:
                    for position, left in self._openings(symbols):
                        if position == len(symbols):
                            through += probability * left
                        else:
                            expected[symbols[position]][symbols[position + 1 :], back] += probability * left
                if back is _END:
                    end = through
                elif through:
                    for probability, symbols, outer in back.choices:
                        levels[outer.depth][outer].append((through * probability, symbols))
        return Analyses(expected, end)

    def _openings(self, symbols: Symbols) -> Iterator[tuple[int, float]]:
        """Positions whose symbol may give the next word, with the probability that all before it are empty.

        The last one is the position after all symbols, if all may be empty.
        """
        left = 1.0
        for position, symbol in enumerate(symbols):
            yield position, left
            # Asking on after 0 would call rules that only stand after a word, such as one that ends in itself.
            left *= self._begin(symbol)[1]
            if not left:
                return
        yield len(symbols), left

    @cached_property
    def _memo(self) -> dict[str, tuple[dict[str, list[_Start]], float]]:
        return {}

    def _begin(self, symbol: str) -> tuple[dict[str, list[_Start]], float]:
        """The words that a symbol may begin with, each with what remains after it; the probability of nothing at all.

        Raises LrdBenchError for left recursion.
        """
        if symbol in self._memo:
            starts, empty = self._memo[symbol]
            if math.isnan(empty):
                raise LrdBenchError(f"rule {symbol}: calls itself before any word (left recursion). Put a word first.")
            return starts, empty
        if symbol not in self.rules:
            self._memo[symbol] = {symbol: [_Start(1.0, ())]}, 0.0
            return self._memo[symbol]
        self._memo[symbol] = ({}, math.nan)  # a mark: met again before it is filled, the symbol calls itself
        found: dict[str, list[_Start]] = defaultdict(list)
        empty = 0.0
        for probability, symbols in self._probabilities(symbol):
            for position, left in self._openings(symbols):
                if position == len(symbols):
                    empty += probability * left
                    continue
                for word, firsts in self._begin(symbols[position])[0].items():
                    found[word] += [
                        _Start(probability * left * first.probability, first.rest + symbols[position + 1 :])
                        for first in firsts
                    ]
        self._memo[symbol] = (dict(found), empty)
        return self._memo[symbol]

    def _probabilities(self, symbol: str) -> Iterator[tuple[float, tuple[str, ...]]]:
        """The alternatives with their probabilities for an observer, who admits what is withheld."""
        shown = math.fsum(a.weight for a in self.rules[symbol] if a.withheld is None)
        withheld = math.fsum(a.weight for a in self.rules[symbol] if a.withheld is not None)
        share = WITHHELD_SHARE if shown and withheld else float(not shown)
        for alternative in self.rules[symbol]:
            hidden = alternative.withheld is not None
            if alternative.weight:
                yield alternative.weight * (share / withheld if hidden else (1 - share) / shown), alternative.symbols

    # -- files -----------------------------------------------------------------------------------------------------

    def _value(self) -> dict[str, Any]:
        return {"start": self.start, "rules": {symbol: list(rule) for symbol, rule in self.rules.items()}}

    @cached_property
    def digest(self) -> str:
        """The sha256 of the grammar's canonical form."""
        return digest_of(self._value())

    def write(self, path: Path) -> None:
        """Write the grammar as JSON."""
        write_text(path, to_json(self._value()) + "\n")


def _return_to(after: Mapping[tuple[Symbols, _Return], float], total: float) -> _Return:
    """Where a symbol returns to, whose analyses go on in these ways, with a probability of `total` together."""
    (symbols, back), *others = after
    if not symbols and not others:
        return back  # the last symbol of its rule: a rule that ends in itself must not pile up returns
    choices = tuple((probability / total, symbols, back) for (symbols, back), probability in after.items())
    return _Return(choices, 1 + max(back.depth for _, _, back in choices))


def _log(probability: float) -> float:
    return min(math.log(probability), 0.0)  # a sum of parts of 1 may come to 1 + 2e-16


def read_pcfg(path: Path) -> Pcfg:
    """Read a grammar that `Pcfg.write` wrote. Raises LrdBenchError if the file is damaged."""
    try:
        value = json.loads(path.read_bytes())
        rules = {
            symbol: tuple(Alternative(weight, tuple(symbols), withheld) for weight, symbols, withheld in rule)
            for symbol, rule in value["rules"].items()
        }
        return Pcfg(start=value["start"], rules=rules)
    except OSError as error:
        raise LrdBenchError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LrdBenchError(f"{path}: is damaged ({error}). Generate the training text again.") from error
