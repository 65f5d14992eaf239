"""Training text: a folder of three splits, or one file of which every twentieth sentence is held out."""

import gzip
import hashlib
import io
import json
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
SPLIT_NAMES: dict[Split, tuple[str, ...]] = {"train": ("train",), "valid": ("valid", "dev"), "test": ("test",)}
SUFFIXES = (".txt", ".txt.gz", ".txt.zst", ".gz", ".zst")

MANIFEST = "manifest.json"
"""Beside the splits of a corpus that we wrote: what it was made from."""

HELD_OUT_EVERY = 20

PIECE_BYTES = 2**22

# Words are what KenLM takes for words: bytes between these. `str.split` also breaks at no-break spaces and the like.
_BETWEEN_WORDS = re.compile("[ \t\r\n\0]+")


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
            if not self._one_file or split_of(number) == split:
                yield sentence

    def blocks(self, split: Split) -> Iterator[bytes]:
        """The lines of a split as they are, some MiB of whole lines at a time; those of other splits are left blank.

        Raises LrdBenchError where the file cannot be read or is damaged.
        """
        if not self._one_file:
            yield from read_blocks(self.files[split])
            return
        number = 0
        for block in read_blocks(self.files[split]):
            lines = []
            for line in io.BytesIO(block):
                number += bool(line.strip(b" \t\r\n\0"))
                lines.append(line if split_of(number) == split else b"\n")
            yield b"".join(lines)

    @cached_property
    def digest(self) -> str:
        """The sha256 of the three splits' text (decompressed)."""
        digest = hashlib.sha256()
        for path in dict.fromkeys(self.files.values()):
            for line in _lines(path):
                digest.update(line)
            digest.update(b"\0")
        return digest.hexdigest()


def split_of(number: int) -> Split:
    """The split of a file's first, second … sentence."""
    if number % HELD_OUT_EVERY:
        return "train"
    return "valid" if number % (2 * HELD_OUT_EVERY) else "test"


def split_named(file_name: str) -> Split | None:
    """The split that a file's name says it is of: what it is or ends in, before its suffixes; None where it says none.

    `train.tsv` and `en_ewt-ud-dev.conllu.gz` are of one; `latest.tsv` and `constrain.tsv` are not.
    """
    end = re.split(r"[-_.]", re.sub(r"\.(tsv|conllu)(\.gz)?$", "", file_name))[-1]
    return next((split for split, names in SPLIT_NAMES.items() if end in names), None)


def open_corpus(path: Path) -> Corpus:
    """The corpus at a path. Raises LrdBenchError if it is missing, incomplete or empty."""
    files = corpus_files(path)
    corpus = Corpus(name=path.resolve().name.partition(".")[0], files=files)
    for split in SPLITS:
        if next(corpus.sentences(split), None) is None:
            need = f" A single file needs at least {2 * HELD_OUT_EVERY} sentences." if path.is_file() else ""
            raise LrdBenchError(f"{files[split]}: no sentences for {split!r}: one tokenised sentence a line.{need}")
    return corpus


def corpus_files(path: Path) -> dict[Split, Path]:
    """The file of each split; all three the same where the path is a file. Raises LrdBenchError if one is missing."""
    if path.is_dir():
        return {split: _split_file(path, split) for split in SPLITS}
    if path.is_file():
        return dict.fromkeys(SPLITS, path)
    raise LrdBenchError(f"{path}: no such corpus. Name a folder with train, valid and test, or a text file.")


def _split_file(folder: Path, split: Split) -> Path:
    candidates = [folder / f"{split}{suffix}" for suffix in SUFFIXES]
    found = [path for path in candidates if path.is_file()]
    if len(found) != 1:
        what = "no file" if not found else "several files"
        raise LrdBenchError(f"{folder}: {what} for {split!r}. Expected one of {', '.join(p.name for p in candidates)}.")
    return found[0]


def holds_corpus(out: Path, *beside: str) -> bool:
    """Whether a corpus that we wrote, or some of it, stands there; False where nothing does.

    beside:  files that stand beside the three splits and the manifest

    Raises LrdBenchError for anything else, --force or not: a folder is replaced whole, whatever it holds.
    """
    ours = {MANIFEST, *beside, *(f"{split}.txt" for split in SPLITS)}
    found = {path.name for path in out.iterdir()} if out.is_dir() else set()
    if out.is_file():
        raise LrdBenchError(f"{out}: is a file, and a training text is a folder. Name another place with --out.")
    if foreign := sorted(found - ours):
        raise LrdBenchError(
            f"{out}: holds {', '.join(foreign)}, which is no part of a training text, and is replaced whole. "
            "Move it away first, or name another place with --out."
        )
    return bool(found)


def corpus_made_from(folder: Path) -> str | None:
    """The digest of the inputs that the manifest of a corpus names; None where there is no sound manifest."""
    try:
        return str(json.loads((folder / MANIFEST).read_bytes())["made_from"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def words_of(line: str) -> tuple[str, ...]:
    """The words of a line of tokenised text."""
    return tuple(word for word in _BETWEEN_WORDS.split(line) if word)


def read_sentences(path: Path) -> Iterator[tuple[str, ...]]:
    """The non-blank lines of a text file (plain, .gz or .zst) as words, streamed.

    Raises LrdBenchError naming the line that is not UTF-8 or holds a boundary symbol.
    """
    for number, line in enumerate(_lines(path), start=1):
        try:
            words = words_of(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise LrdBenchError(
                f"{path}:{number}: not UTF-8 (byte {error.start} of the line). Save the file as UTF-8."
            ) from error
        if BOS in words or EOS in words:
            raise LrdBenchError(f"{path}:{number}: {BOS} and {EOS} are boundary symbols. Remove them from the text.")
        if words:
            yield words


def read_blocks(path: Path) -> Iterator[bytes]:
    """The text of a file (plain, .gz or .zst), streamed, some MiB of whole lines at a time.

    Raises LrdBenchError where it cannot be read or is damaged.
    """
    rest = b""
    for piece in read_pieces(path):
        lines, newline, piece_rest = piece.rpartition(b"\n")
        if newline:
            yield rest + lines + newline
            rest = piece_rest
        else:
            rest += piece
    if rest:
        yield rest


def _lines(path: Path) -> Iterator[bytes]:
    for block in read_blocks(path):
        yield from io.BytesIO(block)


def read_pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file (plain, .gz or .zst), streamed, at most some MiB at a time.

    Raises LrdBenchError where it cannot be read or is damaged.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            if path.suffix == ".zst":
                yield from _zst_pieces(cast(IO[bytes], file))
            else:
                while piece := file.read(PIECE_BYTES):
                    yield piece
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LrdBenchError(f"{path}: cannot be read ({reason}). Check the path and that the file is whole.") from error


def _zst_pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a Zstandard file. Its own reader stops at the first frame's end, and at a cut without a word."""
    frame = None
    while chunk := file.read(2**17):
        while chunk:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            yield frame.decompress(chunk)
            chunk = frame.unused_data
            if frame.eof:
                frame = None
    if frame is not None:
        raise EOFError("it ends in the middle of a frame")
