"""Models to ARPA files: all n-grams, order by order, some thousands at a time."""

import gzip
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import replacing
from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.model import NgramModel
from lrd_bench.models.ngram.tables import Floats32, spell
from lrd_bench.models.ngram.words import Bytes
from lrd_bench.progress import progress_bar
from lrd_bench.vocabulary import BOS_ID

AT_ONCE = 1 << 16
"""N-grams whose text is made at a time."""

WORD = re.compile("[^\0\t\n\r \ud800-\udfff]+")
"""What readers take for one word. (Halves of surrogate pairs have no bytes.)"""

LOWEST = np.finfo(np.float32).min

Strings = tuple[NDArray[np.integer], Bytes]
"""Where each begins, and where the last one ends; and all their bytes."""


def write_arpa(model: NgramModel, path: Path) -> None:
    """Write a model as an ARPA file; gzipped, if its name ends in `.gz`. The same model gives the same bytes.

    Numbers have as many digits as it takes to read the same 32-bit floats again, so that models read what was written
    give the same scores: ours, and KenLM's for orders from 2 on. Where writers differ:

    - `<s>` has log probability 0, as lmplz writes it, and other words that are impossible have -inf.
    - Every n-gram below the highest order has a backoff, if only 0. KenLM refuses one of -inf, so the lowest 32-bit
      float stands for it: -3.4e38, beside which KenLM's other numbers vanish.
    - That a model takes words in lower case has no place in an ARPA file, and is lost.

    Raises LrdBenchError where the place cannot be written, for a word that is empty or holds white space, and for
    stupid backoff: there a context that is not listed has its price, and no place in an ARPA file.
    """
    if not model.normalised:
        raise LrdBenchError(
            f"{path}: a model whose probabilities do not sum to one, such as stupid backoff, cannot be written as an "
            "ARPA file. Choose another smoothing."
        )
    words = _joined([_encoded(path, word) for word in model.vocabulary.words])
    with replacing(path) as temporary, _created(temporary, packed=path.suffix == ".gz") as file, progress_bar() as bar:
        task = bar.add_task(f"writing {path.name}", total=sum(len(t.words) for t in model.tables), unit="n-grams")
        counts = (f"ngram {n}={len(table.words)}\n" for n, table in enumerate(model.tables, start=1))
        file.write(b"\\data\\\n" + "".join(counts).encode())
        for n, table in enumerate(model.tables, start=1):
            file.write(f"\n\\{n}-grams:\n".encode())
            for start in range(0, len(table.words), AT_ONCE):
                stop = min(start + AT_ONCE, len(table.words))
                probs = table.log10_probs[start:stop]
                if n == 1:
                    probs = np.where(table.words[start:stop] == BOS_ID, np.float32(0), probs)
                backoffs = None
                if table.log10_backoffs is not None:
                    backoffs = _decimals(np.maximum(table.log10_backoffs[start:stop], LOWEST))
                file.write(
                    _entries(spell(model.tables, n, np.arange(start, stop)), words, _decimals(probs), backoffs).data
                )
                bar.advance(task, stop - start)
        file.write(b"\n\\end\\\n")


def _encoded(path: Path, word: str) -> bytes:
    """A word's bytes. Raises LrdBenchError for one that an ARPA file cannot hold."""
    if not WORD.fullmatch(word):
        raise LrdBenchError(
            f"{path}: the word {word!r} is empty, holds white space or is no text, and cannot stand in an ARPA file. "
            "Leave it out of the vocabulary."
        )
    return word.encode()


@contextmanager
def _created(path: Path, *, packed: bool) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        if packed:
            # No name and no time: the same text gives the same bytes. Level 6 packs as well as 9, in half the time.
            with gzip.GzipFile("", "wb", 6, file, 0) as packing:
                yield cast(IO[bytes], packing)
        else:
            yield file


def _joined(strings: Sequence[bytes]) -> Strings:
    starts = np.zeros(len(strings) + 1, np.int64)
    np.cumsum([len(string) for string in strings], out=starts[1:])
    return starts, np.frombuffer(b"".join(strings), np.uint8)


def _decimals(numbers: Floats32) -> Strings:
    """Each number with as few digits as it takes."""
    import pyarrow as pa

    _, starts, text = pa.array(numbers).cast(pa.string()).buffers()
    return np.frombuffer(starts, np.int32)[: len(numbers) + 1], np.frombuffer(text, np.uint8)


def _entries(ids: NDArray[np.int32], words: Strings, probs: Strings, backoffs: Strings | None) -> Bytes:
    """The lines of some n-grams. ids: [n-grams, n]"""
    size = int(np.diff(words[0])[ids].sum()) + ids.size + len(probs[1]) + len(ids)
    backoffs = backoffs or (np.zeros(0, np.int32), np.zeros(0, np.uint8))
    if len(backoffs[0]):
        size += len(backoffs[1]) + len(ids)
    text = np.empty(size, np.uint8)
    stop = _write_entries(ids, *words, *probs, *backoffs, text)
    return text[:stop]


@compiled
def _copy(starts, strings, number, text, at):  # type: ignore[no-untyped-def]
    """Write one of the strings; returns where it ends."""
    for k in range(starts[number], starts[number + 1]):
        text[at] = strings[k]
        at += 1
    return at


@compiled
def _write_entries(ids, starts, words, prob_starts, probs, backoff_starts, backoffs, text):  # type: ignore[no-untyped-def]
    at = 0
    for row in range(ids.shape[0]):
        at = _copy(prob_starts, probs, row, text, at)
        for k in range(ids.shape[1]):
            text[at] = 32 if k else 9
            at = _copy(starts, words, ids[row, k], text, at + 1)
        if len(backoff_starts):
            text[at] = 9
            at = _copy(backoff_starts, backoffs, row, text, at + 1)
        text[at] = 10
        at += 1
    return at
