"""Metrics other than the sum, worked out by hand over words of known surprisal."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest
from score_doubles import AGREEMENT, DOUBLE, HEADLINE, WHOLE, Double, Opened, Window, suite, twins
from typer.testing import CliRunner

from lrd_bench.cli import app
from lrd_bench.errors import LrdBenchError
from lrd_bench.formula import parse_formula
from lrd_bench.items import Item, Sentence, Span
from lrd_bench.report.theorem import certificate_of
from lrd_bench.score import score_items, score_suite
from lrd_bench.score.metrics import METRICS
from lrd_bench.suite_files import write_suite

OTHERS = [metric for metric in METRICS if metric != "sum"]
BITS = {"the": 1.0, "key": 4.0, "keys": 6.0, "is": 2.0, "are": 3.0, "impossible": math.inf}


@dataclass
class ByWord(Double):
    """Every word has its own surprisal."""

    context: int | None = 0
    bits: dict[str, float] = field(default_factory=lambda: BITS)

    def word(self, before, word):
        return -self.bits[word] * math.log(2)


def item(**texts: str) -> Item:
    """Sentences that are one region, `all`, and have an empty one, `none`."""
    sentences = {
        name: Sentence(tokens=tuple(text.split()), regions={"all": Span(0, len(text.split())), "none": Span(1, 1)})
        for name, text in texts.items()
    }
    return Item(id="1", sentences=sentences)


def score(metric: str, *predictions: str, model=None, **texts: str) -> pd.DataFrame:
    asked = replace(suite(item(**texts), predictions=predictions), metric=metric)
    return score_suite(Opened(model or ByWord()), asked)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("sum", 1 + 4 + 3 + 1),
        ("mean", 9 / 4),
        ("per-character", 9 / (3 + 3 + 3 + 3)),
        ("median", 2),  # of 1, 1, 3, 4
        ("range", 3),
        ("max", 4),
        ("min", 1),
    ],
)
def test_a_region_s_number_is_what_the_metric_makes_of_its_words(metric, value):
    outcomes = score(metric, "(all;%so%) > 0", "(*;%so%) > 0", "(all;%so%) + (all;%so%) < 99", so="the key are the")
    assert outcomes["margin_bits"].tolist() == pytest.approx([value, value, 99 - 2 * value])


@pytest.mark.parametrize(
    ("metric", "margin"),
    [
        # the keys are (1, 6, 3: 10 bits, 10 characters) against is (2 bits, 2 characters)
        ("sum", 2 - 10),
        ("mean", 2 - 10 / 3),
        ("per-character", 2 / 2 - 10 / 10),
        ("median", 2 - 3),
        ("range", 0 - 5),
        ("max", 2 - 6),
        ("min", 2 - 1),
    ],
)
def test_regions_of_unequal_length_are_compared_by_the_metric(metric, margin):
    outcomes = score(metric, "(all;%long%) < (all;%short%)", long="the keys are", short="is")
    assert outcomes["margin_bits"].tolist() == pytest.approx([margin])


def test_metrics_have_the_names_that_syntaxgym_gives_them_and_one_more():
    assert set(METRICS) == {"sum", "mean", "median", "range", "max", "min", "per-character"}


@pytest.mark.parametrize("metric", OTHERS)
def test_of_an_empty_region_there_is_a_sum_only(metric):
    empty = ("(none;%so%) = 0", "(none;%so%) < (all;%so%)")
    assert score("sum", *empty, so="the key")["correct"].tolist() == [1, 1]
    outcomes = score(metric, *empty, so="the key")
    assert outcomes["correct"].isna().all()
    assert set(outcomes["reason"]) == {f"region 'none' of 'so' has no words, and so no {metric}"}


@pytest.mark.parametrize("metric", METRICS)
def test_what_both_sides_have_alike_cancels_whatever_the_metric(metric):
    model = ByWord(bits=BITS | {"the": math.inf, "key": math.nan})
    outcomes = score(metric, "(all;%so%) < (all;%too%)", model=model, so="the key", too="the key")
    assert outcomes["margin_bits"].tolist() == [0]


@pytest.mark.parametrize(
    ("metric", "reason"),
    [("max", "surprisal is infinite on both sides"), ("range", "the model gives no number (NaN)")],
)
def test_infinities_that_cannot_be_compared_leave_an_item_unscored(metric, reason):
    texts = {"so": "impossible impossible", "too": "impossible impossible impossible"}
    outcomes = score(metric, "(all;%so%) < (all;%too%)", **texts)
    assert outcomes["reason"].tolist() == [reason]


@pytest.mark.parametrize("metric", METRICS)
def test_a_model_that_cannot_see_the_cue_gets_exactly_half_of_its_critical_words_by_any_metric(metric):
    outcomes = score_suite(Opened(Window(context=2)), replace(AGREEMENT, metric=metric, predictions=(HEADLINE, DOUBLE)))
    single, double = (outcomes[outcomes["prediction"] == text].set_index("pair") for text in (HEADLINE, DOUBLE))
    for pair in set(single.index):
        one, other = single.loc[pair, "margin_bits"]
        assert one == -other  # to the last bit
        assert (one == 0) == (metric == "range")  # of a single word
    assert set(double["margin_bits"]) == {0.0}


def test_by_whole_sentence_the_theorem_speaks_of_sums_only():
    # the key near it is rusty now: 22 characters, 11 bits; each s is a character, keys are 2 bits more, are 1 bit.
    blind = replace(suite(*twins("p", "near it"), predictions=[WHOLE]), metric="per-character")
    bits = {
        "the": 1.0,
        "key": 4.0,
        "keys": 6.0,
        "near": 1.0,
        "it": 1.0,
        "is": 2.0,
        "are": 3.0,
        "rusty": 1.0,
        "now": 1.0,
    }
    one, other = score_suite(Opened(ByWord(bits=bits)), blind)["margin_bits"]
    assert one == pytest.approx(12 / 23 - 11 / 22)
    assert other == pytest.approx(13 / 23 - 14 / 24)
    assert one != -other
    assert certificate_of(parse_formula(WHOLE)) == "pair"
    for metric in OTHERS:
        assert certificate_of(parse_formula(WHOLE), metric) is None
        assert certificate_of(parse_formula(HEADLINE), metric) == "pair"
        assert certificate_of(parse_formula(DOUBLE), metric) == "item"


def test_the_signature_names_the_metric_and_none_where_it_is_the_sum():
    runs = {metric: score(metric, "(all;%so%) > 0", so="the key")["run"][0] for metric in METRICS}
    for metric in OTHERS:
        assert runs[metric] == runs["sum"].replace("|method:lm|", f"|method:lm|metric:{metric}|")
    assert "metric" not in runs["sum"]


def test_an_unknown_metric_is_refused_with_those_there_are():
    with pytest.raises(LrdBenchError, match=r"agreement-pp: unknown metric 'men'\. Did you mean 'mean'\?"):
        score("men", "(all;%so%) > 0", so="the key")


class Judging:
    """Finds everything acceptable."""

    labels = ("acceptable", "unacceptable")
    context = None
    vocabulary = None

    def scores(self, sentences):
        return np.zeros((len(sentences), 2))


MODEL = """
import math
from lrd_bench.models.base import LanguageModel


