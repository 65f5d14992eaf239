"""Pieces of words: what the text up to each word is cut into."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrd_bench.models.hf.pieces import KnownPieces, read_sentences

pytest.importorskip("transformers", reason="transformers is not installed: pip install 'lrd-bench[hf]'")

from hf_making import SENTENCES, tokeniser

KINDS = ["bytes", "bytes-trim", "across", "unigram", "wordpiece", "words"]


@pytest.fixture(scope="module")
def cutters():
    return {kind: tokeniser(kind) for kind in KINDS}


def spelt(cutter, pieces):
    return " ".join(cutter.convert_ids_to_tokens(pieces))


@pytest.mark.parametrize("kind", ["bytes", "bytes-trim"])
def test_white_space_goes_with_the_word_after_it(cutters, kind):
    [reading] = read_sentences(cutters[kind], [["The", "keys", "to", ",", "z", "rusty"]])
    cuts = [spelt(cutters[kind], reading.up_to(words)) for words in range(7)]
    assert cuts == [
        "",
        "The",
        "The Ġkeys",
        "The Ġkeys Ġto",
        "The Ġkeys Ġto ,",
        "The Ġkeys Ġto , Ġ z",
        "The Ġkeys Ġto , Ġ z Ġrusty",
    ]


def test_a_word_that_ends_inside_a_piece_is_cut_as_if_the_text_ended_there(cutters):
    [reading] = read_sentences(cutters["across"], [["The", "keys", "to", "the", "cabinet"]])
    cuts = [spelt(cutters["across"], reading.up_to(words)) for words in range(1, 6)]
    assert cuts == ["▁ T h e", "▁The▁key s", "▁The▁key s ▁to", "▁The▁key s ▁to ▁t h e", "▁The▁keys▁to▁the▁cabin et"]


def test_special_symbols_in_a_text_are_no_special_symbols(cutters):
    [reading] = read_sentences(cutters["bytes"], [["<|endoftext|>"]])
    assert cutters["bytes"].eos_token_id not in reading.pieces
    assert cutters["bytes"].decode(reading.pieces) == "<|endoftext|>"


WORDS = st.lists(st.sampled_from(sorted({word for sentence in SENTENCES for word in sentence} | {"", "the keys"})))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(words=WORDS)
def test_what_follows_changes_nothing_in_how_the_text_before_is_cut(cutters, kind, words):
    [reading] = read_sentences(cutters[kind], [words])
    beginnings = read_sentences(cutters[kind], [words[:number] for number in range(len(words) + 1)])
    assert [reading.up_to(number) for number in range(len(words) + 1)] == [each.pieces for each in beginnings]


def test_a_word_is_known_that_can_be_spelt(cutters):
    assert "rusty" in KnownPieces(cutters["words"])
    assert "rusted" not in KnownPieces(cutters["words"])
    assert "rusted" in KnownPieces(cutters["unigram"])
    assert "🙂" not in KnownPieces(cutters["unigram"])


def test_a_string_is_no_sentence(cutters):
    with pytest.raises(TypeError, match="is a string"):
        read_sentences(cutters["bytes"], ["The keys"])
