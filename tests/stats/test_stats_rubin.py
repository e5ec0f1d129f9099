"""Rubin's rules."""

import numpy as np
import pytest
from scipy import stats

from radpipe.stats.rubin import pool


def test_hand_computed():
    found = pool([1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    assert found.estimate[0] == 2
    assert found.between[0] == 1
    assert found.total[0] == pytest.approx(1 + 4 / 3)
    assert found.riv[0] == pytest.approx(4 / 3)
    assert found.share[0] == pytest.approx(4 / 7)
    assert found.df[0] == pytest.approx(2 * (7 / 4) ** 2)  # Rubin's df
    half = stats.t.ppf(0.975, found.df[0]) * np.sqrt(7 / 3)
    assert found.upper[0] == pytest.approx(2 + half)


def test_small_samples_lower_the_df():
    estimates, se = np.random.default_rng(0).normal(size=(5, 2)), np.ones((5, 2))
    large, small = pool(estimates, se), pool(estimates, se, df_complete=20)
    assert (small.df < large.df).all()
    assert (small.df < 20).all()
    assert pool(estimates, se, df_complete=1e9).df == pytest.approx(large.df, rel=1e-6)


def test_equal_imputations_are_the_single_analysis():
    found = pool(np.full(5, 1.3), np.full(5, 0.4), df_complete=30)
    assert found.se[0] == pytest.approx(0.4)
    assert found.riv[0] == found.share[0] == 0
    assert 28 < found.df[0] < 30


def test_one_imputation_says_nothing():
    found = pool([[1.0, 2.0]], [[1.0, 1.0]])
    assert found.estimate.tolist() == [1, 2]
    assert np.isnan(found.se).all()
    assert np.isnan(found.p).all()
    assert "one imputation" in found.note


def test_no_variance_within():
    found = pool([1.0, 2.0], [0.0, 0.0])
    assert np.isnan(found.p[0])
    assert "are 0" in found.note


@pytest.mark.parametrize(
    ("estimates", "se", "match"),
    [
        ([1.0, 2.0], [1.0], "do not match"),
        ([1.0, np.nan], [1.0, 1.0], "finite"),
        ([1.0, 2.0], [1.0, -1.0], "negative"),
        ([], [], "do not match"),
    ],
)
def test_bad_input(estimates, se, match):
    with pytest.raises(ValueError, match=match):
        pool(estimates, se)
    with pytest.raises(ValueError, match="positive"):
        pool([1.0, 2.0], [1.0, 1.0], df_complete=0)
