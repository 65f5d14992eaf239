from dataclasses import replace

import pytest

from lrd_bench.formats.conllu import ParsedSentence, Token, read_conllu
from lrd_bench.formats.dependencies import Agreement, agreements

PRESENT = {"Tense": "Pres", "VerbForm": "Fin", "Mood": "Ind"}
SING, PLUR = {"Number": "Sing"}, {"Number": "Plur"}


def parsed(*words) -> ParsedSentence:
    """(form, upos, features, head, relation) of each word."""
    tokens = tuple(
        Token(form=form, lemma=form, upos=upos, features=features, head=head, relation=relation)
        for form, upos, features, head, relation in words
    )
    return ParsedSentence(id=None, line=1, tokens=tokens)


def keys_open(subject="nsubj", upos="NOUN", number=PLUR, verb="VERB", features=None):
    """The keys open."""
    features = {**PRESENT, **PLUR} if features is None else features
    return parsed(("the", "DET", {}, 2, "det"), ("keys", upos, number, 3, subject), ("open", verb, features, 0, "root"))


@pytest.mark.parametrize("relation", ["nsubj", "nsubj:pass"])
@pytest.mark.parametrize("upos", ["NOUN", "PROPN", "PRON"])
def test_a_subject_agrees_with_its_head_if_that_is_a_finite_present_verb(relation, upos):
    found = Agreement(subject=1, verb=2, number="plural")
    assert list(agreements(keys_open(relation, upos))) == [found]
    without_mood = {key: value for key, value in {**PRESENT, **PLUR}.items() if key != "Mood"}
    assert list(agreements(keys_open(relation, upos, features=without_mood))) == [found]


def test_else_it_agrees_with_the_first_finite_auxiliary_or_copula():
    has_been_rusty = parsed(
        ("key", "NOUN", SING, 5, "nsubj"),
        ("can", "AUX", {"VerbForm": "Fin"}, 5, "aux"),
        ("has", "AUX", {**PRESENT, **SING}, 5, "aux:pass"),
        ("is", "AUX", {**PRESENT, **SING}, 5, "cop"),
        ("rusty", "ADJ", {}, 0, "root"),
    )
    assert list(agreements(has_been_rusty)) == [Agreement(subject=0, verb=2, number="singular")]


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        (keys_open("nsubj:outer"), "its predicate is a clause"),
        (keys_open(upos="ADJ"), "the subject is no noun or pronoun that is singular or plural"),
        (keys_open(number={}), "the subject is no noun or pronoun that is singular or plural"),
        (keys_open(number={"Number": "Ptan"}), "the subject is no noun or pronoun that is singular or plural"),
        (keys_open(features={**PRESENT, **PLUR, "Tense": "Past"}), "there is no finite present verb"),
        (keys_open(features={**PRESENT, **PLUR, "Mood": "Sub"}), "there is no finite present verb"),
        (keys_open(features={**PRESENT, **PLUR, "VerbForm": "Part"}), "there is no finite present verb"),
        (keys_open(verb="ADJ"), "there is no finite present verb"),
        (keys_open(features=PRESENT), "the verb shows no number"),
        (keys_open(number=SING), "subject and verb differ in number"),
        (
            parsed(("are", "VERB", {**PRESENT, **PLUR}, 0, "root"), ("keys", "NOUN", PLUR, 1, "nsubj")),
            "the verb comes first",
        ),
        (parsed(("keys", "NOUN", PLUR, 0, "nsubj")), "there is no finite present verb"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_what_does_not_agree_has_a_reason(sentence, why):
    assert list(agreements(sentence)) == [why]


def test_objects_and_clauses_are_no_subjects():
    assert list(agreements(keys_open("obj"))) == []
    assert list(agreements(keys_open("csubj"))) == []


def test_nouns_with_number_before_a_verb_with_number_are_as_many_as_the_treebanks_readme_counts(data):
    text = (data / "README.md").read_text(encoding="utf-8")
    rows = [[cell.strip().replace(",", "") for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    counted = {row[0]: (int(row[9]), int(row[13])) for row in rows if row and ".conllu" in row[0]}
    assert len(counted) == 13
    for name, (nouns, mismatches) in counted.items():
        agreeing = differing = 0
        for sentence in read_conllu(data / "treebanks" / name):
            # The README counts `nsubj:outer` too, and leaves pronouns out.
            tokens = (
                replace(token, relation="nsubj") if token.relation == "nsubj:outer" else token
                for token in sentence.tokens
            )
            sentence = replace(sentence, tokens=tuple(tokens))
            subjects = (token for token in sentence.tokens if token.relation.partition(":")[0] == "nsubj")
            for subject, found in zip(subjects, agreements(sentence), strict=True):
                if subject.upos != "PRON":
                    agreeing += isinstance(found, Agreement)
                    differing += found == "subject and verb differ in number"
        # Besides: subjects with Number=Ptan or Sing,Plur, which are neither.
        assert agreeing <= nouns - mismatches, name
        assert nouns - agreeing - differing <= 0.02 * nouns, name
