"""The automaton of a grammar: it recognises what the grammar derives, and says why the text would never begin so."""

import functools
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrd_bench.errors import LrdBenchError
from lrd_bench.pcfg import Alternative, Pcfg
from lrd_bench.recognizer import DEAD, START, UNKNOWN_WORD, Recognizer


def grammar(**rules: list[str]) -> Pcfg:
    """Alternatives are symbols between spaces; `reason+reason: symbols` is withheld. The start symbol is `S`."""

    def alternative(text: str) -> Alternative:
        withheld, colon, symbols = text.rpartition(":")
        return Alternative(1.0, tuple(symbols.split()), withheld if colon else None)

    return Pcfg(start="S", rules={symbol: tuple(map(alternative, texts)) for symbol, texts in rules.items()})


GRAMMARS = {
    "agreement": grammar(
        S=["NPs BETWEEN is", "NPp BETWEEN are"],
        NPs=["the key", "the cabinet"],
        NPp=["the keys"],
        BETWEEN=["", "to NP", "to NP today"],
        NP=["NPs", "NPp"],
    ),
    "ambiguous, with symbols that may be nothing": grammar(
        S=["A B", "B C A", "x y"], A=["", "x", "C x"], B=["y", "A y C", "C"], C=["", "y", "x y"]
    ),
    "nothing at all": grammar(S=["", "A A"], A=["", "a"]),
    "one that calls itself at the end": grammar(S=["M is"], M=["", "often M"]),
    "one that calls itself in the middle": grammar(S=["a S b", "c", ""]),
    "two that call each other": grammar(S=["a T", "b"], T=["c S d", "S", "e"]),
    "alternatives that begin alike": grammar(
        S=["a b c", "a b d", "a b", "a", "A b d", "A c"], A=["a", "a b", "a b c", ""]
    ),
    "a rule that nothing ends": grammar(S=["a S", "b T"], T=["a T"]),
    "a withheld alternative": grammar(S=["a A", "p: b A"], A=["x", "q: y"]),
    "what is withheld in one analysis of two": grammar(S=["A b", "p: a b", "a c"], A=["q: a", "x"]),
    "withheld for two reasons, or for one of them": grammar(
        S=["A A", "p+q: a b", "c"], A=["", "p: a", "p+q: b", "q: a b"]
    ),
    "withheld where it may be nothing": grammar(S=["A B c"], A=["p: ", "a"], B=["q: ", "b", "p: c"]),
    "withheld in depth": grammar(S=["a T b", "c"], T=["a b", "depth: a U b"], U=["a b", "pairing: a U b", "c"]),
    "all of it withheld": grammar(S=["p: a T", "p: b T"], T=["q: a", "p: b"]),
}


def sentences(pcfg: Pcfg, length: int) -> list[tuple[str, ...]]:
    """Every row of up to so many of the grammar's words and one that it does not have."""
    words = {symbol for rule in pcfg.rules.values() for each in rule for symbol in each.symbols} - pcfg.rules.keys()
    words = [*sorted(words)[:5], "unknown"]
    return [row for number in range(length + 1) for row in product(words, repeat=number)]


def without(pcfg: Pcfg, reason: str) -> Pcfg:
    """The grammar without what it withholds for a reason."""
    kept = {
        symbol: tuple(each for each in rule if reason not in (each.withheld or "").split("+"))
        for symbol, rule in pcfg.rules.items()
    }
    return Pcfg(start=pcfg.start, rules=kept)


def check(pcfg: Pcfg, length: int) -> None:
    """That the automaton says of all rows of words what the grammar says."""
    recognizer = Recognizer(pcfg)
    reduced = {reason: without(pcfg, reason) for reason in ("p", "q", "depth", "pairing")}
    shown = functools.reduce(without, reduced, pcfg)
    for words in sentences(pcfg, length):
        state = recognizer.follow(START, recognizer.classes_of(words))
        assert recognizer.derives(words) == recognizer.complete(state) == pcfg.derives(words), words
        if state != DEAD:
            shared = {reason for reason, smaller in reduced.items() if not begins(smaller, words)}
            if shared or begins(shown, words):
                assert recognizer.withheld(state) == shared, words
            else:  # each way has some reason or other
                assert recognizer.withheld(state), words
        else:
            assert not begins(pcfg, words), words


def begins(pcfg: Pcfg, words: tuple[str, ...]) -> bool:
    """Whether an analysis takes all of the words, whatever may come after them."""
    analyses = pcfg.begin()
    for word in words:
        logprob, analyses = pcfg.advance(analyses, word)
        if logprob == float("-inf"):
            return False
    return True


@pytest.mark.parametrize("pcfg", GRAMMARS.values(), ids=GRAMMARS)
def test_it_derives_what_the_grammar_derives_and_knows_what_each_beginning_needs(pcfg):
    check(pcfg, 5)


REASONS = st.sampled_from([None, None, None, "p", "q", "p+q"])


def alternatives(first: str, rest: str) -> st.SearchStrategy[tuple[Alternative, ...]]:
    """Alternatives of a symbol from `first` and symbols from `rest`, some of them nothing at all."""
    begun = st.tuples(st.sampled_from(first), st.lists(st.sampled_from(rest), max_size=2))
    symbols = st.one_of(begun.map(lambda two: (two[0], *two[1])), begun.map(lambda two: (two[0],)), st.just(()))
    return st.lists(st.builds(Alternative, st.just(1.0), symbols, REASONS), min_size=2, max_size=4).map(tuple)


