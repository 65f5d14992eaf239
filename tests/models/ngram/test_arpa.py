"""ARPA files: against the format's rules by hand, against KenLM, and what is written is what is read."""

import gzip
import math
import re
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrd_bench.corpus import read_sentences
from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram import NgramModel
from lrd_bench.models.ngram.arpa import lines, read_arpa, write_arpa
from lrd_bench.models.recipes import NgramSettings
from lrd_bench.score import score_text
from lrd_bench.vocabulary import build_vocabulary

SMALL = """\\data\\
ngram 1=5
ngram 2=4
ngram 3=1

\\1-grams:
-1.5\t<unk>\t0
0\t<s>\t-0.5
-0.8\t</s>\t0
-0.6\tkeys\t-0.25
-0.7\tare\t-0.125

\\2-grams:
-0.3\t<s> keys\t-0.75
-0.2\tkeys are\t-0.0625
-1.1\tare <unk>\t0
-0.4\tare </s>\t0

\\3-grams:
-0.1\t<s> keys are

\\end\\
"""

# Worked by hand: the longest n-gram that is listed, and the backoffs of the contexts that it leaves out.
SMALL_SCORES = [
    (["keys", "are"], [-0.3, -0.1, -0.0625 - 0.4]),
    (["are", "keys"], [-0.5 - 0.7, -0.125 - 0.6, -0.25 - 0.8]),
    (["are", "door"], [-0.5 - 0.7, -1.1, -0.8]),
    (["keys", "keys"], [-0.3, -0.75 - 0.25 - 0.6, -0.25 - 0.8]),
]


def read(text: str | bytes) -> NgramModel:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.arpa"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_arpa(path)


def written(model: NgramModel, name: str = "model.arpa") -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_arpa(model, path)
        assert [other.name for other in path.parent.iterdir()] == [name]
        return path.read_bytes()


def log10_scores(model: NgramModel, sentence: list[str]) -> list[float]:
    return [score / math.log(10) for score in model.logprobs([sentence], end=True)[0]]


def numbers(model: NgramModel) -> list[np.ndarray]:
    tables = [(table.words, table.starts, table.log10_probs, table.log10_backoffs) for table in model.tables]
    return [array for table in tables for array in table if array is not None]


def assert_same(one: NgramModel, other: NgramModel) -> None:
    """The same words and tables, to the last bit."""
    assert one.vocabulary.words == other.vocabulary.words
    assert len(one.tables) == len(other.tables)
    for left, right in zip(numbers(one), numbers(other), strict=True):
        assert left.dtype == right.dtype
        assert left.tobytes() == right.tobytes()


def entries(text: bytes) -> dict[tuple[str, ...], tuple[float, float]]:
    """n-gram → log10 probability and backoff of an ARPA file, read in the plainest way."""
    found = {}
    for line in text.decode().split("\n"):
        fields = line.split("\t")
        if len(fields) > 1:
            found[tuple(fields[1].split(" "))] = float(fields[0]), float(fields[2]) if len(fields) > 2 else 0.0
    return found


# -- reading -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sentence", "scores"), SMALL_SCORES)
def test_a_word_has_the_probability_of_the_longest_ngram_or_backs_off_to_a_shorter(sentence, scores):
    assert log10_scores(read(SMALL), sentence) == pytest.approx(scores, abs=1e-6)


def test_a_model_has_the_words_of_the_file_in_its_order_after_the_special_ones():
    model = read(SMALL.replace("-1.5\t<unk>\t0\n", "").replace("are\t-0.125\n", "are\t-0.125\n-1.5\t<unk>\t0\n"))
    assert model.vocabulary.words == ("<unk>", "<s>", "</s>", "keys", "are")
    assert set(model.vocabulary.counts) == {0}
    assert model.context == 2
    assert_same(model, read(SMALL))


