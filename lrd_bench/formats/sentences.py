"""The sentences of a suite as a table, so that any tool can compute surprisals of them: `convert STIMULI --to text`.

What it computes comes back as `surprisals:FILE` (see `lrd_bench.models.recorded`), by the same keys.
"""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from lrd_bench.formats import read_stimuli
from lrd_bench.items import Item, Sentence, Suite

TEXT = "text"
"""What `convert --to` calls it."""

COLUMNS = ("suite", "item", "condition", "sentence_id", "sentence", "text")


class NumberedSentence(NamedTuple):
    """A sentence of a suite with its place."""

    number: int
    """From 1, in the order of the items and of each item's conditions."""
    item: Item
    condition: str
    sentence: Sentence


def numbered_sentences(suite: Suite) -> Iterator[NumberedSentence]:
    """All sentences of a suite."""
    places = ((item, *sentence) for item in suite.items for sentence in item.sentences.items())
    for number, place in enumerate(places, start=1):
        yield NumberedSentence(number, *place)


def sentence_lines(stimuli: str) -> tuple[Suite, list[str]]:
    """A suite, and its sentences as lines of a TSV file: COLUMNS, then a line each.

    `sentence` has the words, one space between them; `text` is the raw string where the source has one, else the same.
    A cell with a quotation mark in it is quoted, as Python's csv and pandas write and read.
    """
    suite = read_stimuli(stimuli)
    file = io.StringIO()
    table = csv.writer(file, delimiter="\t", lineterminator="\n")
    table.writerow(COLUMNS)
    for number, item, condition, sentence in numbered_sentences(suite):
        words = " ".join(sentence.tokens)
        table.writerow([suite.name, item.id, condition, number, words, sentence.text or words])
    return suite, file.getvalue().removesuffix("\n").split("\n")
