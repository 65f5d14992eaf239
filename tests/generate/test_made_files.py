"""The file that a suite is written to: streamed, extended, described beside itself, and never lost."""

import json
import re
import tracemalloc
from dataclasses import replace

import pytest
from small_language import ADVERBS, HEAD, LEXICON, PHRASES, write_grammar_file, write_suite_file

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite
from lrd_bench.suite_files import read_suite, suite_file, write_suite
from lrd_bench.vocabulary import build_vocabulary

LED = HEAD.replace("The {cue", "So {opener:adverb} {lead} „the {cue") + PHRASES + ADVERBS
LURES = '\n[lead]\nunit = "{place} the {lure:noun(number)} ,"\nlures = [0, 1]\nstretch = "adverb"\n'
SIZE = 12
"""Items of a block of the usual suite."""


@pytest.fixture
def path(tmp_path):
    return write_suite_file(tmp_path)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "items.jsonl"


def about(out):
    return json.loads(suite_file(out).read_text(encoding="utf-8"))


# -- more items, the same items, other items ---------------------------------------------------------------------------


def test_items_that_are_there_are_not_made_again(path, out):
    made = generate_suite(path, out=out, items=1)
    written = out.stat().st_mtime_ns
    assert generate_suite(path, out=out, items=1) == replace(made, added=0)
    assert generate_suite(path, out=out, items=SIZE) == replace(made, added=0)  # the same block
    assert out.stat().st_mtime_ns == written


def test_more_items_extend_the_file_byte_for_byte_without_force(path, out):
    few = generate_suite(path, out=out, items=2 * SIZE)
    before = out.read_bytes()
    more = generate_suite(path, out=out, items=5 * SIZE)
    assert (few.items, more.items) == (2 * SIZE, 5 * SIZE)
    assert (few.added, more.added) == (2 * SIZE, 3 * SIZE)
    assert out.read_bytes().startswith(before)
    assert len(out.read_bytes().splitlines()) == 5 * SIZE
    assert read_suite(out).digest == more.digest != few.digest
    assert about(out)["items"] == 5 * SIZE


def test_an_extended_file_is_the_one_that_would_have_been_made_at_once(path, out, tmp_path):
    for items in (1, 3 * SIZE, 40 * SIZE):
        extended = generate_suite(path, out=out, items=items)
    at_once = generate_suite(path, out=tmp_path / "other.jsonl", items=40 * SIZE)
    assert out.read_bytes() == (tmp_path / "other.jsonl").read_bytes()
    assert suite_file(out).read_bytes() == suite_file(tmp_path / "other.jsonl").read_bytes()
    assert replace(extended, path=at_once.path, added=40 * SIZE) == at_once


def test_fewer_items_are_refused_unless_forced(path, out):
    generate_suite(path, out=out, items=3 * SIZE)
    before = out.read_bytes()
    with pytest.raises(LrdBenchError, match=r"items\.jsonl: exists and .* settings: 36 items \(now 12\)"):
        generate_suite(path, out=out, items=1)
    assert out.read_bytes() == before
    assert generate_suite(path, out=out, items=1, force=True).items == SIZE
    assert out.read_bytes() == b"".join(before.splitlines(keepends=True)[:SIZE])


@pytest.mark.parametrize("items", [1, 30])
def test_items_of_another_seed_a_changed_suite_or_a_changed_lexicon_are_refused(path, out, tmp_path, items):
    generate_suite(path, out=out, items=1)
    before = out.read_bytes()

    def refused(why, **settings):
        with pytest.raises(LrdBenchError, match=rf"made from other inputs or settings: {why}\. Name another"):
            generate_suite(path, out=out, **{"items": items, **settings})
        assert out.read_bytes() == before

    refused(r"seed 0 \(now 1\)", seed=1)
    write_suite_file(tmp_path, lexicon=LEXICON + "noun,pot,pot,pots,\n")
    refused("page or lexicon")
    write_suite_file(tmp_path, (HEAD + PHRASES).replace("old", "new"))
    refused("page or lexicon")
    write_suite_file(tmp_path)
    assert generate_suite(path, out=out, items=1).items == SIZE


