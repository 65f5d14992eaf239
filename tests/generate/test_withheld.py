"""What a training grammar withholds of a sentence: the mark `seen`."""

import pytest
from small_language import LEXICON, make_suite, write_grammar_file, write_suite_file

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite
from lrd_bench.generate.splits import read_split
from lrd_bench.suite_files import read_suite

# Squares: *child* is the first of its domain and so 0, *girl* 1; of verbs *is* has 0, *was* 1; of first words *But* has
# 0, *And* 1. What has equal squares is withheld.
SENTENCES = [
    ("The girl is", "seen"),
    ("The girl also is", "seen"),
    ("The child is", "pairing"),
    ("The children are", "pairing"),
    ("The child was", "seen"),
    ("The girl was", "pairing"),
    ("The girl that the boy follows is", "seen"),
    ("The girl that the boy that the princes meet follows is", "seen"),
    ("The girl that the boy that the princes that the child serves meet follows is", "depth"),
    ("The child that the boy that the princes that the girl serves meet follows is", "depth+pairing"),
    ("The girl , as the prince said , is", "filler"),
    ("The child , as the prince said , is", "filler+pairing"),
    ("The girl met the prince and blamed the boys and is", "seen"),
    ("The girl met the prince and blamed the boys and met the lamps", "foreign"),
    ("The girl met the prince and blamed the boys and met the prince and is", "nouns"),
    ("And near the rivers , the child was", "seen"),
    ("And near the rivers , behind the city , the child was", "nouns"),
    ("But near the rivers , behind the city , the child is", "frame+nouns+pairing"),
    ("And the child was", "seen"),
    ("But the child was", "frame"),
    ("But the child is", "frame+pairing"),
    ("The girl are", "foreign"),
    ("The girl near is", "foreign"),
    ("A girl is", "foreign"),
]


@pytest.fixture(scope="module")
def english():
    return read_split("english-small")


ADVERBS = "also really always already perhaps certainly finally often usually simply generally probably"


def seen(split, sentence):
    return split.seen(sentence.split())


@pytest.mark.parametrize(
    ("adverbs", "expected"),
    [(0, "seen"), (1, "seen"), (5, "seen"), (6, "distance"), (7, "distance"), (8, "seen"), (12, "seen")],
)
def test_stretches_of_adverbs_that_the_text_lacks_are_marked(english, adverbs, expected):
    between = ADVERBS.split()[:adverbs]
    assert english.seen(["The", "girl", *between, "is"]) == expected
    together = "pairing" if expected == "seen" else "distance+pairing"
    assert english.seen(["The", "child", *between, "is"]) == together


def test_beyond_the_longest_stretch_there_is_nothing_seen(english):
    assert seen(english, f"The girl {ADVERBS} also is") == "distance"
    assert seen(english, f"The girl {ADVERBS} {ADVERBS} {ADVERBS} is") == "distance"


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_the_mark_names_what_the_text_withholds(english, sentence, expected):
    assert seen(english, sentence) == expected


def test_adjectives_beyond_two_are_a_distance_too(english):
    assert seen(english, "The girl near the new old cities is") == "seen"
    assert seen(english, "The girl near the new old great cities is") == "distance"


def test_a_beginning_is_marked_whatever_the_sentences_before_it_were(english):
    sentences = [sentence for sentence, _ in SENTENCES]
    marks = [seen(english, sentence) for sentence in sentences]
    other = read_split("english-small")
    assert [seen(other, sentence) for sentence in reversed(sentences)] == marks[::-1]


SMALL = {
    "sentence": [
        "1, withheld pairing if i = j: The {noun(number, square=$i)} {gap} {verb(number, square=$j)} old .",
    ],
    "gap": ["", "{phrase}", "withheld depth: {phrase} {phrase}"],
    "phrase": ["{place} the {noun}"],
}


@pytest.fixture
def marked(tmp_path):
    return make_suite(tmp_path, items=240, split=str(write_grammar_file(tmp_path, SMALL)))


def test_items_carry_the_mark_of_their_sentence_up_to_the_critical_word(marked):
    squares = {"key": 0, "clerk": 1, "cabinet": 2, "box": 3, "lamp": 0, "be": 0, "fall": 1}
    for item in marked.items:
        cue, verb = item.group.split("|")
        reasons = ["depth"] * (item.distance == 7) + ["pairing"] * (squares[cue] == squares[verb])
        assert item.factors["seen"] == ("+".join(reasons) or "seen")
    assert {item.factors["seen"] for item in marked.items} == {"seen", "depth", "pairing", "depth+pairing"}
    assert marked.source["split"] == "small-text"


@pytest.mark.parametrize("name", ["agreement-fillers", "agreement-determiner", "selection-instrument"])
def test_items_of_a_shipped_suite_carry_the_mark_of_their_own_sentence(english, tmp_path, name):
    path = generate_suite(name, out=tmp_path / "items.jsonl", items=900, split="english-small").path
    for item in read_suite(path).items:
        sentence = item.sentences["good"]
        assert item.factors["seen"] == english.seen(sentence.tokens[: sentence.regions["critical"].stop])


def test_a_mark_changes_nothing_but_the_mark(marked, tmp_path):
    plain = make_suite(tmp_path, items=240)
    assert [item.sentences for item in plain.items] == [item.sentences for item in marked.items]
    assert {item.factors["seen"] for item in plain.items} == {None}


def test_items_of_which_the_text_knows_nothing_are_foreign(tmp_path):
    grammar = write_grammar_file(tmp_path, {"sentence": ["A {noun} {verb} ."]}, LEXICON)
    suite = make_suite(tmp_path, split=str(grammar))
    assert {item.factors["seen"] for item in suite.items} == {"foreign"}


def test_an_unknown_split_is_one_clear_message(tmp_path):
    with pytest.raises(LrdBenchError, match="unknown grammar 'english-smal'"):
        generate_suite(write_suite_file(tmp_path), out=tmp_path / "items.jsonl", split="english-smal")
