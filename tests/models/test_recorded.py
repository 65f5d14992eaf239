import gzip
import math

import pandas as pd
import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.opening import open_model
from lrd_bench.models.recorded import read_recorded
from lrd_bench.score import score_text

WORDS = [
    {"item": "1", "condition": "good", "position": 0, "token": "cats", "surprisal_bits": 3.0},
    {"item": "1", "condition": "good", "position": 1, "token": "sleep", "surprisal_bits": 1.5},
]


@pytest.fixture
def read(tmp_path):
    """Reads a file with this content: text, or rows that are written as the name's ending says."""

    def read_one(content, name="gpt.csv"):
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif name.endswith(".parquet"):
            pd.DataFrame(content).to_parquet(path)
        else:
            pd.DataFrame(content).to_csv(path, index=False, sep="\t" if ".tsv" in name else ",")
        return read_recorded(path)

    return read_one


@pytest.mark.parametrize("name", ["gpt.csv", "gpt.tsv", "gpt.parquet", "gpt.csv.gz", "gpt.tsv.gz"])
def test_a_table_is_read_from_whatever_it_is_written_as(read, name):
    recorded = read(WORDS, name)
    assert {place: value.bits for place, value in recorded.sentences[None, "1", "good"].items()} == {0: 3.0, 1: 1.5}
    assert [value.token for value in recorded.sentences[None, "1", "good"].values()] == ["cats", "sleep"]
    assert (recorded.name, recorded.seed, recorded.method, recorded.place) == ("gpt", None, "lm", "position")
    assert (recorded.context, recorded.vocabulary, recorded.suites) == (None, None, {None})


def test_a_table_of_lm_zoo_is_read_as_it_is(read):
    recorded = read(
        "sentence_id\ttoken_id\ttoken\tsurprisal\n1\t1\tcats\t0.000000\n1\t2\tsleep\t-0.000000\n", "grnn.tsv"
    )
    rows = recorded.sentences[None, 1]
    assert {place: (value.token, value.bits) for place, value in rows.items()} == {0: ("cats", 0), 1: ("sleep", 0)}


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("surprisal_bits", 3.0),
        ("surprisal", 3.0),
        ("surprisal_nats", 3 * math.log(2)),
        ("logprob", -3 * math.log(2)),
    ],
)
def test_the_column_says_the_unit(read, unit, value):
    recorded = read([{"item": 1, "condition": "good", "region": 6, unit: value}])
    assert recorded.sentences[None, "1", "good"]["6"].bits == pytest.approx(3)


@pytest.mark.parametrize("name", ["gpt.csv", "gpt.parquet"])
def test_what_is_empty_is_no_number_and_infinity_is_one(read, name):
    about = {"condition": "good", "region": "critical"}
    recorded = read(
        [{"item": i, "surprisal_bits": bits, **about} for i, bits in enumerate([None, math.inf, 1e-9])], name
    )
    bits = [recorded.sentences[None, str(i), "good"]["critical"].bits for i in range(3)]
    assert math.isnan(bits[0])
    assert bits[1:] == [math.inf, 1e-9]
    assert math.isnan(
        read("item,condition,region,logprob\n1,good,*,NA\n").sentences[None, "1", "good"]["*"].bits  # as R writes
    )


def test_words_that_programs_take_for_something_else_are_words(read):
    tokens = ["NA", "null", "nan", "1.0", ",", "'", "007"]
    rows = [{**WORDS[0], "position": place, "token": token} for place, token in enumerate(tokens)]
    for name in ("gpt.csv", "gpt.tsv", "gpt.parquet"):
        assert [value.token for value in read(rows, name).sentences[None, "1", "good"].values()] == tokens


def test_quotation_marks_are_read_with_and_without_quoting(read):
    rows = [{**WORDS[0], "position": place, "token": token} for place, token in enumerate(['"', "''", '"so"'])]
    tokens = ['"', "''", '"so"']
    for name in ("quoted.csv", "quoted.tsv"):
        assert [value.token for value in read(rows, name).sentences[None, "1", "good"].values()] == tokens
    plain = 'item\tcondition\tposition\ttoken\tsurprisal\n1\tgood\t0\t"\t1\n1\tgood\t1\tso\t1\n'
    assert [value.token for value in read(plain, "plain.tsv").sentences[None, "1", "good"].values()] == ['"', "so"]


def test_the_table_may_say_suite_model_seed_method_and_what_was_unknown(read):
    about = {"suite": "agreement-pp", "model": "gpt-9", "seed": 3, "method": "pll"}
    rows = [{**row, **about, "unknown_words": place} for place, row in enumerate(WORDS)]
    recorded = read(rows)
    assert (recorded.name, recorded.seed, recorded.method) == ("gpt-9", 3, "pll")
    assert recorded.suites == {"agreement-pp"}
    assert [value.unknown for value in recorded.sentences["agreement-pp", "1", "good"].values()] == [0, 1]
    assert read([{**WORDS[0], "token": "<unk>"}]).sentences[None, "1", "good"][0].unknown == 1


