"""The loop that trains every network: epochs, steps, validation, early stopping, the best weights, and going on.

Whatever decides the next step is in the checkpoint: weights, the optimiser's moments, the states of both random
generators, the place in the text. So a training that was killed and started again takes the steps that it would have
taken.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

import torch
from torch import Tensor

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel
from lrd_bench.models.networks import Network
from lrd_bench.models.train_settings import TrainSettings
from lrd_bench.train.batches import Batch, EncodedText, Share, sentence_batches, stream_batches
from lrd_bench.train.checkpoint import CheckpointFile
from lrd_bench.train.processes import added, mean_of
from lrd_bench.train.steps import Steps, named
from lrd_bench.train.texts import TrainingText

OnProgress = Callable[[int, int], None]
"""Called with words done and words in all at most."""

TICK_SECONDS = 0.1
CHECKPOINT_SECONDS = 60.0
"""Of training, what is lost at most when it is killed."""
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
    valid_perplexity: float | None
    """None where it is not the next word that is learnt."""
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
    """Whether the last epoch brought little or nothing; None after a single one, which is compared with nothing."""
    earlier_s: float
    """What earlier sittings took, each up to its last checkpoint."""


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
    elapsed_s: float = 0.0
    """In all sittings, up to this checkpoint."""


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
        epochs=tuple(run.epochs),
        best_epoch=run.at.best_epoch,
        stopped=stopped,
        plateau=_plateau(run.epochs),
        earlier_s=run.earlier_s,
    )


class _Run:
    """How far a training has come: epochs, the best of them, and the place in the text."""

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
        self.steps = Steps(network, settings, share)
        self.total = text.targets * settings.max_epochs
        self.at = _Place()
        self.epochs: list[Epoch] = []
        self.best_weights: dict[str, Tensor] = {}
        self.order = generator.get_state()  # as it was at the beginning of the block
        self.earlier_s = 0.0
        self.started = self.ticked = self.saved = time.monotonic()

    def stopped(self) -> str | None:
        """Why training is over; None while it goes on."""
        patience, epochs = self.settings.patience, len(self.epochs)
        if patience is not None and epochs and epochs - self.at.best_epoch >= patience:
            return "patience"
        return "max_epochs" if epochs == self.settings.max_epochs else None

    def learning_rate(self, words: int) -> float:
        """Of the next step, of so many words. By words rather than steps: the same line, whatever the batches are."""
        done = self.at.words / self.total
        falling = 1 - done if self.settings.schedule == "linear" else self.at.annealing
        risen = done + words / self.total  # from nothing, the first step would change nothing
        rising = min(1.0, risen / self.settings.warmup) if self.settings.warmup else 1.0
        return self.settings.learning_rate * falling * rising

    # -- an epoch --------------------------------------------------------------------------------------------------

    def train_epoch(self) -> None:
        """Read what is left of the text once."""
        self.network.train()
        first = self.at.block
        for number, block in enumerate(self.text.blocks()):
            if number < first:
                continue
            self.generator.set_state(self.order)
            for batch in islice(self._batches(block), self.at.batch, None):
                self._read(batch)
            self.at.block, self.at.batch, self.order = number + 1, 0, self.generator.get_state()
        self._look()

    def _batches(self, block: EncodedText) -> Iterator[Batch]:
        rows = self.settings.batch_size
        if self.settings.batching == "stream":
            return stream_batches(block, rows=rows, length=self.settings.stream_length, share=self.share)
        return sentence_batches(block, self.text.asked, batch_size=rows, generator=self.generator, share=self.share)

    def _read(self, batch: Batch) -> None:
        due = self.checkpoint is not None and time.monotonic() - self.saved > CHECKPOINT_SECONDS
        rate = self.learning_rate(batch.total)
        if self.at.learning_rate is None:
            self.at.learning_rate = rate
        due = self.steps.take(batch, rate, note=due)  # whoever's clock says so, all processes write
        self.at.batch += 1
        self.at.words += batch.total
        self.at.epoch_words += batch.total
        if due or time.monotonic() - self.ticked > TICK_SECONDS:  # reading the loss at each step would stall a GPU
            self._look()
        if due:
            self._save()

    def _look(self) -> None:
        """See whether the loss is still a number, and say how far we are."""
        self._check_loss(float(self.steps.last_loss_nats))
        self.on_progress(self.at.words, self.total)
        self.ticked = time.monotonic()

    def close_epoch(self, valid_loss: float) -> None:
        """Note how the epoch went, and keep the weights if it was the best."""
        valid_loss = mean_of(valid_loss, self.share)  # the last bits may differ, and all must decide alike
        self._check_loss(valid_loss)
        assert self.at.learning_rate is not None
        self.epochs.append(
            Epoch(
                epoch=len(self.epochs) + 1,
                words=self.at.words,
                train_loss_nats=float(added(self.steps.loss_nats, self.share)) / self.at.epoch_words,
                valid_loss_nats=valid_loss,
                valid_perplexity=math.exp(valid_loss) if self.text.asked == "next-word" else None,
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
        self.at.learning_rate = None
        self.steps.loss_nats.zero_()
        self.steps.carried = None
        self._save()

    def _check_loss(self, loss_nats: float) -> None:
        if loss_nats < MAX_LOSS_NATS:  # false of what is no number, too
            return
        what = f"training fails: the loss is {loss_nats:g} nats a word, for the steps are too large. "
        what += "Lower `learning_rate` in the recipe"
        what += ", or set `clip_norm`" if self.settings.clip_norm is None else ""
        if self.checkpoint is not None and self.checkpoint.path.exists():
            what += f", and remove {self.checkpoint.path} to begin anew"
        raise LrdBenchError(f"{what}.")

    # -- going on --------------------------------------------------------------------------------------------------

    def _save(self) -> None:
        """Write all that decides the steps to come."""
        self.saved = time.monotonic()
        self.at.elapsed_s = self.earlier_s + self.saved - self.started
        if self.checkpoint is None:
            return
        tensors = self.steps.tensors() | {"order": self.order}
        tensors |= {f"best.{name}": weights for name, weights in self.best_weights.items()}
        if self.share.rank == 0:
            state = {"at": asdict(self.at), "epochs": [asdict(epoch) for epoch in self.epochs]}
            self.checkpoint.write(tensors, state)

    def restore(self) -> None:
        """Go on from the checkpoint, if there is one."""
        found = None if self.checkpoint is None else self.checkpoint.read()
        words = -1 if found is None else int(found[1]["at"]["words"])
        if mean_of(words, self.share) != words:
            assert self.checkpoint is not None
            raise LrdBenchError(
                f"{self.checkpoint.path}: not all processes find the same checkpoint. Put --out where all can read."
            )
        if found is None:
            return
        tensors, state = found
        self.at = _Place(**state["at"])
        self.earlier_s = self.at.elapsed_s
        self.epochs = [Epoch(**epoch) for epoch in state["epochs"]]
        self.steps.restore(tensors)
        device = self.network.device
        self.best_weights = {name: weights.to(device) for name, weights in named("best.", tensors).items()}
        self.order = tensors["order"]


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
    before, last = (math.exp(epoch.valid_loss_nats) for epoch in epochs[-2:])
    return last > before * (1 - PLATEAU)
