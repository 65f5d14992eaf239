"""The sections of the page that stand there without a script."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrd_bench.items import Suite
from lrd_bench.report.chance_note import chance_note
from lrd_bench.report.figures import LOWEST
from lrd_bench.report.page import sources
from lrd_bench.report.page.answer import (
    HOW_JUDGED,
    OF_WHICH_ITEMS,
    QUESTION,
    WITHHELD,
    Verdict,
    between,
    counted,
    details,
    headline,
    kind_of,
    listed,
    rounded,
)
from lrd_bench.report.page.background import Background
from lrd_bench.report.page.example import example_of, marked
from lrd_bench.report.page.markup import definitions, listing, paragraphs, scrolling, sparkline, table_of, tag, text
from lrd_bench.report.page.terms import OF_COLUMNS, TERMS, factors_of
from lrd_bench.report.panels import LINEAR_UP_TO
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.tables import Column, Table, meaning_of_signs, printed
from lrd_bench.settings import read_toml

TITLE = "Accuracy by dependency distance"

SIGNS = {"holds": "●", "learnt": "●", "forgets": "◐", "not-learnt": "○", "blind": "½", "error": "!", "unscored": "–"}
"""Kind of verdict → its sign in the overview."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """How a report was made."""

    about: str
    by: Sequence[str]
    compare: Sequence[str]
    """The two models that are compared, or none."""
    inputs: Sequence[dict[str, Any]]
    """Name, content and sha256 of each file."""
    reading: Sequence[str]
    """How to read the numbers."""
    experiment: Path | None
    """The file of the experiment, if there was one."""

    @property
    def title(self) -> str:
        """What the page is called: by its experiment, if there was one."""
        if self.experiment is None:
            return TITLE
        return f"{read_toml(self.experiment).get('name', self.experiment.stem)}: {TITLE.lower()}"


def answer(results: Sequence[SuiteResults], verdicts: Sequence[Verdict], background: Background, made: Made) -> str:
    """The question, an example, the answer, and the verdict on every model and suite."""
    bare = [verdict.accuracy for verdict in verdicts if not verdict.points]
    notes = [
        HOW_JUDGED if len(bare) < len(verdicts) else "",
        OF_WHICH_ITEMS if any(verdict.between for verdict in verdicts) else "",
        WITHHELD if any("withheld" in said for said in _said(verdicts)) else "",
        chance_note(results),
        meaning_of_signs(bare),
    ]
    told = "".join(
        tag("li", f"{tag('b', text(verdict.model))} {text(said)} {_link(verdict)}: {text(numbers)}")
        for verdict, said, numbers in details(verdicts)
    )
    return "".join(
        [
            tag("h1", text(QUESTION)),
            _example([background.suites[suite.name] for suite in results if suite.name in background.suites]),
            tag("div", tag("h2", "The answer of this run") + _headline(verdicts), class_="answer"),
            tag("ul", told, class_="told") if told else "",
            _matrix(results, verdicts),
            paragraphs(filter(None, notes), "note"),
            tag("p", text(made.about), class_="about") if made.about else "",
        ]
    )


def _said(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """All verdicts in words, those on single fillers too."""
    for verdict in verdicts:
        yield from (verdict.said or "", *(worse.said for worse in verdict.worse))


def _headline(verdicts: Sequence[Verdict]) -> str:
    """The answer, a paragraph for each sentence, with the models' names in bold."""
    lines = []
    for models, rest in headline(verdicts):
        names = listed([tag("b", text(model)) for model in models])
        lines.append(tag("p", f"{names} {text(rest)}".strip()))
    return "".join(lines)


def _link(verdict: Verdict) -> str:
    return tag("a", text(verdict.suite), href="#curves", data_suite=verdict.suite)


def _example(suites: Sequence[Suite]) -> str:
    found = example_of(suites)
    if found is None:
        return ""
    suite, item = found
    good, bad = item.sentences["good"], item.sentences["bad"]
    wrong = " ".join(bad.tokens[slice(*bad.span("critical"))])
    opposing = item.factors.get("attractors")
    nouns = (
        f", and {opposing} noun{'s' * (opposing != 1)} between that oppose{'s' * (opposing == 1)} it"
        if opposing
        else ""
    )
    assert item.distance is not None  # as `example_of` says
    about = f"From {suite.name}: {counted(item.distance, 'word')} from the cue to the word that it decides{nouns}."
    return tag("figure", tag("blockquote", marked(good, wrong)) + tag("figcaption", text(about)), class_="example")


def _matrix(results: Sequence[SuiteResults], verdicts: Sequence[Verdict]) -> str:
    """Suite × model: the curve as small as a word, the verdict, and accuracy at the shortest and longest distance."""
    models = list(dict.fromkeys(verdict.model for verdict in verdicts))
    cells = {(verdict.suite, verdict.model): verdict for verdict in verdicts}
    lowest = 0.0 if any(value < LOWEST for verdict in verdicts for _, value in verdict.points) else LOWEST
    head = tag("tr", tag("th", "suite", scope="col") + "".join(tag("th", text(model), scope="col") for model in models))
    rows = []
    for suite in results:
        found = (cells.get((suite.name, model)) for model in models)
        row = [tag("td", "·") if verdict is None else _matrix_cell(verdict, lowest) for verdict in found]
        rows.append(tag("tr", tag("th", _suite_head(suite), scope="row") + "".join(row)))
    caption = tag("caption", "Verdict by suite and model", class_="unseen")
    whole = tag("table", caption + tag("thead", head) + tag("tbody", "".join(rows)), class_="matrix")
    return scrolling(whole, "Verdict by suite and model")


