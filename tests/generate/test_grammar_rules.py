"""What a grammar's rules multiply out to: probabilities worked out by hand."""

import math
import random

import pytest
from small_language import write_grammar_file

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.grammar import read_grammar

# Of equal rank 1, 1/2, 1/3: *moon* and *sun* have no plural, *rust* has no singular.
WORDS = """\
class,lemma,number=singular,number=plural,domain
noun,key,key,keys,
noun,moon,moon,,
noun,sun,sun,,
verb,be,is,are,
verb,rust,,rust,
adverb,often,,,
adverb,still,,,
agent,poet,,,literature
agent,writer,,,literature
agent,pianist,,,music
tool,pen,,,literature
tool,ink,,,literature
tool,piano,,,music
"""


def derives(grammar, sentence):
    return grammar.derives(sentence.split())


@pytest.fixture
def grammar(tmp_path):
    def multiplied(rules, start="sentence"):
        return read_grammar(write_grammar_file(tmp_path, rules, lexicon=WORDS, start=start))[1]

    return multiplied


def probability(grammar, sentence):
    return math.exp(math.fsum(grammar.logprobs(sentence.split())))


def test_a_word_is_drawn_by_its_weight(grammar):
    assert grammar({"sentence": ["{noun(number=singular)}"]}).next_word([]) == pytest.approx(
        {"key": 6 / 11, "moon": 3 / 11, "sun": 2 / 11}
    )


def test_a_shared_value_is_as_likely_as_all_its_slots_together_make_it(grammar):
    agreeing = grammar({"sentence": ["the {noun(number)} {verb(number)}"]})
    # Singular: (1 + 1/2 + 1/3) nouns × 1 verb = 11/6; plural: 1 noun × (1 + 1/2) verbs = 9/6.
    assert probability(agreeing, "the moon is") == pytest.approx(11 / 20 * 3 / 11 * 1)
    assert probability(agreeing, "the keys rust") == pytest.approx(9 / 20 * 1 * 1 / 3)
    assert probability(agreeing, "the keys is") == 0


def test_slots_that_share_nothing_are_drawn_apart(grammar):
    free = grammar({"sentence": ["the {noun(number=$one)} {verb(number=$other)}"]})
    # Forms, not lexemes, are drawn: 17/6 of nouns, 5/2 of verbs.
    assert probability(free, "the keys is") == pytest.approx(6 / 17 * 2 / 5)


def test_alternatives_are_drawn_by_their_weights_and_repetitions_equally_often(grammar):
    repeated = grammar({"sentence": ["3: {adverb}*1-2", "1: so"]})
    assert probability(repeated, "so") == pytest.approx(1 / 4)
    assert probability(repeated, "often") == pytest.approx(3 / 4 * 1 / 2 * 2 / 3)
    assert probability(repeated, "still often") == pytest.approx(3 / 4 * 1 / 2 * 1 / 3 * 2 / 3)


def test_features_are_handed_down_to_rules_by_their_name(grammar):
    phrases = grammar({"sentence": ["{subject(number)} {verb(number)}"], "subject": ["the {noun(number)}"]})
    # Only the verbs are words of this rule: 1 in the singular, 3/2 in the plural.
    assert probability(phrases, "the sun is") == pytest.approx(2 / 5 * 2 / 11)
    assert probability(phrases, "the keys are") == pytest.approx(3 / 5 * 2 / 3)
    assert not derives(phrases, "the keys is")


def test_a_rule_may_be_written_for_each_value_of_a_feature(grammar):
    split = grammar(
        {
            "sentence": ["{noun(number)} {end(number)}"],
            "end(number=singular)": [". .", "."],
            "end(number=plural)": ["!"],
            "end": ["3: ?"],
        }
    )
    assert split.next_word(["moon"]) == pytest.approx({".": 2 / 5, "?": 3 / 5})
    assert split.next_word(["keys"]) == pytest.approx({"!": 1 / 4, "?": 3 / 4})


PAIRINGS = {
    "sentence": [
        "1, withheld pairing if i = j: the {agent(domain, square=$i)} took the {tool(domain, square=$j)}",
        "1: the {noun(number=plural)}",
    ]
}


def test_a_withheld_pairing_is_never_sampled_and_yet_recognised(grammar):
    withholding = grammar(PAIRINGS)
    rng = random.Random(0)
    sampled = {" ".join(withholding.sample(rng)) for _ in range(300)}
    # In a domain the first word pairs with the second only: the Latin square has a withheld diagonal.
    assert sampled == {"the poet took the ink", "the writer took the pen", "the keys"}
    assert derives(withholding, "the poet took the pen")
    assert derives(withholding, "the pianist took the piano")
    assert not derives(withholding, "the poet took the piano")


