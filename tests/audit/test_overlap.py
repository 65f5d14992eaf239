"""How much of a suite the training text holds, counted on literal sentences and on the shipped grammar's text."""

from dataclasses import replace

import pytest

from lrd_bench.audit import count_overlap
from lrd_bench.catalogue import names
from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite, generate_text
from lrd_bench.items import Item, Sentence, Span, Suite
from lrd_bench.outcomes import OVERLAP_COLUMNS, write_table
from lrd_bench.suite_files import read_suite, write_suite

PREDICTION = "(critical;%good%) < (critical;%bad%)"


def sentence(text, cue, critical):
    words = tuple(text.split())
    regions = {"cue": words.index(cue), "critical": words.index(critical)}
    return Sentence(tokens=words, regions={name: Span(at, at + 1) for name, at in regions.items()})


def item(cue, filler, good, bad, seen, opener="The"):
    sentences = {
        condition: sentence(f"{opener} {cue} {filler} {verb} old .", cue, verb)
        for condition, verb in {"good": good, "bad": bad}.items()
    }
    return Item(id=f"{opener} {cue} {filler} {good}", sentences=sentences, factors={"seen": seen})


ITEMS = (
    item("keys", "to the cabinet", "are", "is", "pairing"),
    item("key", "to the cabinet", "is", "are", "pairing"),
    item("keys", "by the lamp", "are", "is", "distance+pairing"),
    item("lamp", "", "falls", "fall", "seen"),
    item("vases", "", "fall", "falls", "distance", opener="But the"),
    item("vase", "", "falls", "fall", "frame+pairing", opener="But the"),
)
CONTEXTS = 6


@pytest.fixture
def count(tmp_path):
    """Counts for the items above in a text of these sentences."""
    suite = Suite(name="by-hand", version=1, items=ITEMS, predictions=(PREDICTION,))
    write_suite(suite, tmp_path / "by-hand.jsonl")

    def counted(*sentences):
        corpus = tmp_path / "corpus"
        corpus.mkdir(exist_ok=True)
        for split in ("valid", "test"):
            (corpus / f"{split}.txt").write_text("The keys to the cabinet are old .\n")
        (corpus / "train.txt").write_text("\n".join(sentences) + "\n")
        [row] = count_overlap([tmp_path / "by-hand.jsonl"], corpus).to_dict("records")
        return row

    return counted


def test_a_row_has_the_documented_columns_and_counts_distinct_contexts_and_withheld_pairs(count):
    assert count("Nothing of the kind .") == {
        "suite": "by-hand",
        "items": 6,
        "groups": 1,
        "left_out": "none",
        "contexts": CONTEXTS,
        "contexts_in_text": 0,
        "sentences_in_text": 0,
        "withheld_pairs": 3,  # keys–are (in two sentences), key–is, vase–falls
        "withheld_pairs_in_text": 0,
        "repeated": 0,
    }
    assert list(count("x")) == list(OVERLAP_COLUMNS)


@pytest.mark.parametrize(
    ("text", "contexts", "sentences", "pairs", "repeated"),
    [
        (["The keys to the cabinet"], 1, 0, 0, 0),
        (["The keys to the cabinet is old ."], 1, 0, 0, 0),
        (["The keys to the cabinet are new ."], 1, 1, 1, 0),
        (["The keys to the cabinet are old ."], 1, 1, 1, 1),
        (["The keys to the cabinet are old . ."], 1, 1, 1, 0),
        (["Today The keys to the cabinet are old ."], 0, 0, 1, 0),
        (["the keys to the cabinet are old ."], 0, 0, 1, 0),
        (["The keys to"], 0, 0, 0, 0),
        (["The lamp falls old ."], 1, 1, 0, 1),
        (["The lamp falls .", "The lamp fall .", "The lamp falls ."], 1, 1, 0, 0),
        (["But the vases fall old .", "But the vase falls old ."], 2, 2, 1, 2),
    ],
)
def test_beginnings_answers_and_whole_sentences_are_found(count, text, contexts, sentences, pairs, repeated):
    row = count(*text)
    assert row["contexts_in_text"] == contexts
    assert row["sentences_in_text"] == sentences
    assert row["withheld_pairs_in_text"] == pairs
    assert row["repeated"] == repeated


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("And the keys near it are new .", 1),  # another first word, another filler
        ("Keys are new .", 0),
        ("The box of the keys are new .", 0),  # not in the place of the cue
        ("Are the keys new ?", 0),
        ("The keys is new .", 0),
        ("The key that we saw is new , but the keys are not .", 1),  # key–is; keys are not in the place of the cue
        ("The vase falls .", 1),
    ],
)
def test_a_withheld_pair_is_a_cue_in_its_place_and_its_answer_later(count, text, pairs):
    assert count(text)["withheld_pairs_in_text"] == pairs


