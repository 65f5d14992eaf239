"""Sentences drawn from a model are as frequent as it finds them likely."""

import math
from collections import Counter

import numpy as np
import pytest
from networks import language_model, make_network
from scipy.stats import chisquare

from lrd_bench.errors import LrdBenchError
from lrd_bench.models import sampling
from lrd_bench.models.base import WordDistribution
from lrd_bench.models.ngram import NgramModel
from lrd_bench.models.observer import IdealObserver
from lrd_bench.models.recipes import BidirectionalSettings, NgramSettings, RecurrentSettings
from lrd_bench.models.sampling import SampledSentence, sample_sentences, word_distribution
from lrd_bench.pcfg import Alternative, Pcfg
from lrd_bench.vocabulary import BOS, EOS, EOS_ID, UNK, build_vocabulary

TEXT = [
    sentence.split()
    for sentence in (
        "the keys to the cabinet are here",
        "the key to the cabinets is here",
        "the keys are lost",
        "the key is lost and the cabinet is here",
    )
]
VOCABULARY = build_vocabulary(TEXT)
BIGRAM = NgramModel.estimate(TEXT, VOCABULARY, NgramSettings(order=2, smoothing="witten-bell"))
GRAMMAR = Pcfg(
    start="S",
    rules={
        "S": (
            Alternative(1, ("the", "key", "MORE", "is", "lost")),
            Alternative(2, ("the", "keys", "MORE", "are", "lost")),
        ),
        "MORE": (Alternative(3, ()), Alternative(1, ("near", "the", "box"))),
    },
)
OBSERVER = IdealObserver(GRAMMAR, build_vocabulary([["the", "key", "keys", "near", "box", "is", "are", "lost"]]))


class Fixed(WordDistribution):
    """The same distribution after each prefix."""

    def __init__(self, *, end: float = 0.0, **words: float) -> None:
        """The probabilities of some words and of the end; `<unk>` gets what is left."""
        self.vocabulary = build_vocabulary([[*words]])
        known = {EOS: end, **words}
        known[UNK] = max(0.0, 1 - sum(known.values()))
        with np.errstate(divide="ignore"):
            self.row = np.log([known.get(word, 0.0) for word in self.vocabulary.words])

    def next_word(self, prefixes):
        return np.tile(self.row, (len(prefixes), 1))


def sampled(model: WordDistribution, sentences: int, **options: object) -> list[str]:
    """What is drawn, as text."""
    return [" ".join(sentence.words) for sentence in sample_sentences(model, sentences=sentences, **options)]


# -- frequencies ---------------------------------------------------------------------------------------------------


def test_the_word_after_a_prefix_is_as_frequent_as_it_is_likely():
    prefix = ("the", "keys")
    expected = np.exp(BIGRAM.next_word([prefix])[0])
    drawn = sample_sentences(BIGRAM, sentences=20_000, prefix=prefix, max_words=3)
    # A sentence of two words has ended right there.
    counts = Counter(sentence.words[2] if len(sentence.words) == 3 else EOS for sentence in drawn)
    observed = np.array([counts[word] for word in VOCABULARY.words])
    assert observed[VOCABULARY.words.index(BOS)] == 0
    possible = expected > 0
    assert chisquare(observed[possible], 20_000 * expected[possible] / expected.sum()).pvalue > 0.01


def test_a_sentence_is_as_frequent_as_it_is_likely():
    language = [
        "the key is lost",
        "the keys are lost",
        "the key near the box is lost",
        "the keys near the box are lost",
    ]
    counts = Counter(sampled(OBSERVER, 20_000))
    assert counts.keys() == {*language}
    # 1/3 and 2/3 for the number, 3/4 and 1/4 for what stands between.
    expected = [20_000 * share for share in (3 / 12, 6 / 12, 1 / 12, 2 / 12)]
    assert chisquare([counts[sentence] for sentence in language], expected).pvalue > 0.01


