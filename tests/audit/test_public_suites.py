"""What the audit finds, unaided, in the public suites. The figures are the files' own, counted apart from it."""

import gzip
import json
import re
from collections import Counter

import pytest

from lrd_bench.audit import audit_suite, audit_suites

ENGLISH_CLAMS = (
    "long_vp_coord",
    "obj_rel_across_anim",
    "prep_anim",
    "prep_inanim",
    "sent_comp",
    "simple_agrmt",
    "simple_npi_anim",
    "simple_reflexives",
    "subj_rel",
    "vp_coord",
)


def blimp(data, paradigm):
    [path] = (data / "suites" / "blimp").glob(f"{paradigm}.jsonl*")
    return path


def finding(audit, containing):
    """The one finding that says this."""
    [found] = [text for text in audit.findings if containing in text]
    return found


# -- BLiMP -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paradigm", "told"),
    [("passive_1", "2 pairs of 1000 are identical"), ("principle_A_case_2", "5 pairs of 1000 are identical")],
)
def test_identical_pairs_are_found_in_blimp_and_told_first(data, paradigm, told):
    path = blimp(data, paradigm)
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    rows = [json.loads(line) for line in lines]
    same = [row["pairID"] for row in rows if row["sentence_good"] == row["sentence_bad"]]
    first = audit_suite(path).findings[0]
    assert first.startswith(told)
    assert first.endswith(f"(items {', '.join(same)}).")


@pytest.mark.parametrize(
    ("paradigm", "share"),
    [
        ("wh_vs_that_no_gap", "100 %"),
        ("wh_vs_that_with_gap", "100 %"),
        ("npi_present_2", "100 %"),
        ("superlative_quantifiers_2", "100 %"),
        ("principle_A_domain_1", "100 %"),
        ("irregular_past_participle_verbs", "100 %"),
        ("tough_vs_raising_2", "99.5 %"),
    ],
)
def test_blimp_paradigms_that_a_fixed_preference_between_the_two_words_decides_are_found(data, paradigm, share):
    assert f"decides {share} of the items" in finding(audit_suite(blimp(data, paradigm)), "A fixed preference between")


@pytest.mark.parametrize(
    "paradigm", ["animate_subject_passive", "causative", "drop_argument", "transitive", "passive_1", "only_npi_scope"]
)
def test_blimp_paradigms_that_the_words_themselves_decide_are_found_though_their_pairs_do_not_recur(data, paradigm):
    told = finding(audit_suite(blimp(data, paradigm)), "How often each contrasting word is right elsewhere")
    assert "decides" in told


@pytest.mark.parametrize("paradigm", ["adjunct_island", "principle_A_domain_3", "determiner_noun_agreement_with_adj_2"])
def test_balanced_blimp_paradigms_are_not_accused(data, paradigm):
    audit = audit_suite(blimp(data, paradigm))
    assert not [text for text in audit.findings if "decides" in text or "preference" in text]


# -- Gulordava et al. ------------------------------------------------------------------------------------------------


def test_the_41_base_sentences_behind_the_410_items_of_gulordava_are_found(data):
    folder = data / "suites" / "gulordava" / "English"
    lines = [line.split("\t") for line in (folder / "generated.gold").read_text().splitlines()]
    assert len(lines) == 410
    assert Counter((line[0], line[1]) for line in lines).keys().__len__() == 41
    audit = audit_suite(folder)
    assert finding(audit, "groups").startswith("410 items come from 41 groups of 10 items")
    assert audit.table("size").set_index("what").loc["groups", "number"] == 41


def test_the_items_of_gulordava_that_no_attractor_can_mislead_are_found(data):
    audit = audit_suite(data / "suites" / "gulordava" / "English")
    assert "The nearest noun is right on 80.5 % of the items at least" in finding(audit, "nearest noun")  # 330 of 410


# -- CLAMS -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clams(data):
    """The audits of English CLAMS: of all 47,700 pairs together, and case by case."""
    together, *each = audit_suites([data / "suites" / "clams" / "en_evalset" / f"{case}.txt" for case in ENGLISH_CLAMS])
    return together, dict(zip(ENGLISH_CLAMS, each, strict=True))


def test_the_few_nouns_behind_clams_are_found(clams):
    together, each = clams
    assert together.table("overview").set_index("suite").loc["all together", "items"] == 47_700
    assert "38 different cues, 19 with twins' cues taken as one" in finding(together, "different cues")
    assert finding(together, "words") == "All 47700 items are made of only 155 different words."
    told = finding(each["prep_anim"], "different cues")
    assert told.startswith("All 16800 items have one of only 20 different cues, 10 with twins' cues taken as one: ")
    assert {"author", "authors", "pilot"} <= set(re.findall(r"\w+", told.partition(":")[2]))


def test_a_fixed_preference_decides_the_negative_polarity_items_of_clams(clams):
    told = finding(clams[1]["simple_npi_anim"], "fixed preference")
    assert "decides 100 % of the items" in told


def test_the_agreement_of_clams_is_balanced(clams):
    for case in ("prep_anim", "obj_rel_across_anim", "simple_agrmt"):
        table = clams[1][case].table("shortcuts")
        assert set(table["accuracy"]) == {0.5}
        assert set(table["beats chance"]) == {"no"}
