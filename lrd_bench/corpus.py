"""Training text: a folder of three splits, or one file of which every twentieth sentence is held out."""

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Literal, cast

import zstandard

from lrd_bench.errors import LrdBenchError
from lrd_bench.vocabulary import BOS, EOS

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = ("train", "valid", "test")
SUFFIXES = (".txt", ".txt.gz", ".txt.zst", ".gz", ".zst")

HELD_OUT_EVERY = 20

# Words are what KenLM takes for words: bytes between these. `str.split` also breaks at no-break spaces and the like.
_BETWEEN_WORDS = re.compile("[ \t\r\0]+")


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """One tokenised sentence a line, in three splits; a single file when the splits are cut from it."""

    name: str
    files: dict[Split, Path]
    """The file of each split; all three the same where the splits are cut from one file."""

    @property
    def _one_file(self) -> bool:
        return len(set(self.files.values())) == 1

    def sentences(self, split: Split) -> Iterator[tuple[str, ...]]:
        """The sentences of a split, streamed; blank lines are passed over.

        Raises LrdBenchError for a line that is not UTF-8 or holds a boundary symbol.
        """
        for number, sentence in enumerate(read_sentences(self.files[split]), start=1):
            if self._one_file:
                held_out: Split = "valid" if number % (2 * HELD_OUT_EVERY) else "test"
                if (split == "train") == (number % HELD_OUT_EVERY == 0) or split not in ("train", held_out):
                    continue
            yield sentence

    @cached_property
    def digest(self) -> str:
        """The sha256 of the three splits' text (decompressed)."""
        digest = hashlib.sha256()
        for path in dict.fromkeys(self.files.values()):
            for line in _lines(path):
                digest.update(line)
            digest.update(b"\0")
        return digest.hexdigest()


def open_corpus(path: Path) -> Corpus:
    """The corpus at a path. Raises LrdBenchError if it is missing, incomplete or empty."""
    if path.is_dir():
        files = {split: _split_file(path, split) for split in SPLITS}
    elif path.is_file():
        files = dict.fromkeys(SPLITS, path)
    else:
        raise LrdBenchError(f"{path}: no such corpus. Name a folder with train, valid and test, or a text file.")
    corpus = Corpus(name=path.resolve().name.partition(".")[0], files=files)
    for split in SPLITS:
        if next(corpus.sentences(split), None) is None:
            need = f" A single file needs at least {2 * HELD_OUT_EVERY} sentences." if path.is_file() else ""
            raise LrdBenchError(f"{files[split]}: no sentences for {split!r}: one tokenised sentence a line.{need}")
    return corpus


def _split_file(folder: Path, split: Split) -> Path:
    candidates = [folder / f"{split}{suffix}" for suffix in SUFFIXES]
    found = [path for path in candidates if path.is_file()]
    if len(found) != 1:
        what = "no file" if not found else "several files"
        raise LrdBenchError(f"{folder}: {what} for {split!r}. Expected one of {', '.join(p.name for p in candidates)}.")
    return found[0]


def read_sentences(path: Path) -> Iterator[tuple[str, ...]]:
    """The non-blank lines of a text file (plain, .gz or .zst) as words, streamed.

    Raises LrdBenchError naming the line that is not UTF-8 or holds a boundary symbol.
    """
    for number, line in enumerate(_lines(path), start=1):
        try:
            words = tuple(word for word in _BETWEEN_WORDS.split(line.decode("utf-8").rstrip("\n")) if word)
        except UnicodeDecodeError as error:
            raise LrdBenchError(
                f"{path}:{number}: not UTF-8 (byte {error.start} of the line). Save the file as UTF-8."
            ) from error
        if BOS in words or EOS in words:
            raise LrdBenchError(f"{path}:{number}: {BOS} and {EOS} are boundary symbols. Remove them from the text.")
        if words:
            yield words


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a file that may be compressed. Raises LrdBenchError where it cannot be read or is damaged."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from _zst_lines(cast(IO[bytes], file)) if path.suffix == ".zst" else file
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LrdBenchError(f"{path}: cannot be read ({reason}). Check the path and that the file is whole.") from error


def _zst_lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a Zstandard file. Its own reader stops at the first frame's end, and at a cut without a word."""
    frame, rest = None, b""
    while chunk := file.read(2**17):
        while chunk:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            *lines, rest = (rest + frame.decompress(chunk)).split(b"\n")
            yield from (line + b"\n" for line in lines)
            chunk = frame.unused_data
            if frame.eof:
                frame = None
    if frame is not None:
        raise EOFError("it ends in the middle of a frame")
    if rest:
        yield rest
