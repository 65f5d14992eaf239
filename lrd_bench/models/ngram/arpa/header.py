r"""The header of an ARPA file: `\data\` and how many n-grams there are of each order."""

import re
from dataclasses import dataclass

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.ngram.arpa.lines import Lines, shown

MOST = 2**31 - 2
"""N-grams of one order: their rows are 32-bit numbers."""

OTHERS = {
    b"mmap lm http://kheafield.com/code": "a binary file of KenLM. Name it kenlm:FILE",
    b"iARPA": "an iARPA file of IRSTLM, whose numbers are not those of an ARPA file. Run `compile-lm --text=yes` on it",
    b"qARPA": "a qARPA file of IRSTLM, whose numbers are not those of an ARPA file. Write it as ARPA with IRSTLM",
    b"blmt": "a binary file of IRSTLM. Run `compile-lm --text=yes` on it",
}
"""How files begin that one might take for an ARPA file, and what they are."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_COUNT = re.compile(rb"ngram\s+(\d{1,3})\s*=\s*(\d{1,18})")


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the header says."""

    counts: tuple[int, ...]
    """N-grams of each order, from 1 on."""
    lines: tuple[int, ...]
    """The line of each count."""


def read_header(lines: Lines) -> Header:
    """Read up to the first section; what stands before the header is passed over.

    Raises LrdBenchError for a file without a header, and for counts that are not those of orders 1, 2, 3 …
    """
    while (line := lines.line()) is not None:
        if lines.number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
            for beginning, what in OTHERS.items():
                if line.startswith(beginning):
                    raise LrdBenchError(f"{lines.path}: is {what}.")
        if line == b"\\data\\":
            break
        lines.skip()
    else:
        raise LrdBenchError(f"{lines.path}: is no ARPA file: no line of it is '\\data\\'. Name one that is.")
    lines.skip()
    counts, places = list[int](), list[int]()
    while (line := lines.filled_line()) is not None and not line.startswith(b"\\"):
        count = _COUNT.fullmatch(line)
        if not count or int(count[1]) != len(counts) + 1:
            raise lines.refused(
                f"expected 'ngram {len(counts) + 1}=COUNT' or '\\1-grams:', found {shown(line)}. "
                "Correct the header, or make the file again."
            )
        if int(count[2]) > MOST:
            raise lines.refused(f"more than {MOST} n-grams of one order cannot be read. Prune the model.")
        counts.append(int(count[2]))
        places.append(lines.number)
        lines.skip()
    if not counts:
        raise lines.refused("expected 'ngram 1=COUNT'. Correct the header, or make the file again.")
    return Header(counts=tuple(counts), lines=tuple(places))
