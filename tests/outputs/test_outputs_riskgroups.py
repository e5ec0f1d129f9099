"""Figures of two or three risk groups, competing events, and what is not shown as a risk."""

import dataclasses

import numpy as np
import outputs_making
import pytest

from radpipe.outputs.cutoff_table import cutoff_table
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing

P = {"plain": 0.004, "corrected": 0.06, "corrected_method": "permutation", "note": "corrected so"}


def study(rivals=False, **fit):
    """Return a survival study whose models have two cut-offs."""
    data = outputs_making.make(survival=True, models=2, n=80, held_out=True)
    predictions = data.predictions.assign(cutoff=-0.3, cutoff_high=0.6)
    outcomes = data.outcomes
    if rivals:
        lost = (outcomes["event"] == 0) & (np.arange(len(outcomes)) % 2 == 0)
        outcomes = outcomes.assign(competing=lost.astype(int))
    fits = {name: {**found, **fit} for name, found in data.fits.items()}
    return dataclasses.replace(data, predictions=predictions, outcomes=outcomes, fits=fits)


def drawn(kind, data):
    spec = OUTPUTS[kind]()
    result = spec.compute(data)
    style = Style({name: data.model_label(name) for name in data.models})
    with drawing():
        return result, spec.draw(result, style)


def words(figure):
    return [t.get_text() for ax in figure.axes for t in ax.texts] + [
        t.get_text() for ax in figure.axes if ax.get_legend() for t in ax.get_legend().get_texts()
    ]


def test_three_groups_are_drawn_counted_and_tested_where_it_is_honest():
    result, figure = drawn("kaplan_meier", study(cutoff_p=P))
    groups = result.tables["groups"]
    assert set(groups["Risk"]) == {"low", "intermediate", "high"}
    tests = result.tables["tests"].set_index("split")
    assert tests.loc["internal", "trend_p"].notna().all()
    assert tests.loc["resampled", ["p", "trend_p"]].isna().all().all()
    told = words(figure)
    assert any(t.startswith("Intermediate: ") for t in told)
    assert any("Trend p" in t for t in told)
    assert "Interm." in told
    assert "p = 0.060 (permutation), not the plain p = 0.004" in result.caption
    assert "That p value is corrected so." in result.caption
    at = result.tables["at_horizons"]
    assert ((at["lower"] <= at["estimate"]) & (at["estimate"] <= at["upper"])).any()
    assert any(column.startswith("Free of event at") for column in groups)


def test_the_caption_says_why_there_is_no_corrected_p():
    result, _ = drawn("kaplan_meier", study(cutoff_p={"corrected": None, "note": "no form"}))
    assert "the cut-off is the best of many; no form." in result.caption


def test_competing_events_have_incidence_curves_and_grays_test():
    result, figure = drawn("kaplan_meier", study(rivals=True))
    curve = result.tables["curve"]
    assert "survival" not in curve
    assert (curve.groupby(["split", "model", "group"])["incidence"].first() == 0).all()
    assert curve["incidence"].between(0, 1).all()
    assert "Gray's test" in result.caption
    assert any(t.startswith("Gray's test p") for t in words(figure))
    assert figure.axes[0].get_ylabel() == "Cumulative incidence"
    assert not any("Median" in column for column in result.tables["groups"])


@pytest.mark.parametrize("kind", ["calibration", "decision_curve"])
def test_risks_that_are_no_probabilities_are_not_shown(kind):
    data = outputs_making.make(models=2)
    fits = {**data.fits, "m0": {**data.fits["m0"], "calibrated_risk": False}}
    result = OUTPUTS[kind]().compute(dataclasses.replace(data, fits=fits))
    table = result.tables["groups" if kind == "calibration" else "net_benefit"]
    assert "m0" not in set(table["model"])
    assert "m1" in set(table["model"])
    assert any("Clinical: not shown" in n and "calibrate" in n for n in result.notes)


