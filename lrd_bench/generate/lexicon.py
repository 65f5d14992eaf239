"""The lexicon: a CSV table of lexemes with their forms and features, in any language.

A column called `feature=value` holds the form that has that value (`number=plural`); several are joined by `;`
(`case=genitive;number=plural`). Any other column besides `class` and `lemma` is a feature of the lexeme itself
(`domain`). A feature may be both: nouns have a gender, determiners inflect for it. A lexeme without forms does not
inflect: its only form is the lemma. Forms come from here and nowhere else. Of several tables the later ones extend the
earlier ones, and replace their lines for the same class and lemma.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from lrd_bench.errors import LrdBenchError, unknown

SQUARE = "square"
SQUARE_SIZE = 4
"""Every lexeme has the feature `square`, its place in its class and domain modulo four: the row or column of a Latin
square, by which a grammar withholds some pairings of two classes and still shows every lexeme of both."""

PART_OF_SPEECH = "pos"
"""Lexemes of one part of speech may stand in each other's place where sense does not matter (`Lexicon.nonce`)."""

Bindings = Mapping[str, str]
"""Feature → value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexeme:
    """A word with all its forms."""

    lemma: str
    features: Mapping[str, str]
    forms: Mapping[frozenset[tuple[str, str]], str]
    """Inflectional features → form; one entry with no features where the lexeme does not inflect."""
    weight: float
    """Zipfian: one over its rank among the lexemes of its class and domain."""

    def form(self, bindings: Bindings) -> str | None:
        """The form with these features, the first listed if they leave a choice; None if there is none."""
        return next((form for features, form in self.forms.items() if _agree(features, bindings)), None)


class Form(NamedTuple):
    """A form that may fill a slot."""

    lexeme: Lexeme
    text: str
    features: Bindings
    """Of the lexeme and of the form."""


def _agree(features: frozenset[tuple[str, str]], bindings: Bindings) -> bool:
    return all(bindings.get(feature, value) == value for feature, value in features)


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The lexemes of each class, in the order of the table: the commonest first."""

    name: str
    """The paths of its tables, for messages."""
    classes: Mapping[str, tuple[Lexeme, ...]]
    inflectional: frozenset[str]
    """Features that some lexeme inflects for, such as `number`."""
    cut: bool = False
    """Whether a vocabulary has taken words away."""

    def __contains__(self, name: str) -> bool:
        return name in self.classes

    @cached_property
    def features(self) -> frozenset[str]:
        """Every feature that the table knows."""
        own = {feature for lexemes in self.classes.values() for lexeme in lexemes for feature in lexeme.features}
        return self.inflectional | own

    def inflects(self, name: str, feature: str) -> bool:
        """Whether a class has forms for a feature, so that the feature is not its lexemes' own."""
        return (name, feature) in self._inflecting

    @cached_property
    def _inflecting(self) -> frozenset[tuple[str, str]]:
        """Every class with the features that it has forms for."""
        return frozenset(
            (name, feature)
            for name, lexemes in self.classes.items()
            for lexeme in lexemes
            for form in lexeme.forms
            for feature, _ in form
        )

    def keep(self, known: Callable[[str], bool]) -> "Lexicon":
        """The lexicon without the forms that are not known, and without the lexemes that have none left."""
        classes = {}
        for name, lexemes in self.classes.items():
            trimmed = (
                replace(lexeme, forms={features: form for features, form in lexeme.forms.items() if known(form)})
                for lexeme in lexemes
            )
            classes[name] = tuple(lexeme for lexeme in trimmed if lexeme.forms)
        return replace(self, classes=classes, cut=True)

    def nonce(self) -> "Lexicon":
        """The lexicon in which every class holds all lexemes with its part of speech.

        Raises LrdBenchError where no lexeme has one.
        """
        pools: dict[str, dict[str, Lexeme]] = defaultdict(dict)
        for lexemes in self.classes.values():
            for lexeme in lexemes:
                pools[lexeme.features.get(PART_OF_SPEECH, "")].setdefault(lexeme.lemma, lexeme)
        if not pools.keys() - {""}:
            raise LrdBenchError(
                f"{self.name}: has no column {PART_OF_SPEECH!r} (part of speech), by which nonce sentences mix words. "
                "Add it."
            )
        classes = {}
        for name, lexemes in self.classes.items():
            own = {lexeme.lemma for lexeme in lexemes}
            parts = dict.fromkeys(lexeme.features.get(PART_OF_SPEECH, "") for lexeme in lexemes)
            others = (lexeme for part in parts if part for lexeme in pools[part].values())
            classes[name] = (*lexemes, *(lexeme for lexeme in others if lexeme.lemma not in own))
        return replace(self, classes=classes)

    def lexemes(self, name: str, bindings: Bindings) -> list[Lexeme]:
        """The lexemes of a class that have these features (of their own) and a form for the others."""
        return list({id(form.lexeme): form.lexeme for form in self.forms(name, bindings)}.values())

    def _has(self, lexeme: Lexeme, bindings: Bindings) -> bool:
        """Whether a lexeme's own features are these; one that it lacks is no hindrance if words inflect for it."""
        return all(
            lexeme.features.get(feature, value if feature in self.inflectional else None) == value
            for feature, value in bindings.items()
        )

    def forms(self, name: str, bindings: Bindings) -> list[Form]:
        """Every form of a class that has these features."""
        key = (name, frozenset(bindings.items()))
        if key not in self._forms:
            self._forms[key] = [
                Form(lexeme, form, {**lexeme.features, **dict(features)})
                for lexeme in self.classes[name]
                if self._has(lexeme, bindings)
                for features, form in lexeme.forms.items()
                if _agree(features, bindings)
            ]
        return self._forms[key]

    @cached_property
    def _forms(self) -> dict[tuple[str, frozenset[tuple[str, str]]], list[Form]]:
        return {}

    def values(self, name: str, feature: str) -> list[str]:
        """The values that a feature takes in a class, in the order of the table; none where the class lacks it."""
        found: dict[str, None] = {}
        for lexeme in self.classes[name]:
            if feature in lexeme.features:
                found[lexeme.features[feature]] = None
            for features in lexeme.forms:
                found.update((value, None) for name_, value in features if name_ == feature)
        return list(found)


