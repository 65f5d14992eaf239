"""Anyone's own model, with its mistakes told in one message each: they are the user's to mend, not bugs of ours."""

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel, LogProbs, WordDistribution, Words
from lrd_bench.vocabulary import BOS, BOS_ID, Vocabulary

Result = TypeVar("Result")

NEARLY_ZERO = 1e-6
"""How far above 0 rounding may lift the log-probability of a certain word."""
NEARLY_ONE = 1e-3
"""How far from 1 rounding may leave the sum of the probabilities of all words."""


class ForeignModel(LanguageModel):
    """A model made elsewhere: it answers as the other does, or says what is wrong with the answer."""

    def __init__(self, spec: str, model: LanguageModel) -> None:
        self._spec, self._model = spec, model
        self.context = model.context
        self.bidirectional = model.bidirectional
        self.vocabulary = model.vocabulary
        self.method = getattr(model, "method", None)
        self.normalised = getattr(model, "normalised", True)
        self.conventions = getattr(model, "conventions", None)

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words given what the model may see; see `LanguageModel`.

        Raises LrdBenchError where the model fails, answers nothing, or gives a probability above 1.
        """
        answers = blaming(self._spec, "logprobs", lambda: self._model.logprobs(sentences, wanted, end))
        if answers is None:
            raise LrdBenchError(f"{self._spec}: its `logprobs` returned nothing. Return one list for each sentence.")
        try:
            numbers = [[float(value) for value in answer] for answer in answers]
        except (TypeError, ValueError) as error:
            raise LrdBenchError(
                f"{self._spec}: its `logprobs` gave something else than numbers ({error}). Return one list of "
                "numbers for each sentence."
            ) from error
        if any(value > NEARLY_ZERO for row in numbers for value in row):
            raise LrdBenchError(
                f"{self._spec}: its `logprobs` gave a number above 0, and no probability is above 1. "
                "Return natural logarithms of probabilities (ln p), not surprisals."
            )
        return numbers


class ForeignDistribution(ForeignModel, WordDistribution):
    """A model made elsewhere that can give the whole distribution of the next word, too."""

    def __init__(self, spec: str, model: WordDistribution) -> None:
        super().__init__(spec, model)
        self.vocabulary: Vocabulary = model.vocabulary
        self._distribution = model

    def next_word(self, prefixes: Sequence[Words]) -> NDArray[np.float64]:
        """Natural-log probability of each word after each prefix: [prefixes, vocab]; see `WordDistribution`.

        Raises LrdBenchError where the model fails, or answers with anything but distributions over its vocabulary.
        """
        rows = blaming(self._spec, "next_word", lambda: np.asarray(self._distribution.next_word(prefixes), np.float64))
        shape = (len(prefixes), len(self.vocabulary))
        if rows.shape != shape:
            raise LrdBenchError(
                f"{self._spec}: its `next_word` returned {list(rows.shape)} numbers, not {list(shape)}. "
                "Return a row for each prefix, with a number for each word of `vocabulary`."
            )
        with np.errstate(over="ignore"):  # surprisals, say
            totals = np.exp(rows).sum(axis=1)
        if not np.all(abs(totals - 1) < NEARLY_ONE) or np.any(rows[:, BOS_ID] > -np.inf):
            raise LrdBenchError(
                f"{self._spec}: its `next_word` gave no distribution of words. Return natural logarithms of "
                f"probabilities that sum to one in each row, and -inf for {BOS}, which never comes next."
            )
        return rows


def foreign_model(spec: str, model: LanguageModel) -> ForeignModel:
    """A model made elsewhere, with `next_word` if it has that and a `Vocabulary`, without which no row can be read."""
    if isinstance(getattr(model, "vocabulary", None), Vocabulary) and callable(getattr(model, "next_word", None)):
        return ForeignDistribution(spec, cast(WordDistribution, model))
    return ForeignModel(spec, model)


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
