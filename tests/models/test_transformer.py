"""The transformer against its formulas, one word at a time, in NumPy and float64."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from equations import Array, Weights, linear, weights_of, word_logprobs
from networks import language_model

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.language import NeuralLanguageModel
from lrd_bench.models.recipes import TransformerSettings, check_recipe
from lrd_bench.models.transformer import sines
from lrd_bench.vocabulary import BOS_ID, EOS_ID, build_vocabulary

SENTENCES = [["the", "keys", "to", "the", "old", "cabinet", "are", "lost"], ["the", "key", "is", "here"], ["keys"]]
VOCABULARY = build_vocabulary(SENTENCES)


def network(hidden: int = 12, heads: int = 3, layers: int = 2, tied: bool = False) -> NeuralLanguageModel:
    """All weights are moved, for what normalises begins with ones and zeros, which would hide it."""
    settings = TransformerSettings(hidden=hidden, heads=heads, layers=layers, tied=tied, dropout=0.5)
    model = language_model(settings, VOCABULARY)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in model.parameters():
            weights += 0.3 * torch.randn(weights.shape, generator=generator)
    return model


def norm(x: Array, weights: Weights, name: str) -> Array:
    """Ba, Kiros and Hinton (2016)."""
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5) * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def wave(position: int, size: int) -> Array:
    """Vaswani et al. (2017), section 3.5."""
    return np.array(
        [
            math.sin(position / 10_000 ** (i / size)) if i % 2 == 0 else math.cos(position / 10_000 ** ((i - 1) / size))
            for i in range(size)
        ]
    )


def states_by_hand(weights: Weights, ids: list[int], *, heads: int, layers: int, tied: bool = False) -> list[Array]:
    """After each block, the state of the last of the words."""
    hidden = weights["encoder.norm.weight"].shape[0]
    size = hidden // heads
    seen: list[list[tuple[Array, Array]]] = [[] for _ in range(layers)]  # keys and values of the words so far
    of_layers: list[Array] = []
    for position, word in enumerate(ids):
        x = weights["encoder.embedding.weight"][word] * (math.sqrt(hidden) if tied else 1) + wave(position, hidden)
        of_layers = []
        for layer in range(layers):
            block = f"encoder.blocks.{layer}"
            q, k, v = np.split(
                linear(norm(x, weights, f"{block}.norm_attention"), weights, f"{block}.queries_keys_values"), 3
            )
            seen[layer].append((k, v))
            mixed = []
            for head in (slice(start, start + size) for start in range(0, hidden, size)):
                match_ = np.array([q[head] @ key[head] for key, _ in seen[layer]]) / math.sqrt(size)
                attention = np.exp(match_ - np.logaddexp.reduce(match_))
                mixed.append(sum(share * value[head] for share, (_, value) in zip(attention, seen[layer], strict=True)))
            x = x + linear(np.concatenate(mixed), weights, f"{block}.mix")
            wide = np.maximum(0, linear(norm(x, weights, f"{block}.norm_layer"), weights, f"{block}.widen"))
            x = x + linear(wide, weights, f"{block}.narrow")
            of_layers.append(x)
    return of_layers


@pytest.mark.parametrize(
    ("hidden", "heads", "layers", "tied"),
    [(12, 1, 1, False), (12, 3, 2, False), (12, 4, 3, True), (9, 3, 2, False), (9, 9, 1, True)],
)
def test_scores_are_what_the_formulas_give(hidden: int, heads: int, layers: int, tied: bool) -> None:
    model = network(hidden, heads, layers, tied)
    weights = weights_of(model)
    for sentence, row in zip(SENTENCES, model.logprobs(SENTENCES, end=True), strict=True):
        text = [BOS_ID, *VOCABULARY.encode(sentence), EOS_ID]
        expected = []
        for place in range(1, len(text)):
            state = states_by_hand(weights, text[:place], heads=heads, layers=layers, tied=tied)[-1]
            expected.append(word_logprobs(norm(state, weights, "encoder.norm"), weights)[text[place]])
        assert row == pytest.approx(expected, abs=1e-4)  # scores are of the order of ten here


def test_states_are_those_of_every_block_after_every_word() -> None:
    model = network()
    weights = weights_of(model)
    for sentence, layers in zip(SENTENCES, model.states(SENTENCES), strict=True):
        text = [BOS_ID, *VOCABULARY.encode(sentence)]
        assert len(layers) == 2
        for place in range(len(text)):
            *lower, last = states_by_hand(weights, text[: place + 1], heads=3, layers=2)
            expected = [*lower, norm(last, weights, "encoder.norm")]
            for layer, state in zip(layers, expected, strict=True):
                assert layer[place] == pytest.approx(state, abs=1e-4)


@pytest.mark.parametrize("size", [1, 2, 7, 12])
def test_positions_are_told_apart_by_the_paper_s_sines(size: int) -> None:
    expected = np.stack([wave(position, size) for position in range(400)])
    assert sines(400, size, torch.empty(0)).numpy() == pytest.approx(expected, abs=1e-4)


def test_a_later_word_never_changes_an_earlier_state() -> None:
    encoder = network().eval().encoder
    one = torch.tensor([[BOS_ID, *VOCABULARY.encode(SENTENCES[0])]])
    for later in range(1, one.shape[1]):
        other = one.clone()
        other[0, later] = EOS_ID
        before, after = encoder(one), encoder(other)
        assert torch.allclose(after[:later], before[:later], atol=1e-6)
        assert not torch.allclose(after[later:], before[later:], atol=1e-3)


def test_the_order_of_the_words_before_matters() -> None:
    one, other = network(layers=1).logprobs([["the", "old", "key", "is"], ["old", "the", "key", "is"]])
    assert abs(one[-1] - other[-1]) > 1e-3


def test_chosen_cells_are_the_same_states_as_all_of_them() -> None:
    encoder = network().eval().encoder
    inputs, cells = torch.tensor([[BOS_ID, 3, 4], [BOS_ID, 5, EOS_ID]]), torch.tensor([1, 3, 5])
    assert torch.allclose(encoder(inputs, cells), encoder(inputs)[cells], atol=1e-6)


def test_dropout_never_touches_a_score() -> None:
    model = network()
    before = model.logprobs(SENTENCES)
    model.train()
    assert model.logprobs(SENTENCES) == before


def test_heads_share_a_state_among_them_evenly() -> None:
    tables = {"family": "transformer", "model": {"hidden": 30, "heads": 4}}
    with pytest.raises(LrdBenchError, match="`hidden`, 30, must be a multiple of `heads`, 4") as error:
        check_recipe(Path("my.toml"), tables)
    assert str(error.value).startswith("my.toml: ")
