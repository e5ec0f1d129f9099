"""What the two forests say beyond risks, and out of bag."""

import sys

import numpy as np
import pandas as pd
import pytest
from modelling_toys import installed

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.models import random_survival_forest as rsf
from radpipe.models.random_forest import RandomForest
from radpipe.stats.concordance import harrell
from tests.golden.case import CASES, Case
from tests.study_making import BINARY, SURVIVAL, load_faults, make

needs_scikit_survival = pytest.mark.skipif(
    not installed("random_survival_forest"), reason="scikit-survival is not installed"
)


def columns(n=120, seed=0):
    """Return three columns of which the first bears on both outcomes."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"])
    y = (X["a"] + 0.5 * rng.logistic(size=n) > 0).astype(int).to_numpy()
    time = rng.exponential(np.exp(-1.5 * X["a"])) + 0.01
    return X, y, target.survival(time, rng.random(n) < 0.8)


def test_out_of_bag_error_is_that_of_scikit_learn():
    from sklearn.ensemble import RandomForestClassifier

    X, y, _ = columns()
    forest = RandomForest(60, 1, seed=4).fit(X, y)
    other = RandomForestClassifier(60, oob_score=True, random_state=4).fit(X.to_numpy(), y)
    assert np.allclose(forest.out_of_bag_risk(X), other.oob_decision_function_[:, 1])
    assert forest.out_of_bag_error(X, y) == pytest.approx(1 - other.oob_score_, abs=0.01)


def test_out_of_bag_risks_of_several_classes_are_those_of_scikit_learn():
    from sklearn.ensemble import RandomForestClassifier

    X, _, _ = columns()
    codes = np.digitize(X["a"], [-0.5, 0.5])
    y = target.multiclass(codes, 4)  # of the last class there is none
    forest = RandomForest(60, 1, seed=4).fit(X, y)
    other = RandomForestClassifier(60, oob_score=True, random_state=4).fit(X.to_numpy(), codes)
    risk = forest.out_of_bag_risk(X)
    assert np.allclose(risk[:, :3], other.oob_decision_function_)
    assert (risk[:, 3] == 0).all()
    assert forest.out_of_bag_error(X, y) == pytest.approx(1 - other.oob_score_, abs=0.01)


def test_a_row_that_every_tree_saw_has_no_out_of_bag_risk():
    X, y, _ = columns(30)
    risk = RandomForest(1, 1).fit(X, y).out_of_bag_risk(X)
    assert 0 < np.isnan(risk).sum() < 30
    with pytest.raises(ValueError, match="29 rows"):
        RandomForest(1, 1).fit(X, y).out_of_bag_risk(X[1:])


def test_importances_name_the_column_that_matters():
    X, y, _ = columns()
    found = RandomForest(50, 3).fit(X, y).importances()
    assert max(found, key=found.get) == "a"
    assert sum(found.values()) == pytest.approx(1)


@needs_scikit_survival
def test_out_of_bag_mortality_is_that_of_scikit_survival():
    from sksurv.ensemble import RandomSurvivalForest as Forest

    X, _, y = columns()
    ours = rsf.RandomSurvivalForest(40, 5, seed=3).fit(X, y)
    plain = np.array(list(zip(y["event"], y["time"], strict=True)), dtype="bool, float")
    settings = {"min_samples_split": 10, "min_samples_leaf": 1, "max_features": 2}
    theirs = Forest(40, **settings, oob_score=True, random_state=3).fit(X.to_numpy(), plain)
    assert np.allclose(ours.out_of_bag_mortality(X), theirs.oob_prediction_)
    assert (np.argsort(ours.predict_score(X)) == np.argsort(theirs.predict(X.to_numpy()))).all()
    assert ours.predict_score(X).mean() == pytest.approx(0)


@needs_scikit_survival
def test_risk_rises_with_the_horizon_and_speaks_for_early_events():
    X, _, y = columns()
    forest = rsf.RandomSurvivalForest(40, 10).fit(X, y)
    horizons = (0.0, 0.1, 1.0, y["time"].max(), 1e9)
    risk = forest.predict_risk(X, horizons)
    assert (np.diff(risk, axis=1) >= 0).all()
    assert (risk[:, 0] == 0).all()
    assert (risk[:, 3] == risk[:, 4]).all()
    assert harrell(y["time"], y["event"], forest.predict_score(X)).estimate > 0.7
    assert np.corrcoef(risk[:, 2], X["a"])[0, 1] > 0.5


@needs_scikit_survival
def test_shuffling_hurts_where_the_column_matters():
    X, _, y = columns()
    forest = rsf.RandomSurvivalForest(60, 10).fit(X, y)
    found = forest.permutation_importance(X, y, seed=1)
    assert found == forest.permutation_importance(X, y, seed=1)
    assert found["a"] > 0.1
    assert abs(found["b"]) < 0.05
    alone = rsf.RandomSurvivalForest(1, 10, bootstrap=False).fit(X, y)
    assert np.isnan(list(alone.permutation_importance(X, y).values())).all()


@needs_scikit_survival
def test_a_node_below_twice_the_size_is_not_divided():
    X, _, y = columns(40)
    assert rsf.RandomSurvivalForest(1, 21, 3, bootstrap=False).fit(X, y).leaves() == [1]
    assert rsf.RandomSurvivalForest(1, 20, 3, bootstrap=False).fit(X, y).leaves() == [2]


@needs_scikit_survival
def test_no_event_is_said():
    X, _, y = columns(20)
    y["event"] = False
    with pytest.raises(RadpipeError, match="no event"):
        rsf.RandomSurvivalForest(5).fit(X, y)


def test_the_ten_columns_of_most_impurity_are_mostly_those_of_r():
    case = Case(CASES / "svm_rf")
    frame = case.table()
    y = frame.pop("y").to_numpy()
    train = np.arange(len(y)) % 3 > 0
    found = RandomForest(300, 1).fit(frame[train], y[train]).importances()
    top = sorted(found, key=found.get, reverse=True)[:10]
    assert len(set(top) & set(case.expected["values"]["gini_top10_ntree2000"])) >= 7


@needs_scikit_survival
def test_a_study_that_names_it_without_the_extra_is_told_the_cure(tmp_path, monkeypatch):
    monkeypatch.setattr(rsf, "find_spec", lambda name: None)
    made = make(tmp_path / "small")
    made.swap(BINARY, SURVIVAL, "kind: penalised_logistic", "kind: random_survival_forest",
              "kind: logistic", "kind: cox", "kind: roc", "kind: kaplan_meier")  # fmt: skip
    assert load_faults(made) == [
        f"{made.file}:23 models.radscore: found {rsf.MISSING}",
    ]
    assert 'pip install "radpipe[rsf]"' in rsf.MISSING


@needs_scikit_survival
def test_a_fit_without_the_extra_is_told_the_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "sksurv.ensemble", None)
    X, _, y = columns(20)
    with pytest.raises(RadpipeError, match=r"pip install \"radpipe\[rsf\]\""):
        rsf.RandomSurvivalForest(5).fit(X, y)


@needs_scikit_survival
def test_a_survival_forest_is_tuned_like_any_other_family():
    from radpipe.models.random_survival_forest import RandomSurvivalForestSpec as Spec

    X, _, y = columns()
    spec = Spec.model_validate(
        {"inputs": ["t1"], "trees": 20, "tune": {"node_size": [60, 5], "columns": [3]}}
    )
    fitted = spec.build("survival", 0).fit(X, y)
    assert fitted.chosen_ == {"node_size": 5, "columns": 3}
    said = fitted.summary()["params"]
    assert (said["node_size"], said["columns"], said["trees"]) == (5, 3, 20)
    assert said["tuning"]["measure"] == "mean C-index (Harrell)"
    plain = Spec(inputs=["t1"]).build("survival", 0)
    assert type(plain) is rsf.RandomSurvivalForest
    with pytest.raises(ValueError, match="no setting to tune"):
        Spec(inputs=["t1"], tune={"node": [5]})
