"""Preparations and balances fit the rest of the study, and say which columns they need."""

import numpy as np
import pytest
from study_making import BINARY, SURVIVAL, load_faults, make

from radpipe.models.registry import MODELS
from radpipe.study.batches import read_batches
from radpipe.study.check import check_path
from radpipe.study.derived import all_inputs
from radpipe.study.load import load_study
from radpipe.study.places import Places
from radpipe.study.preparationrefs import batch_columns, steps_of
from radpipe.study.rows import read_rows

MODEL = "inputs: [t1_tumour], selection: few"


def with_model(made, more):
    made.swap(MODEL, f"{MODEL}, {more}")


def with_steps(made, steps):
    made.swap("selection:\n", f"preparation:\n  even: {steps}\nselection:\n")


@pytest.mark.parametrize(
    ("steps", "more", "line"),
    [
        ("[outliers]", "preparation: evn",
         "models.radscore.preparation: found the preparation 'evn'; allowed: even; nearest: even"),
        ("[{kind: combat, batch: scanner, covariates: [agee]}]", "preparation: even",
         "preparation.even[1].covariates[1]: found the clinical variable 'agee'; "
         "allowed: age, grade; nearest: age"),
        ("[{kind: combat, batch: patient}]", "preparation: even",
         "preparation.even[1].batch: the column 'patient', which is the case id; "
         "name the column of scanners or centres"),
        ("[scale, {kind: combat, batch: relapse}]", "preparation: even",
         "preparation.even[2].batch: the column 'relapse', which is the endpoint; "
         "name the column of scanners or centres"),
        ("[outliers]", "preparation: [{kind: combat, batch: grade, covariates: grade}]",
         "models.radscore.preparation[1].covariates[1]: the covariate 'grade', which is the "
         "batch; leave it out; the two cannot be told apart"),
        ("[{kind: imputte}]", "preparation: even", "preparation.even[1].kind: found 'imputte'"),
        ("[{kind: impute, neighbors: 3}]", "preparation: even",
         "preparation.even[1].neighbors: found the unknown key 'neighbors'"),
    ],
)  # fmt: skip
def test_what_a_preparation_names_is_there(made, steps, more, line):
    with_steps(made, steps)
    with_model(made, more)
    assert any(line in said for said in load_faults(made)), load_faults(made)


def test_an_indicator_is_no_level(made):
    made.swap("grade: {type: ordinal, levels: [low, high]}",
              "grade: {type: nominal, levels: [low, high, missing]}")  # fmt: skip
    with_steps(made, "[{kind: impute, indicator: true}]")
    (line,) = load_faults(made)
    assert "an indicator beside the level 'missing' of clinical variable 'grade'" in line


def test_a_balance_needs_classes(made):
    made.swap(BINARY, SURVIVAL, "kind: logistic", "kind: cox",
              "kind: penalised_logistic", "kind: penalised_cox")  # fmt: skip
    with_model(made, "balance: class_weight")  # the model takes no weights either
    [line] = [line for line in load_faults(made) if "balance" in line]
    assert "balance class_weight for a survival endpoint; allowed: endpoint binary" in line
    assert line.endswith("; remove balance")


@pytest.mark.parametrize("takes", [True, False])
def test_weights_need_a_model_that_takes_them(made, monkeypatch, takes):
    monkeypatch.setattr(MODELS["penalised_logistic"], "takes_weights", takes)
    with_model(made, "balance: class_weight")
    if takes:
        assert load_study(made.folder).spec.models["radscore"].balance.kind == "class_weight"
        return
    (line,) = load_faults(made)
    assert "balance class_weight of a model of kind penalised_logistic, which takes no" in line
    assert "allowed: oversample, undersample; choose" in line  # smote would be refused next


def test_a_model_without_folds_of_its_own_is_offered_rows_that_are_made(made):
    made.swap("kind: penalised_logistic", "kind: lda")
    with_model(made, "balance: class_weight")
    (line,) = load_faults(made)
    assert "allowed: oversample, undersample, smote; choose" in line


def test_penalties_are_not_chosen_on_rows_made_of_others(made):
    with_model(made, "balance: smote")
    (line,) = load_faults(made)
    assert "balance smote of a model of kind penalised_logistic, whose own cross-valid" in line
    assert "allowed: oversample, undersample; choose" in line


