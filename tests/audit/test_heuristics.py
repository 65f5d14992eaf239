"""Cue-using heuristics, and which nouns share the cue's value, worked out with a pencil."""

import pytest
from by_hand import marked, plain, suite, twins

from lrd_bench.audit import audit_suite
from lrd_bench.audit.contrasts import contrasts_of
from lrd_bench.audit.heuristics import heuristics_of
from lrd_bench.audit.learning import clusters_of
from lrd_bench.audit.nouns import Nouns, nouns_of

ANN_TO_LEO = ("Ann", "Ben", "Cem", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Joe", "Kim", "Leo")


def pair(group, lures, pattern, *, letters="SP"):
    """Twins with these nouns before the cue and between it and the answer: the first is of the first letter."""
    factors = [
        {
            "pattern": pattern,
            "lures": lures,
            "attractors": sum(noun != own for noun in pattern),
            "lures_before": sum(noun != own for noun in lures),
            "nearest": None if not pattern else "match" if pattern[-1] == own else "mismatch",
        }
        for own in letters
    ]
    values = ("singular", "plural")
    cues, verbs = (f"{group}key", f"{group}keys"), ("is", "are")
    return [
        marked(
            f"{group}/{lures}/{pattern}/{own}",
            f"near it the *{cues[own]}* {' '.join(pattern)} _{verbs[own]}_ old",
            verbs[1 - own],
            group=group,
            pair=f"{group}/{lures}/{pattern}",
            cue_value=values[own],
            **factors[own],
        )
        for own in (0, 1)
    ]


def scores(of):
    """Heuristic → what it gets of each item; None where it is not computed."""
    contrasts = contrasts_of(of)
    found = heuristics_of(of, contrasts, clusters_of(of, contrasts))
    return {each.name: None if each.score is None else each.score.points.tolist() for each in found}


# -- nouns -----------------------------------------------------------------------------------------------------------


def test_the_letters_say_which_nouns_have_the_value_of_the_cue():
    singular, plural = nouns_of(suite(*pair("key", "P", "SSP")))
    assert singular == Nouns(before=(False,), between=(True, True, False))
    assert plural == Nouns(before=(True,), between=(False, False, True))


def test_a_cue_that_all_nouns_oppose_has_the_other_letter():
    for letter in "SP":
        one, other = nouns_of(suite(*pair("key", "", letter)))
        assert {one.between, other.between} == {(True,), (False,)}
    [alone] = nouns_of(
        suite(marked("a", "The *key* to boxes _is_ old", "are", cue_value="s", pattern="P", attractors=1))
    )
    assert alone.between == (False,)


def test_an_item_that_leaves_it_open_is_read_as_the_others_of_its_group():
    # AB, one of them opposed: of which letter the cue is, its lures do not say; another item of the group does.
    open_ = pair("army|school", "AB", "", letters="AB")
    alone = nouns_of(suite(*open_))
    together = nouns_of(
        suite(*open_, *pair("army|school", "", "B", letters="AB"), *pair("other", "", "A", letters="BA"))
    )
    assert alone == [None, None]
    assert [nouns.before for nouns in together[:2]] == [(True, False), (False, True)]


def test_an_item_without_other_nouns_has_the_cue_alone():
    [nouns, _] = nouns_of(suite(*pair("key", "", "")))
    assert nouns.all == (True,)


def test_a_suite_that_does_not_say_the_values_has_none():
    assert nouns_of(suite(*twins("key|be", "near the dog"))) == [None, None]


# -- heuristics ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lures", "pattern", "first", "nearest", "majority", "presence"),
    [  # what the singular twin gets, and the plural one
        ("", "", (1, 1), (1, 1), (1, 1), (1, 1)),
        ("", "S", (1, 1), (1, 0), (1, 0.5), (1, 0.5)),
        ("", "P", (1, 1), (0, 1), (0.5, 1), (0.5, 1)),
        ("", "SP", (1, 1), (0, 1), (1, 1), (0.5, 0.5)),
        ("", "PP", (1, 1), (0, 1), (0, 1), (0.5, 1)),
        ("P", "", (0, 1), (1, 1), (0.5, 1), (0.5, 1)),
        ("P", "SS", (0, 1), (1, 0), (1, 0.5), (0.5, 0.5)),
        ("PS", "PSP", (0, 1), (0, 1), (0.5, 1), (0.5, 0.5)),
    ],
)
def test_heuristics_are_right_tied_and_wrong_where_a_pencil_says(lures, pattern, first, nearest, majority, presence):
    # Another pair says which letter is whose.
    found = scores(suite(*pair("key", lures, pattern), *pair("key", "S", "P")))
    assert {name: tuple(points[:2]) for name, points in found.items() if name != "bag of words (learnt)"} == {
        "first noun": first,
        "nearest noun": nearest,
        "majority of nouns": majority,
        "bag of words (values)": presence,
    }


