import gzip
import json
from copy import deepcopy

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats import read_stimuli
from lrd_bench.formats.syntaxgym import read_syntaxgym
from lrd_bench.formats.tokenise import tokenise
from lrd_bench.items import Span
from lrd_bench.suite_files import read_suite, write_suite

FORMULA = "[(3;%match%) < (3;%mismatch%)] & [(*;%match%) < (*;%mismatch%)]"


def condition(name: str, *contents: str, **fields: object) -> dict[str, object]:
    regions = [{"region_number": number, "content": content} for number, content in enumerate(contents, start=1)]
    return {"condition_name": name, "regions": regions} | fields


SUITE = {
    "meta": {"name": "made_up", "metric": "sum", "reference": "Nobody 2020.", "author": "Nobody"},
    "region_meta": {"1": "Subject phrase", "2": "gap", "3": "verb"},
    "predictions": [
        {"type": "formula", "formula": f" {FORMULA} "},
        {"type": "formula", "formula": "(3;%match%) - (3;%mismatch%) < 0"},
    ],
    "items": [
        {
            "item_number": 7,
            "conditions": [
                condition("match", " The nurse's  dog", "", "hasn't barked ."),
                condition("mismatch", "The nurse's dog ", " ", "haven't barked ."),
            ],
        },
        {
            "item_number": 8,
            "conditions": [condition("match", "It", ", oddly ,", "is ."), condition("mismatch", "It", "", "are .")],
        },
    ],
}


def changed(change) -> dict[str, object]:
    suite = deepcopy(SUITE)
    change(suite)
    return suite


@pytest.fixture
def read(tmp_path):
    def read_one(suite=SUITE, name="made_up.json"):
        text = suite if isinstance(suite, str) else json.dumps(suite, indent=1)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_syntaxgym(tmp_path / name)

    return read_one


def test_a_sentence_is_its_regions_with_one_space_between_them_whatever_spaces_stray(read):
    match, mismatch = read().items[0].sentences.values()
    assert match.text == "The nurse's dog hasn't barked ."
    assert match.tokens == ("The", "nurse", "'s", "dog", "has", "n't", "barked", ".")
    assert mismatch.text == "The nurse's dog haven't barked ."


def test_regions_go_by_their_numbers_and_an_empty_one_has_no_words(read):
    regions = [sentence.regions for item in read().items for sentence in item.sentences.values()]
    assert regions[0] == regions[1] == {"1": Span(0, 4), "2": Span(4, 4), "3": Span(4, 8)}
    assert regions[2] == {"1": Span(0, 1), "2": Span(1, 4), "3": Span(4, 6)}


def test_the_file_names_the_suite_its_predictions_its_metric_and_the_groups(read):
    suite = read()
    assert (suite.name, suite.version, suite.metric) == ("made_up", 1, "sum")
    assert suite.predictions == (FORMULA, "(3;%match%) - (3;%mismatch%) < 0")
    assert suite.reference == "Nobody 2020; Gauthier et al. 2020 (SyntaxGym)."
    assert [(item.id, item.group, item.pair, item.distance) for item in suite.items] == [
        ("7", "7", None, None),
        ("8", "8", None, None),
    ]


def test_the_names_of_regions_and_what_means_nothing_to_us_are_kept(read):
    def change(suite):
        suite["meta"]["tags"] = ["dogs"]
        suite["mood"] = "fine"
        suite["items"][0]["mood"] = "bad"
        suite["items"][0]["conditions"][1]["mood"] = "worse"
        suite["items"][0]["conditions"][1]["regions"][0] |= {"oovs": ["nurse"], "metric_value": {"sum": 3.5}}

    suite = read(changed(change))
    assert suite.source["regions"] == {"1": "Subject phrase", "2": "gap", "3": "verb"}
    assert suite.source["extra"] == {"author": "Nobody", "tags": ["dogs"], "mood": "fine"}
    regions = {"1": {"oovs": ["nurse"], "metric_value": {"sum": 3.5}}}
    assert suite.items[0].extra == {
        "mood": "bad",
        "conditions": {"mismatch": {"mood": "worse", "regions": regions}},
    }
    assert suite.items[1].extra == {}
    [(file, digest)] = suite.source["files"].items()
    assert suite.items[0].source == {"file": file, "sha256": digest}


