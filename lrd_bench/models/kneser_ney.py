"""Interpolated modified Kneser-Ney, n-gram for n-gram what KenLM's `lmplz` estimates without pruning.

Chen and Goodman (1998), "An empirical study of smoothing techniques for language modeling", with the counts that
Heafield et al. (2013), "Scalable modified Kneser-Ney language model estimation", take: an n-gram below the highest
order counts how many different words (`<s>` among them) occur to its left, unless it starts with `<s>` itself.

An n-gram is known by its id, its row in the table of its order; a word's id is its id in the vocabulary. The id of
`w1 … wn` is found from that of `w1 … wn-1` and the word `wn`, so whole orders are looked up at once, for all positions.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
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
    orders = _count(tokens, vocab, order)
    adjusted = _adjusted_counts(orders)
    # The empty context knows every word but <s> as equally likely: that is where interpolation ends.
    shorter_probability, tables = np.array([1 / (vocab - 1)]), list[NgramTable]()
    fell_back = list[int]()
    for n, (grams, counts) in enumerate(zip(orders, adjusted, strict=True), start=1):
        discounts = _discounts(grams, counts, n, order, discount_fallback)
        if discounts is None:
            fell_back.append(n)
            discounts = np.array(FALLBACK_DISCOUNTS)
        context, discount = grams.keys // vocab, discounts[np.minimum(counts, 3)]
        mass = _sums(counts, context, len(shorter_probability))
        left = _sums(discount, context, len(shorter_probability))
        backoff = np.divide(left, mass, out=np.ones_like(mass), where=mass > 0)
        probability = (counts - discount) / mass[context] + backoff[context] * shorter_probability[grams.suffixes]
        if n == 1:
            probability[BOS_ID] = 0  # never predicted
        else:
            tables[-1] = replace(tables[-1], backoffs=_log(backoff))
        tables.append(NgramTable(keys=grams.keys, logprobs=np.minimum(_log(probability), 0), backoffs=None))
        shorter_probability = probability
    return tables, fell_back


def _sums(values: Ints | Floats, context: Ints, contexts: int) -> Floats:
    """Sum of the values of each context's n-grams: [contexts], of values and context [grams]."""
    return np.bincount(context, weights=values, minlength=contexts).astype(np.float64, copy=False)  # int64 for none


def _log(probability: Floats) -> NDArray[np.float32]:
    with np.errstate(divide="ignore"):  # <s> has probability 0, and a discount of 0 leaves nothing to back off to
        return np.log(probability).astype(np.float32)


# -- counts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Grams:
    """The distinct n-grams of one order as they occur in the text."""

    keys: Ints
    """[grams], as in NgramTable."""
    counts: Ints
    """[grams]: how often each occurs."""
    suffixes: Ints
    """[grams]: id, one order down, of the n-gram without its first word."""
    initial: NDArray[np.bool_]
    """[grams]: whether it starts with `<s>`."""
    last: int
    """Id of the one that lmplz meets last; -1 if it has none of this order there."""


def _count(tokens: Ints, vocab: int, order: int) -> list[_Grams]:
    words, last = np.arange(vocab), _last_position(tokens, vocab, order)
    occurrences = np.bincount(tokens, minlength=vocab)
    unigrams = _Grams(
        keys=words,
        counts=np.where(words == BOS_ID, 0, occurrences),
        suffixes=np.zeros(vocab, np.int64),
        initial=words == BOS_ID,
        last=int(tokens[last]),
    )
    orders, ids = [unigrams], tokens
    for _ in range(1, order):
        # `<s>` ends no n-gram, so the contexts of the next words start afresh after it.
        context, shorter = previous(ids), ids
        inside = (context >= 0) & (tokens != BOS_ID)
        keys, found, counts = np.unique(
            context[inside] * vocab + tokens[inside], return_inverse=True, return_counts=True
        )
        suffixes = np.empty(len(keys), np.int64)
        suffixes[found] = shorter[inside]
        ids = np.full(len(tokens), -1)
        ids[inside] = found
        initial = orders[-1].initial[keys // vocab]
        orders.append(_Grams(keys=keys, counts=counts, suffixes=suffixes, initial=initial, last=int(ids[last])))
    return orders


def _last_position(tokens: Ints, vocab: int, order: int) -> int:
    """Where the n-gram ends that comes last when lmplz compares them from the last word backwards.

    lmplz numbers `<s>`, `</s>` and then the words by first appearance, so each step back keeps the newest words.
    """
    appearance = np.zeros(vocab, np.int64)
    words, first = np.unique(tokens, return_index=True)
    appearance[words] = first
    appearance[BOS_ID], appearance[EOS_ID] = -2, -1
    ends = np.flatnonzero(tokens != BOS_ID)
    for back in range(order):
        age = appearance[tokens[ends - back]]
        newest = age.max()
        ends = ends[age == newest]
        if newest == appearance[BOS_ID]:
            break
    return int(ends[0])


def _adjusted_counts(orders: Sequence[_Grams]) -> list[Ints]:
    """For each order, [grams]: different left neighbours; occurrences for the highest order and after `<s>`."""
    adjusted = [
        np.where(grams.initial, grams.counts, np.bincount(longer.suffixes, minlength=len(grams.keys)))
        for grams, longer in itertools.pairwise(orders)
    ]
    return [*adjusted, orders[-1].counts]


def _discounts(grams: _Grams, counts: Ints, n: int, order: int, fallback: bool) -> Floats | None:
    """What is taken from a count of 0, 1, 2 and of 3 or more: [4]. Chen and Goodman (1998), equation 26.

    Where the counts do not give discounts between 0 and the count: None if they may fall back, else raises
    LrdBenchError.
    """
    number = np.bincount(np.minimum(counts, 5), minlength=6)  # of n-grams with a count of 0, 1, … 5 or more
    if n < order and grams.last >= 0:
        # lmplz closes the last n-gram of each lower order without adjusting its count, in these statistics alone.
        # Nothing that one would want; but on small texts it can move a probability by 0.04 log10.
        number[min(int(counts[grams.last]), 5)] -= 1
        number[min(int(grams.counts[grams.last]), 5)] += 1
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
