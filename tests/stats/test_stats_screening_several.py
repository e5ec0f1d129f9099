"""Tests of many columns at once: each is the test of that column alone."""

import numpy as np
import pytest
from scipy import stats

from radpipe.stats import group_tests, multigroup, screening, screening_groups, screening_numbers
from radpipe.stats.contingency import chi_square, cross_table
from radpipe.stats.correlation import spearman
from radpipe.stats.ordinal import fit_ordinal
from radpipe.stats.shapiro_many import shapiro_p

RNG = np.random.default_rng(1)
GROUPS = RNG.integers(0, 3, 60)
X = RNG.normal(size=(60, 5)) + 0.4 * GROUPS[:, None]
X[:, 1] = np.exp(X[:, 1])
X[:, 2] = np.round(X[:, 2])
X[:, 4] = 3.0
Y = X[:, 0] + RNG.normal(size=60)


def parts(column):
    return [column[g == GROUPS] for g in range(3)]


@pytest.mark.parametrize(
    ("many", "one"),
    [
        (screening_groups.anova, multigroup.anova),
        (screening_groups.welch, group_tests.welch_anova),
        (screening_groups.kruskal, group_tests.kruskal_wallis),
        (screening_groups.automatic_groups, group_tests.measure_test),
    ],
)
def test_groups(many, one):
    found = many(X, GROUPS)
    alone = [one(parts(column)) for column in X.T]
    assert np.allclose(found.p, [a.p for a in alone], rtol=1e-9, equal_nan=True)
    assert np.allclose(found.statistic[:4], [a.statistic for a in alone[:4]], rtol=1e-9)
    assert np.isnan(found.p[4])
    assert (np.isfinite(found.p[:4])).all()


def test_automatic_uses_both_tests():
    assert len(set(screening_groups.automatic_groups(X, GROUPS).method)) == 2
    assert len(set(screening_numbers.automatic_numbers(X, Y).method)) == 2


def test_chi_square_by_values_and_by_quartiles():
    found = screening_groups.chi_square(X, GROUPS)
    quarter = np.searchsorted(np.quantile(X[:, 0], [0.25, 0.5, 0.75]), X[:, 0])
    for j, column in ((0, quarter), (2, X[:, 2])):
        table = cross_table(np.unique(column, return_inverse=True)[1], GROUPS)[0]
        assert np.isclose(found.p[j], chi_square(table, correction=False).p)
    assert np.isnan(found.p[4])


def test_numbers():
    for many, one in (
        (screening_numbers.pearson, stats.pearsonr),
        (screening_numbers.spearman, stats.spearmanr),
    ):
        found = many(X, Y)
        alone = [one(column, Y) for column in X.T[:4]]
        assert np.allclose(found.p[:4], [a.pvalue for a in alone])
        assert np.allclose(found.statistic[:4], [a.statistic for a in alone])
        assert np.isnan(found.p[4])
    assert np.isclose(screening_numbers.spearman(X, Y).p[2], spearman(X[:, 2], Y).p)


def test_scores_of_two_levels_are_the_logistic_one():
    y = (GROUPS > 0).astype(float)
    logistic = screening.logistic_score(X, y)
    for other in (screening_groups.multinomial_score, screening_numbers.ordinal_score):
        found = other(X, y)
        assert np.allclose(found.statistic, logistic.statistic, equal_nan=True)
        assert np.allclose(found.p, logistic.p, equal_nan=True)


def test_ordinal_score_is_that_of_the_likelihood():
    """Score and expected information at 0, by differences of the log-likelihood of each case."""
    x = X[:, 0] - X[:, 0].mean()
    share = np.bincount(GROUPS) / len(GROUPS)
    cuts = np.log(np.cumsum(share)[:-1] / (1 - np.cumsum(share)[:-1]))

    def chances(beta):
        below = 1 / (1 + np.exp(-(cuts[None, :] - beta * x[:, None])))
        return np.diff(np.column_stack([np.zeros(60), below, np.ones(60)]), axis=1)

    slope = (np.log(chances(1e-5)) - np.log(chances(-1e-5))) / 2e-5
    score = slope[np.arange(60), GROUPS].sum()
    information = (chances(0.0) * slope**2).sum()
    found = screening_numbers.ordinal_score(X[:, :1], GROUPS).statistic[0]
    assert np.isclose(found, score**2 / information, rtol=1e-6)
    fitted = fit_ordinal(X[:, :1], GROUPS)
    assert np.sign(fitted.coef[0]) == np.sign(np.corrcoef(x, GROUPS)[0, 1])


@pytest.mark.parametrize("n", [3, 5, 6, 11, 12, 40, 900])
def test_shapiro_is_scipys(n):
    rng = np.random.default_rng(n)
    columns = np.column_stack([rng.normal(size=(n, 3)), rng.exponential(size=(n, 2)), np.ones(n)])
    found = shapiro_p(columns)
    alone = [stats.shapiro(column).pvalue for column in columns.T[:5]]
    assert np.allclose(found[:5], alone, rtol=1e-6)
    assert np.isnan(found[5])
    assert np.isnan(shapiro_p(columns[:2])).all()
