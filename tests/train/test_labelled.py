import gzip

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.train.labelled import Example, open_labelled

TREEBANK = """\
# sent_id = 1
1-2|It's|_|_|_|_|_|_|_|_
1|It|it|PRON|_|_|3|nsubj|_|_
2|'s|be|AUX|_|_|3|cop|_|_
3|10 000|10 000|NUM|_|_|0|root|_|_

""".replace("|", "\t")


@pytest.fixture
def folder(tmp_path):
    """A folder with these files."""

    def make(**texts: str):
        for name, text in texts.items():
            (tmp_path / f"{name}.tsv").write_bytes(text.encode("utf-8", "surrogateescape"))
        return tmp_path

    return make


@pytest.fixture
def numbers(folder):
    """A label for each sentence, in three splits."""
    train = "singular\tthe key\nplural\tthe keys\nplural\tthe old keys\n"
    return folder(train=train, valid="plural\tkeys\n", test="singular\tkey\n")


def test_a_line_is_a_label_a_tab_and_the_words_of_a_sentence(numbers):
    corpus = open_labelled(numbers, every_word=False)
    assert list(corpus.examples("train"))[:2] == [
        Example(words=("the", "key"), labels=("singular",), line=1),
        Example(words=("the", "keys"), labels=("plural",), line=2),
    ]
    assert (corpus.labels, corpus.majority) == (("plural", "singular"), "plural")
    assert list(corpus.sentences("valid")) == [("keys",)]


def test_of_labels_that_are_equally_common_the_first_is_the_majority(folder):
    corpus = open_labelled(folder(train="b\tx\na\ty\n", valid="b\tx\n", test="b\tx\n"), every_word=False)
    assert corpus.majority == "a"


def test_a_label_of_a_sentence_may_have_spaces_and_a_sentence_blank_lines_around_it(folder):
    text = "\ufeffnot good\ta  b\r\n\r\n good \tc\N{NO-BREAK SPACE}d\r\n\r\n"
    corpus = open_labelled(folder(train=text, valid=text, test=text), every_word=False)
    assert list(corpus.examples("train")) == [
        Example(words=("a", "b"), labels=("not good",), line=1),
        Example(words=("c\N{NO-BREAK SPACE}d",), labels=("good",), line=3),
    ]


def test_a_label_for_each_word(folder):
    text = "none singular\tthe key\nnone none plural\tthe old keys\n"
    corpus = open_labelled(folder(train=text, valid=text, test=text), every_word=True)
    assert next(corpus.examples("test")) == Example(words=("the", "key"), labels=("none", "singular"), line=1)
    assert (corpus.labels, corpus.majority) == (("none", "plural", "singular"), "none")


def test_the_words_of_a_treebank_are_labelled_with_their_parts_of_speech(tmp_path):
    (tmp_path / "en_mine-ud-train.conllu.gz").write_bytes(gzip.compress(TREEBANK.encode()))
    for split in ("dev", "test"):
        (tmp_path / f"en_mine-ud-{split}.conllu").write_text(TREEBANK, encoding="utf-8")
    (tmp_path / "latest.tsv").write_text("not of any split\n")
    corpus = open_labelled(tmp_path, every_word=True)
    for split in ("train", "valid", "test"):
        assert list(corpus.examples(split)) == [  # type: ignore[arg-type]
            Example(words=("It", "'s", "10_000"), labels=("PRON", "AUX", "NUM"), line=3)
        ]


@pytest.mark.parametrize("packed", [False, True])
def test_of_a_single_file_every_twentieth_sentence_is_held_out(tmp_path, packed):
    text = "".join(f"{'odd' if n % 3 else 'even'}\tsentence {n}\n\n" for n in range(1, 81)).encode()
    path = tmp_path / ("mine.tsv.gz" if packed else "mine.tsv")
    path.write_bytes(gzip.compress(text) if packed else text)
    corpus = open_labelled(path, every_word=False)
    held_out = {split: [words[1] for words in corpus.sentences(split)] for split in ("valid", "test")}
    assert held_out == {"valid": ["20", "60"], "test": ["40", "80"]}
    assert len(list(corpus.examples("train"))) == 76
    assert corpus.name == "mine"


