"""From a suite to sentences, by any tool to surprisals, and back: the loop of docs/formats.md."""

import csv
import math
import re
import runpy
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from lrd_bench.cli import app
from lrd_bench.errors import LrdBenchError
from lrd_bench.formats import read_stimuli
from lrd_bench.formats.sentences import sentence_lines
from lrd_bench.items import Item, Sentence, Suite
from lrd_bench.outcomes import read_outcomes
from lrd_bench.suite_files import write_suite

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
SECTION = PAGE[PAGE.index("## Surprisals computed elsewhere") :]

QUOTES = Suite(
    name="quotes",
    version=1,
    predictions=("(*;%good%) < (*;%bad%)",),
    items=(
        Item(
            id="007",
            sentences={
                "bad": Sentence(tokens=('"', "She", "sleep", ',"', "he", "said", "."), regions={}),
                "good": Sentence(
                    tokens=('"', "She", "sleeps", ',"', "he", "said", "."), regions={}, text='"She sleeps," he said.'
                ),
            },
        ),
    ),
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_suite(QUOTES, tmp_path / "quotes.jsonl")
    return tmp_path


def command(line: str) -> str:
    result = CliRunner().invoke(app, line.split()[1:])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("here")
def test_every_sentence_has_a_line_with_its_keys_that_csv_readers_understand():
    suite, lines = sentence_lines("quotes.jsonl")
    assert suite.name == "quotes"
    assert list(csv.DictReader(lines, delimiter="\t")) == [
        {
            "suite": "quotes",
            "item": "007",
            "condition": "bad",
            "sentence_id": "1",
            "sentence": '" She sleep ," he said .',
            "text": '" She sleep ," he said .',
        },
        {
            "suite": "quotes",
            "item": "007",
            "condition": "good",
            "sentence_id": "2",
            "sentence": '" She sleeps ," he said .',
            "text": '"She sleeps," he said.',
        },
    ]


def test_the_command_writes_a_table_and_leaves_another_file_alone(here):
    output = command("lrd-bench convert quotes.jsonl --to text")
    assert "wrote runs/quotes.text.tsv: 2 sentences" in output
    table = pd.read_csv(here / "runs/quotes.text.tsv", sep="\t", dtype=str)
    assert table["sentence"].tolist() == [" ".join(s.tokens) for s in QUOTES.items[0].sentences.values()]
    first = (here / "runs/quotes.text.tsv").read_bytes()
    command("lrd-bench convert quotes.jsonl --to text")
    assert (here / "runs/quotes.text.tsv").read_bytes() == first
    (here / "mine.tsv").write_text("mine\n")
    refused = CliRunner().invoke(app, ["convert", "quotes.jsonl", "--to", "text", "--out", "mine.tsv"])
    assert (refused.exit_code, (here / "mine.tsv").read_text()) == (2, "mine\n")
    assert "mine.tsv: exists and is another file" in refused.output


def test_what_csv_and_pandas_write_of_quotation_marks_comes_back(here):
    command("lrd-bench convert quotes.jsonl --to text --out asked.tsv")
    table = pd.read_csv("asked.tsv", sep="\t", dtype=str)
    rows = [
        {"sentence_id": number, "token_id": at, "token": word, "logprob": -len(word) * math.log(2)}
        for number, sentence in zip(table["sentence_id"], table["sentence"], strict=True)
        for at, word in enumerate(sentence.split(" "), start=1)
    ]
    for name, separator in (("a.csv", ","), ("a.tsv", "\t")):
        pd.DataFrame(rows).to_csv(name, sep=separator, index=False)
        command(f"lrd-bench score surprisals:{name} quotes.jsonl --out {name}.parquet")
        assert read_outcomes([here / f"{name}.parquet"])["margin_bits"].tolist() == pytest.approx([-1])


@pytest.mark.usefixtures("here")
def test_what_is_no_file_of_items_is_refused():
    Path("text.txt").write_text("the keys are here .\n")
    with pytest.raises(LrdBenchError, match=r"text\.txt: is of no format that we know"):
        sentence_lines("text.txt")


def test_the_loop_of_the_page_is_run_as_it_stands_there(here):
    commands = [line.partition("#")[0].strip() for line in re.search(r"```sh\n(.*?)```", SECTION, re.S)[1].splitlines()]
    script = re.search(r"```python\n(.*?)```", SECTION, re.S)[1]
    (here / "bigram.py").write_text(script, encoding="utf-8")
    assert sum(line.startswith("lrd-bench") for line in commands) == 4
    for line in commands:
        if line.startswith("python"):
            # A text that shows some of the answers, so that the model prefers some verbs after some nouns.
            shown = [item.sentences["good"].tokens for item in read_stimuli("runs/agreement-pp.jsonl").items[::3]]
            (here / "train.txt").write_text("".join(f"{' '.join(words)}\n" for words in shown))
            runpy.run_path(line.split()[1])
        else:
            command(line.replace("generate agreement-pp", "generate agreement-pp --items 240"))

    outcomes = read_outcomes([here / "bigram.outcomes.parquet"])
    assert set(outcomes["model"]) == {"bigram"}
    assert outcomes["correct"].notna().all()
    # A bigram model sees no cue that is two words away or more: of each pair it gets one right, or two halves.
    plain = outcomes[outcomes["prediction"] == "(critical;%good%) < (critical;%bad%)"]
    assert set(plain.groupby("pair")["correct"].sum()) == {1.0}
    assert plain["margin_bits"].abs().max() > 0.1

    # One margin by hand, from the text itself.
    words = [["<s>", *line.split()] for line in (here / "train.txt").read_text().splitlines()]
    suite = read_stimuli("runs/agreement-pp.jsonl")
    good, bad = (suite.items[0].sentences[name] for name in ("good", "bad"))
    place = good.regions["critical"].start
    counts = [
        sum(pair == (sentence.tokens[place - 1], sentence.tokens[place]) for w in words for pair in pairwise(w))
        for sentence in (good, bad)
    ]
    margin = math.log2(counts[0] + 1) - math.log2(counts[1] + 1)
    assert plain.set_index("item").loc[suite.items[0].id, "margin_bits"] == pytest.approx(margin)
