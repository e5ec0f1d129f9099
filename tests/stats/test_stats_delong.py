import numpy as np
import pytest
from scipy.stats import norm

from radpipe.stats import roc


def cohort(n=60, models=3, seed=0):
    rng = np.random.default_rng(seed)
    y = (np.arange(n) % 3 == 0).astype(int)
    return y, rng.normal(size=(n, models)) + y[:, None] * np.linspace(0.3, 1, models)


def test_logit_interval_is_within_0_and_1_and_symmetric_in_odds():
    y, s = cohort(30)
    e = roc.delong(y, s[:, 2], scale="logit")
    plain = roc.delong(y, s[:, 2])
    assert (e.estimate, e.se) == (plain.estimate, plain.se)
    odds = [a / (1 - a) for a in (e.lower, e.estimate, e.upper)]
    assert odds[1] ** 2 == pytest.approx(odds[0] * odds[2])
    assert "logit" in e.method
    perfect = roc.delong([0, 0, 1, 1], [1.0, 2, 3, 4], scale="logit")
    assert np.isnan(perfect.lower)
    assert "no logit" in perfect.note


def test_a_point_is_said_to_be_one():
    e = roc.delong([0, 0, 1, 1], [1.0, 2, 3, 4])
    assert (e.lower, e.upper) == (1, 1)
    assert "variance is zero" in e.note


def test_hanley_mcneil_by_hand():
    """AUC 3/4 of 2 and 2 cases: Q1 = 0.6, Q2 = 9/14, variance (3/16 + Q1 + Q2 - 9/8) / 4."""
    e = roc.hanley_mcneil([0, 1, 0, 1], [1.0, 2, 3, 4])
    assert e.estimate == 0.75
    assert e.se == pytest.approx(np.sqrt((3 / 16 + 0.6 + 9 / 14 - 9 / 8) / 4))


def test_against_a_half():
    y, s = cohort()
    e, test = roc.delong(y, s[:, 1]), roc.delong_against(y, s[:, 1])
    assert test.p == pytest.approx(2 * norm.sf((e.estimate - 0.5) / e.se))
    assert (test.lower, test.upper) == (e.lower, e.upper)
    nearer = roc.delong_against(y, s[:, 1], null=round(e.estimate, 2))
    assert abs(nearer.statistic) < abs(test.statistic)
    with pytest.raises(ValueError, match="between 0 and 1"):
        roc.delong_against(y, s[:, 1], null=1)


def test_unpaired_t_is_the_normal_of_fewer_degrees():
    y, s = cohort()
    half = np.arange(60) < 30
    sets = (y[half], s[half, 0], y[~half], s[~half, 2])
    t, z = roc.delong_unpaired(*sets), roc.delong_unpaired(*sets, reference="normal")
    assert t.statistic == z.statistic
    assert t.p > z.p
    assert t.upper - t.lower > z.upper - z.lower
    assert 28 < t.df < 58
    swapped = roc.delong_unpaired(*sets[2:], *sets[:2])
    assert swapped.statistic == pytest.approx(-t.statistic)
    wide, narrow = (roc.delong_unpaired(*sets, level=level) for level in (0.99, 0.9))
    assert wide.lower < narrow.lower


def test_unpaired_patients_count_once():
    y, s = cohort()
    twice, groups = np.repeat(np.arange(60), 2), np.repeat(np.arange(60), 2)
    one = roc.delong_unpaired(y, s[:, 0], y, s[:, 2])
    two = roc.delong_unpaired(
        *(y[twice], s[twice, 0], y[twice], s[twice, 2]), groups1=groups, groups2=groups
    )
    assert two.se == pytest.approx(one.se, rel=0.03)
    assert two.df == pytest.approx(one.df, rel=0.03)
    assert "Obuchowski" in two.method


def test_covariance_holds_the_paired_variance():
    y, s = cohort()
    for groups in (None, np.arange(60) // 2):
        c = roc.delong_covariance(y, s, groups)
        for i, j in ((0, 1), (0, 2), (1, 2)):
            test = roc.delong_paired(y, s[:, i], s[:, j], groups=groups)
            assert c[i, i] + c[j, j] - 2 * c[i, j] == pytest.approx(test.se**2)
        np.testing.assert_allclose(
            np.diag(c), [roc.delong(y, x, groups=groups).se ** 2 for x in s.T]
        )


def test_global_test_of_two_is_the_paired_one():
    y, s = cohort(models=2)
    test, pair = roc.delong_global(y, s), roc.delong_paired(y, s[:, 0], s[:, 1])
    assert test.statistic == pytest.approx(pair.statistic**2)
    assert test.p == pytest.approx(pair.p)
    assert test.df == 1


def test_global_test_over_repeats_and_missing_cells():
    y, s = cohort()
    plain = roc.delong_global(y, s)
    repeated = roc.delong_global(y, np.stack([s, s], axis=1))
    assert repeated.p == pytest.approx(plain.p)
    assert "2 repeats" in repeated.method
    hole = s.copy()
    hole[4, 1] = np.nan
    kept = np.arange(60) != 4
    assert roc.delong_global(y, hole).p == pytest.approx(roc.delong_global(y[kept], s[kept]).p)
    assert roc.delong_global(y, hole).n == 59


def test_equal_models_have_no_global_test():
    y, s = cohort(models=1)
    test = roc.delong_global(y, np.hstack([s, s]))
    assert np.isnan(test.p)
    assert "singular" in test.note
    with pytest.raises(ValueError, match="at least two"):
        roc.delong_global(y, s)
    with pytest.raises(ValueError, match=r"\(n, models\)"):
        roc.delong_covariance(y, s[:, 0])


def test_pairs_are_adjusted_for_their_number():
    y, s = cohort()
    plain = roc.delong_pairs(y, s, "none")
    holm = roc.delong_pairs(y, s)
    assert [(p.first, p.second) for p in holm] == [(0, 1), (0, 2), (1, 2)]
    smallest = min(p.test.p for p in plain)
    assert min(p.p_adjusted for p in holm) == pytest.approx(min(1, 3 * smallest))
    assert [p.p_adjusted for p in plain] == [p.test.p for p in plain]


def test_a_level_outside_0_and_1_is_refused():
    with pytest.raises(ValueError, match="confidence level"):
        roc.delong([0, 1, 0, 1], [1.0, 2, 3, 4], level=95)
