"""study.yaml: what holds, and the one line that says what does not."""

from pathlib import Path

import pytest
from study_making import BINARY, SURVIVAL, Making

from radpipe.core.errors import FaultsError, UsageError
from radpipe.study.load import DataMissing, load_study

FILE = "studies/small/study.yaml"


def faults(made: Making) -> list[str]:
    with pytest.raises(FaultsError) as error:
        load_study(made.folder)
    return str(error.value).splitlines()


def test_a_sound_study_loads(made: Making) -> None:
    study = load_study(made.folder)
    assert study.name == "small"
    assert study.data == Path.cwd() / "studies/small/data"
    assert study.has_data
    assert not study.simulated
    assert list(study.spec.models) == ["radscore", "combined"]
    assert study.spec.endpoint.positive == ("1",)
    assert study.lines[("models", "radscore")] == 23
    assert load_study(made.file).spec == study.spec


def test_settings_take_the_normalisation_of_the_image(made: Making) -> None:
    made.swap("modality: MR", "modality: MR, normalise: z_score")
    settings = load_study(made.folder).spec.settings("t1_tumour")
    assert settings.normalise is not None
    assert settings.normalise.kind == "z_score"
    assert settings.classes == ("shape", "firstorder")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("title: A small study", "titel: x",
         ":2 titel: found the unknown key 'titel'; allowed: schema, title, data, simulate, "
         "endpoint, cohort, images, regions, blocks, clinical, selection, models, evaluation, "
         "controls, outputs, assumed, report; nearest: title"),
        ("folds: 3", "fold: 3",
         ":25 evaluation.resampling.fold: found the unknown key 'fold'; allowed: kind, folds, "
         "repeats, inner_folds; nearest: folds"),
        ("folds: 3", "folds: many",
         ":25 evaluation.resampling.folds: found 'many'; allowed: a whole number >= 2"),
        ("folds: 3", "folds: 1",
         ":25 evaluation.resampling.folds: found 1; allowed: a whole number >= 2"),
        ("kind: mrmr", "kind: mrrm",
         ":21 selection.few[1].kind: found 'mrrm'; allowed: variance, correlation, univariable, "
         "mrmr, lasso; nearest: mrmr"),
        ("{kind: mrmr, n: 2}", "{n: 2}",
         ":21 selection.few[1]: the key 'kind' is missing; allowed: variance, correlation, "
         "univariable, mrmr, lasso; add it"),
        ("modality: MR", "modality: MRT",
         ":8 images.t1.modality: found 'MRT'; allowed: MR, CT, PT, US, MG, OT; nearest: MR"),
        ("column: relapse, positive", "colum: relapse, positive",
         ":3 endpoint.colum: found the unknown key 'colum'; allowed: label, missing, type, column, "
         "positive, negative; nearest: column"),
        ("type: binary", "type: binry",
         ":3 endpoint.type: found 'binry'; allowed: binary, survival; nearest: binary"),
        ("schema: 1", "schema: 2",
         ":1 schema: found 2; allowed: 1; write `schema: 1`, or install the radpipe that the study "
         "was written for"),
        ("id: patient", "id: ~", ":6 cohort.id: found nothing; allowed: text"),
        ("[low, high]", "[low, low]",
         ":19 clinical.grade: found the level 'low' twice; give each once"),
        ("type: ordinal, levels: [low, high]", "type: ordinal",
         ":19 clinical.grade: found an ordinal variable without its order; "
         "give levels: [low, ..., high]"),
        ("unit: years", "levels: [a, b]",
         ":18 clinical.age: found levels on a continuous variable; remove it, or change type"),
        ("t1_tumour:", "t1-tumour:",
         ":12 blocks.t1-tumour: found the name 't1-tumour'; allowed: a letter first, then letters "
         "of any script, digits and single _, 64 characters at most"),
        ("combined:", "clinical:",
         ":24 models.clinical: found the reserved name 'clinical'; allowed: a letter first, then "
         "letters of any script, digits and single _, 64 characters at most"),
        ('"images/{patient}.nii.gz"', '"../images/{patient}.nii.gz"',
         ":8 images.t1.path: found the path '../images/{patient}.nii.gz', which leaves the data "
         "folder; give one below it"),
        ('"images/{patient}.nii.gz"', "/images/x.nii.gz",
         ":8 images.t1.path: found the path '/images/x.nii.gz', which leaves the data folder; "
         "give one below it"),
        ("table: clinical.csv", "table: C:/clinical.csv",
         ":5 cohort.table: found the path 'C:/clinical.csv', which leaves the data folder; "
         "give one below it"),
        ("filters: [original]", "filters: [original, {kind: log}]",
         ":15 blocks.t1_tumour.filters[2].sigma_mm: the key is missing; "
         "allowed: a list [a number > 0 and <= 100, at least 1]; add it"),
    ],
)  # fmt: skip
def test_one_line_for_each_wrong_key(made: Making, old: str, new: str, line: str) -> None:
    made.swap(old, new)
    found = [said for said in faults(made) if said.startswith(FILE + line.split(": ")[0])]
    assert found == [FILE + line]
    assert "pydantic" not in "".join(faults(made))


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
        ("kind: logistic", "kind: cox",
         ":24 models.combined.kind: model cox for a binary endpoint; "
         "allowed: endpoint survival; choose another kind"),
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
         ":23 models.radscore.selection: the test 'cox' for a binary endpoint; allowed: auto, "
         "logistic, mann_whitney, t; choose another, or leave it out for the automatic one"),
        ("kind: roc,", "kind: decision_curve, lowest: 0.5, highest: 0.2,",
         ":27 outputs[1]: found the lowest threshold 0.5, not below the highest, 0.2; "
         "exchange them"),
        ("kind: roc, models: [radscore, combined]", "kind: montage, window_percentiles: [90, 10]",
         ":27 outputs[1]: found the window 90 to 10; give the lower one first"),
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
    found = [said for said in faults(made) if said.startswith(FILE + line.split(": ")[0])]
    assert found == [FILE + line]


