"""Nonce versions: each slot draws from all words of its part of speech, so that sense is no help, and grammar is."""

from collections import defaultdict
from functools import partial

import pytest
from small_language import make_suite, words

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite
from lrd_bench.generate.lexicon import read_lexicon
from lrd_bench.generate.suite_grammar import suite_grammar
from lrd_bench.suite_files import read_suite

LEXICON = """\
class,lemma,number=singular,number=plural,domain,complement,pos
person,poet,poet,poets,literature,,noun
person,doctor,doctor,doctors,medicine,,noun
person,nurse,nurse,nurses,medicine,,noun
thing,lamp,lamp,lamps,,,noun
thing,box,box,boxes,,,noun
tool,pen,pen,pens,literature,,noun
tool,needle,needle,needles,medicine,,noun
verb,be,is,are,,adjective,verb
verb,fall,falls,fall,,none,verb
saw,see,sees,see,,,transitive verb
saw,know,knows,know,,,transitive verb
place,near,,,,,preposition
place,behind,,,,,preposition
adverb,often,,,,,adverb
adverb,still,,,,,adverb
particle,even,,,,,adverb
mark,however,,,,,
state,old,,,,,adjective
"""

TEXT = """\
name = "small"
version = 3
phenomenon = "number agreement"
question = "Does the verb agree?"
reference = "nobody 1900"
lexicon = "lexicon.csv"
construction = "subject-verb"
twins = "number"
sentence = "{mark} the {cue:person(number)} {filler} {critical:verb(number, complement)} {end(complement)} ."

[[filler]]
kind = "clauses"
unit = "that the {attractor:thing(number)} {saw(number)} {stretch}"
stretch = "adverb"
nouns = [1, 2]
distances = [5, 9, 11]

[rules]
"end(complement=none)" = [""]
"end(complement=adjective)" = ["{state}"]
"""

NOUNS = {"poet", "doctor", "nurse", "lamp", "box", "pen", "needle"}
PLACES_OF_WORDS = {  # in the filler of one clause: what the plain version may have, and the nonce version
    "cue": ({"poet", "doctor", "nurse"}, NOUNS),
    "attractor": ({"lamp", "box"}, NOUNS),
    "clause's verb": ({"see", "know"}, {"see", "know"}),
    "adverb": ({"often", "still"}, {"often", "still", "even"}),
    "verb": ({"be", "fall"}, {"be", "fall"}),
    "mark": ({"however"}, {"however"}),
}


@pytest.fixture
def make(tmp_path):
    return partial(make_suite, tmp_path, TEXT, LEXICON)


def lemmas(tmp_path):
    """Form → lemma."""
    lexicon = read_lexicon(tmp_path / "lexicon.csv")
    return {form.text: form.lexeme.lemma for name in lexicon.classes for form in lexicon.forms(name, {})}


@pytest.mark.parametrize("nonce", [False, True])
def test_each_place_draws_from_its_class_or_from_all_words_of_its_part_of_speech(make, tmp_path, nonce):
    suite, lemma = make(items=3000, nonce=nonce), lemmas(tmp_path)
    found = defaultdict(set)
    for item in suite.items:
        tokens = words(item)
        for place, at in {"cue": 2, "attractor": 5, "mark": 0, "verb": item.distance + 2}.items():
            found[place].add(lemma[tokens[at]])
        found["clause's verb"].add(lemma[tokens[6]])
        if item.distance == 9 and item.factors["nouns_between"] == 1:
            found["adverb"] |= {lemma[word] for word in tokens[7:11]}
    assert found == {place: allowed[nonce] for place, allowed in PLACES_OF_WORDS.items()}


def test_a_nonce_sentence_has_the_parts_of_speech_of_the_plain_one_place_by_place(make, tmp_path):
    lexicon = [line.split(",") for line in LEXICON.splitlines()[1:]]
    part = {form: line[-1] or form for line in lexicon for form in (line[1], *line[2:4]) if form}
    plain, nonce = make(items=200), make(items=200, nonce=True)
    shapes = [
        {item.id: [part.get(word, word) for word in words(item)] for item in suite.items} for suite in (plain, nonce)
    ]
    for item in plain.items:
        one, other = (shape[item.id][: item.distance + 3] for shape in shapes)  # up to the critical word
        assert one == other
    assert {word for shape in shapes for each in shape.values() for word in each} == {
        *("however", "the", "noun", "that", "transitive verb", "adverb", "verb", "adjective", ".")
    }


