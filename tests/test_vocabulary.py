from pathlib import Path

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.vocabulary import UNK_ID, Vocabulary, build_vocabulary, read_vocabulary

SENTENCES = [("the", "key", "is", "here"), ("the", "keys", "are", "The", "<unk>")]


def test_words_come_commonest_first_and_then_by_alphabet():
    vocabulary = build_vocabulary(SENTENCES)
    assert vocabulary.words == ("<unk>", "<s>", "</s>", "the", "The", "are", "here", "is", "key", "keys")
    assert vocabulary.counts == (1, 2, 2, 2, 1, 1, 1, 1, 1, 1)


def test_rare_words_become_unknown_and_their_occurrences_its_count():
    vocabulary = build_vocabulary(SENTENCES, min_count=2)
    assert vocabulary.words == ("<unk>", "<s>", "</s>", "the")
    assert vocabulary.counts == (7, 2, 2, 2)
    assert vocabulary.encode(["the", "key"]) == [3, UNK_ID]


def test_a_limit_keeps_the_commonest_words():
    assert build_vocabulary(SENTENCES, max_words=2).words[3:] == ("the", "The")


def test_lower_case_joins_spellings_when_built_and_when_asked():
    vocabulary = build_vocabulary(SENTENCES, case="lower")
    assert vocabulary.count("The") == 3
    assert vocabulary.encode(["THE"]) == vocabulary.encode(["the"])
    assert "The" in vocabulary


def test_kept_case_tells_spellings_apart():
    vocabulary = build_vocabulary(SENTENCES)
    assert (vocabulary.count("the"), vocabulary.count("The"), vocabulary.count("THE")) == (2, 1, 0)


@pytest.mark.parametrize("special", ["<unk>", "<s>", "</s>"])
def test_special_symbols_are_no_words(special: str):
    assert special not in build_vocabulary(SENTENCES)
    assert build_vocabulary(SENTENCES).count(special) == 0


def test_no_text_gives_the_special_symbols_alone():
    assert build_vocabulary([]).counts == (0, 0, 0)


def test_a_written_vocabulary_is_read_back_as_it_was(tmp_path: Path):
    vocabulary = build_vocabulary([("ein", "Straßenbahn", "a\u00a0b")], case="keep")
    vocabulary.write(tmp_path / "vocabulary.tsv")
    assert read_vocabulary(tmp_path / "vocabulary.tsv") == vocabulary
    assert read_vocabulary(tmp_path / "vocabulary.tsv").digest == vocabulary.digest


def test_the_file_is_a_header_and_a_line_for_each_word(tmp_path: Path):
    Vocabulary(words=("<unk>", "<s>", "</s>", "key"), counts=(0, 1, 1, 2), case="lower").write(tmp_path / "v.tsv")
    assert (tmp_path / "v.tsv").read_text() == (
        "# case: lower; tokenisation: spaces\n<unk>\t0\n<s>\t1\n</s>\t1\nkey\t2\n"
    )


HEADER = "# case: keep; tokenisation: spaces\n"
SPECIAL = "<unk>\t0\n<s>\t1\n</s>\t1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SPECIAL, "v.tsv:1: expected a header"),
        ("# case: upper\n" + SPECIAL, "v.tsv:1: expected a header"),
        (HEADER + SPECIAL + "key 3\n", "v.tsv:5: expected 'word TAB count', found 'key 3'"),
        (HEADER + SPECIAL + "key\tmany\n", "v.tsv:5: expected 'word TAB count'"),
        (HEADER + "key\t3\n" + SPECIAL, "v.tsv:2: the first three words must be <unk> <s> </s>"),
        (HEADER + SPECIAL + "key\t3\nkey\t2\n", "'key' is listed twice"),
    ],
    ids=["no-header", "unknown-case", "no-tab", "no-number", "wrong-order", "twice"],
)
def test_a_broken_line_is_named(tmp_path: Path, text: str, message: str):
    (tmp_path / "v.tsv").write_text(text)
    with pytest.raises(LrdBenchError) as raised:
        read_vocabulary(tmp_path / "v.tsv")
    assert message in str(raised.value)


def test_a_missing_vocabulary_is_named(tmp_path: Path):
    with pytest.raises(LrdBenchError, match=r"v\.tsv: cannot be read"):
        read_vocabulary(tmp_path / "v.tsv")
