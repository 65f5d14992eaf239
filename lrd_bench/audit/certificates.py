"""What is proved of a suite: which pairs no model can solve without their cue, and which questions have one answer.

Both are worked out anew from the sentences. What a file says of its own certificates is compared, never believed.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrd_bench.audit.contrasts import Contrast
from lrd_bench.audit.tables import BROKEN, Cell, Finding, Section, Table, are, counted, some
from lrd_bench.catalogue import find, names
from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.pages import SuitePage
from lrd_bench.generate.suite_grammar import suite_grammar
from lrd_bench.generate.suites import page_digest
from lrd_bench.items import Certificate, Suite, certificate_to_json
from lrd_bench.pcfg import Pcfg
from lrd_bench.recognizer import Recognizer
from lrd_bench.settings import read_settings, read_toml
from lrd_bench.suite_files import numbered_lines

FIXED_LENGTH, NONCE = "-fixed-length", "-nonce"
"""What the names of versions of a suite end in."""

Stored = Mapping[str, Mapping[str, Any]]
"""Item id → the certificate as the file has it."""


def stored_certificates(path: Path) -> Stored:
    """What our JSONL says of its certificates: nothing of items that say nothing.

    Raises LrdBenchError naming the line whose certificate is damaged.
    """
    stored = {}
    for number, line in numbered_lines(path):
        item = json.loads(line)
        certificate = item.get("certificate")
        if isinstance(certificate, dict):
            stored[str(item["id"])] = certificate
        elif certificate is not None:
            raise LrdBenchError(f"{path}:{number}: the certificate is damaged. Generate the suite again.")
    return stored


def is_ours(path: Path) -> bool:
    """Whether a file that holds items holds them as our JSONL."""
    if not path.is_file():
        return False
    _, first = next(numbered_lines(path), (0, ""))
    return first.startswith("{") and '"sentences"' in first


def certificate_section(
    suite: Suite, contrasts: Sequence[Contrast], stored: Stored | None, grammar: str | None
) -> Section:
    """How many items are certified, why the others are not, and whether the grammar tells right from wrong.

    stored:   what the file says; None where it is no file of ours
    grammar:  the suite's own file; None for shipped suites, which are known, and where it is not at hand
    """
    certificates = {item.id: suite.certificate(item) for item in suite.items}
    proved = [each.blind_below for each in certificates.values() if each.blind_below is not None]
    rows: list[tuple[Cell, ...]] = [("certified", len(proved), _range(proved))]
    why_not = Counter(each.why_not for each in certificates.values() if each.blind_below is None)
    rows += [(f"not certified: {reason}", number, None) for reason, number in sorted(why_not.items(), key=str)]
    differs = _differing(certificates, stored)
    if stored is not None:
        rows.append(("stored in the file", len(stored), f"{len(differs)} differ"))
    findings = []
    if differs:
        findings.append(
            Finding(
                BROKEN + 0.9,
                f"{counted(len(differs), 'certificate')} in the file {are(differs)} not what the sentences give (items "
                f"{some(differs)}): the file was changed. Generate the suite again.",
            )
        )
    decidable, undecided = _decidable(contrasts, _grammar(suite, grammar), Path(grammar).stem if grammar else None)
    rows.append(decidable)
    table = Table(
        slug="certificates",
        title=f"{suite.name}: certificates",
        columns=("what is proved", "items", "detail"),
        rows=tuple(rows),
        note="Certified: a model that sees fewer than K words to the left is right on exactly one item of the pair. "
        "Decidable: the suite's grammar derives the right sentence and not the wrong one.",
    )
    return Section((table,), (*findings, *undecided))


def _range(proved: list[int]) -> str | None:
    if not proved:
        return None
    return f"K = {proved[0]}" if len(set(proved)) == 1 else f"K from {min(proved)} to {max(proved)}"


def _differing(certificates: Mapping[str, Certificate], stored: Stored | None) -> list[str]:
    """The items of which the file says something else than their sentences."""
    return [
        item
        for item, certificate in certificates.items()
        if stored is not None and item in stored and dict(stored[item]) != certificate_to_json(certificate)
    ]


def _grammar(suite: Suite, file: str | None) -> Pcfg | str:
    """The suite's grammar, or why it is not at hand."""
    base = suite.name
    nonce, base = base.endswith(NONCE), base.removesuffix(NONCE)
    fixed_length, base = base.endswith(FIXED_LENGTH), base.removesuffix(FIXED_LENGTH)
    if file is None:
        if base not in names("suite"):
            return "the suite's file is not at hand (--grammar)"
        page = find("suite", base)
        if (version := read_toml(page).get("version")) != suite.version:
            return f"the shipped {base} is of version {version}"
        digest = page_digest(page, read_settings(page, SuitePage))
        if suite.source.get("page", digest) != digest:
            return f"the shipped {base} has changed since"
    return suite_grammar(file or base, fixed_length=fixed_length, nonce=nonce)


def _decidable(
    contrasts: Sequence[Contrast], grammar: Pcfg | str, name: str | None
) -> tuple[tuple[Cell, ...], tuple[Finding, ...]]:
    """How many questions the grammar answers; findings on those that it does not.

    name:  what the user called it; None for the suite's own
    """
    if isinstance(grammar, str):
        return ("decidable", None, f"not computed: {grammar}"), ()
    derives = Recognizer(grammar).derives
    underivable = [contrast.item.id for contrast in contrasts if not derives(contrast.good.tokens)]
    both = [contrast.item.id for contrast in contrasts if derives(contrast.bad.tokens)]
    findings = []
    for items, what in (
        (underivable, "the grammar does not derive the right sentence"),
        (both, "the grammar derives the wrong sentence"),
    ):
        if items:
            findings.append(Finding(BROKEN + 0.5, f"Of {counted(len(items), 'item')} {what} ({some(items)})."))
    decided = len(contrasts) - len({*underivable, *both})
    asked = f"of {len(contrasts)} asked of the grammar" + (f" {name}" if name else "")
    return ("decidable", decided, asked), tuple(findings)
