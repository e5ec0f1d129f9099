"""Cut-offs and risks that the endpoint or the model does not allow are faults, with their cure."""

import pytest
from study_making import BINARY, SURVIVAL, Making, load_faults

from radpipe.study.check import check
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


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [
        ("nomogram", "balance: smote",
         "whose axes are of balanced rows, and not of the cohort's risks; remove balance from the "
         "model, or leave it out of nomogram"),
        ("nomogram", "calibrate: isotonic",
         "whose risks are calibrated after the fit, so that its axes do not give them; remove "
         "calibrate from the model, or leave it out of nomogram"),
        ("regression_table", "balance: oversample",
         "whose rows are balanced, so that its intervals and p values are not the cohort's; "
         "remove balance from the model, or leave it out of regression_table"),
    ],
)  # fmt: skip
def test_what_is_drawn_of_a_model_is_of_the_cohorts_rows(
    made: Making, kind: str, key: str, said: str
) -> None:
    model = "nomogram" if kind == "nomogram" else "logistic"
    made.swap(OLD, f"kind: {model}, {key},", "kind: roc, models: [radscore, combined]",
              f"kind: {kind}, models: [combined]")  # fmt: skip
    assert load_faults(made) == [f"{FILE}:27 outputs[1].models[1]: model 'combined', {said}"]


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


PARTS = """\
  bayes: {kind: naive_bayes, inputs: [t1_tumour]%s}
  knn: {kind: knn, inputs: [clinical.age], calibrate: platt}
  mean: {kind: fusion, inputs: [bayes, knn], method: %s}
  both: {kind: fusion, inputs: [mean, combined]}
evaluation:"""


@pytest.mark.parametrize(
    ("calibrate", "method", "at_fault"),
    [("", "mean", 2), ("", "weighted_mean", 2), ("", "vote", 0), (", calibrate: platt", "mean", 0)],
)
def test_a_mean_of_risks_is_calibrated_where_its_parts_are(
    made: Making, calibrate: str, method: str, at_fault: int
) -> None:
    made.swap("evaluation:", PARTS % (calibrate, method),
              "kind: roc, models: [radscore, combined]",
              "kind: decision_curve, models: [mean, both]")  # fmt: skip
    if not at_fault:
        assert load_study(made.folder).spec.models["mean"].method == method
        return
    found = load_faults(made)
    assert len(found) == at_fault
    assert all("'bayes' (kind naive_bayes); add calibrate: platt to bayes" in f for f in found)


def test_an_output_of_another_endpoint_has_one_fault(made: Making) -> None:
    made.swap(BINARY, "endpoint: {type: continuous, column: days}",
              "penalised_logistic", "penalised_linear", OLD, "kind: linear,",
              "kind: roc, models: [radscore, combined]", "kind: calibration")  # fmt: skip
    found = [f for f in load_faults(made) if "outputs[1]" in f]
    assert len(found) == 1
    assert "output calibration for a continuous endpoint" in found[0]


@pytest.mark.parametrize(("kind", "lines"), [("cox", 1), ("fine_gray", 0)])
def test_risks_that_censor_competing_events_are_told(made: Making, kind: str, lines: int) -> None:
    made.swap(BINARY, SURVIVAL.replace("relapse,", "relapse, competing: 2,"),
              "penalised_logistic", "penalised_cox", OLD, f"kind: {kind},",
              "kind: roc, models: [radscore, combined]",
              "kind: calibration, models: [combined]")  # fmt: skip
    made.swap_cells("P02,0,", "P02,2,")
    told = "the risks censor the competing event and are too high; kind fine_gray gives the "
    expected = f"{FILE}:3 endpoint.competing: combined: {told}probability of the event"
    warnings = check(load_study(made.folder)).warnings
    assert [line for line in warnings if "too high" in line] == [expected][:lines]
