"""`lrd-bench list`."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from lrd_bench.cli.app import command


class ListFormat(StrEnum):
    """How lists are printed."""

    text = "text"
    json = "json"


@command("list")
def list_shipped(
    what: Annotated[
        str,
        typer.Argument(metavar="WHAT", help="suites, grammars, models, experiments, formats, or one of their names."),
    ],
    format: Annotated[ListFormat, typer.Option(help="How the list is printed.")] = ListFormat.text,
) -> None:
    """What is shipped; of one name, what it asks.

    A line for each suite, grammar, model, experiment or file format; of one suite, its question and an example.

    \b
    Example: lrd-bench list suites
             lrd-bench list agreement-pp
    """
    from lrd_bench.listing import LISTS, describe, entries

    if what not in LISTS:
        print(describe(what))
        return
    listed = entries(what)
    if format is ListFormat.json:
        print(json.dumps([entry._asdict() for entry in listed], ensure_ascii=False, indent=2))
        return
    width = max((len(entry.name) for entry in listed), default=0)
    for entry in listed:
        print(f"{entry.name:<{width}}  {entry.about}")
