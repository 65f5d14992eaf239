"""One page on what the models of `books` make of running English: perplexity, and CLAMS beside published means.

    python reports/publish.py books
    python reports/books.py

Reads `perplexity.csv` and `outcomes.parquet` in `reports/books` and writes `README.md` beside them. As published, a
question of CLAMS is answered rightly where the whole grammatical sentence is the more probable.
"""

import math
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from tabulate import tabulate

from lrd_bench.errors import LrdBenchError
from lrd_bench.outcomes import read_outcomes
from lrd_bench.report.perplexity import read_texts

BOOKS = Path(__file__).parent / "books"
PUBLISHED = {
    "simple_agrmt": ("simple agreement", 1.00),
    "vp_coord": ("short VP coordination", 0.94),
    "long_vp_coord": ("long VP coordination", 0.76),
    "prep_anim": ("across a prepositional phrase", 0.63),
    "subj_rel": ("across a subject relative", 0.60),
    "obj_rel_across_anim": ("across an object relative", 0.55),
}
"""File → its construction and the mean accuracy of five LSTMs (Mueller et al. 2020, tables 1 and 5)."""
WHOLE = "(*;%good%) < (*;%bad%)"

HEAD = """# Books

Perplexity on held-out text, where lower is better; then, of English CLAMS, the share of questions whose grammatical
sentence is the more probable, as a whole. *Published* are the means of five LSTMs trained on 90 million words of
Wikipedia (Mueller et al. 2020, tables 1 and 5; standard deviations of 0.02 to 0.06 for the last three). These models
have read nine million words of books, textbooks and speeches: a tenth, and other text. {trained} Items with a word
that the models' vocabulary lacks are not scored.
"""
ONCE = "Each network was trained once: another seed would give other accuracies."
TAIL = "Intervals, signatures, and accuracy by distance on the shipped suites: [report.md](report.md)."


def write_page(folder: Path) -> None:
    """Write `README.md`.

    Raises LrdBenchError where perplexities, outcomes or those of a file of CLAMS are missing.
    """
    outcomes, texts = read_outcomes([folder / "outcomes.parquet"]), read_texts([folder / "perplexity.csv"])
    models = list(outcomes["model"].unique())
    rows, accuracies = [_perplexities(texts, models)], []
    for file, (construction, published) in PUBLISHED.items():
        asked = outcomes[(outcomes["suite"] == f"clams-en-{file}") & (outcomes["prediction"] == WHOLE)]
        if asked.empty:
            raise LrdBenchError(f"{folder}: has nothing of clams-en-{file}. Ask all six files with --stimuli.")
        accuracy = asked.groupby("model")["correct"].mean().reindex(models).to_numpy(float, na_value=math.nan)
        scored = asked[asked["correct"].notna()]["item"].nunique()
        shown = ["–" if math.isnan(each) else f"{each:.2f}" for each in accuracy]
        rows.append([construction, f"{scored:,} of {asked['item'].nunique():,} items", *shown, f"{published:.2f}"])
        accuracies.append(accuracy)
    headers = ["", "asked", *models, "published"]
    align = ("left", *["right"] * (len(headers) - 1))
    table = tabulate(rows, headers=headers, tablefmt="github", colalign=align, disable_numparse=True)
    verdicts = [_verdict(model, of_one) for model, of_one in zip(models, zip(*accuracies, strict=True), strict=True)]
    seeds = texts.groupby("model")["seed"].nunique().max()
    head = HEAD.format(trained=ONCE if seeds == 1 else f"Each number of a network is of {seeds} trainings.")
    page = f"{head}\n{table}\n\n" + "\n".join(verdicts) + f"\n\n{TAIL}\n"
    (folder / "README.md").write_text(page, encoding="utf-8")


def _perplexities(texts: pd.DataFrame, models: Sequence[str]) -> list[str]:
    """The first row, as in the report: of the mean bits per word over seeds."""
    sums = texts.groupby("model")[["bits", "words"]].sum()
    each = 2 ** (sums["bits"] / sums["words"])
    return ["perplexity", f"{texts['words'].iloc[0]:,} words", *(f"{each[model]:.1f}" for model in models), ""]


def _verdict(model: str, accuracies: Sequence[float]) -> str:
    """Where a model does not reach the published means, to their two digits."""
    of = zip(accuracies, PUBLISHED.values(), strict=True)
    below = [construction for accuracy, (construction, mean) in of if not round(accuracy, 2) >= mean]
    return f"- {model}: " + (f"below the published means in {', '.join(below)}." if below else "below none of them.")


if __name__ == "__main__":
    try:
        write_page(BOOKS)
    except LrdBenchError as error:
        sys.exit(str(error))
    print(BOOKS / "README.md")
