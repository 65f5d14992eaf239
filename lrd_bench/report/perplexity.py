"""Perplexities, and the excess over what nobody could do without."""

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lrd_bench.errors import LrdBenchError
from lrd_bench.long_tables import read_table
from lrd_bench.outcomes import TEXT_COLUMNS
from lrd_bench.report.cells import OBSERVER
from lrd_bench.report.tables import Cell, Column, Table
from lrd_bench.signature import short


def read_texts(paths: Sequence[Path]) -> pd.DataFrame:
    """One or more tables that `score MODEL --text` wrote, as one; empty for no paths.

    Raises LrdBenchError for a file that is missing or is no such table, and for a row that occurs twice.
    """
    empty = pd.DataFrame(columns=list(TEXT_COLUMNS)).astype(dict(TEXT_COLUMNS))
    frame = pd.concat([_read_one(path) for path in paths], ignore_index=True) if paths else empty
    twice = frame.duplicated(["model", "model_digest", "seed", "text_digest"])
    if twice.any():
        row = frame[twice].iloc[0]
        raise LrdBenchError(
            f"{' '.join(map(str, paths))}: {row['model']!r} (seed {row['seed']}) on {row['text']!r} occurs twice. "
            "Give each perplexity file once."
        )
    return frame


def _read_one(path: Path) -> pd.DataFrame:
    columns = list(TEXT_COLUMNS)
    return read_table(path, TEXT_COLUMNS, required=columns, what="perplexities (of `score --text`)")[columns]


def perplexity_table(texts: pd.DataFrame, order: Sequence[str]) -> Table:
    """Text × model: perplexity with and without unknown words, and excess bits per word over the ideal observer.

    order: the models in the order of the other tables
    """
    rows = texts.assign(label=_labels(texts), rank=[_rank(model, order) for model in texts["model"]])
    rows = rows.sort_values(["text", "text_digest", "rank"], kind="stable")
    observed = rows[rows["model"] == OBSERVER].groupby("text_digest").agg({"bits": "sum", "words": "sum"})
    best = {str(digest): _bits_per_word(*sums) for digest, *sums in observed.itertuples()}
    cells = [
        (str(text), str(label), *_numbers(part, best.get(str(digest))))
        for (text, digest, label), part in rows.groupby(["text", "text_digest", "label"], sort=False)
    ]
    columns = ["text", "model", "seeds", "words", "unknown", "perplexity", "known words", "bits/word", "excess"]
    decimals = {"perplexity": 2, "known words": 2}
    return Table(
        slug="perplexity",
        title="Perplexity",
        columns=tuple(Column(name, decimals=decimals.get(name, 3)) for name in columns),
        rows=tuple(cells),
        note=_note(
            observed=bool(best),
            infinite=any(math.inf in row for row in cells),
            unnormalised=bool(texts["bits"].isna().any()),
        ),
        keys=2,
    )


def _labels(texts: pd.DataFrame) -> list[str]:
    several = texts.groupby("model")["model_digest"].nunique()
    return [
        f"{model}#{short(digest)}" if several[model] > 1 else model
        for model, digest in zip(texts["model"], texts["model_digest"], strict=True)
    ]


def _rank(model: str, order: Sequence[str]) -> int:
    return order.index(model) if model in order else len(order)


def _numbers(part: pd.DataFrame, best: float | None) -> tuple[Cell, ...]:
    """The numbers of one model on one text, over its seeds."""
    bits, unknown_bits = (float(part[name].astype("float64").sum(skipna=False)) for name in ("bits", "unknown_bits"))
    words, unknown_words = int(part["words"].sum()), int(part["unknown_words"].sum())
    per_word = _bits_per_word(bits, words)
    known = _bits_per_word(bits - unknown_bits, words - unknown_words)
    excess = None if per_word is None or best is None or math.isinf(best) else per_word - best
    seeds = len(part)
    return seeds, words // seeds, unknown_words // seeds, _perplexity(per_word), _perplexity(known), per_word, excess


def _note(*, observed: bool, infinite: bool, unnormalised: bool) -> str:
    notes = [
        "words: with one end symbol a sentence. known words: perplexity without the unknown ones.",
        "Over several seeds: of the mean bits per word.",
        f"excess: bits per word above {OBSERVER}, which knows the grammar that wrote the text." if observed else "",
        "∞: some word has probability 0." if infinite else "",
        "·: the model's scores do not sum to one, so it has no perplexity." if unnormalised else "",
    ]
    return " ".join(note for note in notes if note)


def _bits_per_word(bits: float, words: int) -> float | None:
    """Mean surprisal; None of no words, and where infinity minus infinity tells nothing."""
    return None if not words or math.isnan(bits) else float(bits / words)


def _perplexity(bits_per_word: float | None) -> float | None:
    if bits_per_word is None:
        return None
    return float(2**bits_per_word) if bits_per_word < 1000 else math.inf
