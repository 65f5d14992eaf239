"""Which pieces a model is asked for, after which others, and in which words' scores they count."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lrd_bench.models.base import LogProbs
from lrd_bench.models.hf.pieces import Pieces, Reading


class PieceQuestions:
    """The questions of many sentences: each is the log-probability of one piece."""

    def __init__(self, begin: int | None) -> None:
        """Begin with no questions.

        begin:  the symbol that precedes every sentence; None: none does, and a first word has no score
        """
        self._begin = () if begin is None else (begin,)
        self.rows: dict[tuple[int, ...], int] = {}
        """What the model reads, and its number."""
        self.row: list[int] = []
        """[questions]"""
        self.position: list[int] = []
        """[questions] the symbol of the row after which the piece comes"""
        self.target: list[int] = []
        """[questions] the piece"""
        self._sign: list[int] = []
        """[questions] 1 where the log-probability is added to a word's score, -1 where it is subtracted"""
        self._starts: list[int] = [0]
        """[answers + 1] the questions of each answer are those from one start up to the next"""
        self._counts: list[int] = []
        """[sentences] answers of each"""
        self._unscored: list[int] = []
        """Answers that there is no number for."""

    def ask(self, reading: Reading, words: Sequence[int], end: int | None) -> int:
        """Note what a sentence asks for: the scores of some words and, unless None, of the end symbol.

        returns:  how many symbols the model reads for it
        """
        first = len(self.position)
        whole = reading.up_to(words[-1] + 1) if words else []
        if end is not None:
            whole = [*reading.pieces, end]
        for word in words:
            before, after = reading.up_to(word), reading.up_to(word + 1)
            common = _common(before, after)
            # Where some word is cut in another way, the last one's cut may not be that of the words before it.
            self._note(after if reading.alone else whole, range(common, len(after)), 1)
            self._note(before if reading.alone else whole, range(common, len(before)), -1)
            self._starts.append(len(self.target))
        if end is not None:
            self._note(whole, range(len(whole) - 1, len(whole)), 1)
            self._starts.append(len(self.target))
        self._counts.append(len(words) + (end is not None))
        return max(self.position[first:], default=-1) + 1

    def _note(self, path: Pieces, places: range, sign: int) -> None:
        """Ask for some pieces of a path."""
        if not self._begin and places and places[0] == 0:
            self._unscored.append(len(self._starts) - 1)
            places = places[1:]
        if places:
            row = self.rows.setdefault((*self._begin, *path[:-1]), len(self.rows))
            self.row += [row] * len(places)
            self.position += [place - 1 + len(self._begin) for place in places]
            self.target += path[places.start : places.stop]
            self._sign += [sign] * len(places)

    def answers(self, logprobs: NDArray[np.float64]) -> LogProbs:
        """The scores of each sentence's words.

        logprobs:  [questions]
        """
        answers = len(self._starts) - 1
        answer = np.repeat(np.arange(answers), np.diff(self._starts))
        scores = np.bincount(answer, weights=logprobs * np.array(self._sign, dtype=np.int64), minlength=answers)
        scores = scores.astype(np.float64)  # of nothing, they are whole numbers
        scores[np.array(self._unscored, dtype=np.int64)] = np.nan
        values, stops = scores.tolist(), np.cumsum(self._counts, dtype=np.int64).tolist()
        return [values[stop - count : stop] for stop, count in zip(stops, self._counts, strict=True)]


def _common(before: Pieces, after: Pieces) -> int:
    """How many pieces both begin with."""
    if before == after[: len(before)]:
        return len(before)
    return next((place for place, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), len(after))
