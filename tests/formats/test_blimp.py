import gzip
import json

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats.blimp import read_blimp
from lrd_bench.items import Span
from lrd_bench.suite_files import read_suite, write_suite

WHOLE = "(*;%good%) < (*;%bad%)"
ONE_PREFIX = "(critical;%good%) < (critical;%bad%)"
TWO_PREFIX = "(two_prefix_word;%good%) < (two_prefix_word;%bad%)"


def pair(good: str, bad: str, number: int = 0, **fields: object) -> dict[str, object]:
    return {
        "sentence_good": good,
        "sentence_bad": bad,
        "field": "morphology",
        "linguistics_term": "tense_agreement",
        "UID": "made_up_tense",
        "simple_LM_method": True,
        "one_prefix_method": False,
        "two_prefix_method": False,
        "lexically_identical": False,
        "pairID": str(number),
    } | fields


def one_prefix(prefix: str, good: str, bad: str, rest: str, number: int = 0) -> dict[str, object]:
    return pair(
        f"{prefix} {good}{rest}",
        f"{prefix} {bad}{rest}",
        number,
        one_prefix_method=True,
        one_prefix_prefix=prefix,
        one_prefix_word_good=good,
        one_prefix_word_bad=bad,
    )


def two_prefixes(good: str, bad: str, word: str, rest: str, number: int = 0) -> dict[str, object]:
    return pair(
        f"{good} {word.strip()}{rest}",
        f"{bad} {word.strip()}{rest}",
        number,
        two_prefix_method=True,
        two_prefix_prefix_good=good,
        two_prefix_prefix_bad=bad,
        two_prefix_word=word,
    )


@pytest.fixture
def read(tmp_path):
    """Reads a file of these rows; a string is a line as it is."""

    def read_rows(*rows, name="made_up_tense.jsonl", newline="\n"):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (tmp_path / name).write_bytes(newline.join(lines).encode())
        return read_blimp(tmp_path / name)

    return read_rows


def test_a_pair_keeps_its_raw_sentences_and_has_words_for_models_of_words(read):
    suite = read(pair("The nurses' dog hasn't barked.", "The nurses' dog haven't barked.", 7))
    (item,) = suite.items
    assert item.id == "7"
    assert item.sentences["good"].text == "The nurses' dog hasn't barked."
    assert item.sentences["good"].tokens == ("The", "nurses", "'", "dog", "has", "n't", "barked", ".")
    assert item.sentences["bad"].tokens[4:6] == ("have", "n't")
    assert item.sentences["good"].regions == {"critical": Span(4, 5)}
    assert (item.group, item.pair, item.distance) == (None, None, None)


def test_the_suite_is_named_after_the_uid_and_says_what_it_is_of(read):
    suite = read(pair("Ann left.", "Ann leave."), name="renamed.jsonl")
    assert (suite.name, suite.version, suite.phenomenon) == ("made_up_tense", 1, "tense agreement")
    assert "Warstadt" in suite.reference
    assert suite.items[0].factors.keys() == suite.glossary.keys()


def test_a_filtered_copy_without_uid_and_pair_ids_goes_by_file_name_and_line(read):
    bare = [{"sentence_good": "Ann left.", "sentence_bad": "Ann leave."} for _ in range(2)]
    suite = read(*bare, name="turn_taking.jsonl")
    assert suite.name == "turn_taking"
    assert [item.id for item in suite.items] == ["0", "1"]
    assert suite.items[0].factors["field"] is None


def test_an_item_knows_its_file_and_line(read, tmp_path):
    suite = read(pair("Ann left.", "Ann leave.", 0), "", pair("Bo left.", "Bo leave.", 1))
    source = suite.items[1].source
    assert (source["file"], source["line"]) == ("made_up_tense.jsonl", 3)
    assert suite.source["files"] == {"made_up_tense.jsonl": source["sha256"]}


def test_the_field_has_one_spelling(read):
    suite = read(pair("Ann left.", "Ann leave.", field="syntax/semantics"))
    assert suite.items[0].factors["field"] == "syntax_semantics"


def test_fields_that_mean_nothing_to_us_are_kept(read):
    suite = read(pair("Ann left.", "Ann leave.", dependency_length=5, mood={"of": "today"}))
    extra = suite.items[0].extra
    assert (extra["dependency_length"], extra["mood"], extra["one_prefix_method"]) == (5, {"of": "today"}, False)
    assert "sentence_good" not in extra


def test_whole_sentences_are_compared_where_the_paradigm_has_no_prefix_method(read):
    suite = read(pair("What did Bo eat after leaving town?", "What did Bo eat town after leaving?"))
    assert suite.predictions == (WHOLE,)
    assert suite.items[0].sentences["good"].regions == {"critical": Span(4, 7)}
    assert suite.items[0].factors["multi_word"] is True


def test_one_prefix_is_asked_of_the_whole_word_as_the_authors_mean_it(read):
    suite = read(
        one_prefix("The nurse", "hasn't", "haven't", " slept.", 0),
        one_prefix("Some rivers", "went dry", "gone dry", ".", 1),
        one_prefix("Bo met a", "doctor", "newspaper article", ".", 2),
    )
    assert suite.predictions == (WHOLE, ONE_PREFIX)
    spans = [[sentence.regions["critical"] for sentence in item.sentences.values()] for item in suite.items]
    assert spans == [[Span(2, 4)] * 2, [Span(2, 4)] * 2, [Span(3, 4), Span(3, 5)]]
    assert [item.factors["multi_word"] for item in suite.items] == [True, True, True]
    assert suite.items[1].extra["one_prefix_word_bad"] == "gone dry"


