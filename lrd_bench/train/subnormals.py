"""Numbers below 1.2e-38, the subnormal ones, are taken for zero while a network is trained.

They are too small to matter, and processors take many times as long over them: units whose gates are closed make states
so small, and a few such units make a whole training several times as long (docs/decisions/0014).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

SUBNORMAL = 1e-39


@contextmanager
def subnormals_as_zero() -> Iterator[str]:
    """Take them for zero inside the block, where the processor can; yields what is made of them: `zero`, or `kept`.

    By this thread, and by those that it starts inside, which go on so after the block.
    """
    before = _are_zero()
    torch.set_flush_denormal(True)
    try:
        yield "zero" if _are_zero() else "kept"
    finally:
        torch.set_flush_denormal(before)


def _are_zero() -> bool:
    return float(torch.tensor([SUBNORMAL]).mul(1)) == 0
