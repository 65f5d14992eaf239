"""Words as the pieces that a tokeniser makes of running text, and which pieces a word's score is made of.

The score of a word is by how much the log-probability of the text grows with it: log P(text up to and with the word) −
log P(text before it), each as the tokeniser cuts it. Where both are cut alike, which is nearly always, that is the sum
over the word's own pieces. Where a piece spans two words (*doesn't* cut *doesn | 't*, and its words are *does* and
*n't*), neither has pieces of its own; the scores of both are still defined, do not depend on what follows, and add up
to the text's.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lrd_bench.models.base import Words
from lrd_bench.models.hf.text import running_text
from lrd_bench.vocabulary import check_words

Pieces = list[int]
"""Ids, without boundary symbols."""


class Reading(NamedTuple):
    """What a tokeniser makes of a sentence."""

    pieces: Pieces
    """Of the whole text."""
    counts: list[int]
    """For each word, how many pieces have ended where it ends."""
    alone: dict[int, Pieces]
    """The words at whose end the text is cut in another way if it ends there, and the pieces of the text up to it."""

    def up_to(self, words: int) -> Pieces:
        """The pieces of the text of the first words."""
        if words - 1 in self.alone:
            return self.alone[words - 1]
        return self.pieces[: self.counts[words - 1] if words else 0]


def read_sentences(tokeniser: Any, sentences: Sequence[Words]) -> list[Reading]:
    """Cut sentences into pieces. Raises TypeError for a sentence that is a string.

    tokeniser:  one of transformers, which says where in a text its pieces are
    """
    for words in sentences:
        check_words(words)
    texts = [running_text(words) for words in sentences]
    readings, shorter = list[Reading](), list[tuple[Reading, int, str]]()
    for (text, ends), (pieces, places) in zip(texts, _cut(tokeniser, [text for text, _ in texts]), strict=True):
        stops = [stop for _, stop in places]
        reading = Reading(pieces, [bisect_right(stops, end) for end in ends], {})
        readings.append(reading)
        for word, (end, count) in enumerate(zip(ends, reading.counts, strict=True)):
            if count < len(places) and places[count][0] < end:
                shorter.append((reading, word, text[:end]))
    for (reading, word, _), (pieces, _) in zip(shorter, _cut(tokeniser, [text for *_, text in shorter]), strict=True):
        reading.alone[word] = pieces
    return readings


def _cut(tokeniser: Any, texts: list[str]) -> Iterator[tuple[Pieces, list[tuple[int, int]]]]:
    """For each text its pieces, and the characters that each of them is."""
    if not texts:
        return
    # Symbols such as <s> are not special in a text: it means what it says.
    cut = tokeniser(texts, add_special_tokens=False, split_special_tokens=True, return_offsets_mapping=True)
    yield from zip(cut["input_ids"], cut["offset_mapping"], strict=True)


class KnownPieces:
    """The words that a tokeniser can spell with what it has; one that spells all by their bytes knows them all."""

    def __init__(self, tokeniser: Any) -> None:
        self._tokeniser = tokeniser
        self._spelt: dict[str, bool] = {}

    def __contains__(self, word: str) -> bool:
        if word not in self._spelt:
            [(pieces, _)] = _cut(self._tokeniser, [word])
            self._spelt[word] = self._tokeniser.unk_token_id not in pieces
        return self._spelt[word]
