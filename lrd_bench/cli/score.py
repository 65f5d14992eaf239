"""`lrd-bench score`."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from lrd_bench.cli.app import Device, Force, Quiet, command, date_of, speaker, wrote
from lrd_bench.errors import LrdBenchError

SUMMARISED = 100_000
"""Items at most whose tables are printed at once."""


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

    Prints the accuracies (of more than 100,000 items one for each suite, and no tables) and writes a row for each item
    and prediction. With --text, scores a running text instead.

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
    from lrd_bench.score import score_files

    out = out or _beside(model, "outcomes.parquet")
    before = date_of(out, surprisals)
    score_files(model, stimuli or [], out=out, surprisals=surprisals, metric=metric, device=device, force=force)
    _summarise(out, say)
    wrote(say, f"{out}" + (f" and {surprisals}" if surprisals else ""), before != date_of(out, surprisals))
    say(f"next: lrd-bench report {out} --out FOLDER")


def _summarise(outcomes: Path, say: Callable[[str], None]) -> None:
    """Print the report's tables, or of many items only their accuracy: the report holds all outcomes in memory."""
    from lrd_bench.outcomes import outcome_pieces
    from lrd_bench.report import write_report
    from lrd_bench.score.tallies import tally

    tallies = tally(outcome_pieces(outcomes))
    if sum(suite.items for suite in tallies) <= SUMMARISED:
        print(write_report([outcomes], out=None), end="")
    else:
        print("\n".join(suite.accuracy() for suite in tallies))
    for suite in tallies:
        if left_out := suite.unscored():
            say(left_out)


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
