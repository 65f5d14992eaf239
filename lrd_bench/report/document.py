"""A report as one document, in each of its formats: what it is about, the tables, how to read them, the signatures."""

from collections.abc import Mapping, Sequence

from lrd_bench.report import markdown
from lrd_bench.report.as_json import json_document
from lrd_bench.report.latex import latex_document
from lrd_bench.report.tables import OF_FEW_SEEDS, Format, Table, notes_of, render, wrapped

FIGURE = "accuracy-by-distance"

HOW_TO_READ = (
    "0.500 = ½: measured, and what the theorem says it must be, since the twins differ only beyond the model's window: "
    "one of each pair is right. Of a double difference every item is a tie, of 0 bits. Where no = or ≠ stands, the "
    "theorem says nothing.",
    "not learnt: accuracy is below 0.9 at the shortest distance already. forgets: learnt, but at some longer "
    "distance lower by at least 0.05, and surely lower: inside the same groups (95 %, for each suite and model, not "
    "for all). holds: learnt, and no such fall was found. Where longer distances hold other fillers or more nouns "
    "too, all three are of those that reach from the shortest to the longest distance, which the overview names: "
    "the curve of all items may fall by what else changes.",
    "shown, withheld: what the grammar that the items were made with (their split) shows in the training text that it "
    "writes, and what it keeps out of it. Of models trained on other text, such as pretrained ones, that says nothing.",
    "[low, high], bands and bars: 95 % intervals, each for its own number (pointwise). Groups of items that share "
    "words are resampled, not items. Where all groups agree, the interval is Clopper and Pearson's on their number.",
    "A number measures a model and the text it was trained on. Two numbers compare where their signatures differ only "
    "in the model.",
)


def report_document(
    tables: Sequence[Table], signatures: Table, format_: Format, *, about: str, figures: Mapping[str, str] | None = None
) -> str:
    """All tables one below the other.

    figures: slug → file, less its ending, of the figures that lie beside the document and are shown in it: the first
             is of the whole, the others belong to tables
    """
    figures = figures or {}
    lines = [markdown.one_line(str(row[-1])) for row in signatures.rows]
    match format_:
        case "json":
            return json_document(tables, signatures, about=about, how_to_read=HOW_TO_READ)
        case "latex":
            drawn = {slug: f"{file}.pdf" for slug, file in figures.items()}
            return latex_document(tables, lines, about=about, how_to_read=HOW_TO_READ, figures=drawn)
    of_few_seeds = next((table for table in tables if OF_FEW_SEEDS in notes_of(table)), None)
    parts = [render(table, format_, seeds=table is of_few_seeds) for table in tables]
    match format_:
        case "csv":
            parts.append(render(signatures, "csv"))
        case "text":
            parts = [wrapped(about), *parts] if about else parts
            parts.append("\n".join(["How to read this", "", *map(wrapped, HOW_TO_READ)]))
            parts.append("\n".join(lines))
        case "markdown":
            pictures = {slug: f"![{markdown.name(_name(slug, tables))}]({file}.svg)" for slug, file in figures.items()}
            parts = [
                "\n\n".join([part, *([pictures[table.slug]] if table.slug in pictures else [])])
                for table, part in zip(tables, parts, strict=True)
            ]
            first = [pictures[FIGURE]] if FIGURE in pictures else []
            parts = ["# Accuracy by dependency distance", *([markdown.prose(about)] if about else []), *first, *parts]
            parts.append("\n".join(["## How to read this", "", *(f"- {markdown.prose(line)}" for line in HOW_TO_READ)]))
            parts.append("\n".join(["## Signatures", "", "```", *lines, "```"]))
    return "\n\n".join(parts) + "\n"


def _name(slug: str, tables: Sequence[Table]) -> str:
    """What a figure shows: what its table is called, or the first one."""
    return next((table.title for table in tables if table.slug == slug), "Accuracy by distance")


def abridged(tables: Sequence[Table], signatures: Table, *, about: str) -> str:
    """The report as a terminal shows it: without the tables that go into detail, which are only named."""
    shown = [table for table in tables if not table.detail]
    kinds = dict.fromkeys(table.title.rpartition(": ")[2] for table in tables if table.detail)
    left_out = [kind[0].lower() + kind[1:] for kind in kinds]
    text = report_document(shown, signatures, "text", about=about)
    if not left_out:
        return text
    named = f"In the report's folder (--out) and in other formats, too: {'; '.join(left_out)}."
    return text.replace("\n\nHow to read this\n", f"\n\n{wrapped(named)}\n\nHow to read this\n")
