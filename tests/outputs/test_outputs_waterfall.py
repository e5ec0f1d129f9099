"""Waterfall plots: bars, calls, codes and words."""

from __future__ import annotations

import dataclasses

import numpy as np
import outputs_making
from cohorts_making import COHORTS, LONG, cohorts, random_splits
from matplotlib.colors import to_hex
from test_outputs_comparison import drawn
from test_outputs_every import assert_inside

from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.waterfall import LOOKS

KIND = "waterfall"


def test_bars_are_scores_minus_the_cut_in_rising_order_by_code():
    data = outputs_making.make(models=2, held_out=True, repeats=2)
    result, figure = drawn(KIND, data, models=["m1"], splits=["internal"])
    bars = result.tables["bars"]
    rows = data.predictions.query("model == 'm1' and kind == 'held-out'")
    margin = (rows["score"] - rows["cutoff"]).set_axis(rows["case"].map(data.codes))
    expected = margin.sort_values()
    assert bars["case"].tolist() == expected.index.tolist()
    np.testing.assert_allclose(bars["margin"], expected)
    assert not bars.isin(list(data.outcomes["case"])).any(axis=None)
    truth = data.outcomes.assign(code=data.outcomes["case"].map(data.codes))
    assert bars["y"].tolist() == truth.set_index("code")["y"].loc[bars["case"]].tolist()
    [ax] = figure.axes
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], expected)
    shown = [to_hex(bar.get_facecolor()).upper() for bar in ax.patches]
    assert shown == [LOOKS[y] for y in bars["y"]]
    right = ((bars["margin"] >= 0) == (bars["y"] == 1)).mean()
    legend = [t.get_text() for t in ax.get_legend().get_texts()]
    assert legend[0] == f"With lung metastasis: {bars['y'].sum()}"
    assert legend[1] == f"Without: {(bars['y'] == 0).sum()}"
    assert legend[2].startswith(f"Accuracy {100 * right:.0f}% (")
    assert result.tables["calls"]["Accuracy"][0].startswith(f"{100 * right:.0f}% (")


def test_accuracy_is_that_of_the_metrics_table(binary):
    shown = outputs_making.made(KIND, "binary")[0].tables["calls"]
    known = outputs_making.made("metrics", "binary")[0].tables["performance"]
    known = known[known["Cases"] == "Out-of-fold"]
    for column in ("Model", "Accuracy", "Sensitivity", "Specificity"):
        assert shown[column].tolist() == known[column].tolist()


def test_ids_are_shown_where_there_are_no_codes(binary):
    result = OUTPUTS[KIND]().compute(dataclasses.replace(binary, codes={}))
    assert set(result.tables["bars"]["case"]) == set(binary.outcomes["case"])


def test_models_without_a_cut_and_those_whose_score_is_a_side_are_told(binary):
    rows = binary.predictions
    rows = rows.assign(cutoff=rows["cutoff"].mask(rows["model"] == "m1"))
    fits = {**binary.fits, "m2": {**binary.fits["m2"], "kind": "rule"}}
    data = dataclasses.replace(binary, predictions=rows, fits=fits)
    result, figure = drawn(KIND, data)
    assert result.notes == (
        "Nomogram: not shown, since its score is a side.",
        "Radscore (T1 MRI): not shown, since it has no cut-off.",
    )
    assert len(figure.axes) == 1
    gone = dataclasses.replace(data, predictions=rows.assign(cutoff=np.nan))
    result, figure = drawn(KIND, gone)
    assert figure is None
    assert result.readable == ()
    assert len(result.notes) == 3


def test_out_of_fold_bars_are_said_to_be_means(binary):
    told = "a bar is the mean over the repeats that predict a case"
    assert told in outputs_making.made(KIND, "binary")[0].caption
    spread = OUTPUTS[KIND]().compute(random_splits(binary))
    assert told.replace("repeats", "splits") in spread.caption
    assert "distribution over the splits, which is no interval" in spread.caption
    once = OUTPUTS[KIND]().compute(outputs_making.make(models=1, repeats=1))
    assert told not in once.caption
    assert "the cut-off is that of the fit that held the case out" in once.caption
    held = outputs_making.make(models=1, held_out=True)
    assert told not in OUTPUTS[KIND](splits=["internal"]).compute(held).caption


def test_several_cohorts_and_long_names_stay_on_the_page():
    data = cohorts(simulated=True, n=400)
    label = "lung metastasis within five years of the resection of the primary tumour"
    data = dataclasses.replace(data, endpoint={**data.endpoint, "label": label})
    result, figure = drawn(KIND, data)
    assert result.tables["calls"]["Cases"].nunique() == 4
    assert result.tables["bars"]["split"].unique().tolist() == ["resampled", *COHORTS]
    assert len(figure.axes) == 4 * len(LONG)
    assert_inside(figure, KIND)


def test_models_of_a_split_without_cases_are_not_said_to_lack_a_cut_off(binary):
    result = OUTPUTS[KIND](splits=["external"]).compute(binary)
    assert result.tables["bars"].empty
    assert not any("no cut-off" in note for note in result.notes)


def test_bars_stand_alike_where_all_lie_at_the_cut(binary):
    rows = binary.predictions.assign(score=binary.predictions["cutoff"])
    result, figure = drawn(KIND, dataclasses.replace(binary, predictions=rows))
    assert (result.tables["bars"]["called"] == 1).all()
    for ax in figure.axes:
        assert all(bar.get_height() == 0 for bar in ax.patches)
        assert ax.get_ylim() == (-1.0, 1.0)
    assert_inside(figure, KIND)
