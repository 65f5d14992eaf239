import altair as alt
import pandas as pd
import pytest
from report_doubles import curve, frame, more_nouns

from lrd_bench.report.cells import prepare
from lrd_bench.report.curves import CURVE_COLUMNS, curve_table
from lrd_bench.report.figures import accuracy_by_distance
from lrd_bench.report.results import SuiteResults

ROWS = [
    *curve({1: 1.0, 2: 0.96, 16: 0.8}, seed=0),
    *curve({1: 1.0, 2: 0.92, 16: 0.72}, seed=1),
    *curve({1: 1.0, 2: 1.0, 16: 0.5}, model="ngram-3", context=2, seed=None),
    *curve({1: 0.5, 2: 0.5, 16: 0.5}, model="uniform", context=0, seed=None),
]


def points(*rows):
    prepared = prepare(frame(*rows))
    return curve_table(
        [SuiteResults(name=name, rows=prepared[prepared["suite"] == name]) for name in prepared["suite"].unique()]
    )


def panels(*rows):
    spec = accuracy_by_distance(points(*rows)).to_dict()
    return [
        [{**layer, "rows": spec["datasets"][layer["data"]["name"]]} for layer in panel["layer"]]
        for panel in spec["concat"]
    ]


def layers(panel, mark):
    return [layer for layer in panel if layer["mark"]["type"] == mark]


def test_the_table_of_points_has_the_mean_with_its_interval_and_each_seed():
    table = points(*ROWS)
    assert list(table.columns) == list(CURVE_COLUMNS)
    lstm = table[(table["model"] == "lstm") & (table["distance"] == 16)]
    assert lstm["seed"].fillna(-1).tolist() == [-1, 0, 1]
    assert lstm["accuracy"].tolist() == pytest.approx([0.76, 0.8, 0.72])
    assert lstm["low"].notna().tolist() == [True, False, False]
    assert table[table["model"] == "ngram-3"]["seed"].isna().all()
    ngram = table[table["model"] == "ngram-3"].set_index("distance")
    assert ngram["interval"].to_dict() == {1: "clopper-pearson", 2: "clopper-pearson", 16: "exact"}
    assert ngram["theorem"].fillna(-1).to_dict() == {1: -1, 2: -1, 16: 0.5}
    assert set(ngram["context"]) == {2}


def test_each_panel_has_the_chance_line_and_the_reach_of_each_window_model():
    (panel,) = panels(*ROWS)
    _, chance, reach = layers(panel, "rule")
    assert [row["accuracy"] for row in chance["rows"]] == [0.5]
    assert [(row["text"], row["distance"]) for row in reach["rows"]] == [("uniform", 1), ("ngram-3", 3)]
    assert "chance ½" in [row.get("text") for layer in layers(panel, "text") for row in layer["rows"]]


def test_intervals_leave_out_what_is_exact_and_are_bars_where_all_groups_agree():
    (panel,) = panels(*ROWS)
    (band,), bars = layers(panel, "area"), layers(panel, "rule")[0]
    assert {(row["model"], row["distance"]) for row in band["rows"]} == {("lstm", 2), ("lstm", 16)}
    expected = {("lstm", 1), ("ngram-3", 1), ("ngram-3", 2)}
    assert {(row["model"], row["distance"]) for row in bars["rows"]} == expected


def test_bands_do_not_reach_across_a_bar_and_a_point_alone_is_a_bar():
    (panel,) = panels(*curve({1: 0.92, 2: 0.8, 4: 1.0, 8: 0.8, 16: 0.72, 24: 1.0, 32: 0.6}))
    (band,), bars = layers(panel, "area"), layers(panel, "rule")[0]
    stretches = {row["distance"]: row["stretch"] for row in band["rows"]}
    assert set(stretches) == {1, 2, 8, 16}
    assert stretches[1] == stretches[2] != stretches[8] == stretches[16]
    assert {row["distance"] for row in bars["rows"]} == {4, 24, 32}


