"""The classifying families one by one: what each promises beyond the registry's tests."""

import json

import numpy as np
import pandas as pd
import pytest

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.models.adaboost import Adaboost
from radpipe.models.bagged_trees import BaggedTrees
from radpipe.models.classifier import CLASSES_IN_ANY_ORDER, Classifier
from radpipe.models.extra_trees import ExtraTrees
from radpipe.models.knn import Knn
from radpipe.models.lda import Lda
from radpipe.models.logistic import Logistic
from radpipe.models.mlp import Mlp
from radpipe.models.multinomial import Multinomial
from radpipe.models.naive_bayes import NaiveBayes
from radpipe.models.ordinal import Ordinal
from radpipe.models.penalised_logistic import PenalisedLogisticSpec
from radpipe.models.qda import Qda
from radpipe.models.random_forest import RandomForest
from radpipe.models.registry import MODELS
from radpipe.models.svm import Svm
from radpipe.models.wrapper import Wrapper
from radpipe.models.xgboost import Xgboost

SMALL = {"tune": "none", "trees": 25, "rounds": 20, "folds": 5}
CLASSIFIERS = [
    kind for kind in MODELS if MODELS[kind].endpoints >= CLASSES_IN_ANY_ORDER and kind != "fusion"
]


def cohort(n=90, seed=0):
    """Return columns, and classes 0, 1, 2 of which each has its own centre."""
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % 3
    X = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    X["a"] += 1.5 * (codes == 1)
    X["b"] += 1.5 * (codes == 2)
    return X, codes


def build(kind, endpoint):
    settings = {k: v for k, v in SMALL.items() if k in MODELS[kind].model_fields}
    return MODELS[kind](inputs=["x"], **settings).build(endpoint, 4)


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("endpoint", ["multiclass", "ordinal"])
def test_a_class_without_training_rows_has_no_risk(kind, endpoint):
    X, codes = cohort()
    make = getattr(target, endpoint)
    gap = np.where(codes == 2, 3, codes)  # of four classes the third is missing
    model = build(kind, endpoint).fit(X, make(gap, 4))
    risk = model.predict_risk(X)
    assert (risk[:, 2] == 0).all()
    assert np.allclose(risk.sum(axis=1), 1)
    full = build(kind, endpoint).fit(X, make(codes, 3)).predict_risk(X)
    assert np.allclose(risk[:, [0, 1, 3]], full)
    if kind != "penalised_logistic":
        assert "class number 2" in " ".join(model.summary()["notes"])
    # two classes at hand, of three
    two = codes < 2
    risk = build(kind, endpoint).fit(X[two], make(codes[two], 3)).predict_risk(X)
    assert (risk[:, 2] == 0).all()
    assert np.mean(risk[two].argmax(axis=1) == codes[two]) > 0.6


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_two_classes_are_the_binary_endpoint(kind):
    X, codes = cohort()
    X, codes = X[codes < 2], codes[codes < 2]
    binary = build(kind, "binary").fit(X, codes).predict_risk(X)
    both = build(kind, "multiclass").fit(X, target.multiclass(codes, 2)).predict_risk(X)
    assert binary.shape == (60,)
    if kind == "svm":  # each class has a sigmoid of its own, which Platt's targets keep apart
        assert both[:, 1] == pytest.approx(binary, abs=0.02)
    elif kind == "penalised_logistic":  # two columns of coefficients are penalised, not one
        assert np.corrcoef(both[:, 1], binary)[0, 1] > 0.95
    elif kind == "xgboost":
        assert both[:, 1] == pytest.approx(binary, abs=0.02)
    else:
        assert both[:, 1] == pytest.approx(binary, abs=1e-6)


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_one_class_only_is_said(kind):
    X, _ = cohort(30)
    if issubclass(type(build(kind, "binary")), Classifier):
        with pytest.raises(RadpipeError, match="all 30 training cases have the same outcome"):
            build(kind, "binary").fit(X, np.ones(30, dtype=int))
    model = build(kind, "multiclass").fit(X, target.multiclass(np.ones(30, dtype=int), 3))
    assert np.allclose(model.predict_risk(X), [0, 1, 0])
    assert model.used() == []
    assert json.dumps(model.summary(), allow_nan=False)


@pytest.mark.parametrize("kind", [k for k in MODELS if MODELS[k].takes_weights])
def test_weights_are_taken_where_they_are_promised(kind):
    X, codes = cohort()
    endpoint = sorted(MODELS[kind].endpoints & target.KINDS)[0]
    y = {"binary": codes % 2}.get(endpoint)
    y = getattr(target, endpoint)(codes, 3) if y is None else y
    weights = np.where(codes == 2, 8.0, 1.0)

    def scores(**weighted):
        family = build(kind, endpoint)
        while isinstance(family, Wrapper):  # tuning and calibration know of no weights
            family = family.model
        return family.fit(X, y, **weighted).predict_score(X)

    heavy, even = scores(sample_weight=weights), scores(sample_weight=np.ones(90))
    assert not np.allclose(even, heavy, atol=1e-3)
    if kind not in ("random_forest", "bagged_trees"):  # their bootstrap is drawn by weight
        assert np.allclose(even, scores(), atol=1e-6)


