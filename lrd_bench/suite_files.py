"""The files of a suite: `NAME.jsonl`, one self-contained item a line, and `NAME.suite.json` for the rest."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple, overload

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import count_lines, replacing, text_lines, to_json, write_text
from lrd_bench.formula import parse_formula
from lrd_bench.items import DERIVED, Item, Sentence, Span, Suite, item_to_json, odd_pair
from lrd_bench.progress import tracked


class _Head(NamedTuple):
    """What every line of a file repeats of its suite."""

    suite: str
    version: int
    predictions: tuple[str, ...]


_ABOUT: Mapping[str, type] = {
    "name": str,
    "version": int,
    "phenomenon": str,
    "reference": str,
    "predictions": list,
    "metric": str,
    "glossary": dict,
    "digest": str,
    "items": int,
    "source": dict,
}
"""Key of `NAME.suite.json` → what stands there."""

_MADE: Mapping[str, type] = {"distances": dict, "factors": list, "left_out": dict, "words_left_out": int}
"""Key of its `source` → what stands there in a suite that was generated, and not by an earlier version."""

_OPTIONAL: Mapping[str, Any] = {"group": None, "pair": None, "factors": {}, "extra": {}, "source": {}}
"""Key of an item that may be left out → what it then is."""

MANY = 50_000
"""A file of more items is not held in memory."""

_CALLED: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a string",
    int: "a whole number",
    NoneType: "null",
}
"""Type → what people who write JSON call it."""


def suite_file(stimuli: Path) -> Path:
    """The file that holds what `NAME.jsonl` (or `NAME.jsonl.gz`) does not: `NAME.suite.json`."""
    return stimuli.with_name(stimuli.name.removesuffix(".gz").removesuffix(".jsonl") + ".suite.json")


def write_suite(suite: Suite, path: Path) -> None:
    """Write `NAME.jsonl`, one self-contained item a line, and `NAME.suite.json` for the rest."""
    about = {
        "name": suite.name,
        "version": suite.version,
        "phenomenon": suite.phenomenon,
        "reference": suite.reference,
        "predictions": list(suite.predictions),
        "metric": suite.metric,
        "glossary": dict(suite.glossary),
        "digest": suite.digest,
        "items": len(suite.items),
        "source": dict(suite.source),
    }
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for item in suite.items:
            file.write(to_json(item_to_json(item, suite)) + "\n")
    write_text(suite_file(path), json.dumps(about, ensure_ascii=False, indent=2) + "\n")


def read_suite(path: Path) -> Suite:
    """Read our JSONL, plain or gzipped, and, where it is there, the `NAME.suite.json` beside it.

    Raises LrdBenchError naming the file and line of a broken item and of a pair that is not of two, and where the two
    files do not belong together.
    """
    items: list[Item] = []
    head: _Head | None = None
    first: dict[str, int] = {}  # has an entry for each item
    pairs: dict[str, list[int]] = {}
    tracked_lines = tracked(numbered_lines(path), f"reading {path.name}", total=count_lines(path), unit="items")
    with closing(tracked_lines) as lines:  # so that no bar stands above the message of a broken line
        for number, line in lines:
            where = f"{path}:{number}"
            try:
                value = _object(line)
                item, own = _item(value), _head(value)
            except ValueError as error:
                raise LrdBenchError(f"{where}: not an item: {error}. Mend or remove the line.") from error
            if head is None:
                head = own
                _check_formulas(where, own.predictions)
            elif own != head:
                raise LrdBenchError(f"{where}: {_differs(own, head)}")
            if first.setdefault(item.id, number) != number:
                raise LrdBenchError(
                    f"{where}: item id {item.id!r} stands on line {first[item.id]} already. "
                    "Give each item an id of its own."
                )
            if item.pair is not None:
                pairs.setdefault(item.pair, []).append(number)
            if len(first) <= MANY:
                items.append(item)
    if head is None:
        raise LrdBenchError(f"{path}: holds no items. Generate it again.")
    for pair, numbers in pairs.items():
        if len(numbers) != 2:
            raise odd_pair(f"{path}:{numbers[0]}", pair, len(numbers))
    about = read_about(path)
    rest = {key: about[key] for key in ("phenomenon", "reference", "metric", "glossary", "source") if about}
    stored = tuple(items) if len(first) <= MANY else _StoredItems(path, len(first))
    suite = Suite(name=head.suite, version=head.version, predictions=head.predictions, items=stored, **rest)
    if about and about["digest"] != suite.digest:
        raise LrdBenchError(
            f"{path}: does not hold the items that {suite_file(path).name} describes. Generate the suite again, or "
            f"remove {suite_file(path).name} if you changed the items on purpose."
        )
    return suite


class _StoredItems(Sequence[Item]):
    """The items of a file that has been read once and found whole, read again whenever they are asked for."""

    def __init__(self, path: Path, number: int) -> None:
        self._path, self._number = path, number

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[Item]:
        return (_item(_object(line)) for _, line in numbered_lines(self._path))

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        if isinstance(index, slice):
            return tuple(islice(self, *index.indices(self._number)))
        if not -self._number <= index < self._number:
            raise IndexError(index)
        return next(islice(self, index % self._number, None))


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file, plain or gzipped, that are not blank, each with its number, counted from 1.

    Raises LrdBenchError where the file cannot be read or is damaged, naming the line that is not UTF-8.
    """
    return ((number, line) for number, line in text_lines(path) if line.strip())


