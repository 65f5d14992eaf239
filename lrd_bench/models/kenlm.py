"""A model that KenLM has made, asked by KenLM itself: ARPA files, and the binary ones of its `build_binary`."""

import math
import os
import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import opened
from lrd_bench.models.base import LanguageModel, LogProbs, Words, check_wanted
from lrd_bench.models.ngram.arpa.writing import WORD
from lrd_bench.vocabulary import BOS, EOS, UNK, check_words

IMPOSSIBLE = -1e30
"""Its files cannot say that a context leaves nothing to other words: a very low number stands for it."""


NEGATIVE = re.compile(rb"^ngram\s+\d+\s*=\s*-", re.MULTILINE)

NO_TEXT = "it holds no text"
"""What it cannot say, for its complaint quotes what it has found."""


class KenlmModel(LanguageModel):
    """An n-gram model in the hands of the `kenlm` module.

    It is asked word by word, for its `full_scores` parts sentences where its models do not. What is no word to them is
    unknown: nothing at all, something with white space, `<s>` and `</s>`.
    """

    def __init__(self, path: Path) -> None:
        """Load a file. Raises LrdBenchError where it cannot be read, and where there is no `kenlm` module."""
        self._kenlm = _kenlm()
        if not path.is_file():
            raise LrdBenchError(f"{path}: no such file. Check the path.")
        _check_header(path)
        config = self._kenlm.Config()
        config.show_progress = False
        config.arpa_complain = self._kenlm.ARPALoadComplain.NONE
        try:
            self._model = self._kenlm.Model(os.fsencode(path), config)
        except (OSError, ValueError) as error:  # ValueError: the complaint quotes what is no text
            raise LrdBenchError(
                f"{path}: KenLM cannot read it ({_reason(error)}). Name a whole ARPA or KenLM file."
            ) from error
        self.context = self._model.order - 1
        self.vocabulary = _Known(self._model)

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words given what the model may see; see `LanguageModel`."""
        check_wanted(sentences, wanted)
        for words in sentences:
            check_words(words)
        return [
            self._score(words, range(len(words)) if wanted is None else wanted[number], end)
            for number, words in enumerate(sentences)
        ]

    def _score(self, words: Words, wanted: Sequence[int], end: bool) -> list[float]:
        state, after = self._kenlm.State(), self._kenlm.State()
        self._model.BeginSentenceWrite(state)
        scores = []
        for word in (*map(_asked, words), EOS):
            log10_prob = self._model.BaseScore(state, word, after)
            scores.append(log10_prob * math.log(10) if log10_prob > IMPOSSIBLE else -math.inf)
            state, after = after, state
        return [scores[position] for position in (*wanted, len(words))][: None if end else -1]


def _check_header(path: Path) -> None:
    """Raise LrdBenchError for a negative count in an ARPA file's header, over which KenLM ends the process."""
    with opened(path) as file:
        if NEGATIVE.search(file.read(4096)):
            raise LrdBenchError(f"{path}: a count in the header is negative. Correct it, or make the file again.")


class _Known:
    """The words that a KenLM model knows: it cannot list them, but it can be asked."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __contains__(self, word: str) -> bool:
        return _asked(word) in self._model


def _asked(word: str) -> str:
    """A word as KenLM is asked it."""
    return word if WORD.fullmatch(word) and word not in (BOS, EOS) else UNK


def _kenlm() -> Any:
    """The module, which not everyone has."""
    try:
        return import_module("kenlm")
    except ImportError as error:
        raise LrdBenchError(
            "kenlm:FILE needs the kenlm module, which is not installed. Run `pip install 'lrd-bench[kenlm]'` (it takes "
            "a C++ compiler), or name an ARPA file as arpa:FILE, which needs no module."
        ) from error


def _reason(error: Exception) -> str:
    """What KenLM complains of, without where in its source."""
    if isinstance(error, ValueError):
        return NO_TEXT
    text = re.sub(r"\s+Byte: \d+\s*$", "", str(error.__cause__ or error))
    complaint = re.search(r"threw \w+(?: because `.*?')?\.\s+(.*)", text, re.DOTALL)
    return (complaint[1] if complaint else text) or NO_TEXT
