import numpy as np
import pandas as pd
import pytest
from evaluation_making import BINARY, SURVIVAL, binary_tables, survival_tables

from radpipe.core.errors import RadpipeError
from radpipe.evaluation.compare import compare
from radpipe.evaluation.metrics import metrics
from radpipe.evaluation.predictions import validate
from radpipe.evaluation.table import slices
from radpipe.stats import roc
from radpipe.stats.proportions import wilson


def row(table, **key):
    for name, value in key.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


@pytest.fixture(scope="module")
def binary():
    return binary_tables()


@pytest.fixture(scope="module")
def survival():
    return survival_tables()


def test_resampled_auc_is_the_mean_over_repeats_of_auc_within_a_repeat(binary):
    predictions, outcomes = binary
    table = metrics(predictions, outcomes, BINARY)
    mine = row(table, model="a", split="resampled", metric="auc")
    y = outcomes.set_index("case")["y"]
    part = predictions[(predictions["model"] == "a") & (predictions["kind"] == "out-of-fold")]
    areas = [roc.auc(y.loc[p["case"]], p["risk"]) for _, p in part.groupby("repeat")]
    assert mine["estimate"] == pytest.approx(np.mean(areas))
    assert mine["lower"] < mine["estimate"] < mine["upper"]
    assert "averaged over 4 repeats" in mine["method"]
    assert (mine["n"], mine["patients"], mine["repeats"]) == (60, 60, 4)


def test_held_out_counts_give_wilson_intervals(binary):
    predictions, outcomes = binary
    mine = row(
        metrics(predictions, outcomes, BINARY), model="a", split="internal", metric="sensitivity"
    )
    part = predictions[(predictions["model"] == "a") & (predictions["kind"] == "held-out")]
    y = outcomes.set_index("case")["y"].loc[part["case"]].to_numpy()
    hit = int(((part["score"] >= part["cutoff"]).to_numpy() & (y == 1)).sum())
    e = wilson(hit, int(y.sum()))
    assert (mine["numerator"], mine["denominator"]) == (hit, y.sum())
    assert mine["lower"] == pytest.approx(e.lower)
    assert mine["upper"] == pytest.approx(e.upper)


def test_cut_off_is_reached_at_equality(binary):
    predictions, outcomes = binary
    predictions = predictions.assign(cutoff=predictions["score"])
    table = metrics(predictions, outcomes, BINARY)
    assert (table.loc[table["metric"] == "sensitivity", "estimate"] == 1).all()


def test_every_metric_has_a_method_and_no_p_value(binary, survival):
    for tables, endpoint in ((binary, BINARY), (survival, SURVIVAL)):
        table = metrics(*tables, endpoint)
        assert (table["method"] != "").all()
        assert not any(c in ("p", "p_value") for c in table.columns)
        assert set(table["split"]) == {"resampled", "internal", "apparent"}
        undefined = table["estimate"].isna()
        assert (table.loc[undefined, "note"] != "").all()


def test_survival_metrics(survival):
    table = metrics(*survival, SURVIVAL)
    names = set(table["metric"])
    assert {"c_index", "auc_at_1", "brier_at_2", "oe_at_1", "cutoff"} <= names
    assert row(table, model="a", split="resampled", metric="c_index")["estimate"] > 0.55


def test_a_marker_without_risk_has_no_risk_metrics(binary):
    predictions, outcomes = binary
    table = metrics(predictions.assign(risk=np.nan), outcomes, BINARY)
    assert "brier" not in set(table["metric"])
    assert "auc" in set(table["metric"])


def test_a_survival_marker_ranks_at_horizons_by_its_score(survival):
    predictions, outcomes = survival
    table = metrics(predictions.assign(risk=np.nan), outcomes, SURVIVAL)
    assert "brier_at_1" not in set(table["metric"])
    assert row(table, model="a", split="internal", metric="auc_at_1")["estimate"] > 0


def test_cases_missing_from_some_repeats_are_used_where_they_are(binary):
    predictions, outcomes = binary
    keep = np.random.default_rng(0).random(len(predictions)) < 0.4
    out_of_bag = predictions[(predictions["kind"] == "out-of-fold") & keep]
    table = metrics(out_of_bag, outcomes, BINARY)
    mine = row(table, model="a", metric="auc")
    assert mine["n"] == out_of_bag.loc[out_of_bag["model"] == "a", "case"].nunique()
    full = row(metrics(*binary, BINARY), model="a", metric="auc", split="resampled")
    assert 0.8 * full["se"] < mine["se"] < 3 * full["se"]


