"""N-gram models: counted from text, smoothed, read from and written to ARPA files."""

from lrd_bench.models.ngram.model import Ngram, NgramModel

__all__ = ["Ngram", "NgramModel"]