def shuffled(text: str) -> str:
    """The n-grams above 1 in another order."""
    return text.replace("-0.3\t<s> keys\t-0.75\n", "").replace("\n\\3-grams", "-0.3\t<s> keys\t-0.75\n\n\\3-grams")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.encode(),
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n \n",
        lambda text: text.replace("\t", " "),
        lambda text: text.replace(" ", "\t"),
        lambda text: text.replace("\t", " \t\t ").replace("\n-", "\n  -"),
        lambda text: text.replace("\t0\n", "\n"),
        lambda text: text.replace("<s> keys are\n", "<s> keys are\t0\n"),
        lambda text: text.replace("<s> keys are\n", "<s> keys are -0.0\n"),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: "# a comment\n\n" + text,
        lambda text: "made by hand\nngram 1=7\n" + text,
        lambda text: "\ufeff" + text,
        lambda text: text.replace("ngram 1=5", "ngram  1 = 5"),
        lambda text: text.replace("0\t<s>", "-99\t<s>"),
        lambda text: text.replace("0\t<s>", "0.5\t<s>"),
        lambda text: text.replace("0\t<s>", "-inf\t<s>"),
        lambda text: (
            text.replace("-0.3", "-3e-1").replace("-0.2\t", "-.2E0\t").replace("-0.4", "-0.4000000000000000000")
        ),
        lambda text: text.replace("<unk>", "<UNK>"),
        shuffled,
    ],
)
def test_what_is_written_otherwise_is_the_same_model(change, capsys):
    assert_same(read(change(SMALL)), read(SMALL))
    assert capsys.readouterr().err == ""


def test_words_are_what_is_between_the_bytes_that_part_words_for_kenlm():
    words = ["a\x0bb", "a\x0cb", "a\u00a0b", "a\u3000b", "a\u2028b", "a\x85b", "é", "漢字", "\\end\\", "#", "1"]
    unigrams = "".join(f"-1\t{word}\t0\n" for word in words)
    model = read(f"\\data\\\nngram 1={len(words)}\n\n\\1-grams:\n{unigrams}\n\\end\\\n")
    assert model.vocabulary.words[3:] == tuple(words)
    assert read(written(model)).vocabulary == model.vocabulary


def test_without_an_unknown_word_the_vocabulary_is_closed():
    closed = SMALL.replace("-1.5\t<unk>\t0\n", "").replace("-1.1\tare <unk>\t0\n", "")
    model = read(closed.replace("ngram 1=5", "ngram 1=4").replace("ngram 2=4", "ngram 2=3"))
    assert log10_scores(model, ["are", "door"]) == pytest.approx([-0.5 - 0.7, -math.inf, -0.8])
    assert log10_scores(model, ["keys", "are"]) == pytest.approx(SMALL_SCORES[0][1], abs=1e-6)


def test_a_capital_unk_beside_the_unknown_word_is_a_word_like_others():
    model = read(SMALL.replace("ngram 1=5", "ngram 1=6").replace("-0.6\tkeys", "-2\t<UNK>\n-0.6\tkeys"))
    assert log10_scores(model, ["<UNK>", "door"]) == pytest.approx([-0.5 - 2, -1.5, -0.8])


def test_without_an_end_of_sentences_none_ends():
    endless = SMALL.replace("-0.8\t</s>\t0\n", "").replace("-0.4\tare </s>\t0\n", "")
    model = read(endless.replace("ngram 1=5", "ngram 1=4").replace("ngram 2=4", "ngram 2=3"))
    assert log10_scores(model, ["keys", "are"]) == pytest.approx([-0.3, -0.1, -math.inf])


def test_a_word_can_be_impossible():
    model = read(SMALL.replace("-0.6\tkeys", "-inf\tkeys"))
    assert log10_scores(model, ["are", "keys"])[1] == -math.inf
    assert log10_scores(model, ["keys"])[0] == pytest.approx(-0.3)


