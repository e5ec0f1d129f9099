"""Cut-offs, degenerate fits, shared chains, the predictions table."""

import json

import numpy as np
import pandas as pd
import pytest
from modelling_toys import CLINICAL, cohort, inputs_of, plan_of

from radpipe.models.chains import chosen, run_chains
from radpipe.models.cox import CoxSpec
from radpipe.models.crossfit import crossfit
from radpipe.models.cutoffs.learn import learn_pair
from radpipe.models.cutoffs.median import MedianSpec
from radpipe.models.cutoffs.youden import YoudenSpec
from radpipe.models.inputs import Inputs
from radpipe.models.logistic import LogisticSpec
from radpipe.models.marker import MarkerSpec
from radpipe.models.nomogram import NomogramSpec
from radpipe.models.penalised_cox import PenalisedCoxSpec
from radpipe.models.penalised_logistic import PenalisedLogisticSpec
from radpipe.models.predictions import COLUMNS, predictions_table
from radpipe.models.random_forest import RandomForestSpec
from radpipe.selection.correlation import CorrelationSpec
from radpipe.selection.univariable import UnivariableSpec
from radpipe.selection.variance import VarianceSpec

LOGISTIC = LogisticSpec(inputs=["t1", "clinical"])


def test_cutoffs_are_learned_on_inner_out_of_fold_scores():
    table, targets = cohort(n=70, seed=1)
    y = targets["binary"]
    spec = RandomForestSpec(inputs=["t1"], trees=20)
    plan = plan_of(y)
    found = crossfit("rf", spec, inputs_of(table[["t1__f0", "t1__f1"]]), y, plan, 1)
    outcome = pd.Series(y, index=table.index)
    for scope, cutoff in zip(plan.resamples, found.fit["cutoffs"], strict=True):
        rows = found.scores[found.scores["scope"] == scope.name]
        inner = rows[rows["role"] == "inner"].set_index("case")["score"]
        assert set(inner.index) == set(table.index[scope.train])
        learned = learn_pair(YoudenSpec(), outcome[inner.index].to_numpy(), inner.to_numpy())
        assert cutoff == learned[0]
        assert (rows.loc[rows["role"] == "test", "cutoff"] == cutoff).all()
    assert (
        crossfit("rf", spec, inputs_of(table[["t1__f0"]]), y, plan, 1, inner=False).fit[
            "cutoff_final"
        ]
        is None
    )


def test_median_cutoff_and_undefined_ones():
    assert learn_pair(MedianSpec(), np.array([0, 1, 1]), np.array([1.0, 5.0, np.nan]))[0] == 3.0
    assert np.isnan(learn_pair(YoudenSpec(), np.array([1, 1]), np.array([1.0, 2.0]))[0])
    table, targets = cohort()
    spec = CoxSpec(inputs=["t1"])
    assert spec.cutoff_for("survival").kind == "median"
    found = crossfit(
        "cox", spec, inputs_of(table), targets["survival"], plan_of(targets["survival"]), 1
    )
    inner = found.scores[(found.scores["scope"] == "final") & (found.scores["role"] == "inner")]
    assert found.fit["cutoff_final"] == inner["score"].median()


def test_a_marker_is_the_value_itself():
    table, targets = cohort()
    table.iloc[3, 0] = np.nan
    spec = MarkerSpec(input="t1__f0", direction="lower")
    found = crossfit(
        "m", spec, inputs_of(table[["t1__f0"]]), targets["binary"], plan_of(targets["binary"]), 1
    )
    test = found.scores[(found.scores["scope"] != "final") & (found.scores["role"] == "test")]
    values = test.set_index("case")["score"].reindex(table.index)
    assert np.array_equal(values, -table["t1__f0"], equal_nan=True)
    assert values.isna().sum() == 1


