"""Training a recurrent language model with the shared harness, beside the loop that tutorials write.

    python benchmarks/train.py [--quick] [--rounds N] [--threads N] [--words N] [--device cpu|cuda]

*plain* is a word language model as PyTorch's examples have it: `nn.LSTM` (or `nn.RNN`, `nn.GRU`) of two layers, a
linear layer, log-softmax over all words, `nn.NLLLoss`, gradients clipped by their norm, each weight less the learning
rate times its gradient, torch's settings as they are. *lrd_bench* is the harness that `train` uses, with
`batching = "stream"` and `optimizer = "sgd"`; *bf16* the same with `precision = "bfloat16"`. Sizes, batches, text and
threads are the same, and so are the weights that all begin with. The text is the shared data's (`$LRD_BENCH_DATA`),
with its most frequent words. *products* are the matrix products of such steps and nothing else, by the library that
*lrd_bench* uses: no way that multiplies by this library can be exact and quicker.

`tokens/s` is per second of the processor (of a clock on a GPU), the best of some rounds that go round all ways; `ratio`
is to *plain*. `apart` is the largest difference between a weight of *lrd_bench* and the same one of *plain* after ten
steps, over the largest weight.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch
from tabulate import tabulate
from torch import Tensor, nn

from lrd_bench.corpus import open_corpus
from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.neural import find_device, initialise
from lrd_bench.models.recipes import Cell, RecurrentSettings
from lrd_bench.models.recurrent import RecurrentEncoder
from lrd_bench.models.train_settings import TrainSettings
from lrd_bench.train.batches import Batch, EncodedText, Share, stream_batches
from lrd_bench.train.loss import ROWS
from lrd_bench.train.products import quickest, quickest_products
from lrd_bench.train.steps import Steps
from lrd_bench.train.subnormals import subnormals_as_zero
from lrd_bench.vocabulary import BOS_ID, EOS_ID, build_vocabulary

LAYERS, STRETCH, CLIP, RATE = 2, 35, 0.25, 2.0
SENTENCES = 20_000
"""Of the training text."""
STEPS_COMPARED = 10
WORDS_TIMED = 7_000
"""Tokens of a measurement, at least, and three steps."""


class Size(NamedTuple):
    """Of a network, and of its batches."""

    cell: Cell
    hidden: int
    rows: int

    def __str__(self) -> str:
        return f"{self.cell} {LAYERS} × {self.hidden}, {self.rows} rows"


SIZES = (Size("lstm", 200, 20), Size("lstm", 650, 20))
MORE = (Size("gru", 200, 20), Size("elman", 200, 20), Size("lstm", 200, 128), Size("gru", 650, 20))
MORE = (*MORE, Size("elman", 650, 20), Size("lstm", 650, 64))


class Text:
    """A text in stretches, on a device."""

    def __init__(self, data: Path, words: int, device: torch.device) -> None:
        sentences = list(islice(open_corpus(data / "text/tok").sentences("train"), SENTENCES))
        self.vocabulary = build_vocabulary(open_corpus(data / "text/tok").sentences("train"), max_words=words)
        self.device = device
        ids = [symbol for words in sentences for symbol in (BOS_ID, *self.vocabulary.encode(words), EOS_ID)]
        nothing = torch.empty(0, dtype=torch.int64)
        self._text = EncodedText(ids=torch.tensor(ids, dtype=torch.int32), starts=nothing, lengths=nothing)

    def batches(self, size: Size, number: int) -> Iterator[Batch]:
        """The first stretches."""
        stretches = stream_batches(self._text, rows=size.rows, length=STRETCH, share=Share())
        return (batch.to(self.device) for batch in islice(stretches, number))


class Plain(nn.Module):
    """A word language model as tutorials have it."""

    def __init__(self, size: Size, vocab: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, size.hidden)
        layers = {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}
        self.recurrent = layers[size.cell](size.hidden, size.hidden, LAYERS)
        self.decoder = nn.Linear(size.hidden, vocab)

    def forward(self, inputs: Tensor, hidden: object) -> tuple[Tensor, object]:
        """From inputs, [time, batch], to log-probabilities, [time × batch, vocab], and what is carried on."""
        output, hidden = self.recurrent(self.embedding(inputs), hidden)
        decoded = self.decoder(output)
        return nn.functional.log_softmax(decoded.view(-1, decoded.shape[-1]), dim=1), hidden


def plain_steps(model: Plain, batches: Iterator[Batch]) -> None:
    """Train on some stretches of text."""
    criterion, hidden, total_loss = nn.NLLLoss(), None, 0.0
    for batch in batches:
        inputs, targets = batch.inputs.t().contiguous(), batch.targets.view(batch.inputs.shape).t().flatten()
        model.zero_grad()
        if hidden is not None:
            hidden = tuple(part.detach() for part in hidden) if isinstance(hidden, tuple) else hidden.detach()
        output, hidden = model(inputs, hidden)
        loss = criterion(output, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for weights in model.parameters():
            weights.data.add_(weights.grad, alpha=-RATE)
        total_loss += loss.item()


def our_steps(steps: Steps, batches: Iterator[Batch]) -> None:
    """Train on some stretches of text."""
    with quickest_products(steps.network.device), subnormals_as_zero():
        for batch in batches:
            steps.take(batch, RATE, note=False)
        float(steps.loss_nats)


def only_products(size: Size, vocab: int, steps: int) -> None:
    """The matrix products of some steps: for each on the way forward, two on the way back."""
    gates, hidden, cells = {"lstm": 4, "gru": 3, "elman": 1}[size.cell] * size.hidden, size.hidden, size.rows * STRETCH
    words, to_words = torch.randn(vocab, hidden), torch.empty(vocab, hidden)
    weights, to_weights, states = torch.randn(gates, hidden), torch.empty(gates, hidden), torch.randn(cells, hidden)
    room, before = torch.empty(ROWS["cpu"], vocab), torch.empty(cells, gates)
    with quickest_products(words.device):
        for _ in range(steps):
            for part in torch.split(states, ROWS["cpu"]):
                scores = torch.mm(part, words.t(), out=room[: len(part)])
                torch.mm(scores, words)
                torch.mm(scores.t(), part, out=to_words)
            for _ in range(LAYERS):
                for _ in ("from what it reads", "from its own states"):
                    torch.mm(before.t(), states, out=to_weights)
                torch.mm(states, weights.t(), out=before)
                torch.mm(before, weights)
                for one_word in zip(torch.split(states, size.rows), torch.split(before, size.rows), strict=True):
                    torch.mm(one_word[0], weights.t(), out=one_word[1])
                    torch.mm(one_word[1], weights)


def make_ours(size: Size, text: Text, precision: str) -> Steps:
    """The harness around a network whose initial weights are drawn."""
    settings = RecurrentSettings(cell=size.cell, hidden=size.hidden, layers=LAYERS, dropout=0.0)
    network = NeuralLanguageModel(RecurrentEncoder(settings, len(text.vocabulary)), text.vocabulary)
    initialise(network, torch.Generator().manual_seed(0))
    how = TrainSettings.model_validate(
        {"optimizer": "sgd", "batching": "stream", "clip_norm": CLIP, "schedule": "constant", "precision": precision}
    )
    return Steps(network.to(text.device).train(), how, Share())


def make_plain(size: Size, text: Text) -> Plain:
    """The tutorials' network with the same initial weights."""
    ours, plain = make_ours(size, text, "float32").network, Plain(size, len(text.vocabulary)).to(text.device)
    with torch.no_grad():
        for mine, theirs in shared_weights(ours, plain):
            theirs.copy_(mine)
        plain.decoder.bias[BOS_ID] = -torch.inf  # as in ours: `<s>` never comes
    return plain.train()


