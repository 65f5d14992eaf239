import itertools
import math
import re
import struct
import zlib
from collections.abc import Iterator

import altair as alt
import pandas as pd
import pytest
import vl_convert
from drawn import heights_of
from report_doubles import curve, frame, more_nouns

from lrd_bench.report.cells import prepare
from lrd_bench.report.figures import COLUMN, PAGE, accuracy_by_distance, save_figure, suite_by_distance
from lrd_bench.report.points import CURVE_COLUMNS, curve_table
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


def checked(spec):
    """The figure, if it is what Vega-Lite allows: what it does not know it would leave out in silence."""
    alt.VConcatChart.from_dict(spec).to_dict()
    return spec


def panels(*rows):
    together, _ = checked(accuracy_by_distance(points(*rows)))["vconcat"]
    return [[{**layer, "rows": layer["data"]["values"]} for layer in panel["layer"]] for panel in together["concat"]]


def titles(*rows):
    return [panel["title"]["text"] for panel in accuracy_by_distance(points(*rows))["vconcat"][0]["concat"]]


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
    chance, reach, _ = layers(panel, "rule")
    assert [row["accuracy"] for row in chance["rows"]] == [0.5]
    assert [(row["text"], row["distance"]) for row in reach["rows"]] == [("uniform", 1), ("ngram-3", 3)]
    lowest = panel[0]["encoding"]["y"]["axis"]["values"][0]
    assert all(row["accuracy"] < lowest for row in reach["rows"])  # in a strip of its own, where no point can be


def test_more_names_than_there_is_room_for_are_counted():
    many = [row for name in "abc" for row in curve({1: 1.0, 24: 0.5}, model=f"a-rather-long-name-{name}", context=8)]
    (panel,) = panels(*many, *curve({1: 1.0, 24: 0.5}, model="narrow", context=22))
    _, reach, *_ = layers(panel, "rule")
    assert [row["text"] for row in reach["rows"]] == ["3 models", "1 models"]


def test_intervals_leave_out_what_is_exact_and_are_bars_where_all_groups_agree():
    (panel,) = panels(*ROWS)
    (band,), bars = layers(panel, "area"), layers(panel, "rule")[-1]
    assert {(row["model"], row["distance"]) for row in band["rows"]} == {("lstm", 2), ("lstm", 16)}
    expected = {("lstm", 1), ("ngram-3", 1), ("ngram-3", 2)}
    assert {(row["model"], row["distance"]) for row in bars["rows"]} == expected


def test_bands_do_not_reach_across_a_bar_and_a_point_alone_is_a_bar():
    (panel,) = panels(*curve({1: 0.92, 2: 0.8, 4: 1.0, 8: 0.8, 16: 0.72, 24: 1.0, 32: 0.6}))
    (band,), bars = layers(panel, "area"), layers(panel, "rule")[-1]
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
    assert panel[0]["encoding"]["y"]["axis"]["values"][0] == bottom


def test_a_panel_for_each_suite_three_to_a_row():
    suites = [f"suite-{number}" for number in range(4)]
    rows = [row for name in suites for row in curve({1: 1.0, 2: 0.8}, suite=name)]
    assert accuracy_by_distance(points(*rows))["vconcat"][0]["columns"] == 3
    assert titles(*rows) == [[name] for name in suites]
    axes = [panel[0]["encoding"]["y"] for panel in panels(*rows)]
    assert ["format" in axis["axis"]["labelExpr"] for axis in axes] == [True, False, False, True]


def test_the_titles_of_a_row_stand_at_one_height(tmp_path):
    rows = [row for number in range(4) for row in curve({1: 1.0, 2: 0.8}, suite=f"suite-{number}")]
    save_figure(accuracy_by_distance(points(*rows)), [tmp_path / "a.svg"])
    heights = heights_of((tmp_path / "a.svg").read_text(), [f"suite-{number}" for number in range(4)])
    assert heights[0] == heights[1] == heights[2] < heights[3]


def test_a_suite_alone_is_a_column_of_its_fillers():
    adverbs, phrases = curve({1: 1.0, 16: 0.92}, filler="adverbs"), curve({4: 0.8, 16: 0.6}, filler="phrases")
    *fillers, _ = checked(suite_by_distance(points(*adverbs, *more_nouns(phrases))))["vconcat"]
    assert [panel["title"]["text"] for panel in fillers] == [["agreement-pp, adverbs"], ["agreement-pp, phrases"]]


def test_the_legend_shows_colour_dash_and_shape_of_every_model_and_the_chance_line():
    names = [f"model-{letter}" for letter in "abcdefg"]
    rows = [row for name in names for row in curve({1: 1.0, 2: 0.8}, model=name)]
    _, legend = accuracy_by_distance(points(*rows))["vconcat"]
    chance, line, point, name = legend["layer"]
    assert [row["model"] for row in name["data"]["values"]] == [*names, "chance ½"]
    assert (
        [row["model"] for row in line["data"]["values"]] == names == [row["model"] for row in point["data"]["values"]]
    )
    assert {"color", "strokeDash"} <= line["encoding"].keys()
    assert {"color", "shape"} <= point["encoding"].keys()
    assert chance["mark"]["strokeDash"]


def test_points_of_equal_accuracy_stand_side_by_side_in_the_order_of_the_models():
    (panel,) = panels(*(row for name in "abc" for row in curve({1: 1.0, 2: 1.0, 16: 1.0}, model=name)))
    (dots,) = layers(panel, "point")
    for distance in (1, 2, 16):
        places = [row["place"] for row in dots["rows"] if row["distance"] == distance]
        assert places == sorted(places)
        assert len(set(places)) == 3
        assert places[1] == pytest.approx(distance)
        assert all(abs(math.log2(place / distance)) < 0.2 for place in places)


