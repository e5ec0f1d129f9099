"""What is chosen inside a resample is chosen on inner folds that select their own columns."""

import numpy as np
import pandas as pd
import pytest

from radpipe.core import target
from radpipe.models.base import Model
from radpipe.models.calibrated import Calibrated
from radpipe.models.chains import chosen, run_chains
from radpipe.models.crossfit import crossfit, fit_scope
from radpipe.models.inner import Fold, folds_within
from radpipe.models.inputs import Inputs
from radpipe.models.knn import Knn, KnnSpec
from radpipe.models.one_vs_rest import OneVsRest
from radpipe.models.registry import MODELS
from radpipe.models.scores import Layout
from radpipe.resampling.plan import Plan, make_plan
from radpipe.resampling.schemes import RepeatedCvSpec
from radpipe.selection.univariable import UnivariableSpec


def noise(seed, n=90, p=400):
    """Return columns and outcomes that have nothing to do with each other."""
    rng = np.random.default_rng(seed)
    cases = [f"c{i:03d}" for i in range(n)]
    table = pd.DataFrame(rng.normal(size=(n, p)), cases, [f"t1__f{i:03d}" for i in range(p)])
    y = rng.permutation(np.arange(n) % 2)
    spec = RepeatedCvSpec(folds=3, repeats=1, inner_folds=5)
    plan = Plan(make_plan(y, np.arange(n), np.full(n, "train"), spec, seed).resamples)
    inputs = Inputs(table, np.array(cases))
    chains = run_chains([UnivariableSpec(n=8, test="t")], inputs, y, plan, seed)
    return inputs, y, plan, chains


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("lda", {"calibrate": "platt", "tune": "none"}),
        ("naive_bayes", {"calibrate": "isotonic", "tune": "none"}),
        ("naive_bayes", {"balance": "oversample", "tune": "none"}),
        ("svm", {"cost": 1.0}),
        ("penalised_logistic", {"selection": "few"}),
        ("penalised_logistic", {"selection": "few", "balance": "oversample"}),
        ("penalised_logistic", {"selection": "few", "alpha": 0.0}),
    ],
)
def test_risks_of_noise_stay_near_the_prevalence(kind, more):
    """Columns chosen on all training rows rank these well; risks learned from that would spread."""
    spec = MODELS[kind](inputs=["t1"], **more)
    losses = []
    for seed in (1, 2, 3):
        inputs, y, plan, chains = noise(seed)
        for scope in plan.scopes:
            fit, _ = fit_scope("m", spec, inputs, y, scope, seed, chosen({"t1": chains}))
            losses.append(np.mean((fit.test_risk[:, 0] - y[scope.test]) ** 2))
    assert np.mean(losses) < 0.27  # 0.25 is that of the prevalence; with one selection above 0.28


def test_candidates_are_tried_on_each_folds_own_columns(monkeypatch):
    inputs, y, plan, chains = noise(4)
    seen = []
    learn = Knn.fit
    monkeypatch.setattr(
        Knn, "fit", lambda self, X, *more: (seen.append(list(X.columns)), learn(self, X, *more))[1]
    )
    scope = plan.scopes[0]
    spec = KnnSpec(inputs=["t1"], tune={"k": [25, 9, 5]})
    fit, pipeline = fit_scope("m", spec, inputs, y, scope, 1, chosen({"t1": chains}))
    own = [sorted(chains[f"{scope.name}/i{i}"].selected) for i in range(5)]
    assert seen[:15] == 3 * own
    assert seen[15:] == [sorted(chains[scope.name].selected)]  # and nothing is fitted twice
    said = pipeline.summary()["params"]["tuning"]
    assert said["folds"] == 5
    # the inner predictions are those of the candidate that was taken, by the fits that tried it
    for place, (train, test) in enumerate(scope.inner):
        table = inputs.static[own[place]]
        centre, scale = table.iloc[train].mean(), table.iloc[train].std()
        alone = Knn(said["chosen"]["k"]).fit((table.iloc[train] - centre) / scale, y[train])
        risk = alone.predict_risk((table.iloc[test] - centre) / scale)
        assert fit.inner_risk[test, 0] == pytest.approx(risk)


