"""`lrd-bench convert`."""

from pathlib import Path
from typing import Annotated

import typer

from lrd_bench.cli.app import Force, Quiet, command, speaker


@command("convert")
def convert(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="An n-gram model's folder, or arpa:FILE.")],
    to: Annotated[str, typer.Option(help="arpa: a text file that KenLM, SRILM and others read.")],
    out: Annotated[
        Path | None, typer.Option(help="Packed if it ends in .gz.", show_default="runs/MODEL.arpa.gz")
    ] = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Write an n-gram model in another format.

    \b
    Example: lrd-bench convert runs/ngram-5-0 --to arpa --out ngram-5.arpa
    """
    say = speaker(quiet)
    from lrd_bench.models.converting import convert_model
    from lrd_bench.models.opening import name_of_file

    out = out or Path("runs") / f"{name_of_file(Path(model.removeprefix('arpa:')))}.arpa.gz"
    converted = convert_model(model, to, out=out, force=force)
    if converted.vocabulary.case == "lower":
        say("the model takes words in lower case, which the file cannot say: give it words in lower case")
    say(f"wrote {out}")
    say(f"next: lrd-bench score arpa:{out} STIMULI")
