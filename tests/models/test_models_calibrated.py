"""Calibration: Platt's and isotonic risks, learned on what the model did not see."""

import json

import numpy as np
import pandas as pd
import pytest
from modelling_toys import cohort, inputs_of, plan_of
from scipy.special import expit

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.io.models import read_model, write_model
from radpipe.models.base import Model
from radpipe.models.calibrated import NOT_RISING, Calibrated, isotonic, sigmoid
from radpipe.models.chains import fit_keys
from radpipe.models.crossfit import crossfit
from radpipe.models.lda import LdaSpec
from radpipe.models.naive_bayes import NaiveBayes
from radpipe.models.one_vs_rest import OneVsRest
from radpipe.models.random_forest import RandomForest
from radpipe.models.svm import Svm, SvmSpec
from radpipe.models.tuning import Tuned
from radpipe.selection.chain import Chosen
from tests.golden.case import CASES, Case

METHODS = ["platt", "isotonic"]


class Overconfident(Model):
    """True log odds, three times too far from 0."""

    score_scale = "log_odds"

    def fit(self, X, y, groups=None):
        self.names_ = list(X.columns)
        return self

    def predict_score(self, X):
        return 3 * X["a"].to_numpy()

    def predict_risk(self, X, horizons=()):
        return expit(self.predict_score(X))


def data(n, seed):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(0, 1.5, size=(n, 3)), columns=["a", "b", "c"])
    return X, (X["a"] + rng.logistic(size=n) > 0).astype(int).to_numpy()


@pytest.mark.parametrize("method", METHODS)
def test_overconfident_risks_improve(method):
    X, y = data(300, 0)
    new, truth = data(2000, 1)
    plain = Overconfident().fit(X, y)
    model = Calibrated(plain, method).fit(X, y)
    before = np.mean((plain.predict_risk(new) - truth) ** 2)
    after = np.mean((model.predict_risk(new) - truth) ** 2)
    best = np.mean((expit(new["a"]) - truth) ** 2)
    assert best <= after < before - 0.5 * (before - best)
    assert (np.argsort(model.predict_score(new)) == np.argsort(new["a"])).all()
    ranked = model.predict_risk(new)[np.argsort(new["a"])]
    assert (np.diff(ranked) >= 0).all()


def test_naive_bayes_of_copied_columns_improves():
    X, y = data(300, 0)
    new, truth = data(1000, 1)
    copies = [f"copy{i}" for i in range(6)]
    X, new = (t.assign(**dict.fromkeys(copies, t["a"])) for t in (X, new))
    plain = NaiveBayes().fit(X, y)
    model = Calibrated(NaiveBayes()).fit(X, y)
    brier = [np.mean((m.predict_risk(new) - truth) ** 2) for m in (plain, model)]
    assert brier[1] < brier[0] - 0.02


def test_platts_sigmoid_is_that_of_scikit_learn():
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import SVC

    case = Case(CASES / "svm_rf")
    frame = case.table()
    y = frame.pop("y").to_numpy()
    folds = np.arange(len(y)) % 5
    splits = [(np.flatnonzero(folds != f), np.flatnonzero(folds == f)) for f in range(5)]
    svc = SVC(C=1.0, gamma="auto", tol=1e-4)
    theirs = CalibratedClassifierCV(svc, cv=splits, ensemble=False).fit(frame.to_numpy(), y)
    scores = np.empty(len(y))
    for train, test in splits:
        fold = Svm().fit(frame.iloc[train], y[train])
        scores[test] = fold.predict_score(frame.iloc[test])
    slope, intercept = sigmoid(scores, y == 1)
    ours = expit(slope * Svm().fit(frame, y).predict_score(frame) + intercept)
    assert ours == pytest.approx(theirs.predict_proba(frame.to_numpy())[:, 1], abs=1e-4)


def test_the_folds_that_tuned_calibrate_too():
    X, y = data(80, 3)
    fits = []

    class Spy(Svm):
        def fit(self, *parts, **more):
            fits.append(len(parts[0]))
            return super().fit(*parts, **more)

    tuned = Tuned(Spy(), {"cost": [0.1, 1.0]}, folds=4)
    Calibrated(tuned, "platt", folds=4).fit(X, y)
    assert len(fits) == 2 * 4 + 1


def test_scores_that_do_not_rise_give_everyone_the_prevalence():
    X, y = data(80, 3)
    model = Calibrated(Overconfident()).fit(-X, y)
    assert not model.degenerate_  # the model behind them has its columns
    assert model.used() == list(X.columns)
    assert model.flat_ == NOT_RISING
    assert np.allclose(model.predict_risk(X), y.mean())
    assert "do not rise" in model.summary()["notes"][0]
    assert json.dumps(model.summary(), allow_nan=False)


