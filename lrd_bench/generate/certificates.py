"""The grammar of a suite: it derives every good sentence and no bad one, so that the question can be decided."""

from collections.abc import Sequence

from lrd_bench.catalogue import find
from lrd_bench.generate.cells import INNER, STRETCH, Cell
from lrd_bench.generate.grammar import Grammar
from lrd_bench.generate.lexicon import read_lexicon
from lrd_bench.generate.suites import SuiteFile, cells_for, frame_for
from lrd_bench.generate.twins import FILLER
from lrd_bench.pcfg import Pcfg
from lrd_bench.settings import read_settings

START = "item"


def suite_grammar(suite: str) -> Pcfg:
    """The grammar of a shipped suite, or of the path of one: its sentence, with every filler of its design."""
    path = find("suite", suite)
    file = read_settings(path, SuiteFile)
    lexicon = read_lexicon(path.parent / file.lexicon)
    cells = cells_for(path, file, frame_for(path, file, lexicon))
    rules: dict[str, Sequence[str]] = {**file.rules, START: [file.sentence]}
    fillers: list[str] = []
    for cell in dict.fromkeys(cell._replace(pattern=(0,) * cell.nouns) for cell in cells):
        fillers.append(_units(file, cell, rules) if cell.nouns else _stretch(file, cell.stretches[0]))
    rules[FILLER] = fillers
    return Grammar(path, lexicon, rules).multiply_out(START)


def _units(file: SuiteFile, cell: Cell, rules: dict[str, Sequence[str]]) -> str:
    """Add the rules of a cell's units, each one of its own so that its features stay its own; give what calls them."""
    nests = f"{{{INNER}}}" in file.filler.unit
    units = ""
    for place, stretch in reversed(list(enumerate(cell.stretches))):
        name = f"unit_{cell.distance}_{cell.nouns}_{place}"
        text = file.filler.unit.replace(f"{{{STRETCH}}}", _stretch(file, stretch))
        rules[name] = [text.replace(f"{{{INNER}}}", units)]
        units = f"{{{name}}}" if nests else f"{{{name}}} {units}"
    return units


def _stretch(file: SuiteFile, length: int) -> str:
    return f"{{{file.filler.stretch}}}*{length}" if length else ""