def test_log_probabilities_above_0_are_taken_for_0_and_that_is_said(tmp_path, capsys):
    path = tmp_path / "irstlm.arpa"
    path.write_text(SMALL.replace("-0.7\tare", "0.25\tare").replace("-0.4\tare", "1e-3\tare"))
    model = read_arpa(path)
    assert log10_scores(model, ["are"])[1] == pytest.approx(0)
    expected = "above 0, the first of 2. They are taken for 0; the file is no distribution, and has no perplexity.\n"
    assert capsys.readouterr().err == f"{path}:11: a log10 probability {expected}"
    assert not model.normalised
    with pytest.raises(LrdBenchError, match="do not sum to one"):
        write_arpa(model, tmp_path / "again.arpa")


def test_an_order_may_have_no_ngrams():
    empty = SMALL.replace("ngram 3=1", "ngram 3=0").replace("-0.1\t<s> keys are\n", "")
    model = read(empty)
    assert log10_scores(model, ["keys", "are"]) == pytest.approx([-0.3, -0.75 - 0.2, -0.0625 - 0.4])
    assert_same(read(written(model)), model)


def test_a_model_of_single_words_is_read_and_written():
    text = SMALL[: SMALL.index("\\2-grams")].replace("ngram 2=4\nngram 3=1\n", "") + "\\end\\\n"
    model = read(re.sub("(?m)\t[-.0-9]+$", "", text))
    assert model.context == 0
    assert log10_scores(model, ["keys", "door"]) == pytest.approx([-0.6, -1.5, -0.8])
    assert_same(read(written(model)), model)


@settings(deadline=None, max_examples=40)
@given(size=st.integers(40, 300), crlf=st.booleans(), blank=st.booleans())
def test_where_a_file_is_cut_into_blocks_does_not_matter(size, crlf, blank):
    text = SMALL.replace("\n-", "\n\n-") if blank else SMALL
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", size)
        assert_same(read(text.replace("\n", "\r\n") if crlf else text), read(SMALL))
        message = complaint(text.replace("-0.1\t<s> keys are", "-0.1\t<s> keys door"))
        assert f":{20 + 9 * blank}: the word 'door'" in message


decimals = st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{0,17})?([eE][+-]?[0-9]{1,2})?|-\.[0-9]{1,17}", fullmatch=True)


@settings(deadline=None, max_examples=300)
@given(st.lists(decimals, min_size=1, max_size=20))
def test_numbers_are_read_to_the_nearest_32_bit_float(texts):
    floats = np.array([float(text) for text in texts])
    with np.errstate(over="ignore"):
        floats = floats.astype(np.float32)
    entries = [(text, number) for text, number in zip(texts, floats, strict=True) if abs(number) < np.inf]
    unigrams = "".join(f"-1\tw{i}\t{text}\n" for i, (text, _) in enumerate(entries))
    model = read(
        f"\\data\\\nngram 1={len(entries)}\nngram 2=0\n\\1-grams:\n{unigrams}\\2-grams:\n\\end\\\n",
    )
    assert model.tables[0].log10_backoffs[3:].tolist() == [float(number) for _, number in entries]


# -- what was pruned ---------------------------------------------------------------------------------------------------

letters = st.sampled_from("abc")
listed = st.tuples(
    *(st.sets(st.tuples(st.sampled_from(["<s>", *"abc"]), *[letters] * (n - 1)), max_size=12) for n in (2, 3, 4))
)


def arpa_of(orders: tuple[set[tuple[str, ...]], ...]) -> str:
    """A file that lists these n-grams, with other numbers for each."""
    sections = [[("<unk>",), ("<s>",), ("</s>",), ("a",), ("b",), ("c",)], *map(sorted, orders)]
    text = "\\data\\\n" + "".join(f"ngram {n}={len(grams)}\n" for n, grams in enumerate(sections, start=1))
    for n, grams in enumerate(sections, start=1):
        text += f"\n\\{n}-grams:\n"
        for number, gram in enumerate(grams, start=1):
            backoff = "" if n == len(sections) else f"\t{-number / 64 - n / 8}"
            text += f"{-number / 16 - n / 32}\t{' '.join(gram)}{backoff}\n"
    return text + "\n\\end\\\n"


