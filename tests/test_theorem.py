"""The theorem on real suites and real models: who cannot see the cue scores exactly one half. docs/method.md proves it.

And the controls, whose scores are known without training anything: a suite on which they do not get them is broken.
"""

import math
from dataclasses import dataclass, replace

import pytest
import torch
from networks import language_model

from lrd_bench.catalogue import names
from lrd_bench.corpus import open_corpus
from lrd_bench.formula import names_twin, parse_formula
from lrd_bench.generate import generate_suite, generate_text
from lrd_bench.generate.splits import read_split
from lrd_bench.items import Suite
from lrd_bench.models.base import LanguageModel
from lrd_bench.models.opening import OpenedModel, open_model
from lrd_bench.models.recipes import RecurrentSettings
from lrd_bench.score import score_suite
from lrd_bench.suite_files import read_suite
from lrd_bench.train import train_model
from lrd_bench.vocabulary import build_vocabulary, read_vocabulary

CRITICAL = "(critical;%good%) < (critical;%bad%)"
WHOLE = "(*;%good%) < (*;%bad%)"
DOUBLE = "(critical;%good%) + (critical;%twin.good%) < (critical;%bad%) + (critical;%twin.bad%)"
PREDICTIONS = (CRITICAL, WHOLE, DOUBLE, DOUBLE.replace("critical", "*"))

