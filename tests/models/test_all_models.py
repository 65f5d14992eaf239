"""What every model promises, whatever its family."""

import itertools
import math
import random
from collections.abc import Callable

import numpy as np
import pytest
import torch
from networks import language_model

from lrd_bench.models.base import WordDistribution
from lrd_bench.models.controls import UniformModel, UnigramModel
from lrd_bench.models.neural import MAX_CELLS
from lrd_bench.models.ngram import NgramModel
from lrd_bench.models.observer import IdealObserver
from lrd_bench.models.recipes import FeedForwardSettings, NgramSettings, RecurrentSettings, TransformerSettings
from lrd_bench.pcfg import Alternative, Pcfg
from lrd_bench.vocabulary import BOS_ID, EOS_ID, build_vocabulary

GRAMMAR = Pcfg(
    start="S",
    rules={
        "S": (Alternative(1, ("the", "key", "PP", "is", "END")), Alternative(2, ("the", "keys", "PP", "are", "END"))),
        "PP": (Alternative(2, ()), Alternative(3, ("near", "the", "NOUN", "PP"))),
        "NOUN": (Alternative(1, ("box",)), Alternative(1, ("boxes",)), Alternative(1, ("old", "NOUN"))),
        "END": (Alternative(1, ("here",)), Alternative(1, ("lost",)), Alternative(1, ("very", "END"))),
    },
)
RNG = random.Random(0)
SENTENCES = [list(GRAMMAR.sample(RNG)) for _ in range(3000)]
VOCABULARY = build_vocabulary(SENTENCES)
SAMPLE = [
    sentence.split()
    for sentence in (
        "the keys near the old box are here",
        "the key is lost",
        "the keys near the box near the old old boxes near the boxes are very very lost",
    )
]
TOLERANCE_NATS = 1e-5


def recurrent(cell: str, layers: int = 1, **others: object) -> WordDistribution:
    return decided(RecurrentSettings(cell=cell, hidden=24, layers=layers, **others))


def decided(settings: object, scale: float = 2) -> WordDistribution:
    """As decided as a trained network: a fresh one hardly prefers any word."""
    network = language_model(settings, VOCABULARY)
    with torch.no_grad():
        for weights in network.parameters():
            weights *= scale
    return network


FAMILIES: dict[str, Callable[[], WordDistribution]] = {
    "elman": lambda: recurrent("elman"),
    "gru": lambda: recurrent("gru"),
    "lstm": lambda: recurrent("lstm"),
    "lstm with two layers": lambda: recurrent("lstm", 2),
    "elman with relu": lambda: decided(
        RecurrentSettings(cell="elman-relu", hidden=24), 1
    ),  # without bounds, 2 would burst
    "minimal gru": lambda: recurrent("min-gru"),
    "minimal gru with two layers": lambda: recurrent("min-gru", 2, residual=True),
    "gru with four layers, residual, tied": lambda: recurrent("gru", 4, residual=True, tied=True),
    "transformer": lambda: decided(TransformerSettings(hidden=24, heads=3)),
    "transformer, tied": lambda: decided(TransformerSettings(hidden=24, layers=1, tied=True)),
    "elman in a window": lambda: recurrent("elman", context=2),
    "gru in a window": lambda: recurrent("gru", context=3),
    "lstm in a window": lambda: recurrent("lstm", context=4),
    "lstm with two layers in a window": lambda: recurrent("lstm", 2, context=3),
    "feedforward": lambda: decided(FeedForwardSettings(context=3, hidden=24)),
    "ngram": lambda: NgramModel.estimate(SENTENCES, VOCABULARY, NgramSettings(order=4)),
    "uniform": lambda: UniformModel(VOCABULARY),
    "unigram": lambda: UnigramModel.estimate(SENTENCES, VOCABULARY),
    "ideal-observer": lambda: IdealObserver(GRAMMAR, VOCABULARY),
}


IN_A_WINDOW = [name for name in FAMILIES if name.endswith("in a window")]
SEE_A_WINDOW = [*IN_A_WINDOW, "feedforward", "ngram", "uniform", "unigram"]
SEE_EVERYTHING = [name for name in FAMILIES if name not in SEE_A_WINDOW]


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest) -> WordDistribution:
    return FAMILIES[request.param]()


def test_the_next_word_s_probabilities_sum_to_one(model: WordDistribution) -> None:
    prefixes = [sentence[:length] for sentence in SAMPLE for length in range(len(sentence) + 1)]
    probabilities = np.exp(model.next_word(prefixes))
    assert probabilities.shape == (len(prefixes), len(VOCABULARY))
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_boundary_symbol_is_never_predicted(model: WordDistribution) -> None:
    assert model.next_word([(), ("the",)])[:, BOS_ID].tolist() == [-math.inf, -math.inf]