@pytest.mark.parametrize("survival", [False, True])
def test_the_metrics_have_no_calibration_of_risks_that_are_no_probabilities(survival):
    data = outputs_making.make(models=2, held_out=True, survival=survival)
    fits = {**data.fits, "m0": {**data.fits["m0"], "calibrated_risk": False}}
    whole = OUTPUTS["metrics"]().compute(data)
    result = OUTPUTS["metrics"]().compute(dataclasses.replace(data, fits=fits))
    assert set(whole.tables["calibration"]["Model"]) == {"Clinical", "Radscore (T1 MRI)"}
    assert set(result.tables["calibration"]["Model"]) == {"Radscore (T1 MRI)"}
    own, before = (
        set(r.tables["metrics"].loc[r.tables["metrics"]["model"] == "m0", "metric"])
        for r in (result, whole)
    )
    lost = {name.partition("_at_")[0] for name in before - own}
    assert lost == (
        {"brier", "oe"}
        if survival
        else {"brier", "scaled_brier", "calibration_intercept", "calibration_slope", "oe",
              "calibration_in_the_large"}
    )  # fmt: skip
    assert result.tables["performance"].equals(whole.tables["performance"])
    told = "Clinical: no measures of calibration, since its risks are no probabilities"
    assert [n for n in result.notes if n.startswith(told) and "calibrate: platt" in n]
    assert not [n for n in whole.notes if "no measures of calibration" in n]


def test_few_events_behind_the_metrics_of_calibration_are_warned_of():
    few = OUTPUTS["metrics"]().compute(outputs_making.make(models=2)).notes[-1]
    assert few.startswith("Fewer than 100 events or non-events (Out-of-fold: ")
    assert "slopes, intercepts and O/E are too uncertain" in few
    late = OUTPUTS["metrics"]().compute(outputs_making.make(survival=True, models=1))
    assert ", 365 days: " in late.notes[-1]
    data = outputs_making.make(models=1, n=600, repeats=2)
    assert not any("Fewer than 100" in n for n in OUTPUTS["metrics"]().compute(data).notes)
    fits = {m: {**fit, "calibrated_risk": False} for m, fit in data.fits.items()}
    none = dataclasses.replace(outputs_making.make(models=1), fits=fits)
    assert not any("Fewer than 100" in n for n in OUTPUTS["metrics"]().compute(none).notes)
    value = outputs_making.make_kind("continuous", models=1)
    assert not any("Fewer than 100" in n for n in OUTPUTS["metrics"]().compute(value).notes)


def test_few_events_behind_a_calibration_curve_are_warned_of():
    data = outputs_making.make(models=2)
    result = OUTPUTS["calibration"]().compute(data)
    y = data.outcomes["y"]
    assert result.caption.count("Fewer than 100 events or non-events") == 1
    assert f"Out-of-fold: {int(y.sum())} and {int((1 - y).sum())}" in result.caption
    assert not result.notes
    many = outputs_making.make(models=1, n=600, repeats=2)
    enough = OUTPUTS["calibration"]().compute(many)
    assert min(many.outcomes["y"].sum(), (1 - many.outcomes["y"]).sum()) >= 100
    assert "Fewer than 100" not in enough.caption
    late = OUTPUTS["calibration"]().compute(outputs_making.make(survival=True, models=1))
    assert "Fewer than 100" in late.caption


