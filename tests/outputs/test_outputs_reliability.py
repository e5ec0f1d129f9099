"""Coefficients of agreement, and what the selection made of them."""

import dataclasses

import pytest
from outputs_making import make
from reliability_making import entry

from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing


def study(*entries):
    return dataclasses.replace(make(repeats=2), reliability=entries)


def test_every_feature_is_listed_the_most_reliable_first():
    result = OUTPUTS["reliability"]().compute(study(entry()))
    table = result.tables["features"]
    assert table["feature"].tolist() == [
        "original_shape_Volume",
        "original_firstorder_Mean",
        "original_glcm_Contrast",
        "original_firstorder_Minimum",
    ]
    assert table["result"].tolist() == ["kept", "kept", "unreliable", "undefined"]
    assert table["class"].tolist() == ["shape", "firstorder", "glcm", "firstorder"]
    assert table["icc"].isna().tolist() == [False, False, False, True]
    assert table["reason"].tolist() == ["", "", "", "no variation"]
    [row] = result.tables["summary"].to_dict("records")
    assert {k: row[k] for k in ("block", "features", "kept", "unreliable", "undefined")} == {
        "block": "t1", "features": 4, "kept": 2, "unreliable": 1, "undefined": 1,
    }  # fmt: skip
    assert row["median_icc"] == pytest.approx(0.8)
    assert "radiomic (Radscore): ICC(2,1), the primary reading and r2, 24 cases" in result.caption
    assert (
        " A coefficient that is undefined, or rests on too few cases, counts as unreliable. "
        in result.caption
    )


def test_the_caption_says_what_is_compared():
    lower = entry(on="lower", form="icc3_k", readers=["perturbation.1", "perturbation.2"], step=2)
    result = OUTPUTS["reliability"]().compute(study(entry(without_readings=3), lower))
    assert "step 2): ICC(3,k)" in result.caption
    assert "2 perturbations of the mask or image" in result.caption
    assert "the lower limit of the interval is 0.75 or more" in result.caption
    assert result.notes == ("radiomic (Radscore): 3 columns passed without a second reading.",)
    assert len(result.tables["summary"]) == 2


def test_the_figure_has_two_panels_a_block_and_says_when_some_are_left_out():
    spec = OUTPUTS["reliability"]()
    many = [entry(step=step) for step in range(1, 11)]
    for entries, panels in (([entry()], 2), (many, 16)):
        data = study(*entries)
        result = spec.compute(data)
        with drawing():
            figure = spec.draw(result, Style.of(data))
        assert len(figure.axes) == panels
    assert result.notes == ("The figure shows the first 8 of 10 comparisons.",)
    assert 0.75 in {float(y) for line in figure.axes[0].lines for y in line.get_ydata()}


def test_what_an_earlier_step_dropped_is_listed_and_said_to_be():
    spec = OUTPUTS["reliability"]()
    rows = [row | {"dropped_before": True} if "Mean" in row["feature"] else row
            for row in entry()["rows"]]  # fmt: skip
    data = study(entry(step=2, dropped_before=1, rows=rows))
    result = spec.compute(data)
    found = result.tables["features"].set_index("feature")
    assert found["result"].tolist() == ["kept", "dropped before", "unreliable", "undefined"]
    assert found.loc["original_firstorder_Mean", "icc"] == 0.8
    assert result.tables["summary"]["dropped before"].tolist() == [1]
    assert result.notes == (
        "radiomic (Radscore, step 2): 1 feature of these had been dropped before: constant, or by "
        "an earlier step of the selection.",
    )
    with drawing():
        legend = spec.draw(result, Style.of(data)).axes[0].get_legend().get_texts()
    assert "dropped before (1)" in [text.get_text() for text in legend]
    nothing = entry(rows=[], cases=0, without_readings=2)
    for entries, rows in (([nothing], 0), ([entry(), nothing], 4)):
        data = study(*entries)
        result = spec.compute(data)
        assert len(result.tables["features"]) == rows
        assert result.caption.endswith("no feature that was left has a second reading.")
        with drawing():
            assert (spec.draw(result, Style.of(data)) is None) == (not rows)


def test_nothing_compared_and_nothing_defined():
    spec = OUTPUTS["reliability"]()
    result = spec.compute(study())
    assert result.notes == ("No selection compared readings.",)
    assert spec.draw(result, Style()) is None
    rows = [row | {"icc": None, "lower": None, "upper": None, "kept": False}
            for row in entry()["rows"]]  # fmt: skip
    result = spec.compute(study(entry(rows=rows)))
    with drawing():
        assert len(spec.draw(result, Style()).axes) == 2
    assert result.tables["summary"]["undefined"].tolist() == [4]
