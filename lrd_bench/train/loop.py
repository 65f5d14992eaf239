"""The loop that trains every network: epochs, steps, validation, early stopping, the best weights, and going on.

Whatever decides the next step is in the checkpoint: weights, the optimiser's moments, the states of both random
generators, the place in the text. So a training that was killed and started again takes the steps that it would have
taken.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel
from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.networks import Network
from lrd_bench.models.recipes import TrainSettings
from lrd_bench.models.recurrent import RecurrentEncoder
from lrd_bench.train.batches import Batch, EncodedText, Share, sentence_batches, stream_batches
from lrd_bench.train.checkpoint import CheckpointFile, Tensors
from lrd_bench.train.loss import summed_loss
from lrd_bench.train.processes import add_gradients, added, gathered
from lrd_bench.train.texts import TrainingText

OnProgress = Callable[[int, int], None]
"""Called with words done and words in all at most."""

TICK_SECONDS = 0.1
CHECKPOINT_SECONDS = 60.0
"""What is lost at most when a training is killed."""
ANNEALING = 0.25
"""By which a learning rate is multiplied, as in PyTorch's example of a word language model."""
PLATEAU = 0.01
"""An epoch that lowers validation perplexity by less than this share has reached the plateau."""
MAX_LOSS_NATS = 700.0
"""No model is this bad but one that has burst, and its perplexity would be too large a number."""
SENTENCES_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One line of `log.jsonl`. Words include the ends of sentences; where labels are learnt, they are labels."""

    epoch: int
    words: int
    """Seen so far, all epochs together."""
    train_loss_nats: float
    """A word, over the epoch, with dropout and while the weights moved."""
    valid_loss_nats: float
    """A word, after the epoch."""
    valid_perplexity: float
    learning_rate: float
    """At the epoch's first step."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a training went; the network itself holds the best epoch's weights."""

    epochs: tuple[Epoch, ...]
    best_epoch: int
    stopped: str
    """`max_epochs` or `patience`."""
    plateau: bool | None
    """Whether the last epoch changed little; None after a single epoch, which has nothing to be compared with."""


@dataclass(kw_only=True)
class _Place:
    """How far a training has come. All of it is in a checkpoint."""

    block: int = 0
    """Of the text, in this epoch."""
    batch: int = 0
    """Of the block: how many have been read."""
    words: int = 0
    """All epochs together."""
    epoch_words: int = 0
    learning_rate: float | None = None
    """At the epoch's first step."""
    annealing: float = 1.0
    best_epoch: int = 0


def train_network(
    network: Network,
    text: TrainingText,
    validate: Callable[[], float],
    settings: TrainSettings,
    *,
    generator: torch.Generator,
    on_progress: OnProgress = lambda done, total: None,
    share: Share = Share(),  # noqa: B008 (frozen)
    checkpoint: CheckpointFile | None = None,
) -> Training:
    """Train a network whose initial weights are drawn, and leave the best epoch's weights in it.

    validate:    the mean loss on held-out text, in nats
    generator:   orders the batches; dropout draws from torch's global generator, which has no other source
    share:       this process's, where several train the network
    checkpoint:  where to go on from, and to write to once in a while; None: nowhere

    Raises LrdBenchError if the loss is no longer a number, and for a checkpoint that cannot be read or written.
    """
    run = _Run(network, text, settings, generator, on_progress, share, checkpoint)
    run.restore()
    while (stopped := run.stopped()) is None:
        run.train_epoch()
        run.close_epoch(validate())
    network.load_state_dict(run.best_weights)
    return Training(
        epochs=tuple(run.epochs), best_epoch=run.at.best_epoch, stopped=stopped, plateau=_plateau(run.epochs)
    )


