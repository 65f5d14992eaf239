import altair as alt
import pytest
from drawn import heights_of
from report_doubles import DOUBLE, curve, frame, pair, row

from lrd_bench.report.cells import prepare
from lrd_bench.report.detail import (
    both_by_distance,
    by_cue_value,
    detail_tables,
    double_by_distance,
    has_bits,
    opposing_nouns,
)
from lrd_bench.report.figures import PAGE, save_figure
from lrd_bench.report.heat_map import heat_cells, opposing_nouns_figure
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.suite_tables import suite_tables
from lrd_bench.report.tables import render


def suites(*rows):
    prepared = prepare(frame(*rows))
    return [SuiteResults(name=name, rows=prepared[prepared["suite"] == name]) for name in prepared["suite"].unique()]


def twins(name, distance, nouns, verdicts, **changes):
    """A pair across nouns, of which so many oppose the first twin's cue, and the others of the total its twin's."""
    opposing, total = nouns
    return [
        item | {"attractors": number, "cue_value": value}
        for item, number, value in zip(
            pair(name, *verdicts, distance=distance, **changes),
            (opposing, total - opposing),
            ("singular", "plural"),
            strict=True,
        )
    ]


ROWS = [
    *twins("p", 1, (0, 0), (1, 1)),
    *twins("q", 4, (1, 1), (0, 1)),
    *twins("r", 4, (1, 1), (0.5, 1)),
    *twins("s", 8, (1, 2), (1, 0)),
    *twins("t", 8, (2, 2), (0, 1)),
]


def cells(table):
    """(model, distance) → the values of its row and whether they are marked."""
    return {
        (row[0], row[1]): [None if cell is None else (cell.value, "cut pairs" in cell.marks) for cell in row[2:]]
        for row in table.rows
    }


def test_the_heat_map_marks_cells_that_cut_pairs_and_leaves_out_what_no_item_is():
    (suite,) = suites(*ROWS)
    table = opposing_nouns(suite)
    assert [column.name for column in table.columns[2:]] == ["0 opposing", "1 opposing", "2 opposing"]
    assert cells(table) == {
        ("lstm", 1): [(1, False), None, None],
        ("lstm", 4): [(1, True), (0.25, True), None],
        ("lstm", 8): [(1, True), (0.5, False), (0, True)],
    }
    assert "A factor of the item, not of the pair" in table.note


def test_words_for_what_opposes_are_no_numbers_of_nouns():
    words = [item | {"attractors": "some" if item["attractors"] else "none"} for item in ROWS]
    assert "opposing-nouns.agreement-pp" in [table.slug for table in detail_tables(suites(*ROWS))]
    assert "opposing-nouns.agreement-pp" not in [table.slug for table in detail_tables(suites(*words))]


def test_the_cells_of_a_row_of_the_heat_map_make_up_the_accuracy_at_its_distance():
    (suite,) = suites(*ROWS, *(item | {"model": "gru", "run": "x", "correct": 0.5} for item in ROWS))
    for line in opposing_nouns(suite).rows:
        found = [cell for cell in line[2:] if cell is not None]
        mean = sum(cell.value * cell.items for cell in found) / sum(cell.items for cell in found)
        (whole,) = (e for key, e in suite.by_distance.items() if (key.label, key.values[0]) == line[:2])
        assert mean == pytest.approx(whole.value)
        assert sum(cell.items for cell in found) == whole.items


def test_a_blind_model_follows_the_attractors_in_cells_that_cut_pairs_and_scores_half_in_the_others():
    (suite,) = suites(*(item | {"context": 0, "needed_context": 8} for item in ROWS if item["pair"] in ("s", "t")))
    (line,) = opposing_nouns(suite).rows
    assert [(cell.value, cell.theorem, cell.interval) for cell in line[3:4]] == [(0.5, 0.5, "exact")]
    assert [cell.theorem for cell in (line[2], line[4])] == [None, None]


def test_both_right_by_distance_counts_pairs():
    (suite,) = suites(*ROWS)
    table = both_by_distance(suite)
    assert [column.name for column in table.columns] == ["distance", "pairs", "groups", "lstm"]
    assert [(line[0], line[1], line[3].value) for line in table.rows] == [(1, 1, 1), (4, 2, 0.25), (8, 2, 0)]
    assert [line[3].marks for line in table.rows] == [()] * 3


def doubles(distance, *bits, **changes):
    """Pairs, each a group, with these double differences, the same for both twins."""
    return [
        item | {"margin_bits": each}
        for number, each in enumerate(bits)
        for item in pair(
            f"d{distance}p{number}",
            *((each > 0) + (each == 0) / 2,) * 2,
            **{"distance": distance, "needed_context": distance, "group": f"g{number}", "prediction": DOUBLE} | changes,
        )
    ]


def test_the_double_difference_stands_in_bits_below_the_accuracy_by_distance():
    seen = curve({1: 1.0, 8: 1.0}, distance_seen={1: "seen", 8: "distance"})
    (suite,) = suites(*seen)
    titles = [table.title for table in suite_tables([suite], ["distance"])]
    place = titles.index("agreement-pp: accuracy by distance")
    assert titles[place + 1] == "agreement-pp: double difference in bits by distance"
    table = double_by_distance(suite)
    assert [row[:4] for row in table.rows] == [(1, "shown", 50, 25), (8, "withheld", 50, 25)]
    assert table.detail