def by_definition(entries: dict[tuple[str, ...], tuple[float, float]], words: tuple[str, ...]) -> float:
    """The log10 probability of the last word after the others."""
    if words in entries:
        return entries[words][0]
    return entries.get(words[:-1], (0, 0.0))[1] + by_definition(entries, words[1:])


@settings(deadline=None)
@given(listed, st.lists(letters, max_size=8))
def test_whichever_ngrams_are_listed_scores_are_those_of_the_definition(orders, sentence):
    text = arpa_of(orders)
    found, words = entries(text.encode()), ("<s>", *sentence, "</s>")
    expected = [by_definition(found, words[max(0, at - 3) : at + 1]) for at in range(1, len(words))]
    model = read(text)
    assert log10_scores(model, sentence) == pytest.approx(expected, abs=1e-5)
    assert log10_scores(read(written(model)), sentence) == log10_scores(model, sentence)
    grams = {gram.words for gram in model.ngrams()}
    assert all(gram[:-1] in grams and gram[1:] in grams for gram in grams if len(gram) > 1)


def test_what_is_put_in_has_the_probability_of_backing_off_and_a_backoff_of_0():
    [gram] = [
        gram for gram in read(arpa_of(({("a", "b")}, {("b", "c", "a")}, set()))).ngrams() if gram.words == ("b", "c")
    ]
    backoff_of_b, c = -5 / 64 - 1 / 8, -6 / 16 - 1 / 32
    assert (gram.log10_probability, gram.log10_backoff) == (pytest.approx(backoff_of_b + c), 0)


# -- writing -----------------------------------------------------------------------------------------------------------

sentences = st.lists(st.lists(st.sampled_from("abcdé"), max_size=6), min_size=1, max_size=12)
SMOOTHINGS = ["modified-kneser-ney", "witten-bell", "maximum-likelihood"]


def estimated(text: list[list[str]], **options: object) -> NgramModel:
    return NgramModel.estimate(text, build_vocabulary(text), NgramSettings(**options))


@settings(deadline=None)
@given(sentences, st.integers(1, 5), st.sampled_from(SMOOTHINGS))
def test_what_is_written_is_read_again_to_the_last_bit(text, order, smoothing):
    model = estimated(text, order=order, smoothing=smoothing)
    again = read(written(model))
    assert_same(again, model)
    assert written(again) == written(model)


def test_a_file_looks_as_lmplz_writes_it():
    assert written(read(SMALL)).decode() == SMALL


def test_numbers_have_as_few_digits_as_it_takes():
    text = SMALL.replace("-0.1\t", "-0.100000001490\t").replace("-0.3\t", "-1.234567e-7\t").replace("-0.2\t", "-2.50\t")
    found = entries(written(read(text)))
    assert found["<s>", "keys", "are"][0] == -0.1
    assert found["<s>", "keys"][0] == -1.234567e-7
    assert b"\n-2.5\tkeys are\t-0.0625\n" in written(read(text))


def test_a_name_that_ends_in_gz_packs_the_same_bytes_every_time():
    model = read(SMALL)
    packed = written(model, "model.arpa.gz")
    assert gzip.decompress(packed) == written(model)
    assert packed == written(model, "other.arpa.gz")


def test_a_backoff_of_nothing_at_all_is_the_lowest_number_and_is_read_as_what_it_was():
    model = estimated([["a", "b"], ["a", "c"]], order=2, smoothing="maximum-likelihood")
    text = written(model)
    assert b"\ta\t-3.4028235e+38\n" in text
    assert b"-inf" not in text.replace(b"-inf\t", b"")
    assert read(text).tables[0].log10_backoffs[3] == -np.inf


def test_a_model_is_written_whole_or_not_at_all(tmp_path):
    (tmp_path / "model.arpa").write_text("an earlier one")
    model = read(SMALL)
    object.__setattr__(model.tables[2], "log10_probs", None)  # fails after the 2-grams
    with pytest.raises(TypeError):
        write_arpa(model, tmp_path / "model.arpa")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("model.arpa", "an earlier one")]


