import json
import re
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import file_digest, replacing
from lrd_bench.models.base import LanguageModel
from lrd_bench.models.controls import UniformModel, UnigramModel
from lrd_bench.models.folder import Origin, folder_made_from, read_metrics, read_model, write_model
from lrd_bench.models.networks import build_network
from lrd_bench.models.neural import initialise
from lrd_bench.models.ngram import NgramModel
from lrd_bench.models.observer import IdealObserver
from lrd_bench.models.recipes import FAMILIES, NgramSettings, Recipe, check_recipe
from lrd_bench.pcfg import Alternative, Pcfg
from lrd_bench.vocabulary import build_vocabulary

SENTENCES = [["the", "key", "is", "here"], ["the", "keys", "are", "here"]]
VOCABULARY = build_vocabulary(SENTENCES)
GRAMMAR = Pcfg(start="S", rules={"S": tuple(Alternative(1, tuple(sentence)) for sentence in SENTENCES)})
ORIGIN = Origin(
    name="mine",
    seed=7,
    version="0",
    made_from="f00d",
    model_digest="cafe",
    corpus={"name": "tiny", "digest": "beef"},
    device="cpu",
    packages={"torch": torch.__version__},
    elapsed_s=1.5,
)


def network(recipe: Recipe) -> LanguageModel:
    model: Any = build_network(recipe, VOCABULARY)
    initialise(model, torch.Generator().manual_seed(0))
    return model


MAKE: dict[str, Callable[[Recipe], LanguageModel]] = {
    "recurrent": network,
    "feedforward": network,
    "bidirectional": network,
    "transformer": network,
    "ngram": lambda _: NgramModel.estimate(SENTENCES, VOCABULARY, NgramSettings(order=3)),
    "uniform": lambda _: UniformModel(VOCABULARY),
    "unigram": lambda _: UnigramModel.estimate(SENTENCES, VOCABULARY),
    "ideal-observer": lambda _: IdealObserver(GRAMMAR, VOCABULARY),
}
TABLES = {"recurrent": {"model": {"cell": "gru", "hidden": 8}}}


def write(folder: Path, family: str) -> LanguageModel:
    recipe = check_recipe(Path("mine.toml"), {"family": family, **TABLES.get(family, {})})
    model = MAKE[family](recipe)
    folder.mkdir()
    write_model(folder, recipe=recipe, model=model, metrics={"words": 10}, log=[{"epoch": 1}], origin=ORIGIN)
    return model


def complaint(folder: Path) -> str:
    with pytest.raises(LrdBenchError) as caught:
        read_model(folder)
    return str(caught.value)


def test_every_family_is_tried_here() -> None:
    assert sorted(MAKE) == sorted(FAMILIES)


@pytest.mark.parametrize("family", MAKE)
def test_a_model_scores_the_same_after_it_was_written_and_read(tmp_path: Path, family: str) -> None:
    model = write(tmp_path / "folder", family)
    manifest, read = read_model(tmp_path / "folder")
    assert (manifest.name, manifest.seed, manifest.model_digest) == ("mine", 7, "cafe")
    end = not model.bidirectional
    assert read.logprobs(SENTENCES, end=end) == model.logprobs(SENTENCES, end=end)
    assert read.vocabulary == VOCABULARY


@pytest.mark.parametrize("family", MAKE)
def test_writing_a_model_twice_gives_the_same_bytes(tmp_path: Path, family: str) -> None:
    write(tmp_path / "one", family)
    write(tmp_path / "other", family)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "other" / file.name).read_bytes()


def test_a_folder_holds_what_it_promises(tmp_path: Path) -> None:
    write(tmp_path / "lstm", "recurrent")
    promised = "log.jsonl manifest.json metrics.json model.safetensors recipe.json vocabulary.tsv"
    assert sorted(path.name for path in (tmp_path / "lstm").iterdir()) == promised.split()
    recipe = json.loads((tmp_path / "lstm" / "recipe.json").read_text())
    shape = {"cell": "gru", "context": None, "hidden": 8, "layers": 1, "residual": False}
    assert recipe["model"] == shape | {"embedding": None, "tied": False, "dropout": 0.1}


