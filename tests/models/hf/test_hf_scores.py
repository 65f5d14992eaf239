"""Scores of words: against transformers' own loss and against minicons, and what a language model promises."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrd_bench.errors import LrdBenchError

pytest.importorskip("transformers", reason="transformers is not installed: pip install 'lrd-bench[hf]'")

from hf_making import SENTENCES, network, text_logprob, tokeniser

from lrd_bench.models.hf import HfModel
from lrd_bench.models.hf.text import running_text

NATS = 1e-5
CUTTERS = ["bytes", "bytes-trim", "across", "unigram", "wordpiece"]
PACKED = ["gpt2", "llama", "neox", "opt", "qwen2", "gemma2"]
NOT_PACKED = ["sliding", "bloom", "local", "mamba"]


@pytest.fixture(scope="module")
def cutter():
    return tokeniser("bytes")


@pytest.fixture(scope="module")
def gpt2(cutter):
    return network("gpt2", len(cutter))


@pytest.fixture(scope="module")
def scorer(cutter, gpt2):
    return HfModel("hf:small", cutter, gpt2)


def one_by_one(cutter, model, words):
    """By how much each word lets the text's log-probability grow, from transformers' loss of each text alone."""
    texts = [text_logprob(cutter, model, words[:number]) for number in range(len(words) + 1)]
    return [after - before for before, after in pairwise(texts)]


def close(numbers, abs=NATS):
    return [pytest.approx(row, abs=abs) for row in numbers]


@pytest.mark.parametrize("kind", CUTTERS)
def test_a_word_s_score_is_by_how_much_the_text_s_log_probability_grows_with_it(kind):
    cutter = tokeniser(kind)
    model = network("gpt2", len(cutter))
    expected = [one_by_one(cutter, model, words) for words in SENTENCES]
    assert HfModel("hf:small", cutter, model).logprobs(SENTENCES) == close(expected, abs=1e-4)


@pytest.mark.parametrize("kind", PACKED + NOT_PACKED)
def test_models_of_all_kinds_score_a_text_as_their_own_loss_does(cutter, kind):
    model = network(kind, len(cutter))
    expected = [text_logprob(cutter, model, words) for words in SENTENCES]
    sums = [sum(row) for row in HfModel(f"hf:{kind}", cutter, model).logprobs(SENTENCES)]
    assert sums == pytest.approx(expected, rel=1e-6, abs=NATS)


def test_scores_are_minicons_s(cutter, gpt2, scorer):
    minicons = pytest.importorskip("minicons.scorer", reason="minicons is not installed: pip install minicons")
    with pytest.warns(UserWarning, match="pad_token_id"):
        theirs = minicons.IncrementalLMScorer(gpt2, "cpu", tokenizer=tokeniser("bytes"))
    sentences = [words for words in SENTENCES[:5] if words]
    texts = [running_text(words).text for words in sentences]
    sums = theirs.sequence_score(texts, reduction=lambda row: row.sum(0).item(), bos_token=True)
    ours = scorer.logprobs(sentences)
    assert [sum(row) for row in ours] == pytest.approx(sums, abs=1e-4)
    [pieces] = theirs.token_score(texts[:1], bos_token=True)
    assert ours[0][:2] == pytest.approx([score for _, score in pieces[1:3]], abs=1e-4)
    assert [piece for piece, _ in pieces[1:3]] == ["The", "Ġkeys"]


WORDS = st.lists(st.sampled_from(sorted({word for sentence in SENTENCES for word in sentence})), max_size=9)


@settings(max_examples=30, deadline=None)
@given(sentences=st.lists(WORDS, max_size=12))
def test_what_stands_beside_a_sentence_changes_no_score(scorer, sentences):
    alone = [scorer.logprobs([words], end=True)[0] for words in sentences]
    assert scorer.logprobs(sentences, end=True) == close(alone)


@settings(max_examples=30, deadline=None)
@given(words=WORDS)
def test_what_follows_a_word_changes_no_score(scorer, words):
    [whole] = scorer.logprobs([words])
    for number in range(len(words)):
        assert scorer.logprobs([words[:number]]) == close([whole[:number]])


@settings(max_examples=30, deadline=None)
@given(words=WORDS, data=st.data())
def test_a_word_asked_for_alone_has_the_score_that_it_has_among_all(scorer, words, data):
    wanted = sorted(data.draw(st.sets(st.sampled_from(range(len(words)))) if words else st.just(set())))
    [whole] = scorer.logprobs([words], end=True)
    expected = [whole[position] for position in (*wanted, len(words))]
    assert scorer.logprobs([words], [wanted], end=True) == close([expected])


def test_the_end_is_eos_after_the_whole_text(cutter, gpt2, scorer):
    words = SENTENCES[2]
    with_end = text_logprob(cutter, gpt2, words) + scorer.logprobs([words], [[]], end=True)[0][0]
    pieces = cutter(running_text(words).text)["input_ids"]
    import torch

    ids = torch.tensor([[0, *pieces, cutter.eos_token_id]])
    assert with_end == pytest.approx(-gpt2(ids, labels=ids).loss.item() * (len(pieces) + 1), rel=1e-6)


def test_the_probabilities_of_all_that_may_come_next_sum_to_one():
    cutter = tokeniser("words", bos_token="<s>", eos_token="</s>")
    model = HfModel("hf:words", cutter, network("gpt2", len(cutter)))
    before = ["The", "keys"]
    others = [word for word in cutter.get_vocab() if word not in ("</s>", "<unk>")]
    chances = [math.exp(row[-1]) for row in model.logprobs([[*before, word] for word in [*others, "unheard-of"]])]
    [[*_, end]] = model.logprobs([before], end=True)
    assert sum(chances) + math.exp(end) == pytest.approx(1, abs=1e-5)


def test_the_beginning_is_eos_where_there_is_no_bos(cutter, gpt2, scorer):
    without_bos = tokeniser("bytes", eos_token="<|endoftext|>")
    model = HfModel("hf:small", without_bos, gpt2)
    assert model.logprobs(SENTENCES, end=True) == scorer.logprobs(SENTENCES, end=True)
    assert (scorer.conventions, model.conventions) == ("hf:bos,space", "hf:eos,space")


def test_without_bos_and_eos_the_first_word_has_no_score_and_no_text_ends():
    import torch

    cutter = tokeniser("bytes", pad_token="<pad>")
    network_ = network("gpt2", len(cutter))
    model = HfModel("hf:small", cutter, network_)
    [[first, *others], []] = model.logprobs([["The", "keys", "to", "the", "cabinet"], []])
    assert model.conventions == "hf:none,space"
    assert math.isnan(first)
    ids = torch.tensor([cutter("The keys to the cabinet")["input_ids"]])
    assert sum(others) == pytest.approx(-network_(ids, labels=ids).loss.item() * (ids.shape[1] - 1), rel=1e-6)
    with pytest.raises(LrdBenchError, match="hf:small: its tokeniser has no EOS"):
        model.logprobs([["The"]], end=True)


def test_a_sentence_longer_than_the_model_reads_is_one_message(cutter):
    model = HfModel("hf:short", cutter, network("gpt2", len(cutter), n_positions=12))
    fitting = ["The"] + ["keys"] * 11
    assert len(cutter(" ".join(fitting))["input_ids"]) == 12  # of which the last is not read
    assert len(model.logprobs([fitting])[0]) == 12
    with pytest.raises(LrdBenchError, match=r"hf:short: reads at most 12 pieces .* 'The keys .*' takes 13\. Leave"):
        model.logprobs([["The"], [*fitting, "keys"]])
    assert len(model.logprobs([[*fitting, "keys"]], [[3]])[0]) == 1


def test_words_that_cannot_be_spelt_are_unknown_and_all_are_known_to_a_model_of_bytes(scorer):
    words = tokeniser("words", bos_token="<s>")
    model = HfModel("hf:words", words, network("gpt2", len(words)))
    assert ("rusty" in model.vocabulary, "rusted" in model.vocabulary) == (True, False)
    assert scorer.vocabulary is None


def test_wanted_positions_that_are_not_there_are_refused(scorer):
    with pytest.raises(ValueError, match="count from 0"):
        scorer.logprobs([["The"]], [[1]])
    with pytest.raises(TypeError, match="is a string"):
        scorer.logprobs(["The keys"])
