"""What came of each suite in a few words: how many of its items were answered rightly, and why others were not scored.

Read from the table of outcomes a piece at a time, however long it is.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

UNKNOWN = ("unknown word: ", "unknown words: ")
"""How the reason of an item begins whose cue or candidates the model does not know."""

NAMED = 5
"""So many unknown words are named."""


@dataclass
class Tally:
    """Of a suite's headline, its first prediction."""

    suite: str
    prediction: str
    items: int = 0
    scored: int = 0
    """How many of the items have an outcome."""
    correct: float = 0.0
    """Summed over the items that were scored."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why an item was not scored → how many."""
    words: Counter[str] = field(default_factory=Counter)
    """That the model does not know."""

    def add(self, rows: pd.DataFrame) -> None:
        """Count some of the suite's outcomes."""
        rows = rows[rows["prediction"] == self.prediction]
        self.items += len(rows)
        self.scored += int(rows["correct"].count())
        self.correct += float(rows["correct"].sum())
        lost = rows.loc[rows["correct"].isna(), "reason"].fillna("no reason is given")
        for reason in lost.str.removeprefix("its twin is unscored: "):
            unknown = next((reason.removeprefix(mark) for mark in UNKNOWN if reason.startswith(mark)), None)
            self.reasons["unknown words" if unknown else reason] += 1
            self.words.update(unknown.split(", ") if unknown else ())

    def unscored(self) -> str | None:
        """How many items have no outcome, and why, the commonest reason first; None where all have one."""
        if not self.reasons:
            return None
        more = ", …" if len(self.words) > NAMED else ""
        named = f"unknown words ({', '.join(word for word, _ in self.words.most_common(NAMED))}{more})"
        why = [named if reason == "unknown words" else reason for reason, _ in self.reasons.most_common()]
        scored = f"{self.scored:,} of {self.items:,} items could be scored"
        return f"{self.suite}: {scored}; of the others: {'; '.join(why)}"

    def accuracy(self) -> str:
        """The share of the scored items that were answered rightly."""
        known = f"accuracy {self.correct / self.scored:.4f}" if self.scored else "no accuracy"
        return f"{self.suite}: {known} on {self.scored:,} of {self.items:,} items"


def tally(outcomes: Iterable[pd.DataFrame]) -> list[Tally]:
    """Count a table of outcomes, given in pieces; a tally for each suite, in order."""
    tallies: dict[str, Tally] = {}
    for piece in outcomes:
        for suite, rows in piece.groupby("suite", sort=False):
            of_suite = tallies.setdefault(str(suite), Tally(str(suite), rows["prediction"].iloc[0]))
            of_suite.add(rows)
    return list(tallies.values())
