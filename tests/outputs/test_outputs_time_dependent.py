"""ROC curves at horizons and the AUC over time: the numbers, the words, the drawing."""

from __future__ import annotations

import dataclasses

import numpy as np
import outputs_making
import pytest
from cohorts_making import COHORTS, LONG, cohorts, random_splits
from test_outputs_comparison import drawn
from test_outputs_every import assert_inside

from radpipe.outputs.registry import OUTPUTS

KIND = "time_dependent_roc"


def test_areas_are_those_of_the_metrics_table(survival):
    result, _ = outputs_making.made(KIND, "survival")
    table = outputs_making.made("metrics", "survival")[0].tables["performance"]
    shown = result.tables["areas"]
    known = table[table["Cases"] != "Apparent"].reset_index(drop=True)
    for column in ("Model", "Cases", "AUC at 365 days", "AUC at 730 days"):
        assert shown[column].tolist() == known[column].tolist()
    assert set(result.tables["curve"]["split"]) == {"resampled", "internal"}
    for (split, model, horizon), part in result.tables["curve"].groupby(
        ["split", "model", "horizon"]
    ):
        auc = result.tables["auc"]
        same = (auc["split"] == split) & (auc["model"] == model) & (auc["horizon"] == horizon)
        area = np.trapezoid(part["tpr"], part["fpr"])
        # Out-of-fold curves are means on a grid of rates.
        by_grid = 0.006 if split == "resampled" else 1e-9
        assert area == pytest.approx(auc[same]["estimate"].item(), abs=by_grid)


def test_the_median_is_that_of_the_auc_over_time(survival):
    tables = outputs_making.made(KIND, "survival")[0].tables
    moving, median = tables["over_time"], tables["median"]
    own = moving[(moving["model"] == "m1") & (moving["split"] == "internal")]
    row = median[(median["model"] == "m1") & (median["split"] == "internal")].iloc[0]
    assert row["median"] == np.nanmedian(own["auc"])
    assert row["times"] == own["auc"].notna().sum() > 3
    quartiles = np.nanquantile(own["auc"], [0.25, 0.75])
    assert [row["lower_quartile"], row["upper_quartile"]] == pytest.approx(quartiles)
    outcomes = survival.outcomes[survival.outcomes["split"] == "internal"]
    seen = outcomes[(outcomes["event"] == 1) & (outcomes["time"] <= 730)]
    assert own["time"].tolist() == sorted(set(seen["time"]))
    words = tables["areas"]["Median AUC over time [quartiles]"]
    assert words[3] == f"{row['median']:.2f} [{quartiles[0]:.2f}–{quartiles[1]:.2f}]"


def test_one_horizon_without_the_auc_over_time(survival):
    result, figure = drawn(KIND, survival, horizon=730, over_time=False)
    assert result.tables["curve"]["horizon"].unique().tolist() == [730.0]
    assert set(result.tables) == {"areas", "curve", "auc"}
    assert "Median" not in result.caption
    assert list(result.tables["areas"].columns) == ["Model", "Cases", "AUC at 730 days"]
    assert len(figure.axes) == 2  # out-of-fold beside the internal test
    bottoms = {round(ax.get_position().y0, 6) for ax in figure.axes}
    assert len(bottoms) == 1


def test_each_split_begins_a_row(survival):
    _, figure = outputs_making.made(KIND, "survival")
    tops = [round(ax.get_position().y1, 6) for ax in figure.axes]
    assert len(tops) == 6
    assert tops[0] == tops[1] > tops[2] > tops[3] == tops[4] > tops[5]


def test_one_model_and_no_horizon():
    data = outputs_making.make(survival=True, models=1, repeats=2)
    result, figure = drawn(KIND, data)
    assert len(figure.axes) == 3
    assert_inside(figure, KIND)
    bare = dataclasses.replace(data, endpoint={**data.endpoint, "horizons": []})
    result, figure = drawn(KIND, bare)
    assert figure is None
    assert result.readable == ()
    assert result.notes == ("No curve: the endpoint has no horizon; add endpoint.horizons.",)


def test_a_horizon_that_nobody_outlives_is_told(survival):
    late = {**survival.endpoint, "horizons": [365.0, 5000.0]}
    rows = survival.predictions.assign(
        horizon=survival.predictions["horizon"].replace(730.0, 5000.0)
    )
    data = dataclasses.replace(survival, endpoint=late, predictions=rows)
    result, figure = drawn(KIND, data)
    assert any("at 5000: the AUC at 5000 is undefined" in note for note in result.notes)
    assert set(result.tables["curve"]["horizon"]) == {365.0}
    assert_inside(figure, KIND)
    told = [t.get_text() for ax in figure.axes for t in ax.get_legend().get_texts()]
    assert "Clinical: AUC –" in told


def test_competing_events_are_said(survival):
    outcomes = survival.outcomes.assign(competing=0)
    lost = outcomes.index[outcomes["event"] == 0][::2]
    outcomes.loc[lost, "competing"] = 1
    result = OUTPUTS[KIND]().compute(dataclasses.replace(survival, outcomes=outcomes))
    assert "also those with a competing event by then" in result.caption
    assert "cause 1, controls without the event" in result.caption
    assert "competing" not in OUTPUTS[KIND]().compute(survival).caption


def test_of_random_splits_the_limits_are_no_interval(survival):
    result, figure = drawn(KIND, random_splits(survival))
    assert "distribution over the splits, which is no interval" in result.caption
    assert "out-of-fold: medians over the splits" in result.caption
    assert "repeats" not in result.caption.replace(survival.resampling, "")
    assert figure is not None


def test_several_cohorts_and_long_names_stay_on_the_page():
    data = cohorts(survival=True, simulated=True)
    result, figure = drawn(KIND, data)
    assert result.tables["median"]["split"].unique().tolist() == ["resampled", *COHORTS]
    assert len(result.tables["areas"]) == 4 * len(LONG)
    assert len(figure.axes) == 4 * 3
    assert_inside(figure, KIND)
