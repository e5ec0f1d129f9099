"""Families of continuous endpoints: their numbers, and what they say of themselves."""

import json

import numpy as np
import pytest
from modelling_toys import cohort, inputs_of, plan_of
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

from radpipe.models.boosted import BoostedValues
from radpipe.models.crossfit import crossfit
from radpipe.models.forest_regression import ForestRegression
from radpipe.models.linear import Linear, LinearSpec
from radpipe.models.penalised_linear import PenalisedLinear
from radpipe.models.random_forest import RandomForestSpec
from radpipe.models.ridge import Ridge
from radpipe.models.svr import Svr, SvrSpec
from radpipe.models.tuning import Tuned
from radpipe.models.xgboost import XgboostSpec
from radpipe.resampling.inner import inner_folds
from radpipe.stats.lasso import cv_gaussian
from radpipe.stats.linear import fit_linear


def data(p=4, n=60, signal=1.0, seed=0):
    table, targets = cohort(n=n, p=p, signal=signal, seed=seed)
    return table[[f"t1__f{i}" for i in range(p)]], targets["continuous"]


def test_linear_is_least_squares_with_its_inference():
    X, y = data()
    model = Linear().fit(X, y)
    fit = fit_linear(X.to_numpy(), y)
    said = model.summary()
    assert np.allclose(model.predict_score(X), fit.fitted)
    row = said["coefficients"][1]
    assert row["name"] == "t1__f1"
    assert (row["coef"], row["p"], row["standardised"]) == pytest.approx(
        (fit.coef[2], fit.p[2], fit.standardised[2])
    )
    assert "or" not in row
    assert "" not in row
    assert said["params"]["r2"] == pytest.approx(fit.r2)


def test_linear_says_what_has_no_coefficient():
    X, y = data()
    X = X.assign(t1__twice=2 * X["t1__f0"])
    found = Linear().fit(X, y).summary()
    assert found["notes"] == ["no coefficient, since other columns determine it: t1__twice"]
    perfect = Linear().fit(X[["t1__f0"]], X["t1__f0"].to_numpy())
    assert "the fit is perfect: no test" in perfect.summary()["notes"]
    json.dumps(perfect.summary(), allow_nan=False)


@pytest.mark.parametrize(("family", "alpha"), [(PenalisedLinear, 1.0), (Ridge, 0.0)])
def test_penalised_models_are_glmnets(family, alpha):
    X, y = data()
    model = family("min", 5, 3, alpha).fit(X, y)
    cv = cv_gaussian(X.to_numpy(), y, inner_folds(y, None, 5, 3, "lasso"), alpha=alpha)
    assert np.allclose(model.coef_, cv.path.coefs[cv.index_min])
    fitted = X.to_numpy() @ model.coef_ + cv.path.intercepts[cv.index_min]
    assert np.allclose(model.predict_score(X), fitted)
    said = model.summary()
    assert said["path"]["measure"] == "mean squared error"
    assert all(set(row) == {"name", "coef"} for row in said["coefficients"])


def test_the_penalised_models_keep_some_or_every_column():
    X, y = data(p=8)
    lasso = PenalisedLinear("1se", 5, 0).fit(X, y)
    ridge = Ridge("1se", 5, 0, 0.0).fit(X, y)
    assert set(lasso.used()) == {"t1__f0", "t1__f1"}
    assert ridge.used() == list(X.columns)
    assert "coefs" in lasso.summary()["path"]
    assert "coefs" not in ridge.summary()["path"]


def test_a_radscore_without_columns_is_the_mean():
    X, y = data(signal=0.0, seed=3)
    model = PenalisedLinear("1se", 5, 0).fit(X, y)
    assert model.degenerate_
    assert np.allclose(model.predict_score(X), y.mean())
    assert model.summary()["notes"] == ["lambda.1se leaves no column"]


@pytest.mark.parametrize(
    ("drawn", "library"), [(False, RandomForestRegressor), (True, ExtraTreesRegressor)]
)
def test_forests_are_the_librarys(drawn, library):
    X, y = data()
    model = ForestRegression(drawn, 10, 3, 99, seed=4).fit(X, y)
    forest = library(10, min_samples_leaf=3, max_features=4, random_state=4)
    assert np.allclose(model.predict_score(X), forest.fit(X.to_numpy(), y).predict(X.to_numpy()))
    assert {row["name"] for row in model.summary()["importance"][:2]} == {"t1__f0", "t1__f1"}


def test_svr_does_not_care_for_the_outcomes_unit():
    X, y = data()
    metres, millimetres = Svr().fit(X, y), Svr().fit(X, 1000 * y + 5)
    assert np.allclose(1000 * metres.predict_score(X) + 5, millimetres.predict_score(X), atol=1e-6)
    assert np.allclose(Svr().fit(X, np.ones(len(y))).predict_score(X), 1.0)


def test_boosted_values_start_at_the_mean_and_are_staged():
    X, y = data()
    model = BoostedValues(rounds=20).fit(X, y)
    assert np.allclose(model.staged_score(X, 20), model.predict_score(X))
    short = BoostedValues(rounds=5).fit(X, y)
    assert np.allclose(model.staged_score(X, 5), short.predict_score(X), atol=1e-5)
    tiny = BoostedValues(rounds=1, eta=1e-6).fit(X, y)
    assert np.allclose(tiny.predict_score(X), y.mean(), atol=1e-4)


@pytest.mark.parametrize("kind", [SvrSpec, XgboostSpec])
def test_tuning_takes_the_least_squared_error(kind):
    X, y = data(signal=2.0)
    small = {"rounds": [1, 40]} if kind is XgboostSpec else {"cost": [1e-4, 10.0]}
    model = kind(inputs=["t1"], tune=small).build("continuous", 1)
    assert isinstance(model, Tuned)
    said = model.fit(X, y).summary()["params"]["tuning"]
    scores = [row["score"] for row in said["candidates"]]
    assert said["measure"] == "minus mean squared error"
    assert scores[1] > scores[0]
    assert said["chosen"] == {name: values[1] for name, values in small.items()}


@pytest.mark.parametrize("spec", [LinearSpec(inputs=["t1"]), RandomForestSpec(inputs=["t1"])])
def test_a_continuous_endpoint_has_values_and_no_risks(spec):
    assert not spec.gives_risk("continuous")
    table, targets = cohort(n=40)
    spec = spec.model_copy(update={"trees": 5} if "trees" in type(spec).model_fields else {})
    y = targets["continuous"]
    plan = plan_of(y, held=(0,))
    scores = crossfit("m", spec, inputs_of(table), y, plan, 1, inner=False).scores
    assert scores["risk"].isna().all()
    assert scores["score"].notna().all()
