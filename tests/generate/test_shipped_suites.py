"""What must be true of every shipped suite: its items are twins, balanced, and a question with one right answer."""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise, product

import pytest

from lrd_bench.catalogue import find, names
from lrd_bench.formula import names_twin, parse_formula
from lrd_bench.generate import generate_suite
from lrd_bench.generate.certificates import suite_grammar
from lrd_bench.generate.lexicon import read_lexicon
from lrd_bench.items import read_suite, write_suite
from lrd_bench.settings import read_toml


@pytest.fixture(scope="module", params=names("suite"))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def file(name, tmp_path_factory):
    return tmp_path_factory.mktemp("stimuli") / f"{name}.jsonl"


@pytest.fixture(scope="module")
def suite(name, file):
    """Two blocks and one item more, so that two are made and a third is begun."""
    one_block = len(generate_suite(name, out=file, items=1).items)
    return generate_suite(name, out=file, items=2 * one_block + 1, force=True)


@pytest.fixture(scope="module")
def pairs(suite):
    """The two items of each pair, in the order of the file."""
    assert all(suite.twins[item.id] == twin for item, twin in zip(suite.items[::2], suite.items[1::2], strict=True))
    return list(zip(suite.items[::2], suite.items[1::2], strict=True))


def cells(suite):
    """(distance, nouns between) → its items."""
    found = defaultdict(list)
    for item in suite.items:
        found[item.distance, item.factors["nouns_between"]].append(item)
    return found


def test_items_are_rounded_up_to_whole_blocks(suite):
    blocks = Counter(item.id.partition("/")[0] for item in suite.items)
    assert blocks.keys() == {"0", "1", "2"}
    assert len(set(blocks.values())) == 1


def test_twins_have_the_same_words_but_for_the_cue_the_same_candidates_and_the_opposite_answer(pairs):
    for item, twin in pairs:
        assert item.pair == twin.pair
        assert item.sentences["good"].regions == twin.sentences["good"].regions
        cue, critical = (item.sentences["good"].regions[region].start for region in ("cue", "critical"))
        words = {
            (who, condition): list(one.sentences[condition].tokens)
            for who, one in (("item", item), ("twin", twin))
            for condition in ("good", "bad")
        }
        assert len({len(each) for each in words.values()}) == 1
        answers = {key: each.pop(critical) for key, each in words.items()}
        cues = {key: each.pop(cue) for key, each in words.items()}
        assert len({tuple(each) for each in words.values()}) == 1
        assert cues["item", "good"] == cues["item", "bad"] != cues["twin", "good"] == cues["twin", "bad"]
        assert answers["item", "good"] == answers["twin", "bad"] != answers["item", "bad"] == answers["twin", "good"]


def test_the_needed_context_is_the_distance(suite):
    assert all(suite.needed_context(item) == item.distance for item in suite.items)


def test_every_distance_that_the_file_names_is_there(suite, name):
    assert {item.distance for item in suite.items} == set(read_toml(find("suite", name))["filler"]["distances"])


def test_every_distance_has_the_same_groups_frames_cues_and_answers(suite, name):
    after_filler = read_toml(find("suite", name))["sentence"].partition("{filler}")[2].partition("{critical")[0].split()
    shared = defaultdict(set)
    for item in suite.items:
        for condition, sentence in item.sentences.items():
            cue, critical = sentence.regions["cue"].start, sentence.regions["critical"].start
            frame = (*sentence.tokens[: cue + 1], *sentence.tokens[critical - len(after_filler) :])
            shared[item.distance].add((item.group, condition, item.factors["cue_value"], frame))
    assert len({frozenset(frames) for frames in shared.values()}) == 1


def test_all_patterns_of_the_nouns_come_equally_often_in_each_cell(suite):
    for (_, nouns), items in cells(suite).items():
        patterns = Counter(item.factors["pattern"] for item in items)
        letters = sorted({letter for pattern in patterns for letter in pattern})
        assert sorted(patterns) == sorted("".join(each) for each in product(letters, repeat=nouns))
        assert len(letters) == (2 if nouns else 0)
        assert len(set(patterns.values())) == 1


