"""Put what a run gave into `reports/NAME`: its outcomes in one file, and what `report` writes from them.

    lrd-bench run full
    python reports/publish.py full

What the run has not finished, or made from what has changed since, is made first. Of stimuli made elsewhere the
outcomes and tables are published, and not the sentences, which are someone else's.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from lrd_bench.errors import LrdBenchError
from lrd_bench.experiment import run_experiment
from lrd_bench.experiment.settings import Experiment, read_experiment, read_recipes, seeds_of, write_experiment
from lrd_bench.models.recipes import BidirectionalRecipe

REPORTS = Path(__file__).parent


def publish(folder: Path, run: Path) -> None:
    """Gather the files of a run, and write its report from them beside its `experiment.toml`.

    Raises LrdBenchError where there is no such run, or one of other settings.
    """
    # Here, for they load numpy, which a process that trains loads with one thread.
    from lrd_bench.outcomes import read_outcomes, write_table
    from lrd_bench.report import write_report
    from lrd_bench.report.perplexity import read_texts

    experiment, file = read_experiment(str(folder / "experiment.toml")), run / "experiment.toml"
    if not is_run_of(experiment, run):
        raise LrdBenchError(f"{run}: is not a run of {folder / 'experiment.toml'} as it stands. Run that again.")
    run_experiment(str(file), out=run)
    ran = read_experiment(str(file))
    recipes = read_recipes(ran)
    names = {
        f"{Path(model).stem}-{seed}": recipe for model, recipe in recipes.items() for seed in seeds_of(ran, recipe)
    }
    one_way = [name for name, recipe in names.items() if not isinstance(recipe, BidirectionalRecipe)]
    with tempfile.TemporaryDirectory() as temporary:
        gathered, report = Path(temporary) / "gathered", Path(temporary) / "report"
        gathered.mkdir()
        outcomes = read_outcomes([run / "outcomes" / f"{name}.parquet" for name in names])
        write_table(outcomes, gathered / "outcomes.parquet")
        write_table(read_texts([run / "perplexity" / f"{name}.csv" for name in one_way]), gathered / "perplexity.csv")
        shutil.copy(run / "overlap.csv", gathered)
        write_report(
            [gathered / "outcomes.parquet"],
            out=report,
            texts=[gathered / "perplexity.csv"],
            overlaps=[gathered / "overlap.csv"],
            stimuli=[run / "stimuli" / f"{suite.label}.jsonl" for suite in experiment.suites],
            surprisals=[run / "surprisals" / f"{name}.parquet" for name in names],
            audits=[run / "audit.json"],
            experiment=folder / "experiment.toml",
            by=experiment.report.by,
            about=experiment.about,
        )
        for former in ("tables", "figures"):
            shutil.rmtree(folder / former, ignore_errors=True)
        for made in (gathered, report):
            shutil.copytree(made, folder, dirs_exist_ok=True)


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
            publish(REPORTS / name, Path("runs") / name)
    except LrdBenchError as error:
        sys.exit(str(error))
