"""A suite that cannot ask what it promises is refused with one message that says where and what to do."""

import re

import pytest
from small_language import ADVERBS, HEAD, LEXICON, PHRASES, write_suite_file

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite

NESTED = """
[filler]
kind = "clauses"
unit = "{place} the {attractor:noun(number)} {inner} {verb(number)}"
nouns = [1, 2]
distances = [5, 9]
"""
RULED = HEAD.replace("old .", "{end} .") + PHRASES


def changed(text, old, new):
    assert old in text
    return text.replace(old, new)


BROKEN = {
    "unknown-key": (
        changed(HEAD + PHRASES, "distances", "distanses"),
        "unknown setting 'distanses' in [filler]. Did you mean 'distances'?",
    ),
    "unknown-key-at-the-top": (
        changed(HEAD + PHRASES, "construction", "konstruction"),
        "unknown setting 'konstruction'. Did you mean 'construction'?",
    ),
    "missing-key": (changed(HEAD + PHRASES, 'twins = "number"\n', ""), "setting 'twins' is missing. Add it."),
    "wrong-type": (changed(HEAD + PHRASES, "[4, 7]", '["four"]'), "setting 0 in [filler.distances]"),
    "not-a-list": (changed(HEAD + PHRASES, "[4, 7]", "4"), "setting 'distances' in [filler]"),
    "no-distances": (changed(HEAD + PHRASES, "[4, 7]", "[]"), "setting 'distances' in [filler]"),
    "distance-0": (changed(HEAD + PHRASES, "[4, 7]", "[0]"), "setting 0 in [filler.distances]"),
    "wrong-headline": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "number"\nheadline = "precision"'),
        "setting 'headline'",
    ),
    "broken-toml": (changed(HEAD + PHRASES, "[filler]", "[filler"), "is not valid TOML"),
    "undefined-class": (
        changed(HEAD + PHRASES, "old .", "{adverp} ."),
        "unknown rule or class 'adverp'. Did you mean 'adverb'?",
    ),
    "undefined-class-of-the-cue": (
        changed(HEAD + PHRASES, "cue:noun", "cue:nuon"),
        "the cue must be a class of the lexicon that shares 'number', the feature of the twins: {cue:nuon(number)}.",
    ),
    "cue-without-the-feature": (changed(HEAD + PHRASES, "{cue:noun(number)}", "{cue:noun}"), "the cue must be a class"),
    "undefined-class-in-the-unit": (
        changed(HEAD + PHRASES, "{place}", "{plase}"),
        "[filler] unit: {plase} must be one word of a class, or the distance is not known.",
    ),
    "undefined-stretch": (
        changed(HEAD + ADVERBS, '"adverb"', '"adwerb"'),
        "[filler] stretch: unknown class 'adwerb'. Did you mean 'adverb'?",
    ),
    "unknown-twins-feature": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "numbre"'),
        "'twins': unknown feature 'numbre'. Did you mean 'number'?",
    ),
    "missing-cue": (
        changed(HEAD + PHRASES, "{cue:noun(number)}", "{noun(number)}"),
        "'sentence' needs exactly one slot {cue:…}. Mark it.",
    ),
    "two-critical-words": (
        changed(HEAD + PHRASES, "old .", "{critical:verb(number)} ."),
        "'sentence' needs exactly one slot {critical:…}",
    ),
    "no-filler-slot": (changed(HEAD + PHRASES, "{filler} ", ""), "'sentence' needs exactly one slot {filler}"),
    "filler-after-the-critical-word": (
        changed(HEAD + PHRASES, "{filler} {critical:verb(number)}", "{critical:verb(number)} {filler}"),
        "'sentence' must have the cue, then {filler}, then the critical word.",
    ),
    "cue-and-critical-word-share-nothing": (
        changed(HEAD + PHRASES, "{critical:verb(number)}", "{critical:verb(number=$other)}"),
        "cue and critical word do not share 'number': $number is not $other.",
    ),
    "form-left-open": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "domain"')
        .replace("{cue:noun(number)}", "{cue:agent(number, domain)}")
        .replace("{critical:verb(number)}", "{critical:tool(number, domain)}"),
        "the cue leaves its form for 'number' open. Fix it: number=singular.",
    ),
    "agreeing-word-after-the-cue": (
        changed(HEAD + PHRASES, "{filler} {crit", "{filler} {verb(number)} {crit"),
        "{verb} shares 'number' with the cue. Only words before the cue may",
    ),
    "agreeing-word-after-the-critical-word": (
        changed(HEAD + PHRASES, "old .", "{noun(number)} ."),
        "{noun} shares 'number' with the cue. Only words before the cue may",
    ),
    "one-value": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "domain"')
        .replace("{cue:noun(number)}", "{cue:noun(domain)}")
        .replace("{critical:verb(number)}", "{critical:tool(domain)}"),
        "'twins': class 'noun' of",
    ),
    "rule-between": (
        changed(HEAD + PHRASES, "{filler}", "{filler} {gap}") + '[rules]\ngap = ["x y"]\n',
        "{gap} stands between cue and critical word: only single words may.",
    ),
    "rule-in-the-unit": (
        changed(HEAD + PHRASES, "{place}", "{gap}") + '[rules]\ngap = ["x y"]\n',
        "[filler] unit: {gap} must be one word of a class",
    ),
    "repeated-word-in-the-unit": (
        changed(HEAD + PHRASES, "{place}", "{adverb}*2"),
        "[filler] unit: {adverb} must be one word of a class",
    ),
    "no-attractor": (
        changed(HEAD + PHRASES, "{attractor:noun(number)}", "{noun(number)}"),
        "[filler] unit needs exactly one noun marked {attractor:…(number)}.",
    ),
    "distance-that-no-template-reaches": (
        changed(HEAD + PHRASES, "[4, 7]", "[4, 5]"),
        "[filler] no number of nouns in [1, 2] reaches distance 5: the nearest is 1, a unit adds 3 words and nothing "
        "stretches it. Drop the distance or add a number of nouns.",
    ),
    "distance-below-the-nearest": (
        changed(HEAD + ADVERBS, "{filler}", "{filler} no").replace("[1, 3, 6]", "[1]"),
        "reaches distance 1: the nearest is 2, a unit adds 0 words. Drop",
    ),
    "unit-without-nouns": (
        changed(HEAD + PHRASES, "nouns = [1, 2]\n", ""),
        "[filler] nouns come in units: give both 'unit' and 'nouns'",
    ),
    "nouns-without-unit": (
        changed(HEAD + ADVERBS, 'stretch = "adverb"', 'stretch = "adverb"\nnouns = [1]'),
        "[filler] nouns come in units: give both 'unit' and 'nouns'",
    ),
    "stretch-without-a-place": (
        changed(HEAD + PHRASES, "nouns", 'stretch = "adverb"\nnouns'),
        "[filler] unit needs exactly one slot {stretch} if 'stretch' names a class",
    ),
    "place-without-a-stretch": (
        changed(HEAD + PHRASES, "{place}", "{place} {stretch}"),
        "[filler] unit needs exactly one slot {stretch} if 'stretch' names a class, and none if not.",
    ),
    "two-places-for-the-next-unit": (
        changed(HEAD + NESTED, "{inner}", "{inner} {inner}"),
        "[filler] unit has more than one slot {inner}",
    ),
    "rule-with-no-alternative-for-a-feature": (
        HEAD.replace("old .", "{end(domain=x)} .") + PHRASES + '[rules]\n"end(domain=y)" = ["x"]\n',
        "rule 'end' has no alternatives for end(domain=x). Add them.",
    ),
    "undefined-rule": (RULED + '[rules]\nent = ["x"]\n', "unknown rule or class 'end'. Did you mean 'ent'?"),
    "broken-slot": (changed(HEAD + PHRASES, "{filler}", "{filler"), "has a broken slot. Write slots as {name}"),
    "nothing-in-common": (
        changed(HEAD + PHRASES, "cue:noun(number)", "cue:noun(number, domain)"),
        "have what their slots share, in two forms each. Share fewer features, or add words.",
    ),
    "missing-lexicon": (changed(HEAD + PHRASES, "lexicon.csv", "lexikon.csv"), "lexikon.csv: cannot be read"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_suite_is_one_clear_message_and_writes_nothing(tmp_path, text, message):
    path = write_suite_file(tmp_path, text)
    with pytest.raises(LrdBenchError, match=re.escape(message)) as error:
        generate_suite(path, out=tmp_path / "items" / "small.jsonl", items=1)
    assert str(error.value).startswith(str(tmp_path))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "items").exists()


def test_a_single_word_cannot_stretch_a_filler_for_it_would_follow_itself(tmp_path):
    lexicon = LEXICON.replace("adverb,still,,,\n", "").replace("adverb,also,,,\n", "")
    path = write_suite_file(tmp_path, HEAD + ADVERBS, lexicon)
    with pytest.raises(LrdBenchError, match="'often' is the only known word of class 'adverb', and 2 in a row"):
        generate_suite(path, out=tmp_path / "small.jsonl", items=1)


@pytest.mark.parametrize(
    ("suite", "message"),
    [
        ("agreement-p", r"unknown suite 'agreement-p'\. Did you mean 'agreement-pp'\?"),
        ("mine/agreement.toml", r"mine/agreement\.toml: no such suite file"),
    ],
)
def test_an_unknown_suite_names_the_nearest(tmp_path, suite, message):
    with pytest.raises(LrdBenchError, match=message):
        generate_suite(suite, out=tmp_path / "items.jsonl")


def test_fewer_than_one_item_is_refused(tmp_path):
    with pytest.raises(LrdBenchError, match="items: 0 is too few"):
        generate_suite(write_suite_file(tmp_path), out=tmp_path / "items.jsonl", items=0)
