"""The ideal observer: the grammar's own probabilities, however sentences are batched."""

import math
import random

import numpy as np
import pytest

from lrd_bench.models.base import LanguageModel
from lrd_bench.models.observer import IdealObserver
from lrd_bench.pcfg import Alternative, Pcfg
from lrd_bench.vocabulary import UNK_ID, build_vocabulary

GRAMMAR = Pcfg(
    start="S",
    rules={
        "S": (Alternative(3, ("The", "key", "BETWEEN", "is")), Alternative(1, ("The", "keys", "BETWEEN", "are"))),
        "BETWEEN": (Alternative(3, ()), Alternative(1, ("to", "the", "NOUN", "BETWEEN"))),
        "NOUN": (Alternative(2, ("cabinet",)), Alternative(1, ("cabinets",)), Alternative(1, ("vault",), "pairing")),
    },
)
RNG = random.Random(0)
TEXT = [GRAMMAR.sample(RNG) for _ in range(200)]
OBSERVER = IdealObserver(GRAMMAR, build_vocabulary([*TEXT, ("The", "key", "is", "old")]))


def test_the_observer_is_a_language_model_that_sees_all_to_its_left():
    assert isinstance(OBSERVER, LanguageModel)
    assert OBSERVER.context is None
    assert not OBSERVER.bidirectional


def test_words_are_as_likely_as_the_grammar_makes_them():
    sentence = ["The", "keys", "to", "the", "cabinet", "are"]
    expected = [1, 1 / 4, 1 / 4, 1, 2 / 3, 3 / 4, 1]
    assert np.exp(OBSERVER.logprobs([sentence], end=True)[0]) == pytest.approx(expected, rel=1e-5)


def test_batch_order_and_wanted_positions_never_change_a_score():
    shuffled = random.Random(1).sample([*TEXT, (), ("The",), ("The", "keys", "is", "is")], len(TEXT) + 3)
    alone = [GRAMMAR.logprobs(sentence) for sentence in shuffled]
    assert OBSERVER.logprobs(shuffled, end=True) == alone
    wanted = [[position for position in range(len(sentence)) if position % 3 == 1] for sentence in shuffled]
    some = [[scores[position] for position in positions] for scores, positions in zip(alone, wanted, strict=True)]
    assert OBSERVER.logprobs(shuffled, wanted) == some
    with_end = [[*scores, whole[-1]] for scores, whole in zip(some, alone, strict=True)]
    assert OBSERVER.logprobs(shuffled, wanted, end=True) == with_end


def test_a_sentence_that_is_the_beginning_of_another_keeps_its_own_end():
    short, long = ("The", "key", "is"), ("The", "key", "is", "is")
    assert [scores[-1] for scores in OBSERVER.logprobs([long, short], [[], []], end=True)] == [-math.inf, 0]


def test_what_no_analysis_admits_is_impossible():
    assert OBSERVER.logprobs([["The", "keys", "is"]])[0][2] == -math.inf


def test_withheld_words_are_possible_and_looked_up_as_themselves_though_the_vocabulary_lacks_them():
    assert "vault" not in OBSERVER.vocabulary
    scores = OBSERVER.logprobs([["The", "key", "to", "the", "vault", "is"]])[0]
    assert scores[4] == pytest.approx(math.log(1e-6))
    assert scores[5] == pytest.approx(math.log(3 / 4))


def test_the_next_word_is_distributed_as_single_words_are_scored():
    prefixes = [[], ["The"], ["The", "keys"], ["The", "key", "to", "the"], ["The", "key", "is"]]
    distribution = OBSERVER.next_word(prefixes)
    assert np.exp(distribution).sum(axis=1) == pytest.approx(np.ones(5))
    words = OBSERVER.vocabulary.words
    for row, prefix in zip(distribution, prefixes, strict=True):
        known = OBSERVER.logprobs([[*prefix, word] for word in words[3:]], [[len(prefix)]] * len(words[3:]))
        assert row[3:].tolist() == pytest.approx([score for [score] in known])
        assert row[2] == pytest.approx(OBSERVER.logprobs([prefix], [[]], end=True)[0][0])
    assert np.exp(distribution[3, UNK_ID]) == pytest.approx(1e-6)  # "vault"


def test_there_is_no_next_word_after_an_impossible_prefix():
    assert np.all(OBSERVER.next_word([["The", "cabinet"]]) == -np.inf)
