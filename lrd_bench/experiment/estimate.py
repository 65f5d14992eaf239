"""About how long an experiment takes: costs a word, measured on a reference machine, scaled to this one by a probe.

The costs follow from what a step does: multiplications for the weights, and passes over the vocabulary for the
probabilities and their gradients. They are good to a third or so; what else the machine does meanwhile is not in them.
"""

import heapq
import time
from collections.abc import Iterable
from dataclasses import dataclass

from lrd_bench.models.recipes import (
    BidirectionalRecipe,
    BidirectionalSettings,
    FeedForwardRecipe,
    NeuralRecipe,
    ObserverRecipe,
    Recipe,
    RecurrentRecipe,
    RecurrentSettings,
    TransformerRecipe,
)
from lrd_bench.vocabulary import BOS_ID, Vocabulary

# On one core at which the probe takes 5.1 ms:
PROBE_SECONDS = 5.1e-3
WORD_SECONDS = 5e-6
"""A trained word, of whatever network."""
MULTIPLICATION_SECONDS = 4.5e-11
"""A weight, a trained word: forwards, backwards and its share of the optimiser's step."""
VOCABULARY_SECONDS = 2e-9
"""A word of the vocabulary, a trained word."""
COUNTING_SECONDS = 2e-6
"""A word, for models that are counted."""
OBSERVER_SECONDS = 2e-5
"""A word, for the ideal observer, which follows every analysis."""
ASKING_SECONDS = 5e-6
"""A word of the items; little for any model, for the sentences of a pair are equal up to their critical word."""
FORWARD_SHARE = 1 / 3
"""Of what training costs a word: on held-out text there is no way back."""
ITEM_SECONDS = 1.7e-3
"""To make an item, mark what the training text withholds of it, audit it, and put it on the page."""
WORDS_AN_ITEM = 45
"""In its two sentences, over the distances of the shipped suites."""
REPORT_SECONDS = 0.3
"""A model and suite: the bootstrap, the tables, the figure and the page."""
JOB_SECONDS = 1.0
"""To read the text and check what is there already."""
START_SECONDS = 3.0
"""For a process to load what it needs."""

GATES = {"elman": 1, "elman-relu": 1, "gru": 3, "lstm": 4, "min-gru": 2}
"""Matrices from the input; and as many from state to state, which the minimal GRU makes up for by its passes."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a model takes, in seconds on the reference machine."""

    trained_words: int
    """Words that its training sees at most, all epochs together."""
    training_s: float
    scoring_s: float
    """Of the suites and the held-out text."""

    @property
    def seconds(self) -> float:
        """In all."""
        return self.training_s + self.scoring_s


def cost_of(recipe: Recipe, vocabulary: Vocabulary, items: int) -> Cost:
    """What a recipe takes on a text with this vocabulary, asked so many items."""
    words = sum(vocabulary.counts) - vocabulary.counts[BOS_ID]  # of the training text, ends of sentences included
    held_out = words // 20  # in each of the two other splits; near enough for a user's own text
    asked_words = items * WORDS_AN_ITEM
    if isinstance(recipe, NeuralRecipe):
        word_s = _step_seconds(recipe, vocabulary)
        trained = words * recipe.train.max_epochs
        scoring_s = asked_words * ASKING_SECONDS + held_out * word_s * FORWARD_SHARE
        return Cost(trained_words=trained, training_s=trained * word_s, scoring_s=scoring_s)
    if isinstance(recipe, ObserverRecipe):
        scoring_s = (asked_words + held_out) * OBSERVER_SECONDS
        return Cost(trained_words=words, training_s=held_out * OBSERVER_SECONDS, scoring_s=scoring_s)
    return Cost(trained_words=words, training_s=words * COUNTING_SECONDS, scoring_s=asked_words * ASKING_SECONDS)


def _step_seconds(recipe: NeuralRecipe, vocabulary: Vocabulary) -> float:
    """Seconds a trained word on the reference machine."""
    size = recipe.model.hidden
    match recipe:
        case FeedForwardRecipe():
            weights = recipe.model.context * recipe.model.embedding * size
        case RecurrentRecipe():
            weights = _cell_weights(recipe.model)
            weights *= recipe.model.context or 1  # a window is read from its beginning for each word
            vectors = recipe.model.embedding or size
            if recipe.model.tied and vectors != size:
                weights, size = weights + size * vectors, vectors
        case BidirectionalRecipe():
            weights, size = 2 * _cell_weights(recipe.model), 2 * size
        case TransformerRecipe():
            weights = recipe.model.layers * 12 * size * size
    weights += size * len(vocabulary)
    return WORD_SECONDS + weights * MULTIPLICATION_SECONDS + len(vocabulary) * VOCABULARY_SECONDS


def _cell_weights(model: RecurrentSettings | BidirectionalSettings) -> int:
    below = (model.embedding or model.hidden) + (model.layers - 1) * model.hidden
    return GATES[model.cell] * (below + model.layers * model.hidden) * model.hidden


def slowness() -> float:
    """How many times longer than the reference machine this one takes, by half a second of the same kind of sums."""
    import numpy as np

    rng = np.random.default_rng(0)
    # Small enough that numpy's library keeps to one thread, as a training process does.
    states, weights = (rng.random((64, 64), dtype=np.float32) for _ in range(2))
    logits = rng.random((64, 512), dtype=np.float32)
    times = []
    for _ in range(20):
        started = time.perf_counter()
        for _ in range(100):
            np.exp(logits)
            for _ in range(8):
                states @ weights
        times.append(time.perf_counter() - started)
    return min(times) / PROBE_SECONDS  # the least disturbed one


def side_by_side(seconds: Iterable[float], processes: int) -> float:
    """Seconds until the last of some jobs ends, each taken up in turn by the process that is free first."""
    free = [START_SECONDS] * processes
    for job in seconds:
        heapq.heapreplace(free, free[0] + JOB_SECONDS + job)
    return max(free)


def in_words(seconds: float) -> str:
    """A duration as one says it: no more digits than the estimate is good for."""
    if seconds < 55:
        return f"about {max(5, round(seconds / 5) * 5)} seconds"
    minutes = seconds / 60
    if minutes < 10:
        half = round(minutes * 2) / 2
        return f"about {half:g} minute{'' if half == 1 else 's'}"
    return f"about {round(minutes):d} minutes" if minutes < 100 else f"about {minutes / 60:.1f} hours"
