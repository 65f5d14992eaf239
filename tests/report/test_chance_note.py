from report_doubles import frame, pair

from lrd_bench.report.cells import prepare
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.suite_tables import overview

JUNCTION = "[(critical;%good%) < (critical;%bad%)] & [(*;%good%) < (*;%bad%)]"


def table(*rows):
    prepared = prepare(frame(*rows))
    names = prepared["suite"].unique()
    return overview([SuiteResults(name=name, rows=prepared[prepared["suite"] == name]) for name in names])


def test_the_overview_says_how_high_chance_is_where_it_is_not_one_half():
    assert "Chance" not in table(*pair("p", 1, 1)).note
    simulated = table(*pair("p", 1, 1, suite="two", prediction=JUNCTION, chance=0.2501)).note
    assert "Chance, simulated as if regions were exchangeable and independent: two 0.250." in simulated
    unknown = table(*pair("p", 1, 1, suite="same", chance=None, prediction=JUNCTION.replace("<", "="))).note
    assert "Chance is not known of what asks for equality or names a number: same." in unknown


def test_where_outcomes_do_not_say_chance_the_formula_does():
    assert "Chance" not in table(*pair("p", 1, 1, chance=None)).note
    # Both of two inequalities over regions of their own: ½ · ½.
    assert (
        "exchangeable and independent: agreement-pp 0.250."
        in table(*pair("p", 1, 1, prediction=JUNCTION, chance=None)).note
    )


def test_predictions_of_which_the_theorem_says_nothing_are_reported_like_any():
    rows = [*pair("p", 1, 0, prediction=JUNCTION, context=3), *pair("q", 1, 0, prediction=JUNCTION, context=3)]
    ((*_, accuracy, both, _, _, _),) = table(*rows).rows
    assert (accuracy.value, accuracy.theorem, both.value) == (0.5, None, 0)