NGRAM = 'family = "ngram"\n[model]\norder = {}\n'
FEED_FORWARD = 'family = "feedforward"\n[model]\ncontext = {}\nembedding = 16\nhidden = 16\n[train]\nmax_epochs = 1\n'
LSTM = 'family = "recurrent"\n[model]\ncell = "lstm"\ncontext = {}\nhidden = 16\n[train]\nmax_epochs = 1\n'
WINDOWS = {
    "bigram": NGRAM.format(2),
    "trigram": NGRAM.format(3),
    "5-gram": NGRAM.format(5),
    "feed-forward-3": FEED_FORWARD.format(3),
    "feed-forward-9": FEED_FORWARD.format(9),
    "lstm-4": LSTM.format(4),
}
FOREIGN = [
    "agreement-german",
    "event-reason",
    "event-sentence-before",
    "selection-object-verb",
    "selection-verb-object",
]
"""Suites of whose sentences the training text has none."""
OF_THE_TEXT = [name for name in names("suite") if name not in FOREIGN]
ITEMS = {"agreement-pp": 900, "agreement-padding": 400}
"""Of suites whose scores are looked at one by one: several blocks, each of other candidates."""
SEEN_WORDS = {"bigram": 1, "trigram": 2, "5-gram": 4, "feed-forward-3": 3, "feed-forward-9": 9, "lstm-4": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("theorem")


@pytest.fixture(scope="module")
def text(folder):
    return generate_text("english-small", sentences=3000, out=folder / "text")


@pytest.fixture(scope="module")
def suites(folder, text):
    """Each shipped suite, a block of it at least; over words of the text, if the text has such sentences at all."""
    known = folder / "known.tsv"
    build_vocabulary(open_corpus(text).sentences("train")).write(known)
    made = {}
    for name in names("suite"):
        settings = {} if name in FOREIGN else {"vocabulary": known, "min_count": 2}
        made[name] = generate_suite(name, out=folder / f"{name}.jsonl", items=ITEMS.get(name, 100), **settings)
    return {name: read_suite(each.path) for name, each in made.items()}


@pytest.fixture(scope="module")
def vocabulary(folder, text, suites):
    """The words of the text, and of the suites that have others."""
    others = [
        item.sentences[good].tokens for name in FOREIGN for item in suites[name].items for good in ("good", "bad")
    ]
    build_vocabulary([*open_corpus(text).sentences("train"), *others]).write(folder / "vocabulary.tsv")
    return folder / "vocabulary.tsv"


@pytest.fixture(scope="module")
def trained(folder, text, vocabulary):
    """Models by name, trained when first asked for."""
    opened: dict[str, OpenedModel] = {}

    def train(name):
        if name not in opened:
            recipe = name
            if name in WINDOWS:
                recipe = str(folder / f"{name}.toml")
                (folder / f"{name}.toml").write_text(WINDOWS[name])
            out = train_model(recipe, text, out=folder / "models" / name, vocabulary=vocabulary, device="cpu")
            opened[name] = open_model(str(out), "cpu")
        return opened[name]

    return train


@pytest.fixture(scope="module")
def split():
    return read_split("english-small")


def good_sentences(suite):
    return [item.sentences["good"] for item in suite.items]


def outcomes_of(opened, suite, predictions=PREDICTIONS):
    """For each prediction, for each pair its two rows: (prediction, [(item, row, twin's row)])."""
    frame = score_suite(opened, replace(suite, predictions=predictions))
    for prediction, rows in frame.groupby("prediction", sort=False):
        by_item = rows.set_index("item").to_dict("index")
        yield prediction, [(item, by_item[item.id], by_item[suite.twins[item.id].id]) for item in suite.items]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", [name for name in names("suite") if name != "agreement-simple"])  # any window sees it
def test_a_window_that_cannot_see_the_cue_scores_exactly_one_half_of_every_pair(window, name, suites, trained):
    suite, model = suites[name], trained(window)
    assert model.model.context == SEEN_WORDS[window]
    blind = 0
    for prediction, pairs in outcomes_of(model, suite):
        for item, row, twin in pairs:
            if suite.needed_context(item) <= model.model.context:
                continue
            blind += 1
            assert row["correct"] + twin["correct"] == 1
            assert row["margin_bits"] == -twin["margin_bits"]  # to the last bit
            if names_twin(parse_formula(prediction)):
                assert row["margin_bits"] == 0.0
                assert row["correct"] == 0.5
    assert blind >= len(suite.items)


@pytest.mark.parametrize("window", ["5-gram", "feed-forward-9", "lstm-4"])
def test_a_blind_model_is_blind_to_the_cue_alone_and_gives_no_trivial_scores(window, suites, trained):
    suite = suites["agreement-pp"]
    [(_, pairs)] = outcomes_of(trained(window), suite, (CRITICAL,))
    blind = [row["margin_bits"] for item, row, _ in pairs if item.distance > SEEN_WORDS[window]]
    assert sum(margin != 0.0 for margin in blind) > len(blind) // 2
    # The nouns of a block come again in all its cells: a short window tells what is near, and the candidates.
    assert len(set(blind)) > 2 * len({item.group for item in suite.items})


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_that_reaches_the_cue_is_not_bound_to_one_half(window, suites, trained):
    suite = suites["agreement-padding"]
    [(_, pairs)] = outcomes_of(trained(window), suite, (CRITICAL,))
    seeing = [(row, twin) for item, row, twin in pairs if item.distance <= SEEN_WORDS[window]]
    # Not every pair: an n-gram model that has never seen the cue there backs off to what does not tell the twins apart.
    assert any(row["margin_bits"] != -twin["margin_bits"] for row, twin in seeing)


@dataclass
class Window(LanguageModel):
    """Knows the right answers by heart, with as many words before them as it sees."""

    suite: Suite
    context: int

    def logprobs(self, sentences, wanted=None, end=False):
        known = set()
        for item in self.suite.items:
            good = item.sentences["good"]
            known.add(self.seen(good.tokens, good.regions["critical"].start))
        positions = wanted if wanted is not None else [range(len(words)) for words in sentences]
        return [
            [math.log(0.9 if self.seen(words, place) in known else 0.1) for place in places]
            for words, places in zip(sentences, positions, strict=True)
        ]

    def seen(self, words, place):
        return ("<s>",) * (self.context - place) + tuple(words[max(0, place - self.context) : place + 1])


def opened(model, name="double"):
    return OpenedModel(name=name, digest="0" * 64, seed=None, model=model)


@pytest.mark.parametrize("name", names("suite"))
def test_a_model_that_sees_the_needed_context_can_be_always_right_and_one_that_sees_a_word_less_cannot(name, suites):
    whole = suites[name]
    for distance in sorted({item.distance for item in whole.items}):
        suite = replace(whole, items=tuple(item for item in whole.items if item.distance == distance))
        for prediction, pairs in outcomes_of(opened(Window(suite, distance)), suite):
            assert {row["correct"] for _, row, _ in pairs} == {1.0}, prediction
        for prediction, pairs in outcomes_of(opened(Window(suite, distance - 1)), suite):
            assert {row["margin_bits"] for _, row, _ in pairs} == {0.0}, prediction


@pytest.fixture(scope="module")
def words(vocabulary):
    return read_vocabulary(vocabulary)


def random_lstm(context, words):
    """An LSTM in a window, untrained, with forget gates wide open: what it reads it keeps, however long the window."""
    model = language_model(RecurrentSettings(cell="lstm", context=context, hidden=16), words, seed=context)
    with torch.no_grad():
        model.encoder.layers[0].bias_ih_l0[16:32] = 10
    return opened(model, "random")


@pytest.mark.parametrize("name", names("suite"))
def test_an_untrained_lstm_with_one_word_too_few_is_exactly_half_right_and_with_that_word_it_need_not_be(
    name, suites, words
):
    whole = suites[name]
    for needed in sorted({whole.needed_context(item) for item in whole.items} - {1}):
        suite = replace(whole, items=tuple(item for item in whole.items if whole.needed_context(item) == needed))
        for prediction, pairs in outcomes_of(random_lstm(needed - 1, words), suite):
            assert all(row["correct"] + twin["correct"] == 1 for _, row, twin in pairs), prediction
            assert all(row["margin_bits"] == -twin["margin_bits"] for _, row, twin in pairs), prediction
        for prediction, pairs in outcomes_of(random_lstm(needed, words), suite):
            told_apart = [row["margin_bits"] != -twin["margin_bits"] for _, row, twin in pairs]
            assert sum(told_apart) > 0.9 * len(pairs), (prediction, needed)


@dataclass
class Oracle(LanguageModel):
    """Prefers what begins a good sentence (`right`), or what does not."""

    suite: Suite
    right: bool

    def logprobs(self, sentences, wanted=None, end=False):
        known = {
            sentence.tokens[:length]
            for item in self.suite.items
            for sentence in [item.sentences["good"]]
            for length in range(len(sentence.tokens) + 1)
        }
        return [
            [math.log(0.9 if (tuple(words[: place + 1]) in known) == self.right else 0.1) for place in places]
            for words, places in zip(sentences, wanted, strict=True)
        ]


@pytest.mark.parametrize("name", names("suite"))
@pytest.mark.parametrize(("right", "expected"), [(True, 1.0), (False, 0.0)], ids=["oracle", "contrarian"])
def test_who_knows_is_always_right_and_who_contradicts_always_wrong(right, expected, name, suites):
    for prediction, pairs in outcomes_of(opened(Oracle(suites[name], right)), suites[name]):
        assert {row["correct"] for _, row, _ in pairs} == {expected}, prediction


@pytest.mark.parametrize("name", names("suite"))
def test_the_uniform_model_is_at_one_half_by_ties(name, suites, trained):
    for _, pairs in outcomes_of(trained("uniform"), suites[name]):
        assert {row["correct"] for _, row, _ in pairs} == {0.5}


@pytest.mark.parametrize("name", OF_THE_TEXT)
def test_the_unigram_model_is_at_one_half_by_being_right_as_often_as_wrong(name, suites, trained):
    counts = suites[name].source["answer_counts"]
    for prediction, pairs in outcomes_of(trained("unigram"), suites[name]):
        for item, row, twin in pairs:
            good, bad = (
                counts[sentence.tokens[sentence.regions["critical"].start]] for sentence in item.sentences.values()
            )
            tie = good == bad or names_twin(parse_formula(prediction))
            assert sorted([row["correct"], twin["correct"]]) == ([0.5, 0.5] if tie else [0.0, 1.0])


@pytest.mark.parametrize("name", OF_THE_TEXT)
def test_the_ideal_observer_is_always_right_on_what_the_text_withholds_too(name, suites, trained, split):
    suite = suites[name]
    beginnings = [sentence.tokens[: sentence.regions["critical"].stop] for sentence in good_sentences(suite)]
    assert all("frame" in split.seen(beginning) for beginning in beginnings[::5])
    for _, pairs in outcomes_of(trained("ideal-observer"), suite):
        assert {row["correct"] for _, row, _ in pairs} == {1.0}
