"""The same small tuning budget for every network: four learning rates each, chosen on validation perplexity alone.

    python benchmarks/tune.py              # about ten minutes on two cores

Prints one row a recipe and learning rate. What it printed, and what was chosen, is in docs/decisions.
"""

import argparse
import json
import os
import sys
import tempfile
import tomllib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tabulate import tabulate

RECIPES = ("feedforward-5", "elman", "gru", "lstm")
LEARNING_RATES = (0.002, 0.004, 0.008, 0.016)


def main() -> None:
    """Write the text once, train every combination, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=80_000, help="of training text")
    parser.add_argument("--epochs", type=int, default=5, help="of each training")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings at a time, one thread each")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    from lrd_bench.generate import generate_text

    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(arguments.jobs) as pool:
        text = generate_text("english-small", sentences=arguments.sentences, out=Path(folder) / "text")
        runs = [
            (recipe, rate, pool.submit(validation_perplexity, recipe, rate, arguments.epochs, text, Path(folder)))
            for recipe in RECIPES
            for rate in LEARNING_RATES
        ]
        rows = []
        for recipe, rate, run in runs:
            rows.append((recipe, rate, run.result()))
            print(*rows[-1], file=sys.stderr, flush=True)
    print(tabulate(rows, headers=["recipe", "learning rate", "validation perplexity"], floatfmt=("", "g", ".3f")))


def validation_perplexity(recipe: str, rate: float, epochs: int, text: Path, folder: Path) -> float:
    """Train a shipped recipe with another learning rate; give its best validation perplexity."""
    from lrd_bench import catalogue
    from lrd_bench.train import train_model

    tables = tomllib.loads(catalogue.find("model", recipe).read_text(encoding="utf-8"))
    tables["train"] |= {"learning_rate": rate, "max_epochs": epochs}
    name = f"{recipe}-{rate}"
    file = folder / f"{name}.toml"
    blocks = [f"family = {json.dumps(tables.pop('family'))}"]
    for table, settings in tables.items():
        blocks += [f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in settings.items())]
    file.write_text("\n".join(blocks) + "\n", encoding="utf-8")
    model = train_model(str(file), text, out=folder / name, threads=1, on_progress=lambda done, total: None)
    metrics = json.loads((model / "metrics.json").read_text(encoding="utf-8"))
    return float(metrics["valid_perplexity"])


if __name__ == "__main__":
    main()
