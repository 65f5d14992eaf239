"""The language of suites and grammars: words, slots, features, weights, and what is withheld."""

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.language import Slot, Withheld, parse_rule

WHERE = "stimuli/grammars/mine.toml: rule 'sentence'"


def parts(text):
    return parse_rule(text, WHERE).parts


def test_words_stand_for_themselves_and_braces_are_slots():
    assert parts("The {noun} is old .") == ("The", Slot(name="noun", fixed={}, shared={}), "is", "old", ".")


def test_a_region_names_the_span_that_fills_a_slot():
    assert parts("{cue:noun}") == (Slot(name="noun", region="cue", fixed={}, shared={}),)


def test_features_are_fixed_or_shared_under_their_own_name_or_another():
    [slot] = parts("{noun(number, case=genitive, square=$i)}")
    assert slot.fixed == {"case": "genitive"}
    assert slot.shared == {"number": "number", "square": "i"}


def test_a_slot_may_touch_words_and_brackets_may_be_empty():
    assert parts("so{noun()}, {noun}") == (
        "so",
        Slot(name="noun", fixed={}, shared={}),
        ",",
        Slot(name="noun", fixed={}, shared={}),
    )


@pytest.mark.parametrize(
    ("text", "repeat"),
    [("{adverb}", (1, 1)), ("{adverb}*3", (3, 3)), ("{adverb}*2-4", (2, 4)), ("{adverb(kind=x)}*0-1", (0, 1))],
)
def test_a_slot_is_filled_as_often_as_its_star_says(text, repeat):
    [slot] = parts(text)
    assert slot.repeat == repeat


@pytest.mark.parametrize(
    ("text", "weight", "words"),
    [
        ("{noun} falls", 1, 2),
        ("5: {noun} falls", 5, 2),
        ("0.25: {noun}", 0.25, 1),
        ("28:", 28, 0),
        ("", 1, 0),
        ("  3 : a : b", 3, 3),
        ("1992 was warm", 1, 3),
    ],
)
def test_a_number_and_a_colon_in_front_are_a_weight(text, weight, words):
    rule = parse_rule(text, WHERE)
    assert (rule.weight, len(rule.parts)) == (weight, words)


@pytest.mark.parametrize(
    ("text", "withheld"),
    [
        ("{noun(square=$i)} {verb(square=$j)}", ()),
        ("withheld depth: {noun}", (Withheld(reason="depth"),)),
        ("5, withheld depth: {noun}", (Withheld(reason="depth"),)),
        (
            "1, withheld pairing if i = j: {noun(square=$i)} {verb(square=$j)}",
            (Withheld(reason="pairing", equal=("i", "j")),),
        ),
        (
            "1, withheld pairing if i=j, withheld frame if i = k: {noun(square=$i)} {verb(square=$j, frame=$k)}",
            (Withheld(reason="pairing", equal=("i", "j")), Withheld(reason="frame", equal=("i", "k"))),
        ),
    ],
)
def test_what_is_withheld_has_a_reason_and_perhaps_a_condition(text, withheld):
    assert parse_rule(text, WHERE).withheld == withheld


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("The {noun is", "'The {noun is' has a broken slot, '{noun is'. Write slots as {name}, {name("),
        ("The noun} is", "has a broken slot, 'noun} is'"),
        ("The {noun(number} is", "has a broken slot, '{noun(number}'"),
        ("The {} is", "has a broken slot"),
        ("{adverb}*", "has a broken slot"),
        ("{adverb}*4-2", "'{adverb}*4-2' counts down. Write the smaller number first."),
        ("{noun(number=)}", "'{noun(number=)}' has a broken feature 'number='. Write name or name=value."),
        ("{noun(two words)}", "has a broken feature 'two words'"),
        ("0: {noun}", "'0: {noun}' has weight 0."),
        (
            "withheld seen: {noun}",
            "withholds for the reason 'seen', a mark that says of items that nothing is withheld",
        ),
        ("2, withheld foreign: {noun}", "withholds for the reason 'foreign'"),
        ("-1: {noun}", "has a word '-1:'. Write '5, withheld reason if i = j: words'"),
        ("5:{noun}", "has a word '5:'"),
        ("5, witheld depth: {noun}", "has a word 'depth:'"),
        ("5, withheld too deep: {noun}", "has a word 'deep:'"),
        (
            "withheld pairing if i = k: {noun(square=$i)} {verb(square=$j)}",
            "withholds by i = k, which its slots do not share",
        ),
    ],
)
def test_what_is_not_written_as_it_should_be_is_one_message_that_names_the_place(text, message):
    with pytest.raises(LrdBenchError) as error:
        parse_rule(text, WHERE)
    assert str(error.value).startswith(WHERE)
    assert message in str(error.value)
