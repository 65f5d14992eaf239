"""The lines of a file that is too large for memory, in blocks; and what is wrong with one of them."""

import zlib
from io import BufferedIOBase
from pathlib import Path

from lrd_bench.errors import LrdBenchError

BLOCK = 1 << 22
"""Bytes that are read at a time."""

BLANKS = b" \t\r\0"
"""What stands between words, as KenLM has it, apart from newlines."""


class Lines:
    """Where in a file reading has got to."""

    block: bytes = b""
    """Whole lines."""
    at: int = 0
    """Where in the block the next line begins."""
    number: int = 1
    """Of that line in the file."""

    def __init__(self, path: Path, file: BufferedIOBase) -> None:
        self.path, self._file = path, file
        self._rest = b""  # of a line whose end is yet to be read

    def line(self) -> bytes | None:
        """The next line, without the blanks around it; None at the end of the file. Does not pass it."""
        if self.at == len(self.block):
            self._load()
        if not self.block:
            return None
        return self.block[self.at : self.block.index(b"\n", self.at)].strip(BLANKS)

    def filled_line(self) -> bytes | None:
        """The next line that is not blank; None at the end of the file. Passes the blank lines before it."""
        while (line := self.line()) == b"":
            self.skip()
        return line

    def skip(self) -> None:
        """Pass the next line."""
        self.advance(self.block.index(b"\n", self.at) + 1, 1)

    def advance(self, at: int, lines: int) -> None:
        """Go on at a later line of the block, so many lines further."""
        self.at = at
        self.number += lines

    def refused(self, what: str, *, line: int | None = None) -> LrdBenchError:
        """What is wrong with a line, by default the next one."""
        return LrdBenchError(f"{self.path}:{line or self.number}: {what}")

    def _load(self) -> None:
        """Read the next block; an empty one at the end. Raises LrdBenchError where the file is cut off or damaged."""
        pieces, size = [self._rest], 0
        try:
            # One raw read at a time, for one that fails loses what it has read.
            while size < BLOCK and (piece := self._file.read1(BLOCK)):
                pieces.append(piece)
                size += len(piece)
        except (OSError, EOFError, zlib.error) as error:
            self.number += sum(piece.count(b"\n") for piece in pieces)
            reason = getattr(error, "strerror", None) or str(error).rstrip(".")
            raise self.refused(f"the file is cut off or damaged here ({reason}). Copy or make it again.") from error
        text = b"".join(pieces)
        if not size:
            text += b"\n" if text else b""  # a last line without a newline
        end = text.rfind(b"\n") + 1
        if text and not end:
            raise self.refused(f"a line of more than {BLOCK >> 20} MiB. This is no ARPA file.")
        self.block, self._rest, self.at = text[:end], text[end:], 0


def shown(text: bytes) -> str:
    """What stands in a file, for a message."""
    return repr(text.decode(errors="backslashreplace")[:80])
