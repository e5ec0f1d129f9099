import numpy as np
import pytest

from radpipe.stats.overlap import dice, overlap
from radpipe.stats.scaling import fit_pca, fit_scaling

pytestmark = pytest.mark.filterwarnings("error")
X = np.random.default_rng(2).normal(3, [1, 2, 5], (20, 3))


def test_scalings_do_what_they_say():
    z = fit_scaling(X).apply(X)
    assert z.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert z.std(axis=0, ddof=1) == pytest.approx(1)
    ranged = fit_scaling(X, "minmax").apply(X)
    assert (ranged.min(axis=0).tolist(), ranged.max(axis=0).tolist()) == ([0] * 3, [1] * 3)
    robust = fit_scaling(X, "robust").apply(X)
    assert np.quantile(robust, (0.25, 0.75), axis=0)[1] == pytest.approx(
        1 + np.quantile(robust, 0.25, axis=0)
    )


@pytest.mark.parametrize("kind", ["zscore", "minmax", "robust"])
def test_a_constant_feature_is_said(kind):
    x = X.copy()
    x[:, 1] = 0.1
    x[4, 2] = np.nan
    fitted = fit_scaling(x, kind)
    assert "1 features" in fitted.note
    scaled = fitted.apply(x)
    assert np.isnan(scaled[:, 1]).all()
    assert np.isnan(scaled[:, 2]).sum() == 1
    with pytest.raises(ValueError, match="3 were fitted"):
        fitted.apply(x[:, :2])
    with pytest.raises(ValueError, match="zscore, minmax"):
        fit_scaling(x, "rank")


def test_components_hold_all_the_variance():
    pca = fit_pca(X)
    scores = pca.apply(X)
    assert pca.share.sum() == pytest.approx(1)
    assert np.cov(scores.T) == pytest.approx(np.diag(pca.sdev**2), abs=1e-12)
    assert scores @ pca.rotation.T == pytest.approx(fit_scaling(X).apply(X))
    assert fit_pca(-X).rotation == pytest.approx(pca.rotation)
    raw = fit_pca(X, scale=False)
    assert np.sum(raw.sdev**2) == pytest.approx(X.var(axis=0, ddof=1).sum())


def test_components_need_values():
    for bad, reason in (
        (np.column_stack([X, np.ones(20)]), "column 3"),
        (X[:1], "two cases"),
        (np.where(X > 5, np.nan, X), "impute"),
    ):
        with pytest.raises(ValueError, match=reason):
            fit_pca(bad)


def test_dice():
    a, b = np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8)
    a[:2], b[1:3] = 1, 2
    assert dice(a, b) == 0.5
    assert overlap(a, b).jaccard == pytest.approx(4 / 12)
    assert dice(a, b, label=1) == 0
    assert dice(a, a) == 1
    assert dice(b, a) == dice(a, b)
    empty = overlap(a * 0, a * 0)
    assert np.isnan(empty.dice)
    assert empty.note
    with pytest.raises(ValueError, match="one grid"):
        dice(a, b[:2])
    with pytest.raises(ValueError, match="whole numbers"):
        dice([0.5, 1], [1, 1])
