"""`audit_suite`: everything that an audit has to say of a suite; and of several, what they are together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lrd_bench.audit.balance import balance_section
from lrd_bench.audit.certificates import Stored, certificate_section, is_ours, stored_certificates
from lrd_bench.audit.contrasts import Contrast, contrasts_of
from lrd_bench.audit.heuristics import heuristic_section
from lrd_bench.audit.learning import clusters_of
from lrd_bench.audit.overlap import asked_of, frequency_in, overlap_section
from lrd_bench.audit.shortcuts import (
    DECIDES,
    MORE,
    Frequency,
    best_without_context,
    counted_in,
    shortcut_section,
    shortcuts_of,
)
from lrd_bench.audit.size import cues_of, few_words, size_section, words_of
from lrd_bench.audit.tables import BROKEN, DECIDED, Cell, Finding, Table, counted, percent, some
from lrd_bench.audit.training import Found, look_up
from lrd_bench.audit.words import answer_section, vocabulary_section
from lrd_bench.corpus import open_corpus
from lrd_bench.errors import LrdBenchError
from lrd_bench.formats import read_stimuli
from lrd_bench.items import Suite
from lrd_bench.vocabulary import Vocabulary, read_vocabulary


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was found out about a suite, or about several taken together."""

    suite: str
    """Name, version and digest, as in agreement-pp@1#9c41a07e."""
    findings: tuple[str, ...]
    """In plain language, the most important first."""
    tables: tuple[Table, ...]

    def table(self, slug: str) -> pd.DataFrame:
        """A table by its slug, such as "shortcuts". Raises KeyError for one that was not made."""
        return {table.slug: table for table in self.tables}[slug].frame()


def audit_suite(
    stimuli: str | Path | Suite,
    *,
    corpus: Path | None = None,
    vocabulary: Path | None = None,
    min_count: int = 1,
    grammar: str | None = None,
) -> Audit:
    """What a suite can and cannot show. docs/audit.md says what every line of it means.

    stimuli:     items of any format (see `lrd_bench.formats`), or a suite
    corpus:      a training text: its training split is looked through for what the suite asks
    vocabulary:  say which words of the suite it lacks or has counted fewer than `min_count` times
    grammar:     the suite's own file (.toml), to see whether its grammar tells right from wrong; shipped suites need
                 none
    """
    [audit] = audit_suites([stimuli], corpus=corpus, vocabulary=vocabulary, min_count=min_count, grammar=grammar)
    return audit


def audit_suites(
    stimuli: Sequence[str | Path | Suite],
    *,
    corpus: Path | None = None,
    vocabulary: Path | None = None,
    min_count: int = 1,
    grammar: str | None = None,
) -> list[Audit]:
    """An audit of each, after one of all together where they are several. The training text is read once for all.

    See `audit_suite`. Raises LrdBenchError for files that cannot be read, and where two suites have one name.
    """
    suites = _read(stimuli)
    if grammar is not None and len(suites) > 1:
        raise LrdBenchError(f"--grammar {grammar}: is of one suite, and {len(suites)} are given. Audit it alone.")
    known = read_vocabulary(vocabulary) if vocabulary else None
    contrasts = [contrasts_of(suite) for suite in suites]
    found = None
    if corpus is not None:
        asked = [asked_of(suite, each) for suite, each in zip(suites, contrasts, strict=True)]
        found = look_up(asked, open_corpus(corpus).sentences("train"))
    audited = [
        _audit(suite, each, _stored(file), found, known, min_count, grammar)
        for suite, each, file in zip(suites, contrasts, stimuli, strict=True)
    ]
    audits = [each.audit for each in audited]
    return [_together(suites, audited), *audits] if len(audits) > 1 else audits


def _read(stimuli: Sequence[str | Path | Suite]) -> list[Suite]:
    suites: dict[str, Suite] = {}
    for each in stimuli:
        suite = each if isinstance(each, Suite) else read_stimuli(each)
        if suite.name in suites:
            raise LrdBenchError(f"{each}: is of suite {suite.name!r}, as an earlier file is. Give each suite once.")
        suites[suite.name] = suite
    if not suites:
        raise LrdBenchError("audit: no stimuli were given. Name at least one file.")
    return list(suites.values())


def _stored(stimuli: str | Path | Suite) -> Stored | None:
    """The certificates as the file has them; None for what is no file of ours."""
    path = None if isinstance(stimuli, Suite) else Path(str(stimuli).removeprefix("jsonl:"))
    return stored_certificates(path) if path is not None and is_ours(path) else None


