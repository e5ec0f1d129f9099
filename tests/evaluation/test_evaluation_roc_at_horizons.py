"""ROC curves at horizons and the AUC over time, against R and by hand."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from evaluation_making import SURVIVAL, survival_tables

from radpipe.evaluation import roc_at_horizons as module
from radpipe.evaluation.compare import compare
from radpipe.evaluation.metrics import metrics
from radpipe.evaluation.roc_at_horizons import auc_over_time, roc_at_horizons
from radpipe.evaluation.spread import each_split

GOLDEN = Path(__file__).parents[1] / "golden" / "cases" / "td_auc"


def pbc():
    """The cohort of the golden case as a held-out split, with timeROC's numbers."""
    expected = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))["values"]
    frame = pd.read_csv(GOLDEN / "input.csv")
    case = [f"P{i:03d}" for i in range(len(frame))]
    outcomes = pd.DataFrame({"case": case, "group": case, "cohort": "main", "split": "internal"})
    outcomes = outcomes.assign(time=frame["time"].astype(float), event=frame["status"])
    endpoint = {**SURVIVAL, "horizons": expected["lp"]["times"]}
    rows = outcomes[["case", "group", "cohort", "split"]]
    tables = [
        rows.assign(format=1, repeat=0, fold=0, model=name, horizon=float(h), score=frame[name],
                    risk=np.nan, cutoff=np.nan, kind="held-out", **{"class": ""})
        for name in ("lp", "bili") for h in endpoint["horizons"]
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True), outcomes, endpoint, expected


@pytest.fixture(scope="module")
def made():
    return survival_tables()


def test_the_points_of_the_curve_are_those_of_timeroc():
    predictions, outcomes, endpoint, expected = pbc()
    found = roc_at_horizons(predictions, outcomes, endpoint, [1825.0])
    lp = found[found["model"] == "lp"]
    points = expected["roc_points_lp_t1825"]
    place = np.array(points["cut_index"]) - 1
    np.testing.assert_allclose(lp["tpr"].to_numpy()[place], points["tp"], rtol=1e-6)
    np.testing.assert_allclose(lp["fpr"].to_numpy()[place], points["fp"], rtol=1e-6, atol=1e-12)
    area = np.trapezoid(lp["tpr"], lp["fpr"])
    assert area == pytest.approx(expected["lp"]["auc"][2], abs=1e-9)
    assert set(found["kind"]) == {"curve"}


def test_the_difference_is_that_of_timeroc():
    predictions, outcomes, endpoint, expected = pbc()
    found = compare(predictions, outcomes, endpoint)
    found = found[found["metric"] != "c_index"]
    r = expected["compare_lp_vs_bili"]
    np.testing.assert_allclose(found["difference"], r["diff"], rtol=1e-6)
    np.testing.assert_allclose(found["p"], r["p"], rtol=1e-5)


def test_the_auc_over_time_without_censoring_is_the_plain_auc():
    from sklearn.metrics import roc_auc_score

    predictions, outcomes, endpoint, _ = pbc()
    outcomes = outcomes.assign(event=1)
    found = auc_over_time(predictions, outcomes, endpoint)
    lp = predictions[(predictions["model"] == "lp") & (predictions["horizon"] == 365)]
    time = outcomes["time"].to_numpy()
    rows = found[found["model"] == "lp"].set_index("time")["auc"]
    assert len(rows) == module.MOST_TIMES
    assert rows.index[0] == time.min()
    assert rows.index[-1] == time[time <= 2920].max()
    for at in rows.index[[0, 20, 60, 99]]:
        assert rows[at] == pytest.approx(roc_auc_score(time <= at, lp["score"]))


def test_the_auc_over_time_is_that_of_scikit_survival():
    sksurv = pytest.importorskip("sksurv.metrics")
    from sksurv.util import Surv

    predictions, outcomes, endpoint, _ = pbc()
    found = auc_over_time(predictions, outcomes, endpoint)
    rows = found[found["model"] == "bili"]
    target = Surv.from_arrays(outcomes["event"] == 1, outcomes["time"])
    score = predictions[(predictions["model"] == "bili") & (predictions["horizon"] == 365)]["score"]
    theirs, _ = sksurv.cumulative_dynamic_auc(target, target, score.to_numpy(), rows["time"])
    # Theirs weighs an event by 1 / G(T), which differs where a case is censored at the same time.
    np.testing.assert_allclose(rows["auc"], theirs, atol=2e-4)


def test_what_ranks_is_the_risk_by_the_next_horizon(made):
    predictions, outcomes = made
    late = predictions["horizon"] == 2.0
    turned = predictions.assign(risk=predictions["risk"].where(~late, 1 - predictions["risk"]))
    before = auc_over_time(predictions, outcomes, SURVIVAL).query("split == 'internal'")
    after = auc_over_time(turned, outcomes, SURVIVAL).query("split == 'internal'")
    first = (before["time"] <= 1.0).to_numpy()
    assert first.any()
    assert (~first).any()
    assert after["auc"][first].tolist() == before["auc"][first].tolist()
    np.testing.assert_allclose(after["auc"][~first], 1 - before["auc"][~first])


