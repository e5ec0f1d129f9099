"""A threshold of one variable, and rules that combine thresholds."""

import json

import numpy as np
import pandas as pd
import pytest
from modelling_toys import cohort, inputs_of, plan_of
from pydantic import ValidationError

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.models.crossfit import crossfit
from radpipe.models.cutoffs.learn import learn_pair
from radpipe.models.hazard import baseline_hazard, risk_at
from radpipe.models.inputs import stacked
from radpipe.models.learned_threshold import rule_of
from radpipe.models.rule import Rule, RuleSpec
from radpipe.models.threshold import Threshold, ThresholdSpec
from radpipe.resampling.streams import integer
from radpipe.stats.cutoffs import fixed_sensitivity_cutoff, youden_cutoff
from radpipe.stats.maxstat import maxstat_test

BONE = pd.DataFrame({"clinical.t_score": [-3.0, -2.5, -2.4, -1.0, 0.0, np.nan, -2.6, 1.0]})
BROKEN = np.array([1, 1, 0, 1, 0, 1, 0, 0])


def test_a_given_threshold_belongs_to_the_events_side_and_its_risk_is_counted():
    model = Threshold(-2.5, "lower").fit(BONE, BROKEN)
    gap = np.nan
    np.testing.assert_array_equal(model.predict_score(BONE), [1, 1, 0, 0, 0, gap, 1, 0])
    np.testing.assert_allclose(
        model.predict_risk(BONE), [2 / 3, 2 / 3, 0.25, 0.25, 0.25, gap, 2 / 3, 0.25]
    )
    said = model.summary()
    assert said["params"]["sides"] == [
        {"side": "fails", "n": 4, "events": 1},
        {"side": "holds", "n": 3, "events": 2},
    ]
    assert said["notes"] == ["1 of 8 training cases lack a value that decides: no side, no risk"]
    json.dumps(said, allow_nan=False)


@pytest.mark.parametrize(("policy", "side"), [("holds", 1.0), ("fails", 0.0)])
def test_a_missing_value_may_count_as_either_side(policy, side):
    model = Threshold(-2.5, "lower", missing=policy).fit(BONE, BROKEN)
    assert model.predict_score(BONE)[5] == side
    assert model.summary()["notes"] == []


def test_a_threshold_is_learned_on_the_training_rows():
    table, targets = cohort(n=60, signal=2.0)
    X, y = table[["t1__f0"]], targets["binary"]
    x = X["t1__f0"].to_numpy()
    by = {
        "youden": youden_cutoff(y, x).threshold,
        "sensitivity": fixed_sensitivity_cutoff(y, x, 0.9).threshold,
        "median": np.median(x),
    }
    for rule, expected in by.items():
        model = Threshold(rule, "higher", 0.9).fit(X, y)
        assert model.cutoff_ == expected
        np.testing.assert_array_equal(model.predict_score(X), x >= expected)
        turned = Threshold(rule, "lower", 0.9).fit(-X, y)
        assert turned.cutoff_ == -expected
        np.testing.assert_array_equal(turned.predict_score(-X), x >= expected)
    caught = Threshold("sensitivity", "higher", 0.9).fit(X, y).predict_score(X)
    assert caught[y == 1].mean() >= 0.9


def test_a_threshold_by_log_rank_is_the_maximally_selected_one():
    table, targets = cohort(n=60, signal=2.0)
    X, y = table[["t1__f0"]], targets["survival"]
    x = X["t1__f0"].to_numpy()
    test = maxstat_test(y["time"], y["event"].astype(int), x)
    model = Threshold("log_rank", "higher").fit(X, y)
    np.testing.assert_array_equal(model.predict_score(X), x > test.cutpoint)
    assert "p_corrected" not in model.summary()["params"]  # the report's, by patient or none
    side = model.predict_score(X) == 1
    own = baseline_hazard(np.zeros(side.sum()), y[side])
    assert np.allclose(
        model.predict_risk(X, (200.0,))[side], risk_at(own, np.zeros(side.sum()), (200.0,))
    )


