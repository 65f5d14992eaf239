"""`report OUTCOMES…`: outcomes to tables, a figure, a page and the signatures that say what they are of."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from rich.progress import Progress

from lrd_bench import __version__
from lrd_bench.errors import LrdBenchError, OtherInputsError
from lrd_bench.files import already_made, digest_of, file_digest, replacing
from lrd_bench.outcomes import read_outcomes
from lrd_bench.progress import progress_bar
from lrd_bench.report import figures, heat_map
from lrd_bench.report.cells import prepare
from lrd_bench.report.comparisons import comparison_table
from lrd_bench.report.detail import detail_tables
from lrd_bench.report.document import FIGURE, HOW_TO_READ, abridged, report_document
from lrd_bench.report.inputs import Inputs
from lrd_bench.report.overlap import overlap_table
from lrd_bench.report.perplexity import perplexity_table, read_texts
from lrd_bench.report.points import curve_table
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.suite_tables import suite_tables
from lrd_bench.report.tables import Column, Format, Table, check_format, file_names, to_csv
from lrd_bench.signature import with_seeds

FILES: dict[str, Format] = {
    "report.txt": "text",
    "report.md": "markdown",
    "report.tex": "latex",
    "report.json": "json",
}
"""What the folder of a report holds of documents; each has all tables."""

PAGE = "report.html"


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
    out:        a folder for everything (docs/reports.md); None: nothing is written
    texts:      perplexity files that `score --text` wrote
    overlaps:   what the suites share with the training text, as `run` counts it
    stimuli:    for the page: the items that were scored, so that each can be looked up there
    surprisals: for the page: what `score --surprisals` wrote, so that the items show probabilities
    audits:     for the page: audits of the suites, as JSON
    experiment: for the page: the file of the experiment that all this is of
    by:         factors whose combinations are the rows of one more table for each suite
    compare:    two models, by the names that the report gives them, to be compared on the items that both scored
    about:      a sentence or two that the report begins with (not as csv), such as what an experiment is for
    format:     text, markdown, latex, csv, json or html, which is the page
    force:      whether to replace a report that was made from other inputs
    returns:    all tables in that format, with the signatures at the end; as text without those that go into detail
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
    results, tables = _results_and_tables(inputs, by, compare)
    signatures = _signatures(results)
    settings = {"by": list(by), "compare": list(compare or ()), "about": about}

    @cache
    def page() -> str:
        return _page(results, tables, signatures, inputs, settings)

    if out is not None:
        named = inputs.named()
        made_from = digest_of({"inputs": named, **settings, "version": __version__})
        if _is_free(out) or not already_made(out, _made_from(out, force=force), made_from, force=force):
            manifest = {"made_from": made_from, "version": __version__, **settings, "inputs": named}
            _check_nothing_foreign(out)
            _write(out, tables, signatures, curve_table(results), page, manifest)
    if rendered_as is None:
        return page()
    if rendered_as == "text":
        return abridged(tables, signatures, about=about)
    return report_document(tables, signatures, rendered_as, about=about)


def _page(
    results: Sequence[SuiteResults],
    tables: Sequence[Table],
    signatures: Table,
    inputs: Inputs,
    settings: dict[str, Any],
) -> str:
    """The report as one HTML page."""
    from lrd_bench.report.page import Made, read_background, report_page  # only where there is one

    made = Made(**settings, inputs=inputs.named(), reading=HOW_TO_READ, experiment=inputs.experiment)
    background = read_background(pd.concat([suite.rows[["suite", "suite_digest", "run"]] for suite in results]), inputs)
    return report_page(results, tables, signatures, background, made)


def _results_and_tables(
    inputs: Inputs, by: Sequence[str], compare: tuple[str, str] | None
) -> tuple[list[SuiteResults], list[Table]]:
    """The results on each suite, and every table of the report but the signatures, in order."""
    # Small files first: what is wrong with them is said before anything slow.
    perplexities, shared = read_texts(inputs.texts), [overlap_table(path) for path in inputs.overlaps]
    with progress_bar() as bar:
        results = _results(inputs.outcomes, bar)
        making = bar.add_task("making tables", total=2, unit="parts")
        compared = [comparison_table(results, compare)] if compare else []
        tables = [*suite_tables(results, by), *compared]
        bar.advance(making)
        if len(perplexities):
            tables.append(perplexity_table(perplexities, list(results[0].rows["label"].cat.categories)))
        tables += [*shared, *detail_tables(results)]
        bar.advance(making)
    return results, tables


def _results(outcomes: Sequence[Path], bar: Progress) -> list[SuiteResults]:
    """The results on each suite, with what takes longest already estimated."""
    reading = bar.add_task("reading", total=len(outcomes), unit="files")
    rows = prepare(read_outcomes(outcomes))
    bar.advance(reading, len(outcomes))
    results = [SuiteResults(name=name, rows=rows[rows["suite"] == name]) for name in rows["suite"].unique()]
    estimating = bar.add_task("estimating", total=len(results), unit="suites")
    for suite in results:
        _ = suite.accuracies, suite.curves, suite.pairs  # kept there, for all tables
        bar.advance(estimating)
    return results


def _signatures(results: Sequence[SuiteResults]) -> Table:
    """What each number is of: one signature for each suite and model."""
    rows = []
    for suite in results:
        for label in suite.labels:
            run = str(suite.of(label)["run"].iloc[0])
            rows.append((suite.name, label, with_seeds(run, suite.seeds[label])))
    columns = (Column("suite"), Column("model"), Column("signature"))
    return Table(slug="signatures", title="Signatures", columns=columns, rows=tuple(rows), keys=2)


def _is_free(out: Path) -> bool:
    """Whether nothing stands at `out`, or an empty folder."""
    return not out.exists() or (out.is_dir() and not any(out.iterdir()))


def _made_from(out: Path, *, force: bool) -> str:
    """What the report at `out` was made from.

    Raises LrdBenchError for what is no report, which is never replaced, and OtherInputsError, unless `force`, for one
    of which files are missing or have been changed.
    """
    try:
        manifest = json.loads((out / "manifest.json").read_bytes())
        files, made_from = dict(manifest["files"]), str(manifest["made_from"])
        if "report.md" not in files:  # models and corpora have a manifest too
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise LrdBenchError(f"{out}: is not a report, so it is not replaced. Name another place with --out.") from None
    changed = [name for name, digest in files.items() if not _is_as_written(out / name, digest)]
    if changed and not force:
        raise OtherInputsError(
            f"{out}: missing, or not as written: {', '.join(changed)}. Move away what you want to keep, and "
            "replace the report with --force."
        )
    return made_from


def _is_as_written(file: Path, digest: str) -> bool:
    return file.is_file() and file_digest(file) == digest


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
    with replacing(out) as folder:
        (folder / "tables").mkdir(parents=True)
        slugs = [table.slug for table in [*tables, signatures]]
        files_of = file_names([*slugs, *(_slug_of_figure(suite) for suite in curves["suite"].unique())])
        for table in [*tables, signatures]:
            _write_text(folder / "tables" / f"{files_of[table.slug]}.csv", to_csv(table))
        if len(curves):
            curves.to_csv(folder / f"{FIGURE}.csv", index=False, lineterminator="\n")
        figures = _draw(folder, tables, curves, files_of)
        for name, format_ in FILES.items():
            text = report_document(tables, signatures, format_, about=manifest["about"], figures=figures)
            _write_text(folder / name, text)
        _write_text(folder / PAGE, page())
        made = sorted(path for path in folder.rglob("*") if path.is_file())
        files = {path.relative_to(folder).as_posix(): file_digest(path) for path in made}
        _write_text(
            folder / "manifest.json", json.dumps({**manifest, "files": files}, ensure_ascii=False, indent=2) + "\n"
        )


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _slug_of_figure(suite: str) -> str:
    return f"{FIGURE}.{suite}"


def _draw(folder: Path, tables: Sequence[Table], curves: pd.DataFrame, files_of: Mapping[str, str]) -> dict[str, str]:
    """Draw all figures; return slug → file, less its ending, of those that the documents show."""
    shown = [table for table in tables if table.figure]
    if curves.empty and not shown:
        return {}
    (folder / "figures").mkdir()
    names: dict[str, str] = {}
    suites = list(curves["suite"].unique())
    with progress_bar() as bar:
        task = bar.add_task("drawing", total=bool(suites) + len(suites) + len(shown), unit="figures")
        if suites:
            figures.save_figure(figures.accuracy_by_distance(curves), _files(folder / FIGURE))
            names[FIGURE] = FIGURE
            bar.advance(task)
        for suite in suites:
            of_suite = figures.suite_by_distance(curves[curves["suite"] == suite])
            figures.save_figure(of_suite, _files(folder / "figures" / files_of[_slug_of_figure(suite)]))
            bar.advance(task)
        for table in shown:
            names[table.slug] = f"figures/{files_of[table.slug]}"
            figures.save_figure(heat_map.opposing_nouns_figure(table), _files(folder / names[table.slug]))
            bar.advance(task)
    return names


def _files(path: Path) -> list[Path]:
    """The files of a figure: for the screen, for print, and for slides. A suite's name may have dots in it."""
    return [path.with_name(path.name + suffix) for suffix in (".svg", ".pdf", ".png")]
