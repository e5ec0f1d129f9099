"""Corrections for optimism are those of refitting the model."""

import numpy as np
import pandas as pd
import pytest
from evaluation_making import (
    BINARY,
    SURVIVAL,
    binary_tables,
    class_endpoint,
    class_tables,
)
from scipy.special import expit

from radpipe.evaluation.metrics import METRIC_COLUMNS, metrics
from radpipe.evaluation.optimism import OPTIMISM, PLUS, corrected
from radpipe.models.crossfit import crossfit
from radpipe.models.inputs import Inputs
from radpipe.models.logistic import LogisticSpec
from radpipe.models.predictions import predictions_table
from radpipe.resampling.bootstrap import Bootstrap632Spec
from radpipe.resampling.plan import make_plan
from radpipe.stats.cox_refits import refit_cox
from radpipe.stats.logistic_refits import refit_logistic
from radpipe.stats.optimism import splits
from radpipe.stats.validate_cox import validate_cox
from radpipe.stats.validate_logistic import validate_logistic

N, R = 90, 30
HARRELL = {"resampling": "bootstrap_optimism"}
EFRON = {"resampling": "bootstrap_632"}
NAMES = {
    "auc": "c",
    "brier": "brier",
    "calibration_intercept": "intercept",
    "calibration_slope": "slope",
}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(N, 5))
    y = (rng.random(N) < expit(X[:, 0] - 0.4)).astype(int)
    time = rng.exponential(np.exp(-0.7 * X[:, 0]))
    event = (rng.random(N) < 0.7).astype(int)
    groups = np.repeat(np.arange(N // 2), 2)
    return X, y, time, event, groups


def table(X, fit, groups=None, seed=9, **more):
    """Predictions of a model refitted on the draws of `radpipe.stats.optimism.splits`."""
    case = np.array([f"P{i:03d}" for i in range(len(X))], dtype=object)
    group = case if groups is None else np.array([f"G{g}" for g in groups], dtype=object)

    def rows(kind, repeat, keep, predicted, draws):
        score, risk = predicted
        return pd.DataFrame(
            {
                "format": 1, "case": case[keep], "group": group[keep], "cohort": "main",
                "split": "train" if kind == "apparent" else "resampled", "repeat": repeat,
                "fold": 0, "model": "m", "class": "", "horizon": np.nan, "score": score[keep],
                "risk": risk[keep], "cutoff": np.nan, "cutoff_high": np.nan,
                "draws": draws[keep].astype(int), "kind": kind,
            }
        )  # fmt: skip

    once = np.ones(len(X))
    parts = [rows("apparent", 0, once > 0, fit(once), once)]
    drawn = np.concatenate([d for d, _ in splits(len(X), "bootstrap", R, seed, groups)])
    for repeat, counts in enumerate(drawn):
        predicted = fit(counts)
        parts.append(rows("in-bag", repeat, counts > 0, predicted, counts))
        parts.append(rows("out-of-fold", repeat, counts == 0, predicted, once))
    found = pd.concat(parts, ignore_index=True).assign(**more)
    # The order of rows is of no account.
    return found.sample(frac=1, random_state=1).reset_index(drop=True)


def outcomes_of(predictions, X, **columns):
    case = [f"P{i:03d}" for i in range(len(X))]
    return pd.DataFrame(
        {"case": case, "group": case, "cohort": "main", "split": "train", **columns}
    )


def logistic(X, y):
    def fit(counts):
        coef = refit_logistic(X, y.astype(float), counts[None, :])[0]
        lp = coef[0] + X @ coef[1:]
        return lp, expit(lp)

    return fit


def found_of(table, split):
    return table[table["split"] == split].set_index("metric")


@pytest.mark.parametrize("grouped", [False, True])
def test_the_optimism_bootstrap_is_that_of_refitting_the_model(data, grouped):
    X, y, _, _, groups = data
    groups = groups if grouped else None
    predictions = table(X, logistic(X, y), groups)
    mine = metrics(predictions, outcomes_of(predictions, X, y=y), BINARY | HARRELL)
    rows = found_of(mine, OPTIMISM)
    direct = validate_logistic(X, y, "bootstrap", R, 9, groups)
    assert set(rows.index) == set(NAMES)
    for name, other in NAMES.items():
        one = direct.of(other)
        assert rows.loc[name, "estimate"] == pytest.approx(one.corrected, rel=1e-9), name
        assert rows.loc[name, "repeats"] == one.resamples
    assert rows["method"].unique().tolist() == ["optimism bootstrap, 30 resamples"]
    assert rows[["lower", "upper", "se"]].isna().all(axis=None)
    assert rows["note"].str.contains("no interval").all()
    apparent = found_of(mine, "apparent")
    assert rows.loc["auc", "estimate"] < apparent.loc["auc", "estimate"]
    assert list(mine.columns) == list(METRIC_COLUMNS)
    assert PLUS not in set(mine["split"])


def test_632_plus_is_that_of_refitting_the_model(data):
    X, y, *_ = data
    predictions = table(X, logistic(X, y))
    predictions = predictions[predictions["kind"] != "in-bag"]
    mine = metrics(predictions, outcomes_of(predictions, X, y=y), BINARY | EFRON)
    rows = found_of(mine, PLUS)
    direct = validate_logistic(X, y, ".632+", R, 9)
    assert set(rows.index) == {"auc", "brier"}
    for name in rows.index:
        one = direct.of(NAMES[name])
        assert rows.loc[name, "estimate"] == pytest.approx(one.corrected, rel=1e-9)
    assert OPTIMISM not in set(mine["split"])


def test_632_plus_of_a_whole_run_is_that_of_fits_and_losses_by_hand():
    """From the plan to the metrics, against scikit-learn and the formulas of the paper."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, roc_auc_score

    rng = np.random.default_rng(3)
    case = np.array([f"P{i:02d}" for i in range(60)])
    X = pd.DataFrame(rng.normal(size=(60, 6)), index=case).rename(columns="t1__f{}".format)
    y = (rng.random(60) < expit(X["t1__f0"])).astype(int).to_numpy()
    scheme = Bootstrap632Spec(repeats=12, inner_folds=2)
    plan = make_plan(y, case, np.full(60, "train"), scheme, 1)
    run = crossfit("m", LogisticSpec(inputs=["t1"]), Inputs(X, case, {}, {}), y, plan, 1,
                   inner=False)  # fmt: skip
    cohort = outcomes_of(None, X, y=y).assign(case=case, group=case)
    mine = metrics(predictions_table({"m": run.scores}, cohort), cohort, BINARY | EFRON)

    def risks(rows):
        fit = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(X.iloc[rows], y[rows])
        return fit.predict_proba(X)[:, 1]

    own = risks(np.arange(60))
    pairs = np.subtract.outer(y, own) ** 2  # every outcome with every risk
    for name, loss, chance in (
        ("auc", lambda y, p: 1 - roc_auc_score(y, p), 0.5),
        ("brier", brier_score_loss, pairs.mean()),
    ):
        apparent = loss(y, own)
        out = np.mean([loss(y[s.test], risks(s.train)[s.test]) for s in plan.resamples])
        assert apparent < out < chance
        rate = (out - apparent) / (chance - apparent)
        plain = 0.368 * apparent + 0.632 * out
        plus = plain + (out - apparent) * 0.368 * 0.632 * rate / (1 - 0.368 * rate)
        found = found_of(mine, PLUS).loc[name, "estimate"]
        assert found == pytest.approx(1 - plus if name == "auc" else plus, abs=1e-6)


@pytest.mark.parametrize(("scheme", "split"), [(HARRELL, OPTIMISM), (EFRON, PLUS)])
def test_survival_corrects_harrells_c(data, scheme, split):
    X, _, time, event, _ = data

    def fit(counts):
        lp = X @ refit_cox(X, time, event.astype(bool), counts[None, :]).coef[0]
        return lp, np.full(N, np.nan)

    predictions = table(X, fit)
    both = pd.concat([predictions.assign(horizon=h) for h in (1.0, 2.0)], ignore_index=True)
    if scheme is EFRON:
        both = both[both["kind"] != "in-bag"]
    outcomes = outcomes_of(predictions, X, time=time, event=event, competing=0)
    [one] = corrected(both, outcomes, SURVIVAL | scheme)
    name = "bootstrap" if split == OPTIMISM else ".632+"
    direct = validate_cox(X, time, event, name, R, 9).of("c")
    assert (one.split, one.metric) == (split, "c_index")
    assert one.estimate.estimate == pytest.approx(direct.corrected, rel=1e-9)


def test_a_continuous_endpoint_corrects_its_errors(data):
    X, *_ = data
    y = X[:, 0] + np.random.default_rng(1).normal(size=N)

    def fit(counts):
        root = np.sqrt(counts)[:, None]
        design = np.column_stack([np.ones(N), X])
        coef = np.linalg.lstsq(design * root, y * root[:, 0], rcond=None)[0]
        return design @ coef, np.full(N, np.nan)

    predictions = table(X, fit)
    endpoint = {"kind": "continuous"} | HARRELL
    found = {
        c.metric: c for c in corrected(predictions, outcomes_of(predictions, X, y=y), endpoint)
    }
    assert set(found) == {"r2", "rmse", "mae"}
    drawn = np.concatenate([d for d, _ in splits(N, "bootstrap", R, 9)])
    errors = [(d, fit(d)[0] - y) for d in drawn]
    flattery = np.mean([np.sqrt(d @ e**2 / N) - np.sqrt((e**2).mean()) for d, e in errors])
    apparent = np.sqrt(((fit(np.ones(N))[0] - y) ** 2).mean())
    assert found["rmse"].estimate.estimate == pytest.approx(apparent - flattery, rel=1e-9)
    assert found["rmse"].estimate.estimate > apparent
    assert found["r2"].estimate.estimate < 1 - apparent**2 / y.var()


def test_each_class_is_corrected_against_the_rest(data):
    X, *_ = data
    code = np.digitize(X[:, 0] + np.random.default_rng(2).normal(size=N), [-0.5, 0.6])
    names = ["a", "b", "c"]
    parts, direct = [], {}
    for i, name in enumerate(names):
        own = (code == i).astype(int)
        noisy = np.column_stack([X[:, 1], X[:, 0] ** 2, X[:, 0] + X[:, 1]])
        parts.append(table(noisy, logistic(noisy, own), **{"class": name}))
        direct[name] = validate_logistic(noisy, own, "bootstrap", R, 9).of("c").corrected
    predictions = pd.concat(parts, ignore_index=True)
    endpoint = {"kind": "multiclass", "classes": names} | HARRELL
    found = list(corrected(predictions, outcomes_of(predictions, X, y=code), endpoint))
    got = {c.part.label or c.metric: c.estimate.estimate for c in found}
    assert got == pytest.approx(direct | {"macro_auc": np.mean(list(direct.values()))}, rel=1e-9)


@pytest.mark.parametrize("kind", ["multiclass", "multilabel"])
def test_632_plus_of_classes_together(kind):
    predictions, outcomes = class_tables(kind, repeats=6, models=("a",))
    place = predictions["case"].str[1:].astype(int)
    out = predictions["kind"] == "out-of-fold"
    predictions = predictions[~out | ((place + predictions["repeat"]) % 3 == 0)]
    predictions = predictions.assign(score=predictions["risk"])
    endpoint = class_endpoint(kind)

    def macro(rows, split, **more):
        found = metrics(rows, outcomes, endpoint | more)
        found = found[(found["metric"] == "macro_auc") & (found["split"] == split)]
        assert len(found) == 1
        return found.iloc[0]

    mine = macro(predictions, PLUS, **EFRON)
    assert (mine["class"], mine["events"], mine["repeats"]) == ("", -1, 6)
    apparent = macro(predictions, "apparent")["estimate"]
    drawn = predictions[predictions["kind"] == "out-of-fold"]
    each = [macro(part, "resampled")["estimate"] for _, part in drawn.groupby("repeat")]
    rate = np.clip((apparent - np.mean(each)) / (apparent - 0.5), 0, 1)
    weight = 0.632 / (1 - 0.368 * rate)
    assert mine["estimate"] == pytest.approx((1 - weight) * apparent + weight * np.mean(each))


def test_632_plus_of_a_measured_value(data):
    X, *_ = data
    y = X[:, 0] + np.random.default_rng(1).normal(size=N)

    def fit(counts):
        root = np.sqrt(counts)[:, None]
        coef = np.linalg.lstsq(X * root, y * root[:, 0], rcond=None)[0]
        return X @ coef, np.full(N, np.nan)

    predictions = table(X, fit)
    predictions = predictions[predictions["kind"] != "in-bag"]
    endpoint = {"kind": "continuous"} | EFRON
    outcomes = outcomes_of(predictions, X, y=y)
    found = {c.metric: c.estimate.estimate for c in corrected(predictions, outcomes, endpoint)}
    assert set(found) == {"r2", "rmse", "mae"}
    own = fit(np.ones(N))[0]
    apparent = np.abs(own - y).mean()
    drawn = np.concatenate([d for d, _ in splits(N, "bootstrap", R, 9)])
    out = np.mean([np.abs(fit(d)[0] - y)[d == 0].mean() for d in drawn])
    chance = np.abs(own[:, None] - y).mean()  # every prediction with every value
    assert apparent < out < chance
    weight = 0.632 / (1 - 0.368 * (out - apparent) / (chance - apparent))
    assert found["mae"] == pytest.approx((1 - weight) * apparent + weight * out)
    assert found["r2"] < 1 - ((own - y) ** 2).mean() / y.var()
    assert found["rmse"] > np.sqrt(((own - y) ** 2).mean())


def test_cases_without_a_prediction_take_no_part(data):
    X, y, *_ = data
    predictions = table(X, logistic(X, y))
    lost = predictions["case"].isin(["P003", "P010"])
    predictions.loc[lost, ["score", "risk"]] = np.nan
    outcomes = outcomes_of(predictions, X, y=y)
    some = found_of(metrics(predictions, outcomes, BINARY | HARRELL), OPTIMISM)
    without = found_of(metrics(predictions[~lost], outcomes, BINARY | HARRELL), OPTIMISM)
    assert some["estimate"].to_dict() == pytest.approx(without["estimate"].to_dict())


def test_nothing_is_corrected_where_nothing_was_kept():
    predictions, outcomes = binary_tables()
    assert list(corrected(predictions, outcomes, BINARY)) == []
    assert set(metrics(predictions, outcomes, BINARY | {"resampling": "bootstrap"})["split"]) == {
        "resampled", "internal", "apparent",
    }  # fmt: skip
