"""ARPA files to models: sections become tables, sorted as `NgramTable` has them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrd_bench.files import opened
from lrd_bench.models.ngram.arpa.header import read_header
from lrd_bench.models.ngram.arpa.lines import Lines, shown
from lrd_bench.models.ngram.arpa.missing import rows_of, with_endings, with_ngrams
from lrd_bench.models.ngram.arpa.sections import Entries, Sections
from lrd_bench.models.ngram.counting import Ids
from lrd_bench.models.ngram.model import NgramModel
from lrd_bench.models.ngram.tables import NgramTable, starts_of
from lrd_bench.progress import progress_bar
from lrd_bench.vocabulary import BOS_ID, SPECIAL, UNK_ID, Vocabulary

NUMBERS = (np.float32, np.float32)
"""Of an entry: log10 probability and backoff."""

CAPITAL_UNK = "<UNK>"
UNSPELT = " "
"""Before a word: makes it one that no file holds."""


def read_arpa(path: str | Path) -> NgramModel:
    """Read an ARPA file, plain or gzipped, a block at a time.

    Its words come in the order of the file, after `<unk> <s> </s>`, with counts of 0. Where files differ:

    - Text before the header is passed over; blank lines and the order of n-grams do not matter; any of NUL, TAB, CR and
      SPACE part fields, and nothing else parts words.
    - A backoff that is missing is 0; the highest order has none, or 0.
    - `<s>` is never predicted, whatever its probability.
    - Without `<unk>`, `<UNK>` is the unknown word; beside it, a word like others (for KenLM, unknown too).
    - Without either, the vocabulary is closed: a word that it lacks has probability 0 (for KenLM, 1e-100), as has the
      end of a sentence where `</s>` is missing.
    - Log probabilities above 0, as IRSTLM writes some, are taken for 0; a message on stderr says so, and the model is
      not `normalised`.
    - Parts of an n-gram may not be listed, as when SRILM has pruned; see `lrd_bench.models.ngram.arpa.missing`.
    - The lowest 32-bit float as a backoff is -inf; see `write_arpa`.

    Raises LrdBenchError, naming the line, for anything else: wrong counts; sections missing or out of order; n-grams
    listed twice, or of words that are not among the 1-grams; what is no number, not UTF-8, or cut off.
    """
    path = Path(path)
    with opened(path) as file, progress_bar() as bar:
        lines = Lines(path, file)
        header = read_header(lines)
        sections = Sections(lines, header)
        task = bar.add_task(f"reading {path.name}", total=sum(header.counts), unit="n-grams")

        def entries(n: int) -> Iterator[Entries]:
            for some in sections.read(n):
                yield some
                bar.advance(task, len(some.ids))

        unigrams, vocabulary = _unigrams(entries(1), sections)
        tables = [unigrams]
        for n in range(2, len(header.counts) + 1):
            tables = _with_next(tables, entries(n), sections)
        sections.expect("\\end\\")
        if (line := lines.filled_line()) is not None:
            raise lines.refused(f"{shown(line)} after '\\end\\', where the file should end. Remove it.")
        if sections.positive:
            bar.console.print(
                f"{path}:{sections.first_positive}: a log10 probability above 0, the first of {sections.positive}. "
                "They are taken for 0; the file is no distribution, and has no perplexity.",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
    tables[-1] = replace(tables[-1], log10_backoffs=None)
    return NgramModel(with_endings(tables), vocabulary, normalised=not sections.positive)


def _unigrams(blocks: Iterable[Entries], sections: Sections) -> tuple[NgramTable, Vocabulary]:
    """The first table, of all words: a special one that is not listed has probability 0."""
    ids, listed_probs, listed_backoffs = _gathered(((ids[:, 0], *rest) for ids, *rest in blocks), np.int32, *NUMBERS)
    names = sections.names
    probs, backoffs = np.full(len(names), -np.inf, np.float32), np.zeros(len(names), np.float32)
    probs[ids], backoffs[ids] = listed_probs, listed_backoffs
    probs[BOS_ID] = -np.inf
    order = np.arange(len(names))
    if UNK_ID not in sections.listed and CAPITAL_UNK in names:
        capital = names.index(CAPITAL_UNK)
        order = np.delete(order, capital)
        order[UNK_ID] = capital
    spelt = [
        names[id_] if id_ in sections.listed or id_ >= len(SPECIAL) else UNSPELT + names[id_] for id_ in order.tolist()
    ]
    if tuple(spelt) != tuple(names):
        sections.respell(spelt)
    words = (*SPECIAL, *spelt[len(SPECIAL) :])
    probs, backoffs = probs[order], backoffs[order]
    table = NgramTable(
        words=np.arange(len(words), dtype=np.int32),
        starts=None,
        log10_probs=probs,
        log10_backoffs=backoffs,
    )
    return table, Vocabulary(words=words, counts=(0,) * len(words))


def _with_next(tables: Sequence[NgramTable], blocks: Iterable[Entries], sections: Sections) -> list[NgramTable]:
    """The tables of all orders so far, and the one of the next, sorted by context and word."""
    tables = list(tables)
    orphans, size = list[tuple[NDArray[np.integer], Ids]](), 0

    def rows() -> Iterator[tuple[NDArray[Any], ...]]:
        nonlocal size
        for ids, probs, backoffs in blocks:
            contexts = rows_of(tables, ids[:, :-1])
            alone = np.flatnonzero(contexts < 0)
            if len(alone):
                orphans.append((alone + size, ids[alone, :-1]))
            size += len(ids)
            yield contexts, ids[:, -1], probs, backoffs

    contexts, words, probs, backoffs = _gathered(rows(), np.int32, np.int32, *NUMBERS)
    if orphans:
        entries, lacking = (np.concatenate(parts) for parts in zip(*orphans, strict=True))
        tables = with_ngrams(tables, lacking)
        put_in = rows_of(tables, lacking)
        earlier = np.ones(len(tables[-1].words), np.bool_)
        earlier[put_in] = False
        listed = contexts >= 0
        contexts[listed] = np.flatnonzero(earlier)[contexts[listed]]
        contexts[entries] = put_in
    keys = contexts.astype(np.int64) * len(tables[0].words) + words
    if not np.all(keys[1:] > keys[:-1]):
        order = np.argsort(keys)
        keys = keys[order]
        twice = np.flatnonzero(keys[1:] == keys[:-1])
        if len(twice):
            raise sections.listed_twice(*order[twice[0] : twice[0] + 2].tolist())
        del keys
        contexts, words, probs, backoffs = contexts[order], words[order], probs[order], backoffs[order]
    tables[-1] = replace(tables[-1], starts=starts_of(contexts, len(tables[-1].words)))
    return [*tables, NgramTable(words=words, starts=None, log10_probs=probs, log10_backoffs=backoffs)]


def _gathered(blocks: Iterable[tuple[NDArray[Any], ...]], *dtypes: type) -> Iterator[NDArray[Any]]:
    """Each of the columns that come in blocks, in one piece."""
    columns: list[list[NDArray[Any]]] = [[np.empty(0, dtype)] for dtype in dtypes]
    for block in blocks:
        for column, part in zip(columns, block, strict=True):
            column.append(part.copy())  # it is part of an array that has room for more
    while columns:
        yield np.concatenate(columns.pop(0))
