import gzip

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats.clams import read_clams
from lrd_bench.items import Span
from lrd_bench.suite_files import read_suite, write_suite

WHOLE = "(*;%good%) < (*;%bad%)"
CRITICAL = "(critical;%good%) < (critical;%bad%)"


@pytest.fixture
def read(tmp_path):
    """Reads a file of these lines, in which `|` stands for the tab."""

    def read_lines(*lines, name="made_up.txt", folder="en_evalset", newline="\n", end="\n"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes((newline.join(lines).replace("|", "\t") + end).encode())
        return read_clams(tmp_path / folder / name)

    return read_lines


def pairs(*sentences: str) -> list[str]:
    """`the nurse {runs/run} home` as its True line and its False line."""
    lines = []
    for sentence in sentences:
        before, _, rest = sentence.partition("{")
        forms, _, after = rest.partition("}")
        lines += [
            f"{label}|{before}{form}{after}" for label, form in zip(("True", "False"), forms.split("/"), strict=True)
        ]
    return lines


def test_a_true_line_and_the_false_line_after_it_are_one_item(read):
    suite = read(*pairs("the nurse {runs/run} home", "the cook {sings/sing} here"))
    first, second = suite.items
    assert (first.id, second.id) == ("1", "2")
    assert first.sentences["good"].tokens == ("the", "nurse", "runs", "home")
    assert first.sentences["bad"].tokens == ("the", "nurse", "run", "home")
    assert first.sentences["bad"].regions == {"critical": Span(2, 3)}
    assert (second.source["file"], second.source["line"]) == ("made_up.txt", 3)
    assert first.factors == {"case": "made_up", "multi_word": False, "identical": False}
    assert first.factors.keys() == suite.glossary.keys()
    assert suite.predictions == (WHOLE, CRITICAL)


@pytest.mark.parametrize(
    ("folder", "name", "suite_name"),
    [
        ("en_evalset", "subj_rel.txt", "clams-en-subj_rel"),
        ("fr", "subj_rel.txt", "clams-fr-subj_rel"),
        ("english", "subj_rel.txt", "clams-subj_rel"),
    ],
)
def test_the_suite_is_named_after_file_and_language(read, folder, name, suite_name):
    assert read(*pairs("the nurse {runs/run}"), folder=folder, name=name).name == suite_name


@pytest.mark.parametrize(
    ("case", "phenomenon"),
    [
        ("simple_agrmt", "subject-verb number agreement"),
        ("reflexives_across", "reflexive anaphora"),
        ("npi_across_anim", "negative polarity items"),
    ],
)
def test_the_case_says_what_the_suite_is_about(read, case, phenomenon):
    assert read(*pairs("the nurse {runs/run}"), name=f"{case}.txt").phenomenon == phenomenon


def test_several_false_lines_make_an_item_each(read):
    suite = read("True|no nurse ever ran", "False|the nurse ever ran", "False|most nurse ever ran", "True|a", "False|b")
    assert [item.id for item in suite.items] == ["1", "1.2", "2"]
    assert [item.sentences["bad"].tokens[0] for item in suite.items] == ["the", "most", "b"]
    assert {item.sentences["good"].tokens for item in suite.items[:2]} == {("no", "nurse", "ever", "ran")}


def test_a_span_of_several_words_is_flagged(read):
    suite = read(*pairs("les phoques {sont lents/est lent}", "les phoques {nagent/nage}"))
    assert [item.factors["multi_word"] for item in suite.items] == [True, False]
    assert suite.items[0].sentences["good"].regions["critical"] == Span(2, 4)


@pytest.mark.parametrize(
    "sentence",
    ["{no/the} nurses ever slept", "the nurse slept{/ here}", "the nurse slept"],
    ids=["differ from the first word on", "a word more", "the same"],
)
def test_critical_regions_alone_are_compared_only_where_they_can_tell(read, sentence):
    lines = pairs(sentence) if "{" in sentence else [f"True|{sentence}", f"False|{sentence}"]
    suite = read(*pairs("the cook {sings/sing}"), *lines)
    assert suite.predictions == (WHOLE,)
    assert suite.items[1].factors["identical"] is (sentence == "the nurse slept")


def test_the_end_symbol_of_a_preprocessed_file_is_no_word(read):
    suite = read("True|the nurse runs . <eos>", "False|the nurse run . <eos>")
    assert suite.items[0].sentences["good"].tokens == ("the", "nurse", "runs", ".")


def test_files_from_windows_packed_and_without_a_last_newline_are_read_alike(read, tmp_path):
    lines = pairs("the nurse {runs/run}", "the cook {sings/sing}")
    plain = read(*lines)
    packed = tmp_path / "en_evalset" / "made_up.txt.gz"
    packed.write_bytes(gzip.compress("\n".join(lines).replace("|", "\t").encode()))
    digests = {read(*lines, newline="\r\n").digest, read(*lines, end="").digest, read_clams(packed).digest}
    assert digests == {plain.digest}


# -- Twins -------------------------------------------------------------------------------------------------------------

TWINS = pairs(
    "the nurse near the lake {runs/run} home",
    "the nurse near the lakes {runs/run} home",
    "the cook near the lake {runs/run} home",
    "the cook near the lakes {runs/run} home",
    "the nurses near the lake {run/runs} home",
    "the nurses near the lakes {run/runs} home",
    "the cooks near the lake {run/runs} home",
    "the cooks near the lakes {run/runs} home",
)


def test_items_that_differ_in_the_number_of_the_subject_are_twins(read):
    suite = read(*TWINS)
    assert suite.items[0].pair == suite.items[4].pair == "1+5"
    assert suite.twins["4"].id == "8"
    assert len({item.pair for item in suite.items}) == 4


def test_the_word_that_tells_twins_apart_is_the_cue(read):
    item = read(*TWINS).items[6]
    assert item.sentences["good"].tokens[1] == "cooks"
    assert (
        item.sentences["good"].regions == item.sentences["bad"].regions == {"cue": Span(1, 2), "critical": Span(5, 6)}
    )
    assert item.distance == 4


def test_twins_can_be_told_apart_by_a_model_that_sees_the_cue_and_by_no_other(read):
    suite = read(*TWINS)
    assert {suite.needed_context(item) for item in suite.items} == {4}


def test_a_group_is_a_subject_and_a_verb_in_all_their_forms(read):
    assert [item.group for item in read(*TWINS).items] == 2 * [
        *2 * ["nurse/nurses × run/runs"],
        *2 * ["cook/cooks × run/runs"],
    ]


@pytest.mark.parametrize(
    "lines",
    [
        [*TWINS, *pairs("the man near the lake {runs/run} home", "the men near the lake {run/runs} home")],
        [*TWINS, *pairs("the nurseling near the lake {run/runs} home")],
        [*TWINS, *TWINS[:2]],
        TWINS[:-2],
        pairs("the nurse that likes him {runs/run}", "the nurses that like him {run/runs}"),
        pairs("the nurse {runs/run}", "the cook {run/runs}"),
        pairs("the nurse {runs/run}", "the nurses {swim/swims}"),
    ],
    ids=[
        "forms that are no word with an ending",
        "two candidates",
        "an item twice",
        "one left over",
        "a verb agrees, too",
        "two nouns",
        "other verbs",
    ],
)
def test_nothing_is_guessed_where_one_item_has_no_single_twin(read, lines):
    suite = read(*lines)
    assert {(item.pair, item.group, item.distance) for item in suite.items} == {(None, None, None)}


def test_a_suite_written_as_ours_reads_back_the_same(read, tmp_path):
    suite = read(*TWINS)
    write_suite(suite, tmp_path / "ours.jsonl")
    assert read_suite(tmp_path / "ours.jsonl") == suite


# -- Broken files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (["False|a nurse run", "True|a nurse runs"], 1, "a False line with no True line before it"),
        (
            [*TWINS[:2], "True|a nurse runs", "True|a cook runs", "False|a cook run"],
            3,
            "a True line with no False line",
        ),
        ([*TWINS[:2], "True|a nurse runs"], 3, "a True line with no False line"),
        ([*TWINS[:2], "True|a nurse|runs", "False|a nurse run"], 3, "has 3 field(s), not 2"),
        ([*TWINS[:3], "False a nurse run"], 4, "has 1 field(s), not 2"),
        ([*TWINS[:2], "true|a nurse runs"], 3, "begins with 'true'"),
        ([*TWINS[:3], "False| "], 4, "the sentence has no words"),
        ([*TWINS[:3], "False|<eos>"], 4, "the sentence has no words"),
        ([*TWINS[:3], "False|a nurse <eos> run"], 4, "<eos> stands inside the sentence"),
        ([*TWINS[:2], "", "True|<s> a nurse runs"], 4, "<s> stands inside the sentence"),
    ],
)
def test_a_broken_line_is_named(read, lines, line, message):
    with pytest.raises(LrdBenchError) as error:
        read(*lines)
    assert f"made_up.txt:{line}: {message}" in str(error.value)


