"""Dividing long loops among the processors."""

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

SMALL = 2**16
"""Rounds of a loop that are not worth a thread."""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def divided(loop: Callable[..., object], rounds: int, *arrays: object, work: NDArray[np.int64] | None = None) -> None:
    """Run `loop(start, stop, *arrays)`, which lets go of the interpreter, over pieces of range(rounds), side by side.

    What it makes of a round must not depend on the piece that the round is in.

    work:  [rounds + 1]: how much there is to do before each round, and in all; None: as much in each
    """
    total = rounds if work is None else int(work[-1])
    pieces = min(cores(), 1 + total // SMALL)
    bounds = [total * piece // pieces for piece in range(1, pieces)]
    if work is not None:
        bounds = np.searchsorted(work, bounds).tolist()
    with ThreadPoolExecutor(pieces) as pool:
        started = [pool.submit(loop, *ends, *arrays) for ends in itertools.pairwise([0, *bounds, rounds])]
        for piece in started:
            piece.result()
