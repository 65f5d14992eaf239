"""Interpolated modified Kneser-Ney, n-gram for n-gram what KenLM's `lmplz` estimates without pruning.

Chen and Goodman (1998), "An empirical study of smoothing techniques for language modeling", with the counts that
Heafield et al. (2013), "Scalable modified Kneser-Ney language model estimation", take: an n-gram below the highest
order counts how many different words (`<s>` among them) occur to its left, unless it starts with `<s>` itself.

An n-gram is known by its id, its row in the table of its order; a word's id is its id in the vocabulary. The id of
`w1 … wn` is found from that of `w1 … wn-1` and the word `wn`, so whole orders are looked up at once, for all positions.
"""

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram.counting import Level, count_ngrams, find
from lrd_bench.models.ngram.positions import Ids
from lrd_bench.vocabulary import BOS_ID, EOS_ID

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FALLBACK_DISCOUNTS = (0.0, 0.5, 1.0, 1.5)
"""lmplz's for an order whose counts give none: of counts 0, 1, 2 and more."""


@dataclass(frozen=True, kw_only=True)
class NgramTable:
    """All n-grams of one order, in natural logs."""

    keys: Ints
    """[grams], increasing: id of the first n - 1 words × vocab + the last word. For unigrams, the word."""
    logprobs: NDArray[np.float32]
    """[grams]: of the last word after the others, lower orders mixed in."""
    backoffs: NDArray[np.float32] | None
    """[grams]: what is added to a shorter context's score for a word never seen after this n-gram; None for the highest
    order."""


def previous(ids: Ints) -> Ints:
    """At each position of a text the id one position earlier: [positions]; -1 at the first."""
    return np.concatenate((np.array([-1]), ids))[: len(ids)]


def estimate_tables(
    tokens: Ints, vocab: int, *, order: int, discount_fallback: bool
) -> tuple[list[NgramTable], list[int]]:
    """The n-grams of a text with their probabilities, orders 1 to `order`; and the orders whose discounts fell back.

    tokens:             [positions] word ids of all sentences on end, each after its `<s>` (and before its `</s>`)
    vocab:              how many words there are, `<unk> <s> </s>` included; one that never occurs gets its share of
                        what the unigrams' discounts leave, and so does `<unk>`, a word like any other
    discount_fallback:  take lmplz's fixed discounts for an order whose own cannot be estimated

    Raises LrdBenchError for an empty text, and where discounts cannot be estimated and must not fall back.
    """
    if not len(tokens):
        raise LrdBenchError("the training text has no sentences to count. Give it one tokenised sentence a line.")
    text = tokens.astype(np.int32)
    levels = count_ngrams(text, vocab, order)
    last = _last_words(text, vocab, order)
    # The empty context knows every word but <s> as equally likely: that is where interpolation ends.
    shorter, tables, fell_back = np.array([1 / (vocab - 1)]), list[NgramTable](), list[int]()
    for n, level in enumerate(levels, start=1):
        counts = level.counts if n == order else _adjusted(level, levels[n])
        last_of_level = find(levels, last[-n:]) if n < order and n <= len(last) else -1
        discounts = _discounts(level, counts, last_of_level, n, discount_fallback)
        if discounts is None:
            fell_back.append(n)
            discounts = np.array(FALLBACK_DISCOUNTS)
        mass, left = np.zeros(len(shorter), np.int64), np.zeros(len(shorter))
        _sum_contexts(level.parents, counts, discounts, mass, left)
        backoff = np.divide(left, mass, out=np.ones(len(shorter)), where=mass > 0)
        probability = np.empty(len(counts))
        _interpolate(level.parents, level.suffixes, counts, discounts, mass, backoff, shorter, probability)
        if n == 1:
            probability[BOS_ID] = 0  # never predicted
        else:
            tables[-1] = replace(tables[-1], backoffs=_log(backoff))
        keys = level.parents.astype(np.int64) * vocab + level.words
        tables.append(NgramTable(keys=keys, logprobs=np.minimum(_log(probability), 0), backoffs=None))
        shorter = probability
    return tables, fell_back


def _log(probability: Floats) -> NDArray[np.float32]:
    with np.errstate(divide="ignore"):  # <s> has probability 0, and a discount of 0 leaves nothing to back off to
        return np.log(probability).astype(np.float32)


