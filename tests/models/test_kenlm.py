"""KenLM's own module as a model: what it says, word by word, and what it must not make of odd words."""

import math
import sys
from pathlib import Path

import pytest

from lrd_bench.corpus import read_sentences
from lrd_bench.errors import LrdBenchError
from lrd_bench.models.kenlm import KenlmModel
from lrd_bench.models.ngram.arpa import read_arpa
from lrd_bench.vocabulary import BOS, EOS, UNK

TOY = """\\data\\
ngram 1=6
ngram 2=2

\\1-grams:
-1.5\t<unk>\t0
0\t<s>\t-0.5
-0.8\t</s>\t0
-0.6\tkeys\t-0.25
-0.7\tare\t0
-0.9\ta\x0bb\t0

\\2-grams:
-0.3\t<s> keys
-0.2\tkeys are

\\end\\
"""


@pytest.fixture(scope="module")
def kenlm():
    return pytest.importorskip("kenlm", reason="the kenlm module is not installed: pip install kenlm")


@pytest.fixture
def toy(kenlm, tmp_path: Path) -> KenlmModel:
    (tmp_path / "toy.arpa").write_text(TOY)
    return KenlmModel(tmp_path / "toy.arpa")


def log10(*numbers: float) -> object:
    return pytest.approx([number * math.log(10) for number in numbers], abs=1e-6)


def test_scores_are_natural_logarithms_of_what_the_file_says(toy):
    [scores, ends] = toy.logprobs([["keys", "are"], []], end=True)
    assert scores == log10(-0.3, -0.2, -0.8)
    assert ends == log10(-0.5 - 0.8)
    assert toy.logprobs([["keys", "are"]]) == [log10(-0.3, -0.2)]
    assert toy.context == 1


def test_only_the_wanted_positions_are_answered_with_the_scores_that_they_have_among_all(toy):
    sentences = [["keys", "are", "keys"], ["are"], ["keys"]]
    everything = toy.logprobs(sentences, end=True)
    assert toy.logprobs(sentences, wanted=[[1, 2], [], [0]]) == [everything[0][1:3], [], everything[2][:1]]
    assert toy.logprobs(sentences, wanted=[[0], [], []], end=True) == [
        [everything[0][0], everything[0][3]],
        everything[1][1:],
        everything[2][1:],
    ]


@pytest.mark.parametrize("odd", ["", "keys are", "keys\tare", "keys\n", "keys\0", BOS, EOS, "\ud800", "door", UNK])
def test_what_is_no_word_is_one_unknown_word(toy, odd):
    assert toy.logprobs([["keys", odd, "are"]], end=True) == [log10(-0.3, -0.25 - 1.5, -0.7, -0.8)]
    assert odd not in toy.vocabulary


def test_a_word_is_what_is_between_the_bytes_that_part_words_for_kenlm(toy):
    assert toy.logprobs([["a\x0bb"]]) == [log10(-0.5 - 0.9)]
    assert "a\x0bb" in toy.vocabulary
    assert "keys" in toy.vocabulary


def test_kenlm_and_we_read_a_file_alike(data, kenlm):
    path = data / "oracles" / "kenlm" / "small.o5.arpa.gz"
    theirs, ours = KenlmModel(path), read_arpa(path)
    held_out = list(read_sentences(data / "text" / "small" / "valid.txt"))
    assert theirs.logprobs(held_out, end=True) == ours.logprobs(held_out, end=True)
    assert theirs.context == ours.context
    words = {word for sentence in held_out for word in sentence}
    assert {word for word in words if word in theirs.vocabulary} == {word for word in words if word in ours.vocabulary}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"", "KenLM cannot read it (End of file)"),
        (TOY.encode()[:80], "KenLM cannot read it (End of file"),
        (b"the keys\nare rusty\n", 'KenLM cannot read it (first non-empty line was "the keys" not \\data\\.)'),
        (b"\xff\xfe\n", "KenLM cannot read it (it holds no text)"),
        (
            TOY.replace("-0.2\tkeys", "-0.2\tdoor").encode(),
            "KenLM cannot read it (Word door was not seen in the unigrams",
        ),
        (TOY.replace("ngram 1=", "ngram 1=-").encode(), "a count in the header is negative."),
        (b"mmap lm http://kheafield.com/code format version 5\n\0", "KenLM cannot read it ("),
    ],
)
def test_what_kenlm_cannot_read_is_one_message(kenlm, tmp_path, content, message):
    path = tmp_path / "broken.arpa"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LrdBenchError) as caught:
        KenlmModel(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_without_the_module_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kenlm", None)
    with pytest.raises(LrdBenchError, match=r"pip install 'lrd-bench\[kenlm\]'.*arpa:FILE"):
        KenlmModel(tmp_path / "toy.arpa")
