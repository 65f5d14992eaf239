import math

import pandas as pd
import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.outcome_checks import REQUIRED
from lrd_bench.outcomes import (
    OUTCOME_COLUMNS,
    nats_to_bits,
    outcome_frame,
    outcome_pieces,
    read_outcomes,
    table_made_from,
    write_table,
)


def row(item="1", **changes):
    return {
        "run": "suite:s@1#00000000|model:lstm#11111111|method:lm",
        "model": "lstm",
        "seed": 0,
        "context": None,
        "suite": "s",
        "suite_version": 1,
        "suite_digest": "0" * 64,
        "item": item,
        "group": "key|be",
        "pair": "p",
        "prediction": "(critical;%good%) < (critical;%bad%)",
        "method": "lm",
        "correct": 1.0,
        "margin_bits": 2.5,
        "chance": 0.5,
        "reason": None,
        "distance": 4,
        "needed_context": 4,
        "seen": None,
        "pattern": "SP",
        "attractors": 1,
    } | changes


FRAME = outcome_frame([row("1"), row("2", correct=None, margin_bits=None, reason="unknown word: ducks")])


def test_bits_are_nats_over_the_logarithm_of_two():
    assert nats_to_bits(math.log(8)) == pytest.approx(3)


def test_columns_stand_in_our_order_with_factors_after_them():
    shuffled = outcome_frame([dict(reversed(row().items()))])
    assert list(shuffled.columns) == [*OUTCOME_COLUMNS, "attractors", "pattern"]
    assert {column: str(shuffled[column].dtype) for column in OUTCOME_COLUMNS} == dict(OUTCOME_COLUMNS)


@pytest.mark.parametrize("name", ["outcomes.parquet", "outcomes.csv"])
def test_a_table_reads_back_as_it_was_written_and_missing_is_not_zero(tmp_path, name):
    write_table(FRAME, tmp_path / name)
    back = read_outcomes([tmp_path / name])
    pd.testing.assert_frame_equal(back, FRAME, check_dtype=name.endswith("parquet"))
    assert back["correct"].isna().tolist() == [False, True]
    assert back["context"].isna().all()


def test_infinite_margins_survive(tmp_path):
    frame = outcome_frame([row("1", margin_bits=math.inf), row("2", margin_bits=-math.inf)])
    for name in ("o.parquet", "o.csv"):
        write_table(frame, tmp_path / name)
        assert read_outcomes([tmp_path / name])["margin_bits"].tolist() == [math.inf, -math.inf]


def test_a_parquet_table_says_what_it_was_made_from(tmp_path):
    write_table(FRAME, tmp_path / "o.parquet", made_from="abc")
    assert table_made_from(tmp_path / "o.parquet") == "abc"
    write_table(FRAME, tmp_path / "o.csv", made_from="abc")
    assert table_made_from(tmp_path / "o.csv") is None
    assert table_made_from(tmp_path / "missing.parquet") is None


def test_the_same_table_is_the_same_bytes(tmp_path):
    for name in ("a.parquet", "b.parquet"):
        write_table(FRAME, tmp_path / name, made_from="abc")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_several_files_are_one_table(tmp_path):
    write_table(FRAME, tmp_path / "a.parquet")
    write_table(outcome_frame([row("1", seed=1), row("2", seed=1)]), tmp_path / "b.csv")
    assert read_outcomes([tmp_path / "a.parquet", tmp_path / "b.csv"])["seed"].tolist() == [0, 0, 1, 1]


def test_a_row_that_occurs_twice_is_refused(tmp_path):
    write_table(FRAME, tmp_path / "a.parquet")
    with pytest.raises(LrdBenchError, match=r"item '1' of run .* occurs twice"):
        read_outcomes([tmp_path / "a.parquet", tmp_path / "a.parquet"])


def test_the_same_item_of_two_suites_is_no_item_twice(tmp_path):
    both = outcome_frame([row("1", run="mine"), row("1", run="mine", suite="t")])
    write_table(both, tmp_path / "a.csv")
    assert len(read_outcomes([tmp_path / "a.csv"])) == 2


