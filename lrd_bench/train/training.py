"""`train_model`: one entry point for every family, with the same vocabulary, folder and metrics."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path

import torch

from lrd_bench import __version__
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import already_made, replacing
from lrd_bench.models.folder import FILES, MANIFEST, Origin, checkpoint_of, folder_made_from, write_model
from lrd_bench.models.neural import find_device
from lrd_bench.models.recipes import NeuralRecipe
from lrd_bench.progress import progress_bar, say
from lrd_bench.train.batches import Share
from lrd_bench.train.checkpoint import CheckpointFile, Parts, products_of, remove_checkpoint_of, replaces_model
from lrd_bench.train.families import Trained, train_family
from lrd_bench.train.inputs import Inputs, cut_text, read_inputs
from lrd_bench.train.loop import OnProgress
from lrd_bench.train.processes import is_first, joined, wait_for_all
from lrd_bench.train.products import is_exact, quickest_products, slowness_of_bfloat16
from lrd_bench.train.subnormals import subnormals_as_zero

PACKAGES = ("torch", "numpy", "safetensors")
RECORDED = ("products", "subnormals", "threads", "processes")
"""Of the machine, where a model is trained by steps."""
SLOW = 1.1
"""Times as long as products of `float32`; less is chance."""


def train_model(
    model: str,
    corpus: Path,
    *,
    out: Path,
    seed: int = 0,
    device: str = "auto",
    vocabulary: Path | None = None,
    max_epochs: int | None = None,
    raw: bool = False,
    force: bool = False,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> Path:
    """Train a model of a shipped name or of the user's own recipe, and return its folder.

    corpus:       a folder with train, valid and test, or a text file; the ideal observer needs its grammar.json too
    seed:         of initial weights, order and dropout; the same seed gives the same weights on the same CPU with the
                  same number of threads, and the same library for matrix products (`products` in `manifest.json`).
                  Models that are counted take none.
    device:       auto, cpu or cuda
    vocabulary:   a vocabulary.tsv; None: the words that the training text has at least twice
    max_epochs:   instead of the recipe's; None: the recipe's
    raw:          the corpus is running English text: it is cut into sentences and words, which stay in `OUT.text`
    force:        replace a model or a checkpoint that was made from other inputs, or is damaged; refused where files of
                  others lie in the model's folder
    threads:      for torch; None: as it is set
    on_progress:  called at most ten times a second with words done and words in all at most; None: a progress bar

    A model already there that was made from the same inputs is left as it is. A training that was killed goes on from
    its checkpoint, `OUT.unfinished`, and gives the same weights on the same CPU, in float32, as if it had not been;
    where it was to replace a model, it needs no `force` again. Under `torchrun`, several processes train one network.

    Raises LrdBenchError for any input that is missing or wrong, a place that cannot be written, a checkpoint that is
    damaged or of other inputs, and training that fails.
    """
    target = find_device(device)
    if raw:
        corpus = cut_text(model, corpus, out, force=force)
    inputs = read_inputs(model, corpus, vocabulary, seed, max_epochs)
    if _is_made(out, inputs, force=force):
        return out
    with (
        _threads(threads),
        subnormals_as_zero() as subnormals,
        joined(target) as share,
        _products(inputs, target, share, checkpoint_of(out), force=force) as products,
    ):
        _warn_of_slow_products(inputs, target, share)
        machine = _machine(target, share, products, subnormals)
        checkpoint = _checkpoint(out, inputs, machine, share, force=force)
        if share.rank:
            _train(inputs, target, lambda done, total: None, share, checkpoint)
            return out
        with replacing(out) as temporary, _progress(inputs.name, on_progress) as report:
            temporary.mkdir()  # now, so that a place that cannot be written is known before training, not after
            _fill(temporary, inputs, target, machine, report, share, checkpoint)
        if checkpoint is not None:
            checkpoint.remove()
    return out


def _is_made(out: Path, inputs: Inputs, *, force: bool) -> bool:
    """Whether the model stands there already. Raises LrdBenchError where it is not to be written there."""
    if not _holds_model(out):
        return False
    goes_on = inputs.seed is not None and replaces_model(inputs.parts, out)  # as it began, which was with force
    if already_made(out, folder_made_from(out), inputs.digest, force=force or goes_on):
        if inputs.seed is not None and is_first():
            remove_checkpoint_of(inputs.parts, out)
        return True
    _check_nothing_else(out)
    return False


def _products(
    inputs: Inputs, device: torch.device, share: Share, checkpoint: Path, *, force: bool
) -> AbstractContextManager[str] | nullcontext[None]:
    """The library for matrix products, which a training that goes on keeps; nothing for a model that is counted.

    Raises LrdBenchError where that library rounds on this machine, unless the training may begin anew.
    """
    if inputs.seed is None:
        return nullcontext()
    earlier = products_of(checkpoint, inputs.parts)
    if earlier == "onednn" and device.type == "cpu" and not is_exact():
        if not force:
            raise LrdBenchError(
                f"{checkpoint}: holds a training that was stopped, with matrix products of oneDNN, which rounds them "
                "on this processor. Go on where it began, or remove it to begin anew."
            )
        earlier = None
    return quickest_products(device, earlier, share)


def _warn_of_slow_products(inputs: Inputs, device: torch.device, share: Share) -> None:
    """Say so where the recipe's `precision` makes the processor slower, not quicker."""
    narrow = isinstance(inputs.recipe, NeuralRecipe) and inputs.recipe.train.precision == "bfloat16"
    if narrow and device.type == "cpu" and share.rank == 0 and slowness_of_bfloat16() > SLOW:
        say(
            f'{inputs.name}: `precision = "bfloat16"` makes matrix products slower on this processor. '
            "Leave it out of the recipe."
        )


