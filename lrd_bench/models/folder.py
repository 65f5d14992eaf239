"""Model folders: what training leaves and scoring opens. Every file's sha256 stands in the manifest and is checked.

    recipe.json        the recipe with all defaults
    vocabulary.tsv     the words
    model.safetensors  the weights or counts (grammar.json for the ideal observer)
    metrics.json       how well it does, and how training went
    log.jsonl          one line an epoch (none for models that are counted)
    manifest.json      what it was made from, on what, how long it took, and the digests

Equal inputs give equal bytes in all of them but the manifest, which holds the time taken. Nothing is pickled.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import file_digest, write_text
from lrd_bench.models.base import Judge, LanguageModel
from lrd_bench.models.controls import UniformModel, UnigramModel
from lrd_bench.models.ngram import NgramModel
from lrd_bench.models.observer import IdealObserver
from lrd_bench.models.recipes import (
    NeuralRecipe,
    NgramRecipe,
    ObserverRecipe,
    Recipe,
    UniformRecipe,
    UnigramRecipe,
    check_recipe,
)
from lrd_bench.pcfg import read_pcfg
from lrd_bench.settings import Settings, check_settings
from lrd_bench.vocabulary import Vocabulary, read_vocabulary

RECIPE, VOCABULARY, WEIGHTS, GRAMMAR = "recipe.json", "vocabulary.tsv", "model.safetensors", "grammar.json"
METRICS, LOG, MANIFEST = "metrics.json", "log.jsonl", "manifest.json"
FILES = (RECIPE, VOCABULARY, WEIGHTS, GRAMMAR, METRICS, LOG, MANIFEST)

Model = LanguageModel | Judge
Arrays = Mapping[str, NDArray[Any]]


def checkpoint_of(out: Path) -> Path:
    """Where training keeps what it needs to go on, while it makes a model folder."""
    return out.with_name(f"{out.name}.unfinished")


class Origin(Settings):
    """What a model was made from, on what, and how long it took."""

    name: str
    seed: int | None
    """None for a model that takes none."""
    version: str
    """Of lrd_bench."""
    made_from: str
    """The digest of all inputs, seed and version among them; not the device, which is no input."""
    model_digest: str
    """The digest of recipe, corpus and vocabulary."""
    corpus: dict[str, str]
    """Its name and the digest of its text; of its grammar, where that matters."""
    device: str
    products: str | None = None
    """Which library multiplied matrices (see `lrd_bench.train.products`); None where nothing is trained by steps."""
    subnormals: str | None = None
    """What was made of numbers below 1.2e-38 (see `lrd_bench.train.subnormals`); None where nothing is trained by
    steps."""
    threads: int | None = None
    """Of each process that trained it; None where nothing is trained by steps."""
    processes: int | None = None
    """That trained it together; None where nothing is trained by steps."""
    packages: dict[str, str]
    elapsed_s: float
    """Of a training that was stopped and went on, in all sittings, each up to its last checkpoint."""


class Manifest(Origin):
    """`manifest.json`."""

    files: dict[str, str]
    """File name → sha256."""


def write_model(
    folder: Path,
    *,
    recipe: Recipe,
    model: Model,
    metrics: Mapping[str, Any],
    log: Iterable[Mapping[str, Any]],
    origin: Origin,
) -> None:
    """Fill an empty folder with a model, its manifest last."""
    assert isinstance(model.vocabulary, Vocabulary), "a model that was trained has one"
    write_text(folder / RECIPE, _pretty(recipe.model_dump(mode="json")))
    model.vocabulary.write(folder / VOCABULARY)
    if isinstance(model, IdealObserver):
        model.grammar.write(folder / GRAMMAR)
    else:
        _write_arrays(_arrays(model), folder / WEIGHTS)
        (folder / WEIGHTS).chmod((folder / VOCABULARY).stat().st_mode)  # it would be its owner's alone
    write_text(folder / METRICS, _pretty(dict(metrics)))
    write_text(folder / LOG, "".join(json.dumps(line) + "\n" for line in log))
    files = {path.name: file_digest(path) for path in sorted(folder.iterdir())}
    write_text(folder / MANIFEST, _pretty(origin.model_dump(mode="json") | {"files": files}))


def folder_made_from(folder: Path) -> str | None:
    """The digest of the inputs that a folder's manifest names; None where there is no sound manifest."""
    try:
        return str(json.loads((folder / MANIFEST).read_bytes())["made_from"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_metrics(folder: Path) -> dict[str, Any]:
    """What `metrics.json` says. Raises LrdBenchError where it is missing or damaged."""
    return _read_json(folder / METRICS)


def read_model(folder: Path, device: str = "auto") -> tuple[Manifest, Model]:
    """A model folder's manifest and its model, ready to score.

    Raises LrdBenchError for a folder that is none of ours, a file that is missing or damaged, and a device that is
    not there.
    """
    if not (folder / MANIFEST).is_file():
        raise LrdBenchError(f"{folder}: is not a model folder: it has no {MANIFEST}. Name a folder that `train` made.")
    manifest = check_settings(folder / MANIFEST, _read_json(folder / MANIFEST), Manifest)
    for name, digest in manifest.files.items():
        if not (folder / name).is_file():
            raise _damaged(folder / name, "is missing from the model folder")
        if file_digest(folder / name) != digest:
            raise _damaged(folder / name, "is damaged: it is not the file that was written")
    if device not in ("auto", "cpu"):
        _find_device(device)  # counted models need none, but a wrong one is a mistake
    recipe = check_recipe(folder / RECIPE, _read_json(folder / RECIPE))
    return manifest, _open(folder, recipe, read_vocabulary(folder / VOCABULARY), device)


def _open(folder: Path, recipe: Recipe, vocabulary: Vocabulary, device: str) -> Model:
    if isinstance(recipe, NeuralRecipe):
        return _open_network(folder, recipe, vocabulary, device)
    match recipe:
        case NgramRecipe():
            try:
                return NgramModel.from_arrays(_map_arrays(folder), vocabulary, stupid=not recipe.model.normalised)
            except KeyError as error:  # an array, or a type of numbers
                raise _damaged(folder / WEIGHTS, f"was written by an earlier version: it has no {error}") from error
        case UnigramRecipe():
            return UnigramModel.from_arrays(_read_arrays(folder), vocabulary)
        case UniformRecipe():
            return UniformModel(vocabulary)
        case ObserverRecipe():
            return IdealObserver(read_pcfg(folder / GRAMMAR), vocabulary)


def _open_network(folder: Path, recipe: NeuralRecipe, vocabulary: Vocabulary, device: str) -> Model:
    # torch takes a second to load, and counted models need none of it.
    import torch

    from lrd_bench.models.networks import build_network

    labels = read_metrics(folder).get("labels") or {"confusion": ()}
    network = build_network(recipe, vocabulary, sorted(labels["confusion"]))  # as the network was trained with them
    weights = {name: torch.from_numpy(np.array(array)) for name, array in _read_arrays(folder).items()}
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise _damaged(folder / WEIGHTS, "does not fit the recipe: another version wrote it") from error
    model: Model = network.to(_find_device(device)).eval()
    return model


def _find_device(device: str) -> Any:
    """`find_device`, which needs torch."""
    from lrd_bench.models.neural import find_device

    return find_device(device)


def _arrays(model: Any) -> dict[str, NDArray[Any]]:
    """The numbers of a model that is no ideal observer."""
    if hasattr(model, "state_dict"):
        return {name: weights.cpu().numpy() for name, weights in model.state_dict().items()}
    return {name: np.ascontiguousarray(array) for name, array in model.arrays().items()}


def _write_arrays(arrays: Arrays, path: Path) -> None:
    """Write arrays from where they are: an n-gram model may have gigabytes, and no room for as many again.

    Raises OSError where they cannot be written, for which safetensors has an error of its own.
    """
    try:
        safetensors.numpy.save_file(dict(arrays), path)
    except safetensors.SafetensorError as error:
        if code := re.search(r"\(os error (\d+)\)", str(error)):
            raise OSError(int(code[1]), os.strerror(int(code[1])), str(path)) from error
        raise


def _read_arrays(folder: Path) -> Arrays:
    arrays: Arrays = safetensors.numpy.load((folder / WEIGHTS).read_bytes())
    return arrays


def _map_arrays(folder: Path) -> Arrays:
    """The numbers of a model, mapped into memory: what is never looked at is never read. Changes stay in memory.

    A safetensors file is the length of a header, the header, which says where each array begins and ends, and they.
    """
    data = np.memmap(folder / WEIGHTS, np.uint8, mode="c")
    start = 8 + int(data[:8].view("<u8")[0])
    header = json.loads(data[8:start].tobytes())
    dtypes = {"I32": np.int32, "F32": np.float32}
    return {
        name: np.asarray(data[start + about["data_offsets"][0] : start + about["data_offsets"][1]]).view(
            dtypes[about["dtype"]]
        )
        for name, about in header.items()
        if name != "__metadata__"
    }


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise LrdBenchError(
            f"{path}: cannot be read ({error.strerror}). Check the path and its permissions."
        ) from error
    except ValueError as error:
        raise _damaged(path, f"is damaged ({error})") from error
    if not isinstance(value, dict):
        raise _damaged(path, "is damaged (not a JSON object)")
    return value


def _damaged(path: Path, what: str) -> LrdBenchError:
    return LrdBenchError(f"{path}: {what}. Train the model again with --force, or copy the whole folder again.")


def _pretty(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n"
