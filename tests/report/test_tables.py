import csv
import io
import json
import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrd_bench.errors import LrdBenchError
from lrd_bench.report.as_json import json_table
from lrd_bench.report.document import report_document
from lrd_bench.report.latex import escaped, latex_table
from lrd_bench.report.statistics import Estimate
from lrd_bench.report.tables import FORMATS, Column, Table, check_format, file_name, render, to_csv

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


def test_a_bar_in_a_cell_parts_no_columns_in_markdown():
    table = Table(slug="t", title="T", columns=(Column("group"),), rows=(("key|be",),))
    assert render(table, "markdown").splitlines()[-1] == "| key\\|be |"


def test_marks_stand_in_csv_too():
    rows = list(csv.DictReader(io.StringIO(to_csv(TABLE))))
    assert [row["lstm marks"] for row in rows] == ["", "", "", "", "few groups"]


@pytest.mark.parametrize(
    ("interval", "seeds", "said"),
    [
        ("seeds and groups", 5, True),
        ("seeds and groups", 9, True),
        ("seeds and groups", 10, False),
        ("groups", 4, False),
    ],
)
def test_under_intervals_of_an_architecture_from_few_seeds_stands_once_that_they_are_narrow(interval, seeds, said):
    cell = Estimate(value=0.5, low=0.25, high=0.75, interval=interval, seeds=seeds)
    table = Table(slug="t", title="T", columns=(Column("a"), Column("b")), rows=((cell, cell), (cell, 1)))
    lines = [render(table, "text"), render(table, "markdown"), latex_table(table)]
    assert [text.replace("\n", " ").count("fewer than 10 seeds are somewhat too narrow") for text in lines] == [
        said
    ] * 3


def test_a_report_as_text_or_markdown_says_once_that_seeds_are_few_and_each_table_of_latex_by_itself():
    cell = Estimate(value=0.5, low=0.25, high=0.75, interval="seeds and groups", seeds=5)
    known = Table(slug="known", title="Known", columns=(Column("a"),), rows=((1,),))
    tables = [known, *(Table(slug=name, title=name, columns=(Column("a"),), rows=((cell,),)) for name in "abc")]
    signatures = Table(slug="signatures", title="Signatures", columns=(Column("signature"),), rows=(("x",),))
    for format_, times in (("text", 1), ("markdown", 1), ("latex", 3)):
        said = " ".join(report_document(tables, signatures, format_, about="").split())
        assert said.count("fewer than 10 seeds are somewhat too narrow") == times
        if times == 1:
            assert said.index("Known") < said.index("are somewhat too narrow") < said.index(" b ")


def test_other_formats_are_refused_with_a_list_of_those_there_are():
    assert [check_format(name) for name in FORMATS] == list(FORMATS)
    with pytest.raises(LrdBenchError, match="--format pdf: reports come as text, markdown, latex, csv, json"):
        check_format("pdf")


LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;:()[]/*+=?!'@-"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gpt2_small", r"gpt2\_small"),
        ("100 %", r"100 \%"),
        ("A & B", r"A \& B"),
        ("lstm#77ab", r"lstm\#77ab"),
        ("{a}^$~\\", r"\{a\}\textasciicircum{}\$\textasciitilde{}\textbackslash{}"),
        ("a<b>c|d", r"a\textless{}b\textgreater{}c\textbar{}d"),
        ("0.500 = ½", r"0.500 = $\frac{1}{2}$"),
        ("≠ † ‡ ° ∞ × ·", r"$\neq$ $\dagger$ $\ddagger$ $^\circ$ $\infty$ $\times$ $\cdot$"),
        ("asked `a_b` and", r"asked \texttt{a\_b} and"),
        ("Müller – …", "Müller -- \\ldots{}"),
        (LETTERS, LETTERS),
    ],
)
def test_names_are_escaped_for_latex(name, expected):
    assert escaped(name) == expected


@given(st.text())
def test_whatever_is_escaped_opens_and_closes_its_groups_and_leaves_nothing_special(text):
    out = escaped(text.replace("`", ""))
    bare = re.sub(r"\\[{}_%&#$]", "", out)  # escaped characters
    bare = re.sub(r"\$(\\[a-zA-Z]+|-|\^\\circ|\\frac\{1\}\{2\})\$", "", bare)  # what is set as mathematics
    bare = re.sub(r"\\[a-zA-Z]+\{\}", "", bare)  # characters by their names
    assert not set(bare) & set("\\{}_%&#$^~")


def test_latex_has_the_same_rows_as_the_others():
    lines = latex_table(TABLE).splitlines()
    start = lines.index("\\midrule") + 1
    assert lines[start : start + 5] == [
        r"1 & shown & 600 & 0.333 {\scriptsize [0.250, 0.500]} & 2.00 \\",
        r"16 & withheld & 1200 & 0.500 = $\frac{1}{2}$ & 0.00 \\",
        r"32 & withheld & $\cdot$ & $\cdot$ & $\infty$ \\",
        r"48 & -- & 0 & unscored & $\cdot$ \\",
        r"64 & -- & 8 & 1.000$\dagger$ {\scriptsize [0.600, 1.000]} & $\cdot$ \\",
    ]
    assert r"\begin{tabular}{rlrrr}" in lines
    assert r"\caption{agreement-pp: accuracy by distance.}" in lines
    assert r"\label{tab:accuracy-by-distance}" in lines
    assert sum("fewer than 20 groups" in line for line in lines) == 1


def test_a_negative_number_has_a_minus_and_a_name_its_hyphen():
    effect = Estimate(value=-0.25, low=-0.5, high=0.125, items=9, groups=30)
    table = Table(slug="t", title="T", columns=(Column("model"), Column("x")), rows=(("ngram-3", effect),))
    assert r"ngram-3 & $-$0.250 {\scriptsize [$-$0.500, 0.125]} \\" in latex_table(table)


def test_a_row_that_begins_with_a_bracket_is_no_argument_of_the_row_before():
    table = Table(slug="t", title="T", columns=(Column("[x]"),), rows=(("[a]",), ("*b",), ("c",)))
    rows = [line for line in latex_table(table).splitlines() if line.endswith(r"\\")]
    assert rows == [r"{}[x] \\", r"{}[a] \\", r"{}*b \\", r"c \\"]


@pytest.mark.parametrize(("models", "rows"), [(3, 5), (9, 5), (9, 40), (3, 200)])
def test_a_wide_or_long_table_is_cut_into_floats_that_fit_a_page_and_hold_every_cell_once(models, rows):
    cells = [[Estimate(value=(r * models + m) / 1e4, items=9, groups=30) for m in range(models)] for r in range(rows)]
    table = Table(
        slug="big",
        title="Big",
        columns=(Column("row"), *(Column(f"a-rather-long-name-{m}", decimals=4) for m in range(models))),
        rows=tuple((f"r{r}", *line) for r, line in enumerate(cells)),
    )
    floats = latex_table(table).split("\\end{table}")[:-1]
    for each in floats:
        tabulars = re.findall(r"\\begin\{tabular\}\{(\w+)\}(.*?)\\end\{tabular\}", each, re.DOTALL)
        assert sum(body.count(r"\\") for _, body in tabulars) <= 60
        assert max(len(spec) for spec, _ in tabulars) <= 6
    numbers = re.findall(r"0\.\d{4}", "".join(floats))
    assert sorted(numbers) == [f"{n / 1e4:.4f}" for n in range(models * rows)]
    assert [r"\label{tab:big}" in each for each in floats] == [True] + [False] * (len(floats) - 1)
    assert ["(continued)" in each for each in floats] == [False] + [True] * (len(floats) - 1)


def test_json_has_numbers_in_full_with_intervals_counts_and_marks_as_fields():
    table = json.loads(json.dumps(json_table(TABLE), allow_nan=False))
    assert table["keys"] == ["distance", "text"]
    assert [row["distance"] for row in table["rows"]] == [1, 16, 32, 48, 64]
    assert table["rows"][0]["lstm"] == {
        "value": 1 / 3,
        "low": 0.25,
        "high": 0.5,
        "interval": "groups",
        "theorem": None,
        "items": 600,
        "groups": 40,
        "unscored": 0,
        "marks": [],
    }
    assert table["rows"][1]["lstm"]["theorem"] == 0.5
    assert table["rows"][2] == {"distance": 32, "text": "withheld", "items": None, "lstm": None, "bits": "inf"}
    assert table["rows"][4]["lstm"]["marks"] == ["few groups"]


def test_a_model_that_is_called_like_a_column_hides_none_in_json():
    table = Table(slug="t", title="T", columns=(Column("items"), Column("items")), rows=((1, 2),))
    assert json_table(table)["rows"] == [{"items": 1, "items (2)": 2}]


def test_a_slug_is_made_a_name_that_any_system_takes():
    assert file_name("accuracy-by-distance.my suite: a/b #1%") == "accuracy-by-distance.my-suite-a-b-1-"
