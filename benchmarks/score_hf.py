"""Scoring sentences with GPT-2 small, beside minicons.

    python benchmarks/score_hf.py [--sentences N] [--rounds N] [--threads N]

The model has random weights and the shape of GPT-2 small (12 layers, 768 wide, 50,257 pieces): time does not
depend on what a model has learnt. The sentences are pairs of BLiMP, as many from each paradigm of the shared data
(`$LRD_BENCH_DATA`); the tokeniser is learnt from its text. Both sides get the same model, the sentences as they were
printed or their words, and are to give the sum over each; cutting them into pieces is part of the work.

minicons is asked in batches of several sizes, and compared at the one at which it is quickest. All ways are measured in
turn, in some rounds; a figure is the median round's, in CPU seconds of the process, which what else the machine does
changes least. That is done with each way in which torch multiplies matrices of float32: as it does by itself, and by
oneDNN (`medium`), which on some processors is quicker; *error* says how far a product is from the exact one.
"""

import argparse
import gzip
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from tabulate import tabulate

from lrd_bench.formats.lines import read_text_file
from lrd_bench.formats.tokenise import tokenise

PIECES, LEARNT = 50_257, 16_000
"""Of the model, as GPT-2 has; and of the tokeniser, which is all that so little text has to teach."""
BATCHES = (1, 8, 32, 100)
OURS = "lrd_bench"
END = "<|endoftext|>"


def sample(data: Path, sentences: int) -> list[str]:
    """Pairs of BLiMP, one after the other, as many from each paradigm."""
    paths = sorted((data / "suites" / "blimp").iterdir())
    rng = random.Random(0)
    pairs = []
    for number, path in enumerate(paths):
        share = (number + 1) * (sentences // 2) // len(paths) - number * (sentences // 2) // len(paths)
        pairs += [json.loads(line) for line in rng.sample(list(read_text_file(path).lines), share)]
    return [pair[side] for pair in pairs for side in ("sentence_good", "sentence_bad")]


def learn_tokeniser(data: Path) -> Any:
    """As GPT-2's, of fewer pieces."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    from lrd_bench.models.hf.text import running_text

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=LEARNT,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    with gzip.open(data / "text" / "tok" / "train.txt.gz", "rt", encoding="utf-8") as lines:
        made.train_from_iterator((running_text(line.split()).text for line in islice(lines, 50_000)), trainer)
    return transformers.PreTrainedTokenizerFast(tokenizer_object=made, bos_token=END, eos_token=END, pad_token=END)


def make_model() -> Any:
    """GPT-2 small with random weights."""
    import transformers

    torch.manual_seed(0)
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=PIECES)).eval()


def ways(tokeniser: Any, model: Any, texts: Sequence[str]) -> dict[str, Callable[[], list[float]]]:
    """The ways to score all sentences, by name."""
    from minicons.scorer import IncrementalLMScorer

    from lrd_bench.models.hf import HfModel

    started = time.process_time()
    ours = HfModel(OURS, tokeniser, model)
    print(f"lrd_bench tries the model for {time.process_time() - started:.1f} s when it opens it", flush=True)
    theirs = IncrementalLMScorer(model, "cpu", tokenizer=tokeniser)
    words = [tokenise(text) for text in texts]

    def minicons(size: int) -> list[float]:
        scores: list[float] = []
        for start in range(0, len(texts), size):
            some = list(texts[start : start + size])
            scores += theirs.sequence_score(some, reduction=lambda row: row.double().sum().item(), bos_token=True)
        return scores

    found: dict[str, Callable[[], list[float]]] = {OURS: lambda: [sum(row) for row in ours.logprobs(words)]}
    return found | {f"minicons, {size} at once": lambda size=size: minicons(size) for size in BATCHES}  # type: ignore[misc]


def product_error() -> float:
    """How far a product of matrices of float32 is from that of float64, beside the largest number in it."""
    one, other = (torch.randn(512, 512, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    exact = one.double() @ other.double()
    return float(((one @ other).double() - exact).abs().max() / exact.abs().max())


def main() -> None:
    """Measure all ways, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="of torch (default: 1)")
    arguments = parser.parse_args()
    data = Path(os.environ.get("LRD_BENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not data.is_dir():
        print(f"The shared data is not at {data}. Set LRD_BENCH_DATA to where it is.", file=sys.stderr)
        sys.exit(2)
    if missing := [name for name in ("transformers", "minicons") if not find_spec(name)]:
        print(f"Not there: {', '.join(missing)}. Run pip install -c constraints.txt -e '.[bench]'.", file=sys.stderr)
        sys.exit(2)
    torch.set_num_threads(arguments.threads)
    texts = sample(data, arguments.sentences)
    tokeniser, model = learn_tokeniser(data), make_model()
    pieces = sum(map(len, tokeniser(texts)["input_ids"]))
    print(f"{len(texts)} sentences of {pieces / len(texts):.1f} pieces; threads: {arguments.threads}")
    asked = ways(tokeniser, model, texts)
    rows = []
    for precision in ("highest", "medium"):
        torch.set_float32_matmul_precision(precision)
        seconds: dict[str, list[float]] = {way: [] for way in asked}
        scores: dict[str, list[float]] = {}
        for _ in range(arguments.rounds):
            for way, score in asked.items():
                started = time.process_time()
                scores[way] = score()
                seconds[way].append(time.process_time() - started)
        rates = {way: len(texts) / statistics.median(times) for way, times in seconds.items()}
        best = max(rate for way, rate in rates.items() if way != OURS)
        for way, rate in rates.items():
            difference = max(abs(one - other) for one, other in zip(scores[way], scores[OURS], strict=True))
            rows.append(
                (precision, f"{product_error():.0e}", way, f"{rate:.1f}", f"{rate / best:.2f}", f"{difference:.1e}")
            )
    headers = ("products", "error", "way", "sentences/s", "× minicons at its best", "largest difference, nats")
    print(tabulate(rows, headers, disable_numparse=True, colalign=["left", "right", "left", *["right"] * 3]))


if __name__ == "__main__":
    main()
