import math
import os
import subprocess
import sys

import pytest

from lrd_bench.chance import DRAWS, chance_of
from lrd_bench.errors import LrdBenchError

A, B, C, D = ("(1;%a%)", "(1;%b%)", "(2;%a%)", "(2;%b%)")


def close(probability):
    """Within five standard errors of the simulation."""
    return pytest.approx(probability, abs=5 * math.sqrt(probability * (1 - probability) / DRAWS))


@pytest.mark.parametrize(
    "prediction",
    [
        "(critical;%good%) < (critical;%bad%)",
        "(critical;%good%) + (critical;%twin.good%) < (critical;%bad%) + (critical;%twin.bad%)",
        f"{A} - {B} > {C} - {D}",
        f"{A} + {B} < {B} + {C}",  # what both sides share cancels
        f"{A} < {A}",  # a tie
    ],
)
def test_an_inequality_between_equally_many_regions_holds_half_the_time_exactly(prediction):
    assert chance_of(prediction) == 0.5


@pytest.mark.parametrize(
    ("prediction", "chance"),
    [
        (f"[{A} < {B}] & [{C} < {D}]", 1 / 4),
        (f"[{A} < {B}] | [{C} < {D}]", 3 / 4),
        (f"[{A} < {B}] & [{B} < {C}]", 1 / 6),  # one of the six orders
        (f"[{A} < {B}] & [{A} < {C}]", 1 / 3),  # a is the least of three
        (f"[{A} < {B}] | [{A} < {C}]", 2 / 3),  # a is not the largest of three
        (f"[{A} < {B}] & [{A} < {C}] & [{A} < {D}]", 1 / 4),
        (f"[[{A} < {B}] & [{C} < {D}]] | [{B} < {A}]", 3 / 4),
        (f"[{A} < {B}] & [{B} < {A}]", 0),
        (f"[{A} < {B}] & [{B} > {A}]", 1 / 2),
        (f"[{A} < {B}] & [{C} < {C}]", 1 / 4),  # the second is always a tie
        # The two sums are as the two events of a < b and c < d are: (+, +) has them both, (−, −) neither, and of the
        # others, by symmetry, half have a larger sum.
        (f"[{A} + {C} < {B} + {D}] & [{A} < {B}]", 3 / 8),
        # Sums of unequally many: for exponential variables, P(a + b < c) = ½ · ½.
        (f"{A} + {B} < {C}", 1 / 4),
    ],
)
def test_what_is_no_single_inequality_has_the_chance_that_one_works_out_by_hand(prediction, chance):
    assert chance_of(prediction) == close(chance)


@pytest.mark.parametrize("prediction", [f"{A} = {B}", f"[{A} < {B}] & [{C} = {D}]", f"{A} < 3", f"{A} + 1 < {B}"])
def test_what_depends_on_how_large_surprisals_are_has_no_chance(prediction):
    assert chance_of(prediction) is None


def test_a_region_of_the_twin_is_another_region():
    assert chance_of("[(1;%a%) < (1;%b%)] & [(1;%twin.b%) < (1;%twin.a%)]") == close(1 / 4)


def test_the_chance_of_a_prediction_is_the_same_number_in_every_process():
    program = f"from lrd_bench.chance import chance_of; print(chance_of('[{A} < {B}] & [{B} < {C}]'))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": seed},  # by which sets are ordered
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(printed) == 1


def test_what_is_no_formula_has_no_chance_but_an_error():
    with pytest.raises(LrdBenchError, match="compares nothing"):
        chance_of(A)
