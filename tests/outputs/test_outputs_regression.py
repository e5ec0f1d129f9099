"""Regression tables of made-up fits: what is printed, drawn and refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from outputs_making import made as computed
from outputs_making import study
from study_making import load_faults

from radpipe.core import target
from radpipe.models.registry import MODELS
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.regression_drawing import _ticks
from radpipe.outputs.regression_rows import EFFECT, effect_words
from radpipe.outputs.style import Style, drawing


def test_candidates_that_are_not_printed_are_counted():
    data = made_of_features()
    spec = OUTPUTS["regression_table"](left_out=4)
    result = spec.compute(data)
    assert len(result.tables["terms"]) == 31
    shown = result.tables["regression"]
    assert len(shown) == 1 + 4
    assert shown["Univariable p"].tolist() == ["–", "0.010", "0.020", "0.030", "0.040"]
    assert result.notes == (
        "Clinical: 26 candidates more, not in the final model and with larger p values, in "
        "terms.csv.",
    )


def test_several_cases_a_patient_have_the_p_values_of_the_clustered_regression():
    data = made_of_features()
    alone = {**data.fits["m0"]["summary"]["coefficients"][0], "name": "t1__f01", "p": 0.321}
    tested = {**data.fits["m0"]["univariable"], "coefficients": {"t1__f01": [alone]}}
    fits = {"m0": {**data.fits["m0"], "univariable": tested, "n_groups": 40}}
    result = OUTPUTS["regression_table"]().compute(dataclasses.replace(data, fits=fits))
    assert result.tables["regression"]["Univariable p"].tolist()[1:3] == ["0.32", "–"]
    assert result.tables["terms"]["selection_p"][1] == 0.01
    assert "take no account of patients with several cases" in result.caption
    assert "judged a variable" not in result.caption


@pytest.mark.parametrize(
    ("estimate", "lower", "upper", "words"),
    [
        (3.8e-9, np.nan, np.nan, "no finite estimate"),
        (2e7, np.nan, np.nan, "no finite estimate"),
        (2.0, np.nan, np.nan, "2.00"),
        (np.nan, np.nan, np.nan, "–"),
        (2.0, 1.0, 4.0, "2.00 (1.00–4.00)"),
    ],
)
def test_a_ratio_without_a_maximum_is_no_number(estimate, lower, upper, words):
    row = pd.Series({"measure": "HR", "estimate": estimate, "lower": lower, "upper": upper})
    assert effect_words(row) == words


@pytest.mark.parametrize("high", [1.02, 1.6, 3.9, 4.1, 30.0, 1e3, 1e9])
def test_the_axis_of_ratios_has_two_to_seven_round_ticks(high):
    ticks = _ticks(0.97, high)
    assert 2 <= len(ticks) <= 7
    assert 1.0 in ticks
    assert all(0.97 <= tick <= high for tick in ticks)


def made_of_features():
    """Return a study of one model whose selection tested 30 features and kept another column."""
    data = study("binary")
    coefficient = {"name": "t1__kept", "coef": 1.0, "se": 0.5, "lower": 0.02, "upper": 1.98,
                   "p": 0.0455, "or": 2.718, "or_lower": 1.02, "or_upper": 7.24}  # fmt: skip
    rows = [{"variable": f"t1__f{i:02d}", "p": i / 100} for i in range(30, 0, -1)]
    fit = {
        **data.fits["m0"],
        "summary": {"coefficients": [coefficient], "params": {}, "notes": []},
        "univariable": {"tests": ["Welch's t test"], "rows": rows},
    }
    models = {"m0": data.models["m0"]}
    return dataclasses.replace(data, models=models, fits={"m0": fit})


def test_variables_that_were_not_fitted_alone_are_counted():
    data = made_of_features()
    fit = data.fits["m0"]
    row = fit["summary"]["coefficients"][0]
    rows = [{**row, "name": f"t1__g{i:02d}"} for i in range(61)]
    alone = {f"t1__g{i:02d}": [rows[i]] for i in range(60)}
    fit = {
        **fit,
        "summary": {**fit["summary"], "coefficients": rows},
        "univariable": {"tests": [], "rows": [], "coefficients": alone},
    }
    result = OUTPUTS["regression_table"]().compute(dataclasses.replace(data, fits={"m0": fit}))
    assert result.notes == (
        "Clinical: 60 of 61 variables were fitted alone, those with the smallest p values where a "
        "test chose, else the first.",
    )


def test_a_model_of_scores_says_which_scores_it_was_fitted_to():
    data = made_of_features()
    assert "scores" not in OUTPUTS["regression_table"]().compute(data).caption
    own, score = data.models["m0"], {**data.models["m0"], "label": "Radscore"}
    stacked = dataclasses.replace(data, models={"m0": {**own, "inputs": ["m1"]}, "m1": score})
    caption = OUTPUTS["regression_table"](models=["m0"]).compute(stacked).caption
    assert "Clinical: fitted to the inner out-of-fold scores of Radscore" in caption


def test_a_model_without_a_variable_or_with_balanced_rows_says_so():
    data = made_of_features()
    empty = {**data.fits["m0"], "summary": {"coefficients": [], "params": {}, "notes": []}}
    result = OUTPUTS["regression_table"]().compute(dataclasses.replace(data, fits={"m0": empty}))
    assert result.notes[0] == "Clinical: no variable in the final model, since selection left none."
    assert OUTPUTS["regression_table"]().draw(result, Style.of(data)) is None
    balanced = {**data.fits["m0"]}
    balanced["summary"] = {**balanced["summary"], "balance": {"kind": "smote"}}
    result = OUTPUTS["regression_table"]().compute(dataclasses.replace(data, fits={"m0": balanced}))
    assert "not shown, since its rows are balanced" in result.notes[0]
    assert result.tables["terms"].empty
    assert result.readable == ()


def test_each_class_has_its_ratios():
    result, _ = computed("regression_table", "multiclass")
    assert set(result.tables["terms"]["measure"]) == {"OR"}
    data = study("multiclass")
    one = {"name": "clinical.age", "coef": 0.5, "or": 1.65}
    summary = {"coefficients": [{"class": c, **one} for c in (1, 2)],
               "params": {"reference_class": 0}, "notes": []}  # fmt: skip
    by_class = {"coefficients": [], "by_class": [{"coefficients": [one]}] * 3, "params": {}}
    fits = {"m0": {**data.fits["m0"], "summary": summary, "n_classes": {"Grade 1": 7}}}
    fits["m2"] = {**data.fits["m2"], "summary": by_class}
    result = OUTPUTS["regression_table"]().compute(dataclasses.replace(data, fits=fits))
    terms, names = result.tables["terms"], list(data.endpoint["classes"])
    assert terms["class"].tolist() == [*names[1:], *names]
    assert terms["events"].tolist()[0] == 7
    assert f"Clinical: each class is compared with {names[0]}." in result.caption
    assert "Nomogram: each class is compared with all others." in result.caption


@pytest.mark.parametrize(
    ("kind", "endpoint", "measure", "key"),
    [
        ("ordinal", "ordinal", "OR", "or"),
        ("multinomial", "multiclass", "OR", "or"),
        ("fine_gray", "survival", "SHR", "shr"),
        ("linear", "continuous", "β", ""),
    ],
)
def test_other_regressions_are_those_of_their_fits(kind, endpoint, measure, key):
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(80, 2)), columns=["clinical.age", "t1__a"])
    score = X["t1__a"].to_numpy() + rng.logistic(size=80)
    codes = np.digitize(score, [-0.7, 0.7])
    y = {
        "ordinal": target.ordinal(codes, 3),
        "multiclass": target.multiclass(codes, 3),
        "survival": target.survival(np.exp(-score) + 0.1, codes > 0, codes == 0),
        "continuous": target.continuous(score),
    }[endpoint]
    summary = MODELS[kind](inputs=["clinical", "t1"]).build(endpoint, 0).fit(X, y).summary()
    data = study(endpoint)
    fits = {"m0": {**data.fits["m0"], "kind": kind, "summary": summary}}
    models = {"m0": {"kind": kind, "label": "One", "inputs": []}}
    data = dataclasses.replace(data, fits=fits, models=models)
    result = OUTPUTS["regression_table"]().compute(data)
    terms = result.tables["terms"]
    names = [f"{key}", f"{key}_lower", f"{key}_upper", "p"] if key else ["coef", *EFFECT[1:]]
    told = [[row[name] for name in names] for row in summary["coefficients"]]
    assert terms[list(EFFECT)].to_numpy().tolist() == told
    assert set(terms["measure"]) == {measure}
    assert f"One: {summary['params']['method']}" in result.caption
    with drawing():
        figure = OUTPUTS["regression_table"]().draw(result, Style.of(data))
    assert (figure is None) == (key == "")


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("kind: penalised_logistic", "models of kind cox, fine_gray, linear, logistic"),
        ("kind: logistic, balance: smote", "remove balance from the model"),
    ],
)
def test_models_without_inference_are_refused(made, model, said):
    made.swap("kind: logistic", model, "kind: roc, models: [radscore, combined]",
              "kind: regression_table, models: [combined]")  # fmt: skip
    found = [fault for fault in load_faults(made) if "outputs[1]" in fault]
    assert len(found) == 1
    assert said in found[0]
    assert "leave it out of regression_table" in found[0]
