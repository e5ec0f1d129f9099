import numpy as np
import pandas as pd
import pytest
from evaluation_making import BINARY, SURVIVAL, binary_tables, survival_tables

from radpipe.evaluation import curves
from radpipe.evaluation.metrics import metrics
from radpipe.evaluation.riskgroups import default_grid, risk_groups, survival_of_groups
from radpipe.evaluation.roc_curves import roc
from radpipe.evaluation.table import slices


@pytest.fixture(scope="module")
def binary():
    return binary_tables()


@pytest.fixture(scope="module")
def survival():
    return survival_tables()


def area(table):
    table = table.sort_values(["fpr", "tpr"])
    return np.trapezoid(table["tpr"], table["fpr"])


def test_roc_curve_has_the_area_of_the_metrics_table(binary):
    table, numbers = roc(*binary, BINARY), metrics(*binary, BINARY)
    numbers = numbers[numbers["metric"] == "auc"].set_index(["model", "split"])["estimate"]
    for split, kind in (("internal", "curve"), ("apparent", "curve"), ("resampled", "mean")):
        mine = table[(table["model"] == "a") & (table["split"] == split) & (table["kind"] == kind)]
        assert area(mine) == pytest.approx(numbers["a", split], abs=0.01)
        assert mine[["fpr", "tpr"]].iloc[0].tolist() == [0, 0]
        assert mine[["fpr", "tpr"]].iloc[-1].tolist() == [1, 1]
    assert table.loc[table["kind"] == "repeat", "repeat"].nunique() == 4


def test_calibration_of_a_binary_endpoint(binary):
    data = curves.calibration(*binary, BINARY)
    groups = data.groups[(data.groups["model"] == "a") & (data.groups["split"] == "resampled")]
    assert groups["n"].sum() == 60
    assert groups["predicted"].is_monotonic_increasing
    assert set(data.summary["measure"]) == {"intercept", "slope", "in_the_large", "oe", "brier"}
    assert data.curve["observed"].notna().all()


def test_calibration_at_a_horizon(survival):
    data = curves.calibration(*survival, SURVIVAL, horizon=2.0, groups=3)
    assert set(data.groups["horizon"]) == {2.0}
    assert data.curve.empty
    assert curves.calibration(*survival, SURVIVAL, horizon=9.0).groups.empty


def test_decision_curve(binary, survival):
    for tables, endpoint in ((binary, BINARY), (survival, SURVIVAL)):
        table = curves.decision(*tables, endpoint)
        assert set(table["model"]) == {"a", "b", "treat all", "treat none"}
        assert (table.loc[table["model"] == "treat none", "net_benefit"] == 0).all()
        everybody = table[(table["model"] == "treat all") & (table["split"] == "internal")]
        assert everybody["net_benefit"].is_monotonic_decreasing
    share = binary[1].query("split == 'internal'")["y"].mean()
    table = curves.decision(*binary, BINARY, thresholds=[share])
    here = table[(table["model"] == "treat all") & (table["split"] == "internal")]
    assert here["net_benefit"].iloc[0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", ["binary", "survival"])
def test_treating_all_is_of_all_cases_whichever_model_comes_first(kind, binary, survival):
    (predictions, outcomes), endpoint = (
        (binary, BINARY) if kind == "binary" else (survival, SURVIVAL)
    )
    whole = (
        curves.decision(predictions, outcomes, endpoint).set_index(["model", "split"]).sort_index()
    )
    event = "y" if kind == "binary" else "event"
    lost = outcomes.loc[outcomes[event] == 1, "case"].tolist()[::3]
    some = predictions.copy()
    some.loc[(some["model"] == "a") & some["case"].isin(lost), "risk"] = np.nan
    other = pd.concat([some[some["model"] == "b"], some[some["model"] == "a"]])
    for given in (some, other):
        table = (
            curves.decision(given, outcomes, endpoint).set_index(["model", "split"]).sort_index()
        )
        for split, n in (("resampled", 60), ("internal", 30), ("apparent", 60)):
            missing = outcomes.loc[
                outcomes["split"].eq("internal") == (split == "internal"), "case"
            ]
            assert set(table.loc[("treat all", split), "n"]) == {n}
            assert set(table.loc[("treat none", split), "n"]) == {n}
            assert set(table.loc[("b", split), "n"]) == {n}
            assert set(table.loc[("a", split), "n"]) == {n - missing.isin(lost).sum()}
            for strategy in ("treat all", "b"):
                np.testing.assert_allclose(
                    table.loc[(strategy, split), "net_benefit"],
                    whole.loc[(strategy, split), "net_benefit"],
                )


def test_risk_groups_follow_the_majority(survival):
    predictions, outcomes = survival
    part = slices(predictions, outcomes, SURVIVAL)[0]
    members = risk_groups(part).set_index("case")
    assert part.resampled
    votes = part.call.mean(axis=1)
    np.testing.assert_array_equal(members.loc[part.case, "group"] == "high", votes >= 0.5)
    assert ((votes == 0.5) & (members.loc[part.case, "group"] == "high")).any()


def test_survival_of_groups(survival):
    data = survival_of_groups(*survival, SURVIVAL)
    tests = data.tests.set_index(["model", "split"]).sort_index()
    assert tests.loc[("a", "internal"), "p"] >= 0
    assert np.isnan(tests.loc[("a", "resampled"), "p"])
    assert "cohort.split" in tests.loc[("a", "resampled"), "note"]
    start = data.at_risk[data.at_risk["time"] == 0].groupby(["model", "split"])["at_risk"].sum()
    assert start["a", "resampled"] == 60
    for _, one in data.curves.groupby(["model", "split", "group"]):
        assert one["survival"].iloc[0] == 1
        assert (np.diff(one["survival"]) <= 0).all()


def test_default_grid_is_round():
    np.testing.assert_allclose(default_grid(2900), [0, 500, 1000, 1500, 2000, 2500])
    assert default_grid(0.0).tolist() == [0]
