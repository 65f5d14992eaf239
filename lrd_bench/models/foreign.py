"""Anyone's own model, with its mistakes told in one message each: they are the user's to mend, not bugs of ours."""

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel, LogProbs, Words

Result = TypeVar("Result")

NEARLY_ZERO = 1e-6
"""How far above 0 rounding may lift the log-probability of a certain word."""


class ForeignModel(LanguageModel):
    """A model made elsewhere: it answers as the other does, or says what is wrong with the answer."""

    def __init__(self, spec: str, model: LanguageModel) -> None:
        self._spec, self._model = spec, model
        self.context = model.context
        self.bidirectional = model.bidirectional
        self.vocabulary = model.vocabulary
        self.method = getattr(model, "method", None)
        self.normalised = getattr(model, "normalised", True)

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words given what the model may see; see `LanguageModel`.

        Raises LrdBenchError where the model fails, answers nothing, or gives a probability above 1.
        """
        answers = blaming(self._spec, "logprobs", lambda: self._model.logprobs(sentences, wanted, end))
        if answers is None:
            raise LrdBenchError(f"{self._spec}: its `logprobs` returned nothing. Return one list for each sentence.")
        if any(value > NEARLY_ZERO for answer in answers for value in answer):
            raise LrdBenchError(
                f"{self._spec}: its `logprobs` gave a number above 0, and no probability is above 1. "
                "Return natural logarithms of probabilities (ln p), not surprisals."
            )
        return answers


def blaming(spec: str, what: str, call: Callable[[], Result]) -> Result:
    """Call the user's code; an error in it becomes one LrdBenchError that says which, and at which line."""
    try:
        return call()
    except LrdBenchError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}"
        raise LrdBenchError(f"{spec}: {what} failed: {type(error).__name__}: {error} ({where}). Mend it.") from error
