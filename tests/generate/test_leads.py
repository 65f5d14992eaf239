"""What may stand before the cue: nouns that may mislead, and the words that keep a sentence at one length."""

from collections import Counter, defaultdict
from functools import partial

import pytest
from small_language import ADVERBS, HEAD, LEXICON, PHRASES, between, make_suite, words

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite
from lrd_bench.generate.suite_grammar import suite_grammar
from lrd_bench.items import Span
from lrd_bench.suite_files import read_suite

LED = HEAD.replace("The {cue", "So {adverb} {lead} it is , the {cue")
LURES = """
[lead]
unit = "{place} the {lure:noun(number)} ,"
lures = [0, 1, 2]
"""
STRETCHED = '\n[lead]\nstretch = "adverb"\n'
ADVERB_FORMS = {"often", "still", "also"}


@pytest.fixture
def make(tmp_path):
    return partial(make_suite, tmp_path)


def before(item):
    """The words before the cue."""
    return words(item)[: item.sentences["good"].regions["cue"].start]


# -- lures -------------------------------------------------------------------------------------------------------------


def test_nouns_before_the_cue_are_crossed_with_those_between_in_all_patterns(make):
    suite = make(LED + PHRASES.replace("[1, 2]", "[1]").replace("[4, 7]", "[4]") + LURES)
    patterns = ["", "S", "P", "SS", "SP", "PS", "PP"]
    cells = [f"{lures}+{pattern}" if lures else pattern for pattern in "SP" for lures in patterns]
    assert [item.id for item in suite.items] == [f"0/4/{cell}/{v}" for cell in cells for v in ("singular", "plural")]


def test_lures_are_named_in_ids_where_nothing_stands_between(make):
    suite = make(LED + ADVERBS.replace("[1, 3, 6]", "[2]") + LURES.replace("[0, 1, 2]", "[1]"))
    assert [item.id for item in suite.items] == [
        f"0/2/{lure}+/{value}" for lure in "SP" for value in ("singular", "plural")
    ]


def test_lures_are_regions_before_the_cue_with_the_values_of_the_factor(make):
    suite = make(LED + PHRASES + LURES, items=400)
    for item in suite.items:
        sentence, lures = item.sentences["good"], item.factors["lures"]
        starts = [sentence.regions[f"lure{number + 1}"].start for number in range(len(lures))]
        assert f"lure{len(lures) + 1}" not in sentence.regions
        assert before(item)[:1] + before(item)[-4:] == ["So", "it", "is", ",", "the"]
        assert starts == [4 + 4 * number for number in range(len(lures))]  # So ADVERB near the LURE , …
        written = [sentence.tokens[start] for start in starts]
        assert "".join("P" if noun.endswith("s") else "S" for noun in written) == lures
        assert sentence.regions["cue"] == Span(len(before(item)), len(before(item)) + 1)
        assert sentence.tokens[sentence.regions["critical"].start] in ("is", "are", "falls", "fall")
        own = item.factors["cue_value"][0].upper()
        assert item.factors["lures_before"] == len(lures) - lures.count(own)
        assert item.factors["attractors"] == len(item.factors["pattern"]) - item.factors["pattern"].count(own)
    assert {item.factors["lures"] for item in suite.items} == {"", "S", "P", "SS", "SP", "PS", "PP"}


def test_lures_change_neither_distance_nor_needed_context_nor_what_stands_between(make):
    suite = make(LED + PHRASES + LURES, items=200)
    shared = defaultdict(set)
    for item in suite.items:
        assert suite.needed_context(item) == item.distance
        assert len(between(item)) == item.distance - 1
        block = item.id.partition("/")[0]
        shared[block, item.distance, item.factors["pattern"]].add(tuple(between(item)))
    assert len(shared) > 6
    assert {len(fillers) for fillers in shared.values()} == {1}


def test_the_noun_of_a_place_before_the_cue_is_one_lexeme_in_a_block_and_none_of_those_between(make):
    suite = make(LED + PHRASES.replace("[1, 2]", "[1]").replace("[4, 7]", "[4]") + LURES, items=280)
    forms = defaultdict(set)
    for item in suite.items:
        sentence = item.sentences["good"]
        names = [name for name in sentence.regions if name != "critical"]
        lemmas = {
            name: words(item)[sentence.regions[name].start].removesuffix("es").removesuffix("s") for name in names
        }
        assert len(set(lemmas.values())) == len(lemmas)
        for name in names:
            forms[item.id.partition("/")[0], name].add(lemmas[name])
    assert all(len(each) == 1 for each in forms.values())


def test_the_suites_grammar_knows_its_lead(make, tmp_path):
    suite = make(LED + PHRASES + LURES)
    grammar = suite_grammar(str(tmp_path / "small.toml"))
    assert all(grammar.derives(item.sentences["good"].tokens) for item in suite.items)
    assert not any(grammar.derives(item.sentences["bad"].tokens) for item in suite.items)
    sentence = "So often near the boxes , it is , the key behind the lamps falls old ."
    assert grammar.derives(sentence.split())
    assert not grammar.derives(sentence.replace("boxes ,", "boxes").split())


def test_a_lead_may_be_only_for_versions_of_fixed_length(make):
    for item in make(LED + ADVERBS + STRETCHED).items:
        assert len(before(item)) == 6  # So ADVERB it is , the
        assert item.factors["lures"] == ""