def test_a_marker_has_no_risk_to_show(made: Making) -> None:
    made.swap(
        "kind: penalised_logistic, inputs: [t1_tumour], selection: few",
        "kind: marker, input: t1_tumour__original_shape_MeshVolume, direction: higher",
        "kind: roc", "kind: decision_curve",
    )  # fmt: skip
    assert faults(made) == [
        f"{FILE}:27 outputs[1].models[1]: model 'radscore', which gives no risk (kind marker); "
        "leave it out of decision_curve, or wrap it in a logistic or cox model"
    ]


def test_outputs_of_models_need_models(made: Making) -> None:
    text = made.file.read_text(encoding="utf-8")
    made.write(text[: text.index("models:")] + "outputs: [controls, roc]\n")
    assert faults(made) == [
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
    assert [line.split(" ")[1].rstrip(":") for line in faults(made)] == ["cohort.split.kind"]


def test_simulated_times_are_days(made: Making) -> None:
    made.swap(BINARY, SURVIVAL.replace("time_unit: days", "time_unit: months"))
    made.swap("penalised_logistic", "penalised_cox", "kind: logistic", "kind: cox")
    made.swap("kind: roc", "kind: kaplan_meier", "cohort:", "simulate: {cases: 60}\ncohort:")
    assert faults(made) == [
        f"{FILE}:4 simulate.endpoint: found binary, but the study's endpoint is survival; "
        "write survival"
    ]
    made.swap("simulate: {cases: 60}", "simulate: {cases: 60, endpoint: survival}")
    assert faults(made) == [
        f"{FILE}:3 endpoint.time_unit: found months, but simulated times are in days; write days"
    ]


def test_a_marker_needs_an_order(made: Making) -> None:
    made.swap("kind: logistic, inputs: [radscore, clinical.age]",
              "kind: marker, input: clinical.grade, direction: higher")  # fmt: skip
    load_study(made.folder)
    made.swap("type: ordinal, levels: [low, high]", "type: nominal")
    assert faults(made) == [
        f"{FILE}:24 models.combined.input: 'clinical.grade', a nominal variable, whose levels "
        "have no order; set its type to ordinal or binary, or take kind logistic or cox"
    ]


def test_survival_outputs_need_a_horizon(made: Making) -> None:
    made.swap(BINARY, SURVIVAL.replace(", horizons: [300]", ""))
    made.swap("penalised_logistic", "penalised_cox", "kind: logistic", "kind: cox")
    made.swap("kind: roc", "kind: calibration")
    assert faults(made) == [
        f"{FILE}:27 outputs[1].kind: calibration, which needs risks at a time; "
        "add endpoint.horizons"
    ]
    made.swap("time_unit: days", "time_unit: days, horizons: [365, 730]")
    made.swap("kind: calibration", "kind: calibration, horizon: 400")
    assert faults(made) == [
        f"{FILE}:27 outputs[1].horizon: found 400; allowed: 365, 730; add it to endpoint.horizons"
    ]


def test_faults_of_every_kind_come_at_once_and_do_not_breed(made: Making) -> None:
    made.swap(
        "n: 2", "n: none",
        "kind: penalised_logistic", "kind: penalized_logistic",
        "masks: {t1:", "masks: {t2:",
        "clinical.age]", "clinical.weight]",
        "folds: 3", "fold: 3",
    )  # fmt: skip
    assert [line.split(": ")[0] for line in faults(made)] == [
        f"{FILE}:21 selection.few[1].n",
        f"{FILE}:23 models.radscore.kind",
        f"{FILE}:25 evaluation.resampling.fold",
        f"{FILE}:10 regions.tumour.masks.t2",
        f"{FILE}:14 blocks.t1_tumour.region",
        f"{FILE}:24 models.combined.inputs[2]",
    ]


def test_a_broken_endpoint_hides_no_other_fault(made: Making) -> None:
    made.swap("positive: 1", "postive: 1", "models: [radscore,", "models: [rad,")
    assert [line.split(": ")[0] for line in faults(made)] == [
        f"{FILE}:3 endpoint.postive",
        f"{FILE}:27 outputs[1].models[1]",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("images:\n", "image:\n", ":7 image"),
        ("images:\n  t1:", "images: []\nimages2:\n  t1:", ":7 images"),
        ("models:\n  rad", "models: ~\nother:\n  rad", ":22 models"),
        ("clinical:\n", "clinic:\n", ":17 clinic"),
    ],
)
def test_a_broken_section_does_not_breed(made: Making, old: str, new: str, line: str) -> None:
    made.swap(old, new)
    assert {said.split(": ")[0] for said in faults(made)} - {
        f"{FILE}:8 images2", f"{FILE}:23 other",
    } == {FILE + line}  # fmt: skip


