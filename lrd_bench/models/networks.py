"""From a recipe to an untrained network: an encoder that reads words, and what the task makes of its states."""

from collections.abc import Sequence

from lrd_bench.models.bidirectional import BidirectionalEncoder
from lrd_bench.models.blank import BlankModel
from lrd_bench.models.feedforward import FeedForwardEncoder
from lrd_bench.models.labeller import Labeller
from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.neural import CausalEncoder
from lrd_bench.models.recipes import (
    BidirectionalRecipe,
    FeedForwardRecipe,
    NeuralRecipe,
    RecurrentRecipe,
    TransformerRecipe,
)
from lrd_bench.models.recurrent import RecurrentEncoder
from lrd_bench.models.transformer import TransformerEncoder
from lrd_bench.vocabulary import Vocabulary

Network = NeuralLanguageModel | BlankModel | Labeller


def build_network(recipe: NeuralRecipe, vocabulary: Vocabulary, labels: Sequence[str] = ()) -> Network:
    """The network of a recipe, its weights not yet drawn. labels: of a task that has some."""
    encoder = _build_encoder(recipe, len(vocabulary))
    if recipe.task != "language-modelling":
        return Labeller(encoder, vocabulary, labels, every_word=recipe.task == "tagging")
    if isinstance(encoder, BidirectionalEncoder):
        return BlankModel(encoder, vocabulary)
    return NeuralLanguageModel(encoder, vocabulary, tied=encoder.embedding.tied)


def _build_encoder(recipe: NeuralRecipe, vocab: int) -> CausalEncoder | BidirectionalEncoder:
    match recipe:
        case RecurrentRecipe():
            return RecurrentEncoder(recipe.model, vocab)
        case FeedForwardRecipe():
            return FeedForwardEncoder(recipe.model, vocab)
        case TransformerRecipe():
            return TransformerEncoder(recipe.model, vocab)
        case BidirectionalRecipe():
            return BidirectionalEncoder(recipe.model, vocab)
