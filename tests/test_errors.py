from lrd_bench.errors import unknown


def test_a_misspelt_name_is_answered_with_the_nearest_one():
    assert unknown("model", "ltsm", ["lstm", "gru", "elman"]) == "unknown model 'ltsm'. Did you mean 'lstm'?"


def test_a_name_that_resembles_none_is_answered_with_all_of_them():
    assert unknown("model", "xyz", ["lstm", "gru"]) == "unknown model 'xyz'. Known: gru, lstm."


def test_where_nothing_is_known_that_is_said():
    assert unknown("suite", "agreement", []) == "unknown suite 'agreement'. Known: none."
