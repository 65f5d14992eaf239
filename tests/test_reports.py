"""The scripts that make what `reports/` shows."""

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.experiment import run_experiment
from lrd_bench.experiment.settings import CorpusSettings, read_experiment, write_experiment
from lrd_bench.outcomes import OUTCOME_COLUMNS, SURPRISAL_COLUMNS, TEXT_COLUMNS, write_table

REPORTS = Path(__file__).parents[1] / "reports"


def script(name: str) -> Any:
    place = importlib.util.spec_from_file_location(name, REPORTS / f"{name}.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    sys.modules[name] = module
    place.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["books", "full", "small-text"])
def test_a_run_is_known_as_one_of_its_experiment_whatever_text_it_brought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    experiment, run = read_experiment(name), Path("runs") / name
    run.mkdir(parents=True)
    brought = {"stimuli": (Path("their/pairs.txt"),)}
    if experiment.corpus is None:
        brought |= {"corpus": CorpusSettings(path=Path("their/text"))}

    def ran(**changed: Any) -> Path:
        (run / "experiment.toml").write_text(
            write_experiment(experiment.model_copy(update=brought | changed), run / "experiment.toml")
        )
        return run

    is_run_of = script("publish").is_run_of
    assert is_run_of(experiment, ran())
    assert not is_run_of(experiment, ran(seeds=(7, 8)))
    assert not is_run_of(experiment, ran(models=experiment.models[:-1]))


TINY = """
name = "tiny"
models = ["ngram-3", "small.toml", "ideal-observer"]
seeds = [0, 1]
[corpus]
grammar = "english-small"
sentences = 400
[[suites]]
name = "agreement-padding"
items = 18
"""
RECIPE = 'family = "recurrent"\n[model]\ncell = "elman"\nhidden = 8\n[train]\nmax_epochs = {epochs}\n'


def test_what_is_published_is_the_finished_run_of_the_recipes_as_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, run, publish = tmp_path / "reports/tiny", tmp_path / "runs/tiny", script("publish").publish
    folder.mkdir(parents=True)
    (folder / "experiment.toml").write_text(TINY)
    (folder / "small.toml").write_text(RECIPE.format(epochs=1))
    with pytest.raises(LrdBenchError, match="no such"):
        publish(folder, run)
    run_experiment(str(folder / "experiment.toml"), out=run)

    def published() -> pd.DataFrame:
        publish(folder, run)
        frame = pd.read_parquet(folder / "outcomes.parquet")
        assert "small" in (folder / "report.md").read_text()
        trained = [("ngram-3", None), ("small", 0), ("small", 1), ("ideal-observer", None)]
        assert [
            (model, None if pd.isna(seed) else seed)
            for model, seed in frame.groupby(["model", "seed"], sort=False, dropna=False).groups
        ] == trained
        return frame

    first = published()
    shutil.rmtree(run / "models/ideal-observer-0")
    (run / "outcomes/small-1.parquet").unlink()
    assert published().equals(first)
    (folder / "small.toml").write_text(RECIPE.format(epochs=2))
    again = published()
    changed = first["run"] != again["run"]
    assert set(first["model"][changed]) == {"small"}
    (folder / "experiment.toml").write_text(TINY.replace("18", "36"))
    with pytest.raises(LrdBenchError, match=r"runs/tiny: is not a run of .*experiment\.toml as it stands"):
        publish(folder, run)
    assert pd.read_parquet(folder / "outcomes.parquet").equals(again)


