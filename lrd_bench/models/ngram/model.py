"""N-gram models: interpolated modified Kneser-Ney of any order (see `lrd_bench.models.ngram.kneser_ney`).

A word's score depends on the `order - 1` symbols before it and on nothing else, to the last bit: it is the sum, in a
fixed order, of numbers read from tables, never of a product whose rounding the rest of the batch could touch.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lrd_bench.models.base import LogProbs, WordDistribution, Words
from lrd_bench.models.ngram.kneser_ney import Ints, NgramTable, estimate_tables, previous
from lrd_bench.vocabulary import BOS_ID, EOS_ID, Vocabulary


class Ngram(NamedTuple):
    """One n-gram as an ARPA file lists it."""

    words: tuple[str, ...]
    log10_probability: float
    """Of the last word after the others; 0 for `<s>`, which is never predicted, as lmplz writes it."""
    log10_backoff: float | None
    """None for the highest order."""


class NgramModel(WordDistribution):
    """A backoff model with flat sorted tables, one for each order."""

    fell_back: tuple[int, ...] | None = None
    """Orders with fixed discounts, for want of counts to estimate them from; None once it is read from arrays."""

    def __init__(self, tables: Sequence[NgramTable], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.context = len(tables) - 1
        self._tables = tuple(tables)

    @classmethod
    def estimate(
        cls, sentences: Iterable[Words], vocabulary: Vocabulary, *, order: int, discount_fallback: bool = False
    ) -> Self:
        """Train on sentences (without boundary symbols); words that the vocabulary lacks become `<unk>`.

        order:              the longest n-grams, from 1; a word sees the `order - 1` before it
        discount_fallback:  where an order's discounts cannot be estimated, take 0.5, 1 and 1.5 as lmplz does

        Raises LrdBenchError for no sentences, and for discounts that cannot be estimated unless they may fall back.
        """
        tokens, _ = _joined(sentences, vocabulary)
        tables, fell_back = estimate_tables(tokens, len(vocabulary), order=order, discount_fallback=discount_fallback)
        model = cls(tables, vocabulary)
        model.fell_back = tuple(fell_back)
        return model

    # -- scores ----------------------------------------------------------------------------------------------------

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words; see `LanguageModel.logprobs`."""
        tokens, starts = _joined(sentences, self.vocabulary)
        scores = self._scores(tokens).tolist()
        result = []
        for number, sentence in enumerate(sentences):
            first, last = starts[number] + 1, starts[number] + 1 + len(sentence)  # of the first word and of `</s>`
            chosen = scores[first:last] if wanted is None else [scores[first + position] for position in wanted[number]]
            result.append([*chosen, scores[last]] if end else chosen)
        return result

    def next_word(self, prefixes: Sequence[Words]) -> NDArray[np.float64]:
        """Natural-log probability of every word after each prefix: [prefixes, vocab]; -inf for `<s>`."""
        vocab = len(self.vocabulary)
        tokens, starts = _joined(prefixes, self.vocabulary)
        ends = np.array([start + len(prefix) for start, prefix in zip(starts, prefixes, strict=True)], np.int64)
        scores = np.tile(self._tables[0].logprobs.astype(np.float64), (len(prefixes), 1))
        contexts = (ids[ends] for ids in self._ids(tokens))
        for context, shorter, table in zip(contexts, self._tables, self._tables[1:], strict=False):
            known = np.flatnonzero(context >= 0)
            context = context[known]
            assert shorter.backoffs is not None
            scores[known] += shorter.backoffs[context][:, np.newaxis]
            first, stop = np.searchsorted(table.keys, (context * vocab, (context + 1) * vocab))
            rows = np.repeat(known, stop - first)
            followers = np.arange(len(rows)) + np.repeat(stop - np.cumsum(stop - first), stop - first)
            scores[rows, table.keys[followers] % vocab] = table.logprobs[followers]
        return scores

    def _scores(self, tokens: Ints) -> NDArray[np.float64]:
        """Log-probability of each word of a text after those before it in its sentence: [positions]."""
        scores = self._tables[0].logprobs[tokens].astype(np.float64)
        ids = self._ids(tokens)
        context = previous(next(ids))
        for shorter, table, found in zip(self._tables, self._tables[1:], ids, strict=False):
            assert shorter.backoffs is not None
            # An index of -1 takes the last row, and `where` then drops what it gave.
            backoff = np.where(context >= 0, shorter.backoffs[context], 0)
            scores = np.where(found >= 0, table.logprobs[found], scores + backoff)
            context = previous(found)
        return scores

    def _ids(self, tokens: Ints) -> Iterator[Ints]:
        """For orders 1, 2 … the id of the n-gram that ends at each position: [positions]; -1 where there is none.

        Stops early at an order that has no n-grams at all: no longer one exists.
        """
        ids = tokens
        yield ids
        for table in self._tables[1:]:
            if not len(table.keys):
                return
            keys = previous(ids) * len(self.vocabulary) + tokens  # negative, so never found, without a context
            places = np.minimum(np.searchsorted(table.keys, keys), len(table.keys) - 1)
            ids = np.where(table.keys[places] == keys, places, -1)
            yield ids

    # -- tables ----------------------------------------------------------------------------------------------------

    def ngrams(self) -> Iterator[Ngram]:
        """Every n-gram, order by order, sorted by the ids of its words."""
        words, vocab = np.empty((1, 0), np.int64), len(self.vocabulary)
        for table in self._tables:
            words = np.column_stack((words[table.keys // vocab], table.keys % vocab))  # [grams, order]
            logprobs = _log10(np.where(words[:, -1] == BOS_ID, 0, table.logprobs))
            backoffs = itertools.repeat(None) if table.backoffs is None else _log10(table.backoffs)
            for gram, logprob, backoff in zip(words.tolist(), logprobs, backoffs, strict=False):
                yield Ngram(tuple(self.vocabulary.words[word] for word in gram), logprob, backoff)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The tables as named arrays: `1.keys`, `1.logprobs`, `1.backoffs`, `2.keys` …; see `NgramTable`."""
        arrays: dict[str, NDArray[np.generic]] = {}
        for order, table in enumerate(self._tables, start=1):
            arrays |= {f"{order}.keys": table.keys, f"{order}.logprobs": table.logprobs}
            if table.backoffs is not None:
                arrays[f"{order}.backoffs"] = table.backoffs
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], vocabulary: Vocabulary) -> Self:
        """The model whose `arrays` these are."""
        orders = sorted(int(name.removesuffix(".keys")) for name in arrays if name.endswith(".keys"))
        tables = [
            NgramTable(
                keys=arrays[f"{order}.keys"].astype(np.int64, copy=False),
                logprobs=arrays[f"{order}.logprobs"].astype(np.float32, copy=False),
                backoffs=arrays[f"{order}.backoffs"].astype(np.float32, copy=False) if order < orders[-1] else None,
            )
            for order in orders
        ]
        return cls(tables, vocabulary)


def _joined(sentences: Iterable[Words], vocabulary: Vocabulary) -> tuple[Ints, list[int]]:
    """All sentences on end as word ids, each between `<s>` and `</s>`: [positions]; and where each `<s>` is."""
    encoded = [vocabulary.encode(sentence) for sentence in sentences]
    starts = list(itertools.accumulate((len(ids) + 2 for ids in encoded), initial=0))
    tokens = itertools.chain.from_iterable((BOS_ID, *ids, EOS_ID) for ids in encoded)
    return np.fromiter(tokens, np.int64, count=starts.pop()), starts


def _log10(logs: NDArray[np.floating]) -> list[float]:
    return [float(log) / math.log(10) for log in logs]
