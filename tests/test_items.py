from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keys import KEY, KEYS, SUITE, item, sentence

from lrd_bench.errors import LrdBenchError
from lrd_bench.items import Certificate, Item, Sentence, Span, certify, difference


def test_distance_counts_from_the_cue_to_the_verb():
    assert sentence("the keys to the cabinet are", cue="keys", critical="are").distance == 4
    assert sentence("the keys are", cue="keys", critical="are").distance == 1


def test_distance_counts_from_the_last_word_of_the_cue():
    words = ("the", "house", "keys", "are")
    assert Sentence(tokens=words, regions={"cue": Span(1, 3), "critical": Span(3, 4)}).distance == 1


def test_without_a_cue_there_is_no_distance():
    assert Sentence(tokens=("she", "sleeps"), regions={"critical": Span(1, 2)}).distance is None


def test_the_star_is_the_whole_sentence():
    assert sentence("the keys are", cue="keys", critical="are").span("*") == Span(0, 3)


@pytest.mark.parametrize(
    ("good", "bad", "spans"),
    [
        ("the nurse sleeps here", "the nurse sleep here", (Span(2, 3), Span(2, 3))),
        ("the nurses have left early", "the nurses has gone early", (Span(2, 4), Span(2, 4))),
        ("we left", "we went home", (Span(1, 2), Span(1, 3))),
        ("we asked that nurse", "we asked who that nurse", (Span(2, 2), Span(2, 3))),
        ("so so good", "so so so good", (Span(2, 2), Span(2, 3))),  # no word is in both ends
        ("who slept", "nobody ate", (Span(0, 2), Span(0, 2))),
    ],
)
def test_a_difference_goes_from_the_first_differing_word_to_the_last(good, bad, spans):
    assert difference(tuple(good.split()), tuple(bad.split())) == spans


def test_equal_sentences_have_no_difference():
    assert difference(("we", "left"), ("we", "left")) is None


def test_needed_context_is_the_distance_where_only_the_cue_differs():
    assert certify(KEY, KEYS).blind_below == KEY.distance == 4


def test_a_filler_that_agrees_with_the_cue_brings_the_needed_context_below_the_distance():
    one = item("key", "is", "are", filler="that turns to the cabinet")
    other = item("keys", "are", "is", filler="that turn to the cabinet")
    assert (one.distance, certify(one, other).blind_below) == (6, 4)


@given(
    shared=st.lists(st.sampled_from("abc"), max_size=6),
    one=st.lists(st.sampled_from("abc"), max_size=4),
    other=st.lists(st.sampled_from("abc"), max_size=4),
)
def test_a_window_below_the_needed_context_sees_the_same_and_one_of_its_size_does_not(shared, one, other):
    def of(before, good, bad):
        context = (*before, *shared)
        critical = Span(len(context), len(context) + 1)
        sentences = {
            condition: Sentence(tokens=(*context, word), regions={"critical": critical})
            for condition, word in (("good", good), ("bad", bad))
        }
        return Item(id="1", sentences=sentences)

    def window(words, size):
        return (["<s>"] * size + words + shared)[-size:] if size else []

    certificate = certify(of(one, "x", "y"), of(other, "y", "x"))
    needed = certificate.blind_below
    if needed is None:
        expected = "the twins have the same context" if one == other else "the twins' contexts differ in length"
        assert certificate.why_not == expected
        assert one == other or len(one) != len(other)
        return
    assert len(one) == len(other)
    assert window(one, needed - 1) == window(other, needed - 1)
    assert window(one, needed) != window(other, needed)


def pair_with(**changes):
    """KEY and a twin, one sentence of which is changed: condition → (text, cue, critical)."""
    sentences = {condition: sentence(*words) if words else None for condition, words in changes.items()}
    return KEY, replace(KEYS, sentences={**KEYS.sentences, **sentences})


TWINS_GOOD, TWINS_BAD = "the keys to the cabinet are rusty", "the keys to the cabinet is rusty"