@pytest.mark.parametrize("model", [Svm(), NaiveBayes(1e-12), Logistic()])
def test_a_weight_of_zero_is_a_row_left_out(model):
    X, codes = cohort()
    y, weights = codes % 2, np.repeat([1.0, 0.0], 45)
    weighted = model.fit(X, y, sample_weight=weights).predict_score(X)
    assert weighted == pytest.approx(model.fit(X[:45], y[:45]).predict_score(X), abs=1e-5)


@pytest.mark.parametrize("family", [RandomForest, ExtraTrees, BaggedTrees, Adaboost, Xgboost])
def test_the_outcome_of_a_row_without_weight_leaves_no_trace(family):
    X, codes = cohort()
    y, weights = codes % 2, np.repeat([1.0, 0.0], 45)
    wrong = np.where(weights == 0, 1 - y, y)
    told = family().fit(X, y, sample_weight=weights).predict_score(X)
    assert told == pytest.approx(family().fit(X, wrong, sample_weight=weights).predict_score(X))


def test_bagging_is_a_forest_that_sees_all_columns():
    X, codes = cohort()
    bagged = BaggedTrees(20, 2, seed=3).fit(X, codes % 2)
    forest = RandomForest(20, 2, mtry=99, seed=3).fit(X, codes % 2)
    assert np.allclose(bagged.predict_risk(X), forest.predict_risk(X))
    assert bagged.out_of_bag_error(X, codes % 2) == forest.out_of_bag_error(X, codes % 2)
    assert not np.allclose(
        forest.predict_risk(X), RandomForest(20, 2, seed=3).fit(X, codes % 2).predict_risk(X)
    )


def test_lda_without_shrinkage_is_fishers():
    X, codes = cohort()
    y = codes % 2
    model = Lda("none").fit(X, y)
    means = X.groupby(y).mean().to_numpy()
    apart = X.to_numpy() - means[y]
    pooled = apart.T @ apart / (len(y) - 2)
    slope = np.linalg.solve(pooled, means[1] - means[0])
    found = [c["coef"] for c in model.summary()["coefficients"]]
    assert found == pytest.approx(slope, rel=1e-6)
    share = np.log(y.mean() / (1 - y.mean()))
    at = slope @ means.sum(axis=0) / 2
    assert model.predict_score(X) == pytest.approx(X.to_numpy() @ slope - at + share)


def test_lda_of_several_classes_is_fishers_too():
    X, codes = cohort()
    X["e"] = X["a"] + X["b"]
    model = Lda("none").fit(X, target.multiclass(codes, 3))
    Y = X[list("abcd")]
    means = Y.groupby(codes).mean().to_numpy()
    apart = Y.to_numpy() - means[codes]
    inverse = np.linalg.inv(apart.T @ apart / 87)
    lines = Y.to_numpy() @ inverse @ means.T - 0.5 * np.diag(means @ inverse @ means.T)
    risk = np.exp(lines) / np.exp(lines).sum(axis=1, keepdims=True)
    assert model.predict_risk(X) == pytest.approx(risk)


def test_qda_lies_between_pooled_and_own_covariances():
    from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis as Theirs

    rng = np.random.default_rng(1)
    y = np.repeat([0, 1], [80, 60])
    values = rng.normal(size=(140, 3)) * np.where(y, 2.5, 1.0)[:, None]
    X = pd.DataFrame(values, columns=list("abc"))
    own = Qda(pooling=0.0, ridge=1e-9).fit(X, y).predict_risk(X)
    theirs = Theirs().fit(X.to_numpy(), y).predict_proba(X.to_numpy())[:, 1]
    assert own == pytest.approx(theirs, abs=0.02)  # they divide by n - 1, not n
    pooled = Qda(pooling=1.0, ridge=1e-9).fit(X, y).predict_risk(X)
    assert pooled == pytest.approx(Lda("none").fit(X, y).predict_risk(X), abs=0.01)
    assert np.std(own) > 3 * np.std(pooled)


def test_qda_has_a_density_for_a_class_of_one_case_and_for_many_columns():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(20, 50)), columns=[f"c{i:02d}" for i in range(50)])
    y = target.multiclass(np.repeat([0, 1, 2], [10, 9, 1]), 3)
    risk = Qda(pooling=0.0).fit(X, y).predict_risk(X)
    assert np.isfinite(risk).all()
    assert risk[19].argmax() == 2


def test_neighbours_are_no_more_than_there_are():
    X, codes = cohort(12)
    model = Knn(k=99).fit(X, codes % 2)
    assert np.allclose(model.predict_risk(X), np.mean(codes % 2))


def test_naive_bayes_does_not_saturate():
    X, codes = cohort()
    far = X * 40
    model = NaiveBayes(1e-9).fit(far, codes % 2)
    assert len(np.unique(model.predict_score(far * 50))) == 90
    from scipy.special import expit

    assert model.predict_risk(far) == pytest.approx(expit(model.predict_score(far)))


