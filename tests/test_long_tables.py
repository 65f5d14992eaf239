import pandas as pd
import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.long_tables import place_of, read_table, table_columns, table_pieces

TYPES = {"item": "string", "seed": "Int64", "bits": "Float64"}
TEXT = "item,bits,pattern,depth\n007,0.5,S,1\nMüller,,,\n"


def read(path):
    return read_table(path, TYPES, required=["item", "bits"], what="surprisals")


def check(frame):
    assert list(frame.columns) == ["item", "seed", "bits", "pattern", "depth"]
    assert frame["item"].tolist() == ["007", "Müller"]
    assert frame["seed"].isna().all()
    assert frame["bits"].fillna(-1).tolist() == [0.5, -1]
    assert str(frame["depth"].dtype) == "Int64"  # and no fraction, because one is missing


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", ";").replace("0.5", "0,5").encode("utf-8-sig"),
        TEXT.replace(",", "\t").encode("utf-16"),  # "Unicode text" of Excel
        TEXT.replace("item,", '"item",').replace("007", '"007"').encode(),  # R
    ],
    ids=["plain", "windows", "bom", "utf-16", "semicolons", "comma in numbers", "unicode text", "quotes"],
)
def test_csv_is_read_as_spreadsheets_save_it(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    check(read(tmp_path / "a.csv"))
    assert table_columns(tmp_path / "a.csv") == ["item", "bits", "pattern", "depth"]


def test_parquet_is_known_by_its_first_bytes_and_columns_of_other_programs_fit(tmp_path):
    frame = pd.DataFrame({"item": ["007", "Müller"], "bits": [0.5, float("nan")], "pattern": ["S", None]})
    frame.assign(item=frame["item"].astype("category"), depth=[1.0, None]).to_parquet(tmp_path / "a.dat")
    check(read(tmp_path / "a.dat"))
    assert table_columns(tmp_path / "a.dat") == ["item", "bits", "pattern", "depth"]


def test_an_item_numbered_in_another_program_has_no_point(tmp_path):
    pd.DataFrame({"item": [7.0, 8.0], "bits": [True, False]}).to_parquet(tmp_path / "a.parquet")
    frame = read(tmp_path / "a.parquet")
    assert frame["item"].tolist() == ["7", "8"]
    assert frame["bits"].tolist() == [1, 0]


def test_true_and_false_are_one_and_zero_as_r_writes_them(tmp_path):
    (tmp_path / "a.csv").write_text("item,bits\na,TRUE\nb,FALSE\nc,NA\n")
    assert read(tmp_path / "a.csv")["bits"].fillna(-1).tolist() == [1, 0, -1]


def test_words_for_nothing_are_names_in_names_and_nothing_in_numbers(tmp_path):
    words = ["NA", "None", "null", "nan", "N/A"]
    lines = [f"{word},{word},{word},{word}" for word in words]
    (tmp_path / "a.csv").write_text("\n".join(["item,bits,filler,depth", *lines, "a,1,b,2", ",,,"]) + "\n")
    frame = read(tmp_path / "a.csv")
    assert frame["item"].fillna("").tolist() == [*words, "a", ""]
    assert frame["filler"].fillna("").tolist() == ["", *words[1:], "b", ""]  # NA is what R writes for none
    assert frame["bits"].fillna(-1).tolist() == [-1] * 5 + [1, -1]
    assert frame["depth"].fillna(-1).tolist() == [-1] * 5 + [2, -1]


def test_large_whole_numbers_keep_their_digits(tmp_path):
    (tmp_path / "a.csv").write_text(f"item,bits,seed\na,1,{2**60 + 1}\n")
    assert read(tmp_path / "a.csv")["seed"].tolist() == [2**60 + 1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (TEXT.encode("latin-1"), r"a\.csv:3: not UTF-8 \(byte 1 of the line\)\. Save the file as UTF-8"),
        (b"", r"a\.csv: cannot be read as surprisals \(No columns to parse from file\)"),
        (b"item;words\na;1\n", r"lacks the column bits of surprisals \(it has item, words\)"),
        (b"item,bits\na,1,2,3\nb,1\n", "rows have more fields than the first line names columns"),
        (b"item,bits\na,1\nb,1,2\n", r"cannot be read as surprisals \(.*Expected 2 fields in line 3, saw 3"),
        (b"item,bits\na,1\n\nb,x\n", r"a\.csv:4: bits is 'x', and must be a number"),
        (b"PAR1 and no more", r"a\.csv: cannot be read as surprisals"),
    ],
)
def test_what_is_no_such_table_is_one_message(tmp_path, content, message):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(LrdBenchError, match=message):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize("left", [0.1, 0.5, 0.9, 0.999])
def test_a_parquet_file_that_is_not_whole_is_refused(tmp_path, left):
    pd.DataFrame({"item": [str(n) for n in range(2000)], "bits": 0.5}).to_parquet(tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[: int(len(whole) * left)])
    with pytest.raises(LrdBenchError, match=r"a\.parquet: cannot be read as surprisals \(.*Is it whole\?"):
        read(tmp_path / "a.parquet")
    assert table_columns(tmp_path / "a.parquet") == []


