"""What numbers below 1.2e-38 cost, and what is gained where they are nothing: steps of an LSTM whose gates are closed.

    python benchmarks/subnormals.py [--rounds N]

An LSTM of 200 units takes steps as `train` does, with one unit in a hundred closed: its input and output gates are at
1e-20, so that its state is some 1e-40. *open* is the same network with all gates as they are drawn. Tokens per second
of the processor on one thread, the best of some rounds that go round all ways.
"""

import argparse
import time
from contextlib import AbstractContextManager, nullcontext

import torch
from tabulate import tabulate

from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.neural import initialise
from lrd_bench.models.recipes import RecurrentSettings
from lrd_bench.models.recurrent import RecurrentEncoder
from lrd_bench.models.train_settings import TrainSettings
from lrd_bench.train.batches import Batch, EncodedText, Share, sentence_batches
from lrd_bench.train.steps import Steps
from lrd_bench.train.subnormals import subnormals_as_zero
from lrd_bench.vocabulary import BOS_ID, EOS_ID, Vocabulary, build_vocabulary

HIDDEN, WORDS, LENGTH, SENTENCES, STEPS = 200, 1000, 20, 64, 8
CLOSED, GATE = 2, -46.0
"""Units, and what their gates' sigmoid is of."""


def make_steps(vocabulary: Vocabulary, *, closed: bool) -> Steps:
    """The harness around a network whose weights are drawn."""
    settings = RecurrentSettings(cell="lstm", hidden=HIDDEN, layers=1, dropout=0.0)
    network = NeuralLanguageModel(RecurrentEncoder(settings, len(vocabulary)), vocabulary).train()
    initialise(network, torch.Generator().manual_seed(0))
    if closed:
        with torch.no_grad():
            bias = network.encoder.layers[0].bias_ih_l0.unflatten(0, (4, HIDDEN))
            bias[0, :CLOSED] = bias[3, :CLOSED] = GATE  # input and output gates, in torch's order
    return Steps(network, TrainSettings(), Share())


def make_batches(vocabulary: Vocabulary) -> list[Batch]:
    """Sentences of words drawn evenly."""
    order = torch.Generator().manual_seed(0)
    drawn = torch.randint(EOS_ID + 1, len(vocabulary), (SENTENCES * STEPS, LENGTH), generator=order)
    ends = [torch.full((len(drawn), 1), symbol) for symbol in (BOS_ID, EOS_ID)]
    text = EncodedText(
        ids=torch.cat([ends[0], drawn, ends[1]], dim=1).flatten().int(),
        starts=torch.arange(len(drawn)) * (LENGTH + 2),
        lengths=torch.full((len(drawn),), LENGTH + 1),
    )
    return list(sentence_batches(text, "next-word", batch_size=SENTENCES, generator=order, share=Share()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    vocabulary = build_vocabulary([[f"w{number}" for number in range(WORDS)]])
    batches = make_batches(vocabulary)
    networks = {"open": make_steps(vocabulary, closed=False), "closed": make_steps(vocabulary, closed=True)}
    best: dict[tuple[str, str], float] = {}
    for _ in range(arguments.rounds):
        for gates, steps in networks.items():
            for made, block in (("kept", nullcontext()), ("zero", subnormals_as_zero())):
                speed = speed_of(steps, batches, block)
                best[gates, made] = max(best.get((gates, made), 0.0), speed)
    rows = [[*way, speed, speed / best["open", "kept"]] for way, speed in best.items()]
    print(tabulate(rows, headers=["gates", "subnormals", "tokens/s", "ratio"], floatfmt=("", "", ",.0f", ".2f")))


def speed_of(steps: Steps, batches: list[Batch], block: AbstractContextManager[object]) -> float:
    """Tokens per second."""
    with block:
        started = time.process_time()
        for batch in batches:
            steps.take(batch, 0.0, note=False)
        return sum(batch.total for batch in batches) / (time.process_time() - started)


if __name__ == "__main__":
    main()