def holds_items(path: Path) -> bool:
    """Whether a file looks like items of ours, broken or not, or is empty: one that may be replaced by such."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        beginning = file.read(4096)
    return not beginning.strip() or (beginning.startswith(b"{") and b'"certificate"' in beginning)


def read_about(path: Path) -> dict[str, Any]:
    """What stands in the `NAME.suite.json` beside stimuli; nothing where there is none.

    Raises LrdBenchError if the file is damaged: is no JSON object, or lacks a key that we write.
    """
    about_path = suite_file(path)
    if not about_path.exists():
        return {}
    try:
        about = _object(about_path.read_bytes().decode("utf-8-sig"))
        for key, kind in _ABOUT.items():
            _get(about, key, kind)
        if not all(isinstance(meaning, str) for meaning in about["glossary"].values()):
            raise ValueError("'glossary' does not say in words what factors mean")
        source = about["source"]
        if _MADE.keys() & source.keys():
            for key, kind in _MADE.items():
                _get(source, key, kind)
            distances = source["distances"]
            if not all(key.isdecimal() and type(number) is int for key, number in distances.items()):
                raise ValueError("'distances' does not give a number of items for each distance")
    except (OSError, ValueError) as error:
        raise LrdBenchError(
            f"{about_path}: is damaged ({error}). Generate the suite again, with --force, or remove the file."
        ) from error
    return about


def _differs(head: _Head, first: _Head) -> str:
    """In what a line is of another suite than the first line, and what to do."""
    if head[:2] == first[:2]:
        return "its predictions are not those of the first line. Give all lines of a suite the same."
    return (
        f"is of {head.suite}@{head.version}, the first line of {first.suite}@{first.version}. "
        "Keep one suite (and one version of it) in a file."
    )


def _check_formulas(where: str, predictions: tuple[str, ...]) -> None:
    for prediction in predictions:
        try:
            parse_formula(prediction)
        except LrdBenchError as error:
            raise LrdBenchError(f"{where}: {error}") from error


# What follows raises ValueError that says what is wrong, and leaves it to the above to say where.


def _object(text: str) -> dict[str, Any]:
    """A JSON object."""
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    if "\\u" in text:
        to_json(value).encode()  # half a character, as in "\ud83d", can be read but not written
    return value


def _get(value: Mapping[str, Any], key: str, *kinds: type) -> Any:
    """What stands under a key, which is there and of one of these types: exactly, for to JSON true is no number."""
    if key not in value:
        raise ValueError(f"lacks {key!r}")
    if type(value[key]) not in kinds:
        raise ValueError(f"{key!r} is not {' or '.join(_CALLED[kind] for kind in kinds)}")
    return value[key]


def _head(value: Mapping[str, Any]) -> _Head:
    predictions = _get(value, "predictions", list)
    if not predictions or not all(isinstance(each, str) for each in predictions):
        raise ValueError("'predictions' is not a list of formulas")
    return _Head(_get(value, "suite", str), _get(value, "version", int), tuple(predictions))


def _item(value: Mapping[str, Any]) -> Item:
    value = {**_OPTIONAL, **value}
    sentences, factors = _get(value, "sentences", dict), _get(value, "factors", dict)
    if not sentences:
        raise ValueError("'sentences' is empty")
    for name, factor in factors.items():
        if isinstance(factor, dict | list):
            raise ValueError(f"factor {name!r} is not a string, a number, true, false or null")
    return Item(
        id=str(_get(value, "id", str, int)),
        group=_get(value, "group", str, NoneType),
        pair=_get(value, "pair", str, NoneType),
        sentences={condition: _sentence(condition, sentence) for condition, sentence in sentences.items()},
        factors={name: factor for name, factor in factors.items() if name not in DERIVED},
        extra=_get(value, "extra", dict),
        source=_get(value, "source", dict),
    )


def _sentence(condition: str, value: Any) -> Sentence:
    try:
        if not isinstance(value, dict):
            raise ValueError("is not an object")
        value = {"regions": {}, "text": None, **value}
        tokens = tuple(_get(value, "tokens", list))
        if set(map(type, tokens)) != {str} or "" in tokens:
            raise ValueError("'tokens' is not a list of words")
        regions = {name: _span(name, span, len(tokens)) for name, span in _get(value, "regions", dict).items()}
        tokens = tuple(map(sys.intern, tokens))  # a suite repeats its words a thousand times
        return Sentence(tokens=tokens, regions=regions, text=_get(value, "text", str, NoneType))
    except ValueError as error:
        raise ValueError(f"sentence {condition!r}: {error}") from error


def _span(region: str, value: Any, words: int) -> Span:
    if not isinstance(value, list) or [type(each) for each in value] != [int, int]:
        raise ValueError(f"region {region!r} is not two whole numbers")
    span = Span(*value)
    if not 0 <= span.start <= span.stop <= words:
        raise ValueError(f"region {region!r} {value} lies outside the sentence's {words} words")
    return span
