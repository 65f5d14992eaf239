import math
from dataclasses import dataclass, replace

import pytest
from score_doubles import (
    AGREEMENT,
    DOUBLE,
    FILLERS,
    HEADLINE,
    WHOLE,
    Double,
    Opened,
    Oracle,
    Uniform,
    Window,
    sentence,
    suite,
    twins,
)

from lrd_bench.errors import LrdBenchError
from lrd_bench.items import Item, Sentence
from lrd_bench.outcomes import OUTCOME_COLUMNS, read_outcomes, write_table
from lrd_bench.score import evidence, score_suite
from lrd_bench.vocabulary import build_vocabulary

KNOWN = build_vocabulary([word for item in AGREEMENT.items for s in item.sentences.values() for word in [s.tokens]])


@pytest.mark.parametrize(
    ("model", "expected"),
    [(Oracle(suite=AGREEMENT), 1.0), (Oracle(suite=AGREEMENT, right=False), 0.0), (Uniform(), 0.5)],
    ids=["always-right", "always-wrong", "cannot-tell"],
)
@pytest.mark.parametrize("prediction", [HEADLINE, DOUBLE])
def test_a_model_gets_the_accuracy_it_deserves(model, expected, prediction):
    outcomes = score_suite(Opened(model), AGREEMENT)
    assert set(outcomes[outcomes["prediction"] == prediction]["correct"]) == {expected}


def test_the_margin_is_the_difference_in_bits():
    outcomes = score_suite(Opened(Oracle(suite=AGREEMENT)), suite(*AGREEMENT.items, predictions=[HEADLINE]))
    assert outcomes["margin_bits"].tolist() == pytest.approx([math.log2(9)] * 6)
    assert set(outcomes["chance"]) == {0.5}


@pytest.mark.parametrize("words_short", [1, 2, 0])
@pytest.mark.parametrize("prediction", [HEADLINE, WHOLE])
def test_a_window_that_misses_the_cue_gets_exactly_half_of_every_pair(words_short, prediction):
    for number, filler in enumerate(FILLERS):
        needed = len(filler.split()) + 1
        pair = suite(*twins(f"p{number}", filler), predictions=[prediction])
        outcomes = score_suite(Opened(Window(context=needed - words_short)), pair)
        one, other = outcomes["margin_bits"]
        if words_short:
            assert one == -other  # to the last bit
            assert outcomes["correct"].sum() == 1
        else:
            assert one != -other


@pytest.mark.parametrize("prediction", [DOUBLE, DOUBLE.replace("critical", "*")])
def test_the_double_difference_of_a_blind_model_is_exactly_zero_and_a_tie(prediction):
    pairs = [item for number, filler in enumerate(FILLERS) for item in twins(f"p{number}", filler)]
    outcomes = score_suite(Opened(Window(context=3)), suite(*pairs, predictions=[prediction]))
    assert outcomes["margin_bits"].tolist() == [0.0] * 6
    assert outcomes["correct"].tolist() == [0.5] * 6


def test_the_noise_of_the_window_double_would_break_the_tie_if_evidence_were_asked_for_twice():
    model = Window(context=2)
    assert model.word(("the", "key"), "is") != model.word(("the", "key"), "is")


@pytest.mark.parametrize("context", [None, 0, 2, 30])
def test_each_piece_of_evidence_is_asked_for_once_and_nothing_after_the_last_wanted_word(context):
    model = Uniform(context=context)
    score_suite(Opened(model), suite(*AGREEMENT.items, predictions=[HEADLINE, WHOLE, DOUBLE]))
    seen = []
    for words, position in model.asked:
        padded = ("<s>",) * 30 + words[: position + 1]
        seen.append(padded[-(31 if context is None else context + 1) :])
    assert len(seen) == len(set(seen))
    assert all(max(p for w, p in model.asked if w == words) == len(words) - 1 for words, _ in model.asked)


def test_a_region_without_need_of_the_rest_is_asked_of_the_sentence_so_far():
    model = Uniform(context=None)
    score_suite(Opened(model), suite(*twins("p", "here"), predictions=[HEADLINE]))
    assert sorted(model.asked) == [
        (("the", "key", "here", "are"), 3),
        (("the", "key", "here", "is"), 3),
        (("the", "keys", "here", "are"), 3),
        (("the", "keys", "here", "is"), 3),
    ]


