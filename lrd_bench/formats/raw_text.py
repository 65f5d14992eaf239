"""Running English text, as people have it, made a corpus: sentences and words by spaCy's rules, in three splits.

The text is streamed, and cut into words paragraph by paragraph, so that memory does not grow with it.

*Paragraphs.* A blank line ends one. So does the end of any line, unless lines are wrapped: then it is a space. They are
taken for wrapped where there are blank lines between them, and most of the text stands in lines that break off, with
none of `.!?:…` at their end.

*Sentences* are those of spaCy's `sentencizer`: they end with `.`, `!` or `?` and the punctuation after it, be it a
quotation mark that opens the next one.

*Words* are spaCy's tokens, their characters as they are. White space parts them and is no part of any. `<s>`, `</s>`
and `<unk>`, which mean something in a corpus, are three words each: `< s >`.
"""

import codecs
import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.progress import Progress

from lrd_bench import __version__
from lrd_bench.corpus import (
    HELD_OUT_EVERY,
    MANIFEST,
    SPLITS,
    Split,
    corpus_files,
    corpus_made_from,
    holds_corpus,
    read_pieces,
    split_of,
)
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import already_made, digest_of, file_digest, replacing, write_text
from lrd_bench.progress import progress_bar
from lrd_bench.vocabulary import SPECIAL

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

LONGEST = 100_000
"""Characters: a longer paragraph is taken in parts, cut after a sentence."""
AT_ONCE = 2**20
"""Characters of whole paragraphs that are held as words, and after which spaCy forgets the words it has met."""

_ENDS_AS_SENTENCES_DO = re.compile(r"""[.!?:…]["'”’»)\]]*\s*$""")
_SURE_END = re.compile(r"""(?:[!?]|[a-z]{6}\.)["'”’»)\]]*\s+(?=[A-Z])""")
"""Where spaCy ends a sentence, too: it has no abbreviation with six small letters."""


class Layout(NamedTuple):
    """How a raw text is laid out."""

    characters: int
    wrapped: bool
    """Whether the end of a line is a space; else it ends a paragraph."""


