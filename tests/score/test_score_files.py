import math
import sys
from types import ModuleType

import pandas as pd
import pytest
from score_doubles import AGREEMENT, Opened, Oracle, Uniform, suite, twins

from lrd_bench.errors import LrdBenchError
from lrd_bench.outcomes import OUTCOME_COLUMNS, SURPRISAL_COLUMNS, TEXT_COLUMNS, read_outcomes
from lrd_bench.score import score_items, score_text
from lrd_bench.suite_files import write_suite
from lrd_bench.vocabulary import build_vocabulary


@pytest.fixture
def opens(monkeypatch):
    """Have `open_model` give a double, whatever it is asked for; returns what to set it to."""
    module = ModuleType("lrd_bench.models.opening")
    module.given = Opened(Uniform())
    module.open_model = lambda spec, device="auto": module.given
    monkeypatch.setitem(sys.modules, "lrd_bench.models.opening", module)
    return module


@pytest.fixture
def stimuli(tmp_path):
    write_suite(AGREEMENT, tmp_path / "agreement-pp.jsonl")
    write_suite(suite(*twins("p", "here"), name="agreement-adverb"), tmp_path / "agreement-adverb.jsonl")
    return [tmp_path / "agreement-pp.jsonl", tmp_path / "agreement-adverb.jsonl"]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_outcomes_of_several_files_are_one_table_and_read_back_the_same(opens, stimuli, tmp_path, suffix):
    out = tmp_path / f"outcomes.{suffix}"
    outcomes = score_items("double", stimuli, out=out)
    assert list(outcomes["suite"].unique()) == ["agreement-pp", "agreement-adverb"]
    assert len(outcomes) == 2 * (6 + 2)
    back = read_outcomes([out])
    pd.testing.assert_frame_equal(back[list(OUTCOME_COLUMNS)], outcomes[list(OUTCOME_COLUMNS)])


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_the_same_inputs_are_not_scored_again_and_others_are_refused_without_force(opens, stimuli, tmp_path, suffix):
    out = tmp_path / f"outcomes.{suffix}"
    score_items("double", stimuli, out=out)
    first, opens.given.model.asked = out.read_bytes(), []
    score_items("double", stimuli, out=out)
    assert opens.given.model.asked == []
    opens.given = Opened(Oracle(suite=AGREEMENT), digest="fedcba9876543210")
    with pytest.raises(LrdBenchError, match="made from other inputs"):
        score_items("double", stimuli, out=out)
    assert out.read_bytes() == first
    assert set(score_items("double", stimuli[:1], out=out, force=True)["correct"]) == {1}


def test_the_surprisals_table_agrees_with_the_outcomes_and_counts_unknown_words(opens, stimuli, tmp_path):
    vocabulary = build_vocabulary([["the", "key", "keys", "is", "are", "rusty"]])
    opens.given = Opened(Oracle(suite=AGREEMENT, vocabulary=vocabulary))
    outcomes = score_items("double", stimuli[:1], surprisals=tmp_path / "surprisals.parquet")
    table = pd.read_parquet(tmp_path / "surprisals.parquet")
    assert list(table.columns) == list(SURPRISAL_COLUMNS)
    rows = table.set_index(["item", "condition", "region"])
    bits = rows["surprisal_bits"]
    assert outcomes["margin_bits"][0] == bits["p0-key", "bad", "critical"] - bits["p0-key", "good", "critical"]
    whole = rows.loc[("p0-key", "good", "*")]
    assert (whole["words"], whole["unknown_words"]) == (9, 4)  # near, old, cabinet, now
    assert whole["surprisal_bits"] == pytest.approx(8 * -math.log2(0.1) - math.log2(0.9))


def test_surprisals_of_what_is_asked_alone_are_those_of_the_whole_table_and_ask_the_model_nothing_more(
    opens, stimuli, tmp_path
):
    score_items("double", stimuli)
    without, opens.given.model.asked = opens.given.model.asked, []
    files = {"out": tmp_path / "outcomes.parquet", "surprisals": tmp_path / "surprisals.parquet"}
    score_items("double", stimuli, **files, only_asked=True)
    assert opens.given.model.asked == without
    asked = pd.read_parquet(files["surprisals"])
    assert set(asked["region"]) == {"critical"}
    with pytest.raises(LrdBenchError, match="made from other inputs"):  # a whole table is another table
        score_items("double", stimuli, **files)
    score_items("double", stimuli, **files, force=True)
    whole = pd.read_parquet(files["surprisals"])
    pd.testing.assert_frame_equal(asked, whole[whole["region"] == "critical"].reset_index(drop=True))


def test_asking_for_surprisals_changes_no_outcome(opens, stimuli, tmp_path):
    plain = score_items("double", stimuli)
    assert score_items("double", stimuli, surprisals=tmp_path / "s.csv").equals(plain)


def test_a_suite_given_twice_is_refused(opens, stimuli):
    with pytest.raises(LrdBenchError, match="Give each suite once"):
        score_items("double", [stimuli[0], stimuli[0]])


def test_perplexity_counts_end_symbols_and_tells_unknown_words_apart(opens, tmp_path):
    (tmp_path / "test.txt").write_text("the key is rusty\n\nthe duck is\n")
    opens.given = Opened(Uniform(vocabulary=build_vocabulary([["the", "key", "is", "rusty"]])))
    row = score_text("double", tmp_path / "test.txt").iloc[0]
    assert (row["text"], row["sentences"], row["words"], row["unknown_words"]) == ("test", 2, 9, 1)
    assert row["bits"] == pytest.approx(9 * math.log2(1000))
    assert row["unknown_bits"] == pytest.approx(math.log2(1000))
    assert 2 ** (row["bits"] / row["words"]) == pytest.approx(1000)


