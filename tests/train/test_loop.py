import math

import pytest
import torch
from networks import language_model, training_text

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.controls import UniformModel
from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.recipes import RecurrentSettings, TrainSettings
from lrd_bench.train.loop import Training, mean_loss, train_network
from lrd_bench.vocabulary import build_vocabulary

TRAIN = [["a", "b", "c", "d"], ["b", "c", "d", "a"], ["c", "d", "a", "b"]]
FOREIGN = [["d", "c", "b", "a"], ["a", "d"]]
"""What is learnt from TRAIN makes these less and less likely."""
VOCABULARY = build_vocabulary(TRAIN)


def network() -> NeuralLanguageModel:
    return language_model(RecurrentSettings(cell="elman", hidden=16, dropout=0.0), VOCABULARY)


def train(model: NeuralLanguageModel, valid: list[list[str]], settings: TrainSettings) -> Training:
    text = training_text(TRAIN, VOCABULARY)
    generator = torch.Generator().manual_seed(0)
    return train_network(model, text, lambda: mean_loss(model, valid), settings, generator=generator)


def constant(**others: float | None) -> TrainSettings:
    return TrainSettings(learning_rate=0.02, schedule="constant").model_copy(update=others)


def test_mean_loss_is_a_word_and_counts_ends() -> None:
    model = UniformModel(VOCABULARY)  # <unk>, </s> and four words: six are possible
    assert mean_loss(model, [["a"], ["b", "c", "d"]]) == pytest.approx(math.log(6))


def test_the_validation_loss_falls_while_there_is_something_to_learn() -> None:
    training = train(network(), TRAIN, constant(max_epochs=8))
    losses = [epoch.valid_loss_nats for epoch in training.epochs]
    assert losses == sorted(losses, reverse=True)
    assert training.best_epoch == 8
    assert training.stopped == "max_epochs"


def test_training_stops_when_patience_is_at_an_end() -> None:
    training = train(network(), FOREIGN, constant(max_epochs=50, patience=3))
    assert training.stopped == "patience"
    assert len(training.epochs) == training.best_epoch + 3


def test_the_best_epoch_s_weights_are_kept() -> None:
    model = network()
    training = train(model, FOREIGN, constant(max_epochs=12))
    losses = [epoch.valid_loss_nats for epoch in training.epochs]
    assert training.best_epoch < 12
    assert losses[training.best_epoch - 1] == min(losses)
    assert mean_loss(model, FOREIGN) == min(losses)


def test_a_linear_schedule_falls_to_nothing_over_all_epochs() -> None:
    training = train(network(), TRAIN, TrainSettings(learning_rate=0.02, max_epochs=4))
    assert [epoch.learning_rate for epoch in training.epochs] == pytest.approx([0.02, 0.015, 0.01, 0.005])
    assert [epoch.words for epoch in training.epochs] == [15, 30, 45, 60]


def test_a_plateau_is_an_epoch_that_changes_little() -> None:
    assert train(network(), TRAIN, constant(max_epochs=1)).plateau is None
    assert train(network(), TRAIN, constant(max_epochs=2)).plateau is False
    assert train(network(), TRAIN, constant(max_epochs=2, learning_rate=1e-9)).plateau is True


def test_clipping_holds_the_gradient_back() -> None:
    free, held = network(), network()
    train(free, TRAIN, constant(max_epochs=2, clip_norm=None))
    train(held, TRAIN, constant(max_epochs=2, clip_norm=1e-12))
    start = network().state_dict()
    assert not torch.allclose(free.output.weight, start["output.weight"], atol=1e-3)
    assert torch.allclose(held.output.weight, start["output.weight"], atol=1e-3)


def test_a_loss_that_is_no_number_ends_training_with_advice() -> None:
    with pytest.raises(LrdBenchError, match="Lower `learning_rate` in the recipe, or set `clip_norm`"):
        train(network(), TRAIN, constant(max_epochs=5, learning_rate=1e30, clip_norm=None))
