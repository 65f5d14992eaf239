"""How training grows: speed and memory of one LSTM against vocabulary, hidden size, batch, and size of the text.

    python benchmarks/growth.py [--quick] [--rounds N] [--threads N]

From one network (two layers of 200, 20,000 words, 20 rows) one thing at a time is changed. `tokens/s` is per second of
the processor, the best of some rounds of steps as `train` takes them, with SGD on a stream and with Adam on sentences.
`memory` is the most that a process holds, `beyond imports` without what it holds before there is a network: one that
takes these steps in a block of the whole text, or one that trains, with all that is kept meanwhile, for two epochs of a
few sentences, whichever holds more. Texts are the shared data's (`$LRD_BENCH_DATA`), several times over where more is
asked for, each time with words of its own: more distinct words than a text of that size has. Reading one counts its
words once.
"""

import argparse
import gzip
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tabulate import tabulate

STEPS = 6
SHORT = 400
"""Sentences of the text that is trained on to its end."""
ROWS, SENTENCES = 20, 64
MIB = 1024
"""In the units of `ru_maxrss` on Linux."""


class Point(NamedTuple):
    """What is trained, and on how much text."""

    vocabulary: int = 20_000
    hidden: int = 200
    rows: int = ROWS
    batching: str = "stream"
    texts: int = 1
    """How many times the shared text."""

    @property
    def optimizer(self) -> str:
        """As on the batching's own kind of text."""
        return "sgd" if self.batching == "stream" else "adam"


class Measured(NamedTuple):
    """What a point takes."""

    tokens_per_s: float
    memory: float
    """MiB"""
    imports: float
    """MiB, of the memory."""
    text: int
    """Words and ends of sentences."""
    reading_s: float


def points(*, quick: bool) -> Iterator[tuple[str, Point]]:
    """What is changed, and to what."""
    for vocabulary in (5_000, 20_000, 100_000) if quick else (5_000, 20_000, 50_000, 100_000):
        yield "vocabulary", Point(vocabulary=vocabulary)
        yield "vocabulary", Point(vocabulary=vocabulary, batching="sentences", rows=SENTENCES)
    for hidden in (200, 650) if quick else (100, 200, 400, 650, 1024):
        yield "hidden", Point(hidden=hidden)
    for rows in (20, 128) if quick else (10, 20, 64, 128, 256):
        yield "rows", Point(rows=rows)
    for rows in () if quick else (16, 256):
        yield "sentences", Point(rows=rows, batching="sentences")
    for texts in (1, 3) if quick else (1, 3, 10):
        yield "text", Point(texts=texts, batching="sentences", rows=SENTENCES)


def measure(point: Point, folder: Path, rounds: int, threads: int) -> Measured:
    """Train a little, in processes of their own."""
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(1) as pool:
        steps = pool.apply(_measure, (point, folder, rounds, threads))
    with spawn.Pool(1) as pool:
        memory = pool.apply(_memory, (point, folder, threads))
    return steps._replace(memory=max(memory, steps.memory))


def _measure(point: Point, folder: Path, rounds: int, threads: int) -> Measured:
    import torch

    from lrd_bench.corpus import open_corpus
    from lrd_bench.models.language import NeuralLanguageModel
    from lrd_bench.models.neural import initialise
    from lrd_bench.models.recipes import RecurrentSettings
    from lrd_bench.models.recurrent import RecurrentEncoder
    from lrd_bench.models.train_settings import TrainSettings
    from lrd_bench.train.batches import Share, sentence_batches, stream_batches
    from lrd_bench.train.products import quickest_products
    from lrd_bench.train.steps import Steps
    from lrd_bench.train.subnormals import subnormals_as_zero
    from lrd_bench.train.texts import read_text
    from lrd_bench.vocabulary import read_vocabulary

    torch.set_num_threads(threads)
    imports = _peak()
    vocabulary = read_vocabulary(folder / f"{point.vocabulary}.tsv")
    started = time.process_time()
    text = read_text(open_corpus(folder / f"{point.texts}"), vocabulary, "next-word", max_words=100)
    reading = time.process_time() - started
    shape = RecurrentSettings(cell="lstm", hidden=point.hidden, layers=2, dropout=0.0)
    network = NeuralLanguageModel(RecurrentEncoder(shape, len(vocabulary)), vocabulary).train()
    initialise(network, torch.Generator().manual_seed(0))
    how = {"batching": point.batching, "optimizer": point.optimizer}
    steps = Steps(network, TrainSettings.model_validate(how), Share())
    block = next(text.blocks())
    if point.batching == "stream":
        batches = stream_batches(block, rows=point.rows, length=35, share=Share())
    else:
        order = torch.Generator().manual_seed(0)
        batches = sentence_batches(block, "next-word", batch_size=point.rows, generator=order, share=Share())
    speeds = []
    with quickest_products(torch.device("cpu")), subnormals_as_zero():
        for _ in range(rounds + 1):  # the first time, memory is new
            some = list(islice(batches, STEPS))
            started = time.process_time()
            for batch in some:
                steps.take(batch, 0.001, note=False)
            speeds.append(sum(batch.total for batch in some) / (time.process_time() - started))
    return Measured(max(speeds[1:]), _peak(), imports, text.targets, reading)