def test_two_prefixes_are_asked_of_the_word_that_follows_both(read):
    suite = read(
        two_prefixes("These old", "This old", "lamps", " glow.", 0),
        two_prefixes("Which lamps has Bo sold and", "Which has Bo sold lamps and", " Ann", " kept?", 1),
    )
    assert suite.predictions == (WHOLE, TWO_PREFIX)
    first, second = suite.items
    assert first.sentences["bad"].regions == {"critical": Span(0, 1), "two_prefix_word": Span(2, 3)}
    assert second.sentences["good"].regions["two_prefix_word"] == Span(6, 7)


@pytest.mark.parametrize(
    "odd",
    [
        one_prefix("The nurse", "has", "have", " slept.", 1) | {"one_prefix_prefix": "A nurse"},
        one_prefix("The nurse", "has", "have", " slept.", 1) | {"one_prefix_word_bad": None},
        pair("The nurse has slept.", "The nurse have slept.", 1),
    ],
    ids=["other prefix", "no word", "no method"],
)
def test_no_method_is_asked_of_a_file_in_which_it_cannot_be_asked_of_every_pair(read, odd):
    suite = read(one_prefix("The nurse", "has", "have", " slept.", 0), odd)
    assert suite.predictions == (WHOLE,)
    assert suite.items[1].sentences["good"].regions == {"critical": Span(2, 3)}


def test_pairs_of_the_same_sentence_are_kept_and_flagged(read):
    suite = read(pair("Bo read a map.", "Bo read a map.", 0), pair("Bo drew it.", "Bo drawn it.", 1))
    assert [item.factors["identical"] for item in suite.items] == [True, False]
    assert suite.items[0].sentences["good"].regions == {}


def test_a_packed_file_and_one_from_windows_are_read_alike(read, tmp_path):
    rows = [pair("Ann left.", "Ann leave.", 0), pair("Bo left.", "Bo leave.", 1)]
    plain = read(*rows)
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    assert read(*rows, newline="\r\n").digest == plain.digest == read_blimp(tmp_path / "packed.jsonl.gz").digest


def test_a_suite_written_as_ours_reads_back_the_same(read, tmp_path):
    suite = read(one_prefix("The nurse", "has", "have", " slept.", 0), two_prefixes("All", "No", "cats", ".", 1))
    write_suite(suite, tmp_path / "ours.jsonl")
    assert read_suite(tmp_path / "ours.jsonl") == suite


GOOD_LINE = json.dumps(pair("Ann left.", "Ann leave.", 0))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Ann left. TAB Ann leave.", "is not JSON"),
        ('{"sentence_good": "Ann left."', "is not JSON"),
        ('["Ann left.", "Ann leave."]', "is not a JSON object"),
        ('{"sentence_good": "Ann left."}', "lacks 'sentence_bad'"),
        ('{"sentence_good": " ", "sentence_bad": "Ann leave."}', "'sentence_good' is not a sentence"),
        ('{"sentence_good": "Ann left.", "sentence_bad": null}', "'sentence_bad' is not a sentence"),
        (json.dumps(pair("Bo left.", "Bo leave.", 0)), "pairID '0' occurs twice"),
        (json.dumps(pair("Bo left.", "Bo leave.", 1, UID="other")), "is of 'other', the first line of 'made_up_tense'"),
    ],
)
def test_a_broken_line_is_named(read, line, message):
    with pytest.raises(LrdBenchError) as error:
        read(GOOD_LINE, "", line)
    assert f"made_up_tense.jsonl:3: {message}" in str(error.value)


# -- The published files -----------------------------------------------------------------------------------------------


def test_every_published_paradigm_is_read_whole(data):
    files = sorted((data / "suites" / "blimp").iterdir())
    suites = [read_blimp(file) for file in files]
    assert len(suites) == 35
    for file, suite in zip(files, suites, strict=True):
        assert suite.name == file.name.partition(".")[0]
        assert [item.id for item in suite.items] == [str(number) for number in range(1000)]
        extra = suite.items[0].extra
        methods = [
            prediction
            for method, prediction in (("one_prefix_method", ONE_PREFIX), ("two_prefix_method", TWO_PREFIX))
            if extra[method]
        ]
        assert suite.predictions == (WHOLE, *methods), suite.name
    fields = {item.factors["field"] for suite in suites for item in suite.items}
    assert fields == {"morphology", "syntax", "semantics", "syntax_semantics"}
    identical = {suite.name: sum(bool(item.factors["identical"]) for item in suite.items) for suite in suites}
    assert {name: count for name, count in identical.items() if count} == {"passive_1": 2, "principle_A_case_2": 5}


def test_the_words_of_a_published_pair_are_those_of_its_raw_sentence(data):
    suite = read_blimp(data / "suites" / "blimp" / "distractor_agreement_relational_noun.jsonl")
    for item in suite.items:
        for condition, sentence in item.sentences.items():
            assert sentence.text is not None
            assert "".join(sentence.tokens) == sentence.text.replace(" ", "")
            span = sentence.regions["critical"]
            word = item.extra[f"one_prefix_word_{condition}"]
            assert "".join(sentence.tokens[slice(*span)]) == word.replace(" ", "")