def test_a_file_that_was_changed_is_said_to_be(path, out):
    generate_suite(path, out=out, items=2 * SIZE)
    out.write_bytes(b"".join(out.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(LrdBenchError, match=r"made from other inputs or settings: it was changed since\."):
        generate_suite(path, out=out, items=2 * SIZE)


def test_items_over_another_vocabulary_or_split_are_refused(path, out, tmp_path):
    build_vocabulary([LEXICON.replace(",", " ").split()]).write(tmp_path / "vocabulary.tsv")
    grammar = write_grammar_file(tmp_path, {"sentence": ["The {noun(number)} {verb(number)} ."]})
    generate_suite(path, out=out, items=1)
    others = {"min_count none (now 1), vocabulary": {"vocabulary": tmp_path / "vocabulary.tsv"}}
    others["split none (now small-text)"] = {"split": str(grammar)}
    for why, settings in others.items():
        with pytest.raises(LrdBenchError, match=re.escape(f"made from other inputs or settings: {why}. Name another")):
            generate_suite(path, out=out, items=SIZE * 2, **settings)


def test_a_suite_that_fails_half_way_leaves_the_earlier_file_as_it_was(path, out, tmp_path):
    generate_suite(path, out=out, items=1)
    before, described = out.read_bytes(), suite_file(out).read_bytes()
    # *are* is both plural of *be* and singular of *odd*: some block will meet it.
    write_suite_file(tmp_path, lexicon=LEXICON.replace("verb,fall,falls,fall,", "verb,odd,are,art,"))
    with pytest.raises(LrdBenchError, match="its own grammar derives both sentences"):
        generate_suite(path, out=out, items=600, force=True)
    assert (out.read_bytes(), suite_file(out).read_bytes()) == (before, described)
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith(".")) == []


# -- what is written ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [{}, {"fixed_length": True}, {"split": "grammar.toml"}, {"seed": 7}],
    ids=["plain", "fixed-length", "marked", "another-seed"],
)
def test_lines_are_the_canonical_ones_and_the_digest_is_that_of_the_items(out, tmp_path, settings):
    lexicon = LEXICON + 'adverb,"„so“",,,\nadverb,schön,,,\nadverb,back\\slash,,,\n'  # what JSON must escape, or not
    path = write_suite_file(tmp_path, LED + LURES, lexicon)
    if "split" in settings:
        rules = {"sentence": ["withheld depth: So {adverb} „the {noun} {verb} old .", "The {noun} falls ."]}
        settings = {"split": str(write_grammar_file(tmp_path, rules, lexicon))}
    made = generate_suite(path, out=out, items=300, **settings)
    suite = read_suite(out)
    assert made.digest == suite.digest == about(out)["digest"]
    assert made.items == len(suite.items)
    write_suite(suite, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == out.read_bytes()
    assert suite_file(tmp_path / "again.jsonl").read_bytes() == suite_file(out).read_bytes()


def test_the_digest_does_not_depend_on_the_seed_of_record_but_on_the_items(path, out, tmp_path):
    made = generate_suite(path, out=out, items=1)
    suite = read_suite(out)
    assert replace(suite, items=tuple(replace(item, source={}) for item in suite.items)).digest == made.digest
    assert generate_suite(path, out=tmp_path / "b.jsonl", items=1, seed=1).digest != made.digest


def test_what_is_made_is_told_without_reading_the_file(out, tmp_path):
    made = generate_suite(write_suite_file(tmp_path, LED + LURES), out=out, items=1)
    suite = read_suite(out)
    assert (made.path, made.name, made.version) == (out, "small", 1)
    assert made.items == len(suite.items) == 2 * 3 * 9  # values × (no lure, S, P) × (six patterns, three rows)
    assert made.distances == {1: 6, 3: 6, 4: 12, 6: 6, 7: 24}
    assert made.distances == {
        distance: sum(item.distance == distance for item in suite.items) for distance in made.distances
    }
    assert (made.left_out, made.words_left_out) == ({}, 0)
    assert made.factors == (
        *("distance", "needed_context", "nouns_between", "pattern", "filler", "construction", "attractors", "nearest"),
        *("lures", "lures_before", "cue_value"),
    )


def test_factors_that_say_nothing_of_a_suite_are_not_told(path, out, tmp_path):
    adverbs = generate_suite(write_suite_file(tmp_path, HEAD + ADVERBS), out=out, items=1)
    assert not {"seen", "nearest"} & set(adverbs.factors)
    grammar = write_grammar_file(tmp_path, {"sentence": ["The {noun(number)} {verb(number)} ."]})
    marked = generate_suite(write_suite_file(tmp_path), out=tmp_path / "marked.jsonl", items=1, split=str(grammar))
    assert {"seen", "nearest"} <= set(marked.factors)


def test_the_file_beside_it_says_what_it_was_made_from(path, out):
    generate_suite(path, out=out, items=3, seed=5)
    source = about(out)["source"]
    assert (source["seed"], source["left_out"], source["words_left_out"]) == (5, {}, 0)
    assert (source["groups"], source["groups_known"]) == (1, 10)  # one block is of one group
    assert source["vocabulary"] is source["min_count"] is source["split"] is source["answer_counts"] is None
    assert source["distances"] == {"4": 4, "7": 8}
    assert read_suite(out).source == source


def test_a_file_that_was_changed_is_not_extended_unless_forced(tmp_path):
    path, out = write_suite_file(tmp_path), tmp_path / "items.jsonl"
    generate_suite(path, out=out, items=1)
    changed = out.read_text().replace("old", "new")
    out.write_text(changed)
    with pytest.raises(LrdBenchError, match=r"items\.jsonl: was changed since it was made"):
        generate_suite(path, out=out, items=100)
    assert out.read_text() == changed
    assert generate_suite(path, out=out, items=100, force=True).items == 108


@pytest.mark.parametrize(
    "text", ["my notes\n", "class,lemma\n", '{"sentence_good": "It is.", "sentence_bad": "It are."}\n']
)
@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_file_of_items_is_never_replaced(tmp_path, text, force):
    path, out = write_suite_file(tmp_path), tmp_path / "items.jsonl"
    out.write_text(text)
    with pytest.raises(LrdBenchError, match=r"items\.jsonl: is no file of items, and is not replaced"):
        generate_suite(path, out=out, items=1, force=force)
    assert out.read_text() == text


def test_the_file_beside_it_counts_what_is_certified(path, out):
    generate_suite(path, out=out, items=3 * SIZE)
    assert about(out)["source"]["certificates"] == {"pairs": 18, "blind_proof": 18, "decidable": 18}
    suite = read_suite(out)
    assert sum(suite.certificate(item).blind_below is not None for item in suite.items) == 36


def test_every_line_holds_the_certificate_of_its_pair(path, out):
    generate_suite(path, out=out, items=1)
    suite = read_suite(out)
    for item, line in zip(suite.items, out.read_text().splitlines(), strict=True):
        value = json.loads(line)
        assert value["certificate"] == {"blind_below": item.distance}
        assert value["factors"]["needed_context"] == value["factors"]["distance"] == item.distance
        assert suite.certificate(item).blind_below == item.distance


def test_candidates_are_counted_in_the_vocabulary_beside_the_file(path, out, tmp_path):
    words = LEXICON.replace(",", " ").split() + ["is"] * 6 + ["are"] * 3
    build_vocabulary([words]).write(tmp_path / "vocabulary.tsv")
    generate_suite(path, out=out, items=400, vocabulary=tmp_path / "vocabulary.tsv")
    assert about(out)["source"]["answer_counts"] == {"are": 4, "fall": 2, "falls": 1, "is": 7}


# -- size --------------------------------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_number_of_items(path, tmp_path):
    def made(items):
        """How many bytes were written, and the most that were in use."""
        tracemalloc.start()
        try:
            out = generate_suite(path, out=tmp_path / f"{items}.jsonl", items=items).path
            return out.stat().st_size, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    made(1)  # what is imported and compiled once
    (few, small), (many, large) = made(2_000), made(60_000)
    assert many > 25 * few > 25_000_000
    assert large - small < many / 50  # to keep but the ids would take more
    assert large < 5_000_000
