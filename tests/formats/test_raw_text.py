"""Running text made a corpus. The expected words are spaCy's documented ones; sentences are cut by hand."""

import gzip
import itertools
import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import zstandard

from lrd_bench import corpus
from lrd_bench.corpus import SPLITS, open_corpus
from lrd_bench.errors import LrdBenchError, OtherInputsError
from lrd_bench.formats import raw_text
from lrd_bench.formats.raw_text import paragraphs_of, read_lines, sentences_of, tokenise_text

pytest.importorskip("spacy", reason="spaCy is not installed: pip install 'lrd-bench[raw]'")

STORY = "".join(f"Mr. Smith owns {number} keys. He doesn't like them.\n" for number in range(1, 21))
"""Twenty paragraphs of two sentences."""


@pytest.fixture(scope="module")
def nlp():
    return raw_text._english()


def cut(nlp, *paragraphs: str) -> list[str]:
    """The sentences of paragraphs, words between spaces."""
    return [" ".join(sentence) for sentence in sentences_of(nlp, paragraphs)]


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# -- sentences and words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "sentences"),
    [
        (
            'Mr. Smith doesn\'t like it. "Why?" he asked.',
            ["Mr. Smith does n't like it . \"", 'Why ? "', "he asked ."],
        ),
        ("“Why?” he asked. “No.” She left.", ["“ Why ? ”", "he asked . “", "No . ”", "She left ."]),
        ("It rains. It often does! We stay?", ["It rains .", "It often does !", "We stay ?"]),
        ("what now? who knows.", ["what now ?", "who knows ."]),
        ("They met at 5 p.m. in the U.S. with Dr. J. K. Lee.", ["They met at 5 p.m. in the U.S. with Dr. J. K. Lee ."]),
        ("It’s a well-known café…", ["It ’s a well - known café …"]),
        ("no full stop", ["no full stop"]),
    ],
)
def test_running_text_becomes_sentences_and_words(nlp, raw: str, sentences: list[str]):
    assert cut(nlp, raw) == sentences


def test_a_sentence_ends_with_its_paragraph(nlp):
    assert cut(nlp, "Chapter One", "\n", "It rained.") == ["Chapter One", "It rained ."]


def test_white_space_of_any_kind_parts_words_and_is_in_none(nlp):
    assert cut(nlp, " ten\u00a0km \t\r\n  of\u2003road\u2028here\x0b\x1c\0now ") == ["ten km of road here now"]


@pytest.mark.parametrize("symbol", ["<s>", "</s>", "<unk>"])
def test_what_means_something_in_a_corpus_is_cut_into_words(nlp, symbol: str):
    raw = f"{symbol} a {symbol}, ({symbol}) x{symbol}y a--{symbol}--b z...{symbol}...z. {symbol}"
    words = [word for sentence in sentences_of(nlp, [raw]) for word in sentence]
    assert symbol not in words
    assert "".join(words) == raw.replace(" ", "")


# -- lines and paragraphs ------------------------------------------------------------------------------------------


def paragraphs(path: Path, text: str) -> list[str]:
    """The paragraphs of a file that holds this text."""
    path.write_text(text, encoding="utf-8", newline="")
    wrapped = raw_text._layout(read_lines(path)).wrapped
    found = (" ".join(paragraph.split()) for paragraph in paragraphs_of(read_lines(path), wrapped=wrapped))
    return [paragraph for paragraph in found if paragraph]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["One. Two.", "Three.", "Four"], ["One. Two.", "Three.", "Four"]),
        (["One. Two.", "Three.", "", "Heading", "", "Four."], ["One. Two.", "Three.", "Heading", "Four."]),
        (["It was", "night. The", "rain fell.", "", "It", "ended."], ["It was night. The rain fell.", "It ended."]),
        (["", "", "a headline", "another one"], ["a headline", "another one"]),
    ],
    ids=["a paragraph a line", "with blank lines", "wrapped", "nothing tells: a paragraph a line"],
)  # fmt: skip
def test_a_line_is_a_paragraph_unless_lines_are_wrapped(tmp_path: Path, lines, expected, end: str):
    assert paragraphs(tmp_path / "text.txt", end.join(lines)) == expected


@pytest.mark.parametrize("size", [1, 2, 7])
def test_nothing_depends_on_the_pieces_in_which_a_file_is_read(tmp_path: Path, monkeypatch, size: int):
    (tmp_path / "story.txt").write_text("\ufeff" + STORY.replace("keys", "clés “in” café"), encoding="utf-8")
    whole = written(tokenise_text(tmp_path / "story.txt", tmp_path / "whole"))
    monkeypatch.setattr(corpus, "PIECE_BYTES", size)
    monkeypatch.setattr(raw_text, "AT_ONCE", size)
    assert written(tokenise_text(tmp_path / "story.txt", tmp_path / "pieces")) == whole
    assert whole["train.txt"].startswith("Mr. Smith owns 1 clés “ in ” café .\n".encode())


