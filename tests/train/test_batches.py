import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import encode, language_model, make_network
from torch import Tensor

from lrd_bench.models.networks import Network
from lrd_bench.models.neural import batch_bounds
from lrd_bench.models.recipes import (
    BidirectionalSettings,
    Cell,
    FeedForwardSettings,
    RecurrentSettings,
    TransformerSettings,
)
from lrd_bench.train.batches import (
    Asked,
    Batch,
    EncodedText,
    Share,
    make_batch,
    sentence_batches,
    stream_batches,
    targets_of,
)
from lrd_bench.train.loss import summed_loss
from lrd_bench.vocabulary import BOS_ID, EOS_ID, build_vocabulary

SENTENCES = [["w"] * length + ["end"] for length in (3, 0, 7, 3, 1, 3, 12, 7, 2, 5)]
VOCABULARY = build_vocabulary(SENTENCES)
TEXT = encode(SENTENCES, VOCABULARY)
W, END = VOCABULARY.encode(["w", "end"])


def one_epoch(seed: int, batch_size: int = 3) -> list[Batch]:
    generator = torch.Generator().manual_seed(seed)
    return list(sentence_batches(TEXT, "next-word", batch_size=batch_size, generator=generator, share=Share()))


def sentences_of(batch: Batch) -> list[list[int]]:
    """The real inputs of each sentence, then its targets, as the cells say."""
    count, time = batch.inputs.shape
    cells = torch.arange(count * time) if batch.cells is None else batch.cells
    inputs = batch.inputs.flatten()[cells].tolist()
    return [[a, b] for a, b in zip(inputs, batch.targets.tolist(), strict=True)]


def test_every_sentence_comes_once_an_epoch() -> None:
    for seed in range(5):
        pairs = [pair for batch in one_epoch(seed) for pair in sentences_of(batch)]
        expected = [
            [a, b]
            for words in SENTENCES
            for ids in [[BOS_ID, *VOCABULARY.encode(words), EOS_ID]]
            for a, b in itertools.pairwise(ids)
        ]
        assert sorted(pairs) == sorted(expected)


def test_each_input_stands_before_its_target() -> None:
    after = {BOS_ID: {W, END}, W: {W, END}, END: {EOS_ID}}
    for batch in one_epoch(0):
        assert all(target in after[word] for word, target in sentences_of(batch))


def test_batches_are_no_larger_than_asked_and_hold_like_lengths() -> None:
    batches = one_epoch(0)
    assert sorted(len(batch.inputs) for batch in batches) == [1, 3, 3, 3]
    assert sorted(batch.inputs.shape[1] for batch in batches) == [4, 5, 9, 14]


def test_sentences_of_one_length_need_no_cells() -> None:
    batch = make_batch(encode([["w", "end"]] * 4, VOCABULARY), "next-word", torch.arange(4))
    assert batch.cells is None
    assert batch.targets.tolist() == [W, END, EOS_ID] * 4


def test_the_seed_decides_the_order() -> None:
    def order(seed: int) -> list[list[list[int]]]:
        return [batch.inputs.tolist() for batch in one_epoch(seed, batch_size=2)]

    assert order(1) == order(1)
    assert any(order(1) != order(seed) for seed in range(2, 5))


def test_batches_of_long_rows_hold_fewer() -> None:
    assert list(batch_bounds([5, 5, 10, 60, 60, 500], max_rows=4, max_cells=100)) == [(0, 3), (3, 4), (4, 5), (5, 6)]
    assert list(batch_bounds([1, 1, 1], max_rows=2, max_cells=100)) == [(0, 2), (2, 3)]
    assert list(batch_bounds([], max_rows=2)) == []


# -- padding and masks ---------------------------------------------------------------------------------------------

