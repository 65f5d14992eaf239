"""The lines of someone else's text file: decoded, numbered, and with an error that names the line."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import file_digest, opened, replacing
from lrd_bench.vocabulary import BOS, EOS

Words = tuple[str, ...]

END = "<eos>"
"""How the files of Gulordava et al. and their kin end a sentence."""


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A file read whole. Lines are counted from 1."""

    path: Path
    lines: tuple[str, ...]
    """Without their ends, be they LF or CRLF; blank lines at the end of the file are left out."""
    sha256: str
    """Of the file as it lies there: of a compressed one, of the compressed bytes."""

    def source(self, line: int) -> dict[str, Any]:
        """Where an item comes from: the file's name (never a path), its digest and the line."""
        return {"file": self.path.name, "sha256": self.sha256, "line": line}

    def error(self, line: int, message: str) -> LrdBenchError:
        """An error in one line."""
        return LrdBenchError(f"{self.path}:{line}: {message}")

    def words(self, line: int, sentence: str) -> Words:
        """A tokenised sentence as words, without the `<eos>` at its end.

        Raises LrdBenchError for a sentence without words, and for a boundary symbol inside it.
        """
        words = words_of(sentence)
        if words[-1:] == (END,):
            words = words[:-1]
        if not words:
            raise self.error(line, "the sentence has no words. Mend or remove the line.")
        if found := sorted({BOS, EOS, END} & set(words)):
            raise self.error(line, f"{found[0]} stands inside the sentence. Keep one sentence a line, without it.")
        return words


def words_of(text: str) -> Words:
    """The words of tokenised text. Spaces alone separate them: a no-break space may stand inside a word."""
    return tuple(word for word in text.split(" ") if word)


def write_lines(lines: Iterable[str], out: Path, *, force: bool = False) -> None:
    """Write lines, packed if `out` ends in `.gz`. A file that says the same is left as it is.

    Raises LrdBenchError where another file is there, unless `force`, and where the place cannot be written.
    """
    text = "".join(f"{line}\n" for line in lines).encode()
    if out.exists() and not force:
        if out.is_file() and _content(out) == text:
            return
        raise LrdBenchError(
            f"{out}: exists and is another file. Name another place with --out, or replace it with --force."
        )
    with replacing(out) as temporary:
        temporary.write_bytes(gzip.compress(text, mtime=0) if out.suffix == ".gz" else text)


def _content(path: Path) -> bytes:
    with opened(path) as file:
        return file.read()


def read_text_file(path: Path) -> TextFile:
    """Read a text file, plain or gzipped.

    Raises LrdBenchError where it cannot be read, is damaged, empty, or not UTF-8 (naming the line).
    """
    with opened(path) as file:
        data = file.read()
    try:
        text = data.decode("utf-8-sig")  # Windows programs put a byte order mark first
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LrdBenchError(f"{path}:{line}: is not UTF-8 ({error.reason}). Save the file as UTF-8.") from error
    # Not `splitlines`, which also cuts at characters that are part of a sentence, such as U+2028.
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise LrdBenchError(f"{path}: is empty. Check that the file is whole.")
    return TextFile(path=path, lines=tuple(lines), sha256=file_digest(path))
