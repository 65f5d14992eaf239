"""The page: a template filled with markup that Python made and with data that its scripts draw from.

Python makes every number, and all that can be read without a script; the scripts select, draw, sort and look up.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrd_bench.report.cells import FILLER
from lrd_bench.report.detail import OPPOSING
from lrd_bench.report.figures import LOWEST, NARROW
from lrd_bench.report.page import sections
from lrd_bench.report.page.answer import verdicts_of
from lrd_bench.report.page.background import Background
from lrd_bench.report.page.curves import curves_of
from lrd_bench.report.page.items import pack_items
from lrd_bench.report.page.markup import text
from lrd_bench.report.page.sections import Made
from lrd_bench.report.page.terms import factors_of
from lrd_bench.report.panels import COLOURS, DASHES, LINEAR_UP_TO, SHAPES
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.statistics import ARCHITECTURE_SEEDS, FEW_SEEDS
from lrd_bench.report.tables import Table

STATIC = Path(__file__).parent / "static"
SCRIPTS = (
    *("elements.js", "tables.js", "chart.js", "curves.js", "packed.js"),
    *("items.js", "item.js", "search.js", "start.js"),
)

ON_DARK = ("#56A8E8", "#F4813F", "#2FC79A", "#E79CC6", "#F2B93B", "#8BD0F7", "#E8E8E8", "#CF9160", "#A3A3A3")
"""The colours of `lrd_bench.report.panels`, lighter, for a dark page."""

_SLOT = re.compile(r"\{\{([a-z]+)\}\}")


def report_page(
    results: Sequence[SuiteResults], tables: Sequence[Table], signatures: Table, background: Background, made: Made
) -> str:
    """The whole page as HTML that loads nothing.

    results:    the suites, in the order of the report
    tables:     every table of the report
    signatures: what each number is of
    background: items, surprisals and audits, as far as there are any
    made:       how the report was made
    """
    labels = list(results[0].rows["label"].cat.categories)
    verdicts = verdicts_of(results)
    script = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in SCRIPTS)
    style = _colours() + (STATIC / "page.css").read_text(encoding="utf-8")
    packed = {
        suite.name: pack_items(background.suites[suite.name], suite.rows, background.surprisals, labels)
        for suite in results
        if suite.name in background.suites
    }
    slots = {
        "title": text(made.title),
        "policy": text(_policy(script, style)),
        "style": style,
        "script": script,
        "answer": sections.answer(results, verdicts, background, made),
        "tables": sections.tables(tables),
        "audit": sections.audit(background),
        "glossary": sections.glossary(tables, background, made),
        "signatures": sections.signatures(signatures),
        "made": sections.how_made(background, made),
        "cite": sections.how_to_cite(background),
        "missing": sections.missing(results, background),
        "data": _json(_data(results, labels, list(packed), background)),
        "items": "".join(
            f'<script type="application/octet-stream" id="items-{number}">{data}</script>\n'
            for number, data in enumerate(packed.values())
        ),
    }
    template = (STATIC / "page.html").read_text(encoding="utf-8")
    return _SLOT.sub(lambda slot: slots[slot[1]], template)  # once over the template: what is put in is not looked into


def _data(
    results: Sequence[SuiteResults], labels: Sequence[str], packed: Sequence[str], background: Background
) -> dict[str, Any]:
    """What the scripts draw from."""
    contexts: dict[str, int | None] = {}
    for suite in results:
        contexts |= {label: suite.curves[label].context for label in suite.labels}
    # As in the figure: the most distinct ones go to the models that see everything.
    ranked = sorted(labels, key=lambda label: contexts[label] is not None)
    return {
        "models": [{"name": label, "context": contexts[label], "style": ranked.index(label)} for label in labels],
        "suites": [
            {
                "name": suite.name,
                "models": [labels.index(label) for label in suite.labels],
                "double": suite.headline_is_double,
                "items": packed.index(suite.name) if suite.name in packed else None,
                **curves_of(suite),
            }
            for suite in results
        ],
        "dashes": DASHES,
        "shapes": SHAPES,
        "colours": len(COLOURS),
        "lowest": LOWEST,
        "linearUpTo": LINEAR_UP_TO,
        "narrow": NARROW if _of_few_seeds(results) else "",
        "factors": {"filler": FILLER, "nouns": OPPOSING},
        "meanings": dict(factors_of(background.suites.values())),
    }


def _of_few_seeds(results: Sequence[SuiteResults]) -> bool:
    """Whether any interval is of an architecture, by fewer seeds than it should have."""
    return any(ARCHITECTURE_SEEDS <= number < FEW_SEEDS for suite in results for number in suite.seeds.values())


def _json(value: Mapping[str, Any]) -> str:
    """JSON that stands inside a script element, which only `</script` and `<!--` would end."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _colours() -> str:
    """The models' colours as properties, on a light page and on a dark one."""

    def properties(colours: Sequence[str]) -> str:
        return "".join(f"--model-{number}:{colour};" for number, colour in enumerate(colours))

    return (
        f":root{{{properties(COLOURS)}}}\n"
        f"@media screen and (prefers-color-scheme: dark){{:root{{{properties(ON_DARK)}}}}}\n"
    )


def _policy(script: str, style: str) -> str:
    """Nothing is loaded from anywhere, and no script runs but the page's own."""

    def hashed(source: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode() + "'"

    allowed = {"script-src": hashed(script), "style-src": hashed(style), "base-uri": "'none'", "form-action": "'none'"}
    return "; ".join(f"{what} {source}" for what, source in {"default-src": "'none'", **allowed}.items())