def test_the_unknown_word_may_be_drawn():
    assert sampled(Fixed(), 1, max_words=3) == ["<unk> <unk> <unk>"]


def test_a_sentence_may_end_before_its_first_word():
    assert sample_sentences(Fixed(end=1.0), sentences=2) == [SampledSentence(words=(), ended=True)] * 2


# -- temperature ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("temperature", "shares"),
    [
        (1.0, (9 / 10, 1 / 10)),
        (0.5, (81 / 82, 1 / 82)),  # the squares: 0.81 to 0.01
        (2.0, (3 / 4, 1 / 4)),  # the roots: 3 to 1
    ],
)
def test_temperature_raises_probabilities_to_its_inverse(temperature: float, shares: tuple[float, float]):
    counts = Counter(sampled(Fixed(often=0.9, rarely=0.1), 20_000, temperature=temperature, max_words=1))
    assert counts.keys() == {"often", "rarely"}
    expected = [20_000 * share for share in shares]
    assert chisquare([counts["often"], counts["rarely"]], expected).pvalue > 0.01


@pytest.mark.parametrize("temperature", [0.01, 1e-300])
def test_at_a_low_temperature_the_likeliest_word_is_drawn(temperature: float):
    model = Fixed(often=0.5, rarely=0.4, end=0.1)
    assert {*sampled(model, 100, temperature=temperature, max_words=2)} == {"often often"}


def test_words_that_are_equally_likely_stay_so_at_any_temperature():
    assert {*sampled(Fixed(heads=0.5, tails=0.5), 100, temperature=1e-300, max_words=1)} == {"heads", "tails"}


@pytest.mark.parametrize("temperature", [0, -1.0, math.nan, math.inf])
def test_a_temperature_that_is_no_number_above_zero_is_refused(temperature: float):
    with pytest.raises(LrdBenchError, match=r"--temperature .*: expected a number above 0\."):
        sample_sentences(BIGRAM, sentences=1, temperature=temperature)


# -- seeds ---------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_sentences_and_another_others():
    assert sampled(BIGRAM, 50, seed=3) == sampled(BIGRAM, 50, seed=3)
    assert sampled(BIGRAM, 50, seed=3) != sampled(BIGRAM, 50, seed=4)


def test_sentences_of_one_seed_differ():
    assert len({*sampled(BIGRAM, 50)}) > 25


@pytest.mark.parametrize("family", ["ngram", "gru"])
def test_the_first_sentences_are_the_same_however_many_there_are(family: str):
    model = BIGRAM if family == "ngram" else language_model(RecurrentSettings(cell="gru", hidden=8), VOCABULARY)
    many = sampled(model, 150, max_words=20)
    for fewer in (1, 5, 64, 65):
        assert sampled(model, fewer, max_words=20) == many[:fewer]


def test_a_large_vocabulary_is_asked_for_few_sentences_at_a_time(monkeypatch: pytest.MonkeyPatch):
    asked = []

    class Listening(Fixed):
        def next_word(self, prefixes):
            asked.append(len(prefixes))
            return super().next_word(prefixes)

    monkeypatch.setattr(sampling, "MAX_SCORES", 10)
    model = Listening(word=0.5, end=0.5)  # and <unk> and <s>: a vocabulary of 4
    assert len(sampled(model, 9)) == 9
    assert max(asked) == 2


# -- prefix and end ------------------------------------------------------------------------------------------------


def test_each_sentence_begins_with_the_prefix_as_it_was_given():
    lower = build_vocabulary(TEXT, case="lower")
    model = NgramModel.estimate(TEXT, lower, NgramSettings(order=2, smoothing="witten-bell"))
    prefix = ("The", "wombats", UNK)
    drawn = sample_sentences(model, sentences=20, prefix=prefix)
    assert {sentence.words[:3] for sentence in drawn} == {prefix}
    assert {word for sentence in drawn for word in sentence.words[3:]} <= {*lower.words} - {BOS, EOS}


