"""Suites: a page that a linguist can read, made into twins at controlled distances."""

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from lrd_bench import __version__
from lrd_bench.catalogue import find
from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.files import already_made, digest_of, file_digest
from lrd_bench.generate.cells import Cell, Filler, cells_of
from lrd_bench.generate.checks import check_frame
from lrd_bench.generate.grammar import Grammar
from lrd_bench.generate.language import parse_parts
from lrd_bench.generate.lexicon import Lexicon, read_lexicon
from lrd_bench.generate.splits import Split, read_split
from lrd_bench.generate.twins import Frame, Material, Writer, groups_of, schedule
from lrd_bench.items import Factor, Item, Sentence, Suite, read_suite, suite_made_from, write_suite
from lrd_bench.progress import progress_bar
from lrd_bench.settings import Settings, read_settings
from lrd_bench.vocabulary import Vocabulary, read_vocabulary

ACCURACY = "(critical;%good%) < (critical;%bad%)"
DOUBLE_DIFFERENCE = "(critical;%good%) + (critical;%twin.good%) < (critical;%bad%) + (critical;%twin.bad%)"

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
    "cue_value": "the cue's value of the feature that makes the twins",
}


class SuiteFile(Settings):
    """A suite as its author writes it."""

    name: str
    version: int = Field(ge=1)
    phenomenon: str
    question: str
    """What the suite asks, in one sentence."""
    reference: str
    lexicon: Path
    construction: str
    twins: str
    """The feature of the cue whose two values make twins."""
    headline: Literal["accuracy", "double difference"] = "accuracy"
    sentence: str
    filler: Filler
    rules: Mapping[str, Sequence[str]] = Field(default_factory=dict)
    glossary: Mapping[str, str] = Field(default_factory=dict)


def generate_suite(
    suite: str,
    *,
    out: Path,
    seed: int = 0,
    items: int = 2400,
    vocabulary: Path | None = None,
    min_count: int = 1,
    split: str | None = None,
    force: bool = False,
) -> Suite:
    """Make the items of a suite and write them to `out` (JSONL, with `NAME.suite.json` beside it).

    suite:       a shipped suite or the path of one
    items:       at least so many: rounded up to whole balanced blocks; asking for more extends the file
    vocabulary:  keep to words that it knows and has counted at least `min_count` times
    split:       the training grammar whose withheld pairings, distances and depths mark the items' factor `seen`

    The same inputs and seed give the same bytes. Raises LrdBenchError for a suite that is not sound, a vocabulary that
    leaves nothing of it and an output made from other inputs.
    """
    if items < 1:
        raise LrdBenchError(f"items: {items} is too few. Ask for at least 1.")
    path = find("suite", suite)
    file = read_settings(path, SuiteFile)
    lexicon = read_lexicon(path.parent / file.lexicon)
    known = read_vocabulary(vocabulary) if vocabulary else None
    withheld = read_split(split) if split else None
    inputs = digest_of(
        [
            __version__,
            file_digest(path),
            file_digest(lexicon.path),
            seed,
            items,
            known and [known.digest, min_count],
            withheld and withheld.digest,
        ]
    )
    if already_made(out, suite_made_from(out), inputs, force=force):
        return read_suite(out)
    made = make_suite(path, file, lexicon, seed=seed, items=items, known=known, min_count=min_count, split=withheld)
    made = replace(made, source={"made_from": inputs, **made.source})
    write_suite(made, out)
    return made