def tokenise_text(path: Path, out: Path, *, force: bool = False) -> Path:
    """Make a corpus of running English text: a folder with `train.txt`, `valid.txt`, `test.txt` and `manifest.json`.

    path:     a folder with train, valid and test, or one file, of which every twentieth sentence is held out; UTF-8,
              plain, .gz or .zst
    out:      the folder to be written: one sentence a line, its words between spaces
    force:    replace a corpus that was made from another text, or by other versions
    returns:  the folder

    The same text and versions give the same bytes, and nothing is done where they are there. Raises LrdBenchError for a
    text that is missing, damaged, not UTF-8 (naming the line) or too short for three splits, where spaCy is not
    installed, and for an output made from other inputs.
    """
    files = corpus_files(path)
    if any(file.resolve().is_relative_to(out.resolve()) for file in files.values()):
        raise LrdBenchError(f"{out}: holds the raw text itself, and would be replaced. Name another place with --out.")
    versions = {"version": __version__, "spacy": _spacy_version()}
    sources = {file: file_digest(file) for file in dict.fromkeys(files.values())}
    inputs = digest_of([versions, list(sources.values())])
    if holds_corpus(out) and already_made(out, corpus_made_from(out), inputs, force=force):
        return out
    with replacing(out) as folder, progress_bar() as bar:
        folder.mkdir()
        layouts = {file: _layout(_shown(bar, f"reading {file.name}", read_lines(file))) for file in sources}
        nlp = _english()  # some seconds: only for a text that can be read
        sentences, words = dict.fromkeys(SPLITS, 0), dict.fromkeys(SPLITS, 0)
        with ExitStack() as stack:
            texts = {
                split: stack.enter_context((folder / f"{split}.txt").open("w", encoding="utf-8", newline="\n"))
                for split in SPLITS
            }
            for file, (characters, wrapped) in layouts.items():
                lines = _shown(bar, f"tokenising {file.name}", read_lines(file), characters)
                for number, sentence in enumerate(sentences_of(nlp, paragraphs_of(lines, wrapped=wrapped)), start=1):
                    split = split_of(number) if len(sources) == 1 else _split_of_file(files, file)
                    texts[split].write(" ".join(sentence) + "\n")
                    sentences[split] += 1
                    words[split] += len(sentence)
        _check_splits(files, sentences)
        manifest = {
            "sources": {
                file.name: {"sha256": digest, "wrapped": layouts[file].wrapped} for file, digest in sources.items()
            },
            "sentences": sentences,
            "words": words,
            **versions,
            "made_from": inputs,
        }
        write_text(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")
    return out


def _split_of_file(files: dict[Split, Path], file: Path) -> Split:
    return next(split for split in SPLITS if files[split] == file)


def _check_splits(files: dict[Split, Path], sentences: dict[Split, int]) -> None:
    """Raise LrdBenchError for a split without sentences."""
    for split, file in files.items():
        if not sentences[split]:
            found = sum(sentences.values())
            if len(set(files.values())) > 1 or not found:
                raise LrdBenchError(f"{file}: holds no sentences. Check that the file is whole.")
            raise LrdBenchError(
                f"{file}: holds {found} sentences, and a single file needs at least {2 * HELD_OUT_EVERY}, for every "
                f"{HELD_OUT_EVERY}th is held out. Add text, or give a folder with train, valid and test."
            )


def _spacy_version() -> str:
    """The version of spaCy, without the seconds that it takes to load. Raises LrdBenchError where there is none."""
    try:
        return version("spacy")
    except PackageNotFoundError as error:
        raise LrdBenchError(
            "raw text is cut into words by spaCy, which is not installed. Run `pip install 'lrd-bench[raw]'`, or give "
            "text that is cut already: one sentence a line, words between spaces."
        ) from error


def _english() -> "Language":
    """spaCy's rules for English; no model is downloaded."""
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    return nlp


def _shown(bar: Progress, what: str, lines: Iterable[str], characters: int | None = None) -> Iterator[str]:
    """The lines, with a task that shows how many characters have been read."""
    task = bar.add_task(what, total=characters, unit="characters")
    new = 0
    for line in lines:
        yield line
        new += len(line)
        if new >= LONGEST:  # not at each line, which would take as long as the words
            bar.advance(task, new)
            new = 0
    bar.advance(task, new)


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a text file (plain, .gz or .zst) with their ends, streamed; one longer than LONGEST in parts.

    Raises LrdBenchError where the file cannot be read or is damaged, and naming the line that is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()  # Windows programs put a byte order mark first
    line, ended = "", 0
    for piece in chain(filter(None, read_pieces(path)), [b""]):
        try:
            text = line + decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            number = ended + error.object.count(b"\n", 0, error.start) + 1
            raise LrdBenchError(f"{path}:{number}: is not UTF-8 ({error.reason}). Save the file as UTF-8.") from error
        ended += piece.count(b"\n")
        buffer, line = io.StringIO(text, newline="\n"), ""
        while part := buffer.readline(LONGEST):
            if part.endswith("\n") or len(part) == LONGEST:
                yield part
            else:
                line = part
    if line:
        yield line


def _layout(lines: Iterable[str]) -> Layout:
    """Whether lines are wrapped: see above."""
    characters = whole = broken = 0
    parted = blank = False
    for line in lines:
        characters += len(line)
        if line.isspace():
            blank = whole + broken > 0
            continue
        parted = parted or blank
        if line.endswith("\n") and not _ENDS_AS_SENTENCES_DO.search(line):
            broken += len(line)
        else:
            whole += len(line)
    return Layout(characters=characters, wrapped=parted and broken > whole)


def paragraphs_of(lines: Iterable[str], *, wrapped: bool) -> Iterator[str]:
    """The paragraphs that lines make, streamed; one longer than LONGEST in parts. Some are but white space.

    wrapped:  whether a blank line alone ends a paragraph; else the end of any line does
    """
    held = ""
    for line in lines:
        held += line
        while len(held) > LONGEST:
            stop = _cut(held[:LONGEST])
            yield held[:stop]
            held = held[stop:]
        if line.endswith("\n") and (not wrapped or line.isspace()):
            yield held
            held = ""
    if held:
        yield held


def _cut(text: str) -> int:
    """Where to cut a paragraph that goes on: after its last sentence, else after its last word, else anywhere."""
    for places in (_SURE_END.finditer(text), re.finditer(r"\s+", text)):
        if ends := [place.end() for place in places]:
            return ends[-1]
    return len(text)


def sentences_of(nlp: "Language", paragraphs: Iterable[str]) -> Iterator[list[str]]:
    """The sentences of paragraphs, as words, streamed; those of AT_ONCE characters are held at a time."""
    zone: AbstractContextManager[Any] = nullcontext()  # what it meets first it keeps, and is twice as quick for that
    for texts in _batches(" ".join(paragraph.replace("\0", " ").split()) for paragraph in paragraphs):
        with zone:
            sentences = [sentence for doc in nlp.pipe(texts) for sentence in _sentences(doc)]
        zone = nlp.memory_zone()
        yield from sentences


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Texts that are not empty, as many at a time as hold AT_ONCE characters."""
    batch: list[str] = []
    size = 0
    for text in filter(None, texts):
        batch.append(text)
        size += len(text)
        if size >= AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _sentences(doc: "Doc") -> Iterator[list[str]]:
    """The sentences of a paragraph as words."""
    for span in doc.sents:
        yield [word for token in span for word in _words(token.text)]


def _words(token: str) -> Iterable[str]:
    """A token as words: `<s>` is three, as it is to spaCy in most places."""
    return ("<", token[1:-1], ">") if token in SPECIAL else (token,)
