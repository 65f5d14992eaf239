"""Opening a model to score with: a model folder, an n-gram model that another tool has made, or anyone's own model.

Behind `hf:NAME` is a causal language model of the transformers library, in a folder or on a model hub.
`arpa:FILE` is read by us, `kenlm:FILE` (ARPA, or KenLM's binary files) by the `kenlm` module; the scores of words that
they know are the same. `surprisals:FILE` is no model but what one has said.
Behind `python:package.module:factory` is whatever its author likes.

Ten lines make a model scorable: subclass `lrd_bench.models.base.LanguageModel`, write `logprobs`, and a function that
takes no arguments and returns the model.
"""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.files import digest_of, file_digest
from lrd_bench.models.base import Judge, LanguageModel
from lrd_bench.models.folder import read_model
from lrd_bench.models.foreign import blaming, foreign_model
from lrd_bench.models.hf import open_hf
from lrd_bench.models.kenlm import KenlmModel
from lrd_bench.models.ngram.arpa import read_arpa
from lrd_bench.models.recorded import read_recorded

ARPA, HF, KENLM, SURPRISALS, PYTHON = KINDS = ("arpa", "hf", "kenlm", "surprisals", "python")
UNDERSTOOD = (
    "a model folder that `lrd-bench train` made, arpa:FILE, hf:NAME, kenlm:FILE, surprisals:FILE, or "
    "python:package.module:factory"
)

FILE_SUFFIXES = (".gz", ".arpa", ".lm", ".bin", ".binary", ".klm")
"""What names of n-gram models end in, and is not part of the model's name."""


@dataclass(frozen=True, kw_only=True)
class OpenedModel:
    """A model and what a signature says of it."""

    name: str
    digest: str
    """Over recipe, corpus and vocabulary; of a model made elsewhere, over what it is named by and the file."""
    seed: int | None
    """Of its training; None for a model without one."""
    model: LanguageModel | Judge


def open_model(spec: str, device: str = "auto") -> OpenedModel:
    """Open a model for scoring.

    spec:    a model folder, `arpa:FILE`, `hf:NAME`, `kenlm:FILE`, `surprisals:FILE`, or
             `python:package.module:factory`; the current folder is importable
    device:  auto, cpu or cuda; of concern to model folders and `hf:` alone

    Raises LrdBenchError for what is none of these, a folder or file that is incomplete or damaged, a module that cannot
    be imported, and a factory that is missing or returns no language model.
    """
    prefix, colon, rest = spec.partition(":")
    rest = str(Path(rest).expanduser()) if rest else rest  # the shell leaves a ~ after a colon alone
    if prefix == PYTHON and colon:
        return _make(spec, rest)
    if prefix in (ARPA, KENLM) and colon:
        return _open_file(prefix, Path(rest))
    if prefix == SURPRISALS and colon:
        recorded = read_recorded(Path(rest))
        digest = digest_of([prefix, file_digest(recorded.path)])
        return OpenedModel(name=recorded.name, digest=digest, seed=recorded.seed, model=recorded)
    if prefix == HF and colon:
        digest, model = open_hf(rest, device)
        return OpenedModel(name=name_of_hf(rest), digest=digest, seed=None, model=model)
    folder = Path(spec)
    if not folder.exists():
        if colon and "/" not in prefix:
            raise LrdBenchError(f"{spec}: {unknown('kind of model', prefix, KINDS)} Understood: {UNDERSTOOD}.")
        raise LrdBenchError(f"{spec}: no such model. Understood: {UNDERSTOOD}.")
    if folder.is_file():
        raise LrdBenchError(f"{spec}: is a file. For an n-gram model, write arpa:{spec}, or kenlm:{spec} if binary.")
    manifest, ours = read_model(folder, device)
    return OpenedModel(name=manifest.name, digest=manifest.model_digest, seed=manifest.seed, model=ours)


def _open_file(kind: str, path: Path) -> OpenedModel:
    """Read an n-gram model."""
    model = read_arpa(path) if kind == ARPA else KenlmModel(path)
    return OpenedModel(name=name_of_file(path), digest=digest_of([kind, file_digest(path)]), seed=None, model=model)


def name_of_file(path: Path) -> str:
    """What the n-gram model in a file is called: `small.o5` of `small.o5.arpa.gz`."""
    name = path.name
    while (suffix := Path(name).suffix) in FILE_SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def name_of_hf(name: str) -> str:
    """What a model of transformers is called: `gpt2` of `hf:openai-community/gpt2`, the folder's name of a folder."""
    return Path(name).resolve().name


def _make(spec: str, place: str) -> OpenedModel:
    """Import the factory and call it."""
    module_name, colon, factory_name = place.rpartition(":")
    if not colon or not module_name or not factory_name:
        raise LrdBenchError(f"{spec}: names no module and factory. Write python:package.module:factory.")
    try:
        module = _import_from_here(module_name)
    except ImportError as error:
        raise LrdBenchError(
            f"{spec}: cannot import {module_name!r} ({error}). Check the spelling; the current folder is searched too."
        ) from error
    except Exception as error:
        raise LrdBenchError(f"{spec}: {module_name!r} fails when imported: {type(error).__name__}: {error}.") from error
    factory = getattr(module, factory_name, None)
    if not callable(factory):
        known = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
        raise LrdBenchError(f"{spec}: in {module_name!r}, {unknown('factory', factory_name, known)}")
    model = blaming(spec, f"{factory_name}()", factory)
    for needed in ("logprobs", "context", "bidirectional", "vocabulary"):
        if not hasattr(model, needed):
            raise LrdBenchError(
                f"{spec}: returned {type(model).__name__}, which has no `{needed}`. Subclass "
                "lrd_bench.models.base.LanguageModel: it has all but `logprobs`."
            )
    if getattr(type(model), "logprobs", None) is LanguageModel.logprobs:
        raise LrdBenchError(f"{spec}: {type(model).__name__} does not define `logprobs`. Write it.")
    # The file too, so that a model whose code has changed is asked again.
    file = getattr(module, "__file__", None)
    digest = digest_of([spec, file and file_digest(Path(file))])
    return OpenedModel(name=factory_name, digest=digest, seed=None, model=foreign_model(spec, model))


def _import_from_here(module_name: str) -> ModuleType:
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        return importlib.import_module(module_name)
    finally:
        sys.path.remove(here)
