"""How well labels of held-out sentences are found, beside always giving the commonest one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from lrd_bench.corpus import Split
from lrd_bench.models.labeller import Labeller
from lrd_bench.train.labelled import LabelledCorpus

EXAMPLES_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class LabelScores:
    """Of a split's labels, each of them one answer."""

    split: Split
    number: int
    accuracy: float
    majority: str
    """The commonest label of the training split."""
    majority_accuracy: float
    """Of always answering with it."""
    loss_nats: float
    """Mean negative log-probability of the right label."""
    confusion: dict[str, dict[str, int]]
    """Right label → label given → how often; labels in alphabetical order, as the network has them."""


def judge_labels(network: Labeller, corpus: LabelledCorpus, split: Split) -> LabelScores:
    """Ask for the labels of a split."""
    counts: Counter[tuple[str, str]] = Counter()
    loss_nats, number = 0.0, 0
    for right, logprobs in _answers(network, corpus, split):
        loss_nats -= float(logprobs[network.labels.index(right)])
        number += 1
        counts[right, network.labels[int(logprobs.argmax())]] += 1
    majority = corpus.majority
    shown = {label: {given: counts[label, given] for given in network.labels} for label in network.labels}
    return LabelScores(
        split=split,
        number=number,
        accuracy=sum(shown[label][label] for label in network.labels) / number,
        majority=majority,
        majority_accuracy=sum(shown[majority].values()) / number,
        loss_nats=loss_nats / number,
        confusion=shown,
    )


def _answers(network: Labeller, corpus: LabelledCorpus, split: Split) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yields (right label, log-probability of each label)."""
    stream = corpus.examples(split)
    while chunk := list(islice(stream, EXAMPLES_AT_ONCE)):
        sentences = [example.words for example in chunk]
        if network.every_word:
            for example, scores in zip(chunk, network.word_scores(sentences), strict=True):
                yield from zip(example.labels, scores, strict=True)
        else:
            yield from zip((example.labels[0] for example in chunk), network.scores(sentences), strict=True)
