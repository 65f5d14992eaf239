"""Numbers below 1.2e-38, the subnormal ones, are taken for zero while a network is trained.

They are too small to matter, and processors take many times as long over them: units whose gates are closed make states
so small, and a few such units make a whole training several times as long (docs/decisions/0014).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

SUBNORMAL = 2**19
"""The bits of 7.3e-40. Not the number itself, which would be zero before it could be tried."""
SHARE = 2**16
"""Numbers that are enough for one thread: torch gives them to no other."""


@contextmanager
def subnormals_as_zero() -> Iterator[str]:
    """Take them for zero inside the block, where the processor can; yields what is made of them.

    `zero` or `kept`; or `in part`, for it is done by this thread, and by those that it starts inside, which go on so
    after the block, but not by those that torch has started before, as in a notebook after other work.
    """
    before = bool(_are_zero(threads=1))
    torch.set_flush_denormal(True)
    try:
        zero = _are_zero(threads=torch.get_num_threads())
        yield "zero" if zero.all() else "in part" if zero.any() else "kept"
    finally:
        torch.set_flush_denormal(before)


def _are_zero(*, threads: int) -> Tensor:
    """Of each of some numbers, which so many threads share."""
    numbers = 1 if threads == 1 else SHARE * threads
    return torch.full((numbers,), SUBNORMAL, dtype=torch.int32).view(torch.float32).mul(1) == 0
