"""A training that is stopped, however, goes on to the weights that it would have had."""

import errno
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import safetensors
import safetensors.torch
import torch

from lrd_bench.errors import LrdBenchError, OtherInputsError
from lrd_bench.experiment.remake import remake
from lrd_bench.models.folder import checkpoint_of
from lrd_bench.train import loop, steps, train_model
from lrd_bench.train.checkpoint import CheckpointFile

RECIPES = {
    "transformer": 'family = "transformer"\n[model]\nhidden = 16\ntied = true\n[train]\nbatch_size = 4\nwarmup = 0.4\n',
    "blank": 'family = "bidirectional"\n[model]\nhidden = 8\n[train]\nbatch_size = 4\n',
    "patience": (
        'family = "recurrent"\n[model]\ncell = "elman"\nhidden = 16\n[train]\nbatch_size = 4\nlearning_rate = 0.1\n'
        'schedule = "constant"\npatience = 1\nmax_epochs = 9\n'
    ),
    "adam on a stream": (
        'family = "recurrent"\n[model]\ncell = "min-gru"\nhidden = 16\nlayers = 2\n[train]\nbatching = "stream"\n'
        "batch_size = 4\nstream_length = 7\nweight_decay = 0.1\n"
    ),
    "gru": (
        'family = "recurrent"\n[model]\ncell = "gru"\nhidden = 16\nlayers = 2\ndropout = 0.3\n[train]\n'
        "batch_size = 4\nmax_epochs = 3\n"
    ),
    "sixteen bits": (
        'family = "recurrent"\n[model]\ncell = "gru"\nhidden = 16\nlayers = 2\nresidual = true\ntied = true\n'
        'dropout = 0.2\n[train]\noptimizer = "sgd"\nlearning_rate = 2\nschedule = "annealed"\nbatching = "stream"\n'
        'batch_size = 4\nstream_length = 7\nwarmup = 0.1\nmax_epochs = 3\nprecision = "bfloat16"\n'
    ),
    "stream": (
        'family = "recurrent"\n[model]\ncell = "lstm"\nhidden = 16\ndropout = 0.3\n[train]\noptimizer = "sgd"\n'
        "learning_rate = 5\n"
        'schedule = "annealed"\nbatching = "stream"\nbatch_size = 4\nstream_length = 7\nmax_epochs = 3\n'
    ),
}
WORDS = ["the", "key", "keys", "near", "box", "boxes", "is", "are", "here", "lost"]

