"""`lrd-bench score`."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from lrd_bench.cli.app import Device, Force, Quiet, command, date_of, speaker, wrote
from lrd_bench.errors import LrdBenchError


@command("score")
def score(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="A model's folder, arpa:FILE, hf:NAME, kenlm:FILE, surprisals:FILE, or python:package.module:factory.",
        ),
    ],
    stimuli: Annotated[
        list[str] | None,
        typer.Argument(metavar="STIMULI", help="Items, of any format that `lrd-bench list formats` names."),
    ] = None,
    text: Annotated[
        Path | None, typer.Option(help="Take the perplexity of this text instead.", show_default="none")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Parquet or CSV.",
            show_default="outcomes.parquet in the model's folder; with --text, TEXT.perplexity.csv",
        ),
    ] = None,
    surprisals: Annotated[
        Path | None, typer.Option(help="Write each region's surprisal, too.", show_default="not written")
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            help="What the surprisals of a region's words become: sum, mean (per word), per-character, median, range, "
            "max or min.",
            show_default="the suite's own; sum where it names none",
        ),
    ] = None,
    device: Device = "auto",
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Ask a model items; or take its perplexity (--text).

    Prints the accuracies and writes a row for each item and prediction. With --text, scores a running text instead.

    \b
    Example: lrd-bench score runs/lstm-7 runs/agreement-pp.jsonl
             lrd-bench score python:mine:model blimp:npi_present_2.jsonl
             lrd-bench score surprisals:gpt.tsv runs/agreement-pp.jsonl
             lrd-bench score runs/lstm-7 --text runs/english-small/test.txt
    """
    say = speaker(quiet)
    if bool(stimuli) == (text is not None):
        raise LrdBenchError("score: name one or more files of items, or a text with --text.")
    if text is not None and (metric is not None or surprisals is not None):
        option = "--metric" if metric is not None else "--surprisals"
        raise LrdBenchError(f"score: {option} is for items, and a text has no regions. Leave it out.")
    if text is not None:
        out = out or _beside(model, f"{text.name.partition('.')[0]}.perplexity.csv")
        _score_text(model, text, out, device, say, force=force)
        return
    from lrd_bench.report import write_report
    from lrd_bench.score import score_items, unscored

    out = out or _beside(model, "outcomes.parquet")
    before = date_of(out, surprisals)
    outcomes = score_items(
        model, stimuli or [], out=out, surprisals=surprisals, metric=metric, device=device, force=force
    )
    left_out = list(unscored(outcomes))
    del outcomes  # may be large, and the report reads its own
    print(write_report([out], out=None), end="")
    for line in left_out:
        say(line)
    wrote(say, f"{out}" + (f" and {surprisals}" if surprisals else ""), before != date_of(out, surprisals))
    say(f"next: lrd-bench report {out} --out FOLDER")


def _score_text(model: str, text: Path, out: Path, device: str, say: Callable[[str], None], *, force: bool) -> None:
    from lrd_bench.score import score_text

    before = date_of(out)
    row = score_text(model, text, out=out, device=device, force=force).iloc[0]
    print(f"{row['sentences']} sentences, {row['words']} words with one end a sentence, {row['unknown_words']} unknown")
    if row.isna()["bits"]:
        print("no perplexity: the model's scores do not sum to one")
    else:
        bits, unknown_bits = float(row["bits"]), float(row["unknown_bits"])
        known = (
            "" if math.isinf(unknown_bits) else _perplexity(bits - unknown_bits, row["words"] - row["unknown_words"])
        )
        print(
            f"perplexity {_perplexity(bits, row['words'])}" + (f"; without the unknown words {known}" if known else "")
        )
    wrote(say, f"{out}", before != date_of(out))
    say(f"next: lrd-bench score {model} STIMULI")


def _perplexity(bits: float, words: int) -> str:
    return "∞ (some word is impossible)" if math.isinf(bits) else f"{2 ** (bits / words):.6g}"


def _beside(model: str, name: str) -> Path:
    """A file in the model's folder; beside a table of surprisals; in `runs/` for a model that has no place."""
    kind, colon, rest = model.partition(":")
    if not colon or Path(model).exists():
        return Path(model) / name
    from lrd_bench.models.opening import name_of_file, name_of_hf
    from lrd_bench.models.recorded import name_of_table

    if kind == "surprisals" and Path(rest).name:  # else there is no such file, as is said when it is opened
        return Path(rest).expanduser().with_name(f"{name_of_table(Path(rest))}.{name}")
    # Two models of one file are two models.
    folders = {
        "python": rest.replace(":", "."),
        "kenlm": f"{name_of_file(Path(rest))}-kenlm",
        "hf": name_of_hf(rest),
    }
    return Path("runs") / folders.get(kind, name_of_file(Path(rest))) / name
