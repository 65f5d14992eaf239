"""Where in a TOML file a setting stands, for error messages: the parser says what a file holds, not on which line."""

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

_TABLE = re.compile(r"[ \t]*(\[\[?)[ \t]*([^\[\]\n]+?)[ \t]*\]")
_KEY = re.compile(r"""[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([\w-]+))[ \t]*=""")
_MARK = re.compile(
    r'"""(?:\\.|[^\\])*?"""' + r"|'''.*?'''" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'" + r"|#[^\n]*|[\[\]{}\n]",
    re.DOTALL,
)
"""What matters within a value: strings (which may hold the rest), comments, brackets and ends of lines."""

Keys = tuple[str | int, ...]


def place(path: Path, *keys: str | int, containing: str = "") -> str:
    """`FILE:LINE` of a setting, or `FILE` where it is not found.

    keys:        tables and key, such as "filler", 1, "unit" (of the second [[filler]]), and perhaps the number of a
                 string in its list, such as "rules", "end(x=a)", 0; the longest beginning that the file has is taken
    containing:  text: its line, if it stands at or below the key
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return str(path)
    found = _lines(text)
    wanted = tuple(keys)
    while wanted and wanted not in found:
        wanted = wanted[:-1]
    start = found.get(wanted, 0)
    if containing:
        lines = enumerate(text.splitlines(), start=1)
        start = next((number for number, line in lines if number >= start and containing in line), start)
    return f"{path}:{start}" if start else str(path)


@lru_cache(maxsize=8)
def _lines(text: str) -> dict[Keys, int]:
    """Tables, keys and the strings of lists → line, counted from 1."""
    found: dict[Keys, int] = {}
    table: Keys = ()
    entries: Counter[str] = Counter()
    at = 0
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        if head := _TABLE.match(text, at):
            brackets, name = head.groups()
            table = tuple(part.strip().strip("\"'") for part in name.split("."))
            if brackets == "[[":
                table = (*table, entries[name])
                entries[name] += 1
                found.setdefault(table[:-1], line)
            found.setdefault(table, line)
        elif key := _KEY.match(text, at):
            keys = (*table, next(part for part in key.groups() if part is not None))
            found.setdefault(keys, line)
            at = _value(text, key.end(), keys, found)
        end = text.find("\n", at)
        at = end + 1 if end >= 0 else len(text)
    return found


def _value(text: str, start: int, keys: Keys, found: dict[Keys, int]) -> int:
    """Where the value that begins at `start` ends; note the lines of its strings if it is a list."""
    depth, number = 0, 0
    for mark in _MARK.finditer(text, start):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if mark[0] == "\n" and not depth:
            return mark.start()
        if depth == 1 and mark[0][0] in "\"'":
            found.setdefault((*keys, number), text.count("\n", 0, mark.start()) + 1)
            number += 1
    return len(text)
