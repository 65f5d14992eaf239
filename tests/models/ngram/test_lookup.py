"""Looking n-grams up, against looking for each in a dictionary."""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrd_bench.corpus import read_sentences
from lrd_bench.models.ngram import NgramModel
from lrd_bench.models.ngram import model as module
from lrd_bench.models.ngram.counting import count_ngrams
from lrd_bench.models.ngram.lookup import Lookup, unlisted_contexts
from lrd_bench.models.ngram.tables import NgramTable, starts_of
from lrd_bench.models.recipes import NgramSettings
from lrd_bench.vocabulary import BOS_ID, EOS_ID, SPECIAL, UNK, UNK_ID, Vocabulary

VOCAB = 9


def joined(sentences):
    return np.array([word for sentence in sentences for word in (BOS_ID, *sentence, EOS_ID)], np.int32)


def tables_of(sentences, order, seed, vocab=VOCAB):
    """Tables of the n-grams of some sentences, with numbers that nobody has estimated."""
    rng = np.random.default_rng(seed)
    levels = count_ngrams(joined(sentences), vocab, order)
    tables = []
    for level, longer in itertools.zip_longest(levels, levels[1:]):
        size = len(level.words)
        tables.append(
            NgramTable(
                words=level.words,
                starts=None if longer is None else starts_of(longer.parents, size),
                log10_probs=-rng.exponential(size=size).astype(np.float32),
                log10_backoffs=None if longer is None else -rng.exponential(size=size).astype(np.float32),
            )
        )
    return tables


def spelt(tables):
    """N-gram → its probability and its backoff, in log10."""
    found, grams = {}, [()]
    for number, table in enumerate(tables):
        starts = tables[number - 1].starts if number else np.array([0, len(table.words)])
        histories = [gram for gram, size in zip(grams, np.diff(starts).tolist(), strict=True) for _ in range(size)]
        grams = [(*history, word) for history, word in zip(histories, table.words.tolist(), strict=True)]
        backoffs = [None] * len(grams) if table.log10_backoffs is None else table.log10_backoffs
        found |= dict(zip(grams, zip(table.log10_probs, backoffs, strict=True), strict=True))
    return found


def one_by_one(found, order, sentence, unlisted=0.0):
    """The longest n-gram that is there and, from the shortest on, the backoffs of the histories that it leaves out."""
    symbols, scores = (BOS_ID, *sentence, EOS_ID), []
    for at in range(1, len(symbols)):
        histories = [symbols[start:at] for start in range(at, max(at - order, -1), -1)]
        longest = max(n for n, history in enumerate(histories) if (*history, symbols[at]) in found)
        score = found[(*histories[longest], symbols[at])][0]
        for history in histories[longest + 1 :]:
            score += found[history][1] if history in found else np.float32(0)
        # In one step, for it is added last.
        score += np.float32(sum(history not in found for history in histories[1:]) * unlisted)
        scores.append(score)
    return scores


words = st.sampled_from([UNK_ID, 3, 3, 3, 4, 4, 5, 6, 7, 8])
sentences = st.lists(st.lists(words, max_size=8), min_size=1, max_size=10)
orders = st.integers(1, 8)


@settings(deadline=None, max_examples=300)
@given(text=sentences, asked=sentences, order=orders, seed=st.integers(0, 9))
def test_every_score_is_that_of_the_dictionary_to_the_last_bit(text, asked, order, seed):
    tables = tables_of(text, order, seed)
    found, tokens = spelt(tables), joined(asked)
    scores = Lookup(tables).scores(tokens)
    assert scores.dtype == np.float32
    expected = [score for sentence in asked for score in one_by_one(found, order, sentence)]
    assert scores[tokens != BOS_ID].tolist() == [float(score) for score in expected]


@settings(deadline=None, max_examples=100)
@given(text=sentences, asked=sentences, order=orders)
def test_histories_that_no_table_holds_have_their_price(text, asked, order):
    tables = tables_of(text, order, 0)
    found, tokens, price = spelt(tables), joined(asked), math.log10(0.4)
    scores = Lookup(tables, unlisted=price).scores(tokens)
    expected = [score for sentence in asked for score in one_by_one(found, order, sentence, price)]
    assert scores[tokens != BOS_ID] == pytest.approx(np.array(expected), abs=1e-5)
    missing = []
    for sentence in asked:
        for end in range(1, len(sentence) + 3):
            symbols = (BOS_ID, *sentence, EOS_ID)[:end]
            missing.append(sum(symbols[-n:] not in found for n in range(1, min(order, end + 1))))
    assert unlisted_contexts(tables, tokens).tolist() == missing


