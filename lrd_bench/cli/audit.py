"""`lrd-bench audit`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lrd_bench.cli.app import Force, Quiet, command, contents, speaker
from lrd_bench.errors import LrdBenchError


class AuditFormat(StrEnum):
    """How an audit is printed."""

    text = "text"
    markdown = "markdown"
    csv = "csv"
    json = "json"


@command("audit")
def audit(
    stimuli: Annotated[
        list[str],
        typer.Argument(metavar="STIMULI", help="Items, of any format that `lrd-bench list formats` names."),
    ],
    corpus: Annotated[
        Path | None, typer.Option(help="Look for them in this training text.", show_default="no text")
    ] = None,
    vocabulary: Annotated[
        Path | None, typer.Option(help="Say what this vocabulary.tsv lacks of them.", show_default="none")
    ] = None,
    min_count: Annotated[int, typer.Option(min=1, help="Of its words, take rarer ones for unknown.")] = 1,
    grammar: Annotated[
        str | None,
        typer.Option(metavar="SUITE", help="The suite's own .toml, to decide it.", show_default="if it is shipped"),
    ] = None,
    format: Annotated[AuditFormat, typer.Option(help="How the audit is printed.")] = AuditFormat.text,
    out: Annotated[
        Path | None, typer.Option(help="Write the audit to this folder, too.", show_default="only printed")
    ] = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """What a suite can and cannot show.

    Shortcuts that need no cue, balance, certificates, words, and overlap with a training text. First what was found,
    in plain language; docs/audit.md says what each line means.

    \b
    Example: lrd-bench audit runs/agreement-pp.jsonl --corpus runs/english-small
             lrd-bench audit blimp:npi_present_2.jsonl
    """
    say = speaker(quiet)
    if min_count > 1 and vocabulary is None:
        raise LrdBenchError("--min-count: is of a vocabulary's words. Name the vocabulary with --vocabulary.")
    from lrd_bench.audit import audit_document, audit_suites, write_audit

    audits = audit_suites(stimuli, corpus=corpus, vocabulary=vocabulary, min_count=min_count, grammar=grammar)
    if out is not None:
        write_audit(audits, out, force=force)
    print(audit_document(audits, format.value), end="", flush=True)
    if out is not None:
        say(f"wrote {out}: {contents(out)}")
    say(f"next: lrd-bench score MODEL {' '.join(stimuli) if len(stimuli) < 4 else 'STIMULI'}")
