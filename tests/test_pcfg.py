"""The grammar behind a text: what it samples, and the exact probabilities it gives to words after a prefix."""

import itertools
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from scipy.stats import chisquare

from lrd_bench.errors import LrdBenchError
from lrd_bench.pcfg import WITHHELD_SHARE, Alternative, Pcfg, read_pcfg


def grammar(**rules: list[tuple]) -> Pcfg:
    """Rules from (weight, "symbols between spaces"[, why it is withheld]); the start symbol is `S`."""
    return Pcfg(
        start="S",
        rules={
            symbol: tuple(Alternative(weight, tuple(text.split()), *why) for weight, text, *why in alternatives)
            for symbol, alternatives in rules.items()
        },
    )


AGREEMENT = grammar(
    S=[(3, "NPs BETWEEN is"), (1, "NPp BETWEEN are")],
    NPs=[(1, "the key"), (1, "the cabinet")],
    NPp=[(1, "the keys")],
    BETWEEN=[(4, ""), (1, "to NP"), (1, "to NP today")],
    NP=[(1, "NPs"), (1, "NPp")],
)

# Finite, ambiguous, with symbols that may be empty at either end and in the middle.
TANGLED = grammar(
    S=[(2, "A B"), (1, "B C A"), (1, "x y")],
    A=[(1, ""), (2, "x"), (1, "C x")],
    B=[(1, "y"), (1, "A y C"), (1, "C")],
    C=[(3, ""), (1, "y"), (1, "x y")],
)


def derivations(grammar: Pcfg, symbols: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], float]]:
    """Every derivation of a grammar without recursion or withheld alternatives: its words and its probability."""
    if not symbols:
        yield (), 1.0
        return
    first, *rest = symbols
    alternatives = grammar.rules.get(first, (Alternative(1, (first,)),))
    total = sum(alternative.weight for alternative in alternatives)
    for alternative in alternatives:
        parts = alternative.symbols if first in grammar.rules else ()
        words = () if first in grammar.rules else (first,)
        for (left, one), (right, other) in itertools.product(
            derivations(grammar, parts), derivations(grammar, tuple(rest))
        ):
            yield words + left + right, alternative.weight / total * one * other


def sentence_probabilities(grammar: Pcfg) -> dict[tuple[str, ...], float]:
    probabilities: dict[tuple[str, ...], float] = defaultdict(float)
    for words, probability in derivations(grammar, (grammar.start,)):
        probabilities[words] += probability
    return probabilities


def test_probabilities_are_those_worked_out_by_hand():
    the, keys, are, end = (math.exp(logprob) for logprob in AGREEMENT.logprobs(["the", "keys", "are"]))
    assert the == pytest.approx(1)
    assert keys == pytest.approx(1 / 4)
    assert are == pytest.approx(2 / 3)  # 4 of 6 have nothing between
    assert end == pytest.approx(1)


def test_a_symbol_that_may_be_empty_lets_the_next_one_begin():
    assert AGREEMENT.next_word(["the", "keys"]) == pytest.approx({"are": 2 / 3, "to": 1 / 3})


def test_analyses_of_the_same_words_are_summed():
    ambiguous = grammar(S=[(1, "a A"), (1, "B b"), (2, "a c")], A=[(1, "b")], B=[(1, "a")])
    assert ambiguous.logprobs(["a", "b"]) == pytest.approx([0, math.log(1 / 2), 0])


def test_each_word_is_conditioned_on_what_the_words_before_it_say_about_the_analysis():
    cued = grammar(S=[(9, "u A w"), (1, "u B z")], A=[(1, "a"), (9, "b")], B=[(9, "a"), (1, "b")])
    # After "u a": A with 9·1, B with 1·9; after "u b": 9·9 to 1·1.
    assert cued.next_word(["u", "a"]) == pytest.approx({"w": 1 / 2, "z": 1 / 2})
    assert cued.next_word(["u", "b"]) == pytest.approx({"w": 81 / 82, "z": 1 / 82})


def test_what_comes_after_a_shared_symbol_is_kept_apart():
    nested = grammar(S=[(3, "p N q"), (1, "p N r")], N=[(1, "n"), (1, "n N")])
    assert nested.next_word(["p", "n", "n", "n"]) == pytest.approx({"n": 1 / 2, "q": 3 / 8, "r": 1 / 8})


def test_an_impossible_word_has_probability_zero_and_so_has_all_after_it():
    logprobs = AGREEMENT.logprobs(["the", "keys", "is", "are"])
    assert logprobs[:2] == pytest.approx([0, math.log(1 / 4)])
    assert logprobs[2:] == [-math.inf, -math.inf, -math.inf]
    assert AGREEMENT.next_word(["the", "keys", "is"]) == {}


def test_a_sentence_must_be_whole_to_be_derived():
    assert AGREEMENT.derives(["the", "key", "to", "the", "keys", "is"])
    assert not AGREEMENT.derives(["the", "key", "to", "the", "keys"])
    assert not AGREEMENT.derives(["the", "key", "to", "the", "keys", "are"])
    assert not AGREEMENT.derives([])


