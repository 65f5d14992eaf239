"""`lrd-bench audit`: all that it prints of a small suite, what it writes, and what it refuses."""

import csv
import io
import json

import pytest
from by_hand import CRITICAL, suite, twins
from typer.testing import CliRunner

from lrd_bench.cli import app
from lrd_bench.suite_files import write_suite

PRINTED = """\
by-hand@1#%s: findings

- The groups are unknown: intervals resample pairs and are too narrow.

by-hand: size

what                            number
------------------------------  -------
items                           4
pairs of twins                  2
groups                          unknown
items in the largest group      ·
items of unknown group          4
different sentences             8
different contexts              4
different candidates            2
different cues                  2
different words                 10
distances                       2, 3
identical pairs                 0
items that repeat another       0
sentences both right and wrong  0
Contexts are what precedes the candidates: the words in which the two sentences of an item differ.

by-hand: factors

factor          levels  fewest items  most items  items at each level
--------------  ------  ------------  ----------  ----------------------
distance             2             2           2  2: 2, 3: 2
needed_context       2             2           2  2: 2, 3: 2
cue_value            2             2           2  plural: 2, singular: 2

by-hand: balance

what is even                                              places  uneven  for example
--------------------------------------------------------  ------  ------  -----------
each candidate is as often right as wrong in every cell        2       0            ·
cue values are in the same proportions at every distance       2       0            ·
cues are in the same proportions at every distance             2       0            ·
answers are in the same proportions at every distance          2       0            ·
Cells are the combinations of distance.

by-hand: cue-blind shortcuts

shortcut                                     items  accuracy  in hindsight  beats chance
-------------------------------------------  -----  --------  ------------  ------------
fixed preference between the two candidates      4     0.500         0.500  no
fixed score of each contrasting word             4     0.500         0.500  no
commoner candidate (by the suite itself)         4     0.500             ·  no
shorter sentence (in characters)                 4     0.500             ·  no
shorter sentence (in words)                      4     0.500             ·  no
fixed preference, given the 1 word before        4     0.500         0.500  no
fixed preference, given the 2 words before       2     0.500         0.500  no
fixed preference, given K − 1 words before       4     0.500         0.500  no
Ties count ½. A preference or score is learnt from half of the groups and asked of the others, both ways, over random halvings; in
hindsight it is learnt from what it is asked, and flattered. Below ½, it says that the suite is balanced more evenly than chance
would make it.

by-hand: cue-using heuristics

heuristic              items  right  tied  wrong  accuracy  remark
---------------------  -----  -----  ----  -----  --------  ------------------------------------------
first noun                 ·      ·     ·      ·         ·  not computed: needs the value of each noun
nearest noun               ·      ·     ·      ·         ·  not computed: needs the value of each noun
majority of nouns          ·      ·     ·      ·         ·  not computed: needs the value of each noun
bag of words (values)      ·      ·     ·      ·         ·  not computed: needs the value of each noun
bag of words (learnt)      4      4     0      0     1.000  ·
A bag of words is learnt from half of the groups and asked of the others, over random halvings: right, tied or wrong as it is in
most.

by-hand: certificates

what is proved      items  detail
------------------  -----  ---------------------------------------------------------
certified               4  K from 2 to 3
stored in the file      4  0 differ
decidable               ·  not computed: the suite's file is not at hand (--grammar)
Certified: a model that sees fewer than K words to the left is right on exactly one item of the pair. Decidable: the suite's grammar
derives the right sentence and not the wrong one.
"""  # noqa: E501


