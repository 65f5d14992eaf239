"""Outcomes with a known truth, drawn at random."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import binom

from lrd_bench.report.statistics import Tally

_POINTS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(61)


def _logit_with_mean(mean: float, spread: float) -> float:
    """The centre of a normal distribution of logits whose probabilities have that mean."""
    weights = _WEIGHTS / _WEIGHTS.sum()
    return float(brentq(lambda centre: weights @ expit(centre + spread * _POINTS) - mean, -40, 40))


class Curve:
    """Groups (and seeds) that are right with probabilities that vary around known means, one for each distance."""

    def __init__(
        self,
        means: Sequence[float],
        *,
        groups: int,
        items: int = 6,
        seeds: int = 1,
        of_groups: float = 0.7,
        of_seeds: float = 0.0,
        of_cells: float = 0.3,
    ) -> None:
        """The spreads are standard deviations of logits: of what cells of a group share, of what seeds share, and of
        each cell by itself."""
        self.means = np.array(means)
        self.shape = (seeds, groups, len(means))
        self.items = items
        self.spreads = (of_groups, of_seeds, of_cells)
        spread = float(np.linalg.norm(self.spreads))
        self.centres = np.array([_logit_with_mean(mean, spread) for mean in means])

    def draw(self, random: np.random.Generator) -> Tally:
        """What one experiment finds."""
        seeds, groups, _ = self.shape
        of_groups, of_seeds, of_cells = self.spreads
        logits = (
            self.centres
            + of_groups * random.normal(size=(1, groups, 1))
            + of_seeds * random.normal(size=(seeds, 1, 1))
            + of_cells * random.normal(size=self.shape)
        )
        right = random.binomial(self.items, expit(logits)).astype(float)
        return Tally(sums=right, counts=np.full(self.shape, float(self.items)))


def at_least(probability: float, trials: int) -> int:
    """So often, or oftener, happens what has that probability in all but one of a thousand runs of so many trials."""
    return int(binom.ppf(0.001, trials, probability))


def at_most(probability: float, trials: int) -> int:
    """So often, or more rarely, the same."""
    return int(binom.ppf(0.999, trials, probability))
