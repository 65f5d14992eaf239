import math

import pytest
from report_doubles import DOUBLE, curve, frame, pair, row

from lrd_bench import __version__
from lrd_bench.errors import LrdBenchError
from lrd_bench.report.cells import Key, estimate_cells, pair_up, prepare
from lrd_bench.report.results import SuiteResults


def estimates(*rows, by=(), **options):
    return estimate_cells(prepare(frame(*rows)), list(by), **options)


def only(*rows, **options):
    (estimate,) = estimates(*rows, **options).values()
    return estimate


def suite(*rows):
    return SuiteResults(name="agreement-pp", rows=prepare(frame(*rows)))


def test_unscored_items_are_counted_and_left_out_and_the_accuracy_of_nothing_is_none():
    some = only(*pair("p", None, None), *pair("q", 1, 0))
    assert (some.value, some.items, some.unscored) == (0.5, 2, 2)
    nothing = only(*pair("p", None, None))
    assert (nothing.value, nothing.items, nothing.unscored) == (None, 0, 2)


def test_a_cell_for_each_combination_that_occurs_in_order_with_nulls_last():
    cells = estimates(
        row("1", 1, distance=12, pattern="SP"),
        row("2", 0, distance=4, pattern="SP"),
        row("3", 1, distance=4, pattern=None),
        by=["distance", "pattern"],
    )
    assert {cell.values: estimate.value for cell, estimate in cells.items()} == {
        (4, "SP"): 0,
        (4, None): 1,
        (12, "SP"): 1,
    }
    assert [cell.values for cell in cells] == [(4, "SP"), (4, None), (12, "SP")]


def test_a_blind_model_is_exactly_half_right_on_whole_pairs():
    blind = only(*pair("p", 1, 0, context=3), *pair("q", 0.5, 0.5, context=3))
    assert (blind.value, blind.low, blind.high, blind.interval, blind.marks) == (0.5, 0.5, 0.5, "exact", ())
    assert blind.theorem == 0.5


@pytest.mark.parametrize("changes", [{"context": 4}, {"context": None}, {"context": 3, "needed_context": None}])
def test_half_right_is_no_theorem_for_a_model_that_may_see_the_cue(changes):
    seeing = only(*pair("p", 1, 0, **changes), *pair("q", 0, 1, **changes))
    assert (seeing.interval, seeing.theorem) == ("clopper-pearson", None)


def test_a_cell_is_certified_only_if_every_item_is():
    near, far = pair("p", 1, 0, context=3, needed_context=3), pair("q", 1, 0, context=3)
    assert only(*near, *far).theorem is None


def test_a_blind_model_that_is_not_half_right_betrays_an_error():
    broken = only(*pair("p", 1, 1, context=3))
    assert (broken.value, broken.theorem, broken.marks) == (1, 0.5, ("theorem broken",))


def test_a_factor_that_cuts_pairs_is_marked_and_not_certified():
    rows = [
        row("pa", 1, pair="p", context=3, nearest="match"),
        row("pb", 0, pair="p", context=3, nearest="mismatch"),
    ]
    cells = estimates(*rows, by=["nearest"])
    assert [(cell.value, cell.marks) for cell in cells.values()] == [
        (0, ("cut pairs",)) if key.values == ("mismatch",) else (1, ("cut pairs",)) for key in cells
    ]
    assert only(*rows).interval == "exact"


def test_the_double_difference_of_a_blind_model_is_a_tie_in_every_item_so_cutting_pairs_does_no_harm():
    rows = pair("p", 0.5, 0.5, context=3, prediction=DOUBLE)
    rows[0]["nearest"], rows[1]["nearest"] = "match", "mismatch"
    assert {estimate.interval for estimate in estimates(*rows, by=["nearest"]).values()} == {"exact"}


def test_of_a_double_difference_that_must_be_a_tie_one_half_on_average_is_not_enough():
    assert only(*pair("p", 1, 0, context=3, prediction=DOUBLE)).marks == ("theorem broken",)


