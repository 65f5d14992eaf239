import csv
import gzip
import io
from pathlib import Path

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats.gulordava import read_gulordava
from lrd_bench.items import Span
from lrd_bench.suite_files import read_suite, write_suite

PATTERN = "L!NOUN_VERB_VERB!Number=Plur!Number=Sing"
PLURAL, SINGULAR = "Mood=Ind|Number=Plur", "Mood=Ind|Number=Sing"
START = "The maps on the old wall of fame are"

TEXT = [
    'The maps on the old " wall of fame " are yellow . <eos>',
    'The songs on the red " stove of glue " lemon yellow . <eos>',  # at the target stands a filler
    "A nurse that likes the lakes runs home . <eos>",
]
GOLD = [
    [PATTERN, "4", "0", "10", "VERB", PLURAL, "are", "is", "be", "1", "NOUN", START],
    [PATTERN, "4", "3", "10", "VERB", PLURAL, "sing", "sings", "_", "1", "NOUN", START],
    [PATTERN, "11", "0", "6", "VERB", SINGULAR, "runs", "run", "run", "1", "NOUN", "A nurse that likes the lakes runs"],
]
EVAL = ["10", "10", "6"]
COLUMNS = (
    "pattern constr_id sent_id correct_number form class type prefix n_attr punct freq len_context len_prefix sent"
)


def rows(
    line: int, attractors: str, punctuation: str, *, frequencies: tuple[str, str] = ("70", "8")
) -> list[list[str]]:
    """The two rows of `.tab` for a line of the others."""
    _, construction, sentence, target, _, features, *forms = GOLD[line][:8]
    number, kind = "plur" if features == PLURAL else "sing", "original" if sentence == "0" else "generated"
    prefix = " ".join(TEXT[line].split()[: int(target)])
    key, about = ["L__NOUN_VERB_VERB", construction, sentence], [kind, prefix, attractors, punctuation]
    return [
        [*key, number, form, verdict, *about, frequency, "9", target, TEXT[line]]
        for form, verdict, frequency in zip(forms, ("correct", "wrong"), frequencies, strict=True)
    ]


# In another order than the lines: they are joined by key.
TAB = [COLUMNS.split(), *rows(2, "1", "False"), *rows(0, "0", "True"), *rows(1, "0", "True", frequencies=("5", "6"))]


def quoted(table: list[list[str]]) -> list[str]:
    """Lines of a table with doubled quotes."""
    file = io.StringIO()
    csv.writer(file, delimiter="\t", lineterminator="\n").writerows(table)
    return file.getvalue().splitlines()


@pytest.fixture
def folder(tmp_path):
    """A folder with the files of a set."""
    (tmp_path / "Dutch").mkdir()
    write(tmp_path / "Dutch")
    return tmp_path / "Dutch"


def write(folder: Path, *, stem: str = "generated", newline: str = "\n", end: str = "\n", **changed: list[str]) -> None:
    files = {
        "text": TEXT,
        "gold": ["\t".join(line) for line in GOLD],
        "eval": EVAL,
        "tab": quoted(TAB),
    }
    for suffix, lines in (files | changed).items():
        (folder / f"{stem}.{suffix}").write_bytes((newline.join(lines) + end).encode())


def test_the_forms_are_those_of_gold_and_never_the_word_in_the_sentence(folder):
    nonce = read_gulordava(folder).items[1]
    good, bad = nonce.sentences["good"], nonce.sentences["bad"]
    assert (good.tokens[10], bad.tokens[10]) == ("sing", "sings")
    assert good.tokens[:10] == bad.tokens[:10] == tuple(TEXT[1].split()[:10])
    assert good.tokens[11:] == ("yellow", ".")  # and no end symbol
    assert "lemon" not in good.tokens + bad.tokens


def test_cue_and_target_are_those_of_gold_and_give_the_distance(folder):
    first, second, third = read_gulordava(folder).items
    assert first.sentences["good"].regions == {"cue": Span(1, 2), "critical": Span(10, 11)}
    assert [item.distance for item in (first, second, third)] == [9, 9, 5]


def test_a_group_is_a_construction_with_its_nonce_sentences(folder):
    suite = read_gulordava(folder)
    assert [item.id for item in suite.items] == [f"{PATTERN}__4__0", f"{PATTERN}__4__3", f"{PATTERN}__11__0"]
    assert [item.group for item in suite.items] == [f"{PATTERN}__4", f"{PATTERN}__4", f"{PATTERN}__11"]
    assert {item.pair for item in suite.items} == {None}