def test_nonce_items_are_twins_that_the_nonce_grammar_decides(make, tmp_path):
    suite = make(items=300, nonce=True)
    grammar = suite_grammar(str(tmp_path / "small.toml"), nonce=True)
    for item in suite.items:
        assert suite.needed_context(item) == item.distance
        assert grammar.derives(item.sentences["good"].tokens)
        assert not grammar.derives(item.sentences["bad"].tokens)


def test_the_plain_grammar_has_no_analysis_of_most_nonce_sentences(make, tmp_path):
    suite, grammar = make(items=300, nonce=True), suite_grammar(str(tmp_path / "small.toml"))
    derived = [grammar.derives(item.sentences["good"].tokens) for item in suite.items]
    assert 0 < sum(derived) < len(derived) / 4


def test_nouns_do_not_repeat_in_a_nonce_sentence(make, tmp_path):
    suite, lemma = make(items=600, nonce=True), lemmas(tmp_path)
    for item in suite.items:
        nouns = [lemma[word] for word in words(item) if lemma.get(word) in NOUNS]
        assert len(nouns) == 1 + item.factors["nouns_between"]
        assert len(set(nouns)) == len(nouns)


def test_the_nonce_version_has_the_same_cells_and_a_name_of_its_own(make):
    plain, nonce = make(), make(nonce=True)
    assert (plain.name, nonce.name, nonce.version) == ("small", "small-nonce", 3)
    assert [item.id for item in plain.items] == [item.id for item in nonce.items]
    assert nonce.items[0].source["grammar"] == "small@3"


def test_a_version_may_be_both_nonce_and_of_fixed_length(tmp_path):
    text = TEXT.replace("{mark} the", "{mark} {lead} the").replace(", complement)} {end(complement)}", ")}")
    text = text.partition("[rules]")[0] + '[lead]\nstretch = "particle"\n'
    suite = make_suite(tmp_path, text, LEXICON, fixed_length=True, nonce=True, items=100)
    assert suite.name == "small-fixed-length-nonce"
    assert len({len(sentence.tokens) for item in suite.items for sentence in item.sentences.values()}) == 1
    moved = {word for item in suite.items if item.distance == 5 for word in words(item)[1:7]}
    assert moved == {"often", "still", "even"}  # the plain version has *even* alone to stretch the lead


def test_a_suite_whose_twins_differ_in_sense_has_no_nonce_version(tmp_path):
    text = TEXT.replace('twins = "number"', 'twins = "domain"\npredictions = ["double difference", "accuracy"]')
    text = text.replace("{cue:person(number)}", "{cue:person(domain, number=singular)}")
    text = text.replace(
        "{critical:verb(number, complement)} {end(complement)}", "{critical:tool(domain, number=plural)}"
    )
    text = text[: text.index("[[filler]]")] + '[[filler]]\nkind = "adverbs"\nstretch = "adverb"\ndistances = [2, 3]\n'
    plain = make_suite(tmp_path, text, LEXICON)
    assert plain.name == "small"
    with pytest.raises(LrdBenchError) as error:
        make_suite(tmp_path, text, LEXICON, nonce=True)
    assert str(error.value) == (
        f"{tmp_path}/small.toml:8: has no nonce version: its twins differ in domain, which is a matter of sense. "
        "Leave out --nonce."
    )


def test_a_lexicon_without_parts_of_speech_has_no_nonce_version(tmp_path):
    lexicon = "\n".join(line.rpartition(",")[0] for line in LEXICON.splitlines()) + "\n"
    with pytest.raises(LrdBenchError) as error:
        make_suite(tmp_path, TEXT, lexicon, nonce=True)
    assert str(error.value) == (
        f"{tmp_path}/lexicon.csv: has no column 'pos' (part of speech), by which nonce sentences mix words. Add it."
    )


def test_nonce_items_are_no_others_after_the_plain_ones(make, tmp_path):
    make()
    out = tmp_path / "items.jsonl"
    with pytest.raises(LrdBenchError, match="made from other inputs"):
        generate_suite(str(tmp_path / "small.toml"), out=out, items=1, nonce=True)
    assert read_suite(out).name == "small"
