"""Models against each other: what the table, the caption and the figure say."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import outputs_making
import pandas as pd
import pytest
from cohorts_making import COHORTS, cohorts, random_splits
from pydantic import ValidationError
from test_outputs_every import assert_inside

from radpipe.core.errors import RadpipeError
from radpipe.outputs.base import OutputData
from radpipe.outputs.comparison import MOST_ROWS
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing

GOLDEN = Path(__file__).parents[1] / "golden" / "cases" / "roc_delong_paired"


def aneurysms() -> tuple[OutputData, dict]:
    """The cohort of the golden case as a held-out split, with pROC's numbers."""
    expected = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))["values"]
    frame = pd.read_csv(GOLDEN / "input.csv")
    base = outputs_making.make(n=len(frame), models=3)
    outcomes = base.outcomes.assign(y=(frame["outcome"] == "Poor").astype(int), split="internal")
    rows = outcomes[["case", "group", "cohort", "split"]]
    tables = [
        rows.assign(format=1, repeat=0, fold=0, model=f"m{i}", horizon=np.nan,
                    score=frame[name].astype(float), risk=np.nan, cutoff=np.nan, kind="held-out",
                    **{"class": ""})
        for i, name in enumerate(("ndka", "s100b", "wfns"))
    ]  # fmt: skip
    predictions = pd.concat(tables, ignore_index=True)
    return dataclasses.replace(base, outcomes=outcomes, predictions=predictions), expected


def drawn(kind, data, **settings):
    spec = OUTPUTS[kind](**settings)
    result = spec.result(data)
    with drawing():
        figure = spec.draw(result, Style.of(data))
    return result, figure


def test_the_table_holds_the_numbers_of_proc():
    data, expected = aneurysms()
    result, figure = drawn("comparison", data)
    tidy, shown = result.tables["differences"], result.tables["comparison"]
    for (_, row), name in zip(
        tidy.iterrows(), ("ndka_vs_s100b", "ndka_vs_wfns", "s100b_vs_wfns"), strict=True
    ):
        r = expected[name]
        assert row["difference"] == pytest.approx(r["diff"])
        assert row["p"] == pytest.approx(r["p"])
        assert [row["lower"], row["upper"]] == pytest.approx(r["diff_ci95"])
    assert shown["Difference (95% interval)"][0] == "−0.119 (−0.288 to 0.049)"
    assert shown["p"].tolist() == ["0.16", "0.005", "0.027"]
    assert shown["First model"][0] == "Clinical"
    assert shown["Second model"][0] == "Radscore (T1 MRI)"
    assert "the first model minus the second" in result.caption
    assert "3 comparisons. 3 p values, not adjusted for their number." in result.caption
    assert "No p value under resampling" not in result.caption
    told = [text.get_text() for text in figure.texts]
    assert "−0.119 (−0.288 to 0.049)" in told
    assert "Clinical vs Radscore (T1 MRI)" in told


def test_under_resampling_there_is_no_p_and_it_is_said(binary):
    result, _ = outputs_making.made("comparison", "binary")
    assert result.tables["comparison"]["p"].tolist() == ["–"] * 3
    assert (
        "No p value under resampling of models that learn: their training is not" in result.caption
    )
    assert "p values, not adjusted" not in result.caption
    assert result.notes == ()


@pytest.mark.parametrize("name", ["survival", "multiclass", "multilabel", "continuous"])
def test_a_difference_is_that_of_the_metrics(name):
    from radpipe.evaluation.metrics import metrics

    data = outputs_making.study(name)
    tidy = outputs_making.made("comparison", name)[0].tables["differences"]
    table = metrics(data.predictions, data.outcomes, data.endpoint)
    keys = ["split", "model", "metric", "class"]
    known = table.set_index(keys)["estimate"].sort_index()
    assert len(tidy)
    for _, row in tidy.iterrows():
        a, b = (
            known.loc[(row["split"], row[m], row["metric"], row["class"])].item()
            for m in ("model_a", "model_b")
        )
        assert row["difference"] == pytest.approx(a - b)


def test_against_one_model_the_others_are_compared_with_it(survival):
    data = outputs_making.make(survival=True, models=4, repeats=2, held_out=True)
    alone = OUTPUTS["comparison"](against="m1").compute(data).tables["differences"]
    assert set(zip(alone["model_a"], alone["model_b"], strict=True)) == {
        ("m0", "m1"), ("m2", "m1"), ("m3", "m1")
    }  # fmt: skip
    assert alone["metric"].unique().tolist() == ["c_index", "auc_at_365", "auc_at_730"]
    spec = OUTPUTS["comparison"](models=["m3"], against="m1", splits=["internal"])
    few = spec.compute(data).tables["differences"]
    assert few["split"].unique().tolist() == ["internal"]
    row = few.iloc[0]
    assert (row["model_a"], row["model_b"]) == ("m3", "m1")
    every = OUTPUTS["comparison"]().compute(data).tables["differences"]
    turned = every[(every["model_a"] == "m1") & (every["model_b"] == "m3")]
    same = turned[(turned["split"] == "internal") & (turned["metric"] == "c_index")].iloc[0]
    assert row["difference"] == pytest.approx(-same["difference"])
    assert spec.shown_models(data) == ("m3", "m1")
    with pytest.raises(RadpipeError, match=r"'mm1' is not known.*nearest: m1"):
        OUTPUTS["comparison"](against="mm1").compute(data)