def test_the_bits_of_a_double_difference_must_be_nothing_and_no_others():
    def bits(**changes):
        rows = prepare(frame(*pair("p", 0.5, 0.5, context=3, **changes)))
        return estimate_cells(rows, [], value="margin_bits", proportions=False)[Key("lstm", ())]

    tied, off, plain = bits(prediction=DOUBLE), bits(prediction=DOUBLE, margin_bits=1e-9), bits()
    assert (tied.value, tied.low, tied.high, tied.interval, tied.theorem, tied.marks) == (0, 0, 0, "exact", 0, ())
    assert (off.theorem, off.marks) == (0, ("theorem broken",))
    assert (plain.theorem, plain.interval) == (None, "none")


def test_both_right_and_the_attractor_effect_are_not_what_the_theorem_is_about():
    rows = pair("p", 1, 0, context=3)
    rows[0]["nearest"], rows[1]["nearest"] = "match", "mismatch"
    pairs = pair_up(prepare(frame(*rows)))
    for value in ("both", "attractor"):
        assert estimate_cells(pairs, [], value=value)[Key("lstm", ())].theorem is None


def test_unknown_groups_are_said_to_be_unknown_and_pairs_are_resampled_instead():
    rows = [item for number in range(30) for item in pair(f"p{number}", 1, number % 2, group=None)]
    estimate = only(*rows)
    assert (estimate.marks, estimate.groups) == (("unknown groups",), 30)
    assert only(*(item | {"pair": None} for item in rows)).groups == 60


def test_models_are_compared_on_the_items_that_all_of_them_scored():
    lstm = [*pair("p", 1, 1), *pair("q", 0, 0)]
    gru = [*pair("p", 1, 0, model="gru"), *pair("q", None, None, model="gru")]
    cells = estimates(*lstm, *gru)
    assert {cell.label: (e.value, e.items, e.unscored) for cell, e in cells.items()} == {
        "lstm": (1, 2, 0),
        "gru": (0.5, 2, 2),
    }


def test_a_model_that_scored_nothing_does_not_empty_the_comparison():
    nothing = pair("p", None, None, model="gru")
    cells = estimates(*pair("p", 1, 1), *nothing)
    assert [estimate.value for estimate in cells.values()] == [1, None]


def test_a_pair_is_used_whole_or_not_at_all():
    assert only(*pair("p", 1, None), *pair("q", 0, 0)).items == 2


def test_several_seeds_are_averaged():
    one, other = pair("p", 1, 1, seed=0), pair("p", 1, 0, seed=1)
    estimate = only(*one, *other)
    assert (estimate.value, estimate.items, estimate.marks) == (0.75, 2, ())


def test_models_of_one_name_are_told_apart_by_their_digests():
    rows = [*pair("p", 1, 1), *pair("p", 0, 0, digest="ffffffff"), *pair("p", 1, 1, model="gru")]
    assert [cell.label for cell in estimates(*rows)] == ["lstm#77ab03d2", "lstm#ffffffff", "gru"]


def test_methods_are_never_averaged_together():
    rows = [item for method in ("lm", "pll", "blank", "judge") for item in pair("p", 1, 1, method=method)]
    assert [cell.label for cell in estimates(*rows)] == ["lstm", "lstm (pll)", "lstm (blank)", "lstm (judge)"]


def rescored(rows, version):
    return [item | {"run": str(item["run"]).replace(f"|v:{__version__}", f"|v:{version}")} for item in rows]


def test_a_model_that_two_versions_scored_is_two_models_wherever_it_stands():
    old = rescored([*pair("p", 1, 1), *pair("p", 1, 1, suite="other")], "0.0.9")
    cells = prepare(frame(*old, *pair("p", 0, 0), *pair("p", 0, 0, model="gru")))
    assert list(cells["label"].cat.categories) == ["lstm v:0.0.9", f"lstm v:{__version__}", "gru"]
    assert set(cells["label"][cells["suite"] == "other"]) == {"lstm v:0.0.9"}


def test_a_model_scored_by_another_version_on_each_suite_is_one_model():
    rows = prepare(frame(*rescored(pair("p", 1, 1), "0.0.9"), *pair("p", 0, 0, suite="other")))
    assert list(rows["label"].cat.categories) == ["lstm"]


def test_two_runs_that_nothing_tells_apart_are_refused():
    rows = [item | {"run": name} for name in ("monday", "tuesday") for item in pair("p", 1, 1)]
    with pytest.raises(LrdBenchError, match="runs 'monday' and 'tuesday' are both of lstm on suite 'agreement-pp'"):
        prepare(frame(*rows))


