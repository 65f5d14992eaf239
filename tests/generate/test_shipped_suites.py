"""What must be true of every shipped suite: its items are twins, balanced, and a question with one right answer."""

import json
from collections import Counter, defaultdict
from itertools import pairwise, product

import pytest

from lrd_bench.catalogue import find, names
from lrd_bench.formula import names_twin, parse_formula
from lrd_bench.generate import generate_suite
from lrd_bench.generate.grammar import lexicon_beside
from lrd_bench.generate.language import parse_parts, slots_of
from lrd_bench.generate.pages import OpenedSuite
from lrd_bench.generate.suite_grammar import suite_grammar
from lrd_bench.settings import read_toml
from lrd_bench.suite_files import read_suite, write_suite

AGREEMENT = [name for name in names("suite") if name.startswith("agreement-")]
VERSIONS = {name: (name, {}) for name in names("suite")}
VERSIONS |= {f"{name}-fixed-length": (name, {"fixed_length": True}) for name in names("suite")}
VERSIONS |= {f"{name}-nonce": (name, {"nonce": True}) for name in AGREEMENT}
WORDS_BEFORE_THE_CUE_THAT_AGREE_WITH_IT = {"agreement-german": 1}  # its article

OF_THE_PLAIN_VERSIONS = pytest.mark.parametrize("version", names("suite"), indirect=True, scope="module")


