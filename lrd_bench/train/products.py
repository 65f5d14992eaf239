"""Which library multiplies matrices of float32 while a network is trained: the one that is quicker on this machine.

Torch asks MKL, which leaves half the speed of other makers' processors unused, and asks oneDNN where it is allowed to
round to bfloat16. On many processors oneDNN does not round all the same, and is quick. So both are tried: oneDNN is
taken where its products are as exact as MKL's and much quicker.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.backends import mkldnn

from lrd_bench.train.batches import Share
from lrd_bench.train.processes import mean_of

_SETTING: Any = mkldnn.matmul  # type: ignore[attr-defined]

LIBRARIES = {"default": "ieee", "onednn": "bf16"}
"""Name → what torch is told so that it asks this library."""
SHAPE = 256, 256, 8192
"""Of the trial: some states, their size, a vocabulary."""
ROUNDS = 9
MUCH = 1.5
"""How many times as quick oneDNN must be. Where they differ, it is by twice; where not, a busy machine shall not decide
now for the one and now for the other."""
MAX_ERROR = 2e-6
"""Of a product, over the largest one: float32 has some 3e-7, bfloat16 3e-3."""


@contextmanager
def quickest_products(
    device: torch.device,
    earlier: str | None = None,
    share: Share = Share(),  # noqa: B008 (frozen)
) -> Iterator[str]:
    """Multiply matrices by the quicker library inside the block; yields its name, `onednn` or torch's `default`.

    earlier:  the library with which a training began that goes on now: it is kept, so that the weights are the same
    share:    of this process, where several train one network: all take the same library
    """
    name = (earlier or quickest()) if device.type == "cpu" else "default"
    if mean_of(name == "onednn", share) < 1:  # each process has tried for itself
        name = "default"
    with _asking(name):
        yield name


@cache
def quickest() -> str:
    """Try both libraries on one product, by turns."""
    left, right = _factors()
    seconds = dict.fromkeys(LIBRARIES, math.inf)
    for _ in range(ROUNDS):
        for name in LIBRARIES:
            with _asking(name):
                seconds[name] = min(seconds[name], _seconds(left, right))
    return "onednn" if seconds["onednn"] * MUCH < seconds["default"] and is_exact() else "default"


@cache
def is_exact() -> bool:
    """Whether oneDNN's products are those of float32 on this machine."""
    left, right = _factors()
    with _asking("onednn"):
        scores = left @ right  # and, on the way back, the gradients by the states and by the words
        return max(_error(left, right), _error(scores, right.t()), _error(scores.t(), left)) < MAX_ERROR


def slowness_of_bfloat16() -> float:
    """How many times as long as one of float32 a product of bfloat16 takes: more than once on many processors.

    To be asked inside `quickest_products`.
    """
    wide, narrow = _factors(), tuple(factor.bfloat16() for factor in _factors())
    seconds = [(_seconds(*narrow), _seconds(*wide)) for _ in range(ROUNDS)]
    return min(narrow for narrow, _ in seconds) / min(wide for _, wide in seconds)


@contextmanager
def _asking(name: str) -> Iterator[None]:
    before = _SETTING.fp32_precision
    _SETTING.fp32_precision = LIBRARIES[name]
    try:
        yield
    finally:
        _SETTING.fp32_precision = before


def _factors() -> tuple[Tensor, Tensor]:
    rows, size, words = SHAPE
    generator = torch.Generator().manual_seed(0)
    return torch.randn(rows, size, generator=generator), torch.randn(words, size, generator=generator).t()


def _error(left: Tensor, right: Tensor) -> float:
    exact = left.double() @ right.double()
    return float((left @ right - exact).abs().max() / exact.abs().max())


def _seconds(left: Tensor, right: Tensor) -> float:
    """Of the processor, for one product."""
    started = time.process_time()
    _ = left @ right
    return time.process_time() - started
