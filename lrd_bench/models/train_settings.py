"""How networks are trained, as typed data: the table `[train]` of a recipe. Defaults live here and nowhere else."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt

from lrd_bench.settings import Settings

Fraction = Annotated[float, Field(ge=0, lt=1)]
OFF = BeforeValidator(lambda value: None if value == "off" else value)
"""TOML cannot say None: `clip_norm = "off"`."""


class Table(Settings):
    """A table of a recipe."""

    # Strict: "128" and true are not numbers, though pydantic would take them for some, and TOML has `inf`.
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class TrainSettings(Table):
    """How to train a network. Shared by all of them, so that models differ in what they are and in nothing else."""

    optimizer: Literal["adam", "sgd"] = "adam"
    """Adam (Kingma and Ba 2015) with its usual other settings, or plain stochastic gradient descent."""
    learning_rate: PositiveFloat = 1e-3
    schedule: Literal["constant", "linear", "annealed"] = "linear"
    """Linear: from `learning_rate` to nothing over all steps of `max_epochs`. Annealed: a quarter of what it was after
    each epoch whose validation loss is not the best so far, as for SGD on running text."""
    warmup: Fraction = 0.0
    """A first share of all words, over which the learning rate rises from nothing to what the schedule says."""
    batching: Literal["sentences", "stream"] = "sentences"
    """Sentences: whole ones of like length, each from a fresh state. Stream: the text as it runs, in rows side by side
    whose states are carried on (truncated back-propagation through time; Mikolov et al. 2010). For recurrent networks
    that see everything."""
    batch_size: PositiveInt = 64
    """Sentences; fewer of long ones, for a batch is cut to at most 8,192 cells (MAX_CELLS), padding included. Of a
    stream, rows."""
    stream_length: PositiveInt = 35
    """Words of a row that one step of a stream reads, and that gradients reach back."""
    max_epochs: PositiveInt = 3
    patience: Annotated[PositiveInt | None, OFF] = None
    """Epochs without a better validation perplexity before training stops; None: never."""
    clip_norm: Annotated[PositiveFloat | None, OFF] = 1.0
    """Largest norm of the gradient over all parameters; None: no clipping."""
    weight_decay: NonNegativeFloat = 0.0
    """Share of each weight that a step takes away, times the learning rate, apart from the gradient (Loshchilov and
    Hutter 2019)."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of matrix products and recurrent states while training; weights, losses and scores are float32 in any case."""
    max_words: PositiveInt = 400
    """Longer training sentences are left out, and counted."""
