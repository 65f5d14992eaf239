"""The words of the selection and event suites by their domains, and what these suites take for right and for wrong."""

import csv
import re
from collections import Counter, defaultdict

import pytest

from lrd_bench.catalogue import find, names
from lrd_bench.generate import generate_suite
from lrd_bench.generate.lexicon import read_lexicon
from lrd_bench.generate.pages import OpenedSuite
from lrd_bench.generate.suite_grammar import suite_grammar
from lrd_bench.generate.twins import Groups
from lrd_bench.settings import read_toml
from lrd_bench.suite_files import read_suite

PAGES = [name for name in names("suite") if name.startswith(("selection-", "event-"))]
FOLDER = find("suite", "selection-instrument").parent / "lexicon"
PAIRINGS = [("agent", "instrument"), ("party", "need"), ("deed", "object")]
NOUNS = ["agent", "instrument", "party", "need", "object", "person"]

# What comes after the first word; `right|wrong`.
EXAMPLES = [
    ("selection-instrument", "the surgeon beside the aviator often used the scalpel|glider ."),
    ("selection-instrument", "the surgeon near the teacher often needed the scalpel|textbook ."),
    ("selection-instrument", "the pianist that admired the farmer lost the piano|haystack ."),
    ("selection-verb-object", "what the uncle drank after the camel often was the wine|mule ."),
    ("selection-verb-object", "what the uncle rode beside the woman that mentioned the wine was the mule|beer ."),
    ("selection-object-verb", "before the song , the man forgot the wine which the woman drank|hummed ."),
    (
        "selection-object-verb",
        "after the wine , the man forgot the song which the woman near the old river hummed|drank .",
    ),
    ("event-reason", "the family moved from the city after the team because they wanted a larger house|market ."),
    ("event-reason", "the team moved from the city after the family because they wanted a larger market|house ."),
    (
        "event-reason",
        "the owls fled from the town near the camp of the surgeons because they needed a better aviary|clinic .",
    ),
    ("event-sentence-before", "after the prince , the surgeon arrived . Then everyone needed the scalpel|palace ."),
    (
        "event-sentence-before",
        "after the surgeon , the prince waited . The aunt forgot the lamp . Then everyone wanted the palace|vaccine .",
    ),
]


@pytest.fixture(scope="module")
def lexicon():
    return read_lexicon(FOLDER / "english.csv", FOLDER / "english-domains.csv")