UNCERTIFIED = {
    "three-conditions": (
        pair_with(worse=(TWINS_BAD, "keys", "is")),
        "the twins do not have the same two conditions",
    ),
    "one-condition": (
        tuple(replace(each, sentences={"good": each.sentences["good"]}) for each in (KEY, KEYS)),
        "the twins do not have the same two conditions",
    ),
    "other-conditions": (
        (KEY, replace(KEYS, sentences={"right": KEYS.sentences["good"], "wrong": KEYS.sentences["bad"]})),
        "the twins do not have the same two conditions",
    ),
    "no-critical-region": (
        (
            KEY,
            replace(KEYS, sentences={name: replace(each, regions={}) for name, each in KEYS.sentences.items()}),
        ),
        "a sentence has no critical region",
    ),
    "sentences-of-an-item-that-differ-before-the-critical-word": (
        pair_with(bad=("the keys near the cabinet is rusty", "keys", "is")),
        "the sentences of an item differ before their critical region",
    ),
    "sentences-of-an-item-whose-critical-words-have-other-places": (
        pair_with(bad=("the keys to the old cabinet is rusty", "keys", "is")),
        "the sentences of an item differ before their critical region",
    ),
    "the-same-context": ((KEY, KEY), "the twins have the same context"),
    "contexts-of-other-lengths": (
        pair_with(
            good=("all the keys to the cabinet are rusty", "keys", "are"),
            bad=("all the keys to the cabinet is rusty", "keys", "is"),
        ),
        "the twins' contexts differ in length",
    ),
    "other-candidates": (
        pair_with(good=("the keys to the cabinet were rusty", "keys", "were")),
        "the twins do not have the same candidates with opposite answers",
    ),
    "the-same-answer": (
        pair_with(good=(TWINS_BAD, "keys", "is"), bad=(TWINS_GOOD, "keys", "are")),
        "the twins do not have the same candidates with opposite answers",
    ),
    "other-words-after-the-candidates": (
        pair_with(good=("the keys to the cabinet are dusty", "keys", "are")),
        "the twins do not have the same candidates with opposite answers",
    ),
    "candidates-that-are-the-same": (
        (
            replace(KEY, sentences={**KEY.sentences, "bad": KEY.sentences["good"]}),
            replace(KEYS, sentences=dict.fromkeys(("good", "bad"), sentence(TWINS_BAD, "keys", "is"))),
        ),
        "the twins do not have the same candidates with opposite answers",
    ),
}


@pytest.mark.parametrize(("twins", "why_not"), UNCERTIFIED.values(), ids=UNCERTIFIED)
def test_a_pair_that_the_theorem_does_not_cover_is_not_certified_and_told_why(twins, why_not):
    assert certify(*twins) == Certificate(None, why_not)


def test_a_pair_is_certified_from_either_side_whatever_the_order_of_the_conditions():
    turned = replace(KEYS, sentences=dict(reversed(KEYS.sentences.items())))
    assert certify(KEYS, KEY) == certify(KEY, turned) == certify(turned, KEY) == Certificate(4)


def test_candidates_may_be_of_several_words_and_of_different_length():
    def of(cue, good, bad):
        sentences = {}
        for condition, answer in (("good", good), ("bad", bad)):
            tokens = ("the", cue, "of", "them", *answer.split(), "here")
            sentences[condition] = Sentence(tokens=tokens, regions={"critical": Span(4, 4 + len(answer.split()))})
        return Item(id=cue, sentences=sentences)

    assert certify(of("one", "is", "are all"), of("two", "are all", "is")) == Certificate(3)


def test_an_item_without_a_twin_is_not_certified():
    alone = replace(SUITE, items=(replace(KEY, pair=None),))
    assert alone.certificate(alone.items[0]) == Certificate(None, "has no twin")
    assert alone.needed_context(alone.items[0]) is None


def test_the_digest_is_of_the_items_and_not_of_where_they_came_from():
    assert replace(SUITE, items=(replace(KEY, source={}), KEYS)).digest == SUITE.digest
    assert replace(SUITE, items=(KEYS, KEY)).digest != SUITE.digest
    assert replace(SUITE, version=2).digest != SUITE.digest
    assert replace(SUITE, predictions=("(*;%good%) < (*;%bad%)",)).digest != SUITE.digest


def test_twins_know_each_other():
    assert SUITE.twins == {KEY.id: KEYS, KEYS.id: KEY}


def test_a_pair_of_one_or_three_is_refused():
    with pytest.raises(LrdBenchError, match="agreement-pp: pair 'p1' is of 1 item"):
        _ = replace(SUITE, items=(KEY,)).twins
