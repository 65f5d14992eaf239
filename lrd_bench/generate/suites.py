"""Suites: a page that a linguist can read, made into twins at controlled distances and streamed to a file."""

import itertools
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrd_bench import __version__
from lrd_bench.catalogue import find
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import already_made, digest_of, file_digest, write_text
from lrd_bench.generate.draws import Drawer
from lrd_bench.generate.known import KnownWords, known_words
from lrd_bench.generate.lines import Heading, Lines
from lrd_bench.generate.pages import GLOSSARY, OpenedSuite, SuitePage
from lrd_bench.generate.plans import Plan
from lrd_bench.generate.splits import Split, read_split
from lrd_bench.generate.suite_grammar import grammar_of
from lrd_bench.generate.twins import Frame
from lrd_bench.generate.writing import Written, write_items
from lrd_bench.places import place
from lrd_bench.recognizer import Recognizer
from lrd_bench.suite_files import holds_items, read_about, suite_file
from lrd_bench.vocabulary import Vocabulary, read_vocabulary

FORM = 3
"""Of what `NAME.suite.json` says of its making: raised when that changes, so that no older file is gone on with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSuite:
    """What a generated file holds."""

    path: Path
    name: str
    version: int
    items: int
    added: int
    """How many of them were written now; the others were there."""
    digest: str
    distances: Mapping[int, int]
    """Distance → items."""
    factors: tuple[str, ...]
    """What is varied, or known, of its items."""
    left_out: Mapping[str, int]
    """What the vocabulary does not know (cue, candidate) → how many groups it leaves out for that."""
    words_left_out: int
    """How many words of fillers and frames it does not know."""
    fixed_unknown: Sequence[str]
    """Words that stand in every sentence, or in every one with some filler, and that it does not know."""
    groups: int
    """How many groups its items are of."""
    groups_known: int
    """How many groups there are words for."""
    block: int
    """How many items are of one block, and so of one group."""
    foreign: int
    """How many items the training grammar of `split` does not derive, with all that it withholds."""
    split: str | None
    one_sided: Sequence[str]
    """Lemmas that are never cue or candidate, for want of two different forms."""


def generate_suite(
    suite: str,
    *,
    out: Path,
    seed: int = 0,
    items: int = 2400,
    vocabulary: Path | None = None,
    min_count: int = 1,
    split: str | None = None,
    fixed_length: bool = False,
    nonce: bool = False,
    force: bool = False,
) -> MadeSuite:
    """Make the items of a suite and write them to `out` (JSONL, with `NAME.suite.json` beside it).

    suite:         a shipped suite or the path of one
    items:         at least so many: rounded up to whole balanced blocks; asking for more extends the file
    vocabulary:    keep to words that it knows and has counted at least `min_count` times
    split:         the training grammar whose withheld pairings, distances and depths mark the items' factor `seen`
    fixed_length:  move words from between cue and critical word to before the cue, so that the critical word keeps its
                   place and sentences their length
    nonce:         draw words by their part of speech alone: grammatical sentences without sense

    Items are written as they are made: memory does not grow with their number. The same inputs and seed give the same
    bytes. Raises LrdBenchError for a suite that is not sound, a vocabulary that leaves nothing of it and an output made
    from other inputs.
    """
    if items < 1:
        raise LrdBenchError(f"items: {items} is too few. Ask for at least 1.")
    if out.exists() and not holds_items(out):
        raise LrdBenchError(f"{out}: is no file of items, and is not replaced. Name another place with --out.")
    opened = OpenedSuite(find("suite", suite), fixed_length=fixed_length, nonce=nonce)
    known = read_vocabulary(vocabulary) if vocabulary else None
    withheld = read_split(split) if split else None
    made_from = digest_of(
        [
            [__version__, FORM],
            page_digest(opened.path, opened.page),
            seed,
            [fixed_length, nonce],
            known and [known.digest, min_count],
            withheld and withheld.digest,
        ]
    )
    blocks = math.ceil(items / (2 * len(opened.cells)))
    number = blocks * 2 * len(opened.cells)
    about = {} if force or not out.exists() else read_about(out)
    extends = about.get("source", {}).get("made_from") == made_from and about["items"] < number
    source = {
        "made_from": made_from,
        "page": page_digest(opened.path, opened.page),
        "vocabulary": known.digest if known else None,
        "min_count": min_count if known else None,
        "split": withheld.name if withheld else None,
        "seed": seed,
    }
    inputs, other = digest_of([made_from, number]), _other(out, about, opened.name, source, number)
    if not extends and already_made(out, _made_from(out, about), inputs, force=force, other=other):
        return _made(out, about, added=0)
    there = about["items"] if extends else 0
    about = _write(opened, out, blocks, seed, known, min_count, withheld, source, extends=extends)
    return _made(out, about, added=number - there)


def page_digest(path: Path, page: SuitePage) -> str:
    """The digest of a suite's page and of its lexicon."""
    return digest_of([file_digest(path), *(file_digest(path.parent / table) for table in page.tables)])


def _made_from(out: Path, about: Mapping[str, Any]) -> str | None:
    """The digest of the inputs and the number of items that a file names; None if it has not the size it had then."""
    source = about.get("source", {})
    if "made_from" not in source or source.get("bytes") != out.stat().st_size:
        return None
    return digest_of([source["made_from"], about["items"]])


