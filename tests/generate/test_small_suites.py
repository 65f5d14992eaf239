"""What a suite file makes, on a language of a few words where every sentence can be read."""

from collections import Counter
from functools import partial
from itertools import pairwise

import pytest
from small_language import ADVERBS, HEAD, LEXICON, PHRASES, make_suite, words, write_suite_file

from lrd_bench.generate import generate_suite
from lrd_bench.generate.suite_grammar import suite_grammar
from lrd_bench.items import Span
from lrd_bench.listing import doubts


@pytest.fixture
def make(tmp_path):
    return partial(make_suite, tmp_path)


def test_an_item_is_a_good_and_a_bad_sentence_with_regions_and_factors(make):
    suite = make()
    item = next(item for item in suite.items if item.id == "0/7/SP/plural")
    good, bad = item.sentences["good"], item.sentences["bad"]
    assert good.tokens[0] == "The"
    assert good.tokens[3] == good.tokens[6] == "the"
    assert good.regions == bad.regions
    assert good.regions == {
        "cue": Span(1, 2),
        "attractor1": Span(4, 5),
        "attractor2": Span(7, 8),
        "critical": Span(8, 9),
    }
    cue, verb = item.group.split("|")
    assert good.tokens[8:] == ({"be": "are", "fall": "fall"}[verb], "old", ".")
    assert bad.tokens[8:] == ({"be": "is", "fall": "falls"}[verb], "old", ".")
    assert good.tokens[1] == {"box": "boxes"}.get(cue, f"{cue}s")
    assert item.pair == "0/7/SP"
    assert item.factors == {
        "nouns_between": 2,
        "pattern": "SP",
        "filler": "phrases",
        "construction": "subject-verb",
        "seen": None,
        "attractors": 1,
        "nearest": "match",
        "lures": "",
        "lures_before": 0,
        "cue_value": "plural",
    }
    assert item.source == {"grammar": "small@1", "seed": 0}


def test_a_block_holds_every_distance_with_every_pattern_and_both_values(make):
    cells = ["4/S", "4/P", "7/SS", "7/SP", "7/PS", "7/PP"]
    expected = [f"0/{cell}/{value}" for cell in cells for value in ("singular", "plural")]
    assert [item.id for item in make().items] == expected


def test_the_number_of_items_is_rounded_up_to_whole_blocks(make):
    assert [len(make(items=items).items) for items in (1, 12, 13, 24, 25)] == [12, 12, 24, 24, 36]


def test_every_group_comes_once_before_any_comes_again(make):
    groups = [item.group for item in make(items=12 * 20).items[::12]]
    assert len(set(groups[:10])) == len(set(groups[10:])) == 10  # five nouns × two verbs


def test_no_noun_of_a_sentence_is_the_cue_or_comes_twice_while_there_are_others(make):
    for item in make(items=240).items:
        tokens = item.sentences["good"].tokens
        lemmas = [
            tokens[span.start].removesuffix("es").removesuffix("s") for span in item.sentences["good"].regions.values()
        ]
        assert len(set(lemmas)) == len(lemmas)


def test_words_that_share_a_feature_within_a_unit_agree_with_each_other_and_not_with_the_cue(make):
    clauses = HEAD + (
        '[[filler]]\nkind = "clauses"\nunit = "that the {attractor:noun(number)} {inner} {verb(number)}"\n'
        "nouns = [2]\ndistances = [9]\n"
    )
    for item in make(clauses, items=80).items:
        tokens = item.sentences["good"].tokens
        # The outer clause's verb comes last: its subject is the first noun between.
        subjects = [item.sentences["good"].regions[f"attractor{n}"].start for n in (1, 2)]
        for subject, verb in zip(subjects, (9, 8), strict=True):
            assert (tokens[subject].endswith("s")) == (tokens[verb] in ("are", "fall"))
        plural = [tokens[subject].endswith("s") for subject in subjects]
        assert item.factors["pattern"] == "".join("SP"[value] for value in plural)


@pytest.mark.parametrize(
    ("unit", "distance"),
    [
        ("that {verb(number=$m)} near {noun(number=$m)} and the {attractor:noun(number)} ,", 9),
        ("that {verb(number)} near the {attractor:noun(number)} ,", 7),
    ],
    ids=["bound-by-neither", "bound-by-a-later-noun"],
)
def test_a_feature_that_nothing_binds_is_drawn_once_for_all_that_share_it(make, tmp_path, unit, distance):
    text = HEAD + f'[[filler]]\nkind = "x"\nunit = "{unit}"\nnouns = [1]\ndistances = [{distance}]\n'
    suite = make(text, items=40)
    grammar = suite_grammar(str(tmp_path / "small.toml"))
    assert all(grammar.derives(item.sentences["good"].tokens) for item in suite.items)
    assert not any(grammar.derives(item.sentences["bad"].tokens) for item in suite.items)