class _Row(NamedTuple):
    """A line of a table."""

    features: dict[str, str]
    forms: dict[frozenset[tuple[str, str]], str]


def read_lexicon(*paths: Path) -> Lexicon:
    """Read the tables of a lexicon. Raises LrdBenchError naming the file and line that is broken."""
    rows: dict[tuple[str, str], list[_Row]] = {}
    inflectional: set[str] = set()
    for path in paths:
        own, features = _read_table(path)
        rows |= own
        inflectional |= features
    classes: dict[str, list[Lexeme]] = defaultdict(list)
    ranks: dict[tuple[str, str], int] = defaultdict(int)
    for (name, lemma), each in rows.items():
        for row in each:
            rank_of = (name, row.features.get("domain", ""))
            row.features[SQUARE] = str(ranks[rank_of] % SQUARE_SIZE)
            ranks[rank_of] += 1
            forms = row.forms or {frozenset(): lemma}
            lexeme = Lexeme(lemma=lemma, features=row.features, forms=forms, weight=1 / ranks[rank_of])
            classes[name].append(lexeme)
    return Lexicon(
        name=" and ".join(map(str, paths)),
        classes={name: tuple(lexemes) for name, lexemes in classes.items()},
        inflectional=frozenset(inflectional),
    )


def _read_table(path: Path) -> tuple[dict[tuple[str, str], list[_Row]], set[str]]:
    """(class, lemma) → its lines in a table; and the features that the table has forms for."""
    lines = _rows(path)
    columns = next(lines, (1, []))[1]
    _check_header(path, columns)
    form_columns = {column: _form_features(column) for column in columns if "=" in column}
    own_columns = [column for column in columns if column not in ("class", "lemma") and column not in form_columns]
    rows: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    first_lines: dict[tuple[str, str, str], int] = {}
    for line, fields in lines:
        if len(fields) != len(columns):
            raise LrdBenchError(f"{path}:{line}: has {len(fields)} fields, the header {len(columns)}. Mend the line.")
        cells = dict(zip(columns, fields, strict=True))
        if not cells["class"] or not cells["lemma"]:
            raise LrdBenchError(f"{path}:{line}: lacks its class or lemma. Fill it in or remove the line.")
        forms = {features: cells[column] for column, features in form_columns.items() if cells[column]}
        if spaced := next((form for form in [cells["lemma"], *forms.values()] if len(form.split()) != 1), None):
            raise LrdBenchError(f"{path}:{line}: {spaced!r} is not one word. Lexemes are single words.")
        features = {column: cells[column] for column in own_columns if cells[column]}
        first = first_lines.setdefault((cells["class"], cells["lemma"], str(features)), line)
        if first != line:
            raise LrdBenchError(
                f"{path}:{line}: class {cells['class']!r} has {cells['lemma']!r} on line {first} already. "
                "Remove one of the two lines, or tell the words apart by a feature."
            )
        rows[cells["class"], cells["lemma"]].append(_Row(features, forms))
    return dict(rows), {feature for features in form_columns.values() for feature, _ in features}


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The number and the fields of each line that is not empty, the header among them."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise LrdBenchError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LrdBenchError(f"{path}:{line}: is not UTF-8. Save the table as UTF-8.") from error
    reader = csv.reader(io.StringIO(text), strict=True)
    line = 0
    try:
        for fields in reader:
            line = reader.line_num
            if fields:
                yield line, [field.strip() for field in fields]
    except csv.Error as error:  # the line on which it begins, as a quotation mark may open and never close
        raise LrdBenchError(f"{path}:{line + 1}: is not CSV ({error}). Mend the line.") from error


