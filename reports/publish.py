"""Put what a run gave into `reports/NAME`: its outcomes in one file, and what `report` writes from them.

lrd-bench run full
python reports/publish.py full
"""

import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd

from lrd_bench.experiment.settings import read_experiment
from lrd_bench.outcomes import read_outcomes, write_table
from lrd_bench.report import write_report

REPORTS = Path(__file__).parent


def publish(name: str) -> None:
    """Gather the files of `runs/NAME` and write its report from them, beside its `experiment.toml`."""
    run, folder = Path("runs") / name, REPORTS / name
    experiment = read_experiment(name)
    models = [Path(model).stem for model in experiment.models]
    # In the order of the experiment, which is the order of every table.
    outcomes = [file for model in models for file in sorted((run / "outcomes").glob(f"{model}-[0-9]*.parquet"))]
    texts = [run / "perplexity" / f"{file.stem}.csv" for file in outcomes]
    write_table(read_outcomes(outcomes), folder / "outcomes.parquet")
    write_table(pd.concat(map(pd.read_csv, texts)), folder / "perplexity.csv")
    shutil.copy(run / "overlap.csv", folder)
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report"
        write_report(
            [folder / "outcomes.parquet"],
            out=report,
            texts=[folder / "perplexity.csv"],
            overlaps=[folder / "overlap.csv"],
            by=experiment.report.by,
        )
        shutil.rmtree(folder / "tables", ignore_errors=True)
        shutil.copytree(report, folder, dirs_exist_ok=True)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        publish(name)
