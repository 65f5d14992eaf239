"""A suite as its author writes it, and the frame and the cells that it comes to."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.formula import atoms_of, parse_formula
from lrd_bench.generate.cells import Cell, Filler, Lead, cells_of, lead_at, parse_filler, with_fixed_length
from lrd_bench.generate.checks import check_fixed_length, check_frame, check_kin, split_sentence
from lrd_bench.generate.grammar import Grammar, lexicon_beside
from lrd_bench.generate.language import parse_parts, slots_of
from lrd_bench.generate.lexicon import Lexicon
from lrd_bench.generate.rules import read_rules
from lrd_bench.generate.twins import Frame
from lrd_bench.places import place
from lrd_bench.settings import Settings, read_settings

GLOSSARY = {
    "distance": "first critical word minus last word of the cue, in words; 1 when adjacent",
    "needed_context": "words to the left that a model must see to tell the twins apart",
    "nouns_between": "nouns between cue and critical word",
    "pattern": "values of the nouns between, from left to right",
    "filler": "what stands between cue and critical word",
    "construction": "what depends on what",
    "seen": "what the training grammar withholds of the sentence up to its critical word; 'seen': nothing",
    "attractors": "nouns between whose value opposes the cue's",
    "nearest": "whether the last noun between has the cue's value",
    "lures": "values of the nouns before the cue, from left to right",
    "lures_before": "nouns before the cue whose value opposes the cue's",
    "cue_value": "the cue's value of the feature that makes the twins",
}
"""Factor of an item → what it means, unless a suite's own page says it otherwise."""


PREDICTIONS = {
    "accuracy": "(critical;%good%) < (critical;%bad%)",
    "double difference": "(critical;%good%) + (critical;%twin.good%) < (critical;%bad%) + (critical;%twin.bad%)",
}
"""Formulas that a page may call by name."""

CONDITIONS = ("good", "bad")
"""Of an item: its sentence with the right candidate, and with the wrong one."""


class SuitePage(Settings):
    """A suite as its author writes it."""

    name: str = Field(pattern=r"^[\w.-]+$")
    """Also that of its files: letters, digits, `_`, `.` and `-`."""
    version: int = Field(ge=1)
    phenomenon: str
    question: str
    """What the suite asks, in one sentence."""
    reference: str
    lexicon: Path | Sequence[Path]
    """One table, or several: later ones extend and replace."""
    construction: str
    twins: str
    """The feature of the cue whose two values make twins."""
    kin: Sequence[Sequence[str]] = ()
    """Sets of values of that feature that are too close to each other to be twins."""
    predictions: Sequence[str] = ()
    """What is asked, the headline first: names of PREDICTIONS, or formulas over regions of the sentence. If nothing is
    said: both, and the double difference first where twins' candidates are different words."""
    sentence: str
    filler: Sequence[Filler] = Field(min_length=1)
    lead: Lead = Lead()
    rules: Mapping[str, Sequence[str]] = Field(default_factory=dict)
    glossary: Mapping[str, str] = Field(default_factory=dict)
    """What factors mean in this suite, where that can be said more exactly."""

    @property
    def tables(self) -> Sequence[Path]:
        """The tables of its lexicon."""
        return [self.lexicon] if isinstance(self.lexicon, Path) else self.lexicon


class OpenedSuite:
    """A suite's page with its lexicon, frame and cells; perhaps of fixed length, or nonce."""

    def __init__(self, path: Path, *, fixed_length: bool = False, nonce: bool = False) -> None:
        """Raises LrdBenchError naming file and line where the page is not sound."""
        self.path, self.nonce = path, nonce
        self.page = read_settings(path, SuitePage)
        self.name = self.page.name + "-fixed-length" * fixed_length + "-nonce" * nonce
        for factor in self.page.glossary:
            if factor not in GLOSSARY:
                raise LrdBenchError(f"{place(path, 'glossary', factor)}: {unknown('factor', factor, GLOSSARY)}")
        lexicon = lexicon_beside(path, self.page.lexicon)
        self.frame = self.frame_over(lexicon.nonce() if nonce else lexicon)
        if nonce and not self.frame.inflected:
            raise LrdBenchError(
                f"{place(path, 'twins')}: has no nonce version: its twins differ in {self.page.twins}, which is "
                "a matter of sense. Leave out --nonce."
            )
        self.predictions = self._predictions()
        self.cells = self._cells(fixed_length=fixed_length)

    def frame_over(self, lexicon: Lexicon) -> Frame:
        """The parsed parts of the sentence over a lexicon."""
        path, page = self.path, self.page
        if page.twins not in lexicon.features and not lexicon.cut:
            raise LrdBenchError(f"{place(path, 'twins')}: {unknown('feature', page.twins, lexicon.features)}")
        parts = parse_parts(page.sentence, f"{place(path, 'sentence')}: 'sentence'")
        split = split_sentence(parts, path, led="lead" in page.model_fields_set)
        frame = Frame(
            path=path,
            lexicon=lexicon,
            grammar=Grammar(lexicon, read_rules(path, page.rules)),
            feature=page.twins,
            kin=tuple(map(frozenset, page.kin)),
            head=split.head,
            onset=split.onset,
            cue=split.cue,
            bridge=split.bridge,
            critical=split.critical,
            tail=split.tail,
            fillers=tuple(parse_filler(filler, path, number) for number, filler in enumerate(page.filler)),
            lead=parse_parts(page.lead.unit, lead_at(path, "unit")),
            lead_stretch=page.lead.stretch,
        )
        if not lexicon.cut:  # else it has been checked over all words
            check_frame(frame, page.lead)
            check_kin(frame, page.kin)
        return frame

    def _predictions(self) -> list[str]:
        """The formulas that are asked, the headline first."""
        formulas: list[str] = []
        regions = [slot.region for slot in slots_of(parse_parts(self.page.sentence, self.page.name)) if slot.region]
        regions.insert(regions.index("critical"), "*")
        answered = regions[regions.index("*") :]  # before the critical word the two sentences are the same
        asked = self.page.predictions or sorted(PREDICTIONS, reverse=not self.frame.inflected)
        for number, written in enumerate(asked):
            formula = PREDICTIONS.get(written, written)
            where = f"{place(self.path, 'predictions', number)}: predictions"
            if "%" not in formula:
                raise LrdBenchError(f"{where}: {unknown('prediction', written, PREDICTIONS)} Or write a formula.")
            try:
                atoms = atoms_of(parse_formula(formula))
            except LrdBenchError as error:
                raise LrdBenchError(f"{where}: {error}") from None
            for atom in sorted(atoms):
                if atom.condition not in CONDITIONS:
                    raise LrdBenchError(f"{where}: {unknown('condition', atom.condition, CONDITIONS)}")
                if atom.region not in regions:
                    raise LrdBenchError(f"{where}: {unknown('region', atom.region, regions)}")
            if not any(atom.region in answered for atom in atoms):
                raise LrdBenchError(
                    f"{where}: {written!r} compares what is the same in both sentences. Name the critical word, or '*'."
                )
            if formula in formulas:
                raise LrdBenchError(f"{where}: {written!r} is asked twice. Remove one.")
            formulas.append(formula)
        return formulas

    def _cells(self, *, fixed_length: bool) -> list[Cell]:
        nearest = 1 + sum(map(len, self.frame.bridge))
        page = self.page
        cells = cells_of(page.filler, self.frame.fillers, page.lead.lures, nearest, self.path)
        if not fixed_length:
            return cells
        check_fixed_length(self.frame, page.lead)
        return with_fixed_length(cells, self.frame.lead)
