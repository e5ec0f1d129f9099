"""The correlation filter, block by block, keeps what the whole matrix would."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from radpipe.selection import correlation
from radpipe.selection.chain import run_chain
from radpipe.selection.correlation import CorrelationSpec, repeated
from radpipe.selection.mrmr import MrmrSpec


def families(n, p, seed, rounded=False):
    """Return columns in families that say nearly the same, one of them constant."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(n, max(p // 5, 1)))
    X = own[:, rng.integers(0, own.shape[1], p)] + 0.3 * rng.normal(size=(n, p))
    X[:, p // 2] = 2.0
    y = (own[:, 0] + rng.normal(size=n) > 0).astype(int)
    return X.round(0) if rounded else X, y


def plainly(X, threshold, method):
    """Return what the filter keeps, one pair at a time on the whole matrix."""
    ranked = rankdata(X, axis=0) if method == "spearman" else X
    with np.errstate(invalid="ignore"):
        r = np.nan_to_num(np.abs(np.corrcoef(ranked, rowvar=False)))
    kept = []
    for i in sorted(range(len(r)), key=lambda i: (round(r[i].mean(), 9), i)):
        if all(r[i, j] <= threshold + correlation.ROUNDING for j in kept):
            kept.append(i)
    return sorted(kept)


@pytest.mark.parametrize("method", ["pearson", "spearman"])
@pytest.mark.parametrize("rounded", [False, True])
def test_blocks_keep_what_the_whole_matrix_keeps(method, rounded, monkeypatch):
    for seed, (n, p) in enumerate([(6, 40), (25, 61), (60, 120)]):
        X, y = families(n, p, seed, rounded)
        for width in (7, 64, 500):
            monkeypatch.setattr(correlation, "COLUMNS", width)
            spec = CorrelationSpec(threshold=0.8, method=method)
            mask = spec.build(0)._keep(X, [], y, None)
            assert np.flatnonzero(mask).tolist() == plainly(X, 0.8, method)


def test_pairs_and_means_are_those_of_the_matrix(monkeypatch):
    monkeypatch.setattr(correlation, "COLUMNS", 16)
    X, _ = families(30, 50, 4)
    r = correlation.absolute_correlation(X)
    repeats, mean = repeated(X, 0.7)
    assert np.array_equal(repeats, r > 0.7)
    assert np.allclose(mean, r.mean(axis=0), rtol=0, atol=1e-13)
    assert np.array_equal(repeats, repeats.T)


def test_a_correlation_at_the_threshold_is_not_above_it():
    x = np.array([1.0, 2, 3, 4, 5])
    X = np.column_stack([x, [2.0, 1, 4, 3, 5], [1.0, 2, 3, 5, 4]])  # r: 0.8, 0.9, 0.6
    for scale in (1.0, 1 / 3, 7e-5, 1.1e6):
        assert not repeated(X * scale, 0.9)[0][0, 2]
        assert repeated(X * scale, 0.9 - 1e-9)[0][0, 2]
        assert not repeated(X * scale, 0.8)[0][0, 1]
    twins = np.column_stack([x, 3 * x, x + 1])
    assert CorrelationSpec(threshold=1).build(0)._keep(twins, [], x, None).all()


def test_a_chain_is_the_same_in_any_order_of_columns(monkeypatch):
    X, y = families(50, 90, 9)
    X[:, 80:] = X[:, :10]  # twins tie, and the first name stays
    table = pd.DataFrame(X, columns=[f"b__{i:02d}" for i in range(90)])
    steps = [CorrelationSpec(), MrmrSpec(n=8)]
    first = run_chain(steps, table, y, 1)
    assert len(first.selected) == 8
    assert not {f"b__{i}" for i in range(80, 90)} & set(first.selected)
    monkeypatch.setattr(correlation, "COLUMNS", 11)
    other = np.random.default_rng(0).permutation(table.columns)
    assert run_chain(steps, table[other], y, 1) == first