def test_files_that_hold_the_same_row_are_named_with_its_places(tmp_path):
    write_table(FRAME, tmp_path / "a.csv")
    write_table(FRAME[1:], tmp_path / "b.parquet")
    with pytest.raises(LrdBenchError, match=r"b\.parquet, row 1: item '2' of run .* twice, first in .*a\.csv:3\."):
        read_outcomes([tmp_path / "a.csv", tmp_path / "b.parquet"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"suite_digest": "1" * 64}, r"b\.csv:2: .* of different items of suite 's': 0{64} \(.*a\.csv:2\)"),
        ({"suite_version": 2}, r"two versions of suite 's': 1 \(.*a\.csv:2\) and 2 \(.*b\.csv:2\)\. Score all"),
        ({"distance": 5}, r"b\.csv:2: of item '1' of suite 's', distance is 5 here and 4 in .*a\.csv:2\."),
        ({"attractors": 2}, r"attractors is 2 here and 1 in"),
    ],
)
def test_files_on_different_items_are_refused(tmp_path, changes, message):
    write_table(FRAME, tmp_path / "a.csv")
    write_table(outcome_frame([row(run="other") | changes]), tmp_path / "b.csv")
    with pytest.raises(LrdBenchError, match=message):
        read_outcomes([tmp_path / "a.csv", tmp_path / "b.csv"])


def test_what_one_file_says_of_an_item_holds_where_another_does_not_say_it(tmp_path):
    whole = outcome_frame([row("1"), row("2", pair=None)])
    write_table(whole, tmp_path / "a.parquet")
    whole.assign(model="gru")[list(REQUIRED)].to_csv(tmp_path / "b.csv", index=False)
    for names in (["a.parquet", "b.csv"], ["b.csv", "a.parquet"]):
        frame = read_outcomes([tmp_path / name for name in names])
        for column in ("group", "distance", "needed_context", "pattern", "attractors"):
            assert frame[column].tolist() == [whole[column][0]] * 4, column
        assert frame.set_index("item")["pair"].fillna("none").to_dict() == {"1": "p", "2": "none"}
        assert str(frame["attractors"].dtype) == "Int64"
        assert frame.set_index("model")["chance"].isna().to_dict() == {"lstm": False, "gru": True}


def test_csv_goes_with_the_parquet_that_says_the_same(tmp_path):
    factors = [{"pattern": "", "code": "1", "ok": True}, {"pattern": "S", "code": "02", "ok": False}]
    frame = outcome_frame([row(str(n)) | each for n, each in enumerate(factors)])
    for only in ([0], [0, 1]):  # of which the code alone looks like a number
        write_table(frame, tmp_path / "a.parquet")
        write_table(frame.iloc[only].assign(run="other", model="gru"), tmp_path / "b.csv")
        both = read_outcomes([tmp_path / "a.parquet", tmp_path / "b.csv"])
        assert both["code"].tolist() == ["1", "02", *["1", "02"][: len(only)]]
        assert both["pattern"].isna().tolist() == (both["item"] == "0").tolist()


def test_a_pair_of_three_is_refused_and_one_that_was_cut_is_not(tmp_path):
    write_table(outcome_frame([row(item) for item in "123"]), tmp_path / "a.csv")
    with pytest.raises(LrdBenchError, match=r"a\.csv:4: is the third item of pair 'p' of suite 's'"):
        read_outcomes([tmp_path / "a.csv"])
    write_table(outcome_frame([row("1")]), tmp_path / "a.csv")
    assert len(read_outcomes([tmp_path / "a.csv"])) == 1


def test_a_run_of_two_models_is_refused(tmp_path):
    write_table(outcome_frame([row(run="mine"), row("2", run="mine", model="gru")]), tmp_path / "a.csv")
    with pytest.raises(LrdBenchError, match=r"a\.csv:3: run 'mine' is of 'gru' \(lm\) here and of 'lstm' \(lm\)"):
        read_outcomes([tmp_path / "a.csv"])


BY_HAND = """model,suite,item,prediction,method,correct,distance
lstm,mine,1,(*;%good%) < (*;%bad%),lm,1,4
lstm,mine,2,(*;%good%) < (*;%bad%),lm,,
"""


