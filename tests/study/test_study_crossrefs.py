"""Do the parts of a study.yaml fit each other? One line for each that does not."""

import pytest
from study_making import BINARY, SURVIVAL, Making, load_faults

from radpipe.models.registry import MODELS
from radpipe.study.load import load_study
from radpipe.study.names import regression_kind
from radpipe.study.reported import output_names

FILE = "studies/small/study.yaml"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("image: t1", "image: t2",
         ":13 blocks.t1_tumour.image: found the image 't2'; allowed: t1; add it under images"),
        ("region: tumour", "region: lesion",
         ":14 blocks.t1_tumour.region: found the region 'lesion'; allowed: tumour; "
         "add it under regions"),
        ("masks: {t1:", "masks: {t2:",
         ":10 regions.tumour.masks.t2: found the image 't2'; allowed: t1; add it under images"),
        ("inputs: [t1_tumour]", "inputs: [t1_tumor]",
         ":23 models.radscore.inputs[1]: found 't1_tumor'; allowed: combined, t1_tumour, clinical, "
         "clinical.age, clinical.grade, or a feature block__name; nearest: t1_tumour"),
        ("clinical.age]", "clinical.agee]",
         ":24 models.combined.inputs[2]: found the clinical variable 'agee'; allowed: age, grade; "
         "nearest: age"),
        ("inputs: [t1_tumour]", "inputs: [t1_tumour__original_shape_Sphericty]",
         ":23 models.radscore.inputs[1]: found the feature "
         "'t1_tumour__original_shape_Sphericty'; allowed: the 32 features of t1_tumour, such as "
         "t1_tumour__original_shape_Elongation; nearest: t1_tumour__original_shape_Sphericity"),
        ("selection: few", "selection: fwe",
         ":23 models.radscore.selection: found the selection 'fwe'; allowed: few; nearest: few"),
        ("[{kind: mrmr, n: 2}]", "[{kind: mrmr, n: 2}, lasso]",
         ":23 models.radscore.selection: a lasso step before penalised_logistic; "
         "remove the step; the model's own LASSO selects"),
        ("[{kind: mrmr, n: 2}]", "[{kind: mrmr, n: 2}, elastic_net]",
         ":23 models.radscore.selection: an elastic_net step before penalised_logistic; "
         "remove the step; the model's own LASSO selects"),
        ("inputs: [t1_tumour], selection: few",
         "inputs: [t1_tumour, t1_tumour__original_shape_Sphericity], "
         "selection: {t1_tumour: few, t1_tumour__original_shape_Sphericity: few}",
         ":23 models.radscore.selection.t1_tumour__original_shape_Sphericity: found "
         "'t1_tumour__original_shape_Sphericity', from which the selection of t1_tumour chooses "
         "too; take one of the two selections out (a column named in inputs without a selection "
         "of its own is always kept)"),
        ("kind: logistic", "kind: cox",
         ":24 models.combined.kind: model cox for a binary endpoint; "
         "allowed: endpoint survival; choose another kind: marker, threshold, rule, "
         "logistic, penalised_logistic, svm, random_forest, "
         "extra_trees, bagged_trees, adaboost, xgboost, knn, naive_bayes, lda, qda, "
         "gaussian_process, mlp, nomogram, fusion"),
        ("inputs: [t1_tumour]", "inputs: [combined]",
         ":23 models.radscore.inputs: models that feed each other: "
         "radscore <- combined <- radscore; take one of these inputs out"),
        ("inputs: [t1_tumour]", "inputs: [radscore]",
         ":23 models.radscore.inputs[1]: the model itself; name other inputs"),
        ("radscore:", "t1_tumour:",
         ":23 models.t1_tumour: the name 't1_tumour', which a block has too (line 12); "
         "rename one of them"),
        ("radscore:", "control_x:",
         ":23 models.control_x: a name that begins with control_; "
         "rename it; such names are kept for the run's own controls"),
        ("age: {", "relapse: {",
         ":18 clinical.relapse: the column 'relapse', which is the endpoint; "
         "remove the variable; it cannot be a predictor as well"),
        ("type: continuous,", "type: continuous, column: relapse ,",
         ":18 clinical.age: the column 'relapse', which is the endpoint; "
         "remove the variable; it cannot be a predictor as well"),
        ("models: [radscore,", "models: [radscor,",
         ":27 outputs[1].models[1]: found the model 'radscor'; allowed: combined, radscore; "
         "nearest: radscore"),
        ("kind: logistic,", "kind: logistic, label: radscore,",
         ":24 models.combined.label: 'radscore', by which model 'radscore' is shown too; "
         "give each model a label of its own"),
        ("few: [{kind: mrmr, n: 2}]", "few: [{kind: univariable, n: 2, test: cox}]",
         ":23 models.radscore.selection: the test 'cox' for a binary endpoint; allowed: "
         "anova, auto, chi_square, kruskal, logistic, mann_whitney, t; choose another, or leave it "
         "out for the default"),
        ("kind: roc,", "kind: decision_curve, lowest: 0.5, highest: 0.2,",
         ":27 outputs[1]: found the lowest threshold 0.5, not below the highest, 0.2; "
         "exchange them"),
        ("kind: roc, models: [radscore, combined]", "kind: montage, window_percentiles: [90, 10]",
         ":27 outputs[1]: found the window 90 to 10; give the lower one first"),
        ("kind: roc, models: [radscore, combined]", "kind: comparison, against: radscor",
         ":27 outputs[1].against: found the model 'radscor'; allowed: combined, radscore; "
         "nearest: radscore"),
        ("kind: roc, models: [radscore, combined]", "kind: comparison, models: [radscore]",
         ":27 outputs[1]: found the model 'radscore' alone, and nothing to compare it with; "
         "name another model in models or in against"),
        ("kind: roc,", "kind: decision_curve, horizon: 365,",
         ":27 outputs[1].horizon: a horizon for a binary endpoint; remove it"),
        ("kind: roc,", "kind: roc, splits: [aparent],",
         ":27 outputs[1].splits[1]: found the split 'aparent'; allowed: resampled, apparent; "
         "nearest: apparent"),
        ("kind: roc,", "kind: roc, splits: [internal],",
         ":27 outputs[1].splits[1]: found the split 'internal'; allowed: resampled, apparent; "
         "name one of these, or hold cases out (cohort.split)"),
        ("kind: roc,", "kind: kaplan_meier,",
         ":27 outputs[1].kind: output kaplan_meier for a binary endpoint; "
         "allowed: endpoint survival; choose another kind"),
        ("kind: roc, models: [radscore, combined]", "kind: nomogram, models: [combined]",
         ":27 outputs[1].models[1]: model 'combined' of kind logistic; "
         "allowed: models of kind nomogram; leave it out of nomogram"),
    ],
)  # fmt: skip
def test_one_line_for_parts_that_do_not_fit(made: Making, old: str, new: str, line: str) -> None:
    made.swap(old, new)
    found = [said for said in load_faults(made) if said.startswith(FILE + line.split(": ")[0])]
    assert found == [FILE + line]


