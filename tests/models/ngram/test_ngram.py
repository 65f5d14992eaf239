"""N-gram models against KenLM's own, and the properties that every score has."""

import gzip
import itertools
import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from lrd_bench.corpus import read_sentences
from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel
from lrd_bench.models.ngram import Ngram, NgramModel
from lrd_bench.models.recipes import NgramSettings
from lrd_bench.vocabulary import BOS, BOS_ID, EOS, EOS_ID, UNK, UNK_ID, Vocabulary, build_vocabulary

TOY = [
    ["the", "keys", "to", "the", "cabinet", "are", "rusty"],
    ["the", "key", "to", "the", "cabinets", "is", "rusty"],
    ["the", "keys", "are", "old"],
] * 4  # kenlm/toy.txt


def read_arpa(path: Path) -> tuple[dict[str, float], dict[str, float]]:
    """The log10 probabilities and the backoffs of an ARPA file by n-gram, its words between single spaces."""
    probabilities, backoffs = {}, {}
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            probability, *words_and_backoff = line.rstrip("\n").split("\t")
            if words_and_backoff:
                words, *backoff = words_and_backoff
                probabilities[words] = float(probability)
                if backoff:
                    backoffs[words] = float(backoff[0])
    return probabilities, backoffs


def assert_same_as_lmplz(ngrams: Iterator[Ngram], path: Path) -> None:
    """The same n-grams, the same ones of them with a backoff, and all numbers within 1e-5 log10."""
    probabilities, backoffs = {}, {}
    for words, probability, backoff in ngrams:
        probabilities[" ".join(words)] = probability if words != (BOS,) else 0  # as lmplz writes it
        if backoff is not None:
            backoffs[" ".join(words)] = backoff
    for ours, lmplzs in zip((probabilities, backoffs), read_arpa(path), strict=True):
        assert ours.keys() == lmplzs.keys()
        assert max((abs(ours[words] - number) for words, number in lmplzs.items()), default=0) <= 1e-5


def trained(path: Path, order: int, *, discount_fallback: bool = False) -> NgramModel:
    return NgramModel.from_text(path, NgramSettings(order=order, discount_fallback=discount_fallback))


@pytest.fixture(scope="module")
def toy() -> NgramModel:
    return NgramModel.estimate(TOY, build_vocabulary(TOY), NgramSettings(order=3))


# -- against KenLM -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "order", "discount_fallback"),
    [
        ("head300", 3, False),
        ("head300", 5, False),
        # The last n-grams enter lmplz's discounts with unadjusted counts.
        ("quirk", 5, False),
        ("toy", 3, True),
        # Blank lines, one-word lines, odd white space, <UNK>; and the last line does not end: at order 5 its last
        # words are a context that nothing follows, beside which lmplz writes the next n-gram's backoff.
        ("edges", 1, True),
        ("edges", 2, True),
        ("edges", 3, True),
        ("edges", 5, True),
    ],
)
def test_every_probability_and_backoff_is_that_of_lmplz(data, text, order, discount_fallback):
    kenlm = data / "oracles" / "kenlm"
    model = trained(kenlm / f"{text}.txt", order, discount_fallback=discount_fallback)
    fallback = ".fallback" if discount_fallback else ""
    assert_same_as_lmplz(model.ngrams(), kenlm / f"{text}.o{order}{fallback}.arpa.gz")


def test_every_probability_and_backoff_is_that_of_lmplz_on_real_text(data):
    model = trained(data / "text" / "small" / "train.txt", 5)
    assert_same_as_lmplz(model.ngrams(), data / "oracles" / "kenlm" / "small.o5.arpa.gz")


