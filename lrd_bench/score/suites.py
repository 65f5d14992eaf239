"""The tables that a scored suite becomes: outcomes, one row for each item and prediction, and surprisals by region."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from lrd_bench.chance import chance_of
from lrd_bench.errors import LrdBenchError
from lrd_bench.formula import Verdict
from lrd_bench.items import Item, Suite
from lrd_bench.models.base import Judge
from lrd_bench.models.recorded import RecordedSurprisals
from lrd_bench.outcomes import OUTCOME_COLUMNS, SURPRISAL_COLUMNS, outcome_frame
from lrd_bench.score.judgements import Judgements
from lrd_bench.score.questions import Questions, Unscored
from lrd_bench.score.recordings import Recordings
from lrd_bench.signature import run_signature

if TYPE_CHECKING:
    from lrd_bench.models.opening import OpenedModel

NOTHING = "(none)"
"""What a factor is that is an empty word, as is the pattern of no nouns: tables would have it for a missing value."""

Asked = Questions | Judgements | Recordings
"""A suite that has been put to whatever it can be put to."""


def score_suite(opened: "OpenedModel", suite: Suite) -> pd.DataFrame:
    """The outcomes of a suite: one row for each item and prediction, columns as in `lrd_bench.outcomes`.

    Raises LrdBenchError for a prediction that names what an item lacks, and for an unknown metric.
    """
    return outcome_table(opened, ask(opened, suite), suite)


def ask(opened: "OpenedModel", suite: Suite) -> Asked:
    """A suite, or a block of one, put to a language model, or to a judge; a whole suite, to a table of surprisals.

    Raises LrdBenchError where it cannot be asked.
    """
    model = opened.model
    if isinstance(model, RecordedSurprisals):
        return Recordings(suite, model)
    return Judgements(suite, model, opened.name) if isinstance(model, Judge) else Questions(suite, model, opened.name)


def _method(opened: "OpenedModel") -> str:
    if isinstance(opened.model, Judge):
        return "judge"
    return opened.model.method or ("pll" if opened.model.bidirectional else "lm")


def run_of(opened: "OpenedModel", suite: Suite) -> str:
    """The signature of this model's run on this suite, without counts."""
    return run_signature(
        suite=f"{suite.name}@{suite.version}",
        suite_digest=suite.digest,
        model=opened.name,
        model_digest=opened.digest,
        method=_method(opened),
        metric=suite.metric,
        conventions=None if isinstance(opened.model, Judge) else opened.model.conventions,
    )


def outcome_table(opened: "OpenedModel", questions: Asked, suite: Suite) -> pd.DataFrame:
    """One row for each prediction and item that was asked, in that order.

    suite:  the whole of which a block was asked
    """
    block = questions.suite
    _check_factors(block)
    run = {
        "run": run_of(opened, suite),
        "model": opened.name,
        "seed": opened.seed,
        "context": opened.model.context,
        "suite": suite.name,
        "suite_version": suite.version,
        "suite_digest": suite.digest,
        "method": _method(opened),
    }
    items = [(item, _item_columns(item, block)) for item in block.items]
    rows = []
    for prediction, formula in questions.formulas.items():
        asked = {"prediction": prediction, "chance": chance_of(prediction)}
        verdicts = questions.verdicts(formula)
        rows += [columns | run | asked | _verdict_columns(verdicts[item.id]) for item, columns in items]
    return plain_factors(outcome_frame(rows))


def _item_columns(item: Item, suite: Suite) -> dict[str, Any]:
    return {
        **{factor: NOTHING if value == "" else value for factor, value in item.factors.items()},
        "item": item.id,
        "group": item.group,
        "pair": item.pair,
        "distance": item.distance,
        "needed_context": suite.needed_context(item),
        "seen": item.factors.get("seen"),
    }


def _verdict_columns(verdict: Verdict | Unscored) -> dict[str, Any]:
    if isinstance(verdict, Verdict):
        return {"correct": verdict.correct, "margin_bits": verdict.margin_bits, "reason": None}
    return {"correct": None, "margin_bits": None, "reason": verdict}


def _check_factors(suite: Suite) -> None:
    """Raise LrdBenchError where a factor has the name of a column that means something else."""
    taken = set(OUTCOME_COLUMNS) - {"seen"}
    for item in suite.items:
        if clash := sorted(taken & item.factors.keys()):
            raise LrdBenchError(
                f"{suite.name}: item {item.id!r}: factor {clash[0]!r} has the name of a column. Rename it."
            )


def plain_factors(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with factors of one nullable type each (whole numbers stay whole beside nulls); mixed ones as words."""
    for factor in frame.columns.difference(list(OUTCOME_COLUMNS), sort=False):
        values = frame[factor].convert_dtypes()
        frame[factor] = values.astype("string") if values.dtype == object else values
    return frame


def surprisal_table(
    opened: "OpenedModel", questions: Questions, suite: Suite, *, only_asked: bool = False
) -> pd.DataFrame:
    """One row for each item, condition and region, the whole sentence `*` among them; columns SURPRISAL_COLUMNS.

    suite:       the whole of which a block was asked
    only_asked:  only the regions that the predictions ask about
    """
    vocabulary = opened.model.vocabulary
    run = {"run": run_of(opened, suite), "model": opened.name, "seed": opened.seed, "suite": suite.name}
    bits = questions.surprisals(only_asked=only_asked)
    rows = []
    for item in questions.suite.items:
        for condition, sentence in item.sentences.items():
            for region in ("*", *sentence.regions):
                if (item.id, condition, region) not in bits:
                    continue
                words = sentence.tokens[slice(*sentence.span(region))]
                rows.append(
                    {
                        **run,
                        "item": item.id,
                        "condition": condition,
                        "region": region,
                        "surprisal_bits": bits[item.id, condition, region],
                        "words": len(words),
                        "unknown_words": 0 if vocabulary is None else sum(word not in vocabulary for word in words),
                    }
                )
    return pd.DataFrame(rows, columns=list(SURPRISAL_COLUMNS)).astype(dict(SURPRISAL_COLUMNS))
