"""What KenLM's `lmplz` does that nobody would want, copied so that its models and ours are the same.

docs/decisions/0005-lmplz-quirk.md tells what goes wrong there and why it is the default here.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lrd_bench.models.ngram.counting import Ids, Level
from lrd_bench.vocabulary import BOS_ID, EOS_ID, UNK_ID

Floats = NDArray[np.float64]


def last_chain(levels: Sequence[Level], appearance: NDArray[np.int64]) -> list[int]:
    """For orders 1, 2 … the n-gram that comes last when n-grams are compared from the last word backwards.

    lmplz closes it, in each order below the highest, without adjusting its count in the counts of counts.

    appearance:  [vocab]: where each word came first, as far as order goes; see `TextIds`
    """
    firsts = [levels[0].words]  # the first word of each n-gram
    chain = [int(np.argmax(appearance))]
    for level in levels[1:]:
        if firsts[-1][chain[-1]] == BOS_ID:  # nothing stands before it
            break
        firsts.append(firsts[-1][level.parents])
        longer = np.flatnonzero(level.suffixes == chain[-1])
        chain.append(int(longer[np.argmax(appearance[firsts[-1][longer]])]))
    return chain


def without_adjusting(numbers: NDArray[np.int64], adjusted: int, raw: int) -> NDArray[np.int64]:
    """Counts of counts, [6], had one n-gram kept its raw count."""
    numbers = numbers.copy()
    numbers[min(adjusted, 5)] -= 1
    numbers[min(raw, 5)] += 1
    return numbers


def suffix_orders(levels: Sequence[Level], appearance: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """For orders 1, 2 … the ids in the order in which n-grams come when compared from the last word backwards."""
    orders, firsts = [np.argsort(appearance)], levels[0].words
    for level in levels[1:]:
        firsts = firsts[level.parents]
        rank = np.empty(len(orders[-1]), np.int64)
        rank[orders[-1]] = np.arange(len(rank))
        orders.append(np.lexsort((appearance[firsts], rank[level.suffixes])))
    return orders


def shifted(backoffs: Floats, parents: Ids, words: Ids, order: NDArray[np.int64]) -> Floats:
    """The backoffs of an order's n-grams as lmplz writes them down: [grams].

    It has one for each n-gram that something follows, and gives them out in order, one to each n-gram that does not end
    in `</s>`. A text whose last line does not end has an n-gram that nothing follows: it takes the next one's.

    parents:  which n-gram each of the order above follows
    words:    the last word of each n-gram: [grams]
    order:    from `suffix_orders`
    """
    followed = np.zeros(len(backoffs), np.bool_)
    followed[parents] = True
    takers = order[(words[order] != EOS_ID) & (words[order] != UNK_ID)]
    given = backoffs[order[followed[order]]]
    result = np.ones_like(backoffs)
    result[takers[: len(given)]] = given
    return result
