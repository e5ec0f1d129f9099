"""Rank tests of two samples against full enumeration; Hodges-Lehmann estimates."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from radpipe.stats import exact_ranks, hodges_lehmann, rank_tests

small = st.lists(st.integers(0, 4), min_size=1, max_size=5)


def enumerated(a, b):
    """Return the chance of a rank sum as far from its mean, over all ways to form the groups."""
    ranks = stats.rankdata([*a, *b])
    sums = np.array([sum(c) for c in combinations(ranks, len(a))])
    away = np.abs(sums - sums.mean())
    return np.mean(away >= abs(ranks[: len(a)].sum() - sums.mean()) - 1e-9)


@settings(deadline=None)
@given(small, small)
def test_exact_given_the_ties_is_the_enumeration(a, b):
    found = rank_tests.rank_permutation_test(a, b)
    if len(set(a + b)) == 1:
        assert np.isnan(found.p)
        assert found.note
    else:
        assert found.p == pytest.approx(enumerated(a, b))


def test_without_ties_both_exact_tests_agree():
    x = np.random.default_rng(0).normal(size=40)
    a, b = x[:15], x[15:]
    exact = rank_tests.rank_permutation_test(a, b)
    assert exact.p == pytest.approx(rank_tests.mann_whitney(a, b, exact=True).p)
    plain = rank_tests.mann_whitney(a, b, exact=False, continuity=False)
    assert rank_tests.rank_permutation_test(a, b, "asymptotic").p == pytest.approx(plain.p)


def test_random_permutations_come_near_and_keep_to_the_seed():
    a, b = [1, 2, 2, 3, 5, 5], [2, 4, 5, 6, 7, 7, 8]
    exact = rank_tests.rank_permutation_test(a, b).p
    found = [rank_tests.rank_permutation_test(a, b, "random", 20_000, s).p for s in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert found[0] == pytest.approx(exact, abs=4 * np.sqrt(exact / 20_000))


def test_swapping_the_groups():
    a, b = [1.5, 2.5, 4.0, 4.0], [0.5, 2.5, 3.0, 6.0, 7.0]
    one, two = rank_tests.mann_whitney(a, b), rank_tests.mann_whitney(b, a)
    assert one.p == pytest.approx(two.p)
    assert one.estimate == pytest.approx(1 - two.estimate)
    up, down = hodges_lehmann.shift(a, b), hodges_lehmann.shift(b, a)
    assert up.lower == pytest.approx(-down.upper, abs=2e-4)


def test_refused():
    with pytest.raises(ValueError, match="without ties"):
        rank_tests.mann_whitney([1, 2], [2, 3], exact=True)
    with pytest.raises(ValueError, match="without ties"):
        hodges_lehmann.shift([1, 2], [2, 3], exact=True)
    with pytest.raises(ValueError, match="exact, asymptotic or random"):
        rank_tests.rank_permutation_test([1, 2], [2, 3], "both")
    with pytest.raises(ValueError, match=r"takes .* steps"):
        rank_tests.rank_permutation_test(np.arange(3000), np.arange(3000))


def test_ways_to_reach_u_are_all_the_ways():
    ways = exact_ranks.rank_sum_counts(3, 4)
    assert ways.sum() == 35
    assert (ways == ways[::-1]).all()
    assert list(ways[:4]) == [1, 1, 2, 3]
    chances = exact_ranks.subset_sum_chances(np.arange(1, 8), 3)
    assert np.allclose(chances[6:], ways / 35)


def test_chances_add_up_to_one_in_large_samples():
    scores = 2 * stats.rankdata(np.round(np.random.default_rng(1).normal(size=120), 1))
    assert exact_ranks.subset_sum_chances(scores, 40).sum() == pytest.approx(1)
    assert exact_ranks.signed_sum_chances(scores).sum() == pytest.approx(1)


def test_exact_shift_is_the_median_difference_between_order_statistics():
    a, b = np.array([5.0, 7.1, 8.3, 12.6]), np.array([1.2, 2.5, 3.9])
    found = hodges_lehmann.shift(a, b)
    differences = np.sort(np.subtract.outer(a, b), axis=None)
    assert found.estimate == np.median(differences)
    assert (found.lower, found.upper) == (differences[0], differences[-1])  # 3 v 4: 2/35 > 5 %
    assert hodges_lehmann.shift([1.0, 5], [2.0, 3.5]).level == pytest.approx(2 / 3)


@settings(deadline=None)
@given(st.integers(-5, 5))
def test_shifting_a_group_shifts_the_estimate(by):
    a, b = np.array([1.0, 2, 2, 4, 7]), np.array([0.0, 1, 3, 3, 5, 6])
    here, there = hodges_lehmann.shift(a, b), hodges_lehmann.shift(a + by, b)
    got = (there.estimate, there.lower, there.upper)
    want = (here.estimate + by, here.lower + by, here.upper + by)
    assert got == pytest.approx(want, abs=5e-4)


def test_pseudomedian():
    x = np.array([-1.4, 0.3, 2.2, 3.1, 4.7, 5.9, 7.5])
    found = hodges_lehmann.pseudomedian(x)
    i, j = np.triu_indices(7)
    averages = np.sort((x[i] + x[j]) / 2)
    assert found.estimate == np.median(averages)
    assert (found.lower, found.upper) == (averages[2], averages[-3])  # qsignrank(0.025, 7) is 3
    near = hodges_lehmann.pseudomedian(x, exact=False)
    assert near.estimate == pytest.approx(found.estimate, abs=0.2)
    few = hodges_lehmann.pseudomedian([1.0, 2.5, 3.7])
    assert few.level == pytest.approx(0.75)
    assert "75%" in few.note
    assert np.isnan(hodges_lehmann.pseudomedian([0.0, 0.0]).estimate)