@njit(cache=True, nogil=True)
def _sum_contexts(parents, counts, discounts, mass, left):  # type: ignore[no-untyped-def]
    """mass, left: [contexts], the sums of the counts of each context's n-grams and of what is taken from them."""
    gram = 0
    while gram < len(parents):
        context, total, ones, twos, more = parents[gram], 0, 0, 0, 0
        while gram < len(parents) and parents[gram] == context:
            count = counts[gram]
            total += count
            ones += count == 1
            twos += count == 2
            more += count > 2
            gram += 1
        mass[context] = total
        left[context] = ones * discounts[1] + twos * discounts[2] + more * discounts[3]


@njit(cache=True, nogil=True)
def _interpolate(parents, suffixes, counts, discounts, mass, backoff, shorter, result):  # type: ignore[no-untyped-def]
    """result: [grams], what is left of each relative frequency and the context's share of the shorter probability."""
    for gram in range(len(parents)):
        context, count = parents[gram], counts[gram]
        kept = (count - discounts[min(count, 3)]) / mass[context]
        result[gram] = kept + backoff[context] * shorter[suffixes[gram]]


# -- counts --------------------------------------------------------------------------------------------------------


def _adjusted(level: Level, longer: Level) -> Ids:
    """[grams]: how many different words stand to the left of each; how often it occurs, if it begins with `<s>`."""
    counts = np.zeros(len(level.words), np.int32)
    _count_neighbours(longer.suffixes, counts)
    start, stop = level.initial
    counts[start:stop] = level.counts[start:stop]
    return counts


@njit(cache=True, nogil=True)
def _count_neighbours(suffixes, counts):  # type: ignore[no-untyped-def]
    for gram in range(len(suffixes)):
        counts[suffixes[gram]] += 1


def _last_words(text: Ids, vocab: int, order: int) -> list[int]:
    """The n-gram that comes last when lmplz compares them from the last word backwards, at most back to an `<s>`.

    lmplz numbers `<s>`, `</s>` and then the words by first appearance, so each step back keeps the newest words.
    """
    appearance = np.zeros(vocab, np.int64)
    _first_appearances(text, appearance)
    appearance[BOS_ID], appearance[EOS_ID] = -2, -1
    ends = np.flatnonzero(text != BOS_ID)
    for back in range(order):
        age = appearance[text[ends - back]]
        newest = age.max()
        ends = ends[age == newest]
        if newest == appearance[BOS_ID]:
            break
    words: list[int] = text[ends[0] - back : ends[0] + 1].tolist()
    return words


@njit(cache=True, nogil=True)
def _first_appearances(text, appearance):  # type: ignore[no-untyped-def]
    for position in range(len(text) - 1, -1, -1):
        appearance[text[position]] = position


def _discounts(level: Level, counts: Ids, last: int, n: int, fallback: bool) -> Floats | None:
    """What is taken from a count of 0, 1, 2 and of 3 or more: [4]. Chen and Goodman (1998), equation 26.

    last:  id of the n-gram that lmplz meets last; -1 if it is of no concern

    Where the counts do not give discounts between 0 and the count: None if they may fall back, else raises
    LrdBenchError.
    """
    number = np.bincount(np.minimum(counts, 5), minlength=6)  # of n-grams with a count of 0, 1, … 5 or more
    if last >= 0:
        # lmplz closes the last n-gram of each lower order without adjusting its count, in these statistics alone.
        # Nothing that one would want; but on small texts it can move a probability by 0.04 log10.
        number[min(int(counts[last]), 5)] -= 1
        number[min(int(level.counts[last]), 5)] += 1
    missing = [count for count in (1, 2, 3) if not number[count]]
    if not missing:
        scale = number[1] / (number[1] + 2 * number[2])
        discounts = np.array([0.0, *(k - (k + 1) * scale * number[k + 1] / number[k] for k in (1, 2, 3))])
        if np.all((discounts >= 0) & (discounts <= np.arange(4))):
            return discounts
    if fallback:
        return None
    why = f"none has an adjusted count of {missing[0]}" if missing else "their counts of counts give one out of range"
    raise LrdBenchError(
        f"the Kneser-Ney discounts of the {n}-grams cannot be estimated: {why}, as in small or artificial text. "
        "Set `discount_fallback = true` in the recipe's [model], or train on more text."
    )
