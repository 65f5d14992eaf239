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
        str | None,
        typer.Argument(
            metavar="WHAT",
            help="suites, grammars, models, experiments, formats, one of their names, or a suite of your own.",
            show_default="all of them",
        ),
    ] = None,
    format: Annotated[ListFormat, typer.Option(help="How the list is printed.")] = ListFormat.text,
) -> None:
    """What is shipped; of one name, what it asks.

    A line for each suite, grammar, model, experiment or file format; of one suite, its question and an example.

    \b
    Example: lrd-bench list suites
             lrd-bench list agreement-pp
             lrd-bench list my-suite.toml
    """
    from lrd_bench.listing import LISTS, describe, entries

    if what is not None and what not in LISTS:
        print(describe(what))
        return
    lists = {name: entries(name) for name in ([what] if what else LISTS)}
    if format is ListFormat.json:
        listed = {name: [entry._asdict() for entry in each] for name, each in lists.items()}
        print(json.dumps(listed[what] if what else listed, ensure_ascii=False, indent=2))
        return
    for name, each in lists.items():
        if not what:
            print(f"{name}:")
        width = max((len(entry.name) for entry in each), default=0)
        for entry in each:
            print(f"{entry.name:<{width}}  {entry.about}")
