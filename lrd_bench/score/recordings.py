"""One suite looked up in a table of surprisals that were computed elsewhere.

Each row is checked against the stimuli before anything is made of it: the surprisal of another word is worse than none.
What a prediction needs and the table lacks leaves the item unscored, with the reason.
"""

import math
from collections.abc import Iterator, Mapping
from functools import partial

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.formats.sentences import NumberedSentence, numbered_sentences
from lrd_bench.formula import Atom, Formula, Verdict, evaluate, parse_formula
from lrd_bench.items import Item, Sentence, Suite
from lrd_bench.models.recorded import Key, RecordedSurprisals, Value
from lrd_bench.score.evidence import UnscorableError, added_up
from lrd_bench.score.metrics import check_metric, check_words, needs_words, part_of, value_of
from lrd_bench.score.questions import (
    DECIDING_REGIONS,
    Unscored,
    deciding_atoms,
    find_region,
    unknown_words,
    whole_pairs,
)
from lrd_bench.signature import short
from lrd_bench.vocabulary import EOS, UNK

ENDS = (EOS, "<eos>")
"""What may stand after the last word: no score contains it."""

Rows = Mapping[str | int, Value]
"""Region, or the place of a word counted from 0 → its row."""


class Recordings:
    """One suite looked up in one table; in all else as `Questions`."""

    def __init__(self, suite: Suite, recorded: RecordedSurprisals) -> None:
        """Find the suite's rows.

        Raises LrdBenchError naming a row that is not of these stimuli, where there is none that is, and for a metric
        that takes more than the table has.
        """
        check_metric(suite.name, suite.metric)
        if recorded.place == "region" and needs_words(suite.metric):
            raise LrdBenchError(
                f"{recorded.path}: has the sums of regions, and the {suite.metric} takes the surprisal of each word. "
                "Give it a row for each word."
            )
        self.suite, self.name, self._recorded = suite, recorded.name, recorded
        self.formulas = {text: parse_formula(text) for text in suite.predictions}
        self._rows: dict[tuple[str, str], Rows] = dict(matching_rows(suite, recorded))
        own = {item.id: self._unknown_cue_or_critical(item) for item in suite.items}
        self._unknown = {
            item: words | (own[suite.twins[item].id] if item in suite.twins else set()) for item, words in own.items()
        }

    def verdicts(self, formula: Formula) -> dict[str, Verdict | Unscored]:
        """Item id → verdict, or the reason why there is none. A pair is scored whole or not at all."""
        return whole_pairs({item.id: self._verdict(item, formula) for item in self.suite.items}, self.suite)

    def _verdict(self, item: Item, formula: Formula) -> Verdict | Unscored:
        if words := self._unknown[item.id] or self._unknown_in_regions(item, formula):
            return unknown_words(sorted(words))
        try:
            verdict = evaluate(formula, partial(self._total, item))
        except UnscorableError as reason:
            return str(reason)
        return "the margin is not a number" if math.isnan(verdict.margin_bits) else verdict

    def _total(self, item: Item, atoms: Mapping[Atom, float]) -> float:
        return added_up(weight * self._value(item, atom) for atom, weight in atoms.items())

    def _value(self, item: Item, atom: Atom) -> float:
        """What the suite's metric makes of a region."""
        owner, sentence, span = find_region(self.suite, item, atom)
        words, metric = sentence.tokens[slice(*span)], self.suite.metric
        check_words(metric, atom, words)
        if not words:
            return 0.0
        rows, by_region = self._rows.get((owner.id, atom.condition), {}), self._recorded.place == "region"
        values = [rows.get(place) for place in ([atom.region] if by_region else range(*span))]
        bits = [value.bits for value in values if value is not None and not math.isnan(value.bits)]
        if len(bits) < len(values):
            raise UnscorableError(
                f"{self._recorded.path.name} has no surprisal of region {atom.region!r} of {atom.condition!r}"
            )
        return part_of(metric, words, bits[0]) if by_region else value_of(metric, words, bits)

    def _unknown_cue_or_critical(self, item: Item) -> set[str]:
        return {
            word
            for condition, sentence in item.sentences.items()
            for region in DECIDING_REGIONS
            if region in sentence.regions
            for word in self._unknown_of(item, condition, sentence, region)
        }

    def _unknown_in_regions(self, item: Item, formula: Formula) -> set[str]:
        words = set[str]()
        for atom in deciding_atoms(formula):
            owner, sentence, _ = find_region(self.suite, item, atom)
            words |= self._unknown_of(owner, atom.condition, sentence, atom.region)
        return words

    def _unknown_of(self, item: Item, condition: str, sentence: Sentence, region: str) -> set[str]:
        """The words of a region that the table says the model did not know; of some, it may only say how many."""
        rows, span = self._rows.get((item.id, condition), {}), sentence.span(region)
        words = sentence.tokens[slice(*span)]
        if self._recorded.place != "region":
            return {sentence.tokens[place] for place in range(*span) if place in rows and rows[place].unknown}
        number = rows[region].unknown if region in rows else 0
        return set(words) if number >= len(words) else {f"{number} of {' '.join(words)!r}"} if number else set()


