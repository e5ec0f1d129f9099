import numpy as np
import pytest
from scipy.stats import binomtest, norm

from radpipe.stats import accuracy_tests as compare

Y = np.repeat([1, 0], 20)
A = np.concatenate([np.repeat([1, 0], [17, 3]), np.repeat([1, 0], [4, 16])])
B = np.concatenate([np.repeat([1, 0, 1], [10, 8, 2]), np.repeat([0, 1], [17, 3])])


def test_paired_sensitivities_are_mcnemar_on_the_events():
    """17 of 20 against 12 of 20: 7 found by a alone, 2 by b alone."""
    test = compare.compare_sensitivities(Y, A, B)
    assert test.estimate == 5 / 20
    assert test.p == pytest.approx(binomtest(7, 9).pvalue)
    half = norm.ppf(0.975) * np.sqrt((8 / 22 + 3 / 22 - (5 / 22) ** 2) / 22)
    assert (test.lower, test.upper) == pytest.approx((5 / 22 - half, 5 / 22 + half))
    assert test.n == 20


def test_specificities_and_accuracies_use_their_cases():
    special = compare.compare_specificities(Y, A, B)
    assert special.estimate == pytest.approx(16 / 20 - 17 / 20)
    whole = compare.compare_accuracies(Y, A, B)
    assert whole.estimate == pytest.approx((5 - 1) / 40)
    assert whole.n == 40
    swapped = compare.compare_accuracies(Y, B, A)
    assert (swapped.estimate, swapped.lower) == pytest.approx((-whole.estimate, -whole.upper))


def test_clusters_of_one_change_nothing_but_doubled_cases_do():
    single = compare.compare_sensitivities(Y, A, B, groups=np.arange(40))
    assert repr(single) == repr(compare.compare_sensitivities(Y, A, B))
    twice = np.repeat(np.arange(40), 2)
    grouped = compare.compare_sensitivities(Y[twice], A[twice], B[twice], groups=twice)
    assert "clustered" in grouped.method
    assert grouped.estimate == single.estimate
    # As if each patient had one case: the variance of the mean of 20 differences.
    d = (A[:20] - B[:20]).astype(float)
    assert grouped.se == pytest.approx(np.std(d, ddof=1) / np.sqrt(20))
    assert grouped.p == pytest.approx(2 * norm.sf(0.25 / grouped.se))


def test_newcombe_interval_of_his_example():
    """56/70 against 48/80: 0.0524 to 0.3339 (Stat Med 1998;17:873, table II)."""
    test = compare.compare_independent(56, 70, 48, 80)
    assert test.estimate == pytest.approx(0.2)
    assert (test.lower, test.upper) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert 0 < test.p < 0.05


def test_missing_calls_are_left_out_of_both():
    a = A.astype(float)
    a[0] = np.nan
    kept = np.arange(40) != 0
    got, want = (
        compare.compare_sensitivities(Y, a, B),
        compare.compare_sensitivities(Y[kept], A[kept], B[kept]),
    )
    assert (got.estimate, got.p) == (want.estimate, want.p)
    assert "1 case without" in got.note


def test_degenerate_input_is_said():
    same = compare.compare_sensitivities(Y, A, A)
    assert same.estimate == 0
    assert np.isnan(same.p)
    assert "discordant" in same.note
    none = compare.compare_sensitivities([0, 0], [1, 0], [0, 0])
    assert np.isnan([none.estimate, none.p]).all()
    assert "no case" in none.note
    one = compare.compare_sensitivities(Y, A, B, groups=np.zeros(40))
    assert np.isnan(one.p)
    assert "patients" in one.note
    empty = compare.compare_independent(0, 0, 1, 2)
    assert np.isnan(empty.p)
    assert "zero" in empty.note
    with pytest.raises(ValueError, match="0 and 1"):
        compare.compare_sensitivities(Y, A + 1, B)
    with pytest.raises(ValueError, match="shapes"):
        compare.compare_sensitivities(Y, A[:5], B)
