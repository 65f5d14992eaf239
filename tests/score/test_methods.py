"""The methods of the field as formulas over regions: each worked out by hand with a model of known probabilities."""

import json
import math
from dataclasses import dataclass, field

import pytest
from score_doubles import DOUBLE, HEADLINE, WHOLE, Double, Opened, suite, twins

from lrd_bench.formats import read_blimp, read_syntaxgym
from lrd_bench.models.base import LanguageModel
from lrd_bench.score import score_suite
from lrd_bench.vocabulary import build_vocabulary

ONE_PREFIX = HEADLINE
TWO_PREFIX = "(two_prefix_word;%good%) < (two_prefix_word;%bad%)"


@dataclass
class Bigram(Double):
    """Bits of a word after another; 1 for what is not listed."""

    context: int | None = 1
    bits: dict[str, float] = field(default_factory=dict)

    def word(self, before, word):
        return -math.log(2) * self.bits.get(f"{before[-1] if before else '<s>'} {word}", 1.0)


@dataclass
class Blank(LanguageModel):
    """Bits of a word between its neighbours; 1 for what is not listed."""

    bits: dict[str, float]
    bidirectional = True
    method = "blank"

    def logprobs(self, sentences, wanted=None, end=False):
        rows = []
        for words, places in zip(sentences, wanted, strict=True):
            around = ["<s>", *words, "</s>"]
            rows.append([-math.log(2) * self.bits.get(" ".join(around[place : place + 3]), 1.0) for place in places])
        return rows


def margins(model: LanguageModel, asked) -> dict[str, list[float]]:
    """Prediction → the margins of the items, in bits."""
    outcomes = score_suite(Opened(model), asked)
    return {str(text): rows["margin_bits"].tolist() for text, rows in outcomes.groupby("prediction", sort=False)}


@pytest.fixture
def blimp(tmp_path):
    def read(**fields):
        (tmp_path / "made_up.jsonl").write_text(json.dumps(fields))
        return read_blimp(tmp_path / "made_up.jsonl")

    return read


def test_critical_word_whole_sentence_and_double_difference():
    # the key near is rusty now / the keys near are rusty now
    bits = {"near is": 2, "near are": 3, "is rusty": 4, "are rusty": 2.5}
    found = margins(Bigram(bits=bits), suite(*twins("p", "near"), predictions=[HEADLINE, WHOLE, DOUBLE]))
    assert found[HEADLINE] == pytest.approx([3 - 2, 2 - 3])
    assert found[WHOLE] == pytest.approx([(3 + 2.5) - (2 + 4), (2 + 4) - (3 + 2.5)])
    assert found[DOUBLE] == [0, 0]  # a bigram model does not see the cue
    seeing = Bigram(bits={"key is": 1.5, "key are": 5, "keys is": 3, "keys are": 2})
    found = margins(seeing, suite(*twins("p", ""), predictions=[DOUBLE]))
    assert found[DOUBLE] == pytest.approx([(5 - 1.5) + (3 - 2)] * 2)


def test_one_prefix_compares_two_words_after_the_same_words(blimp):
    asked = blimp(
        sentence_good="The nurse hasn't slept.",
        sentence_bad="The nurse haven't slept.",
        one_prefix_method=True,
        one_prefix_prefix="The nurse",
        one_prefix_word_good="hasn't",
        one_prefix_word_bad="haven't",
    )
    bits = {"nurse has": 2, "nurse have": 3, "has n't": 1.5, "have n't": 0.75, "n't slept": 6}
    found = margins(Bigram(bits=bits), asked)
    # log P(has n't | The nurse) − log P(have n't | The nurse); what follows is the same after n't.
    assert found == {WHOLE: pytest.approx([3.75 - 3.5]), ONE_PREFIX: pytest.approx([3.75 - 3.5])}
    bits["n't slept"] = bits["slept ."] = 9
    assert margins(Bigram(bits=bits, context=1), asked)[ONE_PREFIX] == pytest.approx([0.25])


