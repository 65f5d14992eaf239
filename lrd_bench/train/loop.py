"""The loop that trains every network: epochs, schedule, clipping, validation, early stopping, the best checkpoint."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel
from lrd_bench.models.feedforward import FeedForwardModel
from lrd_bench.models.recipes import TrainSettings
from lrd_bench.models.recurrent import RecurrentModel
from lrd_bench.train.batches import Batch, EncodedText, epoch_batches
from lrd_bench.train.loss import word_loss

OnProgress = Callable[[int, int], None]
"""Called with words done and words in all at most."""

TICK_SECONDS = 0.1
PLATEAU = 0.01
"""An epoch that lowers validation perplexity by less than this share has reached the plateau."""
MAX_LOSS_NATS = 700.0
"""No model is this bad but one that has burst, and its perplexity would be too large a number."""
SENTENCES_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One line of `log.jsonl`. Words include the ends of sentences."""

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


def train_network(
    network: RecurrentModel | FeedForwardModel,
    text: EncodedText,
    valid: Sequence[Sequence[str]],
    settings: TrainSettings,
    *,
    generator: torch.Generator,
    on_progress: OnProgress,
) -> Training:
    """Train a network whose initial weights are drawn, and leave the best epoch's weights in it.

    generator: orders the batches; dropout draws from torch's global generator, which has no other source
    Raises LrdBenchError if the loss is no longer a number.
    """
    steps = _Steps(network, settings, text, generator, on_progress)
    epochs: list[Epoch] = []
    best_epoch, best_weights = 0, {}
    stopped = "max_epochs"
    for number in range(1, settings.max_epochs + 1):
        learning_rate = steps.learning_rate()
        train_loss = steps.run_epoch()
        valid_loss = mean_loss(network, valid)
        _check_loss(valid_loss)
        epochs.append(
            Epoch(
                epoch=number,
                words=steps.words,
                train_loss_nats=train_loss,
                valid_loss_nats=valid_loss,
                valid_perplexity=math.exp(valid_loss),
                learning_rate=learning_rate,
            )
        )
        if not best_epoch or valid_loss < epochs[best_epoch - 1].valid_loss_nats:
            best_epoch = number
            best_weights = {name: weights.clone() for name, weights in network.state_dict().items()}
        if settings.patience is not None and number - best_epoch >= settings.patience:
            stopped = "patience"
            break
    network.load_state_dict(best_weights)
    return Training(epochs=tuple(epochs), best_epoch=best_epoch, stopped=stopped, plateau=_plateau(epochs))


class _Steps:
    """The optimiser and how far it has come."""

    def __init__(
        self,
        network: RecurrentModel | FeedForwardModel,
        settings: TrainSettings,
        text: EncodedText,
        generator: torch.Generator,
        on_progress: OnProgress,
    ) -> None:
        self.network, self.settings, self.text = network, settings, text
        self.generator, self.on_progress = generator, on_progress
        self.optimizer = torch.optim.Adam(
            network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True
        )
        self.words = 0
        self.total = text.predictions * settings.max_epochs
        self.ticked = time.monotonic()

    def learning_rate(self) -> float:
        """Of the next step. By words rather than steps: the same line, whatever the batches are."""
        left = 1 - self.words / self.total if self.settings.schedule == "linear" else 1.0
        return self.settings.learning_rate * left

    def run_epoch(self) -> float:
        """All batches once; returns the mean loss a word, in nats."""
        self.network.train()
        loss_sum = torch.zeros((), dtype=torch.float64, device=self.network.device)
        before = self.words
        for batch in epoch_batches(self.text, batch_size=self.settings.batch_size, generator=self.generator):
            loss = self.step(batch.to(self.network.device))
            loss_sum += loss * len(batch.targets)
            self.words += len(batch.targets)
            if time.monotonic() - self.ticked > TICK_SECONDS:  # reading the loss at each step would stall a GPU
                _check_loss(float(loss))
                self.on_progress(self.words, self.total)
                self.ticked = time.monotonic()
        mean = float(loss_sum) / (self.words - before)
        _check_loss(mean)
        self.on_progress(self.words, self.total)
        return mean

    def step(self, batch: Batch) -> Tensor:
        """Change the weights; returns the batch's mean loss a word, in nats."""
        self.optimizer.param_groups[0]["lr"] = self.learning_rate()
        self.optimizer.zero_grad(set_to_none=True)
        loss = word_loss(self.network.output, self.network.states(batch.inputs, batch.cells), batch.targets)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.settings.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip_norm)
        self.optimizer.step()
        return loss.detach()


def mean_loss(model: LanguageModel, sentences: Sequence[Sequence[str]]) -> float:
    """The mean negative log-probability of a word, ends included, in nats; its exponential is the perplexity."""
    losses = [
        -logprob
        for start in range(0, len(sentences), SENTENCES_AT_ONCE)
        for row in model.logprobs(sentences[start : start + SENTENCES_AT_ONCE], end=True)
        for logprob in row
    ]
    return math.fsum(losses) / len(losses)


def _plateau(epochs: Sequence[Epoch]) -> bool | None:
    if len(epochs) < 2:
        return None
    before, last = (epoch.valid_perplexity for epoch in epochs[-2:])
    return last > before * (1 - PLATEAU)


def _check_loss(loss_nats: float) -> None:
    if not loss_nats < MAX_LOSS_NATS:  # nor is a number that is none
        raise LrdBenchError(
            f"training fails: the loss is {loss_nats:g} nats a word, for the steps are too large. "
            "Lower `learning_rate` in the recipe, or set `clip_norm`."
        )