@pytest.mark.parametrize("metric", ["mean", ["max"]])
def test_a_suite_may_have_another_metric(read, metric):
    expected = metric if isinstance(metric, str) else metric[0]
    assert read(changed(lambda suite: suite["meta"].update(metric=metric))).metric == expected


def test_a_suite_written_as_ours_reads_back_the_same(read, tmp_path):
    suite = read()
    write_suite(suite, tmp_path / "ours.jsonl")
    assert read_suite(tmp_path / "ours.jsonl") == suite


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize(
    "keys",
    [
        ("meta", "region_meta", "predictions", "items"),
        ("items", "predictions", "region_meta", "meta"),
        ("predictions", "meta", "items", "region_meta"),
    ],
)
def test_a_file_is_recognised_however_it_is_laid_out(tmp_path, keys, indent):
    (tmp_path / "some.txt").write_text("\n" + json.dumps({key: SUITE[key] for key in keys}, indent=indent))
    assert read_stimuli(tmp_path / "some.txt").name == "made_up"


def test_items_of_ours_that_begin_with_their_predictions_are_still_ours(read, tmp_path):
    write_suite(read(), tmp_path / "ours.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "ours.jsonl").read_text().splitlines()]
    turned = [{"predictions": line["predictions"], **line} for line in lines]
    (tmp_path / "turned.jsonl").write_text("\n".join(map(json.dumps, turned)))
    assert read_stimuli(tmp_path / "turned.jsonl").digest == read().digest


def test_a_packed_file_and_one_from_windows_are_read_alike(read, tmp_path):
    text = json.dumps(SUITE, indent=1)
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(("\ufeff" + text.replace("\n", "\r\n")).encode()))
    assert read_stimuli(tmp_path / "packed.json.gz").digest == read().digest


RELATION = {"relation": "greaterthan", "region_number": 3, "l_operand": "match", "r_operand": "mismatch"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("meta"), "is not a SyntaxGym suite: its 'meta' is missing or is not an object"),
        (lambda s: s.update(items={}), "its 'items' is missing or is not a list"),
        (lambda s: s["meta"].update(name=3), "its 'name' is missing or is not a string"),
        (lambda s: s["meta"].update(name=" "), "its 'name' is empty"),
        (lambda s: s["meta"].pop("metric"), "its 'metric' is null. Name one"),
        (
            lambda s: s["meta"].update(metric="all"),
            "its 'metric' is \"all\", and a formula compares one number a region",
        ),
        (lambda s: s["meta"].update(metric=["sum", "mean"]), 'its \'metric\' is ["sum", "mean"]. Name one'),
        (lambda s: s["region_meta"].pop("2"), "the keys of 'region_meta' are 1, 3. Number the regions from 1 on"),
        (lambda s: s.update(predictions=[RELATION]), "prediction 1 is written as a 'relation'"),
        (lambda s: s.update(predictions=[]), "has no predictions"),
        (lambda s: s.update(predictions=[{"type": "formula"}]), "prediction 1 is no formula"),
        (lambda s: s["predictions"][1].update(type="guess"), "prediction 2 is no formula"),
        (lambda s: s["predictions"][1].update(formula="(3;%match%)"), "prediction 2: formula '(3;%match%)': compares"),
        (
            lambda s: s["predictions"][1].update(formula="(3;%match%) < (4;%match%)"),
            "prediction 2: unknown region '4'. Known: *, 1, 2, 3",
        ),
        (
            lambda s: s["predictions"][1].update(formula="(3;%match%) < (3;%misatch%)"),
            "prediction 2: unknown condition 'misatch'. Did you mean 'mismatch'?",
        ),
        (lambda s: s.update(items=[]), "has no items"),
        (lambda s: s["items"][1].pop("item_number"), "an item has no 'item_number'"),
        (lambda s: s["items"][1].update(item_number=7), "item 7 occurs twice"),
        (lambda s: s["items"][1].update(conditions=[]), "item 8 has no list of 'conditions'"),
        (lambda s: s["items"][1]["conditions"].pop(), "item 8 has not the conditions of item 7: 'mismatch' is in one"),
        (lambda s: s["items"][1]["conditions"][1].pop("condition_name"), "item 8: a condition has no 'condition_name'"),
        (
            lambda s: s["items"][1]["conditions"][1].update(condition_name="match"),
            "item 8 has two conditions 'match'",
        ),
        (
            lambda s: s["items"][1]["conditions"][0]["regions"].pop(),
            "item 8, condition 'match' lacks region 3. Add it; it may be empty",
        ),
        (
            lambda s: s["items"][1]["conditions"][0]["regions"][2].update(region_number=4),
            "item 8, condition 'match': unknown region '4'. Known: 1, 2, 3",
        ),
        (
            lambda s: s["items"][1]["conditions"][0]["regions"][2].update(region_number=2),
            "item 8, condition 'match' has region 2 twice",
        ),
        (
            lambda s: s["items"][1]["conditions"][0]["regions"][2].update(content=None),
            "item 8, condition 'match', region 3: its 'content' is missing or is not a string",
        ),
        (
            lambda s: [region.update(content=" ") for region in s["items"][1]["conditions"][0]["regions"]],
            "item 8, condition 'match' has no words",
        ),
    ],
)
def test_what_is_broken_is_named(read, change, message):
    with pytest.raises(LrdBenchError) as error:
        read(changed(change))
    assert "made_up.json: " in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "meta": {\n', "made_up.json:3: is not JSON"),
        ("[]", "made_up.json: is not a SyntaxGym suite: it is no JSON object"),
        ('{"meta": "\\ud83d"}', "made_up.json: holds half a character"),
    ],
)
def test_what_is_no_json_object_is_refused_with_the_line(read, text, message):
    with pytest.raises(LrdBenchError) as error:
        read(text)
    assert message in str(error.value)


