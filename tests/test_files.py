import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import already_made, digest_of, file_digest, replacing, to_json, write_text


def test_a_file_stands_under_its_name_only_when_it_is_whole(tmp_path: Path):
    with replacing(tmp_path / "table.csv") as temporary:
        temporary.write_text("whole")
        assert not (tmp_path / "table.csv").exists()
    assert (tmp_path / "table.csv").read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_missing_folders_are_made(tmp_path: Path):
    write_text(tmp_path / "runs" / "quick" / "report.txt", "½\n")
    assert (tmp_path / "runs" / "quick" / "report.txt").read_bytes() == "½\n".encode()


def write_half(path: Path, error: BaseException) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise error


def write_half_a_folder(path: Path, error: BaseException) -> None:
    with replacing(path) as temporary:
        temporary.mkdir()
        (temporary / "weights").write_text("half")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError()], ids=["ctrl-c", "a-bug"])
def test_what_stood_there_stays_when_writing_fails(tmp_path: Path, error: BaseException):
    (tmp_path / "table.csv").write_text("earlier")
    with pytest.raises(type(error)):
        write_half(tmp_path / "table.csv", error)
    assert (tmp_path / "table.csv").read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_half_written_folder_is_removed_and_the_earlier_one_stays(tmp_path: Path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_text("earlier")
    with pytest.raises(KeyboardInterrupt):
        write_half_a_folder(tmp_path / "model", KeyboardInterrupt())
    assert (tmp_path / "model" / "weights").read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_replaces_a_folder_whole(tmp_path: Path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old").write_text("")
    with replacing(tmp_path / "model") as temporary:
        temporary.mkdir()
        (temporary / "new").write_text("")
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["new"]


def test_a_full_disk_is_one_message_that_names_the_output(tmp_path: Path):
    with pytest.raises(LrdBenchError, match=r"table\.csv: cannot be written \(No space left on device\)\. Free some"):
        write_half(tmp_path / "table.csv", OSError(errno.ENOSPC, "No space left on device"))
    assert list(tmp_path.iterdir()) == []


def write_to_a_full_device(path: Path) -> None:
    with replacing(path) as temporary:
        temporary.symlink_to("/dev/full")
        temporary.write_text("x" * 100_000)


def test_a_device_that_is_really_full_says_so_too(tmp_path: Path):
    with pytest.raises(LrdBenchError, match="cannot be written"):
        write_to_a_full_device(tmp_path / "table.csv")


def test_a_place_below_a_file_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LrdBenchError, match="cannot be written"):
        write_text(tmp_path / "file" / "report.txt", "")


def test_an_input_that_is_missing_keeps_its_own_message(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"lexicon\.csv"), replacing(tmp_path / "out" / "table.csv"):
        (tmp_path / "lexicon.csv").read_text()


def test_canonical_json_does_not_depend_on_the_order_of_keys():
    assert to_json({"b": 1, "a": ["ä"]}) == '{"a":["ä"],"b":1}'
    assert digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})


def test_the_digest_of_a_file_is_its_sha256(tmp_path: Path):
    (tmp_path / "abc").write_text("abc")  # FIPS 180-4, example B.1
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_digest(tmp_path / "abc") == expected


def test_the_digest_of_a_missing_file_is_an_error_with_its_name(tmp_path: Path):
    with pytest.raises(LrdBenchError, match="missing: cannot be read"):
        file_digest(tmp_path / "missing")


def test_nothing_is_to_do_where_the_same_inputs_made_the_output(tmp_path: Path):
    (tmp_path / "out").write_text("")
    assert already_made(tmp_path / "out", "same", "same", force=False)


def test_an_output_that_is_not_there_is_to_be_made(tmp_path: Path):
    assert not already_made(tmp_path / "out", None, "inputs", force=False)


@pytest.mark.parametrize("made_from", ["other", None])
def test_an_output_from_other_inputs_is_refused_without_force(tmp_path: Path, made_from: str | None):
    (tmp_path / "out").write_text("")
    with pytest.raises(LrdBenchError, match=r"made from other inputs or settings\. Name another place .* --force"):
        already_made(tmp_path / "out", made_from, "inputs", force=False)
    assert not already_made(tmp_path / "out", made_from, "inputs", force=True)


def test_a_place_far_below_a_file_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LrdBenchError, match="cannot be written"), replacing(tmp_path / "file/a/b/c.txt"):
        pass


def test_a_folder_that_cannot_be_put_in_place_leaves_the_earlier_one(tmp_path, monkeypatch):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights").write_text("earlier")

    def full(self, target):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(LrdBenchError, match="No space left"), replacing(folder) as temporary:
        temporary.mkdir()
    assert (folder / "weights").read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_what_a_killed_process_has_left_is_removed_and_nothing_else(tmp_path: Path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    host = socket.gethostname().partition(".")[0]
    left, running = (tmp_path / f".out.{host}-{number}.partial" for number in (dead.pid, os.getppid()))
    (left / "half").mkdir(parents=True)
    running.write_text("on its way")
    others = [f".other.{host}-{dead.pid}.partial", f".out.elsewhere-{dead.pid}.partial"]
    for name in others:
        (tmp_path / name).write_text("of another output, or machine")
    write_text(tmp_path / "out", "whole")
    names = [*others, running.name, "out"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
