"""Files: written without losing anything, read packed or plain, and known by the inputs that they were made from.

Everything is written under a temporary name beside its place and renamed when it is whole, so that a reader never
meets half a file and an interrupted run leaves the earlier one as it was.
"""

import errno
import glob
import gzip
import hashlib
import json
import os
import re
import shutil
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from lrd_bench.errors import LrdBenchError, OtherInputsError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; rename it to `path` if the block ends well, else remove it.

    The temporary path does not exist yet: the block makes a file or a folder there. A folder replaces a folder whole.
    Raises LrdBenchError where the place cannot be written (read-only, full, no such folder that can be made).
    """
    temporary, earlier = (path.with_name(f".{path.name}.{_who()}.{name}") for name in ("partial", "earlier"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    _remove_orphans(path)
    try:
        yield temporary
        if path.is_dir() and temporary.is_dir():
            path.rename(earlier)  # at no moment is there neither the old folder nor the new one
        temporary.replace(path)
    except OSError as error:
        # Only what concerns the output: a missing input opened inside the block keeps its own message.
        if error.filename is not None and not Path(os.fsdecode(error.filename)).is_relative_to(path.parent):
            raise
        raise _unwritable(path, error) from error
    finally:
        if earlier.is_dir() and not path.exists():
            earlier.rename(path)
        for left in (temporary, earlier):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
        with suppress(OSError):  # where nothing can be written, there is nothing to remove
            temporary.unlink()


def _remove_orphans(path: Path) -> None:
    """Remove what processes that were killed have left of this output."""
    # Of this machine's: whether others' processes are running, nobody here knows.
    for left in path.parent.glob(f".{glob.escape(path.name)}.{glob.escape(_host())}-*.partial"):
        number = left.name.removesuffix(".partial").rpartition("-")[2]
        if number.isdecimal() and not _is_running(int(number)):
            shutil.rmtree(left, ignore_errors=True)
            with suppress(OSError):
                left.unlink()


def _who() -> str:
    return f"{_host()}-{os.getpid()}"


def _host() -> str:
    return socket.gethostname().partition(".")[0].replace("/", "")


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _unwritable(path: Path, error: OSError) -> LrdBenchError:
    reason = error.strerror or str(error)
    first = "Free some space, or name" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "Name"
    # A file of a folder that is itself on its way is called what it was to be called.
    path = Path(re.sub(rf"\.([^/]+)\.{re.escape(_who())}\.partial", r"\1", str(path)))
    return LrdBenchError(f"{path}: cannot be written ({reason}). {first} another place with --out.")


def write_text(path: Path, text: str) -> None:
    """Write a whole text file, UTF-8, under a temporary name first."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


_GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def opened(path: Path) -> Iterator[BufferedIOBase]:
    """Open a file for reading, plain or gzipped: its first bytes say which, not its name.

    Raises LrdBenchError where it cannot be read or is damaged, be it only while it is read.
    """
    try:
        with path.open("rb") as file:
            if file.peek(2).startswith(_GZIP_MAGIC):
                with gzip.open(file) as unpacked:
                    yield unpacked
            else:
                yield file
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise LrdBenchError(f"{path}: cannot be read ({reason}). Check the path and that the file is whole.") from error


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file, plain or gzipped, with their numbers from 1 on and without their ends, streamed.

    Raises LrdBenchError where it cannot be read, and naming the line that is not UTF-8.
    """
    with opened(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                # Windows programs put a byte order mark first.
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise LrdBenchError(
                    f"{path}:{number}: not UTF-8 (byte {error.start} of the line). Save the file as UTF-8."
                ) from error


def count_lines(path: Path) -> int | None:
    """How many lines a file has, quickly; None for a gzipped one."""
    with suppress(OSError), path.open("rb") as file:  # reading says what is wrong
        if file.peek(2)[:2] != b"\x1f\x8b":
            return sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
    return None


def to_json(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, non-ASCII characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(value: Any) -> str:
    """The sha256 of a JSON value's canonical form, in hexadecimal."""
    return hashlib.sha256(to_json(value).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal. Raises LrdBenchError where the file cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LrdBenchError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error


def already_made(path: Path, made_from: str | None, inputs: str, *, force: bool, other: str = "") -> bool:
    """Whether `path` holds what these inputs would give, so that there is nothing to do.

    path:       the output
    made_from:  the digest of the inputs that the existing output names; None where it names none
    inputs:     the digest of the inputs at hand
    other:      which of its inputs are others, for the message

    Raises OtherInputsError where an output made from other inputs stands there, unless `force`.
    """
    if force or not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return False
    if made_from == inputs:
        return True
    raise OtherInputsError(
        f"{path}: exists and was made from other inputs or settings{other and f': {other}'}. "
        "Name another place with --out, or replace it with --force."
    )
