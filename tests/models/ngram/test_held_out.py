"""The weights of Jelinek-Mercer smoothing, against weights found in other ways."""

import itertools
import math
from collections import Counter
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from lrd_bench.corpus import read_sentences
from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram import NgramModel, held_out
from lrd_bench.models.ngram.counting import count_ngrams
from lrd_bench.models.ngram.held_out import estimate_lambdas
from lrd_bench.models.recipes import NgramSettings
from lrd_bench.vocabulary import BOS_ID, EOS_ID, UNK_ID, build_vocabulary

VOCAB = 9


def joined(sentences):
    return np.array([word for sentence in sentences for word in (BOS_ID, *sentence, EOS_ID)], np.int32)


def weights(text, others=None, *, order, vocab=VOCAB):
    """The weights by other sentences, or by holding out each word of the text in turn."""
    levels = count_ngrams(joined(text), vocab, order)
    return estimate_lambdas(levels, joined(text if others is None else others), deleted=others is None)


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_the_weight_of_one_order_is_that_of_the_likeliest_mixture():
    # Text a b / a b / a c: a and </s> are 3 words of 9 each, and five words can follow. The held-out words are a, an
    # unknown one and </s>: the product of λ/3 + (1 - λ)/5, (1 - λ)/5 and λ/3 + (1 - λ)/5 is greatest at λ = 1/6.
    text = [["a", "b"], ["a", "b"], ["a", "c"]]
    shape = NgramSettings(order=1, smoothing="jelinek-mercer")
    model = NgramModel.estimate(text, build_vocabulary(text), shape, held_out=[["a", "door"]])
    a, b, c, unknown = np.exp([scores[0] for scores in model.logprobs([["a"], ["b"], ["c"], ["door"]])])
    assert a == pytest.approx(12 / 54, abs=1e-5)  # 1/6 · 3/9 + 5/6 · 1/5
    assert b == pytest.approx(11 / 54, abs=1e-5)
    assert c == pytest.approx(10 / 54, abs=1e-5)
    assert unknown == pytest.approx(9 / 54, abs=1e-5)


def test_without_other_text_each_word_is_held_out_from_the_counts():
    # Of a a a b and the end four are left when one is held out: a is then 2/4, b and </s> 0; four words can follow.
    # (λ/2 + (1 - λ)/4)³ · ((1 - λ)/4)² is greatest at λ = 1/5.
    assert weights([[3, 3, 3, 4]], order=1, vocab=5) == pytest.approx([1 / 5], abs=1e-5)


def test_what_always_comes_true_is_trusted_and_what_never_does_is_not():
    assert weights([[3, 4]] * 5, [[3, 4]] * 3, order=2)[1] == pytest.approx(1, abs=1e-4)
    # Each word is followed by another one than in the text, or by none that was.
    assert weights([[3, 4], [5, 6]], [[4, 3, 6, 5, 7]], order=2)[1] == pytest.approx(0, abs=1e-4)


def test_an_order_that_no_held_out_word_reaches_has_half_the_weight():
    assert weights([[3, 4]], [[5, 6]], order=4)[2:] == [0.5, 0.5]
    assert weights([[3, 4]], order=4)[1:] == [0.5, 0.5, 0.5]  # each context occurs once, so never without itself


# -- in other ways -----------------------------------------------------------------------------------------------------


def frequencies(text, others, order, vocab=VOCAB):
    """For each held-out word its relative frequencies by order 0, 1 …, as far as its history was seen."""
    counts, mass = Counter(), Counter()
    for sentence in text:
        for history, word in words_of(sentence, order):
            counts.update((*history[at:], word) for at in range(len(history) + 1))
            mass.update(history[at:] for at in range(len(history) + 1))
    result = []
    for sentence in text if others is None else others:
        for history, word in words_of(sentence, order):
            row, taken = [1 / (vocab - 1)], others is None
            for n in range(len(history) + 1):
                shorter = history[len(history) - n :]
                if mass[shorter] - taken > 0:
                    row.append((counts[(*shorter, word)] - taken) / (mass[shorter] - taken))
            result.append(row)
    return result


def words_of(sentence, order):
    """Each word and the end, with the words that an order shows before it."""
    symbols = (BOS_ID, *sentence, EOS_ID)
    for at in range(1, len(symbols)):
        yield symbols[max(at - order + 1, 0) : at], symbols[at]


def log_likelihood(lambdas, rows):
    total = 0.0
    for row in rows:
        mixed = row[0]
        for weight, frequency in zip(lambdas, row[1:], strict=False):
            mixed = weight * frequency + (1 - weight) * mixed
        total += math.log(mixed) if mixed > 0 else -math.inf
    return total


