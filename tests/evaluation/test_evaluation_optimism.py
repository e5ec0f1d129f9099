"""Corrections for optimism are those of refitting the model; random splits give a spread."""

import numpy as np
import pandas as pd
import pytest
from evaluation_making import BINARY, SURVIVAL, binary_tables, survival_tables
from scipy.special import expit

from radpipe.evaluation.metrics import METRIC_COLUMNS, metrics
from radpipe.evaluation.optimism import OPTIMISM, PLUS, corrected
from radpipe.evaluation.spread import over_splits
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
    assert {c.metric for c in found} == {"auc"}
    got = {c.part.label: c.estimate.estimate for c in found}
    assert got == pytest.approx(direct, rel=1e-9)


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


@pytest.mark.parametrize(
    ("tables", "endpoint", "metric"),
    [(binary_tables, BINARY, "auc"), (survival_tables, SURVIVAL, "c_index")],
)
def test_random_splits_give_a_spread(tables, endpoint, metric):
    predictions, outcomes = tables(repeats=6, models=("a",))
    rng = np.random.default_rng(0)
    kept = (predictions["kind"] != "out-of-fold") | (rng.random(len(predictions)) < 0.5)
    predictions = predictions[kept]
    mine = metrics(predictions, outcomes, endpoint | {"resampling": "repeated_splits"})
    row = found_of(mine, "resampled").loc[metric]
    out = predictions[predictions["kind"] == "out-of-fold"]
    each = [
        found_of(metrics(part, outcomes, endpoint), "resampled").loc[metric, "estimate"]
        for _, part in out.groupby("repeat")
    ]
    assert row["estimate"] == pytest.approx(np.median(each))
    assert [row["lower"], row["upper"]] == pytest.approx(np.quantile(each, [0.025, 0.975]))
    assert np.isnan(row["se"])
    assert row["repeats"] == 6
    assert row["method"] == "median and central 95% of 6 random splits: a spread, not an interval"
    plain = metrics(predictions, outcomes, endpoint)
    rest = mine[mine["split"] != "resampled"].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        rest, plain[plain["split"] != "resampled"].reset_index(drop=True), check_dtype=False
    )


def test_splits_in_which_a_metric_is_undefined_are_counted():
    row = dict.fromkeys(METRIC_COLUMNS, 0) | {"metric": "auc", "class": "", "note": ""}
    one = pd.DataFrame([row | {"estimate": 0.7}])
    none = pd.DataFrame([row | {"estimate": np.nan, "note": "all cases belong to one class"}])
    found = over_splits([one, none, one]).iloc[0]
    assert (found["estimate"], found["repeats"]) == (0.7, 2)
    assert found["note"] == "undefined in 1 of 3 splits; all cases belong to one class"
    assert np.isnan(over_splits([none]).iloc[0]["estimate"])
