"""Pruning by count: what is left out, and what becomes of its probability."""

import itertools
import math
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from lrd_bench.models.ngram import NgramModel, read_arpa
from lrd_bench.models.recipes import NgramSettings
from lrd_bench.vocabulary import BOS, EOS, build_vocabulary

SMOOTHINGS = [
    "modified-kneser-ney",
    "kneser-ney",
    "absolute-discounting",
    "witten-bell",
    "jelinek-mercer",
    "add-k",
    "maximum-likelihood",
    "stupid-backoff",
]

TEXT = [["a", "b"], ["a", "b"], ["a", "c"]]


def estimated(text, **shape) -> NgramModel:
    return NgramModel.estimate(text, build_vocabulary(text), NgramSettings(**shape))


def log10s(model: NgramModel) -> dict[str, tuple[float, float | None]]:
    """N-gram → log10 of its probability and of its backoff."""
    return {" ".join(words): (probability, backoff) for words, probability, backoff in model.ngrams()}


def test_what_is_pruned_goes_by_the_shorter_context():
    # The bigrams are 3 <s> a, 2 a b, 1 a c, 2 b </s> and 1 c </s>, of which those that occur once go. Discounts are
    # those of the whole text: 1/3, 3/2 and 3 for bigrams, 1/2, 1 and 3/2 for words, so that p(b) = p(c) = 1/5 and
    # p(</s>) = 3/10 (see test_smoothing). What a leaves to shorter contexts is (1/3 + 3/2) / 3 and, with what was c's,
    # (1 - 1/3) / 3 more: 5/6 in all. c leaves all.
    model = estimated(TEXT, order=2, prune=[0, 1])
    probabilities = {
        "<s> a": 1 / 5,  # all of it is taken, and left to p(a)
        "a b": (2 - 3 / 2) / 3 + 5 / 6 * 1 / 5,
        "b </s>": (2 - 3 / 2) / 2 + 3 / 4 * 3 / 10,
        "a": 1 / 5,
        "b": 1 / 5,
        "c": 1 / 5,
        "</s>": 3 / 10,
        "<unk>": 1 / 10,
    }
    backoffs = {"<s>": 1, "a": 5 / 6, "b": 3 / 4, "c": 1, "</s>": 1, "<unk>": 1}
    entries = log10s(model)
    assert entries.keys() == {*probabilities, BOS}
    for gram, expected in probabilities.items():
        assert entries[gram][0] == pytest.approx(math.log10(expected), abs=1e-6)
    for gram, expected in backoffs.items():
        assert entries[gram][1] == pytest.approx(math.log10(expected), abs=1e-6)
    assert model.logprobs([["a", "c"]])[0][1] == pytest.approx(math.log(5 / 6 * 1 / 5), abs=1e-6)


def test_stupid_backoff_takes_what_is_pruned_for_unseen():
    model = estimated(TEXT, order=2, smoothing="stupid-backoff", prune=[0, 1])
    b, c = (model.logprobs([["a", word]])[0][1] for word in ("b", "c"))
    assert b == pytest.approx(math.log(2 / 3), abs=1e-6)  # as often as before
    assert c == pytest.approx(math.log(0.4 * 1 / 9), abs=1e-6)


words = st.sampled_from("aaaabbbcde")
texts = st.lists(st.lists(words, max_size=8), min_size=1, max_size=20)
limits = st.lists(st.integers(0, 3), max_size=4).map(lambda rest: (0, *sorted(rest)))


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@settings(deadline=None, max_examples=40)
@given(text=texts, limits=limits, order=st.integers(1, 5))
def test_exactly_the_ngrams_above_the_limit_are_left(smoothing, text, limits, order):
    counts = Counter()
    for sentence in text:
        symbols = (BOS, *sentence, EOS)
        for n in range(2, order + 1):
            counts.update(symbols[at : at + n] for at in range(len(symbols) - n + 1))
    limit = [limits[min(n, len(limits)) - 1] for n in range(1, order + 1)]
    model = estimated(text, order=order, smoothing=smoothing, prune=limits[:order])
    grams = [ngram.words for ngram in model.ngrams()]
    longer = {gram for gram in grams if len(gram) > 1}
    assert longer == {gram for gram, count in counts.items() if count > limit[len(gram) - 1]}
    assert {gram for (gram,) in set(grams) - longer} == set(model.vocabulary.words)
    assert len(grams) == len(set(grams))
    # Looking up relies on this: what a longer n-gram holds is there.
    assert {gram[1:] for gram in longer} | {gram[:-1] for gram in longer} <= set(grams)