def shared_weights(ours: nn.Module, plain: Plain) -> Iterator[tuple[Tensor, Tensor]]:
    """The same weights in both."""
    assert isinstance(ours, NeuralLanguageModel)
    assert isinstance(ours.encoder, RecurrentEncoder)
    yield ours.encoder.embedding.weight, plain.embedding.weight
    yield ours.output.weight, plain.decoder.weight
    yield ours.output.bias, plain.decoder.bias
    for number, layer in enumerate(ours.encoder.layers):
        for name, weights in layer.named_parameters():
            yield weights, getattr(plain.recurrent, name.replace("_l0", f"_l{number}"))


@torch.no_grad()
def apart(ours: nn.Module, plain: Plain) -> float:
    """The largest difference between weights, over the largest weight."""
    both = list(shared_weights(ours, plain))
    largest = max(float(mine.abs().max()) for mine, _ in both)
    # Infinite for `<s>` alone, whose bias in the plain one is minus infinity.
    known = [(mine - theirs).abs().nan_to_num(nan=torch.inf, posinf=0.0) for mine, theirs in both]
    return max(float(difference.max()) for difference in known) / largest


def rows_of(size: Size, text: Text, rounds: int) -> Iterator[list[object]]:
    """A row of the table for each way of training a network of this size."""
    number = max(3, -(-WORDS_TIMED // (size.rows * STRETCH)))
    plain, exact, narrow = make_plain(size, text), make_ours(size, text, "float32"), make_ours(size, text, "bfloat16")
    plain_steps(plain, text.batches(size, STEPS_COMPARED))
    our_steps(exact, text.batches(size, STEPS_COMPARED))
    difference = apart(exact.network, plain)
    ways: dict[str, Callable[[], None]] = {
        "plain": lambda: plain_steps(plain, text.batches(size, number)),
        "lrd_bench": lambda: our_steps(exact, text.batches(size, number)),
        "bf16": lambda: our_steps(narrow, text.batches(size, number)),
    }
    if text.device.type == "cpu":
        ways["products"] = lambda: only_products(size, len(text.vocabulary), number)
    best = dict.fromkeys(ways, 0.0)
    for turn in range(rounds + 1):
        for name, way in ways.items():
            speed = number * size.rows * STRETCH / seconds(way, text.device)
            if turn:  # the first time, memory is new
                best[name] = max(best[name], speed)
    for name, speed in best.items():
        how_far = f"{difference:.0e}" if name == "lrd_bench" else ""
        yield [size, name, round(speed), speed / best["plain"], how_far]


def seconds(way: Callable[[], None], device: torch.device) -> float:
    """What a way takes: of the processor, or on a GPU by the clock."""
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    started = clock()
    way()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return clock() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two sizes only")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--words", type=int, default=20_000, help="of the vocabulary")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    data = Path(os.environ.get("LRD_BENCH_DATA", "../shared/data"))
    if not (data / "text/tok").is_dir():
        sys.exit(f"{data}: holds no text. Set LRD_BENCH_DATA to the shared data.")
    text = Text(data, arguments.words, find_device(arguments.device))
    rows = []
    for size in SIZES if arguments.quick else (*SIZES, *MORE):
        for row in rows_of(size, text, arguments.rounds):
            print(*row, file=sys.stderr, flush=True)
            rows.append(row)
    headers = ["network", "way", "tokens/s", "ratio", "apart"]
    print(tabulate(rows, headers=headers, floatfmt=("", "", ",.0f", ".2f", "")))
    print(f"matrix products of float32 on this machine's processor: {quickest()}")


if __name__ == "__main__":
    main()
