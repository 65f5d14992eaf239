"""Audits as a document: text, Markdown, CSV or JSON; and as a folder."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from lrd_bench import __version__
from lrd_bench.audit.auditing import Audit
from lrd_bench.audit.tables import Table
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import already_made, digest_of, replacing, to_json
from lrd_bench.report.tables import Column, render, wrapped
from lrd_bench.report.tables import Table as Printed

AuditFormat = Literal["text", "markdown", "csv", "json"]

FILES = {"audit.txt": "text", "audit.md": "markdown", "audit.json": "json"}
"""What a folder holds, besides its manifest."""

NOTHING_FOUND = "Nothing was found that a user should know."


def audit_document(audits: Sequence[Audit], format: AuditFormat) -> str:
    """What was found, most important first, and then the tables; with a new line at the end."""
    if format == "json":
        return json.dumps([_plain(audit) for audit in audits], ensure_ascii=False, indent=2) + "\n"
    return "\n\n".join(part for audit in audits for part in _parts(audit, format)) + "\n"


def write_audit(audits: Sequence[Audit], out: Path, *, force: bool = False) -> None:
    """Write audits to a folder: audit.txt, audit.md, audit.json and manifest.json.

    Nothing is written where the same stands there already. Raises LrdBenchError for a folder that holds something else,
    and for another audit unless `force`.
    """
    made_from = digest_of([__version__, [_plain(audit) for audit in audits]])
    free = not out.exists() or (out.is_dir() and not any(out.iterdir()))
    if not free and already_made(out, _made_from(out), made_from, force=force):
        return
    with replacing(out) as folder:
        folder.mkdir(parents=True)
        for name, format_ in FILES.items():
            text = audit_document(audits, format_)  # type: ignore[arg-type]  # FILES has formats only
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        manifest = {"made_from": made_from, "version": __version__, "files": sorted(FILES)}
        (folder / "manifest.json").write_text(to_json(manifest) + "\n", encoding="utf-8", newline="\n")


def _made_from(out: Path) -> str:
    """What the audit at `out` was made from. Raises LrdBenchError for what is no audit, which is never replaced."""
    try:
        manifest = json.loads((out / "manifest.json").read_bytes())
        foreign = {path.name for path in out.iterdir()} - {*FILES, "manifest.json"}
        if "audit.json" in manifest["files"] and not foreign:
            return str(manifest["made_from"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise LrdBenchError(f"{out}: is not an audit, so it is not replaced. Name another place with --out.")


def _plain(audit: Audit) -> dict[str, Any]:
    """An audit as JSON has it: each row of a table with the names of its columns."""
    return {
        "suite": audit.suite,
        "findings": list(audit.findings),
        "tables": {
            table.slug: [dict(zip(table.columns, row, strict=True)) for row in table.rows] for table in audit.tables
        },
    }


def _parts(audit: Audit, format: Literal["text", "markdown", "csv"]) -> list[str]:
    title = f"{audit.suite}: findings"
    tables = [render(_printed(table, whole=format == "csv"), format) for table in audit.tables]
    found = audit.findings or (NOTHING_FOUND,)
    match format:
        case "csv":
            listed = Printed(
                slug="findings", title=title, columns=(Column("finding"),), rows=tuple((f,) for f in found)
            )
            return [render(listed, "csv"), *tables]
        case "markdown":
            return ["\n".join([f"## {title}", "", *(f"- {finding}" for finding in found)]), *tables]
        case "text":
            return ["\n".join([title, "", *(_bullet(finding) for finding in found)]), *tables]


def _bullet(finding: str) -> str:
    return wrapped(f"- {finding}").replace("\n", "\n  ")


def _printed(table: Table, *, whole: bool) -> Printed:
    """The table as reports print it, with as many rows as it shows, or the whole of it."""
    shown = len(table.rows) if whole or table.shown is None else table.shown
    left_out = max(len(table.rows) - shown, 0)
    more = f"{left_out} more rows: --format csv or json." if left_out else ""
    return Printed(
        slug=table.slug,
        title=table.title,
        columns=tuple(Column(name) for name in table.columns),
        rows=table.rows[:shown],
        note=" ".join(part for part in (more, table.note) if part),
    )
