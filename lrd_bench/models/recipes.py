"""Recipes: what a model is and how it is trained, as typed data. Defaults live here and nowhere else.

A recipe is a TOML file with `family`, a table `[model]` and, for networks, a table `[train]`; a model's name is its
recipe's file name. See docs/method.md for what the families are.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveInt,
    field_validator,
    model_validator,
)

from lrd_bench import catalogue
from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.models.train_settings import Fraction, Table, TrainSettings
from lrd_bench.places import place
from lrd_bench.settings import check_settings, read_toml

Task = Literal["language-modelling", "classification", "tagging"]
"""What a network's states are for: the next word (of a bidirectional network, the word in a blank), a label of the
sentence, a label of each word. The last two are trained on labelled sentences."""
Cell = Literal["elman", "elman-relu", "gru", "lstm", "min-gru"]


class RecurrentSettings(Table):
    """The shape of a recurrent network."""

    cell: Cell
    context: PositiveInt | None = None
    """Words to the left that it sees, each time with a fresh state; None: all."""
    hidden: PositiveInt = 128
    layers: PositiveInt = 1
    residual: bool = False
    """Whether each layer but the first adds to what it reads."""
    embedding: PositiveInt | None = None
    """Size of the word vectors; None: as `hidden`."""
    tied: bool = False
    """Whether word vectors are the weights of the output layer, too. Where they are of another size than states, those
    are first made as small or as large."""
    dropout: Fraction = 0.1
    """Of word vectors, between layers, and before the vocabulary."""


class BidirectionalSettings(Table):
    """The shape of two recurrent networks that read from both ends."""

    cell: Cell = "lstm"
    hidden: PositiveInt = 128
    """Of each of the two."""
    layers: PositiveInt = 1
    embedding: PositiveInt | None = None
    """Size of the word vectors, which both have in common; None: as `hidden`."""
    dropout: Fraction = 0.1
    """As for one recurrent network."""


class TransformerSettings(Table):
    """The shape of a causal transformer."""

    hidden: PositiveInt = 128
    layers: PositiveInt = 2
    heads: PositiveInt = 4
    tied: bool = False
    """Whether word vectors are the weights of the output layer, too."""
    dropout: Fraction = 0.1
    """Of word vectors, of what attention and layers add, and before the vocabulary."""

    @model_validator(mode="after")
    def _check_heads(self) -> Self:
        if self.hidden % self.heads:
            raise ValueError(f"`hidden`, {self.hidden}, must be a multiple of `heads`, {self.heads}")
        return self


class FeedForwardSettings(Table):
    """The shape of a network that sees a window."""

    context: PositiveInt = 4
    """Words to the left that it sees."""
    embedding: PositiveInt = 64
    """Size of the word vectors."""
    hidden: PositiveInt = 128
    dropout: Fraction = 0.1
    """Of word vectors and before the vocabulary."""


class NgramSettings(Table):
    """The shape of an n-gram model."""

    order: Annotated[int, Field(ge=1, le=8)] = 5
    """Words in the longest n-gram; the model sees one fewer to the left."""
    smoothing: Literal[
        "modified-kneser-ney",
        "kneser-ney",
        "absolute-discounting",
        "witten-bell",
        "jelinek-mercer",
        "add-k",
        "maximum-likelihood",
        "stupid-backoff",
    ] = "modified-kneser-ney"
    """How probability is found for what the text does not show; stupid backoff gives scores that do not sum to one."""
    discount_fallback: bool = True
    """Where the text has too few n-grams to estimate an order's discounts, as artificial text may: 0.5, 1 and 1.5 for
    modified Kneser-Ney, 0.5 for the other two."""
    k: Annotated[float, Field(ge=1e-30)] = 1.0
    """What add-k adds to each count; less than 1e-30 is none."""
    prune: Annotated[tuple[NonNegativeInt, ...], Field(strict=False)] = ()
    """Up to how many occurrences an n-gram is left out, for orders 1, 2 …; the last number holds for all longer ones.
    `[0, 0, 1]`: trigrams and longer ones that occur once. Words are never left out: the vocabulary sees to that."""
    lmplz_quirks: bool = True
    """For modified Kneser-Ney, whether to follow KenLM where it departs from the formulas (docs/decisions/0005)."""

    @model_validator(mode="after")
    def _check_k(self) -> Self:
        if self.smoothing != "add-k" and self.k != type(self).model_fields["k"].default:
            raise ValueError(f"`k` is of add-k alone, and smoothing is {self.smoothing}")
        return self

    @property
    def normalised(self) -> bool:
        """Whether the probabilities of all words after a context sum to one."""
        return self.smoothing != "stupid-backoff"

    @field_validator("prune")
    @classmethod
    def _check_prune(cls, limits: tuple[int, ...]) -> tuple[int, ...]:
        if limits[:1] not in ((), (0,)) or list(limits) != sorted(limits):
            raise ValueError("the first number is 0, and none is less than the one before it")
        return limits


class _Network(Table):
    task: Task = "language-modelling"
    train: TrainSettings = TrainSettings()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.train.batching == "stream" and not self._can_stream:
            raise ValueError('batching = "stream" is for language models that are recurrent and have no `context`')
        if self._tied and self.task != "language-modelling":
            raise ValueError("`tied` is of language models alone: elsewhere no layer leads to words")
        return self

    @property
    def _can_stream(self) -> bool:
        return False

    @property
    def _tied(self) -> bool:
        return False


class RecurrentRecipe(_Network):
    """A recurrent network: Elman, GRU, LSTM or minimal GRU."""

    family: Literal["recurrent"]
    model: RecurrentSettings

    @property
    def _tied(self) -> bool:
        return self.model.tied

    @property
    def _can_stream(self) -> bool:
        return self.task == "language-modelling" and self.model.context is None


class BidirectionalRecipe(_Network):
    """Two recurrent networks that read from both ends; as language models, they fill in blanks."""

    family: Literal["bidirectional"]
    model: BidirectionalSettings = BidirectionalSettings()


class TransformerRecipe(_Network):
    """A causal transformer."""

    family: Literal["transformer"]
    model: TransformerSettings = TransformerSettings()

    @property
    def _tied(self) -> bool:
        return self.model.tied


class FeedForwardRecipe(_Network):
    """A feed-forward network over a window of words."""

    family: Literal["feedforward"]
    model: FeedForwardSettings = FeedForwardSettings()


class NgramRecipe(Table):
    """An n-gram model."""

    family: Literal["ngram"]
    model: NgramSettings = NgramSettings()


class UniformRecipe(Table):
    """A control: every word is equally likely."""

    family: Literal["uniform"]


class UnigramRecipe(Table):
    """A control: every word is as likely as it is frequent."""

    family: Literal["unigram"]


class ObserverRecipe(Table):
    """A control: the grammar that wrote the training text."""

    family: Literal["ideal-observer"]


NeuralRecipe = RecurrentRecipe | BidirectionalRecipe | TransformerRecipe | FeedForwardRecipe
"""What the shared loop trains, from a seed; the other families are counted or read, and have no seed."""
Recipe = NeuralRecipe | NgramRecipe | UniformRecipe | UnigramRecipe | ObserverRecipe

FAMILIES: dict[str, type[Recipe]] = {
    "recurrent": RecurrentRecipe,
    "bidirectional": BidirectionalRecipe,
    "transformer": TransformerRecipe,
    "feedforward": FeedForwardRecipe,
    "ngram": NgramRecipe,
    "uniform": UniformRecipe,
    "unigram": UnigramRecipe,
    "ideal-observer": ObserverRecipe,
}


def read_recipe(name_or_path: str) -> Recipe:
    """The recipe of a shipped name (`lstm`) or of the user's own file (`my/lstm.toml`).

    Raises LrdBenchError for an unknown name, broken TOML, an unknown key or family, and a wrong type or value.
    """
    path = find_recipe(name_or_path)
    return check_recipe(path, read_toml(path))


def find_recipe(name_or_path: str) -> Path:
    """The file of a recipe. Raises LrdBenchError for an unknown name, and for a model that is trained already."""
    try:
        return catalogue.find("model", name_or_path)
    except LrdBenchError as error:
        if not (Path(name_or_path) / "recipe.json").is_file():
            raise
        raise LrdBenchError(
            f"{name_or_path}: is a trained model, and a recipe is wanted here. Name one (`lrd-bench list models`), or "
            f"ask this model: `lrd-bench score {name_or_path} STIMULI`."
        ) from error


def with_epochs(recipe: Recipe, max_epochs: int | None) -> Recipe:
    """The recipe with another number of epochs; as it is for None, and for a model that has none.

    Raises LrdBenchError for less than one.
    """
    if max_epochs is not None and max_epochs < 1:
        raise LrdBenchError(f"max_epochs {max_epochs}: must be at least 1.")
    if max_epochs is None or not isinstance(recipe, NeuralRecipe):
        return recipe
    return recipe.model_copy(update={"train": recipe.train.model_copy(update={"max_epochs": max_epochs})})


def check_recipe(path: Path, tables: dict[str, Any]) -> Recipe:
    """Already parsed tables as a recipe; `path` is where they came from, for the message."""
    family = tables.get("family")
    if family is None:
        raise LrdBenchError(f"{path}: setting 'family' is missing. Add it: one of {', '.join(sorted(FAMILIES))}.")
    if not isinstance(family, str) or family not in FAMILIES:
        raise LrdBenchError(f"{place(path, 'family')}: {unknown('family', str(family), FAMILIES)}")
    return check_settings(path, tables, FAMILIES[family])
