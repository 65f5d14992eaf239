"""What of a run is still to be made, and about how long that takes.

Dates decide what is: good enough for a forecast. What is really made again, each verb decides by its inputs.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import safetensors

from lrd_bench.experiment.estimate import ITEM_SECONDS, REPORT_SECONDS, Cost, in_words, side_by_side, slowness
from lrd_bench.experiment.jobs import Job
from lrd_bench.files import digest_of
from lrd_bench.models.recipes import Recipe


def forecast(
    items: Mapping[Path, int],
    costs: Mapping[Job, Cost],
    recipes: Mapping[str, Recipe],
    vocabulary: Path,
    processes: int,
    *,
    force: bool,
) -> str | None:
    """One sentence on what is still to be made; None where nothing is.

    items:    for each suite's file, how many items it is to hold
    costs:    for each job, the longest first, what it takes from the beginning
    recipes:  model → recipe, as the experiment has it
    """
    unmade = {file: number for file, number in items.items() if force or _is_older(file, [vocabulary])}
    left = [
        seconds
        for job, cost in costs.items()
        if (seconds := _seconds_left(job, cost, recipes[job.model], vocabulary, train=force, score=bool(unmade)))
    ]
    if not left:
        return None
    making = sum(unmade.values()) * ITEM_SECONDS
    reporting = len(costs) * len(items) * REPORT_SECONDS
    seconds = slowness() * (making + side_by_side(left, processes) + reporting)
    at_a_time = f", {processes} at a time" if processes < len(left) else ""
    models = "1 model" if len(left) == 1 else f"{len(left)} models"
    return f"{models} to train and score{at_a_time}: {in_words(seconds)}, items and report included"


def _seconds_left(job: Job, cost: Cost, recipe: Recipe, vocabulary: Path, *, train: bool, score: bool) -> float:
    """What is still to do for a model, besides what is to be done anyway; zero where all is there."""
    train = (
        train or _is_older(job.folder / "manifest.json", [vocabulary]) or _recipe(job) != recipe.model_dump(mode="json")
    )
    score = score or train or _is_older(job.outcomes, job.stimuli)
    left = 1 - _words_read(job, recipe) / cost.trained_words
    return train * left * cost.training_s + score * cost.scoring_s


def _recipe(job: Job) -> object:
    """What the model that is there was made by; None where there is none."""
    try:
        return json.loads((job.folder / "recipe.json").read_bytes())
    except (OSError, ValueError):
        return None


def _words_read(job: Job, recipe: Recipe) -> int:
    """By a training of this recipe that was stopped; zero where there is none."""
    from lrd_bench.models.folder import checkpoint_of  # here, for it loads numpy, which a worker loads with one thread

    try:
        with safetensors.safe_open(checkpoint_of(job.folder), framework="np") as file:
            about = file.metadata()
        same = json.loads(about["inputs"])["recipe"] == digest_of(recipe.model_dump(mode="json"))
        return int(json.loads(about["state"])["at"]["words"]) if same else 0
    except (OSError, safetensors.SafetensorError, TypeError, KeyError, ValueError):
        return 0


def _is_older(output: Path, inputs: Iterable[Path]) -> bool:
    return not output.exists() or output.stat().st_mtime < max(path.stat().st_mtime for path in inputs)