def test_stupid_backoff_is_not_written(tmp_path):
    model = estimated([["a", "b"], ["a", "c"]], order=2, smoothing="stupid-backoff")
    with pytest.raises(LrdBenchError, match="such as stupid backoff, cannot be written as an ARPA file"):
        write_arpa(model, tmp_path / "model.arpa")
    assert list(tmp_path.iterdir()) == []


# -- bad input ---------------------------------------------------------------------------------------------------------


def complaint(text: str | bytes) -> str:
    with pytest.raises(LrdBenchError) as caught:
        read(text)
    return str(caught.value)


BAD = [
    ("ngram 1=5", "ngram 1=6", 13, "the 1-grams end after 5, but line 2 counts 6"),
    ("ngram 1=5", "ngram 1=4", 11, "a 1-gram too many: line 2 counts 4"),
    ("ngram 2=4", "ngram 2=5", 19, "the 2-grams end after 4, but line 3 counts 5"),
    ("ngram 2=4", "ngram 2=3", 17, "a 2-gram too many: line 3 counts 3"),
    ("ngram 3=1", "ngram 3=0", 20, "a 3-gram too many: line 4 counts 0"),
    ("ngram 3=1", "ngram 3=2", 22, "the 3-grams end after 1, but line 4 counts 2"),
    ("ngram 3=1\n", "", 13, "a backoff ('-0.75') for an n-gram of the highest order"),
    ("\n\\end", "-0.1\t<s> keys are\n\n\\4-grams:\n\n\\end", 21, "a 3-gram too many"),
    ("\n\\end", "\n\\4-grams:\n\n\\end", 22, r"expected '\end\', found '\\4-grams:'"),
    ("ngram 3=1", "ngram 3=1\nngram 4=1", 23, r"expected '\4-grams:', found '\\end\\'"),
    ("ngram 2=4", "ngram 3=4", 3, r"expected 'ngram 2=COUNT' or '\1-grams:', found 'ngram 3=4'"),
    ("ngram 2=4", "ngram 2=many", 3, "found 'ngram 2=many'"),
    ("ngram 2=4", "ngram 2=4294967296", 3, "more than 2147483646 n-grams of one order cannot be read"),
    ("ngram 1=5\nngram 2=4\nngram 3=1\n", "", 3, "expected 'ngram 1=COUNT'"),
    ("\\2-grams:", "\\3-grams:", 13, r"expected '\2-grams:', found '\\3-grams:'"),
    ("\\3-grams:", "\\2-grams:", 19, r"expected '\3-grams:', found '\\2-grams:'"),
    ("\\2-grams:\n", "", 13, "a 1-gram too many"),
    ("\\end\\\n", "", 22, "the file ends among the 3-grams"),
    ("\\end\\\n", "\\end\\\n\nmore\n", 24, r"'more' after '\end\'"),
    ("-0.2\tkeys", "x\tkeys", 15, "the log10 probability 'x' is not a number"),
    ("-0.2\tkeys", "nan\tkeys", 15, "the log10 probability 'nan' is not a number"),
    ("-0.2\tkeys", "-1_0\tkeys", 15, "the log10 probability '-1_0' is not a number"),
    ("-0.2\tkeys", "-\tkeys", 15, "the log10 probability '-' is not a number"),
    ("-0.2\tkeys", "-1e\tkeys", 15, "the log10 probability '-1e' is not a number"),
    ("-0.2\tkeys", "inf\tkeys", 15, "an infinite number in"),
    ("-0.0625", "-inf", 15, "an infinite number in"),
    ("-0.0625", "1e39", 15, "an infinite number in"),
    ("-0.0625", "NaN", 15, "the log10 backoff 'NaN' is not a number"),
    ("<s> keys are", "<s> keys are\t-0.5", 20, "a backoff ('-0.5') for an n-gram of the highest order"),
    ("-0.2\tkeys are", "-0.2\tkeys", 15, "the word '-0.0625' is not among the 1-grams"),
    (
        "-0.2\tkeys are",
        "-0.2\tkeys are are are",
        15,
        "expected a log10 probability, 2 words and at most a log10 backoff",
    ),
    ("-0.6\tkeys", "-0.6\told keys", 10, "expected a log10 probability, 1 word and at most a log10 backoff"),
    ("-0.2\tkeys are", "-0.2\tkeys door", 15, "the word 'door' is not among the 1-grams"),
    ("0\t<s>", "0\tbegin", 14, "the word '<s>' is not among the 1-grams"),
    ("-1.5\t<unk>", "-1.5\tunknown", 16, "the word '<unk>' is not among the 1-grams"),
    ("-0.7\tare", "-0.7\tkeys", 11, "'keys' is listed twice among the 1-grams"),
    ("-0.7\tare", "-0.7\t</s>", 11, "'</s>' is listed twice among the 1-grams"),
    ("-0.4\tare </s>", "-0.4\t<s> keys", 17, "the n-gram of line 14 once more"),
    ("-0.3\t<s>", "\n-0.3\t<s>", 15, None),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), BAD)
