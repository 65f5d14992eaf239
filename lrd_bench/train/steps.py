"""One step after another: the loss of a batch, its gradients, and the weights that change."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.networks import Network
from lrd_bench.models.recurrent import RecurrentEncoder
from lrd_bench.models.train_settings import TrainSettings
from lrd_bench.train.batches import Batch, Share
from lrd_bench.train.loss import summed_loss
from lrd_bench.train.processes import add_gradients, gathered


class Steps:
    """A network, its optimiser, and what the next step needs to know of the last."""

    def __init__(self, network: Network, settings: TrainSettings, share: Share) -> None:
        self.network, self.settings, self.share = network, settings, share
        network.encoder.embedding.sparse = _can_be_sparse(network, settings, share)
        self.optimizer = _make_optimizer(network, settings)
        self.loss_nats = torch.zeros((), dtype=torch.float64, device=network.device)
        """Summed over what this process has read since it was last set to zero."""
        self.last_loss_nats = torch.zeros((), device=network.device)
        """A word, of the last step."""
        self.carried: list[Any] | None = None
        """By each recurrent layer, where a text is read as it runs."""

    def take(self, batch: Batch, learning_rate: float, *, note: bool) -> bool:
        """Change the weights; returns whether any of the processes has noted something."""
        batch = batch.to(self.network.device)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.zero_grad(set_to_none=True)
        states = self._states(batch)
        # A process whose share of a small batch is nothing still takes the step.
        nothing = not len(batch.targets)
        loss = states.sum() * 0 if nothing else summed_loss(self.network.output, states, batch.targets)
        (loss / batch.total).backward()  # type: ignore[no-untyped-call]
        noted = add_gradients(self.network.parameters(), self.share, note=note)
        if self.settings.clip_norm is not None:
            _clip(self.network, self.settings.clip_norm)
        self.optimizer.step()
        self.last_loss_nats = loss.detach() / max(1, len(batch.targets))
        self.loss_nats += loss.detach()
        return noted

    def _states(self, batch: Batch) -> Tensor:
        """What the output layer is given: [targets, size]."""
        narrow = self.settings.precision == "bfloat16"
        with torch.autocast(self.network.device.type, torch.bfloat16) if narrow else nullcontext():
            if self.settings.batching == "stream":
                assert isinstance(self.network, NeuralLanguageModel)
                assert isinstance(self.network.encoder, RecurrentEncoder)
                carried = None if batch.fresh else self.carried
                states, carry = self.network.encoder.go_on(batch.inputs, carried)
                self.carried = [_detached(state) for state in carry]
            else:
                states = self.network.output_states(batch.inputs, batch.cells, batch.lengths)
        return states.to(torch.bfloat16) if narrow else states

    def tensors(self) -> dict[str, Tensor]:
        """All that decides the steps to come, the network's weights and chance among it.

        What differs between processes stands side by side: [processes, …].
        """
        tensors = {f"network.{name}": weights for name, weights in self.network.state_dict().items()}
        for number, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": moment for name, moment in moments.items()}
        tensors["dropout"] = gathered(_dropout_state(self.network.device), self.share)
        tensors["loss"] = gathered(self.loss_nats, self.share)
        for number, state in enumerate(_flat(self.carried)):
            tensors[f"carried.{number}"] = gathered(state, self.share)
        return tensors

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take up where `tensors` were taken."""
        self.network.load_state_dict(named("network.", tensors))
        moments: dict[int, dict[str, Tensor]] = {}
        for name, moment in named("optimizer.", tensors).items():
            number, _, kind = name.partition(".")
            moments.setdefault(int(number), {})[kind] = moment
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": moments})
        rank, device = self.share.rank, self.network.device
        _set_dropout_state(tensors["dropout"][rank], device)
        self.loss_nats = tensors["loss"][rank].to(device)
        if carried := named("carried.", tensors):
            self.carried = self._layered([carried[str(n)][rank].to(device) for n in range(len(carried))])

    def _layered(self, states: Sequence[Tensor]) -> list[Any]:
        """What `_flat` made flat: for each layer what it carries, for an LSTM two tensors."""
        assert isinstance(self.network, NeuralLanguageModel)
        layers = len(self.network.encoder.layers)  # type: ignore[attr-defined]
        return list(states) if len(states) == layers else list(zip(states[::2], states[1::2], strict=True))


def named(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin like this, by the rest of their names."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _make_optimizer(network: Network, settings: TrainSettings) -> torch.optim.Optimizer:
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.optimizer == "sgd":
        return torch.optim.SGD(network.parameters(), lr=rate, weight_decay=decay)
    return torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay, fused=True)


def _can_be_sparse(network: Network, settings: TrainSettings, share: Share) -> bool:
    """Whether gradients by word vectors can be of the words alone that were read, the others being nothing.

    Other steps than plain gradient descent's move all words, other processes send all, and an output layer has all.
    """
    plain = settings.optimizer == "sgd" and not settings.weight_decay
    return plain and share.world == 1 and not network.encoder.embedding.tied


def _clip(network: Network, largest: float) -> None:
    """Scale all gradients so that their norm is at most so large.

    Over all parameters at once: module by module would scale a tied embedding twice.
    """
    gradients = []
    for weights in network.parameters():
        if weights.grad is not None and weights.grad.is_sparse:
            weights.grad = weights.grad.coalesce()  # each word once
            gradients.append(weights.grad.values())
        elif weights.grad is not None:
            gradients.append(weights.grad)
    norm = nn.utils.get_total_norm(gradients, foreach=True)
    torch._foreach_mul_(gradients, (largest / (norm + 1e-6)).clamp(max=1.0))


def _detached(state: Any) -> Any:
    return state.detach() if isinstance(state, Tensor) else tuple(part.detach() for part in state)


def _flat(carried: Sequence[Any] | None) -> list[Tensor]:
    """What all layers carry, as a list of tensors."""
    parts = [(state,) if isinstance(state, Tensor) else state for state in carried or ()]
    return [part for layer in parts for part in layer]


def _dropout_state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _set_dropout_state(state: Tensor, device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state.clone(), device)
    else:
        torch.set_rng_state(state.clone())  # it looks at where a tensor's memory begins, not at where a row of it does
