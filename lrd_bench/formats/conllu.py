"""CoNLL-U: treebanks of Universal Dependencies, one word a line, a blank line after each sentence.

Syntactic words are the words here: lines of multi-word tokens (`1-2 don't`) and of empty nodes (`8.1`) are passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import opened

FIELDS = 10
ROOT = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word and what the treebank says of it."""

    form: str
    lemma: str
    upos: str
    """Part of speech."""
    features: dict[str, str]
    head: int
    """The number of the word that it depends on, from 1; 0 for the root."""
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedSentence:
    """A sentence of a treebank."""

    id: str | None
    """What the treebank calls it (`sent_id`)."""
    line: int
    """Of its first word, in the file."""
    tokens: tuple[Token, ...]


def read_conllu(path: Path) -> Iterator[ParsedSentence]:
    """The sentences of a treebank, plain or gzipped, streamed.

    Raises LrdBenchError naming the line that is not UTF-8, has not ten fields, or is out of order.
    """
    id_: str | None = None
    tokens: list[Token] = []
    first = 0
    with opened(path) as file:
        for number, raw in enumerate(file, start=1):
            try:
                line = raw.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise LrdBenchError(f"{path}:{number}: not UTF-8 (byte {error.start}). Is it a treebank?") from error
            if line.startswith("#"):
                key, _, value = line.removeprefix("#").partition("=")
                id_ = value.strip() if key.strip() == "sent_id" else id_
            elif line.strip():
                first = first if tokens else number
                if (token := _token(line, len(tokens) + 1, f"{path}:{number}")) is not None:
                    tokens.append(token)
            elif tokens:
                yield ParsedSentence(id=id_, line=first, tokens=tuple(tokens))
                id_, tokens = None, []
    if tokens:
        yield ParsedSentence(id=id_, line=first, tokens=tuple(tokens))


def _token(line: str, expected: int, where: str) -> Token | None:
    """The word of a line; None for a multi-word token or an empty node."""
    fields = line.split("\t")
    if len(fields) != FIELDS:
        raise LrdBenchError(f"{where}: has {len(fields)} fields between tabs, and CoNLL-U has {FIELDS}.")
    number, form, lemma, upos, _, features, head, relation, _, _ = fields
    if "-" in number or "." in number:
        return None
    if number != str(expected) or not head.isdecimal():
        raise LrdBenchError(f"{where}: word {number!r} with head {head!r} where word {expected} should be.")
    return Token(
        form=form,
        lemma=lemma,
        upos=upos,
        features=dict(feature.partition("=")[::2] for feature in features.split("|")) if features != "_" else {},
        head=int(head),
        relation=relation,
    )