def test_the_name_of_the_file_is_the_model_s_where_no_column_is(read):
    assert read(WORDS, "gpt.2.tsv.gz").name == "gpt.2"


HEAD = "item,condition,position,surprisal_bits\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "gpt.csv: holds no surprisals"),
        (HEAD, "gpt.csv: holds no surprisals"),
        ("item,condition,position\n1,good,0\n", "gpt.csv: has no column of surprisals. Give it one of surprisal_bits"),
        ("item,condition,position,surprisal,logprob\n1,good,0,1,-1\n", "has the columns surprisal and logprob. Give"),
        ("item,position,logprob\n1,0,-1\n", "does not say which sentence a row is of. Give it the columns item and"),
        (
            "item,condition,logprob\n1,good,-1\n",
            "does not say what of the sentence a row is of. Give it a column region",
        ),
        ("item,item,condition,position,surprisal\n", "gpt.csv:1: has two columns 'item'"),
        (f"{HEAD}1,good,0\n", "gpt.csv:2: has 3 cells, and the first line 4"),
        (f"{HEAD}1,good,0,1\n\n1,good,1,1,1\n", "gpt.csv:4: has 5 cells"),
        (f"{HEAD}1,,0,1\n", "gpt.csv:2: 'condition' is empty"),
        (f"{HEAD}1,good,,1\n", "gpt.csv:2: 'position' is empty"),
        (f"{HEAD}1,good,first,1\n", "gpt.csv:2: 'position' is 'first', and must be a whole number"),
        (f"{HEAD}1,good,0,much\n", "gpt.csv:2: 'surprisal_bits' is 'much', and no number"),
        (f"{HEAD}1,good,0,-3\n", "gpt.csv:2: 'surprisal_bits' is -3, of a probability above 1. Is it a logarithm?"),
        (
            "item,condition,region,logprob\n1,good,critical,3\n",
            "gpt.csv:2: 'logprob' is 3, of a probability above 1. Is it a surprisal?",
        ),
        (f"{HEAD}1,good,0,1\n1,good,1,1\n1,good,0,1\n", "gpt.csv:4: says again what line 2 says"),
        ("sentence_id,token_id,surprisal\n1,0,1\n", "gpt.csv:2: 'token_id' is 0, and counts words from 1"),
        (
            "item,condition,region,model,surprisal\n1,good,*,a,1\n2,good,*,b,1\n",
            "gpt.csv:3: is of b (lm), and rows before it of a (lm). Keep one model in a file.",
        ),
        (
            "item,condition,region,seed,surprisal\n1,good,*,0,1\n2,good,*,1,1\n",
            "gpt.csv:3: is of a model without a name, seed 1 (lm), and rows before it of a model",
        ),
        ("item,condition,region,method,surprisal\n1,good,*,lmm,1\n", "gpt.csv:2: unknown method 'lmm'. Did you mean"),
        ('item,condition,region,surprisal\n1,"good,*,1\n2,good,*,1\n', "gpt.csv:3: has 2 cells"),
    ],
)
def test_what_is_broken_is_named_with_its_line(read, content, message):
    with pytest.raises(LrdBenchError) as error:
        read(content)
    assert message in str(error.value)


def test_a_row_of_parquet_is_named_by_its_number(read):
    with pytest.raises(LrdBenchError, match=r"gpt\.parquet, row 3: says again what row 1 says"):
        read([*WORDS, WORDS[0]], "gpt.parquet")


def test_a_file_that_is_cut_or_not_there_is_refused(read, tmp_path):
    read(WORDS, "whole.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "whole.parquet").read_bytes()[:-20])
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"item,condition\n")[:-5])
    for name in ("cut.parquet", "cut.csv.gz", "none.csv"):
        with pytest.raises(LrdBenchError, match=f"{name}: cannot be read"):
            read_recorded(tmp_path / name)


def test_the_digest_is_over_the_file(read, tmp_path):
    read(WORDS, "a.csv"), read(WORDS, "b.csv"), read(WORDS[:1], "c.csv")
    one, same, other = (open_model(f"surprisals:{tmp_path}/{name}.csv") for name in "abc")
    assert one.digest == same.digest != other.digest
    assert (one.name, one.seed) == ("a", None)


def test_a_table_can_be_asked_nothing_new(read, tmp_path):
    read(WORDS)
    (tmp_path / "text.txt").write_text("cats sleep\n")
    with pytest.raises(LrdBenchError, match=r"gpt\.csv: is a table of surprisals, and can be asked nothing new"):
        score_text(f"surprisals:{tmp_path}/gpt.csv", tmp_path / "text.txt")