def test_words_before_the_cue_may_agree_with_it(make, tmp_path):
    lexicon = LEXICON + "determiner,this,this,these,\ndeterminer,that,that,those,\ndeterminer,the,,,\n"
    suite = make(HEAD.replace("The {cue", "And {determiner(number)} {cue") + PHRASES, lexicon, items=96)
    number = {"this": "singular", "that": "singular", "these": "plural", "those": "plural"}
    for item in suite.items:
        determiner = item.sentences["good"].tokens[1]
        twins = suite.twins[item.id].sentences["good"].tokens[1]
        assert number.get(determiner, item.factors["cue_value"]) == item.factors["cue_value"]
        assert {determiner, twins} in ({"this", "these"}, {"that", "those"}, {"the"})
        assert suite.needed_context(item) == item.distance
    assert {item.sentences["good"].tokens[1] for item in suite.items} == {*number, "the"}
    grammar = suite_grammar(str(tmp_path / "small.toml"))
    assert all(grammar.derives(item.sentences["good"].tokens) for item in suite.items)
    assert not any(grammar.derives(item.sentences["bad"].tokens) for item in suite.items)


def test_rules_may_lead_up_to_the_cue_and_go_on_after_the_critical_word(make):
    text = HEAD.replace("The {cue", "{opening} the {cue").replace("old .", "{adverb}*2 {closing(domain=music)}")
    rules = '[rules]\nopening = ["Today", "3: {place} it ,"]\n"closing(domain=music)" = ["!"]\n'
    suite = make(text + PHRASES + rules, items=400)
    sentences = [" ".join(words(item)) for item in suite.items]
    openings = Counter(sentence.partition(" the")[0] for sentence in sentences[::12])
    assert openings.keys() == {"Today", "near it ,", "behind it ,"}
    assert openings["Today"] < 20  # of 34, with a weight of 1 to 3
    assert all(sentence.endswith(" !") for sentence in sentences)
    assert {item.distance for item in suite.items} == {4, 7}


def test_a_filler_is_stretched_by_different_words_as_long_as_there_are_any(make):
    suite = make(HEAD + ADVERBS, items=600)
    for item in suite.items:
        between = item.sentences["good"].tokens[2 : item.distance + 1]
        assert len(set(between)) == min(len(between), 3)  # there are three adverbs
        assert all(one != other for one, other in pairwise(between))


def test_one_word_more_than_the_class_has_never_follows_itself(make):
    suite = make(HEAD + ADVERBS.replace("[1, 3, 6]", "[5]"), items=200)
    assert all(one != other for item in suite.items for one, other in pairwise(item.sentences["good"].tokens))


def test_words_that_stretch_are_shared_out_among_the_units(make):
    text = HEAD + '[[filler]]\nkind = "x"\nunit = "{place} {stretch} {attractor:noun(number)}"\n'
    suite = make(text + 'stretch = "adverb"\nnouns = [0, 1, 2]\ndistances = [1, 3, 7, 8]\n', items=1)
    adverbs = {"often", "still", "also"}
    shapes = {
        (item.distance, item.factors["nouns_between"]): "".join(
            "a" if word in adverbs else "n" for word in item.sentences["good"].tokens[2 : item.distance + 1]
        )
        for item in suite.items
    }
    # Without a unit there is nothing to lengthen: no nouns, no other distance than 1.
    assert shapes == {
        (1, 0): "",
        (3, 1): "nn",
        (7, 1): "naaaan",
        (7, 2): "nannan",
        (8, 1): "naaaaan",
        (8, 2): "naannan",
    }


