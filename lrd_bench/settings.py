"""TOML files into frozen pydantic models: complete, checked, and with the nearest name for an unknown key."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.places import place


class Settings(BaseModel):
    """A table of a file that people write: frozen, and refusing keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


AnySettings = TypeVar("AnySettings", bound=BaseModel)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises LrdBenchError naming the file and the line where it is broken."""
    text = ""
    try:
        text = path.read_bytes().decode("utf-8")
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, at = str(error).partition(" (at ")  # … (at line 2, column 17), or (at end of document)
        line = re.match(r"line (\d+), (.*)\)", at)
        number, rest = (line[1], line[2]) if line else (len(text.rstrip().splitlines()), "at the end of the file")
        raise LrdBenchError(f"{path}:{number}: is not valid TOML ({what.lower()}, {rest}). Mend the line.") from error
    except UnicodeDecodeError as error:
        raise LrdBenchError(f"{path}: is not UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    except OSError as error:
        raise LrdBenchError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error


def read_settings(path: Path, kind: type[AnySettings]) -> AnySettings:
    """A TOML file as `kind`. Raises LrdBenchError naming file, table and key, and what was expected there."""
    return check_settings(path, read_toml(path), kind)


def check_settings(path: Path, tables: dict[str, Any], kind: type[AnySettings]) -> AnySettings:
    """Already parsed tables as `kind`; `path` is where they came from, for the message."""
    try:
        return kind.model_validate(tables)
    except ValidationError as error:
        problems = _problems(error)
        raise LrdBenchError(
            "\n".join(f"{place(path, *each['loc'])}: {_problem(each, kind)}" for each in problems)
        ) from error


def _problems(error: ValidationError) -> list[Any]:
    """Pydantic's complaints; of those about a setting that may be of several types, the last."""
    found: dict[tuple[str | int, ...], Any] = {}
    for each in error.errors():
        types = [number for number, key in enumerate(each["loc"]) if isinstance(key, str) and "[" in key]
        keys = tuple(key for number, key in enumerate(each["loc"]) if number not in types)
        found[each["loc"][: min(types, default=None)]] = {**each, "loc": keys}
    return list(found.values())


def _problem(problem: Any, kind: type[BaseModel]) -> str:
    """One complaint of pydantic in our words."""
    keys = list(problem["loc"]) or [""]
    value = ""
    while len(keys) > 1 and isinstance(keys[-1], int):
        value = f"the {_ordinal(keys.pop())} value of "
    *tables, key = keys
    place = _table(tables)
    if problem["type"] == "extra_forbidden":
        known = _keys_at(kind, tables)
        name, _, hint = unknown("setting", str(key), known).partition(". ")
        return f"{name}{place}. {hint}"
    if problem["type"] == "missing":
        return f"setting {key!r} is missing{place}. Add it."
    if problem["type"] == "sequence_str" or problem.get("ctx", {}).get("class") == "Sequence":
        wanted = f"tables [[{key}]]" if isinstance(problem["input"], dict) else f"a list (found {problem['input']!r})"
        return f"{value}setting {key!r}{place}: should be {wanted}."
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error" and isinstance(problem["input"], dict):  # of a table's settings together
        return f"{message}{_table([key for key in keys if key])}."
    return f"{value}setting {key!r}{place}: {message[:1].lower()}{message[1:]} (found {problem['input']!r})."


def _table(keys: Sequence[str | int]) -> str:
    """A table as its file's author would call it: ` in [train]`, ` in the 2nd [[filler]]`."""
    names = [key for key in keys if isinstance(key, str)]
    numbers = [key for key in keys if isinstance(key, int)]
    if not names:
        return ""
    return f" in the {_ordinal(numbers[-1])} [[{'.'.join(names)}]]" if numbers else f" in [{'.'.join(names)}]"


def _ordinal(number: int) -> str:
    """How people count what is numbered from 0: 1st, 2nd, 3rd, 4th … 11th … 21st."""
    number += 1
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _keys_at(kind: Any, tables: list[Any]) -> list[str]:
    """The keys that the model nested at `tables` knows; none where pydantic's path is not a path of models."""
    for table in tables:
        if isinstance(table, int):
            continue
        field = getattr(kind, "model_fields", {}).get(table)
        if field is None:
            return []
        kind = next((part for part in _parts(field.annotation) if hasattr(part, "model_fields")), None)
    return list(getattr(kind, "model_fields", {}))


def _parts(annotation: Any) -> list[Any]:
    """A type and, recursively, the types that it is made of."""
    return [annotation, *(part for argument in get_args(annotation) for part in _parts(argument))]
