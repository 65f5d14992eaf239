"""N-gram models: counted from text and smoothed, read from ARPA files and written to them."""

from lrd_bench.models.ngram.arpa import read_arpa, write_arpa
from lrd_bench.models.ngram.model import Ngram, NgramModel

__all__ = ["Ngram", "NgramModel", "read_arpa", "write_arpa"]
