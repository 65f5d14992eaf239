"""An experiment's stimuli that were made elsewhere."""

from dataclasses import dataclass

from lrd_bench.errors import LrdBenchError
from lrd_bench.experiment.settings import Experiment
from lrd_bench.formats import find_format, read_stimuli


@dataclass(frozen=True, kw_only=True)
class ForeignStimuli:
    """What is known of them before anything is asked."""

    items: int
    """In all."""
    factors: frozenset[str]

    @classmethod
    def of(cls, settings: Experiment) -> "ForeignStimuli":
        """Read them, so that a file that is missing, broken or named twice costs no time."""
        items, factors, names = 0, set[str](), {suite.label for suite in settings.suites}
        for path in settings.stimuli:
            _, file = find_format(path)
            if file != path or not file.is_file():
                raise LrdBenchError(
                    f"{path}: an experiment recognises files by their content. Name the file alone, or make a .jsonl "
                    "of it with `lrd-bench convert`."
                )
            suite = read_stimuli(path)
            if suite.name in names:
                raise LrdBenchError(f"{path}: the experiment has a suite {suite.name} already. Leave one of them out.")
            names.add(suite.name)
            items += len(suite.items)
            factors.update(*(item.factors for item in suite.items))
        return cls(items=items, factors=frozenset(factors))
