"""`train_model` from the outside: one entry point for all families."""

import itertools
import json
import math
import random
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import torch

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.opening import open_model
from lrd_bench.pcfg import Alternative, Pcfg
from lrd_bench.train import train_model
from lrd_bench.train.batches import Share
from lrd_bench.train.families import train_family
from lrd_bench.train.inputs import read_inputs
from lrd_bench.vocabulary import build_vocabulary, read_vocabulary

GRAMMAR = Pcfg(
    start="S",
    rules={
        "S": (Alternative(1, ("the", "SG", "PP", "is", "END")), Alternative(1, ("the", "PL", "PP", "are", "END"))),
        "SG": (Alternative(1, ("key",)), Alternative(1, ("box",))),
        "PL": (Alternative(1, ("keys",)), Alternative(1, ("boxes",))),
        "PP": (Alternative(2, ()), Alternative(3, ("near", "the", "NOUN", "PP"))),
        "NOUN": (Alternative(1, ("SG",)), Alternative(1, ("PL",))),
        "END": (Alternative(1, ("here",)), Alternative(1, ("lost",))),
    },
)
NETWORKS = {
    "elman": 'family = "recurrent"\n[model]\ncell = "elman"\nhidden = 16',
    "gru": 'family = "recurrent"\n[model]\ncell = "gru"\nhidden = 16',
    "lstm": 'family = "recurrent"\n[model]\ncell = "lstm"\nhidden = 16\nlayers = 2',
    "min-gru": 'family = "recurrent"\n[model]\ncell = "min-gru"\nhidden = 16\nlayers = 2\nresidual = true',
    "transformer": 'family = "transformer"\n[model]\nhidden = 16\nlayers = 1',
    "blank": 'family = "bidirectional"\n[model]\ncell = "gru"\nhidden = 16',
    "feedforward": 'family = "feedforward"\n[model]\nembedding = 8\nhidden = 16',
}
TRAIN = "\n[train]\nlearning_rate = 0.01\nbatch_size = 8\nmax_epochs = 2\n"
COUNTED = {
    "trigram": 'family = "ngram"\n[model]\norder = 3\n',
    "uniform": 'family = "uniform"\n',
    "unigram": 'family = "unigram"\n',
    "ideal-observer": 'family = "ideal-observer"\n',
}
RECIPES = {name: text + TRAIN for name, text in NETWORKS.items()} | COUNTED


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("text")
    rng = random.Random(0)
    for split, sentences in (("train", 300), ("valid", 60), ("test", 60)):
        lines = [" ".join(GRAMMAR.sample(rng)) + "\n" for _ in range(sentences)]
        (folder / f"{split}.txt").write_text("".join(lines))
    GRAMMAR.write(folder / "grammar.json")
    return folder


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("recipes")
    paths = {name: folder / f"{name}.toml" for name in RECIPES}
    for name, path in paths.items():
        path.write_text(RECIPES[name])
    return {name: str(path) for name, path in paths.items()}


def read_json(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text())
    return value


def log_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("name", RECIPES)
def test_every_family_becomes_a_folder_that_opens(tmp_path: Path, corpus: Path, recipes: Any, name: str) -> None:
    folder = train_model(recipes[name], corpus, out=tmp_path / "model", seed=3)
    opened = open_model(str(folder))
    assert (opened.name, opened.seed) == (name, 3 if name in NETWORKS else None)
    metrics = read_json(folder / "metrics.json")
    end = name != "blank"
    assert metrics["words"] == sum(len(line.split()) + end for line in (corpus / "train.txt").read_text().splitlines())
    valid = [line.split() for line in (corpus / "valid.txt").read_text().splitlines()]
    scores = list(itertools.chain(*opened.model.logprobs(valid, end=end)))
    assert metrics["valid_loss_nats"] == pytest.approx(-sum(scores) / len(scores), rel=1e-5)
    expected = math.exp(metrics["valid_loss_nats"]) if end else None
    assert metrics["valid_perplexity"] == pytest.approx(expected)


@pytest.mark.parametrize("name", NETWORKS)
def test_training_lowers_the_validation_loss(tmp_path: Path, corpus: Path, recipes: Any, name: str) -> None:
    folder = train_model(recipes[name], corpus, out=tmp_path / "model")
    uniform = train_model(recipes["uniform"], corpus, out=tmp_path / "uniform")
    first, second = (epoch["valid_loss_nats"] for epoch in log_of(folder))
    assert second < first < read_json(uniform / "metrics.json")["valid_loss_nats"]
    assert read_json(folder / "metrics.json")["valid_loss_nats"] == second