def test_several_cases_of_a_patient_are_clustered():
    predictions, outcomes = binary_tables(per_patient=3)
    table = metrics(predictions, outcomes, BINARY)
    mine = row(table, model="a", split="resampled", metric="auc")
    assert (mine["n"], mine["patients"]) == (60, 20)
    assert "Obuchowski" in mine["method"]
    methods = table.loc[table["metric"].isin(["sensitivity", "calibration_slope"]), "method"]
    assert methods.str.contains("clustered").all()


def test_p_value_for_held_out_rows_only(binary, survival):
    for tables, endpoint in ((binary, BINARY), (survival, SURVIVAL)):
        table = compare(*tables, endpoint)
        assert table.loc[table["split"] == "internal", "p"].notna().all()
        rest = table[table["split"] != "internal"]
        assert rest["p"].isna().all()
        assert (rest["note"] != "").all()
        assert rest["lower"].notna().all()


@pytest.mark.parametrize("kind", ["binary", "survival"])
def test_models_that_learn_nothing_are_tested_without_held_out_cases(kind, binary, survival):
    """A score that no fit changes is the same in all repeats: these are one test of all cases."""
    (predictions, outcomes), endpoint = (
        (binary, BINARY) if kind == "binary" else (survival, SURVIVAL)
    )
    rows = predictions[predictions["kind"] == "out-of-fold"].copy()
    first = rows.drop_duplicates(["model", "case"]).set_index(["model", "case"])["score"]
    rows["score"] = first.loc[pd.MultiIndex.from_frame(rows[["model", "case"]])].to_numpy()
    rows["risk"] = np.nan
    once = rows[rows["repeat"] == 0].assign(kind="held-out", split="internal")
    tested = compare(once, outcomes, endpoint)
    found = compare(rows, outcomes, endpoint, given=["a", "b"])
    np.testing.assert_allclose(found["p"], tested["p"])
    assert not found["note"].str.contains("no p value").any()
    for given in ((), ["a"]):  # one that learns spoils the test
        assert compare(rows, outcomes, endpoint, given=given)["p"].isna().all()
    lost = rows[~((rows["repeat"] == 1) & (rows["case"] == rows["case"].iloc[0]))]
    assert compare(lost, outcomes, endpoint, given=["a", "b"])["p"].isna().all()


def test_a_difference_is_that_of_the_metrics(binary):
    table, pairs = metrics(*binary, BINARY), compare(*binary, BINARY)
    for split in ("resampled", "internal"):
        a = row(table, model="a", split=split, metric="auc")["estimate"]
        b = row(table, model="b", split=split, metric="auc")["estimate"]
        assert row(pairs, split=split)["difference"] == pytest.approx(a - b)


def test_faults_of_the_tables(binary):
    predictions, outcomes = binary
    with pytest.raises(RadpipeError, match="columns are missing: risk"):
        validate(predictions.drop(columns="risk"), outcomes)
    twice = pd.concat([predictions, predictions.iloc[:1]])
    with pytest.raises(RadpipeError, match="twice"):
        validate(twice, outcomes)
    with pytest.raises(RadpipeError, match="no outcome"):
        validate(predictions, outcomes.iloc[1:])
    with pytest.raises(RadpipeError, match="unknown kind"):
        validate(predictions.assign(kind="best"), outcomes)


def test_one_class_is_undefined_and_said(binary):
    predictions, outcomes = binary
    table = metrics(predictions, outcomes.assign(y=0), BINARY)
    area = table[table["metric"] == "auc"]
    assert area["estimate"].isna().all()
    assert area["note"].str.contains("one class").all()


def test_counts_are_of_the_cases_with_a_prediction(binary):
    predictions, outcomes = binary
    lost = [f"P{i:03d}" for i in range(10)]
    gone = predictions["case"].isin(lost)
    some = metrics(predictions.assign(
        score=predictions["score"].mask(gone), risk=predictions["risk"].mask(gone)
    ), outcomes, BINARY)  # fmt: skip
    without = metrics(predictions[~gone], outcomes, BINARY)
    counts = ["n", "patients", "events"]
    pd.testing.assert_frame_equal(some[counts], without[counts])
    assert row(some, model="a", split="resampled", metric="auc")["n"] == 50


def test_slices_order(binary):
    names = [(s.model, s.split) for s in slices(*binary, BINARY)]
    assert names[:3] == [("a", "resampled"), ("a", "internal"), ("a", "apparent")]
