"""What may stand between the cue and the critical word: several fillers in one block, text around units, nesting."""

from collections import defaultdict
from functools import partial
from itertools import pairwise

import pytest
from small_language import ADVERBS, HEAD, LEXICON, PHRASES, between, make_suite

from lrd_bench.generate.suite_grammar import suite_grammar

CLAUSES = """
[[filler]]
kind = "clauses of two nouns"
text = "that the {attractor:noun(number=$first)} {units} {stretch} saw the {attractor:noun(number=$last)}"
unit = "{place} the {attractor:noun(number)}"
stretch = "adverb"
nouns = [2, 3]
distances = [7, 9, 12]
"""
NESTED = """
[[filler]]
kind = "nested"
unit = "that the {attractor:noun(number)} {inner} {stretch} {verb(number)}"
stretch = "adverb"
nouns = [1, 2]
distances = [5, 9, 12]
"""
NONE = '[[filler]]\nkind = "none"\ndistances = [1]\n'
ADVERB_FORMS, PLACES, VERB_FORMS = {"often", "still", "also"}, {"near", "behind"}, {"is", "are", "falls", "fall"}


@pytest.fixture
def make(tmp_path):
    return partial(make_suite, tmp_path)


def shape(item):
    """What stands between, with N for an attractor, a for an adverb, p for a preposition and v for a verb."""
    regions = item.sentences["good"].regions
    first = regions["cue"].stop
    attractors = {span.start - first for name, span in regions.items() if name.startswith("attractor")}
    kinds = {"a": ADVERB_FORMS, "p": PLACES, "v": VERB_FORMS}
    return " ".join(
        "N" if at in attractors else next((kind for kind, forms in kinds.items() if word in forms), word)
        for at, word in enumerate(between(item))
    )


def shapes(suite):
    return {(item.distance, item.factors["nouns_between"]): shape(item) for item in suite.items}


def by_block(suite):
    blocks = defaultdict(list)
    for item in suite.items:
        blocks[item.id.partition("/")[0]].append(item)
    return blocks.values()


def lemma(noun):
    return noun.removesuffix("es").removesuffix("s")


# -- several fillers ---------------------------------------------------------------------------------------------------


def test_a_block_holds_the_cells_of_every_filler_which_their_ids_name(make):
    suite = make(HEAD + PHRASES.replace("[4, 7]", "[4]") + ADVERBS.replace("[1, 3, 6]", "[1, 3]") + CLAUSES)
    cells = ["phrases/4/S", "phrases/4/P", "adverbs/1", "adverbs/3"]
    for distance, nouns in ((7, 2), (9, 2), (12, 2), (12, 3)):
        patterns = {2: "SS SP PS PP", 3: "SSS SSP SPS SPP PSS PSP PPS PPP"}[nouns].split()
        cells += [f"clauses-of-two-nouns/{distance}/{pattern}" for pattern in patterns]
    expected = [f"0/{cell}/{value}" for cell in cells for value in ("singular", "plural")]
    assert [item.id for item in suite.items] == expected
    assert [item.pair for item in suite.items] == [each.rpartition("/")[0] for each in expected]
    assert {item.factors["filler"] for item in suite.items} == {"phrases", "adverbs", "clauses of two nouns"}


def test_all_fillers_of_a_block_share_frame_cue_and_answers(make):
    text = HEAD.replace("The", "{adverb} the").replace("old", "{place} {noun}")
    suite = make(text + PHRASES + ADVERBS + CLAUSES, items=600)
    assert len(by_block(suite)) == 11  # of 58 items
    for block in by_block(suite):
        frames = defaultdict(set)
        for item in block:
            for condition, sentence in item.sentences.items():
                before, after = sentence.regions["cue"].stop, sentence.regions["critical"].start
                frame = (condition, item.factors["cue_value"], sentence.tokens[:before], sentence.tokens[after:])
                frames[item.factors["filler"]].add(frame)
        assert len(frames) == 3
        assert len({frozenset(each) for each in frames.values()}) == 1
        assert len({item.group for item in block}) == 1


