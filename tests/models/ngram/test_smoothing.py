"""Every smoothing, against values worked out by hand and against its formula, computed the slow way."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lrd_bench.corpus import read_sentences
from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram import NgramModel
from lrd_bench.models.ngram.counting import count_ngrams
from lrd_bench.models.ngram.held_out import estimate_lambdas
from lrd_bench.models.ngram.smoothing import estimate_discounts
from lrd_bench.models.recipes import NgramSettings
from lrd_bench.vocabulary import BOS, BOS_ID, EOS, EOS_ID, UNK, Vocabulary, build_vocabulary

Words = tuple[str, ...]
Share = Callable[[dict[str, int], int], dict[str, Fraction | float]]
"""From how often each word follows a history, and the order, to the probability that is left to each."""

NORMALISED = (
    "modified-kneser-ney",
    "kneser-ney",
    "absolute-discounting",
    "witten-bell",
    "jelinek-mercer",
    "add-k",
    "maximum-likelihood",
)
ALL = (*NORMALISED, "stupid-backoff")

# -- by hand -----------------------------------------------------------------------------------------------------------

TEXT = [["a", "b"], ["a", "b"], ["a", "c"]]
# Five words can follow: <unk>, </s>, a, b and c. Of 9 words and ends 3 are a, 2 b, 1 c and 3 </s>; the bigrams are
# 3 <s> a, 2 a b, 1 a c, 2 b </s> and 1 c </s>.

BY_HAND = {
    # c(hw) / c(h); the shorter context where h is not there.
    "maximum-likelihood": {
        "<s> a": "1",
        "a b": "2/3",
        "a c": "1/3",
        "b b": "0",
        "a <unk>": "0",
        "<unk> b": "2/9",
        "</s> a": "3/9",
    },
    # (c(hw) + 1) / (c(h) + 5), here with k = 1.
    "add-k": {
        "a b": "3/8",  # (2 + 1) / (3 + 5)
        "a c": "2/8",
        "a <unk>": "1/8",
        "<s> a": "4/8",
        "c a": "1/6",  # (0 + 1) / (1 + 5)
        "<unk> a": "1/5",
    },
    # (c(hw) + T p(w)) / (c(h) + T), T different words after h; 4 different words in all: p(b) = (2 + 4/5) / (9 + 4).
    "witten-bell": {
        "<unk> b": "14/65",
        "<unk> a": "19/65",
        "<unk> c": "9/65",
        "<unk> </s>": "19/65",
        "<unk> <unk>": "4/65",
        "a b": "158/325",  # (2 + 2 · 14/65) / (3 + 2)
        "a c": "83/325",  # (1 + 2 · 9/65) / (3 + 2)
        "a <unk>": "8/325",
    },
    # (c(hw) - D) / c(h) + D · T / c(h) · p(w). Of the words one occurs once and one twice: D = 1 / (1 + 2 · 1) = 1/3;
    # of the bigrams two and two: D = 2 / (2 + 2 · 2) = 1/3. p(b) = (2 - 1/3) / 9 + 1/3 · 4/9 · 1/5.
    "absolute-discounting": {
        "<unk> b": "29/135",
        "<unk> a": "44/135",
        "<unk> c": "14/135",
        "<unk> </s>": "44/135",
        "<unk> <unk>": "4/135",
        "a b": "733/1215",  # (2 - 1/3) / 3 + 1/3 · 2/3 · 29/135
        "a c": "298/1215",  # (1 - 1/3) / 3 + 1/3 · 2/3 · 14/135
        "a <unk>": "8/1215",
        "b a": "22/405",  # 1/3 · 1/2 · 44/135
    },
    # As before, but words count what stands to their left: a 1 (<s>), b 1, c 1, </s> 2 (b and c). So D = 3 / (3 + 2)
    # for them, and p(b) = (1 - 3/5) / 5 + 3/5 · 4/5 · 1/5.
    "kneser-ney": {
        "<unk> b": "22/125",
        "<unk> a": "22/125",
        "<unk> </s>": "47/125",  # (2 - 3/5) / 5 + 12/125
        "<unk> <unk>": "12/125",
        "a b": "669/1125",  # (2 - 1/3) / 3 + 2/9 · 22/125
        "a c": "294/1125",  # (1 - 1/3) / 3 + 2/9 · 22/125
        "a <unk>": "24/1125",
    },
    # No word has three to its left, so their discounts are 1/2, 1 and 3/2: p(b) = (1 - 1/2) / 5 + 1/2 · 1/5, for all
    # words together lose (3 · 1/2 + 1) / 5 = 1/2. Two bigrams occur once, two twice, one three times, none four times:
    # Y = 2 / (2 + 4), D1 = 1 - 2 Y · 2/2 = 1/3, D2 = 2 - 3 Y · 1/2 = 3/2 and D3 = 3 - 4 Y · 0/1 = 3.
    "modified-kneser-ney": {
        "<unk> b": "1/5",
        "<unk> </s>": "3/10",  # (2 - 1) / 5 + 1/10
        "<unk> <unk>": "1/10",
        "a b": "13/45",  # (2 - 3/2) / 3 + (1/3 + 3/2) / 3 · 1/5
        "a c": "31/90",  # (1 - 1/3) / 3 + 11/18 · 1/5
        "a <unk>": "11/180",
        "<s> a": "1/5",  # all of it is taken, and left to p(a)
    },
    # c(hw) / c(h), else 2/5 of the shorter context's; a word never seen has 2/5 · 1/5.
    "stupid-backoff": {
        "<s> a": "1",
        "a b": "2/3",
        "b a": "2/15",  # 2/5 · 3/9
        "<unk> a": "2/15",
        "a <unk>": "4/125",  # 2/5 · 2/25
        "</s> a": "2/15",
    },
}


def shape_of(
    smoothing: str, *, order: int, prune: Sequence[int] = (), k: float = 1.0, quirks: bool = False
) -> NgramSettings:
    """Settings that say what concerns the smoothing, and no more."""
    own = {"add-k": {"k": k}, "modified-kneser-ney": {"lmplz_quirks": quirks}}.get(smoothing, {})
    return NgramSettings(smoothing=smoothing, order=order, prune=prune[:order], **own)


def estimated(text: Sequence[Sequence[str]], smoothing: str, **shape) -> NgramModel:
    return NgramModel.estimate(text, build_vocabulary(text), shape_of(smoothing, **shape))


def probability(model: NgramModel, history: Sequence[str], word: str) -> float:
    return float(np.exp(model.next_word([history])[0, model.vocabulary.words.index(word)]))


@pytest.mark.parametrize(
    ("smoothing", "bigram", "expected"),
    [(smoothing, bigram, value) for smoothing, values in BY_HAND.items() for bigram, value in values.items()],
)
def test_values_are_those_worked_out_by_hand(smoothing, bigram, expected):
    history, word = bigram.split()
    model = estimated(TEXT, smoothing, order=2)
    history = [] if history == BOS else [history]
    assert probability(model, history, word) == pytest.approx(float(Fraction(expected)), rel=1e-6)


def test_k_is_what_add_k_adds():
    model = estimated(TEXT, "add-k", order=2, k=0.5)
    assert probability(model, ["a"], "b") == pytest.approx(5 / 11, rel=1e-6)  # (2 + 1/2) / (3 + 5/2)


@pytest.mark.parametrize(("k", "expected"), [(1e308, 1 / 5), (1e-30, 2 / 3)])
def test_a_huge_k_makes_words_alike_and_a_tiny_one_adds_nothing(k, expected):
    model = estimated(TEXT, "add-k", order=2, k=k)
    assert probability(model, ["a"], "b") == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_add_k_sees_the_whole_context_or_what_the_sentence_has_of_it(order):
    model = estimated(TEXT, "add-k", order=order)
    # After <s> a comes b twice and c once; where only a is seen, it comes three times, and where nothing is, b is
    # two words of nine.
    expected = {1: (2 + 1) / (9 + 5), 2: (2 + 1) / (3 + 5), 3: (2 + 1) / (3 + 5), 5: (2 + 1) / (3 + 5)}[order]
    assert probability(model, ["a"], "b") == pytest.approx(expected, rel=1e-6)
    # b a is no context of the text: from order 3 on all words are alike, though b is known after a.
    assert probability(model, ["b", "a"], "b") == pytest.approx(expected if order < 3 else 1 / 5, rel=1e-6)


# -- by the formula ----------------------------------------------------------------------------------------------------


class Text:
    """The n-grams of a text in dictionaries, as slow as can be."""

    def __init__(self, sentences, vocabulary: Vocabulary, shape: NgramSettings) -> None:
        known = set(vocabulary.words)
        self.shape = shape
        self.alike = Fraction(1, len(known) - 1)
        """The probability of each word where all are alike."""
        self.counts: Counter[Words] = Counter()
        """How often each n-gram occurs."""
        for sentence in sentences:
            words = (BOS, *(word if word in known else UNK for word in sentence), EOS)
            for n in range(1, shape.order + 1):
                self.counts.update(words[at : at + n] for at in range(len(words) - n + 1))
        del self.counts[(BOS,)]  # never predicted
        left = defaultdict(set)
        for gram in self.counts:
            left[gram[1:]].add(gram[0])
        self.adjusted = Counter(self.counts)
        """As Kneser-Ney counts: below the highest order different words to the left, unless it begins a sentence."""
        for gram in self.counts:
            if len(gram) < shape.order and gram[0] != BOS:
                self.adjusted[gram] = len(left[gram])

    def is_kept(self, gram: Words) -> bool:
        limits = self.shape.prune or (0,)
        return self.counts[gram] > limits[min(len(gram), len(limits)) - 1]

    def interpolated(self, history: Words, word: str, counts: Counter[Words], share: Share) -> Fraction | float:
        """What `share` leaves to each word that follows; the rest, and what is pruned, goes by the shorter history."""
        after = followers(counts, history)
        left = {
            other: part for other, part in share(after, len(history) + 1).items() if self.is_kept((*history, other))
        }
        below = self.interpolated(history[1:], word, counts, share) if history else self.alike
        return left.get(word, 0) + (1 - sum(left.values())) * below


def followers(counts: Counter[Words], history: Words) -> dict[str, int]:
    """How often each word follows."""
    n = len(history) + 1
    return {gram[-1]: count for gram, count in counts.items() if len(gram) == n and gram[:-1] == history}


def maximum_likelihood(text: Text, history: Words, word: str) -> Fraction:
    def share(after, n):
        return {other: Fraction(count, sum(after.values())) for other, count in after.items()}

    return text.interpolated(history, word, text.counts, share)


def witten_bell(text: Text, history: Words, word: str) -> Fraction:
    def share(after, n):
        return {other: Fraction(count, sum(after.values()) + len(after)) for other, count in after.items()}

    return text.interpolated(history, word, text.counts, share)


def jelinek_mercer(text: Text, history: Words, word: str, lambda_: Sequence[float]) -> float:
    def share(after, n):
        return {other: lambda_[n - 1] * count / sum(after.values()) for other, count in after.items()}

    return text.interpolated(history, word, text.counts, share)


def absolute_discounting(text: Text, history: Words, word: str) -> Fraction:
    return discounted(text, history, word, text.counts, one_discount)


def kneser_ney(text: Text, history: Words, word: str) -> Fraction:
    return discounted(text, history, word, text.adjusted, one_discount)


def modified_kneser_ney(text: Text, history: Words, word: str) -> Fraction:
    return discounted(text, history, word, text.adjusted, three_discounts)


def discounted(text: Text, history: Words, word: str, counts: Counter[Words], discounts: Callable) -> Fraction:
    def share(after, n):
        taken = discounts(Counter(count for gram, count in counts.items() if len(gram) == n))
        return {other: (count - taken[min(count, 3)]) / sum(after.values()) for other, count in after.items()}

    return text.interpolated(history, word, counts, share)


def one_discount(numbers: Counter[int]) -> list[Fraction]:
    """From how many n-grams there are of each count to what is taken from a count of 0, 1, 2 and more."""
    once, twice = numbers[1], numbers[2]
    return [Fraction(0), *[Fraction(once, once + 2 * twice) if once and twice else Fraction(1, 2)] * 3]


def three_discounts(numbers: Counter[int]) -> list[Fraction]:
    fallback = [Fraction(0), Fraction(1, 2), Fraction(1), Fraction(3, 2)]
    if not (numbers[1] and numbers[2] and numbers[3]):
        return fallback
    y = Fraction(numbers[1], numbers[1] + 2 * numbers[2])
    result = [Fraction(0), *(k - (k + 1) * y * numbers[k + 1] / numbers[k] for k in (1, 2, 3))]
    assume(0 not in result[1:])  # rounding decides whether that is in range
    return result if min(result) >= 0 else fallback


def add_k(text: Text, history: Words, word: str) -> Fraction:
    after, k = followers(text.counts, history), Fraction(text.shape.k)
    total = sum(after.values()) + k / text.alike
    left = {other: count / total for other, count in after.items() if text.is_kept((*history, other))}
    return left.get(word, 0) + (1 - sum(left.values())) * text.alike


def stupid_backoff(text: Text, history: Words, word: str) -> Fraction:
    if (*history, word) in text.counts and text.is_kept((*history, word)):
        return Fraction(text.counts[(*history, word)], sum(followers(text.counts, history).values()))
    return Fraction(2, 5) * (stupid_backoff(text, history[1:], word) if history else text.alike)


FORMULAS = {
    "maximum-likelihood": maximum_likelihood,
    "witten-bell": witten_bell,
    "absolute-discounting": absolute_discounting,
    "kneser-ney": kneser_ney,
    "modified-kneser-ney": modified_kneser_ney,
    "add-k": add_k,
    "stupid-backoff": stupid_backoff,
}

words = st.sampled_from("aaabbcde")
sentences = st.lists(words, max_size=7)
texts = st.lists(sentences, min_size=1, max_size=10)
limits = st.just(()) | st.lists(st.integers(0, 3), max_size=3).map(lambda rest: (0, *sorted(rest)))
shapes = st.fixed_dictionaries(
    {"order": st.integers(1, 5), "prune": limits, "k": st.sampled_from([0.01, 0.5, 1.0, 3.0])}
)


def assert_follows(model: NgramModel, prefix: Sequence[str], formula: Callable[[Words, str], Fraction | float]) -> None:
    known = [word if word in model.vocabulary else UNK for word in prefix]
    history = tuple([BOS, *known][-model.context :]) if model.context else ()
    expected = [0.0 if word == BOS else float(formula(history, word)) for word in model.vocabulary.words]
    assert np.exp(model.next_word([prefix])[0]) == pytest.approx(expected, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("smoothing", FORMULAS)
@settings(deadline=None, max_examples=60)
@given(text=texts, shape=shapes, min_count=st.integers(1, 2), prefix=sentences)
def test_every_probability_is_the_formula_s(smoothing, text, shape, min_count, prefix):
    shape = shape_of(smoothing, **shape)
    vocabulary = build_vocabulary(text, min_count=min_count)
    slow = Text(text, vocabulary, shape)
    assert_follows(NgramModel.estimate(text, vocabulary, shape), prefix, partial(FORMULAS[smoothing], slow))


@settings(deadline=None, max_examples=60)
@given(text=texts, shape=shapes, prefix=sentences)
def test_jelinek_mercer_mixes_the_orders_by_their_weights(text, shape, prefix):
    shape = shape_of("jelinek-mercer", **shape)
    vocabulary = build_vocabulary(text)
    ids = np.array([id_ for words in text for id_ in (BOS_ID, *vocabulary.encode(words), EOS_ID)], np.int32)
    lambda_ = estimate_lambdas(count_ngrams(ids, len(vocabulary), shape.order), ids, deleted=True)
    formula = partial(jelinek_mercer, Text(text, vocabulary, shape), lambda_=lambda_)
    assert_follows(NgramModel.estimate(text, vocabulary, shape), prefix, formula)


# -- what holds for all ------------------------------------------------------------------------------------------------

LEAST = [[[]], [[], []], [["a"]], [["a"], ["a"]], [["a", "a", "a"]], [["a"], ["b"]], [["a"], []], [list("abcde")]]


@pytest.mark.parametrize("smoothing", NORMALISED)
@pytest.mark.parametrize("text", LEAST, ids=str)
@pytest.mark.parametrize("min_count", [1, 2])
def test_any_text_of_a_sentence_or_more_gives_probabilities_that_sum_to_one(smoothing, text, min_count):
    prefixes = [list(words) for size in range(4) for words in itertools.product("abz", repeat=size)]
    vocabulary = build_vocabulary(text, min_count=min_count)
    for order, prune in itertools.product((1, 2, 3, 8), ((), (0, 1))):
        model = NgramModel.estimate(text, vocabulary, shape_of(smoothing, order=order, prune=prune, quirks=True))
        assert model.normalised
        assert np.exp(model.next_word(prefixes)).sum(axis=1) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("text", LEAST, ids=str)
def test_any_text_of_a_sentence_or_more_gives_stupid_backoff_finite_scores(text):
    for order, prune in itertools.product((1, 2, 3, 8), ((), (0, 1))):
        model = estimated(text, "stupid-backoff", order=order, prune=prune)
        assert np.isfinite(model.logprobs([["a", "z", "a", "b"], []], end=True)[0]).all()
        assert not model.normalised


@pytest.mark.parametrize("smoothing", NORMALISED)
@settings(deadline=None, max_examples=50)
@given(text=texts, shape=shapes, min_count=st.integers(1, 3), prefixes=st.lists(sentences, min_size=1, max_size=4))
def test_the_next_word_is_certain_to_be_one_of_the_vocabulary(smoothing, text, shape, min_count, prefixes):
    settings = shape_of(smoothing, **shape, quirks=True)
    model = NgramModel.estimate(text, build_vocabulary(text, min_count=min_count), settings)
    distribution = model.next_word(prefixes)
    assert np.exp(distribution).sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert np.all(distribution[:, BOS_ID] == -np.inf)
    assert np.all(distribution <= 0)


@pytest.mark.parametrize("smoothing", NORMALISED)
def test_probabilities_sum_to_one_on_real_text(data, smoothing):
    small = data / "text" / "small"
    settings = NgramSettings(order=4, smoothing=smoothing, prune=(0, 0, 1))
    model = NgramModel.from_text(small / "train.txt", settings, held_out=small / "valid.txt")
    held_out = itertools.islice(read_sentences(small / "test.txt"), 20)
    prefixes = [sentence[:length] for sentence in held_out for length in range(0, len(sentence), 5)]
    assert np.exp(model.next_word(prefixes)).sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("smoothing", ALL)
@settings(deadline=None, max_examples=40)
@given(text=texts, shape=shapes, prefix=sentences)
def test_the_distribution_of_the_next_word_is_what_single_words_are_scored(smoothing, text, shape, prefix):
    model = NgramModel.estimate(text, build_vocabulary(text, min_count=2), shape_of(smoothing, **shape))
    row = model.next_word([prefix])[0]
    assert row[BOS_ID] == -np.inf
    for id_, word in enumerate(model.vocabulary.words):
        if id_ not in (BOS_ID, EOS_ID):
            assert model.logprobs([[*prefix, word]])[0][-1] == row[id_]
    assert model.logprobs([prefix], end=True)[0][-1] == row[EOS_ID]


# -- discounts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("smoothing", ["kneser-ney", "absolute-discounting"])
def test_one_discount_falls_back_to_a_half_and_says_so(smoothing):
    text = [["a", "b"], ["a", "b"]]  # nothing occurs once
    model = estimated(text, smoothing, order=1)
    assert model.fell_back == (1,)
    # Three words occur twice each: 3/2 of 6 is taken, and goes to the 4 that can follow.
    assert probability(model, [], "a") == pytest.approx((2 - 1 / 2) / 6 + 1 / 4 * 1 / 4, rel=1e-6)
    shape = NgramSettings(order=1, smoothing=smoothing, discount_fallback=False)
    with pytest.raises(LrdBenchError, match=r"1-grams cannot be estimated: none has a count of 1.*discount_fallback"):
        NgramModel.estimate(text, build_vocabulary(text), shape)


# lmplz 4cb443e, run on texts with these numbers of words that occur once, twice, three and four times: whether it
# falls back. In each a discount is 0 by the formula, and in range; rounded to single precision, some are less.
@pytest.mark.parametrize(
    ("numbers", "falls_back"),
    [
        ((1, 3, 14, 1), True),
        ((16, 6, 7, 1), True),
        ((2, 6, 4, 21), True),
        ((4, 3, 5, 1), False),
        ((12, 9, 15, 1), False),
        ((3, 6, 20, 1), False),
    ],
)
def test_a_discount_of_nothing_is_in_range_where_lmplz_finds_it_so(numbers, falls_back):
    counts = np.array([0, *numbers, 1])
    assert estimate_discounts(NgramSettings(), counts, 1)[1] == falls_back
