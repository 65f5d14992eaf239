"""What the generator certifies as it writes: its own grammar has one right answer to every question, or it stops."""

from functools import partial

import pytest
from small_language import ADVERBS, HEAD, LEXICON, PHRASES, make_suite

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.suite_grammar import suite_grammar

MEND = "Make the candidates differ in what they share with the cue, and check their forms."


@pytest.fixture
def make(tmp_path):
    return partial(make_suite, tmp_path)


def refused(make, *args, **settings):
    with pytest.raises(LrdBenchError) as error:
        make(*args, **{"items": 600, **settings})
    return str(error.value)


def test_a_verb_whose_plural_is_the_singular_of_another_makes_both_sentences_right(make, tmp_path):
    # *The key near the box are old* is right if *are* is the singular of *odd*.
    message = refused(make, lexicon=LEXICON.replace("verb,fall,falls,fall,", "verb,odd,are,art,"))
    assert message.startswith(
        f"{tmp_path}/small.toml:9: its own grammar derives both sentences, or neither, where 'The "
    )
    assert message.endswith((f" goes on with 'are' or 'art'. {MEND}", f" goes on with 'is' or 'are'. {MEND}"))
    assert not (tmp_path / "items.jsonl").exists()


def test_a_noun_whose_plural_is_the_singular_of_another_makes_both_sentences_right(make, tmp_path):
    # *The glasses is old* is right if *glasses* is one pair of them.
    lexicon = LEXICON + "noun,glass,glass,glasses,\nnoun,glasses,glasses,glasseses,\n"
    message = refused(make, lexicon=lexicon)
    assert message.startswith(f"{tmp_path}/small.toml:9: its own grammar derives both sentences")
    assert "'The glass" in message


def test_what_may_be_confused_only_between_cue_and_critical_word_is_no_matter(make, tmp_path):
    # *fish* is singular and plural: no cue, and as good as any noun between that is not to mislead.
    text = HEAD + PHRASES.replace("{place} the", "{place} {noun(number=plural)} and the").replace("[4, 7]", "[6, 11]")
    suite = make(text, lexicon=LEXICON + "noun,fish,fish,fish,\n", items=600)
    assert any("fish" in item.sentences["good"].tokens for item in suite.items)
    grammar = suite_grammar(str(tmp_path / "small.toml"))
    assert not any(grammar.derives(item.sentences["bad"].tokens) for item in suite.items)


@pytest.mark.parametrize("filler", [PHRASES, ADVERBS], ids=["phrases", "adverbs"])
def test_a_suite_whose_words_are_told_apart_is_certified_throughout(make, filler):
    suite = make(HEAD + filler, items=1200)
    pairs = len(suite.items) // 2
    assert suite.source["certificates"] == {"pairs": pairs, "blind_proof": pairs, "decidable": pairs}
    assert {suite.certificate(item).blind_below for item in suite.items} == {item.distance for item in suite.items}