def texts(svg: str) -> Iterator[float]:
    return map(float, re.findall(r'font-size="([\d.]+)px"', svg))


@pytest.mark.parametrize(("draw", "width"), [(accuracy_by_distance, PAGE), (suite_by_distance, COLUMN)])
def test_a_figure_is_as_wide_as_print_and_has_no_letter_smaller_than_seven_points(tmp_path, draw, width):
    table = points(*(row | {"suite": name} for name in "abc" for row in ROWS))
    table = table if draw is accuracy_by_distance else table[table["suite"] == "a"]
    paths = [tmp_path / f"a.{suffix}" for suffix in ("svg", "pdf", "png")]
    save_figure(draw(table), paths)
    svg = paths[0].read_text()
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    assert size
    assert width - 4 <= float(size[1]) <= width
    assert min(texts(svg)) >= 7
    assert f"/MediaBox [0 0 {size[1]} {size[2]}]".encode() in paths[1].read_bytes()
    pixels = int.from_bytes(paths[2].read_bytes()[16:20])
    assert pixels == pytest.approx(float(size[1]) / 72 * 300, abs=2)


def chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    """The parts of a PNG, each with its name, whose checksums must be right."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    found, at = [], 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        name_and_data, checksum = png[at + 4 : at + 8 + length], png[at + 8 + length : at + 12 + length]
        assert zlib.crc32(name_and_data) == int.from_bytes(checksum)
        found.append((name_and_data[:4], name_and_data[4:]))
        at += 12 + length
    return found


def test_a_png_has_every_pixel_as_it_was_drawn_in_less_than_half_the_bytes(tmp_path):
    figure = suite_by_distance(points(*ROWS))
    save_figure(figure, [tmp_path / "a.png"])
    packed = (tmp_path / "a.png").read_bytes()
    drawn = vl_convert.svg_to_png(vl_convert.vegalite_to_svg(figure), ppi=300)
    assert len(packed) < len(drawn) / 2
    parts = [chunks(png) for png in (packed, drawn)]
    pixels = [zlib.decompress(b"".join(data for name, data in part if name == b"IDAT")) for part in parts]
    assert pixels[0] == pixels[1]
    rest = [[(name, data) for name, data in part if name != b"IDAT"] for part in parts]
    assert rest[0] == rest[1]
    assert [name for name, _ in parts[0]] == [b"IHDR", b"pHYs", b"IDAT", b"IEND"]
    assert dict(rest[0])[b"pHYs"] == struct.pack(">IIB", 11811, 11811, 1)  # dots a metre: 300 an inch


def test_the_same_figure_is_the_same_bytes_in_every_form(tmp_path):
    table = points(*(row | {"suite": name} for name in "abcdef" for row in ROWS))
    for suffix in ("svg", "pdf", "png"):
        paths = [tmp_path / f"{number}.{suffix}" for number in range(4)]
        for path in paths:
            save_figure(accuracy_by_distance(table), [path])
        assert len({path.read_bytes() for path in paths}) == 1


def test_only_one_font_is_used_for_two_have_no_order_in_a_pdf():
    weights = re.findall(r"'\w*[fF]ontWeight': '(\w+)'", str(accuracy_by_distance(points(*ROWS))))
    assert set(weights) == {"normal"}


def luminance(colour: str) -> float:
    return sum(weight * int(colour[i : i + 2], 16) for weight, i in ((0.299, 1), (0.587, 3), (0.114, 5)))


def test_without_colour_models_still_differ_two_by_two_in_dash_and_shape():
    (panel,) = panels(*(row for name in "abcdefgh" for row in curve({1: 1.0}, model=name)))
    line, point = layers(panel, "line")[0], layers(panel, "point")[0]
    looks = [
        (str(dash), shape)
        for dash, shape in zip(
            line["encoding"]["strokeDash"]["scale"]["range"], point["encoding"]["shape"]["scale"]["range"], strict=True
        )
    ]
    assert all(a[0] != b[0] and a[1] != b[1] for a, b in itertools.combinations(looks, 2))
    assert max(map(luminance, line["encoding"]["color"]["scale"]["range"])) < 190  # none too light for paper


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
    assert titles(*adverbs, *phrases) == [["agreement-pp, adverbs"], ["agreement-pp, phrases"]]


def test_kinds_of_filler_at_the_same_distances_are_drawn_together():
    rows = [*curve({4: 1.0, 16: 0.9}, filler="adverbs"), *more_nouns(curve({4: 0.8, 16: 0.6}, filler="phrases"))]
    assert points(*rows)["filler"].isna().all()
    assert len(panels(*rows)) == 1


def test_a_suite_without_distances_has_no_panel():
    assert points(*(row | {"distance": None} for row in curve({1: 1.0}))).empty
    assert isinstance(points(*curve({1: 1.0})), pd.DataFrame)


def test_what_the_marks_mean_stands_in_lines_no_wider_than_the_panels():
    def notes(*rows):
        return accuracy_by_distance(points(*rows))["title"]["subtitle"]

    one, three = notes(*ROWS), notes(*(row | {"suite": name} for name in "abc" for row in ROWS))
    said = (
        "Bands and bars: pointwise 95 % intervals. Points of one distance stand side by side. Small dots: single "
        "training seeds. Brackets: what a window model sees; from their end on it scores exactly ½."
    )
    assert " ".join(one) == " ".join(three) == said
    assert len(one) > len(three) == 2
    assert "narrow" not in said
    seeds = [[row for seed in range(number) for row in curve({1: 1.0, 4: 0.8}, seed=seed)] for number in (4, 5, 9, 10)]
    assert ["narrow" in " ".join(notes(*rows)) for rows in seeds] == [False, True, True, False]
    assert "dots" not in " ".join(notes(*curve({1: 1.0})))