def test_a_text_with_an_impossible_word_has_infinite_surprisal(opens, tmp_path):
    class Impossible(Uniform):
        def word(self, before, word):
            return -math.inf if word == "duck" else -1.0

    (tmp_path / "test.txt").write_text("the duck\n")
    opens.given = Opened(Impossible())
    assert score_text("double", tmp_path / "test.txt")["bits"][0] == math.inf


def test_scores_that_do_not_sum_to_one_give_a_text_no_surprisal(opens, tmp_path):
    (tmp_path / "test.txt").write_text("the duck\n")
    model = Uniform()
    model.normalised = False
    opens.given = Opened(model)
    row = score_text("double", tmp_path / "test.txt").iloc[0]
    assert (row["words"], row.isna()["bits"], row.isna()["unknown_bits"]) == (3, True, True)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_text_is_scored_once_and_read_back_the_same(opens, tmp_path, suffix):
    text, out = tmp_path / "test.txt", tmp_path / f"perplexity.{suffix}"
    text.write_text("the key is rusty\n")
    first = score_text("double", text, out=out)
    assert list(first.columns) == list(TEXT_COLUMNS)
    opens.given.model.asked = []
    pd.testing.assert_frame_equal(score_text("double", text, out=out), first)
    assert opens.given.model.asked == []
    text.write_text("the keys are rusty\n")
    with pytest.raises(LrdBenchError, match="made from other inputs"):
        score_text("double", text, out=out)


def test_another_version_scores_a_text_anew_where_the_table_can_say_so(opens, tmp_path, monkeypatch):
    (tmp_path / "test.txt").write_text("the key is rusty\n")
    for suffix in ("parquet", "csv"):
        score_text("double", tmp_path / "test.txt", out=tmp_path / f"perplexity.{suffix}")
    monkeypatch.setattr("lrd_bench.score.texts.__version__", "another")
    with pytest.raises(LrdBenchError, match="made from other inputs"):
        score_text("double", tmp_path / "test.txt", out=tmp_path / "perplexity.parquet")
    opens.given.model.asked = []
    score_text("double", tmp_path / "test.txt", out=tmp_path / "perplexity.csv")
    assert opens.given.model.asked == []


def test_an_empty_text_is_refused(opens, tmp_path):
    (tmp_path / "test.txt").write_text("\n \n")
    with pytest.raises(LrdBenchError, match="holds no sentences"):
        score_text("double", tmp_path / "test.txt")


def test_a_model_that_sees_the_right_has_no_perplexity(opens, tmp_path):
    (tmp_path / "test.txt").write_text("the key\n")
    opens.given = Opened(Uniform(bidirectional=True))
    with pytest.raises(LrdBenchError, match="sees the words to the right"):
        score_text("double", tmp_path / "test.txt")


@pytest.mark.parametrize("force", [False, True])
def test_a_file_of_another_kind_is_never_replaced_by_outcomes(opens, stimuli, tmp_path, force):
    before = stimuli[0].read_bytes()
    with pytest.raises(LrdBenchError, match=r"agreement-pp\.jsonl: is no table of ours, and is not replaced"):
        score_items("double", stimuli, out=stimuli[0], force=force)
    (tmp_path / "words.csv").write_text("class,lemma\n")
    with pytest.raises(LrdBenchError, match=r"words\.csv: is no table of ours"):
        score_items("double", stimuli, surprisals=tmp_path / "words.csv", force=force)
    assert stimuli[0].read_bytes() == before
    assert (tmp_path / "words.csv").read_text() == "class,lemma\n"


@pytest.mark.parametrize("rows", [1, 2])
def test_csv_that_lost_its_end_is_written_again(opens, stimuli, tmp_path, rows):
    out = tmp_path / "outcomes.csv"
    score_items("double", stimuli, out=out)
    whole = out.read_bytes()
    out.write_bytes(b"".join(whole.splitlines(keepends=True)[: rows + 1]))
    score_items("double", stimuli, out=out)
    assert out.read_bytes() == whole


@pytest.mark.parametrize("kept", [0.01, 0.1, 0.5, 0.9, 1.0])
def test_csv_that_ends_within_its_last_line_is_written_again(opens, stimuli, tmp_path, kept):
    out = tmp_path / "outcomes.csv"
    score_items("double", stimuli, out=out)
    whole = out.read_bytes()
    *lines, last = whole.splitlines(keepends=True)
    out.write_bytes(b"".join(lines) + last[: math.ceil(kept * (len(last) - 1))])
    score_items("double", stimuli, out=out)
    assert out.read_bytes() == whole


def test_outcomes_and_surprisals_are_not_written_to_one_file(opens, stimuli, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(LrdBenchError, match=r"both\.csv: cannot hold outcomes and surprisals"):
        score_items("double", stimuli, out=tmp_path / "both.csv", surprisals=tmp_path / "folder/../both.csv")
    assert not (tmp_path / "both.csv").exists()


def test_csv_of_surprisals_that_lost_its_end_is_written_again(opens, stimuli, tmp_path):
    files = {"out": tmp_path / "outcomes.csv", "surprisals": tmp_path / "surprisals.csv"}
    score_items("double", stimuli, **files)
    whole = files["surprisals"].read_bytes()
    files["surprisals"].write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    score_items("double", stimuli, **files)
    assert files["surprisals"].read_bytes() == whole
