"""Panels that would show nothing are left out, and points that are missing are told."""

import dataclasses

import outputs_making

from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing


def test_a_model_whose_features_do_not_differ_has_no_panel(binary):
    """No coefficients, and nothing left out in any fit."""
    names = [f"b__f{i}" for i in range(24)]
    alike = {"features_final": names, "summary": {"coefficients": []},
             "frequency": [{"feature": n, "count": 5, "of": 5} for n in names]}  # fmt: skip
    fits = {**binary.fits, "m0": {**binary.fits["m0"], **alike}}
    data = dataclasses.replace(binary, fits=fits)
    spec = OUTPUTS["selected_features"]()
    result = spec.compute(data)
    said = "Clinical: no panel, since every fit uses the same 24 features (nothing was left out)"
    assert any(note.startswith(said) for note in result.notes)
    assert (result.tables["features"]["model"] == "m0").sum() == 24
    with drawing():
        figure = spec.draw(result, Style.of(data))
        assert len(figure.axes) == 2 * (len(data.models) - 1)
        alike["frequency"] = alike["frequency"][:20]
        mixed = dataclasses.replace(data, fits={"m0": {**fits["m0"], **alike}})
        only = OUTPUTS["selected_features"](models=["m0"])
        found = only.compute(mixed)
        assert len(only.draw(found, Style.of(mixed)).axes) == 1
    shares = found.tables["features"].set_index("feature")["share"]
    assert (shares["b__f3"], shares["b__f23"]) == (1, 0)


def test_fewer_points_than_groups_are_told():
    data = outputs_making.make(survival=True, models=1)
    late = {**data.endpoint, "horizons": [365.0]}
    early = data.outcomes.assign(time=data.outcomes["time"].clip(upper=380.0))
    short = early["case"].isin(early["case"][:25])
    early.loc[short, ["time", "event"]] = [100.0, 0]
    data = dataclasses.replace(data, outcomes=early, endpoint=late,
                               predictions=data.predictions.query("horizon == 365"))  # fmt: skip
    result = OUTPUTS["calibration"](groups=20).compute(data)
    groups = result.tables["groups"]
    assert groups["observed"].isna().any()
    points = int(groups["observed"].notna().sum())
    told = "Fewer than 20 points, since the other groups are not followed up to that time"
    assert result.notes[0] == f"{told}: Clinical, Out-of-fold at 365 ({points})."


def test_features_that_no_resample_chose_were_chosen_in_none(binary):
    """Where no fit of the resampling chose anything there is nothing to count."""
    scopes = {"final": ["a"], "r000f0": [], "r000f1": []}
    fit = {"features_final": ["a"], "frequency": [], "selected_by_scope": scopes,
           "summary": {"coefficients": [{"name": "a", "coef": -0.00012}]}}  # fmt: skip
    data = dataclasses.replace(binary, fits={"m0": fit})
    spec = OUTPUTS["selected_features"](models=["m0"])
    result = spec.compute(data)
    [row] = result.tables["features"].to_dict("records")
    assert (row["chosen"], row["of"], row["share"]) == (0, 2, 0)
    with drawing():
        figure = spec.draw(result, Style.of(data))
        figure.canvas.draw()
        bars, shares = figure.axes
        [number] = [t for t in bars.texts if t.get_text()]
        [name] = bars.get_yticklabels()
        assert number.get_window_extent().x0 > name.get_window_extent().x1
    assert shares.texts[0].get_text() == "0%"


def test_models_that_are_inputs_have_their_labels(binary):
    rows = [{"name": name, "coef": 0.5} for name in ("m1", "m0[Grade 1]", "clinical.age")]
    fit = {"features_final": [], "frequency": [], "summary": {"coefficients": rows}}
    data = dataclasses.replace(binary, fits={"m2": fit})
    spec = OUTPUTS["selected_features"](models=["m2"])
    with drawing():
        [ax] = spec.draw(spec.compute(data), Style.of(data)).axes
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["Radscore (T1 MRI)", "Clinical [Grade 1]", "clinical.age"]
