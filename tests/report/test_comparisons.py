import json

import pytest
from report_doubles import DOUBLE, curve, frame, pair, row
from typer.testing import CliRunner

from lrd_bench.cli import app
from lrd_bench.errors import LrdBenchError
from lrd_bench.outcomes import write_table
from lrd_bench.report import write_report
from lrd_bench.report.cells import prepare
from lrd_bench.report.comparisons import comparison_table
from lrd_bench.report.results import SuiteResults


def compare(*rows, models=("lstm", "gru")):
    """(suite, distance) → items, groups, both accuracies, their difference, p, p adjusted and the test."""
    prepared = prepare(frame(*rows))
    suites = [SuiteResults(name=name, rows=prepared[prepared["suite"] == name]) for name in prepared["suite"].unique()]
    return {cells[:2]: cells[2:] for cells in comparison_table(suites, models).rows}


def of_groups(*rights, **changes):
    """Groups with a pair of twins each, right both times or neither time."""
    return [
        item
        for number, right in enumerate(rights)
        for item in pair(f"p{number}", right, right, group=f"g{number}", **changes)
    ]


def test_the_difference_is_taken_item_by_item_and_tested_by_group():
    lstm, gru = of_groups(1, 1, 1, 1, 0), of_groups(1, 0, 0, 0, 0, model="gru")
    ((place, (items, groups, one, other, difference, p, adjusted, test)),) = compare(*lstm, *gru).items()
    assert place == ("agreement-pp", "all")
    assert (items, groups, one, other) == (10, 5, 0.8, 0.2)
    assert difference.value == pytest.approx(0.6)
    assert difference.interval == "groups"
    assert difference.low < 0.6 < difference.high
    assert (p, adjusted, test) == (2 / 8, 2 / 8, "sign flips")  # three groups differ, all one way


def test_the_other_way_round_the_difference_is_the_opposite_and_p_the_same():
    rows = [*of_groups(1, 1, 1, 1, 0), *of_groups(1, 0, 0, 0, 0, model="gru")]
    (forth,), (back,) = compare(*rows).values(), compare(*rows, models=("gru", "lstm")).values()
    assert back[4].value == -forth[4].value
    assert (back[4].low, back[4].high) == pytest.approx((-forth[4].high, -forth[4].low))
    assert back[5] == forth[5]


def test_the_groups_of_both_models_are_drawn_together():
    # Both are right in the same groups but for one item: the difference hardly varies, though each accuracy does.
    rights = [1, 0] * 20
    gru = of_groups(*rights, model="gru")
    gru[0]["correct"] = 0
    (cells,) = compare(*of_groups(*rights), *gru).values()
    assert cells[4].high - cells[4].low < 0.05


def test_only_items_that_both_scored_count_whatever_a_third_model_did():
    lstm, gru = of_groups(1, 1, 1), [*of_groups(0, 1, model="gru"), *pair("p2", None, None, model="gru", group="g2")]
    third = of_groups(None, None, None, model="elman")
    third[0]["correct"] = 1  # scored, so that the third has a say in the other tables
    (cells,) = compare(*lstm, *gru, *third).values()
    assert cells[:4] == (4, 2, 1, 0.5)


def test_an_item_whose_twin_was_not_scored_is_left_out():
    lstm, gru = of_groups(1, 1), of_groups(1, 1, model="gru")
    gru[0]["correct"] = None
    (cells,) = compare(*lstm, *gru).values()
    assert cells[0] == 2


def test_each_distance_has_a_row_and_holm_counts_them_all():
    lstm = curve({1: 1.0, 16: 1.0}, groups=12)
    gru = curve({1: 1.0, 16: 0.25}, groups=12, model="gru")
    found = compare(*lstm, *gru)
    assert [place[1] for place in found] == ["all", 1, 16]
    ps, adjusted = zip(*(cells[5:7] for cells in found.values()), strict=True)
    assert ps == (2 / 2**9, 1, 2 / 2**9)  # nine of twelve groups differ
    assert adjusted == (6 / 2**9, 1, 6 / 2**9)
    assert found["agreement-pp", 16][4].value == 0.75
    assert found["agreement-pp", 1][4].low is None  # all groups agree