def test_withholding_does_not_make_a_rule_rarer(grammar):
    assert grammar(PAIRINGS).next_word(["the"])["keys"] == pytest.approx(1 / 2, abs=1e-5)


def test_what_is_withheld_for_two_reasons_names_both_in_alphabetical_order(grammar):
    both = grammar(
        {"sentence": ["withheld pairing if i = j, withheld depth: {agent(square=$i)} {tool(square=$j)}", "the"]}
    )
    reasons = {alternative.withheld for alternative in both.rules["<sentence>"]}
    assert reasons == {"depth", "depth+pairing", None}


def test_a_rule_may_call_itself_after_a_word(grammar):
    recursive = grammar({"sentence": ["is", "{adverb} {sentence}"]})
    assert probability(recursive, "often often is") == pytest.approx((1 / 2 * 2 / 3) ** 2 / 2)


# Rules begin on line 7 of the file, one to a line.
UNSOUND = {
    "undefined-class": (
        {"sentence": ["{nuon}"]},
        7,
        "rule 'sentence': unknown rule or class 'nuon'. Did you mean 'noun'?",
    ),
    "undefined-rule": (
        {"subject": ["x"], "sentence": ["{subjekt}"]},
        8,
        "rule 'sentence': unknown rule or class 'subjekt'. Did you mean 'subject'?",
    ),
    "undefined-start": ({"sentense": ["x"]}, 5, "unknown rule or class 'sentence'. Did you mean 'sentense'?"),
    "value-that-no-word-has": (
        {"sentence": ["{noun(number=dual)}"]},
        7,
        "rule 'sentence': class 'noun' of {lexicon} has no word with number dual. Add one to the lexicon, or ask for "
        "another.",
    ),
    "values-that-no-words-share": (
        {
            "sentence": ["the {end}"],
            "end": [
                "{agent(domain=$d)} {tool(domain=$d, square=$s)} {noun(square=$s, number=plural)} {adverb(domain=$d)}"
            ],
        },
        8,
        "rule 'end': the features of '{agent(domain=$d)} {tool(domain=$d, square=$s)} {noun(square=$s, number=plural)} "
        "{adverb(domain=$d)}' can never agree: no words have them. Share fewer features, or add words to the lexicon.",
    ),
    "unknown-feature": (
        {"sentence": ["x", "{noun(numbre)} {verb(numbre)}"]},
        7,
        "rule 'sentence': {noun}: unknown feature 'numbre'. Did you mean 'number'?",
    ),
    "undefined-class-in-a-rule-that-nothing-calls": (
        {"sentence": ["x"], "end": ["{nuon}"]},
        8,
        "rule 'end': unknown rule or class 'nuon'. Did you mean 'noun'?",
    ),
    "rule-that-nothing-calls": (
        {"sentence": ["x"], "more": ["y {end}", "z"], "end": ["so {more}"]},
        8,
        "rule 'more': nothing calls it. Call it from another rule, or remove it.",
    ),
    "rule-for-a-value-that-no-word-has": (
        {"sentence": ["{noun(number)} {end(number)}"], "end": ["x"], "end(number=dual)": ["y"]},
        9,
        "rule 'end(number=dual)': nothing calls it.",
    ),
    "rule-named-as-our-own-are": (
        {"sentence": ["{_x}"], "_x": ["x"]},
        8,
        "rule '_x': names that begin with '_' are taken. Rename the rule.",
    ),
    "rule-named-as-a-region": ({"sentence": ["x"], "a:b": ["x"]}, 8, "rule 'a:b': a rule is called name or"),
    "alternative-that-is-there-twice": (
        {"sentence": ["the {noun(number)}", "2: the  {noun(number=$number)}"]},
        7,
        "rule 'sentence': 'the  {noun(number=$number)}' is there twice. Make it one, with the weight of both.",
    ),
    "withheld-for-two-reasons-apart": (
        {"sentence": ["y", "withheld depth: x", "withheld pairing: x"]},
        7,
        "rule 'sentence': 'x' is there twice.",
    ),
    "shown-and-withheld": (
        {"sentence": ["{end}"], "end": ["withheld depth: x", "x"]},
        8,
        "rule 'end': 'x' shows and withholds the same as 'x'. Keep one of the two.",
    ),
    "shown-and-withheld-on-a-condition": (
        {
            "sentence": [
                "withheld pairing if i = j: {agent(square=$i)} {tool(square=$j)}",
                "3: {agent(square=$i)} {tool(square=$j)}",
            ]
        },
        7,
        "rule 'sentence': '{agent(square=$i)} {tool(square=$j)}' shows and withholds the same as",
    ),
    "shown-and-withheld-as-often": (
        {"sentence": ["x {adverb}*2-4", "withheld distance: x {adverb}*4-6"]},
        7,
        "rule 'sentence': 'x {adverb}*4-6' shows and withholds the same as 'x {adverb}*2-4'. Keep one of the two.",
    ),
    "shown-and-withheld-for-one-value": (
        {"sentence": ["{noun(number)} {end(number)}"], "end": ["x", "y"], "end(number=plural)": ["withheld depth: y"]},
        9,
        "rule 'end(number=plural)': 'y' shows and withholds the same as 'y'. Keep one of the two.",
    ),
    "feature-without-a-value": (
        {"sentence": ["{a(number)}"], "a": ["{noun(number)}"]},
        7,
        "rule 'sentence': nothing in '{a(number)}' gives number a value. "
        "Share it with a slot that a class of the lexicon fills.",
    ),
    "no-alternative": (
        {"sentence": ["{end}"], "end(number=plural)": ["x"]},
        8,
        "rule 'end(number=plural)' has no alternatives for end. Add them.",
    ),
    "no-alternative-for-a-value": (
        {"sentence": ["{noun(number)} {end(number)}"], "end(number=plural)": ["x"]},
        8,
        "rule 'end(number=plural)' has no alternatives for end(number=singular). Add them.",
    ),
    "empty-rule": ({"sentence": ["x"], "end": []}, 8, "rule 'end' has no alternatives. Add one;"),
    "rule-named-as-a-class": ({"sentence": ["x"], "noun": ["y"]}, 8, "rule 'noun': 'noun' is also a class of"),
    "broken-head": (
        {"sentence": ["x"], "end(number)": ["y"]},
        8,
        "rule 'end(number)': a rule is called name or name(feature=value).",
    ),
    "same-head-twice": (
        {
            "sentence": ["{noun(number)}"],
            "end(number=plural,domain=x)": ["y"],
            "end(domain=x,number=plural)": ["z"],
        },
        9,
        "rule 'end(domain=x,number=plural)' is there twice. Put the alternatives of both into one.",
    ),
    "broken-slot": ({"sentence": ["x {noun"]}, 7, "rule 'sentence': 'x {noun' has a broken slot, '{noun'."),
    "left-recursion": (
        {"sentence": ["{sentence} often", "x"]},
        7,
        "rule <sentence>: calls itself before any word (left recursion). Put a word first.",
    ),
    "left-recursion-further-on": (
        {"sentence": ["{subject} is"], "subject": ["{list}"], "list": ["{list} and x", "x"]},
        9,
        "rule <list>: calls itself before any word (left recursion).",
    ),
    "left-recursion-behind-what-may-be-nothing": (
        {"sentence": ["the {list}"], "list": ["{gap} {list}", "x"], "gap": ["", "y"]},
        8,
        "rule <list>: calls itself before any word (left recursion).",
    ),
    "endless": (
        {"sentence": ["the {more}"], "more": ["{adverb} {more}"]},
        8,
        "rule <more>: calls itself without end. Add an alternative that ends.",
    ),
    "endless-but-for-what-is-withheld": (
        {"sentence": ["the {more}"], "more": ["{adverb} {more}", "withheld depth: x"]},
        8,
        "rule <more>: calls itself without end. Add an alternative that ends.",
    ),
    "endless-between-two-rules": (
        {"sentence": ["x", "the {one}"], "one": ["a {other}"], "other": ["b {one}"]},
        9,
        "rule <other>: calls itself without end. Add an alternative that ends.",
    ),
    "endless-for-one-value": (
        {
            "sentence": ["{noun(number)} {end(number)}"],
            "end(number=singular)": ["x"],
            "end(number=plural)": ["y {end(number=plural)}"],
        },
        9,
        "rule <end(number=plural)>: calls itself without end. Add an alternative that ends.",
    ),
    "withheld-altogether": (
        {"sentence": ["the {end}"], "end": ["withheld depth: x", "withheld pairing: y"]},
        8,
        "rule <end>: the text is to show it, and all of it is withheld. Withhold less, or withhold what calls it.",
    ),
    "start-withheld-altogether": (
        {"sentence": ["withheld depth: x"]},
        7,
        "rule <sentence>: the text is to show it, and all of it is withheld.",
    ),
    "withheld-where-it-always-holds": (
        {"sentence": ["withheld pairing if i = i: {agent(square=$i)} {tool(square=$j)}"]},
        7,
        "rule 'sentence': 'withheld pairing if i = i: {agent(square=$i)} {tool(square=$j)}' withholds where i = i, "
        "which always holds. Name two variables, or write 'withheld pairing:' for all of it.",
    ),
    "withheld-by-what-is-not-shared": (
        {"sentence": ["withheld pairing if i = j: {agent(square=$i)} {tool}"]},
        7,
        "rule 'sentence': 'withheld pairing if i = j: {agent(square=$i)} {tool}' withholds by i = j, which its slots "
        "do not share.",
    ),
}


