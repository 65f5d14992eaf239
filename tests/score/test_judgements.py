"""What a judge scores on suites, with judges whose answers are worked out by hand."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from score_doubles import AGREEMENT, DOUBLE, HEADLINE, WHOLE, Opened, sentence, suite, twins

from lrd_bench.errors import LrdBenchError
from lrd_bench.items import Item
from lrd_bench.models.base import Judge
from lrd_bench.score import score_items, score_suite
from lrd_bench.suite_files import write_suite
from lrd_bench.vocabulary import Vocabulary

NUMBERS = ("plural", "singular")


@dataclass
class ByWord(Judge):
    """Finds its second label likelier, 3 to 1, where it sees the word, and its first, 3 to 1, where it does not."""

    word: str
    labels: tuple[str, ...] = NUMBERS
    context: int | None = None
    vocabulary: Vocabulary | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def scores(self, sentences):
        self.asked += map(tuple, sentences)
        seen = np.array([self.word in words for words in sentences])
        second = np.log(np.where(seen, 0.75, 0.25))
        others = np.log(np.where(seen, 0.25, 0.75) / (len(self.labels) - 1))
        return np.stack([others, second, *[others] * (len(self.labels) - 2)], axis=1)


def scored(judge, items=AGREEMENT):
    """(correct, margin) of each item, by prediction."""
    frame = score_suite(Opened(judge), items)
    assert set(frame["method"]) == {"judge"}
    return {
        prediction: dict(zip(rows["item"], zip(rows["correct"], rows["margin_bits"], strict=True), strict=True))
        for prediction, rows in frame.groupby("prediction")
    }


def rounded(verdicts):
    return {(correct, round(margin, 9)) for correct, margin in verdicts.values()}


BITS = round(math.log2(3), 9)


def reasons(judge, items=AGREEMENT):
    frame = score_suite(Opened(judge), items)
    assert frame["correct"].isna().all()
    return dict(zip(frame["item"], frame["reason"], strict=True))


def test_a_judge_of_number_is_shown_what_comes_before_the_verb_and_decides_by_its_log_odds():
    judge = ByWord("key")
    found = scored(judge)[HEADLINE]
    assert rounded(found) == {(1, BITS)}
    assert sorted(judge.asked) == sorted({item.sentences["good"].context for item in AGREEMENT.items})


def test_a_judge_that_always_says_the_same_is_right_on_one_of_each_pair():
    found = scored(ByWord("nowhere"))[HEADLINE]
    assert {id_.split("-")[1]: verdict for id_, verdict in found.items()} == {
        "key": (0, pytest.approx(-math.log2(3))),
        "keys": (1, pytest.approx(math.log2(3))),
    }


def test_the_double_difference_of_a_judge_is_what_both_twins_margins_sum_to():
    assert rounded(scored(ByWord("key"))[DOUBLE]) == {(1, round(2 * math.log2(3), 9))}
    assert set(scored(ByWord("nowhere"))[DOUBLE].values()) == {(0.5, 0)}


def test_of_predictions_of_one_kind_a_judge_answers_the_first():
    items = suite(*AGREEMENT.items, predictions=(WHOLE, HEADLINE, DOUBLE))
    assert set(scored(ByWord("key"), items)) == {WHOLE, DOUBLE}
    assert set(scored(ByWord("key"), suite(*AGREEMENT.items, predictions=(DOUBLE,)))) == {DOUBLE}


@pytest.mark.parametrize("context", [1, 2, 3])
def test_equal_evidence_is_shown_once_so_that_twins_beyond_the_window_cancel_exactly(context):
    class Noisy(ByWord):
        def scores(self, sentences):
            noise = np.random.default_rng(len(self.asked)).normal(size=(len(sentences), 2))
            return super().scores(sentences) + noise

    judge = Noisy("nowhere", context=context)
    items = suite(*twins("p0", "near the old cabinet"), *twins("p1", "behind the old clerks"))
    found = scored(judge, items)
    assert len(judge.asked) == len(set(judge.asked)) == 2
    assert max(map(len, judge.asked)) == context
    for pair in ("p0", "p1"):
        one, other = (found[HEADLINE][f"{pair}-{cue}"] for cue in ("key", "keys"))
        assert one[1] == -other[1]
        assert one[0] + other[0] == 1
    assert {margin for _, margin in found[DOUBLE].values()} == {0}


@pytest.mark.parametrize("labels", [("unacceptable", "acceptable"), ("unacceptable", "acceptable", "doubtful")])
def test_a_judge_of_acceptability_is_shown_both_sentences(labels):
    judge = ByWord("are", labels=labels)
    found = scored(judge)[HEADLINE]
    assert len(judge.asked) == len({each.tokens for item in AGREEMENT.items for each in item.sentences.values()})
    # Where there is `are`, the odds are 3 (or, of three labels, 6); elsewhere 1/3 (2/3).
    assert {id_.split("-")[1]: verdict for id_, verdict in found.items()} == {
        "key": (0, pytest.approx(-2 * math.log2(3))),
        "keys": (1, pytest.approx(2 * math.log2(3))),
    }


def test_an_unknown_cue_leaves_both_twins_unscored_and_an_unknown_candidate_only_before_a_judge_of_sentences():
    words = ("<unk>", "<s>", "</s>", "the", "key", "is", "are")
    known = Vocabulary(words=words, counts=(1,) * len(words))
    found = reasons(ByWord("key", vocabulary=known), suite(*twins("p", "near it"), predictions=(HEADLINE,)))
    assert found == {"p-key": "its twin is unscored: unknown word: keys", "p-keys": "unknown word: keys"}
    words = ("<unk>", "<s>", "</s>", "the", "key", "keys")
    known = Vocabulary(words=words, counts=(1,) * len(words))
    items = suite(*twins("p", "near it"), predictions=(HEADLINE,))
    assert rounded(scored(ByWord("key", vocabulary=known), items)[HEADLINE]) == {(1, BITS)}
    acceptability = ByWord("are", ("unacceptable", "acceptable"), vocabulary=known)
    assert set(reasons(acceptability, items).values()) == {"unknown words: are, is"}


def test_what_a_judge_has_no_label_for_is_unscored_and_says_why():
    key, keys = twins("p", "near it")
    assert reasons(ByWord("x", ("NOUN", "VERB")), suite(key, keys)) == {
        "p-key": "the judge has no label 'singular'",
        "p-keys": "the judge has no label 'plural'",
    }
    alone = replace(key, pair=None)
    assert reasons(ByWord("x"), suite(alone)) == {"p-key": "it has no twin, whose cue would have the other label"}
    valueless = [replace(item, factors={}) for item in (key, keys)]
    assert set(reasons(ByWord("x"), suite(*valueless)).values()) == {
        "its cue or its twin's has no value (`cue_value`) that could be a label"
    }


def test_a_double_difference_of_an_item_without_twin_is_unscored():
    key, _ = twins("p", "near it")
    frame = score_suite(Opened(ByWord("are", ("unacceptable", "acceptable"))), suite(replace(key, pair=None)))
    assert dict(zip(frame["prediction"], frame["reason"], strict=True))[DOUBLE] == (
        "it has no twin, and the prediction names one"
    )
    assert frame.set_index("prediction")["correct"][HEADLINE] == 0


def test_a_suite_without_good_and_bad_sentences_is_refused():
    item = Item(id="x", sentences={"so": sentence("the", "key", "", "is"), "other": sentence("the", "key", "", "are")})
    with pytest.raises(LrdBenchError, match="item 'x' has no good and bad sentence, which a judge decides between"):
        score_suite(Opened(ByWord("key")), suite(item, predictions=("(critical;%so%) < (critical;%other%)",)))


def test_a_judge_gives_no_surprisals_and_nothing_is_written(tmp_path, monkeypatch):
    write_suite(AGREEMENT, tmp_path / "items.jsonl")
    monkeypatch.setattr("lrd_bench.models.opening.open_model", lambda model, device: Opened(ByWord("key")))
    out, surprisals = tmp_path / "outcomes.parquet", tmp_path / "surprisals.parquet"
    with pytest.raises(LrdBenchError, match=r"mine: is a judge, and gives words no surprisal\. Leave out --surprisals"):
        score_items("mine", [tmp_path / "items.jsonl"], out=out, surprisals=surprisals)
    assert not out.exists()
    assert not surprisals.exists()
