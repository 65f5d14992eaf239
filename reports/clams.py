"""Accuracy on the English files of CLAMS beside the means that were published for LSTMs, as a page in Markdown.

    python reports/clams.py reports/books

Reads the folder's `outcomes.parquet` and writes `clams.md` beside it. As published, a question is answered rightly
where the whole grammatical sentence is the more probable.
"""

import sys
from pathlib import Path

from tabulate import tabulate

from lrd_bench.outcomes import read_outcomes

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

HEAD = """# English CLAMS

Share of questions whose grammatical sentence is the more probable, as a whole. *Published* are the means of five LSTMs
trained on 90 million words of Wikipedia (Mueller et al. 2020, tables 1 and 5; standard deviations of 0.02 to 0.06 for
the last three). These models have read nine million words of books, textbooks and speeches: a tenth, and other text.
"""


def main(folder: Path) -> None:
    """Write the page."""
    outcomes = read_outcomes([folder / "outcomes.parquet"])
    rows, below = [], []
    for file, (construction, published) in PUBLISHED.items():
        asked = outcomes[(outcomes["suite"] == f"clams-en-{file}") & (outcomes["prediction"] == WHOLE)]
        accuracy = asked.groupby("model", sort=False)["correct"].mean()
        if accuracy.empty:
            sys.exit(f"{folder}/outcomes.parquet: has nothing of clams-en-{file}. Name all six files with --stimuli.")
        scored = asked[asked["correct"].notna()]["item"].nunique()
        rows.append([construction, f"{scored:,} of {asked['item'].nunique():,}", *accuracy, published])
        if accuracy.iloc[-1] < published:
            below.append(f"{construction} ({accuracy.iloc[-1]:.2f} against {published:.2f})")
    models = list(accuracy.index)
    table = tabulate(rows, headers=["", "items scored", *models, "published"], floatfmt=".2f", tablefmt="github")
    verdict = f"{models[-1]} is below the published mean on {'; '.join(below) or 'none of them'}."
    (folder / "clams.md").write_text(f"{HEAD}\n{table}\n\n{verdict}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
