"""Cut-offs and risks that the endpoint or the model does not allow are faults, with their cure."""

import pytest
from study_making import BINARY, SURVIVAL, Making, load_faults

from radpipe.study.load import load_study

FILE = "studies/small/study.yaml"
OLD = "kind: logistic,"
BAYES = "kind: naive_bayes,"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("x_tile", "the cut-off 'x_tile' for a binary endpoint; allowed: youden, sensitivity, "
         "specificity, prevalence, fixed, median, tertiles; choose one of these"),
        ("{kind: fixed, at: 3}", "not between 0 and 1"),
        ("yuoden", "youden"),
    ],
)  # fmt: skip
def test_a_cut_off_fits_the_endpoint(made: Making, written: str, said: str) -> None:
    made.swap(OLD, f"{OLD} cutoff: {written},")
    found = load_faults(made)
    assert len(found) == 1
    assert "models.combined.cutoff" in found[0]
    assert said in found[0]


@pytest.mark.parametrize(
    "written",
    ["youden", "{kind: sensitivity, at: 0.9}", "prevalence", "tertiles",
     "{kind: fixed, at: 0.5}", "{kind: fixed, at: 2, on: score}"],
)  # fmt: skip
def test_cut_offs_that_fit(made: Making, written: str) -> None:
    made.swap(OLD, f"{OLD} cutoff: {written},")
    assert load_study(made.folder).spec.models["combined"].cutoff.kind in written


def test_a_marker_has_no_risk_to_cut(made: Making) -> None:
    made.swap(
        "kind: penalised_logistic, inputs: [t1_tumour], selection: few",
        "kind: marker, input: t1_tumour__original_shape_MeshVolume, direction: higher, "
        "cutoff: {kind: fixed, at: 0.4}",
    )
    assert [f for f in load_faults(made) if "cutoff" in f] == [
        f"{FILE}:23 models.radscore.cutoff: a cut-off on the risk of a model without one (kind "
        "marker); take {kind: fixed, at: ..., on: score}, or another"
    ]


@pytest.mark.parametrize("kind", ["decision_curve", "calibration"])
def test_risks_that_are_no_probabilities_are_not_to_be_shown(made: Making, kind: str) -> None:
    made.swap(OLD, BAYES, "kind: roc", f"kind: {kind}")
    found = [f for f in load_faults(made) if "no probabilities" in f]
    assert len(found) == 1
    assert "model 'combined', whose risks are no probabilities as they stand" in found[0]
    assert f"add calibrate: platt to the model, or leave it out of {kind}" in found[0]


def test_calibrated_ones_are(made: Making) -> None:
    made.swap(OLD, f"{BAYES} calibrate: platt,", "kind: roc", "kind: decision_curve")
    assert load_study(made.folder).spec.models["combined"].risk_is_calibrated


@pytest.mark.parametrize("key", ["balance: smote", "calibrate: isotonic"])
def test_a_nomogram_has_the_risks_of_its_rows(made: Making, key: str) -> None:
    made.swap(OLD, f"kind: nomogram, {key},", "kind: roc, models: [radscore, combined]",
              "kind: nomogram, models: [combined]")  # fmt: skip
    found = [f for f in load_faults(made) if "outputs[1]" in f]
    assert len(found) == 1
    assert f"remove {key.split(':')[0]} from the model" in found[0]


def test_an_output_of_all_models_needs_one_that_it_can_show(made: Making) -> None:
    made.swap(OLD, f"{BAYES}", "kind: penalised_logistic, inputs: [t1_tumour], selection: few",
              "kind: naive_bayes, inputs: [t1_tumour]",
              "kind: roc, models: [radscore, combined]", "kind: calibration")  # fmt: skip
    found = [f for f in load_faults(made) if "no model can be shown in it" in f]
    assert len(found) == 1
    assert "add calibrate: platt" in found[0]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("youden", "the cut-off 'youden' for a survival endpoint; allowed: fixed, median, "
         "tertiles, max_logrank, x_tile; choose one of these"),
        ("{kind: fixed, at: 0.3}", "a cut-off on the risk for a survival endpoint, which has one a "
         "horizon; set on: score, or choose median"),
        ("x_tile", ""),
    ],
)  # fmt: skip
def test_a_cut_off_fits_survival(made: Making, written: str, said: str) -> None:
    made.swap(BINARY, SURVIVAL, "penalised_logistic", "penalised_cox",
              OLD, f"kind: cox, cutoff: {written},")  # fmt: skip
    found = [f for f in load_faults(made) if "cutoff" in f]
    assert found == ([f"{FILE}:24 models.combined.cutoff: {said}"] if said else [])
