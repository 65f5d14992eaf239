"""What is said of a labeller, for one whose answers are known."""

import json
import math

import numpy as np
import pytest
import torch
from networks import make_network

from lrd_bench.models.folder import read_model
from lrd_bench.models.labeller import Labeller
from lrd_bench.models.recipes import BidirectionalSettings, FeedForwardSettings, RecurrentSettings
from lrd_bench.train import train_model
from lrd_bench.train.judging import judge_labels
from lrd_bench.train.labelled import open_labelled
from lrd_bench.vocabulary import build_vocabulary

# Right label, and the one that the double gives: the first word.
NUMBERS = [("plural", "plural"), ("plural", "plural"), ("plural", "singular"), ("singular", "plural")]
SURE = math.log(0.8)


class FirstWord(Labeller):
    """Gives, with probability 0.8, the label that the word is (that a sentence's first word is)."""

    def __init__(self, labels, every_word):
        torch.nn.Module.__init__(self)
        self.labels, self.every_word = tuple(labels), every_word

    def scores(self, sentences):
        return np.array([self.row(words[0]) for words in sentences])

    def word_scores(self, sentences):
        return [self.scores([[word] for word in words]) for words in sentences]

    def row(self, word):
        unsure = math.log(0.2 / (len(self.labels) - 1))
        return [SURE if label == word else unsure for label in self.labels]


@pytest.fixture
def corpus(tmp_path):
    """Labelled sentences that the double labels as given."""

    def make(lines, every_word):
        for split in ("train", "valid", "test"):
            (tmp_path / f"{split}.tsv").write_text("".join(f"{line}\n" for line in lines))
        return open_labelled(tmp_path, every_word=every_word)

    return make


def test_accuracy_confusion_and_what_always_the_commonest_label_earns(corpus):
    labelled = corpus([f"{right}\t{given} word" for right, given in NUMBERS], every_word=False)
    found = judge_labels(FirstWord(labelled.labels, False), labelled, "test")
    assert (found.split, found.number, found.accuracy) == ("test", 4, 0.5)
    assert (found.majority, found.majority_accuracy) == ("plural", 0.75)
    assert found.confusion == {"plural": {"plural": 2, "singular": 1}, "singular": {"plural": 1, "singular": 0}}
    assert found.loss_nats == pytest.approx(-(2 * SURE + 2 * math.log(0.2)) / 4)


def test_of_word_labels_every_word_is_an_answer(corpus):
    labelled = corpus(["a b b\ta a b", "c\tb"], every_word=True)
    found = judge_labels(FirstWord(labelled.labels, True), labelled, "valid")
    assert (found.number, found.accuracy, found.majority, found.majority_accuracy) == (4, 0.5, "b", 0.5)
    assert found.confusion == {
        "a": {"a": 1, "b": 0, "c": 0},
        "b": {"a": 1, "b": 1, "c": 0},
        "c": {"a": 0, "b": 1, "c": 0},
    }


def test_a_chunk_does_not_end_the_split(corpus, monkeypatch):
    monkeypatch.setattr("lrd_bench.train.judging.EXAMPLES_AT_ONCE", 3)
    labelled = corpus([f"{right}\t{given}" for right, given in NUMBERS], every_word=False)
    assert judge_labels(FirstWord(labelled.labels, False), labelled, "test").number == 4


SETTINGS = {
    "recurrent": RecurrentSettings(cell="lstm", hidden=6, dropout=0),
    "a window": FeedForwardSettings(context=2, embedding=4, hidden=6, dropout=0),
    "from both ends": BidirectionalSettings(hidden=6, dropout=0),
}
SENTENCES = [("the", "key"), ("the", "old", "keys"), ("keys",), ("the", "old", "old", "unheard-of", "key", "the")]


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_the_label_of_a_sentence_does_not_depend_on_those_beside_it(settings):
    network = make_network(settings, build_vocabulary(SENTENCES), task="classification", labels=("a", "b", "c"))
    together = network.scores(SENTENCES)
    assert np.exp(together).sum(axis=1) == pytest.approx(1, abs=1e-6)
    for row, sentence in zip(together, SENTENCES, strict=True):
        assert row == pytest.approx(network.scores([sentence])[0], abs=1e-5)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_a_tagger_asked_for_a_sentence_gives_the_label_of_its_last_word(settings):
    network = make_network(settings, build_vocabulary(SENTENCES), task="tagging", labels=("a", "b", "c"))
    words = network.word_scores(SENTENCES)
    assert [rows.shape for rows in words] == [(len(sentence), 3) for sentence in SENTENCES]
    for rows, last in zip(words, network.scores(SENTENCES), strict=True):
        assert rows[-1] == pytest.approx(last, abs=1e-5)


@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_a_labeller_read_back_gives_the_labels_that_it_was_trained_with(tmp_path, task):
    # The commonest label is the last of the alphabet, and the words tell the labels apart.
    pairs = [("zebra", "stripes"), ("ant", "legs"), ("zebra", "mane"), ("mole", "earth"), ("zebra", "hoof")]
    for split in ("train", "valid", "test"):
        (tmp_path / f"{split}.tsv").write_text("".join(f"{label}\t{word}\n" for label, word in pairs) * 20)
    (tmp_path / "mine.toml").write_text(
        f'family = "feedforward"\ntask = "{task}"\n[model]\ncontext = 1\nembedding = 8\nhidden = 16\n'
        "[train]\nlearning_rate = 0.02\nmax_epochs = 20\n"
    )
    folder = train_model(str(tmp_path / "mine.toml"), tmp_path, out=tmp_path / "model")
    labels = json.loads((folder / "metrics.json").read_text())["labels"]
    assert (labels["accuracy"], labels["majority"], labels["majority_accuracy"]) == (1, "zebra", 0.6)
    _, model = read_model(folder)
    assert model.labels == ("ant", "mole", "zebra")
    given = model.scores([[word] for _, word in pairs]).argmax(axis=1)
    assert [model.labels[number] for number in given] == [label for label, _ in pairs]
