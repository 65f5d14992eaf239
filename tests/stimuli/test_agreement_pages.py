"""The shipped agreement suites: their words, their constructions, and what each takes for right and for wrong."""

import csv

import pytest

from lrd_bench.catalogue import find, names
from lrd_bench.generate.lexicon import read_lexicon
from lrd_bench.generate.suite_grammar import suite_grammar
from lrd_bench.settings import read_toml

PAGES = [name for name in names("suite") if name.startswith("agreement-")]
LEXICON = find("suite", "agreement-simple").parent / "lexicon"

# What comes after the first word; `right|wrong`.
EXAMPLES = [
    ("agreement-simple", "the child is|are happy ."),
    ("agreement-padding", "the girls perhaps often surely sit|sits ."),
    ("agreement-padding", "the girls near the old strange tiny new city sit|sits ."),
    ("agreement-pp", "the prince behind the doors near the city speaks|speak ."),
    ("agreement-subject-relative", "the princes that met the girl that avoided the dentist are|is sad ."),
    ("agreement-object-relative", "the prince that the girls near the city followed was|were sad ."),
    ("agreement-object-relative", "the prince the girls near the city often followed was|were sad ."),
    ("agreement-embedding", "the prince that the girls that the dentist admires meet speaks|speak ."),
    ("agreement-complement", "the friends said that the sisters thought that the dentist agrees|agree ."),
    ("agreement-coordination", "the dentists often surely laughed and seem|seems proud ."),
    ("agreement-coordination", "the prince met the girls and blamed the dentists and seems|seem proud ."),
    ("agreement-parenthetical", "the girl , as the princes near the city said , grows|grow tired ."),
    ("agreement-existential", "there are perhaps often no rivers|river ."),
    ("agreement-existential", "there appears no old wonderful river|rivers ."),
    ("agreement-existential", "there is , near the dentists , no river|rivers ."),
    ("agreement-reflexive", "the prince near the princes blamed himself|themselves ."),
    ("agreement-reflexive", "the princesses that the girl met blamed themselves|herself ."),
    ("agreement-determiner", "near the cities , you painted this old tiny new lamp|lamps ."),
    ("agreement-lure", "near the cities , the prince behind the rivers arrives|arrive ."),
    ("agreement-fillers", "the girl , as the princes near the princesses often surely said , grows|grow tired ."),
    ("agreement-german", "sagt , dass die Tochter neben den Bäumen schlief|schliefen ."),
    ("agreement-german", "sagt , dass die Töchter leider oft dort schliefen|schlief ."),
]


