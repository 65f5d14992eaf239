"""N-gram models of order 5, beside what others take for it: from text to a model that answers, scoring, and opening.

    python benchmarks/ngram.py [--quick | --all] [--rounds N]

Three plain texts, of 0.16, 1.5 and 9.4 million tokens, from the shared data (`$LRD_BENCH_DATA`). Beside lrd_bench, in
the same run and in turn: a version in Python dicts and numpy (`ngram_peers.py`; it parts the text into words in Python,
too), nltk, and, where they are there, KenLM's `lmplz` and `build_binary` (on the PATH) and its Python module.

Every measurement is a process of its own, and every time the best of some rounds. *Cold* is from starting the process
to the first answer, with imports and with reading code that was compiled before; *warm* is the best of three later
calls in one process. Memory is the process's largest resident set, all of it (*own*: without files mapped into memory,
which the system can drop); *beyond imports* leaves out what a process has that only imports. `× dict` and `× lmplz`
compare, on the same text, with the warm dict version and with `lmplz --intermediate`, which leaves nothing to ask yet.
Tokens are words without ends of sentences. All processors may be used, but where it says otherwise; files are in the
page cache where there is room.
"""

import argparse
import gzip
import itertools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ngram_processes import Sample, Way, best_call, best_of, measure, run
from tabulate import tabulate

MIDDLE_TOKENS = 1_500_000
NLTK_TOKENS = 50_000
LITTLE_MEMORY = 50_000_000
"""Bytes for counting, where text is to be larger than memory."""

OURS_WARM, OURS_COLD = "lrd_bench, warm", "lrd_bench, cold"
DICT_WARM, DICT_COLD = "dict + numpy, warm", "dict + numpy, cold"
OURS_QUICKEST = "lrd_bench line_logprobs"
LMPLZ, LMPLZ_BINARY = "lmplz --intermediate", "lmplz to ARPA, build_binary"

Reached = dict[str, float]
"""What matters most, by name."""


class Text(NamedTuple):
    """A plain text, one sentence a line."""

    path: Path
    tokens: int

    @property
    def name(self) -> str:
        """Its size."""
        return f"{self.tokens / 1e6:.2g} M"


def write_texts(data: Path, folder: Path, *, quick: bool) -> Iterator[Text]:
    """The texts to train on, the smallest first."""
    small = shutil.copyfile(data / "text/small/train.txt", folder / "small.txt")
    with small.open("rb") as lines:
        yield Text(small, sum(len(line.split()) for line in lines))
    if quick:
        return
    middle, large, middle_tokens, tokens = folder / "middle.txt", folder / "large.txt", 0, 0
    with gzip.open(data / "text/tok/train.txt.gz") as lines, middle.open("wb") as some, large.open("wb") as whole:
        for line in lines:
            whole.write(line)
            in_middle = tokens < MIDDLE_TOKENS
            tokens += len(line.split())
            if in_middle:
                some.write(line)
                middle_tokens = tokens
    yield Text(middle, middle_tokens)
    yield Text(large, tokens)


# -- training ----------------------------------------------------------------------------------------------------------


def training_ways(text: Text, folder: Path, *, dicts: bool) -> dict[str, Way]:
    """The ways from a text to a model, to be measured in turn."""
    once = {"text": text.path, "calls": 1}
    ways: dict[str, Way] = {
        OURS_WARM: lambda: best_call("train_ours", once | {"calls": 4}, first=1),
        OURS_COLD: lambda: measure("train_ours", once),
    }
    if dicts:
        ways[DICT_WARM] = lambda: best_call("train_dict", once | {"calls": 2})
        ways[DICT_COLD] = lambda: measure("train_dict", once)
    arpa, binary, intermediate = (folder / f"lmplz.{ending}" for ending in ("arpa", "bin", "intermediate"))
    lmplz = ("lmplz", "-o", "5", "-S", "1G", "-T", f"{folder}/", "--text", text.path, "--discount_fallback")

    def to_binary() -> Sample:
        estimated, built = run(*lmplz, "--arpa", arpa), run("build_binary", arpa, binary)
        arpa.unlink()
        binary.unlink()
        return Sample(estimated.seconds + built.seconds, max(estimated.peak, built.peak), {})

    if shutil.which("lmplz"):
        ways[LMPLZ] = lambda: run(*lmplz, "--intermediate", intermediate)
        if shutil.which("build_binary"):
            ways[LMPLZ_BINARY] = to_binary
    return ways


def once_ways(text: Text, folder: Path, *, smallest: bool, largest: bool) -> dict[str, Way]:
    """What takes long, or takes a text of its own: to be measured once."""
    once, ways = {"text": text.path, "calls": 1}, dict[str, Way]()
    if smallest:
        nothing_compiled = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "numba")}
        ways["lrd_bench, first run ever (compiles)"] = lambda: measure("train_ours", once, environment=nothing_compiled)
        if find_spec("nltk"):
            beginning = {"text": text.path, "tokens": NLTK_TOKENS}
            ways["nltk KneserNeyInterpolated, warm, first 50,000 tokens"] = lambda: best_call("train_nltk", beginning)
    if largest:
        limited = {"text": text.path, "memory": LITTLE_MEMORY}
        parts = measure("count_parts", limited).result["parts"]
        name = f"lrd_bench, cold, {LITTLE_MEMORY // 10**6} MB to count in: {parts} parts"
        ways[name] = lambda: measure("train_ours", once | limited, watched=True)
    return ways


