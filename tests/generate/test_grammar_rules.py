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


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"sentence": ["{nuon}"]}, "unknown rule or class 'nuon'. Did you mean 'noun'?"),
        ({"sentence": ["{subjekt}"], "subject": ["x"]}, "unknown rule or class 'subjekt'. Did you mean 'subject'?"),
        ({"sentense": ["x"]}, "unknown rule or class 'sentence'. Did you mean 'sentense'?"),
        (
            {"sentence": ["{noun(number=dual)}"]},
            "rule 'sentence': the features of '{noun(number=dual)}' can never agree",
        ),
        (
            {"sentence": ["{agent(domain=$d)} {tool(domain=$d, square=$s)} {noun(square=$s, number=x)}"]},
            "can never agree",
        ),
        ({"sentence": ["{a(number)}"], "a": ["{noun(number)}"]}, "nothing in '{a(number)}' gives number a value"),
        ({"sentence": ["{end}"], "end(number=plural)": ["x"]}, "rule 'end' has no alternatives for end. Add them."),
        (
            {"sentence": ["{noun(number)} {end(number)}"], "end(number=plural)": ["x"]},
            "rule 'end' has no alternatives for end(number=singular). Add them.",
        ),
        ({"sentence": ["x"], "noun": ["y"]}, "rule 'noun': 'noun' is also a class of"),
        (
            {"sentence": ["x"], "end(number)": ["y"]},
            "rule 'end(number)': a rule is called name or name(feature=value).",
        ),
        ({"sentence": ["{sentence} often", "x"]}, "rule <sentence>: calls itself before any word (left recursion)."),
        (
            {"sentence": ["the {list}"], "list": ["{gap} {list}", "x"], "gap": ["", "y"]},
            "rule <list>: calls itself before any word (left recursion).",
        ),
        (
            {"sentence": ["the {more}"], "more": ["{adverb} {more}", "withheld depth: x"]},
            "rule <more>: calls itself without end. Add an alternative that ends.",
        ),
    ],
)
def test_a_grammar_that_is_not_sound_is_one_message_that_names_the_file(tmp_path, rules, message):
    path = write_grammar_file(tmp_path, rules, lexicon=WORDS)
    with pytest.raises(LrdBenchError) as error:
        read_grammar(path)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("start", "strat", "unknown setting 'strat'. Did you mean 'start'?"),
        ("version = 1", "version = 'one'", "setting 'version'"),
        ("version = 1", "", "setting 'version' is missing. Add it."),
        ("['x']", "'x'", "setting 'sentence' in [rules]"),
        ("[rules]", "[rules", "is not valid TOML"),
        ("lexicon.csv", "lexikon.csv", "lexikon.csv: cannot be read"),
    ],
)
def test_a_file_that_is_no_grammar_is_one_message(tmp_path, old, new, message):
    path = write_grammar_file(tmp_path, {"sentence": ["x"]}, lexicon=WORDS)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(LrdBenchError) as error:
        read_grammar(path)
    assert message in str(error.value)
