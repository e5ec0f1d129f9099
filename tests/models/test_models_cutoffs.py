"""Cut-offs: every rule, on which rows it is learned, how far it would move with other cases."""

import numpy as np
import pandas as pd
import pytest
from modelling_toys import cohort, inputs_of, plan_of
from pydantic import ValidationError

from radpipe.core import target
from radpipe.models.cox import CoxSpec
from radpipe.models.crossfit import crossfit
from radpipe.models.cutoffs.base import score_at
from radpipe.models.cutoffs.learn import learn_cuts, learn_pair
from radpipe.models.cutoffs.registry import CUTOFFS
from radpipe.models.cutoffs.report import ON_OWN_SCORES, bootstrap
from radpipe.models.fit_report import risks_at
from radpipe.models.logistic import LogisticSpec
from radpipe.models.svm import SvmSpec
from radpipe.stats.maxstat import maxstat_test

Y = np.array([0, 0, 0, 1, 0, 1, 1, 1, 0, 1])
SCORE = np.arange(10) / 10
TIME = target.survival(np.r_[np.full(6, 9.0), np.full(4, 1.0)] + SCORE / 100, np.ones(10))


def rule(kind, **settings):
    return CUTOFFS[kind](**settings)


@pytest.mark.parametrize(
    ("kind", "settings", "y", "expected"),
    [
        ("youden", {}, Y, 0.3),  # 5/5 + 3/5 - 1
        ("sensitivity", {"at": 0.8}, Y, 0.5),
        ("sensitivity", {"at": 1.0}, Y, 0.3),
        ("specificity", {"at": 0.8}, Y, 0.5),
        ("specificity", {"at": 1.0}, Y, 0.9),
        ("prevalence", {}, Y, 0.5),
        ("fixed", {"at": 0.25, "on": "score"}, Y, 0.25),
        ("median", {}, Y, 0.45),
        ("median", {}, TIME, 0.45),
        ("max_logrank", {}, TIME, 0.6),
    ],
)
def test_each_rule_on_hand_made_scores(kind, settings, y, expected):
    low, high = learn_pair(rule(kind, **settings), y, SCORE, float)
    assert low == pytest.approx(expected)
    assert np.isnan(high)


def test_rules_of_two_cut_offs():
    low, high = learn_pair(rule("tertiles"), Y, SCORE)
    assert (low, high) == (pytest.approx(0.3), pytest.approx(0.6))
    three = target.survival(np.repeat([30.0, 10.0, 1.0], 10), np.ones(30))
    low, high = learn_pair(rule("x_tile"), three, np.arange(30.0))
    assert (low, high) == (10, 20)
    assert np.isnan(learn_pair(rule("tertiles"), Y, np.ones(10))[1])  # no third group


def test_undefined_cut_offs_are_missing():
    for kind in ("youden", "sensitivity", "prevalence"):
        assert np.isnan(learn_pair(rule(kind), np.ones(3, int), np.arange(3.0), float)[0])
    assert np.isnan(learn_pair(rule("median"), Y, np.full(10, np.nan))[0])
    assert np.isnan(learn_pair(rule("fixed", at=0.5), Y, SCORE)[0])  # there is no risk
    with pytest.raises(ValidationError, match="not between 0 and 1"):
        rule("fixed", at=2)


def test_rules_say_what_they_take():
    assert not rule("youden").takes("survival")
    assert not rule("x_tile").takes("binary")
    assert rule("median").takes("survival")
    assert rule("fixed", at=3, on="score").takes("survival")
    assert not rule("fixed", at=0.3).takes("survival")


def test_a_risk_is_put_on_the_scale_of_the_score():
    log_odds = np.linspace(-2, 2, 9)
    risk = 1 / (1 + np.exp(-log_odds))
    assert score_at(risk, risk)(0.37) == 0.37
    assert score_at(log_odds, risk)(0.9999) == pytest.approx(np.log(0.9999 / 0.0001))
    steps = np.array([0.1, 0.1, 0.4, 0.4])
    found = score_at(np.array([1.0, 2, 3, 4]), steps)
    assert found(0.25) == 2.5
    assert found(0.4) == 3
    assert found(0.05) == 1
    assert found(0.5) > 4
    assert np.isnan(score_at(SCORE, np.full(10, np.nan))(0.5))


