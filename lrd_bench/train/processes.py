"""Several processes that train one network: `torchrun --nproc-per-node N -m lrd_bench train …`.

Each holds the whole network and reads its share of every batch; gradients are added up, so that all take the same step,
which is the step that one process would take. The first process alone writes and speaks.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed, nn

from lrd_bench.train.batches import Share


def is_first() -> bool:
    """Whether this process is the one that writes; the only one is."""
    return int(os.environ.get("RANK", "0")) == 0


@contextmanager
def joined(device: torch.device) -> Iterator[Share]:
    """This process's share, joined with the others that `torchrun` started; all of it where it started none."""
    if distributed.is_initialized():  # by a script of the user's, whose group it stays
        yield Share(rank=distributed.get_rank(), world=distributed.get_world_size())
        return
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Share()
        return
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    # Chance and losses are on the CPU, whatever the device.
    distributed.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
    try:
        yield Share(rank=distributed.get_rank(), world=world)
    finally:
        distributed.destroy_process_group()


def wait_for_all(share: Share) -> None:
    """Go on when all processes have come so far."""
    if share.world > 1:
        distributed.barrier()


def add_gradients(parameters: Iterable[nn.Parameter], share: Share, *, note: bool) -> bool:
    """Give every process the sum of all processes' gradients; and tell all what one of them notes."""
    if share.world == 1:
        return note
    weights = list(parameters)
    for each in weights:
        each.grad = torch.zeros_like(each) if each.grad is None else each.grad
    gradients = [each.grad for each in weights if each.grad is not None]
    noted = gradients[0].new_full((1,), float(note))
    flat = torch.cat([*(gradient.flatten() for gradient in gradients), noted])  # one message rather than many
    distributed.all_reduce(flat)
    *parts, noted = torch.split(flat, [*(gradient.numel() for gradient in gradients), 1])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))
    return bool(noted)


def added(value: Tensor, share: Share) -> Tensor:
    """The sum of a value over all processes."""
    if share.world > 1:
        distributed.all_reduce(value)
    return value


def mean_of(value: float, share: Share) -> float:
    """The mean of a value over all processes, the same for all of them."""
    return float(added(torch.tensor(value, dtype=torch.float64), share)) / share.world


def gathered(value: Tensor, share: Share) -> Tensor:
    """The values of all processes: [processes, …]."""
    if share.world == 1:
        return value.unsqueeze(0)
    values = [torch.empty_like(value) for _ in range(share.world)]
    distributed.all_gather(values, value)
    return torch.stack(values)