class Fixed(Model):
    """The first column is the score, whatever the outcomes are."""

    score_scale = "log_odds"

    def fit(self, X, y, groups=None):
        self.names_ = list(X.columns)
        return self

    def predict_score(self, X):
        return X["a"].to_numpy()


@pytest.mark.parametrize("lifted", [False, True])
@pytest.mark.parametrize("method", ["platt", "isotonic"])
def test_a_folds_own_outcomes_do_not_calibrate_it(method, lifted):
    rng = np.random.default_rng(5)
    X = pd.DataFrame({"a": rng.normal(size=60)})
    y = (X["a"].to_numpy() + rng.normal(size=60) > 0).astype(int)
    part = np.arange(60) % 4
    wrong = np.where(part == 0, 1 - y, y)
    model = OneVsRest(Calibrated(Fixed(), method)) if lifted else Calibrated(Fixed(), method)
    risks = []
    for outcome in (y, wrong):
        if lifted:  # the outcome, and a label that has nothing to do with it
            outcome = target.multilabel(np.column_stack([outcome, np.arange(60) % 3 == 0]))
        folds = folds_within(X, outcome, None, part)
        own, fits = model.settle(folds)
        whole = own.fit(X, outcome).predict_risk(X)
        risks.append((fits[0].predict_risk(X), fits[1].predict_risk(X), whole))
    assert np.array_equal(risks[0][0], risks[1][0])
    assert not np.allclose(risks[0][1], risks[1][1])
    assert not np.allclose(risks[0][2], risks[1][2])


@pytest.mark.parametrize("endpoint", ["multiclass", "multilabel"])
def test_each_class_is_tuned_for_itself(endpoint):
    rng = np.random.default_rng(0)
    n = 120
    table = pd.DataFrame(rng.normal(size=(n, 4)), columns=[f"t1__f{i}" for i in range(4)])
    table.index = [f"c{i}" for i in range(n)]
    codes = (table["t1__f0"] + rng.normal(size=n) > 0).astype(int) + (np.arange(n) % 2)
    y = target.multiclass(codes.to_numpy(), 3)
    if endpoint == "multilabel":
        y = target.multilabel(target.indicators(y))
    spec = MODELS["svm"](inputs=["t1"], tune={"cost": [0.1, 1.0]})
    plan = make_plan(y, np.arange(n), np.full(n, "train"),
                     RepeatedCvSpec(folds=2, repeats=1, inner_folds=3), 1)  # fmt: skip
    inputs = Inputs(table, np.asarray(table.index, dtype=str))
    fit = crossfit("m", spec, inputs, y, plan, 1, classes=("a", "b", "c"))
    scores = fit.scores[fit.scores["role"] == "inner"]
    assert scores["risk"].between(0, 1).all()
    assert fit.fit["summary"]["params"]


def test_a_fold_without_columns_predicts_its_prevalence():
    inputs, y, plan, _ = noise(6, p=3)
    scope = plan.scopes[0]
    empty = chosen({"t1": run_chains([UnivariableSpec(p=1e-12)], inputs, y, plan, 1)})
    for kind in ("svm", "knn", "logistic"):
        spec = MODELS[kind](inputs=["t1"])
        fit, _ = fit_scope("m", spec, inputs, y, scope, 1, empty, Layout.of())
        for train, test in scope.inner:
            assert np.allclose(fit.inner_risk[test], y[train].mean())
        assert fit.degenerate


def test_scores_of_a_class_that_a_fold_does_not_know_are_missing():
    X = pd.DataFrame({"a": np.arange(9.0)})
    y = target.multiclass(np.repeat([0, 1], [5, 4]), 3)
    fold = Fold(X, y, np.arange(9), X, np.arange(9), y, np.arange(9))
    scores = fold.score(fold.fit(Knn(3)))
    assert np.isnan(scores[:, 2]).all()
    assert np.isfinite(scores[:, :2]).all()