def test_a_bidirectional_model_is_asked_of_whole_sentences_and_is_scored_as_such():
    model = Uniform(context=None, bidirectional=True)
    outcomes = score_suite(Opened(model), suite(*twins("p", "here"), predictions=[HEADLINE]))
    assert {words[-1] for words, _ in model.asked} == {"now"}
    assert set(outcomes["method"]) == {"pll"}
    assert "|method:pll|" in outcomes["run"][0]


@pytest.mark.parametrize("sentences_at_once", [1, 3, 1000])
def test_how_many_sentences_the_model_is_handed_never_changes_an_outcome(monkeypatch, sentences_at_once):
    expected = score_suite(Opened(Uniform()), AGREEMENT)
    monkeypatch.setattr(evidence, "SENTENCES_AT_ONCE", sentences_at_once)
    assert score_suite(Opened(Uniform()), AGREEMENT).equals(expected)


def test_an_unknown_cue_or_critical_word_leaves_both_twins_unscored_with_the_reason():
    items = [*twins("known", "here"), *twins("odd", "here", cues=("duck", "ducks"))]
    vocabulary = build_vocabulary([["the", "key", "keys", "here", "is", "are", "rusty", "now", "duck"]])
    outcomes = score_suite(Opened(Uniform(vocabulary=vocabulary)), suite(*items, predictions=[HEADLINE]))
    unscored = outcomes[outcomes["correct"].isna()]
    assert set(unscored["item"]) == {"odd-duck", "odd-ducks"}
    assert set(unscored["reason"]) == {"unknown word: ducks"}
    assert unscored["margin_bits"].isna().all()
    assert outcomes[outcomes["correct"].notna()]["reason"].isna().all()


def test_an_unknown_word_of_the_filler_is_allowed():
    vocabulary = build_vocabulary([["the", "key", "keys", "is", "are"]])
    outcomes = score_suite(Opened(Uniform(vocabulary=vocabulary)), AGREEMENT)
    assert outcomes["correct"].notna().all()


@dataclass
class Says(Double):
    """Gives the words it is told about these log-probabilities, and every other word half."""

    told: dict[str, float] = None  # type: ignore[assignment]

    def word(self, before, word):
        return self.told.get(word, math.log(0.5))


def test_a_margin_may_be_infinite_and_then_the_prediction_holds_or_fails():
    pair = suite(*twins("p", "here"), predictions=[HEADLINE])
    outcomes = score_suite(Opened(Says(told={"are": -math.inf})), pair).set_index("item")
    assert outcomes.loc["p-key", ["margin_bits", "correct"]].tolist() == [math.inf, 1]
    assert outcomes.loc["p-keys", ["margin_bits", "correct"]].tolist() == [-math.inf, 0]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"is": -math.inf, "are": -math.inf}, "surprisal is infinite on both sides"),
        ({"is": math.nan}, "the model gives no number (NaN)"),
    ],
)
def test_what_cannot_be_compared_is_unscored_with_a_reason(told, reason):
    outcomes = score_suite(Opened(Says(told=told)), suite(*twins("p", "here"), predictions=[HEADLINE]))
    assert outcomes["correct"].isna().all()
    assert set(outcomes["reason"]) == {reason}


def test_infinite_words_that_both_sides_share_cancel():
    model = Says(told={"here": -math.inf}, context=0)
    outcomes = score_suite(Opened(model), suite(*twins("p", "here"), predictions=[WHOLE]))
    assert outcomes["margin_bits"].tolist() == [0, 0]


def test_a_pair_is_scored_whole_or_not_at_all():
    @dataclass
    class NoNumberAfterKeys(Double):
        def word(self, before, word):
            return math.nan if "keys" in before else -1.0

    outcomes = score_suite(Opened(NoNumberAfterKeys()), suite(*twins("p", "here"), predictions=[HEADLINE]))
    reasons = outcomes.set_index("item")["reason"]
    assert reasons["p-keys"] == "the model gives no number (NaN)"
    assert reasons["p-key"] == "its twin is unscored: the model gives no number (NaN)"


def test_rows_carry_the_run_and_the_factors_and_derived_ones_are_derived():
    outcomes = score_suite(Opened(Uniform()), AGREEMENT)
    assert list(outcomes.columns) == [*OUTCOME_COLUMNS, "filler", "cue_value"]
    row = outcomes.set_index(["item", "prediction"]).loc[("p0-keys", HEADLINE)]
    assert (row["distance"], row["needed_context"], row["group"], row["pair"]) == (5, 5, "key|be", "p0")
    assert row["run"] == (
        f"suite:agreement-pp@1#{AGREEMENT.digest[:8]}|model:double#01234567|method:lm|ties:half@1e-4|oov:pair|eos:no|v:0.1.0"
    )


