"""The files of a suite: what is written, read back and refused."""

import gzip
import json
from dataclasses import replace

import pytest
from keys import KEY, KEYS, PREDICTION, SUITE

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite
from lrd_bench.items import Item, Sentence, Span
from lrd_bench.suite_files import read_suite, suite_file, write_suite


def test_a_suite_reads_back_as_it_was_written(tmp_path):
    write_suite(SUITE, tmp_path / "agreement-pp.jsonl")
    assert read_suite(tmp_path / "agreement-pp.jsonl") == SUITE


def test_each_line_is_self_contained_and_names_the_derived_factors(tmp_path):
    write_suite(SUITE, tmp_path / "a.jsonl")
    line = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[1])
    assert (line["suite"], line["version"], line["predictions"]) == ("agreement-pp", 1, [PREDICTION])
    assert line["factors"] == {"distance": 4, "needed_context": 4, "attractors": 1}
    assert line["sentences"]["good"]["regions"] == {"cue": [1, 2], "critical": [5, 6]}
    assert line["certificate"] == {"blind_below": 4}
    assert line["extra"] == {"note": "Ἔρως"}
    (tmp_path / "a.suite.json").unlink()
    assert read_suite(tmp_path / "a.jsonl").items == SUITE.items


def test_a_line_says_why_its_pair_is_not_certified(tmp_path):
    alone = replace(KEY, id="alone", pair=None)
    longer = {name: replace(each, tokens=("so", *each.tokens)) for name, each in KEYS.sentences.items()}
    longer = {name: replace(each, regions={"critical": Span(6, 7)}) for name, each in longer.items()}
    write_suite(replace(SUITE, items=(alone, KEY, replace(KEYS, sentences=longer))), tmp_path / "a.jsonl")
    lines = [json.loads(each) for each in (tmp_path / "a.jsonl").read_text().splitlines()]
    why_not = "the twins' contexts differ in length"
    assert [each["certificate"]["not_certified"] for each in lines] == ["has no twin", why_not, why_not]
    assert {each["factors"]["needed_context"] for each in lines} == {None}


