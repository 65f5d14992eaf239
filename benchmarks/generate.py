"""Items a second, and peak memory, of making a suite: at 10 thousand, 100 thousand and a million items.

    python benchmarks/generate.py [SUITE] [--split GRAMMAR] [--items N,N,…]

Beside it, in the same run, two ways to write as many items with less. *json* serialises finished items with Python's
json module and makes none. *pairs* draws as many words at random and writes a right and a wrong sentence as text, with
nothing known of either: no twins, regions, factors or certificates. Each measurement is a process of its own on one
core; memory is its largest resident set, with the interpreter and what it imports.
"""

import argparse
import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tabulate import tabulate

from lrd_bench.generate import generate_suite
from lrd_bench.suite_files import read_suite

SAMPLE = 2000
"""Items from which the other ways take their words."""
MIB = 1024
"""In the units of `ru_maxrss` on Linux."""

Way = Callable[[Path, int, str, str | None], float]


def ours(folder: Path, items: int, suite: str, split: str | None) -> float:
    """Seconds to make a suite and write it, from reading its page to renaming the file."""
    started = time.perf_counter()
    generate_suite(suite, out=folder / "items.jsonl", items=items, split=split)
    return time.perf_counter() - started


def serialise(folder: Path, items: int, suite: str, split: str | None) -> float:
    """Seconds to serialise finished items."""
    sample = generate_suite(suite, out=folder / "sample.jsonl", items=SAMPLE, split=split).path
    finished = [json.loads(line) for line in sample.read_text(encoding="utf-8").splitlines()]
    started = time.perf_counter()
    with (folder / "items.jsonl").open("w", encoding="utf-8") as file:
        for number in range(items):
            file.write(json.dumps(finished[number % len(finished)], ensure_ascii=False, sort_keys=True) + "\n")
    return time.perf_counter() - started


def write_pairs(folder: Path, items: int, suite: str, split: str | None) -> float:
    """Seconds to write pairs of sentences of random words, as long as the suite's."""
    sample = read_suite(generate_suite(suite, out=folder / "sample.jsonl", items=SAMPLE, split=split).path).items
    lengths = [len(item.sentences["good"].tokens) for item in sample]
    words = sorted({word for item in sample for word in item.sentences["good"].tokens})
    rng, started = random.Random(0), time.perf_counter()
    with (folder / "items.txt").open("w", encoding="utf-8") as file:
        for number in range(items):
            sentence = " ".join(rng.choices(words, k=lengths[number % len(lengths)]))
            file.write(f"True\t{sentence}\nFalse\t{sentence} {words[0]}\n")
    return time.perf_counter() - started


WAYS: dict[str, Way] = {"lrd_bench": ours, "json": serialise, "pairs": write_pairs}


def measure(way: str, items: int, suite: str, split: str | None) -> tuple[float, float]:
    """Seconds and peak MiB of one way, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = WAYS[way](Path(folder), items, suite, split)
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


def main() -> None:
    """Measure every way at every number of items; print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", nargs="?", default="agreement-pp", help="a shipped suite, or the path of one")
    parser.add_argument("--split", help="a training grammar, to mark what its text withholds")
    parser.add_argument("--items", default="10000,100000,1000000", help="numbers of items")
    arguments = parser.parse_args()
    rows = []
    for items in map(int, arguments.items.split(",")):
        rates = {}
        for way in WAYS:
            # Spawned, or a process would begin with the memory of this one.
            with multiprocessing.get_context("spawn").Pool(1) as process:
                seconds, peak = process.apply(measure, (way, items, arguments.suite, arguments.split))
            rates[way] = items / seconds
            ratio = rates["lrd_bench"] / rates[way]
            rows.append((f"{items:,}", way, f"{rates[way]:,.0f}", f"{ratio:.2f}", f"{peak:.0f}"))
    headers = ("items", "way", "items/s", "lrd_bench is × as fast", "peak MiB")
    print(tabulate(rows, headers, disable_numparse=True, colalign=("right", "left", "right", "right", "right")))


if __name__ == "__main__":
    main()