def _other(out: Path, about: Mapping[str, Any], name: str, source: Mapping[str, Any], number: int) -> str:
    """Which inputs of a file are not those of now, in words; nothing where it does not name them."""
    was = about.get("source", {})
    if was.get("made_from") is None:
        return ""
    if about["name"] != name:
        return f"suite {about['name']} (now {name})"
    found = [
        f"{key} {'none' if was.get(key) is None else was[key]} (now {'none' if source[key] is None else source[key]})"
        for key in ("seed", "split", "min_count")
        if was.get(key) != source[key]
    ]
    found += ["page or lexicon"] if was.get("page") != source["page"] else []
    found += ["vocabulary"] if was.get("vocabulary") != source["vocabulary"] else []
    found += [f"{about['items']} items (now {number})"] if about["items"] > number else []
    if not found and was.get("bytes") != out.stat().st_size:
        return "it was changed since"
    return ", ".join(found)


def _made(out: Path, about: Mapping[str, Any], *, added: int) -> MadeSuite:
    return MadeSuite(
        path=out,
        name=about["name"],
        version=about["version"],
        items=about["items"],
        added=added,
        digest=about["digest"],
        distances={int(distance): number for distance, number in about["source"]["distances"].items()},
        factors=tuple(about["source"]["factors"]),
        left_out=about["source"]["left_out"],
        words_left_out=about["source"]["words_left_out"],
        fixed_unknown=about["source"]["fixed_unknown"],
        groups=about["source"]["groups"],
        groups_known=about["source"]["groups_known"],
        block=about["source"]["block"],
        foreign=about["source"]["foreign"],
        split=about["source"]["split"],
        one_sided=about["source"]["one_sided"],
    )


def _write(
    opened: OpenedSuite,
    out: Path,
    blocks: int,
    seed: int,
    known: Vocabulary | None,
    min_count: int,
    split: Split | None,
    source: Mapping[str, Any],
    *,
    extends: bool,
) -> dict[str, Any]:
    """Write the items, and beside them what `NAME.suite.json` holds, which is returned.

    extends:  whether `out` holds the first of them. Raises OtherInputsError where it holds anything else.
    """
    page, kept = opened.page, known_words(opened, known, min_count)
    heading = Heading(
        where=place(opened.path, "sentence"),
        suite=opened.name,
        version=page.version,
        predictions=opened.predictions,
        construction=page.construction,
        kinds=[filler.kind for filler in page.filler],
        letters=_letters(kept.frame),
        source={"grammar": f"{page.name}@{page.version}", "seed": seed},
    )
    plan = Plan(kept.frame, opened.cells)
    lines = Lines(heading, opened.cells, plan.cuts, Recognizer(grammar_of(opened)), split)
    drawer = Drawer(kept.frame, plan, seed)
    materials = itertools.islice(kept.groups.blocks(seed), blocks)
    written = write_items(opened, out, blocks, materials, lines, drawer, extends=extends)
    source = {**source, "foreign": lines.foreign}
    about = _about(opened, blocks, kept, written, known, source, marked=split is not None)
    write_text(suite_file(out), json.dumps(about, ensure_ascii=False, indent=2) + "\n")
    return about


def _about(
    opened: OpenedSuite,
    blocks: int,
    kept: KnownWords,
    written: Written,
    known: Vocabulary | None,
    source: Mapping[str, Any],
    *,
    marked: bool,
) -> dict[str, Any]:
    """What `NAME.suite.json` holds.

    marked:  whether items say what a training text withholds of them
    """
    page, cells = opened.page, opened.cells
    distances = Counter(cell.distance for cell in cells)
    varied = {"seen": marked, "nearest": any(cell.pattern for cell in cells)}
    return {
        "name": opened.name,
        "version": page.version,
        "phenomenon": page.phenomenon,
        "reference": page.reference,
        "predictions": opened.predictions,
        "metric": "sum",
        "glossary": {**GLOSSARY, **page.glossary},
        "digest": written.digest,
        "items": blocks * 2 * len(cells),
        "source": {
            **source,
            "bytes": written.bytes,
            "groups": len(written.groups),
            "groups_known": len(kept.groups.keys()),
            "left_out": kept.left_out,
            "words_left_out": kept.words_left_out,
            "fixed_unknown": kept.fixed_unknown,
            # A nonce suite draws from classes of other suites, too, whose words need no two forms.
            "one_sided": [] if opened.nonce else opened.frame.one_sided(),
            "block": 2 * len(cells),
            "distances": {str(distance): 2 * blocks * number for distance, number in sorted(distances.items())},
            "factors": [factor for factor in GLOSSARY if varied.get(factor, True)],
            "certificates": {
                "pairs": blocks * len(cells),
                "blind_proof": blocks * len(cells),
                "decidable": blocks * len(cells),
            },
            "answer_counts": {word: known.count(word) for word in sorted(written.answers)} if known else None,
        },
    }


def _letters(frame: Frame) -> list[str]:
    """What stands for the two values in a pattern: S and P for singular and plural; A and B where that is not plain."""
    initials = [value[0].upper() for value in frame.values()[:2]]
    return initials if frame.inflected and len(set(initials)) == 2 else ["A", "B"]
