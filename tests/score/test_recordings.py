"""Surprisals that were computed elsewhere: what is made of them, and what is not."""

import math
from dataclasses import dataclass, replace
from io import StringIO

import pandas as pd
import pytest
from score_doubles import AGREEMENT, DOUBLE, HEADLINE, WHOLE, Double, Opened, sentence, suite, twins
from typer.testing import CliRunner

from lrd_bench.cli import app
from lrd_bench.errors import LrdBenchError
from lrd_bench.formats import read_stimuli, read_syntaxgym
from lrd_bench.items import Item, Sentence, Span
from lrd_bench.models.recorded import read_recorded
from lrd_bench.outcomes import read_outcomes
from lrd_bench.report import write_report
from lrd_bench.score import score_items, score_suite
from lrd_bench.suite_files import write_suite
from lrd_bench.vocabulary import build_vocabulary

PAIR = suite(*twins("p", "here"), predictions=[HEADLINE, WHOLE])
"""the key here is rusty now, and its like."""


@dataclass
class Somehow(Double):
    """An arbitrary surprisal for each word, given all before it; after some words no number, or an infinite one."""

    def word(self, before, word):
        if "clerks" in before and word == "are":
            return math.nan
        if "clerk" in before and word == "are":
            return -math.inf
        return -7 * abs(math.sin(len(before) * 7 + sum(map(ord, "".join((*before, word))))))