@dataclass(frozen=True, kw_only=True)
class _Audited:
    """The audit of a suite, and its line in a table of several."""

    audit: Audit
    line: tuple[Cell, ...]


def _audit(
    suite: Suite,
    contrasts: Sequence[Contrast],
    stored: Stored | None,
    found: Found | None,
    vocabulary: Vocabulary | None,
    min_count: int,
    grammar: str | None,
) -> _Audited:
    clusters = clusters_of(suite, contrasts)
    frequency = _frequency(suite, found, vocabulary)
    shortcuts = list(shortcuts_of(suite, contrasts, clusters, frequency))
    sections = [
        size_section(suite, contrasts),
        balance_section(suite, contrasts),
        shortcut_section(suite, shortcuts),
        heuristic_section(suite, contrasts, clusters, blind=best_without_context(shortcuts)),
        certificate_section(suite, contrasts, stored, grammar),
    ]
    if vocabulary is not None:
        sections.append(vocabulary_section(suite, vocabulary, min_count))
    if found is not None or vocabulary is not None:
        sections.append(answer_section(suite, contrasts, frequency))
    if found is not None:
        sections.append(overlap_section(suite, contrasts, found))
    findings = sorted((each for section in sections for each in section.findings), key=lambda each: -each.weight)
    blind = [each for each in shortcuts if each.beats_chance and not each.sees_cue]
    highest = max((each.best for each in blind), default=0.0)
    best = next((each for each in blind if each.best > highest - MORE), None)  # of equals, the one that sees least
    return _Audited(
        audit=Audit(
            suite=f"{suite.name}@{suite.version}#{suite.digest[:8]}",
            findings=tuple(each.text for each in findings),
            tables=tuple(table for section in sections for table in section.tables),
        ),
        line=(
            suite.name,
            len(suite.items),
            len(suite.twins) // 2,
            len({item.group for item in suite.items if item.group is not None}) or "unknown",
            sum(contrast.identical for contrast in contrasts),
            sum(suite.certificate(item).blind_below is not None for item in suite.items),
            best.name if best else "none",
            best.best if best else None,
        ),
    )


def _frequency(suite: Suite, found: Found | None, vocabulary: Vocabulary | None) -> Frequency:
    """How common words are by the best evidence at hand."""
    if found is not None:
        return frequency_in(found)
    if vocabulary is not None:
        return Frequency(count=lambda words: vocabulary.count(words[0]), by="the vocabulary")
    return counted_in(suite)


def _together(suites: Sequence[Suite], audited: Sequence[_Audited]) -> Audit:
    """All suites as one: what they hold, and how few the words behind them are."""
    words = set[str]().union(*map(words_of, suites))
    cues = set().union(*map(cues_of, suites))
    items, pairs, identical, certified = (
        sum(_number(each.line[column]) for each in audited) for column in (1, 2, 4, 5)
    )
    total = ("all together", items, pairs, None, identical, certified, None, None)
    table = Table(
        slug="overview",
        title=f"Overview of {len(suites)} suites",
        columns=("suite", "items", "pairs", "groups", "identical", "certified", "best cue-blind shortcut", "accuracy"),
        rows=(*(each.line for each in audited), total),
        note=f"All sentences together have {len(words)} different words"
        + (f", and the marked cues {len(cues)} different ones." if cues else "."),
    )
    findings = [*_over_all(audited), *few_words(suites)]
    return Audit(suite=f"{len(suites)} suites", findings=tuple(each.text for each in findings), tables=(table,))


def _over_all(audited: Sequence[_Audited]) -> Iterator[Finding]:
    """In how many suites no model can be always right, and how many need no cue."""
    if identical := {each.line[0]: _number(each.line[4]) for each in audited if each.line[4]}:
        text = f"{counted(sum(identical.values()), 'identical pair')} in {counted(len(identical), 'suite')}"
        yield Finding(BROKEN, f"{text}, so that no model can be right there: {some(identical)}.")
    decided = [str(each.line[0]) for each in audited if isinstance(each.line[7], float) and each.line[7] >= DECIDES]
    if decided:
        text = f"{len(decided)} of {len(audited)} suites are decided, to at least {percent(DECIDES)}, by a rule that"
        yield Finding(DECIDED, f"{text} needs no cue: {some(decided, len(decided))}.")


def _number(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0
