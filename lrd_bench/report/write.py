"""`report OUTCOMES…`: outcomes to tables, a figure, a page and the signatures that say what they are of."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from lrd_bench import __version__
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import already_made, digest_of, file_digest, replacing
from lrd_bench.outcomes import read_outcomes
from lrd_bench.report.cells import prepare
from lrd_bench.report.comparisons import comparison_table
from lrd_bench.report.curves import curve_table
from lrd_bench.report.inputs import Inputs
from lrd_bench.report.overlap import overlap_table
from lrd_bench.report.perplexity import perplexity_table, read_texts
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.sections import suite_tables
from lrd_bench.report.tables import Column, Format, Table, check_format, render, to_csv, wrapped
from lrd_bench.signature import with_seeds

FIGURE = "accuracy-by-distance"
PAGE = "report.html"

HOW_TO_READ = (
    "0.500 = ½: measured, and what the theorem says it must be, since the twins differ only beyond the model's window: "
    "one of each pair is right. Of a double difference every item is a tie, of 0 bits. Where no = or ≠ stands, the "
    "theorem says nothing.",
    "not learnt: accuracy is below 0.9 at the shortest distance already. forgets: learnt, but at some longer distance "
    "lower by at least 0.05, and surely lower. holds: learnt, without such a fall. Where longer distances hold more "
    "nouns too, all three are of the items with the fewest: the curve of all items may fall by nouns that mislead.",
    "[low, high], bands and bars: 95 % intervals, each for its own number (pointwise). Groups of items that share "
    "words are resampled, not items. Where all groups agree, the interval is Clopper and Pearson's on their number.",
    "A number measures a model and the text it was trained on. Two numbers compare where their signatures differ only "
    "in the model.",
)


def write_report(
    outcomes: Sequence[Path],
    *,
    out: Path | None,
    texts: Sequence[Path] = (),
    overlaps: Sequence[Path] = (),
    stimuli: Sequence[Path] = (),
    surprisals: Sequence[Path] = (),
    audits: Sequence[Path] = (),
    experiment: Path | None = None,
    by: Sequence[str] = ("distance",),
    compare: tuple[str, str] | None = None,
    about: str = "",
    format: str = "text",
    force: bool = False,
) -> str:
    """Tables, a figure, a page and signatures from outcomes files.

    outcomes:   files that `score` wrote (.parquet or .csv), of any models and suites
    out:        a folder for report.html, report.md, report.txt, tables/*.csv, the figure (.svg, .png), its points and
                manifest.json; None: nothing is written
    texts:      perplexity files that `score --text` wrote
    overlaps:   what the suites share with the training text, as `run` counts it
    stimuli:    for the page: the items that were scored, so that each can be looked up there
    surprisals: for the page: what `score --surprisals` wrote, so that the items show probabilities
    audits:     for the page: audits of the suites, as JSON
    experiment: for the page: the file of the experiment that all this is of
    by:         factors whose combinations are the rows of one more table for each suite
    compare:    two models, by the names that the report gives them, to be compared on the items that both scored
    about:      a sentence or two that the report begins with (not as csv), such as what an experiment is for
    format:     text, markdown, csv or html
    force:      whether to replace a report that was made from other inputs
    returns:    all tables in that format, with the signatures at the end; the page
    """
    rendered_as = None if format == "html" else check_format(format)
    if not outcomes:
        raise LrdBenchError("report: no outcomes files were given. Name at least one that `lrd-bench score` wrote.")
    inputs = Inputs(
        outcomes=tuple(outcomes),
        texts=tuple(texts),
        overlaps=tuple(overlaps),
        stimuli=tuple(stimuli),
        surprisals=tuple(surprisals),
        audits=tuple(audits),
        experiments=() if experiment is None else (experiment,),
    )
    rows = prepare(read_outcomes(outcomes))
    perplexities = read_texts(texts)
    results = [SuiteResults(name=name, rows=rows[rows["suite"] == name]) for name in rows["suite"].unique()]
    compared = [comparison_table(results, compare)] if compare else []
    tables = [*suite_tables(results, by), *compared]
    if len(perplexities):
        tables.append(perplexity_table(perplexities, list(rows["label"].cat.categories)))
    tables += [overlap_table(path) for path in overlaps]
    signatures = _signatures(results)
    named = inputs.named()

    @cache
    def page() -> str:
        return _page(rows, results, tables, signatures, inputs, about=about, by=by, compare=compare)

    if out is not None:
        settings = {"by": list(by), "compare": list(compare or ()), "about": about}
        made_from = digest_of({"inputs": named, **settings, "version": __version__})
        if _is_free(out) or not already_made(out, _made_from(out), made_from, force=force):
            manifest = {"made_from": made_from, "version": __version__, **settings, "inputs": named}
            _check_nothing_foreign(out)
            _write(out, tables, signatures, curve_table(results), page, manifest)
    return page() if rendered_as is None else _document(tables, signatures, rendered_as, about=about)


def _page(
    rows: pd.DataFrame,
    results: Sequence[SuiteResults],
    tables: Sequence[Table],
    signatures: Table,
    inputs: Inputs,
    *,
    about: str,
    by: Sequence[str],
    compare: tuple[str, str] | None,
) -> str:
    """The report as one HTML page."""
    from lrd_bench.report.page import Made, read_evidence, report_page  # altair, only where something is drawn

    made = Made(
        about=about,
        by=by,
        compare=compare,
        inputs=inputs.named(),
        reading=HOW_TO_READ,
        experiment=inputs.experiment,
    )
    return report_page(results, tables, signatures, read_evidence(rows, inputs), made)


def _signatures(results: Sequence[SuiteResults]) -> Table:
    """What each number is of: one signature for each suite and model."""
    rows = []
    for suite in results:
        for label in suite.labels:
            run = str(suite.of(label)["run"].iloc[0])
            rows.append((suite.name, label, with_seeds(run, suite.seeds[label])))
    columns = (Column("suite"), Column("model"), Column("signature"))
    return Table(slug="signatures", title="Signatures", columns=columns, rows=tuple(rows), keys=2)


def _document(tables: Sequence[Table], signatures: Table, format_: Format, *, about: str, figure: bool = False) -> str:
    """What the report is about, all tables one below the other, how to read them, and the signatures."""
    first = [about] if about else []
    parts = [render(table, format_) for table in tables]
    lines = [str(row[-1]) for row in signatures.rows]
    match format_:
        case "csv":
            parts.append(render(signatures, "csv"))
        case "text":
            parts = [*map(wrapped, first), *parts]
            parts.append("\n".join(["How to read this", "", *map(wrapped, HOW_TO_READ)]))
            parts.append("\n".join(lines))
        case "markdown":
            picture = [f"![Accuracy by distance]({FIGURE}.svg)"] if figure else []
            parts = ["# Accuracy by dependency distance", *first, *picture, *parts]
            parts.append("\n".join(["## How to read this", "", *(f"- {line}" for line in HOW_TO_READ)]))
            parts.append("\n".join(["## Signatures", "", "```", *lines, "```"]))
    return "\n\n".join(parts) + "\n"


def _is_free(out: Path) -> bool:
    """Whether nothing stands at `out`, or an empty folder."""
    return not out.exists() or (out.is_dir() and not any(out.iterdir()))


def _made_from(out: Path) -> str:
    """What the report at `out` was made from. Raises LrdBenchError for what is no report, which is never replaced."""
    try:
        manifest = json.loads((out / "manifest.json").read_bytes())
        if "report.md" in manifest["files"]:  # models and corpora have a manifest too
            return str(manifest["made_from"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise LrdBenchError(f"{out}: is not a report, so it is not replaced. Name another place with --out.")


def _check_nothing_foreign(out: Path) -> None:
    """Raise LrdBenchError for a report's folder into which someone has put a file: it is replaced whole."""
    if _is_free(out):
        return
    ours = {"manifest.json", *json.loads((out / "manifest.json").read_bytes())["files"]}
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    if foreign := sorted(found - ours):
        raise LrdBenchError(
            f"{out}: holds {', '.join(foreign)}, not made by report, and is replaced whole. Move them away first."
        )


def _write(
    out: Path,
    tables: Sequence[Table],
    signatures: Table,
    curves: pd.DataFrame,
    page: Callable[[], str],
    manifest: dict[str, Any],
) -> None:
    """Write the report's folder, whole or not at all."""
    from lrd_bench.report.figures import draw_accuracy_by_distance  # altair, only where something is drawn

    with replacing(out) as folder:
        (folder / "tables").mkdir(parents=True)
        for table in [*tables, signatures]:
            file = f"{table.slug}.csv".replace("/", "-")  # a suite may be called what it likes
            (folder / "tables" / file).write_text(to_csv(table), encoding="utf-8", newline="\n")
        if len(curves):
            curves.to_csv(folder / f"{FIGURE}.csv", index=False, lineterminator="\n")
            draw_accuracy_by_distance(curves, [folder / f"{FIGURE}.svg", folder / f"{FIGURE}.png"])
        for name, format_ in (("report.txt", "text"), ("report.md", "markdown")):
            text = _document(
                tables, signatures, check_format(format_), about=manifest["about"], figure=bool(len(curves))
            )
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        (folder / PAGE).write_text(page(), encoding="utf-8", newline="\n")
        made = sorted(path for path in folder.rglob("*") if path.is_file())
        files = {path.relative_to(folder).as_posix(): file_digest(path) for path in made}
        text = json.dumps({**manifest, "files": files}, ensure_ascii=False, indent=2)
        (folder / "manifest.json").write_text(text + "\n", encoding="utf-8", newline="\n")
