from pathlib import Path

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.settings import Settings, read_settings, read_toml


class Train(Settings):
    learning_rate: float = 0.001
    max_epochs: int = 3


class Suite(Settings):
    name: str
    items: int = 2400


class Recipe(Settings):
    family: str
    train: Train = Train()
    suites: tuple[Suite, ...] = ()


def write(folder: Path, text: str) -> Path:
    (folder / "my.toml").write_text(text, encoding="utf-8")
    return folder / "my.toml"


def test_what_the_file_leaves_out_has_its_default(tmp_path: Path):
    recipe = read_settings(write(tmp_path, 'family = "gru"\n[train]\nmax_epochs = 8\n'), Recipe)
    assert recipe == Recipe(family="gru", train=Train(learning_rate=0.001, max_epochs=8))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('familie = "gru"', "unknown setting 'familie'. Did you mean 'family'?"),
        (
            'family = "gru"\n[train]\nlerning_rate = 1',
            "unknown setting 'lerning_rate' in [train]. Did you mean 'learning_rate'?",
        ),
        (
            'family = "gru"\n[[suites]]\nname = "a"\n[[suites]]\nname = "b"\nitem = 3',
            "unknown setting 'item' in [suites.1]. Did you mean 'items'?",
        ),
        ("[train]", "setting 'family' is missing. Add it."),
        ('family = "gru"\n[[suites]]\nitems = 3', "setting 'name' is missing in [suites.0]. Add it."),
        (
            'family = "gru"\n[train]\nmax_epochs = "many"',
            "setting 'max_epochs' in [train]: input should be a valid integer, unable to parse string as an integer "
            "(found 'many').",
        ),
    ],
    ids=["key", "key-in-table", "key-in-array", "missing", "missing-in-array", "type"],
)
def test_a_wrong_setting_is_named_with_its_file_and_table(tmp_path: Path, text: str, message: str):
    path = write(tmp_path, text)
    with pytest.raises(LrdBenchError) as raised:
        read_settings(path, Recipe)
    assert str(raised.value).startswith(f"{path}: ")
    assert message in str(raised.value)


def test_broken_toml_is_named_with_its_line(tmp_path: Path):
    with pytest.raises(LrdBenchError, match=r"my\.toml: is not valid TOML: .*line 2.* Mend that line\."):
        read_toml(write(tmp_path, 'family = "gru"\nlearning_rate = = 3\n'))


def test_a_file_that_is_not_utf8_says_where(tmp_path: Path):
    (tmp_path / "my.toml").write_bytes(b'name = "caf\xe9"')
    with pytest.raises(LrdBenchError, match=r"my\.toml: is not UTF-8 \(byte 11\)"):
        read_toml(tmp_path / "my.toml")


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(LrdBenchError, match=r"no\.toml: cannot be read \(No such file or directory\)"):
        read_toml(tmp_path / "no.toml")