SETTINGS = {
    "gru": RecurrentSettings(cell="gru", hidden=5, layers=2, dropout=0.0),
    "minimal gru": RecurrentSettings(cell="min-gru", hidden=5, layers=2, residual=True, dropout=0.0),
    "lstm in a window": RecurrentSettings(cell="lstm", hidden=5, context=2, dropout=0.0),
    "bidirectional": BidirectionalSettings(cell="lstm", hidden=4, layers=2, dropout=0.0),
    "transformer": TransformerSettings(hidden=6, heads=2, dropout=0.0),
    "feedforward": FeedForwardSettings(context=3, embedding=3, hidden=5, dropout=0.0),
}
TASKS = {
    "next-word": "language-modelling",
    "blank": "language-modelling",
    "sentence-label": "classification",
    "word-labels": "tagging",
}
LABELS = ("one", "two", "three")
WORDS = ["a", "b", "c", "d", "e"]
LETTERS = build_vocabulary([WORDS])
KINDS = [
    (family, asked)
    for family, asked in itertools.product(SETTINGS, TASKS)
    if TASKS[asked] != "language-modelling" or (asked == "blank") == (family == "bidirectional")
]
SOME_SENTENCES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), min_size=1, max_size=6)


def network_for(family: str, asked: Asked) -> Network:
    labels = () if TASKS[asked] == "language-modelling" else LABELS
    return make_network(SETTINGS[family], LETTERS, task=TASKS[asked], labels=labels).train()


def labelled(sentences: list[list[str]], asked: Asked) -> EncodedText:
    """A label for each sentence or each symbol, in turn."""
    symbols = len(sentences) if asked == "sentence-label" else sum(len(words) + 2 for words in sentences)
    return encode(sentences, LETTERS, [(number * number) % 3 for number in range(symbols)])


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """What some batches, taken together, teach a network."""

    loss_nats: float
    gradients: tuple[Tensor, ...]
    """Of the summed loss, for each weight."""
    predictions: Tensor
    """Log-probabilities, [targets, outcomes]."""


def learnt_from(network: Network, batches: Sequence[Batch]) -> Learnt:
    loss, predictions = torch.zeros(()), []
    for batch in batches:
        states = network.output_states(batch.inputs, batch.cells, batch.lengths)
        if not len(batch.targets):
            states = states[:0]  # a process without a share, which takes the step all the same
        loss = loss + summed_loss(network.output, states, batch.targets)
        predictions.append(network.output(states).log_softmax(dim=-1).detach())
    return Learnt(
        loss_nats=loss.item(),
        gradients=torch.autograd.grad(loss, list(network.parameters()), materialize_grads=True),
        predictions=torch.cat(predictions),
    )


def check_same(one: Learnt, other: Learnt) -> None:
    assert one.loss_nats == pytest.approx(other.loss_nats, rel=1e-6, abs=1e-5)  # a sum, of tens of nats
    for gradient, expected in zip(one.gradients, other.gradients, strict=True):
        assert torch.allclose(gradient, expected, atol=1e-5)


@pytest.mark.parametrize(("family", "asked"), KINDS)
@settings(deadline=None, max_examples=20)
@given(sentences=SOME_SENTENCES, data=st.data())
def test_a_batch_is_its_sentences_side_by_side_and_no_more(
    family: str, asked: Asked, sentences: list[list[str]], data: st.DataObject
) -> None:
    text, network = labelled(sentences, asked), network_for(family, asked)
    some = data.draw(st.lists(st.sampled_from(range(len(sentences))), min_size=1, unique=True))
    chosen = sorted(some, key=lambda sentence: len(sentences[sentence]))
    together = learnt_from(network, [make_batch(text, asked, torch.tensor(chosen))])
    alone = learnt_from(network, [make_batch(text, asked, torch.tensor([sentence])) for sentence in chosen])
    check_same(together, alone)
    assert torch.allclose(together.predictions, alone.predictions, atol=1e-5)


