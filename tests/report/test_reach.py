import pytest
from report_doubles import DOUBLE, curve, frame, pair, row

from lrd_bench.report.cells import prepare
from lrd_bench.report.reach import reach_table
from lrd_bench.report.results import SuiteResults


def table(*rows):
    prepared = prepare(frame(*rows))
    suites = [SuiteResults(name=name, rows=prepared[prepared["suite"] == name]) for name in prepared["suite"].unique()]
    return reach_table(suites, prepared["label"].cat.categories)


def reach(*rows):
    """Model → its row in the table of models."""
    return {cells[0]: cells[1:] for cells in table(*rows).rows}


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (None, ("all", "–")),
        (0, ("0 words", "½ everywhere")),
        (1, ("1 word", "½ from 4")),
        (4, ("4 words", "½ at 16")),
        (16, ("16 words", "–")),
    ],
)
def test_each_model_has_what_it_sees_and_the_distances_at_which_it_must_score_one_half(context, expected):
    assert reach(*curve({1: 1.0, 4: 1.0, 16: 1.0}, context=context))["lstm"] == expected


def test_the_note_speaks_of_no_distance_that_the_table_does_not_hold():
    assert not set("0123456789") & set(table(*curve({1: 1.0, 4: 1.0, 16: 1.0}, context=1)).note)


def test_a_distance_is_decided_if_all_its_items_are():
    rows = [
        *pair("p", 1, 0, context=4, distance=8, needed_context=8),
        *pair("q", 1, 0, context=4, distance=12, needed_context=3),  # a word between agrees with the cue
        *pair("r", 1, 0, context=4, distance=12, needed_context=12),
        *pair("s", 1, 0, context=4, distance=16, needed_context=16),
    ]
    assert reach(*rows)["lstm"] == ("4 words", "½ at 8, 16")


def test_a_distance_without_scores_is_not_spoken_of_and_a_broken_theorem_changes_nothing_it_says():
    unscored = pair("p", None, None, context=4, distance=5, needed_context=5)
    broken = pair("q", 1, 1, context=4, distance=8, needed_context=8)
    assert reach(*unscored, *broken)["lstm"] == ("4 words", "½ everywhere")


def test_suites_stand_side_by_side_and_a_suite_that_a_model_was_not_asked_is_left_open():
    rows = [
        *curve({1: 1.0, 4: 1.0, 8: 1.0}, context=2),
        *pair("p", 0.5, 0.5, suite="double", prediction=DOUBLE, context=2, distance=None),
        row("1", 1, suite="no-pairs", context=2, distance=None, needed_context=None),
        *curve({1: 1.0, 4: 1.0, 8: 1.0}, model="gru"),
    ]
    assert reach(*rows) == {
        "lstm": ("2 words", "½ from 4", "½ everywhere", "–"),
        "gru": ("all", "–", None, None),
    }
