"""Predictions about surprisals, in SyntaxGym's language: `(critical;%good%) < (critical;%bad%)`.

An atom `(REGION;%CONDITION%)` is the surprisal in bits of a region of a condition's sentence; `*` is the whole
sentence, `%twin.CONDITION%` a condition of the twin. Operators from tight to loose: `+ -`, then `< > =`, then `& |`
(these two rank equal, from left to right, so bracket with `( )` or `[ ]`). Numbers may have a sign and an exponent. `=`
is closeness, |a − b| ≤ 1e-3 + 1e-5·|b|. Parsed, never `eval`ed. Gauthier et al. 2020 define the language; region names
and twins are ours.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from lrd_bench.errors import LrdBenchError

TIE_BITS = 1e-4
"""Margins up to this size are ties: what float32 arithmetic leaves between scores that are equal."""

CLOSE_ATOL, CLOSE_RTOL = 1e-3, 1e-5


class Atom(NamedTuple):
    """The surprisal of a region of a condition's sentence, of the item or of its twin."""

    region: str
    condition: str
    twin: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """A linear combination of atoms plus a constant, in bits."""

    atoms: Mapping[Atom, float]
    constant: float = 0.0

    def __add__(self, other: "Sum") -> "Sum":
        atoms = Counter(self.atoms)
        for atom, coefficient in other.atoms.items():
            atoms[atom] += coefficient  # type: ignore[assignment]  # a Counter of floats
        return Sum(
            {atom: coefficient for atom, coefficient in atoms.items() if coefficient}, self.constant + other.constant
        )

    def __neg__(self) -> "Sum":
        return Sum({atom: -coefficient for atom, coefficient in self.atoms.items()}, -self.constant)


@dataclass(frozen=True)
class Comparison:
    """`left < right`, `left > right` or `left = right`."""

    left: Sum
    operator: str
    right: Sum

    @cached_property
    def margin(self) -> Sum:
        """What is larger less what is smaller, if the inequality holds: what both sides share is cancelled."""
        smaller, larger = (self.right, self.left) if self.operator == ">" else (self.left, self.right)
        return larger + -smaller


@dataclass(frozen=True, slots=True)
class Junction:
    """`left & right` or `left | right`."""

    left: "Formula"
    operator: str
    right: "Formula"


Formula = Comparison | Junction

Total = Callable[[Mapping[Atom, float]], float]
"""Gives the value in bits of a linear combination of atoms. The caller cancels what the atoms share."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a prediction holds, and by how much."""

    correct: float
    """Expected value under fair tie-breaking: 1 holds, 0 does not, ½ a tie, ¼ two ties under `&`."""
    margin_bits: float
    """How far the inequality holds: the minimum over `&`, the maximum over `|`; for `=`, tolerance − |difference|."""


def verdict_of(margin_bits: float) -> Verdict:
    """The verdict on a single inequality that holds by so much."""
    return Verdict(0.5 if abs(margin_bits) <= TIE_BITS else float(margin_bits > 0), margin_bits)


def evaluate(formula: Formula, total: Total) -> Verdict:
    """The verdict on a prediction, given the value of each linear combination of surprisals."""
    if isinstance(formula, Junction):
        left, right = evaluate(formula.left, total), evaluate(formula.right, total)
        if formula.operator == "&":
            return Verdict(left.correct * right.correct, min(left.margin_bits, right.margin_bits))
        return Verdict(1 - (1 - left.correct) * (1 - right.correct), max(left.margin_bits, right.margin_bits))
    margin = total(formula.margin.atoms) + formula.margin.constant
    if formula.operator == "=":
        tolerance = CLOSE_ATOL + CLOSE_RTOL * abs(total(formula.right.atoms) + formula.right.constant)
        margin = tolerance - abs(margin)
        return Verdict(float(margin >= 0), margin)
    return verdict_of(margin)


def atoms_of(formula: Formula) -> set[Atom]:
    """Every atom that the formula names."""
    if isinstance(formula, Junction):
        return atoms_of(formula.left) | atoms_of(formula.right)
    return {*formula.left.atoms, *formula.right.atoms}


def names_twin(formula: Formula) -> bool:
    """Whether the formula speaks of the twin, and so gives both twins one verdict."""
    return any(atom.twin for atom in atoms_of(formula))


_TOKEN = re.compile(
    r"\s*(?:"
    r"\(\s*(?P<region>\*|[^\s;()\[\]%]+)\s*;\s*%(?P<twin>twin\.)?(?P<condition>[A-Za-z0-9_-]+)%\s*\)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r"|(?P<operator>[-+<>=&|()\[\]])"
    r")"
)


@cache
def parse_formula(text: str) -> Formula:
    """Parse a prediction. Raises LrdBenchError that quotes it and says where it goes wrong."""
    parser = _Parser(text)
    parsed = parser.junction()
    if parser.token is not None:
        raise parser.error("expected the end of the formula")
    if isinstance(parsed, Sum):
        raise LrdBenchError(f"formula {text!r}: compares nothing. Add `<`, `>` or `=`.")
    return parsed


class _Parser:
    """Recursive descent over the tokens of one formula; `token` is the next one, None at the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = self.next_position = 0
        self.token: re.Match[str] | None = None
        self._advance()

    def error(self, what: str) -> LrdBenchError:
        return LrdBenchError(f"formula {self.text!r}: {what} at character {self.position + 1}. Mend the formula.")

    def _advance(self) -> None:
        self.position = self.next_position
        if not self.text[self.position :].strip():
            self.token = None
            return
        self.token = _TOKEN.match(self.text, self.position)
        if self.token is None:
            raise self.error("expected an atom such as (critical;%good%), a number or an operator")
        self.next_position = self.token.end()

    def _take(self, operators: str) -> str | None:
        """Consume the next token if it is one of these operators."""
        operator = self.token["operator"] if self.token else None
        if operator is None or operator not in operators:
            return None
        self._advance()
        return operator

    def junction(self) -> Formula | Sum:
        left = self._comparison()
        while operator := self._take("&|"):
            right = self._comparison()
            if isinstance(left, Sum) or isinstance(right, Sum):
                raise self.error(f"both sides of {operator!r} must be comparisons")
            left = Junction(left, operator, right)
        return left

    def _comparison(self) -> Formula | Sum:
        left = self._sum()
        if operator := self._take("<>="):
            right = self._sum()
            if not isinstance(left, Sum) or not isinstance(right, Sum):
                raise self.error(f"both sides of {operator!r} must be sums of surprisals")
            return Comparison(left, operator, right)
        return left

    def _sum(self) -> Formula | Sum:
        left = self._operand()
        while operator := self._take("+-"):
            right = self._operand()
            if not isinstance(left, Sum) or not isinstance(right, Sum):
                raise self.error(f"both sides of {operator!r} must be sums of surprisals")
            left = left + (right if operator == "+" else -right)
        return left

    def _operand(self) -> Formula | Sum:
        if bracket := self._take("(["):
            inside = self.junction()
            if not self._take(")" if bracket == "(" else "]"):
                raise self.error(f"expected the bracket that closes {bracket!r}")
            return inside
        sign = self._take("+-")
        token = self.token
        if sign and not (token and token["number"]):
            raise self.error(f"expected a number after {sign!r}")
        if token is None or token["operator"]:
            raise self.error("expected an atom such as (critical;%good%)")
        self._advance()
        if token["number"]:
            return Sum({}, float(f"{sign or ''}{token['number']}"))
        return Sum({Atom(token["region"], token["condition"], bool(token["twin"])): 1.0})
