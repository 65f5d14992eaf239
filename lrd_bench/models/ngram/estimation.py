"""From the counts of a text to the tables of a model.

Modified Kneser-Ney is, n-gram for n-gram, what KenLM's `lmplz` estimates: Chen and Goodman (1998), "An empirical study
of smoothing techniques for language modeling", with the counts of Heafield et al. (2013), "Scalable modified
Kneser-Ney language model estimation": an n-gram below the highest order counts how many different words (`<s>` among
them) occur to its left, unless it starts with `<s>` itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.counting import Ids, Level
from lrd_bench.models.ngram.quirks import Quirks
from lrd_bench.models.ngram.smoothing import (
    Floats,
    Weights,
    context_weights,
    counts_of_counts,
    estimate_discounts,
    has_discounts,
    interpolate,
    prune,
)
from lrd_bench.models.ngram.tables import Floats32, NgramTable, starts_of
from lrd_bench.models.recipes import NgramSettings
from lrd_bench.vocabulary import BOS_ID

STUPID_BACKOFF = 0.4
"""Of all contexts, known or not: Brants et al. (2007), "Large language models in machine translation"."""


def estimate_tables(
    levels: list[Level],
    settings: NgramSettings,
    *,
    appearance: NDArray[np.int64],
    ended: bool,
    lambdas: Sequence[float] | None = None,
) -> tuple[list[NgramTable], list[int]]:
    """The tables of a model; and the orders whose discounts fell back.

    levels:      from `count_ngrams`; the list is emptied, for a level that is done with makes room for the next
    appearance:  [vocab]: where each word came first, as far as order goes; see `TextIds`
    ended:       whether the last sentence of the text has its `</s>`
    lambdas:       for orders 1, 2 … the weight of relative frequencies, for Jelinek-Mercer (`held_out`)

    Raises LrdBenchError where discounts cannot be estimated and must not fall back.
    """
    quirks = None
    if settings.lmplz_quirks and settings.smoothing == "modified-kneser-ney":
        quirks = Quirks(levels, appearance, ended=ended)
    highest, can_follow = len(levels), len(levels[0].words) - 1  # all words but <s>
    # The empty context finds all words equally likely: that is where interpolation ends.
    shorter, initial, below = np.array([1 / can_follow]), (0, 0), None
    tables, fell_back = list[NgramTable](), list[int]()
    for n in range(1, highest + 1):
        level = levels.pop(0)
        adjusts = n < highest and settings.smoothing in ("modified-kneser-ney", "kneser-ney")
        counts = _adjusted(level, levels[0]) if adjusts else level.counts
        discounts = None
        if has_discounts(settings):
            numbers = counts_of_counts(counts)
            if quirks is not None and adjusts:
                numbers = quirks.counts_of_counts(n, numbers, counts, level.counts)
            discounts, fallen = estimate_discounts(settings, numbers, n)
            fell_back += [n] * fallen
        weights = context_weights(
            settings,
            counts,
            level.parents,
            len(shorter),
            can_follow=can_follow,
            discounts=discounts,
            lambda_=lambdas[n - 1] if lambdas else 1.0,
        )
        if settings.smoothing == "add-k" and n < highest:
            _leave_to_the_highest(weights, initial)
        kept = _kept(level.counts, settings, n)
        if kept is not None and settings.smoothing != "stupid-backoff":  # it backs off at one price whatever is left
            prune(weights, counts, level.parents, kept)
        probabilities = interpolate(weights, counts, level.parents, level.suffixes, shorter)
        if n == 1:
            if settings.smoothing == "stupid-backoff":  # it does not say what a word that never occurs has
                probabilities[counts == 0] = STUPID_BACKOFF / can_follow
            probabilities[BOS_ID] = 0  # never predicted
        if below is not None:
            backoffs = weights.share
            if settings.smoothing == "stupid-backoff":
                backoffs = np.full(len(shorter), STUPID_BACKOFF)
            elif quirks is not None:
                backoffs = quirks.backoffs(n - 1, backoffs, below.words, level.parents, below.kept, kept)
            tables.append(_table(below, backoffs, level.parents, kept))
        below = _Rows(words=level.words, log10_probs=np.minimum(_log10(probabilities), 0), kept=kept)
        shorter, initial = probabilities, level.initial
    assert below is not None, "there is an order 1"
    tables.append(_table(below, None, None, None))
    return tables, fell_back


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """The n-grams of an order whose table waits for the order above."""

    words: Ids
    log10_probs: Floats32
    kept: NDArray[np.bool_] | None
    """Which of them stay; None: all."""


def _table(rows: _Rows, backoffs: Floats | None, parents: Ids | None, kept: NDArray[np.bool_] | None) -> NgramTable:
    """The table of an order, from what the order above says of it: nothing for the highest.

    backoffs:  of all its n-grams
    parents:   of the n-grams above, and which of these are kept; None: all
    """
    mine = slice(None) if rows.kept is None else rows.kept
    words, log10_probs, starts = rows.words[mine], rows.log10_probs[mine], None
    if parents is not None:
        parents = parents if kept is None else parents[kept]
        if rows.kept is not None:
            parents = (np.cumsum(rows.kept, dtype=np.int32) - 1)[parents]
        starts = starts_of(parents, len(words))
    log10_backoffs = None if backoffs is None else _log10(backoffs[mine])
    return NgramTable(words=words, starts=starts, log10_probs=log10_probs, log10_backoffs=log10_backoffs)


def _kept(occurrences: Ids, settings: NgramSettings, n: int) -> NDArray[np.bool_] | None:
    """Which n-grams of an order occur often enough: [grams]; None: all."""
    if not settings.prune:
        return None
    limit = settings.prune[min(n, len(settings.prune)) - 1]
    return occurrences > limit if limit else None


def _leave_to_the_highest(weights: Weights, initial: tuple[int, int]) -> None:
    """Take the weight from all contexts but those at the beginning of a sentence: there is no longer one there."""
    inert = np.ones(len(weights.scale), np.bool_)
    inert[slice(*initial)] = False
    weights.scale[inert], weights.share[inert] = 0, 1


def _log10(numbers: Floats) -> Floats32:
    with np.errstate(divide="ignore"):  # 0 for what never follows, and where nothing is left to back off to
        logs: Floats32 = np.log10(numbers.astype(np.float32))
    return logs


def _adjusted(level: Level, longer: Level) -> Ids:
    """[grams]: how many different words stand to the left of each; how often it occurs, if it begins with `<s>`."""
    counts = np.zeros(len(level.words), np.int32)
    _count_neighbours(longer.suffixes, counts)
    start, stop = level.initial
    counts[start:stop] = level.counts[start:stop]
    return counts


@compiled
def _count_neighbours(suffixes, counts):  # type: ignore[no-untyped-def]
    for gram in range(len(suffixes)):
        counts[suffixes[gram]] += 1