@pytest.mark.parametrize("spec", [
    LogisticSpec(inputs=["t1"], cutoff={"kind": "fixed", "at": 0.3}),
    SvmSpec(inputs=["t1"], tune="none", cutoff={"kind": "fixed", "at": 0.3}),
    LogisticSpec(inputs=["t1"], calibrate="isotonic", cutoff={"kind": "fixed", "at": 0.3}),
])  # fmt: skip
def test_a_cut_off_on_the_risk_calls_by_risk(spec):
    table, targets = cohort(n=70)
    y = targets["binary"]
    found = crossfit("m", spec, inputs_of(table[["t1__f0", "t1__f1"]]), y, plan_of(y), 1)
    rows = found.scores[found.scores["role"].isin(["test", "apparent"])]
    right = (rows["score"] >= rows["cutoff"]) == (rows["risk"] >= 0.3)
    assert 0.1 < (rows["risk"] >= 0.3).mean() < 0.9
    # Between two training rows a calibrated step is met approximately only.
    assert right[rows["role"] == "apparent"].all()
    assert right.mean() == 1 if spec.calibrate is None else right.mean() > 0.95


@pytest.mark.parametrize(
    ("kind", "endpoint"),
    [("youden", "binary"), ("prevalence", "binary"), ("x_tile", "survival"),
     ("max_logrank", "survival"), ("tertiles", "survival"), ("youden", "multilabel")],
)  # fmt: skip
def test_what_the_test_rows_hold_changes_no_cut_off(kind, endpoint):
    """The outcomes and values of the rows left out are replaced; the final fit sees them all."""
    table, targets = cohort(n=72, seed=3)
    y = targets[endpoint]
    family = CoxSpec if endpoint == "survival" else LogisticSpec
    settings = {"kind": kind, "permutations": 99} if kind == "x_tile" else kind
    spec = family(inputs=["t1"], cutoff=settings)
    plan, columns = plan_of(y), ["t1__f0", "t1__f1"]
    names = ("a", "b", "c") if endpoint == "multilabel" else ()
    first = crossfit("m", spec, inputs_of(table[columns]), y, plan, 1, classes=names).fit
    scope = plan.resamples[0]
    dirty, other = table[columns].copy(), y.copy()
    dirty.iloc[scope.test] = 50.0
    other[scope.test] = (1 - y if endpoint == "binary" else y[::-1])[scope.test]
    again = crossfit("m", spec, inputs_of(dirty), other, plan, 1, classes=names).fit
    assert first["cutoffs"][0] == again["cutoffs"][0]
    assert first.get("cutoffs_high", [0])[0] == again.get("cutoffs_high", [0])[0]
    assert first["cutoff_final"] != again["cutoff_final"]
    assert first["cutoff_rule"]["kind"] == kind


def test_cuts_of_horizons_and_labels():
    y = target.multilabel(np.column_stack([Y, 1 - Y]))
    low, high = learn_cuts(rule("youden"), y, np.column_stack([SCORE, -SCORE]))
    assert low.tolist() == pytest.approx([0.3, -0.4])
    assert np.isnan(high).all()
    low, high = learn_cuts(rule("tertiles"), TIME, np.column_stack([SCORE] * 2))
    assert low[0] == low[1] < high[0] == high[1]
    assert np.isnan(learn_cuts(rule("median"), target.continuous(SCORE), SCORE[:, None])[0]).all()


