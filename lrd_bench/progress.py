"""Progress bars on stderr: rate and time left, and nothing at all when stderr is not a terminal or `quiet` is set.

And what is to be said while they move.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

_console = Console(stderr=True)


def silence() -> None:
    """Show no progress from now on in this process (`--quiet`)."""
    _console.quiet = True


def tell(message: str) -> None:
    """Say something on stderr, above the bars that move; nothing when `quiet` is set."""
    _console.print(message, markup=False, highlight=False, soft_wrap=True)


class _Rate(ProgressColumn):
    """Units per second, as measured by rich over the last seconds."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} {task.fields['unit']}/s" if task.speed else "")


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A rich Progress with our columns; add tasks with `total` and a `unit` field.

    with progress_bar() as bar:
        task = bar.add_task("scoring lstm", total=2400, unit="items")
        bar.advance(task, 100)
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    with Progress(*columns, console=_console, disable=not _console.is_terminal or _console.quiet) as bar:
        yield bar
