"""What a nomogram's figure shows and says."""

import dataclasses
from itertools import pairwise

import numpy as np
import outputs_making
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from radpipe.outputs.nomogram_drawing import AXIS_MM, CHARACTER_MM, centre, rows_of
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.stacked import stacked_words
from radpipe.outputs.style import Style, drawing, width_of
from radpipe.stats import nomogram as nomo
from radpipe.stats.nomogram_risks import reachable, read_risks


@pytest.fixture(scope="module")
def survival():
    return outputs_making.make(survival=True, repeats=2)


def charted(hazards, ages=(35, 80), slope=0.005):
    """Return what the fit of a nomogram of age writes."""
    terms = [nomo.continuous("clinical.age", slope, np.arange(ages[0], ages[1] + 1))]
    built = nomo.build(terms, -0.3, reachable(terms, -0.3))
    risks = []
    for horizon, hazard in hazards.items():
        ticks, ends = read_risks(built, hazard)
        risks.append(
            {
                "horizon": horizon,
                "risk": list(ticks.values),
                "total_points": list(ticks.points),
                "ends": {"risk": list(ends.values), "total_points": list(ends.points)},
            }
        )
    age = built.axes[0]
    axis = {
        "name": "clinical.age",
        "values": list(age.term.values),
        "points": list(age.points),
        "categorical": False,
    }
    return {"variables": [axis], "total_points": list(built.total), "risks": risks}


def nomogram_of(data, found, **more):
    """Return the output of a study whose nomogram has these axes."""
    fits = {**data.fits, "m2": {**data.fits["m2"], "nomogram": found}}
    return OUTPUTS["nomogram"]().compute(dataclasses.replace(data, fits=fits, **more))


def test_narrow_risks_are_read_at_every_total_and_their_labels_do_not_touch(survival):
    result = nomogram_of(survival, charted({365.0: 0.45, 730.0: 0.9}))
    assert result.notes == ()
    axes = result.tables["axes"]
    rows = {row.label: row for row in rows_of(axes)}
    for horizon in (365, 730):
        row = rows[f"Risk of the event by {horizon} days"]
        assert row.ends == pytest.approx((0, AXIS_MM))
        assert len(row.ticks) - row.lanes.count(0) >= 4
        shown = [
            (centre(a, t), CHARACTER_MM * width_of(t) / 2)
            for a, t, lane in zip(row.at, row.ticks, row.lanes, strict=True)
            if lane
        ]
        assert all(a + half < b - other for (a, half), (b, other) in pairwise(shown))
        own = axes[axes["horizon"] == horizon]
        assert tuple(own.loc[own["tick"] != "", "tick"]) == row.ticks
    with drawing():
        figure = OUTPUTS["nomogram"]().draw(result, Style.of(survival))
        FigureCanvasAgg(figure).draw()
    widest = [line for line in figure.axes[0].lines if np.ptp(line.get_xdata()) > AXIS_MM - 0.01]
    assert len(widest) == 5  # points, age, total, and a risk for each horizon


def test_a_horizon_without_an_axis_is_told(survival):
    result = nomogram_of(survival, charted({10.0: 0.0, 365.0: 0.45, 730.0: 1e4}))
    assert result.tables["axes"]["horizon"].dropna().unique().tolist() == [365.0]
    assert result.notes == (
        "Nomogram: no axis of the risk of the event by 10 days, since no training case had the "
        "event by then; choose later horizons.",
        "Nomogram: no axis of the risk of the event by 730 days, since it is 1 at every total of "
        "points.",
    )
    [said] = nomogram_of(survival, charted({})).notes
    assert said.startswith("Nomogram: no axis of the risk, since the endpoint has no horizons")


@pytest.mark.parametrize(
    ("label", "called"),
    [
        ("复发", "复发"),
        ("metastasis-free survival", "the event"),
        ("", "the event"),
        ("PFS", "the event"),
        ("无进展生存", "the event"),
        ("total loss", "total loss"),
    ],
)
def test_the_event_is_called_by_the_endpoint_s_label(survival, binary, label, called):
    data = dataclasses.replace(survival, endpoint={**survival.endpoint, "label": label})
    axes = OUTPUTS["nomogram"]().compute(data).tables["axes"]
    assert f"Risk of {called} by 365 days" in set(axes["label"])
    axes = OUTPUTS["nomogram"]().compute(binary).tables["axes"]
    assert "Risk of lung metastasis" in set(axes["label"])


def test_the_caption_says_on_which_scores_a_nomogram_rests(binary):
    assert "inner" not in OUTPUTS["nomogram"]().compute(binary).caption
    models = {**binary.models, "m2": {**binary.models["m2"], "inputs": ["m1", "clinical.age"]}}
    data = dataclasses.replace(binary, models=models)
    said = (
        "Nomogram: fitted to the inner out-of-fold scores of Radscore (T1 MRI) for the training "
        "rows; a new case has the score of its final model."
    )
    assert OUTPUTS["nomogram"]().compute(data).caption.endswith(said)
    assert stacked_words(data, ["m0", "m2"]) == said
    two = {"kind": "logistic", "label": "Both", "inputs": ["m0", "m1"]}
    data = dataclasses.replace(data, models={**models, "two": two})
    assert stacked_words(data, ["two"]) == (
        "Both: fitted to the inner out-of-fold scores of Clinical and Radscore (T1 MRI) for the "
        "training rows; a new case has the score of their final models."
    )
