"""How far the models of a report see, and what the theorem makes of it on each suite, as a table."""

from collections.abc import Sequence

from lrd_bench.report.results import SuiteResults
from lrd_bench.report.tables import Cell, Column, Table


def reach_table(results: Sequence[SuiteResults], labels: Sequence[str]) -> Table:
    """One row for each model: what it sees, and for each suite the distances at which its accuracy must be ½."""
    rows: list[tuple[Cell, ...]] = []
    for label in labels:
        context = next(suite.curves[label].context for suite in results if label in suite.labels)
        sees = "all" if context is None else f"{context} word{'' if context == 1 else 's'}"
        decided = (_decided(suite, label) if label in suite.labels else None for suite in results)
        rows.append((label, sees, *decided))
    return Table(
        slug="models",
        title="Models",
        columns=(Column("model"), Column("sees to the left"), *(Column(suite.name) for suite in results)),
        rows=tuple(rows),
        note="½ from d: at the distances from d on, twins differ only in what the model does not see, and the theorem "
        "says that its accuracy is exactly ½. –: it says nothing.",
        keys=2,
    )


def _decided(suite: SuiteResults, label: str) -> str:
    """The distances at which the theorem decides the accuracy, of those at which it was measured, in words."""
    points = suite.curves[label].points or {0: suite.accuracies[label]}
    measured = [distance for distance, point in points.items() if point.value is not None]
    decided = [distance for distance in measured if points[distance].theorem is not None]
    if not decided:
        return "–"
    if decided == measured:
        return "½ everywhere"
    if len(decided) > 1 and decided == measured[-len(decided) :]:
        return f"½ from {decided[0]}"
    return f"½ at {', '.join(map(str, decided))}"
