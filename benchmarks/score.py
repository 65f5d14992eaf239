"""Scoring suites with a network: every distinct prefix once, beside sentence by sentence and sorted, padded batches.

    python benchmarks/score.py [--quick] [--rounds N] [--threads N]

The network has random weights, which cost as much as any: two layers of 650 LSTM cells and 50,000 words, the size of
Gulordava et al. (2018), and a smaller one. All words of all sentences are scored, of CLAMS and BLiMP files of the
shared data (`$LRD_BENCH_DATA`). *lrd_bench* is from items in memory to the verdict on each. The others are the same
network as tools commonly run one: *padded* takes the sentences in order of length, 64 at a time, has the scores of all
words of the vocabulary at each position, and picks those of the sentence; *alone* one sentence at a time. Both are
measured on a sample of the items. All use the same matrix products. Times are of the processor, the best of some
rounds, which go round all three ways.

`bound`: words of the sentences for each prefix after which a word is asked for: what sharing beginnings can bring where
nothing but the number of words read counts. `apart`: the largest difference between margins, in bits.

GPT-2 small beside minicons is measured by `score_hf.py`.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from tabulate import tabulate

from lrd_bench.formats import read_stimuli
from lrd_bench.formula import Verdict, parse_formula
from lrd_bench.items import Item, Suite
from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.neural import initialise
from lrd_bench.models.recipes import RecurrentSettings
from lrd_bench.models.recurrent import RecurrentEncoder
from lrd_bench.outcomes import nats_to_bits
from lrd_bench.score.questions import Questions
from lrd_bench.vocabulary import BOS_ID, EOS_ID, SPECIAL, Vocabulary

BATCH = 64
PADDED_ITEMS, ALONE_ITEMS = 192, 32
WHOLE = "(*;%good%) < (*;%bad%)"
CLAMS = ("prep_anim", "subj_rel", "obj_rel_across_anim", "long_vp_coord")
AGREEMENT = (
    "anaphor_number_agreement",
    "determiner_noun_agreement_1",
    "determiner_noun_agreement_irregular_2",
    "determiner_noun_agreement_with_adj_2",
    "determiner_noun_agreement_with_adj_irregular_1",
    "distractor_agreement_relational_noun",
    "irregular_plural_subject_verb_agreement_1",
    "regular_plural_subject_verb_agreement_2",
)


class Size(NamedTuple):
    """Of a network."""

    hidden: int
    layers: int
    vocabulary: int

    def __str__(self) -> str:
        return f"LSTM {self.layers} × {self.hidden}, {self.vocabulary:,} words"


SIZES = (Size(650, 2, 50_000), Size(128, 1, 10_000))


class Way(NamedTuple):
    """A way of scoring, and how fast it was."""

    name: str
    sentences: int
    score: Callable[[], list[float]]
    """By how many bits each item's good sentence is likelier than its bad one."""


def read_sets(data: Path, *, quick: bool) -> dict[str, list[Suite]]:
    """The sets of sentences by name: suites that are scored one after the other."""
    clams = CLAMS[:1] if quick else CLAMS
    sets = {f"CLAMS {name}": [read_stimuli(data / f"suites/clams/en_evalset/{name}.txt")] for name in clams}
    blimp = [next((data / "suites/blimp").glob(f"{name}.jsonl*")) for name in AGREEMENT]
    return sets | {f"BLiMP, {len(blimp)} of agreement": list(map(read_stimuli, blimp))}


def sentences_of(items: Iterable[Item]) -> list[tuple[str, ...]]:
    """Of each item the good sentence and the bad one."""
    return [item.sentences[condition].tokens for item in items for condition in ("good", "bad")]


def bound(suites: Sequence[Suite]) -> float:
    """Words for each prefix after which a word comes."""
    words = prefixes = 0
    for suite in suites:
        sentences = sentences_of(suite.items)
        words += sum(map(len, sentences))
        prefixes += len({sentence[:end] for sentence in sentences for end in range(len(sentence))})
    return words / prefixes


def make_network(size: Size, sentences: Sequence[tuple[str, ...]]) -> NeuralLanguageModel:
    """A network that knows the sentences' words and as many others as it takes."""
    words = sorted({word for words in sentences for word in words})
    words += [f"word{number}" for number in range(size.vocabulary - len(SPECIAL) - len(words))]
    vocabulary = Vocabulary(words=(*SPECIAL, *words), counts=(1,) * (len(SPECIAL) + len(words)))
    settings = RecurrentSettings(cell="lstm", hidden=size.hidden, layers=size.layers)
    network = NeuralLanguageModel(RecurrentEncoder(settings, len(vocabulary)), vocabulary)
    initialise(network, torch.Generator().manual_seed(0))
    return network.eval()


