"""The answer of a report in a few sentences, made from its verdicts and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lrd_bench.report.cells import FILLER, OBSERVER, estimate_cells
from lrd_bench.report.results import SuiteResults, points_of, surely_lower
from lrd_bench.report.statistics import Estimate
from lrd_bench.report.verdicts import DROP, LEARNT, Curve, judge

QUESTION = "How far apart can two words be before a language model forgets that they belong together?"


Points = tuple[tuple[int, float], ...]
"""Distance and accuracy, in increasing order of distance."""


class Fall(NamedTuple):
    """A kind of filler with which a model forgets, though it holds on the suite by the rule."""

    filler: str
    where: str
    """That it is only where the training text withholds; else empty."""
    points: Points


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a model on a suite."""

    suite: str
    model: str
    said: str | None
    """The verdict in words; None where no distance is known."""
    points: Points
    """Of the items that verdicts are of."""
    context: int | None
    """How many words to the left the model sees; None: all."""
    accuracy: Estimate
    """Over all items."""
    falls: Sequence[Fall]
    """Of a model that holds: with which fillers it forgets all the same."""

    @property
    def kind(self) -> str:
        """blind, not-learnt, forgets, holds, learnt, unscored, error or none."""
        if self.said is None:
            return "none"
        if self.said.endswith("an error"):
            return "error"
        return self.said.partition(" (")[0].partition(":")[0].replace(" ", "-")


def verdicts_of(results: Sequence[SuiteResults]) -> list[Verdict]:
    """The verdict on each model of each suite, in the order of the overview."""
    return [_verdict(suite, label) for suite in results for label in suite.labels]


def _verdict(suite: SuiteResults, label: str) -> Verdict:
    curve = suite.curves[label]
    said = judge(curve)
    return Verdict(
        suite=suite.name,
        model=label,
        said=said,
        points=_values(curve.alike),
        context=curve.context,
        accuracy=suite.accuracies[label],
        falls=tuple(_falls(suite, label)) if said == "holds" else (),
    )


def _values(points: Mapping[int, Estimate]) -> Points:
    return tuple((distance, point.value) for distance, point in points.items() if point.value is not None)


def _falls(suite: SuiteResults, label: str) -> Iterator[Fall]:
    """The fillers of which alone the verdict would be that the model forgets, by the same rule."""
    if not (suite.has(FILLER) and suite.varies(FILLER)):
        return
    rows = suite.headline[(suite.headline["label"] == label) & suite.headline["distance"].notna()]
    for filler in filter(None, suite.values(FILLER)):
        part = rows[rows[FILLER] == filler]
        points = points_of(estimate_cells(part, ["distance"]), label)
        withheld = frozenset(distance for kind, distance in suite.withheld_fillers if kind == filler)
        lower = surely_lower(part, withheld)
        said = judge(Curve(context=None, points=points, alike=points, lower=lower, withheld=withheld)) or ""
        if said.startswith("forgets"):
            yield Fall(str(filler), said.removeprefix("forgets").strip(), _values(points))


class Said(NamedTuple):
    """A sentence of the answer."""

    models: Sequence[str]
    """Its subject; empty where it is of no model."""
    rest: str


def headline(verdicts: Sequence[Verdict]) -> list[Said]:
    """What a reader should take away, a sentence for each kind of model: nothing that the verdicts do not say."""
    of = {
        model: [each for each in verdicts if each.model == model] for model in dict.fromkeys(v.model for v in verdicts)
    }
    kinds = {model: {each.kind for each in theirs} for model, theirs in of.items()}
    broken = [model for model in of if "error" in kinds[model]]
    blind = [model for model in of if "blind" in kinds[model] and model not in broken]
    vouching = [model for model in of if model.startswith(OBSERVER) and kinds[model] <= {"holds", "learnt"}]
    said = [Said(broken, "not what the theorem says it must be: a context, or we, are wrong.")] if broken else []
    said += _on_others({model: theirs for model, theirs in of.items() if model not in (*broken, *blind, *vouching)})
    if blind:
        reaches = sorted({each.context for model in blind for each in of[model] if each.context is not None})
        see, words = "sees" if len(blind) == 1 else "see", " or ".join(map(str, reaches))
        rest = "where the cue lies beyond, both twins look the same, and the score is ½, exactly."
        said.append(Said(blind, f"{see} {words} word{'' if reaches == [1] else 's'} to the left: {rest}"))
    if vouching:
        said.append(Said(vouching, "knows the grammar that wrote the text, and holds: the questions can be answered."))
    return said or [Said((), "No suite here has distances: see the accuracies below.")]


