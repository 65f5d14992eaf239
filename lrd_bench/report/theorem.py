"""Which predictions the theorem decides for a model that cannot see the cue (docs/method.md has the proof).

To such a model the item's good candidate and the twin's bad one are the same evidence, and so are the other two: it
gives the item's good and bad regions the scores that it gives the twin's bad and good ones.
"""

from collections import Counter
from typing import Literal

from lrd_bench.formula import Comparison, Formula
from lrd_bench.signature import SUM

Certificate = Literal["item", "pair"]
"""`item`: every item is a tie. `pair`: a pair's two items are right exactly once between them."""

_CANDIDATES = {("good", False): "x", ("bad", False): "y", ("good", True): "y", ("bad", True): "x"}


def certificate_of(formula: Formula, metric: str = SUM) -> Certificate | None:
    """What the theorem says of the prediction; None where it says nothing.

    metric:  what a region's surprisals become
    """
    if not isinstance(formula, Comparison) or formula.operator == "=":
        return None
    difference = formula.left + -formula.right
    weights: Counter[tuple[str, str]] = Counter()
    of_sentences: Counter[bool] = Counter()
    for atom, weight in difference.atoms.items():
        candidate = _CANDIDATES.get((atom.condition, atom.twin))
        if candidate is None or atom.region not in ("critical", "*"):
            return None
        weights[atom.region, candidate] += weight  # type: ignore[assignment]  # a Counter of floats
        if atom.region == "*":
            if metric != SUM:  # what precedes the candidates is no summand of its own, and does not cancel
                return None
            of_sentences[atom.twin] += weight  # type: ignore[assignment]
    # Whole sentences hold the cue, which differs between the twins: it must cancel within each of them.
    if difference.constant or any(of_sentences.values()):
        return None
    if not any(weights.values()):
        return "item"
    regions = {region for region, _ in weights}
    return "pair" if all(weights[region, "x"] == -weights[region, "y"] for region in regions) else None