def test_what_is_wrong_is_told_with_its_line(old, new, line, message):
    assert SMALL.count(old) == 1
    changed = SMALL.replace(old, new)
    if message is None:  # only blank lines: nothing is wrong, but what comes after
        changed, message = changed.replace("-0.4\tare </s>", "-0.4\t<s> keys"), "line 15 once more"
        line = 18
    found = complaint(changed)
    assert f"model.arpa:{line}: " in found
    assert message in found


def test_what_is_not_utf8_is_told_with_its_line():
    text = SMALL.replace("-0.6\tkeys", "-0.6\tä").replace("keys", "ä").encode()
    assert read(text).vocabulary.words[3] == "ä"
    assert "model.arpa:11: b'\\xa4' is not UTF-8" in complaint(text.replace(b"\tare\t", b"\t\xa4\t"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", r"is no ARPA file: no line of it is '\data\'"),
        (b"the keys are\n", r"is no ARPA file: no line of it is '\data\'"),
        (b"mmap lm http://kheafield.com/code format version 5\n\0\0", "is a binary file of KenLM. Name it kenlm:FILE"),
        (b"iARPA\n" + SMALL.encode(), "is an iARPA file of IRSTLM"),
        (b"x" * (lines.BLOCK + 1), ":1: a line of more than 4 MiB"),
    ],
)
def test_what_is_no_arpa_file_is_refused(text, message):
    assert message in complaint(text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(LrdBenchError, match="cannot be read"):
        read_arpa(tmp_path / "none.arpa")


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_is_cut_off_anywhere_is_refused_with_a_line(packed):
    text = gzip.compress(SMALL.encode(), mtime=0) if packed else SMALL.rstrip("\n").encode()
    for size in range(len("\\data\\\n"), len(text)):
        assert re.search(r"model\.arpa:\d+: ", complaint(text[:size]))


def test_a_packed_file_that_was_changed_is_refused_with_a_line():
    packed = bytearray(gzip.compress(SMALL.encode()))
    packed[-6] ^= 1  # of the check sum
    assert re.search(
        r"model\.arpa:\d+: the file is cut off or damaged here \(CRC check failed", complaint(bytes(packed))
    )


# -- KenLM -------------------------------------------------------------------------------------------------------------

ORACLES = [
    *("toy.o3.fallback", "head300.o3", "head300.o5", "quirk.o5", "small.o5"),
    *(f"edges.o{order}.fallback" for order in (1, 2, 3, 5)),
]


@pytest.mark.parametrize("name", ORACLES)
def test_every_entry_of_lmplz_is_read_as_it_stands_and_written_as_it_stood(data, name):
    path = data / "oracles" / "kenlm" / f"{name}.arpa.gz"
    with gzip.open(path) as file:
        text = file.read()
    model = read_arpa(path)
    found, order = entries(text), model.context + 1
    assert sum(len(table.words) for table in model.tables) == len(found)
    for words, log10_probability, log10_backoff in model.ngrams():
        probability, backoff = found[words]
        assert log10_probability == (np.float32(probability) if words != ("<s>",) else -np.inf)
        assert log10_backoff == (np.float32(backoff) if len(words) < order else None)
    ours = written(model)
    assert sorted(ours.split(b"\n")) == sorted(
        re.sub(rb"(?m)^-0\t|\t-0$", lambda m: m[0].replace(b"-", b""), text).split(b"\n")
    )


def test_perplexity_with_lmplz_s_model_is_what_kenlm_s_query_prints(data):
    text, path = data / "text" / "small" / "test.txt", data / "oracles" / "kenlm" / "small.o5.arpa.gz"
    [row] = score_text(f"arpa:{path}", text).to_dict("records")
    assert (row["words"], row["unknown_words"]) == (20782, 1179)
    assert 2 ** (row["bits"] / row["words"]) == pytest.approx(289.72463345649857, rel=1e-6)


@pytest.fixture(scope="module")
def kenlm():
    return pytest.importorskip("kenlm", reason="the kenlm module is not installed: pip install kenlm")


def kenlm_scores(kenlm, path: Path, sentences: list[tuple[str, ...]]) -> list[list[float]]:
    """log10, of each word and of the end."""
    config = kenlm.Config()
    config.show_progress = False
    config.arpa_complain = kenlm.ARPALoadComplain.NONE
    model = kenlm.Model(str(path), config)
    return [[score for score, _, _ in model.full_scores(" ".join(words))] for words in sentences]


def test_kenlm_and_we_score_lmplz_s_model_alike(data, kenlm):
    path = data / "oracles" / "kenlm" / "small.o5.arpa.gz"
    held_out = list(read_sentences(data / "text" / "small" / "test.txt"))
    ours = read_arpa(path).logprobs(held_out, end=True)
    theirs = [[score * math.log(10) for score in row] for row in kenlm_scores(kenlm, path, held_out)]
    assert ours == theirs


@pytest.mark.parametrize("name", ["model.arpa", "model.arpa.gz"])
@pytest.mark.parametrize("options", [{"order": 3}, {"order": 6}, {"order": 4, "smoothing": "witten-bell"}])
def test_kenlm_and_we_score_our_models_alike(data, kenlm, tmp_path, name, options):
    text = list(read_sentences(data / "oracles" / "kenlm" / "head300.txt"))
    model = estimated(text, **options)
    write_arpa(model, tmp_path / name)
    held_out = list(read_sentences(data / "text" / "small" / "valid.txt"))
    theirs = [[score * math.log(10) for score in row] for row in kenlm_scores(kenlm, tmp_path / name, held_out)]
    assert model.logprobs(held_out, end=True) == theirs


@settings(deadline=None, max_examples=40)
@given(listed)
def test_kenlm_and_we_score_models_alike_in_which_ngrams_were_put_in(orders):
    kenlm = pytest.importorskip("kenlm", reason="the kenlm module is not installed: pip install kenlm")
    model = read(arpa_of(orders))
    asked = list(product("abc", repeat=4))
    with TemporaryDirectory() as folder:
        write_arpa(model, Path(folder) / "model.arpa")
        theirs = kenlm_scores(kenlm, Path(folder) / "model.arpa", asked)
    assert model.logprobs(asked, end=True) == [[score * math.log(10) for score in row] for row in theirs]


def test_kenlm_reads_an_impossible_word_as_impossible(kenlm, tmp_path):
    model = read(SMALL.replace("-0.7\tare", "-inf\tare"))
    write_arpa(model, tmp_path / "model.arpa")
    assert kenlm_scores(kenlm, tmp_path / "model.arpa", [("are",)])[0] == [-math.inf, pytest.approx(-0.4)]
