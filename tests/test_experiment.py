"""The whole way, on so little text that it takes seconds, and what is made again when something changes."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from lrd_bench import catalogue
from lrd_bench.errors import LrdBenchError
from lrd_bench.experiment import run_experiment
from lrd_bench.experiment.estimate import Cost, cost_of, in_words, side_by_side
from lrd_bench.experiment.forecast import forecast
from lrd_bench.experiment.jobs import Job
from lrd_bench.experiment.settings import Experiment, SuiteSettings, read_experiment, write_experiment
from lrd_bench.experiment.stamps import is_made, note_made
from lrd_bench.files import digest_of
from lrd_bench.generate import generate_suite, generate_text
from lrd_bench.models.folder import checkpoint_of
from lrd_bench.models.recipes import RecurrentRecipe, read_recipe
from lrd_bench.outcomes import read_outcomes
from lrd_bench.score import score_items
from lrd_bench.train import train_model
from lrd_bench.train.checkpoint import CheckpointFile
from lrd_bench.vocabulary import build_vocabulary

ELMAN = """
family = "recurrent"
[model]
cell = "elman"
hidden = 8
[train]
max_epochs = {epochs}
"""

TINY = """
name = "tiny"
about = "Whether all steps fit together."
models = ["ngram-3", "small/elman.toml", "ideal-observer"]
seeds = [0, 1]
[corpus]
grammar = "english-small"
sentences = 400
[[suites]]
name = "agreement-padding"
items = 18
[[suites]]
name = "agreement-embedding"
items = {items}
"""


def write_tiny(folder: Path, *, items: int = 18, epochs: int = 1) -> str:
    """An experiment in a folder, and a recipe of its own beside it; returns the path of its file."""
    (folder / "small").mkdir(exist_ok=True)
    if not (folder / "small/elman.toml").exists():
        (folder / "small/elman.toml").write_text(ELMAN.format(epochs=epochs))
    (folder / "tiny.toml").write_text(TINY.format(items=items))
    return str(folder / "tiny.toml")


def dates(run: Path) -> dict[str, int]:
    """When each file of a run was written."""
    files = (path for path in run.rglob("*") if path.is_file())
    return {path.relative_to(run).as_posix(): path.stat().st_mtime_ns for path in files}


ELSEWHERE = """
name = "elsewhere"
models = ["ngram-3"]
stimuli = ["pairs.txt"]
[corpus]
grammar = "english-small"
sentences = 400
[[suites]]
name = "agreement-padding"
items = 18
[report]
by = ["construction"]
"""


def test_stimuli_of_a_flag_are_asked_beside_the_suites_in_place_of_the_experiment_s_own(tmp_path: Path) -> None:
    (tmp_path / "pairs.txt").write_text("True\tthe author laughs\nFalse\tthe author laugh\n")
    (tmp_path / "elsewhere.toml").write_text(ELSEWHERE.replace("pairs", "others"))  # which are not there
    run = run_experiment(
        str(tmp_path / "elsewhere.toml"), out=tmp_path / "run", stimuli=[tmp_path / "pairs.txt"], jobs=1
    )
    outcomes = read_outcomes([run / "outcomes/ngram-3-0.parquet"])
    items = outcomes.groupby("suite", sort=False)["item"].nunique()
    assert (len(items), items.iloc[-1]) == (2, 1)
    assert "pairs" in (run / "report/report.md").read_text()
    before = dates(run)
    run_experiment(str(run / "experiment.toml"), out=run, jobs=1)  # its paths lead there still
    assert dates(run) == before


def test_stimuli_that_are_missing_cost_no_time(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text(ELSEWHERE)
    with pytest.raises(LrdBenchError, match=r"pairs.txt: cannot be read"):
        run_experiment(str(tmp_path / "elsewhere.toml"), out=tmp_path / "run", jobs=1)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("named", ["clams:pairs.txt", "pairs"])
def test_stimuli_whose_format_is_named_are_refused_before_anything_is_made(tmp_path: Path, named: str) -> None:
    (tmp_path / "elsewhere.toml").write_text(ELSEWHERE)
    (tmp_path / "pairs.txt").write_text("True\tthe author laughs\nFalse\tthe author laugh\n")
    (tmp_path / "pairs.text").write_text("the author laughs\n")
    (tmp_path / "pairs.gold").write_text("2\tlaughs\tlaugh\tsing\n")
    with pytest.raises(LrdBenchError, match=r"pairs\S*: an experiment recognises files by their content"):
        run_experiment(
            str(tmp_path / "elsewhere.toml"),
            stimuli=[Path(named.replace("pairs", f"{tmp_path}/pairs"))],
            out=tmp_path / "run",
        )
    assert not (tmp_path / "run").exists()


def test_a_suite_that_is_named_twice_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text(ELSEWHERE)
    for name in ("pairs.txt", "agreement-padding.txt"):
        (tmp_path / name).write_text("True\tthe author laughs\nFalse\tthe author laugh\n")
    ours = generate_suite("agreement-padding", items=18, out=tmp_path / "ours.jsonl").path
    for stimuli in ([tmp_path / "pairs.txt"] * 2, [ours]):
        with pytest.raises(LrdBenchError, match=r"the experiment has a suite .* already"):
            run_experiment(str(tmp_path / "elsewhere.toml"), stimuli=stimuli, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("experiment")
    return run_experiment(write_tiny(folder), out=folder / "run", jobs=1)


# -- a run ---------------------------------------------------------------------------------------------------------


def test_a_run_leaves_every_step_in_its_place(run: Path):
    made = dates(run).keys()
    assert {
        "experiment.toml",
        "text/train.txt",
        "text/grammar.json",
        "vocabulary.tsv",
        "stimuli/agreement-padding.jsonl",
        "stimuli/agreement-embedding.jsonl",
        "models/elman-1/model.safetensors",
        "outcomes/elman-1.parquet",
        "perplexity/elman-1.csv",
        "surprisals/elman-1.parquet",
        "audit.json",
        "report/report.txt",
        "report/report.html",
        "report/accuracy-by-distance.svg",
    } <= made
    assert not [name for name in made if "partial" in name]


def test_only_models_that_take_a_seed_are_trained_with_each(run: Path):
    assert sorted(path.name for path in (run / "models").iterdir()) == [
        "elman-0",
        "elman-1",
        "ideal-observer-0",
        "ngram-3-0",
    ]


def test_the_vocabulary_is_one_for_all_models(run: Path):
    texts = {(run / "models" / name / "vocabulary.tsv").read_bytes() for name in ("elman-0", "elman-1", "ngram-3-0")}
    assert texts == {(run / "vocabulary.tsv").read_bytes()}


def test_a_window_model_scores_exactly_half_beyond_its_reach(run: Path):
    outcomes = read_outcomes([run / "outcomes/ngram-3-0.parquet"])
    beyond = outcomes[(outcomes["needed_context"] > outcomes["context"]) & ~outcomes["prediction"].str.contains("twin")]
    assert len(beyond) >= 18
    assert (beyond.groupby(["suite", "pair"])["correct"].mean() == 0.5).all()


def test_the_grammar_that_wrote_the_text_is_never_wrong(run: Path):
    outcomes = read_outcomes([run / "outcomes/ideal-observer-0.parquet"])
    assert (outcomes["correct"] == 1).all()


def test_the_report_is_of_the_models_that_the_experiment_names(run: Path):
    report = (run / "report/report.txt").read_text()
    assert all(model in report for model in ("ngram-3", "elman", "ideal-observer"))
    assert "suite:agreement-embedding@" in report
    assert report.startswith("Whether all steps fit together.")


def test_the_page_of_a_run_holds_its_items_their_probabilities_its_audit_and_its_settings(run: Path):
    page = (run / "report/report.html").read_text()
    assert "<title>tiny: accuracy by dependency distance</title>" in page
    assert page.count('type="application/octet-stream"') == 2
    assert "probabilities are not" not in page
    assert "No audit was given" not in page
    assert "about = &quot;Whether all steps fit together.&quot;" in page
    surprisals = pd.read_parquet(run / "surprisals/ngram-3-0.parquet")
    outcomes = read_outcomes([run / "outcomes/ngram-3-0.parquet"])
    bits = surprisals.set_index(["suite", "item", "condition"])["surprisal_bits"].unstack()
    plain = outcomes[~outcomes["prediction"].str.contains("twin")].set_index(["suite", "item"])["margin_bits"]
    assert len(bits) == len(plain)
    pd.testing.assert_series_equal(bits["bad"] - bits["good"], plain.loc[bits.index], check_names=False, atol=1e-9)


def test_the_verbs_one_by_one_do_what_run_does(run: Path, tmp_path: Path):
    text = generate_text("english-small", sentences=400, out=tmp_path / "text")
    model = train_model("ngram-3", text, out=tmp_path / "ngram-3-0", on_progress=lambda done, total: None)
    items = tmp_path / "agreement-padding.jsonl"
    generate_suite("agreement-padding", out=items, items=18, vocabulary=model / "vocabulary.tsv", split="english-small")
    alone = score_items(str(model), [items])
    together = read_outcomes([run / "outcomes/ngram-3-0.parquet"])
    together = together[together["suite"] == "agreement-padding"]
    columns = ["run", "item", "prediction", "correct", "margin_bits", "seen"]
    pd.testing.assert_frame_equal(alone[columns].reset_index(drop=True), together[columns].reset_index(drop=True))


def test_the_same_run_again_makes_nothing_and_a_change_what_depends_on_it(run: Path):
    before = dates(run)
    file = str(run.parent / "tiny.toml")
    with pytest.MonkeyPatch.context() as patch:
        counting = ("lrd_bench.audit.count_overlap", "lrd_bench.audit.audit_suites")
        for counted in ("lrd_bench.experiment.steps.build_vocabulary", *counting):
            patch.setattr(counted, lambda *arguments, **settings: pytest.fail("counted again"))
        run_experiment(file, out=run, jobs=1)
    assert dates(run) == before

    run_experiment(write_tiny(run.parent, items=200), out=run, jobs=1)
    after = dates(run)
    changed = {name.partition("/")[0] for name in after if after[name] != before.get(name)}
    assert changed == {
        *("experiment.toml", "stimuli", "inputs.json", "overlap.csv", "audit.json", "outcomes", "surprisals", "report")
    }
    assert after["stimuli/agreement-padding.jsonl"] == before["stimuli/agreement-padding.jsonl"]


def test_an_output_counts_as_made_only_from_the_same_inputs_and_as_it_was_then(tmp_path: Path):
    output = tmp_path / "vocabulary.tsv"
    output.write_text("the\n")
    assert not is_made(output, ["text", 2])
    note_made(output, ["text", 2])
    assert is_made(output, ["text", 2])
    assert not is_made(output, ["text", 3])
    output.write_text("the key\n")
    assert not is_made(output, ["text", 2])
    (tmp_path / "inputs.json").write_text("{")
    assert not is_made(output, ["text", 2])


def test_a_folder_with_another_experiment_is_left_alone(tmp_path: Path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/experiment.toml").write_text('name = "other"\n')
    with pytest.raises(LrdBenchError, match="holds the experiment 'other', not 'tiny'"):
        run_experiment(write_tiny(tmp_path), out=tmp_path / "run")
    assert dates(tmp_path / "run").keys() == {"experiment.toml"}


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/thesis.tex").write_text("")
    with pytest.raises(LrdBenchError, match="holds files that are of no experiment"):
        run_experiment(write_tiny(tmp_path), out=tmp_path / "run")
    assert dates(tmp_path / "run").keys() == {"thesis.tex"}


def test_a_model_that_cannot_be_trained_ends_the_run_with_its_own_message(tmp_path: Path):
    file = write_tiny(tmp_path)
    recipe = tmp_path / "small/elman.toml"
    recipe.write_text(recipe.read_text() + "learning_rate = 1e30\n")
    with pytest.raises(LrdBenchError, match=r"training fails: the loss is .* Lower `learning_rate`"):
        run_experiment(file, out=tmp_path / "run", jobs=1, seeds=[0])
    assert not list(tmp_path.rglob("*.partial"))


def test_what_trainings_say_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = write_tiny(tmp_path)
    (tmp_path / "small/elman.toml").write_text(ELMAN.format(epochs=1) + "max_words = 6\n")
    run_experiment(file, out=tmp_path / "run")
    said = [line for line in capsys.readouterr().err.splitlines() if "left out" in line and "max_words" in line]
    assert len(said) == 1
    assert said[0].startswith("elman: left out ")


def test_an_experiment_of_which_no_model_is_left_is_refused(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(TINY.format(items=18).replace('"ngram-3", "small/elman.toml", ', ""))
    (tmp_path / "text.txt").write_text("the keys are here\n" * 60)
    with pytest.raises(LrdBenchError, match=r"tiny: no model is left: .* Name another model"):
        run_experiment(str(tmp_path / "mine.toml"), out=tmp_path / "run", corpus=tmp_path / "text.txt")
    assert not (tmp_path / "run").exists()


def test_an_unknown_factor_of_the_report_is_found_before_training(tmp_path: Path):
    file = Path(write_tiny(tmp_path))
    file.write_text(file.read_text() + '[report]\nby = ["distance", "nouns_betwen"]\n')
    message = r"tiny: \[report\] by: unknown factor 'nouns_betwen'. Did you mean 'nouns_between'\?"
    with pytest.raises(LrdBenchError, match=message):
        run_experiment(str(file), out=tmp_path / "run", jobs=1)
    assert not (tmp_path / "run/models").exists()


def test_an_interrupted_run_ends_at_once_and_says_how_to_go_on(tmp_path: Path):
    file = write_tiny(tmp_path, epochs=100_000)
    command = [sys.executable, "-m", "lrd_bench", "run", file, "--out", str(tmp_path / "run"), "--jobs", "2"]
    # What a shell runs in the background does not hear Ctrl-C, nor do the tests' own processes then.
    hear = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=hear)
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("run/models/.elman-0.*.partial")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the command
        _, messages = process.communicate(timeout=30)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # 100,000 epochs outlive a test that fails
    assert process.returncode == 130
    assert "run the same command again to go on" in messages
    assert "Traceback" not in messages
    assert not list(tmp_path.rglob("*.partial"))


# -- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", catalogue.names("experiment"))
def test_every_shipped_experiment_names_what_is_shipped(name: str):
    experiment = read_experiment(name)
    assert experiment.name == name
    assert {suite.name for suite in experiment.suites} <= {*catalogue.names("suite")}
    for model in experiment.models:  # a shipped recipe, or one of its own beside it
        assert catalogue.find("model", model).is_relative_to(catalogue.ROOT)
        read_recipe(model)


def test_a_written_experiment_is_read_back_as_it_was(tmp_path: Path):
    experiment = Experiment(
        name="mine",
        models=("lstm", str(tmp_path / "models/my lstm.toml")),
        seeds=(0, 7),
        corpus={"path": tmp_path / "text"},
        suites=(SuiteSettings(name="agreement-pp", items=12), SuiteSettings(name=str(tmp_path / "mine.toml"))),
    )
    (tmp_path / "run").mkdir()
    (tmp_path / "run/experiment.toml").write_text(write_experiment(experiment, tmp_path / "run/experiment.toml"))
    assert "/tmp" not in (tmp_path / "run/experiment.toml").read_text()
    assert read_experiment(str(tmp_path / "run/experiment.toml")) == experiment


def test_paths_in_an_experiment_are_relative_to_its_file(tmp_path: Path):
    assert read_experiment(write_tiny(tmp_path)).models[1] == str(tmp_path / "small/elman.toml")


# -- how long it takes ---------------------------------------------------------------------------------------------


def test_a_free_process_takes_the_next_job():
    nothing = [0.0] * 4
    assert side_by_side([50, 40, 30, 20], 2) - side_by_side(nothing, 2) == pytest.approx(70)
    assert side_by_side([50, 40, 30, 20], 1) - side_by_side(nothing, 1) == pytest.approx(140)


def test_a_network_costs_more_the_more_it_has_to_multiply():
    vocabulary = build_vocabulary([("the", "key", "is", "here")] * 100)
    seconds = [cost_of(read_recipe(model), vocabulary, 0).training_s for model in ("unigram", "elman", "gru", "lstm")]
    assert seconds == sorted(seconds)
    assert cost_of(read_recipe("elman"), vocabulary, 0).trained_words % 500 == 0


def test_tied_word_vectors_cost_by_their_own_size() -> None:
    vocabulary = build_vocabulary([(f"w{number}",) for number in range(1000)], min_count=1)
    settings: dict[str, object] = {"cell": "gru", "hidden": 512, "tied": True}

    def seconds(**model: object) -> float:
        recipe = RecurrentRecipe.model_validate({"family": "recurrent", "model": settings | model})
        return cost_of(recipe, vocabulary, 0).training_s

    assert seconds(embedding=64) < seconds(embedding=64, tied=False) < seconds() == seconds(embedding=512)


def test_a_training_that_was_stopped_is_forecast_with_what_it_has_still_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("lrd_bench.experiment.forecast.slowness", lambda: 1.0)
    vocabulary = tmp_path / "vocabulary.tsv"
    vocabulary.touch()
    job = Job(model="gru", seed=0, corpus=tmp_path, test=tmp_path, stimuli=(), run=tmp_path, max_epochs=None)
    costs = {job: Cost(trained_words=1000, training_s=3600, scoring_s=0)}

    def said() -> str | None:
        return forecast({}, costs, {"gru": read_recipe("gru")}, vocabulary, 1, force=False)

    assert said() == "1 model to train and score: about 60 minutes, items and report included"
    job.folder.parent.mkdir()
    for recipe, minutes in (("gru", 15), ("lstm", 60)):
        inputs = {"recipe": digest_of(read_recipe(recipe).model_dump(mode="json"))}
        CheckpointFile(path=checkpoint_of(job.folder), inputs=inputs, machine={}).write({}, {"at": {"words": 750}})
        assert said() == f"1 model to train and score: about {minutes} minutes, items and report included"
    checkpoint_of(job.folder).write_text("no checkpoint")
    assert said() == "1 model to train and score: about 60 minutes, items and report included"


def test_what_is_made_again_by_force_is_forecast_with_its_training(run: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lrd_bench.experiment.forecast.slowness", lambda: 1.0)
    stimuli = run / "stimuli/agreement-padding.jsonl"
    job = Job(model="ngram-3", seed=0, corpus=run, test=run, stimuli=(stimuli,), run=run, max_epochs=None)
    cost = Cost(trained_words=1, training_s=3600, scoring_s=0)

    def said(*, force: bool) -> str | None:
        recipes = {"ngram-3": read_recipe("ngram-3")}
        return forecast({stimuli: 18}, {job: cost}, recipes, run / "vocabulary.tsv", 1, force=force)

    assert said(force=False) is None
    assert said(force=True) == "1 model to train and score: about 60 minutes, items and report included"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "about 5 seconds"),
        (33, "about 35 seconds"),
        (61, "about 1 minute"),
        (100, "about 1.5 minutes"),
        (1234, "about 21 minutes"),
        (9000, "about 2.5 hours"),
    ],
)
def test_a_duration_is_said_with_as_few_digits_as_it_deserves(seconds: float, said: str):
    assert in_words(seconds) == said


@pytest.mark.parametrize("model", catalogue.names("model"))
def test_every_shipped_model_has_a_cost(model):
    vocabulary = build_vocabulary([["a", "b"]] * 500)
    cost = cost_of(read_recipe(model), vocabulary, 100)
    assert 0 < cost.seconds < 60


def test_an_experiment_has_no_labels_to_learn(tmp_path):
    (tmp_path / "labels.toml").write_text(
        'name = "labels"\nmodels = ["lstm-classifier"]\n[corpus]\ngrammar = "english-small"\n'
        '[[suites]]\nname = "agreement-pp"\n'
    )
    with pytest.raises(LrdBenchError, match="labels: lstm-classifier learns labels, and the text of an experiment has"):
        run_experiment(str(tmp_path / "labels.toml"), out=tmp_path / "run")