@pytest.mark.parametrize(("family", "asked"), KINDS)
@settings(deadline=None, max_examples=10)
@given(sentences=SOME_SENTENCES, world=st.integers(1, 8))
def test_processes_learn_from_their_shares_what_one_learns_from_the_batch(
    family: str, asked: Asked, sentences: list[list[str]], world: int
) -> None:
    text, network = labelled(sentences, asked), network_for(family, asked)
    chosen = torch.argsort(text.lengths, stable=True)
    shares = [make_batch(text, asked, chosen, Share(rank=rank, world=world)) for rank in range(world)]
    whole = make_batch(text, asked, chosen)
    assert sum(len(batch.targets) for batch in shares) == len(whole.targets) == whole.total
    assert {batch.total for batch in shares} == {whole.total}
    check_same(learnt_from(network, shares), learnt_from(network, [whole]))


@pytest.mark.parametrize(("family", "asked"), KINDS)
def test_what_training_predicts_is_what_the_network_answers(family: str, asked: Asked) -> None:
    sentences = [["a"], ["b", "c"], ["d", "e", "a", "c", "b"]]
    network = network_for(family, asked)
    batch = make_batch(labelled(sentences, asked), asked, torch.arange(3))
    predictions = learnt_from(network, [batch]).predictions.numpy()
    if asked == "sentence-label":
        assert predictions == pytest.approx(network.scores(sentences), abs=1e-5)
    elif asked == "word-labels":
        assert predictions == pytest.approx(np.concatenate(network.word_scores(sentences)), abs=1e-5)
    else:
        answers = network.logprobs(sentences, end=asked == "next-word")
        right = predictions[range(len(batch.targets)), batch.targets.tolist()]
        assert right == pytest.approx(list(itertools.chain(*answers)), abs=1e-5)


@pytest.mark.parametrize("world", [1, 2, 3, 5])
@pytest.mark.parametrize(
    ("asked", "expected"),
    [("sentence-label", [0, 1, 2]), ("word-labels", [1, 4, 5, 8, 9, 10]), ("blank", [3, 4, 5, 6, 7, 8])],
)
def test_shares_hold_each_target_once(asked: Asked, expected: list[int], world: int) -> None:
    sentences = [["a"], ["b", "c"], ["d", "e", "f"]]
    numbers = list(range(3 if asked == "sentence-label" else 12))  # each label, as each word, comes once
    text = encode(sentences, build_vocabulary(sentences), numbers)
    targets = [make_batch(text, asked, torch.arange(3), Share(rank=rank, world=world)).targets for rank in range(world)]
    assert sorted(torch.cat(targets).tolist()) == expected


@pytest.mark.parametrize(
    ("asked", "number"), [("next-word", 9), ("blank", 6), ("word-labels", 6), ("sentence-label", 3)]
)
def test_targets_are_words_and_ends_or_words_or_sentences(asked: Asked, number: int) -> None:
    text = labelled([["a"], ["b", "c"], ["d", "e", "a"]], asked)
    assert targets_of(text.lengths, asked).sum() == len(make_batch(text, asked, torch.arange(3)).targets) == number


def test_a_blank_s_targets_are_the_words_and_their_labels_are_the_words_own() -> None:
    sentences = [["a"], ["b", "c"]]
    blanks = make_batch(encode(sentences, LETTERS), "blank", torch.arange(2))
    assert blanks.targets.tolist() == LETTERS.encode(["a", "b", "c"])
    text = encode(sentences, LETTERS, [0, 11, 0, 0, 12, 13, 0])
    assert make_batch(text, "word-labels", torch.arange(2)).targets.tolist() == [11, 12, 13]


def test_all_processes_take_the_same_steps() -> None:
    def steps(share: Share) -> list[Batch]:
        generator = torch.Generator().manual_seed(0)
        return list(sentence_batches(TEXT, "next-word", batch_size=3, generator=generator, share=share))

    whole = steps(Share())
    shares = [steps(Share(rank=rank, world=2)) for rank in (0, 1)]
    for one, first, second in zip(whole, *shares, strict=True):
        assert one.total == first.total == second.total == len(first.targets) + len(second.targets)
        assert sorted(sentences_of(one)) == sorted(sentences_of(first) + sentences_of(second))


# -- a text as it runs ---------------------------------------------------------------------------------------------

RUNNING = encode([["a", "b", "c"], ["d"], ["e", "a"]], LETTERS)
A, B, C, D, E = LETTERS.encode(WORDS)