def test_no_family_is_better_than_the_grammar(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    losses = {
        name: read_json(train_model(recipe, corpus, out=tmp_path / name) / "metrics.json")["valid_loss_nats"]
        for name, recipe in recipes.items()
        if name != "blank"  # which sees what comes after
    }
    assert min(losses, key=losses.__getitem__) == "ideal-observer"


@pytest.mark.parametrize("name", RECIPES)
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, corpus: Path, recipes: Any, name: str) -> None:
    one = train_model(recipes[name], corpus, out=tmp_path / "one", seed=1)
    torch.rand(5)  # whatever else drew from torch's own generator
    other = train_model(recipes[name], corpus, out=tmp_path / "other", seed=1)
    assert sorted(file.name for file in one.iterdir()) == sorted(file.name for file in other.iterdir())
    for file in one.iterdir():
        if file.name != "manifest.json":
            assert file.read_bytes() == (other / file.name).read_bytes()


@pytest.mark.parametrize("name", NETWORKS)
def test_another_seed_gives_other_weights_of_the_same_model(
    tmp_path: Path, corpus: Path, recipes: Any, name: str
) -> None:
    folders = [train_model(recipes[name], corpus, out=tmp_path / str(seed), seed=seed) for seed in (1, 2)]
    one, other = ((folder / "model.safetensors").read_bytes() for folder in folders)
    assert one != other
    assert len({open_model(str(folder)).digest for folder in folders}) == 1


