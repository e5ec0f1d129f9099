"""The GiViTI belt and test, beside the golden case."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import chi2

from radpipe.stats import giviti
from radpipe.stats.logistic import fit_logistic


def cohort(n=400, seed=1, slope=1.0):
    rng = np.random.default_rng(seed)
    risk = expit(rng.normal(-0.5, 1.2, n))
    return (rng.random(n) < expit(slope * logit(risk))).astype(int), risk


def test_degree_one_is_the_likelihood_ratio_of_the_line():
    y, risk = cohort()
    found = giviti.giviti_test(y, risk)
    assert found.method.endswith("degree 1")
    fit = fit_logistic(logit(risk), y)
    own = np.sum(y * logit(risk) - np.logaddexp(0, logit(risk)))
    assert found.statistic == pytest.approx(2 * (fit.loglik - own))
    assert found.p == pytest.approx(chi2.sf(found.statistic, 2))


@pytest.mark.parametrize(("degree", "development"), [(2, False), (4, False), (3, True)])
def test_tail_after_selection(degree, development):
    rng = np.random.default_rng(0)
    base = rng.chisquare(1 if development else 2, 200_000)
    steps = degree - (2 if development else 1)
    # chi-squared of 1 df above its 95% point, by inversion of the tail
    total = base + chi2.isf(0.05 * rng.random((steps, 200_000)), 1).sum(axis=0)
    for t in (5.0, 12.0, 20.0):
        found = giviti._tail(t, degree, development, 0.95)
        assert found == pytest.approx(np.mean(total > t), abs=0.004)


def test_belt_of_a_line_touches_the_likelihood_region():
    y, risk = cohort()
    belt = giviti.giviti_belt(y, risk, levels=(0.95,), points=5)
    limit = chi2.isf(0.05, 2)
    X = np.column_stack([np.ones(y.size), logit(risk)])
    fit = fit_logistic(logit(risk), y)
    # around the ellipse of the region, pushed out to where the likelihood has fallen by the limit
    angles = np.linspace(0, 2 * np.pi, 400)
    root = np.linalg.cholesky(fit.vcov)
    lines = []
    for way in (root @ np.stack([np.cos(angles), np.sin(angles)])).T:
        low, high = 0.0, 10.0
        for _ in range(50):
            middle = (low + high) / 2
            eta = X @ (fit.coef + middle * way)
            fallen = 2 * (fit.loglik - np.sum(y * eta - np.logaddexp(0, eta)))
            low, high = (middle, high) if fallen < limit else (low, middle)
        lines.append(fit.coef + low * way)
    seen = expit(np.array(lines) @ np.stack([np.ones(10), logit(belt.risk)]))
    assert belt.lower[0] == pytest.approx(seen.min(axis=0), abs=1e-4)
    assert belt.upper[0] == pytest.approx(seen.max(axis=0), abs=1e-4)


def test_a_belt_off_the_diagonal():
    y, risk = cohort(3000, slope=0.4)
    belt = giviti.giviti_belt(y, risk)
    assert belt.test.p < 1e-6
    (low_over, high_over), (low_under, high_under) = belt.over[0][0], belt.under[0][-1]
    assert low_over == risk.min()
    assert high_under == risk.max()
    assert high_over < 0.5 < low_under
    assert (belt.lower[0] <= belt.lower[1]).all()
    assert (belt.upper[1] <= belt.upper[0]).all()


def test_no_belt():
    for y, risk in (([0, 0, 0], [0.2, 0.3, 0.4]), ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])):
        belt = giviti.giviti_belt(y, risk)
        assert belt.risk.size == 0
        assert np.isnan(belt.test.p)
        assert belt.note
    with pytest.raises(ValueError, match=r"\(0, 1\)"):
        giviti.giviti_test([0, 1, 1], [0.0, 0.5, 0.7])


def test_a_region_without_end_reaches_the_edge():
    # nearly separated: the likelihood of a steep line never falls to the 99.99% limit
    y, risk = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.4, 0.5, 0.8, 0.9]
    belt = giviti.giviti_belt(y, risk, levels=(0.9999,))
    assert np.isfinite(belt.lower).all()
    assert belt.lower[0, 0] < 1e-12
    assert belt.upper[0, -1] > 1 - 1e-12