def test_parquet_whose_pages_are_damaged_is_refused(tmp_path):
    numbers = pd.Series(range(20000)) % 977 / 7
    pd.DataFrame({"item": numbers.astype(str), "bits": numbers}).to_parquet(tmp_path / "a.parquet", compression="zstd")
    damaged = bytearray((tmp_path / "a.parquet").read_bytes())
    damaged[2000:4000] = bytes(2000)
    (tmp_path / "a.parquet").write_bytes(damaged)
    with pytest.raises(LrdBenchError, match=r"a\.parquet: cannot be read as surprisals"):
        read(tmp_path / "a.parquet")


def test_a_folder_and_a_file_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(LrdBenchError, match=r"Name the files in it: .*/\*"):
        read(tmp_path)
    with pytest.raises(LrdBenchError, match=r"no\.csv: cannot be read as surprisals \(no such file\)"):
        read(tmp_path / "no.csv")
    assert table_columns(tmp_path / "no.csv") == []


def test_a_row_has_its_line_in_csv_and_its_number_in_parquet(tmp_path):
    (tmp_path / "a.csv").write_text(TEXT)
    pd.DataFrame({"item": ["a"]}).to_parquet(tmp_path / "b.parquet")
    assert place_of(tmp_path / "a.csv", 0) == f"{tmp_path}/a.csv:2"
    assert place_of(tmp_path / "b.parquet", 0) == f"{tmp_path}/b.parquet, row 1"


def in_pieces(monkeypatch, path, values):
    """A table whose last column is `values`, read two rows at a time."""
    frame = pd.DataFrame({"item": [f"{n}" for n in range(len(values))], "more": "x", "bits": values})
    frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path)
    monkeypatch.setattr("lrd_bench.long_tables.PIECE", 2)
    return list(table_pieces(path, TYPES, required=["item", "bits"], what="surprisals"))


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_pieces_are_the_table_a_few_rows_at_a_time(monkeypatch, tmp_path, name):
    pieces = in_pieces(monkeypatch, tmp_path / name, [0.5, None, 2.5, 3.5, 4.5])
    assert [len(piece) for piece in pieces] == [2, 2, 1]
    pd.testing.assert_frame_equal(pd.concat(pieces), read(tmp_path / name)[list(TYPES)])


@pytest.mark.parametrize(("name", "place"), [("a.csv", r"a\.csv:5"), ("a.parquet", r"a\.parquet, row 4")])
def test_what_is_wrong_in_a_later_piece_is_told_with_its_row_in_the_file(monkeypatch, tmp_path, name, place):
    with pytest.raises(LrdBenchError, match=rf"{place}: bits is 'x', and must be a number"):
        in_pieces(monkeypatch, tmp_path / name, ["0.5", "1.5", "2.5", "x", "4.5"])