def test_one_model_is_compared_with_nothing():
    result, figure = outputs_making.made("comparison", "tiny")
    assert figure is None
    assert result.readable == ()
    assert result.notes == ("Nothing is compared: the study has one model.",)
    with pytest.raises(
        ValidationError, match=r"the model 'a' alone, and nothing to compare it with"
    ):
        OUTPUTS["comparison"](models=["a"])
    with pytest.raises(ValidationError, match="alone"):
        OUTPUTS["comparison"](models=["a"], against="a")


def test_apparent_differences_have_no_p_either(binary):
    result = OUTPUTS["comparison"](splits=["apparent"]).compute(binary)
    assert result.tables["comparison"]["p"].tolist() == ["–"] * 3
    assert result.caption.endswith(
        "No p value of apparent differences: they are those of the training rows."
    )
    assert result.notes == ()


def test_models_that_learn_nothing_have_a_p_value_without_held_out_cases(binary):
    first = binary.predictions.drop_duplicates(["model", "case"]).set_index(["model", "case"])
    rows = binary.predictions.copy()
    rows["score"] = first["score"].loc[pd.MultiIndex.from_frame(rows[["model", "case"]])].to_numpy()
    rows["risk"] = np.nan
    fits = {m: {**fit, "learns": m == "m0"} for m, fit in binary.fits.items()}
    models = {**binary.models, "m1": {**binary.models["m1"], "inputs": ["m2"]}}
    data = dataclasses.replace(binary, predictions=rows, fits=fits, models=models)
    result = OUTPUTS["comparison"](models=["m1", "m2"]).compute(data)
    assert result.tables["differences"]["p"].notna().all()
    assert "no p value" not in result.caption.lower()
    result = OUTPUTS["comparison"]().compute(data)
    assert result.tables["differences"]["p"].notna().tolist() == [False, False, True]
    assert "hold cases out (cohort.split)" in result.caption
    stacked = {**models, "m1": {**binary.models["m1"], "inputs": ["m0"]}}  # of one that learns
    data = dataclasses.replace(data, models=stacked)
    result = OUTPUTS["comparison"](models=["m1", "m2"]).compute(data)
    assert result.tables["differences"]["p"].isna().all()


def test_what_is_undefined_is_told_once_with_whom_it_concerns(binary):
    rows = binary.predictions.copy()
    same = rows.loc[rows["model"] == "m0", ["score", "risk"]].to_numpy()
    rows.loc[rows["model"] == "m1", ["score", "risk"]] = same
    result = OUTPUTS["comparison"]().compute(dataclasses.replace(binary, predictions=rows))
    [note] = result.notes
    assert note == (
        "the variance of the difference is zero: no test "
        "(Clinical and Radscore (T1 MRI), AUC, Out-of-fold)"
    )


def test_cases_and_patients_are_counted(binary):
    group = {case: f"P{i // 3}" for i, case in enumerate(binary.outcomes["case"])}
    data = dataclasses.replace(
        binary,
        outcomes=binary.outcomes.assign(group=binary.outcomes["case"].map(group)),
        predictions=binary.predictions.assign(group=binary.predictions["case"].map(group)),
    )
    table = OUTPUTS["comparison"]().compute(data).tables["comparison"]
    assert table["n"].tolist() == ["51/17"] * 3
    assert table["Method"].str.contains("Obuchowski").all()


def test_of_random_splits_the_limits_are_no_interval(binary):
    result = OUTPUTS["comparison"]().compute(random_splits(binary))
    assert "distribution over the splits, which is no interval" in result.caption
    assert "conditional" not in result.caption
    assert result.tables["comparison"]["Method"].str.contains("a spread, not an interval").all()


def test_several_cohorts_and_long_names_stay_on_the_page():
    data = cohorts(simulated=True)
    result, figure = drawn("comparison", data)
    assert result.tables["differences"]["split"].unique().tolist() == ["resampled", *COHORTS]
    assert_inside(figure, "comparison")
    bars = figure.axes
    assert len(bars) == 4
    assert len({ax.get_xlim() for ax in bars}) == 1
    names = [t.get_text() for t in figure.texts if " vs" in t.get_text()]
    assert max(name.count("\n") for name in names) == 1
    assert any(name.startswith("临床") and "A model with" in name for name in names)


def test_names_do_not_run_into_the_intervals():
    data = cohorts()
    _, figure = drawn("comparison", data, splits=["internal"])
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with drawing():
        renderer = FigureCanvasAgg(figure).get_renderer()
        left = figure.axes[0].get_window_extent(renderer).x0
        ends = [t.get_window_extent(renderer).x1 for t in figure.texts if " vs" in t.get_text()]
    assert len(ends) == 10
    assert max(ends) < left


def test_too_many_differences_are_a_table_alone():
    data = cohorts(survival=True)
    result, figure = drawn("comparison", data)
    assert len(result.tables["differences"]) == 120 > MOST_ROWS
    assert figure is None
    assert "No figure: 120 differences are more than the 60 that one shows" in result.notes[-1]
    few, drawing_of_few = drawn("comparison", data, against="m1")
    assert len(few.tables["differences"]) == 48
    assert_inside(drawing_of_few, "comparison")