def test_a_removed_output_keeps_the_place_of_the_next(made: Making) -> None:
    made.swap("- {kind: roc,", "- {kind: rok}\n  - {kind: roc,", "combined]}", "other]}")
    assert [line.split(": ")[0] for line in faults(made)] == [
        f"{FILE}:27 outputs[1].kind",
        f"{FILE}:28 outputs[2].models[2]",
    ]


def test_not_a_study(made: Making) -> None:
    made.write("- a\n- b\n")
    assert faults(made) == [f"{FILE}: found a list; write `key: value`"]
    made.write("shema: 1\n")
    assert faults(made) == [f"{FILE} schema: the key is missing; nearest: shema"]
    with pytest.raises(FaultsError, match=r"studies: no study\.yaml; give a folder such as"):
        load_study(Path("studies"))


def test_a_given_folder_is_never_replaced_by_another(
    made: Making, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataMissing) as error:
        load_study(made.folder, empty)
    assert str(error.value) == (
        f"small: --data {empty} holds no clinical.csv; give the folder that holds the cohort table"
    )
    monkeypatch.setenv("RADPIPE_DATA", str(empty))
    with pytest.raises(DataMissing, match=f"small: RADPIPE_DATA {empty} holds no clinical.csv"):
        load_study(made.folder)
    assert load_study(made.folder, made.data).has_data


def test_the_data_folders_of_the_study_are_tried_in_turn(made: Making) -> None:
    made.table.rename(made.folder / "clinical.csv")
    assert load_study(made.folder).data == Path.cwd() / "studies/small"
    made.swap("title: A small study", "data: [nowhere, ../none]")
    with pytest.raises(DataMissing) as error:
        load_study(made.folder)
    assert str(error.value) == (
        "small: no clinical.csv in studies/small/nowhere, studies/none; "
        "give its folder with --data or RADPIPE_DATA"
    )
    assert not load_study(made.folder, need_data=False).has_data


def test_a_simulated_study_takes_no_data(
    made: Making, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.swap("title: A small study", "simulate: {cases: 20}")
    monkeypatch.setenv("RADPIPE_DATA", str(tmp_path))
    study = load_study(made.folder, simulated=Path("out/simulated"))
    assert study.simulated
    assert study.data == Path("out/simulated/small")
    with pytest.raises(UsageError, match="small: a simulated study takes no data folder"):
        load_study(made.folder, made.data)
