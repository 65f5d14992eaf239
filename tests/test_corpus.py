import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from lrd_bench.corpus import SPLITS, open_corpus, read_sentences
from lrd_bench.errors import LrdBenchError

TEXTS = {"train": "the keys are here\n\nthe key is here\n", "valid": "a key is\n", "test": "keys are\n"}


def plain(text: str) -> bytes:
    return text.encode()


def gz(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def zst(text: str) -> bytes:
    return zstandard.compress(text.encode())


def folder(path: Path, suffix: str = ".txt", pack: Callable[[str], bytes] = plain) -> Path:
    path.mkdir(exist_ok=True)
    for split, text in TEXTS.items():
        (path / f"{split}{suffix}").write_bytes(pack(text))
    return path


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".txt", plain), (".txt.gz", gz), (".gz", gz), (".txt.zst", zst), (".zst", zst)]
)
def test_a_folder_holds_three_splits_packed_or_not(tmp_path: Path, suffix: str, pack: Callable[[str], bytes]):
    corpus = open_corpus(folder(tmp_path / "books", suffix, pack))
    assert corpus.name == "books"
    assert list(corpus.sentences("train")) == [("the", "keys", "are", "here"), ("the", "key", "is", "here")]
    assert list(corpus.sentences("valid")) == [("a", "key", "is")]
    assert list(corpus.sentences("test")) == [("keys", "are")]


def test_packing_does_not_change_what_a_corpus_is(tmp_path: Path):
    digests = [
        open_corpus(folder(tmp_path / "a")).digest,
        open_corpus(folder(tmp_path / "b", ".gz", gz)).digest,
        open_corpus(folder(tmp_path / "c", ".zst", zst)).digest,
    ]
    assert len(set(digests)) == 1


def test_every_twentieth_sentence_of_a_single_file_is_held_out(tmp_path: Path):
    (tmp_path / "book.txt").write_text("".join(f"s{number}\n\n" for number in range(1, 81)))
    corpus = open_corpus(tmp_path / "book.txt")
    assert list(corpus.sentences("valid")) == [("s20",), ("s60",)]
    assert list(corpus.sentences("test")) == [("s40",), ("s80",)]
    train = [sentence[0] for sentence in corpus.sentences("train")]
    assert len(train) == 76
    assert train[18:20] == ["s19", "s21"]


def test_a_single_file_too_short_to_hold_out_from_says_how_long_it_must_be(tmp_path: Path):
    (tmp_path / "book.txt").write_text("one\n" * 39)
    with pytest.raises(LrdBenchError, match=r"no sentences for 'test'.* needs at least 40 sentences"):
        open_corpus(tmp_path / "book.txt")


def test_words_are_what_stands_between_blanks_and_nothing_else(tmp_path: Path):
    (tmp_path / "text").write_text(" a\tb\u00a0c  d\x0be\r\n", newline="")
    assert list(read_sentences(tmp_path / "text")) == [("a", "b\u00a0c", "d\x0be")]


def test_a_last_line_without_a_newline_is_a_sentence(tmp_path: Path):
    (tmp_path / "text").write_text("one two\nthree")
    assert list(read_sentences(tmp_path / "text")) == [("one", "two"), ("three",)]


@pytest.mark.parametrize("split", SPLITS)
def test_a_missing_split_is_named_with_the_names_it_may_have(tmp_path: Path, split: str):
    (folder(tmp_path) / f"{split}.txt").unlink()
    with pytest.raises(LrdBenchError, match=rf"no file for '{split}'\. Expected one of {split}\.txt, {split}\.txt\.gz"):
        open_corpus(tmp_path)


def test_two_files_for_one_split_are_refused(tmp_path: Path):
    (folder(tmp_path) / "train.gz").write_bytes(gz("a b\n"))
    with pytest.raises(LrdBenchError, match="several files for 'train'"):
        open_corpus(tmp_path)


def test_an_empty_split_is_named(tmp_path: Path):
    (folder(tmp_path) / "valid.txt").write_text("\n \n")
    with pytest.raises(LrdBenchError, match=r"valid\.txt: no sentences for 'valid'"):
        open_corpus(tmp_path)


def test_a_missing_corpus_is_named(tmp_path: Path):
    with pytest.raises(LrdBenchError, match="books: no such corpus"):
        open_corpus(tmp_path / "books")


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path):
    (tmp_path / "text").write_bytes(b"one\ncaf\xe9 two\n")
    with pytest.raises(LrdBenchError, match=r"text:2: not UTF-8 \(byte 3 of the line\)"):
        list(read_sentences(tmp_path / "text"))


@pytest.mark.parametrize("symbol", ["<s>", "</s>"])
def test_a_boundary_symbol_in_the_text_is_named_with_its_line(tmp_path: Path, symbol: str):
    (tmp_path / "text").write_text(f"one\ntwo {symbol} three\n")
    with pytest.raises(LrdBenchError, match=r"text:2: .* boundary symbols"):
        list(read_sentences(tmp_path / "text"))


@pytest.mark.parametrize(("name", "pack"), [("text.gz", gz), ("text.zst", zst)])
def test_a_damaged_archive_is_named(tmp_path: Path, name: str, pack: Callable[[str], bytes]):
    whole = pack("".join(f"sentence {number} is here\n" for number in range(1000)))
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LrdBenchError, match=rf"{name}: cannot be read .*that the file is whole"):
        list(read_sentences(tmp_path / name))


def test_a_zst_file_of_several_frames_is_read_to_its_end(tmp_path: Path):
    (tmp_path / "text.zst").write_bytes(zst("one two\nth") + zst("ree\nfour"))
    assert list(read_sentences(tmp_path / "text.zst")) == [("one", "two"), ("three",), ("four",)]


@pytest.mark.parametrize("name", ["text.gz", "text.zst"])
def test_a_file_that_is_no_archive_is_named(tmp_path: Path, name: str):
    (tmp_path / name).write_text("plain")
    with pytest.raises(LrdBenchError, match=f"{name}: cannot be read"):
        list(read_sentences(tmp_path / name))
