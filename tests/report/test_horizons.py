import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression
from simulated import Curve, at_least, at_most

from lrd_bench.report.bounds import lower_bounds
from lrd_bench.report.horizons import decreasing_fit, half_life, horizon
from lrd_bench.report.statistics import bootstrap

NO_DRAWS = np.empty((0, 1))
RUNS = 200


def life(distances, accuracies, *, draws=None, items=None, **options):
    accuracies = np.array(accuracies, dtype=float)
    draws = np.empty((0, len(accuracies))) if draws is None else np.array(draws, dtype=float)
    items = np.ones(len(accuracies)) if items is None else np.array(items, dtype=float)
    return half_life(distances, accuracies, draws, items, **options)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ([0.9, 0.8, 0.76], 16),
        ([0.9, 0.8, 0.75], 4),  # it must exceed the line
        ([0.9, 0.7, 0.9], 1),  # every distance on the way counts
        ([0.7, 0.9, 0.9], None),
        ([], None),
    ],
)
def test_the_horizon_is_the_last_distance_before_a_bound_falls_to_the_line(bounds, expected):
    assert horizon([1, 4, 16][: len(bounds)], np.array(bounds), 0.75) == expected


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ((1.0, 0.75, 0.5), 3),  # at a distance that was tested, 4
        ((1.0, 0.8, 0.5), 5),  # from 0.6 to 0 within 12 words: at 0.5 after 2 of them, distance 6
        ((1.0, 1.0, 0.5), 9),
        ((0.9, 0.7, 0.5), 3),  # half of what is known at the shortest distance, 0.8
        ((1.0, 0.5, 0.5), 1.5),
        ((1.0, 0.2, 0.1), 0.9375),  # below chance: from 1 to −0.6 within 3 words
        ((1.0, 0.9, 0.8), math.inf),
        ((0.9, 1.0, 0.8), math.inf),
    ],
)
def test_the_half_life_is_where_the_curve_has_lost_half_of_what_it_knew(accuracies, expected):
    found = life([1, 4, 16], accuracies)
    assert (found.least, found.most) == (pytest.approx(expected),) * 2


def test_a_curve_that_rises_is_first_made_to_fall():
    # 0.4 and 0.6 become 0.5 each, and so reach half of 1 at distance 4; with three times the items at 16, 0.55.
    assert life([1, 4, 16], (1.0, 0.7, 0.8)).most == pytest.approx(3)
    assert life([1, 4, 16], (1.0, 0.7, 0.8), items=(1, 1, 3)).most == math.inf


def test_a_curve_that_was_not_learnt_has_no_half_life():
    assert life([1, 4], (0.89, 0.5)) is None
    assert life([1, 4], (0.90, 0.5)) is not None


def test_what_is_known_is_measured_from_chance():
    assert life([1, 5], (1.0, 0.25), chance=0.25).most == pytest.approx(2)


def test_the_interval_is_of_draws_and_open_where_some_never_fall_so_far():
    draws = [[1.0, 0.5]] * 900 + [[1.0, 0.8]] * 100
    found = life([1, 5], (1.0, 0.6), draws=draws)
    assert (found.most, found.low, found.high) == (pytest.approx(2.5), 2, math.inf)


def test_draws_that_all_agree_give_no_interval_and_those_that_lack_a_distance_are_left_out():
    found = life([1, 5], (1.0, 0.5), draws=[[1.0, 0.5]] * 10)
    assert (found.most, found.low, found.high) == (2, None, None)
    found = life([1, 5], (1.0, 0.5), draws=[[1.0, 0.5], [1.0, math.nan]])
    assert found.low is None


def test_where_a_model_goes_blind_the_half_life_is_a_gap_of_which_no_line_is_drawn():
    # Blind at 8 and beyond: that 1, 4 and 8 were tested, and not 5, is all that a line from 4 to 8 would show.
    blind = [False, False, True, True]
    found = life([1, 4, 8, 16], (0.9, 0.8, 0.5, 0.5), blind=blind)
    assert (found.least, found.most) == (3, 7)
    found = life([1, 8, 16], (0.9, 0.5, 0.5), blind=blind[1:], draws=[[0.9, 0.5, 0.5], [0.8, 0.5, 0.5]])
    assert (found.least, found.most, found.low, found.high) == (0, 7, None, None)
    # Half is lost before: there data say where.
    found = life([1, 4, 8, 16], (0.9, 0.6, 0.5, 0.5), blind=blind)
    assert found.least == found.most == pytest.approx(2)


def test_the_interval_of_a_gap_reaches_from_its_lower_ends_to_its_upper_ones():
    draws = [[0.9, 0.8, 0.5]] * 900 + [[0.9, 0.6, 0.5]] * 100
    found = life([1, 4, 8], (0.9, 0.8, 0.5), blind=[False, False, True], draws=draws)
    assert (found.least, found.most, found.low, found.high) == (3, 7, pytest.approx(2), 7)


curves = st.integers(1, 7).flatmap(
    lambda points: st.tuples(
        st.lists(st.floats(-1, 1), min_size=points, max_size=points),
        st.lists(st.floats(0.5, 50), min_size=points, max_size=points),
    )
)


@given(curves)
def test_the_decreasing_fit_is_scipys_isotonic_regression(drawn):
    values, weights = map(np.array, drawn)
    expected = isotonic_regression(values, weights=weights, increasing=False).x
    assert decreasing_fit(np.stack([values, values]), weights) == pytest.approx(np.stack([expected] * 2), abs=1e-9)


def test_many_distances_take_memory_for_the_curves_alone():
    curves, weights = np.random.default_rng(0).uniform(size=(1000, 100)), np.ones(100)
    tracemalloc.start()
    try:
        decreasing_fit(curves, weights)
        assert tracemalloc.get_traced_memory()[1] < 8 * curves.nbytes  # all means at once are a hundred times as much
    finally:
        tracemalloc.stop()


def test_a_horizon_is_claimed_beyond_the_true_one_no_oftener_than_it_says():
    # True: 4 words, and barely not 8.
    curve, random = Curve((0.97, 0.92, 0.75, 0.75, 0.6), groups=30), np.random.default_rng(4)
    distances = [1, 4, 8, 16, 32]
    found = [horizon(distances, lower_bounds(curve.draw(random)), 0.75) for _ in range(RUNS)]
    assert sum(reached is not None and reached > 4 for reached in found) <= at_most(0.05, RUNS)
    assert sum(reached == 4 for reached in found) > 0.8 * RUNS


def test_the_interval_of_the_half_life_covers_the_true_one():
    # From 0.96 to 0.88 of what can be known within 7 words, to 0.4 within 8 more: 0.48 is reached at 8 + 8 · 0.4/0.48.
    curve, random = Curve((0.98, 0.94, 0.7, 0.55), groups=30, items=12), np.random.default_rng(5)
    true, covered, values = 7 + 8 * 0.4 / 0.48, 0, []
    for _ in range(RUNS):
        data = curve.draw(random)
        draws = bootstrap(data, resample_seeds=False)[:1000]
        found = half_life([1, 8, 16, 32], data.means, draws, np.full(4, 360.0))
        values.append(found.most)
        covered += found.low <= true <= found.high
    assert at_least(0.95, RUNS) <= covered
    assert np.median(values) == pytest.approx(true, abs=0.3)