@pytest.mark.parametrize(
    ("spec", "endpoint"),
    [(LOGISTIC, "binary"), (RandomForestSpec(inputs=["t1"]), "binary"),
     (NomogramSpec(inputs=["t1"]), "survival"), (CoxSpec(inputs=["t1"]), "survival")],
)  # fmt: skip
def test_no_feature_means_the_training_risk_and_is_counted(spec, endpoint):
    table, targets = cohort()
    y, plan = targets[endpoint], plan_of(targets[endpoint])
    chains = run_chains([VarianceSpec(threshold=1e9)], inputs_of(table[["t1__f0"]]), y, plan, 1)
    found = crossfit("m", spec, inputs_of(table), y, plan, 1, chosen({"t1": chains}), (300.0,))
    assert found.fit["degenerate"] == [s.name for s in plan.scopes]
    assert found.fit["features_final"] == []
    apparent = found.scores[found.scores["role"] == "apparent"]
    assert apparent["score"].nunique() == 1
    if endpoint == "binary":
        assert np.allclose(apparent["risk"], y.mean())
    else:
        assert 0 < apparent["risk"].iloc[0] < 1
        assert apparent["risk"].nunique() == 1


def test_frequency_counts_what_sparse_models_use():
    table, targets = cohort(n=80, signal=3)
    spec = PenalisedLogisticSpec(inputs=["t1"], folds=5)
    found = crossfit(
        "r",
        spec,
        inputs_of(table.filter(like="t1__")),
        targets["binary"],
        plan_of(targets["binary"], repeats=2),
        1,
        inner=False,
    )
    by_name = {f["feature"]: f["count"] for f in found.fit["frequency"]}
    assert by_name["t1__f0"] == 6
    assert all(f["of"] == 6 for f in found.fit["frequency"])
    used = [
        name
        for s, names in found.fit["selected_by_scope"].items()
        if s != "final"
        for name in names
    ]
    assert sorted(used) == sorted(n for n, k in by_name.items() for _ in range(k))


def test_chains_are_made_for_every_fit_and_are_the_models_only_columns():
    table, targets = cohort(n=70, signal=2)
    y, inputs = targets["binary"], inputs_of(table)
    plan = plan_of(y)
    chains = run_chains([CorrelationSpec(), UnivariableSpec(n=2)], inputs, y, plan, 4)
    assert set(chains) == {f"{s.name}{k}" for s in plan.scopes for k in ("", "/i0", "/i1", "/i2")}
    assert json.dumps(chains["final"].to_dict())
    found = crossfit("m", LOGISTIC, inputs, y, plan, 4, chosen({"t1": chains}))
    assert found.fit["features_final"] == chains["final"].selected
    assert found.fit["selected_by_scope"]["r000f1"] == chains["r000f1"].selected
    # selection saw training rows only: garbage in the rows left out moves nothing
    scope = plan.resamples[0]
    dirty = table.copy()
    dirty.iloc[scope.test, :5] = 1e5
    again = run_chains([CorrelationSpec(), UnivariableSpec(n=2)], inputs_of(dirty), y, plan, 4)
    assert again[scope.name] == chains[scope.name]
    assert again[f"{scope.name}/i0"] == chains[f"{scope.name}/i0"]


