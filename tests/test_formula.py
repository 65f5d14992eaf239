import functools
import math
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrd_bench.errors import LrdBenchError
from lrd_bench.formula import (
    TIE_BITS,
    Atom,
    Comparison,
    Junction,
    atoms_of,
    evaluate,
    names_twin,
    parse_formula,
)

BITS = {
    Atom("critical", "good", False): 3.0,
    Atom("critical", "bad", False): 8.0,
    Atom("critical", "good", True): 6.0,
    Atom("critical", "bad", True): 5.0,
    Atom("*", "good", False): 20.0,
    Atom("*", "bad", False): 20.00005,
    Atom("3", "good", False): 3.0,
}


def total(atoms):
    return math.fsum(weight * BITS[atom] for atom, weight in atoms.items())


def verdict(text):
    result = evaluate(parse_formula(text), total)
    return result.correct, result.margin_bits


@pytest.mark.parametrize(
    ("text", "correct", "margin"),
    [
        ("(critical;%good%) < (critical;%bad%)", 1, 5),
        ("(critical;%good%) > (critical;%bad%)", 0, -5),
        ("(critical;%good%) + (critical;%twin.good%) < (critical;%bad%) + (critical;%twin.bad%)", 1, 4),
        ("(critical;%bad%) - (critical;%good%) > 4", 1, 1),
        ("(critical;%bad%) - (critical;%good%) - 2 > 4", 0, -1),
        ("(critical;%bad%) - [(critical;%good%) - 2] > 4", 1, 3),
        ("(critical;%good%) < (3;%good%)", 0.5, 0),
        ("(*;%good%) < (*;%bad%)", 0.5, 5e-5),
        ("(critical;%good%) = (3;%good%)", 1, 1e-3 + 3e-5),
        ("(critical;%good%) = (critical;%bad%)", 0, 1e-3 + 8e-5 - 5),
        ("(*;%good%) = (*;%bad%)", 1, 1e-3 + 20.00005e-5 - 5e-5),
        ("( critical ; %good% )<(critical;%bad%)", 1, 5),
        ("(critical;%good%) - (critical;%bad%) > -6", 1, 1),
        ("(critical;%good%) - +.5e1 > - 3.", 1, 1),
    ],
)
def test_a_prediction_holds_by_its_margin(text, correct, margin):
    assert verdict(text) == (correct, pytest.approx(margin))


@pytest.mark.parametrize(
    "text", ["5 - 4 - 3 < 0", "5+4=9-1+1", "5-(3+2)=0", "(5-3)+2=4", "(5-3)+((2+1)-(2+2))=1", "[5 - 4] - 3 < 1 & 2 > 1"]
)
def test_sums_and_brackets_mean_what_syntaxgym_s_own_tests_say(text):
    """All but the last are from test/test_prediction.py of syntaxgym-core, where they hold."""
    assert verdict(text)[0] == 1


@pytest.mark.parametrize("difference", [0, 0.0012999, 0.0013001, -0.0012999, -0.0013001, 1])
def test_closeness_is_that_of_numpy_with_syntaxgym_s_tolerances(difference):
    left, right = Atom("1", "a", False), Atom("1", "b", False)
    values = {left: 30 + difference, right: 30.0}
    result = evaluate(
        parse_formula("(1;%a%) = (1;%b%)"),
        lambda atoms: math.fsum(weight * values[atom] for atom, weight in atoms.items()),
    )
    assert result.correct == np.isclose(values[left], values[right], rtol=1e-5, atol=1e-3)


GOOD, TIE, FAIL = (
    "(critical;%good%) < (critical;%bad%)",  # by 5 bits
    "(critical;%good%) < (3;%good%)",
    "(critical;%bad%) < (critical;%twin.bad%)",  # fails by 3 bits
)


@pytest.mark.parametrize(
    ("text", "correct", "margin"),
    [
        (f"{GOOD} & {FAIL}", 0, -3),
        (f"{GOOD} | {FAIL}", 1, 5),
        (f"{TIE} & {TIE}", 0.25, 0),
        (f"{TIE} | {TIE}", 0.75, 0),
        (f"{GOOD} & {TIE}", 0.5, 0),
        (f"{GOOD} | {FAIL} & {FAIL}", 0, -3),  # equal rank, from the left
        (f"{GOOD} | [{FAIL} & {FAIL}]", 1, 5),
        (f"[({GOOD}) | ({FAIL})] & {FAIL}", 0, -3),
    ],
)
def test_conjunctions_take_the_smallest_margin_and_disjunctions_the_largest(text, correct, margin):
    assert verdict(text) == (correct, margin)


@pytest.mark.parametrize(("bits", "correct"), [(TIE_BITS, 0.5), (TIE_BITS * 1.01, 1), (-TIE_BITS * 1.01, 0)])
def test_a_margin_within_the_tolerance_is_a_tie(bits, correct):
    assert evaluate(parse_formula("(a;%x%) < (a;%y%)"), lambda atoms: bits).correct == correct


def test_what_both_sides_share_is_cancelled_before_anything_is_summed():
    asked = []
    formula = parse_formula("(a;%x%) + (b;%x%) < (b;%x%) + (c;%x%)")
    evaluate(formula, lambda atoms: asked.append(dict(atoms)) or 1.0)
    assert asked == [{Atom("a", "x", False): -1.0, Atom("c", "x", False): 1.0}]