def test_withheld_alternatives_are_never_sampled_and_yet_recognised():
    withholding = grammar(S=[(3, "a"), (1, "b"), (5, "c", "pairing"), (15, "d", "pairing")])
    rng = random.Random(0)
    assert {withholding.sample(rng) for _ in range(500)} == {("a",), ("b",)}
    assert withholding.next_word([]) == pytest.approx(
        {
            "a": 0.75 * (1 - WITHHELD_SHARE),
            "b": 0.25 * (1 - WITHHELD_SHARE),
            "c": 0.25 * WITHHELD_SHARE,
            "d": 0.75 * WITHHELD_SHARE,
        }
    )


def test_a_rule_that_is_withheld_altogether_is_used_where_something_leads_to_it():
    hidden = grammar(S=[(1, "a H")], H=[(1, "b", "depth"), (3, "c", "depth")])
    assert hidden.next_word(["a"]) == pytest.approx({"b": 1 / 4, "c": 3 / 4})
    assert hidden.sample(random.Random(0)) in {("a", "b"), ("a", "c")}


@pytest.mark.parametrize(
    "rules",
    [
        {"S": [(1, "S a"), (1, "a")]},
        {"S": [(1, "A b")], "A": [(1, "S c"), (1, "a")]},
        {"S": [(1, "E S a"), (1, "a")], "E": [(1, ""), (1, "e")]},
    ],
    ids=["direct", "indirect", "behind-an-empty-symbol"],
)
def test_left_recursion_is_refused(rules):
    with pytest.raises(LrdBenchError, match="left recursion"):
        grammar(**rules).logprobs(["a"])


def test_rules_may_call_themselves_at_the_end():
    adverbs = grammar(S=[(1, "M is")], M=[(1, ""), (3, "often M")])
    logprobs = adverbs.logprobs(["often"] * 3000 + ["is"])
    assert logprobs == pytest.approx([math.log(3 / 4)] * 3000 + [math.log(1 / 4), 0])


def test_rules_may_call_themselves_in_the_middle():
    embedding = grammar(S=[(1, "a S b"), (3, "c")])
    logprobs = embedding.logprobs(["a"] * 200 + ["c"] + ["b"] * 200)
    assert logprobs == pytest.approx([math.log(1 / 4)] * 200 + [math.log(3 / 4)] + [0] * 201)
    assert not embedding.derives(["a"] * 200 + ["c"] + ["b"] * 199)


@pytest.mark.parametrize("finite", [AGREEMENT, TANGLED], ids=["agreement", "tangled"])
def test_prefix_probabilities_are_sums_over_the_sentences_that_begin_so(finite):
    sentences = sentence_probabilities(finite)
    assert math.fsum(sentences.values()) == pytest.approx(1)
    prefixes = {sentence[:length] for sentence in sentences for length in range(len(sentence) + 1)}
    for prefix in prefixes:
        going_on: dict[str, float] = defaultdict(float)
        for sentence, probability in sentences.items():
            if sentence[: len(prefix)] == prefix:
                going_on[(*sentence, "</s>")[len(prefix)]] += probability
        mass = math.fsum(going_on.values())
        assert math.exp(math.fsum(finite.logprobs(prefix)[:-1])) == pytest.approx(mass)
        assert finite.next_word(prefix) == pytest.approx({word: part / mass for word, part in going_on.items()})
    for sentence, probability in sentences.items():
        assert math.exp(math.fsum(finite.logprobs(sentence))) == pytest.approx(probability)


def test_sentences_are_sampled_as_often_as_they_are_likely():
    probabilities, rng, number = sentence_probabilities(TANGLED), random.Random(1), 20_000
    sampled = Counter(TANGLED.sample(rng) for _ in range(number))
    likely = [sentence for sentence, probability in probabilities.items() if probability * number >= 20]
    rest = number - sum(sampled[sentence] for sentence in likely)
    expected = [probabilities[sentence] * number for sentence in likely]
    observed = [sampled[sentence] for sentence in likely]
    assert chisquare([*observed, rest], [*expected, number - sum(expected)]).pvalue > 0.01


def test_analyses_can_be_continued_more_than_once():
    _, analyses = AGREEMENT.advance(AGREEMENT.begin(), "the")
    first, _ = AGREEMENT.advance(analyses, "keys")
    AGREEMENT.advance(analyses, "key")
    again, _ = AGREEMENT.advance(analyses, "keys")
    assert first == again == pytest.approx(math.log(1 / 4))


def test_a_grammar_is_the_same_after_writing_and_reading(tmp_path):
    original = grammar(S=[(2, "A b"), (0.1, "ü", "pairing")], A=[(1, "")])
    original.write(tmp_path / "grammar.json")
    assert read_pcfg(tmp_path / "grammar.json") == original
    assert read_pcfg(tmp_path / "grammar.json").digest == original.digest


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"start":"S"}', '{"start":"S","rules":{"S":[[1,["a"]]]}}'],
    ids=["cut", "list", "no-rules", "short"],
)
def test_a_damaged_grammar_is_one_clear_error(tmp_path, text):
    (tmp_path / "grammar.json").write_text(text)
    with pytest.raises(LrdBenchError, match=r"grammar\.json: is damaged .* Generate the training text again"):
        read_pcfg(tmp_path / "grammar.json")


def test_a_missing_grammar_is_one_clear_error(tmp_path):
    with pytest.raises(LrdBenchError, match=r"grammar\.json: cannot be read"):
        read_pcfg(tmp_path / "grammar.json")