def test_what_a_model_says_of_its_scores_stands_in_the_run_and_nothing_where_it_says_nothing():
    usual, other = Uniform(), Uniform()
    other.conventions = "letters:one-by-one"
    [run], [other_run] = (set(score_suite(Opened(model), AGREEMENT)["run"]) for model in (usual, other))
    assert other_run == run.replace("|eos:no|", "|eos:no|letters:one-by-one|") != run


@pytest.mark.parametrize("name", ["o.parquet", "o.csv"])
def test_a_factor_that_is_an_empty_word_is_no_missing_value(name, tmp_path):
    one, other = twins("p", "here")
    items = (replace(one, factors={"pattern": ""}), replace(other, factors={"pattern": None}))
    write_table(score_suite(Opened(Uniform()), suite(*items, predictions=[HEADLINE])), tmp_path / name)
    assert read_outcomes([tmp_path / name])["pattern"].fillna("missing").tolist() == ["(none)", "missing"]


def test_factors_keep_whole_numbers_whole_and_mixed_ones_become_words():
    one, other = twins("p", "here")
    one = replace(one, factors={"attractors": 1, "depth": 2, "seen": "pairing"})
    other = replace(other, factors={"attractors": None, "depth": "two"})
    outcomes = score_suite(Opened(Uniform()), suite(one, other, predictions=[HEADLINE]))
    assert str(outcomes["attractors"].dtype) == "Int64"
    assert outcomes["depth"].tolist() == ["2", "two"]
    assert outcomes["seen"].tolist()[0] == "pairing"
    assert outcomes["seen"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("prediction", "message"),
    [
        ("(verb;%good%) < (critical;%bad%)", "agreement-pp: item 'p-key', condition 'good': unknown region 'verb'"),
        ("(critical;%god%) < (critical;%bad%)", "item 'p-key': unknown condition 'god'. Did you mean 'good'?"),
    ],
)
def test_a_prediction_that_names_what_an_item_lacks_is_refused(prediction, message):
    with pytest.raises(LrdBenchError) as error:
        score_suite(Opened(Uniform()), suite(*twins("p", "here"), predictions=[prediction]))
    assert message in str(error.value)


def test_a_twin_formula_needs_twins():
    lone = replace(twins("p", "here")[0], pair=None)
    with pytest.raises(LrdBenchError, match="item 'p-key': has no twin"):
        score_suite(Opened(Uniform()), suite(lone))


def test_a_factor_must_not_take_the_name_of_a_column():
    item = replace(twins("p", "here")[0], pair=None, factors={"margin_bits": 1})
    with pytest.raises(LrdBenchError, match="factor 'margin_bits'"):
        score_suite(Opened(Uniform()), suite(item, predictions=[HEADLINE]))


def test_a_model_that_answers_with_too_few_numbers_is_told_so():
    class Short(Uniform):
        def logprobs(self, sentences, wanted=None, end=False):
            return [[] for _ in sentences]

    with pytest.raises(LrdBenchError, match="double: its logprobs gave 0 numbers for a sentence where 1 were asked"):
        score_suite(Opened(Short()), suite(*twins("p", "here"), predictions=[HEADLINE]))


def test_items_without_pair_cue_or_group_are_scored_by_whole_sentence():
    good, bad = (Sentence(tokens=tuple(text.split()), regions={}) for text in ("she sleeps", "she sleep"))
    item = Item(id="1", sentences={"good": good, "bad": bad})
    outcomes = score_suite(Opened(Says(told={"sleep": -9.0})), suite(item, predictions=[WHOLE]))
    assert outcomes["correct"].tolist() == [1]
    assert outcomes[["group", "pair", "distance", "needed_context"]].isna().all(axis=None)


def test_regions_of_several_words_are_summed():
    item = Item(
        id="1",
        sentences={
            "good": sentence("the", "key", "", "is"),
            "bad": replace(sentence("the", "key", "", "is"), regions={"critical": (0, 3)}),
        },
    )
    model = Says(told={"the": -1.0, "key": -2.0, "is": -4.0})
    outcomes = score_suite(Opened(model), suite(item, predictions=[HEADLINE]))
    assert outcomes["margin_bits"].tolist() == pytest.approx([3 / math.log(2)])  # `is` cancels