def _checkpoint(out: Path, inputs: Inputs, machine: Parts, share: Share, *, force: bool) -> CheckpointFile | None:
    """Where the training goes on from; None for a model that is counted."""
    if inputs.seed is None:
        return None
    checkpoint = CheckpointFile(path=checkpoint_of(out), inputs=inputs.parts, machine=machine)
    if force and share.rank == 0:
        checkpoint.remove_unless_sound()
    wait_for_all(share)
    return checkpoint


def _fill(
    folder: Path,
    inputs: Inputs,
    device: torch.device,
    machine: Parts,
    on_progress: OnProgress,
    share: Share,
    checkpoint: CheckpointFile | None,
) -> None:
    """Train, and write the model into an empty folder."""
    started = time.monotonic()
    by_steps = {} if inputs.seed is None else {name: machine[name] for name in RECORDED}
    trained = _train(inputs, device, on_progress, share, checkpoint)
    origin = Origin(
        name=inputs.name,
        seed=inputs.seed,
        version=__version__,
        made_from=inputs.digest,
        model_digest=inputs.model_digest,
        corpus=inputs.corpus_digests,
        device="cpu" if inputs.seed is None else device.type,
        packages={package: version(package) for package in PACKAGES},
        elapsed_s=round(trained.earlier_s + time.monotonic() - started, 3),
        **by_steps,
    )
    write_model(
        folder,
        recipe=inputs.recipe,
        model=trained.model,
        metrics=trained.metrics,
        log=trained.log,
        origin=origin,
    )


def _machine(device: torch.device, share: Share, products: str | None, subnormals: str) -> Parts:
    """What must be the same, besides the inputs, for a training to go on to the same weights."""
    return {
        "device": device.type,
        "threads": torch.get_num_threads(),
        "processes": share.world,
        "torch": str(torch.__version__),
        "products": products or "",
        "subnormals": subnormals,
    }


def _holds_model(out: Path) -> bool:
    """Whether a model folder stands there; False where nothing does.

    Raises LrdBenchError for anything else, --force or not: a folder is replaced whole, whatever it holds.
    """
    if (out / MANIFEST).is_file():
        return True
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise LrdBenchError(f"{out}: is there and is not a model folder. Name another place with --out.")
    return False


def _check_nothing_else(out: Path) -> None:
    """Raise LrdBenchError where a model folder holds what replacing it would delete and no training makes again."""
    if others := sorted(path.name for path in out.iterdir() if path.name not in FILES):
        raise LrdBenchError(
            f"{out}: holds {', '.join(others)}, not made by training, and is replaced whole. Move them away first."
        )


def _train(
    inputs: Inputs,
    device: torch.device,
    on_progress: OnProgress,
    share: Share,
    checkpoint: CheckpointFile | None,
) -> Trained:
    """Train; an error names the model, for a run trains several."""
    try:
        return train_family(inputs, device, on_progress, share=share, checkpoint=checkpoint)
    except LrdBenchError as error:
        named = str(error).startswith(f"{inputs.name}: ")
        raise type(error)(str(error) if named else f"{inputs.name}: {error}") from error


@contextmanager
def _threads(number: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(before if number is None else number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _progress(name: str, on_progress: OnProgress | None) -> Iterator[OnProgress]:
    if on_progress is not None:
        yield on_progress
        return
    with progress_bar() as bar:
        task = bar.add_task(f"training {name}", total=None, unit="words")
        yield lambda done, total: bar.update(task, completed=done, total=total)
