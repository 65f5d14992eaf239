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
    ("text", "line", "message"),
    [
        ('familie = "gru"', ":1", "unknown setting 'familie'. Did you mean 'family'?"),
        (
            'family = "gru"\n[train]\nlerning_rate = 1',
            ":3",
            "unknown setting 'lerning_rate' in [train]. Did you mean 'learning_rate'?",
        ),
        (
            'family = "gru"\n[[suites]]\nname = "a"\n[[suites]]\nname = "b"\nitem = 3',
            ":6",
            "unknown setting 'item' in the 2nd [[suites]]. Did you mean 'items'?",
        ),
        (
            'family = "gru"\n' + 21 * '[[suites]]\nname = "a"\n' + "items = [\n3]\n",
            ":44",
            "setting 'items' in the 21st [[suites]]: input should be a valid integer (found [3]).",
        ),
        (
            'family = "gru"\n' + 12 * '[[suites]]\nname = "a"\n' + "items = 1.5\n",
            ":26",
            "setting 'items' in the 12th [[suites]]: input should be a valid integer, got a number with a fractional",
        ),
        ("[train]", "", "setting 'family' is missing. Add it."),
        ('family = "gru"\n[[suites]]\nitems = 3', ":2", "setting 'name' is missing in the 1st [[suites]]. Add it."),
        (
            'family = "gru"\n[train]\nmax_epochs = "many"',
            ":3",
            "setting 'max_epochs' in [train]: input should be a valid integer, unable to parse string as an integer "
            "(found 'many').",
        ),
    ],
    ids=["key", "key-in-table", "key-in-array", "21st", "12th", "missing", "missing-in-array", "type"],
)
def test_a_wrong_setting_is_named_with_its_file_line_and_table(tmp_path: Path, text: str, line: str, message: str):
    path = write(tmp_path, text)
    with pytest.raises(LrdBenchError) as raised:
        read_settings(path, Recipe)
    assert f"{path}{line}: {message}" in str(raised.value)


def test_broken_toml_is_named_with_its_line(tmp_path: Path):
    with pytest.raises(
        LrdBenchError, match=r"my\.toml:2: is not valid TOML \(invalid value, column 17\)\. Mend the line\."
    ):
        read_toml(write(tmp_path, 'family = "gru"\nlearning_rate = = 3\n'))


def test_toml_that_ends_too_soon_is_named_with_its_last_line(tmp_path: Path):
    with pytest.raises(LrdBenchError, match=r"my\.toml:2: is not valid TOML \(expected .*, at the end of the file\)"):
        read_toml(write(tmp_path, 'family = "gru"\n[train'))


def test_a_file_that_is_not_utf8_says_where(tmp_path: Path):
    (tmp_path / "my.toml").write_bytes(b'name = "caf\xe9"')
    with pytest.raises(LrdBenchError, match=r"my\.toml: is not UTF-8 \(byte 11\)"):
        read_toml(tmp_path / "my.toml")


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(LrdBenchError, match=r"no\.toml: cannot be read \(No such file or directory\)"):
        read_toml(tmp_path / "no.toml")
