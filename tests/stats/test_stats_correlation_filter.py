"""No pair above the cut-off is left, and nothing goes for nothing."""

import numpy as np
import pytest

from radpipe.stats.correlation_filter import find_correlation


def correlations(p, seed, shared=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, p)) + shared * rng.normal(size=(60, 3))[:, rng.integers(0, 3, p)]
    return np.corrcoef(X, rowvar=False)


def plain(r, cutoff):
    """Return the exact rule written with the whole matrix of means at every step."""
    size = np.abs(r)
    np.fill_diagonal(size, np.nan)
    order = np.argsort(-np.nanmean(size, axis=1), kind="stable")
    size = size[np.ix_(order, order)]
    left = list(range(len(order)))
    for i in range(len(order)):
        for j in range(i + 1, len(order)):
            if i in left and j in left and size[i, j] > cutoff:
                others = [k for k in left if k != j]
                mine, rest = np.nanmean(size[i, left]), np.nanmean(size[np.ix_(others, left)])
                left.remove(i if mine > rest + 1e-12 else j)
    return np.sort(np.delete(order, left))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("cutoff", [0.3, 0.5, 0.7])
def test_exact_is_the_rule_step_by_step(seed, cutoff):
    r = correlations(15, seed)
    assert find_correlation(r, cutoff).tolist() == plain(r, cutoff).tolist()


@pytest.mark.parametrize("exact", [True, False])
def test_no_pair_above_the_cutoff_is_left(exact):
    r = correlations(80, 9, shared=2.0)
    gone = find_correlation(r, 0.6, exact)
    left = np.delete(np.arange(80), gone)
    assert 0 < gone.size < 80
    assert (np.abs(np.triu(r[np.ix_(left, left)], 1)) <= 0.6).all()


@pytest.mark.parametrize("exact", [True, False])
def test_ties_and_no_pairs(exact):
    assert find_correlation(np.eye(4), 0.5, exact).size == 0
    copies = find_correlation(np.ones((4, 4)), 0.5, exact)
    assert copies.size == 3
    assert find_correlation(np.eye(0), 0.5, exact).size == 0


def test_not_exact_drops_more():
    r = np.array([[1, 0.9, 0.5], [0.9, 1, 0.85], [0.5, 0.85, 1]])
    assert find_correlation(r, 0.8).tolist() == [1]
    assert find_correlation(r, 0.8, exact=False).tolist() == [1]


def test_refused():
    with pytest.raises(ValueError, match="square"):
        find_correlation(np.ones((2, 3)))
    with pytest.raises(ValueError, match="not symmetric"):
        find_correlation([[1, 0.5], [0.4, 1]])
    with pytest.raises(ValueError, match="between 0 and 1"):
        find_correlation(np.eye(2), 80)
