"""A model on balanced training rows predicts, is stored and is read as the model it wraps."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from radpipe.io.models import read_model, write_model
from radpipe.models.balanced import Balanced
from radpipe.models.base import Model
from radpipe.models.logistic import LogisticSpec
from radpipe.models.pipeline import ModelPipeline
from radpipe.models.prepare import Prepare
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
