"""The same small tuning budget for every network: a few learning rates each, chosen on validation perplexity alone.

    python benchmarks/tune.py              # the shipped recipes, about ten minutes on two cores
    python benchmarks/tune.py reports/books/*.toml --corpus FOLDER --experiment books --sentences 52000 --epochs 1 \\
        --rates 0.001,0.002,0.004 --set hidden=1024

Prints one row a recipe and learning rate. What it printed, and what was chosen, is in docs/decisions.
"""

import argparse
import json
import os
import sys
import tempfile
import tomllib
from concurrent.futures import ProcessPoolExecutor
from itertools import islice, product
from pathlib import Path

from tabulate import tabulate

RECIPES = ("feedforward-5", "elman", "gru", "lstm")
RATES = (0.002, 0.004, 0.008, 0.016)


def main() -> None:
    """Write the text once, train every combination, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=RECIPES, help="shipped names, or files")
    parser.add_argument("--rates", type=lambda rates: tuple(map(float, rates.split(","))), default=RATES)
    parser.add_argument("--corpus", type=Path, help="a text that lies somewhere, thinned evenly; else a grammar's")
    parser.add_argument("--experiment", help="whose vocabulary is taken, of the whole corpus; else the text's own")
    parser.add_argument("--sentences", type=int, default=80_000, help="of training text")
    parser.add_argument("--epochs", type=int, default=5, help="of each training")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="in all recipes, as TOML")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings at a time, one thread each")
    arguments = parser.parse_args()
    recipes = [recipe for recipe in arguments.recipes if not recipe.endswith("experiment.toml")]
    os.environ["OMP_NUM_THREADS"] = "1"

    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(arguments.jobs) as pool:
        text = make_text(arguments.corpus, arguments.sentences, Path(folder) / "text")
        vocabulary = Path(folder) / "vocabulary.tsv" if arguments.experiment else None
        if vocabulary is not None:
            make_vocabulary(arguments.corpus or text, arguments.experiment, vocabulary)
        runs = []
        for rate, recipe in product(arguments.rates, recipes):
            changes = {"learning_rate": rate, "max_epochs": arguments.epochs, **tomllib.loads("\n".join(arguments.set))}
            runs.append((recipe, rate, pool.submit(validation_perplexity, recipe, changes, text, vocabulary)))
        rows = []
        for recipe, rate, run in runs:
            rows.append((Path(recipe).stem, rate, run.result()))
            print(*rows[-1], file=sys.stderr, flush=True)
    rows.sort(key=lambda row: [Path(recipe).stem for recipe in recipes].index(row[0]))
    print(tabulate(rows, headers=["recipe", "learning rate", "validation perplexity"], floatfmt=("", "g", ".3f")))


def make_text(corpus: Path | None, sentences: int, folder: Path) -> Path:
    """The text to train on and to validate with: a grammar's, or every n-th sentence of a corpus."""
    from lrd_bench.corpus import open_corpus
    from lrd_bench.generate import generate_text

    if corpus is None:
        return generate_text("english-small", sentences=sentences, out=folder)
    folder.mkdir()
    total = sum(1 for _ in open_corpus(corpus).sentences("train"))
    step = max(1, total // sentences)
    for split in ("train", "valid", "test"):
        # A text has a test split; the corpus's own stays unread.
        sentences_of = open_corpus(corpus).sentences("train" if split == "train" else "valid")
        with (folder / f"{split}.txt").open("w", encoding="utf-8") as file:
            file.writelines(" ".join(words) + "\n" for words in islice(sentences_of, 0, None, step))
    return folder


def make_vocabulary(text: Path, experiment: str, file: Path) -> None:
    """Write the words that an experiment's models share."""
    from lrd_bench.corpus import open_corpus
    from lrd_bench.experiment.settings import read_experiment
    from lrd_bench.vocabulary import build_vocabulary

    settings = read_experiment(experiment).vocabulary
    build_vocabulary(open_corpus(text).sentences("train"), **settings.model_dump()).write(file)


def validation_perplexity(
    recipe: str, changes: dict[str, object], text: Path, vocabulary: Path | None, seed: int = 0
) -> float:
    """Train a recipe with other settings; give its best validation perplexity."""
    from lrd_bench import catalogue
    from lrd_bench.models.train_settings import TrainSettings
    from lrd_bench.train import train_model

    tables = tomllib.loads(catalogue.find("model", recipe).read_text(encoding="utf-8"))
    for key, value in changes.items():
        tables.setdefault("train" if key in TrainSettings.model_fields else "model", {})[key] = value
    name = "-".join(map(str, (Path(recipe).stem, *changes.values(), seed)))
    file = text.parent / f"{name}.toml"
    blocks = [f"family = {json.dumps(tables.pop('family'))}"]
    for table, settings in tables.items():
        blocks += [f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in settings.items())]
    file.write_text("\n".join(blocks) + "\n", encoding="utf-8")
    out = text.parent / name
    model = train_model(
        str(file), text, out=out, seed=seed, vocabulary=vocabulary, threads=1, on_progress=lambda done, total: None
    )
    metrics = json.loads((model / "metrics.json").read_text(encoding="utf-8"))
    return float(metrics["valid_perplexity"])


if __name__ == "__main__":
    main()