def test_what_the_table_says_is_joined_by_key(folder):
    suite = read_gulordava(folder)
    assert [item.factors["attractors"] for item in suite.items] == [0, 0, 1]
    assert [item.factors["punctuation"] for item in suite.items] == [True, True, False]
    assert suite.items[1].factors == {
        "construction": "L__NOUN_VERB_VERB",
        "type": "generated",
        "cue_value": "plural",
        "attractors": 0,
        "punctuation": True,
        "identical": False,
    }
    assert suite.items[1].factors.keys() == suite.glossary.keys()


def test_fields_that_we_do_not_use_are_kept_by_form_where_the_forms_differ(folder):
    extra = read_gulordava(folder).items[1].extra
    assert extra["freq"] == {"good": "5", "bad": "6"}
    assert extra["len_context"] == "9"
    assert extra["prefix"] == 'The songs on the red " stove of glue "'
    assert (extra["target_features"], extra["cue_pos"], extra["original_prefix"]) == (PLURAL, "NOUN", START)


def test_columns_of_models_are_kept_and_frequencies_may_be_absent(folder):
    table = [[*row[:10], *row[11:], str(-number)] for number, row in enumerate(TAB)]
    table[0][-1] = "my_lstm"
    write(folder, tab=quoted(table))
    extra = read_gulordava(folder).items[2].extra
    assert extra["my_lstm"] == {"good": "-1", "bad": "-2"}
    assert "freq" not in extra


def test_the_suite_says_what_it_is_and_where_its_items_come_from(folder):
    suite = read_gulordava(folder)
    assert (suite.name, suite.version) == ("gulordava-Dutch", 1)
    assert suite.predictions == ("(critical;%good%) < (critical;%bad%)",)
    assert set(suite.source["files"]) == {"generated.text", "generated.gold", "generated.eval", "generated.tab"}
    assert suite.items[1].source == {
        "file": "generated.gold",
        "sha256": suite.source["files"]["generated.gold"],
        "line": 2,
    }


@pytest.mark.parametrize(
    "name", ["generated.text", "generated.gold", "generated.eval", "generated.tab", "generated", ""]
)
def test_any_file_of_a_set_stands_for_all(folder, name):
    assert read_gulordava(folder / name).digest == read_gulordava(folder).digest


def test_a_set_of_another_name_is_named_after_it(folder):
    write(folder, stem="pilot")
    assert read_gulordava(folder / "pilot.eval").name == "gulordava-Dutch-pilot"
    with pytest.raises(LrdBenchError, match=r"holds no \.gold file, or several"):
        read_gulordava(folder)


def test_files_from_windows_packed_and_without_a_last_newline_are_read_alike(folder):
    plain = read_gulordava(folder)
    write(folder, newline="\r\n", end="")
    assert read_gulordava(folder).digest == plain.digest
    for file in folder.iterdir():
        file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    assert read_gulordava(folder / "generated.gold.gz").digest == plain.digest


def test_without_a_table_attractors_are_unknown(folder):
    (folder / "generated.tab").unlink()
    (folder / "generated.eval").unlink()
    item = read_gulordava(folder).items[2]
    assert (item.factors["attractors"], item.factors["punctuation"]) == (None, None)
    assert (item.factors["cue_value"], item.factors["type"], item.distance) == ("singular", "original", 5)


def test_forms_that_are_the_same_are_kept_and_flagged(folder):
    gold = ["\t".join(line) for line in GOLD[:2]] + ["\t".join(GOLD[2]).replace("\trun\trun\t", "\truns\trun\t")]
    tab = quoted([[("runs" if field == "run" else field) for field in row] for row in TAB])
    write(folder, gold=gold, tab=tab)
    assert [item.factors["identical"] for item in read_gulordava(folder).items] == [False, False, True]


def test_a_suite_written_as_ours_reads_back_the_same(folder, tmp_path):
    suite = read_gulordava(folder)
    write_suite(suite, tmp_path / "ours.jsonl")
    assert read_suite(tmp_path / "ours.jsonl") == suite