def test_a_side_of_nobody_and_one_without_events_have_risks():
    table, targets = cohort(n=30)
    X, y = table[["t1__f0"]], targets["survival"]
    far = Threshold(99.0, "higher").fit(X, y)
    assert any(note.startswith("holds: of no training case") for note in far.summary()["notes"])
    new = pd.DataFrame({"t1__f0": [100.0, -1.0]})
    assert np.ptp(far.predict_risk(new, (200.0,))) == 0
    spared = target.survival(y["time"], y["event"] & (X["t1__f0"].to_numpy() < 0))
    found = Threshold(0.0, "higher").fit(X, spared).predict_risk(new, (5000.0,))
    assert found[0] == 0 < found[1]


def test_a_threshold_that_cannot_be_learned_puts_nobody_on_the_events_side():
    X = pd.DataFrame({"t1__f0": np.full(10, np.nan)})
    y = np.arange(10) % 2
    model = Threshold("median", "higher", missing="fails").fit(X, y)
    assert model.degenerate_
    assert np.allclose(model.predict_risk(X), 0.5)
    with pytest.raises(RadpipeError, match="2 columns"):
        Threshold(0.0).fit(X.assign(t1__f1=0.0), y)


@pytest.mark.parametrize(
    "given", [{}, {"at": 1, "sensitivity": 0.9}, {"sensitivity": 1.2}, {"at": "best"}]
)
def test_a_threshold_says_once_where_it_is(given):
    with pytest.raises(ValidationError):
        ThresholdSpec(input="clinical.age", direction="higher", **given)


def test_a_threshold_takes_the_endpoint_that_tells_where_it_is():
    def takes(**given):
        spec = ThresholdSpec(input="clinical.age", direction="higher", **given)
        return {e for e in target.KINDS if spec.takes(e)}

    assert takes(at=50) == takes(at="median") == {"binary", "survival"}
    assert takes(at="youden") == takes(specificity=0.9) == {"binary"}
    assert takes(at="log_rank") == {"survival"}


def test_garbage_outside_the_training_rows_moves_no_threshold():
    table, targets = cohort(n=60)
    y, plan = targets["binary"], plan_of(targets["binary"], held=range(10))
    spec = ThresholdSpec(input="t1__f0", direction="higher", at="youden")
    dirty, wrong = table[["t1__f0"]].copy(), y.copy()
    dirty.iloc[:10] = 1e6
    wrong[:10] = 1 - wrong[:10]
    clean = crossfit("m", spec, inputs_of(table[["t1__f0"]]), y, plan, 1)
    other = crossfit("m", spec, inputs_of(dirty), wrong, plan, 1)
    assert clean.fit["summary"] == other.fit["summary"]
    assert clean.fit["cutoff_final"] == 0.5  # of the score, between the sides


CHECKS = [
    {"input": "clinical.bmd", "below": 80},
    {"input": "clinical.age", "above": 70, "at_most": 90},
    {"input": "t1__f0", "at_least": 1},
]


@pytest.mark.parametrize(
    ("form", "holds"),
    [
        ({"all_of": CHECKS}, [1, 0, 0, 0, np.nan, 0]),
        ({"any_of": CHECKS}, [1, 1, 0, 1, 1, np.nan]),
        ({"at_least": 2, "of": CHECKS}, [1, 1, 0, 0, 1, 0]),
    ],
)
def test_rules_combine_conditions_and_know_what_they_do_not_know(form, holds):
    gap = np.nan
    X = pd.DataFrame(
        {
            "clinical.age": [80, 71, 70, 91, 75, gap],
            "clinical.bmd": [70, 79, 80, 60, gap, 95],
            "t1__f0": [1, 0, 0.9, 0, 2, 0],
        }
    )
    y = np.array([1, 0, 1, 0, 1, 0])
    model = RuleSpec(**form).build("binary", 0).fit(X, y)
    side = np.array(holds, dtype=float)
    np.testing.assert_array_equal(model.predict_score(X), side)
    for value in (0, 1):
        risk = model.predict_risk(X)[side == value]
        assert (risk == y[side == value].mean()).all()
    assert model.summary()["params"]["conditions"][1] == "clinical.age > 70 and clinical.age <= 90"
    json.dumps(model.summary(), allow_nan=False)