def by_prefixes(network: NeuralLanguageModel, suites: Sequence[Suite]) -> list[float]:
    """As `score` does: from items to verdicts, by how many bits the good sentence is likelier."""
    margins = []
    for suite in suites:
        verdicts = Questions(suite, network, "lstm").verdicts(parse_formula(WHOLE))
        margins += [verdict.margin_bits for verdict in verdicts.values() if isinstance(verdict, Verdict)]
    return margins


@torch.inference_mode()
def padded(network: NeuralLanguageModel, items: Sequence[Item], batch: int) -> list[float]:
    """In order of length, so many at a time, with the scores of all words at each position."""
    sentences = sentences_of(items)
    result = [0.0] * len(sentences)
    in_order = sorted(range(len(sentences)), key=lambda number: len(sentences[number]))
    for start in range(0, len(in_order), batch):
        chosen = in_order[start : start + batch]
        rows = [torch.tensor(network.vocabulary.encode(sentences[number])) for number in chosen]
        targets = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=EOS_ID)
        inputs = torch.cat((torch.full((len(rows), 1), BOS_ID), targets[:, :-1]), dim=1)
        states = network.encoder.read(inputs)[0][-1]  # [batch, time, hidden]
        scores = network.output(states.flatten(0, 1)).log_softmax(dim=-1).unflatten(0, targets.shape)
        logprobs = scores.gather(2, targets.unsqueeze(2)).squeeze(2).double()
        for line, number in enumerate(chosen):
            result[number] = float(logprobs[line, : len(rows[line])].sum())
    return [nats_to_bits(good - bad) for good, bad in zip(result[::2], result[1::2], strict=True)]


def measured(ways: Sequence[Way], rounds: int) -> tuple[list[float], list[list[float]]]:
    """Sentences a second of each way, the best of some rounds; and what each gave."""
    best, results = [0.0] * len(ways), [[]] * len(ways)
    for _ in range(rounds):
        for number, way in enumerate(ways):
            started = time.process_time()
            results[number] = way.score()
            best[number] = max(best[number], way.sentences / (time.process_time() - started))
    return best, results


def compare(size: Size, name: str, suites: Sequence[Suite], rounds: int) -> tuple[object, ...]:
    """A row of the table: one set, one network."""
    items = [item for suite in suites for item in suite.items]
    network = make_network(size, sentences_of(items))
    sample = random.Random(0).sample(range(len(items)), PADDED_ITEMS)
    some = [items[number] for number in sample]
    ways = [
        Way("lrd_bench", 2 * len(items), lambda: by_prefixes(network, suites)),
        Way("padded", 2 * len(some), lambda: padded(network, some, BATCH)),
        Way("alone", 2 * ALONE_ITEMS, lambda: padded(network, some[:ALONE_ITEMS], 1)),
    ]
    speed, results = measured(ways, rounds)
    apart = max(abs(results[0][number] - value) for number, value in zip(sample, results[1], strict=True))
    return (
        str(size),
        name,
        2 * len(items),
        *(f"{value:,.0f}" for value in speed),
        f"{speed[0] / speed[1]:.1f}",
        f"{bound(suites):.1f}",
        f"{speed[0] / speed[2]:.0f}",
        f"{apart:.0e}",
    )


COLUMNS = ("network", "set", "sentences", "lrd_bench/s", "padded/s", "alone/s", "× padded", "bound", "× alone", "apart")


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one file of CLAMS instead of four, one network")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    data = Path(os.environ.get("LRD_BENCH_DATA", "../shared/data"))
    if not data.is_dir():
        sys.exit(f"{data}: no such folder. Point LRD_BENCH_DATA to the shared data.")
    sets = read_sets(data, quick=options.quick)
    rows = [
        compare(size, name, suites, options.rounds)
        for size in SIZES[: 1 if options.quick else None]
        for name, suites in sets.items()
    ]
    print(f"{options.threads} thread{'s' * (options.threads > 1)}; sentences a second of processor time")
    print(tabulate(rows, headers=COLUMNS, disable_numparse=True, colalign=["left", "left", *["right"] * 8]))


if __name__ == "__main__":
    main()
