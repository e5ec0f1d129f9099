"""study.yaml: what holds, and the one line that says what does not."""

from pathlib import Path

import pytest
from study_making import Making, load_faults

from radpipe.core.errors import FaultsError, UsageError
from radpipe.selection.registry import SELECTORS
from radpipe.study.load import DataMissing, load_study

FILE = "studies/small/study.yaml"


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
    made.swap("image: t1\n", "image: t1\n    normalise: null\n")
    assert load_study(made.folder).spec.settings("t1_tumour").normalise is None


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("title: A small study", "titel: x",
         ":2 titel: found the unknown key 'titel'; allowed: schema, title, data, simulate, "
         "endpoint, cohort, readers, perturbations, images, regions, blocks, clinical, "
         "preparation, selection, models, evaluation, controls, outputs, assumed, report; "
         "nearest: title"),
        ("folds: 3", "fold: 3",
         ":25 evaluation.resampling.fold: found the unknown key 'fold'; allowed: kind, "
         "inner_folds, folds, repeats; nearest: folds"),
        ("folds: 3", "folds: many",
         ":25 evaluation.resampling.folds: found 'many'; allowed: a whole number >= 2"),
        ("folds: 3", "folds: 1",
         ":25 evaluation.resampling.folds: found 1; allowed: a whole number >= 2"),
        ("kind: mrmr", "kind: mrrm",
         f":21 selection.few[1].kind: found 'mrrm'; allowed: {', '.join(SELECTORS)}; "
         "nearest: mrmr"),
        ("{kind: mrmr, n: 2}", "{n: 2}",
         ":21 selection.few[1]: the key 'kind' is missing; allowed: "
         f"{', '.join(SELECTORS)}; add it"),
        ("modality: MR", "modality: MRT",
         ":8 images.t1.modality: found 'MRT'; allowed: MR, CT, PT, US, MG, OT; nearest: MR"),
        ("column: relapse, positive", "colum: relapse, positive",
         ":3 endpoint.colum: found the unknown key 'colum'; allowed: label, missing, type, column, "
         "positive, negative; nearest: column"),
        ("type: binary", "type: binry",
         ":3 endpoint.type: found 'binry'; allowed: binary, multiclass, ordinal, multilabel, "
         "continuous, survival; nearest: binary"),
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
        ("id: patient", "id: patient\n  split: {kind: repeated}",
         ":7 cohort.split: found the split 'repeated', which holds no "
         "cases out for good; remove it, and for random splits drawn many times set "
         "evaluation.resampling: {kind: repeated_splits}"),
    ],
)  # fmt: skip
def test_one_line_for_each_wrong_key(made: Making, old: str, new: str, line: str) -> None:
    made.swap(old, new)
    found = [said for said in load_faults(made) if said.startswith(FILE + line.split(": ")[0])]
    assert found == [FILE + line]
    assert "pydantic" not in "".join(load_faults(made))


def test_faults_of_every_kind_come_at_once_and_do_not_breed(made: Making) -> None:
    made.swap(
        "n: 2", "n: none",
        "kind: penalised_logistic", "kind: penalized_logistic",
        "masks: {t1:", "masks: {t2:",
        "clinical.age]", "clinical.weight]",
        "folds: 3", "fold: 3",
    )  # fmt: skip
    assert [line.split(": ")[0] for line in load_faults(made)] == [
        f"{FILE}:21 selection.few[1].n",
        f"{FILE}:23 models.radscore.kind",
        f"{FILE}:25 evaluation.resampling.fold",
        f"{FILE}:10 regions.tumour.masks.t2",
        f"{FILE}:14 blocks.t1_tumour.region",
        f"{FILE}:24 models.combined.inputs[2]",
    ]


def test_a_broken_endpoint_hides_no_other_fault(made: Making) -> None:
    made.swap("positive: 1", "postive: 1", "models: [radscore,", "models: [rad,")
    assert [line.split(": ")[0] for line in load_faults(made)] == [
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
    assert {said.split(": ")[0] for said in load_faults(made)} - {
        f"{FILE}:8 images2", f"{FILE}:23 other",
    } == {FILE + line}  # fmt: skip


def test_a_removed_output_keeps_the_place_of_the_next(made: Making) -> None:
    made.swap("- {kind: roc,", "- {kind: rok}\n  - {kind: roc,", "combined]}", "other]}")
    assert [line.split(": ")[0] for line in load_faults(made)] == [
        f"{FILE}:27 outputs[1].kind",
        f"{FILE}:28 outputs[2].models[2]",
    ]


def test_not_a_study(made: Making) -> None:
    made.write("- a\n- b\n")
    assert load_faults(made) == [f"{FILE}: found a list; write `key: value`"]
    made.write("shema: 1\n")
    assert [line.partition("; ")[0] for line in load_faults(made)] == [
        f"{FILE} schema: the key is missing",
        f"{FILE} endpoint: the key is missing",
        f"{FILE} cohort: the key is missing",
    ]
    assert "nearest: shema" in load_faults(made)[0]
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