def test_the_table_counts_the_items_that_speak_against_a_heuristic():
    table = audit_suite(suite(*pair("key", "", "S"), *pair("key", "", "P"))).table("heuristics").set_index("heuristic")
    assert table.loc["nearest noun", ["items", "right", "tied", "wrong", "accuracy"]].tolist() == [4, 2, 0, 2, 0.5]
    assert table.loc["majority of nouns", ["items", "right", "tied", "wrong", "accuracy"]].tolist() == [
        4,
        2,
        2,
        0,
        0.75,
    ]


def test_heuristics_that_no_item_speaks_against_are_told_together():
    assert (
        "The first noun, nearest noun, majority of nouns and bag of words are right on all items: the suite cannot "
        "tell agreeing with them from agreeing with the cue."
    ) in audit_suite(suite(*pair("key", "", ""), *pair("dog", "", ""))).findings
    assert (
        "The first noun is right on all items: the suite cannot tell agreeing with it from agreeing with the cue."
    ) in audit_suite(suite(*pair("key", "", "S"), *pair("key", "", "P"))).findings


def test_what_a_suite_does_not_say_is_not_computed():
    table = audit_suite(suite(*twins("key|be", "near the dog"))).table("heuristics")
    assert table["heuristic"].tolist()[:4] == [
        "first noun",
        "nearest noun",
        "majority of nouns",
        "bag of words (values)",
    ]
    assert set(table["remark"][:4]) == {"not computed: needs the value of each noun"}
    assert table["accuracy"][:4].isna().all()


def test_where_only_attractors_are_counted_the_nearest_noun_is_right_at_least_without_any():
    items = [
        marked(name, f"{name} 's *key* near it _is_ old", "are", group=name, attractors=int(name == "Ann"))
        for name in ANN_TO_LEO
    ]
    audit = audit_suite(suite(*items))
    row = audit.table("heuristics").set_index("heuristic").loc["nearest noun, at least"]
    assert (row["items"], row["right"], row["accuracy"]) == (12, 11, 11 / 12)
    assert (
        "The nearest noun is right on 91.7 % of the items at least, where none between opposes the cue."
        in audit.findings
    )


# -- bag of words ----------------------------------------------------------------------------------------------------


def bag(of):
    return scores(of)["bag of words (learnt)"]


def test_a_bag_of_words_is_learnt_from_other_groups():
    # "these" stands before every plural and no singular, wherever; the other words teach nothing.
    items = [
        plain(f"{name}{number}", f"{this} dear {name} {right}", f"{this} dear {name} {wrong}", group=name)
        for name in ANN_TO_LEO
        for number, this, right, wrong in (("s", "this", "is", "are"), ("p", "these", "are", "is"))
    ]
    of = suite(*items)
    assert bag(of) == [1.0] * 24
    assert (
        "Which words stand before the candidates, in whatever order, decides 100 % of the items: a bag of words."
    ) in audit_suite(of).findings


def test_a_bag_of_words_knows_no_order():
    # The same words before either answer, in another order.
    items = [
        plain(f"{name}{number}", f"{before} {name} {right}", f"{before} {name} {wrong}", group=name)
        for name in ANN_TO_LEO
        for number, before, right, wrong in (("s", "one of two", "is", "are"), ("p", "two of one", "are", "is"))
    ]
    assert bag(suite(*items)) == [0.5] * 24


def test_a_bag_of_words_does_not_know_words_that_only_one_group_has():
    assert bag(suite(*pair("key", "", "S"), *pair("dog", "", "P"))) == [0.5] * 4


def test_a_bag_of_words_that_only_knows_which_candidate_is_commoner_is_not_told():
    items = [plain(name, f"so {name} says that", f"so {name} says who", group=name) for name in ANN_TO_LEO]
    assert bag(suite(*items)) == [1.0] * 12
    assert not [text for text in audit_suite(suite(*items)).findings if "bag of words" in text]
