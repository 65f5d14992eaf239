"""What an unfinished training needs to go on as if it had never stopped: one file beside the model's folder.

A checkpoint is written under a temporary name and renamed: whenever a process is killed, a whole one is there. It names
the inputs that it is of and the digest of its numbers. Nothing is pickled.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from lrd_bench.errors import LrdBenchError, OtherInputsError
from lrd_bench.files import replacing
from lrd_bench.models.folder import MANIFEST, checkpoint_of

Tensors = Mapping[str, Tensor]
Parts = Mapping[str, str | int]
"""What a person can change, by name."""
FORMAT = "2"
"""Raised whenever what a checkpoint holds changes."""
DIGESTS = ("recipe", "corpus", "vocabulary")
"""Parts of which there is nothing to show."""


def remove_checkpoint_of(inputs: Parts, out: Path) -> None:
    """Remove what a process that was killed at its very end has left beside the model; not what is of other inputs."""
    path = checkpoint_of(out)
    if _machine_of(path, inputs) is not None:
        with suppress(OSError):
            path.unlink()


def replaces_model(inputs: Parts, out: Path) -> bool:
    """Whether a training of these inputs was stopped that may replace the model there: it began after that was made."""
    path, model = checkpoint_of(out), out / MANIFEST
    if not model.exists() or _machine_of(path, inputs) is None:
        return False
    return path.stat().st_mtime_ns > model.stat().st_mtime_ns


@dataclass(frozen=True, kw_only=True)
class CheckpointFile:
    """The checkpoint of one training."""

    path: Path
    inputs: Parts
    """What the model is made from; of what is long, the digest."""
    machine: Parts
    """What else must be the same for the same bytes, such as the number of threads."""

    def write(self, tensors: Tensors, state: Mapping[str, Any]) -> None:
        """Replace the checkpoint. Raises LrdBenchError where it cannot be written; the one before then stays."""
        said, tensors = json.dumps(state), _apart(tensors)
        about = {"format": FORMAT, "state": said, "digest": _digest(tensors, said)}
        about |= {"inputs": json.dumps(dict(self.inputs)), "machine": json.dumps(dict(self.machine))}
        with replacing(self.path) as temporary:
            # Not `save_file`, which has temporary files of its own, and leaves them where the process is killed.
            temporary.write_bytes(safetensors.torch.save(tensors, metadata=about))

    def read(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The tensors and the state that were written; None where there is no checkpoint.

        Raises OtherInputsError for one of other inputs or another version, and LrdBenchError for one that is damaged or
        that this machine, as it is set now, would not go on from to the same weights.
        """
        if not self.path.exists():
            return None
        try:
            about = _about(self.path)
            self._check(about)
            with safetensors.safe_open(self.path, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        except (OSError, safetensors.SafetensorError, ValueError) as error:
            raise self._damaged(str(error)) from error
        said = about.get("state", "")
        if about.get("digest") != _digest(tensors, said):
            raise self._damaged("its numbers are not those that were written")
        state: dict[str, Any] = json.loads(said)
        return tensors, state

    def remove_unless_sound(self) -> None:
        """Remove a checkpoint that there is no going on from: one of other inputs, or a damaged one."""
        try:
            self.read()
        except LrdBenchError:
            self.remove()

    def remove(self) -> None:
        """Remove the checkpoint, if it is there."""
        self.path.unlink(missing_ok=True)

    def _check(self, about: Mapping[str, str]) -> None:
        """Raise for a checkpoint of another training what `read` says."""
        if about.get("format") != FORMAT:
            inputs, machine = ["another version of lrd_bench"], list[str]()
        else:
            inputs = _differences(_parts(about, "inputs"), self.inputs)
            machine = _differences(_parts(about, "machine"), self.machine)
        if not inputs + machine:
            return
        how = " (OMP_NUM_THREADS sets threads)" if any(other.startswith("threads") for other in machine) else ""
        raise (OtherInputsError if inputs else LrdBenchError)(
            f"{self.path}: holds a training that was stopped, with {', '.join(inputs + machine)}. "
            f"Give the same again{how} to go on with it, or remove it to begin anew."
        )

    def _damaged(self, why: str) -> LrdBenchError:
        return LrdBenchError(f"{self.path}: this checkpoint is damaged ({why}). Remove it to begin anew.")


def products_of(path: Path, inputs: Parts) -> str | None:
    """The library that multiplied matrices up to a checkpoint (see `lrd_bench.train.products`); None for one of other
    inputs, and without one."""
    products = (_machine_of(path, inputs) or {}).get("products")
    return None if products is None else str(products)


def _machine_of(path: Path, inputs: Parts) -> Parts | None:
    """The machine of a checkpoint of these inputs; None where there is no such file that can be read."""
    with suppress(OSError, safetensors.SafetensorError, ValueError):
        about = _about(path)
        if _parts(about, "inputs") == inputs:
            return _parts(about, "machine")
    return None


def _about(path: Path) -> dict[str, str]:
    """What a file says of itself."""
    with safetensors.safe_open(path, framework="pt") as file:
        return file.metadata() or {}


def _parts(about: Mapping[str, str], kind: str) -> dict[str, str | int]:
    """Raises ValueError where the file does not say it."""
    parts: dict[str, str | int] = json.loads(about.get(kind, ""))
    return parts


def _differences(before: Parts, now: Parts) -> list[str]:
    """What differs, in words."""
    return [
        f"another {name}" if name in DIGESTS else f"{name} {before.get(name)} (now {part})"
        for name, part in now.items()
        if before.get(name) != part
    ]


def _apart(tensors: Tensors) -> dict[str, Tensor]:
    """On the CPU, each with memory of its own, as safetensors wants them: tied weights share theirs."""
    apart: dict[str, Tensor] = {}
    held = set[int]()
    for name, tensor in tensors.items():
        here = tensor.detach().cpu().contiguous()
        apart[name] = here.clone() if here.data_ptr() in held else here
        held.add(here.data_ptr())
    return apart


def _digest(tensors: Tensors, state: str) -> str:
    digest = hashlib.sha256(state.encode())
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype} {list(tensors[name].shape)}".encode())
        digest.update(tensors[name].contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()
