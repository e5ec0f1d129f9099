"""The classic leaks, written into study.yaml and its data: none of them can be said.

Each is planted in a study that is sound but for it, and refused for what it is.
"""

import shutil
from pathlib import Path

import pytest
from study_making import BINARY, SURVIVAL, Making, make

from radpipe.study.check import check_path
from tests.property.test_property_leaks import written

AGE = "  age: {type: continuous, unit: years}\n"
SELECTION = "selection: few}"
RESAMPLED = "{kind: repeated_cv, folds: 3, repeats: 2, inner_folds: 2}"
TABLE = "blocks:\n  other: {kind: table, file: clinical.csv}\n"
SOUND = ()
LDA = ("penalised_logistic", "lda")
COX = (
    *(BINARY, SURVIVAL, "kind: penalised_logistic", "kind: penalised_cox"),
    *("kind: logistic", "kind: cox", "kind: roc", "kind: kaplan_meier"),
)
"""The study with a time to the event."""


def more(line: str) -> tuple[str, str]:
    """Return what adds a clinical variable."""
    return AGE, f"{AGE}  {line}\n"


def radscore(keys: str) -> tuple[str, str]:
    """Return what adds keys to the first model."""
    return SELECTION, f"selection: few, {keys}}}"


LEAKS = {
    "a predictor that is the endpoint's column": (
        more("days: {type: continuous}"), ("days: {", "relapse: {"),
        "clinical.relapse: the column 'relapse', which is the endpoint",
    ),
    "the same under another name": (
        more("x: {type: continuous, column: days}"), ("column: days", "column: relapse"),
        "clinical.x: the column 'relapse', which is the endpoint",
    ),
    "a formula of the outcome": (
        more("x: {type: continuous, expression: days * 2}"), ("days * 2", "relapse * 2"),
        "clinical.x.expression: the column 'relapse', which is the endpoint",
    ),
    "a formula of such a formula": (
        more("x: {type: continuous, expression: days * 2}\n"
             "  z: {type: continuous, expression: x + 1}"), ("days * 2", "relapse * 2"),
        "clinical.x.expression: the column 'relapse', which is the endpoint",
    ),
    "the endpoint as an input": (
        ("clinical.age]", "clinical.age, clinical.grade]"), ("clinical.grade]", "relapse]"),
        "inputs[3]: found 'relapse'",
    ),
    "harmonised by the outcome": (
        radscore("preparation: [{kind: combat, batch: grade}]"),
        ("batch: grade", "batch: relapse"),
        "batch: the column 'relapse', which is the endpoint",
    ),
    "harmonised with the outcome kept": (
        radscore("preparation: [{kind: combat, batch: grade, covariates: [age]}]"),
        ("covariates: [age]", "covariates: [relapse]"),
        "covariates[1]: found the clinical variable 'relapse'",
    ),
    "selection before splitting": (
        SOUND, ("models:\n", "selection_on: all\nmodels:\n"),
        "selection_on: found the unknown key",
    ),
    "a selector that sees all rows": (
        SOUND, ("mrmr, n: 2", "mrmr, n: 2, rows: all"),
        "selection.few[1].rows: found the unknown key",
    ),
    "a fit to all rows": (
        SOUND, ("clinical.age]", "clinical.age], fit_on: all"),
        "models.combined.fit_on: found the unknown key",
    ),
    "scaled on all rows": (
        radscore("preparation: [{kind: scale}]"), ("scale}", "scale, rows: all}"),
        "preparation[1].rows: found the unknown key",
    ),
    "oversampled before splitting": (
        (*LDA, *radscore("balance: {kind: smote}")), ("smote}", "smote, rows: all}"),
        "balance.rows: found the unknown key",
    ),
    "oversampled as a step of the preparation": (
        (*LDA, *radscore("preparation: [{kind: scale}]")), ("scale}", "smote}"),
        "preparation[1].kind: found 'smote'",
    ),
    "a cut-off learned on test": (
        radscore("cutoff: {kind: youden}"), ("youden}", "youden, on: test}"),
        "cutoff.on: found the unknown key",
    ),
    "calibrated on test": (
        radscore("calibrate: platt"), ("platt", "test"), "calibrate: found 'test'",
    ),
    "tuned on test": (
        ("kind: logistic,", "kind: svm, tune: {cost: [1, 2]},"), ("cost: [1, 2]", "on: [test]"),
        "tune.on: found 'on'",
    ),
    "stacked on apparent scores": (
        SOUND, ("clinical.age]", "clinical.age], stack: apparent"),
        "models.combined.stack: found the unknown key",
    ),
    "no inner folds": (
        SOUND, ("inner_folds: 2", "inner_folds: 0"), "evaluation.resampling.inner_folds: ",
    ),
    "outcome classes on different sides": (
        ("  grade: {type: ordinal, levels: [low, high]}\n", "", RESAMPLED,
         "{kind: leave_one_centre_out, column: grade, inner_folds: 2}"),
        ("column: grade", "column: relapse"),
        "only 0 cases with the event in the training part",
    ),
    "a model that is its own input": (
        SOUND, ("clinical.age]", "clinical.age, combined]"), "inputs[3]: the model itself",
    ),
    "the time to the event as a predictor": (
        (*COX, *more("x: {type: continuous, column: age}")), ("column: age", "column: days"),
        "clinical.x: the column 'days', which is the endpoint",
    ),
    "the event as a predictor beside its time": (
        (*COX, *more("x: {type: continuous, column: age}")), ("column: age", "column: relapse"),
        "clinical.x: the column 'relapse', which is the endpoint",
    ),
    "a formula of the time": (
        (*COX, *more("x: {type: continuous, expression: age / 365}")), ("age /", "days /"),
        "clinical.x.expression: the column 'days', which is the endpoint",
    ),
    "a formula of the event": (
        (*COX, *more("x: {type: continuous, expression: age * 2}")), ("age *", "relapse *"),
        "clinical.x.expression: the column 'relapse', which is the endpoint",
    ),
    "harmonised by the event": (
        (*COX, *radscore("preparation: [{kind: combat, batch: grade}]")),
        ("batch: grade", "batch: relapse"),
        "batch: the column 'relapse', which is the endpoint",
    ),
}  # fmt: skip


