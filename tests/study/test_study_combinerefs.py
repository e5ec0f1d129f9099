"""Do models that combine or cut values have what they need? One line for each that does not."""

import pytest
from study_making import BINARY, SURVIVAL, Making, load_faults

from radpipe.study.load import load_study

FILE = "studies/small/study.yaml"
OLD = "combined: {kind: logistic, inputs: [radscore, clinical.age]}"
RULE = "combined: {kind: rule, any_of: [{input: radscore, above: 0}, {input: %s, above: 0}]}"
FUSED = "{kind: fusion, inputs: [radscore, %s]%s}"


@pytest.mark.parametrize(
    "model",
    [
        "combined: {kind: threshold, input: clinical.age, direction: higher, at: 60}",
        "combined: {kind: threshold, input: radscore, direction: higher, sensitivity: 0.9}",
        RULE % "clinical.grade",
        "age: {kind: logistic, inputs: [clinical.age]}\n  combined: " + FUSED % ("age", ""),
    ],
)
def test_what_is_right_is_taken(made: Making, model: str) -> None:
    made.swap(OLD, model)
    assert "combined" in load_study(made.folder).spec.models


@pytest.mark.parametrize(
    ("model", "line"),
    [
        ("combined: {kind: threshold, input: clinical.age, direction: higher, at: log_rank}",
         "combined.at: a cut-off by log_rank for a binary endpoint; give a number, median or "
         "youden"),
        ("combined: {kind: threshold, input: t1_tumour, direction: higher, at: 1}",
         "combined.input: 't1_tumour', which is not one column; name one feature (block__name) or "
         "one clinical variable (clinical.name)"),
        (RULE % "clinical.agee",
         "combined.any_of[2].input: found the clinical variable 'agee'; allowed: age, grade; "
         "nearest: age"),
        ("combined: " + FUSED % ("clinical.age", ""),
         "combined.inputs[2]: 'clinical.age', which is no model; allowed: radscore; name a model "
         "that is fitted to it"),
        ("combined: " + FUSED % ("t1_tumour", ", method: vote"),
         "combined.inputs[2]: 't1_tumour', which is no model; allowed: radscore; name a model "
         "that is fitted to it"),
        ("combined: {kind: linear, inputs: [radscore]}",
         "combined.kind: model linear for a binary endpoint; allowed: endpoint continuous; "
         "choose another kind: marker, threshold, rule, "
         "logistic, penalised_logistic, svm, random_forest, "
         "extra_trees, bagged_trees, adaboost, xgboost, knn, naive_bayes, lda, qda, "
         "gaussian_process, mlp, nomogram, fusion"),
    ],
)  # fmt: skip
def test_one_line_for_what_does_not_fit(made: Making, model: str, line: str) -> None:
    made.swap(OLD, model)
    assert load_faults(made) == [f"{FILE}:24 models.{line}"]


def test_a_nominal_variable_has_no_side(made: Making) -> None:
    made.swap(OLD, RULE % "clinical.grade", "{type: ordinal, levels: [low, high]}",
              "{type: nominal}")  # fmt: skip
    assert load_faults(made) == [
        f"{FILE}:24 models.combined.any_of[2].input: 'clinical.grade', a nominal variable, whose "
        "levels have no order; set its type to ordinal or binary, or take kind logistic"
    ]


def test_the_mean_of_risks_needs_risks(made: Making) -> None:
    marker = "age: {kind: marker, input: clinical.age, direction: higher}"
    made.swap(OLD, f"{marker}\n  combined: {FUSED % ('age', '')}")
    assert load_faults(made) == [
        f"{FILE}:25 models.combined.inputs[2]: model 'age', which gives no risk (kind marker); "
        "take a logistic model of it, or a method other than mean"
    ]
    made.swap("inputs: [radscore, age]", "inputs: [radscore, age], method: vote")
    load_study(made.folder)


def test_fine_gray_needs_competing_events(made: Making) -> None:
    made.swap(BINARY, SURVIVAL, "penalised_logistic", "penalised_cox", "roc", "kaplan_meier",
              OLD, "combined: {kind: fine_gray, inputs: [radscore]}")  # fmt: skip
    found = [line for line in load_faults(made) if "combined" in line]
    assert found == [
        f"{FILE}:24 models.combined.kind: model fine_gray, but the endpoint has no competing "
        "events; name them (endpoint.competing), or take kind cox"
    ]
    made.swap("event: relapse,", "event: relapse, competing: 2,")
    load_study(made.folder)


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [(SURVIVAL, "cox"), ("endpoint: {type: continuous, column: days}", "linear")],
)
def test_only_classes_have_risks_to_calibrate(made: Making, endpoint: str, kind: str) -> None:
    of = endpoint.split("type: ")[1].split(",")[0]
    made.swap(BINARY, endpoint, OLD,
              f"combined: {{kind: {kind}, inputs: [clinical.age], calibrate: platt}}")  # fmt: skip
    assert [line for line in load_faults(made) if "combined" in line] == [
        f"{FILE}:24 models.combined.calibrate: calibrate: platt for a {of} endpoint, which has no "
        "classes; remove the key"
    ]
