"""The words of a text as ids, against reading it in plain Python."""

import gzip
import re
from itertools import chain, count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import encode, language_model

from lrd_bench import corpus
from lrd_bench.corpus import SPLITS, Corpus, read_blocks, read_sentences
from lrd_bench.errors import LrdBenchError
from lrd_bench.models.controls import UnigramModel
from lrd_bench.models.ngram import NgramModel
from lrd_bench.models.ngram.sentences import LineIds, SentenceIds
from lrd_bench.models.ngram.text import TextIds, delimited
from lrd_bench.models.ngram.words import add_word, bytes_and_eights, find_word, guess_words
from lrd_bench.models.recipes import NgramSettings, RecurrentSettings
from lrd_bench.vocabulary import BOS, BOS_ID, EOS, EOS_ID, SPECIAL, UNK, UNK_ID, Vocabulary, build_vocabulary

PATH = Path("text")

# -- in plain Python ---------------------------------------------------------------------------------------------------


def split(line: str) -> list[str]:
    """The words of a line, which are what stands between these."""
    return [word for word in re.split("[\0\t\r\n ]", line) if word]


def as_lmplz_reads(text: str) -> tuple[list[int], list[str]]:
    """Ids in order of appearance, and the words: blank lines are sentences, and only a newline ends one."""
    numbers = count()
    ids = {symbol: next(numbers) for symbol in SPECIAL}
    *lines, rest = text.split("\n")
    result = []
    for line in lines:
        result += [BOS_ID, *(ids.setdefault(word, len(ids)) for word in split(line)), EOS_ID]
    if split(rest):
        result += [BOS_ID, *(ids.setdefault(word, len(ids)) for word in split(rest))]
    return result, list(ids)


def in_vocabulary(text: str, vocabulary: Vocabulary) -> list[int]:
    sentences = [split(line) for line in text.split("\n")]
    return [id_ for words in sentences if words for id_ in (BOS_ID, *vocabulary.encode(words), EOS_ID)]


def cut(text: bytes, places: set[int]) -> list[bytes]:
    """The text in blocks of whole lines."""
    ends = [at + 1 for at, byte in enumerate(text) if byte == 10]
    bounds = [0, *(end for number, end in enumerate(ends) if number in places), len(text)]
    return [text[start:stop] for start, stop in pairwise(bounds) if stop > start]


# Of eight bytes, of more that share these, and of characters that `str.split`, but not KenLM, takes for white space.
WORDS = [
    *("a", "b", "A", "<", ".", "\\data\\", "<UNK>", "<s", "s>", "<s>x", "x</s>", "1234567", "12345678", "123456789"),
    *("12345678a", "12345678b", "12345678ab", "1234567812345678", "12345678123456780", "123456781234567812345678"),
    *(
        "12345678123456781234567a",
        "x" * 100,
        "x" * 101,
        "é",
        "ééééé",
        "éééé",
        "ΑΣ",
        "ΑΣΑ",
        "İ",
        "日本語",
        "😀😀",
        "\ufeffa",
    ),
    *("a\x0bb", "a\x0cb", "a\u00a0b", "a\u3000b", "\u00a0", "\u2028", "\x85", "\x1c", "\x7f", "\x01"),
]
BETWEEN = [" ", " ", "\n", "\n", "\n\n", " \n", "\t", "\r\n", "\0", "  "]
texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(BETWEEN)), max_size=60).flatmap(
    lambda pairs: st.builds(
        lambda before, after: before + "".join(chain(*pairs)) + after,
        st.sampled_from(["", "\n", " ", "\0\n"]),
        st.sampled_from(["", "a", "12345678", " ", "\n"]),
    )
)
places = st.sets(st.integers(0, 40))


