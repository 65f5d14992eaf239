"""What is said of items that could not be scored."""

import pandas as pd

from lrd_bench.score.tallies import tally


def rows(suite, **reasons):
    """Two predictions of every item."""
    return pd.DataFrame(
        [
            {
                "suite": suite,
                "item": item,
                "prediction": number,
                "correct": None if reason else float(number == 1),
                "reason": reason,
            }
            for item, reason in reasons.items()
            for number in (1, 2)
        ]
    )


def unscored(outcomes):
    return [said for suite in tally([outcomes]) if (said := suite.unscored())]


def test_nothing_is_said_where_all_is_scored():
    assert unscored(rows("pp", a=None, b=None)) == []


def test_items_are_counted_once_by_reason_and_the_commonest_unknown_words_named():
    twin = "its twin is unscored: unknown word: keys"
    nan = "the model gives no number (NaN)"
    outcomes = rows("pp", a="unknown word: keys", b=twin, c="unknown words: cabinet, keys", d=nan, e=None)
    assert unscored(outcomes) == [
        f"pp: 1 of 5 items could be scored; of the others: unknown words (keys, cabinet); {nan}",
    ]


def test_a_suite_of_which_nothing_is_known_says_so_and_names_a_few_words():
    words = {f"i{n}": f"unknown word: w{n}" for n in range(7)}
    outcomes = pd.concat([rows("pp", a=None), rows("german", **words)])
    assert unscored(outcomes) == [
        "german: 0 of 7 items could be scored; of the others: unknown words (w0, w1, w2, w3, w4, …)",
    ]


def test_pieces_are_counted_as_the_whole_is_and_only_by_the_first_prediction():
    outcomes = pd.concat(
        [rows("pp", a=None, b=None, c="unknown word: keys"), rows("german", a=None)], ignore_index=True
    )
    outcomes.loc[outcomes["item"] == "b", "correct"] = 0.5
    at_once, piecemeal = tally([outcomes]), tally(outcomes.iloc[[row]] for row in range(len(outcomes)))
    assert piecemeal == at_once
    assert [suite.accuracy() for suite in at_once] == [
        "pp: accuracy 0.7500 on 2 of 3 items",
        "german: accuracy 1.0000 on 1 of 1 items",
    ]


def test_an_item_without_an_outcome_is_not_counted_as_wrong_though_nobody_says_why_it_has_none():
    outcomes = rows("pp", a=None, b=None)
    outcomes.loc[outcomes["item"] == "b", "correct"] = None
    [suite] = tally([outcomes])
    assert suite.accuracy() == "pp: accuracy 1.0000 on 1 of 2 items"
    assert suite.unscored() == "pp: 1 of 2 items could be scored; of the others: no reason is given"


def test_a_suite_of_which_nothing_was_scored_has_no_accuracy():
    [suite] = tally([rows("pp", a="unknown word: keys")])
    assert suite.accuracy() == "pp: no accuracy on 0 of 1 items"