def test_a_marker_has_no_risk_to_show(made: Making) -> None:
    made.swap(
        "kind: penalised_logistic, inputs: [t1_tumour], selection: few",
        "kind: marker, input: t1_tumour__original_shape_MeshVolume, direction: higher",
        "kind: roc", "kind: decision_curve",
    )  # fmt: skip
    assert load_faults(made) == [
        f"{FILE}:27 outputs[1].models[1]: model 'radscore', which gives no risk (kind marker); "
        "leave it out of decision_curve, or wrap it in a logistic model"
    ]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("nomogram", "add a model of kind nomogram, or remove the output"),
        ("lasso_path", "add a model of kind penalised_cox or penalised_linear or "
         "penalised_logistic, or remove the output"),
    ],
)  # fmt: skip
def test_an_output_has_a_model_to_show(made: Making, output: str, said: str) -> None:
    made.swap("kind: roc, models: [radscore, combined]", f"kind: {output}",
              "kind: penalised_logistic", "kind: logistic")  # fmt: skip
    assert load_faults(made) == [
        f"{FILE}:27 outputs[1].kind: output {output}, but the study has no model that it shows; "
        f"{said}"
    ]


def test_a_nomogram_of_survival_has_a_horizon(made: Making) -> None:
    made.swap(BINARY, SURVIVAL.replace(", horizons: [300]", ""), "penalised_logistic",
              "penalised_cox", "kind: logistic", "kind: nomogram",
              "kind: roc, models: [radscore, combined]", "kind: nomogram")  # fmt: skip
    assert load_faults(made) == [
        f"{FILE}:27 outputs[1].kind: nomogram, which needs risks at a time; add endpoint.horizons"
    ]


def test_a_time_dependent_curve_has_a_horizon(made: Making) -> None:
    made.swap(BINARY, SURVIVAL.replace(", horizons: [300]", ""), "penalised_logistic",
              "penalised_cox", "kind: logistic", "kind: cox",
              "kind: roc, models: [radscore, combined]", "kind: time_dependent_roc")  # fmt: skip
    assert load_faults(made) == [
        f"{FILE}:27 outputs[1].kind: time_dependent_roc, which needs a time; add endpoint.horizons"
    ]


def test_a_montage_has_images(made: Making) -> None:
    text = made.file.read_text(encoding="utf-8")
    rest = "clinical:\n  age: {type: continuous}\nmodels:\n  one: {kind: logistic, "
    made.write(f"{text[: text.index('images:')]}{rest}inputs: [clinical]}}\noutputs: [montage]\n")
    assert load_faults(made) == [
        f"{FILE}:11 outputs[1].kind: output montage, but the study has no images; add images, or "
        "remove the output"
    ]