@settings(deadline=None, max_examples=300)
@given(text=texts, places=places)
def test_without_a_vocabulary_words_are_numbered_as_they_appear(text, places):
    reader = TextIds(cut(text.encode(), places), PATH)
    ids = [id_ for chunk in reader for id_ in chunk.tolist()]
    expected, words = as_lmplz_reads(text)
    assert ids == expected
    assert reader.vocabulary().words == tuple(words)
    assert reader.vocabulary().counts == tuple(np.bincount(expected, minlength=len(words)).tolist())
    assert reader.vocab == len(words)
    assert reader.words == len(expected) - expected.count(BOS_ID)


@settings(deadline=None, max_examples=300)
@given(text=texts, places=places, known=st.sets(st.sampled_from(WORDS)), case=st.sampled_from(["keep", "lower"]))
def test_with_a_vocabulary_words_are_what_it_makes_of_them(text, places, known, case):
    vocabulary = build_vocabulary([sorted(known)], case=case)
    reader = TextIds(cut(text.encode(), places), PATH, vocabulary)
    chunks = list(reader)
    expected = in_vocabulary(text, vocabulary)
    assert [id_ for chunk in chunks for id_ in chunk.tolist()] == expected
    assert reader.vocabulary() is vocabulary
    assert reader.words == len(expected) - expected.count(BOS_ID)
    sentences = SentenceIds([split(line) for line in text.split("\n") if split(line)], vocabulary)
    assert next(iter(sentences)).tolist() == expected
    # The words in the order in which they came: that of both is the same, and those that did not come are before all.
    assert (
        np.argsort(reader.appearance, kind="stable").tolist()
        == np.argsort(sentences.appearance, kind="stable").tolist()
    )
    came = list(dict.fromkeys(id_ for id_ in expected if id_ not in (BOS_ID, EOS_ID)))
    assert np.argsort(reader.appearance, kind="stable").tolist()[len(vocabulary) - len(came) :] == came
    assert reader.appearance[[BOS_ID, EOS_ID]].tolist() == [-2, -1]


def test_lines_of_one_word_have_room():
    reader = TextIds([b"a\n" * 5000], PATH)
    assert next(iter(reader)).tolist() == [BOS_ID, 3, EOS_ID] * 5000


def test_what_comes_in_a_later_block_comes_later():
    vocabulary = build_vocabulary([list("abcde")])
    reader = TextIds([b"a\n" * 9 + b"e\n", b"d c\n"], PATH, vocabulary)
    assert len(list(reader)) == 2
    order = np.argsort(reader.appearance, kind="stable").tolist()
    assert [vocabulary.words[id_] for id_ in order] == [UNK, "b", BOS, EOS, "a", "e", "d", "c"]


@pytest.mark.parametrize("form", ["{}", "{:08}", "12345678{}", "{:040}"])
def test_many_different_words_keep_their_ids(form):
    rng = np.random.default_rng(0)
    words = [form.format(number) for number in rng.permutation(200_000).tolist()]
    words += [words[at] for at in rng.integers(0, len(words), size=50_000).tolist()]
    lines = [" ".join(words[start : start + 50]) for start in range(0, len(words), 50)]
    blocks = ["".join(f"{line}\n" for line in lines[start : start + 999]).encode() for start in range(0, 5000, 999)]
    reader = TextIds(blocks, PATH)
    ids = np.concatenate(list(reader))
    expected = {word: id_ for id_, word in enumerate(dict.fromkeys(words), start=len(SPECIAL))}
    assert ids[ids >= len(SPECIAL)].tolist() == [expected[word] for word in words]
    assert reader.vocabulary().words == (*SPECIAL, *expected)


EIGHT = ["", "a", "b", "ab", "ba", "abc", "abd", "xabcdefgh", "xabcdefghi", "yabcdefgh", "abcdefgha", "abcdefghb"]
EIGHT += ["abcdefg", "abcdefgh", "abcdefghabcdefgha", "abcdefghabcdefghb"]


