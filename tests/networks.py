"""Networks and texts in memory, for tests."""

import itertools

import torch

from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.networks import Network, build_network
from lrd_bench.models.neural import initialise
from lrd_bench.models.recipes import (
    BidirectionalRecipe,
    BidirectionalSettings,
    FeedForwardRecipe,
    FeedForwardSettings,
    RecurrentRecipe,
    RecurrentSettings,
    TransformerRecipe,
    TransformerSettings,
)
from lrd_bench.train.batches import EncodedText, targets_of
from lrd_bench.train.texts import TrainingText
from lrd_bench.vocabulary import BOS_ID, EOS_ID

FAMILIES = {
    RecurrentSettings: (RecurrentRecipe, "recurrent"),
    BidirectionalSettings: (BidirectionalRecipe, "bidirectional"),
    TransformerSettings: (TransformerRecipe, "transformer"),
    FeedForwardSettings: (FeedForwardRecipe, "feedforward"),
}


def make_network(settings, vocabulary, seed=0, task="language-modelling", labels=()) -> Network:
    """A network of this shape, its weights drawn."""
    recipe, family = FAMILIES[type(settings)]
    network = build_network(recipe(family=family, model=settings, task=task), vocabulary, labels)
    initialise(network, torch.Generator().manual_seed(seed))
    return network


def language_model(settings, vocabulary, seed=0) -> NeuralLanguageModel:
    network = make_network(settings, vocabulary, seed)
    assert isinstance(network, NeuralLanguageModel)
    return network


def encode(sentences, vocabulary, labels=None) -> EncodedText:
    """Sentences in memory as a block. labels: a number for each sentence, or for each symbol."""
    ids = [[BOS_ID, *vocabulary.encode(sentence), EOS_ID] for sentence in sentences]
    lengths = torch.tensor([len(row) - 1 for row in ids])
    return EncodedText(
        ids=torch.tensor(list(itertools.chain(*ids)), dtype=torch.int32),
        starts=torch.cumsum(lengths + 1, 0) - lengths - 1,
        lengths=lengths,
        labels=None if labels is None else torch.tensor(labels),
    )


def training_text(sentences, vocabulary, asked="next-word", labels=None) -> TrainingText:
    """Sentences in memory, to train on."""
    block = encode(sentences, vocabulary, labels)
    targets = int(targets_of(block.lengths, asked).sum())
    return TrainingText(blocks=lambda: iter([block]), asked=asked, targets=targets, dropped=0)