TRAIN = """
import sys
from pathlib import Path
from lrd_bench.train import loop, steps, train_model
loop.CHECKPOINT_SECONDS = 0.0
train_model(sys.argv[1], Path(sys.argv[2]), out=Path(sys.argv[3]), seed=5, threads=1)
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("text")
    rng = random.Random(0)
    for split, sentences in (("train", 400), ("valid", 40), ("test", 40)):
        lines = [" ".join(rng.choices(WORDS, k=rng.randint(1, 9))) + "\n" for _ in range(sentences)]
        (folder / f"{split}.txt").write_text("".join(lines))
    return folder


@pytest.fixture
def recipe(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    path = tmp_path / f"{request.param}.toml"
    path.write_text(RECIPES[request.param])
    return str(path)


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "manifest.json"}


class Stop(BaseException):
    """As Ctrl-C, but ours."""


def train_until(count: int, monkeypatch: pytest.MonkeyPatch, *arguments: Any, **settings: Any) -> None:
    """Train until the checkpoint has been written so often."""
    written = []
    write = CheckpointFile.write

    def counted(self: CheckpointFile, *what: Any) -> None:
        write(self, *what)
        written.append(1)
        if len(written) == count:
            raise Stop

    with monkeypatch.context() as patched:
        patched.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
        patched.setattr(CheckpointFile, "write", counted)
        with pytest.raises(Stop):
            train_model(*arguments, **settings)


@pytest.mark.parametrize("recipe", ["gru", "stream"], indirect=True)
def test_a_training_killed_again_and_again_ends_with_the_same_bytes(recipe: str, corpus: Path, tmp_path: Path) -> None:
    whole = train_model(recipe, corpus, out=tmp_path / "whole", seed=5, threads=1)
    rng = random.Random(1)
    out = tmp_path / "killed"
    kills = 0
    while not out.exists():
        process = subprocess.Popen([sys.executable, "-c", TRAIN, recipe, str(corpus), str(out)])
        # Once there is something to go on from: imports take most of a second.
        seen = checkpoint_of(out).stat().st_mtime_ns if checkpoint_of(out).exists() else 0
        while process.poll() is None and not (
            checkpoint_of(out).exists() and checkpoint_of(out).stat().st_mtime_ns > seen
        ):
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 1))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        assert process.wait() in (0, -signal.SIGKILL)
    assert kills
    assert files_of(out) == files_of(whole)
    left = sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".toml")
    assert left == ["killed", "whole"]


@pytest.mark.parametrize("recipe", RECIPES, indirect=True)
def test_a_training_goes_on_from_any_step(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train_model(recipe, corpus, out=tmp_path / "whole", seed=5)
    for step in (1, 50, 130, 199):  # the first epoch has a hundred
        out = tmp_path / str(step)
        train_until(step, monkeypatch, recipe, corpus, out=out, seed=5)
        assert files_of(train_model(recipe, corpus, out=out, seed=5)) == files_of(whole)


@pytest.mark.parametrize("recipe", ["gru"], indirect=True)
def test_a_training_goes_on_with_the_products_that_it_began_with(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrd_bench.train.products.quickest", lambda: "default")
    whole = train_model(recipe, corpus, out=tmp_path / "whole", seed=5)
    train_until(50, monkeypatch, recipe, corpus, out=tmp_path / "out", seed=5)
    monkeypatch.setattr("lrd_bench.train.products.quickest", lambda: "onednn")
    out = train_model(recipe, corpus, out=tmp_path / "out", seed=5)
    assert files_of(out) == files_of(whole)
    assert json.loads((out / "manifest.json").read_text())["products"] == "default"


@pytest.mark.parametrize("recipe", ["gru"], indirect=True)
def test_a_training_that_begins_anew_by_force_tries_products_anew(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrd_bench.train.products.quickest", lambda: "default")
    train_until(50, monkeypatch, recipe, corpus, out=tmp_path / "out", seed=5)
    monkeypatch.setattr("lrd_bench.train.products.quickest", lambda: "onednn")
    out = train_model(recipe, corpus, out=tmp_path / "out", seed=6, force=True)
    assert json.loads((out / "manifest.json").read_text())["products"] == "onednn"


@pytest.mark.parametrize("recipe", ["gru"], indirect=True)
def test_a_training_whose_products_would_be_rounded_here_is_refused_and_begun_anew_by_force(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr("lrd_bench.train.products.quickest", lambda: "onednn")
    train_until(50, monkeypatch, recipe, corpus, out=out, seed=5)
    monkeypatch.setattr("lrd_bench.train.products.quickest", lambda: "default")
    monkeypatch.setattr("lrd_bench.train.training.is_exact", lambda: False)
    before = checkpoint_of(out).read_bytes()
    with pytest.raises(LrdBenchError, match=r"out\.unfinished: .* which rounds them on this processor\."):
        train_model(recipe, corpus, out=out, seed=5)
    assert checkpoint_of(out).read_bytes() == before
    train_model(recipe, corpus, out=out, seed=5, force=True)
    assert files_of(out) == files_of(train_model(recipe, corpus, out=tmp_path / "anew", seed=5))


@pytest.mark.parametrize("recipe", ["gru", "adam on a stream"], indirect=True)
def test_a_text_of_many_blocks_goes_on_within_each(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrd_bench.train.texts.BLOCK", 64)
    whole = train_model(recipe, corpus, out=tmp_path / "whole", seed=5)
    for step in (17, 40, 250):
        out = tmp_path / str(step)
        train_until(step, monkeypatch, recipe, corpus, out=out, seed=5)
        assert files_of(train_model(recipe, corpus, out=out, seed=5)) == files_of(whole)


@pytest.mark.parametrize("recipe", ["gru"], indirect=True)
def test_a_checkpoint_of_other_inputs_is_not_gone_on_from_nor_lost(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "model"
    train_until(2, monkeypatch, recipe, corpus, out=out, seed=5)
    before = checkpoint_of(out).read_bytes()
    threads = torch.get_num_threads()
    other_text = tmp_path / "other.txt"
    other_text.write_text("the keys are here\n" * 60)
    others: list[tuple[Path, dict[str, int], str]] = [
        (corpus, {"seed": 6}, "seed 5 (now 6)"),
        (corpus, {"seed": 5, "max_epochs": 9}, "another recipe"),
        (corpus, {"seed": 5, "threads": threads + 1}, f"threads {threads} (now {threads + 1})"),
        (other_text, {"seed": 4}, "another corpus, another vocabulary, seed 5 (now 4)"),
    ]
    for text, settings, what in others:
        how = " (OMP_NUM_THREADS sets threads)" if "threads" in settings else ""
        message = (
            f"gru: {out}.unfinished: holds a training that was stopped, with {what}. "
            f"Give the same again{how} to go on with it, or remove it to begin anew."
        )
        with pytest.raises(LrdBenchError, match=f"^{re.escape(message)}$") as caught:
            train_model(recipe, text, out=out, **settings)  # type: ignore[arg-type]
        # What a run's settings change, it makes again; a machine that is set otherwise costs no training.
        assert isinstance(caught.value, OtherInputsError) == ("threads" not in settings)
        assert checkpoint_of(out).read_bytes() == before
    train_model(recipe, corpus, out=out, seed=6, force=True)
    assert not checkpoint_of(out).exists()
    # Force replaces what is of other inputs; of these, there is nothing to be replaced.
    train_until(60, monkeypatch, recipe, corpus, out=out, seed=7, force=True)
    seen: list[int] = []
    train_model(recipe, corpus, out=out, seed=7, force=True, on_progress=lambda done, total: seen.append(done))
    assert seen[0] > 500
    assert files_of(out) == files_of(train_model(recipe, corpus, out=tmp_path / "seven", seed=7))
    train_model(recipe, corpus, out=out, seed=6, force=True)
    assert files_of(out) == files_of(train_model(recipe, corpus, out=tmp_path / "anew", seed=6))


@pytest.mark.parametrize("recipe", ["gru"], indirect=True)
@pytest.mark.parametrize("replaced", [6, 5])
def test_a_training_that_replaces_a_model_goes_on_unforced_and_is_not_lost_where_it_cannot(
    recipe: str, replaced: int, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = train_model(recipe, corpus, out=tmp_path / "model", seed=replaced)
    train_until(60, monkeypatch, recipe, corpus, out=out, seed=5, force=True)
    before, threads = checkpoint_of(out).read_bytes(), torch.get_num_threads() + 1
    with pytest.raises(LrdBenchError, match=rf"was stopped, with threads {threads - 1} \(now {threads}\)"):
        remake(train_model, recipe, corpus, out=out, seed=5, threads=threads, force=False)  # as `run` does
    assert checkpoint_of(out).read_bytes() == before
    seen: list[int] = []
    train_model(recipe, corpus, out=out, seed=5, on_progress=lambda done, total: seen.append(done))
    assert seen[0] > 500
    assert files_of(out) == files_of(train_model(recipe, corpus, out=tmp_path / "five", seed=5))
    assert not checkpoint_of(out).exists()


@pytest.mark.parametrize("recipe", ["gru"], indirect=True)
def test_a_model_made_after_a_training_was_stopped_is_not_replaced_by_it(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_until(2, monkeypatch, recipe, corpus, out=tmp_path / "model", seed=5)
    out = train_model("ngram-3", corpus, out=tmp_path / "model")
    with pytest.raises(OtherInputsError, match="exists and was made from other inputs"):
        train_model(recipe, corpus, out=out, seed=5)


@pytest.mark.parametrize("recipe", ["gru"], indirect=True)
@pytest.mark.parametrize("damage", ["cut", "flipped", "other state", "other format", "no checkpoint at all"])
def test_a_damaged_checkpoint_is_one_message(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    out = tmp_path / "model"
    train_until(2, monkeypatch, recipe, corpus, out=out, seed=5)
    path = checkpoint_of(out)
    content, message = path.read_bytes(), "is damaged"
    match damage:
        case "cut":
            path.write_bytes(content[:-10])
        case "flipped":
            path.write_bytes(content[:-10] + bytes([content[-10] ^ 1]) + content[-9:])
        case "other state":
            assert content.count(b'words\\": ') == 2  # all, and of this epoch
            path.write_bytes(content.replace(b'words\\": ', b'words\\":1'))
        case "other format":
            tensors = safetensors.torch.load_file(path)
            safetensors.torch.save_file(tensors, path, metadata={"format": "0"})
            message = "with another version of lrd_bench"
        case _:
            path.write_text("not a checkpoint")
    with pytest.raises(LrdBenchError, match=message) as caught:
        train_model(recipe, corpus, out=out, seed=5)
    assert str(path) in str(caught.value)
    assert "emove it" in str(caught.value)
    train_model(recipe, corpus, out=out, seed=5, force=True)
    assert out.is_dir()


@pytest.mark.parametrize("recipe", ["gru"], indirect=True)
def test_a_checkpoint_beside_the_finished_model_goes_and_one_of_other_inputs_stays(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "model"
    train_until(2, monkeypatch, recipe, corpus, out=out, seed=6)
    of_six = checkpoint_of(out).read_bytes()
    train_until(2, monkeypatch, recipe, corpus, out=out, seed=5, force=True)
    of_five = checkpoint_of(out).read_bytes()
    train_model(recipe, corpus, out=out, seed=5)
    for left, stays in ((of_six, True), (b"not a checkpoint", True), (of_five, False)):
        checkpoint_of(out).write_bytes(left)
        os.utime(checkpoint_of(out), (0, 0))
        threads = torch.get_num_threads() + 1  # the model is there, whatever it was made with
        train_model(recipe, corpus, out=out, seed=5, threads=threads)
        assert checkpoint_of(out).exists() == stays


@pytest.mark.parametrize("recipe", ["gru"], indirect=True)
def test_the_time_taken_is_that_of_all_sittings(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "model"
    for sitting in (1, 2):
        with monkeypatch.context() as patched:
            clock = itertools.count(0, 1_000_000)  # a million seconds from one look to the next
            patched.setattr(loop, "time", SimpleNamespace(monotonic=lambda clock=clock: next(clock)))
            train_until(2, monkeypatch, recipe, corpus, out=out, seed=5)
        with safetensors.safe_open(checkpoint_of(out), framework="pt") as file:
            elapsed_s = json.loads(file.metadata()["state"])["at"]["elapsed_s"]
        assert elapsed_s >= sitting * 2_000_000
    train_model(recipe, corpus, out=out, seed=5)
    taken = json.loads((out / "manifest.json").read_text())["elapsed_s"]
    assert elapsed_s < taken < elapsed_s + 1_000_000


@pytest.mark.parametrize("recipe", ["gru"], indirect=True)
def test_a_disk_that_fills_during_a_save_loses_nothing(
    recipe: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train_model(recipe, corpus, out=tmp_path / "whole", seed=5)
    out = tmp_path / "model"
    train_until(2, monkeypatch, recipe, corpus, out=out, seed=5)
    before = checkpoint_of(out).read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(loop, "CHECKPOINT_SECONDS", 0.0)

        def full(path: Path, content: bytes) -> None:
            with path.open("wb") as file:
                file.write(content[:1000])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(LrdBenchError, match=r"cannot be written \(No space left on device\)\. Free some space"):
            train_model(recipe, corpus, out=out, seed=5)
    assert checkpoint_of(out).read_bytes() == before
    assert files_of(train_model(recipe, corpus, out=out, seed=5)) == files_of(whole)


def test_a_loss_that_bursts_says_what_to_change_and_leaves_the_checkpoint(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tmp_path / "wild.toml"
    recipe.write_text('family = "recurrent"\n[model]\ncell = "gru"\nhidden = 8\n[train]\nmax_epochs = 9\n')
    out = tmp_path / "model"
    train_until(2, monkeypatch, str(recipe), corpus, out=out, seed=5)
    before = checkpoint_of(out).read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(steps, "summed_loss", lambda layer, states, targets: states.sum() * float("nan"))
        message = f"Lower `learning_rate` in the recipe, and remove {checkpoint_of(out)} to begin anew."
        with pytest.raises(LrdBenchError, match=re.escape(message)):
            train_model(str(recipe), corpus, out=out, seed=5)
    assert checkpoint_of(out).read_bytes() == before


# -- several processes -------------------------------------------------------------------------------------------------


PROCESSES = {
    "sentences": 'family = "recurrent"\n[model]\ncell = "gru"\nhidden = 16\nlayers = 2\ndropout = 0.0\n[train]\n',
    "stream": (
        'family = "recurrent"\n[model]\ncell = "lstm"\nhidden = 16\ndropout = 0.0\n[train]\nbatching = "stream"\n'
        'stream_length = 7\noptimizer = "sgd"\nlearning_rate = 1\nclip_norm = 0.5\n'
    ),
    "blank": 'family = "bidirectional"\n[model]\nhidden = 8\ndropout = 0.0\n[train]\n',
}

IN_PROCESSES = """
import os, sys
from pathlib import Path
from lrd_bench.train import loop, train_model
from lrd_bench.train.checkpoint import CheckpointFile
loop.CHECKPOINT_SECONDS = 0.0
write, count = CheckpointFile.write, [0]
def counted(self, *what):
    write(self, *what)
    count[0] += 1
    if count[0] == int(sys.argv[4]):
        os._exit(9)
