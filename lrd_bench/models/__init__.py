"""Models: what they promise, one module a family, their folders, and one function for a notebook."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrd_bench.models.base import Judge, LanguageModel

__all__ = ["load_model"]


def load_model(folder: str | Path, device: str = "auto") -> "LanguageModel | Judge":
    """The model that training left in a folder, or that another tool made, ready to be asked.

    folder:   a model folder, or whatever else `lrd-bench score` takes: `arpa:FILE`, `hf:NAME`,
              `kenlm:FILE`, `python:package.module:factory`
    device:   auto, cpu or cuda; of concern to networks alone
    returns:  what `open_model` opens. Language models have `logprobs(sentences)` and, where they read from left to
              right and know their words, `next_word(prefixes)`; networks have `states(sentences)`, too, and the words
              are those of `vocabulary`. Models of labels have `scores(sentences)` in place of the first two, taggers
              `tags(sentences)` and `word_scores(sentences)`, too.

    A sentence is a list of words without boundary symbols, and log-probabilities are natural ones. Raises
    LrdBenchError for what is no model, and for one that is incomplete or damaged.
    """
    from lrd_bench.models.opening import open_model  # with all that it needs, only when a model is opened

    return open_model(str(folder), device).model