def recorded(tmp_path, text: str, name="gpt.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return Opened(read_recorded(tmp_path / name), name="gpt")


def score(tmp_path, text: str, asked=PAIR, name="gpt.csv") -> pd.DataFrame:
    return score_suite(recorded(tmp_path, text, name), asked)


def per_word(bits: dict[str, float], asked=PAIR, **columns: object) -> str:
    """A row for each word of each sentence: its bits, or 1."""
    rows = [
        {"item": item.id, "condition": condition, "position": place, "token": word, "surprisal": bits.get(word, 1.0)}
        | columns
        for item in asked.items
        for condition, each in item.sentences.items()
        for place, word in enumerate(each.tokens)
    ]
    return pd.DataFrame(rows).to_csv(index=False)


REGIONS = """item,condition,region,surprisal_bits
p-key,good,critical,2
p-key,bad,critical,5.5
p-keys,good,critical,3
p-keys,bad,critical,2.5
p-key,good,*,20
p-key,bad,*,21
p-keys,good,*,22
p-keys,bad,*,22
"""


def test_predictions_are_worked_out_over_regions(tmp_path):
    outcomes = score(tmp_path, REGIONS, replace(PAIR, predictions=(HEADLINE, WHOLE, DOUBLE)))
    assert outcomes["margin_bits"].tolist() == pytest.approx([3.5, -0.5, 1, 0, 3, 3])
    assert outcomes["correct"].tolist() == [1, 0, 1, 0.5, 1, 1]
    assert outcomes["context"].isna().all()
    assert set(outcomes["method"]) == {"lm"}


def test_regions_and_sentences_are_added_up_from_words(tmp_path):
    outcomes = score(tmp_path, per_word({"is": 2, "are": 5.5, "key": 9, "rusty": 4}))
    assert outcomes["margin_bits"].tolist() == pytest.approx([3.5, -3.5, 3.5, -3.5])


@pytest.mark.parametrize(
    ("metric", "margin"), [("mean", 3.5 / 6), ("per-character", 22.5 / 21 - 19 / 20), ("median", 0), ("max", 0)]
)
def test_metrics_are_taken_of_words(tmp_path, metric, margin):
    # the key here is rusty now: bits 1 9 1 2 1 5, of 3 3 4 2 5 3 characters
    asked = replace(PAIR, metric=metric, predictions=(WHOLE,))
    outcomes = score(tmp_path, per_word({"is": 2, "are": 5.5, "key": 9, "now": 5}), asked)
    assert outcomes["margin_bits"][0] == pytest.approx(margin if metric != "median" else (1 + 5) / 2 - (1 + 2) / 2)


def test_means_are_had_from_sums_of_regions_too_and_medians_are_not(tmp_path):
    outcomes = score(tmp_path, REGIONS, replace(PAIR, metric="mean"))
    assert outcomes["margin_bits"].tolist() == pytest.approx([3.5, -0.5, 1 / 6, 0])
    outcomes = score(tmp_path, REGIONS, replace(PAIR, metric="per-character"))
    assert outcomes["margin_bits"][:2].tolist() == pytest.approx([5.5 / 3 - 2 / 2, 2.5 / 2 - 3 / 3])
    with pytest.raises(LrdBenchError, match=r"gpt\.csv: has the sums of regions, and the median takes .* each word"):
        score(tmp_path, REGIONS, replace(PAIR, metric="median"))


def test_what_the_table_lacks_is_unscored_with_the_reason(tmp_path):
    lines = [line for line in REGIONS.splitlines() if line not in ("p-key,bad,critical,5.5", "p-keys,good,*,22")]
    outcomes = score(tmp_path, "\n".join(lines)).set_index(["item", "prediction"])
    own = "gpt.csv has no surprisal of region"
    assert outcomes.loc[("p-key", HEADLINE), "reason"] == f"{own} 'critical' of 'bad'"
    assert outcomes.loc[("p-keys", HEADLINE), "reason"] == f"its twin is unscored: {own} 'critical' of 'bad'"
    assert outcomes.loc[("p-keys", WHOLE), "reason"] == f"{own} '*' of 'good'"
    assert outcomes["correct"].isna().all()


def test_an_item_of_which_the_table_has_nothing_is_unscored(tmp_path):
    alone = [replace(item, pair=None) for item in PAIR.items]
    text = per_word({"are": 2}, suite(alone[0]))
    outcomes = score(tmp_path, text, suite(*alone, predictions=[HEADLINE])).set_index("item")
    assert outcomes["correct"].fillna(-1).to_dict() == {"p-key": 1.0, "p-keys": -1.0}
    assert outcomes.loc["p-keys", "reason"] == "gpt.csv has no surprisal of region 'critical' of 'bad'"


def test_a_cell_without_a_number_is_unscored(tmp_path):
    outcomes = score(tmp_path, REGIONS.replace("critical,5.5", "critical,"))
    assert outcomes["reason"][0] == "gpt.csv has no surprisal of region 'critical' of 'bad'"


def test_infinite_surprisals_decide_and_do_not_meet(tmp_path):
    assert score(tmp_path, REGIONS.replace("5.5", "inf"))["margin_bits"][0] == math.inf
    outcomes = score(tmp_path, REGIONS.replace("critical,2\n", "critical,inf\n").replace("5.5", "inf"))
    assert outcomes["reason"][0] == "surprisal is infinite on both sides"


@pytest.mark.parametrize("column", ["token", "unknown_words"])
def test_words_that_the_model_did_not_know_unscore_as_they_do_elsewhere(tmp_path, column):
    table = pd.read_csv(StringIO(per_word({"are": 2}, unknown_words=0)))
    mark = {"token": "<unk>", "unknown_words": 1}[column]
    table.loc[table["token"] == "keys", column] = mark
    table.loc[table["token"] == "rusty", column] = mark
    outcomes = score(tmp_path, table.to_csv(index=False))
    assert set(outcomes["reason"]) == {"unknown word: keys"}
    table.loc[table["token"].isin(["keys", "<unk>"]) & (table["position"] == 1), ["token", "unknown_words"]] = [None, 0]
    assert score(tmp_path, table.to_csv(index=False))["correct"].notna().all()


def test_unknown_words_of_regions_are_told_by_their_number(tmp_path):
    asked = suite(
        Item(
            id="1",
            sentences={
                name: Sentence(tokens=("so", "they", word), regions={"critical": Span(1, 3), "tail": Span(2, 3)})
                for name, word in (("good", "sleep"), ("bad", "sleeps"))
            },
        ),
        predictions=[HEADLINE, "(tail;%good%) < (tail;%bad%)"],
    )
    rows = "item,condition,region,surprisal,words,unknown_words\n" + "".join(
        f"1,{name},{region},{bits},{words},0\n"
        for name, bits in (("good", 1), ("bad", 2))
        for region, words in (("critical", 2), ("tail", 1))
    )
    assert score(tmp_path, rows, asked)["correct"].tolist() == [1, 1]
    some = rows.replace("bad,critical,2,2,0", "bad,critical,2,2,1")
    assert set(score(tmp_path, some, asked)["reason"]) == {"unknown word: 1 of 'they sleeps'"}
    tail = rows.replace("bad,tail,2,1,0", "bad,tail,2,1,1")
    assert score(tmp_path, tail, asked)["reason"].fillna("").tolist() == ["", "unknown word: sleeps"]


WORDS = "item,condition,position,token,surprisal\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"{WORDS}p-key,good,0,the,1\np-key,good,1,keys,1\n",
            "gpt.csv:3: is of 'keys', and the sentence has 'key' there",
        ),
        (f"{WORDS}p-key,good,0,The,1\n", "gpt.csv:2: is of 'The', and the sentence has 'the' there"),
        (f"{WORDS}p-key,good,6,.,1\n", "gpt.csv:2: is of a word after the last, and the sentence has 6"),
        (f"{WORDS}p-key,good,7,</s>,1\n", "gpt.csv:2: is of a word after the last, and the sentence has 6"),
        (f"{WORDS}p-key,god,0,the,1\n", "gpt.csv:2: item 'p-key': unknown condition 'god'. Did you mean 'good'?"),
        (f"{WORDS}q-key,good,0,the,1\n", "gpt.csv: has no item of agreement-pp. Score the items that it is of"),
        (
            REGIONS.replace("bad,critical", "bad,critcal"),
            "gpt.csv:3: unknown region 'critcal'. Did you mean 'critical'?",
        ),
        ("item,condition,region,words,logprob\np-key,bad,critical,2,-1\n", "gpt.csv:2: is of 2 words, and region"),
        ("sentence_id,token_id,surprisal\n5,1,1\n", "gpt.csv:2: is of sentence 5, and the suite has sentences 1 to 4"),
        (
            "suite,item,condition,region,logprob\nagreement-qq,p-key,bad,critical,-1\n",
            "gpt.csv: unknown suite 'agreement-pp'. Did you mean 'agreement-qq'?",
        ),
    ],
)
def test_a_row_that_is_not_of_the_stimuli_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(LrdBenchError) as error:
        score(tmp_path, text)
    assert message in str(error.value)