def write_run(
    folder: Path, correct: dict[str, dict[str, list[float | None]]], unknown: frozenset[str] = frozenset()
) -> None:
    """Of each model the perplexity, and whether its answer to each item of a file of CLAMS was right.

    correct: model → file → its items, as a whole; by one word, all are answered wrongly
    unknown: items of which the wrong sentence holds an unknown word
    """
    rows = [
        (model, f"clams-en-{file}", f"{file}-{item}", prediction, right)
        for model, files in correct.items()
        for file, answers in files.items()
        for item, whole in enumerate(answers)
        for prediction, right in (("(*;%good%) < (*;%bad%)", whole), ("(critical;%good%) < (critical;%bad%)", 0.0))
    ]
    frame = pd.DataFrame(rows, columns=["model", "suite", "item", "prediction", "correct"])
    frame = frame.reindex(columns=list(OUTCOME_COLUMNS)).astype(dict(OUTCOME_COLUMNS))
    frame["suite_version"], frame["method"], frame["group"] = 1, "lm", frame["item"]
    write_table(frame, folder / "outcomes.parquet")
    runs = [(model, seed, 2000 * (6 + seed)) for model in correct for seed in (0, 1)]
    texts = [(model, "abc", seed, "test", "abc", 1, 2000, 0, bits, 0) for model, seed, bits in runs]
    write_table(pd.DataFrame(texts, columns=list(TEXT_COLUMNS)), folder / "perplexity.csv")
    surprisals = [
        ("abc", model, 0, suite, item, condition, region, 9.0, 5, int(holds))
        for model, suite, item, prediction, _ in rows
        for condition in ("good", "bad")
        for region, holds in (("*", condition == "bad" and item in unknown), ("critical", False))
        if prediction[1] == "*"
    ]
    (folder / "surprisals").mkdir()
    for model, of_one in pd.DataFrame(surprisals, columns=list(SURPRISAL_COLUMNS)).groupby("model"):
        write_table(of_one, folder / "surprisals" / f"{model}-0.parquet")


def test_clams_stands_beside_what_was_published(tmp_path: Path) -> None:
    books = script("books")
    of_ngrams: dict[str, list[float | None]] = {file: [1.0, 1.0, 1.0, 0.0, None, 0.0] for file in books.PUBLISHED}
    right: list[float | None] = [1.0, 1.0, 1.0, 1.0, None, 0.0]
    halves: list[float | None] = [0.5, 0.5, 0.5, 0.5, None, 1.0]
    of_lstm = of_ngrams | {"simple_agrmt": right, "vp_coord": right, "subj_rel": halves, "long_vp_coord": [None] * 6}
    unknown = frozenset(f"{file}-5" for file in books.PUBLISHED)  # scored, for the file does not say what decides
    of_elman: dict[str, list[float | None]] = {file: [0.0, 0.0, 0.0, 0.0, None, 0.0] for file in books.PUBLISHED}
    write_run(tmp_path, {"ngram-5": of_ngrams, "elman": of_elman, "lstm": of_lstm}, unknown)
    texts = pd.read_csv(tmp_path / "perplexity.csv")
    texts["bits"] -= 1000 * (texts["model"] == "lstm")  # half a bit a word
    texts.to_csv(tmp_path / "perplexity.csv", index=False)
    books.write_page(tmp_path, tmp_path)
    page = (tmp_path / "README.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]
    assert rows[0] == ["", "asked", "ngram-5", "elman", "lstm", "published"]
    assert rows[2] == ["perplexity", "2,000 words", "90.5", "90.5", "64.0", ""]  # of 6.5 and 6 bits a word
    assert rows[3] == ["simple agreement", "4 of 6 items", "0.75", "0.00", "1.00", "1.00"]
    assert rows[5] == ["long VP coordination", "4 of 6 items", "0.75", "0.00", "–", "0.76"]
    assert "Each number of a network is of 2 trainings." in page
    missed = "simple agreement, short VP coordination, long VP coordination"
    assert f"- ngram-5: modified Kneser-Ney; below the published means in {missed}.\n" in page
    assert "- elman: perplexity 0.0% above ngram-5's; below all of the published means.\n" in page
    of_lstm_said = "below the published means in across a subject relative; not scored: long VP coordination"
    assert f"- lstm: perplexity 29.3% below ngram-5's; {of_lstm_said}.\n" in page


def test_a_file_of_clams_that_was_not_asked_is_named(tmp_path: Path) -> None:
    books = script("books")
    write_run(tmp_path, {"ngram-5": {"simple_agrmt": [1.0]}})
    with pytest.raises(LrdBenchError, match=r"has nothing of clams-en-vp_coord\. Ask all six files with --stimuli"):
        books.write_page(tmp_path, tmp_path)
    with pytest.raises(LrdBenchError, match="cannot be read"):
        books.write_page(tmp_path / "nowhere", tmp_path)
    with pytest.raises(LrdBenchError, match=r"surprisals/ngram-5-0\.parquet: cannot be read as surprisals"):
        books.write_page(tmp_path, tmp_path / "nowhere")
