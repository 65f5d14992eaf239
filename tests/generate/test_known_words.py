"""Suites that keep to the words of a vocabulary."""

import random
from collections import Counter
from itertools import pairwise, permutations

import pytest
from small_language import ADVERBS, HEAD, LEXICON, PHRASES, make_suite

from lrd_bench.catalogue import find
from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.pages import OpenedSuite
from lrd_bench.generate.suite_grammar import suite_grammar
from lrd_bench.generate.twins import _derangement
from lrd_bench.vocabulary import build_vocabulary

WORDS = "The the old . near key keys clerk clerks cabinet box boxes is are falls often still"


@pytest.fixture
def make(tmp_path):
    def generated(words, text=HEAD + PHRASES, case="keep", lexicon=LEXICON, **settings):
        vocabulary = build_vocabulary([sentence.split() for sentence in words.split(" | ")], case=case)
        vocabulary.write(tmp_path / "vocabulary.tsv")
        settings = {"items": 120, **settings}
        return make_suite(tmp_path, text, lexicon, vocabulary=tmp_path / "vocabulary.tsv", **settings)

    return generated


def tokens(suite):
    return {word for item in suite.items for sentence in item.sentences.values() for word in sentence.tokens}


def test_only_known_words_are_used(make):
    suite = make(WORDS)
    assert tokens(suite) <= set(WORDS.split())
    assert {"near", "box", "boxes"} <= tokens(suite)
    # A noun between comes in both forms, so that one of which a form is not known is left out there too.
    assert "cabinet" not in tokens(suite)
    assert suite.source["words_left_out"] == 4  # behind, cabinets, lamp, lamps


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
        f"{tmp_path}/small.toml:9: none of its 10 groups has a cue and two candidates that the vocabulary knows at "
        "least 1 times. Use a larger vocabulary, a lower --min-count or another lexicon."
    )
    assert not (tmp_path / "items.jsonl").exists()


@pytest.mark.parametrize(
    "words", ["And these this is are the old . near", "And these this key keys the old . near", "And the old . near"]
)
def test_the_message_is_the_same_where_words_before_the_cue_agree_with_it(make, words):
    text = HEAD.replace("The {cue", "And {determiner(number)} {cue") + PHRASES
    with pytest.raises(LrdBenchError, match="none of its 10 groups has a cue and two candidates"):
        make(words, text, lexicon=LEXICON + "determiner,this,this,these,\n")


def test_the_message_is_the_same_where_twins_differ_in_sense(make):
    text = HEAD.replace('twins = "number"', 'twins = "domain"\npredictions = ["double difference", "accuracy"]')
    text = text.replace("{cue:noun(number)}", "{cue:agent(domain, number=singular)}")
    text = text.replace("{critical:verb(number)}", "took the {critical:tool(domain, number=plural)}")
    adverbs = ADVERBS.replace("[1, 3, 6]", "[3]")
    for words in ("The often still also took the old .", "The poet took the pens", "The poet nurse took the pens"):
        with pytest.raises(LrdBenchError, match="none of its 3 groups has a cue and two candidates"):
            make(words, text + adverbs)
    known = make("The poet nurse often still also took the pens needles old .", text + adverbs, items=20)
    assert {item.group for item in known.items} == {"literature|medicine"}
    assert known.source["left_out"] == {"unknown cue": 2}


UNFILLED = {
    "a-unit": (
        HEAD + PHRASES,
        WORDS.replace("near", ""),
        (13, "class 'place' of {lexicon} has no word that the vocabulary knows often enough."),
    ),
    "a-stretch": (
        HEAD + ADVERBS,
        WORDS.replace("often still", ""),
        (13, "class 'adverb' of {lexicon} has no word that the vocabulary knows often enough."),
    ),
    "a-longer-stretch": (
        HEAD + ADVERBS,
        WORDS.replace("still", ""),
        (13, "'often' is the only known word of class 'adverb', and 5 in a row are needed."),
    ),
    "the-sentence": (
        HEAD.replace("old", "{tool(number=plural)}") + PHRASES,
        WORDS,
        (9, "class 'tool' of {lexicon} has no word with number plural that the vocabulary knows often enough."),
    ),
    "a-rule": (
        HEAD.replace("old", "{end}") + PHRASES + '[rules]\nend = ["old", "{tool}"]\n',
        WORDS,
        (17, "class 'tool' of {lexicon} has no word that the vocabulary knows often enough."),
    ),
}


@pytest.mark.parametrize(("text", "words", "expected"), UNFILLED.values(), ids=UNFILLED)
def test_a_vocabulary_that_leaves_no_filler_is_one_clear_message(make, tmp_path, text, words, expected):
    line, message = expected
    with pytest.raises(LrdBenchError) as error:
        make(words, text)
    message = message.format(lexicon=tmp_path / "lexicon.csv")
    assert str(error.value).startswith(f"{tmp_path}/small.toml:{line}: {message}")
    assert not (tmp_path / "items.jsonl").exists()


def test_the_same_items_are_left_whatever_else_the_vocabulary_knows(make):
    assert make(WORDS).items == make(WORDS + " and other words").items


def test_a_vocabulary_that_knows_all_words_changes_nothing(make, tmp_path):
    everything = " ".join(LEXICON.replace(",", " ").split())
    known = make(everything)
    plain = make_suite(tmp_path, items=120)
    assert known.items == plain.items
    assert known.source["left_out"] == {}


FRIENDS = """
[[filler]]
kind = "friends"
unit = "{place} the {attractor:agent(domain, number=singular)}"
nouns = [1]
distances = [5]
"""


def test_a_group_goes_whole_where_no_known_word_may_stand_between_however_many_items_are_asked_for(make):
    # One known agent of medicine: as the cue it leaves none to stand between.
    head = HEAD.replace('twins = "number"', 'twins = "domain"').replace("old .", ".")
    head = head.replace("The {cue:noun(number)}", "The {cue:agent(domain, number=singular)}")
    head = head.replace("{critical:verb(number)}", "the {critical:tool(domain, number=singular)}")
    words = "The the . near poet writer pianist singer nurse pen piano needle"
    for items in (1, 400):
        suite = make(words, head + FRIENDS, items=items)
        assert {item.group for item in suite.items} == {"literature|music"}
        assert suite.source["left_out"] == {"unknown word around them": 2}


def test_words_of_the_page_itself_stay_and_are_named_where_they_are_unknown(make, tmp_path):
    suite = make(WORDS.replace("old ", ""))
    assert "old" in tokens(suite)
    assert suite.source["fixed_unknown"] == ["old"]
    assert make(WORDS).source["fixed_unknown"] == []


def circles(names, groups):
    """Whether there is a circle through all of them, by trying every one."""
    first, *rest = names
    return any(
        all("|".join(sorted(pair)) in groups for pair in pairwise((first, *order, first)))
        for order in permutations(rest)
    )


def test_a_round_is_a_circle_wherever_the_domains_that_are_left_have_one():
    frame = OpenedSuite(find("suite", "selection-instrument")).frame
    pairs = {"|".join(sorted(pair)) for pair in frame.pairs()}
    found = 0
    for seed in range(60):
        rng = random.Random(seed)
        names = rng.sample(frame.values(), rng.randrange(5, 8))
        groups = sorted(pair for pair in pairs if set(pair.split("|")) <= set(names))
        round_ = _derangement(groups, rng)
        assert set(round_) <= set(groups)
        if circles(names, groups):
            found += 1
            assert Counter(name for group in round_ for name in group.split("|")) == dict.fromkeys(names, 2)
    assert 10 < found < 60