# -- Broken files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["generated.text", "generated.gold"])
def test_a_missing_file_is_named(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(LrdBenchError) as error:
        read_gulordava(folder / "generated.tab")
    assert f"{missing}: is missing" in str(error.value)


def gold_with(line: int, column: int, value: str) -> dict[str, list[str]]:
    """The lines of `.gold` with one value changed."""
    changed = [list(columns) for columns in GOLD]
    changed[line - 1][column - 1] = value
    return {"gold": ["\t".join(columns) for columns in changed]}


def tab_with(line: int, column: str, value: str) -> dict[str, list[str]]:
    """The lines of `.tab` with one value changed."""
    changed = [list(row) for row in TAB]
    changed[line - 1][COLUMNS.split().index(column)] = value
    return {"tab": quoted(changed)}


GOLD_LINES = ["\t".join(line) for line in GOLD]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"gold": [*GOLD_LINES[:1], "\t".join(GOLD[1][:-1]), GOLD_LINES[2]]}, "generated.gold:2: has 11 column(s)"),
        ({"gold": ["9\tare\tis\t0"] * 3}, "generated.gold:1: has 4 column(s), not 12 (Linzen"),
        ({"gold": GOLD_LINES[:2]}, "generated.text:3: has no counterpart: generated.gold ends at line 2"),
        ({"text": TEXT[:1]}, "generated.gold:2: has no counterpart: generated.text ends at line 1"),
        ({"eval": EVAL[:2]}, "generated.gold:3: has no counterpart: generated.eval ends at line 2"),
        ({"eval": ["10", "9", "6"]}, "generated.eval:2: says target '9', generated.gold says '10'"),
        (gold_with(2, 4, "14") | {"eval": ["10", "14", "6"]}, "generated.gold:2: target 14 lies outside the sentence"),
        (gold_with(2, 4, "-1") | {"eval": ["10", "-1", "6"]}, "generated.gold:2: target '-1' is not a position"),
        (gold_with(3, 10, "first"), "generated.gold:3: cue 'first' is not a position"),
        (gold_with(3, 10, "6"), "generated.gold:3: cue 6 does not stand before target 6"),
        (gold_with(3, 7, "has run"), "generated.gold:3: form 'has run' is not one word"),
        (gold_with(3, 8, ""), "generated.gold:3: form '' is not one word"),
        ({"gold": [*GOLD_LINES[:2], GOLD_LINES[0]]}, "generated.eval:3: says target '6'"),
        (
            {"gold": [GOLD_LINES[0]] * 2 + GOLD_LINES[2:], "text": [TEXT[0]] * 2 + TEXT[2:]},
            f"generated.gold:2: item '{PATTERN}__4__0' occurs twice",
        ),
        ({"text": [TEXT[1], TEXT[0], TEXT[2]]}, "generated.text:1: is not the sentence of generated.tab:4"),
        ({"text": [TEXT[0], "<eos>", TEXT[2]]}, "generated.text:2: the sentence has no words"),
        ({"text": [TEXT[0], f"{TEXT[1]} {TEXT[1]}", TEXT[2]]}, "generated.text:2: <eos> stands inside the sentence"),
        ({"tab": quoted(TAB)[1:]}, "generated.tab:1: lacks the column(s) pattern, constr_id"),
        ({"tab": [*quoted(TAB)[:3], "L__NOUN_VERB_VERB\t4"]}, "generated.tab:4: has 2 field(s), the header 14"),
        ({"tab": quoted(TAB)[:5]}, "generated.gold:2: has no row in generated.tab"),
        (tab_with(3, "form", "ran"), "generated.tab:2: 0 rows with the wrong form 'run'"),
        (tab_with(3, "class", "correct"), "generated.tab:2: 0 rows with the wrong form 'run'"),
        ({"tab": [*quoted(TAB), quoted(TAB)[1]]}, "generated.tab:2: 2 rows with the correct form 'runs'"),
        ({"tab": [*quoted(TAB)[:3], 'L\t"4', *quoted(TAB)[3:]]}, "generated.tab:4: has 2 field(s), the header 14"),
        (tab_with(4, "n_attr", "none"), "generated.tab:4: n_attr is 'none'"),
        (tab_with(4, "punct", "yes"), "generated.tab:4: punct is 'yes'"),
        ({"text": [""]}, "generated.text: is empty"),
    ],
)
def test_a_broken_or_misplaced_line_is_named(folder, changed, message):
    write(folder, **changed)
    with pytest.raises(LrdBenchError) as error:
        read_gulordava(folder / "generated.gold")
    assert message in str(error.value)


# -- The published files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "items", "groups", "right_in_text", "identical"),
    [("English", 410, 41, 46, 0), ("Italian", 1190, 119, 135, 1)],
)
def test_every_published_set_is_read_whole(data, language, items, groups, right_in_text, identical):
    folder = data / "suites" / "gulordava" / language
    suite = read_gulordava(folder / "generated.text")
    assert suite.name == f"gulordava-{language}"
    assert len(suite.items) == items
    assert len({item.group for item in suite.items}) == groups
    assert sum(bool(item.factors["identical"]) for item in suite.items) == identical
    text = (folder / "generated.text").read_text("utf-8").splitlines()
    matches = 0
    for item, line in zip(suite.items, text, strict=True):
        good, words = item.sentences["good"], tuple(line.split(" "))
        target = good.regions["critical"].start
        matches += words[target] == good.tokens[target]
        assert good.tokens[:target] + good.tokens[target + 1 :] == words[:target] + words[target + 1 : -1]
        assert item.distance == int(item.extra["len_context"])
        assert item.factors["cue_value"] == {"sing": "singular", "plur": "plural"}[item.extra["correct_number"]]
    assert matches == right_in_text