def test_the_end_of_a_sentence_may_be_there_and_counts_for_nothing(tmp_path):
    rows = pd.read_csv(StringIO(per_word({"is": 2, "are": 3})))
    ends = rows[rows["position"] == 5].assign(position=6, token="<eos>", surprisal=99)
    assert score(tmp_path, pd.concat([rows, ends]).to_csv(index=False))["margin_bits"].tolist() == [1, -1, 1, -1]


def test_sentences_may_go_by_their_numbers(tmp_path):
    rows = "sentence_id\ttoken_id\ttoken\tsurprisal\n"
    for number, words in enumerate(["the key here is", "the key here are", "the keys here are", "the keys here is"], 1):
        rows += "".join(f"{number}\t{at}\t{word}\t{len(word)}\n" for at, word in enumerate(words.split(), 1))
    outcomes = score(tmp_path, rows, replace(PAIR, predictions=(HEADLINE,)), "grnn.tsv")
    assert outcomes["margin_bits"].tolist() == [1, -1]


# -- By the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def stimuli(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lone = Item(
        id="1",
        sentences={
            "good": sentence("the", "key", "near it", "is"),
            "bad": sentence("the", "key", "near it", "are", "now"),
        },
    )
    odd = twins("odd", "here", cues=("duck", "ducks"))
    write_suite(replace(AGREEMENT, items=(*AGREEMENT.items, *odd)), tmp_path / "agreement-pp.jsonl")
    write_suite(suite(lone, predictions=[HEADLINE, WHOLE], name="lone"), tmp_path / "lone.jsonl")
    return ["agreement-pp.jsonl", "lone.jsonl"]


