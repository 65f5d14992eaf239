"""What a report says of chance where it is not one half."""

from collections.abc import Sequence

from lrd_bench.report.results import SuiteResults


def chance_note(results: Sequence[SuiteResults]) -> str:
    """How high chance is for suites whose headline is no single inequality; nothing where there are none."""
    told = [f"{suite.name} {suite.chance:.3f}" for suite in results if suite.chance not in (None, 0.5)]
    untold = [suite.name for suite in results if suite.chance is None]
    notes = [
        f"Chance, simulated as if regions were exchangeable and independent: {', '.join(told)}." if told else "",
        f"Chance is not known of what asks for equality or names a number: {', '.join(untold)}." if untold else "",
    ]
    return " ".join(note for note in notes if note)