@pytest.mark.parametrize("free", [0, 1, 20])
def test_words_that_share_a_place_in_the_table_are_told_apart(free):
    words = ["a", "ab", *(f"12345678{rest}" for rest in EIGHT), *(f"a2345678{rest}" for rest in EIGHT)]
    slots = np.full(64, -1, np.int32)
    heads, offsets, blob = np.zeros((64, 2), np.uint64), np.zeros(65, np.int64), np.empty(1000, np.uint8)
    for rng in map(np.random.default_rng, range(20)):
        slots[:] = -1
        order = rng.permutation(len(words)).tolist()
        known = [words[at] for at in order[: len(words) - free]]
        for number, word in enumerate(known):
            data, eights = bytes_and_eights(word.encode())
            assert add_word(data, eights, 0, len(word), number, slots, heads, offsets, blob) == number + 1
        for word in words:
            data, eights = bytes_and_eights(f"... {word} ...".encode())
            found = find_word(data, eights, 4, 4 + len(word), slots, heads, offsets, blob)
            assert found == known.index(word) if word in known else found < 0
        data, eights, ends = delimited(f"... {' '.join(words)} ".encode())
        guesses = np.empty(len(words), np.int32)
        guess_words(eights, 4, ends[1:-1], slots, heads, guesses)
        guessed = [(word, guess) for word, guess in zip(words, guesses.tolist(), strict=True) if guess >= 0]
        assert [known[guess] for _, guess in guessed] == [word for word, _ in guessed]
        assert len(guessed) >= len(known) // 4


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [None, build_vocabulary([["a", "b"]])], ids=["as lmplz", "with a vocabulary"])
@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (b"a\n\nb <s> b\n", 3, "boundary symbols"),
        (b"a\n\n\r\n</s>\n<s>\n", 4, "boundary symbols"),
        (b"a\nb\n a\t</s>", 3, "boundary symbols"),
        (b"<s> a </s>\n" * 3, 1, "boundary symbols"),
        ("é é\n\na b\n".encode() + b"a \xa9\n", 4, r"not UTF-8 \(byte 2 of the line\)"),
        (b"a\nb \xff\n\xfe\n", 2, r"not UTF-8 \(byte 2 of the line\)"),
        (b"caf\xe9", 1, r"not UTF-8 \(byte 3 of the line\)"),
        (b"a\n" * 9 + b"a \xed\xa0\x80\n", 10, "not UTF-8"),  # half of a surrogate pair
        (b"\x80\x04\x95\0\0\n", 1, "not UTF-8"),
    ],
)
@pytest.mark.parametrize("places", [set(), {0}, {0, 1, 2, 3, 8}])
def test_what_cannot_be_read_is_named_with_its_line(known, text, line, what, places):
    with pytest.raises(LrdBenchError, match=rf"^text:{line}: .*{what}"):
        list(TextIds(cut(text, places), PATH, known))


@pytest.mark.parametrize("places", [set(), {0, 1}])
def test_the_unknown_word_is_refused_where_the_text_is_its_own_vocabulary(places):
    text = b"a\n\nb <unk>\n"
    with pytest.raises(LrdBenchError, match=r"^text:3: <unk> stands for words that a vocabulary lacks"):
        list(TextIds(cut(text, places), PATH))
    vocabulary = build_vocabulary([["a"]])
    ids = np.concatenate(list(TextIds(cut(text, places), PATH, vocabulary)))
    assert ids.tolist() == [BOS_ID, 3, EOS_ID, BOS_ID, UNK_ID, UNK_ID, EOS_ID]


@pytest.mark.parametrize(("symbol", "line"), [("<S>", 2), ("</S>", 3)])
def test_a_boundary_symbol_in_capitals_is_one_to_a_vocabulary_in_lower_case(symbol, line):
    text = ("a\n" * (line - 1) + f"x{symbol} {symbol}\n").encode()
    with pytest.raises(LrdBenchError, match=rf"^text:{line}: .*boundary symbols"):
        list(TextIds([text], PATH, build_vocabulary([["a"]], case="lower")))
    assert TextIds([text], PATH, build_vocabulary([["a"]])).vocab == 4
    assert len(np.concatenate(list(TextIds([text], PATH, build_vocabulary([["a"]]))))) == 3 * line + 1


