"""Multinomial elastic-net paths: optimality conditions, the binomial path, scikit-learn."""

import numpy as np
import pytest

from radpipe.stats import lasso
from radpipe.stats import lasso_multinomial as multinomial
from radpipe.stats.design import DegenerateDataError


def sample(seed=0, n=90, p=8, k=3):
    """Return columns on different scales and a label that the first ``k`` of them bear on."""
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(n, p)) @ (np.eye(p) + 0.2 * rng.normal(size=(p, p)))
    y = np.array(["a", "b", "c", "d"])[(1.5 * Z[:, :k] + rng.gumbel(size=(n, k))).argmax(axis=1)]
    return Z * rng.uniform(0.1, 10, p) + rng.uniform(-5, 5, p), y


def breach(X, y, path, k):
    """Return by how much the optimality conditions are missed, in units of the penalty."""
    residual = (y[:, None] == np.array(path.classes)) - multinomial.probabilities(path, X)[k]
    gradient = ((X - X.mean(axis=0)) / path.scale).T @ residual / len(y)
    beta = (path.coefs[k] * path.scale).T
    penalty, l1 = path.lambdas[k], path.lambdas[k] * path.alpha
    smooth = gradient - (penalty - l1) * beta
    if path.grouped:
        length = np.linalg.norm(beta, axis=1)
        on = length > 0
        pulled = np.abs(smooth[on] - l1 * beta[on] / length[on, None])
        idle = np.linalg.norm(smooth[~on], axis=1) - l1
    else:
        on = beta != 0
        pulled, idle = np.abs(smooth[on] - l1 * np.sign(beta[on])), np.abs(smooth[~on]) - l1
    free = np.abs(residual.mean(axis=0)).max()
    return max(pulled.max(initial=0), idle.max(initial=0), free) / penalty


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("alpha", [1.0, 0.5])
@pytest.mark.parametrize(("n", "p", "k"), [(90, 8, 3), (40, 60, 3), (120, 6, 4)])
def test_optimality_conditions(grouped, alpha, n, p, k):
    X, y = sample(1, n, p, k)
    path = multinomial.path_multinomial(X, y, grouped=grouped, alpha=alpha)
    assert path.converged
    assert path.nonzero[0] == 0
    assert path.nonzero[1] > 0
    assert (np.diff(path.dev_ratio) > -1e-9).all()
    assert np.allclose(path.intercepts.sum(axis=1), 0)
    assert max(breach(X, y, path, i) for i in range(1, path.lambdas.size, 6)) < 2e-2
    assert breach(X, y, path, 10) < 1e-3
    if grouped:
        assert (path.nonzero_by_class == path.nonzero[:, None]).all()


def test_two_classes_are_the_binomial_path():
    X, y = sample(2)
    y = (y == "a").astype(int)
    ours, plain = multinomial.path_multinomial(X, y), lasso.path_binomial(X, y)
    assert np.allclose(ours.lambdas, plain.lambdas)
    assert np.allclose(ours.dev_ratio, plain.dev_ratio, atol=1e-6)
    difference = (ours.coefs[:, 1] - ours.coefs[:, 0]) * ours.scale
    assert np.allclose(difference, plain.coefs * plain.scale, atol=1e-4)
    assert np.allclose(ours.coefs[:, 1], -ours.coefs[:, 0])
    assert np.allclose(ours.intercepts[:, 1] - ours.intercepts[:, 0], plain.intercepts, atol=1e-3)


def test_grouped_penalty_of_two_classes_is_the_binomial_path_at_other_penalties():
    X, y = sample(3)
    y = (y == "a").astype(int)
    ours = multinomial.path_multinomial(X, y, [0.05], grouped=True)
    plain = lasso.path_binomial(X, y, [0.05 / np.sqrt(2)])
    difference = ours.coefs[0, 1] - ours.coefs[0, 0]
    assert np.allclose(difference * ours.scale, plain.coefs[0] * plain.scale, atol=1e-4)


@pytest.mark.parametrize("penalty", [0.1, 0.02])
def test_scikit_learn_agrees(penalty):
    from sklearn.linear_model import LogisticRegression

    X, y = sample(4)
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    fit = LogisticRegression(
        l1_ratio=1.0, C=1 / (len(y) * penalty), solver="saga", tol=1e-8, max_iter=20_000
    ).fit(scaled, y)
    path = multinomial.path_multinomial(X, y, [penalty])
    assert np.allclose(path.coefs[0] * path.scale, fit.coef_, atol=1e-4)
    risk = multinomial.probabilities(path, X)[0]
    assert np.allclose(risk, fit.predict_proba(scaled), atol=1e-4)


def test_cross_validation_weighs_folds_by_size_and_interpolates_on_request():
    X, y = sample(5)
    folds = np.minimum(np.arange(90) // 20, 3)
    found = multinomial.cv_multinomial(X, y, folds)
    own = multinomial.cv_multinomial(X, y, folds, exact=False)
    assert np.allclose(found.cv_mean[:30], own.cv_mean[:30], rtol=0.02)
    losses = []
    for fold in range(4):
        out = folds == fold
        path = multinomial.path_multinomial(X[~out], y[~out], found.path.lambdas[:6])
        risk = multinomial.probabilities(path, X[out])[5]
        place = np.searchsorted(path.classes, y[out])
        losses.append(-2 * np.log(risk[np.arange(out.sum()), place]))
    assert found.cv_mean[5] == pytest.approx(np.concatenate(losses).mean(), rel=1e-4)
    assert found.lambda_1se >= found.lambda_min
    wrong = multinomial.cv_multinomial(X, y, folds, "class", grouped=True)
    assert wrong.cv_mean[0] > wrong.cv_mean[wrong.index_min]
    assert wrong.measure == "misclassification error"


def test_interpolated_probabilities_sum_to_one():
    X, y = sample()
    path = multinomial.path_multinomial(X, y, grouped=True)
    risk = multinomial.probabilities(path, X, [path.lambdas[4], path.lambdas[4:6].mean(), 99.0])
    assert np.allclose(risk.sum(axis=2), 1)
    assert np.allclose(risk[0], multinomial.probabilities(path, X)[4])
    shares = [(y == name).mean() for name in path.classes]
    assert np.allclose(risk[2], shares)


def test_constant_and_duplicate_columns():
    X, y = sample()
    wide = np.column_stack([X, np.full(len(y), 3.0), X[:, 0]])
    path = multinomial.path_multinomial(wide, y)
    assert path.converged
    assert not path.coefs[:, :, -2].any()


def test_data_that_determine_nothing():
    X, y = sample()
    with pytest.raises(DegenerateDataError, match="one value"):
        multinomial.path_multinomial(X, np.full(len(y), "a"))
    with pytest.raises(DegenerateDataError, match="class z has one case"):
        multinomial.path_multinomial(X, np.append(y[1:], "z"))
    with pytest.raises(DegenerateDataError, match="no column"):
        multinomial.path_multinomial(np.ones_like(X), y)
    with pytest.raises(DegenerateDataError, match="class c has fewer than two"):
        multinomial.cv_multinomial(X, y, np.where(y == "c", 0, 1 + np.arange(len(y)) % 2))
    with pytest.raises(ValueError, match="deviance and class"):
        multinomial.cv_multinomial(X, y, np.arange(len(y)) % 5, "auc")
    with pytest.raises(ValueError, match="penalties"):
        multinomial.path_multinomial(X, y, [-0.1])