def test_a_factor_of_a_name_that_reports_use_is_refused():
    with pytest.raises(LrdBenchError, match="a factor may not be called 'label'"):
        prepare(frame(row("1", 1, label="x")))


def of_metric(rows, metric):
    return [each | {"run": each["run"].replace("|ties:", f"|metric:{metric}|ties:")} for each in rows]


def test_metrics_are_never_averaged_together():
    plain, mean = pair("p", 1, 0, method="pll"), of_metric(pair("p", 1, 1, method="pll"), "mean")
    alone = of_metric(pair("p", 0, 0), "per-character")
    values = {key.label: estimate.value for key, estimate in estimates(*plain, *mean, *alone).items()}
    assert values == {"lstm (pll)": 0.5, "lstm (pll, mean)": 1, "lstm (per-character)": 0}


def test_of_whole_sentences_the_theorem_speaks_of_sums_only():
    whole = {"context": 3, "prediction": "(*;%good%) < (*;%bad%)"}
    assert only(*pair("p", 1, 0, **whole)).theorem == 0.5
    assert only(*of_metric(pair("p", 1, 0, **whole), "mean")).theorem is None
    assert only(*of_metric(pair("p", 1, 0, context=3), "mean")).theorem == 0.5


def test_a_suite_of_whose_predictions_the_theorem_says_nothing_is_reported():
    both = "[(6;%a%) < (6;%b%)] & [(6;%c%) < (6;%d%)]"
    estimate = only(row("1", 1, prediction=both, chance=None), row("2", 0, prediction=both, chance=None))
    assert (estimate.value, estimate.theorem) == (0.5, None)


def test_both_right_is_the_product_of_the_twins():
    pairs = pair_up(prepare(frame(*pair("p", 1, 1), *pair("q", 1, 0), *pair("r", 0.5, 0.5), *pair("s", 1, 0.5))))
    assert pairs["both"].tolist() == [1, 0, 0.25, 0.5]
    assert estimate_cells(pairs, [], value="both")[Key("lstm", ())].value == pytest.approx(1.75 / 4)


def test_the_double_difference_is_the_mean_margin_of_the_twin_formula():
    rows = [*pair("p", 1, 1), *pair("q", 0, 0)]
    double = [
        *pair("p", 1, 1, prediction=DOUBLE, margin_bits=3.5),
        *pair("q", 0, 0, prediction=DOUBLE, margin_bits=-0.5),
    ]
    results = suite(*rows, *double)
    bits = estimate_cells(results.double, [], value="margin_bits", proportions=False)[Key("lstm", ())]
    assert bits.value == pytest.approx(1.5)
    infinite = suite(*pair("p", 1, 1, prediction=DOUBLE, margin_bits=math.inf)).double
    assert estimate_cells(infinite, [], value="margin_bits", proportions=False)[Key("lstm", ())].value == math.inf


def test_the_attractor_effect_is_taken_inside_pairs():
    rows = [
        row("pa", 1, pair="p", nearest="match"),
        row("pb", 0, pair="p", nearest="mismatch"),
        row("qa", 0.5, pair="q", nearest="mismatch"),
        row("qb", 0, pair="q", nearest="match"),
        *pair("r", 1, 0, nearest="match"),
    ]
    assert pair_up(prepare(frame(*rows)))["attractor"].tolist() == pytest.approx([-1, 0.5, math.nan], nan_ok=True)


def test_a_suite_knows_its_headline_its_plain_prediction_and_its_double_difference():
    results = suite(*pair("p", 1, 1, prediction=DOUBLE), *pair("p", 0, 1))
    assert results.headline_is_double
    assert results.accuracies["lstm"].value == 1
    assert set(results.plain["correct"]) == {0, 1}
    assert suite(*pair("p", 1, 1)).double is None


def test_distances_are_withheld_where_the_text_shows_nothing_of_them():
    seen = {1: "seen", 4: "pairing", 8: "distance", 12: "pairing+distance", 16: "depth"}
    assert suite(*curve(dict.fromkeys(seen, 1.0), distance_seen=seen)).withheld == {8, 12, 16}
    assert suite(*curve({1: 1.0, 8: 1.0})).withheld == frozenset()
