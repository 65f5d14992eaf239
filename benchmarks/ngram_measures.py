"""What `ngram.py` measures, each in a process of its own, which prints its result as one line of JSON.

    python benchmarks/ngram_measures.py NAME ARGUMENTS-AS-JSON

Imports stand inside the functions: what a process does not need is no part of its time and memory.
"""

import gzip
import itertools
import json
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ORDER = 5
SENTENCE = "The keys to the cabinet are rusty ."

Result = dict[str, Any]


# -- training ----------------------------------------------------------------------------------------------------------


def import_lrd_bench() -> Result:
    """What it takes to have the library, and nothing else."""
    import lrd_bench.models.ngram

    return {"imported": lrd_bench.models.ngram.__name__}


def import_dict() -> Result:
    """The same for the dict version."""
    import ngram_peers

    return {"imported": ngram_peers.__name__}


def train_ours(text: str, calls: int, memory: int | None = None) -> Result:
    """Seconds of each call, from text to a model that has answered; and when the last one has, by the clock."""
    from lrd_bench.models.ngram import NgramModel
    from lrd_bench.models.recipes import NgramSettings

    limit: dict[str, Any] = {} if memory is None else {"memory": memory}
    seconds, model = [], None
    for _ in range(calls):
        model = None  # the one before makes room
        started = time.perf_counter()
        model = NgramModel.from_text(Path(text), NgramSettings(order=ORDER), **limit)
        model.line_logprobs([SENTENCE])
        seconds.append(time.perf_counter() - started)
    assert model is not None
    return {"seconds": seconds, "answered": time.monotonic(), "ngrams": [len(table.words) for table in model.tables]}


def train_dict(text: str, calls: int) -> Result:
    """The same for the dict version."""
    from ngram_peers import DictModel

    seconds, model = [], None
    for _ in range(calls):
        model = None
        started = time.perf_counter()
        model = DictModel.from_text(Path(text), ORDER)
        model.log10_probs(SENTENCE.split())
        seconds.append(time.perf_counter() - started)
    assert model is not None
    return {"seconds": seconds, "answered": time.monotonic(), "ngrams": [len(order.ids) for order in model.orders]}


def train_nltk(text: str, tokens: int) -> Result:
    """The same for nltk, on the beginning of a text; and how many tokens that is."""
    from ngram_peers import fit_nltk

    started = time.perf_counter()
    size = fit_nltk(Path(text), tokens, ORDER)
    return {"seconds": [time.perf_counter() - started], "answered": time.monotonic(), "tokens": size}


def count_parts(text: str, memory: int) -> Result:
    """In how many parts a text is counted."""
    from lrd_bench.corpus import read_blocks
    from lrd_bench.models.ngram.merging import in_parts, positions_within
    from lrd_bench.models.ngram.text import TextIds

    ids = TextIds(read_blocks(Path(text)), Path(text))
    return {"parts": sum(1 for _ in in_parts(ids, positions_within(memory, ORDER)))}


def compare_with_dict(text: str) -> Result:
    """The largest difference between our model and the dict version's, in log10, if they have the same n-grams."""
    from ngram_peers import DictModel, compare

    from lrd_bench.models.ngram import NgramModel
    from lrd_bench.models.recipes import NgramSettings

    ours = NgramModel.from_text(Path(text), NgramSettings(order=ORDER, lmplz_quirks=False))
    return {"difference": compare(ours, DictModel.from_text(Path(text), ORDER))}


# -- scoring and opening -----------------------------------------------------------------------------------------------


def write_files(text: str, folder: str, arpa: str) -> Result:
    """Train a model; write it as a model folder and as an ARPA file; seconds for each."""
    from lrd_bench.models.folder import Origin, write_model
    from lrd_bench.models.ngram import NgramModel
    from lrd_bench.models.ngram.arpa import write_arpa
    from lrd_bench.models.recipes import NgramRecipe, NgramSettings

    settings = NgramSettings(order=ORDER)
    model = NgramModel.from_text(Path(text), settings)
    origin = Origin(
        name="benchmark",
        seed=None,
        version="",
        made_from="",
        model_digest="",
        corpus={},
        device="cpu",
        packages={},
        elapsed_s=0,
    )
    Path(folder).mkdir()
    started = time.perf_counter()
    write_model(
        Path(folder),
        recipe=NgramRecipe(family="ngram", model=settings),
        model=model,
        metrics={},
        log=[],
        origin=origin,
    )
    written = time.perf_counter()
    write_arpa(model, Path(arpa))
    return {"folder_s": written - started, "arpa_s": time.perf_counter() - written}


