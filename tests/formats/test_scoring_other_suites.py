"""From someone else's file to outcomes and a report, with a model whose answers are known."""

import json

import pytest
from typer.testing import CliRunner

from lrd_bench.cli import app
from lrd_bench.outcomes import read_outcomes
from lrd_bench.report import write_report
from lrd_bench.score import score_items

MODEL = """
from lrd_bench.models.base import LanguageModel


class ByLength(LanguageModel):
    # The longer a word, the less likely; it sees no context.
    context, bidirectional, vocabulary = 0, False, None

    def logprobs(self, sentences, wanted=None, end=False):
        values = [[-float(len(word)) for word in sentence] for sentence in sentences]
        return values if wanted is None else [[row[place] for place in places] for row, places in zip(values, wanted)]

    def next_word(self, prefixes):
        raise NotImplementedError


def model():
    return ByLength()
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The three formats, and `by_length.py` beside them."""
    (tmp_path / "by_length.py").write_text(MODEL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    pair = {"sentence_good": "The nurse has slept.", "sentence_bad": "The nurse have slept.", "one_prefix_method": True}
    prefix = {"one_prefix_prefix": "The nurse", "one_prefix_word_good": "has", "one_prefix_word_bad": "have"}
    same = {"sentence_good": "The nurse has slept.", "sentence_bad": "The nurse has slept."}
    lines = [
        {**pair, **prefix, "UID": "made_up", "pairID": "0", "linguistics_term": "agreement", "field": "syntax"},
        {**pair, **prefix, **same, "one_prefix_word_bad": "has", "UID": "made_up", "pairID": "1"},
    ]
    (tmp_path / "blimp.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    clams = "True\tthe cook sings\nFalse\tthe cook sing\nTrue\tthe cooks sing\nFalse\tthe cooks sings\n"
    (tmp_path / "simple_agrmt.txt").write_text(clams, encoding="utf-8")
    (tmp_path / "Dutch").mkdir()
    gold = (
        "L!NOUN_VERB_VERB!a!b\t4\t0\t5\tVERB\tNumber=Sing\tsings\tsing\tsing\t1\tNOUN\tthe cook with the hats sings\n"
    )
    (tmp_path / "Dutch" / "generated.gold").write_text(gold, encoding="utf-8")
    (tmp_path / "Dutch" / "generated.text").write_text("the cook with the hats lamp . <eos>\n", encoding="utf-8")
    return ["blimp:blimp.jsonl", "simple_agrmt.txt", "gulordava:Dutch/generated"]


def test_other_suites_are_scored_as_their_authors_do_and_as_ours_are(files, tmp_path):
    outcomes = score_items("python:by_length:model", files, out=tmp_path / "outcomes.parquet")
    asked = {
        key: dict(zip(rows["item"], rows["correct"], strict=True))
        for key, rows in outcomes.groupby(["suite", "prediction"])
    }
    whole, critical = "(*;%good%) < (*;%bad%)", "(critical;%good%) < (critical;%bad%)"
    # Shorter words are likelier: has (3) before have (4), sing before sings, and the same sentence is a tie.
    for prediction in (whole, critical):
        assert asked["made_up", prediction] == {"0": 1, "1": 0.5}
        assert asked["clams-simple_agrmt", prediction] == {"1": 0, "2": 1}
    assert asked["gulordava-Dutch", critical] == {"L!NOUN_VERB_VERB!a!b__4__0": 0}


def test_factors_of_other_suites_become_columns(files, tmp_path):
    score_items("python:by_length:model", files, out=tmp_path / "outcomes.csv")
    outcomes = read_outcomes([tmp_path / "outcomes.csv"]).drop_duplicates(["suite", "item"]).set_index("suite")
    assert list(outcomes.loc["made_up", "identical"]) == [False, True]
    assert list(outcomes.loc["clams-simple_agrmt", "distance"]) == [1, 1]
    assert outcomes.loc["clams-simple_agrmt", "pair"].nunique() == 1
    assert outcomes.loc["gulordava-Dutch", "construction"] == "L__NOUN_VERB_VERB"
    assert outcomes.loc["gulordava-Dutch", "distance"] == 4


def test_a_report_is_made_of_other_suites(files, tmp_path):
    score_items("python:by_length:model", files, out=tmp_path / "outcomes.parquet")
    lines = {line.split(" ")[0]: line for line in write_report([tmp_path / "outcomes.parquet"], out=None).splitlines()}
    assert "0.750†‡" in lines["made_up"]  # few groups, and those unknown
    # Twins whose one differing word is beyond the model's window: one half, by the theorem.
    assert "½ exact" in lines["clams-simple_agrmt"]


def test_the_command_takes_a_named_format_and_writes_where_it_writes_for_ours(files, tmp_path):
    result = CliRunner().invoke(app, ["score", "python:by_length:model", *files])
    assert result.exit_code == 0, result.output
    outcomes = read_outcomes([tmp_path / "runs" / "by_length.model" / "outcomes.parquet"])
    assert set(outcomes["suite"]) == {"made_up", "clams-simple_agrmt", "gulordava-Dutch"}


def test_the_command_says_what_is_wrong_with_a_file_and_ends_with_2(files, tmp_path):
    (tmp_path / "broken.txt").write_text("True\tthe cook sings\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["score", "python:by_length:model", "clams:broken.txt"])
    assert (result.exit_code, "broken.txt:1: a True line with no False line" in result.output) == (2, True)
