"""`inputs.json` in a run's folder: what those outputs were made from that have no room to say so themselves."""

import json
from pathlib import Path
from typing import Any

from lrd_bench import __version__
from lrd_bench.files import digest_of, file_digest, to_json, write_text

STAMPS = "inputs.json"


def is_made(output: Path, inputs: Any) -> bool:
    """Whether an output beside `inputs.json` was made from these inputs (a JSON value) and is as it was then."""
    return output.is_file() and _read(output.with_name(STAMPS)).get(output.name) == _digest(output, inputs)


def note_made(output: Path, inputs: Any) -> None:
    """Write down that an output has just been made from these inputs."""
    file = output.with_name(STAMPS)
    stamps = {**_read(file), output.name: _digest(output, inputs)}
    if stamps != _read(file):
        write_text(file, to_json(stamps) + "\n")


def _digest(output: Path, inputs: Any) -> str:
    return digest_of([__version__, inputs, file_digest(output)])


def _read(file: Path) -> dict[str, Any]:
    """The digest of each output; none where there is no sound file, for then all is made again."""
    try:
        stamps = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}