def test_the_metrics_tell_cut_offs_with_the_spread_of_their_draws():
    spread = {"draws": 200, "method": "over draws", "cutoff": [-0.5, 0.1], "cutoff_high": [0.2, 1]}
    rule = {"kind": "x_tile", "min_share": 0.1}
    result = OUTPUTS["metrics"]().compute(
        study(
            cutoff_bootstrap=spread, cutoff_rule=rule, cutoff_p=P, cutoff_final=-0.3,
            cutoff_high_final=0.6, cutoffs=[-0.3, -0.2], cutoffs_high=[0.4, 0.8],
        )
    )  # fmt: skip
    tidy = result.tables["metrics"]
    upper = tidy[(tidy["metric"] == "cutoff_high") & (tidy["split"] == "internal")].iloc[0]
    assert (upper["estimate"], upper["lower"], upper["upper"]) == (0.6, 0.2, 1)
    assert "over draws (200)" in upper["method"]
    shown = result.tables["cutoffs"].iloc[0]
    assert shown["Cut-off"] == "−0.3 (−0.5 to 0.1)"
    assert shown["Upper cut-off"] == "0.6 (0.2–1)"
    assert shown["Over the resamples"] == "−0.25 (−0.3 to −0.2) and 0.6 (0.4–0.8)"
    assert (shown["Plain p"], shown["Corrected p"]) == ("0.004", "0.060")
    assert "Corrected p: permutation; corrected so." in result.caption
    values = result.tables["cutoff_values"].query("model == 'm0'")
    assert values["value"].tolist() == [-0.3, 0.6]
    assert (values["lower"].tolist(), values["least"].tolist()[0]) == ([-0.5, 0.2], -0.3)
    assert "median and range of the cut-offs that the fits of the resampling (2)" in result.caption


def test_a_cut_off_has_its_scale_and_the_risk_there():
    given = {"cutoff_rule": {"kind": "median"}, "cutoff_final": 1e-16, "cutoffs": [0.5, None]}
    result = OUTPUTS["metrics"]().compute(
        study(**given, score_scale="log_hazard", cutoff_risk={"cutoff": [0.25, 0.4]})
    )
    shown = result.tables["cutoffs"].iloc[0]
    assert (shown["Scale"], shown["Cut-off"]) == ("log relative hazard", "0")
    assert (shown["Risk by 365 days"], shown["Risk by 730 days"]) == ("25%", "40%")
    assert "that of a case whose score is the cut-off" in result.caption
    own = OUTPUTS["metrics"]().compute(study(**given, score_scale="value"))
    assert own.tables["cutoffs"].iloc[0]["Scale"] == "the model's own score"
    assert not any(c.startswith("Risk") for c in own.tables["cutoffs"])


def test_a_learned_threshold_is_shown_in_its_own_unit():
    spread = {"draws": 200, "method": "central 95%", "cutoff": [-0.125, 0.5]}
    own = {"value": 0.25, "rule": {"kind": "max_logrank", "min_share": 0.1}, "bootstrap": spread,
           "cutoffs": [0.5, 0.25, -0.25]}  # fmt: skip
    params = {"params": {"direction": "lower", "threshold": 0.25}}
    data = study(kind="threshold", threshold=own, cutoff_rule={"kind": "fixed", "on": "score",
                 "at": 0.5}, cutoff_final=0.5, cutoff_p=P, summary=params)  # fmt: skip
    shown = cutoff_table(data, list(data.models)).iloc[0]
    assert shown["Rule"] == "Maximally selected log-rank"
    assert shown["Cut-off"] == "at most 0.25 (−0.125 to 0.5)"
    assert shown["Scale"] == "the input's value"
    assert shown["Over the resamples"] == "0.25 (−0.25 to 0.5)"
    assert shown["Corrected p"] == "0.060"
    rules = study(kind="rule", cutoff_rule={"kind": "fixed", "on": "score", "at": 0.5})
    assert cutoff_table(rules, list(rules.models)).empty


def test_a_cut_off_in_the_unit_of_a_variable_keeps_its_digits_and_direction():
    own = {"value": 1050.25, "rule": {"kind": "fixed", "on": "score", "at": 1050.25}}
    data = study(kind="threshold", threshold=own, summary={"params": {"direction": "higher"}})
    shown = cutoff_table(data, list(data.models)).iloc[0]
    assert (shown["Rule"], shown["Cut-off"]) == ("Given score: 1050.25", "1050.25")
    spread = {"draws": 9, "method": "central 95%", "cutoff": [-1400.0, -1100.0]}
    lower = {"params": {"direction": "lower"}}
    data = study(kind="marker", cutoff_rule={"kind": "median"}, cutoff_final=-1234.5,
                 cutoffs=[-1300.0, -1200.5], cutoff_bootstrap=spread, summary=lower)  # fmt: skip
    shown = cutoff_table(data, list(data.models)).iloc[0]
    assert shown["Scale"] == "the input's value"
    assert shown["Cut-off"] == "at most 1234.5 (1100–1400)"
    assert shown["Over the resamples"] == "1250.25 (1200.5–1300)"


