"""Tuning: the planted best is found, ties are simple, and study.yaml is checked."""

import json

import numpy as np
import pandas as pd
import pytest
from modelling_toys import installed
from pydantic import ValidationError

from radpipe.core import target
from radpipe.models.base import Model
from radpipe.models.inner import folds_within, training_folds
from radpipe.models.knn import Knn, KnnSpec
from radpipe.models.mlp import MlpSpec
from radpipe.models.random_forest import RandomForestSpec
from radpipe.models.registry import MODELS
from radpipe.models.svm import SvmSpec
from radpipe.models.tuning import Tuned, TunedSpec
from radpipe.models.xgboost import Xgboost

TUNED = [kind for kind in MODELS if issubclass(MODELS[kind], TunedSpec) and installed(kind)]


class Line(Model):
    """Score: the first column times a setting; ``fits`` counts the fits."""

    fits = 0

    def __init__(self, slope=1.0, shift=0.0):
        self.slope = slope
        self.shift = shift

    def fit(self, X, y, groups=None):
        type(self).fits += 1
        self.names_ = list(X.columns)
        return self

    def predict_score(self, X):
        return self.slope * X["a"].to_numpy() + self.shift


def data(n=90, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"])
    lp = X["a"].to_numpy()
    time = rng.exponential(np.exp(-lp)) + 0.01
    return X, {
        "binary": (lp + rng.normal(size=n) > 0).astype(int),
        "survival": target.survival(time, rng.random(n) < 0.8),
        "continuous": lp,
    }


@pytest.mark.parametrize("kind", ["binary", "survival", "continuous"])
def test_the_planted_best_is_found(kind):
    X, targets = data()
    tuned = Tuned(Line(), {"slope": [-1.0, 0.0, 1.0]}).fit(X, targets[kind])
    assert tuned.chosen_ == {"slope": 1.0}
    said = tuned.summary()["params"]["tuning"]
    assert [c["slope"] for c in said["candidates"]] == [-1.0, 0.0, 1.0]
    assert said["candidates"][2]["score"] == max(c["score"] for c in said["candidates"])
    assert json.loads(json.dumps(said, allow_nan=False)) == said


def test_neighbours_are_tuned_to_what_the_outcome_is_like():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.uniform(size=(200, 2)), columns=["a", "b"])
    squares = (np.floor(4 * X["a"]) + np.floor(4 * X["b"])).to_numpy() % 2  # a chessboard
    tuned = Tuned(Knn(), {"k": [60, 30, 3]}).fit(X, squares.astype(int))
    assert tuned.chosen_ == {"k": 3}


def test_a_tie_goes_to_the_first_candidate():
    X, targets = data()
    grid = {"shift": [3.0, 0.0], "slope": [2.0, 1.0, 5.0]}  # of none does a rank depend
    tuned = Tuned(Line(), grid).fit(X, targets["binary"])
    assert tuned.chosen_ == {"shift": 3.0, "slope": 2.0}
    assert len(tuned.candidates()) == 6


def test_patients_are_whole():
    X, _ = data(60)
    groups = np.repeat(np.arange(20), 3)
    y = np.tile([0, 1, 1, 1, 0, 0], 10)
    seen = []

    class Spy(Line):
        def fit(self, X, y, groups=None):
            seen.append(set(groups))
            return super().fit(X, y, groups)

    Tuned(Spy(), {"slope": [1.0, 2.0]}, folds=4).fit(X, y, groups)
    assert len(seen) == 2 * 4 + 1
    for fold in range(4):
        assert seen[fold] == seen[fold + 4]
    left_out = [set(groups) - s for s in seen[:4]]
    assert sum(map(len, left_out)) == 20
    assert set.union(*left_out) == set(groups)


def test_too_few_cases_take_the_first_candidate_and_say_so():
    X, _ = data(20)
    y = np.zeros(20, dtype=int)
    y[3] = 1
    tuned = Tuned(Line(), {"slope": [0.5, 1.0]}).fit(X, y)
    assert tuned.chosen_ == {"slope": 0.5}
    assert "too few cases" in tuned.summary()["notes"][0]
    assert json.dumps(tuned.summary(), allow_nan=False)


def test_a_rare_class_does_not_forbid_folds_for_the_others():
    codes = np.repeat([0, 1, 2], [12, 12, 1])
    y = target.multiclass(codes, 4)
    part = training_folds(y, None, 5, 0, "t")
    assert part.max() == 4
    assert training_folds(target.multiclass(np.repeat([0, 1], [9, 1]), 2), None, 5, 0, "t") is None
    X = pd.DataFrame({"a": np.arange(25.0)})
    folds = folds_within(X, y, None, part)
    scores = np.full((25, 4), -1.0)
    for fold in folds:
        scores[fold.rows] = fold.score(fold.fit(Knn(3)))
    assert np.isnan(scores[:, 3]).all()  # nobody is of this class
    assert np.isnan(scores[codes == 2, 2]).all()  # left out, its only case cannot be known
    assert not np.isnan(scores[:, :2]).any()


