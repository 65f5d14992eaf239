"""`lrd-bench run`."""

from pathlib import Path
from typing import Annotated

import typer

from lrd_bench.cli.app import Quiet, command, contents, speaker
from lrd_bench.errors import LrdBenchError


@command("run")
def run(
    experiment: Annotated[
        str, typer.Argument(metavar="EXPERIMENT", help="A shipped experiment, or the path of your own file.")
    ] = "quick",
    out: Annotated[Path | None, typer.Option(help="The run's folder.", show_default="runs/NAME")] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Train on this folder or file instead.", show_default="the experiment's")
    ] = None,
    stimuli: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Ask these items, made elsewhere, beside the suites; once for each file.",
            show_default="the experiment's",
        ),
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(help="Train with these seeds instead, such as 0,1,2.", show_default="the experiment's")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Models trained side by side.", show_default="one for each core")
    ] = None,
    quiet: Quiet = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Make all of it again, finished models too, whatever the folder's experiment."),
    ] = False,
) -> None:
    """All four verbs, from text to tables, figures and a page.

    A step is skipped when what it would make is there and was made from the same inputs.

    \b
    Example: lrd-bench run
             lrd-bench run small-text --corpus my/text
             lrd-bench run quick --stimuli my/pairs.jsonl
    """
    say = speaker(quiet)
    from lrd_bench.experiment import run_experiment

    try:
        folder = run_experiment(
            experiment,
            out=out,
            corpus=corpus,
            stimuli=stimuli,
            seeds=None if seeds is None else _numbers(seeds),
            jobs=jobs,
            force=force,
        )
    except KeyboardInterrupt:
        if force:
            say("\nWith --force, the next run makes all of it again; without, it keeps every model that is there.")
        raise
    report = folder / "report"
    print((report / "report.txt").read_text(encoding="utf-8"), end="")
    say(f"wrote {report}: {contents(report)}")
    say(f"next: open {report / 'report.html'} in a browser")


def _numbers(seeds: str) -> list[int]:
    try:
        return [int(seed) for seed in seeds.split(",")]
    except ValueError:
        raise LrdBenchError(f"--seeds {seeds}: expected whole numbers, such as 0,1,2.") from None
