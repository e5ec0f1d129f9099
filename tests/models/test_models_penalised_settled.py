"""Behind a selection the penalty is chosen on inner folds, each with columns of its own."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from radpipe.core import target
from radpipe.models.base import NoFeatures
from radpipe.models.inner import folds_within
from radpipe.models.registry import MODELS
from radpipe.stats import lasso
from radpipe.stats.lasso_path import linear_predictor
from tests.models.modelling_toys import cohort

KINDS = {
    "penalised_logistic": "binary",
    "penalised_cox": "survival",
    "penalised_linear": "continuous",
    "ridge": "continuous",
    "multinomial": "multiclass",
}
PART = np.arange(90) % 5


def model_of(name, **more):
    kind = "penalised_logistic" if name == "multinomial" else name
    return MODELS[kind](inputs=["t1"], selection="few", **more).build(KINDS[name], 1)


def toys(name):
    table, targets = cohort(n=90, p=6, signal=1.0, seed=3)
    return table.filter(like="t1__"), targets[KINDS[name]]


@pytest.mark.parametrize("name", KINDS)
def test_the_penalty_is_near_that_of_cross_validation_on_the_same_folds(name):
    """Of equal columns in every fold there is nothing else to find."""
    X, y = toys(name)
    model, fits = model_of(name).settle(folds_within(X, y, None, PART))
    fitted = model.fit(X, y)
    values = X.to_numpy()
    own = fitted._cross_validated(values, y, PART)
    found = fitted.summary()["path"]
    step = np.diff(np.log(own.path.lambdas)).min()
    assert np.log(found["lambda_min"]) == pytest.approx(np.log(own.lambda_min), abs=3 * abs(step))
    order = np.argsort(found["log_lambda"])
    at = np.log(own.path.lambdas)
    inside = (at >= min(found["log_lambda"])) & (at <= max(found["log_lambda"]))
    again = np.interp(at, np.array(found["log_lambda"])[order], np.array(found["cv_mean"])[order])
    np.testing.assert_allclose(again[inside], own.cv_mean[inside], rtol=0.01)
    assert len(fits) == 5
    assert fitted.summary()["params"]["folds"] == 5
    json.dumps(fitted.summary(), allow_nan=False)


def test_a_fold_s_fit_is_its_path_at_the_chosen_penalty():
    X, y = toys("penalised_logistic")
    folds = folds_within(X, y, None, PART)
    model, fits = model_of("penalised_logistic").settle(folds)
    chosen = model.settled["lambdas"][model.settled["min"]]
    for fold, fit in zip(folds, fits, strict=True):
        path = lasso.path_binomial(fold.X.to_numpy(), fold.y)
        expected = linear_predictor(path, fold.new.to_numpy(), chosen)[:, 0]
        assert fit.predict_score(fold.new) == pytest.approx(expected)


@pytest.mark.parametrize("choose", ["min", "1se"])
def test_the_largest_penalty_within_one_standard_error_is_taken_where_asked(choose):
    X, y = toys("penalised_linear")
    model, _ = model_of("penalised_linear", choose=choose).settle(folds_within(X, y, None, PART))
    path = model.fit(X, y).summary()["path"]
    mean, se = np.array(path["cv_mean"]), np.array(path["cv_se"])
    best = int(mean.argmin())
    within = np.flatnonzero(mean <= mean[best] + se[best])[0]
    at = best if choose == "min" else within
    assert path[f"lambda_{choose}"] == pytest.approx(np.exp(path["log_lambda"][at]))
    assert path["lambda_1se"] >= path["lambda_min"]


def test_folds_without_a_column_or_a_path_tell_nothing_and_predict_the_training_rows():
    X, y = toys("penalised_logistic")
    folds = folds_within(X, y, None, PART)
    folds[0] = replace(folds[0], X=folds[0].X[[]], new=folds[0].new[[]])
    folds[1] = replace(folds[1], X=0.0 * folds[1].X)
    model, fits = model_of("penalised_logistic").settle(folds)
    assert model.settled["folds"] == 3
    assert isinstance(fits[0], NoFeatures)
    assert fits[1].degenerate_
    assert np.ptp(fits[1].predict_risk(folds[1].new)) == 0
    few, _ = model_of("penalised_logistic").settle(folds[:3])
    assert few.settled is None  # one path tells nothing of another


def test_without_a_selection_the_penalty_is_that_of_its_own_folds():
    X, y = toys("penalised_logistic")
    model = MODELS["penalised_logistic"](inputs=["t1"]).build("binary", 1)
    assert not model.settles
    same, fits = model.settle(folds_within(X, y, None, PART))
    assert same is model
    assert fits[0].summary()["params"]["folds_are"] == "own"


def test_a_class_that_a_fold_lacks_has_probability_zero_there():
    codes = np.repeat([0, 1, 2], [40, 40, 10])
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(90, 3)) + codes[:, None], columns=["a", "b", "c"])
    part = np.where(codes == 2, 0, np.arange(90) % 3)
    y = target.multiclass(codes, 3)
    model, fits = model_of("multinomial").settle(folds_within(X, y, None, part))
    assert (fits[0].predict_risk(X)[:, 2] == 0).all()
    assert np.isfinite(model.settled["cv_mean"]).all()