def test_a_rule_refuses_a_variable_of_several_columns():
    X = pd.DataFrame({"clinical.site=leg": [0.0, 1.0], "clinical.site=trunk": [1.0, 0.0]})
    with pytest.raises(RadpipeError, match=r"clinical\.site gives 2 columns"):
        Rule([("clinical.site", {"above": 0.0})]).fit(X, np.array([0, 1]))


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"all_of": CHECKS, "any_of": CHECKS},
        {"of": CHECKS},
        {"at_least": 4, "of": CHECKS},
        {"at_least": 1, "any_of": CHECKS},
        {"all_of": [{"input": "clinical.age"}]},
    ],
)
def test_a_rule_has_one_form(form):
    with pytest.raises(ValidationError):
        RuleSpec(**form)


def test_a_rule_of_rules_is_a_rule():
    table, targets = cohort(n=60)
    y, plan = targets["binary"], plan_of(targets["binary"])
    below = RuleSpec(all_of=[{"input": "t1__f0", "above": 0}])
    part = crossfit("part", below, inputs_of(table[["t1__f0"]]), y, plan, 1)
    above = RuleSpec(any_of=[{"input": "part", "at_least": 1}, {"input": "t1__f1", "above": 0}])
    columns = stacked("part", part.scores, list(table.index))
    found = crossfit("m", above, inputs_of(table[["t1__f1"]], **columns), y, plan, 1)
    test = found.scores[(found.scores["role"] == "test") & (found.scores["scope"] != "final")]
    own = test.set_index("case")["score"].reindex(table.index)
    expected = (table["t1__f0"] > 0) | (table["t1__f1"] > 0)
    np.testing.assert_array_equal(own, expected)


@pytest.mark.parametrize("direction", ["higher", "lower"])
@pytest.mark.parametrize("at", ["youden", "median", "log_rank", "sensitivity", "specificity"])
def test_a_learned_threshold_is_reported_with_its_rule_spread_and_p(at, direction):
    table, targets = cohort(n=60, signal=2.0)
    y = targets["survival" if at == "log_rank" else "binary"]
    given = {at: 0.9} if at.endswith("ity") else {"at": at}
    spec = ThresholdSpec(input="t1__f0", direction=direction, **given)
    report = crossfit("m", spec, inputs_of(table[["t1__f0"]]), y, plan_of(y), 1).fit
    own, params = report["threshold"], report["summary"]["params"]
    assert own["value"] == params["threshold"]
    sign = 1 if direction == "higher" else -1
    model = spec.build("binary", 0).fit(table[["t1__f0"]], y)
    learned = learn_pair(rule_of(model), y, sign * table["t1__f0"].to_numpy())[0]
    assert sign * learned == own["value"]  # the rule is that of the fit
    plan = plan_of(y)
    values = sign * table["t1__f0"].to_numpy()
    folds = [learn_pair(rule_of(model), y[s.train], values[s.train])[0] for s in plan.scopes[1:]]
    np.testing.assert_array_equal(own["cutoffs"], sign * np.array(folds))
    low, high = own["bootstrap"]["cutoff"]
    assert low < high
    assert low <= own["value"] <= high
    assert ("cutoff_p" in report) == (at == "log_rank")
    if at == "log_rank":
        own = integer(integer(1, "model", "m"), "threshold_p")
        times, events = y["time"], y["event"].astype(int)
        drawn = maxstat_test(times, events, values, "condMC", permutations=9999, seed=own)
        assert report["cutoff_p"]["corrected"] == drawn.p
        assert "permutation" in json.dumps(report["cutoff_p"])
    assert report["cutoff_final"] == 0.5  # risk groups are the sides
    json.dumps(report, allow_nan=False)


def test_a_given_threshold_has_no_spread():
    table, targets = cohort(n=30)
    spec = ThresholdSpec(input="t1__f0", direction="higher", at=0.25)
    y = targets["binary"]
    report = crossfit("m", spec, inputs_of(table[["t1__f0"]]), y, plan_of(y), 1).fit
    given = {"kind": "fixed", "on": "value", "at": 0.25}
    assert report["threshold"] == {"value": 0.25, "rule": given}
