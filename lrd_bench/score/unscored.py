"""What could not be scored, and why, in a line for each suite."""

from collections import Counter
from collections.abc import Iterator

import pandas as pd

UNKNOWN = ("unknown word: ", "unknown words: ")
"""How the reason of an item begins whose cue or candidates the model does not know."""

NAMED = 5
"""So many unknown words are named."""


def unscored(outcomes: pd.DataFrame) -> Iterator[str]:
    """For each suite of which items have no outcome of its headline: how many, and why, the commonest reason first.

    outcomes:  as `score_items` returns them
    """
    for suite, rows in outcomes.groupby("suite", sort=False):
        rows = rows[rows["prediction"] == rows["prediction"].iloc[0]]
        lost = rows[rows["reason"].notna()]
        if lost.empty:
            continue
        reasons: Counter[str] = Counter()
        words: Counter[str] = Counter()
        for reason in lost["reason"].str.removeprefix("its twin is unscored: "):
            unknown = next((reason.removeprefix(mark) for mark in UNKNOWN if reason.startswith(mark)), None)
            reasons["unknown words" if unknown else reason] += 1
            words.update(unknown.split(", ") if unknown else ())
        more = ", …" if len(words) > NAMED else ""
        named = f"unknown words ({', '.join(word for word, _ in words.most_common(NAMED))}{more})"
        why = [named if reason == "unknown words" else reason for reason, _ in reasons.most_common()]
        scored = f"{len(rows) - len(lost):,} of {len(rows):,} items could be scored"
        yield f"{suite}: {scored}; of the others: {'; '.join(why)}"
