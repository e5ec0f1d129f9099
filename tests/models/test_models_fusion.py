"""Models made of models: what is combined, and that it was predicted out of fold."""

import json

import numpy as np
import pandas as pd
import pytest
from modelling_toys import CLASSES, cohort, inputs_of, plan_of
from pydantic import ValidationError
from scipy.special import expit

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.models.cox import CoxSpec
from radpipe.models.crossfit import crossfit
from radpipe.models.fusion import Fusion, FusionSpec
from radpipe.models.hazard import baseline_hazard, risk_at
from radpipe.models.inputs import stacked
from radpipe.models.lda import LdaSpec
from radpipe.models.linear import LinearSpec
from radpipe.models.logistic import Logistic, LogisticSpec
from radpipe.models.permute import Procedure, cross_validated_metric
from radpipe.models.ranking import ranking
from radpipe.stats.cox import fit_cox
from radpipe.stats.cutoffs import youden_cutoff


def pair(endpoint="binary", n=80, seed=0):
    """Return two columns that a model's predictions could be, and the target."""
    table, targets = cohort(n=n, signal=1.5, seed=seed)
    a, b = table["t1__f0"].to_numpy(), table["t1__f1"].to_numpy()
    return pd.DataFrame({"a": expit(a), "b": expit(b)}, index=table.index), targets[endpoint]


def test_means_of_risks():
    X, y = pair()
    mean = Fusion("mean").fit(X, y)
    assert np.allclose(mean.predict_risk(X), (X["a"] + X["b"]) / 2)
    assert mean.score_scale == "risk"
    given = Fusion("weighted_mean", {"a": 3.0, "b": 1.0}).fit(X, y)
    assert np.allclose(given.predict_score(X), 0.75 * X["a"] + 0.25 * X["b"])
    learned = Fusion("weighted_mean").fit(X, y)
    above = np.array([ranking(y, X[m].to_numpy()) - 0.5 for m in "ab"])
    assert np.allclose(learned.weights_, above / above.sum())
    worse = Fusion("weighted_mean").fit(1 - X, y)
    assert worse.summary()["params"]["weights"] == {"a": 0.5, "b": 0.5}
    assert worse.summary()["notes"] == [
        "no model ranks the training cases above chance: equal weights"
    ]


def test_a_model_without_a_prediction_has_no_say():
    X, y = pair()
    X.iloc[0, 0] = np.nan
    X.iloc[1] = np.nan
    found = Fusion("mean").fit(X, y).predict_risk(X)
    assert found[0] == X.iloc[0, 1]
    assert np.isnan(found[1])
    assert np.isfinite(Fusion("logistic").fit(X, y).predict_risk(X)).all()
    with pytest.raises(RadpipeError, match="a: no prediction of any training case"):
        Fusion("mean").fit(X.assign(a=np.nan), y)


def test_logistic_fusion_is_logistic_regression_on_the_columns():
    X, y = pair()
    own, plain = Fusion("logistic").fit(X, y), Logistic().fit(X, y)
    assert np.allclose(own.predict_risk(X), plain.predict_risk(X))
    assert own.summary()["coefficients"] == plain.summary()["coefficients"]


def test_votes_are_at_each_models_youden_cut_off():
    X, y = pair()
    model = Fusion("vote").fit(X, y)
    cuts = {m: youden_cutoff(y, X[m].to_numpy()).threshold for m in "ab"}
    assert model.summary()["params"]["cutoffs"] == cuts
    share = ((X["a"] >= cuts["a"]).astype(float) + (X["b"] >= cuts["b"])) / 2
    assert np.allclose(model.predict_score(X), share)
    risks = [model.predict_risk(X)[(share == s).to_numpy()] for s in (0.0, 0.5, 1.0)]
    seen = [y[(share == s).to_numpy()].mean() for s in (0.0, 0.5, 1.0)]
    assert [float(np.ptp(r)) for r in risks] == [0.0, 0.0, 0.0]
    assert np.allclose([r[0] for r in risks], seen, atol=0.1)


def test_survival_fusion_gives_z_scores_one_hazard_ratio():
    X, y = pair("survival")
    X = X.assign(b=1000 * X["b"])  # the scale of a model's score is its own
    model = Fusion("mean", endpoint="survival").fit(X, y)
    z = ((X - X.mean()) / X.std()).mean(axis=1).to_numpy()
    assert np.allclose(model.predict_score(X), z)
    slope = fit_cox(z[:, None], y["time"], y["event"].astype(float)).coef[0]
    assert model.slope_ == pytest.approx(slope)
    expected = risk_at(baseline_hazard(slope * z, y), slope * z, (200.0,))
    assert np.allclose(model.predict_risk(X, (200.0,)), expected)
    worse = Fusion("mean", endpoint="survival").fit(-X, y)
    assert np.ptp(worse.predict_risk(-X, (200.0,))) == 0
    assert "does not rise with the outcome" in worse.summary()["notes"][0]


