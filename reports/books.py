"""One page on what the models of `books` make of running English: perplexity, and CLAMS beside published means.

    lrd-bench run books --corpus TEXT \\
        --stimuli en_evalset/simple_agrmt.txt --stimuli en_evalset/vp_coord.txt \\
        --stimuli en_evalset/long_vp_coord.txt --stimuli en_evalset/prep_anim.txt \\
        --stimuli en_evalset/subj_rel.txt --stimuli en_evalset/obj_rel_across_anim.txt
    python reports/publish.py books
    python reports/books.py

Reads what was published in `reports/books`, and of the run which items hold unknown words; writes `README.md`. As
published, a question of CLAMS is answered rightly where the whole grammatical sentence is the more probable.
"""

import math
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from tabulate import tabulate

from lrd_bench.errors import LrdBenchError
from lrd_bench.long_tables import read_table
from lrd_bench.outcomes import SURPRISAL_COLUMNS, read_outcomes
from lrd_bench.report.perplexity import read_texts

BOOKS, RUN = Path(__file__).parent / "books", Path("runs/books")
BASELINE = "ngram-5"
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
have read nine million words of books, textbooks and speeches: a tenth, and other text. Items with a word that the
models' vocabulary lacks, be it the subject or a noun on the way, are left out here.
{trained}
"""
ONCE = "Each network was trained once: another seed would give other accuracies."
TAIL = """Accuracy by distance on the shipped suites, intervals and signatures: [report.md](report.md). There, items of
CLAMS are left out only for an unknown word that is asked for or known to decide it, so that its accuracies differ."""


def write_page(folder: Path, run: Path) -> None:
    """Write `README.md`.

    Raises LrdBenchError where perplexities, surprisals, outcomes or those of a file of CLAMS are missing.
    """
    outcomes, texts = read_outcomes([folder / "outcomes.parquet"]), read_texts([folder / "perplexity.csv"])
    known = _known_items(run)
    models = list(outcomes["model"].unique())
    perplexities = _perplexities(texts)
    shown = (f"{perplexities[model]:.1f}" for model in models)
    rows, accuracies = [["perplexity", f"{texts['words'].iloc[0]:,} words", *shown, ""]], []
    for file, (construction, published) in PUBLISHED.items():
        asked = outcomes[(outcomes["suite"] == f"clams-en-{file}") & (outcomes["prediction"] == WHOLE)]
        if asked.empty:
            raise LrdBenchError(f"{folder}: has nothing of clams-en-{file}. Ask all six files with --stimuli.")
        of_known = asked[[place in known for place in zip(asked["suite"], asked["item"], strict=True)]]
        accuracy = of_known.groupby("model")["correct"].mean().reindex(models).to_numpy(float, na_value=math.nan)
        scored = of_known[of_known["correct"].notna()]["item"].nunique()
        shown = ("–" if math.isnan(each) else f"{each:.2f}" for each in accuracy)
        rows.append([construction, f"{scored:,} of {asked['item'].nunique():,} items", *shown, f"{published:.2f}"])
        accuracies.append(accuracy)
    headers = ["", "asked", *models, "published"]
    align = ("left", *["right"] * (len(headers) - 1))
    table = tabulate(rows, headers=headers, tablefmt="github", colalign=align, disable_numparse=True)
    verdicts = [
        f"- {model}: {_perplexity_verdict(model, perplexities)}; {_clams_verdict(of_model)}."
        for model, of_model in zip(models, zip(*accuracies, strict=True), strict=True)
    ]
    seeds = texts.groupby("model")["seed"].nunique().max()
    head = HEAD.format(trained=ONCE if seeds == 1 else f"Each number of a network is of {seeds} trainings.")
    page = f"{head}\n{table}\n\n" + "\n".join(verdicts) + f"\n\n{TAIL}\n"
    (folder / "README.md").write_text(page, encoding="utf-8")


def _known_items(run: Path) -> set[tuple[str, str]]:
    """Suite and item of all sentences without an unknown word, as one model tells for all: they share a vocabulary."""
    file = run / "surprisals" / f"{BASELINE}-0.parquet"
    surprisals = read_table(file, SURPRISAL_COLUMNS, required=SURPRISAL_COLUMNS, what="surprisals")
    whole = surprisals[surprisals["region"] == "*"]
    unknown = whole.groupby(["suite", "item"])["unknown_words"].max()
    return set(unknown[unknown == 0].index)


def _perplexities(texts: pd.DataFrame) -> pd.Series:
    """Of each model, as in the report: of the mean bits per word over seeds."""
    sums = texts.groupby("model")[["bits", "words"]].sum()
    return 2 ** (sums["bits"] / sums["words"])


def _perplexity_verdict(model: str, perplexities: pd.Series) -> str:
    """How far it is from that of the n-gram model."""
    if model == BASELINE:
        return "modified Kneser-Ney"
    less = 1 - perplexities[model] / perplexities[BASELINE]
    return f"perplexity {abs(less):.1%} {'below' if less > 0 else 'above'} {BASELINE}'s"


def _clams_verdict(accuracies: Sequence[float]) -> str:
    """Where a model does not reach the published means, to their two digits, and of what nothing was scored."""
    pairs = list(zip(accuracies, PUBLISHED.values(), strict=True))
    below = [construction for accuracy, (construction, mean) in pairs if round(accuracy, 2) < mean]
    unscored = [construction for accuracy, (construction, _) in pairs if math.isnan(accuracy)]
    if not below:
        said = "below none of the published means"
    elif len(below) == len(pairs):
        said = "below all of the published means"
    else:
        said = f"below the published means in {', '.join(below)}"
    return said + (f"; not scored: {', '.join(unscored)}" if unscored else "")


if __name__ == "__main__":
    try:
        write_page(BOOKS, RUN)
    except LrdBenchError as error:
        sys.exit(str(error))
    print(BOOKS / "README.md")
