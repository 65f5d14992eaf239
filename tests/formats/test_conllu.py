import gzip
import re

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats.conllu import read_conllu

TREEBANK = """\
# newdoc id = letters
# sent_id = letters-1
# text = I don't, he does.
1|I|I|PRON|PRP|Case=Nom|Number=Sing!2|nsubj|5:nsubj|_
2-3|don't|_|_|_|_|_|_|_|SpaceAfter=No
2|do|do|VERB|VBP|Mood=Ind|Number=Sing|Tense=Pres|VerbForm=Fin!0|root|0:root|_
3|n't|not|PART|RB|_|2|advmod|2:advmod|_
4|he|he|PRON|PRP|_|2|parataxis|2:parataxis|_
4.1|does|do|VERB|VBZ|_|_|_|2:parataxis|_

1-2|10 000s|_|_|_|_|_|_|_|_
1|10 000|10 000|NUM|CD|NumType=Card|0|root|0:root|_
2|s|s|X|FW|_|1|dep|1:dep|_
"""


def stored(text: str) -> str:
    """A line's fields between `|`; features keep theirs, up to the `!`."""
    lines = []
    for line in text.splitlines():
        features = re.search(r"\w+=\w+(\|\w+=\w+)*!", line)
        if features:
            marked = features.group().rstrip("!").replace("|", "&")
            line = line.replace(features.group(), f"{marked}|")
        lines.append(line if line.startswith("#") else line.replace("|", "\t").replace("&", "|"))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.removesuffix("\n"),
        lambda text: f"\ufeff{text}\n\n",
        lambda text: text.replace("\n\n", "\n \t\n\n# a remark\n\n"),
    ],
    ids=["as published", "CRLF", "no last newline", "byte order mark, blank lines", "more between sentences"],
)
def test_the_words_of_a_treebank_are_its_syntactic_words_however_lines_end(tmp_path, change):
    path = tmp_path / "treebank.conllu"
    path.write_bytes(change(stored(TREEBANK)).encode())
    first, second = read_conllu(path)
    assert (first.id, second.id) == ("letters-1", None)
    assert [token.form for token in first.tokens] == ["I", "do", "n't", "he"]
    assert [(token.head, token.relation) for token in first.tokens] == [
        (2, "nsubj"),
        (0, "root"),
        (2, "advmod"),
        (2, "parataxis"),
    ]
    do, not_ = first.tokens[1:3]
    assert (do.upos, do.lemma, not_.lemma, not_.features) == ("VERB", "do", "not", {})
    assert do.features == {"Mood": "Ind", "Number": "Sing", "Tense": "Pres", "VerbForm": "Fin"}
    assert [token.form for token in second.tokens] == ["10 000", "s"]


def test_a_sentence_knows_the_line_of_its_first_word_and_a_packed_treebank_is_the_plain_one(tmp_path):
    (tmp_path / "treebank.conllu.gz").write_bytes(gzip.compress(stored(TREEBANK).encode()))
    assert [sentence.line for sentence in read_conllu(tmp_path / "treebank.conllu.gz")] == [4, 12]


@pytest.mark.parametrize("space", [" ", "\N{NO-BREAK SPACE}"])
def test_a_form_with_a_space_becomes_one_word(tmp_path, space):
    (tmp_path / "treebank.conllu").write_text(stored(TREEBANK).replace("10 000", f"10{space}000"), encoding="utf-8")
    assert list(read_conllu(tmp_path / "treebank.conllu"))[1].tokens[0].word == "10_000"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\t2:advmod\t_", "\t_", ":7: has 9 field(s) between tabs, and a word of CoNLL-U has 10."),
        ("4\the", "5\the", ":8: word '5' with head '2' where word 4 should be."),
        ("\t1\tdep", "\t_\tdep", ":13: word '2' with head '_' where word 2 should be."),
        ("\t1\tdep", "\t3\tdep", ":12: word 2 of the sentence that begins here depends on word 3, and it has 2."),
        ("advmod\t2", "\udce9dvmod\t2", ":7: not UTF-8 (byte "),
    ],
    ids=["nine fields", "a word left out", "no head", "a head that is not there", "Latin-1"],
)
def test_a_broken_line_is_named(tmp_path, old, new, message):
    path = tmp_path / "treebank.conllu"
    broken = stored(TREEBANK).replace(old, new, 1)
    assert broken != stored(TREEBANK)
    path.write_bytes(broken.encode("utf-8", "surrogateescape"))
    with pytest.raises(LrdBenchError) as error:
        list(read_conllu(path))
    assert str(error.value).startswith(f"{path}{message}")


def test_a_file_that_is_not_there_or_cut_is_named(tmp_path):
    (tmp_path / "cut.conllu.gz").write_bytes(gzip.compress(stored(TREEBANK).encode())[:-9])
    for name in ("cut.conllu.gz", "missing.conllu"):
        with pytest.raises(LrdBenchError, match=f"{name}: cannot be read"):
            list(read_conllu(tmp_path / name))


def test_every_treebank_has_the_sentences_words_and_subjects_that_its_readme_counts(data):
    text = (data / "README.md").read_text(encoding="utf-8")
    rows = [[cell.strip().replace(",", "") for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    counted = {row[0]: (int(row[1]), int(row[2]), int(row[6])) for row in rows if row and ".conllu" in row[0]}
    assert len(counted) == 13
    for name, expected in counted.items():
        sentences = words = subjects = 0
        for sentence in read_conllu(data / "treebanks" / name):
            sentences, words = sentences + 1, words + len(sentence.tokens)
            subjects += sum(token.relation.partition(":")[0] == "nsubj" for token in sentence.tokens)
        assert (sentences, words, subjects) == expected, name
