"""A model on balanced training rows predicts, is stored and is read as the model it wraps."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from radpipe.io.models import read_model, write_model
from radpipe.models.balanced import Balanced
from radpipe.models.base import Model
from radpipe.models.knn import KnnSpec
from radpipe.models.logistic import LogisticSpec
from radpipe.models.pipeline import ModelPipeline
from radpipe.models.prepare import Prepare
from radpipe.models.svm import Svm, SvmSpec
from radpipe.models.tuning import Tuned, TunedSpec
from radpipe.models.xgboost import Xgboost, XgboostSpec
from radpipe.preparation.registry import BALANCE, PREPARATION


class Weighted(Model):
    """Remembers what it was fitted to."""

    score_scale = "log_odds"
    sparse = True

    def fit(self, X, y, groups=None, sample_weight=None):
        self.names_ = list(X.columns)
        self.seen_ = (X, y, groups, sample_weight)
        return self

    def predict_score(self, X):
        return X.iloc[:, 0].to_numpy()


def rows(n=60):
    rng = np.random.default_rng(0)
    y = (np.arange(n) % 5 == 0).astype(int)
    return pd.DataFrame(
        rng.normal(size=(n, 3)) + y[:, None], columns=["t1__a", "t1__b", "t1__c"]
    ), y


def logistic():
    return LogisticSpec(inputs=["t1"]).build("binary", 0)


def test_weights_reach_the_fit():
    X, y = rows()
    model = clone(Balanced(Weighted(), BALANCE["class_weight"](), 1)).fit(X, y)
    weights = model.model_.seen_[3]
    assert weights[y == 1].sum() == pytest.approx(weights[y == 0].sum())
    assert (model.score_scale, model.sparse, model.used()) == ("log_odds", True, list(X.columns))


@pytest.mark.parametrize("kind", ["oversample", "undersample", "smote"])
def test_balanced_rows_raise_the_risk_of_the_rare_outcome(kind):
    X, y = rows()
    plain = logistic().fit(X, y)
    model = Balanced(logistic(), BALANCE[kind](), 1).fit(X, y)
    assert plain.predict_risk(X).mean() == pytest.approx(0.2, abs=0.01)
    assert model.predict_risk(X).mean() > 0.3
    said = model.summary()
    assert said["balance"]["kind"] == kind
    assert said["balance"]["rows_before"] == [48, 12]
    assert len(set(said["balance"]["rows_after"])) == 1
    assert "balanced training rows" in said["notes"][-1]


def test_a_stored_pipeline_with_steps_and_balance_predicts_the_same(tmp_path):
    X, y = rows()
    X = X.mask(np.random.default_rng(1).random(X.shape) < 0.1)
    X["batch.scanner"] = np.where(np.arange(len(X)) % 2, "A", "B")
    steps = (
        PREPARATION["impute"](method="knn", indicator=True),
        PREPARATION["outliers"](method="winsorise"),
        PREPARATION["combat"](batch="scanner", transductive=True),
        PREPARATION["impute"](method="iterative"),
        PREPARATION["scale"](method="robust"),
    )
    model = Balanced(logistic(), BALANCE["smote"](), 1)
    columns = ["t1__a", "t1__c"]
    final = ModelPipeline(columns, Prepare(steps=steps, seed=2), model).fit(X, y)
    write_model(tmp_path / "model.skops", final)
    again = read_model(tmp_path / "model.skops")
    assert np.array_equal(again.predict_risk(X), final.predict_risk(X))
    assert again.summary() == final.summary()


class Watched(Weighted):
    """Scores by a setting; tells the rows, by their first value, that it fitted and scored."""

    def __init__(self, log, slope=1.0):
        self.log = log
        self.slope = slope

    def __sklearn_clone__(self):
        return Watched(self.log, self.slope)

    def fit(self, X, y, groups=None, sample_weight=None):
        self.log.append(X.iloc[:, 0].tolist())
        return super().fit(X, y, groups, sample_weight)

    def predict_score(self, X):
        self.log.append(X.iloc[:, 0].tolist())
        return self.slope * X.iloc[:, 0].to_numpy()


@pytest.mark.parametrize("part", ["one", "assemble"])
@pytest.mark.parametrize("kind", ["oversample", "undersample", "smote"])
def test_tuning_scores_rows_as_they_are_that_no_fit_has_seen_a_copy_of(kind, part):
    log = []

    class WatchedSpec(TunedSpec):
        kind: str = "watched"
        slope: float = 1.0

        def build(self, endpoint, seed):
            return self.tuned(Watched(log), seed)

    X, y = rows()
    groups, values = np.repeat(np.arange(30), 2), X.iloc[:, 0]
    spec = WatchedSpec(inputs=["t1"], balance=kind, tune={"slope": [1.0, 2.0, 3.0]})
    getattr(spec, part)("binary", 1).fit(X, y, groups)
    assert len(log) == 3 * 10 + {"one": 1, "assemble": 6}[part]  # and what calibrates; last the fit
    pairs = [(log[c + f], log[c + 5 + f]) for c in (0, 10, 20) for f in range(5)]
    for seen, scored in pairs:
        assert (len(set(seen)) < len(seen)) == (kind == "oversample")
        assert not set(seen) & set(scored)
        assert not set(groups[values.isin(seen)]) & set(groups[values.isin(scored)])
    for first in (0, 5, 10):
        scored = [value for _, own in pairs[first : first + 5] for value in own]
        assert sorted(scored) == sorted(values)  # each row once, and none that was made up


@pytest.mark.parametrize("kind", ["oversample", "smote"])
def test_an_outcome_by_chance_looks_like_one(kind):
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(size=(120, 3)), columns=["a", "b", "c"])
    y = (np.arange(120) % 6 == 0).astype(int)
    spec = KnnSpec(inputs=["x"], balance=kind, tune={"k": [25, 1]})
    said = spec.assemble("binary", 0).fit(X, y).summary()
    scores = [candidate["score"] for candidate in said["params"]["tuning"]["candidates"]]
    assert scores == pytest.approx([0.5, 0.5], abs=0.12)
    assert said["balance"]["rows_after"] == [100, 100]


def test_a_machine_is_balanced_inside_and_its_risks_are_those_of_the_cohort():
    X, y = rows(120)
    model = SvmSpec(inputs=["t1"], balance="oversample").assemble("binary", 1).fit(X, y)
    assert isinstance(model.model_, Tuned)
    assert isinstance(model.model_.model_, Balanced)
    assert isinstance(model.model_.model_.model_, Svm)
    assert model.predict_risk(X).mean() == pytest.approx(0.2, abs=0.04)
    assert model.summary()["balance"]["rows_after"] == [96, 96]


def test_stages_of_a_balanced_fit_are_fitted_once(monkeypatch):
    X, y = rows()
    fits = []
    learn = Xgboost._learn
    monkeypatch.setattr(Xgboost, "_learn", lambda s, *a: (fits.append(s.rounds), learn(s, *a)))
    spec = XgboostSpec(inputs=["t1"], balance="smote", tune={"rounds": [5, 20]})
    spec.one("binary", 1).set_params(folds=3).fit(X, y)
    assert fits[:3] == [20, 20, 20]
    assert len(fits) == 4