class ByLength(LanguageModel):
    context = 0

    def logprobs(self, sentences, wanted=None, end=False):
        return [[-math.log(2) * len(words[place]) for place in places] for words, places in zip(sentences, wanted)]
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Items, and a model that finds a word of n letters surprising by n bits."""
    (tmp_path / "letters.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    write_suite(
        suite(item(long="the keys", short="is"), predictions=["(all;%long%) > (all;%short%)"]), tmp_path / "items.jsonl"
    )
    return tmp_path


def test_a_metric_that_is_asked_for_takes_the_place_of_the_suite_s_own(here):
    model = "python:letters:ByLength"
    plain = score_items(model, ["items.jsonl"], out=here / "plain.parquet")
    mean = score_items(model, ["items.jsonl"], metric="mean", out=here / "mean.parquet")
    assert [plain["margin_bits"][0], mean["margin_bits"][0]] == pytest.approx([7 - 2, 7 / 2 - 2])
    with pytest.raises(LrdBenchError, match="made from other inputs"):
        score_items(model, ["items.jsonl"], metric="per-character", out=here / "mean.parquet")
    with pytest.raises(LrdBenchError, match="--metric: unknown metric 'average'"):
        score_items(model, ["items.jsonl"], metric="average")


@pytest.mark.parametrize("metric", ["sum", "mean", "max"])
def test_the_table_of_surprisals_has_sums_whatever_the_metric(here, metric):
    score_items("python:letters:ByLength", ["items.jsonl"], metric=metric, surprisals=here / "s.csv")
    table = pd.read_csv(here / "s.csv").set_index(["condition", "region"])["surprisal_bits"]
    assert table["long", "all"] == table["long", "*"] == pytest.approx(7)


def test_the_command_takes_a_metric(here):
    result = CliRunner().invoke(app, ["score", "python:letters:ByLength", "items.jsonl", "--metric", "mean"])
    assert result.exit_code == 0, result.output
    assert "|metric:mean|" in result.output
    assert pd.read_parquet(here / "runs/letters.ByLength/outcomes.parquet")["margin_bits"].tolist() == [1.5]


def test_a_judge_has_no_surprisals_to_make_anything_of(here, monkeypatch):
    judge = Judging()
    monkeypatch.setattr("lrd_bench.models.opening.open_model", lambda *_: Opened(judge))
    with pytest.raises(LrdBenchError, match=r"mine: is a judge, and gives words no surprisal\. Leave out --metric"):
        score_items("mine", ["items.jsonl"], metric="mean")
