"""What the figures and tables say, against the tables that they come from."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import outputs_making
import pandas as pd
import pytest

from radpipe.outputs.base import CaseImages
from radpipe.outputs.nomogram_drawing import CHARACTER_MM, centre, lanes
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing, width_of


def test_metrics_are_those_of_evaluation_and_apparent_rows_are_labelled(binary):
    from radpipe.evaluation.metrics import metrics

    result, _ = outputs_making.made("metrics", "binary")
    wide, tidy = result.tables["performance"], result.tables["metrics"]
    expected = metrics(binary.predictions, binary.outcomes, binary.endpoint)
    expected = expected[(expected["metric"] == "auc") & (expected["split"] == "resampled")]
    found = tidy[(tidy["metric"] == "auc") & (tidy["split"] == "resampled")]
    assert found["estimate"].tolist() == expected["estimate"].tolist()
    assert wide["Cases"].tolist() == ["Out-of-fold"] * 3 + ["Apparent"] * 3
    first = expected.iloc[0]
    shown = f"{first['estimate']:.2f} ({first['lower']:.2f}–{first['upper']:.2f})"
    assert wide["AUC"][0] == shown
    assert "DeLong" in result.caption
    assert "conditional on the fitted models" in result.caption


def test_performance_figures_leave_apparent_rows_out_unless_asked(binary):
    assert set(outputs_making.made("roc", "binary")[0].tables["curve"]["split"]) == {"resampled"}
    asked = OUTPUTS["roc"](splits=["apparent"]).compute(binary)
    assert set(asked.tables["curve"]["split"]) == {"apparent"}
    assert "Apparent" in asked.caption


def test_a_marker_without_risks_is_said_to_be_left_out():
    for kind in ("calibration", "decision_curve"):
        result, _ = outputs_making.made(kind, "simulated")
        assert result.notes[0] == "SUVmax: not shown, since it gives no risks."
        assert len(result.notes) == 1


def test_a_decision_curve_tells_the_cases_without_a_risk(binary):
    rows = binary.predictions.copy()
    lost = rows["case"].isin(["STS_003", "STS_004"]) & (rows["model"] == "m1")
    rows.loc[lost, "risk"] = np.nan
    data = dataclasses.replace(binary, predictions=rows)
    result = OUTPUTS["decision_curve"](models=["m0", "m1"]).compute(data)
    assert result.notes == (
        "Radscore (T1 MRI), Out-of-fold: 2 cases without a risk left out; treating all and "
        "treating none are of 51 cases.",
    )
    assert not OUTPUTS["decision_curve"]().compute(binary).notes


def test_decision_curves_have_both_strategies_and_treat_none_is_zero(survival):
    table = OUTPUTS["decision_curve"](horizon=365).compute(survival).tables["net_benefit"]
    assert set(table["horizon"]) == {365.0}
    assert {"treat all", "treat none"} <= set(table["model"])
    assert (table.loc[table["model"] == "treat none", "net_benefit"] == 0).all()


def test_log_rank_p_for_held_out_cases_only():
    result, _ = outputs_making.made("kaplan_meier", "survival")
    tests = result.tables["tests"].set_index("split")["p"]
    assert tests["resampled"].isna().all()
    assert tests["internal"].notna().all()
    assert "No p value" in result.caption
    assert "log-log" in result.caption


def test_risk_histogram_counts_every_case_once(binary):
    risks = outputs_making.made("calibration", "binary")[0].tables["risks"]
    for _, rows in risks.groupby("model"):
        assert rows["n_event"].sum() == binary.outcomes["y"].sum()
        assert rows["n_other"].sum() == (1 - binary.outcomes["y"]).sum()


def test_baseline_table_counts_groups_missing_values_and_names_the_tests():
    data = outputs_making.make()
    result = OUTPUTS["baseline_table"]().compute(data)
    table, values = result.tables["baseline"], result.tables["values"]
    age = values[(values["variable"] == "Age (years)") & (values["group"] == "Overall")].iloc[0]
    known = data.cohort["clinical.age"].dropna()
    assert (age["n"], age["missing"]) == (49, 2)
    assert age["mean"] == pytest.approx(known.mean())
    assert age["sd"] == pytest.approx(known.std())
    sex = table[table["Characteristic"] == "Sex: Male, n (%)"].iloc[0]
    men = int((data.cohort["clinical.sex"] == "Male").sum())
    assert sex["Overall (n = 51)"] == f"{men} ({100 * men / 51:.0f}%)"
    assert "  Missing" in set(table["Characteristic"])
    assert "Mann-Whitney" in result.caption
    # A level called N/A is a level, not a missing value.
    assert (table["Characteristic"] == "  N/A").sum() == 1


def test_baseline_table_has_no_p_where_patients_have_several_cases():
    data = outputs_making.make()
    cohort = data.cohort.assign(group=["p"] * 2 + list(data.cohort["group"][2:]))
    result = OUTPUTS["baseline_table"]().compute(dataclasses.replace(data, cohort=cohort))
    assert "p" not in result.tables["baseline"]
    assert any("several cases" in note for note in result.notes)


def test_survival_baseline_is_not_split_by_the_future(survival):
    whole = dataclasses.replace(survival, cohort=survival.cohort.assign(split="train"))
    table = OUTPUTS["baseline_table"]().compute(whole).tables["baseline"]
    assert list(table.columns) == ["Characteristic", "Overall (n = 51)"]


def test_flow_counts_and_never_shows_an_id_where_codes_are_used(binary):
    result = OUTPUTS["cohort_flow"]().compute(binary)
    flow = result.tables["flow"].set_index("step")["n_cases"]
    assert (flow["table"], flow["included"], flow["excluded"].sum()) == (53, 51, 2)
    assert result.tables["exclusions"]["case"].tolist() == ["–", "–"]
    shown = OUTPUTS["cohort_flow"]().compute(dataclasses.replace(binary, codes={}))
    assert shown.tables["exclusions"]["case"].tolist() == ["STS_101", "STS_102"]


def test_controls_say_what_does_not_apply(binary):
    controls = {**binary.controls, "volume_only": {"real": 0.69, "metric": "auc"}}
    controls["m2"] = {"model": "m2", "reason": "a marker is not fitted"}
    data = dataclasses.replace(binary, controls=controls)
    result = OUTPUTS["controls"]().compute(data)
    table = result.tables["controls"].set_index("model")
    assert table.loc["volume_only", "real"] == 0.69
    assert table.loc["m0", "mean"] == pytest.approx(np.mean(binary.controls["m0"]["permutations"]))
    assert "m2" not in table.index
    assert "Permuted endpoint, Nomogram: a marker is not fitted." in result.notes
    assert any(note.startswith("Clinical variables alone:") for note in result.notes)


def test_permutations_without_a_value_are_counted(binary):
    some = {**binary.controls["m0"], "undefined": 2, "why": "2 folds need more"}
    none = {"model": "m1", "permutations": [], "range95": None, "n": 0, "undefined": 40,
            "reason": "does not apply, since no permutation has a defined auc"}  # fmt: skip
    data = dataclasses.replace(binary, controls={**binary.controls, "m0": some, "m1": none})
    notes = " ".join(OUTPUTS["controls"]().compute(data).notes)
    assert "2 permutations have no AUC, and are left out: 2 folds need more." in notes
    assert ": does not apply, since no permutation has a defined auc." in notes


def test_controls_are_of_the_training_cases(binary):
    cohort = binary.cohort.assign(split=["internal"] * 10 + ["train"] * (len(binary.cohort) - 10))
    controls = {name: {**entry, "folds": 4} for name, entry in binary.controls.items()}
    data = dataclasses.replace(binary, cohort=cohort, controls=controls)
    caption = OUTPUTS["controls"]().compute(data).caption
    assert f"Training cases: {len(cohort) - 10} cases" in caption
    assert "refitted by 4-fold cross-validation, once" in caption


def test_a_factor_is_shown_by_its_levels(binary):
    entry = {
        **binary.fits["m0"],
        "features_final": ["clinical.sex=Male"],
        "summary": {"coefficients": [{"name": "clinical.sex=Male", "coef": 0.4}]},
        "frequency": [{"feature": "clinical.sex", "count": 9, "of": 10}],
    }
    data = dataclasses.replace(binary, fits={**binary.fits, "m0": entry})
    table = OUTPUTS["selected_features"](models=["m0"]).compute(data).tables["features"]
    assert table[["feature", "value", "share"]].to_numpy().tolist() == [
        ["clinical.sex=Male", 0.4, 0.9]
    ]


def test_an_interval_without_width_is_explained(binary):
    perfect = binary.predictions.merge(binary.outcomes[["case", "y"]], on="case")
    perfect["score"] = perfect["y"]
    data = dataclasses.replace(binary, predictions=perfect.drop(columns="y"))
    notes = OUTPUTS["metrics"]().compute(data).notes
    assert any("no certainty" in note for note in notes)
    assert not any("no certainty" in note for note in OUTPUTS["metrics"]().compute(binary).notes)


def test_models_of_one_label_stay_apart(binary):
    models = {name: {**about, "label": "Score"} for name, about in binary.models.items()}
    data = dataclasses.replace(binary, models=models)
    table = OUTPUTS["metrics"](splits=["resampled"], apparent=False).compute(data)
    assert len(table.tables["performance"]) == len(models)


def test_selected_features_take_importances_where_there_are_no_coefficients(binary):
    fits = dict(binary.fits)
    fits["m0"] = {
        **fits["m0"],
        "features_final": ["a", "b"],
        "frequency": [{"feature": "b", "count": 3, "of": 4}],
        "summary": {"importance": [{"name": "b", "importance": 0.6}]},
    }
    data = dataclasses.replace(binary, fits=fits)
    table = OUTPUTS["selected_features"](models=["m0"]).compute(data).tables["features"]
    assert table["feature"].tolist() == ["b", "a"]
    assert table["measure"].unique().tolist() == ["importance"]
    assert table["share"].tolist()[0] == 0.75


def test_fits_without_path_nomogram_or_features_give_a_note_and_no_figure(binary):
    empty = {"summary": {}, "frequency": [], "features_final": [], "degenerate": ["r000f1"]}
    data = dataclasses.replace(binary, fits=dict.fromkeys(binary.models, empty))
    for kind in ("lasso_path", "nomogram", "selected_features"):
        result = OUTPUTS[kind]().compute(data)
        with drawing():
            assert OUTPUTS[kind]().draw(result, Style.of(data)) is None
        assert result.notes


def test_a_nomogram_that_cannot_be_drawn_says_what_it_needs(binary):
    def note(**more):
        fit = {"summary": {}, "features_final": ["clinical.age"], "degenerate": []} | more
        data = dataclasses.replace(binary, fits={**binary.fits, "m2": fit})
        [said] = OUTPUTS["nomogram"]().compute(data).notes
        return said

    assert note(features_final=[]).startswith(
        "Nomogram: not shown, since a nomogram needs a variable with an effect, and selection "
        "left none in the final model"
    )
    assert "no coefficient of the final model differs from 0" in note()
    assert "remove calibrate" in note(summary={"params": {"calibration": {"method": "platt"}}})


def test_nomogram_labels_never_touch():
    at = [0.0, 1.0, 2.0, 40.0, 41.0]
    ticks = ["Intermediate", "High", "N/A", "undifferentiated pleomorphic", "Low"]
    placed = lanes(at, ticks, all_shown=True)
    assert 0 not in placed
    for lane in set(placed):
        mine = sorted(
            (centre(a, t), CHARACTER_MM * width_of(t) / 2)
            for a, t, p in zip(at, ticks, placed, strict=True)
            if p == lane
        )
        for (a, half_a), (b, half_b) in pairwise(mine):
            assert a + half_a < b - half_b


def test_montage_shows_the_largest_slice_and_labels_what_is_missing(binary, tmp_path):
    sitk = pytest.importorskip("SimpleITK")
    grey, inside = np.random.default_rng(0).normal(size=(5, 8, 6)), np.zeros((5, 8, 6), np.uint8)
    inside[1, 2:4, 2:4] = inside[3, 2:6, 0:4] = 1  # runs along the edge of slice 3
    for name, array in (("image", grey), ("mask", inside)):
        volume = sitk.GetImageFromArray(array)
        volume.SetSpacing((2.0, 1.0, 3.0))
        sitk.WriteImage(volume, str(tmp_path / f"{name}.nii.gz"))
    paths = str(tmp_path / "image.nii.gz"), str(tmp_path / "mask.nii.gz")
    cases = (
        CaseImages("STS_001", "t1", "mass", *paths, 1),
        CaseImages("STS_002", "t1", "mass", None, paths[1], 1),
        CaseImages("STS_003", "t1", "mass", *paths, 7),
    )
    data = dataclasses.replace(binary, cases=cases)
    result = OUTPUTS["montage"](cases=["STS_003", "STS_001", "STS_002"]).compute(data)
    tiles = result.tables["tiles"]
    assert tiles["case"].tolist() == ["C001", "C002", "C003"]
    assert tiles["slice"].tolist() == [3, -1, -1]
    assert tiles["area_mm2"][0] == 32.0
    assert "no image" in tiles["missing"][1]
    assert "7" in tiles["missing"][2]
    with drawing():
        figure = OUTPUTS["montage"]().draw(result, Style.of(data))
    assert len(figure.axes) == 3
    low, high = figure.axes[0].get_xlim()
    assert high - low == 12.0  # 6 voxels of 2 mm, the longer side


def test_montage_spreads_its_cases_over_the_cohort(binary):
    spec = OUTPUTS["montage"](n=3)
    assert spec.chosen_cases(binary) == ["STS_001", "STS_026", "STS_051"]
    assert len(OUTPUTS["montage"](n=200).chosen_cases(binary)) == 51


def test_lasso_path_keeps_only_what_enters(binary):
    tables = OUTPUTS["lasso_path"]().compute(binary).tables
    sizes = tables["path"].groupby("feature")["coefficient"].apply(lambda c: c.abs().max())
    assert (sizes > 0).all()
    assert isinstance(tables["penalties"], pd.DataFrame)
    assert set(tables["penalties"]["model"]) == {"m1"}


@pytest.mark.parametrize(
    ("scopes", "said"),
    [(["r000f1"], "1 fit uses no feature and predicts what its training rows show"),
     (["final", "r000f1"], "2 fits use no feature and predict what their training rows show")],
)  # fmt: skip
def test_fits_without_a_feature_are_counted(binary, scopes, said):
    fits = {name: {**fit, "degenerate": scopes} for name, fit in binary.fits.items()}
    notes = OUTPUTS["selected_features"]().compute(dataclasses.replace(binary, fits=fits)).notes
    assert any(said in note for note in notes)