@pytest.mark.parametrize("sentence", [[BOS], ["a", EOS, "a"], [BOS, "a", EOS], ["<S>"]])
def test_sentences_that_bring_their_own_boundaries_are_refused(sentence):
    vocabulary = build_vocabulary([["a"]], case="lower")
    with pytest.raises(LrdBenchError, match="sentence 3: <s> and </s> are boundary symbols"):
        NgramModel.estimate([["a"], [], sentence, ["a"]], vocabulary, NgramSettings(order=2))


@pytest.mark.parametrize("name", ["text", "text.gz"])
def test_an_empty_file_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"") if path.suffix else b"")
    with pytest.raises(LrdBenchError, match="the training text has no sentences"):
        NgramModel.from_text(path)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xfea\0 \0b\0\n\0", bytes(range(256))])
def test_a_file_that_is_no_text_is_refused(tmp_path, content):
    (tmp_path / "text").write_bytes(content)
    with pytest.raises(LrdBenchError, match=r"text:\d+: not UTF-8"):
        NgramModel.from_text(tmp_path / "text")


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_is_not_there_is_refused(tmp_path, name):
    with pytest.raises(LrdBenchError, match="cannot be read"):
        NgramModel.from_text(tmp_path / name)


# -- lines -------------------------------------------------------------------------------------------------------------

lines = st.lists(
    st.lists(st.sampled_from([*WORDS, *SPECIAL, " ", "\t", "\0", "\r"]), max_size=8).map(" ".join), max_size=8
)


@settings(deadline=None, max_examples=200)
@given(lines=lines, known=st.sets(st.sampled_from(WORDS)), case=st.sampled_from(["keep", "lower"]))
def test_a_line_is_its_words_between_boundaries(lines, known, case):
    vocabulary = build_vocabulary([sorted(known)], case=case)
    ids, starts = LineIds(vocabulary).read(lines)
    expected = SentenceIds([split(line) for line in lines], vocabulary)
    assert ids.tolist() == expected.ids.tolist()
    assert starts.tolist() == expected.starts.tolist()


ODD = ["", " ", "a b", " a", "a ", "a\n", "\n", "a\nb", "a\0", "\0", "a\tb", "\r", "\ud800", "a\udfff", "<s> a"]


@settings(deadline=None, max_examples=200)
@given(
    sentences=st.lists(st.lists(st.sampled_from([*ODD, "a", "b", "12345678", UNK]), max_size=6), max_size=6),
    case=st.sampled_from(["keep", "lower"]),
)
def test_a_word_that_is_none_is_one_unknown_word(sentences, case):
    vocabulary = build_vocabulary([["a", "b", "12345678"]], case=case)
    ids, starts = LineIds(vocabulary).read_sentences(sentences)
    assert ids.tolist() == [
        id_
        for words in sentences
        for id_ in (BOS_ID, *(UNK_ID if word in ODD else vocabulary.encode([word])[0] for word in words), EOS_ID)
    ]
    assert np.diff(starts).tolist() == [len(words) + 2 for words in sentences]


@pytest.mark.parametrize("odd", ODD)
def test_a_word_that_is_none_shifts_no_other_score(odd):
    text = [["a", "b"], ["b", "a", "a"], ["a", "door", "b"]]
    model = NgramModel.estimate(text, build_vocabulary(text), NgramSettings(order=2))
    [expected], [other] = model.logprobs([["a", "window", "b", "a"]], end=True), model.logprobs([["b", "a"]], end=True)
    assert model.logprobs([["b", "a"], ["a", odd, "b", "a"], ["b", "a"]], end=True) == [other, expected, other]
    assert model.logprobs([["a", odd, "b", "a"]], wanted=[[2]]) == [[expected[2]]]