# -- The published files -----------------------------------------------------------------------------------------------

ITEMS = {
    "center_embed": 28,
    "cleft": 40,
    "fgd-embed3": 21,
    "fgd_pp": 24,
    "fgd_subject": 24,
    "mvrr": 28,
    "npi_orc_ever": 38,
    "npi_src_any": 38,
    "npz_ambig": 24,
    "npz_obj_mod": 24,
    "number_orc": 19,
    "number_prep": 19,
    "reflexive_orc_masc": 19,
    "reflexive_prep_fem": 19,
    "reflexive_src_fem": 19,
    "subordination": 23,
    "subordination_src-src": 23,
}


def test_every_published_suite_is_recognised_and_read_whole(data):
    suites = [read_stimuli(file) for file in sorted((data / "suites" / "syntaxgym").iterdir())]
    assert {suite.name: len(suite.items) for suite in suites} == ITEMS
    for suite in suites:
        assert suite.metric == "sum"
        assert len(suite.predictions) == 1


def test_the_words_of_published_regions_are_those_of_the_whole_sentence(data):
    for file in sorted((data / "suites" / "syntaxgym").iterdir()):
        raw = json.loads(file.read_text("utf-8"))
        suite = read_stimuli(file)
        for item, published in zip(suite.items, raw["items"], strict=True):
            for sentence, each in zip(item.sentences.values(), published["conditions"], strict=True):
                assert sentence.tokens == tokenise(sentence.text)
                for region in each["regions"]:
                    span = sentence.regions[str(region["region_number"])]
                    assert "".join(sentence.tokens[slice(*span)]) == region["content"].replace(" ", "")


def test_the_empty_regions_of_filler_gap_suites_have_no_words(data):
    for name in ("fgd_pp", "fgd_subject", "fgd-embed3"):
        suite = read_stimuli(data / "suites" / "syntaxgym" / f"{name}.json")
        spans = [span for item in suite.items for s in item.sentences.values() for span in s.regions.values()]
        assert sum(start == stop for start, stop in spans) == 2 * len(suite.items)
