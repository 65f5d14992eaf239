"""N-gram models: estimated from text, and asked for probabilities.

A word's score depends on the `order - 1` symbols before it and on nothing else, to the last bit: it is the sum, in a
fixed order, of numbers read from tables, never of a product whose rounding the rest of the batch could touch.
"""

import itertools
import math
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lrd_bench.corpus import read_blocks
from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LogProbs, WordDistribution, Words, check_wanted
from lrd_bench.models.ngram.cores import cores
from lrd_bench.models.ngram.counting import Ids
from lrd_bench.models.ngram.estimation import STUPID_BACKOFF, estimate_tables
from lrd_bench.models.ngram.held_out import MAX_POSITIONS, estimate_lambdas
from lrd_bench.models.ngram.lookup import Lookup, unlisted_contexts
from lrd_bench.models.ngram.merging import count_in_parts, in_parts, positions_within
from lrd_bench.models.ngram.sentences import LineIds, SentenceIds
from lrd_bench.models.ngram.tables import NgramTable, ids_of, spell
from lrd_bench.models.ngram.text import TextIds
from lrd_bench.models.recipes import NgramSettings
from lrd_bench.vocabulary import EOS_ID, Vocabulary

Floats = NDArray[np.float64]

COUNTING_MEMORY = 2**31
"""Bytes that counting may take; what a text needs beyond them goes to files in the folder for temporary ones."""

LINES = 2**15
"""Lines that are read and looked up at a time, at most, by one thread."""

ROWS = 2**16
"""n-grams that are spelt out at a time."""


class Ngram(NamedTuple):
    """One n-gram as an ARPA file lists it."""

    words: tuple[str, ...]
    log10_probability: float
    """Of the last word after the others; -inf for `<s>`, which is never predicted."""
    log10_backoff: float | None
    """None for the highest order."""