@pytest.fixture(scope="module", params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture(scope="module")
def name(version):
    return VERSIONS[version][0]


@pytest.fixture(scope="module")
def settings(version):
    return VERSIONS[version][1]


@pytest.fixture(scope="module")
def page(name):
    return read_toml(find("suite", name))


@pytest.fixture(scope="module")
def fillers(page):
    """Kind → the filler of the page."""
    return {filler["kind"]: filler for filler in page["filler"]}


@pytest.fixture(scope="module")
def lexicon(name, page, settings):
    tables = page["lexicon"]
    lexicon = lexicon_beside(find("suite", name), [tables] if isinstance(tables, str) else tables)
    return lexicon.nonce() if "nonce" in settings else lexicon


@pytest.fixture(scope="module")
def file(version, tmp_path_factory):
    return tmp_path_factory.mktemp("stimuli") / f"{version}.jsonl"


@pytest.fixture(scope="module")
def suite(name, settings, file):
    """Two blocks and one item more, so that two are made and a third is begun."""
    one_block = 2 * len(OpenedSuite(find("suite", name), **settings).cells)
    return read_suite(generate_suite(name, out=file, items=2 * one_block + 1, **settings).path)


@pytest.fixture(scope="module")
def pairs(suite):
    """The two items of each pair, in the order of the file."""
    assert all(suite.twins[item.id] == twin for item, twin in zip(suite.items[::2], suite.items[1::2], strict=True))
    return list(zip(suite.items[::2], suite.items[1::2], strict=True))


def cells(suite):
    """(filler, distance, nouns between, nouns before) → its items."""
    found = defaultdict(list)
    for item in suite.items:
        factors = item.factors
        found[factors["filler"], item.distance, factors["nouns_between"], len(factors["lures"])].append(item)
    return found


def block_of(item):
    return item.id.partition("/")[0]


def word(item, region):
    sentence = item.sentences["good"]
    return sentence.tokens[sentence.regions[region].start]


def lures_of(page):
    return page.get("lead", {}).get("lures", [0])


# -- twins -------------------------------------------------------------------------------------------------------------


def test_twins_have_the_same_words_but_for_the_cue_the_same_candidates_and_the_opposite_answer(pairs, name):
    for item, twin in pairs:
        assert item.pair == twin.pair
        assert (
            len({str(one.sentences[condition].regions) for one in (item, twin) for condition in ("good", "bad")}) == 1
        )
        cue, critical = (item.sentences["good"].regions[region].start for region in ("cue", "critical"))
        good, bad, twins_good, twins_bad = (
            one.sentences[condition].tokens for one in (item, twin) for condition in ("good", "bad")
        )
        assert len({len(good), len(bad), len(twins_good), len(twins_bad)}) == 1
        assert [at for at in range(len(good)) if good[at] != bad[at]] == [critical]
        assert [at for at in range(len(good)) if twins_good[at] != twins_bad[at]] == [critical]
        assert (good[critical], bad[critical]) == (twins_bad[critical], twins_good[critical])
        differing = [at for at in range(critical) if good[at] != twins_good[at]]
        assert differing[-1] == cue
        assert all(at < cue for at in differing[:-1])
        assert len(differing) - 1 <= WORDS_BEFORE_THE_CUE_THAT_AGREE_WITH_IT.get(name, 0)


def test_every_pair_is_certified_and_needs_as_much_context_as_the_distance(suite, file):
    for item, line in zip(suite.items, file.read_text(encoding="utf-8").splitlines(), strict=True):
        assert suite.certificate(item).blind_below == item.distance
        assert json.loads(line)["certificate"] == {"blind_below": item.distance}


def test_the_suites_grammar_derives_every_good_sentence_and_no_bad_one(suite, name, settings):
    grammar = suite_grammar(name, **settings)
    for item in suite.items[: len(suite.items) // 3 : 3]:  # of a block, which holds all leads and fillers
        assert grammar.derives(item.sentences["good"].tokens)
        assert not grammar.derives(item.sentences["bad"].tokens)


def test_neither_cue_nor_critical_word_begins_the_sentence_and_no_article_betrays_a_candidate(suite):
    for item in suite.items:
        for sentence in item.sentences.values():
            assert sentence.regions["cue"].start > 0
            assert sentence.tokens[sentence.regions["critical"].start - 1] not in ("a", "an")
            assert sentence.tokens[sentence.regions["cue"].start - 1] not in ("A", "An", "a", "an")


def test_no_word_follows_itself(suite):
    for item in suite.items:
        for sentence in item.sentences.values():
            assert all(one != other for one, other in pairwise(sentence.tokens))


# -- balance -----------------------------------------------------------------------------------------------------------


def test_items_are_rounded_up_to_whole_blocks(suite):
    blocks = Counter(map(block_of, suite.items))
    assert blocks.keys() == {"0", "1", "2"}
    assert len(set(blocks.values())) == 1


def test_every_filler_is_there_at_every_distance_that_the_file_names(suite, fillers):
    expected = {(kind, distance) for kind, filler in fillers.items() for distance in filler["distances"]}
    assert {(item.factors["filler"], item.distance) for item in suite.items} == expected


def test_every_number_of_nouns_that_the_file_names_is_there(suite, fillers, page):
    between = {(kind, nouns) for kind, filler in fillers.items() for nouns in filler.get("nouns", [0])}
    assert {(item.factors["filler"], item.factors["nouns_between"]) for item in suite.items} == between
    assert {len(item.factors["lures"]) for item in suite.items} == set(lures_of(page))


def test_from_none_to_all_of_the_nouns_oppose_the_cue(suite, fillers, page):
    most = max(max(filler.get("nouns", [0])) for filler in fillers.values())
    assert {item.factors["attractors"] for item in suite.items} == set(range(most + 1))
    assert {item.factors["lures_before"] for item in suite.items} == set(range(max(lures_of(page)) + 1))
    together = {item.factors["attractors"] + item.factors["lures_before"] for item in suite.items}
    assert together == set(range(most + max(lures_of(page)) + 1))


def test_all_patterns_of_the_nouns_come_equally_often_in_each_cell(suite):
    letters = {letter for item in suite.items for letter in item.factors["pattern"] + item.factors["lures"]}
    assert letters in ({"S", "P"}, {"A", "B"}, set())
    for (_, _, nouns, lures), items in cells(suite).items():
        patterns = Counter((item.factors["lures"], item.factors["pattern"]) for item in items)
        before, between = (["".join(each) for each in product(letters, repeat=number)] for number in (lures, nouns))
        assert patterns.keys() == set(product(before, between))
        assert len(set(patterns.values())) == 1


def test_both_values_of_the_cue_come_equally_often_in_each_cell(suite):
    for items in cells(suite).values():
        for block in set(map(block_of, items)):
            values = Counter(item.factors["cue_value"] for item in items if block_of(item) == block)
            assert len(values) == 2
            assert len(set(values.values())) == 1


def test_every_cell_of_a_block_has_the_same_groups_cues_answers_and_last_words(suite):
    shared = defaultdict(set)
    for cell, items in cells(suite).items():
        for item in items:
            for condition, sentence in item.sentences.items():
                ending = sentence.tokens[sentence.regions["critical"].start :]
                shared[cell].add(
                    (block_of(item), item.group, condition, item.factors["cue_value"], word(item, "cue"), ending)
                )
    assert len({frozenset(frames) for frames in shared.values()}) == 1
    assert all(len({group for block, group, *_ in each if block == "0"}) == 1 for each in shared.values())


@OF_THE_PLAIN_VERSIONS
def test_words_before_the_cue_are_the_same_in_a_block_but_for_the_lead(suite):
    """The shortest beginning of a block is in each of its beginnings, what the lead puts in between set aside."""
    beginnings = defaultdict(set)
    for item in suite.items:
        sentence = item.sentences["good"]
        lures = {span.start for region, span in sentence.regions.items() if region.startswith("lure")}
        before = sentence.tokens[: sentence.regions["cue"].stop]
        masked = tuple("…" if at in lures else each for at, each in enumerate(before))
        beginnings[block_of(item), item.factors["cue_value"]].add(masked)
    for found in beginnings.values():
        shortest = min(found, key=len)
        for each in found:
            more = len(each) - len(shortest)
            assert any(each[:at] + each[at + more :] == shortest for at in range(len(shortest)))


# -- factors and regions -----------------------------------------------------------------------------------------------


def test_nouns_that_may_mislead_are_where_the_regions_say_and_have_the_values_of_the_patterns(
    pairs, page, lexicon, fillers
):
    lines = [page["sentence"], page.get("lead", {}).get("unit", "")]
    lines += [filler.get(part, "") for filler in fillers.values() for part in ("text", "unit")]
    slots = [slot for line in lines for slot in slots_of(parse_parts(line, ""))]
    values = defaultdict(set)
    for slot in slots:
        if slot.region in ("cue", "attractor", "lure"):
            for form in lexicon.forms(slot.name, slot.fixed):
                values[slot.region, form.text].add(form.features[page["twins"]])
    for pair in pairs:
        first, second = (item.factors["cue_value"] for item in pair)
        of_letter = {"S": first, "P": second, "A": first, "B": second}
        for item in pair:
            assert values["cue", word(item, "cue")] == {item.factors["cue_value"]}
            for region, letters in (("attractor", item.factors["pattern"]), ("lure", item.factors["lures"])):
                for number, letter in enumerate(letters, start=1):
                    # A noun may be the same in singular and plural (*Wagen*); a cue may not.
                    assert of_letter[letter] in values[region, word(item, f"{region}{number}")]
            assert f"attractor{item.factors['nouns_between'] + 1}" not in item.sentences["good"].regions
            assert f"lure{len(item.factors['lures']) + 1}" not in item.sentences["good"].regions


def test_the_nouns_of_a_sentence_are_different_words(suite):
    for item in suite.items:
        nouns = [word(item, region) for region in item.sentences["good"].regions if region != "critical"]
        assert len(set(nouns)) == len(nouns)


def test_factors_count_the_nouns_that_oppose_the_cue(pairs):
    for pair in pairs:
        for item, own in zip(pair, ("SA", "PB"), strict=True):
            factors = item.factors
            opposing = [letter not in own for letter in factors["pattern"]]
            assert factors["nouns_between"] == len(opposing)
            assert factors["attractors"] == sum(opposing)
            assert factors["nearest"] == (("match", "mismatch")[opposing[-1]] if opposing else None)
            assert factors["lures_before"] == sum(letter not in own for letter in factors["lures"])


def test_factors_are_the_same_in_both_twins_but_for_what_is_relative_to_the_cue(pairs):
    for item, twin in pairs:
        assert item.factors["attractors"] + twin.factors["attractors"] == item.factors["nouns_between"]
        assert item.factors["lures_before"] + twin.factors["lures_before"] == len(item.factors["lures"])
        differing = {key for key in item.factors if item.factors[key] != twin.factors[key]}
        assert differing <= {"attractors", "nearest", "cue_value", "lures_before"}


def test_every_factor_is_explained(suite):
    assert {factor for item in suite.items for factor in item.factors} <= suite.glossary.keys()


def test_the_predictions_are_accuracy_and_double_difference_the_headline_first(suite, name, page):
    assert [names_twin(parse_formula(prediction)) for prediction in suite.predictions] == (
        [name != "accuracy" for name in page.get("predictions", ["accuracy", "double difference"])]
    )
    # What differs in sense, not in a form, is asked by the double difference, so that no word's frequency decides.
    assert names_twin(parse_formula(suite.predictions[0])) == (name not in AGREEMENT)


# -- versions ----------------------------------------------------------------------------------------------------------


def test_the_name_says_which_version_it_is(suite, version, page):
    assert (suite.name, suite.version) == (version, page["version"])


def test_at_fixed_length_the_sentences_of_a_block_have_one_length_and_the_critical_word_one_place(suite, settings):
    for block in "012":
        items = [item for item in suite.items if block_of(item) == block]
        lengths = {len(sentence.tokens) for item in items for sentence in item.sentences.values()}
        places = {item.sentences["good"].regions["critical"] for item in items}
        varied = len({item.distance for item in items}) > 1
        fixed = "fixed_length" in settings or not varied
        assert (len(lengths) == 1) == (len(places) == 1) == fixed


@pytest.mark.parametrize("name", AGREEMENT)
def test_a_nonce_version_has_the_parts_of_speech_of_the_plain_one(name, tmp_path):
    opened = OpenedSuite(find("suite", name))
    allowed, parts = defaultdict(set), defaultdict(set)
    for class_, lexemes in opened.frame.lexicon.classes.items():
        of_class = {lexeme.features["pos"] for lexeme in lexemes}
        for form in opened.frame.lexicon.forms(class_, {}):
            allowed[form.text] |= of_class
            parts[form.text].add(form.lexeme.features["pos"])
    items = 4 * len(opened.cells)
    plain, nonce = (
        read_suite(generate_suite(name, out=tmp_path / f"{version}.jsonl", items=items, nonce=version).path)
        for version in (False, True)
    )
    assert [item.id for item in plain.items] == [item.id for item in nonce.items]
    replaced = 0
    for item, like in zip(nonce.items, plain.items, strict=True):
        upto = item.sentences["good"].regions["critical"].stop
        assert like.sentences["good"].regions["critical"].stop == upto
        for word, plain_word in zip(item.sentences["good"].tokens[:upto], like.sentences["good"].tokens, strict=False):
            assert word == plain_word or parts[word] & allowed[plain_word]
            replaced += word != plain_word
    assert replaced > len(nonce.items)


# -- files -------------------------------------------------------------------------------------------------------------


@OF_THE_PLAIN_VERSIONS
def test_more_items_extend_the_file_and_the_same_seed_gives_the_same_bytes(name, suite, file, tmp_path):
    fewer = generate_suite(name, out=tmp_path / "fewer.jsonl", items=len(suite.items) // 3)
    assert fewer.items == len(suite.items) // 3
    assert file.read_bytes().startswith((tmp_path / "fewer.jsonl").read_bytes())


@OF_THE_PLAIN_VERSIONS
def test_another_seed_gives_other_items(name, suite, tmp_path):
    other = read_suite(generate_suite(name, out=tmp_path / "other.jsonl", items=1, seed=1).path)
    assert {item.sentences["good"].tokens for item in other.items}.isdisjoint(
        item.sentences["good"].tokens for item in suite.items if len(item.sentences["good"].tokens) > 8
    )


def test_a_suite_is_the_same_after_writing_and_reading(suite, file, tmp_path):
    write_suite(suite, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == file.read_bytes()
    assert json.loads(file.with_suffix(".suite.json").read_text(encoding="utf-8"))["digest"] == suite.digest