@pytest.mark.parametrize("endpoint", ["multiclass", "ordinal", "multilabel"])
@pytest.mark.parametrize("method", ["mean", "weighted_mean", "vote"])
def test_classes_are_fused_one_by_one(endpoint, method):
    y = cohort(n=60, signal=2.0)[1][endpoint]
    rng = np.random.default_rng(1)
    parts = {m: rng.dirichlet(np.ones(3), 60) + 0.3 * target.indicators(y) for m in "ab"}
    parts = {m: p / p.sum(axis=1, keepdims=True) for m, p in parts.items()}
    X = pd.DataFrame({f"{m}[{c}]": p[:, c] for m, p in parts.items() for c in range(3)})
    spec = FusionSpec(inputs=["a", "b"], method=method)
    model = spec.build(endpoint, 0).fit(X, y)
    risk = model.predict_risk(X)
    assert risk.shape == (60, 3)
    if method == "mean":
        assert np.allclose(risk, (parts["a"] + parts["b"]) / 2)
    if method == "vote" and endpoint != "multilabel":
        tops = [np.eye(3)[p.argmax(axis=1)] for p in parts.values()]
        assert np.allclose(model.model_.predict_score(X), (tops[0] + tops[1]) / 2)
        assert np.allclose(risk.sum(axis=1), 1)
        assert np.allclose(risk.mean(axis=0), target.indicators(y).mean(axis=0), atol=0.1)
    assert ranking(y, risk) > 0.6
    json.dumps(model.summary(), allow_nan=False)


@pytest.mark.parametrize(
    ("endpoint", "family", "value"),
    [("binary", LogisticSpec, "risk"), ("multiclass", LdaSpec, "risk"),
     ("survival", CoxSpec, "score"), ("continuous", LinearSpec, "score")],
)  # fmt: skip
def test_what_is_fused_is_what_the_models_predicted_out_of_fold(endpoint, family, value):
    table, targets = cohort(n=60, signal=1.5)
    y, cases = targets[endpoint], list(table.index)
    plan = plan_of(y, held=range(5))
    labels = CLASSES if endpoint == "multiclass" else ()
    horizons = (200.0,) if endpoint == "survival" else ()
    parts, told = {}, []
    for name in ("a", "b"):
        own = inputs_of(table[["t1__f0" if name == "a" else "t1__f1"]])
        fit = crossfit(name, family(inputs=["t1"]), own, y, plan, 1, None, horizons, labels)
        parts |= stacked(name, fit.scores, cases)
        told.append(fit.scores)
    inputs = inputs_of(table[[]], **parts)
    spec = FusionSpec(inputs=["a", "b"])
    found = crossfit("f", spec, inputs, y, plan, 1, None, horizons, labels)
    keys = ["scope", "role", "case", "class"]
    rows = found.scores[found.scores["role"] == "test"].set_index(keys)["score"]
    left, right = (t.set_index(keys)[value].reindex(rows.index) for t in told)
    if endpoint == "survival":  # z scores: ranked all the same by their mean
        assert rows.corr((left + right) / 2) > 0.8
    else:
        assert np.allclose(rows, (left + right) / 2)
    # the outcome of a held-out row reaches neither the parts nor what is made of them
    wrong = y.copy()
    wrong[:5] = y[5:10]
    again = crossfit("f", spec, inputs, wrong, plan, 1, None, horizons, labels)
    pd.testing.assert_frame_equal(found.scores, again.scores)


@pytest.mark.parametrize("endpoint", ["binary", "multiclass", "survival"])
def test_a_permuted_fusion_is_at_chance(endpoint):
    table, targets = cohort(n=60, signal=0.0, seed=6)
    y, groups = targets[endpoint], np.asarray(table.index, dtype=str)
    family = {"binary": LogisticSpec, "multiclass": LdaSpec, "survival": CoxSpec}[endpoint]
    parts = tuple(
        Procedure(name, family(inputs=["t1"]), table[[f"t1__f{i}"]])
        for i, name in enumerate(("a", "b"))
    )
    top = Procedure("f", FusionSpec(inputs=["a", "b"]), table[[]], None, parts)
    found = [
        cross_validated_metric(
            top, y[np.random.default_rng(i).permutation(60)], groups, {}, i, 3, 3
        )
        for i in range(5)
    ]
    assert abs(np.mean(found) - 0.5) < 0.12


@pytest.mark.parametrize(
    "given",
    [
        {"inputs": ["a"]},
        {"inputs": ["a", "a"]},
        {"inputs": ["a", "b"], "weights": [1, 2]},
        {"inputs": ["a", "b"], "method": "weighted_mean", "weights": [1]},
        {"inputs": ["a", "b"], "method": "weighted_mean", "weights": [0, 0]},
    ],
)
def test_settings_of_a_fusion_that_are_refused(given):
    with pytest.raises(ValidationError):
        FusionSpec(**given)


def test_methods_take_the_endpoints_that_they_make_sense_for():
    def takes(method):
        spec = FusionSpec(inputs=["a", "b"], method=method)
        return {e for e in target.KINDS if spec.takes(e)}

    assert takes("mean") == takes("weighted_mean") == target.KINDS
    assert takes("logistic") == {"binary"}
    assert takes("vote") == target.KINDS - {"continuous"}
    with pytest.raises(RadpipeError, match="method logistic for a survival endpoint"):
        FusionSpec(inputs=["a", "b"], method="logistic").build("survival", 0)