def test_what_follows_a_prefix_agrees_with_it():
    after = "the keys near the box"
    assert {*sampled(OBSERVER, 20, prefix=after.split())} == {f"{after} are lost"}


def test_a_sentence_is_cut_when_it_has_so_many_words_and_does_not_end():
    endless = Fixed(on=1.0)
    assert sample_sentences(endless, sentences=1, max_words=3) == [SampledSentence(words=("on",) * 3, ended=False)]
    ends_there = sample_sentences(OBSERVER, sentences=20, max_words=4, prefix=("the", "keys", "are"))
    assert ends_there == [SampledSentence(words=("the", "keys", "are", "lost"), ended=True)] * 20


def test_a_sentence_that_is_cut_goes_on_the_same_when_it_may():
    short, long = sampled(BIGRAM, 50, max_words=4), sampled(BIGRAM, 50)
    assert short == [" ".join(sentence.split()[:4]) for sentence in long]


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ((BOS, "the"), "--prefix: <s> and </s> are boundary symbols."),
        (("the", EOS), "--prefix: <s> and </s> are boundary symbols."),
        (("the",) * 6, "--prefix: has 6 words, and a sentence at most 5."),
        (
            ("keys", "the"),
            "after 'keys the', the model finds every word impossible, and the end as well. Take another -",
        ),
    ],
)
def test_a_prefix_that_cannot_be_continued_is_refused(prefix: tuple[str, ...], message: str):
    with pytest.raises(LrdBenchError) as caught:
        sample_sentences(OBSERVER, sentences=1, prefix=prefix, max_words=5)
    assert message in str(caught.value)


def test_a_dead_end_that_a_model_has_drawn_is_told_apart_from_a_prefix():
    without_boxes = IdealObserver(GRAMMAR, build_vocabulary([["the", "key", "keys", "near", "is", "are", "lost"]]))
    with pytest.raises(LrdBenchError, match=r"after 'the keys? near the <unk>', .* Take another --seed\."):
        sample_sentences(without_boxes, sentences=100)


def test_a_string_is_no_prefix():
    with pytest.raises(TypeError, match=r"'the keys' is a string\. Split it"):
        sample_sentences(BIGRAM, sentences=1, prefix="the keys")


def test_a_model_whose_weights_are_broken_is_refused():
    model = Fixed(word=1.0)
    model.row[EOS_ID] = math.nan
    with pytest.raises(LrdBenchError, match=r"at the beginning, the model gives some word no number \(NaN\)"):
        sample_sentences(model, sentences=1)


# -- which models --------------------------------------------------------------------------------------------------


def test_a_model_with_a_next_word_is_taken_as_it_is():
    assert word_distribution("bigram", BIGRAM) is BIGRAM


def test_models_without_a_next_word_are_refused_with_the_reason():
    settings = BidirectionalSettings(cell="gru", hidden=8)
    unnormalised = NgramModel.estimate(TEXT, VOCABULARY, NgramSettings(order=2, smoothing="stupid-backoff"))
    for model, reason in {
        make_network(settings, VOCABULARY, task="language-modelling"): "mine: sees the words to the right",
        make_network(settings, VOCABULARY, task="classification", labels=("good", "bad")): "mine: decides on labels",
        unnormalised: "mine: its scores do not sum to one",
    }.items():
        with pytest.raises(LrdBenchError, match=reason):
            word_distribution("mine", model)


def test_kenlm_cannot_list_what_may_come(tmp_path):
    pytest.importorskip("kenlm", reason="the kenlm module is not installed: pip install kenlm")
    from lrd_bench.models.kenlm import KenlmModel
    from lrd_bench.models.ngram import write_arpa

    write_arpa(BIGRAM, tmp_path / "bigram.arpa")
    with pytest.raises(LrdBenchError, match="kenlm:mine: scores the words it is given and cannot list"):
        word_distribution("kenlm:mine", KenlmModel(tmp_path / "bigram.arpa"))