def test_both_values_of_the_cue_come_equally_often_in_each_cell(suite):
    for items in cells(suite).values():
        for block in {item.id.partition("/")[0] for item in items}:
            values = Counter(item.factors["cue_value"] for item in items if item.id.startswith(f"{block}/"))
            assert len(values) == 2
            assert len(set(values.values())) == 1


def test_the_attractors_are_where_the_regions_say_and_have_the_values_of_the_pattern(suite, name):
    file = read_toml(find("suite", name))
    lexicon = read_lexicon(find("suite", name).parent / file["lexicon"])
    values = {form.text: form.features for noun in ("agent", "thing") for form in lexicon.forms(noun, {})}
    for item in suite.items:
        sentence = item.sentences["good"]
        attractors = [
            sentence.tokens[sentence.regions[f"attractor{n + 1}"].start] for n in range(len(item.factors["pattern"]))
        ]
        opposing = [values[word][file["twins"]] != item.factors["cue_value"] for word in attractors]
        assert item.factors["attractors"] == sum(opposing)
        assert item.factors["nearest"] == (("match", "mismatch")[opposing[-1]] if opposing else None)
        assert len(attractors) == item.factors["nouns_between"]
        assert values[sentence.tokens[sentence.regions["cue"].start]][file["twins"]] == item.factors["cue_value"]


def test_factors_are_the_same_in_both_twins_but_for_what_is_relative_to_the_cue(pairs):
    for item, twin in pairs:
        assert item.factors["attractors"] + twin.factors["attractors"] == item.factors["nouns_between"]
        differing = {key for key in item.factors if item.factors[key] != twin.factors[key]}
        assert differing <= {"attractors", "nearest", "cue_value"}


def test_no_word_follows_itself(suite):
    for item in suite.items:
        for sentence in item.sentences.values():
            assert all(one != other for one, other in pairwise(sentence.tokens))


def test_the_suites_grammar_derives_every_good_sentence_and_no_bad_one(suite, name):
    grammar = suite_grammar(name)
    for item in suite.items[: len(suite.items) // 3]:  # a block: it holds all fillers
        assert grammar.derives(item.sentences["good"].tokens)
        assert not grammar.derives(item.sentences["bad"].tokens)


def test_neither_cue_nor_critical_word_begins_the_sentence_and_no_article_betrays_a_candidate(suite):
    for item in suite.items:
        for sentence in item.sentences.values():
            assert sentence.regions["cue"].start > 0
            assert sentence.tokens[sentence.regions["critical"].start - 1] not in ("a", "an")
            assert sentence.tokens[sentence.regions["cue"].start - 1] not in ("A", "An", "a", "an")


def test_the_predictions_are_accuracy_and_double_difference_the_headline_first(suite, name):
    headline = read_toml(find("suite", name)).get("headline", "accuracy")
    assert [names_twin(parse_formula(prediction)) for prediction in suite.predictions] == (
        [False, True] if headline == "accuracy" else [True, False]
    )
    assert suite.phenomenon.startswith("sel") == (headline == "double difference")


def test_every_factor_is_explained(suite):
    assert {factor for item in suite.items for factor in item.factors} <= suite.glossary.keys()


def test_more_items_extend_the_file_and_the_same_seed_gives_the_same_bytes(name, suite, file, tmp_path):
    lines = file.read_text().splitlines()
    fewer = generate_suite(name, out=tmp_path / "fewer.jsonl", items=len(suite.items) // 3)
    assert (tmp_path / "fewer.jsonl").read_text().splitlines() == lines[: len(fewer.items)]
    assert len(fewer.items) == len(suite.items) // 3


def test_another_seed_gives_other_items(name, suite, tmp_path):
    other = generate_suite(name, out=tmp_path / "other.jsonl", items=1, seed=1)
    assert {item.sentences["good"].tokens for item in other.items}.isdisjoint(
        item.sentences["good"].tokens for item in suite.items if len(item.sentences["good"].tokens) > 8
    )


def test_a_suite_is_the_same_after_writing_and_reading(suite, file, tmp_path):
    assert read_suite(file) == suite
    write_suite(suite, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == file.read_bytes()
    assert read_suite(tmp_path / "again.jsonl").digest == replace(suite, source={}).digest
