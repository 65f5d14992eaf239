import numpy as np
import pytest
from scipy.stats import binomtest, ttest_rel
from simulated import Curve, at_least, at_most

from lrd_bench.report.bounds import effective_groups, fall_bounds, lower_bounds
from lrd_bench.report.statistics import Tally, bootstrap


def of(sums, counts=None):
    """A tally of one cell from [seeds, groups]."""
    sums = np.array(sums, dtype=float)
    counts = np.ones_like(sums) if counts is None else np.array(counts, dtype=float)
    return Tally(sums=sums[..., np.newaxis], counts=counts[..., np.newaxis])


FALLING = (0.99, 0.97, 0.9, 0.8, 0.6)
AT_THE_LINE = (0.95, 0.9, 0.75, 0.75, 0.75)
RUNS = 400


@pytest.mark.parametrize("means", [FALLING, AT_THE_LINE, (0.995, 0.99, 0.98, 0.97), (0.5, 0.5, 0.5)])
@pytest.mark.parametrize(("groups", "items"), [(12, 6), (20, 20), (40, 6)])
def test_the_bounds_hold_all_at_once_as_often_as_they_say(means, groups, items):
    curve, random = Curve(means, groups=groups, items=items), np.random.default_rng(1)
    held = sum(bool((lower_bounds(curve.draw(random)) <= curve.means).all()) for _ in range(RUNS))
    assert held >= at_least(0.95, RUNS)


@pytest.mark.parametrize("of_seeds", [0.0, 0.5, 1.0])
def test_the_bounds_of_an_architecture_do_so_however_much_seeds_differ(of_seeds):
    random = np.random.default_rng(2)
    curve = Curve(AT_THE_LINE, groups=30, seeds=5, of_seeds=of_seeds)
    held = sum(bool((lower_bounds(curve.draw(random)) <= curve.means).all()) for _ in range(RUNS))
    assert held >= at_least(0.95, RUNS)


def test_the_bounds_are_not_so_low_as_to_say_nothing():
    random = np.random.default_rng(3)
    curve = Curve((0.95, 0.9, 0.85), groups=40, items=20)
    lows = np.array([lower_bounds(curve.draw(random)) for _ in range(100)])
    assert (curve.means - lows.mean(axis=0) < 0.08).all()


def test_bootstrap_percentiles_would_hold_too_rarely():
    # Why they are not used here: of 20 groups, the same share of the error on each side.
    curve, random = Curve(FALLING, groups=20, items=20), np.random.default_rng(1)
    held = 0
    for _ in range(RUNS):
        means = curve.draw(random).sums[0] / curve.items
        picks = random.integers(20, size=(1000, 20))
        held += bool((np.quantile(means[picks].mean(axis=1), 0.05 / 5, axis=0) <= curve.means).all())
    assert held < 0.9 * RUNS


@pytest.mark.parametrize("value", [1.0, 0.5, 0.8])
def test_where_all_groups_agree_the_bound_is_clopper_and_pearsons_on_their_number(value):
    sums = np.full((1, 20), value)
    expected = binomtest(round(value * 20), 20, alternative="greater").proportion_ci(0.95, method="exact").low
    assert lower_bounds(of(sums)) == pytest.approx([expected])


def test_the_error_is_shared_out_over_the_cells_that_have_values():
    sums = np.ones((1, 20, 4))
    counts = np.ones_like(sums)
    counts[..., 3] = sums[..., 3] = 0
    bounds = lower_bounds(Tally(sums=sums, counts=counts))
    assert bounds[:3] == pytest.approx([(0.05 / 3) ** (1 / 20)] * 3)
    assert np.isnan(bounds[3])


@pytest.mark.parametrize(("groups", "wrong", "bound"), [(18, 0, 0.754), (17, 0, 0.742), (18, 1, 0.602)])
def test_one_group_may_decide_about_a_horizon_at_eight_distances(groups, wrong, bound):
    sums = np.ones((1, groups, 8))
    sums[0, :wrong] = 0
    # Clopper and Pearson's for all right; of one wrong, 17 of n* = 18 trials less what the unknown variance costs.
    assert lower_bounds(Tally(sums=sums, counts=np.ones_like(sums))) == pytest.approx([bound] * 8, abs=5e-4)