def test_the_double_difference_by_distance_has_an_interval_of_groups_and_is_nothing_for_a_blind_model():
    spread = [6.0, -2.0] * 15
    (suite,) = suites(
        *doubles(1, *[3.0] * 30),
        *doubles(8, *spread),
        *doubles(1, *[3.0] * 30, model="ngram-3", context=2),
        *doubles(8, *[0.0] * 30, model="ngram-3", context=2),
    )
    (near, _, _, lstm, _), (far, _, _, lstm_far, ngram_far) = double_by_distance(suite).rows
    assert (near, lstm.value, lstm.low) == (1, 3, None)  # all groups agree
    # The mean of 30 groups with standard deviation 4 has the standard error 4/√30 = 0.73.
    assert (far, lstm_far.value, lstm_far.interval) == (8, 2, "groups")
    assert lstm_far.low == pytest.approx(2 - 1.96 * 0.73, abs=0.15)
    assert lstm_far.high == pytest.approx(2 + 1.96 * 0.73, abs=0.15)
    assert (ngram_far.value, ngram_far.theorem, ngram_far.interval) == (0, 0, "exact")
    assert "0.00 = 0" in render(double_by_distance(suite), "text")


def test_without_a_double_difference_or_its_bits_there_is_no_such_table():
    for rows in (ROWS, [item | {"margin_bits": None} for item in doubles(1, 3.0, -1.0)]):
        (suite,) = suites(*rows)
        assert not has_bits(suite)
        assert not [table for table in suite_tables([suite], ["distance"]) if table.slug.startswith("double")]


def test_accuracy_by_the_value_of_the_cue_is_of_the_item_and_marked():
    values = [row(str(n), 1, suite="domains", cue_value=f"domain {n}") for n in range(9)]
    table = by_cue_value(suites(*ROWS, *values))
    assert [line[:3] for line in table.rows] == [("agreement-pp", "plural", 5), ("agreement-pp", "singular", 5)]
    assert [line[4].value for line in table.rows] == [pytest.approx(4 / 5), pytest.approx(2.5 / 5)]
    assert all("cut pairs" in line[4].marks for line in table.rows)
    assert "A factor of the item, not of the pair" in table.note


def test_a_suite_without_such_factors_or_pairs_has_no_such_tables():
    assert detail_tables(suites(*(row(str(n), 1, distance=n) for n in range(3)))) == []
    assert [table.slug for table in detail_tables(suites(*curve({1: 1.0})))] == ["both-by-distance.agreement-pp"]
    assert all(table.detail for table in detail_tables(suites(*ROWS)))


def test_the_heat_map_shows_what_the_table_says():
    (suite,) = suites(*ROWS)
    shown = heat_cells(opposing_nouns(suite)).set_index(["distance", "opposing"])
    assert shown["text"].to_dict() == {
        (1, 0): "1.00",
        (1, 1): "·",
        (1, 2): "·",
        (4, 0): "1.00°",
        (4, 1): "0.25°",
        (4, 2): "·",
        (8, 0): "1.00°",
        (8, 1): "0.50",
        (8, 2): "0.00°",
    }
    assert shown["ink"][(8, 0)] == shown["ink"][(8, 2)] == "white"
    assert shown["ink"][(8, 1)] == "black"


def test_the_heat_map_has_a_panel_for_each_model_and_one_bar_of_colours_white_at_chance(tmp_path):
    (suite,) = suites(*ROWS, *(item | {"model": "gru", "run": "x"} for item in ROWS))
    figure = opposing_nouns_figure(opposing_nouns(suite))
    alt.VConcatChart.from_dict(figure).to_dict()
    together, bar = figure["vconcat"]
    assert [panel["title"]["text"] for panel in together["concat"]] == ["lstm", "gru"]
    assert [len(panel["layer"][0]["data"]["values"]) for panel in together["concat"]] == [6, 6]
    scale = bar["encoding"]["color"]["scale"]
    assert scale["domain"] == [0, 1]
    assert scale["range"][len(scale["range"]) // 2] == "#ffffff"
    assert " ".join(figure["title"]["subtitle"]).startswith("· no item is so. ° twins without each other")


@pytest.mark.parametrize("most", [1, 4])
def test_the_titles_of_a_row_of_heat_maps_stand_at_one_height(tmp_path, most):
    items = [item for n in range(most + 1) for item in twins(f"p{n}", 8, (n, most), (1, 1))]
    (suite,) = suites(*items, *(item | {"model": "gru", "run": "x"} for item in items))
    save_figure(opposing_nouns_figure(opposing_nouns(suite)), [tmp_path / "a.svg"])
    drawn = (tmp_path / "a.svg").read_text()
    left, right = heights_of(drawn, ["lstm", "gru"])
    assert left == right
    assert ("opposing nouns</text>" in drawn.replace("accuracy by distance × opposing nouns", "")) == (most == 4)


def test_a_heat_map_is_the_same_bytes_whatever_was_drawn_before(tmp_path):
    (suite,) = suites(*twins("p0", 8, (0, 1), (1, 1)))
    for name in ("a.svg", "b.svg"):
        save_figure(opposing_nouns_figure(opposing_nouns(suite)), [tmp_path / name])
    assert 'clip-path="url(#clip0)"' in (tmp_path / "a.svg").read_text()
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_heat_map_of_many_models_and_distances_is_no_wider_than_a_page(tmp_path):
    rows = [
        item | {"model": f"model-{m}", "run": f"r{m}"}
        for m in range(7)
        for d in range(1, 10)
        for item in twins(f"p{d}", d, (1, 1), (0, 1))
    ]
    (suite,) = suites(*rows)
    save_figure(opposing_nouns_figure(opposing_nouns(suite)), [tmp_path / "a.svg", tmp_path / "a.png"])
    width = float((tmp_path / "a.svg").read_text().split('width="')[1].split("pt")[0])
    assert width <= PAGE
    assert int.from_bytes((tmp_path / "a.png").read_bytes()[16:20]) == pytest.approx(width / 72 * 300, abs=2)
