"""The training text as blocks of encoded sentences, read from disk each time.

Memory grows with its distinct words alone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from lrd_bench.corpus import Corpus
from lrd_bench.models.ngram.text import TextIds
from lrd_bench.train.batches import Asked, EncodedText, targets_of
from lrd_bench.train.labelled import Example, LabelledCorpus
from lrd_bench.vocabulary import BOS_ID, EOS_ID, Vocabulary

BLOCK = 2**17
"""Sentences that are held at a time, and shuffled among themselves: 13 MB at 25 words a sentence."""


@dataclass(frozen=True, kw_only=True)
class TrainingText:
    """What a network is trained on."""

    blocks: Callable[[], Iterator[EncodedText]]
    """Reads it once more."""
    asked: Asked
    targets: int
    """In all."""
    dropped: int
    """Sentences left out for their length."""


def read_text(corpus: Corpus, vocabulary: Vocabulary, asked: Asked, *, max_words: int) -> TrainingText:
    """The training split of a text, without sentences of more than `max_words` words.

    Raises LrdBenchError as reading it does.
    """

    def chunks() -> Iterator[tuple[NDArray[np.int32], None]]:
        for ids in TextIds(corpus.blocks("train"), corpus.files["train"], vocabulary):
            yield ids, None

    return _training_text(chunks, asked, max_words)


def read_examples(corpus: LabelledCorpus, vocabulary: Vocabulary, asked: Asked, *, max_words: int) -> TrainingText:
    """The training split of labelled sentences, without those of more than `max_words` words."""
    numbers = {label: number for number, label in enumerate(corpus.labels)}

    def chunks() -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        for example in corpus.examples("train"):
            ids = [BOS_ID, *vocabulary.encode(example.words), EOS_ID]
            yield np.array(ids, np.int32), _encode_labels(example, numbers, asked)

    return _training_text(chunks, asked, max_words)


def _encode_labels(example: Example, numbers: dict[str, int], asked: Asked) -> NDArray[np.int64]:
    labels = [numbers[label] for label in example.labels]
    return np.array(labels if asked == "sentence-label" else [0, *labels, 0])


def _training_text(
    chunks: Callable[[], Iterator[tuple[NDArray[np.int32], NDArray[np.int64] | None]]], asked: Asked, max_words: int
) -> TrainingText:
    targets = dropped = 0
    for ids, _ in chunks():
        lengths = _lengths(ids)
        kept = lengths - 1 <= max_words
        targets += int(targets_of(torch.from_numpy(lengths[kept]), asked).sum())
        dropped += int(np.count_nonzero(~kept))
    return TrainingText(blocks=lambda: _blocks(chunks(), max_words), asked=asked, targets=targets, dropped=dropped)


def _lengths(ids: NDArray[np.int32]) -> NDArray[np.int64]:
    """Words of each sentence, and its end: [sentences]."""
    starts = np.flatnonzero(ids == BOS_ID)
    return np.diff(np.append(starts, len(ids))) - 1


def _blocks(
    chunks: Iterable[tuple[NDArray[np.int32], NDArray[np.int64] | None]], max_words: int
) -> Iterator[EncodedText]:
    """Chunks of whole sentences as blocks of at most BLOCK of them."""
    held: list[tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64] | None]] = []
    sentences = 0
    for ids, labels in chunks:
        lengths = _lengths(ids)
        kept = lengths - 1 <= max_words
        if not kept.all():
            ids, lengths = ids[np.repeat(kept, lengths + 1)], lengths[kept]
        start = 0
        while start < len(lengths):
            stop = min(len(lengths), start + BLOCK - sentences)
            first, last = (int((lengths[:end] + 1).sum()) for end in (start, stop))
            held.append((ids[first:last], lengths[start:stop], labels))
            sentences += stop - start
            start = stop
            if sentences == BLOCK:
                yield _block(held)
                held, sentences = [], 0
    if sentences:
        yield _block(held)


def _block(held: list[tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64] | None]]) -> EncodedText:
    lengths = np.concatenate([lengths for _, lengths, _ in held])
    labels = [labels for _, _, labels in held if labels is not None]
    return EncodedText(
        ids=torch.from_numpy(np.concatenate([ids for ids, _, _ in held])),
        starts=torch.from_numpy(np.cumsum(lengths + 1) - lengths - 1),
        lengths=torch.from_numpy(lengths),
        labels=torch.from_numpy(np.concatenate(labels)) if labels else None,
    )