def invoke(*arguments):
    """The exit code, stdout and stderr."""
    result = CliRunner().invoke(app, ["audit", *map(str, arguments)], prog_name="lrd-bench")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the suite, to be in."""
    monkeypatch.chdir(tmp_path)
    write_suite(suite(*twins(None, "near us"), *twins(None, "still"), predictions=(CRITICAL,)), tmp_path / "hand.jsonl")
    return tmp_path


@pytest.fixture
def digest(here):
    return json.loads((here / "hand.suite.json").read_text())["digest"][:8]


def test_all_that_is_printed(here, digest):
    assert invoke("hand.jsonl") == (0, PRINTED % digest, "next: lrd-bench score MODEL hand.jsonl\n")


def test_quiet_leaves_the_audit_alone(here, digest):
    assert invoke("hand.jsonl", "--quiet") == (0, PRINTED % digest, "")


def test_markdown_has_headings_and_tables(here, digest):
    lines = invoke("hand.jsonl", "--format", "markdown")[1].splitlines()
    assert lines[0] == f"## by-hand@1#{digest}: findings"
    assert lines[2] == "- The groups are unknown: intervals resample pairs and are too narrow."
    assert "| what                           | number  |" in lines


def test_csv_has_each_table_under_its_title(here):
    blocks = invoke("hand.jsonl", "--format", "csv")[1].split("\n\n")
    [shortcuts] = [block for block in blocks if block.startswith("# by-hand: cue-blind shortcuts\n")]
    rows = list(csv.DictReader(io.StringIO(shortcuts.partition("\n")[2])))
    assert rows[0] == {
        "shortcut": "fixed preference between the two candidates",
        "items": "4",
        "accuracy": "0.5",
        "in hindsight": "0.5",
        "beats chance": "no",
    }


def test_json_is_there_for_programs(here, digest):
    [audit] = json.loads(invoke("hand.jsonl", "--format", "json")[1])
    assert audit["suite"] == f"by-hand@1#{digest}"
    assert audit["findings"] == ["The groups are unknown: intervals resample pairs and are too narrow."]
    assert audit["tables"]["size"][0] == {"what": "items", "number": 4}
    assert audit["tables"]["certificates"][2]["items"] is None


def test_long_tables_are_cut_for_readers_and_whole_for_programs(here):
    items = [
        item for n in range(15) for item in twins(f"g{n}", "near us", (f"key{n}", f"is{n}"), (f"keys{n}", f"are{n}"))
    ]
    write_suite(suite(*items, predictions=(CRITICAL,), name="long"), here / "long.jsonl")
    (here / "text.txt").write_text("It is .\n" * 40)
    printed = invoke("long.jsonl", "--corpus", "text.txt")[1]
    assert "10 more rows: --format csv or json." in printed
    [audit] = json.loads(invoke("long.jsonl", "--corpus", "text.txt", "--format", "json")[1])
    assert len(audit["tables"]["answers"]) == 30


def test_out_is_a_folder_with_the_audit_in_three_forms(here, digest):
    code, printed, messages = invoke("hand.jsonl", "--out", "audited")
    assert (code, printed) == (0, PRINTED % digest)
    assert messages.splitlines()[0] == "wrote audited: audit.json, audit.md, audit.txt, manifest.json"
    assert (here / "audited" / "audit.txt").read_text() == PRINTED % digest
    assert (here / "audited" / "audit.json").read_text() == invoke("hand.jsonl", "--format", "json")[1]


def test_the_same_audit_is_not_written_again(here):
    invoke("hand.jsonl", "--out", "audited")
    before = (here / "audited" / "audit.txt").stat().st_mtime_ns
    assert invoke("hand.jsonl", "--out", "audited")[0] == 0
    assert (here / "audited" / "audit.txt").stat().st_mtime_ns == before


def test_another_audit_replaces_one_only_by_force(here):
    invoke("hand.jsonl", "--out", "audited")
    write_suite(suite(*twins(None, "still"), predictions=(CRITICAL,)), here / "hand.jsonl")
    code, printed, message = invoke("hand.jsonl", "--out", "audited")
    assert (code, printed) == (2, "")
    assert message.startswith("audited: exists and was made from other inputs or settings.")
    assert invoke("hand.jsonl", "--out", "audited", "--force")[0] == 0
    assert "pairs of twins                  1\n" in (here / "audited" / "audit.txt").read_text()


def test_a_folder_that_is_no_audit_is_never_replaced(here):
    (here / "mine").mkdir()
    (here / "mine" / "thesis.txt").write_text("…")
    code, _, message = invoke("hand.jsonl", "--out", "mine", "--force")
    assert (code, message) == (2, "mine: is not an audit, so it is not replaced. Name another place with --out.\n")
    assert (here / "mine" / "thesis.txt").exists()


def test_a_file_put_beside_an_audit_is_never_lost(here):
    invoke("hand.jsonl", "--out", "audited")
    (here / "audited" / "notes.txt").write_text("…")
    write_suite(suite(*twins(None, "still"), predictions=(CRITICAL,)), here / "hand.jsonl")
    assert invoke("hand.jsonl", "--out", "audited", "--force")[0] == 2
    assert (here / "audited" / "notes.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.jsonl"], "nowhere.jsonl: cannot be read (no such file). Check the path.\n"),
        (["hand.jsonl", "--corpus", "nowhere"], "nowhere: no such corpus."),
        (["hand.jsonl", "--vocabulary", "nowhere.tsv"], "nowhere.tsv: cannot be read"),
        (["hand.jsonl", "--min-count", "2"], "--min-count: is of a vocabulary's words."),
        (["hand.jsonl", "--grammar", "nowhere.toml"], "nowhere.toml: no such suite file."),
        (["hand.jsonl", "hand.jsonl"], "hand.jsonl: is of suite 'by-hand', as an earlier file is."),
    ],
)
def test_what_a_user_can_mend_is_one_message(here, arguments, message):
    code, printed, messages = invoke(*arguments)
    assert (code, printed) == (2, "")
    assert messages.startswith(message)
