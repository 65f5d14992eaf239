"""`lrd-bench report`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lrd_bench.cli.app import Force, Quiet, command, contents, date_of, speaker, wrote
from lrd_bench.errors import LrdBenchError


class Format(StrEnum):
    """How tables are printed."""

    text = "text"
    markdown = "markdown"
    latex = "latex"
    csv = "csv"
    json = "json"
    html = "html"


@command("report")
def report(
    outcomes: Annotated[
        list[Path],
        typer.Argument(
            metavar="OUTCOMES",
            help="What `score` wrote. Among them may be perplexities, overlaps and, for the page, items, surprisals, "
            "audits and the experiment's file: each is known by what it holds.",
        ),
    ],
    by: Annotated[str, typer.Option(metavar="FACTOR,...", help="What the rows of the tables are.")] = "distance",
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Test whether these two models differ.", show_default="none"),
    ] = None,
    format: Annotated[Format, typer.Option(help="How the tables are printed.")] = Format.text,
    out: Annotated[
        Path | None,
        typer.Option(help="Write tables, figures and the page to this folder.", show_default="only printed"),
    ] = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Tables, figures and a page of what models scored.

    Every number with its interval and what it was measured on. Give the files of several models to compare them.

    \b
    Example: lrd-bench report runs/lstm-7/outcomes.parquet --by distance
             lrd-bench report runs/quick/outcomes/* --by distance,nouns_between --format csv
             lrd-bench report runs/quick/outcomes/* --compare lstm gru
             lrd-bench report mine.csv --format latex > report.tex
             lrd-bench report outcomes.parquet items.jsonl surprisals.parquet --format html > page.html
    """
    say = speaker(quiet)
    from lrd_bench.report import write_report
    from lrd_bench.report.inputs import sort_inputs

    factors = tuple(factor.strip() for factor in by.split(",") if factor.strip())
    if not factors:
        raise LrdBenchError("--by: names no factor. Leave it out, or name some, such as distance.")
    inputs = sort_inputs(outcomes)
    if not inputs.outcomes:
        raise LrdBenchError("report: no file given holds outcomes. Add some that `lrd-bench score` wrote.")
    before = date_of(out)
    tables = write_report(
        inputs.outcomes,
        out=out,
        texts=inputs.texts,
        overlaps=inputs.overlaps,
        stimuli=inputs.stimuli,
        surprisals=inputs.surprisals,
        audits=inputs.audits,
        experiment=inputs.experiment,
        by=factors,
        compare=compare,
        format=format.value,
        force=force,
    )
    print(tables, end="")
    if out is None:
        say("next: the same command with --out FOLDER, for all tables as files, the figures and the page")
    else:
        wrote(say, f"{out}: {contents(out)}", before != date_of(out))
        say(f"next: open {out / 'report.html'} in a browser")
