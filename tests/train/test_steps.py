"""Steps, held against the loop that tutorials write, in float64 so that nothing but the arithmetic can differ."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.neural import initialise
from lrd_bench.models.recipes import RecurrentSettings
from lrd_bench.models.recurrent import RecurrentEncoder
from lrd_bench.models.train_settings import TrainSettings
from lrd_bench.train.batches import Batch, Share
from lrd_bench.train.steps import Steps
from lrd_bench.vocabulary import BOS_ID, SPECIAL, Vocabulary

WORDS = Vocabulary(words=(*SPECIAL, *"abcdefghij"), counts=(1,) * 13)
RATE, CLIP = 0.7, 0.05


def network(cell: str, *, tied: bool = False, embedding: int | None = None) -> NeuralLanguageModel:
    settings = RecurrentSettings(cell=cell, hidden=6, embedding=embedding, layers=2, dropout=0.0, tied=tied)
    made = NeuralLanguageModel(RecurrentEncoder(settings, len(WORDS)), WORDS, tied=tied)
    initialise(made, torch.Generator().manual_seed(0))
    return made.double().train()


def stretches() -> list[Batch]:
    """Three stretches of a text in two rows."""
    ids = torch.randint(BOS_ID + 1, 8, (2, 13), generator=torch.Generator().manual_seed(1))
    return [
        Batch(
            inputs=ids[:, start : start + 4],
            cells=None,
            targets=ids[:, start + 1 : start + 5].flatten(),
            lengths=torch.tensor([4, 4]),
            total=8,
            fresh=not start,
        )
        for start in (0, 4, 8)
    ]


def as_tutorials_do(model: NeuralLanguageModel, clip: float | None) -> None:
    carried = None
    for batch in stretches():
        model.zero_grad()
        states, carried = model.encoder.go_on(batch.inputs, carried)
        carried = [
            tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach() for state in carried
        ]
        F.nll_loss(F.log_softmax(model.output(states), dim=1), batch.targets).backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        for weights in model.parameters():
            weights.data.add_(weights.grad, alpha=-RATE)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm", "min-gru"])
@pytest.mark.parametrize("clip", [None, CLIP, 1e6])
@pytest.mark.parametrize(("tied", "embedding"), [(False, None), (True, None), (True, 4)])
def test_steps_change_all_weights_as_the_loop_of_tutorials_does(cell, clip, tied, embedding):
    ours, theirs, before = (network(cell, tied=tied, embedding=embedding) for _ in range(3))
    settings = TrainSettings.model_validate(
        {"optimizer": "sgd", "batching": "stream", "clip_norm": "off" if clip is None else clip}
    )
    steps = Steps(ours, settings, Share())
    for batch in stretches():
        steps.take(batch, RATE, note=False)
    as_tutorials_do(theirs, clip)
    assert ours.encoder.embedding.sparse != tied
    for (name, mine), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-9, atol=1e-12, msg=name)
    drawn = dict(before.named_parameters())
    assert ("encoder.narrowing.weight" in drawn) == (embedding is not None)
    assert [name for name, weights in ours.named_parameters() if torch.equal(weights, drawn[name])] == []


def test_weights_decay_of_words_that_were_not_read_too():
    ours, before = network("gru"), network("gru").encoder.embedding.weight
    settings = TrainSettings.model_validate({"batching": "stream", "optimizer": "sgd", "weight_decay": 0.1})
    Steps(ours, settings, Share()).take(stretches()[0], RATE, note=False)
    unread = len(WORDS) - 1
    assert unread not in stretches()[0].inputs
    torch.testing.assert_close(ours.encoder.embedding.weight[unread], before[unread] * (1 - RATE * 0.1))