def test_stages_of_one_fit_are_the_fits_of_their_own():
    X, targets = data()
    y = targets["binary"]
    part = training_folds(y, None, 4, 2, "tuning")
    grid = {"rounds": [20, 5], "depth": [1, 2]}
    tuned = Tuned(Xgboost(seed=1), grid, folds=4, seed=2)
    folds = folds_within(X, y, None, part)
    for option, (scores, _) in zip(tuned.candidates(), tuned.tried(folds), strict=True):
        for fold, own in zip(folds, scores, strict=True):
            alone = fold.fit(Xgboost(seed=1, **option))
            assert np.allclose(own, fold.score(alone))


def test_stages_are_fitted_once(monkeypatch):
    X, targets = data()
    fits = []
    learn = Xgboost._learn
    monkeypatch.setattr(Xgboost, "_learn", lambda s, *a: (fits.append(s.rounds), learn(s, *a)))
    Tuned(Xgboost(), {"rounds": [5, 20]}, folds=3).fit(X, targets["binary"])
    assert fits[:3] == [20, 20, 20]
    assert fits[3:] in ([20], [5, 5, 5, 5])  # the stage of its own, where it is the better one


@pytest.mark.parametrize("word", ["none", None, {}])
def test_tuning_is_switched_off(word):
    assert KnnSpec(inputs=["x"], tune=word).tune == {}
    model = KnnSpec(inputs=["x"], tune=word, k=7).build("binary", 0)
    assert isinstance(model, Knn)
    assert model.k == 7


def test_a_setting_that_is_given_is_not_tuned():
    spec = MODELS["xgboost"](inputs=["x"], depth=3)
    assert list(spec.tune) == ["rounds"]
    assert spec.build("binary", 0).model.depth == 3
    assert KnnSpec(inputs=["x"], k=15).build("binary", 0).k == 15
    again = MODELS["xgboost"].model_validate(spec.model_dump())
    assert again == spec
    with pytest.raises(ValidationError, match="'cost' both set and tuned; keep one of the two"):
        SvmSpec(inputs=["x"], cost=3, tune={"cost": [1, 2]})


def test_candidates_are_read_as_the_setting_itself():
    spec = SvmSpec(inputs=["x"], tune={"cost": [1, 10], "gamma": ["auto", 0.1], "degree": 2})
    assert spec.tune == {"cost": [1.0, 10.0], "gamma": ["auto", 0.1], "degree": [2]}
    forest = RandomForestSpec(inputs=["x"], tune={"mtry": ["sqrt", 3, 0.5]})
    assert [repr(value) for value in forest.tune["mtry"]] == ["'sqrt'", "3", "0.5"]


@pytest.mark.parametrize(
    ("tune", "said"),
    [
        ({"costs": [1.0]}, "'costs', which is no setting to tune; nearest: cost; allowed: kernel"),
        ({"inputs": ["x"]}, "'inputs', which is no setting to tune"),
        ({"folds": [3]}, "'folds', which is no setting to tune"),
        ({"cost": [1.0, -1.0]}, r"tune\.cost\.1\n *Input should be greater than 0"),
        ({"kernel": ["sigmoid"]}, r"tune\.kernel\.0\n *Input should be 'linear'"),
        ({"cost": []}, "at least 1 item"),
        ("all", "valid dictionary"),
    ],
)
def test_faults_are_told(tune, said):
    with pytest.raises(ValidationError, match=said):
        SvmSpec(inputs=["x"], tune=tune)


@pytest.mark.parametrize("kind", TUNED)
def test_what_may_be_tuned_are_the_estimators_settings(kind):
    spec = MODELS[kind](inputs=["x"], tune="none")
    for endpoint in sorted(spec.endpoints):
        model = spec.build(endpoint, 0)
        model = getattr(model, "model", model)  # of a calibrated one
        assert set(spec.tunable()) <= set(model.get_params())
        for name in spec.tunable():
            assert getattr(model, name) == getattr(spec, name)


def test_every_default_grid_is_small():
    sizes = {kind: np.prod([len(v) for v in MODELS[kind](inputs=["x"]).tune.values()])
             for kind in TUNED}  # fmt: skip
    assert max(sizes.values()) <= 4
    assert sizes["svm"] == sizes["xgboost"] == 4
    assert MlpSpec(inputs=["x"]).tune["alpha"] == [10.0, 1.0, 0.1]
