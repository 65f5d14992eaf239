"""Columns of numbers and of words in a few bytes each, and how page.js finds them again.

    4 bytes       length of the head, little-endian
    head          JSON, UTF-8; its `columns` say of each column [type, first byte after the padding, values, bases]
    padding       to a multiple of 8 bytes
    columns       each from a multiple of 8 bytes on, little-endian

All of it is gzipped and written in base64. Numbers are kept in steps of 1/1000; of a type's numbers the smallest means
null, the next minus infinity and the largest infinity. A column with bases holds what is left of its numbers without
the sum of those columns, wherever all of them are finite: of a sum that it is, nothing but rounding, which packs well.
"""

import base64
import gzip
import struct
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrd_bench.files import to_json

STEPS = 1000
"""Numbers are kept in steps of 1/STEPS, be they bits or accuracies."""

_NUMBERS = ("int8", "int16", "int32")
_CODES = ("uint8", "uint16", "uint32")

Ints = NDArray[np.int64]


class Base(NamedTuple):
    """A column of numbers that another one is about the sum of."""

    name: str
    order: NDArray[np.intp] | None = None
    """Where to read the number of each row: at its twin's; None: at its own."""


class Columns:
    """Columns that are being gathered."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._places: dict[str, list[Any]] = {}
        self._steps: dict[str, tuple[Ints, NDArray[np.bool_]]] = {}

    def add_codes(self, name: str, codes: NDArray[np.integer]) -> None:
        """Whole numbers from 0 on."""
        largest = int(codes.max(initial=0))
        kind = next(kind for kind in _CODES if largest <= np.iinfo(kind).max)
        self._add(name, codes.astype(kind), [])

    def add_values(self, name: str, values: Sequence[Hashable]) -> list[Hashable]:
        """Anything, as codes; returns what they stand for, in order of appearance."""
        known: dict[Hashable, int] = {}
        self.add_codes(name, np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int64))
        return list(known)

    def add_numbers(self, name: str, values: NDArray[np.float64], bases: Sequence["Base"] = ()) -> None:
        """Numbers, NaN for null; about the sum of the bases, where there are some."""
        finite = np.isfinite(values)
        steps = np.where(finite, np.rint(np.where(finite, values, 0.0) * STEPS), 0).astype(np.int64)
        self._steps[name] = steps, finite
        rest = steps - self._sum_of(bases) * finite
        kind = next(kind for kind in _NUMBERS if _fits(rest, kind))
        limits = np.iinfo(kind)
        rest = np.where(finite, rest, np.where(values > 0, limits.max, limits.min + 1))
        rest = np.where(np.isnan(values), limits.min, rest)
        self._add(name, rest.astype(kind), [[base.name, base.order is not None] for base in bases])

    def _sum_of(self, bases: Sequence["Base"]) -> Ints:
        """What the bases add up to, and 0 wherever one of them is not finite."""
        total: Ints = np.zeros(1, dtype=np.int64)
        usable = np.ones(1, dtype=np.bool_)
        for base in bases:
            steps, finite = self._steps[base.name]
            total = total + (steps if base.order is None else steps[base.order])
            usable = usable & (finite if base.order is None else finite[base.order])
        return total * usable

    def _add(self, name: str, column: NDArray[np.integer], bases: list[list[Any]]) -> None:
        data = column.astype(column.dtype.newbyteorder("<")).tobytes()
        self._places[name] = [str(column.dtype), self._size, len(column), bases]
        self._parts.append(data + bytes(-len(data) % 8))
        self._size += len(self._parts[-1])

    def pack(self, head: Mapping[str, Any]) -> str:
        """The columns below a head of JSON values, gzipped, in base64."""
        text = to_json({**head, "columns": self._places}).encode()
        start = struct.pack("<I", len(text)) + text
        whole = b"".join([start, bytes(-len(start) % 8), *self._parts])
        return base64.b64encode(gzip.compress(whole, 9, mtime=0)).decode()


def _fits(numbers: Ints, kind: str) -> bool:
    """Whether a type holds the numbers, and has three more to spare for what is none."""
    limits = np.iinfo(kind)
    return bool(numbers.max(initial=0) < limits.max and numbers.min(initial=0) > limits.min + 1)
