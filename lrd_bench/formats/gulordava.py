"""Gulordava et al. (2018): number agreement in original and nonce sentences, in files that stand side by side.

- `.text`: the sentences, one a line. In nonce sentences the word at the target is a random filler and never read.
- `.gold`: line by line with it, 12 columns: pattern, construction, sentence (0: the original), target, its part of
  speech, its features, right form, wrong form, lemma, cue, its part of speech, start of the original sentence.
  Positions count from 0.
- `.eval`: the targets again, read to see that the files belong together.
- `.tab`: two rows an item, one a form, joined by key: the attractors are here. Published Russian has none.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats.lines import TextFile, Words, read_text_file, words_of
from lrd_bench.items import Factor, Item, Sentence, Span, Suite

SUFFIXES = (".text", ".gold", ".eval", ".tab")
_NEEDED = (".text", ".gold")
_GOLD_COLUMNS = 12
_TABLE_COLUMNS = ("pattern", "constr_id", "sent_id", "form", "class", "n_attr", "punct")
_USED = {*_TABLE_COLUMNS, "type", "sent"}

CRITICAL = "(critical;%good%) < (critical;%bad%)"

GLOSSARY = {
    "construction": "parts of speech from cue to target; L: the cue depends on the target, R: the target on the cue",
    "type": "original (a sentence of a treebank) or generated (its words replaced at random: grammatical nonsense)",
    "cue_value": "the number of the right form, and so of the cue",
    "attractors": "nouns between cue and target whose number opposes the cue's, as the authors counted them",
    "punctuation": "whether punctuation stands between cue and target",
    "identical": "whether both forms are the same, so that any model scores one half",
}

_FEATURE = re.compile(r"(\w+)=(\w+)")
_NUMBERS = {"Sing": "singular", "Plur": "plural"}
_TRUTH = {"True": True, "False": False}


class _Key(NamedTuple):
    """What a line of `.gold` and the two rows of `.tab` share; `.tab` leaves the numbers out of the pattern."""

    construction: str
    constr_id: str
    sent_id: str


class _Row(NamedTuple):
    """A row of `.tab`."""

    line: int
    values: Mapping[str, str]


def read_gulordava(path: Path) -> Suite:
    """Read a set, given any one of its files, what their names have in common, or their folder.

    `.text` and `.gold` are needed. Without `.tab` the attractors and the punctuation are unknown. The prediction
    compares the two forms at the target, as published; cue and target are regions, and the distance follows from them.

    Raises LrdBenchError for a file that is missing or cannot be read, and for a line that is broken or does not belong
    to the others, naming file and line.
    """
    files = _find(path)
    text, gold = files[".text"], files[".gold"]
    _check_length(text, gold)
    if ".eval" in files:
        _check_targets(files[".eval"], gold)
    table = _read_table(files[".tab"]) if ".tab" in files else None
    lines = {line: number for number, line in reversed(list(enumerate(text.lines, start=1)))}
    items: dict[str, Item] = {}
    for number in range(1, len(gold.lines) + 1):
        item, key = _item(text, gold, number)
        if item.id in items:
            raise gold.error(number, f"item {item.id!r} occurs twice. Remove one of its lines from all files.")
        if table is not None:
            item = _with_table(item, key, files[".tab"], table, text, lines)
        items[item.id] = item
    folder, stem = gold.path.resolve().parent.name, gold.path.name.partition(".")[0]
    return Suite(
        name="-".join(["gulordava", folder, *([stem] if stem != "generated" else [])]),
        version=1,
        items=tuple(items.values()),
        predictions=(CRITICAL,),
        phenomenon="number agreement",
        reference="Gulordava et al. 2018.",
        glossary=GLOSSARY,
        source={"format": "gulordava", "files": {file.path.name: file.sha256 for file in files.values()}},
    )


def stem_of(path: Path) -> Path:
    """The path that the files have in common, whichever of them this is; the path itself if it is none of them."""
    bare = path.with_suffix("") if path.suffix == ".gz" else path
    return bare.with_suffix("") if bare.suffix in SUFFIXES else path


def sibling(stem: Path, suffix: str) -> Path | None:
    """One of the files, plain or gzipped; None if it is not there."""
    for name in (stem.name + suffix, stem.name + suffix + ".gz"):
        if stem.with_name(name).is_file():
            return stem.with_name(name)
    return None


def stem_in(folder: Path) -> Path | None:
    """What the files of a set in this folder have in common; None where there is no set, or several."""
    stems = {stem_of(file) for pattern in ("*.gold", "*.gold.gz") for file in folder.glob(pattern)}
    return stems.pop() if len(stems) == 1 else None


def _find(path: Path) -> dict[str, TextFile]:
    stem = stem_in(path) if path.is_dir() else stem_of(path)
    if stem is None:
        raise LrdBenchError(f"{path}: holds no .gold file, or several. Name one of the files of a set.")
    found = {suffix: sibling(stem, suffix) for suffix in SUFFIXES}
    if missing := [suffix for suffix in _NEEDED if found[suffix] is None]:
        there = [file.name for file in found.values() if file is not None]
        raise LrdBenchError(
            f"{stem.with_name(stem.name + missing[0])}: is missing. "
            f"Put the files of one set ({', '.join(stem.name + suffix for suffix in SUFFIXES)}) into one folder"
            + (f"; {', '.join(there)} is there." if there else ".")
        )
    return {suffix: read_text_file(file) for suffix, file in found.items() if file is not None}


def _check_length(file: TextFile, gold: TextFile) -> None:
    """Raise LrdBenchError, naming the first line that has no counterpart."""
    if len(file.lines) != len(gold.lines):
        longer, shorter = (file, gold) if len(file.lines) > len(gold.lines) else (gold, file)
        line = len(shorter.lines) + 1
        raise longer.error(
            line, f"has no counterpart: {shorter.path.name} ends at line {line - 1}. Use files of one set, whole."
        )


def _check_targets(targets: TextFile, gold: TextFile) -> None:
    _check_length(targets, gold)
    for number, (target, line) in enumerate(zip(targets.lines, gold.lines, strict=True), start=1):
        column = _columns(gold, number, line)[3]
        if target.strip() != column:
            raise targets.error(
                number, f"says target {target.strip()!r}, {gold.path.name} says {column!r}. Use files of one set."
            )


def _columns(gold: TextFile, number: int, line: str) -> list[str]:
    columns = line.split("\t")
    if len(columns) != _GOLD_COLUMNS:
        hint = " (Linzen's own test set has 4 and cannot be read yet)" if len(columns) == 4 else ""
        raise gold.error(number, f"has {len(columns)} column(s), not {_GOLD_COLUMNS}{hint}. Check that tabs are kept.")
    return columns


def _item(text: TextFile, gold: TextFile, number: int) -> tuple[Item, _Key]:
    """An item with all that `.text` and `.gold` say of it, and what `.tab` finds it by."""
    pattern, constr_id, sent_id, target, target_pos, features, right, wrong, lemma, cue, cue_pos, original = _columns(
        gold, number, gold.lines[number - 1]
    )
    words = text.words(number, text.lines[number - 1])
    at, cue_at = (_position(gold, number, what, position) for what, position in (("target", target), ("cue", cue)))
    if at >= len(words):
        raise gold.error(
            number,
            f"target {at} lies outside the sentence, whose words are 0 to {len(words) - 1} in {text.path.name}. "
            "Use files of one set.",
        )
    if cue_at >= at:
        raise gold.error(number, f"cue {cue_at} does not stand before target {at}. Mend the positions.")
    construction = "__".join(pattern.split("!")[:2])
    item = Item(
        id=f"{pattern}__{constr_id}__{sent_id}",
        group=f"{pattern}__{constr_id}",
        sentences={
            condition: Sentence(
                tokens=_with_form(gold, number, words, at, form),
                regions={"cue": Span(cue_at, cue_at + 1), "critical": Span(at, at + 1)},
            )
            for condition, form in (("good", right), ("bad", wrong))
        },
        factors={
            "construction": construction,
            "type": "original" if sent_id == "0" else "generated",
            "cue_value": _NUMBERS.get(dict(_FEATURE.findall(features)).get("Number", "")),
            "attractors": None,
            "punctuation": None,
            "identical": right == wrong,
        },
        extra={
            "target_pos": target_pos,
            "target_features": features,
            "lemma": lemma,
            "cue_pos": cue_pos,
            "original_prefix": original,
        },
        source=gold.source(number),
    )
    return item, _Key(construction, constr_id, sent_id)


def _position(gold: TextFile, number: int, what: str, position: str) -> int:
    if not re.fullmatch("[0-9]+", position):
        raise gold.error(number, f"{what} {position!r} is not a position. Positions are whole numbers from 0.")
    return int(position)


def _with_form(gold: TextFile, number: int, words: Words, target: int, form: str) -> Words:
    """The sentence with the form at the target, in place of whatever stands there."""
    if len(words_of(form)) != 1:
        raise gold.error(number, f"form {form!r} is not one word. Mend the form.")
    return (*words[:target], form, *words[target + 1 :])


def _read_table(file: TextFile) -> dict[_Key, list[_Row]]:
    """The rows of `.tab` by key."""
    # Line by line, so that an open quote swallows no more than its own: no field holds a line end.
    table = [next(csv.reader([line], delimiter="\t"), []) for line in file.lines]
    header = table[0]
    if missing := [column for column in _TABLE_COLUMNS if column not in header]:
        raise file.error(1, f"lacks the column(s) {', '.join(missing)}. Keep the header line and all columns.")
    rows: dict[_Key, list[_Row]] = defaultdict(list)
    for number, fields in enumerate(table[1:], start=2):
        if len(fields) != len(header):
            raise file.error(number, f"has {len(fields)} field(s), the header {len(header)}. Check tabs and quotes.")
        values = dict(zip(header, fields, strict=True))
        # Whole or shortened, as in `.gold` or as `.tab` has it: `L!NOUN_VERB!Number=Plur…` or `L__NOUN_VERB`.
        construction = "__".join(values["pattern"].split("!")[:2])
        rows[_Key(construction, values["constr_id"], values["sent_id"])].append(_Row(number, values))
    return rows


def _with_table(
    item: Item, key: _Key, file: TextFile, table: Mapping[_Key, list[_Row]], text: TextFile, lines: Mapping[str, int]
) -> Item:
    """The item with what `.tab` says of it.

    lines:  sentence of `.text` → its line
    """
    number = item.source["line"]
    right, wrong = (_row_of(file, table.get(key, []), item, *form) for form in (("correct", "good"), ("wrong", "bad")))
    sentence = right.values.get("sent", "")
    if lines.get(sentence, number) != number and sentence != text.lines[number - 1]:
        raise text.error(
            number,
            f"is not the sentence of {file.path.name}:{right.line}, which is line {lines[sentence]} here. "
            "Use files of one set, in their order.",
        )
    attractors, punctuation = right.values["n_attr"], right.values["punct"]
    if not re.fullmatch("[0-9]+", attractors):
        raise file.error(right.line, f"n_attr is {attractors!r}, not a number of attractors. Mend the row.")
    if punctuation not in _TRUTH:
        raise file.error(right.line, f"punct is {punctuation!r}, not True or False. Mend the row.")
    known: dict[str, Factor] = {"attractors": int(attractors), "punctuation": _TRUTH[punctuation]}
    return replace(item, factors={**item.factors, **known}, extra={**item.extra, **_extra(right, wrong)})


def _row_of(file: TextFile, rows: Sequence[_Row], item: Item, form_class: str, condition: str) -> _Row:
    sentence = item.sentences[condition]
    form = sentence.tokens[sentence.regions["critical"].start]
    found = [row for row in rows if (row.values["class"], row.values["form"]) == (form_class, form)]
    if len(found) != 1:
        place = f"{item.source['file']}:{item.source['line']}"
        if not rows:
            raise LrdBenchError(f"{file.path.with_name(place)}: has no row in {file.path.name}. Use files of one set.")
        raise file.error(
            rows[0].line, f"{len(found)} rows with the {form_class} form {form!r} of {place}, not one. Mend the rows."
        )
    return found[0]


def _extra(right: _Row, wrong: _Row) -> dict[str, Any]:
    """The columns we do not use; what differs between the forms, such as their frequency, by form."""
    return {
        column: value if value == wrong.values[column] else {"good": value, "bad": wrong.values[column]}
        for column, value in right.values.items()
        if column not in _USED
    }
