"""What a training grammar withholds of a sentence: the mark that items carry as their factor `seen`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lrd_bench.catalogue import find
from lrd_bench.generate.grammar import read_grammar
from lrd_bench.pcfg import Analyses, Pcfg

SEEN, FOREIGN = "seen", "foreign"


@dataclass(frozen=True, kw_only=True)
class Split:
    """A training grammar, and for each reason to withhold the grammar without what it withholds for it."""

    name: str
    pcfg: Pcfg

    @property
    def digest(self) -> str:
        """The sha256 of the grammar."""
        return self.pcfg.digest

    @cached_property
    def _without(self) -> dict[str, "_Beginnings"]:
        alternatives = [alternative for rule in self.pcfg.rules.values() for alternative in rule]
        reasons = sorted({reason for each in alternatives if each.withheld for reason in each.withheld.split("+")})
        return {reason: _Beginnings(without(self.pcfg, reason)) for reason in reasons}

    def seen(self, words: Sequence[str]) -> str:
        """The reasons for which the text never begins a sentence so, joined by `+`; `seen` if there are none.

        `foreign` if the grammar does not derive it even with all that it withholds.
        """
        if not self._whole.admits(words):
            return FOREIGN
        return "+".join(reason for reason, rest in self._without.items() if not rest.admits(words)) or SEEN

    @cached_property
    def _whole(self) -> "_Beginnings":
        return _Beginnings(self.pcfg)


class _Beginnings:
    """Whether sentences may begin so, the analyses of their first words kept: the items of a suite share them."""

    KEPT_WORDS = 3

    def __init__(self, pcfg: Pcfg) -> None:
        self._pcfg = pcfg
        self._kept: dict[tuple[str, ...], Analyses] = {(): pcfg.begin()}

    def admits(self, words: Sequence[str]) -> bool:
        known = next(length for length in range(self.KEPT_WORDS, -1, -1) if tuple(words[:length]) in self._kept)
        analyses = self._kept[tuple(words[:known])]
        for position, word in enumerate(words[known:], start=known + 1):
            logprob, analyses = self._pcfg.advance(analyses, word)
            if logprob == -math.inf:
                return False
            if position <= self.KEPT_WORDS:
                self._kept[tuple(words[:position])] = analyses
        return True


def without(pcfg: Pcfg, reason: str) -> Pcfg:
    """The grammar without the alternatives that it withholds for one reason."""
    rules = {
        symbol: tuple(each for each in rule if reason not in (each.withheld or "").split("+"))
        for symbol, rule in pcfg.rules.items()
    }
    return replace(pcfg, rules=rules)


def read_split(grammar: str) -> Split:
    """The split that a shipped grammar, or the path of one, declares."""
    file, pcfg = read_grammar(find("grammar", grammar))
    return Split(name=file.name, pcfg=pcfg)
