"""Surprisals, each distinct piece of evidence asked for once.

Evidence is a word together with all that the model saw when it scored that word. Two words with equal evidence have one
surprisal, not two that differ in their last bits because they stood at different places of a batch: so terms that two
sentences share cancel exactly, and a model that cannot see the cue scores exactly one half (docs/method.md).
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import islice
from operator import itemgetter

from lrd_bench.errors import LrdBenchError
from lrd_bench.items import Span
from lrd_bench.models.base import LanguageModel
from lrd_bench.outcomes import nats_to_bits
from lrd_bench.progress import progress_bar
from lrd_bench.vocabulary import BOS

SENTENCES_AT_ONCE = 4096
"""How many sentences a model is handed at a time: enough for it to read together what begins alike."""

Tokens = tuple[str, ...]


class UnscorableError(Exception):
    """The evidence has no usable value; the message is the reason that the outcome names."""


class Evidence:
    """Numbers for pieces of evidence, and the surprisal of each once the model has been asked."""

    def __init__(self, model: LanguageModel, name: str) -> None:
        self._model, self._name = model, name
        self._numbers: dict[Hashable, int] = {}
        self._bits: dict[int, float] = {}
        # Sentence → (position → number): where each piece that is still to be asked for can be had.
        self._pending: dict[Tokens, dict[int, int]] = {}

    def numbers(self, tokens: Tokens, span: Span) -> list[int]:
        """One number for the evidence of each word of the span; what is new is noted, to be asked for."""
        known, result = self._numbers, list[int]()
        for position, seen in zip(range(*span), self._seen(tokens, span), strict=True):
            number = known.get(seen)
            if number is None:
                number = known[seen] = len(known)
                self._pending.setdefault(tokens, {})[position] = number
            result.append(number)
        return result

    def _seen(self, tokens: Tokens, span: Span) -> list[Hashable]:
        """What the model sees when it scores each word of the span, that word included."""
        context, positions = self._model.context, range(*span)
        if self._model.bidirectional:
            return [(tokens, position) for position in positions]
        if context is None:
            return [tokens[: position + 1] for position in positions]
        # One boundary symbol tells a window at the beginning; how many of them pad it follows from its length.
        return [
            tokens[position - context : position + 1] if position >= context else (BOS, *tokens[: position + 1])
            for position in positions
        ]

    def ask(self, description: str) -> None:
        """Ask the model for all that was noted since the last time.

        Raises LrdBenchError if the model does not give one number for each position asked for.
        """
        pending, self._pending = self._pending, {}
        with progress_bar() as bar:
            task = bar.add_task(description, total=len(pending), unit="sentences")
            queries = iter(sorted(pending.items(), key=itemgetter(0)))  # those that begin alike stand together
            while chunk := list(islice(queries, SENTENCES_AT_ONCE)):
                self._ask_chunk(chunk)
                bar.advance(task, len(chunk))

    def _ask_chunk(self, chunk: Sequence[tuple[Tokens, Mapping[int, int]]]) -> None:
        wanted = [sorted(numbers) for _, numbers in chunk]
        # Nothing after the last wanted word bears on it, unless the model looks to the right.
        sentences = [
            tokens if self._model.bidirectional else tokens[: positions[-1] + 1]
            for (tokens, _), positions in zip(chunk, wanted, strict=True)
        ]
        answers = self._model.logprobs(sentences, wanted)
        check_answers(self._name, [len(positions) for positions in wanted], answers)
        for (_, numbers), positions, answer in zip(chunk, wanted, answers, strict=True):
            for position, logprob in zip(positions, answer, strict=True):
                self._bits[numbers[position]] = -nats_to_bits(float(logprob))

    def total(self, weights: Mapping[int, float]) -> float:
        """Σ weight × surprisal in bits over numbered evidence, correctly rounded; ±inf where one side is infinite.

        Raises UnscorableError where the model gave no number, and where infinities of both signs meet.
        """
        return added_up(weight * self._bits[number] for number, weight in weights.items() if weight)


def added_up(terms: Iterable[float]) -> float:
    """Their sum, correctly rounded; ±inf where one side is. Raises UnscorableError where it is no number."""
    terms = list(terms)
    if any(map(math.isnan, terms)):
        raise UnscorableError("the model gives no number (NaN)")
    if math.inf in terms and -math.inf in terms:
        raise UnscorableError("surprisal is infinite on both sides")
    return math.fsum(terms)


def check_answers(name: str, lengths: Sequence[int], answers: Sequence[Sequence[float]]) -> None:
    """Raise LrdBenchError unless the model gave as many numbers for each sentence as it was asked for."""
    if len(answers) != len(lengths):
        raise LrdBenchError(
            f"{name}: its logprobs answered {len(answers)} of {len(lengths)} sentences. Return one list for each."
        )
    for answer, length in zip(answers, lengths, strict=True):
        if len(answer) != length:
            raise LrdBenchError(
                f"{name}: its logprobs gave {len(answer)} numbers for a sentence where {length} were asked for. "
                "Return one for each wanted position, and one more for the end where it is asked for."
            )