def test_a_word_of_the_vocabulary_with_a_nul_is_not_the_word_without():
    vocabulary = Vocabulary(words=(*SPECIAL, "a\0", "a", "\0", "a\0\0", "b\0"), counts=(0, 1, 1, 1, 1, 1, 1, 1))
    reader = LineIds(vocabulary)
    assert reader.read(["a b"])[0].tolist() == [BOS_ID, 4, UNK_ID, EOS_ID]
    sentences = [["a\0", "a", "\0", "a\0\0", "b\0"]]
    assert reader.read_sentences(sentences)[0].tolist() == [BOS_ID, 3, 4, 5, 6, 7, EOS_ID]


def test_a_word_of_the_vocabulary_may_hold_half_a_surrogate_pair():
    reader = LineIds(build_vocabulary([["a", "\ud800"]]))
    assert reader.read_sentences([["\ud800", "a", "\ud801"]])[0].tolist() == [BOS_ID, 4, 3, UNK_ID, EOS_ID]


def test_a_line_with_a_line_feed_is_refused():
    model = NgramModel.estimate([["a"]], build_vocabulary([["a"]]), NgramSettings(order=2))
    with pytest.raises(LrdBenchError, match=r"'a a\\n' holds a line feed"):
        model.line_logprobs(["a", "a a\n"])


def test_boundary_symbols_that_a_line_spells_out_shift_no_other_score():
    text = [["a", "b"], ["b", "a", "a"]]
    model = NgramModel.estimate(text, build_vocabulary(text), NgramSettings(order=3))
    lines = ["a b", "a <s> b", "<s>", "", "<s> a b </s>", "b a"]
    scores, starts = model.line_logprobs(lines)
    assert starts.tolist() == [0, 3, 7, 9, 10, 15, 18]
    rows = [scores[start:stop].tolist() for start, stop in pairwise(starts.tolist())]
    assert rows == model.logprobs([split(line) for line in lines], end=True)
    assert rows[1][1] == rows[2][0] == rows[4][0] == -np.inf
    assert rows[0] == model.logprobs([["a", "b"]], end=True)[0]
    assert np.isfinite(rows[5]).all()


# -- whole texts -------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(text=texts, memory=st.integers(1, 2000), piece=st.integers(1, 50), smoothing=st.sampled_from(["m", "j", "k"]))
def test_a_text_larger_than_memory_gives_the_same_model(text, memory, piece, smoothing):
    names = {"m": "modified-kneser-ney", "j": "jelinek-mercer", "k": "kneser-ney"}
    shape = NgramSettings(order=4, smoothing=names[smoothing])
    with TemporaryDirectory() as folder, patch.object(corpus, "PIECE_BYTES", piece):
        path = Path(folder) / "text"
        path.write_bytes(b"a b\n" + text.encode())
        with patch.object(corpus, "PIECE_BYTES", 2**22):
            expected = NgramModel.from_text(path, shape)
        model = NgramModel.from_text(path, shape, memory=memory)
    assert model.vocabulary == expected.vocabulary
    arrays = expected.arrays()
    assert all(np.array_equal(array, arrays[name]) for name, array in model.arrays().items())
    assert model.fell_back == expected.fell_back


def test_real_text_larger_than_memory_gives_the_same_model(data):
    path = data / "text" / "small" / "train.txt"
    expected = NgramModel.from_text(path)
    with patch.object(corpus, "PIECE_BYTES", 2**16):
        model = NgramModel.from_text(path, memory=2**20)  # a thirtieth of what it would take
    arrays = expected.arrays()
    assert model.vocabulary == expected.vocabulary
    assert all(np.array_equal(array, arrays[name]) for name, array in model.arrays().items())


