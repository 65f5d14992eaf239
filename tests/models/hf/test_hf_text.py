"""Words put together as running text, the opposite of `tokenise`."""

import gzip
import json
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrd_bench.formats.lines import read_text_file
from lrd_bench.formats.tokenise import tokenise
from lrd_bench.models.hf.text import running_text


@pytest.mark.parametrize(
    "text",
    [
        "The dog's owner can't sleep.",
        'He said: "Who, me?" (twice); then "No!" and left...',
        "Of the dogs' owners, 5% paid $20 [sic].",
        "I'd've gone if they'll say we're early.",
        "NOBODY COULDN'T SAY 'TIS TOM'S",
        '"Yes"',
        "",
    ],
)
def test_what_was_cut_off_is_put_on_again(text):
    assert running_text(tokenise(text)).text == text.replace("SAY 'TIS", "SAY' TIS")


def test_the_text_up_to_each_word_ends_with_it():
    text, ends = running_text(["Who", ",", '"', "me", '"', "?"])
    assert [text[:end] for end in ends] == ["Who", "Who,", 'Who, "', 'Who, "me', 'Who, "me"', 'Who, "me"?']


WORDS = st.lists(st.sampled_from(["a", "Dogs", "n't", "'s", ".", ",", '"', "(", ")", "$", "'", "--", "", "New York"]))


@given(WORDS)
def test_the_text_of_fewer_words_is_the_beginning_of_the_text(words):
    text, ends = running_text(words)
    for number, end in enumerate(ends, start=1):
        assert running_text(words[:number]) == (text[:end], ends[:number])


def test_sentences_of_blimp_are_put_together_as_they_were_printed(data):
    printed = [
        json.loads(line)["sentence_good"]
        for path in sorted((data / "suites" / "blimp").iterdir())
        for line in read_text_file(path).lines[::10]
    ]
    assert len(printed) == 3500
    assert [running_text(tokenise(text)).text for text in printed] == printed


def test_running_text_is_cut_into_the_same_words_again(data):
    with gzip.open(data / "text" / "tok" / "valid.txt.gz", "rt", encoding="utf-8") as lines:
        for line in islice(lines, 5000):
            words = tuple(line.split())
            assert tokenise(running_text(words).text) == words
