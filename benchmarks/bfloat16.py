"""Whether a network trained with bfloat16 is worse for it: validation loss after the same words, with several seeds.

    python benchmarks/bfloat16.py [RECIPE] [--seeds N] [--sentences N] [--jobs N]

Trains a recipe with `precision` of `float32` and of `bfloat16`, everything else the same, once over an even sample of
the shared data's text (`$LRD_BENCH_DATA`), with the vocabulary of the experiment `books`. Prints the loss in nats a
word, for each seed and on average, and standard deviations: those of the losses are what the seed alone changes.
"""

import argparse
import math
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean, stdev

from tabulate import tabulate
from tune import make_text, make_vocabulary, validation_perplexity

PRECISIONS = ("float32", "bfloat16")


def main() -> None:
    """Train, and print one row a seed, means and the difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", nargs="?", default="reports/books/lstm.toml")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sentences", type=int, default=13_000, help="of training text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings at a time, one thread each")
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("--seeds: a standard deviation needs two at least.")
    os.environ["OMP_NUM_THREADS"] = "1"
    corpus = Path(os.environ.get("LRD_BENCH_DATA", "../shared/data")) / "text/tok"
    if not corpus.is_dir():
        sys.exit(f"{corpus}: holds no text. Set LRD_BENCH_DATA to the shared data.")

    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(arguments.jobs) as pool:
        text = make_text(corpus, arguments.sentences, Path(folder) / "text")
        vocabulary = Path(folder) / "vocabulary.tsv"
        make_vocabulary(corpus, "books", vocabulary)
        runs = []
        for precision in PRECISIONS:
            changes = {"max_epochs": 1, "precision": precision}
            inputs = (arguments.recipe, changes, text, vocabulary)
            runs.append([pool.submit(validation_perplexity, *inputs, seed) for seed in range(arguments.seeds)])
        losses = [[math.log(run.result()) for run in of_one] for of_one in runs]
    losses.append([narrow - wide for wide, narrow in zip(*losses, strict=True)])
    rows: list[tuple[object, ...]] = [*zip(range(arguments.seeds), *losses, strict=True)]
    rows += [("mean", *map(mean, losses)), ("SD", *map(stdev, losses))]
    print(tabulate(rows, headers=["seed", *PRECISIONS, "difference"], floatfmt=".4f"))


if __name__ == "__main__":
    main()
