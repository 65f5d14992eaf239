"""Models side by side: each is trained and scored by a process of its own, with one thread.

Processes, because the models' small matrices gain nothing from threads; spawned, because torch must not be forked.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Mapping, MutableSequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from types import FrameType

from rich.progress import Progress

from lrd_bench.errors import LrdBenchError
from lrd_bench.experiment.remake import remake
from lrd_bench.progress import progress_bar, say, silence

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

POLL_SECONDS = 0.2
LISTEN_SECONDS = 3.0
"""What a job gets to look at the board and stop, before it is interrupted, and interrupted again. Not at once: compiled
code that calls back into Python, as numba's does while it is loaded, drops what is raised in the call."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Train one model from one seed, ask it every suite, and take the perplexity of the held-out text if it has one."""

    model: str
    seed: int
    corpus: Path
    test: Path
    stimuli: tuple[Path, ...]
    run: Path
    max_epochs: int | None
    """Instead of the recipe's; None: the recipe's."""
    left_to_right: bool = True
    """Whether it has a perplexity: what sees the words to the right has none."""

    @property
    def name(self) -> str:
        """As its folder is called: MODEL-SEED."""
        return f"{Path(self.model).stem}-{self.seed}"

    @property
    def folder(self) -> Path:
        """The model's."""
        return self.run / "models" / self.name

    @property
    def outcomes(self) -> Path:
        """What the suites gave."""
        return self.run / "outcomes" / f"{self.name}.parquet"

    @property
    def surprisals(self) -> Path:
        """How likely it finds what the suites ask about."""
        return self.run / "surprisals" / f"{self.name}.parquet"

    @property
    def perplexity(self) -> Path:
        """What the held-out text gave."""
        return self.run / "perplexity" / f"{self.name}.csv"


class Board:
    """Where the processes write how far they are: for each job its process, and words trained of words at most.

    Shared memory without locks: each number has one writer, and the reader only shows it. What they say is queued.
    """

    def __init__(self, jobs: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.processes: MutableSequence[int] = context.Array("q", jobs, lock=False)
        self.done: MutableSequence[int] = context.Array("q", jobs, lock=False)
        self.total: MutableSequence[int] = context.Array("q", jobs, lock=False)
        self.stopped: MutableSequence[int] = context.Array("b", 1, lock=False)
        self.said: SimpleQueue[str] = context.SimpleQueue()


_board: Board | None = None
"""A worker's copy of the board; None in the parent."""


def _start_worker(board: Board) -> None:
    # Before torch is imported, which reads them once.
    os.environ.update(ONE_THREAD)
    signal.signal(signal.SIGTERM, _stop)
    silence(board.said.put)
    global _board
    _board = board


def _stop(signal_number: int, frame: FrameType | None) -> None:
    """Stop a job as Ctrl-C would: the parent hears Ctrl-C (see `_unheard`) and passes it on as SIGTERM."""
    assert _board is not None
    if os.getpid() in _board.processes:  # not between two jobs, where a traceback would be printed
        raise KeyboardInterrupt


def _run_job(index: int, job: Job, force: bool) -> float:
    """Run one job in a worker; return the seconds it took."""
    from lrd_bench.score import score_files, score_text
    from lrd_bench.train import train_model

    assert _board is not None
    board = _board

    def on_progress(done: int, total: int) -> None:
        if board.stopped[0]:
            raise KeyboardInterrupt
        board.done[index], board.total[index] = done, total

    started = time.monotonic()
    try:
        board.processes[index] = os.getpid()
        if board.stopped[0]:  # asked after telling of this process: whoever stops the jobs has told it, or now tells it
            raise KeyboardInterrupt
        remake(
            train_model,
            job.model,
            job.corpus,
            out=job.folder,
            seed=job.seed,
            vocabulary=job.run / "vocabulary.tsv",
            max_epochs=job.max_epochs,
            on_progress=on_progress,
            force=force,
        )
        board.done[index] = board.total[index]
        remake(
            score_files,
            str(job.folder),
            job.stimuli,
            out=job.outcomes,
            surprisals=job.surprisals,
            only_asked=True,
            force=force,
        )
        if job.left_to_right:
            remake(score_text, str(job.folder), job.test, out=job.perplexity, force=force)
    finally:
        board.processes[index] = 0
    return time.monotonic() - started


def cores() -> int:
    """How many this process may use; all of them where the system does not tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_jobs(trained_words: Mapping[Job, int], processes: int, *, force: bool) -> None:
    """Run the jobs in the order given, so many at a time, and show how far they are.

    trained_words: for each job, how many words its training sees at most

    Raises the first error of a job as if it had happened here; the others are ended, and half-made outputs removed.
    """
    jobs = list(trained_words)
    board = Board(len(jobs))
    for index, job in enumerate(jobs):
        board.total[index] = trained_words[job]
    context = multiprocessing.get_context("spawn")
    with (
        progress_bar() as bar,
        ProcessPoolExecutor(min(processes, len(jobs)), context, _start_worker, (board,)) as pool,
    ):
        with _unheard():
            names = {pool.submit(_run_job, index, job, force): job.name for index, job in enumerate(jobs)}
        try:
            _watch(names, board, bar)
        except BrokenProcessPool as error:
            raise LrdBenchError(
                "a training process was ended from outside, perhaps for want of memory. Try again with --jobs 1."
            ) from error
        finally:
            _end(pool, board)


def _watch(names: Mapping[Future[float], str], board: Board, bar: Progress) -> None:
    """Show the jobs' progress, and what they say, until all have ended. Raises what a job raised."""
    whole = bar.add_task("all models", total=sum(board.total), unit="words")
    tasks = [bar.add_task(name, total=None, unit="words", visible=False) for name in names.values()]
    pending, said = set(names), set[str]()
    while pending:
        ended, pending = wait(pending, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        while not board.said.empty():
            if (message := board.said.get()) not in said:  # a model's seeds all say the same
                said.add(message)
                say(message)
        for future in ended:
            say(f"{names[future]} is ready ({future.result():.0f} s)")
        bar.update(whole, completed=sum(board.done), total=sum(board.total))
        for index, task in enumerate(tasks):
            running = board.processes[index] != 0
            bar.update(task, completed=board.done[index], total=board.total[index], visible=running)


def _end(pool: ProcessPoolExecutor, board: Board) -> None:
    """End the jobs that still run, each as Ctrl-C would, start no more, and wait until they have cleaned up."""
    board.stopped[0] = 1
    told = time.monotonic()
    while running := {child.pid for child in multiprocessing.active_children()} & {*board.processes}:
        if time.monotonic() - told > LISTEN_SECONDS:
            told = time.monotonic()
            for process in running:
                assert process is not None
                os.kill(process, signal.SIGTERM)
        time.sleep(POLL_SECONDS)
    pool.shutdown(cancel_futures=True)


@contextmanager
def _unheard() -> Iterator[None]:
    """Processes started inside never hear Ctrl-C, from their first instruction on; here it is heard a moment later.

    A terminal sends Ctrl-C to every process of the command. A worker that hears it while it imports prints a traceback.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
