"""Numbers of endpoints with several classes or labels, and of measured values."""

from __future__ import annotations

import dataclasses

import numpy as np
import outputs_making
import pytest

from radpipe.core.errors import RadpipeError
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing


def test_classes_have_rows_of_their_own_in_the_metrics():
    tables = outputs_making.made("metrics", "multiclass")[0].tables
    data = outputs_making.study("multiclass")
    assert set(tables["classes"]["Class"]) == set(data.endpoint["classes"])
    assert "Class" not in tables["performance"]
    assert "Macro AUC" in tables["performance"]
    assert len(tables["classes"]) == 3 * len(tables["performance"])


def test_a_curve_a_class_and_their_mean():
    data = outputs_making.study("ordinal")
    spec = OUTPUTS["roc"](classes=["Grade 2", "Grade 1"], average="micro", splits=["internal"])
    curves = spec.compute(data).tables["curve"]
    assert set(curves["class"]) == {"Grade 1", "Grade 2", ""}
    assert set(curves["average"]) == {"micro", ""}
    none = OUTPUTS["roc"](average="none").compute(data).tables["curve"]
    assert set(none["class"]) == set(data.endpoint["classes"])
    with pytest.raises(RadpipeError, match=r"class 'Grade 9' is not known; allowed: .*Grade 1"):
        OUTPUTS["roc"](classes=["Grade 9"]).compute(data)


def test_confusion_counts_every_case_once_and_shares_fill_the_row():
    table = outputs_making.made("confusion_matrix", "multiclass")[0].tables["counts"]
    data = outputs_making.study("multiclass")
    held_out = int((data.outcomes["split"] == "internal").sum())
    for _, rows in table[table["split"] == "internal"].groupby("model"):
        assert rows["n"].sum() == held_out
        np.testing.assert_allclose(rows.groupby("true")["share"].sum(), 1.0)


def test_a_binary_endpoint_has_the_confusion_matrix_of_its_cut_off(binary):
    result, figure = outputs_making.made("confusion_matrix", "binary")
    table = result.tables["counts"].query("model == 'm1'").set_index(["true", "called"])["n"]
    found = OUTPUTS["metrics"]().compute(binary).tables["metrics"]
    own = found.query("model == 'm1' and split == 'resampled'").set_index("metric")
    event, none = "With lung metastasis", "Without lung metastasis"
    assert table[event, event] == pytest.approx(own.loc["sensitivity", "numerator"])
    assert table[none, none] == pytest.approx(own.loc["specificity", "numerator"])
    assert table.sum() == pytest.approx(len(binary.outcomes))
    assert "a cut-off" in result.caption
    assert len(figure.axes) == len(binary.models)


def test_a_class_has_the_decision_curve_of_its_indicator():
    data = outputs_making.study("multilabel")
    asked = ("Grade 2", "Normal meniscus")
    spec = OUTPUTS["decision_curve"](classes=asked, splits=("internal",))
    result = spec.compute(data)
    table = result.tables["net_benefit"]
    assert table["class"].unique().tolist() == list(asked)
    assert "Each class is compared with the rest" in result.caption
    own = data.outcomes[data.outcomes["split"] == "internal"].set_index("case")["y.Grade 2"]
    rows = data.predictions.query("model == 'm1' and split == 'internal'")
    risk = rows[rows["class"] == "Grade 2"].set_index("case")["risk"].loc[own.index]
    treated, at = risk >= 0.3, table[(table["class"] == "Grade 2") & (table["threshold"] == 0.3)]
    benefit = (treated & (own == 1)).mean() - (treated & (own == 0)).mean() * 0.3 / 0.7
    found = at.set_index("model")["net_benefit"]
    assert found["m1"] == pytest.approx(benefit)
    assert found["treat all"] == pytest.approx(own.mean() - (1 - own.mean()) * 0.3 / 0.7)
    with drawing():
        figure = spec.draw(result, Style.of(data))
    assert len(figure.axes) == 2
    assert {"Grade 2", "Normal meniscus"} <= {text.get_text() for text in figure.texts}


