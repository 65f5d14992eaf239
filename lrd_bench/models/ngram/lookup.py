"""Looking up all words of a text, one order at a time.

An n-gram is found among those that begin with the n - 1 words before its last one, so every order starts from what the
order below has found; words whose context is not even a shorter n-gram's are done with. Bigrams are most of the work:
a word such as *the* is followed by thousands of others, and so they are hashed rather than searched.

Each loop does one thing to many words, without branches where it waits for memory, so that the processor can wait for
many words at once.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.counting import Ids
from lrd_bench.models.ngram.tables import Floats32, NgramTable, find_row, ids_of
from lrd_bench.vocabulary import BOS_ID

_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2^64 by the golden ratio, as Knuth has it


class Lookup:
    """The tables of a model, ready to be asked."""

    def __init__(self, tables: Sequence[NgramTable], *, unlisted: float = 0.0) -> None:
        """unlisted: what is added for each context that the tables do not hold, in log10."""
        self._tables, self._unlisted = tables, unlisted
        if len(tables) > 1:
            bits = max(int(2 * len(tables[1].words)).bit_length(), 4)
            self._shift = np.uint64(64 - bits)
            self._slots = np.full(1 << bits, -1, np.int32)  # the id of the bigram that hashes there
            _hash_bigrams(tables[0].starts, tables[1].words, self._shift, self._slots)

    def scores(self, tokens: Ids) -> Floats32:
        """The log10 probability of each word after those before it in its sentence: [positions]; of `<s>`: anything.

        tokens:  [positions]: sentences on end, each between `<s>` and `</s>`
        """
        scores = self._tables[0].log10_probs[tokens]
        if len(self._tables) == 1:
            return scores
        unigrams, bigrams, *_ = self._tables
        ids, active = np.empty(len(tokens), np.int32), np.empty(len(tokens) + 1, np.int32)
        _find_bigrams(tokens, self._slots, self._shift, unigrams.starts, bigrams.words, ids)
        size = _settle_bigrams(tokens, ids, bigrams.log10_probs, unigrams.log10_backoffs, scores, active)
        contexts, found, stops = (np.empty(size, np.int32) for _ in range(3))
        for shorter, table in itertools.pairwise(self._tables[1:]):
            log10s = table.log10_probs, shorter.log10_backoffs
            _find(tokens, active[:size], ids, shorter.starts, table.words, contexts, found, stops)
            size = _settle(active[:size], ids, contexts, found, *log10s, scores)
        if self._unlisted:
            scores[1:] += unlisted_contexts(self._tables, tokens)[:-1] * np.float32(self._unlisted)
        return scores


def unlisted_contexts(tables: Sequence[NgramTable], tokens: Ids) -> Ids:
    """How many contexts that end at each position, from one word to as many as matter, no table holds: [positions]."""
    positions = np.arange(len(tokens), dtype=np.int32)
    reach = positions - np.maximum.accumulate(np.where(tokens == BOS_ID, positions, 0)) + 1  # words back to <s>
    unlisted = np.minimum(reach, len(tables) - 1)
    for ids in itertools.islice(ids_of(tables, tokens), len(tables) - 1):
        unlisted -= ids >= 0
    return unlisted


# -- kernels -----------------------------------------------------------------------------------------------------------


@compiled
def _slot(context, word, shift):  # type: ignore[no-untyped-def]
    return (((np.uint64(context) << np.uint64(32)) | np.uint64(word)) * _FACTOR) >> shift


@compiled
def _hash_bigrams(starts, words, shift, slots):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(slots) - 1)
    for context in range(len(starts) - 1):
        for gram in range(starts[context], starts[context + 1]):
            slot = _slot(context, words[gram], shift)
            while slots[slot] >= 0:
                slot = (slot + np.uint64(1)) & mask
            slots[slot] = gram


@compiled
def _find_bigrams(tokens, slots, shift, starts, words, ids):  # type: ignore[no-untyped-def]
    """The id of the bigram that ends at each position, -1 where there is none."""
    mask = np.uint64(len(slots) - 1)
    for at in range(1, len(tokens)):
        ids[at] = slots[_slot(tokens[at - 1], tokens[at], shift)]
    for at in range(1, len(tokens)):
        gram, context, word = ids[at], tokens[at - 1], tokens[at]
        if gram >= 0 and not (words[gram] == word and starts[context] <= gram < starts[context + 1]):
            slot = _slot(context, word, shift)
            while gram >= 0 and not (words[gram] == word and starts[context] <= gram < starts[context + 1]):
                slot = (slot + np.uint64(1)) & mask
                gram = slots[slot]
            ids[at] = gram
    ids[:1] = -1


@compiled
def _settle_bigrams(tokens, ids, log10_probs, log10_backoffs, scores, active):  # type: ignore[no-untyped-def]
    """The scores by bigrams, and the positions after the bigrams that were found; returns how many these are."""
    size = 0
    for at in range(1, len(tokens)):
        gram = ids[at]
        scores[at] = log10_probs[gram] if gram >= 0 else scores[at] + log10_backoffs[tokens[at - 1]]
        active[size] = at + 1
        size += gram >= 0
    return size - (size > 0 and active[size - 1] == len(tokens))


@compiled
def _find(tokens, active, ids, starts, words, contexts, found, stops):  # type: ignore[no-untyped-def]
    """For each active position its context, and the id of the n-gram that ends there, -1 where there is none.

    ids:  [positions]: of the n-grams one word shorter that end there
    """
    for k in range(len(active)):
        at = active[k]
        context = ids[at - 1]
        contexts[k], found[k] = context, starts[context]
        # A word that does not follow the shorter context does not follow the longer one.
        stops[k] = starts[context + 1] if ids[at] >= 0 else starts[context]
    for k in range(len(active)):
        found[k] = find_row(words, found[k], stops[k], tokens[active[k]])


@compiled
def _settle(active, ids, contexts, found, log10_probs, log10_backoffs, scores):  # type: ignore[no-untyped-def]
    """The scores of the active positions, and in their place those that come after what was found; returns how many."""
    size = 0
    for k in range(len(active)):
        at, gram = active[k], found[k]
        ids[at] = gram
        probability, backoff = log10_probs[max(gram, 0)], scores[at] + log10_backoffs[contexts[k]]
        scores[at] = probability if gram >= 0 else backoff
        active[size] = at + 1
        size += gram >= 0
    return size - (size > 0 and active[size - 1] == len(ids))
