"""Nothing is English in the code: a German suite, in which articles agree with their nouns in number and gender."""

import pytest

from lrd_bench.generate import generate_suite, generate_text
from lrd_bench.generate.lexicon import read_lexicon
from lrd_bench.generate.splits import read_split
from lrd_bench.generate.suite_grammar import suite_grammar
from lrd_bench.suite_files import read_suite

# *Wagen* and *Zimmer* are the same in singular and plural: they make no twins, and between they would mislead nobody.
LEXICON = """\
class,lemma,number=singular,number=plural,gender,gender=m;number=singular,gender=f;number=singular,gender=n;number=singular
nomen,Schlüssel-Bund,Schlüsselbund,Schlüsselbünde,m,,,
nomen,Lampe,Lampe,Lampen,f,,,
nomen,Buch,Buch,Bücher,n,,,
nomen,Vase,Vase,Vasen,f,,,
nomen,Wagen,Wagen,Wagen,m,,,
nomen,Zimmer,Zimmer,Zimmer,n,,,
artikel,der,,die,,der,die,das
artikel,jener,,jene,,jener,jene,jenes
verb,sein,ist,sind,,,,
verb,fallen,fällt,fallen,,,,
adverb,oft,,,,,,
adverb,noch,,,,,,
adverb,auch,,,,,,
"""

SUITE = """\
name = "kongruenz"
version = 1
phenomenon = "Numeruskongruenz"
question = "Stimmt das Verb mit dem Subjekt überein?"
reference = "selbst gemacht"
lexicon = "deutsch.csv"
construction = "Subjekt-Verb"
twins = "number"
sentence = "Gestern : {artikel(number, gender)} {cue:nomen(number, gender)} {filler} {critical:verb(number)} teuer ."

[[filler]]
kind = "Relativsätze"
unit = ", {stretch} neben {artikel(number, gender=$g)} {attractor:nomen(number, gender=$g)} ,"
stretch = "adverb"
nouns = [1, 2]
distances = [6, 8, 13]
"""

TEXT = """\
name = "deutsch"
version = 1
description = "Ein paar Sätze."
lexicon = "deutsch.csv"
[rules]
sentence = [
"withheld paar if i = j: Gestern {artikel(number, gender)} {nomen(number, gender, square=$i)} {verb(number, square=$j)}"
]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deutsch.csv").write_text(LEXICON, encoding="utf-8")
    (tmp_path / "kongruenz.toml").write_text(SUITE, encoding="utf-8")
    (tmp_path / "text.toml").write_text(TEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def suite(folder):
    return read_suite(generate_suite(str(folder / "kongruenz.toml"), out=folder / "items.jsonl", items=320).path)


def test_twins_differ_in_the_noun_and_in_the_article_that_agrees_with_it(suite):
    for item in suite.items:
        good, bad = item.sentences["good"].tokens, item.sentences["bad"].tokens
        twin = suite.twins[item.id].sentences["good"].tokens
        differing = [place for place, (one, other) in enumerate(zip(good, twin, strict=True)) if one != other]
        verb = item.sentences["good"].regions["critical"].start
        assert set(differing) <= {2, 3, verb}
        assert {3, verb} <= set(differing)
        assert (2 not in differing) == (good[3] in ("Lampe", "Lampen", "Vase", "Vasen") and good[2] == twin[2])
        assert [place for place in range(len(good)) if good[place] != bad[place]] == [verb]


def test_articles_agree_everywhere(suite):
    articles = {"m": ("der", "jener"), "f": ("die", "jene"), "n": ("das", "jenes")}
    gender = {"Schlüsselbund": "m", "Lampe": "f", "Buch": "n", "Vase": "f", "Wagen": "m", "Zimmer": "n"}
    singular = {"S": True, "P": False}
    for item in suite.items:
        tokens, regions = item.sentences["good"].tokens, item.sentences["good"].regions
        nouns = {3: item.factors["cue_value"] == "singular"}
        nouns |= {regions[f"attractor{n + 1}"].start: singular[each] for n, each in enumerate(item.factors["pattern"])}
        for place, alone in nouns.items():
            expected = articles[gender[tokens[place]]] if alone else ("die", "jene")
            assert tokens[place - 1] in expected


def test_the_needed_context_is_the_distance_and_only_the_good_sentence_is_german(suite, folder):
    grammar = suite_grammar(str(folder / "kongruenz.toml"))
    for item in suite.items:
        assert suite.needed_context(item) == item.distance
        assert grammar.derives(item.sentences["good"].tokens)
        assert not grammar.derives(item.sentences["bad"].tokens)


def test_nouns_whose_number_does_not_show_are_neither_cues_nor_attractors(suite):
    cues = {item.group.partition("|")[0] for item in suite.items}
    assert cues == {"Schlüssel-Bund", "Lampe", "Buch", "Vase"}
    attractors = {
        item.sentences["good"].tokens[item.sentences["good"].regions["attractor1"].start] for item in suite.items
    }
    assert attractors.isdisjoint({"Wagen", "Zimmer"})


def test_a_german_text_is_written_and_withholds_what_its_grammar_says(folder):
    text = generate_text(str(folder / "text.toml"), sentences=400, out=folder / "text")
    sentences = set((text / "train.txt").read_text(encoding="utf-8").splitlines())
    lexicon = read_lexicon(folder / "deutsch.csv")
    articles = {
        (form.text, form.features.get("gender"), form.features["number"]) for form in lexicon.forms("artikel", {})
    }
    nouns = {form.text: form.lexeme.features for form in lexicon.forms("nomen", {})}
    for sentence in sentences:
        _, article, noun, verb = sentence.split()
        number = {"ist": "singular", "fällt": "singular"}.get(verb, "plural")
        gender = nouns[noun]["gender"] if number == "singular" else None
        assert (article, gender, number) in articles
        assert nouns[noun]["square"] != {"ist": "0", "sind": "0", "fällt": "1", "fallen": "1"}[verb]
    split = read_split(str(folder / "text.toml"))

    def seen(beginning):
        return split.seen(beginning.split())

    assert seen("Gestern die Lampe ist") == "seen"
    assert seen("Gestern der Schlüsselbund ist") == "paar"
    assert seen("Gestern das Lampe ist") == "foreign"
