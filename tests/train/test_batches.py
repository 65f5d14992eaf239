import itertools

import torch
from networks import encode

from lrd_bench.models.neural import batch_bounds
from lrd_bench.train.batches import Batch, Share, make_batch, sentence_batches
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