def _on_others(of: Mapping[str, Sequence[Verdict]]) -> Iterator[Said]:
    """Of models that are not blind: who holds everywhere, who forgets, who has not learnt."""
    judged = {model: [each for each in theirs if each.kind != "none"] for model, theirs in of.items()}
    whole = [
        model
        for model, theirs in judged.items()
        if theirs and all(each.kind == "holds" and not each.falls for each in theirs)
    ]
    if whole:
        farthest = max(distance for model in whole for each in judged[model] for distance, _ in each.points)
        suites = max(len(judged[model]) for model in whole)
        where = f"on any of {suites} suites, up to" if suites > 1 else "up to"
        verb = "holds" if len(whole) == 1 else "hold"
        yield Said(whole, f"{verb}: no fall with distance was found {where} {counted(farthest, 'word')}.")
    for model, theirs in judged.items():
        parts = [_share(kind, theirs) for kind in ("forgets", "not-learnt", "holds", "learnt", "unscored")]
        if model not in whole and any(parts):
            yield Said([model], f"{listed([part for part in parts if part])}.")


def _share(kind: str, verdicts: Sequence[Verdict]) -> str:
    """On how many of its suites a model got such a verdict, as a clause; empty for none."""
    these = [verdict for verdict in verdicts if verdict.kind == kind]
    if not these:
        return ""
    several = (
        f"all {len(verdicts)} suites" if len(these) == len(verdicts) else f"{len(these)} of {len(verdicts)} suites"
    )
    share = several if len(verdicts) > 1 else "the suite"
    falling = [verdict for verdict in these if verdict.falls]
    withheld = [verdict for verdict in these if verdict.said is not None and "withheld" in verdict.said]
    match kind:
        case "forgets" if len(withheld) == len(these):
            return f"forgets on {share}, only at distances that its training text withholds"
        case "forgets" if withheld:
            return f"forgets on {share} ({len(withheld)} of them only at distances that its training text withholds)"
        case "forgets":
            return f"forgets on {share}"
        case "holds" if len(falling) == len(these):
            return f"holds on {share}, but not with every filler"
        case "holds" if falling:
            return f"holds on {share} ({len(falling)} of them not with every filler)"
        case "not-learnt":
            return f"has not learnt {share}"
        case "unscored":
            return f"could not be asked {share}"
        case _:
            return f"{kind.replace('learnt', 'is right')} on {share}"


def details(verdicts: Sequence[Verdict]) -> Iterator[tuple[Verdict, str, str]]:
    """All bad news: of which verdict, what in words, and accuracies at the shortest distance and where it is lowest."""
    for verdict in verdicts:
        if verdict.kind == "forgets":
            where = (verdict.said or "").removeprefix("forgets").strip()
            yield verdict, f"forgets {where}".strip() + " on", _fall(verdict.points)
        if verdict.kind == "not-learnt":
            yield verdict, "has not learnt", _fall(verdict.points[:1])
        for filler, where, points in verdict.falls:
            yield verdict, f"forgets with {filler} {where}".strip() + " on", _fall(points)


def _fall(points: Points) -> str:
    (near, first), (far, lowest) = points[0], min(points, key=lambda point: point[1])
    numbers = f"accuracy {first:.2f} at {counted(near, 'word')}"
    return numbers if near == far else f"{numbers}, {lowest:.2f} at {far}"


HOW_JUDGED = (
    f"holds: no fall of {DROP} or more with distance was found. forgets: learnt at the shortest distance, and at some "
    f"longer one lower by {DROP} or more, and surely lower (95 %). not learnt: below {LEARNT} at the shortest distance "
    "already. blind: the model cannot see the cue, and scores ½ exactly, as the theorem says. Each is of items in "
    "which distance alone varies, where there are such."
)


def listed(names: Sequence[str]) -> str:
    """Names as in a sentence: a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 word, 2 words."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
