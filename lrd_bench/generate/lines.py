"""Blocks into lines of JSON, the canonical form that `lrd_bench.suite_files` reads and writes, at the speed of a disk.

Most of an item's line depends on its cell alone and is put together once; words are joined, not serialised one by one.
On the way every pair gets its two certificates: that twins differ in the cue alone, which holds by construction and is
written down as `blind_below`, and that the suite's grammar derives both good sentences and neither bad one.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import to_json
from lrd_bench.generate.cells import Cell, slug
from lrd_bench.generate.draws import Block, Word
from lrd_bench.generate.language import FOREIGN
from lrd_bench.generate.plans import Cut
from lrd_bench.generate.splits import Split
from lrd_bench.recognizer import START, Recognizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What all items of a suite share."""

    where: str
    """File and line of the suite's sentence, for messages."""
    suite: str
    version: int
    predictions: Sequence[str]
    construction: str
    kinds: Sequence[str]
    """What the fillers are called."""
    letters: Sequence[str]
    """What stands for the two values in a pattern."""
    source: dict[str, Any]


DECIDED_KEPT = 1000
"""Blocks, as sequences of classes of words, that are remembered as decided."""


class Lines:
    """Writes the items of blocks."""

    def __init__(
        self, heading: Heading, cells: Sequence[Cell], cuts: Sequence[Cut], grammar: Recognizer, split: Split | None
    ) -> None:
        self._heading = heading
        self._grammar = grammar
        self._split = split
        self._cells = [_CellText(heading, cell, cut) for cell, cut in zip(cells, cuts, strict=True)]
        self._quoted: dict[str, str] = {}
        self._decided: set[tuple[object, ...]] = set()
        self.foreign = 0
        """Items that the training grammar does not derive, with all that it withholds."""
        self.source = f'"source":{to_json(heading.source)},'
        """What every line holds between `sentences` and `suite`, and the suite's digest leaves out."""
        predictions = f'"predictions":{to_json(list(heading.predictions))},"sentences":{{"bad":{{"regions":'
        self._middle = f",{predictions}"
        self._end = f'{self.source}"suite":{to_json(heading.suite)},"version":{heading.version}}}\n'

    def block(self, number: int, block: Block) -> Iterator[str]:
        """The lines of a block, two for each cell."""
        values, answers = block.material.values, [self._quote(word) for word in block.material.answers]
        cues = [f"{self._quote(cue)}," for cue in block.material.cues]
        cue_values = [to_json(value) for value in values]
        group, opening = to_json(block.material.group), f'"{number}/'
        pool = [f"{self._quote(word)}," for word in block.pool]
        heads, onsets = (self._two(words) for words in (block.head, block.onset))
        tail = "".join(f",{self._quote(word.texts[0])}" for word in block.tail)
        before, after = len(block.head), len(block.onset)
        marks = _marks(block)
        for cell, seen in zip(self._cells, self._judge(block), strict=True):
            lead, between = "".join(cell.lead(pool)), "".join(cell.between(pool))
            regions = cell.regions(before, after, marks)
            pair = f'{opening}{cell.name}"'
            for own in (0, 1):
                context = f"{heads[own]}{lead}{onsets[own]}{cues[own]}{between}"
                yield (
                    f'{cell.certificate}{cell.factors[own]}{cue_values[own]}{cell.more[own]}{seen}}},"group":{group},'
                    f'"id":{pair[:-1]}/{cue_values[own][1:]},"pair":{pair}{self._middle}{regions},'
                    f'"tokens":[{context}{answers[1 - own]}{tail}]}},"good":{{"regions":{regions},'
                    f'"tokens":[{context}{answers[own]}{tail}]}}}},{self._end}'
                )

    def _judge(self, block: Block) -> list[str]:
        """For each cell, what the training text withholds of its pair, as JSON.

        Raises LrdBenchError where the suite's grammar does not decide a pair.
        """
        grammar = _Walks(self._grammar, block)
        # Whether a block is decided depends on the classes of its words alone.
        if grammar.signature not in self._decided:
            for cell in self._cells:
                if not grammar.decides(cell):
                    raise LrdBenchError(_undecided(self._heading.where, block, cell))
            if len(self._decided) == DECIDED_KEPT:
                self._decided.clear()
            self._decided.add(grammar.signature)
        if self._split is None:
            return ["null"] * len(self._cells)
        split = _Walks(self._split.recognizer, block)
        marks = [self._split.mark(*split.answered(cell)) for cell in self._cells]
        self.foreign += 2 * marks.count(FOREIGN)
        return [self._quote(mark) for mark in marks]

    def _two(self, words: Sequence[Word]) -> tuple[str, str]:
        one, other = ("".join(f"{self._quote(word.texts[twin])}," for word in words) for twin in (0, 1))
        return one, other

    def _quote(self, word: str) -> str:
        quoted = self._quoted.get(word)
        if quoted is None:
            quoted = self._quoted[word] = json.dumps(word, ensure_ascii=False)
        return quoted