# From kenlm's `query`: order, split, perplexity including and excluding unknown words, unknown words, words.
PERPLEXITIES = [
    (2, "valid", 275.8837737820259, 198.5799117398154, 913, 19469),
    (2, "test", 303.8125972464458, 205.59716184487763, 1179, 20782),
    (3, "valid", 260.68024093668726, 187.15610279244416, 913, 19469),
    (3, "test", 291.4073061899476, 196.80494958990346, 1179, 20782),
    (4, "valid", 259.15566428230375, 186.0952894755813, 913, 19469),
    (4, "test", 289.9080362387491, 195.8567100243466, 1179, 20782),
    (5, "valid", 259.0613632232381, 186.04437742778745, 913, 19469),
    (5, "test", 289.72463345649857, 195.74937539977373, 1179, 20782),
]


def assert_perplexities(model: NgramModel, path: Path, expected: tuple[float, float, int, int]) -> None:
    """Including and excluding unknown words; how many of these there are, and how many words and ends in all."""
    sentences = list(read_sentences(path))
    scores = np.concatenate(model.logprobs(sentences, end=True))
    known = np.array([word in model.vocabulary or word == EOS for sentence in sentences for word in (*sentence, EOS)])
    including, excluding, unknown, words = expected
    assert (np.count_nonzero(~known), len(scores)) == (unknown, words)
    assert math.exp(-scores.mean()) == pytest.approx(including, rel=5e-7)  # six digits
    assert math.exp(-scores[known].mean()) == pytest.approx(excluding, rel=5e-7)


@pytest.mark.parametrize(("order", "split", "including", "excluding", "unknown", "words"), PERPLEXITIES)
def test_perplexity_is_that_of_kenlm(data, order, split, including, excluding, unknown, words):
    small = data / "text" / "small"
    model = trained(small / "train.txt", order)
    assert_perplexities(model, small / f"{split}.txt", (including, excluding, unknown, words))


def test_perplexity_is_that_of_kenlm_on_nine_million_tokens(data):
    model = trained(data / "text" / "tok" / "train.txt.gz", 5)
    assert [len(table.words) for table in model.tables] == [111_357, 1_774_746, 5_062_511, 7_324_228, 8_011_782]
    expected = {
        "valid": (198.89193588820518, 177.3512126419357, 4239, 419606),
        "test": (225.1952614037483, 198.07102796143295, 5920, 520324),
    }
    for split, numbers in expected.items():
        assert_perplexities(model, data / "text" / "tok" / f"{split}.txt.gz", numbers)


# -- discounts -----------------------------------------------------------------------------------------------------


def test_discounts_that_cannot_be_estimated_are_refused_with_advice():
    message = r"of the 1-grams .* none has a count of 3.*`discount_fallback = true`"
    with pytest.raises(LrdBenchError, match=message):
        NgramModel.estimate(TOY, build_vocabulary(TOY), NgramSettings(order=3, discount_fallback=False))


def test_discounts_out_of_range_are_refused_with_advice():
    # One word occurs once, one twice, one and </s> three times, twelve four times: D3 = 3 - 4 · 1/3 · 12/2 = -5.
    text = [["a", *"bb", *"ccc"], [*"defg" * 4], [*"hijklmno" * 4]]
    with pytest.raises(LrdBenchError, match="out of range"):
        NgramModel.estimate(text, build_vocabulary(text), NgramSettings(order=1, discount_fallback=False))


def test_orders_whose_discounts_fell_back_are_known(toy):
    assert toy.fell_back == (1, 2, 3)
    text = [["a"] * 4, ["b"] * 3, ["c"] * 2, ["d"], ["e"], ["f"], ["g"]]
    vocabulary = build_vocabulary(text)
    assert NgramModel.estimate(text, vocabulary, NgramSettings(order=1)).fell_back == ()
    assert NgramModel.from_arrays(toy.arrays(), toy.vocabulary).fell_back is None


def test_nothing_to_train_on_is_refused():
    with pytest.raises(LrdBenchError, match="no sentences"):
        NgramModel.estimate([], build_vocabulary([]), NgramSettings(order=3))


# -- unknown words -------------------------------------------------------------------------------------------------