@settings(deadline=None, max_examples=40)
@given(text=texts, limits=limits, order=st.integers(1, 5))
def test_pruning_nothing_changes_nothing(text, limits, order):
    most = max(Counter(word for sentence in text for word in [*sentence, BOS]).values())
    arrays = estimated(text, order=order).arrays()
    none = estimated(text, order=order, prune=([0] * len(limits))[:order]).arrays()
    assert arrays.keys() == none.keys()
    assert all(np.array_equal(array, none[name]) for name, array in arrays.items())
    only_words = estimated(text, order=order, prune=[0, most][:order])
    assert [len(table.words) for table in only_words.tables[1:]] == [0] * (order - 1)


def test_the_last_limit_holds_for_all_longer_ngrams():
    text = [list("abcabcabd")] * 2 + [list("dcba")]
    short, long = (estimated(text, order=4, prune=limits) for limits in ([0, 1], [0, 1, 1, 1]))
    assert log10s(short) == log10s(long)


@pytest.mark.parametrize("limits", [[1], [1, 1], [0, 2, 1], [0, -1], [0, 0.5]])
def test_limits_that_would_leave_a_longer_ngram_without_its_shorter_ones_are_refused(limits):
    with pytest.raises(ValidationError):
        NgramSettings(prune=limits)


def test_lmplz_loses_the_backoffs_after_the_one_of_an_unfinished_line_and_so_do_we(tmp_path):
    # Nothing follows c b, which stands before b c when n-grams are compared from the last word backwards. As lmplz
    # (4cb443e) writes it with -o 3 --prune 0 0 1 --discount_fallback; by the formula, c has half a chance to go on.
    (tmp_path / "text").write_text("a b c a b c a\nc b")
    for quirks, after_b_c in ((True, 0), (False, -0.30103)):
        shape = NgramSettings(order=3, prune=(0, 0, 1), lmplz_quirks=quirks)
        entries = log10s(NgramModel.from_text(tmp_path / "text", shape))
        backoffs = {gram: backoff for gram, (_, backoff) in entries.items() if gram.count(" ") == 1 and backoff}
        expected = {"a b": -0.30103, "b c": after_b_c}
        assert backoffs == pytest.approx({gram: backoff for gram, backoff in expected.items() if backoff}, abs=1e-6)


# -- against lmplz -----------------------------------------------------------------------------------------------------


def by_lmplz(text: Path, limits: list[int], order: int, *options: str) -> NgramModel:
    lmplz = shutil.which("lmplz")
    if lmplz is None:
        pytest.skip("KenLM's lmplz is not on the PATH: put it there to compare pruned models with its own")
    arpa = text.with_suffix(".arpa")
    prune = ["--prune", *map(str, limits[:order])] if limits else []
    command = [lmplz, "-o", str(order), "-S", "200M", "-T", str(text.parent), *prune, *options]
    subprocess.run(
        [*command, "--text", str(text), "--arpa", str(arpa)], check=True, stdin=subprocess.DEVNULL, capture_output=True
    )
    return read_arpa(arpa)


def assert_same(model: NgramModel, lmplzs: NgramModel) -> None:
    ours, theirs = log10s(model), log10s(lmplzs)
    assert ours.keys() == theirs.keys()
    for gram, (probability, backoff) in theirs.items():
        assert ours[gram][0] == pytest.approx(probability, abs=1e-5)
        assert (ours[gram][1] or 0) == pytest.approx(backoff or 0, abs=1e-5)


@pytest.mark.parametrize("limits", [[0, 1], [0, 0, 1], [0, 0, 1, 2], [0, 1, 1, 3, 3]])
def test_a_pruned_model_is_lmplz_s_on_real_text(data, tmp_path, limits):
    text = tmp_path / "text"
    shutil.copy(data / "text" / "small" / "train.txt", text)
    model = NgramModel.from_text(text, NgramSettings(order=5, discount_fallback=False, prune=limits))
    assert_same(model, by_lmplz(text, limits, 5))


@pytest.mark.parametrize("limits", [[], [0, 1], [0, 0, 1], [0, 0, 1, 2]])
@pytest.mark.parametrize("end", ["\n", ""])
def test_a_pruned_model_of_little_text_is_lmplz_s_whether_its_last_line_ends_or_not(tmp_path, limits, end):
    rng = np.random.default_rng(0)
    for number, order in itertools.product(range(5), (2, 4)):
        lines = [" ".join(rng.choice(list("aaabbcd"), size=rng.integers(0, 9))) for _ in range(20)]
        text = tmp_path / f"{number}-{order}"
        text.write_text("\n".join([*lines, "d a b d"]) + end)
        model = NgramModel.from_text(text, NgramSettings(order=order, prune=limits[:order]))
        assert_same(model, by_lmplz(text, limits, order, "--discount_fallback"))