def test_outcomes_made_by_hand_need_six_columns_and_say_what_is_not_known(tmp_path):
    (tmp_path / "a.csv").write_text(BY_HAND)
    frame = read_outcomes([tmp_path / "a.csv"])
    assert list(frame.columns) == list(OUTCOME_COLUMNS)
    assert {column: str(frame[column].dtype) for column in OUTCOME_COLUMNS} == dict(OUTCOME_COLUMNS)
    assert frame["run"].unique() == ["suite:mine@?#?|model:lstm#?|method:lm|ties:?|oov:?|eos:?|v:?"]
    assert frame["distance"].isna().tolist() == [False, True]
    absent = [column for column in OUTCOME_COLUMNS if column not in (*REQUIRED, "run", "distance")]
    assert frame[absent].isna().all(axis=None)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("lm,1,", "lm,1.5,", r"a\.csv:2: correct is 1\.5, and must be in \[0, 1\], or empty where unscored"),
        ("lm,1,", "lm,-0.1,", r"correct is -0\.1, and must be in"),
        ("lm,1,", "lm,yes,", r"a\.csv:2: correct is 'yes', and must be a number, or empty"),
        ("lm,,", "llm,,", r"a\.csv:3: method is 'llm', and must be one of lm, pll, blank, judge"),
        ("lm,,", ",,", r"a\.csv:3: method is empty, and must be filled in"),
        ("lstm,mine,2", "lstm,,2", r"a\.csv:3: suite is empty"),
        ("1,4", "1,4.5", r"a\.csv:2: distance is '4\.5', and must be a whole number"),
        ("1,4", "1,inf", r"a\.csv:2: distance is 'inf', and must be a whole number"),
        ("lstm,mine,2,(*;%good%) <", "lstm,mine,2,(*;%good%) <<", r"a\.csv:3: formula '.*': expected an atom"),
        ("lstm,mine,2,(*;%good%) < (*;%bad%)", "lstm,mine,2,(*;%good%)", r"a\.csv:3: formula .* compares nothing"),
        ("1,4", "1,4,4", r"rows have more fields than the first line names columns"),
        (BY_HAND[BY_HAND.index("\n") + 1 :], "", "holds no outcomes"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path, right, wrong, message):
    (tmp_path / "a.csv").write_text(BY_HAND.replace(right, wrong, 1))
    with pytest.raises(LrdBenchError, match=message):
        read_outcomes([tmp_path / "a.csv"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.parquet", None, "no such file"),
        ("a.csv", None, "no such file"),
        ("a.parquet", "PAR1 not really", "cannot be read as outcomes"),
        ("a.csv", "", "cannot be read as outcomes"),
        (
            "a.csv",
            "run,model\nr,m\n",
            r"lacks the columns suite, item, prediction, method, correct of outcomes \(it has run, model\)",
        ),
    ],
)
def test_a_file_that_is_no_table_of_outcomes_is_refused(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(LrdBenchError, match=message):
        read_outcomes([tmp_path / name])


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_rows_read_some_at_a_time_are_those_of_the_whole_and_checked_each_by_itself(monkeypatch, tmp_path, name):
    monkeypatch.setattr("lrd_bench.long_tables.PIECE", 2)
    rows = [row(str(number), pair=None, correct=number / 4) for number in range(5)]
    write_table(outcome_frame(rows), tmp_path / name)
    whole = read_outcomes([tmp_path / name])[list(OUTCOME_COLUMNS)]
    pd.testing.assert_frame_equal(pd.concat(outcome_pieces(tmp_path / name)), whole)
    write_table(outcome_frame([*rows, row("5", correct=1.25)]), tmp_path / name)
    place = r"a\.csv:7" if name == "a.csv" else r"a\.parquet, row 6"
    with pytest.raises(LrdBenchError, match=rf"{place}: correct is 1\.25, and must be in \[0, 1\]"):
        list(outcome_pieces(tmp_path / name))


def test_a_column_of_the_wrong_kind_is_refused(tmp_path):
    FRAME.astype({"correct": object}).assign(correct="yes").to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(LrdBenchError, match=r"a\.csv:2: correct is 'yes', and must be a number"):
        read_outcomes([tmp_path / "a.csv"])


@pytest.mark.parametrize("change", [lambda rows: rows[rows["item"] != "1"], lambda rows: rows[::-1]])
def test_parquet_that_pandas_wrote_of_some_rows_or_in_another_order_is_read_as_its_rows_stand(tmp_path, change):
    rows = change(
        outcome_frame([row(item, pair=pair) for item, pair in (("1", "p"), ("2", "p"), ("3", "q"), ("4", "q"))])
    )
    rows.to_parquet(tmp_path / "a.parquet")
    back = read_outcomes([tmp_path / "a.parquet"])
    assert (back["item"].tolist(), back.index.tolist()) == (rows["item"].tolist(), list(range(len(rows))))


def test_a_row_that_pandas_wrote_twice_is_refused(tmp_path):
    rows = outcome_frame([row("1"), row("2")])
    pd.concat([rows, rows.iloc[[1]]]).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(LrdBenchError, match=r"row 3: item '2' .* occurs twice, first in .*row 2"):
        read_outcomes([tmp_path / "a.parquet"])


def test_a_column_that_pandas_made_the_index_is_a_column(tmp_path):
    outcome_frame([row("1"), row("2")]).set_index("item").to_parquet(tmp_path / "a.parquet")
    assert read_outcomes([tmp_path / "a.parquet"])["item"].tolist() == ["1", "2"]