def test_adding_a_model_moves_no_other():
    table, targets = cohort()
    y, plan = targets["binary"], plan_of(targets["binary"], inner=2)
    spec = RandomForestSpec(inputs=["t1"], trees=5)
    first, other, again = (
        crossfit(name, spec, inputs_of(table), y, plan, 1).scores for name in ("a", "b", "a")
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_separation_goes_to_firth_and_is_said():
    table, _ = cohort()
    y = (table["t1__f0"] > 0).to_numpy().astype(int)
    found = crossfit("m", LOGISTIC, inputs_of(table), y, plan_of(y), 1, inner=False)
    assert "Firth" in found.fit["summary"]["params"]["method"]
    assert "separates" in found.fit["summary"]["notes"][0]
    assert np.abs(found.scores["score"]).max() < 100


def test_survival_scores_are_centred_on_the_training_rows():
    table, targets = cohort()
    for spec in (CoxSpec(inputs=["t1"]), PenalisedCoxSpec(inputs=["t1"], folds=4)):
        found = crossfit(
            "m",
            spec,
            inputs_of(table),
            targets["survival"],
            plan_of(targets["survival"]),
            1,
            inner=False,
        )
        apparent = found.scores[found.scores["role"] == "apparent"]
        assert abs(apparent["score"].mean()) < 1e-10
        assert apparent["risk"].isna().all()  # no horizon was asked for


def test_cox_risk_is_that_of_the_fit():
    from radpipe.stats.cox import fit_cox, survival_at

    table, targets = cohort()
    y, X = targets["survival"], table[["t1__f0", "t1__f1"]]
    found = crossfit(
        "m",
        CoxSpec(inputs=["t1"]),
        inputs_of(X),
        y,
        plan_of(y),
        1,
        horizons=(150.0, 300.0),
        inner=False,
    )
    fit = fit_cox(X.to_numpy(), y["time"], y["event"].astype(float))
    expected = 1 - survival_at(fit, X.to_numpy(), [150.0, 300.0])
    ours = found.scores[found.scores["role"] == "apparent"]["risk"].to_numpy().reshape(-1, 2)
    assert np.allclose(ours, expected, atol=1e-10)


@pytest.mark.parametrize("endpoint", ["binary", "survival"])
def test_nomogram_points_add_up_to_the_risk(endpoint):
    table, targets = cohort(n=80)
    y = targets[endpoint]
    found = crossfit(
        "n",
        NomogramSpec(inputs=["t1"]),
        inputs_of(table[["t1__f0", "clinical.grade", "clinical.site"]]),
        y,
        plan_of(y),
        1,
        horizons=(300.0,),
        inner=False,
    )
    chart = found.fit["nomogram"]
    axes = {v["name"]: v for v in chart["variables"]}
    assert axes["clinical.grade"]["values"] == ["Low", "Intermediate", "High"]
    assert axes["clinical.site"]["values"] == ["arm", "leg", "trunk"]
    most = [max(v["points"]) for v in axes.values()]
    assert max(most) == pytest.approx(100)
    assert chart["total_points"][-1] >= sum(most) - 1e-9  # whatever the axes give can be read

    def points(name, value):
        axis = axes[name]
        if axis["categorical"]:
            return axis["points"][axis["values"].index(value)]
        slope = np.polyfit(axis["values"], axis["points"], 1)
        return np.polyval(slope, value)

    case = table.iloc[4]
    total = sum(points(name, case[name]) for name in axes)
    lp = chart["lp_at_zero"] + total / chart["points_per_unit"]
    row = found.scores[(found.scores["role"] == "apparent") & (found.scores["case"] == "case04")]
    assert lp == pytest.approx(row["score"].iloc[0])
    axis = chart["risks"][0]
    order = np.argsort(axis["total_points"])
    near = np.interp(total, np.array(axis["total_points"])[order], np.array(axis["risk"])[order])
    assert near == pytest.approx(row["risk"].iloc[0], abs=0.03)


def test_predictions_table():
    table, targets = cohort()
    y, inputs = targets["binary"], inputs_of(table[["t1__f0"]])
    found = crossfit("m", LOGISTIC, inputs, y, plan_of(y, repeats=2, held=(0, 1)), 1)
    about = pd.DataFrame(
        {
            "case": table.index,
            "group": table.index,
            "cohort": "main",
            "split": ["internal"] * 2 + ["train"] * 58,
        }
    )
    shown = predictions_table({"m": found.scores}, about)
    assert list(shown.columns) == list(COLUMNS)
    counts = shown.groupby(["kind", "split"]).size().to_dict()
    assert counts == {
        ("apparent", "train"): 58,
        ("held-out", "internal"): 2,
        ("out-of-fold", "resampled"): 116,
    }
    folds = shown[shown["kind"] == "out-of-fold"]
    assert set(folds["repeat"]) == {0, 1}
    assert set(folds["fold"]) == {0, 1, 2}
    assert not folds.duplicated(["repeat", "case"]).any()
    assert (shown[shown["kind"] != "out-of-fold"][["repeat", "fold"]] == 0).all().all()


def test_rows_of_a_group_stay_together_in_every_inner_division():
    """A patient whose rows repeat each other must not help to choose the penalty."""
    table, targets = cohort(n=30)
    twice = pd.concat([table, table])
    twice.index = [f"c{i}" for i in range(60)]
    y = np.tile(targets["binary"], 2)
    groups = np.tile([f"p{i}" for i in range(30)], 2)
    inputs = Inputs(twice, groups, CLINICAL)
    plan = plan_of(y, groups=groups)
    for scope in plan.scopes:
        assert not set(groups[scope.train]) & set(groups[scope.test])
    found = crossfit("m", PenalisedLogisticSpec(inputs=["t1"], folds=5), inputs, y, plan, 1)
    assert found.fit["n_groups"] == 30
