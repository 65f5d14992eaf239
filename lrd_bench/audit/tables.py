"""What an audit is made of: plain tables, and findings in plain language."""

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

Cell = str | int | float | None
"""None: there is nothing to say here, as where a suite marks no cue."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with its title, and what a reader must know of it."""

    slug: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    shown: int | None = None
    """How many rows a reader is shown; programs get all. None: all."""

    def frame(self) -> pd.DataFrame:
        """The table for pandas."""
        return pd.DataFrame(self.rows, columns=list(self.columns))


class Finding(NamedTuple):
    """Something that a user of the suite should know."""

    weight: float
    """How much it matters: the heaviest are told first."""
    text: str


class Section(NamedTuple):
    """What one part of the audit has to say."""

    tables: tuple[Table, ...]
    findings: tuple[Finding, ...] = ()


BROKEN, DECIDED, LEAKED, HELPED, NARROW = 5.0, 4.0, 3.0, 2.0, 1.0
"""Weights of findings: items that cannot be answered; a shortcut; overlap with the training text; a heuristic that is
right; few words or groups. What a finding adds to its weight is below 1."""


def percent(share: float) -> str:
    """A share as a reader says it: 100 % and 0 % only of all and of nothing."""
    shown = f"{100 * share:.1f}".removesuffix(".0")
    if shown in ("0", "100") and share not in (0.0, 1.0):
        shown = "more than 99.9" if share > 0.5 else "less than 0.1"
    return f"{shown} %"


def some(names: Iterable[object], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    listed = [str(name) for name in names]
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: `1 item`, `2 items`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def are(things: Sized) -> str:
    """The verb that fits so many things."""
    return "is" if len(things) == 1 else "are"


def phrase(words: Sequence[str]) -> str:
    """Words as quoted in a finding; an empty phrase is said to be one."""
    return f"“{' '.join(words)}”" if words else "nothing"
