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

from lrd_bench.corpus import SPLITS, Split, split_of
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import file_digest, opened
from lrd_bench.formats.conllu import read_conllu

SUFFIXES = (".tsv", ".tsv.gz", ".conllu", ".conllu.gz")
NAMES: dict[Split, tuple[str, ...]] = {"train": ("train",), "valid": ("valid", "dev"), "test": ("test",)}
"""What the name of a split's file ends in, before its suffix: that of a treebank is `en_ewt-ud-dev.conllu`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A sentence and its labels."""

    words: tuple[str, ...]
    labels: tuple[str, ...]
    """One for the sentence, or one for each word."""


@dataclass(frozen=True, kw_only=True)
class LabelledCorpus:
    """Labelled sentences in three splits."""

    name: str
    files: dict[Split, Path]
    """The file of each split; all three the same where the splits are cut from one file."""
    every_word: bool
    """Whether each word has a label, rather than the sentence."""

    def examples(self, split: Split) -> Iterator[Example]:
        """The examples of a split, streamed.

        Raises LrdBenchError naming the line that is broken or has not as many labels as it should.
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
        """All labels of the training split, the commonest first (ties in alphabetical order)."""
        counts = Counter(label for example in self.examples("train") for label in example.labels)
        return tuple(sorted(counts, key=lambda label: (-counts[label], label)))

    @cached_property
    def digest(self) -> str:
        """The sha256 of the files, and of what is made of them."""
        digests = [file_digest(self.files[split]) for split in SPLITS]
        return hashlib.sha256("\n".join([*digests, str(self.every_word)]).encode()).hexdigest()

    def _read(self, path: Path) -> Iterator[Example]:
        if ".conllu" in path.suffixes:
            for sentence in read_conllu(path):
                words = tuple(token.form.replace(" ", "_") for token in sentence.tokens)  # as in `10 000`
                yield Example(words=words, labels=tuple(token.upos for token in sentence.tokens))
            return
        with opened(path) as file:
            for number, line in enumerate(file, start=1):
                yield self._parse(line, path, number)

    def _parse(self, line: bytes, path: Path, number: int) -> Example:
        where = f"{path}:{number}"
        try:
            labels, tab, words = line.decode("utf-8").rstrip("\r\n").partition("\t")
        except UnicodeDecodeError as error:
            raise LrdBenchError(f"{where}: not UTF-8 (byte {error.start}). Save the file as UTF-8.") from error
        example = Example(words=tuple(words.split()), labels=tuple(labels.split()) if self.every_word else (labels,))
        if not tab or not labels.strip() or not example.words:
            raise LrdBenchError(f"{where}: expected 'label TAB words', found {line.decode()[:80].rstrip()!r}.")
        if self.every_word and len(example.labels) != len(example.words):
            raise LrdBenchError(
                f"{where}: has {len(example.labels)} labels for {len(example.words)} words. Give each word one."
            )
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
        if ".conllu" in file.suffixes and not every_word:
            raise LrdBenchError(
                f"{file}: a treebank has a label for each word, and the recipe asks for one of the sentence. "
                'Set `task = "tagging"`.'
            )
    corpus = LabelledCorpus(name=path.resolve().name.partition(".")[0], files=files, every_word=every_word)
    for split in SPLITS:
        found = {label for example in corpus.examples(split) for label in example.labels}
        if not found:
            raise LrdBenchError(f"{files[split]}: no labelled sentences for {split!r}.")
        if new := sorted(found - set(corpus.labels)):
            raise LrdBenchError(f"{files[split]}: label {new[0]!r} of {split!r} is not in the training split.")
    if len(corpus.labels) < 2:
        raise LrdBenchError(f"{files['train']}: all labels are {corpus.labels[0]!r}: there is nothing to learn.")
    return corpus


def _split_file(folder: Path, split: Split) -> Path:
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.name.endswith(SUFFIXES) and path.name.partition(".")[0].endswith(NAMES[split])
    ]
    if len(found) != 1:
        what = "no file" if not found else "several files"
        names = ", ".join(f"{NAMES[split][0]}{suffix}" for suffix in SUFFIXES)
        raise LrdBenchError(f"{folder}: {what} for {split!r}. Expected one of {names}.")
    return found[0]