class _Run:
    """A network, its optimiser, and how far they have come."""

    def __init__(
        self,
        network: Network,
        text: TrainingText,
        settings: TrainSettings,
        generator: torch.Generator,
        on_progress: OnProgress,
        share: Share,
        checkpoint: CheckpointFile | None,
    ) -> None:
        self.network, self.text, self.settings, self.generator = network, text, settings, generator
        self.on_progress, self.share, self.checkpoint = on_progress, share, checkpoint
        self.optimizer = _make_optimizer(network, settings)
        self.total = text.targets * settings.max_epochs
        self.at = _Place()
        self.epochs: list[Epoch] = []
        self.best_weights: dict[str, Tensor] = {}
        self.order = generator.get_state()  # as it was at the beginning of the block
        self.last_loss = torch.zeros((), device=network.device)  # nats a word
        self.loss_nats = torch.zeros((), dtype=torch.float64, device=network.device)  # of the epoch so far, summed
        self.carried: list[Any] | None = None  # of the recurrent layers, where a text is read as it runs
        self.ticked = self.saved = time.monotonic()

    # -- an epoch --------------------------------------------------------------------------------------------------

    def stopped(self) -> str | None:
        """Why training is over; None while it goes on."""
        patience, epochs = self.settings.patience, len(self.epochs)
        if patience is not None and epochs and epochs - self.at.best_epoch >= patience:
            return "patience"
        return "max_epochs" if epochs == self.settings.max_epochs else None

    def train_epoch(self) -> None:
        """Read what is left of the text once."""
        self.network.train()
        if self.at.learning_rate is None:
            self.at.learning_rate = self.learning_rate()
        first = self.at.block
        for number, block in enumerate(self.text.blocks()):
            if number < first:
                continue
            self.generator.set_state(self.order)
            for batch in islice(self._batches(block), self.at.batch, None):
                self._step(batch.to(self.network.device))
            self.at.block, self.at.batch, self.order = number + 1, 0, self.generator.get_state()
        self._look()

    def close_epoch(self, valid_loss: float) -> None:
        """Note how the epoch went, and keep the weights if it was the best."""
        _check_loss(valid_loss, self.checkpoint)
        assert self.at.learning_rate is not None
        self.epochs.append(
            Epoch(
                epoch=len(self.epochs) + 1,
                words=self.at.words,
                train_loss_nats=float(added(self.loss_nats, self.share)) / self.at.epoch_words,
                valid_loss_nats=valid_loss,
                valid_perplexity=math.exp(valid_loss),
                learning_rate=self.at.learning_rate,
            )
        )
        best = self.at.best_epoch
        if not best or valid_loss < self.epochs[best - 1].valid_loss_nats:
            self.at.best_epoch = len(self.epochs)
            self.best_weights = {name: weights.clone() for name, weights in self.network.state_dict().items()}
        elif self.settings.schedule == "annealed":
            self.at.annealing *= ANNEALING
        self.at.block = self.at.batch = self.at.epoch_words = 0
        self.at.learning_rate, self.carried = None, None
        self.loss_nats.zero_()
        self._save()

    def _batches(self, block: EncodedText) -> Iterator[Batch]:
        rows = self.settings.batch_size
        if self.settings.batching == "stream":
            return stream_batches(block, rows=rows, length=self.settings.stream_length, share=self.share)
        return sentence_batches(block, self.text.asked, batch_size=rows, generator=self.generator, share=self.share)

    # -- a step ----------------------------------------------------------------------------------------------------

    def learning_rate(self) -> float:
        """Of the next step. By words rather than steps: the same line, whatever the batches are."""
        done = self.at.words / self.total
        falling = 1 - done if self.settings.schedule == "linear" else self.at.annealing
        rising = min(1.0, done / self.settings.warmup) if self.settings.warmup else 1.0
        return self.settings.learning_rate * falling * rising

    def _step(self, batch: Batch) -> None:
        """Change the weights, and note the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        self.optimizer.zero_grad(set_to_none=True)
        states = self._states(batch)
        # A process whose share of a small batch is nothing still takes the step.
        nothing = not len(batch.targets)
        loss = states.sum() * 0 if nothing else summed_loss(self.network.output, states, batch.targets)
        (loss / batch.total).backward()  # type: ignore[no-untyped-call]
        due = self.checkpoint is not None and time.monotonic() - self.saved > CHECKPOINT_SECONDS
        due = add_gradients(self.network.parameters(), self.share, note=due)
        if self.settings.clip_norm is not None:
            # Over all parameters at once: module by module would scale a tied embedding twice.
            nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip_norm)
        self.optimizer.step()
        self.last_loss = loss.detach() / max(1, len(batch.targets))
        self.loss_nats += loss.detach()
        self.at.batch += 1
        self.at.words += batch.total
        self.at.epoch_words += batch.total
        if due or time.monotonic() - self.ticked > TICK_SECONDS:  # reading the loss at each step would stall a GPU
            self._look()
        if due:
            self._save()

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

    def _look(self) -> None:
        """See whether the loss is still a number, and say how far we are."""
        _check_loss(float(self.last_loss), self.checkpoint)
        self.on_progress(self.at.words, self.total)
        self.ticked = time.monotonic()

    # -- going on --------------------------------------------------------------------------------------------------

    def _save(self) -> None:
        """Write all that decides the steps to come."""
        self.saved = time.monotonic()
        if self.checkpoint is None:
            return
        tensors = {f"network.{name}": weights for name, weights in self.network.state_dict().items()}
        tensors |= {f"best.{name}": weights for name, weights in self.best_weights.items()}
        for number, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": moment for name, moment in moments.items()}
        # What differs between processes, side by side.
        tensors["dropout"] = gathered(_dropout_state(self.network.device), self.share)
        tensors["loss"] = gathered(self.loss_nats, self.share)
        for number, state in enumerate(_flat(self.carried)):
            tensors[f"carried.{number}"] = gathered(state, self.share)
        tensors["order"] = self.order
        if self.share.rank == 0:
            whole = {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}
            self.checkpoint.write(whole, {"at": asdict(self.at), "epochs": [asdict(epoch) for epoch in self.epochs]})

    def restore(self) -> None:
        """Go on from the checkpoint, if there is one."""
        found = None if self.checkpoint is None else self.checkpoint.read()
        if found is None:
            return
        tensors, state = found
        self.at = _Place(**state["at"])
        self.epochs = [Epoch(**epoch) for epoch in state["epochs"]]
        self.network.load_state_dict(_named("network.", tensors))
        device = self.network.device
        self.best_weights = {name: weights.to(device) for name, weights in _named("best.", tensors).items()}
        moments: dict[int, dict[str, Tensor]] = {}
        for name, moment in _named("optimizer.", tensors).items():
            number, _, kind = name.partition(".")
            moments.setdefault(int(number), {})[kind] = moment
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": moments})
        rank = self.share.rank
        _set_dropout_state(tensors["dropout"][rank], device)
        self.loss_nats = tensors["loss"][rank].to(device)
        carried = _named("carried.", tensors)
        if carried:
            self.carried = self._layered([carried[str(n)][rank].to(device) for n in range(len(carried))])
        self.order = tensors["order"]

    def _layered(self, states: Sequence[Tensor]) -> list[Any]:
        """What `_flat` made flat: for each layer what it carries, for an LSTM two tensors."""
        assert isinstance(self.network, NeuralLanguageModel)
        layers = len(self.network.encoder.layers)  # type: ignore[attr-defined]
        return list(states) if len(states) == layers else list(zip(states[::2], states[1::2], strict=True))


def _make_optimizer(network: Network, settings: TrainSettings) -> torch.optim.Optimizer:
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.optimizer == "sgd":
        return torch.optim.SGD(network.parameters(), lr=rate, weight_decay=decay)
    return torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay, fused=True)


def _detached(state: Any) -> Any:
    return state.detach() if isinstance(state, Tensor) else tuple(part.detach() for part in state)


def _flat(carried: Sequence[Any] | None) -> list[Tensor]:
    """What all layers carry, as a list of tensors."""
    parts = [(state,) if isinstance(state, Tensor) else state for state in carried or ()]
    return [part for layer in parts for part in layer]


def _named(prefix: str, tensors: Tensors) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _dropout_state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _set_dropout_state(state: Tensor, device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)


def mean_loss(model: LanguageModel, sentences: Iterable[Sequence[str]]) -> float:
    """The mean negative log-probability of a word, in nats; its exponential is the perplexity.

    Ends of sentences count as words, but for a model that sees them.
    """
    words, stream = 0, iter(sentences)
    sums: list[float] = []
    while chunk := list(islice(stream, SENTENCES_AT_ONCE)):
        rows = model.logprobs(chunk, end=not model.bidirectional)
        sums.append(math.fsum(-logprob for row in rows for logprob in row))
        words += sum(map(len, rows))
    return math.fsum(sums) / words


def _plateau(epochs: Sequence[Epoch]) -> bool | None:
    if len(epochs) < 2:
        return None
    before, last = (epoch.valid_perplexity for epoch in epochs[-2:])
    return last > before * (1 - PLATEAU)


def _check_loss(loss_nats: float, checkpoint: CheckpointFile | None) -> None:
    if loss_nats < MAX_LOSS_NATS:  # false of what is no number, too
        return
    kept = ""
    if checkpoint is not None and checkpoint.path.exists():
        kept = f" The last good state is kept in {checkpoint.path}."
    raise LrdBenchError(
        f"training fails: the loss is {loss_nats:g} nats a word, for the steps are too large. "
        f"Lower `learning_rate` in the recipe, or set `clip_norm`.{kept}"
    )