def _memory(point: Point, folder: Path, threads: int) -> float:
    """What a training holds, MiB."""
    from lrd_bench.train import train_model

    recipe = folder / "recipe.toml"
    recipe.write_text(
        f'family = "recurrent"\n[model]\ncell = "lstm"\nhidden = {point.hidden}\nlayers = 2\ndropout = 0.0\n'
        f'[train]\nbatching = "{point.batching}"\noptimizer = "{point.optimizer}"\nbatch_size = {point.rows}\n'
        "max_epochs = 2\nlearning_rate = 0.001\nmax_words = 1000\n"
    )
    with tempfile.TemporaryDirectory() as out:
        words = folder / f"{point.vocabulary}.tsv"
        train_model(
            str(recipe),
            folder / "short",
            out=Path(out) / "model",
            vocabulary=words,
            threads=threads,
            on_progress=lambda done, total: None,
        )
    return _peak()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


def write_texts(data: Path, folder: Path, sizes: set[int], vocabularies: set[int]) -> None:
    """The texts and vocabularies that points name, and a short one."""
    from lrd_bench.corpus import open_corpus
    from lrd_bench.vocabulary import build_vocabulary

    source = open_corpus(data / "text/tok")
    lines = gzip.decompress(source.files["train"].read_bytes())
    for size in sizes:
        (folder / f"{size}").mkdir()
        with (folder / f"{size}/train.txt").open("wb") as file:
            for copy in range(size):
                ending = b"%d" % copy if copy else b""
                file.write(lines.replace(b" ", ending + b" ").replace(b"\n", ending + b"\n"))
        for split in ("valid", "test"):
            (folder / f"{size}/{split}.txt").write_bytes(lines[: lines.index(b"\n") + 1])
    (folder / "short").mkdir()
    short = b"".join(line + b"\n" for line in lines.split(b"\n", SHORT)[:SHORT])
    for split in ("train", "valid", "test"):
        (folder / f"short/{split}.txt").write_bytes(short)
    for words in vocabularies:
        build_vocabulary(source.sentences("train"), max_words=words).write(folder / f"{words}.tsv")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer points")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    data = Path(os.environ.get("LRD_BENCH_DATA", "../shared/data"))
    if not (data / "text/tok").is_dir():
        sys.exit(f"{data}: holds no text. Set LRD_BENCH_DATA to the shared data.")
    asked = list(points(quick=arguments.quick))
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_texts(data, folder, {each.texts for _, each in asked}, {each.vocabulary for _, each in asked})
        for what, point in asked:
            found = measure(point, folder, arguments.rounds, arguments.threads)
            beyond = found.memory - found.imports
            rows.append([what, *point[:4], found.text / 1e6, found.reading_s, found.tokens_per_s, found.memory, beyond])
            print(*rows[-1], file=sys.stderr, flush=True)
    headers = ["changed", "vocabulary", "hidden", "rows", "batching", "text, M words", "reading it, s", "tokens/s"]
    headers += ["memory, MiB", "beyond imports"]
    formats = ("", ",", ",", ",", "", ".1f", ".1f", ",.0f", ",.0f", ",.0f")
    print(tabulate(rows, headers=headers, floatfmt=formats, intfmt=","))


if __name__ == "__main__":
    main()