def test_the_columns_that_are_needed(made):
    with_steps(made, "[{kind: combat, batch: grade, covariates: [age]}]")
    with_model(made, "preparation: even")
    made.swap("inputs: [radscore, clinical.age]", "inputs: [radscore, clinical.age], "
              "preparation: [{kind: combat, batch: days}]")  # fmt: skip
    study = load_study(made.folder)
    models = study.spec.models
    assert [step.kind for step in steps_of(study.spec, models["radscore"])] == ["combat"]
    assert all_inputs(study.spec, "combined").covariates == ("age",)
    assert all_inputs(study.spec, "radscore").variables == ("age",)
    assert batch_columns(study.spec) == [
        (("preparation", "even", 0, "batch"), "grade"),
        (("models", "combined", "preparation", 0, "batch"), "days"),
    ]


def test_batches_are_read_and_looked_at(made):
    with_steps(made, "[{kind: combat, batch: grade}, {kind: combat, batch: days}]")
    made.swap_cells(",high,150", ",high,one")
    study = load_study(made.folder)
    rows, _ = read_rows(study)
    split = np.array(["train"] * 11 + ["test"])
    found, faults, odd = read_batches(rows, study.spec, split, study.places)
    assert faults == []
    assert found["batch.grade"] == ["low", "high"] * 6
    assert "has one training case; ComBat then adjusts means only" in odd[0]
    assert "no training case is of batch 1150 of days; its 1 held-out case passes" in odd[1]
    made.swap_cells(",high,one", ",,one")
    rows, _ = read_rows(load_study(made.folder))
    _, (fault,), _ = read_batches(rows, study.spec, split, study.places)
    assert "case P02: no batch (column 'grade' is empty)" in str(fault)


def test_a_held_out_batch_too_small_to_be_transductive_is_a_fault(made):
    with_steps(made, "[{kind: combat, batch: grade, transductive: true}]")
    rows, _ = read_rows(load_study(made.folder))
    split = np.where(rows.frame["grade"] == "high", "test", "train")
    spec = load_study(made.folder).spec
    _, (fault,), _ = read_batches(rows, spec, split, Places(made.folder))
    assert "6 held-out of batch high of grade, which is not in training" in str(fault)
    assert "allowed: 10 or more" in str(fault)
    assert "exclude its cases, or leave transductive out" in str(fault)
    assert read_batches(rows, spec, np.where(rows.cases, "train", ""), Places(made.folder))[1] == []
    made.swap(", transductive: true", "")
    assert read_batches(rows, load_study(made.folder).spec, split, Places(made.folder))[1] == []


BATCH = "clinical.csv: no training case is of batch new of scanner; its "
FEW = (
    "of batch new of scanner, which is not in training and is to be harmonised transductively{}; "
    "allowed: 10 or more; merge the batch with another, exclude its cases, or leave transductive "
    "out"
)


@pytest.mark.parametrize(
    ("new", "transductive", "fault", "warning"),
    [
        (10, True, "",
         "10 held-out cases are brought to the others by their own features, without training"),
        (10, False, "", "10 held-out cases pass ComBat as they are unless it is transductive"),
        (2, False, "", "2 held-out cases pass ComBat as they are unless it is transductive, which "
         "takes 10 at least"),
        (1, False, "", "1 held-out case passes ComBat as it is unless that is transductive, which "
         "takes 10 at least"),
        (2, True, "rows 30, 31: 2 held-out " + FEW.format(" (cases P29, P30)"), ""),
        (1, True, "row 31: case P30: 1 held-out " + FEW.format(""), ""),
    ],
)  # fmt: skip
def test_check_tells_what_becomes_of_a_batch_that_train_never_saw(
    tmp_path, monkeypatch, new, transductive, fault, warning
):
    monkeypatch.chdir(tmp_path)
    made = make(tmp_path / "studies" / "small", [f"P{i:02d}" for i in range(1, 31)])
    head, *lines = made.table.read_text().splitlines()
    sides = ["old,a"] * 18 + ["old,b"] * (12 - new) + ["new,b"] * new
    rows = [f"{line},{side}" for line, side in zip(lines, sides, strict=True)]
    made.table.write_text("\n".join([f"{head},scanner,side", *rows]) + "\n")
    split = "split: {kind: column, column: side, train: a, internal: b}"
    made.swap("id: patient", f"id: patient\n  {split}")
    wanted = str(transductive).lower()
    with_steps(made, f"[{{kind: combat, batch: scanner, transductive: {wanted}}}]")
    with_model(made, "preparation: even")
    found = check_path(made.folder, headers=False)
    assert [str(f) for f in found.faults] == ([f"clinical.csv {fault}"] if fault else [])
    told = [line for line in found.warnings if "batch" in line]
    assert told == ([f"{BATCH}{warning}"] if warning else [])