def faults(folder: Path) -> list[str]:
    return [str(fault) for fault in check_path(folder).faults]


def refused(made: Making, sound: tuple[str, ...], planted: tuple[str, str], told: str) -> None:
    """Show that a study is sound, and with the leak refused for that alone."""
    made.swap(*sound)
    assert faults(made.folder) == []
    made.swap(*planted)
    found = faults(made.folder)
    assert found
    assert [line for line in found if told not in line] == []


@pytest.mark.parametrize("leak", LEAKS)
def test_a_study_cannot_say_it(made: Making, leak: str) -> None:
    refused(made, *LEAKS[leak])


def test_readings_of_all_rows_cannot_be_compared(tmp_path: Path) -> None:
    """So many cases that each fit has enough that are read twice."""
    made = make(tmp_path / "small", [f"P{i:02d}" for i in range(48)])
    sound = ("regions:\n", "perturbations: {n: 10, shift_mm: 1}\nregions:\n", "mrmr, n: 2", "icc")
    told = "selection.few[1].rows: found the unknown key"
    refused(made, sound, ("kind: icc", "kind: icc, rows: all"), told)


@pytest.mark.parametrize(("kind", "columns"), [((), ["relapse"]), (COX, ["relapse", "days"])])
def test_the_endpoint_is_no_feature_of_a_table(
    made: Making, kind: tuple[str, ...], columns: list[str]
) -> None:
    made.swap(*kind, "blocks:\n", TABLE.replace("csv}", "csv, columns: [age]}"))
    assert faults(made.folder) == []
    made.swap("columns: [age]", f"columns: [age, {', '.join(columns)}]")
    found = faults(made.folder)
    assert [line.split(": ")[1].split(";")[0] for line in found] == [
        f"the column {name!r}, which is the endpoint" for name in columns
    ]


def add_column(made: Making, name: str, cells: list[object]) -> None:
    rows = made.table.read_text(encoding="utf-8").splitlines()
    text = [f"{row},{cell}" for row, cell in zip(rows, [name, *cells], strict=True)]
    made.table.write_text("\n".join(text) + "\n", encoding="utf-8")


@pytest.mark.parametrize("as_feature", [True, False])
def test_a_copy_of_the_endpoint_is_no_input(made: Making, as_feature: bool) -> None:
    rows = made.table.read_text(encoding="utf-8").splitlines()[1:]
    add_column(made, "state", [2 - int(row.split(",")[1]) for row in rows])
    name = "other" if as_feature else "clinical.state"
    made.swap("clinical.age]", f"clinical.age, {name}]")
    made.swap("blocks:\n", TABLE.replace("csv}", "csv, columns: [days, state]}"))
    made.swap(*more("state: {type: continuous}"))
    where = "blocks.other: state" if as_feature else "clinical.state: clinical.state"
    [line] = faults(made.folder)
    assert f"{where} tells the endpoint of every case" in line


def test_a_patient_on_both_sides_is_refused(made: Making) -> None:
    add_column(made, "who,set", ["a,1", "a,2"] * 6)
    made.swap(
        "id: patient",
        "id: patient\n  group: who\n"
        "  split: {kind: column, column: set, train: [1], internal: [2]}",
    )
    [line] = faults(made.folder)
    assert "'a' stand in both train and internal" in line


def test_a_cohort_copied_whole_is_no_external_one(made: Making) -> None:
    shutil.copytree(made.data, made.data / "external" / "copy")
    made.swap("id: patient", 'id: patient\n  external: "external/*"')
    [line] = faults(made.folder)
    assert "the same image on different sides of the split: copy.P01 (external:copy) as P01" in line


@pytest.mark.parametrize("renamed", [True, False])
def test_tables_copied_whole_are_no_external_cohort(tmp_path: Path, renamed: bool) -> None:
    folder = tmp_path / "s"
    written(folder, garbage=False)
    for name in ("f.csv", "clinical.csv"):
        text = (folder / "data" / name).read_text(encoding="utf-8")
        (folder / "data" / "copy").mkdir(exist_ok=True)
        text = text.replace("P", "Q") if renamed else text
        (folder / "data" / "copy" / name).write_text(text, encoding="utf-8")
    file = folder / "study.yaml"
    text = file.read_text(encoding="utf-8").replace("id: patient", "id: patient\n  external: copy")
    assert faults(folder) == []
    file.write_text(text, encoding="utf-8")
    found = faults(folder)
    assert "the same features of f on different sides of the split" in found[0]
    told = "the same id, outcome and clinical variables on different sides"
    assert [told in line for line in found[1:]] == ([] if renamed else [True])