def test_what_guards_a_reader_is_reported_unasked(made: Making) -> None:
    def outputs() -> list[str]:
        return list(output_names(load_study(made.folder).spec))

    assert outputs() == ["roc", "selected_features", "controls"]
    made.swap("kind: roc,", "kind: controls, id: mine,")
    assert outputs() == ["mine", "selected_features"]
    made.swap("kind: penalised_logistic, inputs: [t1_tumour], selection: few",
              "kind: logistic, inputs: [t1_tumour]")  # fmt: skip
    assert outputs() == ["mine"]


def test_models_that_an_output_leaves_out_are_reported_beside_it(made: Making) -> None:
    def outputs() -> dict[str, tuple[str, ...]]:
        named = output_names(load_study(made.folder).spec)
        return {name: output.models for name, output in named.items()}

    made.swap("kind: roc, models: [radscore, combined]",
              "kind: selected_features, models: [combined]",
              "kind: logistic, inputs", "kind: logistic, selection: few, inputs")  # fmt: skip
    assert outputs() == {
        "selected_features": ("combined",), "selected_features-2": ("radscore",), "controls": (),
    }  # fmt: skip
    second = output_names(load_study(made.folder).spec)["selected_features-2"]
    assert second.shown_title() == "Selected features: other models"
    made.swap("models: [combined]", "models: [radscore]",
              "kind: logistic, selection: few, inputs", "kind: logistic, inputs")  # fmt: skip
    assert list(outputs()) == ["selected_features", "controls"]
    made.swap("kind: selected_features, models", "kind: controls, id: selected_features, models")
    assert outputs() == {
        "selected_features": ("radscore",), "selected_features-2": (), "controls": ("combined",),
    }  # fmt: skip


def test_outputs_of_models_need_models(made: Making) -> None:
    text = made.file.read_text(encoding="utf-8")
    made.write(text[: text.index("models:")] + "outputs: [controls, roc]\n")
    assert load_faults(made) == [
        f"{FILE}:22 outputs[2].kind: output roc, but the study has no models; "
        "add models, or remove the output"
    ]


def test_one_value_stands_for_a_list(made: Making) -> None:
    made.swap("id: patient", "id: patient\n  split: {kind: column, column: days, train: 50, "
              "external: {far: 150}}")  # fmt: skip
    split = load_study(made.folder).spec.cohort.split
    assert (split.train, split.external) == (("50",), {"far": ("150",)})


def test_a_broken_split_breeds_no_faults_of_splits(made: Making) -> None:
    made.swap("id: patient", "id: patient\n  split: {kind: colum, column: days}")
    made.swap("kind: roc,", "kind: roc, splits: [internal],")
    assert [line.split(" ")[1].rstrip(":") for line in load_faults(made)] == ["cohort.split.kind"]


def test_simulated_times_are_days(made: Making) -> None:
    made.swap(BINARY, SURVIVAL.replace("time_unit: days", "time_unit: months"))
    made.swap("penalised_logistic", "penalised_cox", "kind: logistic", "kind: cox")
    made.swap("kind: roc", "kind: kaplan_meier", "cohort:", "simulate: {cases: 60}\ncohort:")
    assert load_faults(made) == [
        f"{FILE}:4 simulate.endpoint: found binary, but the study's endpoint is survival; "
        "write survival"
    ]
    made.swap("simulate: {cases: 60}", "simulate: {cases: 60, endpoint: survival}")
    assert load_faults(made) == [
        f"{FILE}:3 endpoint.time_unit: found months, but simulated times are in days; write days"
    ]


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [("binary", "logistic"), ("multiclass", "logistic"), ("survival", "cox"),
     ("continuous", "linear")],
)  # fmt: skip
def test_the_regression_of_each_endpoint_is_named(endpoint: str, kind: str) -> None:
    assert regression_kind(endpoint) == kind
    assert endpoint in MODELS[kind].endpoints or MODELS[kind].lifts


def test_a_marker_needs_an_order(made: Making) -> None:
    made.swap("kind: logistic, inputs: [radscore, clinical.age]",
              "kind: marker, input: clinical.grade, direction: higher")  # fmt: skip
    load_study(made.folder)
    made.swap("type: ordinal, levels: [low, high]", "type: nominal")
    assert load_faults(made) == [
        f"{FILE}:24 models.combined.input: 'clinical.grade', a nominal variable, whose levels "
        "have no order; set its type to ordinal or binary, or take kind logistic"
    ]


def test_survival_outputs_need_a_horizon(made: Making) -> None:
    made.swap(BINARY, SURVIVAL.replace(", horizons: [300]", ""))
    made.swap("penalised_logistic", "penalised_cox", "kind: logistic", "kind: cox")
    made.swap("kind: roc", "kind: calibration")
    assert load_faults(made) == [
        f"{FILE}:27 outputs[1].kind: calibration, which needs risks at a time; "
        "add endpoint.horizons"
    ]
    made.swap("time_unit: days", "time_unit: days, horizons: [365, 730]")
    made.swap("kind: calibration", "kind: calibration, horizon: 400")
    assert load_faults(made) == [
        f"{FILE}:27 outputs[1].horizon: found 400; allowed: 365, 730; add it to endpoint.horizons"
    ]