def test_words_before_the_lead_and_after_it_may_be_regions(make):
    text = (
        LED.replace("{adverb}", "{first:adverb}").replace("it is", "{place} {last:adverb}").replace("old", "{x:tool}")
    )
    for item in make(text + PHRASES + LURES, items=100).items:
        sentence = item.sentences["good"]
        regions = {name: sentence.tokens[sentence.regions[name].start] for name in ("first", "last", "x")}
        assert regions["first"] == words(item)[1]
        assert regions["last"] == before(item)[-3]
        assert regions["x"] == words(item)[-2]


# -- versions of fixed length ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lures", [STRETCHED, LURES + 'stretch = "adverb"\n'], ids=["stretch", "lures-and-stretch"])
def test_at_fixed_length_sentences_have_one_length_and_the_critical_word_one_place(make, lures):
    suite = make(LED + PHRASES + ADVERBS + lures, items=300, fixed_length=True)
    assert {item.distance for item in suite.items} == {1, 3, 4, 6, 7}
    assert len({len(sentence.tokens) for item in suite.items for sentence in item.sentences.values()}) == 1
    assert len({item.sentences["good"].regions["critical"] for item in suite.items}) == 1
    assert len({len(before(item)) + len(between(item)) for item in suite.items}) == 1
    for item in suite.items:
        assert suite.needed_context(item) == item.distance == len(between(item)) + 1


def test_at_fixed_length_adverbs_stand_before_the_cue_where_they_stand_between_in_the_longest(make):
    for item in make(LED + ADVERBS + STRETCHED, items=20, fixed_length=True).items:
        moved = 6 - item.distance
        lead = before(item)[2 : 2 + moved]
        assert set(lead) <= ADVERB_FORMS
        assert before(item)[2 + moved :] == ["it", "is", ",", "the"]


def test_at_fixed_length_regions_are_where_they_say(make):
    suite = make(LED + PHRASES + LURES + 'stretch = "adverb"\n', items=200, fixed_length=True)
    for item in suite.items:
        sentence = item.sentences["good"]
        nouns = [words(item)[span.start] for name, span in sorted(sentence.regions.items()) if name[:-1] == "lure"]
        assert "".join("P" if noun.endswith("s") else "S" for noun in nouns) == item.factors["lures"]
        assert before(item)[-1] == "the"
        assert words(item)[-3] in ("is", "are", "falls", "fall")


def test_a_version_of_fixed_length_has_the_same_cells_and_a_name_of_its_own(make):
    text = LED + PHRASES + ADVERBS + LURES + 'stretch = "adverb"\n'
    plain, fixed = make(text), make(text, fixed_length=True)
    assert (plain.name, fixed.name) == ("small", "small-fixed-length")
    assert [item.id for item in plain.items] == [item.id for item in fixed.items]
    assert Counter(item.group for item in plain.items) == Counter(item.group for item in fixed.items)
    assert [item.factors for item in plain.items] == [item.factors for item in fixed.items]


def test_the_grammar_of_the_fixed_length_decides_its_items_and_is_not_that_of_the_plain_suite(make, tmp_path):
    suite = make(LED + PHRASES + ADVERBS + STRETCHED, fixed_length=True)
    plain, fixed = (suite_grammar(str(tmp_path / "small.toml"), fixed_length=each) for each in (False, True))
    assert all(fixed.derives(item.sentences["good"].tokens) for item in suite.items)
    assert not any(fixed.derives(item.sentences["bad"].tokens) for item in suite.items)
    nearest = [item for item in suite.items if item.distance == 1]
    assert len(nearest) == 2
    assert not any(plain.derives(item.sentences["good"].tokens) for item in nearest)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEAD + PHRASES, 9),
        (LED + PHRASES + LURES, 17),
        (LED + PHRASES + "\n[lead]\n", 17),
    ],
    ids=["no-lead", "lures-only", "an-empty-lead"],
)
def test_a_suite_whose_lead_nothing_stretches_has_no_version_of_fixed_length(make, tmp_path, text, line):
    with pytest.raises(LrdBenchError) as error:
        make(text, fixed_length=True)
    assert str(error.value) == (
        f"{tmp_path}/small.toml:{line}: has no version of fixed length: nothing stretches what stands before the cue. "
        "Add {lead} to the sentence and 'stretch' to [lead], or leave out --fixed-length."
    )
    assert not (tmp_path / "items.jsonl").exists()


def test_a_lead_of_one_word_cannot_be_repeated(make, tmp_path):
    lexicon = LEXICON.replace("adverb,still,,,\n", "").replace("adverb,also,,,\n", "") + "now,now,,,\n"
    text = LED.replace("{adverb} ", "") + PHRASES + STRETCHED.replace("adverb", "now")
    with pytest.raises(LrdBenchError) as error:
        make(text, lexicon, fixed_length=True)
    assert str(error.value).startswith(
        f"{tmp_path}/small.toml:18: 'now' is the only known word of class 'now', and 3 in"
    )


def test_the_plain_version_and_that_of_fixed_length_are_different_outputs(make, tmp_path):
    make(LED + ADVERBS + STRETCHED)
    path, out = str(tmp_path / "small.toml"), tmp_path / "items.jsonl"
    with pytest.raises(LrdBenchError, match="made from other inputs"):
        generate_suite(path, out=out, items=1, fixed_length=True)
    assert read_suite(out).name == "small"
