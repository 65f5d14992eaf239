"""Sentences with labels: a folder of three splits, or one file of which every twentieth sentence is held out.

A file of lines `label TAB words` has one label a sentence, or, with as many labels as words, one for each word; a
treebank (CoNLL-U) has parts of speech. Either may be packed (.gz).
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lrd_bench.corpus import HELD_OUT_EVERY, SPLITS, Split, split_named, split_of, words_of
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import opened, text_lines
from lrd_bench.formats.conllu import is_treebank, read_conllu
from lrd_bench.vocabulary import BOS, EOS

SUFFIXES = (".tsv", ".tsv.gz", ".conllu", ".conllu.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A sentence and its labels."""

    words: tuple[str, ...]
    labels: tuple[str, ...]
    """One for the sentence, or one for each word."""
    line: int
    """Where it begins in its file."""


@dataclass(frozen=True, kw_only=True)
class LabelledCorpus:
    """Labelled sentences in three splits."""

    name: str
    files: dict[Split, Path]
    """The file of each split; all three the same where the splits are cut from one file."""
    every_word: bool
    """Whether each word has a label, rather than the sentence."""

    def examples(self, split: Split) -> Iterator[Example]:
        """The examples of a split, streamed; blank lines are passed over.

        Raises LrdBenchError naming the line that is broken, holds a boundary symbol, or has not as many labels as it
        should.
        """
        one_file = len(set(self.files.values())) == 1
        for number, example in enumerate(self._read(self.files[split]), start=1):
            if not one_file or split_of(number) == split:
                yield example

    def sentences(self, split: Split) -> Iterator[tuple[str, ...]]:
        """The words of a split's sentences, streamed."""
        return (example.words for example in self.examples(split))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """All labels of the training split, in alphabetical order."""
        return tuple(sorted(self._counts))

    @cached_property
    def majority(self) -> str:
        """The commonest label of the training split; of several, the first."""
        return max(self.labels, key=self._counts.__getitem__)

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(label for example in self.examples("train") for label in example.labels)

    @cached_property
    def digest(self) -> str:
        """The sha256 of the three splits' files (decompressed), and of what is made of them."""
        digest = hashlib.sha256(str(self.every_word).encode())
        for path in dict.fromkeys(self.files.values()):
            with opened(path) as file:
                for line in file:
                    digest.update(line)
            digest.update(b"\0")
        return digest.hexdigest()

    def _read(self, path: Path) -> Iterator[Example]:
        if is_treebank(path):
            for sentence in read_conllu(path):
                words = tuple(token.word for token in sentence.tokens)
                labels = tuple(token.upos for token in sentence.tokens)
                yield _checked(Example(words=words, labels=labels, line=sentence.line), path)
            return
        for number, text in text_lines(path):
            if text.strip():
                yield _checked(self._parse(text, path, number), path)

    def _parse(self, text: str, path: Path, number: int) -> Example:
        where = f"{path}:{number}"
        label, _, words = text.partition("\t")
        labels = words_of(label) if self.every_word else (label.strip(),)
        example = Example(words=words_of(words), labels=labels, line=number)
        if not label.strip() or not example.words or "\t" in words:
            raise LrdBenchError(
                f"{where}: expected {'labels' if self.every_word else 'a label'}, one tab and words, "
                f"found {text[:80]!r}."
            )
        if self.every_word and len(example.labels) != len(example.words):
            raise LrdBenchError(
                f"{where}: has {len(example.labels)} labels for {len(example.words)} words. Give each word one."
            )
        return example


def _checked(example: Example, path: Path) -> Example:
    if found := sorted({BOS, EOS} & set(example.words)):
        raise LrdBenchError(f"{path}:{example.line}: {found[0]} is a boundary symbol. Remove it from the text.")
    return example


def open_labelled(path: Path, *, every_word: bool) -> LabelledCorpus:
    """The labelled sentences at a path.

    Raises LrdBenchError where they are missing, incomplete or empty, or have fewer than two labels; and where a
    held-out split has a label that the training split lacks.
    """
    if path.is_dir():
        files = {split: _split_file(path, split) for split in SPLITS}
    elif path.is_file():
        files = dict.fromkeys(SPLITS, path)
    else:
        raise LrdBenchError(f"{path}: no such labelled text. Name a folder with train, valid and test, or a file.")
    for file in files.values():
        if is_treebank(file) and not every_word:
            raise LrdBenchError(
                f"{file}: a treebank has a label for each word, and the recipe asks for one of the sentence. "
                'Set `task = "tagging"`.'
            )
    corpus = LabelledCorpus(name=path.resolve().name.partition(".")[0], files=files, every_word=every_word)
    known = set(corpus.labels)
    for split in SPLITS:
        empty = True
        for example in corpus.examples(split):
            empty = False
            if new := [label for label in example.labels if label not in known]:
                raise LrdBenchError(
                    f"{files[split]}:{example.line}: label {new[0]!r} of {split!r} is not in the training split. "
                    "Give it sentences that have it."
                )
        if empty:
            need = f" A single file needs at least {2 * HELD_OUT_EVERY} sentences." if path.is_file() else ""
            raise LrdBenchError(f"{files[split]}: no labelled sentences for {split!r}.{need}")
    if len(corpus.labels) < 2:
        raise LrdBenchError(
            f"{files['train']}: all labels are {corpus.labels[0]!r}: there is nothing to learn. "
            "Add sentences with others."
        )
    return corpus


def _split_file(folder: Path, split: Split) -> Path:
    found = [
        path for path in sorted(folder.iterdir()) if path.name.endswith(SUFFIXES) and split_named(path.name) == split
    ]
    if len(found) != 1:
        what = "no file" if not found else "several files"
        names = ", ".join(f"{split}{suffix}" for suffix in SUFFIXES)
        raise LrdBenchError(f"{folder}: {what} for {split!r}. Expected one of {names}.")
    return found[0]
