"""What was resampled once is not said to be a mean over repeats."""

import dataclasses

import pytest
from outputs_making import make, study

from radpipe.outputs.registry import OUTPUTS

SAID = {
    "roc": "averaged vertically",
    "metrics": "an estimate is the mean over",
    "calibration": "by their mean risk over",
    "kaplan_meier": "most of the repeats that predict it",
    "observed_predicted": "mean prediction over",
    "waterfall": "the mean over the repeats that predict a case",
    "time_dependent_roc": "averaged vertically",
}
KINDS = {"kaplan_meier": "survival", "time_dependent_roc": "survival",
         "observed_predicted": "continuous"}  # fmt: skip


@pytest.mark.parametrize("kind", SAID)
def test_means_are_told_only_where_there_are_several(kind):
    data = study(KINDS[kind]) if kind in KINDS else make(repeats=2)
    out = data.predictions["kind"] == "out-of-fold"
    assert data.predictions.loc[out, "repeat"].nunique() > 1
    once = data.predictions[~out | (data.predictions["repeat"] == 0)]
    spec = OUTPUTS[kind]()
    assert SAID[kind] in spec.compute(data).caption
    assert SAID[kind] not in spec.compute(dataclasses.replace(data, predictions=once)).caption


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"kind": "median"}, "cut-off learned on inner out-of-fold predictions of the training "),
        ({"kind": "fixed", "on": "risk", "at": 0.5}, "cut-off that was given is high risk"),
    ],
)
def test_groups_say_how_their_cut_off_came_about(rule, words):
    data = study("survival")
    fits = {name: {**fit, "cutoff_rule": rule} for name, fit in data.fits.items()}
    result = OUTPUTS["kaplan_meier"]().compute(dataclasses.replace(data, fits=fits))
    assert words in result.caption
