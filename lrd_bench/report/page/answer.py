"""The answer of a report in a few sentences, made from its verdicts and nothing else."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lrd_bench.report.cells import FILLER, OBSERVER
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.statistics import Estimate
from lrd_bench.report.verdicts import DROP, LEARNT, judge

QUESTION = "How far apart can two words be before a language model forgets that they belong together?"


Points = tuple[tuple[int, float], ...]
"""Distance and accuracy, in increasing order of distance."""


RANKS = {"learnt": 0, "holds": 0, "forgets (only where withheld)": 1, "forgets": 2, "not learnt": 3}
"""Verdict → how bad it is, of those that can be better or worse."""


class Worse(NamedTuple):
    """A kind of filler with which alone a model's verdict is worse than its verdict on the suite."""

    filler: str
    said: str
    """The verdict, by the same rule."""
    points: Points
    between: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a model on a suite."""

    suite: str
    model: str
    said: str | None
    """The verdict in words; None where no distance is known."""
    points: Points
    """Of the items that verdicts are of."""
    between: str
    """What stands between in these, in words; empty where they are all items."""
    context: int | None
    """How many words to the left the model sees; None: all."""
    accuracy: Estimate
    """Over all items."""
    worse: Sequence[Worse]

    @property
    def kind(self) -> str:
        """blind, not-learnt, forgets, holds, learnt, unscored, error or none."""
        if self.said is None:
            return "none"
        return kind_of(self.said)


def kind_of(said: str) -> str:
    """The kind of a verdict in words."""
    return "error" if said.endswith("an error") else said.partition(" (")[0].partition(":")[0].replace(" ", "-")


def verdicts_of(results: Sequence[SuiteResults]) -> list[Verdict]:
    """The verdict on each model of each suite, in the order of the overview."""
    return [verdict for suite in results for verdict in _verdicts(suite)]


def _verdicts(suite: SuiteResults) -> Iterator[Verdict]:
    several = suite.has("distance") and suite.has(FILLER) and suite.varies(FILLER)
    fillers = [str(filler) for filler in suite.values(FILLER) if filler] if several else []
    alone = {filler: suite.with_filler(filler) for filler in fillers}
    for label in suite.labels:
        yield _verdict(suite, alone, label)


def _verdict(suite: SuiteResults, alone: Mapping[str, SuiteResults], label: str) -> Verdict:
    curve = suite.curves[label]
    said = judge(curve)
    return Verdict(
        suite=suite.name,
        model=label,
        said=said,
        points=_values(curve.alike),
        between=between(suite.judged_on),
        context=curve.context,
        accuracy=suite.accuracies[label],
        worse=tuple(_worse(alone, label, RANKS[said])) if said in RANKS else (),
    )


def _values(points: Mapping[int, Estimate]) -> Points:
    return tuple((distance, point.value) for distance, point in points.items() if point.value is not None)


def _worse(alone: Mapping[str, SuiteResults], label: str, rank: int) -> Iterator[Worse]:
    """The fillers of which alone the verdict would be worse than one of that rank."""
    for filler, suite in alone.items():
        curve = suite.curves.get(label)
        said = None if curve is None else judge(curve)
        if curve is not None and said is not None and RANKS.get(said, 0) > rank:
            yield Worse(filler, said, _values(curve.alike), between(suite.judged_on))


def between(fillers: Sequence[Sequence[Hashable]] | None) -> str:
    """What stands between cue and critical word in the items that verdicts are of; empty where they are all items.

    fillers: as in `SuiteResults.judged_on`
    """
    return " or ".join(" and ".join(map(_filler, filler)) for filler in fillers or ())


def _filler(value: Hashable) -> str:
    """A kind of filler, or how many nouns."""
    return value if isinstance(value, str) else "no noun" if value == 0 else counted(int(str(value)), "noun")


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
    vouching = [
        model
        for model, theirs in of.items()
        if model.startswith(OBSERVER) and kinds[model] <= {"holds", "learnt"} and not any(each.worse for each in theirs)
    ]
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
        if theirs and all(each.kind == "holds" and not each.worse for each in theirs)
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
    uneven = [verdict for verdict in these if verdict.worse]
    withheld = [verdict for verdict in these if verdict.said is not None and "withheld" in verdict.said]
    match kind:
        case "forgets" if len(withheld) == len(these):
            return f"forgets on {share} (only at withheld distances)"
        case "forgets" if withheld:
            return f"forgets on {share} ({len(withheld)} of them only at withheld distances)"
        case "forgets":
            return f"forgets on {share}"
        case "not-learnt":
            return f"has not learnt {share}"
        case "unscored":
            return f"could not be asked {share}"
    said = f"{kind.replace('learnt', 'is right')} on {share}"
    if uneven:
        some = f" ({len(uneven)} of them not with every filler)"
        said += ", but not with every filler" if len(uneven) == len(these) else some
    return said


def details(verdicts: Sequence[Verdict]) -> Iterator[tuple[Verdict, str, str]]:
    """All bad news: of which verdict, what in words, and accuracies at the shortest distance and where it is lowest."""
    for verdict in verdicts:
        if verdict.kind == "forgets":
            yield verdict, f"{verdict.said} on", _fall(verdict.points, verdict.between)
        if verdict.kind == "not-learnt":
            yield verdict, "has not learnt", _fall(verdict.points[:1], verdict.between)
        for filler, said, points, what in verdict.worse:
            if kind_of(said) == "not-learnt":
                yield verdict, f"has not learnt with {filler} on", _fall(points[:1], what)
            else:
                yield verdict, f"{said.replace('forgets', f'forgets with {filler}')} on", _fall(points, what)


def _fall(points: Points, what: str) -> str:
    (near, first), (far, lowest) = points[0], min(points, key=lambda point: point[1])
    numbers = f"accuracy {rounded(first)} at {counted(near, 'word')}"
    numbers = numbers if near == far else f"{numbers}, {rounded(lowest)} at {far}"
    return f"{numbers}, of the items with {what} between" if what else numbers


def rounded(accuracy: float) -> str:
    """With two decimals, or as many more as it takes to stay below what counts as learnt."""
    decimals = 2
    while accuracy < LEARNT <= float(f"{accuracy:.{decimals}f}"):
        decimals += 1
    return f"{accuracy:.{decimals}f}"


HOW_JUDGED = (
    f"holds: no fall of {DROP} or more with distance was found. forgets: learnt at the shortest distance, and at some "
    f"longer one lower by {DROP} or more, and surely lower (95 %). not learnt: below {LEARNT} at the shortest distance "
    "already. blind: the model cannot see the cue, and scores ½ exactly, as the theorem says."
)
OF_WHICH_ITEMS = (
    "Where more than distance varies, verdict and numbers are of the items named beside the suite, in which distance "
    "alone does. The curves and tables below are of all items, and may fall by what stands between."
)
WITHHELD = (
    "withheld: the grammar that the items were made with keeps it out of the training text that it writes. Of models "
    "trained on other text that says nothing."
)


def listed(names: Sequence[str]) -> str:
    """Names as in a sentence: a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 word, 2 words."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