def test_groups_of_one_item_each_count_as_themselves_but_for_what_the_unknown_variance_costs():
    right = np.array([[1.0] * 40 + [0.0] * 10])
    trials = effective_groups(right, np.ones_like(right), alpha=0.05)
    # The variance of a mean of 50 ones and zeros is 0.8 · 0.2 / 49; with 49 degrees of freedom t is 1.6766, z 1.6449.
    assert trials == pytest.approx(49 * (1.6449 / 1.6766) ** 2, rel=1e-3)


def test_groups_that_differ_little_count_for_more_and_never_for_more_than_perfect_ones():
    nearly_perfect = [[1.0] * 19 + [0.95]]
    assert effective_groups(np.array(nearly_perfect), np.ones((1, 20)), alpha=0.05) > 100
    assert lower_bounds(of(nearly_perfect)) == pytest.approx([0.05 ** (1 / 20)])
    close = [[0.90, 0.91, 0.89, 0.90] * 15]
    assert 0.89 < lower_bounds(of(close))[0] < 0.9


def test_seeds_that_differ_count_for_few_trials_and_only_where_there_are_five():
    by_seed = np.array([[1.0], [1.0], [0.9], [0.6], [1.0]]) * np.ones((1, 40))
    assert effective_groups(by_seed, np.ones_like(by_seed), alpha=0.05) < 20
    # Groups agree where seeds are averaged: 0.875 of 40 groups.
    expected = binomtest(35, 40, alternative="greater").proportion_ci(0.95, method="exact").low
    assert lower_bounds(of(by_seed[:4])) == pytest.approx([expected])


def test_one_group_alone_says_next_to_nothing():
    assert lower_bounds(of([[1.0]])) == pytest.approx([0.05])
    assert lower_bounds(of([[0.0]])) == [0]


def test_the_bound_of_a_fall_is_that_of_a_paired_t_test():
    data = Curve((0.95, 0.9, 0.7), groups=15, items=20).draw(np.random.default_rng(6))
    means = data.sums[0] / data.counts[0]
    tests = [ttest_rel(means[:, 0], means[:, cell], alternative="greater") for cell in (1, 2)]
    expected = [test.confidence_interval(0.95).low for test in tests]
    assert fall_bounds(data) == pytest.approx(expected)


def test_of_groups_with_unequally_many_items_it_is_near_the_percentile_of_the_bootstrap():
    random = np.random.default_rng(7)
    counts = random.integers(0, 12, size=(1, 300, 2)).astype(float)
    rates = np.clip(random.uniform(0.5, 1, size=(1, 300, 1)) - [0, 0.1], 0, 1)
    data = Tally(sums=random.binomial(counts.astype(int), rates).astype(float), counts=counts)
    draws = bootstrap(data, resample_seeds=False)
    (bound,) = fall_bounds(data)
    fall = data.means[0] - data.means[1]
    assert bound == pytest.approx(np.quantile(draws[:, 0] - draws[:, 1], 0.05), abs=0.1 * (fall - bound))


@pytest.mark.parametrize("mean", [0.99, 0.9])
@pytest.mark.parametrize(("seeds", "of_seeds"), [(1, 0.0), (5, 1.0)])
def test_a_flat_curve_is_said_to_fall_no_oftener_than_it_says(mean, seeds, of_seeds):
    curve, random = Curve((mean,) * 5, groups=20, seeds=seeds, of_seeds=of_seeds), np.random.default_rng(8)
    fallen = sum(fall_bounds(curve.draw(random)) > 0 for _ in range(RUNS))
    assert max(fallen) <= at_most(0.05, RUNS)


def test_a_fall_that_is_there_is_found():
    curve, random = Curve((0.98, 0.97, 0.92, 0.85), groups=20), np.random.default_rng(9)
    found = [fall_bounds(curve.draw(random))[2] > 0 for _ in range(RUNS)]
    assert sum(found) > 0.8 * RUNS


def test_where_all_groups_fall_alike_the_bound_is_the_fall_unless_coins_might_fall_so():
    fall = np.array([1.0, 0.75, np.nan])
    for groups, expected in ((5, [0.25]), (4, [-1.0])):  # 2^−5 is less than 0.05
        sums = np.ones((1, groups, 3)) * np.nan_to_num(fall)
        counts = np.ones_like(sums)
        counts[..., 2] = 0
        bounds = fall_bounds(Tally(sums=sums, counts=counts))
        assert bounds[:1] == pytest.approx(expected)
        assert np.isnan(bounds[1])


def test_a_single_distance_falls_below_nothing():
    assert len(fall_bounds(of([[1.0, 1.0]]))) == 0
