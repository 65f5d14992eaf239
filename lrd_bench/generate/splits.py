"""What a training grammar withholds of a sentence: the mark that items carry as their factor `seen`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lrd_bench.catalogue import find
from lrd_bench.generate.grammar import read_grammar
from lrd_bench.generate.language import FOREIGN, SEEN
from lrd_bench.pcfg import Pcfg
from lrd_bench.recognizer import DEAD, START, Recognizer


@dataclass(frozen=True, kw_only=True)
class Split:
    """A training grammar, asked for what it withholds."""

    name: str
    pcfg: Pcfg

    @property
    def digest(self) -> str:
        """The sha256 of the grammar."""
        return self.pcfg.digest

    @cached_property
    def recognizer(self) -> Recognizer:
        """The grammar's automaton."""
        return Recognizer(self.pcfg)

    def seen(self, words: Sequence[str]) -> str:
        """The mark of a sentence that begins so; see `mark`."""
        return self.mark(self.recognizer.follow(START, self.recognizer.classes_of(words)))

    def mark(self, *states: int) -> str:
        """The reasons for which the text never begins sentences so, joined by `+`; `seen` if there are none.

        states:  of the recognizer, after the words of each sentence; the mark is of all of them together

        `foreign` if the grammar does not derive one of them even with all that it withholds.
        """
        if states not in self._marks:
            reasons = [self.recognizer.withheld(state) for state in states if state != DEAD]
            known = len(reasons) == len(states)
            self._marks[states] = ("+".join(sorted(frozenset().union(*reasons))) or SEEN) if known else FOREIGN
        return self._marks[states]

    @cached_property
    def _marks(self) -> dict[tuple[int, ...], str]:
        return {}


def read_split(grammar: str) -> Split:
    """The split that a shipped grammar, or the path of one, declares."""
    file, pcfg = read_grammar(find("grammar", grammar))
    return Split(name=file.name, pcfg=pcfg)