def make_suite(
    path: Path,
    file: SuiteFile,
    lexicon: Lexicon,
    *,
    seed: int,
    items: int,
    known: Vocabulary | None,
    min_count: int,
    split: Split | None,
) -> Suite:
    """The suite in memory; see `generate_suite`."""
    frame = frame_for(path, file, lexicon)
    possible = groups = groups_of(frame)
    if not possible:
        raise LrdBenchError(
            f"{path}: no cue and critical word in {lexicon.path} have what their slots share, in two forms each. "
            "Share fewer features, or add words."
        )
    if known is not None:
        kept = lexicon.keep(lambda word: word in known and known.count(word) >= min_count)
        frame = replace(frame, lexicon=kept, grammar=Grammar(path, kept, file.rules))
        groups = groups_of(frame)
    if not groups:
        raise LrdBenchError(
            f"{path}: none of its {len(possible)} groups has a cue and two candidates that the vocabulary knows "
            f"at least {min_count} times. Use a larger vocabulary, a lower --min-count or another lexicon."
        )
    cells = cells_for(path, file, frame)
    blocks = math.ceil(items / (2 * len(cells)))
    letters = _letters(frame)
    made: list[Item] = []
    with progress_bar() as bar:
        task = bar.add_task(f"making {file.name}", total=blocks * 2 * len(cells), unit="items")
        for number, material in enumerate(itertools.islice(schedule(frame, groups, seed), blocks)):
            writer = Writer(frame, material, random.Random(f"{seed}/block {number}"))
            for cell in cells:
                made += _pair(file, f"{number}/{cell.distance}", letters, material, cell, writer, split, seed)
            bar.update(task, completed=len(made))
    headline = (ACCURACY, DOUBLE_DIFFERENCE)
    return Suite(
        name=file.name,
        version=file.version,
        phenomenon=file.phenomenon,
        reference=file.reference,
        predictions=headline if file.headline == "accuracy" else headline[::-1],
        glossary={**GLOSSARY, **file.glossary},
        items=tuple(made),
        source={
            "suite_file": file_digest(path),
            "lexicon": file_digest(lexicon.path),
            "vocabulary": known.digest if known else None,
            "min_count": min_count if known else None,
            "split": split.name if split else None,
            "seed": seed,
            "groups": len(groups),
            "left_out": _left_out(possible, groups, frame),
        },
    )


def _letters(frame: Frame) -> list[str]:
    """What stands for the two values in a pattern: S and P for singular and plural; A and B where that is not plain."""
    initials = [value[0].upper() for value in frame.values()[:2]]
    return initials if frame.inflected and len(set(initials)) == 2 else ["A", "B"]


def _left_out(
    possible: Mapping[str, Sequence[Material]], groups: Mapping[str, Sequence[Material]], frame: Frame
) -> dict[str, int]:
    """How many groups the vocabulary leaves out, by what it does not know."""
    cue_class = frame.slot("cue").name
    cues = {form.text for form in frame.lexicon.forms(cue_class, {})}
    return dict(
        Counter(
            "unknown candidate" if any(cues.issuperset(material.cues) for material in materials) else "unknown cue"
            for group, materials in possible.items()
            if group not in groups
        )
    )


def frame_for(path: Path, file: SuiteFile, lexicon: Lexicon) -> Frame:
    """The parsed parts of a suite's sentence over a lexicon. Raises LrdBenchError where they cannot make twins."""
    if file.twins not in lexicon.features:
        raise LrdBenchError(f"{path}: 'twins': {unknown('feature', file.twins, lexicon.features)}")
    frame = Frame(
        lexicon=lexicon,
        grammar=Grammar(path, lexicon, file.rules),
        sentence=parse_parts(file.sentence, f"{path}: 'sentence'"),
        unit=parse_parts(file.filler.unit, f"{path}: [filler] unit"),
        stretch=file.filler.stretch,
        feature=file.twins,
    )
    check_frame(frame, str(path))
    return frame


def cells_for(path: Path, file: SuiteFile, frame: Frame) -> list[Cell]:
    """The cells of a suite's design."""
    cue, critical = (frame.sentence.index(frame.slot(region)) for region in ("cue", "critical"))
    return cells_of(file.filler, critical - cue - 1, path)  # the place of the filler itself is not a word


def _pair(
    file: SuiteFile,
    start: str,
    letters: Sequence[str],
    material: Material,
    cell: Cell,
    writer: Writer,
    split: Split | None,
    seed: int,
) -> Iterator[Item]:
    """The two items of a cell of a block; `letters` name the two values in a pattern."""
    pattern = "".join(letters[value] for value in cell.pattern)
    pair = f"{start}/{pattern}" if pattern else start
    sentences = writer.twins(cell)
    seen = split.seen(_up_to_critical(sentences[0]["good"])) if split else None
    for own, (value, conditions) in enumerate(zip(material.values, sentences, strict=True)):
        factors: dict[str, Factor] = {
            "nouns_between": cell.nouns,
            "pattern": pattern,
            "filler": file.filler.kind,
            "construction": file.construction,
            "seen": seen,
            "attractors": sum(noun != own for noun in cell.pattern),
            "nearest": None if not cell.pattern else "match" if cell.pattern[-1] == own else "mismatch",
            "cue_value": value,
        }
        yield Item(
            id=f"{pair}/{value}",
            group=material.group,
            pair=pair,
            sentences=conditions,
            factors=factors,
            source={"grammar": f"{file.name}@{file.version}", "seed": seed},
        )


def _up_to_critical(sentence: Sentence) -> tuple[str, ...]:
    return sentence.tokens[: sentence.regions["critical"].stop]
