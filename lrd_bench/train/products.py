"""Which library multiplies matrices of float32 while a network is trained: the one that is quicker on this machine.

Torch asks MKL, which leaves half the speed of other makers' processors unused, and asks oneDNN where it is allowed to
round to bfloat16. On many processors oneDNN does not round all the same, and is quick. So both are tried: oneDNN is
taken where its products are as exact as MKL's and much quicker.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.backends import mkldnn

_SETTING: Any = mkldnn.matmul  # type: ignore[attr-defined]

SHAPE = 256, 256, 8192
"""Of the trial: some states, their size, a vocabulary."""
ROUNDS = 7
MUCH = 1.25
"""How many times as quick oneDNN must be. Where they differ, it is by more; where not, chance shall not decide."""
MAX_ERROR = 2e-6
"""Of a product, over the largest one: float32 has some 3e-7, bfloat16 3e-3."""


@contextmanager
def quickest_products(device: torch.device) -> Iterator[str]:
    """Multiply matrices by the quicker library inside the block; yields its name, `onednn` or torch's `default`."""
    before = _SETTING.fp32_precision
    name = quickest() if device.type == "cpu" else "default"
    if name == "onednn":
        _SETTING.fp32_precision = "bf16"
    try:
        yield name
    finally:
        _SETTING.fp32_precision = before


@cache
def quickest() -> str:
    """Try both libraries on one product, which takes a tenth of a second."""
    before = _SETTING.fp32_precision
    left, right = _factors()
    exact = left.double() @ right.double()
    seconds, errors = dict[str, float](), dict[str, float]()
    try:
        for name, precision in (("default", "ieee"), ("onednn", "bf16")):
            _SETTING.fp32_precision = precision
            seconds[name] = _seconds(left, right)
            errors[name] = float((left @ right - exact).abs().max() / exact.abs().max())
    finally:
        _SETTING.fp32_precision = before
    quicker = seconds["onednn"] * MUCH < seconds["default"]
    return "onednn" if quicker and errors["onednn"] < MAX_ERROR else "default"


def slowness_of_bfloat16() -> float:
    """How many times as long as one of float32 a product of bfloat16 takes: more than once without instructions for it.

    To be asked inside `quickest_products`.
    """
    left, right = _factors()
    return _seconds(left.bfloat16(), right.bfloat16()) / _seconds(left, right)


def _factors() -> tuple[Tensor, Tensor]:
    rows, size, words = SHAPE
    generator = torch.Generator().manual_seed(0)
    return torch.randn(rows, size, generator=generator), torch.randn(words, size, generator=generator).t()


def _seconds(left: Tensor, right: Tensor) -> float:
    """Of the processor, for one product: the least of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        _ = left @ right
        taken.append(time.process_time() - started)
    return min(taken)
