"""What a suite holds once what its items share is taken away, and what of it cannot be answered."""

import pytest
from by_hand import marked, plain, suite, twins

from lrd_bench.audit import audit_suite, audit_suites
from lrd_bench.errors import LrdBenchError

UNKNOWN_GROUPS = "The groups are unknown: intervals resample items and are too narrow."


def size(of):
    table = audit_suite(of).table("size")
    return dict(zip(table["what"], table["number"], strict=True))


def test_a_suite_is_counted_in_all_that_it_is_made_of():
    pairs = suite(*twins("key|be", "near us"), *twins("key|be", "still"), *twins("dog|run", "still"))
    assert size(pairs) == {
        "items": 6,
        "pairs of twins": 3,
        "groups": 2,
        "items in the largest group": 4,
        "items of unknown group": 0,
        "different sentences": 8,  # the second and the third pair are of the same words
        "different contexts": 4,
        "different candidates": 2,
        "different cues": 2,
        "different words": 10,  # the key keys near us still is are old .
        "distances": "2, 3",
        "identical pairs": 0,
        "items that repeat another": 2,
        "sentences both right and wrong": 0,
    }


def test_what_is_not_known_is_not_zero():
    found = size(suite(plain("a", "it is", "it are")))
    assert (found["groups"], found["different cues"], found["distances"]) == ("unknown", "not marked", "unknown")
    assert found["items of unknown group"] == 1
    assert UNKNOWN_GROUPS in audit_suite(suite(plain("a", "it is", "it are"))).findings


def test_identical_pairs_are_told_first():
    one = suite(plain("7", "it is", "it is"), plain("8", "it is", "it are"))
    assert audit_suite(one).findings[0] == (
        "1 pair of 2 is identical: both sentences are the same, so that no model can be right (item 7)."
    )
    two = suite(plain("7", "it is", "it is"), plain("8", "he is", "he is"), plain("9", "he is", "he are"))
    assert audit_suite(two).findings[0] == (
        "2 pairs of 3 are identical: both sentences are the same, so that no model can be right (items 7, 8)."
    )


def test_items_that_repeat_another_are_told():
    again = suite(plain("a", "it is", "it are"), plain("b", "it is", "it are"), plain("c", "he is", "he are"))
    assert "1 item of 3 (33.3 %) repeats another item word for word and counts twice." in audit_suite(again).findings


def test_a_sentence_that_is_right_here_and_wrong_there_is_told():
    both = suite(plain("a", "it is", "it are"), plain("b", "it are", "it is"))
    assert "2 sentences are right in one item and wrong in another, such as “it are”." in audit_suite(both).findings


def test_many_items_of_few_groups_and_cues_are_told():
    items = [marked(f"{n}", f"Well , {n} : the *key* near {n} _is_", "are", group=f"g{n % 4}") for n in range(40)]
    findings = audit_suite(suite(*items)).findings
    assert (
        "40 items come from 4 groups of 10 items that share their words or their base sentence: they are not 40 "
        "independent answers, and intervals must resample groups."
    ) in findings
    assert "All 40 items have one of only 1 different cue: key." in findings


def test_twins_cues_are_said_to_be_forms_of_fewer_words():
    items = [item for n in range(10) for item in twins("key|be", f"near {n}")]
    [finding] = [text for text in audit_suite(suite(*items)).findings if "cue" in text and "only" in text]
    assert finding == "All 20 items have one of only 2 different cues, 1 with twins' cues taken as one: key, keys."


def test_many_items_of_few_words_are_told():
    three = [f"{a} {b} {c}" for a in "ABCDEFGHIJ" for b in "KLMNOPQRST" for c in "UVWXYZ012345"]
    items = [plain(words, f"{words} is", f"{words} are") for words in three]
    assert "All 1200 items are made of only 34 different words." not in audit_suite(suite(*items)).findings
    items += [plain(f"not {words}", f"not {words} is", f"not {words} are") for words in three]
    assert "All 2400 items are made of only 35 different words." in audit_suite(suite(*items)).findings


def test_several_suites_are_audited_one_by_one_and_together():
    first = suite(*(plain(f"{n}", f"{n} is here", f"{n} is here") for n in range(3)), name="first")
    second = suite(*(plain(f"{n}", f"{n} says that", f"{n} says who") for n in range(12)), name="second")
    together, *each = audit_suites([first, second])
    assert [audit.suite.partition("#")[0] for audit in each] == ["first@1", "second@1"]
    assert together.suite == "2 suites"
    assert together.findings == (
        "3 identical pairs in 1 suite, so that no model can be right there: first.",
        "1 of 2 suites are decided, to at least 95 %, by a rule that needs no cue: second.",
    )
    assert together.table("overview").to_numpy(dtype=object, na_value=None).tolist() == [
        ["first", 3, 0, "unknown", 3, 0, "none", None],
        ["second", 12, 0, "unknown", 0, 0, "fixed preference between the two candidates", 1.0],
        ["all together", 15, 0, None, 3, 0, None, None],
    ]


def test_suites_of_one_name_are_refused():
    with pytest.raises(LrdBenchError, match="is of suite 'by-hand', as an earlier file is"):
        audit_suites([suite(plain("a", "it is", "it are")), suite(plain("b", "it is", "it are"))])


def test_nothing_to_audit_is_refused():
    with pytest.raises(LrdBenchError, match="no stimuli were given"):
        audit_suites([])