def rows(table):
    with (LEXICON / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def forms(row, *columns):
    return [row[column] for column in columns]


def test_every_construction_has_its_page_and_every_page_an_example():
    assert {page for page, _ in EXAMPLES} == set(PAGES)


@pytest.mark.parametrize(("page", "sentence"), EXAMPLES, ids=[sentence for _, sentence in EXAMPLES])
def test_a_page_derives_the_right_sentence_and_not_the_wrong_one(page, sentence):
    pairs = [word.split("|") for word in sentence.split()]
    grammar = suite_grammar(page)
    openers = ["Man"] if page == "agreement-german" else ["But", "And", "So", "Then"]  # one for each place in a square
    assert any(grammar.derives([opener, *(pair[0] for pair in pairs)]) for opener in openers)
    assert not any(grammar.derives([opener, *(pair[-1] for pair in pairs)]) for opener in openers)


@pytest.mark.parametrize("page", sorted(set(PAGES) - {"agreement-simple"}))
def test_distances_reach_beyond_thirty_words(page):
    assert all(max(filler["distances"]) >= 30 for filler in read_toml(find("suite", page))["filler"])


@pytest.mark.parametrize("page", sorted(set(PAGES) - {"agreement-simple", "agreement-padding"}))
def test_up_to_three_nouns_oppose_the_cue_or_two_in_every_kind_of_filler(page):
    file = read_toml(find("suite", page))
    most = max(max(filler.get("nouns", [0])) for filler in file["filler"]) + max(file["lead"].get("lures", [0]))
    assert most >= (2 if page == "agreement-fillers" else 3)


def test_the_kinds_of_filler_are_compared_at_the_same_distances_and_with_as_many_nouns():
    kinds = {filler["kind"]: filler for filler in read_toml(find("suite", "agreement-fillers"))["filler"]}
    assert {tuple(filler["distances"]) for filler in kinds.values()} == {(12, 16, 24, 32)}
    assert {kind: filler.get("nouns", [0]) for kind, filler in kinds.items()} == {
        "adverbs": [0],
        "prepositional phrases": [2],
        "subject relatives": [2],
        "object relatives": [2],
        "object relatives without that": [2],
        "centre-embedding": [2],
        "complement clauses": [2],
        "coordination": [2],
        "parentheticals": [2],
    }


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_version_of_fixed_length(page):
    file = read_toml(find("suite", page))
    assert "{lead}" in file["sentence"]
    assert file["lead"]["stretch"] == "adverb"


@pytest.mark.parametrize("table", ["english.csv", "german.csv"])
def test_every_word_has_a_part_of_speech(table):
    assert [row["lemma"] for row in rows(table) if not row["pos"]] == []


def test_singular_and_plural_differ_in_every_noun_and_verb():
    english = [forms(row, "number=singular", "number=plural") for row in rows("english.csv") if row["number=singular"]]
    german = [row for row in rows("german.csv") if row["class"] in ("person", "ding", "verb")]
    nouns = [forms(row, *(f"kasus=nominativ;numerus={each}" for each in ("singular", "plural"))) for row in german]
    verbs = [forms(row, "numerus=singular", "numerus=plural") for row in german]
    assert [pair for pair in english + nouns + verbs if pair[0] == pair[1] and pair[0]] == []
    assert len(english) > 80
    assert len([pair for pair in nouns if all(pair)]) == 48
    assert len([pair for pair in verbs if all(pair)]) == 12


def test_no_noun_is_also_a_verb():
    lexicon = read_lexicon(LEXICON / "english.csv", LEXICON / "english-domains.csv")
    words = {"noun": set(), "verb": set(), "other": set()}
    for name in lexicon.classes:
        for form in lexicon.forms(name, {}):
            part = form.lexeme.features["pos"]
            words["noun" if part == "noun" else "verb" if "verb" in part.split() else "other"].add(form.text)
    assert words["noun"] & words["verb"] == set()


def test_no_verb_between_makes_the_wrong_form_right_as_an_infinitive_or_in_a_clause_without_that():
    """*The king that watched the girls go*, *the king that knew the girls are happy*, *the king the girls see go*."""
    verbs = {row["lemma"] for row in rows("english.csv") if row["pos"].startswith("transitive verb")}
    forms_ = {row[f"number={each}"] for row in rows("english.csv") for each in ("singular", "plural")}
    complement_takers = "felt heard helped knew let made noticed saw trusted watched believed asked hear help know see"
    assert not (verbs | forms_) & set(complement_takers.split())


def test_reflexives_have_a_gender_in_the_singular_only():
    reflexives = {
        row["gender"]: forms(row, "number=singular", "number=plural")
        for row in rows("english.csv")
        if row["class"] == "reflexive"
    }
    assert reflexives == {"male": ["himself", "themselves"], "female": ["herself", "themselves"]}


def test_german_articles_agree_in_case_gender_and_number():
    lexicon = read_lexicon(LEXICON / "german.csv")

    def article(case, gender, number):
        found = lexicon.forms("artikel", {"kasus": case, "genus": gender, "numerus": number})
        return [form.text for form in found]

    singular = {case: [article(case, gender, "singular") for gender in "mfn"] for case in ("nominativ", "dativ")}
    assert singular == {"nominativ": [["der"], ["die"], ["das"]], "dativ": [["dem"], ["der"], ["dem"]]}
    for gender in "mfn":
        assert article("nominativ", gender, "plural") == ["die"]
        assert article("dativ", gender, "plural") == ["den"]


@pytest.mark.parametrize(
    "noun",
    [
        ["Baum", "Bäume", "Baum", "Bäumen", "m"],
        ["Tür", "Türen", "Tür", "Türen", "f"],
        ["Schloss", "Schlösser", "Schloss", "Schlössern", "n"],
        ["Tochter", "Töchter", "Tochter", "Töchtern", "f"],
        ["Baby", "Babys", "Baby", "Babys", "n"],
    ],
    ids=lambda noun: noun[0],
)
def test_german_nouns_decline(noun):
    cells = [f"kasus={case};numerus={number}" for case in ("nominativ", "dativ") for number in ("singular", "plural")]
    assert noun in [forms(row, *cells, "genus") for row in rows("german.csv")]


def test_german_has_eight_people_and_eight_things_of_each_gender():
    nouns = [(row["class"], row["genus"]) for row in rows("german.csv") if row["class"] in ("person", "ding")]
    assert {pair: nouns.count(pair) for pair in nouns} == {
        (each, gender): 8 for each in ("person", "ding") for gender in "mfn"
    }
