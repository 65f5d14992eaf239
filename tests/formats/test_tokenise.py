import csv
import gzip

import pytest

from lrd_bench.formats.tokenise import tokenise


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("The nurse slept.", "The nurse slept ."),
        ("The dog's owner can't sleep!", "The dog 's owner ca n't sleep !"),
        ("She couldn't've known it wasn't ten o'clock.", "She could n't 've known it was n't ten o'clock ."),
        ("We'll say they're ours, I'm sure she'd agree.", "We 'll say they 're ours , I 'm sure she 'd agree ."),
        ("He WON'T.", "He WO N'T ."),
        ("the pilots' old plane", "the pilots ' old plane"),
        ("a well-known R&D lab", "a well-known R&D lab"),
        ("At 9:30 the 21st of 1,200, all 1990s, ran 3.5.", "At 9:30 the 21st of 1,200 , all 1990s , ran 3.5 ."),
        ("Mr. Hale met Dr. Finch in the U.S. at 5 p.m. sharp.", "Mr. Hale met Dr. Finch in the U.S. at 5 p.m. sharp ."),
        ("J. K. Marsh, M.D., left.", "J. K. Marsh , M.D. , left ."),
        ("So do I.", "So do I ."),
        ("“Well …” he said—twice – on pages 3–5.", '" Well ... " he said -- twice -- on pages 3 - 5 .'),
        ("wait. . . what", "wait ... what"),
        ("a non‑breaking −5", "a non-breaking - 5"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_raw_sentence_becomes_the_words_of_running_text(raw, words):
    assert " ".join(tokenise(raw)) == words


def test_the_words_are_those_of_text_that_is_already_tokenised(data):
    """Nearly all: where sentences were cut was decided first, and may cut a token of ours in two."""
    with gzip.open(data / "text" / "tok" / "valid.txt.gz", "rt", encoding="utf-8") as file:
        tokenised = file.read().splitlines()
    with (data / "text" / "manifest.tsv").open(encoding="utf-8") as file:
        documents = [
            row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["split"] == "valid"
        ]
    sentences = found = 0
    for document in documents:
        with gzip.open(data / "text" / "docs" / f"{document['doc']}.txt.gz", "rt", encoding="utf-8") as file:
            words = f" {' '.join(' '.join(tokenise(line)) for line in file)} "
        for sentence in tokenised[int(document["first_line"]) - 1 : int(document["last_line"])]:
            sentences += 1
            found += f" {sentence} " in words
    assert sentences == 19_104
    assert found / sentences > 0.999
