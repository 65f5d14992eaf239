"""TOML files into frozen pydantic models: complete, checked, and with the nearest name for an unknown key."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from lrd_bench.errors import LrdBenchError, unknown


class Settings(BaseModel):
    """A table of a file that people write: frozen, and refusing keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


AnySettings = TypeVar("AnySettings", bound=BaseModel)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises LrdBenchError naming the file and the line where it is broken."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LrdBenchError(f"{path}: is not valid TOML: {error}. Mend that line.") from error
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
        problems = [_problem(problem, kind) for problem in error.errors()]
        raise LrdBenchError(f"{path}: " + " ".join(problems)) from error


def _problem(problem: Any, kind: type[BaseModel]) -> str:
    """One complaint of pydantic in our words."""
    *tables, key = problem["loc"] or ("",)
    place = f" in [{'.'.join(str(table) for table in tables)}]" if tables else ""
    if problem["type"] == "extra_forbidden":
        known = _keys_at(kind, tables)
        name, _, hint = unknown("setting", str(key), known).partition(". ")
        return f"{name}{place}. {hint}"
    if problem["type"] == "missing":
        return f"setting {key!r} is missing{place}. Add it."
    message = problem["msg"].removeprefix("Value error, ")
    return f"setting {key!r}{place}: {message[:1].lower()}{message[1:]} (found {problem['input']!r})."


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