def by_expectation(rows, order):
    """Each order's share, over all words, in how they came about, of what no longer order has brought about."""
    lambdas = [0.5] * order
    for _ in range(held_out.ROUNDS):
        chosen, could = [0.0] * order, [0.0] * order
        for row in rows:
            passed, parts = 1.0, []
            for n in range(len(row) - 1, 0, -1):
                parts.append((n, passed * lambdas[n - 1] * row[n]))
                passed *= 1 - lambdas[n - 1]
            parts.append((0, passed * row[0]))
            total = sum(part for _, part in parts)
            if total > 0:
                for at, (n, part) in enumerate(parts[:-1]):
                    chosen[n - 1] += part / total
                    could[n - 1] += sum(later for _, later in parts[at:]) / total
        before = lambdas
        lambdas = [one / all_ if all_ > 0 else old for one, all_, old in zip(chosen, could, lambdas, strict=True)]
        if max(abs(new - old) for new, old in zip(lambdas, before, strict=True)) < held_out.ENOUGH:
            break
    return lambdas


words = st.sampled_from([UNK_ID, 3, 3, 3, 4, 4, 5, 6, 7, 8])
texts = st.lists(st.lists(words, max_size=6), min_size=1, max_size=10)


@settings(deadline=None, max_examples=150)
@given(text=texts, others=texts | st.none(), order=st.integers(1, 5))
def test_weights_are_those_of_expectation_and_maximisation_word_by_word(text, others, order):
    # A few rounds: a weight that comes near 1 leaves those below it to rounding, which then decide nothing.
    with patch.object(held_out, "ROUNDS", 4):
        expected = by_expectation(frequencies(text, others, order), order)
        assert weights(text, others, order=order) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=15)
@given(text=texts, others=texts | st.none(), order=st.integers(1, 3))
def test_no_other_weights_make_the_held_out_words_much_likelier(text, others, order):
    rows = frequencies(text, others, order)
    ours = log_likelihood(weights(text, others, order=order), rows)
    best = max(
        -minimize(
            lambda lambdas: -max(log_likelihood(lambdas, rows), -1e9),
            [start] * order,
            bounds=[(1e-9, 1 - 1e-9)] * order,
        ).fun
        for start in (0.1, 0.5, 0.9)
    )
    assert ours >= best - 0.01 * len(rows)  # nats a word


def test_no_other_weights_make_real_text_likelier(data):
    small = data / "text" / "small"

    def loss(**instead):
        with patch("lrd_bench.models.ngram.model.estimate_lambdas", **instead) as estimate:
            shape = NgramSettings(order=3, smoothing="jelinek-mercer")
            model = NgramModel.from_text(small / "train.txt", shape, held_out=small / "valid.txt")
            assert not estimate.call_args.kwargs["deleted"]
        return -np.concatenate(model.logprobs(list(read_sentences(small / "valid.txt")), end=True)).mean()

    found = []
    ours = loss(side_effect=lambda *args, **kwargs: found.extend(estimate_lambdas(*args, **kwargs)) or found)
    assert all(0.01 < weight < 0.99 for weight in found)
    for n, step in itertools.product(range(3), (-0.02, 0.02)):
        others = found.copy()
        others[n] += step
        assert loss(return_value=others) > ours


def test_only_the_beginning_of_long_text_is_looked_at(monkeypatch):
    text = [[3, 4], [4, 3], [3, 3]]
    others = [[3, 4, 3], [4, 4]]
    expected = weights(text, others[:1], order=2)
    monkeypatch.setattr(held_out, "MAX_POSITIONS", len(joined(others[:1])))
    assert weights(text, others, order=2) == expected


def test_held_out_text_without_sentences_is_refused(tmp_path):
    shape = NgramSettings(order=2, smoothing="jelinek-mercer")
    with pytest.raises(LrdBenchError, match="held-out text has no sentences"):
        NgramModel.estimate([["a"]], build_vocabulary([["a"]]), shape, held_out=[])
    for name, text in (("text", "a b\n"), ("empty", "")):
        (tmp_path / name).write_text(text)
    with pytest.raises(LrdBenchError, match="held-out text has no sentences"):
        NgramModel.from_text(tmp_path / "text", shape, held_out=tmp_path / "empty")


@pytest.mark.parametrize("smoothing", ["modified-kneser-ney", "witten-bell", "stupid-backoff"])
def test_held_out_text_changes_no_other_smoothing(smoothing):
    text = [["a", "b"], ["a"]]
    shape = NgramSettings(order=2, smoothing=smoothing)
    arrays = NgramModel.estimate(text, build_vocabulary(text), shape).arrays()
    others = NgramModel.estimate(text, build_vocabulary(text), shape, held_out=[["b", "b"]]).arrays()
    assert all(np.array_equal(array, others[name]) for name, array in arrays.items())