class NgramModel(WordDistribution):
    """A backoff model: for each order a table of its n-grams."""

    fell_back: tuple[int, ...] | None = None
    """Orders with fixed discounts, for want of counts to estimate them from; None for a model that was read."""

    def __init__(
        self,
        tables: Sequence[NgramTable],
        vocabulary: Vocabulary,
        *,
        normalised: bool = True,
        stupid: bool = False,
    ) -> None:
        """normalised: False for a file with probabilities above 1; stupid: whether it is stupid backoff."""
        self.vocabulary = vocabulary
        self.context = len(tables) - 1
        self.tables = tuple(tables)
        self.normalised = normalised and not stupid
        # Stupid backoff takes its toll of a context that it does not know, too.
        self._unlisted = math.log10(STUPID_BACKOFF) if stupid else 0.0

    # -- estimation ------------------------------------------------------------------------------------------------

    @classmethod
    def from_text(
        cls,
        path: str | Path,
        settings: NgramSettings | None = None,
        *,
        held_out: str | Path | None = None,
        memory: int = COUNTING_MEMORY,
    ) -> Self:
        """Estimate a model from a text file (plain, .gz or .zst), whose words are its vocabulary.

        The text is read as KenLM's `lmplz` reads it (`TextIds`), and with the default settings the model is the one
        that `lmplz` makes, or, with `discount_fallback`, `lmplz --discount_fallback`.

        held_out:  another text file, for the weights of Jelinek-Mercer; None: each word of the text in turn
        memory:    bytes that counting may take; more text than they hold is counted in parts, on disk

        Raises LrdBenchError for a file that cannot be read, is no UTF-8, holds `<s>`, `</s>` or `<unk>`, or is empty;
        and for discounts that cannot be estimated unless they may fall back.
        """
        path = Path(path)
        text = TextIds(read_blocks(path), path)
        other = None if held_out is None else _read_later(Path(held_out), text)
        return cls.from_ids(text, settings or NgramSettings(), held_out=other, memory=memory)

    @classmethod
    def estimate(
        cls,
        sentences: Iterable[Words],
        vocabulary: Vocabulary,
        settings: NgramSettings,
        *,
        held_out: Iterable[Words] | None = None,
    ) -> Self:
        """Estimate a model from sentences (without boundary symbols); words that the vocabulary lacks become `<unk>`.

        held_out:  other sentences, for the weights of Jelinek-Mercer; None: each word of the sentences in turn

        Raises LrdBenchError for no sentences, and for discounts that cannot be estimated unless they may fall back.
        """
        other = None if held_out is None else SentenceIds(held_out, vocabulary)
        return cls.from_ids(SentenceIds(sentences, vocabulary), settings, held_out=other)

    @classmethod
    def from_ids(
        cls,
        text: TextIds | SentenceIds,
        settings: NgramSettings,
        *,
        held_out: Iterable[Ids] | None = None,
        memory: int = COUNTING_MEMORY,
        on_chunk: Callable[[], object] = lambda: None,
    ) -> Self:
        """As `from_text` and `estimate`, from a text whose words are ids already.

        on_chunk:  called each time that some of the text has been read
        """
        deleted = settings.smoothing == "jelinek-mercer" and held_out is None
        sample = _Sample(MAX_POSITIONS if deleted else 0, on_chunk)
        with tempfile.TemporaryDirectory(prefix="lrd-bench-") as folder:
            parts = in_parts(sample.passing(text), positions_within(memory, settings.order))
            levels = count_in_parts(parts, lambda: text.vocab, settings.order, Path(folder))
            if not sample.size:
                raise LrdBenchError(
                    "the training text has no sentences to count. Give it one tokenised sentence a line."
                )
            ended, lambdas = sample.last == EOS_ID, None
            if settings.smoothing == "jelinek-mercer":
                if held_out is not None:
                    sample = _Sample(MAX_POSITIONS)
                    deque(itertools.takewhile(lambda _: sample.size < MAX_POSITIONS, sample.passing(held_out)), 0)
                lambdas = estimate_lambdas(levels, sample.ids(), deleted=deleted)
            tables, fell_back = estimate_tables(
                levels, settings, appearance=text.appearance, ended=ended, lambdas=lambdas
            )
        model = cls(tables, text.vocabulary(), stupid=not settings.normalised)
        model.fell_back = tuple(fell_back)
        return model

    # -- scores ----------------------------------------------------------------------------------------------------

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words; see `LanguageModel.logprobs`."""
        ids, starts = self._lines.read_sentences(sentences)
        scores, bounds = self._scores(ids).tolist(), starts.tolist()
        if wanted is None:
            last = 0 if end else 1
            return [scores[start + 1 : stop - last] for start, stop in itertools.pairwise(bounds)]
        check_wanted(sentences, wanted)
        result = []
        for positions, start, stop in zip(wanted, bounds, bounds[1:], strict=False):
            chosen = [scores[start + 1 + position] for position in positions]
            result.append([*chosen, scores[stop - 1]] if end else chosen)
        return result

    def line_logprobs(self, lines: Sequence[str]) -> tuple[Floats, NDArray[np.int64]]:
        """Natural-log probability of each word of some lines and of their ends: [words + ends]; where each line begins
        among them: [lines + 1].

        Much quicker than `logprobs` where sentences are strings: words are the bytes between white space, as KenLM has
        it, and nothing is taken apart in Python. No line may hold a line feed.

        Raises TypeError for a single string.
        """
        if isinstance(lines, str):
            raise TypeError(f"lines are a list of strings, and {lines!r} is one. Put it in a list.")
        _ = self._lookup, self._lines  # made once, before several ask for them
        size = min(LINES, -(-len(lines) // cores()))
        chunks = [lines[start : start + size] for start in range(0, len(lines), size or 1)]
        with ThreadPoolExecutor(cores()) as pool:
            parts = list(pool.map(self._line_logprobs, chunks))
        scores = np.concatenate([np.empty(0), *(part for part, _ in parts)])
        return scores, np.cumsum(np.concatenate([np.zeros(1, np.int64), *(lengths for _, lengths in parts)]))

    def _line_logprobs(self, lines: Sequence[str]) -> tuple[Floats, NDArray[np.int64]]:
        """As `line_logprobs`, but for how many there are of each line: [lines]."""
        ids, starts = self._lines.read(lines)
        inside = np.ones(len(ids), np.bool_)
        inside[starts[:-1]] = False  # no one asks for the scores of <s>
        return self._scores(ids)[inside], np.diff(starts) - 1

    def _scores(self, tokens: Ids) -> Floats:
        """Natural-log probability of each word of a text after those before it in its sentence: [positions]."""
        return self._lookup.scores(tokens).astype(np.float64) * math.log(10)

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.tables, unlisted=self._unlisted)

    @cached_property
    def _lines(self) -> LineIds:
        return LineIds(self.vocabulary)

    def next_word(self, prefixes: Sequence[Words]) -> Floats:
        """Natural-log probability of every word after each prefix: [prefixes, vocab]; -inf for `<s>`."""
        text = SentenceIds(prefixes, self.vocabulary)
        ends = text.starts[1:] - 2  # the last word of each prefix, or its `<s>`
        scores = np.tile(self.tables[0].log10_probs, (len(prefixes), 1))
        for ids, shorter, table in zip(ids_of(self.tables, text.ids), self.tables, self.tables[1:], strict=False):
            contexts = ids[ends]
            known = np.flatnonzero(contexts >= 0)
            contexts = contexts[known]
            assert shorter.starts is not None
            assert shorter.log10_backoffs is not None
            scores[known] += shorter.log10_backoffs[contexts][:, np.newaxis]
            first, stop = shorter.starts[contexts].astype(np.int64), shorter.starts[contexts + 1].astype(np.int64)
            rows = np.repeat(known, stop - first)
            followers = np.arange(len(rows)) + np.repeat(stop - np.cumsum(stop - first), stop - first)
            scores[rows, table.words[followers]] = table.log10_probs[followers]
        if self._unlisted:
            scores += unlisted_contexts(self.tables, text.ids)[ends, np.newaxis] * np.float32(self._unlisted)
        return scores.astype(np.float64) * math.log(10)

    # -- tables ----------------------------------------------------------------------------------------------------

    def ngrams(self) -> Iterator[Ngram]:
        """Every n-gram, order by order, sorted by the ids of its words."""
        for order, table in enumerate(self.tables, start=1):
            for start in range(0, len(table.words), ROWS):
                stop = min(start + ROWS, len(table.words))
                words = spell(self.tables, order, np.arange(start, stop)).tolist()
                backoffs = None if table.log10_backoffs is None else table.log10_backoffs[start:stop].tolist()
                for row, log10_prob in enumerate(table.log10_probs[start:stop].tolist()):
                    gram = tuple(self.vocabulary.words[word] for word in words[row])
                    yield Ngram(gram, log10_prob, None if backoffs is None else backoffs[row])

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The tables as named arrays: `1.words`, `1.starts`, `1.log10_probs` …; see `NgramTable`."""
        named = {f"{n}.{name}": array for n, table in enumerate(self.tables, 1) for name, array in vars(table).items()}
        return {name: array for name, array in named.items() if array is not None}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], vocabulary: Vocabulary, *, stupid: bool = False) -> Self:
        """The model whose `arrays` these are, which are not copied. Raises KeyError where one is missing."""
        orders = sorted(int(name.removesuffix(".words")) for name in arrays if name.endswith(".words"))
        tables = [
            NgramTable(
                words=arrays[f"{n}.words"],
                starts=arrays[f"{n}.starts"] if n < orders[-1] else None,
                log10_probs=arrays[f"{n}.log10_probs"],
                log10_backoffs=arrays[f"{n}.log10_backoffs"] if n < orders[-1] else None,
            )
            for n in orders
        ]
        return cls(tables, vocabulary, stupid=stupid)


class _Sample:
    """What is kept of a text that passes by: how long it is, how it begins and how it ends."""

    def __init__(self, positions: int, on_chunk: Callable[[], object] = lambda: None) -> None:
        """positions: how much of the beginning is kept; on_chunk: called each time that some of the text has passed."""
        self._positions, self._on_chunk = positions, on_chunk
        self._chunks = [np.empty(0, np.int32)]
        self.size, self.last = 0, EOS_ID

    def passing(self, chunks: Iterable[Ids]) -> Iterator[Ids]:
        """The chunks, as they are."""
        for chunk in chunks:
            if self.size < self._positions:
                self._chunks.append(chunk)
            self.size += len(chunk)
            self.last = int(chunk[-1]) if len(chunk) else self.last
            self._on_chunk()
            yield chunk

    def ids(self) -> Ids:
        """The beginning of the text: [positions]."""
        return np.concatenate(self._chunks)


def _read_later(path: Path, text: TextIds) -> Iterator[Ids]:
    """A text in the vocabulary of another, which must have been read by the time that this one is."""
    yield from TextIds(read_blocks(path), path, text.vocabulary())
