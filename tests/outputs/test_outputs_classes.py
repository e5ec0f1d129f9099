"""Numbers of endpoints with several classes or labels, and of measured values."""

from __future__ import annotations

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
