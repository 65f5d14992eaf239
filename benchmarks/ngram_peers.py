"""Other ways from text to an n-gram model, to be measured beside ours.

`DictModel` is what a colleague would write in an afternoon: Python dicts number words and n-grams, numpy does the rest.
It is interpolated modified Kneser-Ney, as ours is, without lmplz's quirks: the same n-grams, the same probabilities. No
time is given away on purpose: a `Counter` of tuples, one of packed integers, and a plain loop that counts all took half
as long again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

UNK, BOS, EOS = range(3)
FALLBACK = np.array([0, 0.5, 1, 1.5])

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Order(NamedTuple):
    """The distinct n-grams of one order, numbered as they appear."""

    ids: dict[int, int]
    """context · vocabulary + last word → the n-gram's number. For unigrams, word → word."""
    log10_probs: Floats
    log10_backoffs: Floats


class _Counts(NamedTuple):
    """What the text says of the n-grams of one order: [grams] each."""

    ids: dict[int, int]
    parents: Ints
    """Without the last word."""
    suffixes: Ints
    """Without the first word."""
    initial: NDArray[np.bool_]
    """Begins with <s>."""
    counts: Ints


class DictModel:
    """A backoff model in Python dicts."""

    def __init__(self, vocabulary: dict[bytes, int], orders: Sequence[Order]) -> None:
        self.vocabulary, self.orders = vocabulary, orders

    @classmethod
    def from_text(cls, path: Path, order: int) -> "DictModel":
        """Estimate a model from a plain text file, one sentence a line, words between white space."""
        vocabulary, text = _number_words(path)
        return cls(vocabulary, _estimate(_count(text, len(vocabulary), order)))

    def log10_probs(self, words: Sequence[str]) -> list[float]:
        """Log10 probability of each word of a sentence and of its end."""
        size, scores, longest = len(self.vocabulary), [], len(self.orders) - 1
        state = [BOS][:longest]  # the n-grams that end here, of orders 1, 2 …
        for word in [*(self.vocabulary.get(word.encode(), UNK) for word in words), EOS]:
            found = [word]
            for context, order in zip(state, self.orders[1:], strict=False):
                gram = order.ids.get(context * size + word)
                if gram is None:
                    break
                found.append(gram)
            score = self.orders[len(found) - 1].log10_probs[found[-1]]
            longer = range(len(found) - 1, len(state))
            scores.append(float(score + sum(self.orders[n].log10_backoffs[state[n]] for n in longer)))
            state = found[:longest]
        return scores

    def spelt(self, n: int) -> Ints:
        """The words of all n-grams of order n, by number: [grams, n]."""
        keys = np.fromiter(self.orders[n - 1].ids, np.int64)
        words = (keys % len(self.vocabulary))[:, np.newaxis]
        return words if n == 1 else np.hstack([self.spelt(n - 1)[keys // len(self.vocabulary)], words])


def _number_words(path: Path) -> tuple[dict[bytes, int], Ints]:
    """The words of a text by number, as they appear; and the text, each sentence between <s> and </s>: [positions]."""
    vocabulary = {b"<unk>": UNK, b"<s>": BOS, b"</s>": EOS}
    words = (b"<s> " + path.read_bytes().replace(b"\n", b" </s> <s> ")).split()[:-1]
    text = [vocabulary.setdefault(word, len(vocabulary)) for word in words]
    return vocabulary, np.array(text)


def _count(text: Ints, vocab: int, order: int) -> list[_Counts]:
    positions = np.arange(len(text))
    reach = positions - np.maximum.accumulate(np.where(text == BOS, positions, 0)) + 1  # words back to <s>
    grams, words = text, np.arange(vocab)  # grams: the n-gram that ends at each position
    none, counts = np.zeros(vocab, np.int64), np.bincount(text, minlength=vocab)
    counts[BOS] = 0  # never predicted
    levels = [_Counts(dict(enumerate(range(vocab))), none, none, words == BOS, counts)]
    for n in range(2, order + 1):
        at = np.flatnonzero(reach >= n)
        ids: dict[int, int] = {}
        keys = (grams[at - 1] * vocab + text[at]).tolist()
        here = np.array([ids.setdefault(key, len(ids)) for key in keys])
        parents = np.fromiter(ids, np.int64, len(ids)) // vocab
        suffixes = np.empty(len(ids), np.int64)
        suffixes[here] = grams[at]
        levels.append(_Counts(ids, parents, suffixes, levels[-1].initial[parents], np.bincount(here)))
        grams = np.full(len(text), -1)
        grams[at] = here
    return levels


def _estimate(levels: Sequence[_Counts]) -> list[Order]:
    shorter = np.array([1 / (len(levels[0].ids) - 1)])  # all words but <s> are equally likely
    shares, probs = [], []
    for n, level in enumerate(levels):
        counts = level.counts
        if n + 1 < len(levels):  # how many different words stand to the left, where one can
            neighbours = np.bincount(levels[n + 1].suffixes, minlength=len(counts))
            counts = np.where(level.initial, counts, neighbours)
        discounts = _discounts(np.bincount(np.minimum(counts, 5), minlength=6))[np.minimum(counts, 3)]
        mass = np.bincount(level.parents, weights=counts, minlength=len(shorter))
        taken = np.bincount(level.parents, weights=discounts, minlength=len(shorter))
        share = np.divide(taken, mass, out=np.ones_like(mass), where=mass > 0)
        shorter = (counts - discounts) / mass[level.parents] + share[level.parents] * shorter[level.suffixes]
        if n == 0:
            shorter[BOS] = 0
        shares.append(share)
        probs.append(shorter)
    with np.errstate(divide="ignore"):
        logs = [(np.log10(prob), np.log10(share)) for prob, share in zip(probs, [*shares[1:], np.ones(1)], strict=True)]
    return [Order(level.ids, *log) for level, log in zip(levels, logs, strict=True)]


def _discounts(numbers: Ints) -> Floats:
    """What is taken from a count of 0, 1, 2 and of 3 or more: [4]. numbers: of n-grams with a count of 0, 1 … 4: [6]"""
    if not numbers[1:4].all():
        return FALLBACK
    scale = numbers[1] / (numbers[1] + 2 * numbers[2])
    discounts = np.array([0, *(k - (k + 1) * scale * numbers[k + 1] / numbers[k] for k in (1, 2, 3))])
    return discounts if np.all((discounts >= 0) & (discounts <= np.arange(4))) else FALLBACK


def compare(ours: Any, theirs: DictModel) -> float:
    """The largest difference of a log10 probability or backoff between an `NgramModel` and this one's.

    Raises AssertionError where they do not have the same n-grams.
    """
    from lrd_bench.models.ngram.tables import spell

    assert [word.encode() for word in ours.vocabulary.words] == list(theirs.vocabulary)
    largest = 0.0
    for n, (table, order) in enumerate(zip(ours.tables, theirs.orders, strict=True), start=1):
        words = theirs.spelt(n)
        rows = np.lexsort(words.T[::-1])
        assert np.array_equal(words[rows], spell(ours.tables, n, np.arange(len(table.words))))
        pairs = [(table.log10_probs, order.log10_probs)]
        if table.log10_backoffs is not None:
            pairs.append((table.log10_backoffs, order.log10_backoffs))
        for mine, other in pairs:
            possible = np.isfinite(mine)
            assert np.array_equal(possible, np.isfinite(other[rows]))
            largest = max(largest, float(np.abs(mine[possible] - other[rows][possible]).max()))
    return largest


def fit_nltk(path: Path, tokens: int, order: int) -> int:
    """Fit nltk's interpolated Kneser-Ney, with one fixed discount, on a text's first lines; returns their tokens."""
    from nltk.lm import KneserNeyInterpolated
    from nltk.lm.preprocessing import padded_everygram_pipeline

    sentences, size = list[list[str]](), 0
    with path.open(encoding="utf-8") as file:
        for line in file:
            sentences.append(line.split())
            size += len(sentences[-1])
            if size >= tokens:
                break
    KneserNeyInterpolated(order).fit(*padded_everygram_pipeline(order, sentences))
    return size
