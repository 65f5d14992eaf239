"""The forms of the shipped English words, against LemmInflect's dictionary (from the NIH's SPECIALIST lexicon)."""

import warnings

import pytest

from lrd_bench.catalogue import find
from lrd_bench.generate.lexicon import read_lexicon

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it reads its tables as an earlier NumPy would
    from lemminflect import getAllInflections, getAllLemmas

FOLDER = find("suite", "agreement-pp").parent / "lexicon"
LEXICON = read_lexicon(FOLDER / "english.csv", FOLDER / "english-domains.csv")
TESTED = {
    "NOUN": ("agent", "thing", "instrument", "object", "party", "need"),
    "VERB": ("verb", "existential", "deed"),
}
"""Part of speech → the classes whose words are cues or candidates."""

FOUNDING = {"team", "house", "houses", "market", "markets"}
"""*The family … house / the team … market*: the field's first example."""

NOT_THERE = {("casino", "casinos"), ("acreage", "acreages")}
"""Plurals that the dictionary lacks, and others have."""


def texts(name):
    return {form.text for form in LEXICON.forms(name, {})}


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, names in TESTED.items() for name in names])
def test_a_cue_or_candidate_is_not_noun_and_verb(part, name):
    other = {"NOUN": "VERB", "VERB": "NOUN"}[part]
    assert {text for text in texts(name) if other in getAllLemmas(text)} - FOUNDING == set()


@pytest.mark.parametrize("name", ["agent", "thing", "instrument", "object", "need", "person"])
def test_plurals_are_those_of_the_dictionary(name):
    pairs = {(form.lexeme.lemma, form.text) for form in LEXICON.forms(name, {"number": "plural"})} - NOT_THERE
    known = {lemma: set(getAllInflections(lemma, upos="NOUN").get("NNS", ())) for lemma, _ in pairs}
    assert {(lemma, plural) for lemma, plural in pairs if known[lemma] and plural not in known[lemma]} == set()
    assert sum(map(bool, known.values())) > 0.9 * len(known)


@pytest.mark.parametrize("name", ["verb", "transitive"])
def test_present_forms_are_those_of_the_dictionary(name):
    for lexeme in LEXICON.classes[name]:
        if lexeme.lemma.startswith("be"):  # *is* and *was*, which have lines of their own
            continue
        forms = getAllInflections(lexeme.lemma, upos="VERB")
        assert lexeme.form({"number": "singular"}) in forms["VBZ"]
        assert lexeme.form({"number": "plural"}) in forms["VBP"] + forms["VB"]