def print_training(texts: Sequence[Text], folder: Path, rounds: int, *, everything: bool) -> Reached:
    """Print the tables on training."""
    imports = {system: measure(f"import_{system}", {}) for system in ("lrd_bench", "dict")}
    rows, growth, reached = list[Sequence[str]](), list[Sequence[str]](), Reached()
    for number, text in enumerate(texts):
        smallest, largest = number == 0, number == 2
        measure("train_ours", {"text": text.path, "calls": 1})  # compiles what has not been compiled yet
        best = best_of(rounds, training_ways(text, folder, dicts=everything or not largest))
        best |= best_of(1, once_ways(text, folder, smallest=smallest, largest=largest))
        ngrams = sum(best[OURS_COLD].result["ngrams"])
        rates = {way: sample.result.get("tokens", text.tokens) / sample.seconds for way, sample in best.items()}
        for way, sample in best.items():
            whole, own = "tokens" not in sample.result, sample.result.get("own_mib")
            alone = next((one.peak for system, one in imports.items() if whole and way.startswith(system)), None)
            rows.append(
                (
                    text.name,
                    way,
                    f"{sample.seconds:.3f}",
                    f"{rates[way]:,.0f}",
                    times(rates[way], rates.get(DICT_WARM)),
                    times(rates[way], rates.get(LMPLZ)),
                    f"{sample.peak:,.0f}" + (f" ({own:.0f} own)" if own else ""),
                    f"{sample.peak * 2**20 / ngrams:.0f}" if whole else "–",
                    "–" if alone is None else f"{(sample.peak - alone) * 2**20 / ngrams:.0f}",
                )
            )
        growth.append((text.name, f"{ngrams:,}", *(f"{1e6 / rates[way]:.3f}" for way in (OURS_WARM, OURS_COLD))))
        for peer in (DICT_WARM, DICT_COLD, LMPLZ, LMPLZ_BINARY):
            ours = OURS_WARM if peer == DICT_WARM else OURS_COLD
            if peer in rates:
                reached[f"{text.name}: {ours}, × {peer}"] = rates[ours] / rates[peer]
        reached[f"{text.name}: {OURS_COLD}, bytes an n-gram"] = best[OURS_COLD].peak * 2**20 / ngrams
    print("\nFrom text to a model that answers\n")
    headers = ("text", "way", "s", "tokens/s", "× dict", "× lmplz", "peak MiB", "bytes/n-gram", "beyond imports")
    show(rows, headers, left=2)
    print("Imports alone:", ", ".join(f"{system} {one.peak:.0f} MiB" for system, one in imports.items()))
    same = measure("compare_with_dict", {"text": texts[0].path}).result["difference"]
    print(f"{texts[0].name}: dict + numpy has the same n-grams, and log10s that are within {same:.1e} of ours")
    print("\nGrowth: lrd_bench's microseconds a token\n")
    show(growth, ("text", "distinct n-grams", "warm", "cold"), left=1)
    return reached


# -- scoring and opening -----------------------------------------------------------------------------------------------


class Files(NamedTuple):
    """One model as files."""

    folder: Path
    arpa: Path
    binary: Path | None  # without `build_binary`


def print_scoring(text: Text, files: Files, texts: Mapping[str, Path], rounds: int) -> Reached:
    """Print the table on scoring with a model."""
    rows, reached = list[Sequence[str]](), Reached()
    kenlm_file = (files.binary or files.arpa) if find_spec("kenlm") else None
    for (name, path), cores in itertools.product(texts.items(), (1, None)):
        arguments = {"folder": files.folder, "kenlm_file": kenlm_file, "text": path, "cores": cores, "rounds": rounds}
        result = measure("score_text", arguments).result
        rates = {way: result["words"] / seconds for way, seconds in result["seconds"].items()}
        peer = rates.get("kenlm full_scores")
        for way, rate in rates.items():
            difference = result["differences"].get(way)
            rows.append(
                (
                    name,
                    "all" if cores is None else str(cores),
                    way,
                    f"{1000 * result['words'] / rate:.0f}",
                    f"{rate:,.0f}",
                    f"{rate * result['sentences'] / result['words']:,.0f}",
                    times(rate, peer),
                    "–" if difference is None else f"{difference:.1e}",
                )
            )
        if peer is not None:
            reached[f"{text.name}, {name}, cores: {rows[-1][1]}: × full_scores"] = rates[OURS_QUICKEST] / peer
            reached[f"{text.name}, {name}: log10 difference"] = max(result["differences"].values())
    print(
        f"\nScoring with the model of {text.name} tokens (line_logprobs: one array out; logprobs: lists of words in)\n"
    )
    headers = ("text", "cores", "way", "ms", "tokens/s", "sentences/s", "× full_scores", "log10 difference")
    show(rows, headers, left=3)
    return reached


