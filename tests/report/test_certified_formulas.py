import pytest
from report_doubles import DOUBLE, PLAIN

from lrd_bench.formula import parse_formula
from lrd_bench.report.theorem import certificate_of


@pytest.mark.parametrize(
    ("prediction", "certificate"),
    [
        (PLAIN, "pair"),
        ("(critical;%bad%) > (critical;%good%)", "pair"),
        ("(*;%good%) < (*;%bad%)", "pair"),
        (DOUBLE, "item"),
        (DOUBLE.replace("critical", "*"), "item"),
        ("(critical;%good%) < (critical;%twin.bad%)", "item"),
        ("(*;%good%) < (*;%twin.bad%)", None),  # the sentences differ in the cue
        ("(critical;%good%) < 5", None),
        ("(critical;%good%) + 1 < (critical;%bad%)", None),
        ("(critical;%good%) = (critical;%bad%)", None),
        ("(critical;%good%) < (critical;%bad%) & (*;%good%) < (*;%bad%)", None),
        ("(cue;%good%) < (cue;%bad%)", None),
        ("(critical;%match%) < (critical;%mismatch%)", None),
    ],
)
def test_the_theorem_speaks_of_predictions_that_swap_with_the_twin(prediction, certificate):
    assert certificate_of(parse_formula(prediction)) == certificate
