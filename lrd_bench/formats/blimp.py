"""BLiMP (Warstadt et al. 2020): one JSON object a line with a good and a bad sentence, one file a paradigm.

The sentences are raw strings. They are kept as `text`, and cut into words for models of words.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lrd_bench.formats.lines import TextFile, Words, read_text_file
from lrd_bench.formats.tokenise import tokenise
from lrd_bench.items import Factor, Item, Sentence, Span, Suite, difference

WHOLE = "(*;%good%) < (*;%bad%)"
ONE_PREFIX = "(critical;%good%) < (critical;%bad%)"
TWO_PREFIX = "(two_prefix_word;%good%) < (two_prefix_word;%bad%)"

GLOSSARY = {
    "field": "the part of linguistics, as BLiMP names it",
    "linguistics_term": "the phenomenon, as BLiMP names it",
    "lexically_identical": "whether both sentences are of the same words",
    "multi_word": "whether the critical region is of more than one word in either sentence",
    "identical": "whether the two sentences are the same, so that any model scores one half",
}

_FACTORS = ("field", "linguistics_term", "lexically_identical")
_USED = ("sentence_good", "sentence_bad", "UID", "pairID", *_FACTORS)


def read_blimp(path: Path) -> Suite:
    """Read one paradigm (.jsonl, plain or gzipped).

    The headline compares whole sentences, BLiMP's own measure (the simple LM method). Where the file has a prefix
    method, a second prediction is that method's:
    - one prefix: P(word | prefix) of a good and a bad word. Region `critical` is that word (or words);
    - two prefixes: P(word | good prefix) against P(word | bad prefix). Region `two_prefix_word` is that word.
    Without one prefix, `critical` is where the sentences differ. A second prediction is made only where every item has
    its region. Sentences that are the same are kept and have the factor `identical`.

    Raises LrdBenchError naming the line that is not such an object, lacks a sentence, repeats an id or is of another
    paradigm, and for a file that is empty or cannot be read.
    """
    file = read_text_file(path)
    rows = [(number, _row(file, number)) for number, line in enumerate(file.lines, start=1) if line.strip()]
    name = _name(file, rows)
    asked = [_ask(file, number, row) for number, row in rows]
    items = tuple(item for item, _ in asked)
    _check_ids(file, items)
    methods = [method for method in (ONE_PREFIX, TWO_PREFIX) if all(found == method for _, found in asked)]
    term = rows[0][1].get("linguistics_term")
    return Suite(
        name=name,
        version=1,
        items=items,
        predictions=(WHOLE, *methods),
        phenomenon=str(term).replace("_", " ") if term else "",
        reference="Warstadt et al. 2020 (BLiMP).",
        glossary=GLOSSARY,
        source={"format": "blimp", "files": {file.path.name: file.sha256}},
    )


def _row(file: TextFile, number: int) -> dict[str, Any]:
    try:
        row = json.loads(file.lines[number - 1])
    except ValueError as error:
        raise file.error(number, f"is not JSON ({error}). Mend or remove the line.") from error
    if not isinstance(row, dict):
        raise file.error(number, "is not a JSON object. Mend or remove the line.")
    for key in ("sentence_good", "sentence_bad"):
        if key not in row:
            raise file.error(number, f"lacks {key!r}. A line needs sentence_good and sentence_bad.")
        if not isinstance(row[key], str) or not row[key].strip():
            raise file.error(number, f"{key!r} is not a sentence: {row[key]!r}. Mend or remove the line.")
    return row


def _name(file: TextFile, rows: list[tuple[int, dict[str, Any]]]) -> str:
    """The UID of the lines; where they have none, as in filtered copies, the file's name."""
    first = rows[0][1].get("UID")
    for number, row in rows:
        if row.get("UID") != first:
            raise file.error(
                number, f"is of {row.get('UID')!r}, the first line of {first!r}. Keep one paradigm in a file."
            )
    return str(first) if first else file.path.name.partition(".")[0]


def _check_ids(file: TextFile, items: tuple[Item, ...]) -> None:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise file.error(item.source["line"], f"pairID {item.id!r} occurs twice. Give each pair an id of its own.")
        seen.add(item.id)


def _ask(file: TextFile, number: int, row: Mapping[str, Any]) -> tuple[Item, str | None]:
    """The item of a line, and the prediction of its prefix method, if it has one and its words are found."""
    texts = {"good": row["sentence_good"], "bad": row["sentence_bad"]}
    tokens = {condition: tokenise(text) for condition, text in texts.items()}
    differing = difference(tokens["good"], tokens["bad"])
    one, two = _one_prefix(row, tokens), _two_prefix(row, tokens)
    critical = one or ({} if differing is None else differing._asdict())
    regions = {"critical": critical, "two_prefix_word": two}
    item = Item(
        # The ids of a file without any are its lines, from 0 as BLiMP counts.
        id=str(row.get("pairID", number - 1)),
        sentences={
            condition: Sentence(
                tokens=tokens[condition],
                text=text,
                regions={name: spans[condition] for name, spans in regions.items() if spans},
            )
            for condition, text in texts.items()
        },
        factors={
            **{name: _factor(row.get(name)) for name in _FACTORS},
            "multi_word": any(stop - start > 1 for start, stop in critical.values()),
            "identical": differing is None,
        },
        extra={key: value for key, value in row.items() if key not in _USED},
        source=file.source(number),
    )
    return item, ONE_PREFIX if one else TWO_PREFIX if two else None


def _factor(value: Any) -> Factor:
    """A field as a factor: one paradigm writes `syntax/semantics` where the others have `syntax_semantics`."""
    if value is None or isinstance(value, bool):
        return value
    return str(value).replace("/", "_")


def _one_prefix(row: Mapping[str, Any], tokens: Mapping[str, Words]) -> dict[str, Span]:
    """Condition → the method's word; nothing where the method is not meant, or its word is not where it should be."""
    if not row.get("one_prefix_method"):
        return {}
    prefix = row.get("one_prefix_prefix")
    return _located({c: (prefix, row.get(f"one_prefix_word_{c}")) for c in tokens}, tokens)


def _two_prefix(row: Mapping[str, Any], tokens: Mapping[str, Words]) -> dict[str, Span]:
    if not row.get("two_prefix_method"):
        return {}
    word = row.get("two_prefix_word")
    return _located({c: (row.get(f"two_prefix_prefix_{c}"), word) for c in tokens}, tokens)


def _located(parts: Mapping[str, tuple[Any, Any]], tokens: Mapping[str, Words]) -> dict[str, Span]:
    """Where the word stands after its prefix, in every sentence or in none."""
    spans = {}
    for condition, (prefix, word) in parts.items():
        before, words = tokenise(str(prefix or "")), tokenise(str(word or ""))
        span = Span(len(before), len(before) + len(words))
        if not words or tokens[condition][: span.stop] != before + words:
            return {}
        spans[condition] = span
    return spans
