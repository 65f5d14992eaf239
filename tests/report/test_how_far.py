import pytest
from report_doubles import curve, frame, more_nouns

from lrd_bench.report.cells import prepare
from lrd_bench.report.how_far import how_far_table
from lrd_bench.report.results import SuiteResults

JUNCTION = "[(critical;%good%) < (critical;%bad%)] & [(*;%good%) < (*;%bad%)]"


def suites(*rows):
    prepared = prepare(frame(*rows))
    return [SuiteResults(name=name, rows=prepared[prepared["suite"] == name]) for name in prepared["suite"].unique()]


def how_far(*rows):
    """(filler, text, model) → horizon, detectable, half-life with its interval."""
    return {cells[1:4]: cells[4:] for cells in how_far_table(suites(*rows)).rows}


def only(*rows):
    (cells,) = how_far(*rows).values()
    return cells


@pytest.mark.parametrize(
    ("accuracies", "horizon", "detectable"),
    [
        ({1: 1.0, 4: 1.0, 16: 0.6}, "4", "4"),
        ({1: 1.0, 4: 1.0, 16: 1.0}, "≥ 16", "≥ 16"),
        ({1: 1.0, 4: 0.8, 16: 1.0}, "1", "≥ 16"),
        ({1: 0.6, 4: 1.0}, "none", "none"),
        ({1: 0.8, 4: 0.6}, "none", "1"),
    ],
)
def test_a_curve_has_a_horizon_and_a_detectable_distance(accuracies, horizon, detectable):
    assert only(*curve(accuracies))[:2] == (horizon, detectable)


def test_a_kind_of_filler_may_be_called_by_a_number():
    short, long = curve({1: 1.0, 4: 1.0}), more_nouns(curve({1: 1.0, 4: 1.0, 16: 1.0}))
    found = how_far(*(row | {"filler": 1} for row in short), *(row | {"filler": 2} for row in long))
    assert {kind: cells[0] for (kind, *_), cells in found.items()} == {"1": "≥ 4", "2": "≥ 16"}


def test_the_half_life_begins_at_the_shortest_distance_and_has_an_interval():
    _, _, value, low, high = only(*curve({1: 1.0, 4: 1.0, 16: 0.6}))
    assert value == pytest.approx(3 + 12 * 0.5 / 0.8)
    assert 7 < low < value
    assert high == "> 15"  # where more than three quarters are right at 16


def test_what_never_falls_so_far_was_not_learnt_or_has_one_distance_is_told_apart():
    assert only(*curve({1: 1.0, 4: 0.96}))[2:] == ("> 3", None, None)
    assert only(*curve({1: 0.8, 4: 0.6}))[2:] == ("not learnt", None, None)
    assert only(*curve({4: 1.0}))[2:] == (None, None, None)


def test_distances_that_the_text_shows_and_withholds_are_judged_apart():
    seen = {1: "seen", 4: "seen", 8: "distance", 16: "pairing", 24: "distance", 32: "distance"}
    accuracies = {1: 1.0, 4: 1.0, 8: 1.0, 16: 0.52, 24: 1.0, 32: 0.2}
    found = how_far(*curve(accuracies, distance_seen=seen))
    assert found["–", "shown", "lstm"][:2] == ("4", "4")
    assert found["–", "withheld", "lstm"][:2] == ("24", "24")
    assert found["–", "shown", "lstm"][2] == pytest.approx(3 + 12 * 0.5 / 0.96)
    # Of 1, 8, 24 and 32: the fit holds up to 24 and falls to −0.6.
    _, _, value, low, high = found["–", "withheld", "lstm"]
    assert value == pytest.approx(23 + 8 * 0.5 / 1.6)
    assert 23 + 8 * 0.5 / 2 <= low < value < high < 31


def test_each_kind_of_filler_has_its_rows_and_what_the_text_shows_of_it():
    adverbs = curve({1: 1.0, 16: 1.0}, filler="adverbs", distance_seen={1: "seen", 16: "distance"})
    phrases = more_nouns(curve({4: 1.0}, filler="phrases", distance_seen={4: "filler"}))
    assert {place: cells[0] for place, cells in how_far(*adverbs, *phrases).items()} == {
        ("adverbs", "shown", "lstm"): "≥ 1",
        ("adverbs", "withheld", "lstm"): "≥ 16",
        ("phrases", "withheld", "lstm"): "≥ 4",
    }


def test_models_stand_side_by_side_and_those_that_are_blind_everywhere_are_left_out():
    rows = [
        *curve({4: 1.0, 16: 1.0}),
        *curve({4: 1.0, 16: 0.5}, model="ngram-3", context=2),
        *curve({4: 1.0, 16: 0.5}, model="ngram-9", context=8),
    ]
    found = how_far(*rows)
    assert [model for _, _, model in found] == ["lstm", "ngram-9"]
    assert found["–", "–", "ngram-9"][:2] == ("4", "4")  # one half exactly is not above one half


def test_the_half_life_of_a_window_that_ends_between_two_distances_is_said_to_be_no_more_than_the_farther():
    near, far = curve({1: 1.0, 8: 0.5}, model="ngram-5", context=4), curve({1: 1.0, 4: 1.0, 8: 0.5}, context=4)
    assert only(*near)[2:] == ("≤ 7", None, None)
    assert only(*far)[2:] == ("> 3, ≤ 7", None, None)


def test_with_few_groups_nothing_is_sure():
    assert only(*curve({1: 1.0, 4: 1.0}, groups=8))[0] == "none"
    assert only(*curve({1: 1.0, 4: 1.0}, groups=15))[0] == "≥ 4"


def test_items_that_another_model_did_not_score_are_left_out():
    lstm = curve({1: 1.0, 4: 1.0})
    gru = [row | {"correct": None} if row["distance"] == 4 else row for row in curve({1: 1.0, 4: 1.0}, model="gru")]
    assert {place[2]: cells[0] for place, cells in how_far(*lstm, *gru).items()} == {"lstm": "≥ 1", "gru": "≥ 1"}


def test_a_model_that_scored_nothing_is_left_out():
    nothing = [row | {"correct": None, "margin_bits": None} for row in curve({1: 1.0, 4: 1.0}, model="gru")]
    assert [model for _, _, model in how_far(*curve({1: 1.0, 4: 1.0}), *nothing)] == ["lstm"]


def test_five_seeds_of_which_one_fails_are_no_sure_architecture():
    def seeds(failing):
        return [item for seed in range(5) for item in curve({1: 1.0, 16: 0.0 if seed < failing else 1.0}, seed=seed)]

    assert only(*seeds(0))[0] == "≥ 16"
    assert only(*seeds(1))[0] == "1"


def test_the_lines_are_drawn_from_the_chance_of_the_prediction():
    rows = curve({1: 0.8, 4: 0.36})
    as_junction = [
        row | {"prediction": JUNCTION, "chance": 0.1} for row in rows if row["prediction"].count("twin") == 0
    ]
    plain = [row for row in rows if row["prediction"].count("twin") == 0]
    assert only(*plain)[:2] == ("none", "1")
    assert only(*as_junction)[:2] == ("1", "≥ 4")
    assert only(*(row | {"chance": None} for row in plain))[:2] == ("none", "1")
    equal = "(critical;%good%) = (critical;%bad%)"
    assert not how_far(*(row | {"chance": None, "prediction": equal} for row in plain))
