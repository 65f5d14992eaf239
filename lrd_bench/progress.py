"""Progress bars on stderr: rate and time left, and nothing at all when stderr is not a terminal or `quiet` is set."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

Thing = TypeVar("Thing")

PATIENCE_S = 2.0
"""What takes no longer shows no bar of its own."""
REFRESHED_S = 0.1
"""A bar is told no more often how far things are."""

_console = Console(stderr=True)
_live: list[Progress] = []
"""The bars on the screen: one, or none."""
_told: Callable[[str], None] | None = None
"""Who is told what would be said."""


def silence(told: Callable[[str], None] | None = None) -> None:
    """Show nothing from now on in this process (`--quiet`).

    told:  is given every message instead: by a process that another one started, which shows them
    """
    global _told
    _console.quiet, _told = True, told


def shown() -> bool:
    """Whether bars are shown: for a library that draws its own."""
    return _console.is_terminal and not _console.quiet


def say(message: str) -> None:
    """Print a message on stderr, above the bars; nothing when `silence` has been asked for."""
    if _told is not None:
        _told(message)
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

    Within another one, the tasks are that one's as long as the block lasts.
    """
    if _live:
        others = _live[0].task_ids
        try:
            yield _live[0]
        finally:
            for task in set(_live[0].task_ids) - set(others):
                _live[0].remove_task(task)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    with Progress(*columns, console=_console, disable=not shown()) as bar:
        _live.append(bar)
        try:
            yield bar
        finally:
            _live.remove(bar)


def tracked(things: Iterable[Thing], description: str, *, total: int | None, unit: str) -> Generator[Thing, None, None]:
    """The things as they are, under a bar once they take longer than a user waits without asking.

    total:  how many they are; None: nobody knows
    """
    started, done, rest = time.monotonic(), 0, iter(things)
    for thing in rest:
        yield thing
        done += 1
        if time.monotonic() - started > PATIENCE_S:
            break
    else:
        return
    with progress_bar() as bar:
        task = bar.add_task(description, total=total, completed=done, unit=unit)
        told = time.monotonic()
        for thing in rest:
            yield thing
            done += 1
            if time.monotonic() - told > REFRESHED_S:
                told = time.monotonic()
                bar.update(task, completed=done)
        bar.update(task, completed=done)
