"""What training means for each family: networks learn in the shared loop, the others are counted or read."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
import torch

from lrd_bench.corpus import Corpus
from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel
from lrd_bench.models.controls import UniformModel, UnigramModel
from lrd_bench.models.folder import Arrays, Model
from lrd_bench.models.labeller import Labeller
from lrd_bench.models.networks import Network, build_network
from lrd_bench.models.neural import initialise
from lrd_bench.models.ngram import NgramModel
from lrd_bench.models.ngram.text import TextIds
from lrd_bench.models.observer import IdealObserver
from lrd_bench.models.recipes import BidirectionalRecipe, NeuralRecipe, NgramRecipe, UnigramRecipe
from lrd_bench.progress import say
from lrd_bench.train.batches import Asked, Share
from lrd_bench.train.checkpoint import CheckpointFile
from lrd_bench.train.inputs import Inputs
from lrd_bench.train.judging import judge_labels
from lrd_bench.train.labelled import LabelledCorpus
from lrd_bench.train.loop import TICK_SECONDS, OnProgress, mean_loss, train_network
from lrd_bench.train.texts import TrainingText, read_examples, read_text
from lrd_bench.vocabulary import BOS_ID

AnySentence = TypeVar("AnySentence", bound=Sequence[str])


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What training gives."""

    model: Model
    metrics: dict[str, Any]
    """What `metrics.json` says: the same keys for every family, null where they mean nothing."""
    log: tuple[dict[str, Any], ...] = ()
    """The lines of `log.jsonl`."""
    earlier_s: float = 0.0
    """What earlier sittings took, each up to its last checkpoint."""


def train_family(
    inputs: Inputs,
    device: torch.device,
    on_progress: OnProgress,
    *,
    share: Share = Share(),  # noqa: B008 (frozen)
    checkpoint: CheckpointFile | None = None,
) -> Trained:
    """Train what the recipe asks for; a network from its checkpoint on, if there is one."""
    if isinstance(inputs.recipe, NeuralRecipe):
        return _train_network(inputs, inputs.recipe, device, on_progress, share, checkpoint)
    if isinstance(inputs.recipe, NgramRecipe):
        return _count_ngrams(inputs, inputs.recipe, on_progress)
    return _count(inputs, on_progress)


def _train_network(
    inputs: Inputs,
    recipe: NeuralRecipe,
    device: torch.device,
    on_progress: OnProgress,
    share: Share,
    checkpoint: CheckpointFile | None,
) -> Trained:
    assert inputs.seed is not None, "a network has a seed"
    settings, corpus = recipe.train, inputs.corpus
    if settings.batching == "stream" and settings.batch_size % share.world:
        raise LrdBenchError(
            f"`batch_size`, {settings.batch_size}, rows of a stream cannot be shared equally among {share.world} "
            "processes. Take a multiple."
        )
    text = _read_text(inputs, recipe)
    if not text.targets:
        raise LrdBenchError(
            f"{corpus.files['train']}: every sentence has more than {settings.max_words} words. "
            "Break the text into sentences, or raise `max_words` in the recipe."
        )
    if text.dropped and share.rank == 0:
        sentences = "sentence" if text.dropped == 1 else "sentences"
        why = f"more than {settings.max_words} words (`max_words` in the recipe)"
        say(f"{inputs.name}: left out {text.dropped:,} {sentences}: {why}")
    generator = torch.Generator().manual_seed(inputs.seed)
    # Dropout knows no generator but torch's global one: seeded here, and given back as it was.
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(inputs.seed + share.rank)
        labels = corpus.labels if isinstance(corpus, LabelledCorpus) else ()
        network = build_network(recipe, inputs.vocabulary, labels)
        initialise(network, generator)
        network.to(device)
        training = train_network(
            network,
            text,
            lambda: _held_out_loss(network, corpus),
            settings,
            generator=generator,
            on_progress=on_progress,
            share=share,
            checkpoint=checkpoint,
        )
    best = training.epochs[training.best_epoch - 1]
    metrics = _metrics(
        valid_loss=best.valid_loss_nats,
        words=text.targets,
        dropped=text.dropped,
        parameters=sum(weights.numel() for weights in network.parameters()),
    )
    about = {name: getattr(training, name) for name in ("best_epoch", "stopped", "plateau")}
    about["valid_perplexity"] = best.valid_perplexity
    if isinstance(network, Labeller) and isinstance(corpus, LabelledCorpus):
        about["labels"] = asdict(judge_labels(network, corpus, "test"))
    log = tuple(asdict(epoch) for epoch in training.epochs)
    return Trained(model=network, metrics=metrics | about, log=log, earlier_s=training.earlier_s)