@pytest.mark.parametrize("metric", [None, "mean", "per-character"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_score_has_written_gives_the_outcomes_that_it_gave(stimuli, tmp_path, monkeypatch, suffix, metric):
    known = [word for item in AGREEMENT.items for s in item.sentences.values() for word in s.tokens]
    double = Opened(Somehow(vocabulary=build_vocabulary([[*known, "duck"]])), name="somehow", seed=4)
    with monkeypatch.context() as patch:
        patch.setattr("lrd_bench.models.opening.open_model", lambda *_: double)
        first = score_items("double", stimuli, metric=metric, surprisals=tmp_path / f"s.{suffix}")
    assert first["reason"].str.partition(":")[0].value_counts().to_dict() == {
        "unknown word": 4,
        "the model gives no number (NaN)": 4,
        "surprisal is infinite on both sides": 2,
    }
    assert first["margin_bits"].abs().max() == math.inf
    again = score_items(f"surprisals:s.{suffix}", stimuli, metric=metric)
    same = ["item", "prediction", "correct", "model", "seed", "method", "suite", "suite_digest", "distance"]
    pd.testing.assert_frame_equal(again[same], first[same])
    margins = (table["margin_bits"].astype(float).tolist() for table in (again, first))
    assert next(margins) == pytest.approx(next(margins), abs=1e-12, nan_ok=True)
    assert all("|model:somehow#" in run for run in again["run"])


def test_a_table_is_scored_and_reported_by_the_command(stimuli, tmp_path):
    (tmp_path / "gpt.tsv").write_text(per_word({"is": 2, "are": 3}, AGREEMENT).replace(",", "\t"))
    result = CliRunner().invoke(app, ["score", "surprisals:gpt.tsv", stimuli[0]])
    assert result.exit_code == 0, result.output
    assert "wrote gpt.outcomes.parquet" in result.output
    outcomes = read_outcomes([tmp_path / "gpt.outcomes.parquet"])
    assert outcomes.groupby("prediction")["correct"].mean().to_dict() == {HEADLINE: 0.5, DOUBLE: 0.5}
    report = write_report([tmp_path / "gpt.outcomes.parquet"], out=None)
    assert "|model:gpt#" in report
    assert "0.500 [" in report  # nobody knows what the model saw, and so the theorem says nothing


def test_a_large_suite_is_looked_up_whole(stimuli, tmp_path, monkeypatch):
    ours = read_stimuli(stimuli[0])
    words = pd.read_csv(StringIO(per_word({"is": 2, "are": 3}, ours)))
    numbers = words.groupby(["item", "condition"], sort=False).ngroup() + 1
    words[["position", "surprisal"]].assign(sentence_id=numbers).to_csv("numbered.csv", index=False)
    words.assign(run=f"suite:agreement-pp@1#{ours.digest[:8]}|model:gpt#0|method:lm|", suite=ours.name).to_csv(
        "keyed.csv"
    )
    at_once = [score_items(f"surprisals:{name}.csv", stimuli[:1]) for name in ("numbered", "keyed")]
    monkeypatch.setattr("lrd_bench.score.stimuli.BLOCK", 2)
    in_blocks = [score_items(f"surprisals:{name}.csv", stimuli[:1]) for name in ("numbered", "keyed")]
    for one, other in zip(at_once, in_blocks, strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert at_once[0]["margin_bits"].equals(at_once[1]["margin_bits"])
    assert set(at_once[0]["margin_bits"]) == {1, -1, 0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["agreement-pp.jsonl", "lone.jsonl"], "gpt.csv: does not say of which suite a row is"),
        (["agreement-pp.jsonl", "--surprisals", "more.csv"], "surprisals:gpt.csv: are surprisals already"),
        (["--text", "lone.jsonl", "--metric", "mean"], "score: --metric is for items"),
        (["--text", "lone.jsonl", "--surprisals", "more.csv"], "score: --surprisals is for items"),
    ],
)
def test_what_a_table_cannot_be_asked_is_refused(stimuli, tmp_path, arguments, message):
    (tmp_path / "gpt.csv").write_text(per_word({}, AGREEMENT))
    result = CliRunner().invoke(app, ["score", "surprisals:gpt.csv", *arguments])
    assert (result.exit_code, message in result.output) == (2, True), result.output


@pytest.mark.parametrize("place", ["", ".", "/", " "])
def test_surprisals_of_no_file_are_one_message(stimuli, place):
    result = CliRunner().invoke(app, ["score", f"surprisals:{place}", "agreement-pp.jsonl"])
    assert (result.exit_code, "Traceback" in result.output) == (2, False), result.output


def test_a_table_of_other_items_of_the_suite_is_refused(stimuli, tmp_path):
    run = f"suite:agreement-pp@1#{AGREEMENT.digest[:8]}|model:gpt#01234567|method:blank|ties:half@1e-4"
    ours = per_word({}, AGREEMENT, suite="agreement-pp", run=run)
    assert set(score(tmp_path, ours, AGREEMENT)["method"]) == {"blank"}
    with pytest.raises(LrdBenchError, match=f"gpt.csv: is of other items of agreement-pp \\({AGREEMENT.digest[:8]}\\)"):
        score(tmp_path, ours, replace(AGREEMENT, predictions=(WHOLE,)))


# -- What others have published ----------------------------------------------------------------------------------------

GRNN = """sentence_id	token_id	token	surprisal
1	1	I	0.000000
1	2	know	6.278113
1	3	that	2.352034
1	4	our	8.541277
1	5	aunt	14.218059
1	6	grabbed	18.362463
1	7	in	7.414894
1	8	front	5.734955
1	9	of	0.045228
1	10	the	2.152694
1	11	guests	11.905612
1	12	<eos>	-0.000000
"""
"""LM Zoo's output for the first sentence of syntaxgym-core's data/test (model grnn), cut after its fifth region."""

METRIC_VALUES = {
    "sum": [8.630147, 22.759336, 18.362463, 13.195077, 14.058306],
    "mean": [2.8767156666666662, 11.379668, 18.362463, 4.398359, 7.029153],
    "median": [2.352034, 11.379668, 18.362463, 5.734955, 7.029153],
    "range": [6.278112999999999, 5.676781999999999, 0.0, 7.3696660000000005, 9.752918],
    "max": [6.278112999999999, 14.218059, 18.362463, 7.414894, 11.905612],
    "min": [0.0, 8.541277000000001, 18.362463, 0.045228, 2.152694],
}
"""SyntaxGym's own aggregates of these regions (data/test/test_out_grnn.json)."""


@pytest.mark.parametrize("metric", METRIC_VALUES)
def test_metrics_of_lm_zoo_surprisals_are_those_that_syntaxgym_publishes(tmp_path, metric):
    regions = ["I know that", "our aunt", "grabbed", "in front of", "the guests"]
    spans, start = {}, 0
    for number, content in enumerate(regions, start=1):
        spans[str(number)] = Span(start, start := start + len(content.split()))
    item = Item(id="1", sentences={"that": Sentence(tokens=tuple(" ".join(regions).split()), regions=spans)})
    predictions = [f"({number};%that%) > -1" for number in spans]
    outcomes = score(tmp_path, GRNN, replace(suite(item, predictions=predictions), metric=metric), "grnn.tsv")
    assert (outcomes["margin_bits"] - 1).tolist() == pytest.approx(METRIC_VALUES[metric])


DISTILGPT2 = """
1.5145 1.5037 42.3961 48.5109  1.6936 2.0879 30.0925 34.1602  3.0981 3.3749 28.3541 29.6729
3.0267 1.7553 26.4916 30.1352  4.8134 3.1111 38.8377 42.8361  3.5409 2.0285 58.4880 62.3369
3.3899 2.7966 38.4117 39.3805  1.4658 1.4070 40.2139 45.1197  2.3425 3.1889 53.6059 57.6581
3.4537 4.1154 31.0873 38.2353  2.6518 3.2369 37.5300 41.4955  2.7831 3.0622 25.7931 29.4014
6.4010 3.7341 43.7505 44.6141  2.2964 1.7022 40.5184 47.2279  6.4075 2.3104 48.1287 50.1395
2.2075 2.3132 35.2252 38.5655  3.0571 3.5916 31.4854 36.4996  6.0784 2.8781 43.7739 52.6419
1.6972 1.9636 42.7406 46.6170  3.3834 2.1481 42.9474 45.5078  2.2184 1.9093 53.0522 58.5611
4.7349 3.8992 34.7175 41.8333  2.2406 2.8696 56.4984 60.7450
"""
"""Region 5 of subordination_src-src, in bits, item by item: sub_no-matrix, no-sub_no-matrix, sub_matrix, no-sub_matrix;
computed with syntaxgym-core for distilgpt2, as brain-score/language publishes it (benchmarks/syntaxgym)."""


def test_a_published_accuracy_follows_from_the_published_surprisals(data, tmp_path):
    conditions = ("sub_no-matrix", "no-sub_no-matrix", "sub_matrix", "no-sub_matrix")
    bits = iter(DISTILGPT2.split())
    rows = [f"{item},{name},5,{next(bits)}\n" for item in range(1, 24) for name in conditions]
    asked = read_syntaxgym(data / "suites" / "syntaxgym" / "subordination_src-src.json")
    outcomes = score(tmp_path, "item,condition,region,surprisal_bits\n" + "".join(rows), asked)
    assert outcomes["correct"].mean() == pytest.approx(0.565217, abs=1e-6)  # their reference score