# -- The published files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "files", "items"),
    [
        ("de_sample", 4, 1_920),
        ("en_evalset", 10, 47_700),
        ("fr_sample", 4, 2_060),
        ("he_sample", 4, 1_920),
        ("ru_sample", 4, 2_060),
    ],
)
def test_every_published_file_is_read_whole(data, folder, files, items):
    suites = [read_clams(file) for file in sorted((data / "suites" / "clams" / folder).iterdir())]
    assert len({suite.name for suite in suites}) == files
    assert sum(len(suite.items) for suite in suites) == items
    for suite in suites:
        assert suite.predictions == ((WHOLE,) if "npi" in suite.name else (WHOLE, CRITICAL))
        assert not any(item.factors["identical"] for item in suite.items)


def test_published_english_twins_are_found_where_one_word_differs(data):
    files = (data / "suites" / "clams" / "en_evalset").iterdir()
    suites = {suite.name.removeprefix("clams-en-"): suite for suite in map(read_clams, files)}
    assert {name for name, suite in suites.items() if suite.twins} == {
        *("simple_agrmt", "simple_reflexives", "sent_comp", "prep_anim", "prep_inanim", "obj_rel_across_anim")
    }
    suite = suites["obj_rel_across_anim"]
    assert len(suite.twins) == len(suite.items)
    assert {item.distance for item in suite.items} == {5, 6}
    assert len({item.group for item in suite.items}) == 10 * 4  # subjects and verbs


def test_published_french_adjectives_make_spans_of_two_words(data):
    suite = read_clams(data / "suites" / "clams" / "fr_sample" / "simple_agrmt.txt")
    assert sum(bool(item.factors["multi_word"]) for item in suite.items) == 120