def test_no_filler_repeats_a_noun_of_its_sentence_however_many_fillers_there_are(make):
    fillers = "".join(
        PHRASES.replace("phrases", kind).replace("[1, 2]", "[2]").replace("[4, 7]", "[7]") for kind in "abcdef"
    )
    for item in make(HEAD + fillers, items=480).items:
        sentence = item.sentences["good"]
        nouns = [lemma(sentence.tokens[sentence.regions[name].start]) for name in ("cue", "attractor1", "attractor2")]
        assert len(set(nouns)) == 3  # of five nouns


def test_fillers_at_the_same_distance_are_told_apart(make):
    suite = make(HEAD + PHRASES + ADVERBS.replace("[1, 3, 6]", "[4, 7]"))
    assert {(item.factors["filler"], item.distance, item.factors["nouns_between"]) for item in suite.items} == {
        ("phrases", 4, 1),
        ("phrases", 7, 2),
        ("adverbs", 4, 0),
        ("adverbs", 7, 0),
    }


def test_a_filler_of_nothing_leaves_cue_and_critical_word_side_by_side(make):
    [one, other] = make(HEAD + NONE).items
    assert (one.id, other.id) == ("0/1/singular", "0/1/plural")
    assert (between(one), one.distance, one.factors["filler"], one.factors["nearest"]) == ([], 1, "none", None)


def test_words_around_the_filler_count_for_the_distance(make):
    suite = make(HEAD.replace("{filler}", "{adverb} {filler} not") + ADVERBS.replace("[1, 3, 6]", "[3, 5]"), items=40)
    assert {item.distance: shape(item) for item in suite.items} == {3: "a not", 5: "a a a not"}


# -- text and units ----------------------------------------------------------------------------------------------------


def test_units_and_words_that_stretch_stand_where_the_text_has_them(make):
    assert shapes(make(HEAD + CLAUSES)) == {
        (7, 2): "that the N saw the N",
        (9, 2): "that the N a a saw the N",
        (12, 2): "that the N a a a a a saw the N",
        (12, 3): "that the N p the N a a saw the N",
    }


def test_nouns_of_text_and_units_are_numbered_from_left_to_right_as_the_pattern_is(make):
    suite = make(HEAD + CLAUSES, items=200)
    for item in suite.items:
        sentence = item.sentences["good"]
        starts = [sentence.regions[f"attractor{n + 1}"].start for n in range(item.factors["nouns_between"])]
        assert starts == sorted(starts)
        assert f"attractor{len(starts) + 1}" not in sentence.regions
        written = "".join("P" if sentence.tokens[at].endswith("s") else "S" for at in starts)
        assert written == item.factors["pattern"]
        own, other = ("S", "P") if item.factors["cue_value"] == "singular" else ("P", "S")
        assert item.factors["attractors"] == written.count(other)
        assert item.factors["nearest"] == ("match" if written[-1] == own else "mismatch")


def test_a_text_may_hold_the_only_noun_and_no_units(make):
    text = '[[filler]]\nkind = "x"\ntext = ", said the {attractor:noun(number=$n)} ,"\nnouns = [1]\ndistances = [6]\n'
    assert shapes(make(HEAD + text)) == {(6, 1): ", said the N ,"}


def test_what_agrees_with_a_noun_of_the_text_has_its_number(make, tmp_path):
    text = (
        '[[filler]]\nkind = "x"\ntext = "that the {attractor:noun(number=$n)} {units} {verb(number=$n)}"\n'
        'unit = "{place} the {attractor:noun(number)}"\nnouns = [1, 2]\ndistances = [5, 8]\n'
    )
    suite = make(HEAD + text, items=120)
    for item in suite.items:
        singular = item.factors["pattern"].startswith("S")
        assert (between(item)[-1] in ("is", "falls")) == singular
    assert shapes(suite) == {(5, 1): "that the N v", (8, 2): "that the N p the N v"}
    grammar = suite_grammar(str(tmp_path / "small.toml"))
    assert all(grammar.derives(item.sentences["good"].tokens) for item in suite.items)
    assert not any(grammar.derives(item.sentences["bad"].tokens) for item in suite.items)


