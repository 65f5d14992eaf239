"""`lrd-bench report`."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lrd_bench.cli.app import Force, Quiet, command, contents, speaker
from lrd_bench.errors import LrdBenchError


class Format(StrEnum):
    """How tables are printed."""

    text = "text"
    markdown = "markdown"
    latex = "latex"
    csv = "csv"
    json = "json"


@command("report")
def report(
    outcomes: Annotated[
        list[Path],
        typer.Argument(metavar="OUTCOMES", help="What `score` wrote; perplexities and overlaps may be among them."),
    ],
    by: Annotated[str, typer.Option(metavar="FACTOR,...", help="What the rows of the tables are.")] = "distance",
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Test whether these two models differ.", show_default="none"),
    ] = None,
    format: Annotated[Format, typer.Option(help="How the tables are printed.")] = Format.text,
    out: Annotated[
        Path | None, typer.Option(help="Write tables and figures to this folder.", show_default="only printed")
    ] = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Tables and figures of what models scored.

    Every number with its interval and what it was measured on. Give the files of several models to compare them.

    \b
    Example: lrd-bench report runs/lstm-7/outcomes.parquet --by distance
             lrd-bench report runs/quick/outcomes/* --by distance,nouns_between --format csv
             lrd-bench report runs/quick/outcomes/* --compare lstm gru
             lrd-bench report mine.csv --format latex > report.tex
    """
    say = speaker(quiet)
    from lrd_bench.outcomes import OVERLAP_COLUMNS, TEXT_COLUMNS
    from lrd_bench.report import write_report

    factors = tuple(factor.strip() for factor in by.split(",") if factor.strip())
    texts = [file for file in outcomes if _has_columns(file, TEXT_COLUMNS)]
    overlaps = [file for file in outcomes if _has_columns(file, OVERLAP_COLUMNS)]
    items = [file for file in outcomes if file not in (*texts, *overlaps)]
    if not items:
        raise LrdBenchError("report: perplexities alone make no report. Add outcomes that `lrd-bench score` wrote.")
    tables = write_report(
        items,
        out=out,
        texts=texts,
        overlaps=overlaps,
        by=factors,
        compare=compare,
        format=format.value,
        force=force,
    )
    print(tables, end="")
    if out is None:
        say("next: the same command with --out FOLDER, for all tables as files and the figures")
    else:
        say(f"wrote {out}: {contents(out)}")


def _has_columns(file: Path, columns: Iterable[str]) -> bool:
    """Whether a file is a table with these columns."""
    from lrd_bench.long_tables import table_columns

    return set(columns) <= set(table_columns(file))
