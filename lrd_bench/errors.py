"""Errors that a user can mend. The command line prints them without a traceback and exits with 2."""

import difflib
from collections.abc import Collection


class LrdBenchError(Exception):
    """What is wrong, where, and what to do about it, in one message. Anything else that is raised is a bug."""


class OtherInputsError(LrdBenchError):
    """An output stands there that was made from other inputs."""


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """Say that `name` is not one of `known`, with the nearest name if one is near."""
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(sorted(known)) or 'none'}."
    return f"unknown {kind} {name!r}. {hint}"