RULES = st.fixed_dictionaries(
    {"S": alternatives("abAB", "abABS"), "A": alternatives("abB", "abAB"), "B": alternatives("ab", "abSB")}
)
ANY_RULES = st.fixed_dictionaries({name: alternatives("abSAB", "abSAB") for name in "SAB"})


def refuses(pcfg: Pcfg, kind: type[Pcfg] | type[Recognizer]) -> bool:
    """Whether a symbol of the grammar calls itself before any word."""
    try:
        for symbol in pcfg.rules:
            begun = Pcfg(start=symbol, rules=pcfg.rules)
            begun.begin() if kind is Pcfg else Recognizer(begun).follow(START, [0])
    except LrdBenchError:
        return True
    return False


@settings(deadline=None)
@given(rules=RULES)
def test_it_agrees_with_the_grammar_whatever_the_rules_are(rules):
    pcfg = Pcfg(start="S", rules=rules)
    if not refuses(pcfg, Pcfg):
        check(pcfg, 4)


@settings(deadline=None)
@given(rules=ANY_RULES)
def test_it_refuses_the_left_recursion_that_the_grammar_refuses(rules):
    pcfg = Pcfg(start="S", rules=rules)
    assert refuses(pcfg, Recognizer) == refuses(pcfg, Pcfg)


def test_the_reasons_of_a_beginning_are_those_that_all_its_analyses_share():
    withheld = grammar(
        S=["pairing: the child is", "the child was", "frame: But the child was", "frame+pairing: But the child is"]
    )
    recognizer = Recognizer(withheld)

    def reasons(words):
        return set(recognizer.withheld(recognizer.follow(START, recognizer.classes_of(words.split()))))

    assert reasons("the child") == set()
    assert reasons("the child is") == {"pairing"}
    assert reasons("But the child") == {"frame"}
    assert reasons("But the child is") == {"frame", "pairing"}
    assert reasons("") == set()


def test_a_beginning_with_an_analysis_that_the_text_shows_has_no_reason():
    recognizer = Recognizer(grammar(S=["p: a b", "A b", "q: A c"], A=["q: a", "a"]))
    assert recognizer.withheld(recognizer.follow(START, recognizer.classes_of(["a"]))) == set()
    assert recognizer.withheld(recognizer.follow(START, recognizer.classes_of(["a", "b"]))) == set()
    assert recognizer.withheld(recognizer.follow(START, recognizer.classes_of(["a", "c"]))) == {"q"}


def test_a_beginning_whose_ways_are_withheld_for_different_reasons_has_them_all():
    recognizer = Recognizer(grammar(S=["p: a b", "q: a b", "c"]))
    assert recognizer.withheld(recognizer.follow(START, recognizer.classes_of(["a"]))) == {"p", "q"}
    assert recognizer.withheld(recognizer.follow(START, recognizer.classes_of(["a", "b"]))) == {"p", "q"}
    assert recognizer.withheld(recognizer.follow(START, recognizer.classes_of(["c"]))) == set()


def test_words_that_stand_in_the_same_places_are_of_one_class_and_lead_to_one_state():
    pcfg = grammar(S=["the N ADV is", "the N"], N=["key", "box", "withheld: lamp"], ADV=["often", "still", "box"])
    recognizer = Recognizer(pcfg)
    key, box, lamp, often, still, unknown = recognizer.classes_of(["key", "box", "lamp", "often", "still", "foo"])
    assert often == still
    assert len({key, box, lamp, often}) == 4  # *box* is an adverb too, *lamp* is withheld
    assert unknown == UNKNOWN_WORD
    the_key = recognizer.follow(START, recognizer.classes_of(["the", "key"]))
    assert recognizer.complete(the_key)
    assert not recognizer.complete(recognizer.follow(the_key, [often]))
    assert recognizer.follow(the_key, [often]) == recognizer.follow(the_key, [still])


def test_what_no_sentence_begins_with_is_dead_and_stays_so():
    recognizer = Recognizer(GRAMMARS["agreement"])
    for words in ("keys", "the keys is", "the foo", "the keys are are"):
        state = recognizer.follow(START, recognizer.classes_of(words.split()))
        assert state == DEAD
        assert recognizer.follow(state, recognizer.classes_of(["are"])) == DEAD
    assert not recognizer.complete(DEAD)


def test_a_sentence_may_be_as_long_as_it_likes():
    recognizer = Recognizer(GRAMMARS["one that calls itself at the end"])
    assert recognizer.derives(["often"] * 5000 + ["is"])
    assert not recognizer.derives(["often"] * 5000)


def test_embedding_is_counted():
    recognizer = Recognizer(grammar(S=["a S b", "c"]))
    assert recognizer.derives(["a"] * 300 + ["c"] + ["b"] * 300)
    assert not recognizer.derives(["a"] * 300 + ["c"] + ["b"] * 299)
    assert not recognizer.derives(["a"] * 300 + ["c"] + ["b"] * 301)


@pytest.mark.parametrize(
    "pcfg",
    [
        grammar(S=["S a", "a"]),
        grammar(S=["A b"], A=["S c", "a"]),
        grammar(S=["E S a", "a"], E=["", "e"]),
        grammar(S=["a T"], T=["T b", "c"]),
    ],
    ids=["direct", "indirect", "behind-what-may-be-nothing", "behind-a-word"],
)
def test_left_recursion_is_refused(pcfg):
    with pytest.raises(LrdBenchError, match=r"calls itself before any word \(left recursion\)\. Put a word first\."):
        Recognizer(pcfg).derives(["a", "b"])
