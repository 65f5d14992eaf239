import itertools

import numpy as np
import pytest
from scipy.stats import binom
from simulated import at_least, at_most

from lrd_bench.report.paired import FLIPS, holm, mcnemar_test, sign_flip_test

RUNS = 400


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([3, 1], 2 / 4),  # ±4 of ±4, ±2
        ([1, 1, 1], 2 / 8),
        ([3, 2, -1], 4 / 8),  # 4; of 6, 4, 2, 0 and their negatives, 6 and 4 are as far from 0
        ([1, 1, 1, 1, 1, 1], 2 / 64),
        ([1, -1], 1),
        ([0.5], 1),
        ([], 1),
    ],
)
def test_the_sign_flip_test_counts_all_ways_to_flip_few_groups(differences, p):
    assert sign_flip_test(np.array(differences, dtype=float)) == p


@pytest.mark.parametrize("groups", [2, 5, 9])
def test_it_agrees_with_every_flip_written_out(groups):
    differences = np.random.default_rng(groups).normal(0.3, size=groups)
    sums = [abs(differences @ signs) for signs in itertools.product([1, -1], repeat=groups)]
    expected = np.mean([value >= abs(differences.sum()) - 1e-12 for value in sums])
    assert sign_flip_test(differences) == pytest.approx(expected)


def test_a_group_without_a_difference_plays_no_part():
    assert sign_flip_test(np.array([1.0, 0, 1, 0, 1])) == 2 / 8
    assert sign_flip_test(np.array([1.0] * 12 + [0] * 100)) == 2 / 2**12  # few enough to try all


def test_of_many_groups_so_many_flips_are_drawn_and_p_is_never_0():
    assert sign_flip_test(np.ones(30)) == 1 / (FLIPS + 1)


def test_how_many_flips_are_held_at_once_changes_nothing(monkeypatch):
    differences = np.random.default_rng(5).normal(0.2, size=40)
    found = set()
    for signs in (40, 40 * 7, 10**6):
        monkeypatch.setattr("lrd_bench.report.paired._AT_ONCE", signs)
        found.add(sign_flip_test(differences))
    assert len(found) == 1
    assert 0 < found.pop() < 1


def test_flips_that_are_drawn_come_near_to_all_of_them():
    differences = np.array([1.0] * 12 + [-1.0] * 6)  # as McNemar's test of 12 against 6
    assert sign_flip_test(differences) == pytest.approx(mcnemar_test(12, 6), abs=0.02)


@pytest.mark.parametrize(("one", "other"), [(5, 1), (7, 3), (4, 4), (12, 0)])
def test_of_items_by_themselves_both_tests_are_one(one, other):
    assert sign_flip_test(np.array([1.0] * one + [-1.0] * other)) == pytest.approx(mcnemar_test(one, other))


def test_mcnemars_test_is_that_of_a_coin():
    assert mcnemar_test(8, 1) == pytest.approx(2 * (1 + 9) / 2**9)
    assert mcnemar_test(0, 0) == 1


def test_of_models_that_do_not_differ_one_in_twenty_is_said_to():
    random = np.random.default_rng(11)
    # Groups of one to eight items, so that groups weigh differently and vary differently.
    sizes = random.integers(1, 9, size=9)
    chances = random.beta(6, 2, size=(RUNS, 9))
    one, other = (random.binomial(sizes, chances) for _ in range(2))
    found = sum(sign_flip_test(difference / sizes.sum()) <= 0.05 for difference in (one - other).astype(float))
    assert found <= at_most(0.05, RUNS)
    continuous = sum(sign_flip_test(random.normal(size=9)) <= 0.05 for _ in range(RUNS))
    assert at_least(0.05, RUNS) <= continuous <= at_most(0.05, RUNS)


def test_mcnemars_test_errs_as_often_as_it_says_or_less():
    # Exactly: over all ways in which n items of which models disagree may fall.
    for n in (5, 20, 60):
        error = sum(binom.pmf(k, n, 0.5) for k in range(n + 1) if mcnemar_test(k, n - k) <= 0.05)
        assert 0 <= error <= 0.05
        assert n == 5 or error > 0.02


def test_resampling_items_of_one_group_as_if_alone_would_err_oftener():
    # Why groups are flipped and not items: a group's items go together.
    random = np.random.default_rng(12)
    by_items = by_groups = 0
    for _ in range(100):
        groups = random.choice([-1.0, 1.0], size=9)
        by_groups += sign_flip_test(groups * 6) <= 0.05
        by_items += mcnemar_test(int((groups > 0).sum()) * 6, int((groups < 0).sum()) * 6) <= 0.05
    assert by_items > 30 > by_groups


def test_holm_multiplies_by_how_many_are_left_and_never_falls():
    # Sorted: 0.005 · 4, 0.01 · 3, 0.03 · 2, and 0.04 · 1 raised to what stands before it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1, 1]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


def test_holm_is_wrong_anywhere_in_one_table_of_twenty():
    random = np.random.default_rng(13)
    wrong = sum(min(holm(list(p_values))) <= 0.05 for p_values in random.random((RUNS, 12)))
    assert at_least(0.05, RUNS) <= wrong <= at_most(0.05, RUNS)