def test_points_are_mean_predictions_and_limits_those_of_the_metrics():
    data = outputs_making.study("continuous")
    tables = outputs_making.made("observed_predicted", "continuous")[0].tables
    own = data.predictions[data.predictions["kind"] == "out-of-fold"]
    own = own[own["model"] == "m0"].groupby("case")["score"].mean()
    values = tables["values"]
    values = values[(values["model"] == "m0") & (values["split"] == "resampled")]
    np.testing.assert_allclose(sorted(values["predicted"]), sorted(own))
    assert values["case"].str.startswith("C").all()
    assert {"bias", "loa_lower", "loa_upper", "r2"} <= set(tables["summary"]["metric"])


def test_controls_and_flow_of_every_kind():
    for name, metric in (("multiclass", "Macro AUC"), ("continuous", "R²")):
        result = outputs_making.made("controls", name)[0]
        assert result.facts["metric"] == metric
        assert f"{metric} (95% interval)" in result.tables["summary"]
    flow = outputs_making.made("cohort_flow", "ordinal")[0].tables["flow"]
    assert flow.set_index("step").loc["included", "outcome"].startswith("16 Normal meniscus; 16")


def test_baseline_by_class(binary):
    data = outputs_making.make_kind("multiclass", held_out=False)
    table = OUTPUTS["baseline_table"]().compute(data).tables["baseline"]
    assert [c.split(" (")[0] for c in table.columns[1:5]] == [
        "Overall", "Normal meniscus", "Grade 1", "Grade 2",
    ]  # fmt: skip
    measured = outputs_making.make_kind("continuous", held_out=False)
    result = OUTPUTS["baseline_table"](by="outcome").compute(measured)
    assert any("make no groups" in note for note in result.notes)


def test_every_class_has_its_own_coefficient():
    """In whichever order the classes are listed."""
    data = outputs_making.study("multiclass")
    names = list(data.endpoint["classes"])
    rows = [
        {"name": name, "class": code, "coef": coef}
        for name, coefs in {"a": (0.5, -0.1, -0.4), "b": (0.9, -1.0, 0.1)}.items()
        for code, coef in enumerate(coefs)
    ]
    spec = OUTPUTS["selected_features"](models=["m1"])
    for listed in (rows, rows[::-1]):
        summary = {"coefficients": listed, "params": {"reference_class": 0}}
        fit = {**data.fits["m1"], "summary": summary, "frequency": [],
               "features_final": ["a", "b"]}  # fmt: skip
        own = dataclasses.replace(data, fits={"m1": fit})
        result = spec.compute(own)
        table = result.tables["features"]
        assert list(dict.fromkeys(table["feature"])) == ["b", "a"]
        found = table.set_index(["feature", "class"])["value"].to_dict()
        assert found == {(row["name"], names[row["class"]]): row["coef"] for row in rows}
        assert "Of several classes each has its bar" in result.caption
        assert result.notes == (f"Radscore (T1 MRI): coefficients are against {names[0]}.",)
        with drawing():
            [ax] = spec.draw(result, Style.of(own)).axes
        assert sum(len(bars) for bars in ax.containers) == len(rows)
        legend = [text.get_text() for text in ax.get_legend().get_texts()]
        assert sorted(legend) == sorted(names)


def test_the_labels_of_a_lifted_model_have_their_coefficients():
    data = outputs_making.study("multilabel")
    parts = [{"coefficients": [{"name": "a", "coef": c}]} for c in (0.2, -0.3, 0.7)]
    fit = {**data.fits["m0"], "summary": {"coefficients": [], "by_class": parts}, "frequency": [],
           "features_final": ["a"]}  # fmt: skip
    own = dataclasses.replace(data, fits={"m0": fit})
    table = OUTPUTS["selected_features"](models=["m0"]).compute(own).tables["features"]
    assert table["value"].tolist() == [0.2, -0.3, 0.7]
    assert table["class"].tolist() == list(data.endpoint["classes"])
