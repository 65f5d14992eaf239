"""What a suite asks of a model: the regions that its predictions name, and a verdict on each prediction and item."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.formula import Atom, Formula, Verdict, atoms_of, evaluate, parse_formula
from lrd_bench.items import Item, Sentence, Span, Suite
from lrd_bench.models.base import LanguageModel
from lrd_bench.score.evidence import Evidence, UnscorableError
from lrd_bench.score.metrics import Region, check_metric, total_of
from lrd_bench.signature import SUM

DECIDING_REGIONS = ("cue", "critical")
"""An unknown word here leaves both twins unscored; anywhere else it is allowed, and counted."""

Unscored = str
"""The reason why there is no verdict."""


class Questions:
    """One suite put to one model. All evidence is kept, so that whatever is made of it agrees."""

    def __init__(self, suite: Suite, model: LanguageModel, name: str) -> None:
        """Find what the predictions name. Raises LrdBenchError where an item lacks it, and for an unknown metric.

        name: the model's name, for messages
        """
        check_metric(suite.name, suite.metric)
        self.suite, self.name, self._vocabulary = suite, name, model.vocabulary
        self.formulas = {text: parse_formula(text) for text in suite.predictions}
        self.unknown_words = _unknown_words(suite, model)
        self._evidence = Evidence(model, name)
        # (item id, condition, region) → the evidence of the region's words.
        self._numbers: dict[tuple[str, str, str], list[int]] = {}
        atoms = sorted(set().union(*map(atoms_of, self.formulas.values())))
        for item in suite.items:
            for atom in atoms:
                owner, sentence, span = self._find(item, atom)
                if item.id not in self.unknown_words:
                    self._note(owner, atom.condition, atom.region, sentence, span)

    def _find(self, item: Item, atom: Atom) -> tuple[Item, Sentence, Span]:
        return find_region(self.suite, item, atom)

    def _owner(self, item: Item, atom: Atom) -> Item:
        return self.suite.twins[item.id] if atom.twin else item

    def _note(self, item: Item, condition: str, region: str, sentence: Sentence, span: Span) -> None:
        place = (item.id, condition, region)
        if place not in self._numbers:
            self._numbers[place] = self._evidence.numbers(sentence.tokens, span)

    def verdicts(self, formula: Formula) -> dict[str, Verdict | Unscored]:
        """Item id → verdict, or the reason why there is none. A pair is scored whole or not at all."""
        self._evidence.ask(f"scoring {self.name} on {self.suite.name}")
        return whole_pairs({item.id: self._verdict(item, formula) for item in self.suite.items}, self.suite)

    def _verdict(self, item: Item, formula: Formula) -> Verdict | Unscored:
        if words := self.unknown_words.get(item.id) or self._unknown_in_regions(item, formula):
            return unknown_words(words)
        try:
            verdict = evaluate(formula, partial(self._total, item))
        except UnscorableError as reason:
            return str(reason)
        return "the margin is not a number" if math.isnan(verdict.margin_bits) else verdict

    def _unknown_in_regions(self, item: Item, formula: Formula) -> list[str]:
        """The unknown words of further regions that a prediction names: they are its critical ones."""
        if self._vocabulary is None:
            return []
        named = [self._find(item, atom) for atom in deciding_atoms(formula)]
        words = {word for _, sentence, span in named for word in sentence.tokens[slice(*span)]}
        return sorted(word for word in words if word not in self._vocabulary)

    def _total(self, item: Item, atoms: Mapping[Atom, float]) -> float:
        """A linear combination of regions in bits, in which equal evidence is added up before anything is summed."""
        if self.suite.metric != SUM:  # whose words take time to find; the sum needs none
            return total_of(self.suite.metric, self._regions(item, atoms), self._evidence.total)
        weights: dict[int, float] = {}
        for atom, coefficient in atoms.items():
            for number in self._numbers[self._owner(item, atom).id, atom.condition, atom.region]:
                weights[number] = weights.get(number, 0.0) + coefficient
        return self._evidence.total(weights)

    def _regions(self, item: Item, atoms: Mapping[Atom, float]) -> Iterator[Region]:
        for atom, weight in atoms.items():
            owner, sentence, span = self._find(item, atom)
            numbers = self._numbers[owner.id, atom.condition, atom.region]
            yield Region(atom, weight, sentence.tokens[slice(*span)], numbers)

    def surprisals(self, *, only_asked: bool = False) -> dict[tuple[str, str, str], float | None]:
        """(item id, condition, region) → bits, for all regions of all sentences and `*`; None where there is no number.

        The sum over the region's words, whatever the metric. Asks for what the predictions did not need, and for no
        evidence twice. `only_asked`: the regions that they did need, and no more.
        """
        for item in () if only_asked else self.suite.items:
            for condition, sentence in item.sentences.items():
                for region in ("*", *sentence.regions):
                    self._note(item, condition, region, sentence, sentence.span(region))
        self._evidence.ask(f"surprisals of {self.name} on {self.suite.name}")
        return {place: self._bits(numbers) for place, numbers in self._numbers.items()}

    def _bits(self, numbers: Sequence[int]) -> float | None:
        try:
            return self._evidence.total(_counts(numbers))
        except UnscorableError:
            return None


def find_region(suite: Suite, item: Item, atom: Atom) -> tuple[Item, Sentence, Span]:
    """The item, sentence and span that an atom names. Raises LrdBenchError where there is no such thing."""
    where = f"{suite.name}: item {item.id!r}"
    if atom.twin and item.id not in suite.twins:
        raise LrdBenchError(
            f"{where}: has no twin, but a prediction names one. Give two items the same pair, or drop the prediction."
        )
    owner = suite.twins[item.id] if atom.twin else item
    sentence = owner.sentences.get(atom.condition)
    if sentence is None:
        raise LrdBenchError(f"{where}: {unknown('condition', atom.condition, owner.sentences)}")
    try:
        return owner, sentence, sentence.span(atom.region)
    except KeyError:
        message = unknown("region", atom.region, ["*", *sentence.regions])
        raise LrdBenchError(f"{where}, condition {atom.condition!r}: {message}") from None


def deciding_atoms(formula: Formula) -> list[Atom]:
    """The regions that a prediction names, but for whole sentences, and for those that decide anyway."""
    return [atom for atom in atoms_of(formula) if atom.region not in ("*", *DECIDING_REGIONS)]


def unknown_words(words: Sequence[str]) -> Unscored:
    """The reason why an item with unknown words has no verdict."""
    return f"unknown word{'s' if len(words) > 1 else ''}: {', '.join(words)}"


def whole_pairs(verdicts: Mapping[str, Verdict | Unscored], suite: Suite) -> dict[str, Verdict | Unscored]:
    """The verdicts, but of pairs of which one item has none: there, neither has."""
    whole = dict(verdicts)
    for item, verdict in verdicts.items():
        twin = suite.twins.get(item)
        if isinstance(verdict, Unscored) and twin is not None and isinstance(verdicts[twin.id], Verdict):
            whole[twin.id] = f"its twin is unscored: {verdict}"
    return whole


def _counts(numbers: Sequence[int]) -> dict[int, float]:
    """How often each number occurs: a window model may see the same evidence twice in one region."""
    counts: dict[int, float] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0.0) + 1
    return counts


def _unknown_words(suite: Suite, model: LanguageModel) -> dict[str, list[str]]:
    """Item id → the unknown words of its and its twin's cues and critical regions, for items that have any."""
    vocabulary = model.vocabulary
    if vocabulary is None:
        return {}
    unknown_words = {
        item.id: {word: None for word in _deciding_words(item) if word not in vocabulary} for item in suite.items
    }
    for item, twin in suite.twins.items():
        unknown_words[item] = dict(sorted((unknown_words[item] | unknown_words[twin.id]).items()))
    return {item: list(words) for item, words in unknown_words.items() if words}


def _deciding_words(item: Item) -> list[str]:
    return [
        word
        for sentence in item.sentences.values()
        for region in DECIDING_REGIONS
        if region in sentence.regions
        for word in sentence.tokens[slice(*sentence.span(region))]
    ]