def _check_header(path: Path, columns: Sequence[str]) -> None:
    for needed in ("class", "lemma"):
        if needed not in columns:
            other = next((mark for mark in ";\t" if len(columns) == 1 and mark in columns[0]), None)
            mend = f"Separate columns by commas, not {other!r}." if other else "Add it to the header line."
            raise LrdBenchError(f"{path}:1: has no column {needed!r}. {mend}")
    for column in columns:
        if columns.count(column) > 1:
            raise LrdBenchError(f"{path}:1: has two columns {column!r}. Rename or remove one.")
        if column == SQUARE:
            raise LrdBenchError(f"{path}:1: has a column {column!r}, a feature that every lexeme has by its place.")
        features = _form_features(column) if "=" in column else {(column, column)}
        if not all(feature.isidentifier() and value for feature, value in features):
            raise LrdBenchError(f"{path}:1: has a column {column!r}. Write feature, feature=value or a=b;c=d.")


def _form_features(column: str) -> frozenset[tuple[str, str]]:
    return frozenset((feature, value) for feature, _, value in (part.partition("=") for part in column.split(";")))


def no_words(where: str, lexicon: Lexicon, name: str, bindings: Bindings) -> LrdBenchError:
    """The error that a class has no word with these features, or that there is no such class.

    where:  the file and line that ask for it
    """
    if name not in lexicon:
        return LrdBenchError(f"{where}: {unknown('class', name, lexicon.classes)}")
    wanted = ", ".join(f"{feature} {value}" for feature, value in bindings.items())
    what = f"class {name!r} of {lexicon.name} has no word" + (f" with {wanted}" if wanted else "")
    if lexicon.cut:
        return LrdBenchError(
            f"{where}: {what} that the vocabulary knows often enough. "
            "Use a larger vocabulary, a lower --min-count or another lexicon."
        )
    return LrdBenchError(f"{where}: {what}. Add one to the lexicon, or ask for another.")