@settings(deadline=None, max_examples=100)
@given(text=sentences, asked=sentences, order=orders, cut=st.integers(0, 10))
def test_no_score_depends_on_the_rest_of_the_batch(text, asked, order, cut):
    tables = tables_of(text, order, 1)
    for lookup in (Lookup(tables), Lookup(tables, unlisted=-0.3)):
        together = lookup.scores(joined(asked))
        parts = [lookup.scores(joined(part)) for part in (asked[:cut], asked[cut:])]
        inside = joined(asked) != BOS_ID
        assert np.concatenate(parts)[inside].tolist() == together[inside].tolist()
        assert lookup.scores(joined(asked * 3))[np.tile(inside, 3)].tolist() == together[inside].tolist() * 3


def test_nothing_asked_is_nothing_answered():
    for order in (1, 2, 5):
        assert Lookup(tables_of([[3, 4]], order, 0)).scores(joined([])).tolist() == []


@pytest.mark.parametrize("order", [2, 3, 5])
def test_many_ngrams_with_the_same_words_are_told_apart(order):
    """As many bigrams as there can be, so that each lies among others in the hash table."""
    rng = np.random.default_rng(0)
    vocab = 300
    text = rng.integers(3, vocab, size=(3000, 30)).tolist()
    tables = tables_of(text, order, 0, vocab)
    found = spelt(tables)
    asked = rng.integers(3, vocab, size=(200, 30)).tolist() + text[:50]
    scores, tokens = Lookup(tables).scores(joined(asked)), joined(asked)
    expected = [float(score) for sentence in asked for score in one_by_one(found, order, sentence)]
    assert scores[tokens != BOS_ID].tolist() == expected


def model_of(text, order, **settings):
    vocabulary = Vocabulary(words=(*SPECIAL, *"abcdef"), counts=(1,) * VOCAB)
    sentences = [[vocabulary.words[word] for word in sentence] for sentence in text]
    return NgramModel.estimate(sentences, vocabulary, NgramSettings(order=order, **settings)), sentences


@settings(deadline=None, max_examples=60)
@given(
    text=sentences,
    asked=sentences,
    order=orders,
    smoothing=st.sampled_from(["witten-bell", "stupid-backoff"]),
    prune=st.sampled_from([(), (0, 0, 1), (0, 1), (0, 99)]),
)
def test_strings_sentences_and_next_words_have_the_same_scores(text, asked, order, smoothing, prune):
    model, _ = model_of(text, order, smoothing=smoothing, prune=prune[:order])
    sentences = [[model.vocabulary.words[word] for word in sentence] for sentence in asked]
    rows = model.logprobs(sentences, end=True)
    scores, starts = model.line_logprobs([" ".join(sentence) for sentence in sentences])
    assert [row.tolist() for row in np.split(scores, starts[1:-1])] == rows
    for sentence, row in zip(sentences, rows, strict=True):
        distribution = model.next_word([sentence[:length] for length in range(len(sentence) + 1)])
        ids = [*model.vocabulary.encode(sentence), EOS_ID]
        assert distribution[np.arange(len(ids)), ids].tolist() == row


def test_threads_that_ask_at_once_get_the_scores_that_one_gets(data):
    small = data / "text" / "small"
    ours = NgramModel.from_text(small / "train.txt", NgramSettings(order=4))
    sentences = list(read_sentences(small / "valid.txt"))
    lines = [" ".join(sentence) for sentence in sentences]
    expected = np.concatenate(ours.logprobs(sentences, end=True))
    fresh = NgramModel(ours.tables, ours.vocabulary)  # whose hash table is not made yet
    with patch.object(module, "LINES", 10), patch.object(module, "cores", lambda: 16), ThreadPoolExecutor(8) as pool:
        results = [pool.submit(fresh.line_logprobs, lines) for _ in range(8)]
        rows = [pool.submit(fresh.logprobs, sentences, None, True) for _ in range(4)]
        for result in results:
            assert np.array_equal(result.result()[0], expected)
        for row in rows:
            assert np.array_equal(np.concatenate(row.result()), expected)


def test_lines_are_cut_into_chunks_without_a_trace():
    model, text = model_of([[3, 4, 5], [4, 4], [5, 6, 3, 4]], 3)
    lines = [" ".join(sentence) for sentence in text * 9] + [""]
    expected = model.logprobs([*text * 9, []], end=True)
    for size in (1, 2, 7, 1000):
        with patch.object(module, "LINES", size):
            scores, starts = model.line_logprobs(lines)
        assert [row.tolist() for row in np.split(scores, starts[1:-1])] == expected
    scores, starts = model.line_logprobs([])
    assert (scores.tolist(), starts.tolist()) == ([], [0])


def test_an_unknown_word_is_looked_up_like_any_other():
    model, _ = model_of([[3, UNK_ID, 4], [3, UNK_ID, 5]], 3)
    assert model.logprobs([["a", "zebra", "b"]]) == model.logprobs([["a", UNK, "b"]])
    assert model.logprobs([["a", "zebra"]])[0][1] > model.logprobs([["a", "b"]])[0][1]