def _read_text(inputs: Inputs, recipe: NeuralRecipe) -> TrainingText:
    max_words = recipe.train.max_words
    if isinstance(inputs.corpus, LabelledCorpus):
        asked: Asked = "word-labels" if recipe.task == "tagging" else "sentence-label"
        return read_examples(inputs.corpus, inputs.vocabulary, asked, max_words=max_words)
    asked = "blank" if isinstance(recipe, BidirectionalRecipe) else "next-word"
    return read_text(inputs.corpus, inputs.vocabulary, asked, max_words=max_words)


def _held_out_loss(network: Network, corpus: Corpus | LabelledCorpus) -> float:
    if isinstance(network, Labeller):
        assert isinstance(corpus, LabelledCorpus)
        return judge_labels(network, corpus, "valid").loss_nats
    return mean_loss(network, corpus.sentences("valid"))


def _count_ngrams(inputs: Inputs, recipe: NgramRecipe, on_progress: OnProgress) -> Trained:
    assert isinstance(inputs.corpus, Corpus)
    text, valid = (
        TextIds(inputs.corpus.blocks(split), inputs.corpus.files[split], inputs.vocabulary)
        for split in ("train", "valid")
    )
    # As many words as the vocabulary has counted, if it is this text's.
    expected = sum(inputs.vocabulary.counts) - inputs.vocabulary.counts[BOS_ID]
    model = NgramModel.from_ids(
        text, recipe.model, held_out=valid, on_chunk=lambda: on_progress(text.words, max(text.words, expected))
    )
    trained = _counted(inputs, model, model.arrays(), words=text.words, on_progress=on_progress)
    trained.metrics["discounts_fell_back"] = list(model.fell_back or ())
    trained.metrics["normalised"] = model.normalised
    return trained


def _count(inputs: Inputs, on_progress: OnProgress) -> Trained:
    words = sum(len(sentence) + 1 for sentence in inputs.corpus.sentences("train"))
    model = _estimate(inputs, _reported(inputs.corpus.sentences("train"), words, on_progress))
    arrays = {} if isinstance(model, IdealObserver) else model.arrays()
    return _counted(inputs, model, arrays, words=words, on_progress=on_progress)


def _counted(inputs: Inputs, model: LanguageModel, arrays: Arrays, *, words: int, on_progress: OnProgress) -> Trained:
    """A model that was counted, and how well it does."""
    on_progress(words, words)
    metrics = _metrics(
        valid_loss=mean_loss(model, inputs.corpus.sentences("valid")) if model.normalised else None,
        words=words,
        dropped=0,
        parameters=sum(array.size for array in arrays.values() if np.issubdtype(array.dtype, np.floating)),
    )
    return Trained(model=model, metrics=metrics)


def _estimate(inputs: Inputs, sentences: Iterable[Sequence[str]]) -> UnigramModel | UniformModel | IdealObserver:
    if isinstance(inputs.recipe, UnigramRecipe):
        return UnigramModel.estimate(sentences, inputs.vocabulary)
    if inputs.grammar is not None:
        return IdealObserver(inputs.grammar, inputs.vocabulary)
    return UniformModel(inputs.vocabulary)


def _reported(sentences: Iterable[AnySentence], words: int, on_progress: OnProgress) -> Iterator[AnySentence]:
    """The sentences, saying now and then how far we are."""
    done, ticked = 0, time.monotonic()
    for sentence in sentences:
        yield sentence
        done += len(sentence) + 1
        if time.monotonic() - ticked > TICK_SECONDS:
            on_progress(done, words)
            ticked = time.monotonic()


def _metrics(*, valid_loss: float | None, words: int, dropped: int, parameters: int) -> dict[str, Any]:
    if valid_loss is not None and not math.isfinite(valid_loss):
        valid_loss = None  # an ideal observer, or maximum likelihood, finds some sentences impossible
    return {
        "valid_loss_nats": valid_loss,
        "valid_perplexity": None if valid_loss is None else math.exp(valid_loss),
        "words": words,
        "sentences_dropped": dropped,
        "parameters": parameters,
        "best_epoch": None,
        "stopped": None,
        "plateau": None,
        "labels": None,
        "discounts_fell_back": None,
        "normalised": True,
    }