CheckpointFile.write = counted
train_model(sys.argv[1], Path(sys.argv[2]), out=Path(sys.argv[3]), seed=5, threads=1)
"""


def in_two_processes(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run Python twice, side by side, as `torchrun` does."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert not check or result.returncode == 0, result.stderr
    return result


@pytest.mark.parametrize("name", PROCESSES)
def test_two_processes_take_the_steps_of_one(name: str, corpus: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "lstm.toml"
    recipe.write_text(f"{PROCESSES[name]}batch_size = 6\nmax_epochs = 3\n")
    one = train_model(str(recipe), corpus, out=tmp_path / "one", seed=5, threads=1)
    two = tmp_path / "two"
    train = ["-m", "lrd_bench", "train", str(recipe), "--corpus", str(corpus), "--out", str(two), "--seed", "5"]
    result = in_two_processes(*train)
    logs = [[json.loads(line) for line in (path / "log.jsonl").read_text().splitlines()] for path in (one, two)]
    for of_one, of_two in zip(*logs, strict=True):
        expected = {key: number or 0 for key, number in of_one.items()}  # of blanks there is no perplexity
        assert {key: number or 0 for key, number in of_two.items()} == pytest.approx(expected, rel=1e-4)
    weights = [safetensors.torch.load_file(path / "model.safetensors") for path in (one, two)]
    assert all(torch.allclose(weights[0][name], weights[1][name], atol=1e-3) for name in weights[0])
    assert result.stdout.count("validation") == 1
    assert not checkpoint_of(two).exists()


def test_several_processes_go_on_where_they_were_stopped(corpus: Path, tmp_path: Path) -> None:
    recipe, program = tmp_path / "stream.toml", tmp_path / "train.py"
    recipe.write_text(RECIPES["stream"])  # with dropout and carried states, which differ between processes
    program.write_text(IN_PROCESSES)
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    in_two_processes(str(program), str(recipe), str(corpus), str(whole), "-1")
    assert in_two_processes(str(program), str(recipe), str(corpus), str(stopped), "50", check=False).returncode
    assert checkpoint_of(stopped).exists()
    in_two_processes(str(program), str(recipe), str(corpus), str(stopped), "-1")
    assert files_of(stopped) == files_of(whole)