def test_the_twins_cues_are_two_lexemes_where_the_feature_is_their_own(make):
    text = HEAD.replace('twins = "number"', 'twins = "domain"\npredictions = ["double difference", "accuracy"]')
    text = text.replace("{cue:noun(number)}", "{cue:agent(domain, number=singular)}")
    text = text.replace(
        "{filler} {critical:verb(number)} old", "{filler} took the {critical:tool(domain, number=plural)}"
    )
    suite = make(text + ADVERBS.replace("[1, 3, 6]", "[3, 5]"), items=400)
    domains = {"poet": "literature", "writer": "literature", "pianist": "music", "singer": "music", "nurse": "medicine"}
    domains |= {"doctor": "medicine", "pens": "literature", "pianos": "music", "needles": "medicine"}
    for item in suite.items:
        good, bad = item.sentences["good"].tokens, item.sentences["bad"].tokens
        cue, right, wrong = good[1], good[item.distance + 1], bad[item.distance + 1]
        assert domains[cue] == domains[right] == item.factors["cue_value"]
        assert item.group == "|".join(sorted([domains[right], domains[wrong]]))
    assert {item.group for item in suite.items} == {"literature|music", "literature|medicine", "medicine|music"}
    # A round of three blocks gives every domain to two of them.
    values = Counter(item.factors["cue_value"] for item in suite.items[: 3 * 4])
    assert set(values.values()) == {4}
    assert suite.predictions[0].startswith("(critical;%good%) + (critical;%twin.good%)")


def domains_of(text):
    """A suite whose twins differ in domain."""
    text = text.replace('twins = "number"', 'twins = "domain"')
    text = text.replace("{cue:noun(number)}", "{cue:agent(domain, number=singular)}")
    return text.replace("{critical:verb(number)} old", "the {critical:tool(domain, number=singular)}")


def test_what_is_kin_is_never_twins(make):
    text = domains_of(HEAD).replace('twins = "domain"', 'twins = "domain"\nkin = [["music", "literature"]]')
    suite = make(text + ADVERBS.replace("[1, 3, 6]", "[2, 4]"), items=200)
    assert {item.group for item in suite.items} == {"literature|medicine", "medicine|music"}


def test_a_page_names_its_predictions_or_writes_them(make):
    formula = "(*;%good%) < (*;%bad%)"
    text = HEAD.replace('twins = "number"', f'twins = "number"\npredictions = ["double difference", "{formula}"]')
    suite = make(text + PHRASES)
    double = "(critical;%good%) + (critical;%twin.good%) < (critical;%bad%) + (critical;%twin.bad%)"
    assert list(suite.predictions) == [double, formula]


def test_unless_a_page_says_otherwise_different_words_are_asked_by_the_double_difference_first(make):
    accuracy, double = make().predictions
    assert "twin" not in accuracy
    assert list(make(domains_of(HEAD) + ADVERBS.replace("[1, 3, 6]", "[2, 4]")).predictions) == [double, accuracy]


def test_a_form_that_does_not_show_the_value_makes_no_twins(make):
    lexicon = LEXICON + "noun,sheep,sheep,sheep,\nverb,must,must,must,\n"
    groups = {item.group for item in make(lexicon=lexicon, items=12 * 10).items}
    assert len(groups) == 10
    assert not any("sheep" in group or "must" in group for group in groups)


def test_words_without_two_different_forms_are_named(tmp_path):
    lexicon = LEXICON + "noun,sheep,sheep,sheep,\nnoun,rice,rice,,\nverb,must,must,must,\n"
    path = write_suite_file(tmp_path, lexicon=lexicon)
    made = generate_suite(path, out=tmp_path / "items.jsonl", items=1)
    assert made.one_sided == ["sheep", "rice", "must"]
    [_, line] = doubts(made)
    assert line == "small: never cue or candidate, for want of two different forms: sheep, rice, must"
    assert generate_suite(path, out=tmp_path / "items.jsonl", items=1).one_sided == made.one_sided


def test_values_with_the_same_initial_are_called_a_and_b(make):
    lexicon = LEXICON.replace("number=singular", "number=one").replace("number=plural", "number=other")
    assert {item.factors["pattern"] for item in make(lexicon=lexicon).items} == {"A", "B", "AA", "AB", "BA", "BB"}


def test_distances_that_are_named_twice_are_made_once(make):
    suite = make(HEAD + PHRASES.replace("[4, 7]", "[7, 4, 7]").replace("[1, 2]", "[1, 2, 2]"))
    assert len(suite.items) == 12


def test_a_glossary_of_the_file_adds_to_the_usual_one(make):
    suite = make(HEAD + PHRASES + '[glossary]\npattern = "numbers of the nouns"\n')
    assert suite.glossary["pattern"] == "numbers of the nouns"
    assert suite.glossary["attractors"] == "nouns between whose value opposes the cue's"
