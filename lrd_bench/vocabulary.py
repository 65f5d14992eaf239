"""The words that all models of an experiment share, and the one rule for words that are not among them."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import write_text

UNK, BOS, EOS = "<unk>", "<s>", "</s>"
SPECIAL = (UNK, BOS, EOS)
UNK_ID, BOS_ID, EOS_ID = range(3)

Case = Literal["keep", "lower"]


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Words in order of their id, `<unk> <s> </s>` first, with their counts in the training text.

    The count of `<unk>` is that of the training words it stands for; rare words *become* `<unk>` in training, for count
    models too, so that every model learns how likely an unknown word is from the same events.
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]
    case: Case = "keep"
    tokenisation: str = "spaces"

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: id_ for id_, word in enumerate(self.words)}

    def normal(self, word: str) -> str:
        """The word as the vocabulary spells it: the only place where case is applied."""
        return word.lower() if self.case == "lower" else word

    def __contains__(self, word: str) -> bool:
        return self._ids.get(self.normal(word), UNK_ID) >= len(SPECIAL)

    def count(self, word: str) -> int:
        """How often the word occurs in the training text; 0 if it is not in the vocabulary."""
        return self.counts[self._ids[self.normal(word)]] if word in self else 0

    def encode(self, words: Iterable[str]) -> list[int]:
        """The id of each word, `<unk>`'s for a word that is not in the vocabulary. Adds no boundary symbols.

        Raises TypeError for a string.
        """
        check_words(words)
        get = self._ids.get
        if self.case == "lower":
            words = map(self.normal, words)
        return [get(word, UNK_ID) for word in words]

    @cached_property
    def digest(self) -> str:
        """The sha256 of the file that `write` makes."""
        return hashlib.sha256(self._text().encode()).hexdigest()

    def _text(self) -> str:
        lines = [f"# case: {self.case}; tokenisation: {self.tokenisation}"]
        lines += [f"{word}\t{count}" for word, count in zip(self.words, self.counts, strict=True)]
        return "\n".join(lines) + "\n"

    def write(self, path: Path) -> None:
        """Write `vocabulary.tsv`: one header line, then `word TAB count` in order of id."""
        write_text(path, self._text())


def check_words(words: Iterable[str]) -> None:
    """Raise TypeError for a string in place of words: its letters would pass for them."""
    if isinstance(words, str):
        raise TypeError(f"a sentence is a list of words, and {words!r} is a string. Split it: sentence.split().")


def build_vocabulary(
    sentences: Iterable[Sequence[str]], *, min_count: int = 1, max_words: int | None = None, case: Case = "keep"
) -> Vocabulary:
    """The words seen at least `min_count` times, the commonest first (ties in alphabetical order).

    max_words: keep at most so many words, besides the three special ones; None for no limit
    """
    counts: Counter[str] = Counter()
    number = 0
    for sentence in sentences:
        number += 1  # the count outlives the loop, also when there is nothing to count
        counts.update(word.lower() for word in sentence) if case == "lower" else counts.update(sentence)
    unknown = counts.pop(UNK, 0)
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    kept = [entry for entry in ranked if entry[1] >= min_count][:max_words]
    unknown += counts.total() - sum(count for _, count in kept)
    entries = [(UNK, unknown), (BOS, number), (EOS, number), *kept]
    return Vocabulary(words=tuple(word for word, _ in entries), counts=tuple(count for _, count in entries), case=case)


def read_vocabulary(path: Path) -> Vocabulary:
    """Read `vocabulary.tsv`. Raises LrdBenchError naming the line that is broken."""
    try:
        lines = path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    except OSError as error:
        raise LrdBenchError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise LrdBenchError(f"{path}: is not UTF-8 (byte {error.start}). Write it again with `lrd-bench`.") from error
    header = dict(part.strip().partition(": ")[::2] for part in lines[0].removeprefix("#").split(";"))
    case: Case | None = {"keep": "keep", "lower": "lower"}.get(header.get("case", ""))  # type: ignore[assignment]
    if not lines[0].startswith("#") or case is None:
        raise LrdBenchError(f"{path}:1: expected a header such as '# case: keep; tokenisation: spaces'.")
    words, counts = [], []
    for number, line in enumerate(lines[1:], start=2):
        word, tab, count = line.partition("\t")
        if not tab or not word or not count.isdecimal():
            raise LrdBenchError(f"{path}:{number}: expected 'word TAB count', found {line!r}.")
        words.append(word)
        counts.append(int(count))
    if tuple(words[: len(SPECIAL)]) != SPECIAL:
        raise LrdBenchError(f"{path}:2: the first three words must be {' '.join(SPECIAL)}.")
    if len(set(words)) < len(words):
        twice = Counter(words).most_common(1)[0][0]
        raise LrdBenchError(f"{path}: {twice!r} is listed twice. Remove one of the two lines.")
    return Vocabulary(
        words=tuple(words), counts=tuple(counts), case=case, tokenisation=header.get("tokenisation", "spaces")
    )
