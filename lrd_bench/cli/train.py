"""`lrd-bench train`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from lrd_bench.cli.app import Device, Force, Quiet, Seed, command, default_out, speaker

LABELS_SHOWN = 20
"""A table of more would not fit a terminal."""
JUDGING = ({"singular", "plural"}, {"acceptable", "unacceptable"})
"""Labels of which suites ask."""


@command("train")
def train(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A shipped recipe, or the path of your own.")],
    corpus: Annotated[
        Path, typer.Option(help="A folder with train, valid and test, or one file: text, or sentences with labels.")
    ],
    out: Annotated[Path | None, typer.Option(help="The model's folder.", show_default="runs/MODEL-SEED")] = None,
    seed: Seed = 0,
    device: Device = "auto",
    vocabulary: Annotated[
        Path | None, typer.Option(help="Use this vocabulary.tsv.", show_default="the words seen at least twice")
    ] = None,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="The corpus is running English text: cut it into sentences and words, in OUT.text.",
            show_default="one tokenised sentence a line",
        ),
    ] = False,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Train a model on a text, or on labelled sentences.

    One folder holds all that the model is; the text's held-out splits choose the best epoch and measure it. A model of
    labels says how many it finds, and which it takes for which: the right label in rows, the one given in columns.

    \b
    Example: lrd-bench train lstm --corpus runs/english-small --seed 7
             lrd-bench train ngram-5 --corpus novel.txt --raw
    """
    say = speaker(quiet)
    from lrd_bench.models.folder import read_metrics
    from lrd_bench.train import train_model
    from lrd_bench.train.inputs import text_beside
    from lrd_bench.train.processes import is_first

    out = out or default_out(model, f"-{seed}")
    folder = train_model(
        model,
        corpus,
        out=out,
        seed=seed,
        device=device,
        vocabulary=vocabulary,
        raw=raw,
        force=force,
    )
    if not is_first():  # of several processes, which train one model
        return
    metrics = read_metrics(folder)
    print(f"{_accuracy(metrics['labels']) if metrics['labels'] else _validation(metrics)}      {folder}")
    if metrics["labels"] and len(metrics["labels"]["confusion"]) <= LABELS_SHOWN:
        print(_confusion(metrics["labels"]["confusion"]))
    if raw:
        say(f"sentences and words: {text_beside(out)}, which other models can be given without --raw")
    say(f"next: {_next(folder, metrics['labels'])}")


def _next(folder: Path, labels: dict[str, Any] | None) -> str:
    """What to do with a model; of labels that suites do not ask for, in Python."""
    if labels is None or any(pair <= labels["confusion"].keys() for pair in JUDGING):
        return f"lrd-bench score {folder} STIMULI"
    from lrd_bench.models.folder import RECIPE

    task = json.loads((folder / RECIPE).read_bytes())["task"]
    asked = "tags" if task == "tagging" else "scores"
    return f"in Python, lrd_bench.models.load_model({str(folder)!r}).{asked}(sentences)"


def _validation(metrics: dict[str, Any]) -> str:
    if not metrics["normalised"]:
        return "no validation perplexity, for its scores do not sum to one"
    perplexity = metrics["valid_perplexity"]
    if perplexity is None and metrics["valid_loss_nats"] is not None:
        return f"validation loss {metrics['valid_loss_nats']:.3f} nats a word, of blanks"
    return f"validation perplexity {'∞' if perplexity is None else f'{perplexity:.2f}'}"  # it finds a word impossible


def _accuracy(labels: dict[str, Any]) -> str:
    return (
        f"accuracy {labels['accuracy']:.3f} of {labels['number']:,} labels of {labels['split']}; "
        f"always {labels['majority']!r}: {labels['majority_accuracy']:.3f}"
    )


def _confusion(confusion: dict[str, dict[str, int]]) -> str:
    import tabulate

    rows = [[right, *(given[label] for label in confusion)] for right, given in confusion.items()]
    return tabulate.tabulate(rows, headers=["", *confusion], disable_numparse=[0])