def test_what_was_chosen_counts_though_the_scores_do_not_rise():
    table, targets = cohort(n=60, signal=0.0, seed=2)
    y = targets["binary"]
    plan = plan_of(y, repeats=2)
    chains = {key: Chosen(["t1__f3"]) for scope in plan.scopes for key, _ in fit_keys(scope)}
    spec = LdaSpec(inputs=["t1"], calibrate="platt")
    found = crossfit("m", spec, inputs_of(table[["t1__f3"]]), y, plan, 1, chains)
    tests = found.scores[(found.scores["role"] == "test") & (found.scores["scope"] != "final")]
    flat = tests.groupby("scope")["risk"].nunique() == 1
    assert 0 < flat.sum() < 6
    assert found.fit["frequency"] == [{"feature": "t1__f3", "count": 6, "of": 6}]
    assert found.fit["degenerate"] == []
    told = [flag for flag in found.fit["flags"] if flag.startswith(NOT_RISING)]
    assert len(told) == 1
    assert f"{flat.sum()} of 6 resamples" in told[0]


def test_one_event_cannot_calibrate():
    X, y = data(30, 3)
    y[:] = 0
    y[4] = 1
    for method in METHODS:
        model = Calibrated(Overconfident(), method).fit(X, y)
        assert np.allclose(model.predict_risk(X), 1 / 30)


def test_separated_scores_have_a_finite_slope():
    score = np.linspace(-2, 2, 20)
    slope, intercept = sigmoid(score, score > 0)
    risk = expit(slope * score + intercept)
    assert risk[-1] < 1 - 1e-3
    assert (sigmoid(score, score < 0), sigmoid(score * 0, score > 0)) == ((0, 0), (0, 0))
    at, height = isotonic(score, score > 0)
    assert height.min() == pytest.approx(1 / 12)
    assert height.max() == pytest.approx(11 / 12)
    assert (np.diff(at) > 0).all()


def test_copies_of_a_patient_are_on_one_side():
    """A forest knows its own rows by heart: were copies on both sides, its votes would be kept."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    y = rng.integers(0, 2, 40)
    both, twice, groups = pd.concat([X, X]), np.tile(y, 2), np.tile(np.arange(40), 2)
    whole = Calibrated(RandomForest(30, 1)).fit(both, twice, groups).predict_risk(X)
    apart = Calibrated(RandomForest(30, 1)).fit(both, twice).predict_risk(X)
    assert np.ptp(whole) < 0.5 < np.ptp(apart)


@pytest.mark.parametrize("method", METHODS)
def test_several_classes_each_have_their_function(method, tmp_path):
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 3, 150)
    X = pd.DataFrame(rng.normal(size=(150, 2)) + 2 * np.eye(3)[codes][:, :2], columns=["a", "b"])
    y = target.multiclass(codes, 4)  # nobody is of the last class
    for model in (Svm(), NaiveBayes(), RandomForest(20)):
        fitted = Calibrated(model, method).fit(X, y)
        risk = fitted.predict_risk(X)
        assert risk.shape == (150, 4)
        assert np.allclose(risk.sum(axis=1), 1)
        assert (risk[:, 3] == 0).all()
        assert np.mean(risk[:, :3].argmax(axis=1) == codes) > 0.7
        assert json.dumps(fitted.summary(), allow_nan=False)
        write_model(tmp_path / "m.skops", fitted)
        assert np.array_equal(read_model(tmp_path / "m.skops").predict_risk(X), risk)


def test_a_class_of_one_patient_gets_its_share():
    X, _ = data(41, 0)
    y = target.multiclass(np.repeat([0, 1, 2], [20, 20, 1]), 3)
    X["a"] += 3 * (target.codes(y) == 1)
    risk = Calibrated(NaiveBayes()).fit(X, y).predict_risk(X)
    assert np.allclose(risk.sum(axis=1), 1)
    assert risk[:, 2].min() > 0
    assert risk[:, 2].max() < 0.1


def test_labels_are_calibrated_one_by_one():
    X, y = data(120, 2)
    labels = target.multilabel(np.column_stack([y, 1 - y, X["b"] > 0]))
    model = Calibrated(OneVsRest(NaiveBayes())).fit(X, labels)
    risk = model.predict_risk(X)
    assert risk.shape == (120, 3)
    assert risk[:, 0] + risk[:, 1] == pytest.approx(1, abs=0.1)
    assert risk.sum(axis=1).max() > 1.5


def test_a_machine_is_calibrated_once():
    X, y = data(60, 0)
    machine = SvmSpec(inputs=["x"], tune="none").build("binary", 1)
    model = Calibrated(machine, "isotonic").fit(X, y)
    assert isinstance(model.model_, Svm)
    assert model.summary()["params"]["calibration"]["method"] == "isotonic"
    with pytest.raises(NotImplementedError, match="once calibrated"):
        Svm().fit(X, y).predict_risk(X)


def test_survival_has_no_such_risks():
    X, y = data(30, 0)
    with pytest.raises(RadpipeError, match="survival endpoint has no classes"):
        Calibrated(Overconfident()).fit(X, target.survival(np.ones(30), y))
