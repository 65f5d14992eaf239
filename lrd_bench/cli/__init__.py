"""The command line: each command parses, calls one function and prints. The only place that exits.

A command imports its verb when it runs, so that `--help` loads none of what the verbs need.
"""

from lrd_bench.cli import run, generate, train, score, report, audit, sample, convert, shipped  # noqa: F401, I001 (each adds its command, in this order)
from lrd_bench.cli.app import app, main

__all__ = ["app", "main"]
