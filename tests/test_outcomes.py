import math

import pandas as pd
import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.outcomes import (
    OUTCOME_COLUMNS,
    nats_to_bits,
    outcome_frame,
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


def test_outcomes_on_different_items_of_one_suite_are_refused(tmp_path):
    write_table(FRAME, tmp_path / "a.parquet")
    write_table(outcome_frame([row(run="other", suite_digest="1" * 64)]), tmp_path / "b.parquet")
    with pytest.raises(LrdBenchError, match="different items of suite 's'"):
        read_outcomes([tmp_path / "a.parquet", tmp_path / "b.parquet"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.parquet", None, "no such file"),
        ("a.csv", None, "no such file"),
        ("a.parquet", "PAR1 not really", "cannot be read as outcomes"),
        ("a.csv", "", "cannot be read as outcomes"),
        ("a.csv", "run,model\nr,m\n", "lacks the columns seed, context"),
    ],
)
def test_a_file_that_is_no_table_of_outcomes_is_refused(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(LrdBenchError, match=message):
        read_outcomes([tmp_path / name])


def test_a_column_of_the_wrong_kind_is_refused(tmp_path):
    FRAME.astype({"correct": object}).assign(correct="yes").to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(LrdBenchError, match="a column does not hold what it should"):
        read_outcomes([tmp_path / "a.csv"])