def test_the_report_tells_spread_and_honest_p_values():
    table, targets = cohort(n=72, seed=3)
    y, plan = targets["survival"], plan_of(targets["survival"])
    inputs = inputs_of(table[["t1__f0", "t1__f1"]])
    spec = CoxSpec(inputs=["t1"], cutoff={"kind": "x_tile", "permutations": 99})
    fit = crossfit("m", spec, inputs, y, plan, 1).fit
    low, high = fit["cutoff_bootstrap"]["cutoff"], fit["cutoff_bootstrap"]["cutoff_high"]
    assert low[0] <= fit["cutoff_final"] <= low[1]
    assert high[0] <= fit["cutoff_high_final"] <= high[1]
    assert fit["cutoff_bootstrap"]["draws"] == 200
    assert fit["cutoff_p"]["plain"] < fit["cutoff_p"]["corrected"]
    assert "permutation" in fit["cutoff_p"]["corrected_method"]
    assert fit["cutoff_p"]["note"] == ON_OWN_SCORES
    one = crossfit("m", CoxSpec(inputs=["t1"], cutoff="max_logrank"), inputs, y, plan, 1).fit
    assert one["cutoff_p"]["plain"] <= one["cutoff_p"]["corrected"] < 1
    assert "cutoff_high_final" not in one
    groups = np.repeat(np.arange(36), 2).astype(str)
    twice = crossfit(
        "m", spec, inputs_of(table[["t1__f0"]], groups), y, plan_of(y, groups=groups), 1
    ).fit
    assert twice["cutoff_p"]["corrected"] is None
    assert "several cases a patient" in twice["cutoff_p"]["note"]
    fixed = LogisticSpec(inputs=["t1"], cutoff={"kind": "fixed", "at": 0.5})
    assert "cutoff_bootstrap" not in crossfit("m", fixed, inputs, targets["binary"], plan, 1).fit


def test_the_p_of_the_best_of_many_cut_offs_is_no_upper_bound():
    """Under the null, what formulas give is near 1 for most cohorts of this size."""
    rng = np.random.default_rng(0)
    time, event = rng.exponential(size=60), (rng.random(60) < 0.6).astype(int)
    score, y = rng.normal(size=60), target.survival(time, event)
    p, method = rule("max_logrank").corrected_p(y, score, 5)
    assert "permutation of the scores (9999)" in method
    assert rule("max_logrank").corrected_p(y, score, 5) == (p, method)  # drawn from the seed
    best = maxstat_test(time, event, score, "none").statistic
    drawn = [maxstat_test(time, event, rng.permutation(score), "none").statistic
             for _ in range(999)]  # fmt: skip
    assert p == pytest.approx((np.array(drawn) >= best).mean(), abs=0.05)


def test_bootstrap_draws_whole_patients():
    """Two patients: a median over both can only be one patient's, or the middle of the two."""
    score = np.array([1.0, 2, 3, 7, 8, 9])[:, None]
    groups = np.array(["a"] * 3 + ["b"] * 3)
    draws = bootstrap(rule("median"), np.arange(6) % 2, score, groups, np.random.default_rng(1))
    assert set(draws[:, 0, 0]) == {2.0, 5.0, 8.0}
    same = bootstrap(rule("median"), np.arange(6) % 2, score, groups, np.random.default_rng(1))
    np.testing.assert_array_equal(draws[:, 0, 0], same[:, 0, 0])


@pytest.mark.parametrize("balance", ["smote", "undersample", "oversample", "class_weight"])
def test_risks_after_balancing_have_the_prevalence_of_the_training_rows(balance):
    rng = np.random.default_rng(4)
    table = pd.DataFrame(rng.normal(size=(240, 2)), columns=["t1__f0", "t1__f1"])
    table.index = [f"c{i:03d}" for i in range(240)]
    y = (rng.random(240) < 1 / (1 + np.exp(2.2 - table["t1__f0"]))).astype(int).to_numpy()
    spec = LogisticSpec(inputs=["t1"], balance=balance)
    found = crossfit("m", spec, inputs_of(table), y, plan_of(y), 1, inner=False)
    rows = found.scores[found.scores["role"] == "apparent"]
    assert y.mean() < 0.2
    assert rows["risk"].mean() == pytest.approx(y.mean(), abs=0.03)
    assert found.fit["calibrated_risk"] is True
    assert "nomogram" not in found.fit
    assert found.fit["summary"]["params"]["calibration"]["method"] == "platt"
    assert found.fit["features_final"] == ["t1__f0", "t1__f1"]


def test_the_risk_at_a_cut_off_is_told_only_where_risks_rise_with_scores():
    score = np.array([[-1.0], [0.0], [2.0]])
    assert risks_at(score, 1 / (1 + np.exp(-score)), 0.5) == [pytest.approx(0.6224593)]
    assert risks_at(score, np.array([[0.1], [0.3], [0.5]]), 1.0) == [pytest.approx(0.4)]
    assert risks_at(score, np.array([[0.3], [0.1], [0.5]]), 1.0) == [None]
    assert risks_at(score, np.full((3, 1), np.nan), 1.0) is None
