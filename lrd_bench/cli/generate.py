"""`lrd-bench generate`."""

from pathlib import Path
from typing import Annotated

import typer

from lrd_bench.catalogue import find
from lrd_bench.cli.app import Force, Quiet, Seed, command, default_out, speaker
from lrd_bench.errors import LrdBenchError


@command("generate")
def generate(
    context: typer.Context,
    suites: Annotated[list[str] | None, typer.Argument(metavar="SUITE", help="Shipped suites, or paths.")] = None,
    text: Annotated[str | None, typer.Option(metavar="GRAMMAR", help="Write training text instead.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="A file, or a folder.", show_default="runs/SUITE.jsonl; with --text, the folder runs/GRAMMAR"
        ),
    ] = None,
    seed: Seed = 0,
    items: Annotated[int, typer.Option(min=1, help="How many; rounded up to whole balanced blocks.")] = 2400,
    sentences: Annotated[
        int, typer.Option(min=20, help="With --text: how many to train on; a twentieth as many in each other split.")
    ] = 60_000,
    vocabulary: Annotated[
        Path | None, typer.Option(help="Use only words of this vocabulary.tsv.", show_default="any words")
    ] = None,
    min_count: Annotated[int, typer.Option(min=1, help="Of those, only words seen at least so often.")] = 1,
    split: Annotated[
        str | None,
        typer.Option(metavar="GRAMMAR", help="Mark what this grammar's text withholds.", show_default="no marks"),
    ] = None,
    fixed_length: Annotated[
        bool,
        typer.Option(
            "--fixed-length",
            help="Move words to before the cue: sentences of one length.",
            show_default="words stand between",
        ),
    ] = False,
    nonce: Annotated[
        bool,
        typer.Option(
            "--nonce",
            help="Draw words by part of speech alone: grammatical, but senseless.",
            show_default="words that go together",
        ),
    ] = False,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Items of suites; or training text (--text).

    Items come in twins at controlled distances. With --text, a grammar writes sentences in three splits.

    \b
    Example: lrd-bench generate agreement-pp --seed 0
             lrd-bench generate --text english-small --sentences 60000
    """
    say = speaker(quiet)
    if bool(suites) == (text is not None):
        raise LrdBenchError("generate: name one or more suites, or a grammar with --text. See `lrd-bench list suites`.")
    _check_flags(context, text=text is not None)
    from lrd_bench.generate import generate_suite, generate_text
    from lrd_bench.listing import about_items, doubts

    if text is not None:
        folder = generate_text(text, sentences=sentences, out=out or default_out(text), seed=seed, force=force)
        print(f"{sentences} sentences to train on      {folder}")
        say(f"next: lrd-bench train MODEL --corpus {folder}")
        return
    files = _files(suites or [], out, "-fixed-length" * fixed_length + "-nonce" * nonce)
    for suite in files:  # a misspelt name among several is told before any is made
        find("suite", suite)
    for suite, file in files.items():
        made = generate_suite(
            suite,
            out=file,
            seed=seed,
            items=items,
            vocabulary=vocabulary,
            min_count=min_count,
            split=split,
            fixed_length=fixed_length,
            nonce=nonce,
            force=force,
        )
        print(f"{about_items(made)}      {file}")
        if not made.added:
            say(f"{made.name}: already there, as asked for; nothing was written")
        for doubt in doubts(made):
            say(doubt)
    say(f"next: lrd-bench score MODEL {' '.join(map(str, files.values()))}")


def _check_flags(context: typer.Context, *, text: bool) -> None:
    """Raise LrdBenchError for a flag that would do nothing."""

    def given(flag: str) -> bool:
        source = context.get_parameter_source(flag.removeprefix("--").replace("-", "_"))
        return source is not None and source.name != "DEFAULT"

    for flag in filter(given, ("--items", "--vocabulary", "--min-count", "--split", "--fixed-length", "--nonce")):
        if text:
            raise LrdBenchError(f"{flag}: is for items, not for text. Leave it out, or name suites instead of --text.")
    if given("--sentences") and not text:
        raise LrdBenchError("--sentences: is for text, not for items. Leave it out, or name a grammar with --text.")
    if given("--min-count") and not given("--vocabulary"):
        raise LrdBenchError("--min-count: is of a vocabulary's words. Name the vocabulary with --vocabulary.")


def _files(suites: list[str], out: Path | None, version: str) -> dict[str, Path]:
    """Suite → the file for its items."""
    if out is not None and out.suffix == ".jsonl":
        if len(suites) > 1:
            raise LrdBenchError(f"{out}: one file cannot hold {len(suites)} suites. Name a folder with --out.")
        return {suites[0]: out}
    files = {suite: (out or Path("runs")) / default_out(suite, f"{version}.jsonl").name for suite in suites}
    if len(set(files.values())) < len(files):
        raise LrdBenchError(
            f"{', '.join(suites)}: two of these would go to one file. Make them one by one, with --out."
        )
    return files