def test_held_out_sentences_are_not_looked_at(count):
    assert count("x")["contexts_in_text"] == 0  # though valid and test hold one of the items


def test_items_without_cue_or_mark_have_no_withheld_pairs(tmp_path):
    plain = Item(id="a", sentences={"one": Sentence(tokens=("She", "sleeps"), regions={})})
    write_suite(Suite(name="s", version=1, items=(plain,), predictions=(PREDICTION,)), tmp_path / "s.jsonl")
    (tmp_path / "text.txt").write_text("She sleeps\n" * 40)
    [row] = count_overlap([tmp_path / "s.jsonl"], tmp_path / "text.txt").to_dict("records")
    assert (row["contexts"], row["contexts_in_text"], row["withheld_pairs"], row["repeated"]) == (1, 1, 0, 1)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    return generate_text("english-small", sentences=15_000, out=tmp_path_factory.mktemp("audit") / "text")


@pytest.fixture(scope="module")
def suites(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stimuli")
    files = {name: folder / f"{name}.jsonl" for name in names("suite")}
    for name, file in files.items():
        generate_suite(name, out=file, items=480, split="english-small")
    return {file: read_suite(file) for file in files.values()}


def test_the_shipped_grammar_shows_no_sentence_of_a_shipped_suite_and_no_withheld_pair(suites, text):
    overlap = count_overlap(list(suites), text)
    assert overlap["suite"].tolist() == names("suite")
    assert (overlap[["sentences_in_text", "withheld_pairs_in_text", "repeated"]] == 0).all(axis=None)
    assert overlap["withheld_pairs"].sum() > 0
    assert (overlap["contexts"] > 100).all()


def test_pairs_that_the_shipped_grammar_does_show_would_be_found(suites, text, tmp_path):
    [(file, suite)] = [(file, suite) for file, suite in suites.items() if suite.name == "agreement-simple"]
    shown = [item for item in suite.items if "pairing" not in item.factors["seen"]]
    marked = [replace(item, factors={**item.factors, "seen": "pairing"}) for item in shown]
    write_suite(replace(suite, items=tuple(marked)), tmp_path / file.name)
    [row] = count_overlap([tmp_path / file.name], text).to_dict("records")
    assert row["withheld_pairs_in_text"] > 0


def test_the_counts_can_be_written_as_csv(suites, text, tmp_path):
    overlap = count_overlap(list(suites), text)
    write_table(overlap, tmp_path / "overlap.csv")
    lines = (tmp_path / "overlap.csv").read_text().splitlines()
    assert lines[0] == ",".join(OVERLAP_COLUMNS)
    assert len(lines) == 1 + len(suites)


def test_no_suites_are_no_rows(text):
    assert count_overlap([], text).empty
    assert list(count_overlap([], text).columns) == list(OVERLAP_COLUMNS)


def test_a_missing_corpus_or_suite_is_one_clear_message(suites, text, tmp_path):
    with pytest.raises(LrdBenchError, match="nowhere: no such corpus"):
        count_overlap(list(suites), tmp_path / "nowhere")
    with pytest.raises(LrdBenchError, match=r"nothing\.jsonl: cannot be read"):
        count_overlap([tmp_path / "nothing.jsonl"], text)
