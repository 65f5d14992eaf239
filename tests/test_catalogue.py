from pathlib import Path
from typing import get_args

import pytest

from lrd_bench.catalogue import ROOT, Kind, find, is_path, names
from lrd_bench.errors import LrdBenchError


@pytest.mark.parametrize(
    ("kind", "name"),
    [("suite", "agreement-pp"), ("grammar", "english-small"), ("model", "lstm"), ("experiment", "quick")],
)
def test_a_shipped_name_is_listed_and_found(kind: Kind, name: str):
    assert name in names(kind)
    assert find(kind, name).is_relative_to(ROOT)


@pytest.mark.parametrize(
    ("name", "path"), [("lstm", False), ("ngram-5", False), ("lstm.toml", True), ("./lstm", True), ("my/lstm", True)]
)
def test_a_name_with_a_slash_or_a_suffix_is_a_path(name: str, path: bool):
    assert is_path(name) == path


def test_a_path_is_the_users_own_file(tmp_path: Path):
    (tmp_path / "lstm.toml").write_text("")
    assert find("model", str(tmp_path / "lstm.toml")) == tmp_path / "lstm.toml"


def test_a_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(LrdBenchError, match=r"unknown suite 'agreement-p'\. Did you mean 'agreement-pp'\?"):
        find("suite", "agreement-p")


def test_a_name_of_another_kind_is_said_to_be_one():
    with pytest.raises(LrdBenchError, match="'english-small' is a shipped grammar, and a suite is wanted here"):
        find("suite", "english-small")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('sentence = "x"\n[rules]\n', "suite"),
        ("[rules]\n", "grammar"),
        ('family = "ngram"\n', "model"),
        ('models = ["lstm"]\n', "experiment"),
    ],
)
def test_a_file_of_another_kind_is_said_to_be_one(tmp_path: Path, text: str, kind: Kind):
    (tmp_path / "mine.toml").write_text(text)
    for wanted in get_args(Kind):
        if wanted == kind:
            assert find(wanted, str(tmp_path / "mine.toml")) == tmp_path / "mine.toml"
        else:
            with pytest.raises(LrdBenchError, match=rf"mine\.toml: is a {kind}, and a {wanted} is wanted here"):
                find(wanted, str(tmp_path / "mine.toml"))


def test_a_path_without_a_file_says_so():
    with pytest.raises(LrdBenchError, match=r"my/lstm\.toml: no such model file"):
        find("model", "my/lstm.toml")
