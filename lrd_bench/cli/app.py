"""What all commands share: how they end, how they speak, and the options that mean the same everywhere."""

import errno
import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from lrd_bench import __version__
from lrd_bench.errors import LrdBenchError

DONE, MENDABLE, INTERRUPTED, PIPE_CLOSED = 0, 2, 130, 141

app = typer.Typer(
    name="lrd-bench",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain text: quick to print, and fit for docs/cli.md
    pretty_exceptions_enable=False,
)

Seed = Annotated[int, typer.Option(min=0, help="What chance is drawn from: the same seed, the same result.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto: the GPU where there is one.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no messages: results and errors only.")]
Force = Annotated[bool, typer.Option("--force", help="Replace an output that was made from other inputs.")]

P = ParamSpec("P")


def main() -> None:
    """Run the command line."""
    # Ended from outside, a command leaves as little behind as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app()


def _print_version(asked: bool) -> None:
    if asked:
        print(f"lrd-bench {__version__}")
        raise typer.Exit(DONE)


@app.callback(
    epilog="Guide: README.md. What every number means: docs/method.md.", context_settings={"max_content_width": 100}
)
def lrd_bench(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """How far apart can two words be before a language model forgets that they belong together?

    generate → train → score → report; `run` does all four.
    """


def command(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a function a command that ends as a user expects: with 2 and one message for what can be mended."""

    def register(function: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                function(*args, **kwargs)
                sys.stdout.flush()
            except LrdBenchError as error:
                if os.environ.get("RANK", "0") == "0":  # of several processes, all of which it stops, one says it
                    print(error, file=sys.stderr)
                raise typer.Exit(MENDABLE) from None
            except KeyboardInterrupt:
                print("\nStopped. No output is half-made; run the same command again to go on.", file=sys.stderr)
                raise typer.Exit(INTERRUPTED) from None
            except BrokenPipeError:  # the reader, such as `head`, has seen enough
                _forget_stdout()
                raise typer.Exit(PIPE_CLOSED) from None
            except OSError as error:
                if error.errno != errno.ENOSPC or error.filename is not None:
                    raise
                _forget_stdout()
                print(f"The results cannot be printed ({error.strerror}). Send them elsewhere.", file=sys.stderr)
                raise typer.Exit(MENDABLE) from None

        app.command(name)(guarded)
        return guarded

    return register


def _forget_stdout() -> None:
    """Throw away what is still to be printed, or Python complains as it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def speaker(quiet: bool) -> Callable[[str], None]:
    """What a command says its messages with, to stderr; when `quiet`, nothing is said and no progress shown."""
    if not quiet:
        return functools.partial(print, file=sys.stderr)
    from lrd_bench.progress import silence

    silence()
    return lambda message: None


def date_of(*outputs: Path | None) -> list[int | None]:
    """When each output was written; None for one that is not there, or not asked for."""
    return [path.stat().st_mtime_ns if path is not None and path.exists() else None for path in outputs]


def wrote(say: Callable[[str], None], what: str, changed: bool) -> None:
    """Name what was written; or say that it was there."""
    say(f"wrote {what}" if changed else f"{what} (already there, as asked for; nothing was written)")


def default_out(name: str, suffix: str = "") -> Path:
    """Where a command writes when it is not told: `runs/`, under the name of what it makes."""
    return Path("runs") / (Path(name).stem + suffix)


def contents(folder: Path) -> str:
    """What a folder holds, for the message that names what was written."""
    return ", ".join(sorted(path.name + "/" * path.is_dir() for path in folder.iterdir()))
