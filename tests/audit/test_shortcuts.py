"""Cue-blind shortcuts on suites small enough to work out with a pencil."""

import numpy as np
import pytest
from by_hand import CRITICAL, DOUBLE, accuracies, marked, plain, shortcuts, suite, twins

from lrd_bench.audit import audit_suite
from lrd_bench.audit.learning import Score, fixed
from lrd_bench.audit.shortcuts import Frequency

FIXED, WORDS = "fixed preference between the two candidates", "fixed score of each contrasting word"
COMMONER, CHARACTERS, LENGTH = (
    "commoner candidate (by the suite itself)",
    "shorter sentence (in characters)",
    "shorter sentence (in words)",
)

NAMES = ("Ann", "Ben", "Cem", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Joe", "Kim", "Leo")


def says(name, right, wrong):
    return plain(name, f"{name} says {right} it rains", f"{name} says {wrong} it rains")


# -- fixed preference ------------------------------------------------------------------------------------------------


def test_a_preference_that_is_always_right_decides_the_items_and_is_told():
    always = suite(*(says(name, "that", "who") for name in NAMES))
    assert accuracies(always)[FIXED] == 1.0
    assert audit_suite(always).findings[0] == (
        "A fixed preference between the two contrasting words, whatever stands before them, decides 100 % of the "
        "items: “that” is right against “who” 12 times of 12."
    )


def test_few_groups_are_no_evidence_of_a_shortcut():
    # 12 coins fall alike once in 2,048 throws, 8 once in 128.
    assert not shortcuts(suite(*(says(name, "that", "who") for name in NAMES[:8])))[FIXED].beats_chance
    assert shortcuts(suite(*(says(name, "that", "who") for name in NAMES)))[FIXED].beats_chance


def test_items_of_one_group_are_one_throw_of_the_coin():
    one = [plain(name, f"{name} says that", f"{name} says who", group="g") for name in NAMES]
    found = shortcuts(suite(*one, plain("x", "Zoe says that", "Zoe says who", group="h")))[FIXED]
    assert found.score.accuracy == 1.0
    assert not found.beats_chance


def test_a_preference_is_learnt_from_other_groups():
    # Three times "is", once "are". One half of the groups has "is" and "are", the other twice "is". The first teaches
    # nothing: two ties. The second teaches "is": one right, one wrong. In hindsight "is" is right three times of four.
    three = suite(
        says("Ann", "is", "are"), says("Ben", "is", "are"), says("Cem", "is", "are"), says("Dan", "are", "is")
    )
    found = shortcuts(three)[FIXED]
    assert found.hindsight.accuracy == 0.75
    assert found.score.accuracy == 0.5


def test_candidates_that_occur_once_teach_nothing_but_look_decisive_in_hindsight():
    once = shortcuts(suite(*(plain(name, f"we saw {name} run", f"we saw run {name}") for name in NAMES)))[FIXED]
    assert once.hindsight.accuracy == 1.0
    assert once.score.accuracy == 0.5
    assert not once.beats_chance


def test_identical_sentences_are_ties():
    assert accuracies(suite(*(says(name, "that", "that") for name in NAMES)))[FIXED] == 0.5


# -- the other rules that see the candidates alone -------------------------------------------------------------------


def test_words_that_are_always_right_or_wrong_decide_pairs_that_never_recur():
    # Every pair of verbs is new, each verb is not: whichever two items are learnt from show both sides.
    verbs = [("broke", "fell"), ("broke", "lay"), ("shut", "fell"), ("shut", "lay")]
    found = accuracies(suite(*(plain(f"{a}{b}", f"she {a} it", f"she {b} it") for a, b in verbs)))
    assert found[FIXED] == 0.5
    assert found[WORDS] == 1.0


def test_words_that_both_candidates_have_do_not_count():
    moved = [plain(name, f"who did {name} hug after that", f"who did hug {name} after that") for name in NAMES]
    assert accuracies(suite(*moved))[WORDS] == 0.5


def test_the_commoner_candidate_is_the_one_whose_rarest_word_occurs_more_often():
    # In all sentences "is" occurs 6 times, "are" 4, "been here" 2 and 2: is > are > been here.
    items = (
        plain("a", "it is", "it are"),
        plain("b", "it is", "it are"),
        plain("c", "he is", "he are"),
        plain("d", "he been here", "he are"),
        plain("e", "we is", "we been here"),
        plain("f", "you is", "they is"),
    )
    # Right in a, b, c and e, wrong in d; f compares "you" and "they", once each: a tie. 4.5 of 6.
    assert accuracies(suite(*items))[COMMONER] == 0.75


def test_length_is_measured_in_characters_and_in_words():
    items = (
        plain("a", "she left", "she departed"),  # shorter in characters, equal in words
        plain("b", "she went away", "she departed"),  # longer in both
        plain("c", "go on", "await"),  # equal in characters, longer in words
        plain("d", "no", "not one"),  # shorter in both
    )
    found = accuracies(suite(*items))
    assert found[CHARACTERS] == (1 + 0 + 0.5 + 1) / 4
    assert found[LENGTH] == (0.5 + 0 + 0 + 1) / 4


def test_the_opposite_of_a_rule_is_told_where_it_is_the_one_that_is_right():
    longer = suite(*(plain(name, f"{name} walked far away", f"{name} ran") for name in NAMES))
    findings = audit_suite(longer).findings
    assert "Preferring the longer sentence (in words) decides 100 % of the items." in findings
    assert not [finding for finding in findings if "shorter" in finding]


# -- windows ---------------------------------------------------------------------------------------------------------


def test_a_window_is_asked_only_of_items_whose_cue_lies_beyond_it():
    pairs = suite(*twins("a", "still"), *twins("b", "near the dog"), predictions=(CRITICAL,))
    found = {name: len(each.score.halves) for name, each in shortcuts(pairs).items() if "given" in name}
    assert found == {
        "fixed preference, given the 1 word before": 4,  # cues are 2 and 4 words before
        "fixed preference, given the 2 words before": 2,
        "fixed preference, given the 3 words before": 2,
        "fixed preference, given the 4 words before": 0,
        "fixed preference, given K − 1 words before": 4,
    }


@pytest.mark.parametrize("predictions", [(CRITICAL,), (DOUBLE, CRITICAL)])
def test_every_cue_blind_shortcut_earns_exactly_one_half_of_certified_twins(predictions):
    pairs = [
        *twins("key|be", "near the dog"),
        *twins("key|be", "near the old dogs"),
        *twins("key|be", "still"),
        *twins("dog|run", "near the key", ("dog", "runs"), ("dogs", "run")),
        *twins("dog|run", "of the girls next door", ("dog", "runs"), ("dogs", "run")),
    ]
    found = accuracies(suite(*pairs, predictions=predictions))
    assert len(found) == 10
    assert set(found.values()) == {0.5}


def test_twins_of_unknown_groups_are_kept_together():
    pairs = [item for filler in ("still", "near us", "of his") for item in twins(None, filler)]
    assert set(accuracies(suite(*pairs)).values()) == {0.5}


def test_a_word_between_that_agrees_with_the_cue_is_found_by_the_window_that_sees_it():
    # "was" and "were" between give the cue away one word before the answer: K is 1 though the distance is 3.
    items = [
        marked(f"{noun}{cue}", f"The *{cue}* , which {was} _{right}_ .", wrong, group=noun)
        for noun in NAMES
        for cue, was, right, wrong in (
            (f"{noun}key", "was", "falls", "fall"),
            (f"{noun}keys", "were", "fall", "falls"),
        )
    ]
    found = shortcuts(suite(*items))
    assert found[FIXED].score.accuracy == 0.5
    assert found["fixed preference, given the 1 word before"].score.accuracy == 1.0
    [finding] = [text for text in audit_suite(suite(*items)).findings if "depends" in text]
    assert finding == (
        "A preference that depends on the 1 word before the candidates decides 100 % of the items: the cue is not "
        "there."
    )


def test_where_no_cue_is_marked_the_window_may_hold_it_and_the_table_says_so():
    items = [
        plain(f"{noun}{number}", f"{noun} saw {these} {right}", f"{noun} saw {these} {wrong}", group=noun)
        for noun in NAMES
        for number, these, right, wrong in (("s", "this", "dog", "dogs"), ("p", "these", "dogs", "dog"))
    ]
    assert accuracies(suite(*items))["fixed preference, given the 1 word before (the cue may be there)"] == 1.0
    [finding] = [text for text in audit_suite(suite(*items)).findings if "depends" in text]
    assert finding.endswith("decides 100 % of the items: the cue is there, or not needed.")


def test_what_a_text_shows_more_often_after_the_words_before_is_a_shortcut_too():
    shown = {("the", "keys", "are"): 3, ("keys", "are"): 3, ("keys", "is"): 1, ("dogs", "is"): 2}
    frequency = Frequency(count=lambda words: shown.get(words, 0), by="the text", phrases=True)
    items = (
        plain("a", "the keys are", "the keys is"),  # keys are 3 : keys is 1
        plain("b", "my dogs are", "my dogs is"),  # 0 : 2
        plain("c", "my cats are", "my cats is"),  # 0 : 0
    )
    found = accuracies(suite(*items), frequency)
    assert found["seen more often after the 1 word before (the cue may be there)"] == (1 + 0 + 0.5) / 3
    assert found["seen more often after the 2 words before (the cue may be there)"] == (1 + 0.5 + 0.5) / 3


# -- scores ----------------------------------------------------------------------------------------------------------


def test_a_rule_that_is_no_better_than_a_coin_does_not_beat_chance():
    clusters = np.arange(100)
    assert not fixed([1.0, 0.0] * 50, clusters).differs_from_chance
    assert not fixed([1.0] * 60 + [0.0] * 40, clusters).differs_from_chance  # p = 0.045
    assert fixed([1.0] * 75 + [0.0] * 25, clusters).differs_from_chance


def test_a_difference_that_rests_on_few_groups_does_not_beat_chance():
    points = [1.0] * 75 + [0.0] * 25
    assert not fixed(points, np.arange(100) // 25).differs_from_chance


def test_the_accuracy_of_nothing_is_none():
    nothing = Score(halves=np.array([], dtype=np.int64), draws=1, clusters=np.array([], dtype=np.int64))
    assert nothing.accuracy is None
    assert not nothing.differs_from_chance


def test_the_order_of_the_items_changes_nothing():
    items = [says(name, *(("is", "are") if name < "F" else ("are", "is"))) for name in NAMES]
    assert accuracies(suite(*items)) == accuracies(suite(*reversed(items)))


def test_a_suite_whose_predictions_set_no_two_sentences_against_each_other_has_no_shortcuts():
    audit = audit_suite(suite(*twins("a", "still"), predictions=(DOUBLE,)))
    assert audit.table("shortcuts").empty
    [note] = [table.note for table in audit.tables if table.slug == "shortcuts"]
    assert note == "Not computed: no prediction sets two sentences against each other."