def test_an_unfinished_fit_is_said():
    X, codes = cohort()
    notes = Mlp(steps=2).fit(X, codes % 2).summary()["notes"]
    assert "no full convergence" in notes[0]
    assert Mlp(steps=500, alpha=10.0).fit(X, codes % 2).summary()["notes"] == []


def test_multinomial_has_rs_coefficients_and_a_row_a_class():
    from radpipe.stats.multinomial import fit_multinomial, predict

    X, codes = cohort()
    model = Multinomial().fit(X, target.multiclass(codes, 3))
    fit = fit_multinomial(X.to_numpy(), codes)
    assert np.allclose(model.predict_risk(X), predict(fit, X.to_numpy()))
    rows = model.summary()["coefficients"]
    assert [(r["class"], r["name"]) for r in rows][:5] == [(1, n) for n in "abcd"] + [(2, "a")]
    assert rows[0]["coef"] == pytest.approx(fit.coef[0, 1])
    assert rows[0]["lower"] < rows[0]["coef"] < rows[0]["upper"]
    assert model.summary()["params"]["reference_class"] == 0


@pytest.mark.parametrize("family", [Multinomial, Ordinal])
def test_separated_classes_have_finite_coefficients(family):
    X, codes = cohort()
    X["a"] = codes + np.random.default_rng(0).uniform(-0.3, 0.3, 90)
    model = family().fit(X, target.ordinal(codes, 3))
    summary = model.summary()
    assert "pseudo-data" in summary["notes"][0]
    assert np.abs([row["coef"] for row in summary["coefficients"]]).max() < 50
    risk = model.predict_risk(X)
    assert (risk.argmax(axis=1) == codes).mean() > 0.95
    assert risk.mean(axis=0) == pytest.approx([1 / 3] * 3, abs=0.02)
    assert json.dumps(summary, allow_nan=False)


def test_ordinal_is_proportional_odds():
    from radpipe.stats.ordinal import fit_ordinal, predict

    rng = np.random.default_rng(2)
    X, _ = cohort()
    codes = np.digitize(X["a"] + rng.logistic(size=90), [-1, 1])
    model = Ordinal().fit(X, target.ordinal(codes, 3))
    fit = fit_ordinal(X.to_numpy(), codes)
    assert np.allclose(model.predict_risk(X), predict(fit, X.to_numpy()))
    assert model.summary()["thresholds"] == pytest.approx(fit.thresholds)
    assert [row["name"] for row in model.summary()["coefficients"]] == list("abcd")


def test_a_copied_column_gets_no_coefficient():
    X, codes = cohort()
    X["e"] = X["a"]
    for family in (Multinomial, Ordinal):
        model = family().fit(X, target.ordinal(codes, 3))
        assert model.summary()["notes"] == ["no coefficient, since other columns determine it: e"]
        assert np.isfinite(model.predict_risk(X)).all()


def test_the_radscore_of_several_classes_has_coefficients_for_each():
    X, codes = cohort(150)
    spec = PenalisedLogisticSpec(inputs=["x"], folds=5)
    model = spec.build("multiclass", 1).fit(X, target.multiclass(codes, 3))
    rows = model.summary()["coefficients"]
    for c, name in ((1, "a"), (2, "b")):
        of_class = [r for r in rows if r["class"] == c]
        assert max(of_class, key=lambda r: r["coef"])["name"] == name
    assert model.predict_risk(X).argmax(axis=1).tolist() != [0] * 150
    path = model.summary()["path"]
    assert set(path["coefs"]) == set("abcd")
    assert len(path["coefs"]["a"]) == len(path["log_lambda"]) == len(path["cv_mean"])


def test_the_radscore_of_noise_is_the_share_of_each_class():
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.normal(size=(60, 4)), columns=list("abcd"))
    y = target.multiclass(np.arange(60) % 3 % 2, 2)
    model = PenalisedLogisticSpec(inputs=["x"], folds=5, choose="1se").build("multiclass", 1)
    risk = model.fit(X, y).predict_risk(X)
    assert model.degenerate_
    assert np.allclose(risk, [2 / 3, 1 / 3])
    few = model.fit(X[:4], target.multiclass([0, 0, 1, 1], 2))
    assert "three folds" in few.summary()["notes"][0]


def test_poly_and_linear_machines_differ_as_they_should():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(120, 2)), columns=["a", "b"])
    y = (X["a"] * X["b"] > 0).astype(int).to_numpy()
    right = {
        kernel: np.mean((Svm(kernel, degree=2).fit(X, y).predict_score(X) > 0) == y)
        for kernel in ("linear", "poly", "rbf")
    }
    assert min(right["poly"], right["rbf"]) > 0.85
    assert right["linear"] < 0.7
    machine = Svm("linear").fit(X, y)
    assert 0 < machine.support_vectors() <= 120


def test_which_risks_are_frequencies_is_declared():
    not_so = {kind for kind in MODELS if not getattr(MODELS[kind], "calibrated_risk", True)}
    assert {"adaboost", "knn", "naive_bayes"} <= not_so
    assert not not_so & {"logistic", "svm", "random_forest", "xgboost", "lda"}
