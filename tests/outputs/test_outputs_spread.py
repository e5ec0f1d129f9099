"""Of repeated random splits, a distribution is shown and nothing is called an interval."""

import dataclasses

import numpy as np
import outputs_making
import pytest

from radpipe.evaluation.curves import calibration
from radpipe.evaluation.metrics import metrics
from radpipe.evaluation.spread import each_split
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing

FIGURES = [("roc", "binary"), ("calibration", "binary"), ("metrics", "binary"),
           ("calibration", "survival"), ("observed_predicted", "continuous"),
           ("roc", "multiclass")]  # fmt: skip


def of_splits(name, keep=None):
    """Return a study whose repeats are random splits, with these sides alone."""
    data = outputs_making.study(name)
    rows = data.predictions
    rows = rows if keep is None else rows[rows["kind"].isin(keep)]
    endpoint = {**data.endpoint, "resampling": "repeated_splits"}
    return dataclasses.replace(data, endpoint=endpoint, predictions=rows)


@pytest.mark.parametrize(("kind", "name"), FIGURES)
def test_the_caption_says_distribution_over_the_splits(kind, name):
    settings = {"apparent": False} if kind == "metrics" else {}
    result = OUTPUTS[kind](**settings).compute(of_splits(name, ["out-of-fold"]))
    assert "medians over the random splits, with the central 95% of the" in result.caption
    assert "distribution over the splits, which is no interval" in result.caption
    for words in ("conditional", "repeats", "DeLong", "Wilson"):
        assert words not in result.caption
    plain = OUTPUTS[kind](**settings).compute(outputs_making.study(name))
    assert "conditional on the fitted models" in plain.caption
    assert "splits" not in plain.caption


@pytest.mark.parametrize("kind", ["confusion_matrix", "kaplan_meier"])
def test_splits_and_draws_are_not_called_repeats(kind):
    name = {"confusion_matrix": "multiclass", "kaplan_meier": "survival"}[kind]
    data = of_splits(name, ["out-of-fold"])
    caption = OUTPUTS[kind]().compute(data).caption
    assert "the splits that predict" in caption.replace("of the splits", "the splits")
    assert "repeats" not in caption.replace(data.resampling, "")
    told = "Out-of-fold: predictions of the held-out cases of"
    assert caption.startswith(told)
    drawn = dataclasses.replace(
        data, endpoint={**data.endpoint, "resampling": "bootstrap"}, resampling="100 draws"
    )
    caption = OUTPUTS[kind]().compute(drawn).caption
    assert caption.startswith("Out-of-fold: 100 draws (")
    assert "the draws that predict" in caption


def test_held_out_cases_beside_a_distribution_keep_their_intervals():
    caption = OUTPUTS["roc"]().compute(of_splits("multiclass")).caption
    assert "AUC with 95% interval: DeLong" in caption
    assert "Out-of-fold values are medians over the random splits" in caption


def test_calibration_is_the_spread_of_the_splits_own():
    data = of_splits("binary")
    found = calibration(data.predictions, data.outcomes, data.endpoint)
    plain = {**data.endpoint, "resampling": ""}
    parts = [calibration(p, data.outcomes, plain) for p in each_split(data.predictions)]

    def slope(table):
        return table.set_index(["split", "model", "measure"]).loc[("resampled", "m1", "slope")]

    own = [slope(p.summary)["estimate"] for p in parts]
    got = slope(found.summary)
    assert got["estimate"] == np.median(own)
    assert [got["lower"], got["upper"]] == pytest.approx(np.quantile(own, [0.025, 0.975]))
    assert "3 random splits: a spread" in got["method"]
    table = metrics(data.predictions, data.outcomes, data.endpoint)
    same = table[(table["model"] == "m1") & (table["metric"] == "calibration_slope")]
    assert got["estimate"] == same.loc[same["split"] == "resampled", "estimate"].iloc[0]
    third = [p.groups.query("model == 'm1' and group == 3").iloc[0] for p in parts]
    row = found.groups.query("model == 'm1' and group == 3 and split == 'resampled'").iloc[0]
    assert row["observed"] == np.median([r["observed"] for r in third])
    assert row["n"] == round(np.median([r["n"] for r in third]))
    apparent = calibration(data.predictions, data.outcomes, plain).summary
    assert (
        found.summary.query("split == 'apparent'")
        .reset_index(drop=True)
        .equals(apparent.query("split == 'apparent'").reset_index(drop=True))
    )


def test_the_figure_is_drawn():
    data = of_splits("binary")
    spec = OUTPUTS["calibration"]()
    with drawing():
        assert spec.draw(spec.compute(data), Style.of(data)).axes
