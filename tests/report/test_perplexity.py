import math

import pandas as pd
import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.outcomes import TEXT_COLUMNS, write_table
from lrd_bench.report.perplexity import perplexity_table, read_texts


def text(model, bits, *, seed=0, unknown_bits=0.0, unknown_words=0, words=100, digest="a" * 64, of="test"):
    row = {
        "model": model,
        "model_digest": digest,
        "seed": seed,
        "text": of,
        "text_digest": of * 10,
        "sentences": 10,
        "words": words,
        "unknown_words": unknown_words,
        "bits": bits,
        "unknown_bits": unknown_bits,
    }
    return pd.DataFrame([row], columns=list(TEXT_COLUMNS)).astype(dict(TEXT_COLUMNS))


def rows(*texts, order=("lstm", "ideal-observer")):
    table = perplexity_table(pd.concat(texts, ignore_index=True), order)
    return [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]


def test_perplexity_is_two_to_the_bits_per_word_with_and_without_unknown_words():
    (row,) = rows(text("lstm", 300.0, unknown_bits=120.0, unknown_words=10))
    assert (row["perplexity"], row["known words"], row["bits/word"]) == (8, 4, 3)
    assert (row["words"], row["unknown"], row["excess"]) == (100, 10, None)


def test_the_excess_is_over_the_ideal_observer_on_the_same_text():
    observer, lstm, elsewhere = rows(
        text("ideal-observer", 250.0, seed=None), text("lstm", 300.0), text("lstm", 300.0, of="valid"), order=()
    )
    assert (observer["excess"], lstm["excess"], elsewhere["excess"]) == (0, 0.5, None)


def test_seeds_are_averaged_in_bits_and_models_stand_in_the_order_of_the_other_tables():
    first, second = rows(text("ideal-observer", 250.0), text("lstm", 200.0), text("lstm", 400.0, seed=1))
    assert (first["model"], first["seeds"], first["perplexity"], first["words"]) == ("lstm", 2, 8, 100)
    assert second["model"] == "ideal-observer"


def test_an_impossible_word_makes_the_perplexity_infinite_and_never_a_crash():
    known, unknown = rows(
        text("lstm", math.inf), text("ideal-observer", math.inf, unknown_bits=math.inf, unknown_words=2)
    )
    assert (known["perplexity"], known["known words"], known["excess"]) == (math.inf, math.inf, None)
    assert (unknown["perplexity"], unknown["known words"]) == (math.inf, None)


def test_a_model_whose_scores_do_not_sum_to_one_has_no_perplexity():
    (row,) = rows(text("stupid", math.nan, unknown_bits=math.nan))
    assert (row["words"], row["perplexity"], row["known words"], row["bits/word"]) == (100, None, None, None)


def test_models_of_one_name_are_told_apart():
    assert [row["model"] for row in rows(text("lstm", 200.0), text("lstm", 300.0, digest="b" * 64))] == [
        "lstm#aaaaaaaa",
        "lstm#bbbbbbbb",
    ]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_tables_are_read_back_and_a_row_given_twice_is_refused(tmp_path, suffix):
    path = tmp_path / f"lstm.{suffix}"
    write_table(text("lstm", 300.0), path)
    pd.testing.assert_frame_equal(read_texts([path]), text("lstm", 300.0))
    with pytest.raises(LrdBenchError, match="occurs twice"):
        read_texts([path, path])
    assert read_texts([]).empty


@pytest.mark.parametrize("content", [None, "", "model,bits\nlstm,3\n", "\0\0"])
def test_a_file_that_holds_no_perplexities_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "a.csv").write_text(content)
    with pytest.raises(LrdBenchError, match=r"a\.csv: (cannot be read as|lacks the columns .* of) perplexities"):
        read_texts([tmp_path / "a.csv"])
