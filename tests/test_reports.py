"""The scripts that make what `reports/` shows."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.experiment.settings import CorpusSettings, read_experiment, write_experiment
from lrd_bench.models.recipes import read_recipe
from lrd_bench.outcomes import OUTCOME_COLUMNS, TEXT_COLUMNS, write_table

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


def test_a_run_that_is_not_finished_or_of_another_recipe_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    publish = script("publish")
    experiment, run = read_experiment("full"), Path("runs/full")
    run.mkdir(parents=True)
    (run / "experiment.toml").write_text(write_experiment(experiment, run / "experiment.toml"))

    def write_recipe(name: str, seed: int, **changed: Any) -> None:
        folder = run / "models" / f"{name}-{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(json.dumps(read_recipe(name).model_dump(mode="json") | changed))

    for model in experiment.models:
        for seed in experiment.seeds:
            write_recipe(model, seed)
    with pytest.raises(
        LrdBenchError, match=r"outcomes/ngram-3-0\.parquet: cannot be read as outcomes \(no such file\)"
    ):
        publish.publish("full")
    write_recipe("ngram-5", 0, model={"order": 4})
    with pytest.raises(LrdBenchError, match=r"ngram-5-0/recipe\.json: is not ngram-5 as it stands"):
        publish.publish("full")
    write_recipe("ngram-5", 0)
    shutil.rmtree(run / "models/lstm-4")
    with pytest.raises(LrdBenchError, match=r"lstm-4/recipe\.json: is not lstm as it stands"):
        publish.publish("full")


def write_run(folder: Path, correct: dict[str, dict[str, list[float | None]]]) -> None:
    """Of each model the perplexity, and whether its answer to each item of a file of CLAMS was right.

    correct: model → file → its items, as a whole; by one word, all are answered wrongly
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


def test_clams_stands_beside_what_was_published(tmp_path: Path) -> None:
    books = script("books")
    of_gru: dict[str, list[float | None]] = {file: [1.0, 1.0, 1.0, 0.0, None] for file in books.PUBLISHED}
    of_lstm = of_gru | {"simple_agrmt": [1.0], "vp_coord": [1.0], "subj_rel": [0.5, 0.5], "long_vp_coord": [None]}
    write_run(tmp_path, {"gru": of_gru, "lstm": of_lstm})
    books.write_page(tmp_path)
    page = (tmp_path / "README.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]
    assert rows[0] == ["", "asked", "gru", "lstm", "published"]
    assert rows[2] == ["perplexity", "2,000 words", "96.0", "96.0", ""]  # the mean of 64 and 128
    assert rows[3] == ["simple agreement", "4 of 5 items", "0.75", "1.00", "1.00"]
    assert rows[5] == ["long VP coordination", "4 of 5 items", "0.75", "–", "0.76"]
    missed = "simple agreement, short VP coordination, long VP coordination"
    assert f"- gru: below the published means in {missed}.\n" in page
    assert "- lstm: below the published means in long VP coordination, across a subject relative.\n" in page


def test_a_file_of_clams_that_was_not_asked_is_named(tmp_path: Path) -> None:
    books = script("books")
    write_run(tmp_path, {"gru": {"simple_agrmt": [1.0]}})
    with pytest.raises(LrdBenchError, match=r"has nothing of clams-en-vp_coord\. Ask all six files with --stimuli"):
        books.write_page(tmp_path)
    with pytest.raises(LrdBenchError, match="cannot be read"):
        books.write_page(tmp_path / "nowhere")
