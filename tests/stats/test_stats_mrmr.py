"""Properties of mRMR, beside the golden cases."""

import numpy as np
import pytest

from radpipe.core import target
from radpipe.stats import mrmr
from radpipe.stats.cox import fit_cox


def sample(seed=0, n=80, p=12):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = (X[:, 3] + rng.normal(size=n) > 0).astype(int)
    return X, y


@pytest.mark.parametrize("criterion", ["MID", "MIQ", "FCD", "FCQ", "ACD", "ACQ"])
def test_first_is_the_most_relevant_and_none_comes_twice(criterion):
    X, y = sample()
    found = mrmr.mrmr(X, y, 30, criterion)
    assert found.order[0] == np.argmax(found.relevance)
    assert sorted(found.order) == list(range(12))
    assert np.isfinite(found.scores).all()


def test_a_copy_of_the_first_comes_late():
    X, y = sample()
    found = mrmr.mrmr(np.column_stack([X, X[:, 3]]), y, 13, "MID")
    assert found.order[0] == 3
    assert list(found.order).index(12) > 5


def test_ties_go_to_the_lower_column_whatever_the_width():
    X, y = sample()
    for p in (2, 5, 9):
        twins = np.column_stack([X[:, [3]] * (1 + np.arange(p))])
        assert list(mrmr.mrmr(twins, y, p, "FCQ").order) == list(range(p))


def test_constant_columns_are_never_chosen():
    X, y = sample()
    X[:, 5] = 2.0
    found = mrmr.mrmr(X, y, 12)
    assert 5 not in found.order
    assert found.order.size == 11
    assert np.isnan(found.relevance[5])


def test_survival_relevance_is_the_score_test():
    X, _ = sample()
    rng = np.random.default_rng(1)
    time, event = rng.exponential(size=80) + 0.1, rng.random(80) < 0.6
    y = target.survival(time, event)
    chi2 = [fit_cox(X[:, j], time, event).score_test.statistic for j in range(12)]
    assert np.allclose(mrmr.mrmr(X, y, 1, "FCD").relevance, chi2)
    assert np.allclose(mrmr.mrmr(X, y, 1, "MID").relevance, np.array(chi2) / event.sum() / 2)


def test_an_unknown_criterion_is_refused():
    X, _ = sample()
    with pytest.raises(ValueError, match="MID, MIQ"):
        mrmr.rank(X, np.ones(12), 3, "MRMR")


def test_ordered_relevance_counts_a_tie_in_the_feature_as_discordant():
    x = np.array([1.0, 2.0, 2.0, 3.0, 0.0, 4.0])
    y = np.array([0, 0, 1, 1, 1, 2])
    pairs = [(i, j) for i in range(6) for j in range(6) if y[i] > y[j]]
    c = np.mean([x[i] > x[j] for i, j in pairs])
    constant = np.full(6, 7.0)
    found = mrmr.relevance_ordered(np.column_stack([x, 10 * x, constant]), y)
    assert found[0] == pytest.approx(-0.5 * np.log(1 - (2 * c - 1) ** 2))
    assert found[1] == found[0]
    assert np.isnan(found[2])


def test_an_ordered_outcome_changes_the_relevance_only():
    X, y = sample()
    found = mrmr.mrmr(X, y, 4, "MIQ", ordered=True)
    again = mrmr.rank(X, mrmr.relevance_ordered(X, y), 4, "MIQ")
    assert (found.order == again.order).all()
    with pytest.raises(ValueError, match="MID or MIQ"):
        mrmr.mrmr(X, y, 4, "FCD", ordered=True)
    with pytest.raises(ValueError, match="one value only"):
        mrmr.relevance_ordered(X, np.ones(80))


def test_at_least_one_column_is_asked_for():
    X, y = sample()
    with pytest.raises(ValueError, match="n is 0"):
        mrmr.mrmr(X, y, 0)