def matching_rows(suite: Suite, recorded: RecordedSurprisals) -> Iterator[tuple[tuple[str, str], Rows]]:
    """(item id, condition) → the rows of the sentence, all of which have been checked against it.

    Items that the suite has not are passed over: a table may hold more. Raises LrdBenchError for a row that is not of
    these stimuli, and where there is none that is.
    """
    name = None if None in recorded.suites else suite.name
    if name not in recorded.suites:
        raise LrdBenchError(f"{recorded.path}: {unknown('suite', suite.name, {str(each) for each in recorded.suites})}")
    digests = recorded.digests.get(suite.name)
    if digests and short(suite.digest) not in digests:
        raise LrdBenchError(
            f"{recorded.path}: is of other items of {suite.name} ({', '.join(sorted(digests))}) than the stimuli "
            f"({short(suite.digest)}). Score those, or remove the column run if the sentences are the same."
        )
    sentences: dict[Key, NumberedSentence] = {}
    for place in numbered_sentences(suite):
        sentences[name, place.number] = sentences[name, place.item.id, place.condition] = place
    items = {item.id: item for item in suite.items}
    found = False
    for key, rows in recorded.sentences.items():
        if key[0] != name or (len(key) == 3 and key[1] not in items):
            continue
        found = True
        where = recorded.where(next(iter(rows.values())))
        if key not in sentences:
            if len(key) == 3:
                raise LrdBenchError(
                    f"{where}: item {key[1]!r}: {unknown('condition', key[2], items[key[1]].sentences)}"
                )
            number = sum(len(item.sentences) for item in suite.items)
            raise LrdBenchError(f"{where}: is of sentence {key[1]}, and the suite has sentences 1 to {number}.")
        place = sentences[key]
        for of, value in rows.items():
            _check_row(recorded, value, of, place.sentence)
        yield (place.item.id, place.condition), rows
    if not found:
        raise LrdBenchError(f"{recorded.path}: has no item of {suite.name}. Score the items that it is of.")


def _check_row(recorded: RecordedSurprisals, value: Value, of: str | int, sentence: Sentence) -> None:
    """Raise LrdBenchError for a row that is not of the sentence: of a region or a word that it has not."""
    where = recorded.where(value)
    if isinstance(of, str):
        if of != "*" and of not in sentence.regions:
            raise LrdBenchError(f"{where}: {unknown('region', of, ['*', *sentence.regions])}")
        start, stop = sentence.span(of)
        if value.words not in (None, stop - start):
            raise LrdBenchError(
                f"{where}: is of {value.words} words, and region {of!r} has {stop - start}. "
                "Score the items that it is of."
            )
    elif of >= len(sentence.tokens):
        if of > len(sentence.tokens) or value.token not in ENDS:
            raise LrdBenchError(
                f"{where}: is of a word after the last, and the sentence has {len(sentence.tokens)}. "
                "Give one row a word; position counts from 0, token_id from 1."
            )
    elif value.token not in (None, UNK, sentence.tokens[of]):
        raise LrdBenchError(
            f"{where}: is of {value.token!r}, and the sentence has {sentence.tokens[of]!r} there. "
            "Give one row a word, each as `lrd-bench convert STIMULI --to text` writes it."
        )
