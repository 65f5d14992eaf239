"""What KenLM's `lmplz` does that nobody would want, copied so that its models and ours are the same.

docs/decisions/0005-lmplz-quirk.md tells what goes wrong there and why it is the default here.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrd_bench.models.ngram.counting import Ids, Level
from lrd_bench.vocabulary import EOS_ID, UNK_ID

Floats = NDArray[np.float64]
Kept = NDArray[np.bool_] | None
"""Which n-grams pruning leaves: [grams]; None: all."""


class Quirks:
    """What the end of a text does to lmplz."""

    def __init__(self, levels: Sequence[Level], appearance: NDArray[np.int64], *, ended: bool) -> None:
        """levels: from `count_ngrams`; appearance: see `TextIds`; ended: whether the last sentence has its `</s>`."""
        self._last = _last_chain(levels, appearance)
        # Only a text that does not end has n-grams that nothing follows, and that could be followed.
        self._orders = [] if ended else _suffix_orders(levels[:-1], appearance)

    def counts_of_counts(self, n: int, numbers: NDArray[np.int64], adjusted: Ids, raw: Ids) -> NDArray[np.int64]:
        """How many n-grams of an order below the highest have a count of 0, 1, … 4, and of 5 or more: [6].

        lmplz closes the last n-gram of each lower order without adjusting its count in these statistics.

        numbers:  had it not
        """
        if n > len(self._last):
            return numbers
        last, numbers = self._last[n - 1], numbers.copy()
        numbers[min(int(adjusted[last]), 5)] -= 1
        numbers[min(int(raw[last]), 5)] += 1
        return numbers

    def backoffs(self, n: int, backoffs: Floats, words: Ids, parents: Ids, kept: Kept, longer_kept: Kept) -> Floats:
        """The backoffs of the n-grams of an order as lmplz writes them down: [grams].

        It has one for each n-gram that something follows, and gives them out in order, one to each n-gram that does not
        end in `</s>`. One that nothing follows takes the next one's, and so does every n-gram after it.

        Where the order above is pruned, lmplz looks for each n-gram's own. For one that nothing follows it goes through
        all that are left, and has none for those that come after it.

        words:    the last word of each n-gram
        parents:  which of them each n-gram of the order above follows
        """
        if not self._orders:
            return backoffs
        order = self._orders[n - 1]
        takers = order[(words[order] != EOS_ID) & (words[order] != UNK_ID)]
        followed = np.zeros(len(backoffs), np.bool_)
        followed[parents] = True
        if longer_kept is None:
            given = backoffs[order[followed[order]]]
            result = np.ones_like(backoffs)
            result[takers[: len(given)]] = given
            return result
        takers = takers if kept is None else takers[kept[takers]]
        if not followed[takers].all():
            backoffs = backoffs.copy()
            backoffs[takers[np.argmin(followed[takers]) :]] = 1
        return backoffs


def _last_chain(levels: Sequence[Level], appearance: NDArray[np.int64]) -> list[int]:
    """For orders 1, 2 … the n-gram that comes last when n-grams are compared from the last word backwards."""
    chain = [int(np.argmax(appearance))]
    for n, level in enumerate(levels[1:], start=1):
        longer = np.flatnonzero(level.suffixes == chain[-1])
        if not len(longer):  # it begins with <s>, or the text does
            break
        firsts: NDArray[Any] = longer
        for shorter in levels[n:0:-1]:
            firsts = shorter.parents[firsts]
        chain.append(int(longer[np.argmax(appearance[firsts])]))
    return chain


def _suffix_orders(levels: Sequence[Level], appearance: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """For orders 1, 2 … the ids in the order in which n-grams come when compared from the last word backwards."""
    orders, firsts = list[NDArray[np.int64]](), None
    for level in levels:
        if firsts is None:
            firsts = level.words
            orders.append(np.argsort(appearance))
            continue
        firsts = firsts[level.parents]
        rank = np.empty(len(orders[-1]), np.int64)
        rank[orders[-1]] = np.arange(len(rank))
        orders.append(np.lexsort((appearance[firsts], rank[level.suffixes])))
    return orders
