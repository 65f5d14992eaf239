"""Writing the items of a suite as they are drawn: whole or not at all, and never over what is not their beginning."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from lrd_bench.errors import OtherInputsError
from lrd_bench.files import replacing
from lrd_bench.generate.draws import Drawer
from lrd_bench.generate.lines import Lines
from lrd_bench.generate.pages import OpenedSuite
from lrd_bench.generate.twins import Material
from lrd_bench.progress import progress_bar

BATCH = 200
"""Pairs that are written together, in whole blocks."""


class Written(NamedTuple):
    """What was written."""

    digest: str
    bytes: int
    answers: set[str]
    groups: set[str]


def write_items(
    opened: OpenedSuite,
    out: Path,
    blocks: int,
    materials: Iterable[Material],
    lines: Lines,
    drawer: Drawer,
    *,
    extends: bool,
) -> Written:
    """Write blocks as they are drawn.

    extends:  whether `out` holds the first of them. Raises OtherInputsError where it holds anything else.
    """
    cells, digest = opened.cells, hashlib.sha256()
    answers: set[str] = set()
    groups: set[str] = set()
    with replacing(out) as temporary, temporary.open("wb") as file, progress_bar() as bar:
        task = bar.add_task(f"making {opened.name}", total=blocks * 2 * len(cells), unit="items")
        for numbered in _batches(enumerate(materials), BATCH // len(cells) + 1):
            text = "".join(line for n, material in numbered for line in lines.block(n, drawer.block(material)))
            file.write(text.encode())
            digest.update(text.replace(lines.source, "").encode())
            for _, material in numbered:
                answers.update(material.answers)
                groups.add(material.group)
            bar.advance(task, 2 * len(cells) * len(numbered))
        file.flush()
        size = file.tell()
        if extends and not _begins_with(temporary, out):
            raise OtherInputsError(
                f"{out}: was changed since it was made, and would be replaced. "
                "Name another place with --out, or replace it with --force."
            )
    return Written(digest.hexdigest(), size, answers, groups)


def _begins_with(whole: Path, beginning: Path) -> bool:
    """Whether a file begins with all that another one holds."""
    with whole.open("rb") as one, beginning.open("rb") as other:
        while chunk := other.read(1 << 20):
            if one.read(len(chunk)) != chunk:
                return False
    return True


def _batches(blocks: Iterable[tuple[int, Material]], size: int) -> Iterator[list[tuple[int, Material]]]:
    blocks = iter(blocks)
    while batch := list(itertools.islice(blocks, size)):
        yield batch
