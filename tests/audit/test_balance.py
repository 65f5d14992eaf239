"""Whether factors, cells, cues and answers are even, on suites that are so and on suites that are not."""

from dataclasses import replace

from by_hand import plain, suite, twins

from lrd_bench.audit import audit_suite

CELLS = "each candidate is as often right as wrong in every cell"
NOUNS = "all values of the nouns between are equally frequent in every cell"
CUES = "cues are in the same proportions at every distance"
ANSWERS = "answers are in the same proportions at every distance"
VALUES = "cue values are in the same proportions at every distance"

NEAR = (("S", "near the dog"), ("P", "near the dogs"))


def even():
    """Two groups, each with one noun between of either number at distance 4 and 5."""
    return [
        item
        for group, forms in (
            ("key|be", (("key", "is"), ("keys", "are"))),
            ("dog|run", (("dog", "runs"), ("dogs", "run"))),
        )
        for pattern, filler in NEAR
        for old in ("", " old")
        for item in twins(
            group, filler.replace(" dog", f"{old} dog"), *forms, pattern=pattern, nouns_between=1, filler="near"
        )
    ]


def uneven(of):
    """Check → how many places are uneven."""
    table = audit_suite(of).table("balance")
    return dict(zip(table["what is even"], table["uneven"], strict=True))


def test_an_even_suite_is_even_in_all_that_is_checked():
    assert uneven(suite(*even())) == {CELLS: 0, NOUNS: 0, VALUES: 0, CUES: 0, ANSWERS: 0}
    assert not [text for text in audit_suite(suite(*even())).findings if "proportions" in text or "cells" in text]


def test_every_factor_has_its_levels_and_their_items():
    table = audit_suite(suite(*even())).table("factors").set_index("factor")
    assert table.loc["distance"].tolist() == [2, 8, 8, "4: 8, 5: 8"]
    assert table.loc["needed_context", "items at each level"] == "4: 8, 5: 8"
    assert table.loc["pattern", "items at each level"] == "P: 8, S: 8"
    assert table.loc["cue_value", "items at each level"] == "plural: 8, singular: 8"


def test_many_levels_are_counted_and_not_listed():
    many = suite(*(replace(plain(str(number), "it is", "it are"), factors={"n": number}) for number in range(11)))
    assert audit_suite(many).table("factors").iloc[0].tolist() == ["n", 11, 1, 1, None]


def test_a_cell_whose_answer_can_be_guessed_is_found():
    first, twin, *rest = even()
    assert (first.id, twin.id) == ("key|be/near the dog/key", "key|be/near the dog/keys")
    alone = suite(replace(first, pair=None), *rest)  # "is" is right, and no more "are"
    assert uneven(alone)[CELLS] == 1
    [finding] = [text for text in audit_suite(alone).findings if text.startswith("Some candidates")]
    assert finding == (
        "Some candidates are right more often than wrong, or less often, in 1 of 4 cells: “is” is right 1 time more "
        "than wrong at distance 4, nouns_between 1, pattern S, filler near."
    )


def test_a_value_of_the_nouns_that_is_rarer_or_missing_is_found():
    fewer = [
        item
        for item in even()
        if not (item.distance == 5 and item.group == "key|be" and item.factors["pattern"] == "P")
    ]
    assert uneven(suite(*fewer))[NOUNS] == 1
    none = [item for item in even() if item.distance == 4 or item.factors["pattern"] == "S"]
    assert uneven(suite(*none))[NOUNS] == 1


def test_a_distance_with_other_words_is_found():
    found = uneven(suite(*(item for item in even() if not (item.distance == 5 and item.group == "key|be"))))
    assert (found[CUES], found[ANSWERS]) == (2, 2)
    assert (found[CELLS], found[NOUNS], found[VALUES]) == (0, 0, 0)
    [finding] = [
        text
        for text in audit_suite(suite(*(i for i in even() if not (i.distance == 5 and i.group == "key|be")))).findings
        if "Distances differ" in text
    ]
    assert finding.startswith("Distances differ in more than their length: cues, answers are in other proportions")


def test_a_suite_that_varies_nothing_has_nothing_to_balance():
    assert audit_suite(suite(plain("a", "it is", "it are"))).table("balance").empty
