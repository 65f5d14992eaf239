r"""ARPA files: n-gram models as text, as KenLM, SRILM and IRSTLM write and read them.

    \data\
    ngram 1=5
    ngram 2=2

    \1-grams:
    -1.2	<unk>	0
    …
    \2-grams:
    -0.3	the keys
    …
    \end\

An entry is a log10 probability, the words and, below the highest order, a log10 backoff. What readers must decide, and
how it is decided here, stands beside `read_arpa`; what writers must, beside `write_arpa`.
"""

from lrd_bench.models.ngram.arpa.reading import read_arpa
from lrd_bench.models.ngram.arpa.writing import write_arpa

__all__ = ["read_arpa", "write_arpa"]