def test_a_paragraph_of_any_length_is_cut_after_a_sentence(nlp, monkeypatch):
    line = 'Mr. Smith reads slowly. "Never!" he shouted. Nobody listened. '
    whole = cut(nlp, line * 50)
    monkeypatch.setattr(raw_text, "LONGEST", 100)
    parts = list(paragraphs_of([line * 50], wrapped=False))
    assert max(map(len, parts)) <= 100
    assert "".join(parts) == line * 50
    assert cut(nlp, *parts) == whole


def test_a_paragraph_beyond_what_spacy_takes_at_once_is_cut(nlp, tmp_path: Path):
    (tmp_path / "line.txt").write_text("It rained and rained. " * 60_000)
    assert (tmp_path / "line.txt").stat().st_size > nlp.max_length
    found = list(sentences_of(nlp, paragraphs_of(read_lines(tmp_path / "line.txt"), wrapped=False)))
    assert found == [["It", "rained", "and", "rained", "."]] * 60_000


def test_what_has_no_sentences_and_no_words_is_cut_anywhere(monkeypatch):
    monkeypatch.setattr(raw_text, "LONGEST", 10)
    assert list(paragraphs_of(["one two three four\n"], wrapped=False)) == ["one two ", "three ", "four\n"]
    assert list(paragraphs_of(["x" * 25], wrapped=False)) == ["x" * 10, "x" * 10, "x" * 5]


def test_text_without_end_is_cut_as_it_comes(nlp, monkeypatch):
    monkeypatch.setattr(raw_text, "AT_ONCE", 100)
    read = itertools.count()

    def endless() -> Iterator[str]:
        while True:
            next(read)
            yield "The rain went on. It never ended.\n"

    sentences = sentences_of(nlp, paragraphs_of(endless(), wrapped=False))
    assert next(sentences) == ["The", "rain", "went", "on", "."]
    assert next(read) < 10


def test_words_met_once_are_forgotten(nlp):
    numbered = (f"It weighs kilo{number} now.\n" for number in range(1000))
    text = itertools.chain(["It rains. " * 50_000] * 3, numbered)
    words = {word for sentence in sentences_of(nlp, text) for word in sentence}
    assert "kilo7" in words
    assert "kilo7" not in nlp.vocab.strings
    assert "rains" in nlp.vocab.strings


# -- the folder ----------------------------------------------------------------------------------------------------


def test_every_twentieth_sentence_of_a_file_is_held_out(tmp_path: Path):
    (tmp_path / "story.txt").write_text(STORY)
    folder = tokenise_text(tmp_path / "story.txt", tmp_path / "words")
    text = open_corpus(folder)
    assert list(text.sentences("valid")) == [("He", "does", "n't", "like", "them", ".")]
    assert list(text.sentences("test")) == [("He", "does", "n't", "like", "them", ".")]
    train = list(text.sentences("train"))
    assert len(train) == 38
    assert train[18] == ("Mr.", "Smith", "owns", "10", "keys", ".")
    assert train[19] == ("Mr.", "Smith", "owns", "11", "keys", ".")


def test_the_manifest_says_what_a_corpus_was_made_from(tmp_path: Path):
    (tmp_path / "story.txt").write_text(STORY)
    manifest = json.loads((tokenise_text(tmp_path / "story.txt", tmp_path / "words") / "manifest.json").read_text())
    assert manifest["sentences"] == {"train": 38, "valid": 1, "test": 1}
    assert manifest["words"] == {"train": 228, "valid": 6, "test": 6}
    assert list(manifest["sources"]) == ["story.txt"]
    assert manifest["sources"]["story.txt"]["wrapped"] is False
    assert manifest["spacy"].startswith("3.")


@pytest.mark.parametrize("suffix", [".txt", ".txt.gz", ".zst"])
def test_a_folder_of_raw_splits_keeps_them_packed_or_not(tmp_path: Path, suffix: str):
    pack = {".txt": bytes, ".txt.gz": gzip.compress, ".zst": zstandard.compress}[suffix]
    (tmp_path / "book").mkdir()
    for split, text in {"train": "I wait. You don't.", "valid": "He can't.", "test": "It's late."}.items():
        (tmp_path / "book" / f"{split}{suffix}").write_bytes(pack(text.encode()))
    made = written(tokenise_text(tmp_path / "book", tmp_path / "words"))
    assert made["train.txt"] == b"I wait .\nYou do n't .\n"
    assert made["valid.txt"] == b"He ca n't .\n"
    assert made["test.txt"] == b"It 's late .\n"


