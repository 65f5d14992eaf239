"""Suites that keep to the words of a vocabulary."""

import pytest
from small_language import ADVERBS, HEAD, LEXICON, PHRASES, write_suite_file

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite
from lrd_bench.generate.certificates import suite_grammar
from lrd_bench.vocabulary import build_vocabulary

WORDS = "The the old . near key keys clerk clerks cabinet box boxes is are falls often still"


@pytest.fixture
def make(tmp_path):
    def generated(words, text=HEAD + PHRASES, case="keep", **settings):
        vocabulary = build_vocabulary([sentence.split() for sentence in words.split(" | ")], case=case)
        vocabulary.write(tmp_path / "vocabulary.tsv")
        path = write_suite_file(tmp_path, text)
        return generate_suite(
            path,
            out=tmp_path / "items.jsonl",
            vocabulary=tmp_path / "vocabulary.tsv",
            force=True,
            **{"items": 120, **settings},
        )

    return generated


def tokens(suite):
    return {word for item in suite.items for sentence in item.sentences.values() for word in sentence.tokens}


def test_only_known_words_are_used(make):
    suite = make(WORDS)
    assert tokens(suite) <= set(WORDS.split())
    assert {"near", "cabinet", "boxes"} <= tokens(suite)


def test_cues_and_candidates_need_both_forms_and_what_lacks_one_is_counted_by_what_it_lacks(make):
    suite = make(WORDS)
    assert {item.group for item in suite.items} == {"key|be", "clerk|be", "box|be"}
    assert suite.source["groups"] == 3
    # Of ten: those of *cabinet* and *lamp* with either verb, and three known cues with *fall*, whose plural is unknown.
    assert suite.source["left_out"] == {"unknown cue": 4, "unknown candidate": 3}


def test_items_are_twins_at_their_distances_all_the_same(make, tmp_path):
    suite = make(WORDS)
    assert all(suite.needed_context(item) == item.distance for item in suite.items)
    grammar = suite_grammar(str(tmp_path / "small.toml"))
    assert all(grammar.derives(item.sentences["good"].tokens) for item in suite.items)


def test_a_word_counts_as_known_from_so_many_occurrences_on(make):
    twice = WORDS + " | " + WORDS.replace("clerks", "clerk")
    assert {item.group for item in make(twice).items} == {"key|be", "clerk|be", "box|be"}
    suite = make(twice, min_count=2)
    assert {item.group for item in suite.items} == {"key|be", "box|be"}
    assert suite.source["min_count"] == 2


def test_case_is_the_vocabularys(make):
    with pytest.raises(LrdBenchError, match="none of its 10 groups"):
        make(WORDS.upper())
    assert len(make(WORDS.upper(), case="lower").items) == 120


@pytest.mark.parametrize(
    "words", ["The the old . near", "keys clerks boxes is are", "key clerk box is are", "key keys"]
)
def test_a_vocabulary_that_leaves_nothing_is_one_clear_message(make, tmp_path, words):
    with pytest.raises(LrdBenchError) as error:
        make(words, min_count=1)
    assert str(error.value) == (
        f"{tmp_path}/small.toml: none of its 10 groups has a cue and two candidates that the vocabulary knows at least "
        "1 times. Use a larger vocabulary, a lower --min-count or another lexicon."
    )
    assert not (tmp_path / "items.jsonl").exists()


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        (HEAD + PHRASES, WORDS.replace("near", ""), "class 'place' has no word that the vocabulary knows often enough"),
        (HEAD + ADVERBS, WORDS.replace("often still", ""), "class 'adverb' has no word that the vocabulary knows"),
        (HEAD + ADVERBS, WORDS.replace("still", ""), "'often' is the only known word of class 'adverb'"),
        (
            HEAD.replace("old", "{tool(number=plural)}") + PHRASES,
            WORDS,
            "class 'tool' has no word with number plural that the vocabulary knows",
        ),
    ],
)
def test_a_vocabulary_that_leaves_no_filler_is_one_clear_message(make, tmp_path, text, words, message):
    with pytest.raises(LrdBenchError) as error:
        make(words, text)
    assert str(error.value).startswith(f"{tmp_path}/lexicon.csv: {message}")
    assert not (tmp_path / "items.jsonl").exists()


def test_the_same_items_are_left_whatever_else_the_vocabulary_knows(make):
    assert make(WORDS).items == make(WORDS + " and other words").items


def test_a_vocabulary_that_knows_all_words_changes_nothing(make, tmp_path):
    everything = " ".join(LEXICON.replace(",", " ").split())
    known = make(everything)
    plain = generate_suite(str(tmp_path / "small.toml"), out=tmp_path / "plain.jsonl", items=120)
    assert known.items == plain.items
    assert known.source["left_out"] == {}
