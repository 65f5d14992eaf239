"""Compiling loops with numba, and keeping what is compiled.

numba keeps the code of a function beside its module and makes it anew when that file changes, but not when a function
that it calls does, in another file. So it is kept in a folder that is named by all sources of the package: after any
change, everything is compiled once more, and no old code meets new data.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Any:
    """A function compiled when it is first called, in this version; it lets go of the interpreter."""
    config: Any = numba.config
    elsewhere = config.CACHE_DIR
    config.CACHE_DIR = _folder(elsewhere)
    try:
        return numba.njit(cache=True, nogil=True)(function)
    finally:
        config.CACHE_DIR = elsewhere


@cache
def _folder(elsewhere: str) -> str:
    """Where compiled code is kept: beside the sources, or where NUMBA_CACHE_DIR says. "": numba finds a place."""
    package = Path(__file__).parent
    sources = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        sources.update(path.read_bytes())
    place = Path(elsewhere or package / "__pycache__") / f"compiled-{sources.hexdigest()[:16]}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return elsewhere
    return str(place) if os.access(place, os.W_OK) else elsewhere
