"""Chance: how often a prediction holds of surprisals that mean nothing.

Meaningless surprisals are exchangeable and independent: each region of each sentence has its own, all from one
distribution. An inequality between sums of equally many of them then holds half the time, whatever the distribution.
Everything else is simulated, with surprisals of words whose probabilities are drawn evenly from 0 to 1.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lrd_bench.formula import Atom, Comparison, Formula, Junction, atoms_of, parse_formula

DRAWS = 1_000_000
"""Leaves a standard error of at most 0.0005."""
SEED = 0
_BLOCKS = 10

Floats = NDArray[np.float64]


@cache
def chance_of(prediction: str) -> float | None:
    """How often the formula holds by chance: ½ exactly for a comparison of equally many regions, else simulated.

    None where it cannot be said without knowing how large surprisals are: for `=`, and for a number among the regions.
    Raises LrdBenchError for what is no formula.
    """
    formula = parse_formula(prediction)
    comparisons = _comparisons(formula)
    if any(each.operator == "=" or each.margin.constant for each in comparisons):
        return None
    if len(comparisons) == 1 and _is_balanced(comparisons[0]):
        return 0.5
    atoms = sorted(atoms_of(formula))
    random = np.random.default_rng(SEED)
    means = []
    for _ in range(_BLOCKS):
        drawn = random.exponential(size=(len(atoms), DRAWS // _BLOCKS))
        means.append(_holds(formula, dict(zip(atoms, drawn, strict=True))).mean())
    return float(np.mean(means))


def _comparisons(formula: Formula) -> list[Comparison]:
    if isinstance(formula, Junction):
        return [*_comparisons(formula.left), *_comparisons(formula.right)]
    return [formula]


def _is_balanced(comparison: Comparison) -> bool:
    """Whether the difference is as likely to be x as −x: what is added weighs the same as what is subtracted."""
    weights = comparison.margin.atoms.values()
    return sorted(w for w in weights if w > 0) == sorted(-w for w in weights if w < 0)


def _holds(formula: Formula, drawn: Mapping[Atom, Floats]) -> Floats:
    """[draws] 1 where the formula holds, 0 where it does not, and what ties are worth where both sides are the same."""
    if isinstance(formula, Junction):
        left, right = _holds(formula.left, drawn), _holds(formula.right, drawn)
        return left * right if formula.operator == "&" else 1 - (1 - left) * (1 - right)
    atoms = formula.margin.atoms
    if not atoms:
        return np.array([0.5])
    difference = sum(weight * drawn[atom] for atom, weight in atoms.items())
    return np.asarray(difference > 0, dtype=np.float64)