def write_blimp(folder: str, out: str) -> Result:
    """BLiMP's sentences, right and wrong, one a line, in words as the training text has them."""
    from lrd_bench.formats.tokenise import tokenise

    count = 0
    with Path(out).open("w", encoding="utf-8") as file:
        for path in sorted(Path(folder).glob("*.jsonl*")):
            with (
                gzip.open(path, "rt", encoding="utf-8")
                if path.suffix == ".gz"
                else path.open(encoding="utf-8") as lines
            ):
                for pair in map(json.loads, lines):
                    for sentence in (pair["sentence_good"], pair["sentence_bad"]):
                        file.write(" ".join(tokenise(sentence)) + "\n")
                        count += 1
    return {"sentences": count}


def open_folder(path: str) -> Result:
    """Seconds to read a model folder, and until the model has answered."""
    from lrd_bench.models.folder import read_model

    started = time.perf_counter()
    _, model = read_model(Path(path))
    opened = time.perf_counter()
    model.logprobs([SENTENCE.split()])
    return {"open_s": opened - started, "answer_s": time.perf_counter() - started}


def open_arpa(path: str) -> Result:
    """The same for an ARPA file."""
    from lrd_bench.models.ngram.arpa import read_arpa

    started = time.perf_counter()
    model = read_arpa(Path(path))
    opened = time.perf_counter()
    model.logprobs([SENTENCE.split()])
    return {"open_s": opened - started, "answer_s": time.perf_counter() - started}


def open_kenlm(path: str) -> Result:
    """The same for an ARPA file, or a binary one, in the hands of the `kenlm` module."""
    import kenlm

    config = kenlm.Config()
    config.show_progress = False
    started = time.perf_counter()
    model = kenlm.Model(path, config)
    opened = time.perf_counter()
    list(model.full_scores(SENTENCE))
    return {"open_s": opened - started, "answer_s": time.perf_counter() - started}


def score_text(folder: str, kenlm_file: str | None, text: str, cores: int | None, rounds: int) -> Result:
    """The best of some rounds of every way to score a text, in turn; and how far ours are from KenLM's, in log10.

    cores:  how many processors may be used; None: all that there are
    """
    if cores is not None:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])
    import numpy as np

    from lrd_bench.models.folder import read_model
    from lrd_bench.models.ngram import NgramModel

    _, model = read_model(Path(folder))
    assert isinstance(model, NgramModel)
    lines = Path(text).read_text(encoding="utf-8").split("\n")[:-1]
    sentences = [line.split(" ") for line in lines]
    ways: dict[str, Callable[[], Any]] = {
        "lrd_bench line_logprobs": lambda: model.line_logprobs(lines)[0],
        "lrd_bench logprobs": lambda: model.logprobs(sentences, end=True),
    }
    if kenlm_file is not None:
        import kenlm

        config = kenlm.Config()
        config.show_progress = False
        theirs = kenlm.Model(kenlm_file, config)
        ways["kenlm full_scores"] = lambda: [[score[0] for score in theirs.full_scores(line)] for line in lines]
        ways["kenlm score"] = lambda: [theirs.score(line) for line in lines]
    best, results = dict.fromkeys(ways, math.inf), {}
    for _, (name, way) in itertools.product(range(rounds), ways.items()):
        started = time.perf_counter()
        results[name] = way()
        best[name] = min(best[name], time.perf_counter() - started)
    ours, differences = [way for way in ways if way.startswith("lrd_bench")], {}
    words = len(results["lrd_bench line_logprobs"])
    if kenlm_file is not None:
        log10s = {
            way: np.array(list(itertools.chain.from_iterable(results[way]))) for way in [*ours[1:], "kenlm full_scores"]
        }
        log10s[ours[0]] = results[ours[0]]
        for way in ours:
            apart = np.abs(log10s[way] / math.log(10) - log10s["kenlm full_scores"])
            differences[way] = float(apart.max())
    return {"seconds": best, "words": words, "sentences": len(lines), "differences": differences}


MEASURES: dict[str, Callable[..., Result]] = {
    function.__name__: function
    for function in (
        import_lrd_bench,
        import_dict,
        train_ours,
        train_dict,
        train_nltk,
        count_parts,
        compare_with_dict,
        write_files,
        write_blimp,
        open_folder,
        open_arpa,
        open_kenlm,
        score_text,
    )
}


if __name__ == "__main__":
    print(json.dumps(MEASURES[sys.argv[1]](**json.loads(sys.argv[2]))))
