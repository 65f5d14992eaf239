"""From a suite to labelled sentences, a small network that learns them, and its judgements of the suite."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from lrd_bench.formats.labels import label_sentences, write_labels
from lrd_bench.generate import generate_suite
from lrd_bench.report import write_report
from lrd_bench.score import score_items
from lrd_bench.suite_files import read_suite, write_suite
from lrd_bench.train import train_model
from lrd_bench.train.labelled import open_labelled
from lrd_bench.vocabulary import build_vocabulary

TRAIN = "[train]\nlearning_rate = 0.01\nbatch_size = 8\nmax_epochs = {}\n"
GRU = 'family = "recurrent"\ntask = "{}"\n[model]\ncell = "gru"\nhidden = 16\ndropout = 0.0\n' + TRAIN
BOTH_ENDS = 'family = "bidirectional"\ntask = "{}"\n[model]\ncell = "gru"\nhidden = 8\ndropout = 0.0\n' + TRAIN
WINDOW = (
    'family = "feedforward"\ntask = "classification"\n[model]\ncontext = 3\nembedding = 8\nhidden = 16\n'
    + TRAIN.format(1)
)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Items of agreement across up to eight words of padding."""
    folder = tmp_path_factory.mktemp("suite")
    made = read_suite(generate_suite("agreement-padding", out=folder / "all.jsonl", items=180).path)
    short = tuple(item for item in made.items if (item.distance or 0) <= 8)
    write_suite(replace(made, items=short, source={}), folder / "agreement-padding.jsonl")
    return folder / "agreement-padding.jsonl"


def judged(folder: Path, suite: Path, to: str, recipe: str) -> pd.DataFrame:
    """The outcomes of a network trained on the suite's own labels; a report of them lies beside."""
    labels = folder / f"{to}.tsv"
    write_labels(label_sentences(str(suite), to), labels)
    (folder / "judge.toml").write_text(recipe)
    words = folder / "every-word.tsv"
    corpus = open_labelled(labels, every_word=to == "number-tags")
    build_vocabulary(words for split in ("train", "valid", "test") for words in corpus.sentences(split)).write(words)
    model = train_model(str(folder / "judge.toml"), labels, out=folder / "judge", vocabulary=words, threads=1)
    outcomes = score_items(str(model), [suite], out=folder / "outcomes.parquet")
    assert set(outcomes["method"]) == {"judge"}
    return outcomes[outcomes["prediction"] == outcomes["prediction"].iloc[0]]


@pytest.mark.parametrize(
    ("to", "recipe"),
    [
        ("number", GRU.format("classification", 20)),
        ("number", BOTH_ENDS.format("classification", 20)),
        ("number-tags", GRU.format("tagging", 20)),
        ("number-tags", BOTH_ENDS.format("tagging", 20)),
    ],
    ids=["classifier", "classifier-from-both-ends", "tagger", "tagger-from-both-ends"],
)
def test_a_network_that_learns_the_number_of_the_verb_to_come_judges_the_suite(tmp_path, suite, to, recipe):
    outcomes = judged(tmp_path, suite, to, recipe)
    assert outcomes["reason"].isna().all()
    near = outcomes[outcomes["distance"] <= 4]
    assert near["correct"].astype(float).mean() > 0.9
    report = write_report([tmp_path / "outcomes.parquet"], out=None)
    table = report[report.index("agreement-padding: accuracy by distance") :].split("\n\n")[1]
    assert [line.split()[0] for line in table.splitlines()[2:6]] == ["1", "2", "4", "8"]
    assert "judge (judge)" in report


def test_a_classifier_that_does_not_see_the_cue_is_right_on_just_one_of_each_pair(tmp_path, suite):
    outcomes = judged(tmp_path, suite, "number", WINDOW)
    assert set(outcomes["context"]) == {3}
    blind = outcomes[outcomes["needed_context"] > 3]
    assert set(blind["distance"]) == {4, 8}
    pairs = blind.groupby("pair")
    assert set(pairs["correct"].sum()) == {1}
    assert set(pairs["margin_bits"].sum()) == {0}
    # Report puts the theorem's number beside the measured one.
    assert "0.500 = ½" in write_report([tmp_path / "outcomes.parquet"], out=None)


def test_a_classifier_of_whole_sentences_that_does_not_see_the_cue_is_right_on_just_one_of_each_pair(tmp_path, suite):
    outcomes = judged(tmp_path, suite, "acceptability", WINDOW)
    pairs = outcomes[outcomes["needed_context"] > 3].groupby("pair")
    assert set(pairs["correct"].sum()) == {1}


def test_a_network_that_learns_what_is_acceptable_judges_the_suite(tmp_path, suite):
    outcomes = judged(tmp_path, suite, "acceptability", GRU.format("classification", 30))
    labels = json.loads((tmp_path / "judge/metrics.json").read_text())["labels"]
    assert list(labels["confusion"]) == ["acceptable", "unacceptable"]
    assert outcomes[outcomes["distance"] <= 2]["correct"].astype(float).mean() > 0.9
    assert "judge (judge)" in write_report([tmp_path / "outcomes.parquet"], out=None)