def test_packing_a_file_leaves_its_digest_and_another_use_of_it_does_not(tmp_path):
    text = b"a b\tx y\nb a\tx y\n"
    digests = set()
    for name in ("plain", "packed"):
        (tmp_path / name).mkdir()
        for split in ("train", "valid", "test"):
            packed = name == "packed"
            path = tmp_path / name / (f"{split}.tsv.gz" if packed else f"{split}.tsv")
            path.write_bytes(gzip.compress(text) if packed else text)
        digests.add(open_labelled(tmp_path / name, every_word=False).digest)
    assert len(digests) == 1
    assert open_labelled(tmp_path / "plain", every_word=True).digest not in digests


GOOD = "a\tx\nb\ty\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("the key", ":2: expected a label, one tab and words, found 'the key'."),
        ("\tthe key", ":2: expected a label, one tab and words, found '\\tthe key'."),
        ("singular\t ", ":2: expected a label, one tab and words, found 'singular\\t '."),
        ("a\tthe\tkey", ":2: expected a label, one tab and words, found 'a\\tthe\\tkey'."),
        ("a\tthe </s> key", ":2: </s> is a boundary symbol. Remove it from the text."),
        ("a\tthe k\udce9y", ":2: not UTF-8 (byte 7 of the line). Save the file as UTF-8."),
    ],
    ids=["no tab", "no label", "no words", "two tabs", "a boundary symbol", "Latin-1"],
)
def test_a_broken_line_is_named(folder, line, message):
    path = folder(train=f"a\tx\n{line}\nb\ty\n", valid=GOOD, test=GOOD)
    with pytest.raises(LrdBenchError) as error:
        open_labelled(path, every_word=False)
    assert str(error.value) == f"{path / 'train.tsv'}{message}"


@pytest.mark.parametrize(("labels", "number"), [("a b a", 3), ("a", 1)])
def test_a_wrong_number_of_labels_is_told_with_its_line(folder, labels, number):
    path = folder(train=f"a b\tthe key\n{labels}\tthe key\n", valid=GOOD, test=GOOD)
    with pytest.raises(LrdBenchError, match=rf"train\.tsv:2: has {number} labels for 2 words\. Give each word one\."):
        open_labelled(path, every_word=True)


def test_a_label_that_the_training_split_lacks_is_told_with_its_line(folder):
    path = folder(train=GOOD, valid=GOOD, test="a\tx\nc\tz\n")
    with pytest.raises(LrdBenchError, match=r"test\.tsv:2: label 'c' of 'test' is not in the training split"):
        open_labelled(path, every_word=False)


def test_one_label_alone_is_nothing_to_learn(folder):
    path = folder(train="a\tx\na\ty\n", valid="a\tx\n", test="a\tx\n")
    with pytest.raises(LrdBenchError, match=r"train\.tsv: all labels are 'a': there is nothing to learn"):
        open_labelled(path, every_word=False)


def test_a_treebank_has_no_label_of_a_sentence(tmp_path):
    (tmp_path / "mine.conllu").write_text(TREEBANK * 40, encoding="utf-8")
    with pytest.raises(LrdBenchError, match=r'a treebank has a label for each word.* Set `task = "tagging"`'):
        open_labelled(tmp_path / "mine.conllu", every_word=False)
    assert len(list(open_labelled(tmp_path / "mine.conllu", every_word=True).examples("test"))) == 1


def test_what_is_missing_or_empty_is_named(tmp_path, folder):
    with pytest.raises(LrdBenchError, match=r"nowhere: no such labelled text\. Name a folder"):
        open_labelled(tmp_path / "nowhere", every_word=False)
    (tmp_path / "short.tsv").write_text(GOOD * 10)
    with pytest.raises(
        LrdBenchError, match=r"no labelled sentences for 'test'\. A single file needs at least 40 sentences\."
    ):
        open_labelled(tmp_path / "short.tsv", every_word=False)
    path = folder(train=GOOD, valid="\n")
    with pytest.raises(LrdBenchError, match=r"no file for 'test'\. Expected one of test\.tsv, test\.tsv\.gz"):
        open_labelled(path, every_word=False)
    folder(test=GOOD)
    with pytest.raises(LrdBenchError, match=r"valid\.tsv: no labelled sentences for 'valid'\.$"):
        open_labelled(path, every_word=False)
    (tmp_path / "mine-dev.tsv").write_text(GOOD)
    with pytest.raises(LrdBenchError, match="several files for 'valid'"):
        open_labelled(path, every_word=False)