def test_units_nest_where_they_say_and_each_is_stretched_within(make):
    assert shapes(make(HEAD + NESTED)) == {
        (5, 1): "that the N v",
        (9, 1): "that the N a a a a v",
        (9, 2): "that the N that the N v v",
        (12, 1): "that the N a a a a a a a v",
        (12, 2): "that the N that the N a v a a v",  # three adverbs: the first unit has one more
    }


def test_each_verb_of_a_nested_clause_agrees_with_its_own_subject(make):
    for item in make(HEAD + NESTED, items=200).items:
        verbs = [word for word in between(item) if word in VERB_FORMS]
        assert "".join("S" if verb in ("is", "falls") else "P" for verb in verbs) == item.factors["pattern"][::-1]


def test_the_suites_grammar_knows_the_agreement_within_a_filler_too(make, tmp_path):
    make(HEAD + NESTED)
    grammar = suite_grammar(str(tmp_path / "small.toml"))
    sentence = "The key that the boxes that the clerk is fall is old ."
    assert grammar.derives(sentence.split())
    assert not grammar.derives(sentence.replace("clerk is", "clerk are").split())
    assert not grammar.derives(sentence.replace("is fall", "is falls").split())


# -- what the cells of a block share -----------------------------------------------------------------------------------


@pytest.mark.parametrize("filler", [PHRASES, CLAUSES, NESTED], ids=["phrases", "clauses", "nested"])
def test_the_noun_of_a_place_is_one_lexeme_whose_form_changes_with_the_pattern(make, filler):
    for block in by_block(make(HEAD + filler, items=300)):
        found = defaultdict(set)
        for item in block:
            sentence = item.sentences["good"]
            for at in range(item.factors["nouns_between"]):
                noun = sentence.tokens[sentence.regions[f"attractor{at + 1}"].start]
                # The text's own last noun is the second of two or the third of three.
                last = filler is CLAUSES and at + 1 == item.factors["nouns_between"]
                found["last" if last else at].add((lemma(noun), item.factors["pattern"][at], noun))
        assert len(found) >= 2
        for forms in found.values():
            assert len({lemma for lemma, _, _ in forms}) == 1
            assert len({noun for _, _, noun in forms}) == 2
            assert {value for _, value, _ in forms} == {"S", "P"}


@pytest.mark.parametrize("filler", [ADVERBS, CLAUSES, NESTED], ids=["adverbs", "clauses", "nested"])
def test_a_longer_distance_is_stretched_by_the_words_of_a_shorter_one_and_more(make, filler):
    for block in by_block(make(HEAD + filler, items=200)):
        rows = {tuple(word for word in between(item) if word in ADVERB_FORMS) for item in block}
        longest = max(rows, key=len)
        assert len(rows) >= 3
        assert all(longest[: len(row)] == row for row in rows)


def test_each_filler_of_a_block_has_words_of_its_own(make):
    more = ["very", "quite", "rather", "almost", "nearly", "hardly"]
    lexicon = LEXICON + "".join(f"adverb,{word},,,\n" for word in more)
    rows = set()
    for block in by_block(make(HEAD + ADVERBS + ADVERBS.replace('"adverbs"', '"others"'), lexicon, items=120)):
        longest = {item.factors["filler"]: tuple(between(item)) for item in block if item.distance == 6}
        rows.add(longest["adverbs"] == longest["others"])
    assert rows == {False}


def test_a_row_does_not_repeat_the_word_beside_it(make):
    lexicon = LEXICON + "adverb,very,,,\nadverb,quite,,,\n"
    text = ADVERBS.replace('stretch = "adverb"', 'text = "{adverb} {stretch} {adverb}"\nstretch = "adverb"')
    suite = make(HEAD + text.replace("[1, 3, 6]", "[4, 6, 9]"), lexicon, items=300)
    assert [item.id for item in suite.items if any(one == other for one, other in pairwise(between(item)))] == []