class _CellText:
    """What of an item's line depends on its cell alone, and how its words are taken from a block's pool."""

    def __init__(self, heading: Heading, cell: Cell, cut: Cut) -> None:
        pattern, lures = ("".join(heading.letters[value] for value in each) for each in (cell.pattern, cell.lures))
        kind = [slug(heading.kinds[cell.filler])] if len(heading.kinds) > 1 else []
        nouns = [f"{lures}+{pattern}" if lures else pattern] if lures or pattern else []
        self.name = json.dumps("/".join([*kind, str(cell.distance), *nouns]), ensure_ascii=False)[1:-1]
        self.lead, self.between = _taker(cut.lead), _taker(cut.between)
        self._cut, self._distance = cut, cell.distance
        self._regions: dict[tuple[int, int, tuple[tuple[str, int], ...]], str] = {}
        self.certificate = f'{{"certificate":{{"blind_below":{cell.distance}}},"factors":'
        self.factors, self.more = [], []
        for own in (0, 1):
            nearest = None if not cell.pattern else "match" if cell.pattern[-1] == own else "mismatch"
            factors = {
                "attractors": sum(value != own for value in cell.pattern),
                "construction": heading.construction,
                "cue_value": 0,
                "distance": cell.distance,
                "filler": heading.kinds[cell.filler],
                "lures": lures,
                "lures_before": sum(value != own for value in cell.lures),
                "nearest": nearest,
                "needed_context": cell.distance,
                "nouns_between": len(cell.pattern),
                "pattern": pattern,
                "seen": 0,
            }
            before, after = to_json(factors).split('"cue_value":0')
            self.factors.append(f'{before}"cue_value":')
            self.more.append(after.removesuffix("0}"))

    def regions(self, before: int, after: int, marks: tuple[tuple[str, int], ...]) -> str:
        """The regions as JSON, for so many words before and after the lead, and regions of the frame."""
        key = (before, after, marks)
        if key not in self._regions:
            cue = before + len(self._cut.lead) + after
            starts = {"cue": cue, "critical": cue + self._distance}
            starts |= {f"lure{n}": before + at for n, at in enumerate(self._cut.lures, start=1)}
            starts |= {f"attractor{n}": cue + 1 + at for n, at in enumerate(self._cut.attractors, start=1)}
            for region, at in marks:
                if at < 0:
                    starts[region] = cue + self._distance - at
                else:
                    starts[region] = at if at < before else at + len(self._cut.lead)
            self._regions[key] = to_json({region: [start, start + 1] for region, start in starts.items()})
        return self._regions[key]


def _taker(places: Sequence[int]) -> Any:
    """A function that takes these places from a list, as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda pool: tuple(pool[place] for place in places)


def _marks(block: Block) -> tuple[tuple[str, int], ...]:
    """Regions that the frame names, and where: counted from the start, or, after the critical word, down from −1."""
    marks = [(word.region, at) for at, word in enumerate((*block.head, *block.onset)) if word.region]
    marks += [(word.region, -1 - at) for at, word in enumerate(block.tail) if word.region]
    return tuple(marks)


class _Walks:
    """A grammar's automaton led through the sentences of a block; what cells share is walked once."""

    def __init__(self, grammar: Recognizer, block: Block) -> None:
        self._grammar = grammar
        self._pool = grammar.classes_of(block.pool)
        self._heads, self._onsets = (
            [grammar.classes_of(word.texts[twin] for word in words) for twin in (0, 1)]
            for words in (block.head, block.onset)
        )
        self._cues, self._answers = (grammar.classes_of(two) for two in (block.material.cues, block.material.answers))
        tail = grammar.classes_of(word.texts[0] for word in block.tail)
        self._endings = [(answer, *tail) for answer in self._answers]
        self.signature = (*self._heads, *self._onsets, self._cues, *self._endings, self._pool)
        self._at_cue: dict[tuple[int, ...], tuple[int, int]] = {}

    def _states(self, cell: _CellText) -> tuple[int, int]:
        """The states before the critical word, of the one twin and the other."""
        lead = cell.lead(self._pool)
        if lead not in self._at_cue:
            one, other = (
                self._grammar.follow(START, (*self._heads[twin], *lead, *self._onsets[twin], self._cues[twin]))
                for twin in (0, 1)
            )
            self._at_cue[lead] = (one, other)
        one, other = self._at_cue[lead]
        between = cell.between(self._pool)
        return self._grammar.follow(one, between), self._grammar.follow(other, between)

    def answered(self, cell: _CellText) -> tuple[int, int]:
        """The states after the critical words of both twins' good sentences."""
        one, other = self._states(cell)
        return self._grammar.follow(one, self._answers[:1]), self._grammar.follow(other, self._answers[1:])

    def decides(self, cell: _CellText) -> bool:
        """Whether the grammar derives both good sentences and neither bad one."""
        follow, complete = self._grammar.follow, self._grammar.complete
        (one, other), (first, second) = self._states(cell), self._endings
        good = complete(follow(one, first)) and complete(follow(other, second))
        return good and not (complete(follow(one, second)) or complete(follow(other, first)))


def _undecided(where: str, block: Block, cell: _CellText) -> str:
    words = [word.texts[0] for word in block.head] + list(cell.lead(block.pool))
    words += [word.texts[0] for word in block.onset] + [block.material.cues[0]] + list(cell.between(block.pool))
    candidates = " or ".join(repr(answer) for answer in block.material.answers)
    return (
        f"{where}: its own grammar derives both sentences, or neither, where {' '.join(words)!r} goes on with "
        f"{candidates}. Make the candidates differ in what they share with the cue, and check their forms."
    )