def test_what_a_line_does_not_need_is_left_out_of_it(tmp_path):
    raw = {name: replace(each, text="The key …") for name, each in KEYS.sentences.items()}
    write_suite(replace(SUITE, items=(KEY, replace(KEYS, sentences=raw))), tmp_path / "a.jsonl")
    lines = [json.loads(each) for each in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert ["extra" in each for each in lines] == [False, True]
    assert ["text" in each["sentences"]["good"] for each in lines] == [False, True]
    assert read_suite(tmp_path / "a.jsonl").items[1].sentences["good"].text == "The key …"


def test_lines_are_compact_json_with_sorted_keys_and_plain_letters(tmp_path):
    write_suite(SUITE, tmp_path / "a.jsonl")
    for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines():
        assert line == json.dumps(json.loads(line), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "Ἔρως" in line


def test_derived_factors_in_a_file_are_not_believed(tmp_path):
    write_suite(SUITE, tmp_path / "a.jsonl")
    (tmp_path / "a.suite.json").unlink()
    text = (tmp_path / "a.jsonl").read_text()
    for derived in ('"distance":4', '"needed_context":4', '"blind_below":4'):
        assert derived in text
        text = text.replace(derived, derived.replace("4", "99"))
    (tmp_path / "a.jsonl").write_text(text)
    suite = read_suite(tmp_path / "a.jsonl")
    assert suite.items == SUITE.items
    assert (suite.items[0].distance, suite.needed_context(suite.items[0])) == (4, 4)


def broken(tmp_path, *lines):
    path = tmp_path / "broken.jsonl"
    path.write_bytes(b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines))
    with pytest.raises(LrdBenchError) as error:
        read_suite(path)
    return str(error.value)


def line(id_="1", **changes):
    words = {"tokens": ["the", "key", "is"], "regions": {"cue": [1, 2], "critical": [2, 3]}}
    return {"suite": "s", "version": 1, "predictions": [PREDICTION], "id": id_, "sentences": {"good": words}} | changes


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([line(), b'{"suite": \n'], "broken.jsonl:2: not an item"),
        ([line(), line("2", sentences=None)], "broken.jsonl:2: not an item: 'sentences' is not an object."),
        ([line(), {"suite": "s", "id": "2"}], "broken.jsonl:2: not an item: lacks 'sentences'"),
        ([line(), line("1")], "broken.jsonl:2: item id '1' stands on line 1 already. Give each item an id of its own."),
        ([line(), line("2"), b"\n", line("2")], "broken.jsonl:4: item id '2' stands on line 2 already."),
        ([line(), line("2", suite="t")], "broken.jsonl:2: is of t@1, the first line of s@1"),
        ([line(), b"\xff\n"], "broken.jsonl:2: not UTF-8"),
        ([b"\n"], "holds no items"),
        ([[1, 2]], "broken.jsonl:1: not an item: it is not a JSON object."),
        (
            [line(), line("2", predictions=["(*;%good%) < (*;%bad%)"])],
            "broken.jsonl:2: its predictions are not those of the first line.",
        ),
        (
            [line(predictions=["(critical;%good%) <"])],
            "broken.jsonl:1: formula '(critical;%good%) <': expected an atom such as (critical;%good%) at character",
        ),
        ([line(), line("2", pair="p"), line("3")], "broken.jsonl:2: pair 'p' is of 1 item(s), and twins come in two."),
        ([line("1", pair="p"), line("2", pair="p"), line("3", pair="p")], "broken.jsonl:1: pair 'p' is of 3 item(s)"),
        ([line(), b'{"id": ' + b"[" * 100_000], "broken.jsonl:2: not an item: it is nested too deeply"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path, lines, message):
    assert message in broken(tmp_path, *lines)


def without(key):
    return {name: value for name, value in line().items() if name != key}


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (without("id"), "lacks 'id'"),
        (without("suite"), "lacks 'suite'"),
        (without("version"), "lacks 'version'"),
        (without("predictions"), "lacks 'predictions'"),
        (line(None), "'id' is not a string or a whole number"),
        (line(suite=1), "'suite' is not a string"),
        (line(version="1"), "'version' is not a whole number"),
        (line(version=True), "'version' is not a whole number"),
        (line(group=["key", "be"]), "'group' is not a string or null"),
        (line(pair=1), "'pair' is not a string or null"),
        (line(factors=[]), "'factors' is not an object"),
        (line(factors={"nouns": [1]}), "factor 'nouns' is not a string, a number, true, false or null"),
        (line(extra="none"), "'extra' is not an object"),
        (line(source=None), "'source' is not an object"),
        (line(predictions=PREDICTION), "'predictions' is not a list"),
        (line(predictions=[]), "'predictions' is not a list of formulas"),
        (line(predictions=[1]), "'predictions' is not a list of formulas"),
        (line(sentences={}), "'sentences' is empty"),
        (line(sentences=["the key is"]), "'sentences' is not an object"),
        (line(group="\ud83d"), "'utf-8' codec can't encode character"),
    ],
)
def test_an_item_that_is_not_one_is_refused_with_what_is_wrong(tmp_path, item, message):
    told = broken(tmp_path, line("0"), item)
    assert f"broken.jsonl:2: not an item: {message}" in told
    assert told.endswith(". Mend or remove the line.")


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("the key is", "is not an object"),
        ({}, "lacks 'tokens'"),
        ({"tokens": "key"}, "'tokens' is not a list"),
        ({"tokens": []}, "'tokens' is not a list of words"),
        ({"tokens": ["the", 1]}, "'tokens' is not a list of words"),
        ({"tokens": ["the", ""]}, "'tokens' is not a list of words"),
        ({"tokens": ["a"], "text": ["a"]}, "'text' is not a string or null"),
        ({"tokens": ["a"], "regions": [[0, 1]]}, "'regions' is not an object"),
        ({"tokens": ["a"], "regions": {"cue": [0]}}, "region 'cue' is not two whole numbers"),
        ({"tokens": ["a"], "regions": {"cue": [0, 1, 1]}}, "region 'cue' is not two whole numbers"),
        ({"tokens": ["a"], "regions": {"cue": [0, 1.0]}}, "region 'cue' is not two whole numbers"),
        ({"tokens": ["a"], "regions": {"cue": [False, True]}}, "region 'cue' is not two whole numbers"),
        ({"tokens": ["a"], "regions": {"cue": "01"}}, "region 'cue' is not two whole numbers"),
        ({"tokens": ["a"], "regions": {"cue": [0, 2]}}, "region 'cue' [0, 2] lies outside the sentence's 1 words"),
        ({"tokens": ["a"], "regions": {"cue": [1, 0]}}, "region 'cue' [1, 0] lies outside the sentence's 1 words"),
        ({"tokens": ["a"], "regions": {"cue": [-1, 0]}}, "region 'cue' [-1, 0] lies outside the sentence's 1 words"),
    ],
)
def test_a_sentence_that_is_not_one_is_refused_with_what_is_wrong(tmp_path, sentence, message):
    assert broken(tmp_path, line("0"), line(sentences={"good": sentence})).endswith(
        f"broken.jsonl:2: not an item: sentence 'good': {message}. Mend or remove the line."
    )


