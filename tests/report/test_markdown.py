"""What is written is read back by markdown-it (which rich brings), with the tables and strikethrough of GitHub."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_doubles import curve, frame

from lrd_bench.outcomes import write_table
from lrd_bench.report import markdown, write_report
from lrd_bench.report.statistics import Estimate
from lrd_bench.report.tables import Column, Table, render

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HARMFUL = "a|b_c & <script>"


def read(text):
    """(kind of the block, its text) of every block; a picture's is what it shows."""
    tokens = READER.parse(text)
    return [
        (tokens[place - 1].type.removesuffix("_open"), "".join(_said(part) for part in token.children))
        for place, token in enumerate(tokens)
        if token.type == "inline"
    ]


def _said(part):
    assert part.type in ("text", "text_special", "code_inline", "image", "softbreak"), part.type
    return "".join(_said(child) for child in part.children) if part.type == "image" else part.content or "\n"


def table_of(name):
    cell = Estimate(value=0.25, low=0.125, high=0.5)
    columns = (Column("suite"), Column(name), Column("x"))
    return Table(slug="t", title=f"{name}: accuracy", columns=columns, rows=((name, cell, None), ("b", name, 1)))


NAMES = st.text(st.sampled_from("\\`*_[]<>&|~#!$()\n ;:-+.=\"'aÄ1" + string.punctuation), min_size=1)


@given(NAMES)
def test_any_name_is_read_as_it_is_in_headings_and_cells(name):
    heading, *cells = read(render(table_of(f"a{name}a"), "markdown"))
    said = " ".join(f"a{name}a".split())
    assert heading[0] == "heading"
    assert " ".join(heading[1].split()) == f"{said}: accuracy"
    expected = ["suite", said, "x", said, "0.250 [0.125, 0.500]", "·", "b", said, "1"]
    assert [" ".join(text.split()) for _, text in cells] == expected


@given(NAMES)
def test_a_heading_may_end_in_anything(name):
    table = Table(slug="t", title=f"a against a{name}", columns=(Column("x"),), rows=((1,),))
    ((kind, text), *_) = read(render(table, "markdown"))
    assert (kind, " ".join(text.split())) == ("heading", " ".join(f"a against a{name}".split()))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("of lstm_2 and [low, high], 5 % & more", "of lstm_2 and [low, high], 5 % & more"),
        ("Asked: `(a;%b%) < (c;*)` *of* _x_", "Asked: `(a;%b%) < (c;*)` \\*of\\* \\_x\\_"),
        ("<b> [a](b) &lt;", "\\<b> [a\\](b) \\&lt;"),
    ],
)
def test_prose_keeps_its_code_and_escapes_only_what_would_be_markup(text, written):
    assert markdown.prose(text) == written
    assert read(written) == [("paragraph", text.replace("`", ""))]


def report_of(suite, out):
    out.mkdir()
    rows = [*curve({1: 1.0, 4: 0.6}, suite=suite), *curve({1: 1.0, 4: 0.6}, suite=suite, model="x|y *z*")]
    for number, row in enumerate(rows):
        row |= {"attractors": number % 2, "filler": "a|b" if row["group"] < "g2" else "<i>"}
    write_table(frame(*rows), out / "o.parquet")
    write_report([out / "o.parquet"], out=out / "report", compare=("lstm", "x|y *z*"), about=f"Of {suite}.")
    return out / "report"


def test_a_suite_of_a_harmful_name_has_every_table_whole(tmp_path):
    plain, harmful = (
        read((report_of(suite, tmp_path / name) / "report.md").read_text())
        for suite, name in (("a-b-c-and-script", "plain"), (HARMFUL, "harmful"))
    )
    assert [kind for kind, _ in harmful] == [kind for kind, _ in plain]
    assert [text.replace(HARMFUL, "a-b-c-and-script") for _, text in harmful] == [text for _, text in plain]
    assert sum(HARMFUL in text for _, text in harmful) > 10


def test_a_suite_of_a_harmful_name_is_escaped_in_latex_and_on_the_page(tmp_path):
    out = report_of(HARMFUL, tmp_path / "harmful")
    latex = (out / "report.tex").read_text()
    assert r"\caption{a\textbar{}b\_c \& \textless{}script\textgreater{}: accuracy by distance.}" in latex
    assert HARMFUL not in latex.partition("\\section*{Signatures}")[0]
    assert "<script>: acc" not in (out / "report.html").read_text()
