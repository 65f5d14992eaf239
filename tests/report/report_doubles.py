"""Outcomes written down by hand."""

import pandas as pd

from lrd_bench.outcomes import outcome_frame
from lrd_bench.signature import run_signature

PLAIN = "(critical;%good%) < (critical;%bad%)"
DOUBLE = "(critical;%good%) + (critical;%twin.good%) < (critical;%bad%) + (critical;%twin.bad%)"
DIGEST = "9c41a07e" + "0" * 56


def row(item: str, correct: float | None, **changes: object) -> dict[str, object]:
    """One outcome; unless told otherwise of an LSTM on an item of no pair."""
    about = {"model": "lstm", "digest": "77ab03d2", "suite": "agreement-pp", "method": "lm"} | {
        key: value for key, value in changes.items() if key in ("model", "digest", "suite", "method")
    }
    run = run_signature(
        suite=f"{about['suite']}@1",
        suite_digest=DIGEST,
        model=about["model"],
        model_digest=about["digest"],
        method=about["method"],
    )
    digest = about.pop("digest")
    assert digest
    values = {
        "run": run,
        "seed": 0,
        "context": None,
        "suite_version": 1,
        "suite_digest": DIGEST,
        "item": item,
        "group": "key|be",
        "pair": None,
        "prediction": PLAIN,
        "correct": correct,
        "margin_bits": None if correct is None else 4 * correct - 2,
        "chance": 0.5,
        "reason": None if correct is not None else "unknown word: ducks",
        "distance": 4,
        "needed_context": 4,
        "seen": None,
    }
    return about | values | {key: value for key, value in changes.items() if key != "digest"}


def pair(name: str, one: float | None, other: float | None, **changes: object) -> list[dict[str, object]]:
    """Two twins."""
    return [row(f"{name}{twin}", correct, pair=name, **changes) for twin, correct in (("a", one), ("b", other))]


def curve(
    accuracies: dict[int, float], *, groups: int = 25, distance_seen: dict[int, str] | None = None, **changes: object
) -> list[dict[str, object]]:
    """A model with these accuracies by distance: of each group's pairs at a distance that share is right both times."""
    rows: list[dict[str, object]] = []
    for distance, accuracy in accuracies.items():
        right = round(accuracy * groups)
        seen = {"seen": (distance_seen or {}).get(distance)}
        context = changes.get("context")
        for group in range(groups):
            blind = isinstance(context, int) and context < distance
            correct = (1.0, 0.0) if blind else (float(group < right),) * 2
            for prediction, verdicts in ((PLAIN, correct), (DOUBLE, (0.5, 0.5) if blind else correct)):
                rows += pair(
                    f"d{distance}g{group}",
                    *verdicts,
                    **{"group": f"g{group}", "distance": distance, "needed_context": distance} | seen,
                    **changes,
                    prediction=prediction,
                )
    return rows


def more_nouns(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The same rows as other items."""
    return [row | {name: f"{row[name]} and more nouns" for name in ("item", "pair")} for row in rows]


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    """Rows as a table of outcomes."""
    return outcome_frame(rows)