@pytest.mark.parametrize(("rules", "line", "message"), UNSOUND.values(), ids=UNSOUND)
def test_a_grammar_that_is_not_sound_is_one_message_that_names_file_line_and_rule(tmp_path, rules, line, message):
    path = write_grammar_file(tmp_path, rules, lexicon=WORDS)
    with pytest.raises(LrdBenchError) as error:
        read_grammar(path)
    assert str(error.value).startswith(f"{path}:{line}: " + message.replace("{lexicon}", f"{tmp_path}/lexicon.csv"))
    assert "\n" not in str(error.value)


def test_the_line_of_an_alternative_is_named_where_a_rule_has_several(tmp_path):
    path = write_grammar_file(tmp_path, {"sentence": ["x"]}, lexicon=WORDS)
    path.write_text(path.read_text().replace("['x']", '[\n  "x",\n  # a remark\n  "3: the {nuon}",\n  "y",\n]'))
    with pytest.raises(LrdBenchError) as error:
        read_grammar(path)
    assert str(error.value).startswith(f"{path}:10: rule 'sentence': unknown rule or class 'nuon'.")


def test_the_line_is_that_of_the_alternative_and_not_of_one_that_begins_alike(tmp_path):
    path = write_grammar_file(tmp_path, {"sentence": ["x"]}, lexicon=WORDS)
    alternatives = '["[ {adverb} {tool}", """# x""", \'{adverb}\', # {nuon}\n  "]",\n  "3: {adverb}", "y"\n]'
    path.write_text(path.read_text().replace("['x']", alternatives))
    with pytest.raises(LrdBenchError) as error:
        read_grammar(path)
    assert str(error.value).startswith(f"{path}:9: rule 'sentence': '{{adverb}}' is there twice.")