def test_a_formula_knows_its_atoms_and_its_twin():
    plain = parse_formula("(critical;%good%) < (critical;%bad%)")
    double = parse_formula("(critical;%good%) + (critical;%twin.good%) < (critical;%bad%) + (critical;%twin.bad%)")
    assert atoms_of(plain) == {Atom("critical", "good", False), Atom("critical", "bad", False)}
    assert (names_twin(plain), names_twin(double)) == (False, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected an atom such as (critical;%good%) at character 1"),
        ("(critical;%good%)", "compares nothing"),
        ("(critical;%good%) <", "expected an atom such as (critical;%good%) at character 20"),
        ("(critical;%good%) < (critical;good)", "expected"),
        ("(critical;%good%) < (critical;%bad%) (critical;%bad%)", "expected the end of the formula at character 37"),
        ("[(critical;%good%) < (critical;%bad%))", "expected the bracket that closes '['"),
        ("(critical;%good%) & (critical;%bad%)", "both sides of '&' must be comparisons"),
        ("(critical;%good%) < (critical;%bad%) < 3", "expected the end"),
        ("(critical;%good%) + [(critical;%good%) < 3] > 2", "both sides of '+' must be sums"),
        ("[(critical;%good%) < 3] < [(critical;%bad%) < 3]", "both sides of '<' must be sums"),
        ("(critical;%good%) < - (critical;%bad%)", "expected a number after '-' at character 22"),
        ("(critical;%good%) < -", "expected a number after '-' at character 22"),
        ("__import__('os') < 3", "expected an atom such as (critical;%good%), a number or an operator at character 1"),
    ],
)
def test_a_broken_formula_is_quoted_with_the_place(text, message):
    with pytest.raises(LrdBenchError) as error:
        parse_formula(text)
    assert message in str(error.value)
    assert repr(text) in str(error.value)


# Formulas drawn as trees, written down with brackets wherever they may stand, and worked out by Python itself.
# Surprisals are whole numbers, so that every sum is exact.
VALUES = {
    (region, condition, twin): hash_
    for hash_, (region, condition, twin) in enumerate(
        [(r, c, t) for r in ("critical", "2", "*") for c in ("good", "bad_one") for t in (False, True)]
    )
}
ADD = {"+": operator.add, "-": operator.sub}


@st.composite
def sums(draw, depth=2):
    """(text, value)"""

    def operand():
        if depth and draw(st.booleans()):
            text, value = draw(sums(depth=depth - 1))
            return draw(st.sampled_from(["({})", "[{}]", "[ {} ]"])).format(text), value
        if draw(st.booleans()):
            number = draw(st.integers(0, 9))
            return str(number), number
        (region, condition, twin), value = draw(st.sampled_from(sorted(VALUES.items())))
        return f"({region};%{'twin.' * twin}{condition}%)", value

    text, value = operand()
    for operator_ in draw(st.lists(st.sampled_from("+-"), max_size=3)):
        more, other = operand()
        text, value = f"{text} {operator_} {more}", ADD[operator_](value, other)
    return text, value


@st.composite
def junctions(draw, depth=2):
    """(text, correct, margin)"""

    def comparison():
        if depth and draw(st.booleans()):
            text, *result = draw(junctions(depth=depth - 1))
            return draw(st.sampled_from(["({})", "[{}]"])).format(text), *result
        (left, one), (right, other) = draw(sums()), draw(sums())
        sign = draw(st.sampled_from("<>"))
        margin = other - one if sign == "<" else one - other
        return f"{left}{sign}{right}", 0.5 if margin == 0 else float(margin > 0), margin

    text, correct, margin = comparison()
    for operator_ in draw(st.lists(st.sampled_from("&|"), max_size=3)):
        more, right, by = comparison()
        text = f"{text} {operator_} {more}"
        if operator_ == "&":
            correct, margin = correct * right, min(margin, by)
        else:
            correct, margin = 1 - (1 - correct) * (1 - right), max(margin, by)
    return text, correct, margin


@given(junctions())
def test_any_formula_means_what_its_brackets_and_ranks_say(drawn):
    text, correct, margin = drawn
    result = evaluate(
        parse_formula(text), lambda atoms: math.fsum(weight * VALUES[tuple(atom)] for atom, weight in atoms.items())
    )
    assert result.correct == pytest.approx(correct)
    assert result.margin_bits == margin


@given(st.text(alphabet="()[];%<>=&|+- abgood1.twin*", max_size=40))
def test_any_text_is_parsed_or_refused_and_never_crashes(text):
    try:
        formula = parse_formula(text)
    except LrdBenchError:
        return
    assert isinstance(formula, Comparison | Junction)


def test_bracketing_a_sum_does_not_change_it():
    forms = ["(2;%a%) + (2;%b%) < 3", "[(2;%a%) + (2;%b%)] < 3", "((2;%a%) + (2;%b%)) < (3)"]
    assert functools.reduce(lambda one, other: one if one == other else None, map(parse_formula, forms)) is not None