def test_two_prefixes_compare_one_word_after_different_words(blimp):
    asked = blimp(
        sentence_good="These old lamps glow.",
        sentence_bad="This old lamps glow.",
        two_prefix_method=True,
        two_prefix_prefix_good="These old",
        two_prefix_prefix_bad="This old",
        two_prefix_word="lamps",
    )
    found = margins(Bigram(bits={"<s> These": 3, "<s> This": 1}), asked)
    # The bigram model sees no determiner before *lamps*: of the sentences it prefers the one that begins with *This*.
    assert found == {WHOLE: pytest.approx([1 - 3]), TWO_PREFIX: [0]}

    class Trigram(Bigram):
        def word(self, before, word):
            return -math.log(2) * self.bits.get(" ".join([*before[-2:], word]), 1.0)

    seeing = Trigram(bits={"These": 3, "This": 1, "These old lamps": 2, "This old lamps": 7}, context=2)
    # P(lamps | These old) against P(lamps | This old); and with the rest of the sentences.
    assert margins(seeing, asked) == {WHOLE: pytest.approx([(1 + 7) - (3 + 2)]), TWO_PREFIX: pytest.approx([7 - 2])}


def test_a_model_that_fills_in_blanks_is_asked_of_one_blank_and_of_all():
    # the key near is rusty now / the keys near are rusty now
    bits = {"near is rusty": 2, "near are rusty": 5, "key near is": 3, "key near are": 1.5, "is rusty now": 4}
    asked = suite(*twins("p", "near"), predictions=[HEADLINE, WHOLE])
    outcomes = score_suite(Opened(Blank(bits)), asked)
    assert set(outcomes["method"]) == {"blank"}
    assert all("|method:blank|" in run for run in outcomes["run"])
    found = margins(Blank(bits), asked)
    assert found[HEADLINE] == pytest.approx([5 - 2, 2 - 5])
    # All blanks, one at a time: pseudo-log-likelihood. *near* and *rusty* have other neighbours in the bad sentence.
    good, bad = 1 + 1 + 3 + 2 + 4 + 1, 1 + 1 + 1.5 + 5 + 1 + 1
    assert found[WHOLE][0] == pytest.approx(bad - good)


@pytest.fixture
def syntaxgym(tmp_path):
    """A suite of one item whose region 2 is asked about; `metric` and `formulas` as given."""

    def read(*formulas, metric="sum"):
        texts = {
            "a": ("The keys", "are", "", "on the table"),
            "b": ("The key", "are", "", "on the table"),
            "c": ("The keys", "is", "there", "on the table"),
        }
        conditions = [
            {
                "condition_name": name,
                "regions": [{"region_number": at, "content": content} for at, content in enumerate(contents, start=1)],
            }
            for name, contents in texts.items()
        ]
        about = {
            "meta": {"name": "made_up", "metric": metric},
            "region_meta": {"1": "subject", "2": "verb", "3": "adverb", "4": "rest"},
            "predictions": [{"type": "formula", "formula": formula} for formula in formulas],
            "items": [{"item_number": 1, "conditions": conditions}],
        }
        (tmp_path / "made_up.json").write_text(json.dumps(about))
        return read_syntaxgym(tmp_path / "made_up.json")

    return read


BITS = {"The keys": 5, "The key": 4, "keys are": 2, "key are": 6, "keys is": 7, "is there": 3, "there on": 2.5}
"""are: 2 bits in a, 6 in b; is: 7 in c. Every other word is 1 bit."""


