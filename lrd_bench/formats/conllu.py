"""CoNLL-U: treebanks of Universal Dependencies, one word a line, a blank line after each sentence.

Syntactic words are the words here: lines of multi-word tokens (`1-2 don't`) and of empty nodes (`8.1`) are passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import text_lines

FIELDS = 10
ROOT = 0

_WHITE_SPACE = re.compile(r"\s+")


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

    @property
    def word(self) -> str:
        """The form as one word, also where it is written with a space, as `10 000` may be."""
        return _WHITE_SPACE.sub("_", self.form)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedSentence:
    """A sentence of a treebank."""

    id: str | None
    """What the treebank calls it (`sent_id`)."""
    line: int
    """Of its first word, in the file."""
    tokens: tuple[Token, ...]


def is_treebank(path: Path) -> bool:
    """Whether a file is a treebank, by its name: `.conllu`, `.conllu.gz`."""
    return ".conllu" in path.suffixes


def read_conllu(path: Path) -> Iterator[ParsedSentence]:
    """The sentences of a treebank, plain or gzipped, streamed.

    Raises LrdBenchError naming the line that is not UTF-8, has not ten fields, or is out of order, and the sentence of
    which a word depends on one that it lacks.
    """
    id_: str | None = None
    tokens: list[Token] = []
    first = 0
    for number, line in text_lines(path):
        if line.startswith("#"):
            key, _, value = line.removeprefix("#").partition("=")
            id_ = value.strip() if key.strip() == "sent_id" else id_
        elif line.strip():
            first = first if tokens else number
            if (token := _token(line, len(tokens) + 1, f"{path}:{number}")) is not None:
                tokens.append(token)
        elif tokens:
            yield _sentence(id_, first, tokens, path)
            id_, tokens = None, []
    if tokens:
        yield _sentence(id_, first, tokens, path)


def _sentence(id_: str | None, first: int, tokens: list[Token], path: Path) -> ParsedSentence:
    for place, token in enumerate(tokens, start=1):
        if token.head > len(tokens):
            raise LrdBenchError(
                f"{path}:{first}: word {place} of the sentence that begins here depends on word {token.head}, "
                f"and it has {len(tokens)}. Mend or remove the sentence."
            )
    return ParsedSentence(id=id_, line=first, tokens=tuple(tokens))


def _token(line: str, expected: int, where: str) -> Token | None:
    """The word of a line; None for a multi-word token or an empty node."""
    fields = line.split("\t")
    if len(fields) != FIELDS:
        raise LrdBenchError(
            f"{where}: has {len(fields)} field(s) between tabs, and a word of CoNLL-U has {FIELDS}. Is it a treebank?"
        )
    number, form, lemma, upos, _, features, head, relation, _, _ = fields
    if "-" in number or "." in number:
        return None
    if number != str(expected) or not head.isdecimal():
        raise LrdBenchError(
            f"{where}: word {number!r} with head {head!r} where word {expected} should be. Mend or remove the sentence."
        )
    return Token(
        form=form,
        lemma=lemma,
        upos=upos,
        features=dict(feature.partition("=")[::2] for feature in features.split("|")) if features != "_" else {},
        head=int(head),
        relation=relation,
    )