def test_at_a_horizon_the_auc_is_that_of_the_metrics(made):
    predictions, outcomes = made
    outcomes = outcomes.copy()
    outcomes.loc[outcomes["case"] == "P000", ["time", "event"]] = [2.0, 1]
    moving = auc_over_time(predictions, outcomes, SURVIVAL).query("time == 2.0")
    table = metrics(predictions, outcomes, SURVIVAL).query("metric == 'auc_at_2'")
    both = moving.merge(table, on=["model", "split"])
    assert set(both["split"]) == {"resampled", "apparent"}
    assert both["auc"].tolist() == both["estimate"].tolist()
    assert both["lower_x"].tolist() == both["lower_y"].tolist()


def test_out_of_fold_curves_are_vertical_means(made):
    found = roc_at_horizons(*made, SURVIVAL, [1.0]).query("model == 'a' and split == 'resampled'")
    mean, each = (found[found["kind"] == k] for k in ("mean", "repeat"))
    grid = mean["fpr"].to_numpy()[1:]
    heights = []
    for _, part in each.groupby("repeat"):
        x, y = part["fpr"].to_numpy(), part["tpr"].to_numpy()
        last = np.searchsorted(x, grid + 1e-12, side="right") - 1
        step = np.minimum(last + 1, len(x) - 1)
        run = x[step] - x[last]
        share = np.divide(grid - x[last], run, out=np.zeros_like(grid), where=run > 0)
        heights.append(y[last] + share * (y[step] - y[last]))
    np.testing.assert_allclose(mean["tpr"].to_numpy()[1:], np.mean(heights, axis=0))
    assert mean["threshold"].isna().all()


def test_competing_events_are_controls(made):
    predictions, outcomes = made
    rival = (outcomes["event"] == 0) & (outcomes["time"] < 1.5)
    rivals = outcomes.assign(competing=rival.astype(int))
    curve = roc_at_horizons(predictions, rivals, SURVIVAL, [2.0]).query("split == 'internal'")
    table = metrics(predictions, rivals, SURVIVAL).query("split == 'internal'")
    for model, part in curve.groupby("model"):
        row = table[(table["model"] == model) & (table["metric"] == "auc_at_2")]
        assert np.trapezoid(part["tpr"], part["fpr"]) == pytest.approx(row["estimate"].iloc[0])
    moving = auc_over_time(predictions, rivals, SURVIVAL)
    assert moving["method"].str.contains("cause 1").all()


def test_random_splits_give_a_spread(made):
    endpoint = {**SURVIVAL, "resampling": "repeated_splits"}
    predictions, outcomes = made
    plain = [auc_over_time(p, outcomes, SURVIVAL) for p in each_split(predictions)]
    found = auc_over_time(predictions, outcomes, endpoint)
    row = found.query("split == 'resampled' and model == 'a'").iloc[5]
    whole = pd.concat(plain)
    own = whole.loc[(whole["model"] == "a") & (whole["time"] == row["time"]), "auc"]
    assert len(own) == 4
    assert row["auc"] == np.median(own)
    assert "a spread, not an interval" in row["method"]
    known = auc_over_time(predictions, outcomes, SURVIVAL).query("split == 'internal'")
    held = found.query("split == 'internal'")
    assert held["auc"].tolist() == known["auc"].tolist()
    assert held["method"].tolist() == known["method"].tolist()


def test_nothing_to_compare_has_no_curve(made):
    predictions, outcomes = made
    nobody = outcomes.assign(event=0)
    assert roc_at_horizons(predictions, nobody, SURVIVAL, [1.0]).empty
    assert auc_over_time(predictions, nobody, SURVIVAL).empty
    assert auc_over_time(predictions, outcomes, {**SURVIVAL, "horizons": []}).empty


def test_differences_of_random_splits_are_a_spread(made):
    predictions, outcomes = made
    endpoint = {**SURVIVAL, "resampling": "repeated_splits"}
    found = compare(predictions, outcomes, endpoint)
    row = found.query("split == 'resampled' and metric == 'auc_at_1'").iloc[0]
    own = [
        compare(p, outcomes, SURVIVAL).query("metric == 'auc_at_1'")["difference"].iloc[0]
        for p in each_split(predictions)
    ]
    assert row["difference"] == pytest.approx(np.median(own))
    assert [row["lower"], row["upper"]] == pytest.approx(np.quantile(own, [0.025, 0.975]))
    assert "a spread, not an interval" in row["method"]
    assert np.isnan(row["se"])
    plain = compare(predictions, outcomes, SURVIVAL).query("split == 'internal'")
    held = found.query("split == 'internal'")
    assert held["p"].tolist() == plain["p"].tolist()