def test_scores_are_read_from_the_next_word_s_distribution(model: WordDistribution) -> None:
    for sentence, scores in zip(SAMPLE, model.logprobs(SAMPLE, end=True), strict=True):
        rows = model.next_word([sentence[:position] for position in range(len(sentence) + 1)])
        targets = [*VOCABULARY.encode(sentence), EOS_ID]
        assert scores == pytest.approx([rows[i, target] for i, target in enumerate(targets)], abs=TOLERANCE_NATS)


def test_a_batch_never_changes_a_score(model: WordDistribution) -> None:
    distinct = {tuple(sentence) for sentence in SENTENCES}
    assert sum(len(sentence) + 1 for sentence in distinct) > MAX_CELLS, "one batch would hold them all"
    together = model.logprobs(SENTENCES, end=True)
    for sentence, scores in zip(SENTENCES[:300], together, strict=False):
        assert scores == pytest.approx(model.logprobs([sentence], end=True)[0], abs=TOLERANCE_NATS)


def test_the_order_of_sentences_never_changes_a_score(model: WordDistribution) -> None:
    forwards, backwards = model.logprobs(SAMPLE), model.logprobs(SAMPLE[::-1])
    for one, other in zip(forwards, backwards[::-1], strict=True):
        assert one == pytest.approx(other, abs=TOLERANCE_NATS)


def test_a_later_word_never_changes_an_earlier_score(model: WordDistribution) -> None:
    for sentence in SAMPLE:
        for length in range(1, len(sentence)):
            whole, beginning = model.logprobs([sentence, [*sentence[:length], "box"]])
            assert whole[:length] == pytest.approx(beginning[:length], abs=TOLERANCE_NATS)


def test_wanted_positions_get_the_scores_they_have_among_all(model: WordDistribution) -> None:
    wanted = [[2, 5], [], [0, 3, 16]]
    everything = model.logprobs(SAMPLE, end=True)
    for end in (False, True):
        chosen = model.logprobs(SAMPLE, wanted, end)
        for positions, some, scores in zip(wanted, chosen, everything, strict=True):
            expected = [scores[position] for position in positions] + scores[-1:] * end
            assert some == pytest.approx(expected, abs=TOLERANCE_NATS)


def test_nothing_asked_is_nothing_answered(model: WordDistribution) -> None:
    assert model.logprobs([]) == []
    assert model.logprobs([[], ["the"]], [[], []]) == [[], []]
    assert [len(scores) for scores in model.logprobs([[]], end=True)] == [1]


def test_a_string_is_no_sentence(model: WordDistribution) -> None:
    with pytest.raises(TypeError, match=r"'the boxes' is a string\. Split it"):
        model.logprobs(["the boxes"])


def test_positions_that_are_not_there_are_refused(model: WordDistribution) -> None:
    for wanted in ([[-1]], [[2]], [[0, 5]], [[0], [0]], []):
        with pytest.raises(ValueError, match="wanted positions"):
            model.logprobs([["the", "key"]], wanted)


def test_scores_are_python_floats(model: WordDistribution) -> None:
    assert {type(score) for score in itertools.chain(*model.logprobs(SAMPLE, end=True))} == {float}


@pytest.mark.parametrize("family", SEE_A_WINDOW)
def test_what_lies_outside_the_window_never_matters(family: str) -> None:
    model = FAMILIES[family]()
    assert model.context is not None
    ending = ["the", "old", "boxes", "are", "very", "lost"][: model.context + 1]
    one, other = model.logprobs([["the", "key", "near", *ending], ["the", "keys", "near", *ending]])
    assert one[-1] == other[-1]


@pytest.mark.parametrize("family", SEE_EVERYTHING)
def test_what_lies_far_back_matters_to_a_model_that_sees_everything(family: str) -> None:
    model = FAMILIES[family]()
    assert model.context is None
    near = ["near", "the", "old", "box"]
    one, other = model.logprobs([["the", "key", *near, "are"], ["the", "keys", *near, "are"]])
    assert abs(one[-1] - other[-1]) > 10 * TOLERANCE_NATS


@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "ideal-observer"])
def test_unknown_words_are_scored_as_the_unknown_word(family: str) -> None:
    model = FAMILIES[family]()
    one, other = model.logprobs([["the", "wombat", "is"], ["the", "aardvark", "is"]])
    assert one == pytest.approx(other, abs=TOLERANCE_NATS)
    assert all(math.isfinite(score) for score in one)
