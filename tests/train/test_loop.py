import math

import pytest
import torch
from networks import encode, language_model, make_network, training_text

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.blank import BlankModel
from lrd_bench.models.controls import UniformModel
from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.recipes import BidirectionalSettings, RecurrentSettings
from lrd_bench.models.train_settings import TrainSettings
from lrd_bench.train.batches import Share, sentence_batches
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


def constant(**others: float | str | None) -> TrainSettings:
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


@pytest.mark.parametrize(("clip_norm", "advice"), [(None, ", or set `clip_norm`."), (1.0, ".")])
def test_a_loss_that_is_no_number_ends_training_with_advice_that_can_help(clip_norm: float | None, advice: str) -> None:
    with pytest.raises(LrdBenchError, match=f"Lower `learning_rate` in the recipe{advice}$"):
        train(network(), TRAIN, constant(max_epochs=5, learning_rate=1e30, clip_norm=clip_norm))


def test_warming_up_raises_the_learning_rate_in_equal_steps_of_which_none_is_nothing() -> None:
    training = train(network(), TRAIN, constant(max_epochs=8, warmup=0.5))  # one step an epoch
    assert [epoch.learning_rate for epoch in training.epochs] == pytest.approx(
        [0.005, 0.01, 0.015, 0.02, 0.02, 0.02, 0.02, 0.02]
    )


def test_warming_up_goes_to_what_the_schedule_says() -> None:
    training = train(network(), TRAIN, TrainSettings(learning_rate=0.02, max_epochs=8, warmup=0.5))
    assert [epoch.learning_rate for epoch in training.epochs] == pytest.approx(
        [0.02 * (1 - done / 8) * min(1, (done + 1) / 4) for done in range(8)]
    )


def test_warming_up_for_less_than_a_step_is_none() -> None:
    training = train(network(), TRAIN, constant(max_epochs=2, warmup=0.01))
    assert [epoch.learning_rate for epoch in training.epochs] == pytest.approx([0.02, 0.02])


def test_an_annealed_rate_is_a_quarter_after_each_epoch_that_is_not_the_best() -> None:
    settings = TrainSettings(learning_rate=0.02, schedule="annealed", max_epochs=12)
    epochs = train(network(), FOREIGN, settings).epochs
    losses = [epoch.valid_loss_nats for epoch in epochs]
    expected, rate = [], 0.02
    for number, loss in enumerate(losses):
        expected.append(rate)
        rate *= 1 if loss == min(losses[: number + 1]) else 0.25
    assert [epoch.learning_rate for epoch in epochs] == pytest.approx(expected)
    assert expected[0] > expected[-1]


def test_sgd_takes_the_gradient_as_it_is() -> None:
    model, start = network(), network()
    train(model, TRAIN, constant(optimizer="sgd", max_epochs=1, clip_norm=None, batch_size=3))
    start.train()
    (batch,) = sentence_batches(
        encode(TRAIN, VOCABULARY),
        "next-word",
        batch_size=3,
        generator=torch.Generator().manual_seed(0),
        share=Share(),
    )
    logits = start.output(start.output_states(batch.inputs, batch.cells))
    torch.nn.functional.cross_entropy(logits, batch.targets).backward()
    for weights, before in zip(model.parameters(), start.parameters(), strict=True):
        assert before.grad is not None
        assert torch.allclose(weights, before - 0.02 * before.grad, atol=1e-7)


def test_weight_decay_takes_a_share_of_each_weight() -> None:
    free, held = network(), network()
    train(free, TRAIN, constant(max_epochs=1, batch_size=3))
    train(held, TRAIN, constant(max_epochs=1, batch_size=3, weight_decay=0.1))
    for one, other, start in zip(free.parameters(), held.parameters(), network().parameters(), strict=True):
        assert torch.allclose(other, one - 0.02 * 0.1 * start, atol=1e-6)


def test_sixteen_bits_learn_as_much_as_thirty_two() -> None:
    narrow, wide = (
        train(network(), TRAIN, constant(max_epochs=8, precision=precision)).epochs[-1].valid_loss_nats
        for precision in ("bfloat16", "float32")
    )
    assert narrow == pytest.approx(wide, rel=0.02)
    assert narrow != wide


def test_a_stream_tells_what_the_sentence_before_was_like() -> None:
    # Which of the two sentences it is, nothing within it tells beforehand, but the one before it does.
    text = [["a", "x"], ["b", "y"]] * 64
    vocabulary = build_vocabulary(text)
    losses = {}
    for batching in ("sentences", "stream"):
        settings = TrainSettings(learning_rate=0.03, batching=batching, batch_size=8, max_epochs=20)
        model = language_model(RecurrentSettings(cell="gru", hidden=16, dropout=0.0), vocabulary)
        training = train_network(
            model,
            training_text(text, vocabulary),
            lambda model=model: mean_loss(model, text),
            settings,
            generator=torch.Generator().manual_seed(0),
        )
        losses[batching] = training.epochs[-1].train_loss_nats
    assert losses["sentences"] == pytest.approx(math.log(2) / 3, abs=0.02)
    assert losses["stream"] < 0.05


def test_a_blank_is_filled_from_what_comes_after_it() -> None:
    text = [["which", "a", "is"], ["which", "b", "are"]] * 32
    vocabulary = build_vocabulary(text)
    model = make_network(BidirectionalSettings(cell="gru", hidden=16, dropout=0.0), vocabulary)
    assert isinstance(model, BlankModel)
    train_network(
        model,
        training_text(text, vocabulary, "blank"),
        lambda: mean_loss(model, text[:2]),
        TrainSettings(learning_rate=0.03, batch_size=16, max_epochs=20),
        generator=torch.Generator().manual_seed(0),
    )
    right, wrong = model.logprobs([["which", "a", "is"], ["which", "b", "is"]], [[1], [1]])
    assert right[0] > -0.1
    assert wrong[0] < -2