def print_opening(text: Text, files: Files, rounds: int) -> Reached:
    """Print the table on opening a model."""
    what = {"lrd_bench, model folder": ("open_folder", files.folder), "lrd_bench, ARPA": ("open_arpa", files.arpa)}
    if find_spec("kenlm"):
        what["kenlm, ARPA"] = ("open_kenlm", files.arpa)
        if files.binary:
            what["kenlm, binary"] = ("open_kenlm", files.binary)
    rows, reached = list[Sequence[str]](), Reached()
    for name, (function, path) in what.items():
        repeats = 1 if path == files.arpa else rounds  # ARPA files take long, beside which noise is small
        samples = [measure(function, {"path": path}) for _ in range(repeats)]
        best = min(samples, key=lambda sample: float(sample.result["open_s"]))
        size = sum(file.stat().st_size for file in (path.iterdir() if path.is_dir() else [path]))
        seconds = [best.result[until] for until in ("open_s", "answer_s")]
        rows.append((name, f"{size / 2**20:.0f}", *(f"{time_s:.3f}" for time_s in seconds), f"{best.peak:.0f}"))
        if function == "open_folder":
            reached[f"{text.name}: seconds to open a model folder"] = seconds[0]
    print(f"\nOpening the model of {text.name} tokens in a fresh process, after imports\n")
    show(rows, ("what", "MiB", "s", "s to an answer", "peak MiB"), left=1)
    return reached


def print_using(text: Text, texts: Mapping[str, Path], folder: Path, rounds: int) -> Reached:
    """Write a model, print the tables on scoring and opening it, and remove it."""
    binary = folder / "model.bin" if shutil.which("build_binary") else None
    files = Files(folder / "model", folder / "model.arpa", binary)
    written = measure("write_files", {"text": text.path, "folder": files.folder, "arpa": files.arpa}).result
    if files.binary:
        run("build_binary", files.arpa, files.binary)
    reached = print_scoring(text, files, texts, 4 * rounds) | print_opening(text, files, rounds)
    print(f"Writing took {written['folder_s']:.1f} s (model folder) and {written['arpa_s']:.1f} s (ARPA)")
    files.arpa.unlink()
    if files.binary:
        files.binary.unlink()
    shutil.rmtree(files.folder)
    return reached


def times(rate: float, peer: float | None) -> str:
    """How many times as fast."""
    return "–" if peer is None else f"{rate / peer:.2f}"


def show(rows: Sequence[Sequence[str]], headers: Sequence[str], left: int) -> None:
    """Print a table whose first columns are text."""
    align = ["left"] * left + ["right"] * (len(headers) - left)
    print(tabulate(rows, headers, disable_numparse=True, colalign=align), flush=True)


def main() -> None:
    """Write the texts, measure everything, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="the smallest text alone, once: under a minute")
    size.add_argument("--all", action="store_true", help="the dict version on the largest text, too: some GiB")
    parser.add_argument("--rounds", type=int, help="of each measurement (default: 3, with --quick 1)")
    arguments = parser.parse_args()
    data = Path(os.environ.get("LRD_BENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not data.is_dir():
        print(f"The shared data is not at {data}. Set LRD_BENCH_DATA to where it is.", file=sys.stderr)
        sys.exit(2)
    rounds = arguments.rounds or (1 if arguments.quick else 3)
    started, load = time.monotonic(), os.getloadavg()[0]  # load: before this adds to it
    with tempfile.TemporaryDirectory(prefix="lrd-bench-") as name:
        folder = Path(name)
        texts = list(write_texts(data, folder, quick=arguments.quick))
        reached = print_training(texts, folder, rounds, everything=arguments.all)
        test_texts = {"BLiMP": folder / "blimp.txt", "running text": folder / "test.txt"}
        measure("write_blimp", {"folder": data / "suites/blimp", "out": test_texts["BLiMP"]})
        test_texts["running text"].write_bytes(gzip.decompress((data / "text/tok/test.txt.gz").read_bytes()))
        for text in texts[-2:]:
            reached |= print_using(text, test_texts, folder, rounds)
    print("\nIn short\n")
    show([(name, f"{value:.3g}") for name, value in reached.items()], ("what", "lrd_bench"), left=1)
    missing = [name for name in ("lmplz", "build_binary") if not shutil.which(name)]
    missing += [name for name in ("kenlm", "nltk") if not find_spec(name)]
    if missing:
        print(f"Not there, and so not measured: {', '.join(missing)}")
    print(
        f"Rounds: {rounds}; processors: {os.cpu_count()}, on average {load:.1f} busy in the minute before; "
        f"{time.monotonic() - started:.0f} s in all"
    )


if __name__ == "__main__":
    main()