def test_a_stream_reads_everything_but_ends_and_asks_for_what_comes_next() -> None:
    one, other = stream_batches(RUNNING, rows=2, length=3, share=Share())
    assert one.inputs.tolist() == [[BOS_ID, A, B], [BOS_ID, D, BOS_ID]]
    assert one.targets.tolist() == [A, B, C, D, EOS_ID, E]
    assert other.inputs.tolist() == [[C], [E]]  # and for the last word, there is no room
    assert other.targets.tolist() == [EOS_ID, A]
    assert [batch.fresh for batch in (one, other)] == [True, False]
    assert [batch.total for batch in (one, other)] == [6, 2]
    assert [batch.cells for batch in (one, other)] == [None, None]


def test_a_stream_has_no_more_rows_than_there_are_symbols() -> None:
    [batch] = stream_batches(encode([["a"]], LETTERS), rows=64, length=35, share=Share())
    assert batch.inputs.tolist() == [[BOS_ID], [A]]
    assert batch.targets.tolist() == [A, EOS_ID]


@settings(deadline=None, max_examples=50)
@given(sentences=SOME_SENTENCES, rows=st.integers(1, 9), length=st.integers(1, 9))
def test_a_stream_is_the_text_in_order(sentences: list[list[str]], rows: int, length: int) -> None:
    expected = [pair for words in sentences for pair in itertools.pairwise([BOS_ID, *LETTERS.encode(words), EOS_ID])]
    batches = list(stream_batches(encode(sentences, LETTERS), rows=rows, length=length, share=Share()))
    assert [batch.fresh for batch in batches] == [True] + [False] * (len(batches) - 1)
    assert {batch.inputs.shape[1] for batch in batches[:-1]} <= {length}
    inputs = torch.cat([batch.inputs for batch in batches], dim=1)
    targets = torch.cat([batch.targets.view(batch.inputs.shape) for batch in batches], dim=1)
    pairs = list(zip(inputs.flatten().tolist(), targets.flatten().tolist(), strict=True))
    assert pairs == expected[: len(pairs)]
    assert 0 <= len(expected) - len(pairs) < rows
    assert sum(batch.total for batch in batches) == len(pairs)


@pytest.mark.parametrize("world", [1, 2, 3])
def test_processes_share_the_rows_of_a_stream(world: int) -> None:
    whole = list(stream_batches(RUNNING, rows=6, length=2, share=Share()))
    shares = [list(stream_batches(RUNNING, rows=6, length=2, share=Share(rank=n, world=world))) for n in range(world)]
    for one, *others in zip(whole, *shares, strict=True):
        assert {other.total for other in others} == {one.total}
        rows = {tuple(row) for other in others for row in other.inputs.tolist()}
        assert rows == {tuple(row) for row in one.inputs.tolist()}
        assert sorted(torch.cat([other.targets for other in others]).tolist()) == sorted(one.targets.tolist())


def test_processes_have_as_many_rows_each_however_short_the_text() -> None:
    for rank in range(4):
        for batch in stream_batches(RUNNING, rows=6, length=2, share=Share(rank=rank, world=4)):
            assert len(batch.inputs) == 1


@pytest.mark.parametrize("cell", ["elman", "elman-relu", "gru", "lstm", "min-gru"])
def test_stretches_with_carried_states_are_rows_read_at_once(cell: Cell) -> None:
    encoder = language_model(RecurrentSettings(cell=cell, hidden=5, layers=2, dropout=0.0), LETTERS).encoder
    [whole] = stream_batches(RUNNING, rows=2, length=99, share=Share())
    states, carried = [], None
    for batch in stream_batches(RUNNING, rows=2, length=3, share=Share()):
        stretch, carried = encoder.go_on(batch.inputs, None if batch.fresh else carried)
        states.append(stretch.unflatten(0, batch.inputs.shape))
    assert torch.allclose(torch.cat(states, dim=1).flatten(0, 1), encoder(whole.inputs), atol=1e-6)
