import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrd_bench.errors import LrdBenchError
from lrd_bench.items import Item, Sentence, Span, Suite, needed_context, read_suite, suite_file, write_suite

PREDICTION = "(critical;%good%) < (critical;%bad%)"


def sentence(text, cue, critical):
    words = tuple(text.split())
    regions = {"cue": words.index(cue), "critical": words.index(critical)}
    return Sentence(tokens=words, regions={name: Span(at, at + 1) for name, at in regions.items()})


def item(cue, good, bad, *, pair="p1", filler="to the cabinet", **rest):
    sentences = {
        "good": sentence(f"the {cue} {filler} {good} rusty", cue, good),
        "bad": sentence(f"the {cue} {filler} {bad} rusty", cue, bad),
    }
    return Item(id=f"{pair}-{cue}", pair=pair, group="key|be", sentences=sentences, **rest)


KEY = item("key", "is", "are", factors={"attractors": 0}, source={"grammar": "english-small", "seed": 0})
KEYS = item("keys", "are", "is", factors={"attractors": 1}, extra={"note": "Ἔρως"})
SUITE = Suite(
    name="agreement-pp",
    version=1,
    items=(KEY, KEYS),
    predictions=(PREDICTION,),
    phenomenon="agreement",
    glossary={"attractors": "nouns between whose number opposes the cue's"},
    source={"seed": 0},
)


def test_distance_counts_from_the_cue_to_the_verb():
    assert sentence("the keys to the cabinet are", cue="keys", critical="are").distance == 4
    assert sentence("the keys are", cue="keys", critical="are").distance == 1


def test_distance_counts_from_the_last_word_of_the_cue():
    words = ("the", "house", "keys", "are")
    assert Sentence(tokens=words, regions={"cue": Span(1, 3), "critical": Span(3, 4)}).distance == 1


def test_without_a_cue_there_is_no_distance():
    assert Sentence(tokens=("she", "sleeps"), regions={"critical": Span(1, 2)}).distance is None


def test_the_star_is_the_whole_sentence():
    assert sentence("the keys are", cue="keys", critical="are").span("*") == Span(0, 3)


def test_needed_context_is_the_distance_where_only_the_cue_differs():
    assert needed_context(KEY, KEYS) == KEY.distance == 4


def test_a_filler_that_agrees_with_the_cue_brings_the_needed_context_below_the_distance():
    one = item("key", "is", "are", filler="that turns to the cabinet")
    other = item("keys", "are", "is", filler="that turn to the cabinet")
    assert (one.distance, needed_context(one, other)) == (6, 4)


def test_no_context_suffices_where_the_twins_contexts_are_equal():
    assert needed_context(KEY, KEY) is None


@given(
    shared=st.lists(st.sampled_from("abc"), max_size=6),
    one=st.lists(st.sampled_from("abc"), max_size=4),
    other=st.lists(st.sampled_from("abc"), max_size=4),
)
def test_a_window_below_the_needed_context_sees_the_same_and_one_of_its_size_does_not(shared, one, other):
    def of(words):
        tokens = (*words, *shared, "x")
        critical = Span(len(tokens) - 1, len(tokens))
        return Item(id="1", sentences={"good": Sentence(tokens=tokens, regions={"critical": critical})})

    def window(words, size):
        return (["<s>"] * size + words + shared)[-size:] if size else []

    needed = needed_context(of(one), of(other))
    if needed is None:
        assert one == other
        return
    assert window(one, needed - 1) == window(other, needed - 1)
    assert window(one, needed) != window(other, needed)


def test_a_suite_reads_back_as_it_was_written(tmp_path):
    write_suite(SUITE, tmp_path / "agreement-pp.jsonl")
    assert read_suite(tmp_path / "agreement-pp.jsonl") == SUITE


def test_each_line_is_self_contained_and_names_the_derived_factors(tmp_path):
    write_suite(SUITE, tmp_path / "a.jsonl")
    line = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[1])
    assert (line["suite"], line["version"], line["predictions"]) == ("agreement-pp", 1, [PREDICTION])
    assert line["factors"] == {"distance": 4, "needed_context": 4, "attractors": 1}
    assert line["sentences"]["good"]["regions"] == {"cue": [1, 2], "critical": [5, 6]}
    (tmp_path / "a.suite.json").unlink()
    assert read_suite(tmp_path / "a.jsonl").items == SUITE.items


def test_derived_factors_in_a_file_are_not_believed(tmp_path):
    write_suite(SUITE, tmp_path / "a.jsonl")
    (tmp_path / "a.suite.json").unlink()
    text = (tmp_path / "a.jsonl").read_text().replace('"distance": 4', '"distance": 99')
    (tmp_path / "a.jsonl").write_text(text)
    assert read_suite(tmp_path / "a.jsonl").items[0].distance == 4


def test_the_digest_is_of_the_items_and_not_of_where_they_came_from():
    assert replace(SUITE, items=(replace(KEY, source={}), KEYS)).digest == SUITE.digest
    assert replace(SUITE, items=(KEYS, KEY)).digest != SUITE.digest
    assert replace(SUITE, version=2).digest != SUITE.digest
    assert replace(SUITE, predictions=("(*;%good%) < (*;%bad%)",)).digest != SUITE.digest


def test_twins_know_each_other():
    assert SUITE.twins == {KEY.id: KEYS, KEYS.id: KEY}


def test_a_pair_of_one_or_three_is_refused():
    with pytest.raises(LrdBenchError, match="pair 'p1' is of 1 item"):
        _ = replace(SUITE, items=(KEY,)).twins


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
        ([line(), line("2", sentences=None)], "broken.jsonl:2: not an item"),
        ([line(), {"suite": "s", "id": "2"}], "broken.jsonl:2: not an item: lacks 'sentences'"),
        ([line(), line("1")], "item id '1' occurs twice"),
        ([line(), line("2", suite="t")], "broken.jsonl:2: is of t@1, the first line of s@1"),
        ([b"\xff\n"], "is not UTF-8"),
        ([b"\n"], "holds no items"),
        ([[1, 2]], "broken.jsonl:1: not an item"),
        (
            [line(sentences={"good": {"tokens": ["a"], "regions": {"cue": [0, 2]}}})],
            "region 'cue' [0, 2] lies outside the sentence's 1 words",
        ),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path, lines, message):
    assert message in broken(tmp_path, *lines)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(LrdBenchError, match=r"none\.jsonl: cannot be read"):
        read_suite(tmp_path / "none.jsonl")


def test_items_that_are_not_those_described_beside_them_are_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    write_suite(SUITE, path)
    path.write_text(path.read_text().replace("rusty", "dusty"))
    with pytest.raises(LrdBenchError, match=r"does not hold the items that a\.suite\.json describes"):
        read_suite(path)


def test_a_damaged_description_is_refused(tmp_path):
    write_suite(SUITE, tmp_path / "a.jsonl")
    suite_file(tmp_path / "a.jsonl").write_text("[]")
    with pytest.raises(LrdBenchError, match=r"a\.suite\.json: is damaged"):
        read_suite(tmp_path / "a.jsonl")