def test_a_binary_endpoint_with_two_cut_offs_has_events_by_stratum():
    data = outputs_making.make(models=2, held_out=True, n=120, repeats=1)
    rows = data.predictions.assign(cutoff=0.4, cutoff_high=0.7)
    data = dataclasses.replace(data, predictions=rows)
    result = OUTPUTS["metrics"](models=["m1"]).compute(data)
    own = rows[(rows["model"] == "m1") & (rows["split"] == "internal")].merge(
        data.outcomes[["case", "y"]], on="case"
    )
    place = np.array(["low", "intermediate", "high"])[
        (own["score"] >= 0.4).astype(int) + (own["score"] >= 0.7)
    ]
    table = result.tables["events_by_stratum"].query("split == 'internal'").set_index("group")
    for group, (n, events) in own.groupby(place)["y"].agg(["size", "sum"]).iterrows():
        assert tuple(table.loc[group, ["n", "events"]]) == (n, events)
    shown = result.tables["strata"]
    assert shown["Risk"].tolist()[:3] == ["low", "intermediate", "high"]
    assert set(shown["Cases"]) == {"Out-of-fold", "Internal test", "Apparent"}
    told = "the measures are of intermediate and high risk together against low risk"
    assert told in result.caption
    assert told in OUTPUTS["waterfall"](models=["m1"]).compute(data).caption
    one = OUTPUTS["metrics"]().compute(outputs_making.make(models=1))
    assert "strata" not in one.tables
    assert told not in one.caption


GIVEN = {"cutoff_rule": {"kind": "fixed", "on": "risk", "at": 0.5}}
LEARNED = {"cutoff_rule": {"kind": "youden"}}
ON_VALUES = {**GIVEN, "threshold": {"value": 3.0, "rule": {"kind": "youden"}}}


@pytest.mark.parametrize(
    ("fits", "said"),
    [
        ((GIVEN, GIVEN), "that was given"),
        ((LEARNED, LEARNED), "learned on inner out-of-fold predictions of the training rows"),
        ((LEARNED, GIVEN), "learned on inner out-of-fold predictions of the training rows or that "
                           "was given"),
        ((ON_VALUES, GIVEN), "learned on the training rows or that was given"),
    ],
)  # fmt: skip
def test_the_metrics_say_of_no_given_cut_off_that_it_was_learned(fits, said):
    data = outputs_making.make(models=2)
    own = {m: {**data.fits[m], **fit} for m, fit in zip(data.models, fits, strict=True)}
    caption = OUTPUTS["metrics"]().compute(dataclasses.replace(data, fits=own)).caption
    assert f"Sensitivity to accuracy are at a cut-off {said}. " in caption


@pytest.mark.parametrize(
    ("kind", "output", "said"),
    [("cox", "calibration", True), ("nomogram", "nomogram", True), ("cox", "decision_curve", True),
     ("fine_gray", "calibration", False), ("cox", "kaplan_meier", False)],
)  # fmt: skip
@pytest.mark.parametrize("rivals", [True, False])
def test_risks_that_censor_competing_events_are_said_to(kind, output, said, rivals):
    data = study(rivals=rivals)
    models = {name: {**about, "kind": kind} for name, about in data.models.items()}
    nomogram = {"nomogram": {"variables": [], "total_points": [], "risks": []}}
    fits = {name: {**found, **nomogram} for name, found in data.fits.items()}
    caption = OUTPUTS[output]().result(dataclasses.replace(data, models=models, fits=fits)).caption
    assert ("censor the competing event and are too high" in caption) == (said and rivals)
