import gzip
import json
from pathlib import Path

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats import FORMATS, read_stimuli
from lrd_bench.items import Item, Sentence, Span, Suite
from lrd_bench.listing import describe, entries
from lrd_bench.suite_files import write_suite

OURS = Suite(
    name="agreement-pp",
    version=1,
    predictions=("(critical;%good%) < (critical;%bad%)",),
    items=(
        Item(
            id="1",
            sentences={
                "good": Sentence(tokens=("cats", "sleep"), regions={"critical": Span(1, 2)}),
                "bad": Sentence(tokens=("cats", "sleeps"), regions={"critical": Span(1, 2)}),
            },
        ),
    ),
)
BLIMP = json.dumps({"sentence_good": "Ann left.", "sentence_bad": "Ann leave.", "UID": "made_up", "pairID": "0"}) + "\n"
CLAMS = "True\tthe cook sings\nFalse\tthe cook sing\n"
SYNTAXGYM = {
    "meta": {"name": "agreement", "metric": "sum"},
    "region_meta": {"1": "subject", "2": "verb"},
    "predictions": [{"type": "formula", "formula": "(2;%good%) < (2;%bad%)"}],
    "items": [
        {
            "item_number": 1,
            "conditions": [
                {
                    "condition_name": name,
                    "regions": [{"region_number": 1, "content": "cats"}, {"region_number": 2, "content": verb}],
                }
                for name, verb in (("good", "sleep"), ("bad", "sleeps"))
            ],
        }
    ],
}
GOLD = "R!VERB_NOUN!x!y\t4\t0\t2\tVERB\tNumber=Sing\tsings\tsing\tsing\t1\tNOUN\tthe cook sings\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a file of each format, in which we stand."""
    monkeypatch.chdir(tmp_path)
    write_suite(OURS, tmp_path / "ours.jsonl")
    (tmp_path / "blimp.jsonl").write_text(BLIMP, encoding="utf-8")
    (tmp_path / "clams.txt").write_text(CLAMS, encoding="utf-8")
    (tmp_path / "syntaxgym.json").write_text(json.dumps(SYNTAXGYM, indent=2), encoding="utf-8")
    (tmp_path / "Dutch").mkdir()
    (tmp_path / "Dutch" / "generated.gold").write_text(GOLD, encoding="utf-8")
    (tmp_path / "Dutch" / "generated.text").write_text("the cook lamp . <eos>\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "suite"),
    [
        ("ours.jsonl", "agreement-pp"),
        ("blimp.jsonl", "made_up"),
        ("clams.txt", "clams-clams"),
        ("syntaxgym.json", "agreement"),
        ("Dutch/generated.gold", "gulordava-Dutch"),
        ("Dutch/generated.text", "gulordava-Dutch"),
        ("Dutch/generated", "gulordava-Dutch"),
        ("Dutch", "gulordava-Dutch"),
    ],
)
def test_a_file_is_recognised_by_its_content(here, file, suite):
    assert read_stimuli(file).name == suite
    assert read_stimuli(here / file).name == suite


@pytest.mark.parametrize(
    ("stimuli", "suite"),
    [
        ("jsonl:ours.jsonl", "agreement-pp"),
        ("blimp:blimp.jsonl", "made_up"),
        ("clams:clams.txt", "clams-clams"),
        ("syntaxgym:syntaxgym.json", "agreement"),
        ("gulordava:Dutch", "gulordava-Dutch"),
        ("gulordava:Dutch/generated", "gulordava-Dutch"),
    ],
)
def test_a_format_can_be_named(here, stimuli, suite):
    assert read_stimuli(stimuli).name == suite


def test_every_format_of_the_list_can_be_named(here):
    for name in FORMATS:
        with pytest.raises(LrdBenchError, match=r"none\S*: (cannot be read|is missing)"):
            read_stimuli(f"{name}:none")


def test_a_named_format_finds_the_home_folder(here, monkeypatch):
    monkeypatch.setenv("HOME", str(here))
    assert read_stimuli("blimp:~/blimp.jsonl").name == "made_up"


