"""What an unfinished training needs to go on as if it had never stopped: one file beside the model's folder.

A checkpoint is written under a temporary name and renamed: whenever a process is killed, a whole one is there. It names
the inputs that it is of and the digest of its numbers. Nothing is pickled.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from lrd_bench.errors import LrdBenchError, OtherInputsError
from lrd_bench.files import replacing

Tensors = Mapping[str, Tensor]
FORMAT = "1"
"""Raised whenever what a checkpoint holds changes."""


def checkpoint_of(out: Path) -> Path:
    """Where the checkpoint of a model folder is while it is made."""
    return out.with_name(f"{out.name}.unfinished")


@dataclass(frozen=True, kw_only=True)
class CheckpointFile:
    """The checkpoint of one training."""

    path: Path
    made_from: str
    """The digest of all inputs, and what else must be the same for the same bytes, such as the number of threads."""

    def write(self, tensors: Tensors, state: Mapping[str, Any]) -> None:
        """Replace the checkpoint. Raises LrdBenchError where it cannot be written; the one before then stays."""
        said = json.dumps(state)
        about = {"format": FORMAT, "made_from": self.made_from, "state": said, "digest": _digest(tensors, said)}
        with replacing(self.path) as temporary:
            # Not `save_file`, which has temporary files of its own, and leaves them where the process is killed.
            temporary.write_bytes(safetensors.torch.save(dict(tensors), metadata=about))

    def read(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The tensors and the state that were written; None where there is no checkpoint.

        Raises LrdBenchError for one that is damaged, and OtherInputsError for one of other inputs or another version.
        """
        if not self.path.exists():
            return None
        try:
            with safetensors.safe_open(self.path, framework="pt") as file:
                about = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        except (OSError, safetensors.SafetensorError) as error:
            raise self._damaged(str(error)) from error
        if about.get("format") != FORMAT or about.get("made_from") != self.made_from:
            raise OtherInputsError(
                f"{self.path}: is a training that was stopped, of other inputs or settings, by another version or with "
                "another number of threads or processes. Give those again to go on with it; --force begins anew."
            )
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

    def _damaged(self, why: str) -> LrdBenchError:
        return LrdBenchError(f"{self.path}: this checkpoint is damaged ({why}). Begin the training anew with --force.")


def _digest(tensors: Tensors, state: str) -> str:
    digest = hashlib.sha256(state.encode())
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype} {list(tensors[name].shape)}".encode())
        digest.update(tensors[name].contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()
