"""Put what a run gave into `reports/NAME`: its outcomes in one file, and what `report` writes from them.

    lrd-bench run full
    python reports/publish.py full

Of stimuli made elsewhere the outcomes and tables are published, and not the sentences, which are someone else's.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lrd_bench.errors import LrdBenchError
from lrd_bench.experiment.settings import Experiment, read_experiment, read_recipes, seeds_of, write_experiment
from lrd_bench.models.recipes import ObserverRecipe
from lrd_bench.outcomes import read_outcomes, write_table
from lrd_bench.report import write_report
from lrd_bench.report.perplexity import read_texts

REPORTS = Path(__file__).parent


def publish(name: str) -> None:
    """Gather the files of `runs/NAME` and write its report from them, beside its `experiment.toml`.

    Raises LrdBenchError where there is no such run, one of other settings or recipes, or one that is not finished.
    """
    run, folder = Path("runs") / name, REPORTS / name
    experiment = read_experiment(name)
    if not is_run_of(experiment, run):
        raise LrdBenchError(
            f"{run}: is not a run of {folder}/experiment.toml as it stands. Run it again: lrd-bench run {name}"
        )
    outcomes = [run / "outcomes" / f"{name}.parquet" for name in _runs(experiment, run)]
    texts = [run / "perplexity" / f"{file.stem}.csv" for file in outcomes]
    write_table(read_outcomes(outcomes), folder / "outcomes.parquet")
    write_table(read_texts(texts), folder / "perplexity.csv")
    shutil.copy(run / "overlap.csv", folder)
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report"
        write_report(
            [folder / "outcomes.parquet"],
            out=report,
            texts=[folder / "perplexity.csv"],
            overlaps=[folder / "overlap.csv"],
            stimuli=[run / "stimuli" / f"{suite.label}.jsonl" for suite in experiment.suites],
            surprisals=[run / "surprisals" / file.name for file in outcomes],
            audits=[run / "audit.json"],
            experiment=folder / "experiment.toml",
            by=experiment.report.by,
            about=experiment.about,
        )
        for made in ("tables", "figures"):
            shutil.rmtree(folder / made, ignore_errors=True)
        shutil.copytree(report, folder, dirs_exist_ok=True)


def _runs(experiment: Experiment, run: Path) -> Iterator[str]:
    """MODEL-SEED of each training, in the order of the experiment, which is the order of every table."""
    for model, recipe in read_recipes(experiment).items():
        name = Path(model).stem
        if isinstance(recipe, ObserverRecipe) and not (run / "models" / f"{name}-0").is_dir():
            continue  # no grammar wrote the text
        for seed in seeds_of(experiment, recipe):
            made_by = run / "models" / f"{name}-{seed}" / "recipe.json"
            if not made_by.is_file() or json.loads(made_by.read_bytes()) != recipe.model_dump(mode="json"):
                raise LrdBenchError(
                    f"{made_by}: is not {model} as it stands. Run it again: lrd-bench run {experiment.name}"
                )
            yield f"{name}-{seed}"


def is_run_of(experiment: Experiment, run: Path) -> bool:
    """Whether a folder's run was of these settings, but for what it brought: text and stimuli may be someone else's."""
    file = run / "experiment.toml"
    ran = read_experiment(str(file))
    brought = {"corpus": experiment.corpus or ran.corpus, "stimuli": experiment.stimuli or ran.stimuli}
    return write_experiment(experiment.model_copy(update=brought), file) == write_experiment(ran, file)


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("publish.py: name one or more experiments.")
    try:
        for name in sys.argv[1:]:
            publish(name)
    except LrdBenchError as error:
        sys.exit(str(error))
