"""Measuring programs, each run a process of its own: how long it takes, and the most memory that it holds.

Nothing large may be imported here: what this process holds counts as the memory of those that it starts.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

MIB = 1024
"""In the units of `ru_maxrss` on Linux."""
MEASURES = Path(__file__).with_name("ngram_measures.py")


class Sample(NamedTuple):
    """One measurement, or the best of several."""

    seconds: float
    peak: float
    """MiB, files that are mapped into memory among them."""
    result: dict[str, Any]


Way = Callable[[], Sample]


def run(*command: str | Path, environment: Mapping[str, str] | None = None, watched: bool = False) -> Sample:
    """Run a program to its end. JSON on the last line of what it prints is the result, and `answered` in it the end.

    watched:  whether to note, as `own_mib`, the most memory that it holds beside files
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        process = subprocess.Popen([*map(str, command)], stdout=out, stderr=err, env=environment)
        try:
            own = _watch(process.pid) if watched else 0.0
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        stopped = time.monotonic()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(map(str, command))} failed:\n{err.read().decode(errors='replace')[-2000:]}")
        last_line = out.read().decode(errors="replace").strip().rpartition("\n")[2]
    result: dict[str, Any] = {}
    with suppress(ValueError):
        result = json.loads(last_line)
    if watched:
        result["own_mib"] = own
    return Sample(result.get("answered", stopped) - started, usage.ru_maxrss / MIB, result)


def _watch(pid: int) -> float:
    """The most MiB that a process holds beside files, from looking every 10 ms until it ends."""
    most, status = 0, Path(f"/proc/{pid}/status")
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        lines = status.read_text().splitlines() if status.exists() else []  # Linux alone has it
        most = max([most, *(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))])
        time.sleep(0.01)
    return most / MIB


def measure(name: str, arguments: Mapping[str, Any], **how: Any) -> Sample:
    """Run a function of `ngram_measures.py`; seconds from starting the process to its answer. how: as for `run`."""
    # Python's own compiled code is kept, too, though some machines ask it not to keep any.
    environment = dict(how.pop("environment", os.environ))
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return run(sys.executable, MEASURES, name, json.dumps(arguments, default=str), environment=environment, **how)


def best_call(name: str, arguments: Mapping[str, Any], first: int = 0) -> Sample:
    """The same, but the seconds of the quickest call within the process, those before `first` aside."""
    sample = measure(name, arguments)
    return sample._replace(seconds=min(sample.result["seconds"][first:]))


def best_of(rounds: int, ways: Mapping[str, Way]) -> dict[str, Sample]:
    """Every way in turn, some times; of each the shortest time, with the largest peak."""
    best: dict[str, Sample] = {}
    for _, (name, way) in itertools.product(range(rounds), ways.items()):
        sample = way()
        print(f"{name}: {sample.seconds:.3f} s, {sample.peak:.0f} MiB", file=sys.stderr, flush=True)
        before = best.get(name, sample)
        quickest = min(before, sample, key=lambda one: one.seconds)
        best[name] = quickest._replace(peak=max(before.peak, sample.peak))
    return best
