import gzip
import hashlib

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats.lines import read_text_file


@pytest.mark.parametrize(
    "stored",
    [
        "one two\nthree\n",
        "one two\nthree",  # no newline at the end
        "one two\r\nthree\r\n",
        "\ufeffone two\nthree\n",  # a byte order mark
        "one two\nthree\n\n \n",
    ],
)
def test_lines_are_the_same_however_they_end(tmp_path, stored):
    (tmp_path / "file.txt").write_bytes(stored.encode())
    assert read_text_file(tmp_path / "file.txt").lines == ("one two", "three")


def test_a_line_separator_of_unicode_ends_no_line(tmp_path):
    (tmp_path / "file.txt").write_text("one\u2028two\nthree", encoding="utf-8")
    assert read_text_file(tmp_path / "file.txt").lines == ("one\u2028two", "three")


def test_a_packed_file_is_read_as_the_plain_one_and_has_a_digest_of_its_own(tmp_path):
    (tmp_path / "file.txt.gz").write_bytes(gzip.compress(b"one two\nthree\n"))
    file = read_text_file(tmp_path / "file.txt.gz")
    assert file.lines == ("one two", "three")
    assert file.sha256 == hashlib.sha256((tmp_path / "file.txt.gz").read_bytes()).hexdigest()
    assert file.source(2) == {"file": "file.txt.gz", "sha256": file.sha256, "line": 2}


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (b"", "file.txt: is empty"),
        (b"\n \n", "file.txt: is empty"),
        ("one\ntwo\nthr\xe9e\n".encode("latin-1"), "file.txt:3: is not UTF-8"),
        ("one\n".encode("utf-16"), "file.txt:1: is not UTF-8"),
        (gzip.compress(b"one two\n" * 99)[:-9], "file.txt: cannot be read"),
        (None, "file.txt: cannot be read (No such file or directory)"),
    ],
    ids=["empty", "blank", "latin-1", "utf-16", "cut gzip", "missing"],
)
def test_a_file_that_is_no_text_is_refused(tmp_path, stored, message):
    if stored is not None:
        (tmp_path / "file.txt").write_bytes(stored)
    with pytest.raises(LrdBenchError) as error:
        read_text_file(tmp_path / "file.txt")
    assert message in str(error.value)