def test_a_word_unseen_gets_what_the_discounts_leave(toy):
    # The kenlm oracle: <unk> has log10 -1.3802112 and follows nothing, so only backoffs are added.
    arpa_of_the, unknown = -0.30103, -1.3802112
    scores = toy.logprobs([["vault", "the", "vault"]])[0]
    start = -0.90309
    assert scores[0] == pytest.approx((start + unknown) * math.log(10), abs=1e-5)
    assert scores[1] == pytest.approx(-0.9822712 * math.log(10), abs=1e-5)  # an unknown context is no context
    assert scores[2] == pytest.approx((arpa_of_the + unknown) * math.log(10), abs=1e-5)


def test_rare_words_teach_the_model_what_surrounds_an_unknown_one():
    text = [["the", noun, "sleeps"] for noun in ("cat", "dog", "fox", "hen")] + [["he", "sleeps"]] * 2
    model = NgramModel.estimate(text, build_vocabulary(text, min_count=2), NgramSettings(order=3))
    unknown, sleeps = model.logprobs([["the", "vault", "sleeps"]])[0][1:]
    assert unknown > math.log(0.5)
    assert sleeps > math.log(0.5)


def test_a_vocabulary_from_elsewhere_keeps_its_words_and_they_stay_possible():
    vocabulary = Vocabulary(words=(UNK, BOS, EOS, "the", "vault"), counts=(0, 1, 1, 1, 1))
    model = NgramModel.estimate([["the", "the"], ["the"]], vocabulary, NgramSettings(order=2))
    [vault], [unknown] = model.logprobs([["vault"], ["door"]])
    assert vault == unknown > -math.inf


# -- properties ----------------------------------------------------------------------------------------------------

words = st.sampled_from("abcde")
sentences = st.lists(words, max_size=7)
texts = st.lists(sentences, min_size=1, max_size=12)
orders = st.integers(1, 6)


def any_model(text: list[list[str]], order: int, min_count: int = 1) -> NgramModel:
    vocabulary = build_vocabulary(text, min_count=min_count)
    return NgramModel.estimate(text, vocabulary, NgramSettings(order=order))


@settings(deadline=None)
@given(texts, orders, st.integers(1, 3), st.lists(sentences, max_size=4))
def test_the_next_word_is_certain_to_be_one_of_the_vocabulary(text, order, min_count, prefixes):
    model = any_model(text, order, min_count)
    distribution = model.next_word(prefixes)
    assert distribution.shape == (len(prefixes), len(model.vocabulary))
    assert np.exp(distribution).sum(axis=1) == pytest.approx(np.ones(len(prefixes)), abs=1e-6)
    assert np.all(distribution[:, BOS_ID] == -np.inf)


def test_the_next_word_is_certain_to_be_one_of_the_vocabulary_on_real_text(data):
    model = trained(data / "text" / "small" / "train.txt", 5)
    held_out = itertools.islice(read_sentences(data / "text" / "small" / "test.txt"), 30)
    prefixes = [sentence[:length] for sentence in held_out for length in range(0, len(sentence), 5)]
    assert np.exp(model.next_word(prefixes)).sum(axis=1) == pytest.approx(np.ones(len(prefixes)), abs=1e-6)


@settings(deadline=None)
@given(texts, orders, sentences)
def test_the_distribution_of_the_next_word_is_what_single_words_are_scored(text, order, prefix):
    model = any_model(text, order, min_count=2)
    row = model.next_word([prefix])[0]
    for id_, word in enumerate(model.vocabulary.words):
        if id_ not in (BOS_ID, EOS_ID):
            assert model.logprobs([[*prefix, word]])[0][-1] == row[id_]
    assert model.logprobs([prefix], end=True)[0][-1] == row[EOS_ID]


@settings(deadline=None)
@given(texts, orders, sentences, st.lists(words, min_size=1, max_size=3))
def test_a_later_word_never_changes_an_earlier_score(text, order, sentence, more):
    model = any_model(text, order)
    [scores], [longer] = model.logprobs([sentence]), model.logprobs([[*sentence, *more]])
    assert longer[: len(sentence)] == scores