def test_the_same_text_gives_the_same_bytes_packed_or_not(tmp_path: Path):
    (tmp_path / "story.txt").write_text(STORY)
    (tmp_path / "story.gz").write_bytes(gzip.compress(STORY.encode()))
    one, again, packed = (
        written(tokenise_text(tmp_path / name, tmp_path / out))
        for name, out in [("story.txt", "a"), ("story.txt", "b"), ("story.gz", "c")]
    )
    assert one == again
    assert [one[f"{split}.txt"] for split in SPLITS] == [packed[f"{split}.txt"] for split in SPLITS]


def test_nothing_is_done_twice(tmp_path: Path, monkeypatch):
    (tmp_path / "story.txt").write_text(STORY)
    tokenise_text(tmp_path / "story.txt", tmp_path / "words")
    monkeypatch.setattr(raw_text, "_english", lambda: pytest.fail("the text is there"))
    assert tokenise_text(tmp_path / "story.txt", tmp_path / "words") == tmp_path / "words"


def test_a_corpus_of_another_text_is_replaced_only_by_force(tmp_path: Path):
    (tmp_path / "story.txt").write_text(STORY)
    (tmp_path / "other.txt").write_text(STORY.replace("keys", "locks"))
    tokenise_text(tmp_path / "story.txt", tmp_path / "words")
    with pytest.raises(OtherInputsError, match=r"words: exists and was made from other inputs.*--force"):
        tokenise_text(tmp_path / "other.txt", tmp_path / "words")
    tokenise_text(tmp_path / "other.txt", tmp_path / "words", force=True)
    assert b"locks" in (tmp_path / "words" / "train.txt").read_bytes()


def test_a_folder_that_holds_other_things_is_never_replaced(tmp_path: Path):
    (tmp_path / "story.txt").write_text(STORY)
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "thesis.tex").touch()
    with pytest.raises(LrdBenchError, match=r"holds thesis\.tex, which is no part of a training text"):
        tokenise_text(tmp_path / "story.txt", tmp_path / "words", force=True)


def test_a_text_is_not_written_over_itself(tmp_path: Path):
    for split in SPLITS:
        (tmp_path / f"{split}.txt").write_text("It rains.")
    with pytest.raises(LrdBenchError, match="holds the raw text itself"):
        tokenise_text(tmp_path, tmp_path, force=True)


# -- what cannot be right ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2**22, 3])
def test_a_line_that_is_not_utf8_is_named(tmp_path: Path, monkeypatch, size: int):
    monkeypatch.setattr(corpus, "PIECE_BYTES", size)
    (tmp_path / "story.txt").write_bytes(b"It rains.\nAt the caf\xe9 too.\n")
    with pytest.raises(LrdBenchError, match=r"story\.txt:2: is not UTF-8"):
        tokenise_text(tmp_path / "story.txt", tmp_path / "words")
    assert not (tmp_path / "words").exists()


@pytest.mark.parametrize("text", ["", "\n \n\n"])
def test_an_empty_text_is_named(tmp_path: Path, text: str):
    (tmp_path / "story.txt").write_text(text)
    with pytest.raises(LrdBenchError, match=r"story\.txt: holds no sentences"):
        tokenise_text(tmp_path / "story.txt", tmp_path / "words")


def test_an_empty_split_is_named(tmp_path: Path):
    for split in SPLITS:
        (tmp_path / f"{split}.txt").write_text("" if split == "valid" else "It rains.")
    with pytest.raises(LrdBenchError, match=r"valid\.txt: holds no sentences"):
        tokenise_text(tmp_path, tmp_path / "words")


def test_a_text_too_short_for_three_splits_says_how_long_it_must_be(tmp_path: Path):
    (tmp_path / "story.txt").write_text("It rains. " * 39)
    with pytest.raises(LrdBenchError, match=r"story\.txt: holds 39 sentences, and a single file needs at least 40"):
        tokenise_text(tmp_path / "story.txt", tmp_path / "words")
    assert not (tmp_path / "words").exists()


def test_a_missing_text_is_named(tmp_path: Path):
    with pytest.raises(LrdBenchError, match=r"nowhere\.txt: no such corpus"):
        tokenise_text(tmp_path / "nowhere.txt", tmp_path / "words")


def test_without_spacy_one_message_says_what_to_install(tmp_path: Path, monkeypatch):
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(raw_text, "version", missing)
    (tmp_path / "story.txt").write_text(STORY)
    with pytest.raises(LrdBenchError, match=r"pip install 'lrd-bench\[raw\]'"):
        tokenise_text(tmp_path / "story.txt", tmp_path / "words")