def test_training_leaves_torch_s_generator_and_threads_alone(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    torch.manual_seed(5)
    expected, threads = torch.rand(3), torch.get_num_threads()
    torch.manual_seed(5)
    train_model(recipes["gru"], corpus, out=tmp_path / "gru", threads=1)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads


def test_the_same_inputs_leave_nothing_to_do(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    folder = train_model(recipes["elman"], corpus, out=tmp_path / "elman")
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    calls: list[int] = []
    train_model(recipes["elman"], corpus, out=folder, on_progress=lambda done, total: calls.append(done))
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    assert calls == []


def test_a_model_of_other_inputs_is_replaced_only_by_force(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    folder = train_model(recipes["elman"], corpus, out=tmp_path / "model", seed=1)
    before = (folder / "model.safetensors").read_bytes()
    with pytest.raises(LrdBenchError, match="exists and was made from other inputs"):
        train_model(recipes["elman"], corpus, out=folder, seed=2)
    assert (folder / "model.safetensors").read_bytes() == before
    train_model(recipes["elman"], corpus, out=folder, seed=2, force=True)
    assert (folder / "model.safetensors").read_bytes() != before


def test_a_folder_with_other_things_is_never_replaced(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(LrdBenchError, match="is there and is not a model folder"):
        train_model(recipes["uniform"], corpus, out=tmp_path, force=True)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_model_folder_with_files_of_others_is_not_replaced(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    folder = train_model(recipes["uniform"], corpus, out=tmp_path / "model")
    (folder / "outcomes.parquet").write_text("scored for hours")
    (folder / "test.perplexity.csv").write_text("and this")
    with pytest.raises(LrdBenchError, match=r"holds outcomes\.parquet, test\.perplexity\.csv, .* Move them away first"):
        train_model(recipes["unigram"], corpus, out=folder, force=True)
    assert (folder / "outcomes.parquet").read_text() == "scored for hours"
    assert train_model(recipes["uniform"], corpus, out=folder) == folder  # nothing to do


def test_an_error_of_training_names_the_model(tmp_path: Path, corpus: Path) -> None:
    (tmp_path / "wild.toml").write_text(NETWORKS["gru"] + "\n[train]\nlearning_rate = 1e30\n")
    with pytest.raises(LrdBenchError, match=r"^wild: training fails: the loss is "):
        train_model(str(tmp_path / "wild.toml"), corpus, out=tmp_path / "model")


def test_discounts_that_fell_back_are_in_the_metrics(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    fell_back = {
        name: read_json(train_model(recipes[name], corpus, out=tmp_path / name) / "metrics.json")["discounts_fell_back"]
        for name in ("trigram", "unigram", "gru")
    }
    # The corpus has 14 words, and none of them after one or two different words only.
    assert 1 in fell_back["trigram"]
    assert fell_back["unigram"] is fell_back["gru"] is None


def test_an_empty_folder_is_filled(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    (tmp_path / "model").mkdir()
    assert (train_model(recipes["uniform"], corpus, out=tmp_path / "model") / "manifest.json").is_file()


def test_interrupted_training_leaves_nothing_behind(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_model(recipes["lstm"], corpus, out=tmp_path / "runs" / "lstm", on_progress=interrupt)
    assert list((tmp_path / "runs").iterdir()) == []


def test_progress_grows_to_the_end(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    for name in ("gru", "trigram"):
        calls: list[tuple[int, int]] = []
        folder = train_model(
            recipes[name], corpus, out=tmp_path / name, on_progress=lambda *call, calls=calls: calls.append(call)
        )
        words = read_json(folder / "metrics.json")["words"] * max(1, len(log_of(folder)))
        done, totals = zip(*calls, strict=True)
        assert list(done) == sorted(done)
        assert done[-1] == words
        assert set(totals) == {words}


def test_a_given_vocabulary_is_the_model_s(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    few = build_vocabulary([["the", "keys", "are", "here"]])
    few.write(tmp_path / "few.tsv")
    folder = train_model(recipes["unigram"], corpus, out=tmp_path / "model", vocabulary=tmp_path / "few.tsv")
    assert read_vocabulary(folder / "vocabulary.tsv") == few


def test_a_rare_word_becomes_unknown_where_no_vocabulary_is_given(tmp_path: Path, recipes: Any) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the keys are here\n" * 40 + "the wombat is here\n")
    folder = train_model(recipes["unigram"], text, out=tmp_path / "model")
    vocabulary = read_vocabulary(folder / "vocabulary.tsv")
    assert "keys" in vocabulary
    assert "wombat" not in vocabulary


def test_sentences_that_are_too_long_are_left_out_and_counted(tmp_path: Path, corpus: Path) -> None:
    recipe = tmp_path / "short.toml"
    recipe.write_text(RECIPES["gru"] + "max_words = 5\n")
    folder = train_model(str(recipe), corpus, out=tmp_path / "model")
    lengths = [len(line.split()) for line in (corpus / "train.txt").read_text().splitlines()]
    metrics = read_json(folder / "metrics.json")
    assert metrics["sentences_dropped"] == sum(length > 5 for length in lengths) > 0
    assert metrics["words"] == sum(length + 1 for length in lengths if length <= 5)


def test_a_text_of_nothing_but_long_sentences_is_refused(tmp_path: Path, corpus: Path) -> None:
    recipe = tmp_path / "short.toml"
    recipe.write_text(RECIPES["gru"] + "max_words = 1\n")
    with pytest.raises(LrdBenchError, match="every sentence has more than 1 words"):
        train_model(str(recipe), corpus, out=tmp_path / "model")


def test_the_ideal_observer_needs_the_grammar_of_its_text(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    for split in ("train", "valid", "test"):
        (tmp_path / f"{split}.txt").write_text((corpus / f"{split}.txt").read_text())
    with pytest.raises(LrdBenchError, match=r"has no grammar\.json, and the ideal observer is that grammar"):
        train_model(recipes["ideal-observer"], tmp_path, out=tmp_path / "model")


@pytest.mark.parametrize("split", ["valid", "test"])
def test_a_wrong_line_of_held_out_text_costs_no_training(
    tmp_path: Path, corpus: Path, recipes: Any, split: str
) -> None:
    text = tmp_path / "text"
    shutil.copytree(corpus, text)
    with (text / f"{split}.txt").open("a") as file:
        file.write("the </s> key\n")
    trained: list[int] = []
    with pytest.raises(LrdBenchError, match=rf"{split}\.txt:61: .* boundary symbols"):
        train_model(recipes["gru"], text, out=tmp_path / "m", on_progress=lambda done, total: trained.append(done))
    assert not trained


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(tmp_path: Path, corpus: Path, recipes: Any, seed: int) -> None:
    with pytest.raises(LrdBenchError, match=f"--seed {seed}: out of range"):
        train_model(recipes["gru"], corpus, out=tmp_path / "model", seed=seed)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_said_to_be_missing(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    with pytest.raises(LrdBenchError, match="torch sees no GPU here"):
        train_model(recipes["gru"], corpus, out=tmp_path / "model", device="cuda")


@pytest.mark.gpu
@pytest.mark.parametrize("name", NETWORKS)
def test_a_model_trained_on_a_gpu_scores_alike_on_both(tmp_path: Path, corpus: Path, recipes: Any, name: str) -> None:
    folder = train_model(recipes[name], corpus, out=tmp_path / "model", device="cuda")
    sentence = ["the", "keys", "near", "the", "box", "near", "the", "boxes", "are", "lost"]
    on_gpu, on_cpu = (open_model(str(folder), device).model.logprobs([sentence]) for device in ("cuda", "cpu"))
    assert on_gpu[0] == pytest.approx(on_cpu[0], abs=1e-4)


@pytest.mark.gpu
def test_a_training_on_a_gpu_goes_on_after_it_was_stopped(
    tmp_path: Path, corpus: Path, recipes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = []
    for name, interrupted in (("whole", False), ("stopped", True)):
        if interrupted:
            monkeypatch.setattr("lrd_bench.train.loop.CHECKPOINT_SECONDS", 0.0)

            def interrupt(done: int, total: int) -> None:
                if done > total / 2:
                    raise KeyboardInterrupt

            with pytest.raises(KeyboardInterrupt):
                train_model(recipes["lstm"], corpus, out=tmp_path / name, device="cuda", on_progress=interrupt)
        folder = train_model(recipes["lstm"], corpus, out=tmp_path / name, device="cuda")
        losses.append([epoch["valid_loss_nats"] for epoch in log_of(folder)])
    assert losses[1] == pytest.approx(losses[0], abs=1e-3)


def test_the_manifest_says_what_the_model_was_made_from(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    folders = [train_model(recipes[name], corpus, out=tmp_path / name) for name in ("gru", "lstm")]
    one, other = (read_json(folder / "manifest.json") for folder in folders)
    assert one["name"] == "gru"
    assert one["corpus"] == other["corpus"]
    assert one["packages"]["torch"] == version("torch")
    assert one["model_digest"] != other["model_digest"]
    assert str(corpus) not in (folders[0] / "manifest.json").read_text()


def test_only_the_manifest_holds_the_time(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    folder = train_model(recipes["gru"], corpus, out=tmp_path / "model")
    keys = set(itertools.chain(*log_of(folder), read_json(folder / "metrics.json")))
    assert not any("elapsed" in key or "time" in key for key in keys)
    assert read_json(folder / "manifest.json")["elapsed_s"] > 0


def test_a_given_number_of_epochs_replaces_the_recipe_s(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    folder = train_model(recipes["gru"], corpus, out=tmp_path / "model", max_epochs=1)
    assert len(log_of(folder)) == 1
    assert read_json(folder / "recipe.json")["train"]["max_epochs"] == 1


def test_rows_of_a_stream_that_processes_cannot_share_are_refused(tmp_path: Path, corpus: Path) -> None:
    recipe = tmp_path / "stream.toml"
    recipe.write_text(NETWORKS["gru"] + '\n[train]\nbatching = "stream"\nbatch_size = 3\n')
    inputs = read_inputs(str(recipe), corpus, None, 0, None)
    with pytest.raises(LrdBenchError, match="`batch_size`, 3, rows of a stream cannot be shared equally among 2"):
        train_family(inputs, torch.device("cpu"), lambda done, total: None, share=Share(rank=0, world=2))


def test_less_than_one_epoch_is_refused(tmp_path: Path, corpus: Path, recipes: Any) -> None:
    with pytest.raises(LrdBenchError, match="max_epochs 0: must be at least 1"):
        train_model(recipes["gru"], corpus, out=tmp_path / "model", max_epochs=0)


def test_labels_are_not_taken_for_text(tmp_path: Path, recipes: Any) -> None:
    (tmp_path / "labels.tsv").write_text("singular\tthe key\n" * 50)
    for name in ("gru", "trigram"):
        with pytest.raises(LrdBenchError, match="holds labels, and the recipe learns words"):
            train_model(recipes[name], tmp_path / "labels.tsv", out=tmp_path / "model")