def test_what_may_be_left_out_of_a_line_is_unknown_or_empty(tmp_path):
    (tmp_path / "short.jsonl").write_text(json.dumps(line(7, sentences={"good": {"tokens": ["keys"]}})))
    [item] = read_suite(tmp_path / "short.jsonl").items
    assert item == Item(id="7", sentences={"good": Sentence(tokens=("keys",), regions={})})


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(LrdBenchError, match=r"none\.jsonl: cannot be read"):
        read_suite(tmp_path / "none.jsonl")


def test_items_that_are_not_those_described_beside_them_are_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    write_suite(SUITE, path)
    path.write_text(path.read_text().replace("rusty", "dusty"))
    with pytest.raises(LrdBenchError, match=r"does not hold the items that a\.suite\.json describes"):
        read_suite(path)


DAMAGED = {
    "no JSON": b"{",
    "not UTF-8": b"\xff",
    "no object": b"[]",
    "empty": {},
    "no items": {"items": None},
    "items in words": {"items": "2"},
    "no digest": {"digest": None},
    "a source that is no object": {"source": "blimp"},
    "a name that is no string": {"name": 1},
    "one formula instead of a list": {"predictions": PREDICTION},
    "a glossary of numbers": {"glossary": {"attractors": 1}},
    "distances without the rest of what was made": {"source": {"distances": {"4": 2}}},
    "distances that are none": {
        "source": {"distances": {"far": 2}, "factors": [], "left_out": {}, "words_left_out": 0}
    },
}


@pytest.fixture
def described(tmp_path):
    """A suite, and the file beside it."""
    write_suite(SUITE, tmp_path / "a.jsonl")
    return tmp_path / "a.jsonl", suite_file(tmp_path / "a.jsonl")


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_description_is_refused(described, damage):
    stimuli, about = described
    if isinstance(damage, dict) and damage:
        value = json.loads(about.read_bytes()) | damage
        damage = {key: each for key, each in value.items() if each is not None}
    if isinstance(damage, dict):
        damage = json.dumps(damage).encode()
    about.write_bytes(damage)
    with pytest.raises(
        LrdBenchError, match=r"a\.suite\.json: is damaged \(.+\)\. Generate the suite again, with --force"
    ):
        read_suite(stimuli)


def test_what_is_missing_in_a_description_is_named(described):
    stimuli, about = described
    about.write_text(
        json.dumps({key: value for key, value in json.loads(about.read_bytes()).items() if key != "items"})
    )
    with pytest.raises(LrdBenchError, match=r"is damaged \(lacks 'items'\)"):
        read_suite(stimuli)


def test_a_suite_whose_description_is_damaged_can_be_generated_again(tmp_path):
    made = generate_suite("agreement-pp", out=tmp_path / "a.jsonl", items=1)
    whole = suite_file(made.path).read_bytes()
    suite_file(made.path).write_text("[]")
    with pytest.raises(LrdBenchError, match="with --force"):
        generate_suite("agreement-pp", out=made.path, items=1)
    assert generate_suite("agreement-pp", out=made.path, items=1, force=True) == made
    assert suite_file(made.path).read_bytes() == whole


# -- as other programs leave it ----------------------------------------------------------------------------------------


def test_a_packed_file_is_read_with_the_description_beside_it(described):
    stimuli, about = described
    packed = stimuli.with_name("a.jsonl.gz")
    packed.write_bytes(gzip.compress(stimuli.read_bytes()))
    stimuli.unlink()
    assert suite_file(packed) == about
    assert read_suite(packed) == SUITE


def test_a_packed_file_is_known_by_its_content_and_its_lines_are_counted(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(gzip.compress(b"\n" + json.dumps(line(None)).encode()))
    with pytest.raises(LrdBenchError, match=r"a\.jsonl:2: not an item: 'id'"):
        read_suite(tmp_path / "a.jsonl")


def test_a_packed_file_that_is_cut_is_refused(described):
    stimuli, _ = described
    stimuli.write_bytes(gzip.compress(stimuli.read_bytes())[:-9])
    with pytest.raises(
        LrdBenchError, match=r"a\.jsonl: cannot be read \(.+\)\. Check the path and that the file is whole"
    ):
        read_suite(stimuli)


def test_a_byte_order_mark_and_the_line_ends_of_windows_change_nothing(described):
    stimuli, _ = described
    stimuli.write_bytes(b"\xef\xbb\xbf" + stimuli.read_bytes().replace(b"\n", b"\r\n"))
    assert read_suite(stimuli) == SUITE
