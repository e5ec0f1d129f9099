"""The maximal correlation coefficient against all eigenvalues of the whole matrix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.features.correlation import EPS, maximal_correlation


def by_all_eigenvalues(matrices):
    """Return the coefficient as it is defined, level by level."""
    found = []
    for p in matrices:
        px, py = p.sum(axis=1), p.sum(axis=0)
        n = len(p)
        q = np.zeros((n, n))
        for k in range(n):
            q += np.outer(p[:, k], p[:, k]) / (px[:, None] * py[k] + EPS)
        found.append(np.sqrt(np.sort(np.linalg.eigvals(q).astype(complex))[-2]))
    return np.nanmean(found).real


def shares(counts, symmetric=True):
    """Return counts as a co-occurrence matrix that sums to 1."""
    matrix = np.asarray(counts, float)
    matrix = matrix + matrix.T if symmetric else matrix
    return matrix / matrix.sum()


def check(*matrices):
    found = maximal_correlation(np.array(matrices))
    assert found == pytest.approx(by_all_eigenvalues(matrices), rel=1e-9, abs=1e-7)


def blurred(rng, n, width):
    """Return what an image gives: neighbours that are mostly alike."""
    i = np.arange(n)
    expected = np.exp(-(((i[:, None] - i) / width) ** 2)) * np.exp(-(((i - n / 3) / n * 3) ** 2))
    return rng.poisson(200 * expected)


@pytest.mark.parametrize("n", [2, 5, 6, 7, 20, 90])
@pytest.mark.parametrize("width", [0.7, 3, 30])
@pytest.mark.parametrize("symmetric", [True, False])
def test_as_images_give_it(n, width, symmetric):
    rng = np.random.default_rng(n)
    check(*(shares(blurred(rng, n, width) + np.eye(n), symmetric) for _ in range(13)))


@settings(max_examples=150, deadline=None)
@given(st.integers(7, 24), st.integers(1, 60), st.booleans(), st.integers(0, 2**32 - 1))
def test_few_pairs_among_many_levels(n, pairs, symmetric, seed):
    """Levels that lie apart from the others, once or not at all in a direction."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((n, n))
    for i, j in rng.integers(0, n, (pairs, 2)):
        counts[i, j] += 1
    check(shares(counts, symmetric))


@pytest.mark.parametrize("rare", [1e-6, 1e-7, 1e-8, 1e-9, 1e-12])
@pytest.mark.parametrize("symmetric", [True, False])
def test_rare_levels(rare, symmetric):
    """Where the marginals' product comes near to the constant, the constant counts.

    Common levels hardly depend on each other, so that the coefficient is the rare ones'.
    """
    counts = np.random.default_rng(1).poisson(50.0, (12, 12)).astype(float)
    counts[9:] = counts[:, 9:] = 0
    counts[9:, 9:] = rare * np.array([[5, 9, 0], [2, 0, 1], [1, 0, 0]])
    check(shares(counts, symmetric))


DEGENERATE = {
    "independent": np.ones((9, 9)),
    "equal only": np.eye(9),
    "opposite only": np.eye(9)[::-1],
    "two parts": np.kron(np.eye(2), np.ones((5, 5))),
    "neighbours only": np.eye(9, k=1),
    "one pair": np.eye(9, k=8),
    "a chain of every other level": np.array(
        [[float({i, j} in ({1, 3}, {3, 5})) for j in range(7)] for i in range(7)]
    ),
    "one level of many": np.diag([0, 0, 0, 1.0, 0, 0, 0, 0]),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate(name):
    check(shares(DEGENERATE[name]))


def test_one_level_is_1():
    assert maximal_correlation(np.ones((13, 1, 1))) == 1.0
