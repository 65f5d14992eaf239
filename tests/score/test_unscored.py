"""What is said of items that could not be scored."""

import pandas as pd

from lrd_bench.score import unscored


def rows(suite, **reasons):
    """Two predictions of every item."""
    return pd.DataFrame(
        [
            {"suite": suite, "item": item, "prediction": number, "reason": reason}
            for item, reason in reasons.items()
            for number in (1, 2)
        ]
    )


def test_nothing_is_said_where_all_is_scored():
    assert list(unscored(rows("pp", a=None, b=None))) == []


def test_items_are_counted_once_by_reason_and_the_commonest_unknown_words_named():
    twin = "its twin is unscored: unknown word: keys"
    nan = "the model gives no number (NaN)"
    outcomes = rows("pp", a="unknown word: keys", b=twin, c="unknown words: cabinet, keys", d=nan, e=None)
    assert list(unscored(outcomes)) == [
        f"pp: 1 of 5 items could be scored; of the others: unknown words (keys, cabinet); {nan}",
    ]


def test_a_suite_of_which_nothing_is_known_says_so_and_names_a_few_words():
    words = {f"i{n}": f"unknown word: w{n}" for n in range(7)}
    outcomes = pd.concat([rows("pp", a=None), rows("german", **words)])
    assert list(unscored(outcomes)) == [
        "german: 0 of 7 items could be scored; of the others: unknown words (w0, w1, w2, w3, w4, …)",
    ]
