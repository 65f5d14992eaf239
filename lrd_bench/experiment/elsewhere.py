"""An experiment's stimuli that were made elsewhere."""

from dataclasses import dataclass

from lrd_bench.experiment.settings import Experiment
from lrd_bench.formats import read_stimuli


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """What is known of them before anything is asked."""

    items: int
    """In all."""
    factors: frozenset[str]

    @classmethod
    def of(cls, settings: Experiment) -> "Elsewhere":
        """Read them, so that a file that is missing or broken costs no time."""
        items, factors = 0, set[str]()
        for path in settings.stimuli:
            suite = read_stimuli(path)
            items += len(suite.items)
            factors.update(*(item.factors for item in suite.items))
        return cls(items=items, factors=frozenset(factors))