def _suite_head(suite: SuiteResults) -> str:
    """The suite's name, of which items its verdicts are, and chance where it is not one half."""
    notes = [
        f"items with {between(suite.judged_on)} between" if suite.judged_on else "",
        f"chance {suite.chance:.3f}" if suite.chance not in (None, 0.5) else "",
    ]
    return text(suite.name) + "".join(tag("span", text(note), class_="numbers") for note in notes if note)


def _matrix_cell(verdict: Verdict, lowest: float) -> str:
    if not verdict.points:
        said = verdict.said or printed(verdict.accuracy, Column("accuracy"))
        return tag("td", tag("span", text(said), class_="verdict"), class_=verdict.kind)
    (near, first), (far, last) = verdict.points[0], verdict.points[-1]
    logarithmic = near > 0 and far > LINEAR_UP_TO * near
    numbers = f"{rounded(first)} → {rounded(last)}" if near != far else rounded(first)
    words = f"at {near} and at {counted(far, 'word')}" if near != far else f"at {counted(near, 'word')}"
    said = (verdict.said or "").replace("blind: ½ exact", "blind")
    content = sparkline(verdict.points, logarithmic=logarithmic, lowest=lowest)
    content += tag("span", f'<i aria-hidden="true">{SIGNS[verdict.kind]}</i> {text(said)}', class_="verdict")
    worse: dict[str, list[str]] = {}
    for filler, said, *_ in verdict.worse:
        worse.setdefault(kind_of(said), []).append(filler)
    for kind, fillers in worse.items():
        said = f"{kind.replace('-', ' ')} with {listed(fillers)}"
        content += tag("span", f'<i aria-hidden="true">{SIGNS[kind]}</i> {text(said)}', class_="verdict but")
    content += tag("span", text(numbers), class_="numbers", title=words)
    return tag("td", tag("a", content, href="#curves", data_suite=verdict.suite), class_=verdict.kind)


def tables(tables: Sequence[Table]) -> str:
    """Every table of the report, the first one unfolded."""
    parts = []
    for number, table in enumerate(tables):
        title = tag("summary", tag("h3", text(table.title)))
        parts.append(tag("details", title + table_of(table), id=f"table-{number}", open=None if number else "") + "\n")
    return "".join(parts)


def audit(background: Background) -> str:
    """What audits found in the suites, in plain language."""
    if not background.findings:
        return paragraphs(
            ["No audit was given. Make one with lrd-bench audit STIMULI --out FOLDER, and name it beside the outcomes."]
        )
    return "".join(
        tag("h3", text(f"All {each.suite}" if each.together else each.suite))
        + listing(each.findings or ("Nothing was found that a user should know.",))
        for each in background.findings
    )


def glossary(tables: Sequence[Table], background: Background, made: Made) -> str:
    """How to read the numbers, the words of the page, and the factors of the suites."""
    factors = [(name.replace("_", " "), meaning) for name, meaning in factors_of(background.suites.values())]
    known = {term for term, _ in TERMS}
    own = [(name, meaning) for name, meaning in factors if name not in known]
    columns = {column.name for table in tables for column in table.columns}
    terms = [*TERMS, *((term, meaning) for term, meaning in OF_COLUMNS if term in columns)]
    return "".join(
        [
            tag("h3", "How to read the numbers") + listing(made.reading),
            tag("h3", "Words") + definitions(terms),
            tag("h3", "Factors of the items") + definitions(own) if own else "",
        ]
    )


def signatures(table: Table) -> str:
    """What each number is of."""
    return table_of(table)


def how_made(background: Background, made: Made) -> str:
    """The command, the experiment, the items, and every file with its sha256."""
    command = sources.commands([str(each["name"]) for each in made.inputs], made.by, made.compare, made.experiment)
    files = Table(
        slug="inputs",
        title="Files that the report was made from",
        columns=(Column("file"), Column("holds"), Column("sha256")),
        rows=tuple((str(each["name"]), str(each["holds"]), str(each["sha256"])) for each in made.inputs),
    )
    parts = [
        tag("p", f"Made by {text(sources.MADE_BY)}. The same inputs give the same page, byte by byte."),
        tag("pre", text(command)),
    ]
    if made.experiment is not None:
        parts.append(
            tag("h3", "The experiment")
            + tag("pre", class_="long", content=text(made.experiment.read_text(encoding="utf-8").strip()))
        )
    if background.suites:
        parts.append(tag("h3", "The items") + definitions(sources.settings_of(background.suites.values())))
    return "".join([*parts, tag("h3", text(files.title)), table_of(files)])


def how_to_cite(background: Background) -> str:
    """The software, and the work that the suites go back to."""
    message, reference, bibtex = sources.citation()
    parts = [paragraphs([message, reference]), tag("pre", text(bibtex))]
    if told := sources.references(background.suites.values()):
        parts.append(tag("h3", "What the suites go back to") + definitions(told))
    return "".join(parts)


def missing(results: Sequence[SuiteResults], background: Background) -> str:
    """What the section of items lacks, and how to add it."""
    without = [suite.name for suite in results if suite.name not in background.suites]
    lines = []
    if without:
        lines.append(
            f"The items of {', '.join(without)} are not here, since outcomes hold no sentences. Add them by naming the "
            "files of the items too: lrd-bench report OUTCOMES STIMULI --format html"
        )
    if background.surprisals is None and background.suites:
        lines.append(
            "Margins are here, probabilities are not. Add them by scoring with --surprisals FILE, and naming that file "
            "beside the outcomes."
        )
    return paragraphs(lines, "note")
