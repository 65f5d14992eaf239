"""On which line of a TOML file a setting stands."""

import pytest

from lrd_bench.places import place

FILE = """\
# A remark.
name = "near"
lexicon = [
  "one.csv",
  "two.csv",
]

[[filler]]
kind = "adverbs"
  distances=[1, 2]

[[filler]]
kind = 'phrases'
unit = "{preposition} the {attractor:noun(number)}"

[lead]
stretch = "adverb" # [rules]

[rules]
end = ["", "{state}"]
"end(complement=none)" = [
  "so",  # end = ["x"]
  "as it is",
]
'end(complement = some)' = ["so"]

[a."b c".d]
e = 1

[[suites]]
name = "one"
[[suites]]
name = "two"
words = '''
[other]
stretch = ["]"
'''
last = ["[", 'a"b',
  # "not this"
  "c # d", [["inner"]], \"\"\"
e
\"\"\", "f"]
after = 1
"""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "my.toml").write_text(FILE, encoding="utf-8")
    return tmp_path / "my.toml"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("name",), 2),
        (("lexicon",), 3),
        (("filler",), 8),
        (("filler", 0), 8),
        (("filler", 0, "kind"), 9),
        (("filler", 0, "distances"), 10),
        (("filler", 1), 12),
        (("filler", 1, "kind"), 13),
        (("filler", 1, "unit"), 14),
        (("lead",), 16),
        (("lead", "stretch"), 17),
        (("rules",), 19),
        (("rules", "end"), 20),
        (("rules", "end(complement=none)"), 21),
        (("rules", "end(complement = some)"), 25),
        (("a", "b c", "d", "e"), 28),
        (("suites", 1, "name"), 33),
        (("suites", 1, "words"), 34),
        (("suites", 1, "last"), 38),
        (("suites", 1, "after"), 43),
    ],
    ids=str,
)
def test_a_key_is_found_in_its_table(path, keys, line):
    assert place(path, *keys) == f"{path}:{line}"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("filler", 1, "nouns"), 12),
        (("filler", 0, "distances", 1), 10),
        (("filler", 7, "kind"), 8),
        (("lead", "lures", 0), 16),
        (("rules", "start"), 19),
    ],
    ids=str,
)
def test_of_what_is_missing_the_table_is_named(path, keys, line):
    assert place(path, *keys) == f"{path}:{line}"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("lexicon", 0), 4),
        (("lexicon", 1), 5),
        (("lexicon", 2), 3),
        (("filler", 1, "kind", 0), 13),
        (("rules", "end", 1), 20),
        (("rules", "end(complement=none)", 0), 22),
        (("rules", "end(complement=none)", 1), 23),
        (("suites", 1, "last", 1), 38),
        (("suites", 1, "last", 2), 40),
        (("suites", 1, "last", 3), 40),
        (("suites", 1, "last", 4), 42),
        (("other", "stretch"), None),
    ],
    ids=str,
)
def test_a_string_of_a_list_is_found_by_its_number(path, keys, line):
    assert place(path, *keys) == (f"{path}:{line}" if line else str(path))


@pytest.mark.parametrize(
    ("keys", "text", "line"),
    [
        (("rules", "end(complement=none)"), "as it is", 23),
        (("rules", "end(complement=none)"), "so", 22),
        (("rules", "end"), "{state}", 20),
        (("rules", "end(complement = some)"), "so", 25),
        ((), "{attractor", 14),
        (("lexicon",), "two.csv", 5),
        (("rules",), "not there", 19),
    ],
    ids=str,
)
def test_a_text_is_found_at_or_below_its_key(path, keys, text, line):
    assert place(path, *keys, containing=text) == f"{path}:{line}"


def test_what_is_nowhere_is_in_the_file(path):
    assert place(path) == place(path, "version") == place(path, "twins", "x") == str(path)
    assert place(path, containing="not there") == str(path)


def test_a_file_that_cannot_be_read_has_no_lines(path):
    assert place(path.with_name("none.toml"), "name") == str(path.with_name("none.toml"))
    path.write_bytes(b'name = "\xff"\n')
    assert place(path, "name") == str(path)
