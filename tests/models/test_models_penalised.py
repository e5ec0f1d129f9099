"""The penalty: that of glmnet, and never moved."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from modelling_toys import cohort, inputs_of, plan_of

from radpipe.models.crossfit import crossfit
from radpipe.models.penalised_cox import PenalisedCoxSpec
from radpipe.models.penalised_logistic import PenalisedLogistic, PenalisedLogisticSpec

GOLDEN = Path(__file__).parents[2] / "tests/golden/cases/lasso_binomial"
if not GOLDEN.is_dir():
    GOLDEN = Path(__file__).parents[3] / "shared/golden/cases/lasso_binomial"


def test_lambda_is_never_moved():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        rng.normal(size=(60, 5)),
        columns=[f"t1__f{i}" for i in range(5)],
        index=[f"c{i}" for i in range(60)],
    )
    y = np.tile([0, 1, 0], 20)
    spec = PenalisedLogisticSpec(inputs=["t1"], choose="1se", folds=5)
    found = crossfit("r", spec, inputs_of(table), y, plan_of(y), 1, inner=False)
    assert "final" in found.fit["degenerate"]
    apparent = found.scores[found.scores["role"] == "apparent"]
    assert np.allclose(apparent["risk"], y.mean())
    assert "leaves no column" in found.fit["summary"]["notes"][0]


@pytest.mark.skipif(not GOLDEN.is_dir(), reason="the golden cases are not there")
@pytest.mark.parametrize("choose", ["min", "1se"])
def test_penalised_logistic_is_glmnet(choose, monkeypatch):
    table = pd.read_csv(GOLDEN / "input.csv")
    expected = json.loads((GOLDEN / "expected.json").read_text())["values"]["lasso_deviance"]
    X = table[[c for c in table if c.startswith("V")]]
    model = PenalisedLogistic(choose)
    monkeypatch.setattr(model, "_folds", lambda y, groups: table["foldid"].to_numpy())
    model.fit(X[sorted(X.columns)], table["y"].to_numpy())
    summary = model.summary()
    coefs = dict(expected[f"coef_lambda_{choose}"])
    intercept = coefs.pop("(Intercept)")
    assert summary["path"][f"lambda_{choose}"] == pytest.approx(expected[f"lambda_{choose}"])
    assert summary["intercept"] == pytest.approx(intercept, rel=1e-3, abs=1e-3)
    ours = {c["name"]: c["coef"] for c in summary["coefficients"]}
    assert set(ours) == set(coefs)
    for name, value in coefs.items():
        assert ours[name] == pytest.approx(value, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("endpoint", ["binary", "multiclass", "survival"])
def test_alpha_goes_from_the_lasso_to_ridge_regression(endpoint):
    table, targets = cohort(100, p=8)
    X, y = table[[c for c in table if c.startswith("t1__")]], targets[endpoint]
    spec = PenalisedCoxSpec if endpoint == "survival" else PenalisedLogisticSpec
    used, said = [], []
    for alpha in (1.0, 0.3, 0.0):
        model = spec(inputs=["t1"], folds=4, choose="1se", alpha=alpha).build(endpoint, 2).fit(X, y)
        used.append(len(model.used()))
        said.append(model.summary()["params"]["penalty"])
    assert said == ["LASSO", "elastic net, alpha 0.3", "ridge"]
    assert 2 <= used[0] <= used[1] < used[2] == 8
