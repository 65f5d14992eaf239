"""SyntaxGym (Gauthier et al. 2020): a suite in one JSON file, its sentences cut into numbered regions.

Formulas name regions by their numbers, and so do our sentences; what the file calls them is kept in the suite's source.
The regions are raw text. A sentence is their contents with one space between them, kept as `text`; each is cut into
words by itself, so that no word reaches over the end of a region.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.files import file_digest, opened, to_json
from lrd_bench.formats.lines import Words
from lrd_bench.formats.tokenise import tokenise
from lrd_bench.formula import atoms_of, parse_formula
from lrd_bench.items import Item, Sentence, Span, Suite

_WHAT: Mapping[type, str] = {dict: "an object", list: "a list", str: "a string"}


def read_syntaxgym(path: Path) -> Suite:
    """Read one suite (.json, plain or gzipped).

    Each prediction of the file is one of the suite, the first the headline; its metric is the suite's. Items go by
    their numbers, and an item is a group. Stray spaces are made one or none, and an empty region has no words. Fields
    that mean nothing to us are kept as `extra`, of items, and in the suite's `source`.

    Raises LrdBenchError for a file that is no such suite, naming the prediction or the item and condition that is
    broken, and for predictions as they were written before formulas.
    """
    about = _read(path)
    try:
        return _suite(about, path.name, file_digest(path))
    except ValueError as error:
        raise LrdBenchError(f"{path}: {error}") from error


def _read(path: Path) -> Any:
    with opened(path) as file:
        data = file.read()
    try:
        text = data.decode("utf-8-sig")
        about = json.loads(text)
        if "\\u" in text:
            to_json(about).encode()  # half a character, as in "\ud83d", can be read but not written
        return about
    except UnicodeEncodeError as error:
        raise LrdBenchError(
            f"{path}: holds half a character ({error.object[error.start]!r}). Mend the text."
        ) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LrdBenchError(f"{path}:{line}: is not UTF-8 ({error.reason}). Save the file as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise LrdBenchError(
            f"{path}:{error.lineno}: is not JSON ({error.msg}). Check that the file is whole."
        ) from error
    except RecursionError as error:
        raise LrdBenchError(f"{path}: is not a SyntaxGym suite: it is nested too deeply.") from error


# What follows raises ValueError that says what is wrong, and leaves it to the above to say in which file.


def _suite(about: Any, file: str, sha256: str) -> Suite:
    if not isinstance(about, dict):
        raise ValueError("is not a SyntaxGym suite: it is no JSON object. Name another file.")
    meta, regions = _get(about, "meta", dict), _get(about, "region_meta", dict)
    numbers = sorted(regions, key=lambda number: (len(number), number))
    if numbers != [str(number) for number in range(1, len(regions) + 1)] or not regions:
        raise ValueError(
            f"the keys of 'region_meta' are {', '.join(numbers) or 'none'}. Number the regions from 1 on, without gaps."
        )
    predictions = [_formula(number, each) for number, each in enumerate(_get(about, "predictions", list), start=1)]
    if not predictions:
        raise ValueError("has no predictions, and so asks nothing. Add a formula.")
    source = {"file": file, "sha256": sha256}
    items = [_item(each, numbers, source) for each in _get(about, "items", list)]
    if not items:
        raise ValueError("has no items. Check that the file is whole.")
    _check_items(items)
    for number, prediction in enumerate(predictions, start=1):
        _check_atoms(number, prediction, items[0], numbers)
    reference = str(meta.get("reference") or "").strip().rstrip(".")
    return Suite(
        name=_get(meta, "name", str),
        version=1,
        items=tuple(items),
        predictions=tuple(predictions),
        reference="; ".join([*([reference] if reference else []), "Gauthier et al. 2020 (SyntaxGym)."]),
        metric=_metric(meta),
        source={
            "format": "syntaxgym",
            "files": {file: sha256},
            "regions": {number: regions[number] for number in numbers},
            "extra": _rest(meta, "name", "metric", "reference") | _rest(about, "meta", "region_meta", *_LISTS),
        },
    )


_LISTS = ("predictions", "items")


def _get(value: Any, key: str, kind: type) -> Any:
    if not isinstance(value, dict) or not isinstance(value.get(key), kind):
        raise ValueError(f"is not a SyntaxGym suite: its {key!r} is missing or is not {_WHAT[kind]}. Mend the file.")
    if kind is str and not value[key].strip():
        raise ValueError(f"its {key!r} is empty. Mend the file.")
    return value[key]


def _rest(value: Mapping[str, Any], *used: str) -> dict[str, Any]:
    return {key: rest for key, rest in value.items() if key not in used}


def _metric(meta: Mapping[str, Any]) -> str:
    """The one metric that the predictions are about. Whether there is such a metric, scoring says."""
    named = meta.get("metric")
    if isinstance(named, list) and len(named) == 1:
        [named] = named
    if not isinstance(named, str):
        raise ValueError(f"its 'metric' is {_brief(named)}. Name one, such as \"sum\".")
    if named == "all":
        raise ValueError(
            'its \'metric\' is "all", and a formula compares one number a region. Name one, such as "sum".'
        )
    return named


def _formula(number: int, prediction: Any) -> str:
    where = f"prediction {number}"
    if isinstance(prediction, dict) and "relation" in prediction:
        raise ValueError(
            f"{where} is written as a 'relation', as SyntaxGym did before it had formulas. "
            'Write it as one: {"type": "formula", "formula": "(3;%that%) > (3;%what%)"}.'
        )
    formula = prediction.get("formula") if isinstance(prediction, dict) else None
    if not isinstance(formula, str) or prediction.get("type", "formula") != "formula":
        raise ValueError(f'{where} is no formula: {_brief(prediction)}. Give it the type "formula" and a formula.')
    try:
        parse_formula(formula)
    except LrdBenchError as error:
        raise ValueError(f"{where}: {error}") from error
    return formula.strip()


def _item(value: Any, numbers: Sequence[str], source: Mapping[str, Any]) -> Item:
    number = value.get("item_number") if isinstance(value, dict) else None
    if type(number) not in (int, str):
        raise ValueError(f"an item has no 'item_number': {_brief(value)}. Number the items.")
    conditions = value.get("conditions")
    if not isinstance(conditions, list) or not conditions:
        raise ValueError(f"item {number} has no list of 'conditions'. Mend or remove the item.")
    sentences: dict[str, Sentence] = {}
    extra: dict[str, Any] = {}
    for each in conditions:
        name = each.get("condition_name") if isinstance(each, dict) else None
        if not isinstance(name, str):
            raise ValueError(f"item {number}: a condition has no 'condition_name': {_brief(each)}. Name it.")
        if name in sentences:
            raise ValueError(f"item {number} has two conditions {name!r}. Give each a name of its own.")
        sentences[name], rest = _sentence(f"item {number}, condition {name!r}", each.get("regions"), numbers)
        if rest := _rest(each, "condition_name", "regions") | rest:
            extra[name] = rest
    return Item(
        id=str(number),
        group=str(number),
        sentences=sentences,
        extra=_rest(value, "item_number", "conditions") | ({"conditions": extra} if extra else {}),
        source=source,
    )


def _sentence(where: str, regions: Any, numbers: Sequence[str]) -> tuple[Sentence, dict[str, Any]]:
    """A sentence, and the fields of its regions that mean nothing to us."""
    if not isinstance(regions, list):
        raise ValueError(f"{where} has no list of 'regions'. Mend or remove the item.")
    contents: list[str] = []
    words: Words = ()
    spans: dict[str, Span] = {}
    extra: dict[str, Any] = {}
    for each in regions:
        number = str(each.get("region_number") if isinstance(each, dict) else each)
        if number not in numbers:
            raise ValueError(f"{where}: {unknown('region', number, numbers)}")
        if number in spans:
            raise ValueError(f"{where} has region {number} twice. Remove one of them.")
        if not isinstance(each.get("content"), str):
            raise ValueError(f"{where}, region {number}: its 'content' is missing or is not a string. Mend the item.")
        content = " ".join(each["content"].split())
        contents += [content] if content else []
        start, words = len(words), words + tokenise(content)
        spans[number] = Span(start, len(words))
        if rest := _rest(each, "region_number", "content"):
            extra[number] = rest
    if missing := [number for number in numbers if number not in spans]:
        raise ValueError(f"{where} lacks region {missing[0]}. Add it; it may be empty.")
    if not words:
        raise ValueError(f"{where} has no words. Mend or remove the item.")
    return Sentence(tokens=words, regions=spans, text=" ".join(contents)), {"regions": extra} if extra else {}


def _check_items(items: Sequence[Item]) -> None:
    """Every item has a number of its own and the conditions of the first."""
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise ValueError(f"item {item.id} occurs twice. Give each item a number of its own.")
        seen.add(item.id)
        if odd := sorted(item.sentences.keys() ^ items[0].sentences.keys()):
            raise ValueError(
                f"item {item.id} has not the conditions of item {items[0].id}: {odd[0]!r} is in one of them alone. "
                "Give all items the same."
            )


def _check_atoms(number: int, prediction: str, item: Item, numbers: Sequence[str]) -> None:
    for atom in sorted(atoms_of(parse_formula(prediction))):
        if atom.condition not in item.sentences:
            raise ValueError(f"prediction {number}: {unknown('condition', atom.condition, item.sentences)}")
        if atom.region not in ("*", *numbers):
            raise ValueError(f"prediction {number}: {unknown('region', atom.region, ['*', *numbers])}")


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