@pytest.mark.parametrize(
    ("formula", "correct", "margin"),
    [
        ("(2;%a%) < (2;%b%)", 1, 4),
        ("(2;%a%) > (2;%b%)", 0, -4),
        ("(3;%a%) = 0", 1, 1e-3),  # an empty region is 0
        ("(3;%c%) - (3;%a%) > 2", 1, 1),
        ("(4;%a%) = (4;%b%)", 1, 1e-3 + 3e-5),
        ("(4;%a%) = (4;%c%)", 0, 1e-3 + 4.5e-5 - 1.5),
        ("(*;%a%) < (*;%c%)", 1, (1 + 5 + 7 + 3 + 2.5 + 1 + 1) - (1 + 5 + 2 + 1 + 1 + 1)),
        ("(2;%a%) - (2;%b%) + (2;%c%) > 2", 1, 1),  # from the left: (2 − 6) + 7
        ("(2;%a%) - [(2;%b%) + (2;%c%)] > 2", 0, -13),
        ("[(2;%a%) < (2;%b%)] & [(2;%b%) > (2;%c%)]", 0, -1),
        ("(2;%b%) < (2;%a%) | (2;%a%) < (2;%b%) & (2;%b%) > (2;%c%)", 0, -1),  # equal rank, from the left
        ("(2;%a%) < (2;%b%) | [(2;%b%) > (2;%c%) & (2;%a%) < (2;%b%)]", 1, 4),
        ("[(1;%a%) > (1;%b%)] & [(2;%a%) < (2;%b%)] & [[(2;%c%) - (2;%a%)] > [(2;%c%) - (2;%b%)]]", 1, 1),
    ],
)
def test_formulas_of_a_syntaxgym_suite_are_worked_out_over_its_regions(syntaxgym, formula, correct, margin):
    [row] = score_suite(Opened(Bigram(bits=BITS)), syntaxgym(formula)).to_dict("records")
    assert (row["correct"], row["margin_bits"]) == (correct, pytest.approx(margin))
    assert (row["item"], row["group"], row["prediction"]) == ("1", "1", formula)


def test_several_predictions_are_several_outcomes(syntaxgym):
    outcomes = score_suite(Opened(Bigram(bits=BITS)), syntaxgym("(2;%a%) < (2;%b%)", "(2;%a%) > (2;%b%)"))
    assert outcomes["correct"].tolist() == [1, 0]


def test_predictions_of_a_syntaxgym_suite_are_about_its_metric(syntaxgym):
    outcomes = score_suite(Opened(Bigram(bits=BITS)), syntaxgym("(4;%c%) > 0", "(1;%a%) > 0", metric="mean"))
    assert outcomes["margin_bits"].tolist() == pytest.approx([4.5 / 3, 6 / 2])
    assert all("|metric:mean|" in run for run in outcomes["run"])


def test_an_unknown_word_of_a_region_leaves_unscored_what_names_the_region(syntaxgym):
    words = ["The", "keys", "key", "are", "is", "on", "the"]
    asked = syntaxgym("(2;%a%) < (2;%b%)", "(4;%a%) > (4;%b%)", "(3;%c%) > 0", "(*;%a%) < (*;%c%)")
    outcomes = score_suite(Opened(Bigram(bits=BITS, vocabulary=build_vocabulary([words]))), asked)
    assert outcomes["reason"].fillna("").tolist() == ["", "unknown word: table", "unknown word: there", ""]
    assert outcomes["correct"].isna().tolist() == [False, True, True, False]


def test_the_word_after_two_prefixes_must_be_known(blimp):
    asked = blimp(
        sentence_good="These lamps glow.",
        sentence_bad="This lamps glow.",
        two_prefix_method=True,
        two_prefix_prefix_good="These",
        two_prefix_prefix_bad="This",
        two_prefix_word="lamps",
    )
    model = Bigram(vocabulary=build_vocabulary([["These", "This", "glow", "."]]))
    assert score_suite(Opened(model), asked)["reason"].fillna("").tolist() == ["", "unknown word: lamps"]


def test_every_published_suite_is_scored(data):
    for file in sorted((data / "suites" / "syntaxgym").iterdir()):
        asked = read_syntaxgym(file)
        outcomes = score_suite(Opened(Bigram()), asked)
        assert len(outcomes) == len(asked.items)
        assert outcomes["correct"].notna().all(), asked.name
