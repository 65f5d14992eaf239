"""Dividing long loops among the processors."""

import itertools
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

SMALL = 2**16
"""Rounds of a loop that are not worth a thread."""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pieces(rounds: int, work: NDArray[np.int64] | None = None) -> list[tuple[int, int]]:
    """Where each piece of range(rounds) begins and ends, one for each processor; one, where there is little to do.

    work:  [rounds + 1]: how much there is to do before each round, and in all; None: as much in each
    """
    total = rounds if work is None else int(work[-1])
    number = min(cores(), 1 + total // SMALL)
    bounds = [total * piece // number for piece in range(1, number)]
    if work is not None:
        bounds = np.searchsorted(work, bounds).tolist()
    return list(itertools.pairwise([0, *bounds, rounds]))


def side_by_side(loop: Callable[..., object], arguments: Iterable[Sequence[object]]) -> None:
    """Call a loop, which lets go of the interpreter, with each of these arguments, at the same time."""
    mine, *others = arguments
    if not others:
        loop(*mine)
        return
    with ThreadPoolExecutor(len(others)) as pool:
        running = [pool.submit(loop, *each) for each in others]
        loop(*mine)
        for done in running:
            done.result()


def divided(loop: Callable[..., object], rounds: int, *arrays: object, work: NDArray[np.int64] | None = None) -> None:
    """Run `loop(start, stop, *arrays)` over the pieces of range(rounds), side by side.

    What it makes of a round must not depend on the piece that the round is in.
    """
    side_by_side(loop, [(*piece, *arrays) for piece in pieces(rounds, work)])
