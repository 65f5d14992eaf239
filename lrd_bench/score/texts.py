"""`score MODEL --text FILE`: how likely a model finds a running text, with unknown words and without."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

import pandas as pd

from lrd_bench import __version__
from lrd_bench.corpus import read_sentences
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import already_made, digest_of, file_digest
from lrd_bench.models.base import Judge, LanguageModel
from lrd_bench.outcomes import TEXT_COLUMNS, check_table_name, nats_to_bits, table_made_from, write_table
from lrd_bench.progress import progress_bar
from lrd_bench.score.evidence import SENTENCES_AT_ONCE, check_answers


def score_text(
    model: str, text: Path, *, out: Path | None = None, device: str = "auto", force: bool = False
) -> pd.DataFrame:
    """The surprisal of a text (one tokenised sentence a line; plain, .gz or .zst): one row of TEXT_COLUMNS.

    `bits` is infinite where the model gives some word no probability; NaN for a model whose scores do not sum to one,
    which has no perplexity. Raises LrdBenchError for a text without sentences, a model that looks to the right, and an
    `out` that was made from other inputs, unless `force`.
    """
    from lrd_bench.models.opening import open_model  # torch, only when something is scored

    opened = open_model(model, device)
    if isinstance(opened.model, Judge):
        raise LrdBenchError(f"{model}: is a judge: it gives words no probability, and has no perplexity.")
    if opened.model.bidirectional:
        raise LrdBenchError(
            f"{model}: sees the words to the right, so it has no perplexity. Score a left-to-right model."
        )
    about = {
        "model": opened.name,
        "model_digest": opened.digest,
        "seed": opened.seed,
        "text": text.name.partition(".")[0],
        "text_digest": file_digest(text),
    }
    made_from = _digest(about)
    if out is not None:
        check_table_name(out)
    if out is not None and already_made(out, _made_from(out), made_from, force=force):
        return read_text_scores(out)
    row = about | _surprisal(opened.model, opened.name, text)
    frame = pd.DataFrame([row], columns=list(TEXT_COLUMNS)).astype(dict(TEXT_COLUMNS))
    if out is not None:
        write_table(frame, out, made_from=made_from)
    return frame


def read_text_scores(path: Path) -> pd.DataFrame:
    """The table that `score_text` wrote."""
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype=dict(TEXT_COLUMNS))[list(TEXT_COLUMNS)]
    return pd.read_parquet(path)[list(TEXT_COLUMNS)].astype(dict(TEXT_COLUMNS))


def _made_from(path: Path) -> str | None:
    """The digest of what an existing table was made from.

    A CSV file holds none. It counts as made from the model, seed and text that its row names, by this version.
    """
    if path.suffix != ".csv":
        return table_made_from(path)
    try:
        row = read_text_scores(path).iloc[0]
    except (OSError, ValueError, KeyError, IndexError):
        return None
    about = {column: row[column] for column in ("model", "model_digest", "text", "text_digest")}
    return _digest({**about, "seed": None if pd.isna(row["seed"]) else int(row["seed"])})


def _digest(about: Mapping[str, object]) -> str:
    """The digest of all that a row depends on; `about` are its columns that say what it is of."""
    return digest_of({**about, "version": __version__})


def _surprisal(model: LanguageModel, name: str, text: Path) -> dict[str, float]:
    """The counts and sums of a text row, in one pass over the text."""
    sentences, words, unknown_words = 0, 0, 0
    bits: list[float] = []
    unknown_bits: list[float] = []
    stream = read_sentences(text)
    with progress_bar() as bar:
        task = bar.add_task(f"perplexity of {name}", total=None, unit="sentences")
        while chunk := list(islice(stream, SENTENCES_AT_ONCE)):
            logprobs = model.logprobs(chunk, end=True)
            check_answers(name, [len(sentence) + 1 for sentence in chunk], logprobs)
            unknown = [_unknown_positions(model, sentence) for sentence in chunk]
            sentences += len(chunk)
            words += sum(map(len, logprobs))
            unknown_words += sum(map(len, unknown))
            bits.append(_bits(chain.from_iterable(logprobs)))
            unknown_bits.append(_bits(row[i] for row, places in zip(logprobs, unknown, strict=True) for i in places))
            bar.advance(task, len(chunk))
    if not sentences:
        raise LrdBenchError(f"{text}: holds no sentences. Expected one tokenised sentence a line.")
    if not model.normalised:
        bits, unknown_bits = [math.nan], [math.nan]
    elif math.isnan(math.fsum(bits)):
        raise LrdBenchError(f"{name}: gives some word of {text} no number (NaN). Check the model, or train it again.")
    return {
        "sentences": sentences,
        "words": words,
        "unknown_words": unknown_words,
        "bits": math.fsum(bits),
        "unknown_bits": math.fsum(unknown_bits),
    }


def _bits(logprobs: Iterable[float]) -> float:
    return 0.0 - nats_to_bits(math.fsum(logprobs))  # not a mere minus: that would turn nothing into -0.0


def _unknown_positions(model: LanguageModel, sentence: Sequence[str]) -> list[int]:
    if model.vocabulary is None:
        return []
    return [i for i, word in enumerate(sentence) if word not in model.vocabulary]
