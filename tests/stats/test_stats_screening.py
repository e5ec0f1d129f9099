"""Screening of many columns equals the one-column tests."""

import numpy as np
import pytest
from scipy import stats

from radpipe.stats import screening
from radpipe.stats.cox import fit_cox
from radpipe.stats.design import DegenerateDataError
from radpipe.stats.group_tests import levene, mann_whitney, measure_test, t_test
from radpipe.stats.logistic import fit_logistic


def sample(n=70, p=6, decimals=8):
    rng = np.random.default_rng(0)
    X = np.round(rng.normal(size=(n, p)), decimals)
    y = rng.integers(0, 2, n)
    X[:, 0] += 0.5 * y
    return X, y


def test_t_equals_scipy():
    X, y = sample()
    for even in (True, False):
        found = screening.t_test(X, y, equal_variances=even)
        want = stats.ttest_ind(X[y == 1], X[y == 0], equal_var=even)
        assert np.allclose(found.statistic, want.statistic)
        assert np.allclose(found.p, want.pvalue, rtol=1e-10)


@pytest.mark.parametrize(("decimals", "method"), [(8, "exact"), (1, "asymptotic")])
def test_mann_whitney_follows_the_rule_for_small_samples(decimals, method):
    X, y = sample(decimals=decimals)
    found = screening.mann_whitney(X, y)
    want = [stats.mannwhitneyu(c[y == 1], c[y == 0], method=method).pvalue for c in X.T]
    assert np.allclose(found.p, want, rtol=1e-10)
    assert all(("exact" in m) == (method == "exact") for m in found.method)


def test_mann_whitney_is_not_exact_from_50_cases_on():
    X, y = sample(n=120)
    found = screening.mann_whitney(X, y)
    want = [stats.mannwhitneyu(c[y == 1], c[y == 0], method="asymptotic").pvalue for c in X.T]
    assert np.allclose(found.p, want, rtol=1e-10)


def test_each_column_equals_the_test_of_one_feature():
    X, y = sample(n=60)
    X[:, 1] = np.exp(2 * X[:, 1])
    X[:, 2] = np.round(X[:, 2], 1)
    X[:, 3] *= 1 + 2 * y
    X[:, 4] = y > 0
    pairs = [(column[y == 1], column[y == 0]) for column in X.T]
    for found, single in (
        (screening.t_test(X, y), [t_test(a, b) for a, b in pairs]),
        (screening.t_test(X, y, True), [t_test(a, b, True) for a, b in pairs]),
        (screening.mann_whitney(X, y), [mann_whitney(a, b) for a, b in pairs]),
        (screening.mann_whitney(X, y, False), [mann_whitney(a, b, False) for a, b in pairs]),
        (screening.levene(X, y), [levene(pair) for pair in pairs]),
        (screening.automatic(X, y), [measure_test(pair) for pair in pairs]),
    ):
        assert np.allclose(found.p, [s.p for s in single], rtol=1e-9, atol=1e-300, equal_nan=True)
        statistics = [s.statistic for s in single]
        assert np.allclose(found.statistic, statistics, rtol=1e-9, equal_nan=True)
    assert {m.split()[0] for m in screening.automatic(X, y).method} == {
        "Student's",
        "Welch's",
        "Mann-Whitney,",
    }


def test_logistic_score_is_close_to_the_likelihood_ratio():
    X, y = sample(n=400)
    found = screening.logistic_score(X, y)
    fits = [fit_logistic(c, y) for c in X.T]
    ratio = [f.null_deviance - f.deviance for f in fits]
    assert np.allclose(found.statistic, ratio, rtol=0.05, atol=0.01)
    r = [np.corrcoef(c, y)[0, 1] for c in X.T]
    assert np.allclose(found.statistic, 400 * np.square(r))


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox_score_equals_the_model(ties):
    X, y = sample(n=90)
    time = np.round(np.random.default_rng(2).exponential(size=90), 1) + 0.1
    found = screening.cox_score(X, time, y, ties)
    want = [fit_cox(c, time, y, ties).score_test for c in X.T]
    assert np.allclose(found.statistic, [w.statistic for w in want])
    assert np.allclose(found.p, [w.p for w in want])


def test_a_constant_column_has_no_p_value():
    X, y = sample()
    X[:, 2] = 0.1
    time = np.arange(1.0, 71.0)
    for found in (
        screening.t_test(X, y),
        screening.mann_whitney(X, y),
        screening.levene(X, y),
        screening.logistic_score(X, y),
        screening.cox_score(X, time, y),
        screening.automatic(X, y),
    ):
        assert np.isnan(found.p[2])
        assert np.isfinite(np.delete(found.p, 2)).all()


def test_one_class_and_missing_values_are_refused():
    X, y = sample()
    with pytest.raises(DegenerateDataError):
        screening.t_test(X, np.zeros_like(y))
    X[3, 1] = np.nan
    with pytest.raises(DegenerateDataError):
        screening.mann_whitney(X, y)


def test_groups_of_one():
    found = screening.t_test(np.arange(4.0), [1, 0, 0, 0])
    assert np.isnan(found.p[0])
    assert np.isfinite(screening.mann_whitney(np.arange(4.0), [1, 0, 0, 0]).p[0])