@settings(deadline=None)
@given(texts, orders, sentences, sentences)
def test_a_score_depends_on_the_window_and_on_nothing_before_it(text, order, one, other):
    model = any_model(text, order)
    window = ["a", "d", "b", "z", "c", "a", "e"][: model.context]
    [with_one], [with_other] = model.logprobs([[*one, *window, "c"]]), model.logprobs([[*other, *window, "c"]])
    assert with_one[-1] == with_other[-1]


@settings(deadline=None)
@given(texts, orders, st.lists(sentences, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_batch_order_and_wanted_positions_never_change_a_score(text, order, batch, rng: random.Random):
    model = any_model(text, order)
    alone = [model.logprobs([sentence], end=True)[0] for sentence in batch]
    assert model.logprobs(batch, end=True) == alone
    assert model.logprobs(batch[::-1], end=True) == alone[::-1]
    wanted = [sorted(rng.sample(range(len(sentence)), len(sentence) // 2)) for sentence in batch]
    some = [[scores[position] for position in positions] for scores, positions in zip(alone, wanted, strict=True)]
    assert model.logprobs(batch, wanted) == some
    assert model.logprobs(batch, wanted, end=True) == [
        [*scores, whole[-1]] for scores, whole in zip(some, alone, strict=True)
    ]


def test_a_word_sees_the_two_before_it_at_order_three(toy):
    assert isinstance(toy, LanguageModel)
    assert toy.context == 2
    assert not toy.bidirectional
    # "keys" is two words before "are", three before it with "old" between.
    near, far = toy.logprobs([["keys", "old", "are"], ["keys", "old", "old", "are"]])
    assert near[2] == toy.logprobs([["the", "keys", "old", "are"]])[0][3]
    assert far[3] == toy.logprobs([["key", "old", "old", "are"]])[0][3]


def test_sentences_shorter_than_the_order_train_and_score():
    model = NgramModel.estimate(
        [["a"], ["b"], ["a"]],
        build_vocabulary([["a", "b"]]),
        NgramSettings(order=5),
    )
    assert {len(ngram.words) for ngram in model.ngrams()} == {1, 2, 3}
    a, end = model.logprobs([["a"]], end=True)[0]
    assert model.next_word([[]])[0, 3] == a
    assert model.next_word([["a"]])[0, EOS_ID] == end
    assert len(model.logprobs([["a"] * 9])[0]) == 9


def test_an_empty_sentence_is_only_its_end(toy):
    assert toy.logprobs([[]]) == [[]]
    assert toy.logprobs([], end=True) == []
    assert toy.logprobs([[]], end=True)[0] == [toy.next_word([[]])[0, EOS_ID]]


def test_a_boundary_symbol_that_a_sentence_spells_out_is_never_predicted(toy):
    assert toy.logprobs([["the", BOS]])[0][1] == -math.inf


def test_training_twice_gives_the_same_bytes():
    one, other = (NgramModel.estimate(TOY, build_vocabulary(TOY), NgramSettings(order=3)) for _ in range(2))
    assert save(one.arrays()) == save(other.arrays())


def test_a_model_is_the_same_after_storing_its_arrays(toy):
    again = NgramModel.from_arrays(load(save(toy.arrays())), toy.vocabulary)
    assert again.context == toy.context
    assert again.logprobs(TOY, end=True) == toy.logprobs(TOY, end=True)
    assert list(again.ngrams()) == list(toy.ngrams())


def test_case_is_the_vocabularys_business():
    vocabulary = build_vocabulary(TOY, case="lower")
    model = NgramModel.estimate([[word.upper() for word in line] for line in TOY], vocabulary, NgramSettings(order=2))
    assert model.logprobs([["The", "KEYS"]]) == model.logprobs([["the", "keys"]])
    assert model.next_word([["The"]])[0, UNK_ID] < model.next_word([["THE"]])[0, vocabulary.encode(["keys"])[0]]