def test_seeds_are_averaged_before_anything_is_compared():
    lstm = [*of_groups(1, 1, 0, seed=0), *of_groups(1, 0, 0, seed=1)]
    gru = of_groups(0, 0, 0, model="gru", seed=None)
    (cells,) = compare(*lstm, *gru).values()
    assert cells[2:4] == (0.5, 0)
    assert (cells[0], cells[1], cells[5]) == (6, 3, 2 / 4)  # two groups differ, by 1 and by ½
    # With many seeds, too, the interval is that of these trained models.
    many = [item for seed in range(6) for item in of_groups(1, 1, 0, seed=seed)]
    (cells,) = compare(*many, *gru).values()
    assert cells[4].interval == "groups"


def test_an_item_that_one_seed_did_not_score_is_left_out():
    lstm = [*of_groups(1, 1, seed=0), *of_groups(1, None, seed=1)]
    (cells,) = compare(*lstm, *of_groups(1, 1, model="gru")).values()
    assert cells[0] == 2


ALONE = [1] * 9 + [0]
NONE = [0] * 10


def singles(rights, **changes):
    return [row(str(i), right, group=f"g{i}", **changes) for i, right in enumerate(rights)]


def test_where_every_group_is_one_item_the_test_is_mcnemars():
    (cells,) = compare(*singles(ALONE), *singles(NONE, model="gru")).values()
    assert (cells[5], cells[7]) == (2 / 2**9, "McNemar")


@pytest.mark.parametrize(
    "rows",
    [
        [*singles([0.5] * 9 + [0]), *singles(NONE, model="gru")],  # ties
        [*singles(ALONE, seed=0), *singles(ALONE, seed=1), *singles(NONE, model="gru")],  # seeds
        [*singles(ALONE), *singles(NONE, model="gru"), *(row("x", 1, model=m, group="g0") for m in ("lstm", "gru"))],
    ],
)
def test_ties_seeds_and_larger_groups_are_not_for_mcnemar(rows):
    (cells,) = compare(*rows).values()
    assert cells[7] == "sign flips"
    assert cells[5] == 2 / 2**9


def test_the_headline_is_compared_and_suites_that_one_model_was_not_asked_are_passed_over():
    rows = [
        *(item for model in ("lstm", "gru") for item in pair("p", 1, 1, suite="b", prediction=DOUBLE, model=model)),
        *(item for model in ("lstm", "gru") for item in pair("p", 0, 0, suite="b", model=model)),
        *pair("p", 1, 1, suite="a"),
    ]
    found = compare(*rows)
    assert list(found) == [("b", "all")]
    assert found["b", "all"][2] == 1


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (("lstn", "gru"), "--compare lstn: unknown model 'lstn'. Did you mean 'lstm'?"),
        (("gru", "gru"), "--compare gru gru: a model does not differ from itself. Name two."),
        (("lstm", "elman"), "--compare: lstm and elman scored no item of one suite. Score both on one."),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_to_do(models, message):
    rows = [*of_groups(1), *of_groups(1, model="gru"), *of_groups(1, model="elman", suite="other")]
    with pytest.raises(LrdBenchError) as error:
        compare(*rows, models=models)
    assert str(error.value) == message


@pytest.fixture
def outcomes(tmp_path):
    rows = [*curve({1: 1.0, 16: 0.6}), *curve({1: 1.0, 16: 1.0}, model="gru")]
    write_table(frame(*rows), tmp_path / "o.parquet")
    return tmp_path / "o.parquet"


def test_the_report_has_the_table_where_it_is_asked_for_and_says_what_is_claimed(outcomes, tmp_path):
    assert "against" not in write_report([outcomes], out=None)
    out = tmp_path / "report"
    report = write_report([outcomes], out=out, compare=("lstm", "gru"))
    assert "lstm against gru: these trained models, not their architectures\n" in report
    assert "agreement-pp  all" in report
    claimed = report.split("lstm against gru")[1].partition("Claimed is")[2]
    assert " ".join(claimed.split()).startswith("what holds of these trained models on more items of the kind")
    assert (out / "tables" / "comparison.csv").is_file()
    assert json.loads((out / "manifest.json").read_text())["compare"] == ["lstm", "gru"]
    with pytest.raises(LrdBenchError, match="made from other inputs"):
        write_report([outcomes], out=out)


def test_the_command_takes_two_models(outcomes):
    asked = ["report", str(outcomes), "--compare", "gru", "lstm", "--quiet"]
    result = CliRunner().invoke(app, asked, prog_name="lrd-bench")
    assert result.exit_code == 0
    assert "gru against lstm" in result.stdout
    result = CliRunner().invoke(app, [*asked[:2], "--compare", "gru", "lst"], prog_name="lrd-bench")
    assert result.exit_code == 2
    assert "unknown model 'lst'. Did you mean 'lstm'?" in result.stderr
