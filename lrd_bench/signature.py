"""What a number was measured on, in one line. Numbers compare if their signatures differ only in the model."""

import re

from lrd_bench import __version__
from lrd_bench.formula import TIE_BITS

SUM = "sum"
"""The metric that needs no mention."""


def short(digest: str) -> str:
    """The eight hexadecimal digits that stand for a digest."""
    return digest[:8]


def run_signature(
    *,
    suite: str,
    suite_digest: str,
    model: str,
    model_digest: str,
    method: str,
    metric: str = SUM,
    conventions: str | None = None,
) -> str:
    """The signature of a run: everything but counts.

    suite:         name@version
    suite_digest:  sha256 of the suite's items
    model:         the model's name
    model_digest:  sha256 over recipe, corpus and vocabulary (not the seed)
    method:        lm, pll, blank or judge
    metric:        what a region's surprisals become; the sum, as nearly always, goes without saying
    conventions:   what else must be known of the model's scores; see `lrd_bench.models.base.LanguageModel`
    """
    ties = f"{TIE_BITS:.0e}".replace("e-0", "e-")
    return (
        f"suite:{suite}#{short(suite_digest)}|model:{model}#{short(model_digest)}|method:{method}"
        f"{'' if metric == SUM else f'|metric:{metric}'}|ties:half@{ties}|oov:pair|eos:no"
        f"{f'|{conventions}' if conventions else ''}|v:{__version__}"
    )


def metric_of(run: str) -> str:
    """The metric that a run's signature names."""
    found = re.search(r"\|method:[^|]*\|metric:([^|]*)", run)
    return found[1] if found else SUM


def with_seeds(run: str, seeds: int) -> str:
    """The signature of a number that is a mean over training seeds: the run's, with their count."""
    head, method, rest = run.partition("|method:")
    return f"{head}|seeds:{seeds}{method}{rest}"
