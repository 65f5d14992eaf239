"""Prefixes packed into rows: with which models that can be done, and that each is read once."""

import numpy as np
import pytest

from lrd_bench.errors import LrdBenchError

pytest.importorskip("transformers", reason="transformers is not installed: pip install 'lrd-bench[hf]'")

from hf_making import network, text_logprob, tokeniser

from lrd_bench.models.hf import HfModel
from lrd_bench.models.hf.network import DEEPEST, CausalNetwork
from lrd_bench.models.packing import ROW_NODES

PIECES = np.arange(1, 300)


@pytest.fixture(scope="module")
def cutter():
    return tokeniser("bytes")


@pytest.fixture
def read(cutter):
    """A model, and the shapes of all that it has been asked since it was opened."""
    model, shapes = network("gpt2", len(cutter)), []
    scorer = HfModel("hf:small", cutter, model)
    model.register_forward_pre_hook(
        lambda module, args, kwargs: shapes.append(tuple(kwargs["input_ids"].shape)), with_kwargs=True
    )
    return scorer, shapes


@pytest.mark.parametrize(
    ("kind", "packs"),
    [
        *((kind, True) for kind in ("gpt2", "llama", "neox", "opt", "qwen2", "gemma2")),
        *((kind, False) for kind in ("sliding", "bloom", "local", "mamba")),
    ],
)
def test_models_that_heed_positions_and_masks_are_packed_and_others_are_not(kind, packs):
    tried = CausalNetwork(network(kind, 300), PIECES, None)
    assert (tried.packs, tried.causal) == (packs, True)


def test_a_window_is_noticed_that_only_long_sentences_feel():
    tried = [CausalNetwork(network("sliding", 300, sliding_window=size), PIECES, None) for size in (120, 128)]
    assert [each.packs for each in tried] == [False, True]


def test_one_that_cannot_be_packed_says_so(cutter, capsys):
    HfModel("hf:bloom", cutter, network("bloom", len(cutter)))
    assert capsys.readouterr().err == (
        "hf:bloom: cannot be asked about many sentences in one row. Scores are the same, and take longer.\n"
    )
    HfModel("hf:gpt2", cutter, network("gpt2", len(cutter)))
    assert capsys.readouterr().err == ""


def test_one_that_looks_ahead_is_refused(cutter):
    with pytest.raises(LrdBenchError, match="hf:bert: its scores depend on what follows"):
        HfModel("hf:bert", cutter, network("bert", len(cutter)))


def test_one_that_cannot_be_asked_is_one_message(cutter, monkeypatch):
    model = network("gpt2", len(cutter))
    monkeypatch.setattr(model, "forward", lambda **_: 1 / 0)
    with pytest.raises(LrdBenchError, match=r"^hf:broken: asking it failed: ZeroDivisionError: division by zero"):
        HfModel("hf:broken", cutter, model)


@pytest.mark.parametrize("longest", [1, 2, 5, 200])
def test_models_that_read_little_are_tried_with_little(longest):
    tried = CausalNetwork(network("gpt2", 300, n_positions=longest), PIECES, longest)
    assert (tried.packs, tried.causal) == (True, True)


def test_each_prefix_is_read_once_and_only_as_far_as_it_is_asked_about(read):
    scorer, shapes = read
    beginning = ["The", "keys", "to", "the", "cabinet"]  # a piece each
    sentences = [[*beginning, f"{word}"] for word in ("The", "keys", "to", "the", "cabinet", "rusty", "fit")]
    scorer.logprobs([*sentences, [*beginning, "the", "keys"]], [[5]] * 7 + [[6]])
    assert shapes == [(1, 7)]  # BOS, the beginning, and *the* of the last


def test_many_prefixes_are_read_in_rows_of_some_hundreds(cutter, read):
    scorer, shapes = read
    rng = np.random.default_rng(0)
    sentences = [["The", *rng.choice(["keys", "to", "the", "cabinet"], 9)] for _ in range(100)]
    scorer.logprobs(sentences)
    prefixes = {tuple(words[:number]) for words in sentences for number in range(10)}
    assert len(prefixes) <= sum(time for _, time in shapes) <= 1.1 * len(prefixes)
    assert all(batch == 1 and ROW_NODES - 9 < time <= ROW_NODES for batch, time in shapes[:-1])


@pytest.mark.parametrize("kind", ["gpt2", "sliding"])
def test_sentences_longer_than_what_was_tried_are_asked_about_by_themselves(cutter, kind):
    settings = {"sliding_window": DEEPEST + 9} if kind == "sliding" else {}
    model = network(kind, len(cutter), **settings)
    scorer = HfModel("hf:small", cutter, model)
    rng = np.random.default_rng(1)
    words = rng.choice(["The", "keys", "to", "the", "cabinet"], DEEPEST + 80).tolist()
    sentences = [words, words[:DEEPEST], words[: DEEPEST + 1], [*words[:50], "rusty"], words]
    sums = [sum(row) for row in scorer.logprobs(sentences)]
    assert sums == pytest.approx([text_logprob(cutter, model, sentence) for sentence in sentences], rel=1e-6)


@pytest.mark.gpu
def test_a_gpu_gives_the_same_scores(cutter):
    sentences = [["The", "keys", "to", "the", "cabinet", "are"], ["The", "boy"], []]
    model = network("gpt2", len(cutter))
    here = HfModel("hf:small", cutter, model).logprobs(sentences)
    there = HfModel("hf:small", cutter, model.to("cuda")).logprobs(sentences)
    assert there == [pytest.approx(row, abs=1e-4) for row in here]
