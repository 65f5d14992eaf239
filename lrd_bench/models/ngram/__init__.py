"""N-gram models: counted from text and smoothed, read from ARPA files and written to them.

text, words                                  from bytes to ids
counting, merging                            from ids to counts, of text larger than memory too
estimation, smoothing, held_out, quirks      from counts to tables
tables, lookup                               the n-grams, and finding them
model                                        all of this as a language model
arpa                                         ARPA files
compiled, cores                              how loops are compiled, and divided among processors
"""

from lrd_bench.models.ngram.arpa import read_arpa, write_arpa
from lrd_bench.models.ngram.model import Ngram, NgramModel

__all__ = ["Ngram", "NgramModel", "read_arpa", "write_arpa"]