def test_the_ideal_observer_keeps_its_grammar_in_place_of_weights(tmp_path: Path) -> None:
    write(tmp_path / "observer", "ideal-observer")
    names = {path.name for path in (tmp_path / "observer").iterdir()}
    assert "grammar.json" in names
    assert "model.safetensors" not in names


@pytest.mark.parametrize("name", ["recipe.json", "vocabulary.tsv", "model.safetensors", "metrics.json", "log.jsonl"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    write(tmp_path / "gru", "recurrent")
    (tmp_path / "gru" / name).unlink()
    assert complaint(tmp_path / "gru").startswith(f"{tmp_path / 'gru' / name}: is missing from the model folder.")


@pytest.mark.parametrize("name", ["recipe.json", "vocabulary.tsv", "model.safetensors", "metrics.json", "log.jsonl"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    write(tmp_path / "gru", "recurrent")
    file = tmp_path / "gru" / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1  # a single bit
    file.write_bytes(content)
    assert complaint(tmp_path / "gru").startswith(f"{file}: is damaged: it is not the file that was written.")


@pytest.mark.parametrize("content", ["{", "[]", '{"name": "mine"}'])
def test_a_broken_manifest_is_named(tmp_path: Path, content: str) -> None:
    write(tmp_path / "gru", "recurrent")
    (tmp_path / "gru" / "manifest.json").write_text(content)
    assert complaint(tmp_path / "gru").startswith(f"{tmp_path / 'gru' / 'manifest.json'}: ")


def test_metrics_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    write(tmp_path / "gru", "recurrent")
    assert read_metrics(tmp_path / "gru") == {"words": 10}
    (tmp_path / "gru" / "metrics.json").unlink()
    (tmp_path / "gru" / "metrics.json").mkdir()
    with pytest.raises(LrdBenchError, match=r"metrics\.json: cannot be read \(Is a directory\)"):
        read_metrics(tmp_path / "gru")


def test_a_folder_that_is_no_model_folder_is_said_to_be_none(tmp_path: Path) -> None:
    assert complaint(tmp_path).startswith(f"{tmp_path}: is not a model folder: it has no manifest.json.")


def test_a_folder_says_what_it_was_made_from(tmp_path: Path) -> None:
    write(tmp_path / "gru", "recurrent")
    assert folder_made_from(tmp_path / "gru") == "f00d"
    assert folder_made_from(tmp_path) is None


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("family", ["recurrent", "ngram"])
def test_a_gpu_that_is_not_there_is_said_to_be_missing(tmp_path: Path, family: str) -> None:
    write(tmp_path / "model", family)
    with pytest.raises(LrdBenchError, match="torch sees no GPU here"):
        read_model(tmp_path / "model", "cuda")


def test_an_unknown_device_gets_the_nearest_name(tmp_path: Path) -> None:
    write(tmp_path / "model", "ngram")
    with pytest.raises(LrdBenchError, match=r"unknown device 'cud'. Did you mean 'cuda'\?"):
        read_model(tmp_path / "model", "cud")


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """As on a disk that is nearly full: no file may have more bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_in_place(out: Path, family: str) -> None:
    with replacing(out) as temporary:
        write(temporary, family)


@pytest.mark.parametrize("family", ["recurrent", "ngram"])
@pytest.mark.parametrize(("size", "file"), [(800, ""), (150, "/recipe.json")])
def test_a_disk_that_is_full_is_one_message_and_leaves_nothing(
    tmp_path: Path, family: str, size: int, file: str
) -> None:
    message = re.escape(f"{tmp_path / 'mine'}{file}: cannot be written (File too large). Name another place")
    with pytest.raises(LrdBenchError, match=f"^{message}"), no_file_beyond(size):
        write_in_place(tmp_path / "mine", family)
    assert list(tmp_path.iterdir()) == []


def test_an_ngram_model_of_an_earlier_version_is_to_be_trained_again(tmp_path: Path) -> None:
    write(tmp_path / "ngram", "ngram")
    weights = tmp_path / "ngram" / "model.safetensors"
    safetensors.numpy.save_file({"1.keys": np.arange(3)}, weights)
    manifest = json.loads((tmp_path / "ngram" / "manifest.json").read_text())
    manifest["files"][weights.name] = file_digest(weights)
    (tmp_path / "ngram" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(LrdBenchError, match=r"was written by an earlier version.*Train the model again"):
        read_model(tmp_path / "ngram")