@settings(deadline=None, max_examples=40)
@given(text=texts, piece=st.integers(1, 50))
def test_a_text_in_an_experiment_s_vocabulary_gives_the_model_of_its_sentences(text, piece):
    with TemporaryDirectory() as folder, patch.object(corpus, "PIECE_BYTES", piece):
        path = Path(folder) / "text"
        path.write_bytes(b"a b\n" + text.encode())
        sentences = list(read_sentences(path))
        vocabulary = build_vocabulary(sentences, min_count=2)
        model = NgramModel.from_ids(TextIds(read_blocks(path), path, vocabulary), NgramSettings(order=3))
    arrays = NgramModel.estimate(sentences, vocabulary, NgramSettings(order=3)).arrays()
    assert all(np.array_equal(array, arrays[name]) for name, array in model.arrays().items())


@settings(deadline=None, max_examples=60)
@given(text=texts, piece=st.integers(1, 50), repeats=st.integers(1, 9))
def test_the_blocks_of_a_corpus_hold_its_sentences(text, piece, repeats):
    vocabulary = build_vocabulary([WORDS])
    with TemporaryDirectory() as folder, patch.object(corpus, "PIECE_BYTES", piece):
        path = Path(folder) / "text"
        path.write_bytes(text.encode() * repeats)
        one_file = Corpus(name="text", files=dict.fromkeys(SPLITS, path))
        for part in SPLITS:
            ids = list(TextIds(one_file.blocks(part), path, vocabulary))
            sentences = SentenceIds(one_file.sentences(part), vocabulary)
            assert list(chain(*ids)) == sentences.ids.tolist()


def test_a_line_that_cannot_be_read_has_its_number_in_the_file_whatever_the_split(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"\n".join([b"a", b"", *[b"b"] * 40, b"\xff"]))
    one_file = Corpus(name="text", files=dict.fromkeys(SPLITS, path))
    with pytest.raises(LrdBenchError, match=r"text:43: not UTF-8"):
        list(TextIds(one_file.blocks("train"), path, build_vocabulary([["a"]])))


# -- the same events for all models ------------------------------------------------------------------------------------

EVENTS = "the cat sleeps\nthe dog sleeps\n\nthe\u00a0hen the cat\r\na\n"


def test_with_an_experiment_s_vocabulary_rare_words_are_unknown_as_to_a_network(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(EVENTS.encode())
    vocabulary = build_vocabulary(read_sentences(path), min_count=2)
    assert vocabulary.words == (*SPECIAL, "the", "cat", "sleeps")
    text = TextIds(read_blocks(path), path, vocabulary)
    ids = np.concatenate(list(text))
    network_s = encode(read_sentences(path), vocabulary)
    assert ids.tolist() == network_s.ids.tolist()
    assert ids.tolist().count(UNK_ID) == 3  # dog, the hen, a
    assert text.words == int(network_s.lengths.sum()) == 10 + 4


def test_perplexities_of_all_models_are_over_the_same_words_and_ends(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(EVENTS.encode())
    sentences = list(read_sentences(path))
    vocabulary = build_vocabulary(sentences, min_count=2)
    trained = TextIds(read_blocks(path), path, vocabulary)
    models = {
        "ngram": NgramModel.from_ids(trained, NgramSettings(order=3)),
        "witten-bell": NgramModel.estimate(sentences, vocabulary, NgramSettings(order=3, smoothing="witten-bell")),
        "unigram": UnigramModel.estimate(sentences, vocabulary),
        "elman": language_model(RecurrentSettings(cell="elman", hidden=4), vocabulary),
    }
    held_out = [["the", "fox", "sleeps"], ["dog"], ["the", "cat", "sleeps", "the", "cat"]]
    for model in models.values():
        assert model.vocabulary == vocabulary
        assert [len(row) for row in model.logprobs(held_out, end=True)] == [4, 2, 6]
        # One unknown word is as likely as another, and no word is counted that is not in the one vocabulary.
        fox, dog, unknown = model.logprobs([["the", "fox"], ["the", "dog"], ["the", UNK]])
        assert fox == pytest.approx(dog, abs=1e-5)
        assert fox == pytest.approx(unknown, abs=1e-5)
        assert np.exp(model.next_word([["the"]])).sum() == pytest.approx(1, abs=1e-5)