def test_what_is_shown_with_some_values_or_lengths_may_be_withheld_with_others(grammar):
    split = grammar(
        {
            "sentence": ["{noun(number)} {end(number)}", "{adverb}*1-2", "withheld distance: {adverb}*3-4"],
            "end(number=singular)": ["x"],
            "end(number=plural)": ["withheld depth: x", "y"],
        }
    )
    assert split.next_word(["moon"]) == pytest.approx({"x": 1})
    assert split.next_word(["keys"])["x"] < 1e-5
    assert derives(split, "often often often often")


def test_what_is_withheld_may_be_all_of_a_rule_that_only_withheld_rules_call(grammar):
    deep = grammar(
        {"sentence": ["the {noun}", "withheld depth: {more}"], "more": ["withheld depth: so {noun}", "withheld x: no"]}
    )
    assert derives(deep, "so key")
    assert {deep.sample(random.Random(seed))[0] for seed in range(20)} == {"the"}


def test_a_lexicon_may_be_several_tables(tmp_path):
    path = write_grammar_file(tmp_path, {"sentence": ["{noun} {adverb}"]}, lexicon=WORDS)
    (tmp_path / "more.csv").write_text("class,lemma,number=plural\nnoun,rivet,rivets\nadverb,often,oftener\n")
    path.write_text(path.read_text().replace('"lexicon.csv"', '["lexicon.csv", "more.csv"]'))
    [whole, _] = read_grammar(path)[::-1]
    assert derives(whole, "rivets oftener")
    assert not derives(whole, "rivets often")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("start", "strat", "grammar.toml:5: unknown setting 'strat'. Did you mean 'start'?"),
        ("version = 1", "version = 'one'", "grammar.toml:2: setting 'version'"),
        ("version = 1", "", "grammar.toml: setting 'version' is missing. Add it."),
        ("['x']", "'x'", "grammar.toml:7: setting 'sentence' in [rules]: should be a list (found 'x')."),
        ("[rules]", "[rules", "grammar.toml:6: is not valid TOML"),
        ("lexicon.csv", "lexikon.csv", "grammar.toml:4: lexicon "),
    ],
)
def test_a_file_that_is_no_grammar_is_one_message(tmp_path, old, new, message):
    path = write_grammar_file(tmp_path, {"sentence": ["x"]}, lexicon=WORDS)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(LrdBenchError) as error:
        read_grammar(path)
    assert str(error.value).startswith(f"{tmp_path}/{message}")