def test_dots_are_the_seeds():
    (panel,) = panels(*ROWS)
    (dots,) = layers(panel, "circle")
    assert {(row["model"], row["seed"]) for row in dots["rows"]} == {("lstm", 0), ("lstm", 1)}


def test_a_single_seed_has_no_dots():
    (panel,) = panels(*curve({1: 1.0, 4: 0.8}))
    assert layers(panel, "circle") == []


def test_blind_models_lie_exactly_on_one_half_as_thin_lines():
    (panel,) = panels(*ROWS)
    thin, thick = layers(panel, "line")
    assert {row["accuracy"] for row in thin["rows"] if row["model"] == "uniform"} == {0.5}
    assert thin["mark"]["strokeWidth"] < thick["mark"]["strokeWidth"]


@pytest.mark.parametrize(("worst", "bottom"), [(0.6, 0.3), (0.12, 0)])
def test_the_axis_begins_where_nothing_lies_below(worst, bottom):
    (panel,) = panels(*curve({1: 1.0, 4: worst}))
    assert panel[0]["encoding"]["y"]["scale"]["domain"] == [bottom, 1]


def test_a_panel_for_each_suite_three_to_a_row():
    suites = [f"suite-{number}" for number in range(4)]
    chart = accuracy_by_distance(points(*(row for name in suites for row in curve({1: 1.0, 2: 0.8}, suite=name))))
    assert isinstance(chart, alt.ConcatChart)
    assert chart.columns == 3
    assert [panel.title.text for panel in chart.concat] == suites


def test_models_differ_in_colour_shape_and_dash():
    (panel,) = panels(*(row for name in "abcdefgh" for row in curve({1: 1.0}, model=name)))
    line, point = layers(panel, "line")[0], layers(panel, "point")[0]
    for layer, channel in ((line, "color"), (line, "strokeDash"), (point, "shape")):
        scale = layer["encoding"][channel]["scale"]
        assert scale["domain"] == list("abcdefgh")
        assert len({str(value) for value in scale["range"]}) == 8


def test_kinds_of_filler_that_reach_different_distances_have_a_panel_each():
    adverbs = curve({1: 1.0, 16: 0.92}, filler="adverbs")
    phrases = more_nouns(curve({4: 0.8, 16: 0.6}, filler="phrases"))
    table = points(*adverbs, *phrases)
    means = table[table["seed"].isna()].set_index(["filler", "distance"])["accuracy"]
    assert means.to_dict() == {("adverbs", 1): 1.0, ("adverbs", 16): 0.92, ("phrases", 4): 0.8, ("phrases", 16): 0.6}
    titles = [panel.title.text for panel in accuracy_by_distance(table).concat]
    assert titles == ["agreement-pp · adverbs", "agreement-pp · phrases"]


def test_kinds_of_filler_at_the_same_distances_are_drawn_together():
    table = points(*curve({4: 1.0, 16: 0.9}, filler="adverbs"), *more_nouns(curve({4: 0.8, 16: 0.6}, filler="phrases")))
    assert table["filler"].isna().all()
    assert len(accuracy_by_distance(table).concat) == 1


def test_a_suite_without_distances_has_no_panel():
    assert points(*(row | {"distance": None} for row in curve({1: 1.0}))).empty
    assert isinstance(points(*curve({1: 1.0})), pd.DataFrame)


def test_what_the_marks_mean_stands_in_lines_no_wider_than_the_panels():
    one = accuracy_by_distance(points(*ROWS)).to_dict()["title"]["subtitle"]
    assert one == [
        "Bands and bars: pointwise 95 % intervals.",
        "Small dots: single training seeds.",
        "Brackets: what a window model sees;",
        "from their end on it scores exactly ½.",
    ]
    three = accuracy_by_distance(points(*(row | {"suite": name} for name in "abc" for row in ROWS))).to_dict()
    assert len(three["title"]["subtitle"]) == 2
