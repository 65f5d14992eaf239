import csv
import io
import math
from dataclasses import replace

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.report.statistics import Estimate
from lrd_bench.report.tables import Column, Table, check_format, render, to_csv

TABLE = Table(
    slug="accuracy-by-distance",
    title="agreement-pp: accuracy by distance",
    columns=(Column("distance"), Column("text"), Column("items"), Column("lstm"), Column("bits", 2, intervals=False)),
    rows=(
        (1, "shown", 600, Estimate(value=1 / 3, low=0.25, high=0.5, interval="groups", items=600, groups=40), 2.0),
        (16, "withheld", 1200, Estimate(value=0.5, low=0.5, high=0.5, interval="exact", theorem=0.5), -0.001),
        (32, "withheld", None, None, math.inf),
        (48, "–", 0, Estimate(value=None, unscored=12), None),
        (64, "–", 8, Estimate(value=1.0, low=0.6, high=1.0, items=8, groups=8, marks=("few groups",)), None),
    ),
    note="Asked: something.",
    keys=2,
)


def test_text_aligns_numbers_to_the_right_and_explains_its_signs():
    assert render(TABLE, "text").splitlines() == [
        "agreement-pp: accuracy by distance",
        "",
        "distance  text      items                   lstm  bits",
        "--------  --------  -----  ---------------------  ----",
        "       1  shown       600   0.333 [0.250, 0.500]  2.00",
        "      16  withheld   1200              0.500 = ½  0.00",
        "      32  withheld      ·                      ·     ∞",
        "      48  –             0               unscored     ·",
        "      64  –             8  1.000† [0.600, 1.000]     ·",
        "Asked: something.",
        "† fewer than 20 groups: take the interval as too narrow.",
    ]


def test_markdown_has_the_same_rows():
    lines = render(TABLE, "markdown").splitlines()
    assert lines[0] == "## agreement-pp: accuracy by distance"
    assert lines[3].count("-:|") == 4
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[4:9]]
    assert cells[0] == ["1", "shown", "600", "0.333 [0.250, 0.500]", "2.00"]
    assert [row[3] for row in cells[1:]] == ["0.500 = ½", "·", "unscored", "1.000† [0.600, 1.000]"]


def test_csv_has_numbers_in_full_and_bounds_and_counts_beside_them():
    rows = list(csv.DictReader(io.StringIO(to_csv(TABLE))))
    assert float(rows[0]["lstm"]) == 1 / 3
    parts = ("theorem", "low", "high", "items", "groups", "unscored", "interval")
    assert [rows[0][f"lstm {part}"] for part in parts] == ["", "0.25", "0.5", "600", "40", "0", "groups"]
    assert (rows[1]["lstm"], rows[1]["lstm theorem"], rows[1]["lstm interval"]) == ("0.5", "0.5", "exact")
    assert (rows[2]["items"], rows[2]["lstm"], rows[2]["bits"]) == ("", "", "inf")
    assert (rows[3]["lstm"], rows[3]["lstm unscored"]) == ("", "12")


@pytest.mark.parametrize(
    ("value", "theorem", "decimals", "printed"),
    [
        (0.5, 0.5, 3, "0.500 = ½"),
        (0.0, 0.0, 2, "0.00 = 0"),
        (0.512, 0.5, 3, "0.512 ≠ ½ !"),
        (0.50004, 0.5, 3, "0.50004 ≠ ½ !"),  # as many decimals as show the difference
        (-0.003, 0.0, 2, "-0.003 ≠ 0 !"),
    ],
)
def test_beside_a_measured_number_stands_what_the_theorem_says(value, theorem, decimals, printed):
    exact = value == theorem
    decided = Estimate(value=value, low=0.4, high=0.6, interval="exact" if exact else "groups", theorem=theorem)
    if not exact:
        decided = replace(decided, marks=("theorem broken",))
    table = Table(slug="t", title="T", columns=(Column("a"), Column("b", decimals)), rows=(("x", decided),))
    lines = render(table, "text").splitlines()
    assert lines[4].split(maxsplit=1)[1] == printed
    assert [line.startswith("! not what the theorem says") for line in lines[5:6]] == [True] * (not exact)


def test_a_wide_table_is_printed_in_parts_with_its_keys_in_each():
    wide = Table(
        slug="wide",
        title="Wide",
        columns=(Column("suite"), *(Column(f"model-{number}") for number in range(9))),
        rows=(("agreement-pp", *(Estimate(value=0.5, low=0.4, high=0.6, items=90, groups=30) for _ in range(9))),),
    )
    text = render(wide, "text")
    assert max(map(len, text.splitlines())) <= 132
    assert text.count("agreement-pp") == 2
    assert [f"model-{number}" in text for number in range(9)] == [True] * 9


def test_other_formats_are_refused_with_a_list_of_those_there_are():
    assert check_format("markdown") == "markdown"
    with pytest.raises(LrdBenchError, match="--format latex: reports come as text, markdown, csv"):
        check_format("latex")