def test_the_name_of_a_file_says_nothing_of_its_format(here):
    (here / "renamed.dat").write_bytes(gzip.compress(b"\r\n" + BLIMP.encode()))
    assert read_stimuli("renamed.dat").name == "made_up"


def test_our_own_items_may_be_packed_too(here):
    (here / "packed.jsonl.gz").write_bytes(gzip.compress((here / "ours.jsonl").read_bytes()))
    assert read_stimuli("packed.jsonl.gz") == read_stimuli("jsonl:packed.jsonl.gz") == OURS


@pytest.mark.parametrize("name", ["blimp:clams.txt", "C:clams.txt", "old:new.txt"])
def test_a_colon_in_the_name_of_a_file_that_is_there_names_no_format(here, name):
    (here / name).write_text(CLAMS, encoding="utf-8")
    assert len(read_stimuli(name).items) == 1


@pytest.mark.parametrize("path", [r"C:\items\a.jsonl", "./old:new.jsonl", "a/b:c.jsonl", "none.jsonl", "v1.2:a"])
def test_a_path_that_is_not_there_is_no_unknown_format(here, path):
    with pytest.raises(LrdBenchError, match="cannot be read"):
        read_stimuli(path)


def test_an_unknown_format_is_told_from_the_known_ones(here):
    with pytest.raises(LrdBenchError, match=r"unknown format 'blmp'\. Did you mean 'blimp'"):
        read_stimuli("blmp:blimp.jsonl")
    with pytest.raises(LrdBenchError, match="Known: blimp, clams, gulordava, jsonl, syntaxgym"):
        read_stimuli("xyz:blimp.jsonl")


@pytest.mark.parametrize("content", ['{"name": "x"}', "the cook sings .\n", "sentence\tverb\n", "1\n"])
def test_content_of_no_known_format_is_refused_with_the_known_ones(here, content):
    (here / "some.txt").write_text(content, encoding="utf-8")
    with pytest.raises(LrdBenchError) as error:
        read_stimuli("some.txt")
    assert "some.txt: is of no format that we know" in str(error.value)
    assert all(name in str(error.value) for name in FORMATS)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"sentence_good": "Ann left."}', "a.jsonl:1: lacks 'sentence_bad'"),
        ("a.jsonl", '{"suite": "agreement-pp", "id": "1"}', "a.jsonl:1: not an item"),
        ("a.json", '{"meta": {"name": "x"}}', "a.json: is not a SyntaxGym suite: its 'region_meta' is missing"),
        ("a.txt", "True the cook sings\n", "a.txt:1: has 1 field(s)"),
        ("a.gold", "9\tsings\tsing\t0\n", "a.text: is missing"),
        ("a.text", "the cook sings . <eos>\n", "a.gold: is missing"),
        ("a.eval", "2\n", "a.text: is missing"),
        ("a.jsonl", " \n", "a.jsonl: is empty"),
    ],
)
def test_what_is_broken_in_the_first_line_is_said_by_the_reader_of_its_format(here, name, content, message):
    (here / name).write_text(content, encoding="utf-8")
    with pytest.raises(LrdBenchError) as error:
        read_stimuli(name)
    assert message in str(error.value)


def test_a_folder_without_a_set_is_refused(here):
    with pytest.raises(LrdBenchError, match="is a folder"):
        read_stimuli(here)


def test_a_packed_file_that_is_cut_is_refused(here):
    (here / "cut.gz").write_bytes(gzip.compress(BLIMP.encode())[:-9])
    with pytest.raises(LrdBenchError, match="cannot be read"):
        read_stimuli("cut.gz")


def test_formats_are_listed():
    listed = [entry.name for entry in entries("formats")]
    assert listed[:5] == ["jsonl", "blimp", "clams", "gulordava", "syntaxgym"]
    assert listed[5:] == ["conllu", "number", "number-tags", "acceptability", "text", "surprisals", "arpa"]
    assert describe("clams").startswith("format clams: CLAMS")


def test_every_format_has_a_row_on_its_page():
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
    assert all(f"| `{name}` | " in page for name in FORMATS)
