"""Entries of an ARPA file: a compiled loop for those that look as usual, and Python for the one that does not.

Whatever the loop does not understand, it leaves: a rare number (`-inf`, one with many digits, one above 0) as well as
what is wrong. So there is one place that says what is wrong, and it has the line in hand.
"""

import re
from typing import NamedTuple

import numpy as np

from lrd_bench.models.ngram.arpa.lines import BLANKS, Lines, shown
from lrd_bench.models.ngram.compiled import compiled
from lrd_bench.models.ngram.words import add_word, find_word

POWERS = 10.0 ** np.arange(23)
"""Those that a double holds exactly: a whole number below 2^53 times or by one of them is rounded but once."""

DIGITS = 18
"""So many always fit into 64 bits; up to 15, into the 53 bits of a double."""

CLOSE = 5e-16
"""More than two roundings of a double are off by, relative to it."""

LARGE = 1e30
"""Nothing up to here is infinite as a 32-bit float."""

NEWLINE = 10

_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?)", re.IGNORECASE)
_BETWEEN = re.compile(rb"[%s]+" % BLANKS)
_LOWEST = float(np.finfo(np.float32).min)


class Entry(NamedTuple):
    """One n-gram, its numbers as they stand there."""

    log10_probability: float
    words: list[bytes]
    log10_backoff: float


def parse_entry(lines: Lines, line: bytes, n: int, *, highest: bool) -> Entry:
    """The entry on the next line. Raises LrdBenchError, naming the line, if it is none of an n-gram of n words.

    highest:  whether there is no higher order, and so nothing to back off from
    """
    fields = _BETWEEN.split(line)
    if len(fields) not in (n + 1, n + 2):
        raise lines.refused(
            f"expected a log10 probability, {n} word{'s' if n > 1 else ''} and at most a log10 backoff, "
            f"found {len(fields)} fields: {shown(line)}. Mend the line, or make the file again."
        )
    probability = _number(lines, "log10 probability", fields[0])
    backoff = _number(lines, "log10 backoff", fields[n + 1]) if len(fields) == n + 2 else 0.0
    if probability == np.inf or abs(backoff) == np.inf:
        raise lines.refused(f"an infinite number in {shown(line)}. Only a log10 probability may be -inf.")
    if highest and backoff:
        raise lines.refused(
            f"a backoff ({shown(fields[n + 1])}) for an n-gram of the highest order, which has none. "
            "Mend the line, or say in the header that there are longer n-grams."
        )
    return Entry(probability, fields[1 : n + 1], -np.inf if backoff == _LOWEST else backoff)


def _number(lines: Lines, name: str, field: bytes) -> float:
    """A number as a 32-bit float holds it."""
    if not _NUMBER.fullmatch(field):
        raise lines.refused(f"the {name} {shown(field)} is not a number. Mend the line, or make the file again.")
    with np.errstate(over="ignore"):  # becomes infinite
        return float(np.float32(float(field)))


@compiled
def read_entries(  # type: ignore[no-untyped-def]
    data, eights, at, stop, n, highest, powers, delimiters, size, slots, heads, offsets, blob, ids, probs, backoffs, row
):
    """Read entries of n words, one a line, into the rows from `row` on, until one is unusual or no row is left.

    data, eights:  whole lines, as `bytes_and_eights` gives them
    at, stop:      where the first entry begins, and the block ends
    highest:       whether a backoff must be 0
    size:          number of words known; unigrams add to them
    ids:           [rows, n]
    probs:         [rows]; backoffs: [rows]
    returns:       the row and the place after the last entry that was read, and the number of words
    """
    while row < len(probs) and at < stop:
        prob, i = _read_number(data, at, powers, delimiters)
        if i < 0 or prob > 0:
            break
        start, known = i, 0
        for k in range(n):
            start = _skip_blanks(data, i, delimiters)
            i = start
            while not delimiters[data[i]]:
                i += 1
            word = -1
            if i > start:
                word = find_word(data, eights, start, i, slots, heads, offsets, blob)
                if n == 1:  # one that is new
                    word = size if word < 0 else -1
            if word < 0:
                break
            ids[row, k] = word
            known += 1
        if known < n:
            break
        end, backoff = i, 0.0
        i = _skip_blanks(data, i, delimiters)
        if data[i] != NEWLINE:
            backoff, i = _read_number(data, i, powers, delimiters)
            if i < 0 or (highest and backoff != 0):
                break
            i = _skip_blanks(data, i, delimiters)
            if data[i] != NEWLINE:
                break
        if n == 1:
            if add_word(data, eights, start, end, size, slots, heads, offsets, blob) < 0:
                break
            size += 1
        probs[row], backoffs[row] = prob, backoff
        row += 1
        at = i + 1
    return row, at, size


@compiled
def _skip_blanks(data, at, delimiters):  # type: ignore[no-untyped-def]
    """The next place that is not blank; a newline is not."""
    while delimiters[data[at]] and data[at] != NEWLINE:
        at += 1
    return at


@compiled
def _read_number(data, at, powers, delimiters):  # type: ignore[no-untyped-def]
    """The number after any blanks, and the place after it; -1 if it is not a usual one that a delimiter ends."""
    at = _skip_blanks(data, at, delimiters)
    negative = data[at] == 45
    if negative or data[at] == 43:
        at += 1
    mantissa, digits, scale, pointed = 0, 0, 0, False
    while True:
        digit = data[at] - 48
        if 0 <= digit <= 9:
            mantissa = 10 * mantissa + digit
            digits += 1
            scale -= pointed
            if digits > DIGITS:
                return 0.0, -1
        elif digit == -2 and not pointed:
            pointed = True
        else:
            break
        at += 1
    if digits == 0:
        return 0.0, -1
    if data[at] | 32 == 101:  # e, E
        at += 1
        sign = -1 if data[at] == 45 else 1
        if data[at] == 45 or data[at] == 43:
            at += 1
        start, exponent = at, 0
        while at < start + 4 and 48 <= data[at] <= 57:
            exponent = 10 * exponent + data[at] - 48
            at += 1
        if at == start:
            return 0.0, -1
        scale += sign * exponent
    if not delimiters[data[at]] or not -len(powers) < scale < len(powers):
        return 0.0, -1
    value = mantissa / powers[-scale] if scale < 0 else mantissa * powers[scale]
    # With more digits, the two roundings might lead to another 32-bit float than one.
    doubtful = digits > 15 and np.float32(value * (1 - CLOSE)) != np.float32(value * (1 + CLOSE))
    if doubtful or value > LARGE:
        return 0.0, -1
    return (-value if negative else value), at