@pytest.fixture(scope="module")
def rows():
    with (FOLDER / "english-domains.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=PAGES)
def page(request):
    return request.param


@pytest.fixture(scope="module")
def items(page, tmp_path_factory):
    """One block of a suite."""
    out = tmp_path_factory.mktemp("stimuli") / f"{page}.jsonl"
    generate_suite(page, out=out, items=1)
    return read_suite(out).items


def by_domain(lexicon, name):
    found = defaultdict(list)
    for lexeme in lexicon.classes[name]:
        found[lexeme.features["domain"]].append(lexeme.lemma)
    return found


def forms(lexicon, name):
    return {form.text for form in lexicon.forms(name, {})}


@pytest.mark.parametrize(("cue", "answer"), PAIRINGS)
def test_a_pairing_has_forty_domains_or_more_with_three_cues_and_three_answers_or_more(lexicon, cue, answer):
    cues, answers = by_domain(lexicon, cue), by_domain(lexicon, answer)
    assert len(cues) >= 40
    assert cues.keys() == answers.keys()
    assert [domain for domain in cues if min(len(cues[domain]), len(answers[domain])) < 3] == []


@pytest.mark.parametrize("name", ["agent", "instrument"])
def test_each_domain_has_one_agent_and_one_instrument_for_each_place_in_a_square(lexicon, name):
    assert {len(words) for words in by_domain(lexicon, name).values()} == {4}


@pytest.mark.parametrize("name", ["agent", "instrument", "party", "need", "deed", "object"])
def test_no_word_is_in_two_domains(lexicon, name):
    texts = Counter(form.text for form in lexicon.forms(name, {}))
    assert [text for text, number in texts.items() if number > 1] == []


def test_no_noun_of_a_suite_is_in_two_classes(page, lexicon):
    file = read_toml(find("suite", page))
    lines = [file["sentence"], file["lead"].get("unit", "")]
    lines += [filler.get(key, "") for filler in file["filler"] for key in ("text", "unit")]
    classes = [name for name in [*NOUNS, "thing"] if any(re.search(rf"\b{name}\(", line) for line in lines)]
    assert len(classes) >= 2
    texts = Counter(text for name in classes for text in forms(lexicon, name))
    assert [text for text, number in texts.items() if number > 1] == []


def test_deeds_are_no_nouns(lexicon):
    assert [name for name in [*NOUNS, "thing"] if forms(lexicon, name) & forms(lexicon, "deed")] == []


def test_every_noun_has_two_forms_or_as_a_mass_noun_only_a_singular(rows):
    nouns = [row for row in rows if row["pos"] == "noun"]
    assert [row["lemma"] for row in nouns if row["number=singular"] != row["lemma"]] == []
    assert [row["lemma"] for row in nouns if row["number=plural"] == row["lemma"]] == []
    masses = {row["class"] for row in nouns if not row["number=plural"]}
    assert masses == {"instrument", "object"}  # what may be a cue of number, or stand for one, has a plural


def test_groups_do_not_inflect_so_that_they_wanted_is_right_of_all(rows):
    groups = [row for row in rows if row["class"] == "party"]
    assert {row["pos"] for row in groups} == {"group noun"}
    assert [row["lemma"] for row in groups if row["number=singular"] or row["number=plural"]] == []


def test_words_are_single_and_of_small_letters_and_have_a_part_of_speech(rows):
    words = [row[column] for row in rows for column in ("lemma", "number=singular", "number=plural") if row[column]]
    assert [word for word in words if not (word.isalpha() and word.islower())] == []
    assert [row["lemma"] for row in rows if not row["pos"]] == []


def test_the_words_after_a_do_not_begin_with_a_vowel(lexicon):
    assert [word for word in forms(lexicon, "larger") if word[0] in "aeiou"] == []


def test_gender_is_said_of_people_that_are_of_one_only(lexicon):
    genders = {form.text: form.lexeme.features.get("gender") for form in lexicon.forms("agent", {})}
    assert {genders[word] for word in ("emperor", "monk", "waiter", "cowboys")} == {"male"}
    assert {genders[word] for word in ("duchess", "nun", "waitress", "bride")} == {"female"}
    assert {genders[word] for word in ("surgeon", "teachers", "dentist", "child")} == {None}
    assert min(Counter(genders.values()).values()) >= 30  # forms


@pytest.mark.parametrize(("name", "sentence"), EXAMPLES, ids=[sentence for _, sentence in EXAMPLES])
def test_a_page_derives_the_right_sentence_and_not_the_wrong_one(name, sentence):
    pairs = [word.split("|") for word in sentence.split()]
    grammar = suite_grammar(name)
    openers = ["But", "And", "So", "Then"]  # one for each place in a square
    assert any(grammar.derives([opener, *(pair[0] for pair in pairs)]) for opener in openers)
    assert not any(grammar.derives([opener, *(pair[-1] for pair in pairs)]) for opener in openers)


def test_every_page_has_examples():
    assert {name for name, _ in EXAMPLES} == set(PAGES)


@pytest.mark.parametrize(
    "pages", [("selection-instrument", "event-sentence-before"), ("selection-verb-object", "selection-object-verb")]
)
def test_pages_with_the_same_domains_keep_the_same_ones_apart(pages):
    one, other = (read_toml(find("suite", page))["kin"] for page in pages)
    assert one == other


def test_domains_that_a_reader_can_hardly_tell_apart_are_never_twins(page):
    kin = [set(values) for values in read_toml(find("suite", page))["kin"]]
    frame = OpenedSuite(find("suite", page)).frame
    blocks = Groups(frame).blocks(seed=5)
    for _ in range(10):  # rounds: in each, every domain is a twin of two others
        pairs = [next(blocks).values for _ in frame.values()]
        assert {Counter(value for pair in pairs for value in pair)[value] for value in frame.values()} == {2}
        assert [pair for pair in pairs if any(each.issuperset(pair) for each in kin)] == []


def test_restrictions_of_a_head_and_knowledge_of_events_are_told_apart(page):
    file = read_toml(find("suite", page))
    assert (
        file["phenomenon"] == {"selection": "selectional restriction", "event": "event knowledge"}[page.split("-")[0]]
    )
    assert file["predictions"] == ["double difference", "accuracy"]
    assert file["twins"] == "domain"


def test_kinds_of_filler_share_their_distances_as_far_as_they_reach_and_go_beyond_thirty(page):
    fillers = read_toml(find("suite", page))["filler"]
    longest = fillers[0]["distances"]
    assert len(fillers) >= 3
    assert max(longest) >= 30
    assert [filler["distances"] for filler in fillers] == [
        [distance for distance in longest if distance >= filler["distances"][0]] for filler in fillers
    ]


def test_in_half_the_items_of_each_filler_and_distance_a_noun_of_the_twins_domain_stands_elsewhere(items):
    found = defaultdict(Counter)
    for item in items:
        opposing = item.factors["attractors"] + item.factors["lures_before"]
        found[item.factors["filler"], item.distance][opposing] += 1
    assert {tuple(sorted(numbers)) for numbers in found.values()} == {(0, 1)}
    assert [cell for cell, numbers in found.items() if numbers[0] != numbers[1]] == []


def test_a_noun_elsewhere_is_of_one_of_the_two_domains_and_neither_the_cue_nor_a_candidate(items, page, lexicon):
    sentence = read_toml(find("suite", page))["sentence"]
    name = sentence.partition("{cue:")[2].partition("(")[0]
    domains = {form.text: form.features["domain"] for each in (name, "object") for form in lexicon.forms(each, {})}
    for item in items:
        good, bad = item.sentences["good"], item.sentences["bad"]
        words = {region: good.tokens[span.start] for region, span in good.regions.items()}
        [noun] = [word for region, word in words.items() if region.startswith(("attractor", "lure"))]
        assert domains[noun] in item.group.split("|")
        assert (domains[noun] != item.factors["cue_value"]) == bool(
            item.factors["attractors"] + item.factors["lures_before"]
        )
        assert noun not in (words["cue"], words["critical"], bad.tokens[bad.regions["critical"].start])


def test_a_page_has_as_many_words_of_each_domain_as_a_block_takes(page, lexicon):
    """One for each noun that may mislead, and the cue or the candidate itself, or a block would repeat one."""
    file = read_toml(find("suite", page))
    texts = [filler.get("text", "") + filler.get("unit", "") for filler in file["filler"]]
    slots = [*texts, file["lead"].get("unit", ""), file["sentence"]]
    for name in ("agent", "party", "object"):
        taken = sum(slot.count(f":{name}(") for slot in slots)
        assert min(len(words) for words in by_domain(lexicon, name).values()) >= taken


def test_there_is_a_version_of_fixed_length(page):
    file = read_toml(find("suite", page))
    assert "{lead}" in file["sentence"]
    assert file["lead"]["stretch"] == "adverb"


def test_each_domain_meets_two_others_before_it_meets_a_third(tmp_path):
    one = generate_suite("event-reason", out=tmp_path / "one.jsonl", items=1).items
    domains = set(by_domain(read_lexicon(FOLDER / "english-domains.csv"), "party"))
    generate_suite("event-reason", out=tmp_path / "all.jsonl", items=one * len(domains))
    groups = {item.id.partition("/")[0]: item.group for item in read_suite(tmp_path / "all.jsonl").items}
    met = Counter(domain for group in groups.values() for domain in group.split("|"))
    assert len(groups) == len(domains)
    assert met == dict.fromkeys(domains, 2)
