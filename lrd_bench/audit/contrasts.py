"""What an item asks: two sentences of which one is predicted to be likelier, and the words in which they differ."""

from collections.abc import Iterator
from dataclasses import dataclass

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.formula import Atom, Comparison, Formula, Junction, Sum, parse_formula
from lrd_bench.items import Item, Sentence, Span, Suite, difference

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Two sentences, cut where they begin and cease to differ: before · right · after and before · wrong · after.

    The candidates are what differs, wherever it stands: for *All boys boast about {that, those} child* the determiner,
    though it is the cue and the noun is what a model is asked for. So a contrast needs no regions.
    """

    item: Item
    good: Sentence
    """The sentence that the prediction wants to be likelier."""
    bad: Sentence
    before: Words
    right: Words
    """The candidate of the good sentence: what is left of it without what both begin and end with. May be empty."""
    wrong: Words

    @property
    def identical(self) -> bool:
        """Whether the two sentences are the same, so that there is no answer."""
        return self.right == self.wrong


def contrasts_of(suite: Suite) -> list[Contrast]:
    """The contrasts of all items, in order: one for each inequality between one region of two of its sentences.

    Sums, differences and predictions that name the twin set more than two sentences against each other and give none.

    Raises LrdBenchError for a prediction about a condition that no item has.
    """
    wanted = [pair for text in suite.predictions for pair in _inequalities(parse_formula(text))]
    sides = dict.fromkeys((good.condition, bad.condition) for good, bad in wanted)
    known = {condition for item in suite.items for condition in item.sentences}
    for condition in (condition for both in sides for condition in both):
        if condition not in known:
            raise LrdBenchError(f"{suite.name}: a prediction asks for an {unknown('condition', condition, known)}")
    return [
        _contrast(item, item.sentences[good], item.sentences[bad])
        for item in suite.items
        for good, bad in sides
        if good in item.sentences and bad in item.sentences
    ]


def _inequalities(formula: Formula) -> Iterator[tuple[Atom, Atom]]:
    """The atoms of plain inequalities joined by `&`, the one with the smaller surprisal first."""
    if isinstance(formula, Junction):
        if formula.operator == "&":
            yield from _inequalities(formula.left)
            yield from _inequalities(formula.right)
    elif isinstance(formula, Comparison) and formula.operator != "=":
        smaller, larger = formula.left, formula.right
        if formula.operator == ">":
            smaller, larger = larger, smaller
        good, bad = _single(smaller), _single(larger)
        if good is not None and bad is not None:
            yield good, bad


def _single(side: Sum) -> Atom | None:
    """The one atom of a side that is nothing but an atom of the item itself."""
    [atom, *more] = side.atoms or [None]
    plain = atom is not None and not more and side.constant == 0 and side.atoms[atom] == 1 and not atom.twin
    return atom if plain else None


def _contrast(item: Item, good: Sentence, bad: Sentence) -> Contrast:
    end = len(good.tokens)
    ours, theirs = difference(good.tokens, bad.tokens) or (Span(end, end), Span(end, end))
    return Contrast(
        item=item,
        good=good,
        bad=bad,
        before=good.tokens[: ours.start],
        right=good.tokens[slice(*ours)],
        wrong=bad.tokens[slice(*theirs)],
    )
