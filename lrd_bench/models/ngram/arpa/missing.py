"""N-grams that a file lacks though longer ones hold them, as in models that SRILM has pruned: they are put in.

Tables are looked up word by word, and a word that a short context does not know is not asked of a longer one: so the
first n - 1 words of an n-gram must be listed, and its last. An n-gram that is put in has the probability that backing
off gives it, and a backoff of 0: no score changes. (KenLM puts in the last words, and refuses a file that lacks the
first.)
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.counting import Ids
from lrd_bench.models.ngram.tables import Floats32, NgramTable, find_row, spell


def rows_of(tables: Sequence[NgramTable], grams: Ids) -> Ids:
    """Where n-grams stand in the table of their order: [grams]; -1 for one that does not.

    grams:  [grams, order] ids of words
    """
    rows = grams[:, 0].copy()
    for shorter, table, words in zip(tables, tables[1:], grams.T[1:], strict=False):
        _go_on(rows, words, shorter.starts, table.words)
    return rows


def with_endings(tables: Sequence[NgramTable]) -> list[NgramTable]:
    """The tables of a model, with the last n - 1 words of each n-gram."""
    tables, order = list(tables), 3
    endings = tables[1].words if len(tables) > 1 else None  # rows of the last words, one order down
    while order <= len(tables):
        shortest, shorter, table = tables[order - 3 : order]
        found = np.empty(len(table.words), np.int32)
        _find_endings(endings, shorter.starts, table.words, shortest.starts, shorter.words, found)
        lacking = np.flatnonzero(found < 0)
        if len(lacking):
            tables = with_ngrams(tables, spell(tables, order, lacking)[:, 1:])
            endings, order = tables[1].words, 3  # rows have moved
        else:
            endings, order = found, order + 1
    return tables


def with_ngrams(tables: Sequence[NgramTable], grams: Ids) -> list[NgramTable]:
    """The tables with these n-grams, and with what they in turn need.

    grams:  [grams, order] ids of words
    """
    tables, order = list(tables), grams.shape[1]
    new = np.unique(grams, axis=0)
    new = new[rows_of(tables, new) < 0]
    if not len(new):
        return tables
    tables = with_ngrams(with_ngrams(tables, new[:, :-1]), new[:, 1:])
    shorter, table = tables[order - 2 : order]
    assert shorter.starts is not None
    assert table.log10_backoffs is not None
    contexts = rows_of(tables, new[:, :-1])
    before = np.array(
        [
            start + np.searchsorted(table.words[start:stop], word)
            for start, stop, word in zip(
                shorter.starts[contexts], shorter.starts[contexts + 1], new[:, -1], strict=True
            )
        ]
    )
    moved = np.searchsorted(contexts, np.arange(len(shorter.starts))).astype(np.int32)
    tables[order - 2] = replace(shorter, starts=shorter.starts + moved)
    tables[order - 1] = NgramTable(
        words=np.insert(table.words, before, new[:, -1]),
        starts=None if table.starts is None else np.insert(table.starts, before, table.starts[before]),
        log10_probs=np.insert(table.log10_probs, before, _log10_probs(tables, new)),
        log10_backoffs=np.insert(table.log10_backoffs, before, 0),
    )
    return tables


def _log10_probs(tables: Sequence[NgramTable], grams: Ids) -> Floats32:
    """The probability of the last word after the others, for n-grams that are not in the tables: [grams]."""
    probs: Floats32 = tables[0].log10_probs[grams[:, -1]]
    for start in range(grams.shape[1] - 2, -1, -1):
        size = grams.shape[1] - start
        rows, contexts = rows_of(tables[:size], grams[:, start:]), rows_of(tables, grams[:, start:-1])
        backoffs = tables[size - 2].log10_backoffs
        assert backoffs is not None
        backed_off = probs + np.where(contexts >= 0, backoffs[contexts], np.float32(0))
        probs = np.where(rows >= 0, tables[size - 1].log10_probs[rows], backed_off) if start else backed_off
    return probs


# -- kernels -----------------------------------------------------------------------------------------------------------


@compiled
def _go_on(rows, words, starts, next_words):  # type: ignore[no-untyped-def]
    """Replace each row by that of the n-gram that is a word longer; -1 where there is none."""
    for i in range(len(rows)):
        row = rows[i]
        if row >= 0:
            rows[i] = find_row(next_words, starts[row], starts[row + 1], words[i])


@compiled
def _find_endings(endings, starts, words, shorter_starts, shorter_words, found):  # type: ignore[no-untyped-def]
    """Where each n-gram without its first word stands, one order down; -1 where it does not.

    endings:  the same of its context
    starts:   where the n-grams of each context begin
    """
    for context in range(len(endings)):
        start, stop = shorter_starts[endings[context]], shorter_starts[endings[context] + 1]
        for row in range(starts[context], starts[context + 1]):
            found[row] = find_row(shorter_words, start, stop, words[row])
