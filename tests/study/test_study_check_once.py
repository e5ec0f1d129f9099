"""radpipe check tells every fault, each once, and none that only follows from another."""

import shutil

import pytest
from study_making import BINARY, SURVIVAL, Making

from radpipe.selection.registry import SELECTORS
from radpipe.study.check import check_path

FILE = "studies/small/study.yaml"
MULTILABEL = (
    "endpoint: {type: multilabel, labels: {a: {column: relapse, positive: 1}, "
    "b: {column: lab9, positive: 1}}}"
)
GRADE = "grade: {type: ordinal, levels: [low, high]}"
RULE = "combined: {kind: rule, all_of: [{input: %s}]}"
COMBINED = "combined: {kind: logistic, inputs: [radscore, clinical.age]}"


def told(made: Making) -> list[str]:
    return [str(fault) for fault in check_path(made.folder, headers=False).faults]


def combat(made: Making, settings: str) -> None:
    made.swap("selection:\n", f"preparation:\n  even: [{{kind: combat, {settings}}}]\nselection:\n")


def test_a_label_whose_column_is_not_there(made: Making) -> None:
    made.swap(BINARY, MULTILABEL)
    assert any("found the column 'lab9', which clinical.csv does not have" in s for s in told(made))


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ("batch: grade, reference: hgh",
         "reference: found 'hgh', which is no batch of grade; allowed: high, low; nearest: high"),
        ("batch: age", "batch: the column 'age', which clinical variable 'age' measures; "
         "name the column of scanners or centres"),
        ("batch: days", "batch: the column 'days', which measures (1050, 1150, 150, 250, 350, "
         "450, 50, 550 and 4 more); name the column of scanners or centres"),
    ],
)  # fmt: skip
def test_what_is_no_batch(made: Making, settings: str, line: str) -> None:
    combat(made, settings)
    (said,) = told(made)
    assert said == f"{FILE}:21 preparation.even[1].{line}"


def test_a_fault_of_all_cohorts_is_told_once_with_their_folders(made: Making) -> None:
    for name in ("B", "C"):
        there = made.data / "external" / name
        there.mkdir(parents=True)
        for part in ("clinical.csv", "images", "masks"):
            copy = shutil.copytree if (made.data / part).is_dir() else shutil.copy
            copy(made.data / part, there / part)
    made.swap("id: patient", "id: patient\n  external: external/*")
    made.swap("age: {type: continuous", "age: {column: agee, type: continuous")
    (said,) = told(made)
    assert "'agee', which clinical.csv does not have (the same in external/B, external/C)" in said
    made.swap("column: agee, ", "", "external/*", "{B: external/B, B2: external/B}")
    assert told(made) == [
        f"{FILE}:7 cohort.external.B2: the cohorts 'B' and 'B2' of one table, "
        "external/B/clinical.csv; remove one of them"
    ]


def test_times_that_are_dates_take_one_line(made: Making) -> None:
    made.swap(BINARY, SURVIVAL, "penalised_logistic", "penalised_cox", "logistic", "cox")
    made.swap("kind: roc", "kind: kaplan_meier")
    lines = made.table.read_text().splitlines()
    place = lines[0].split(",").index("days")
    for i, line in enumerate(lines[1:], 1):
        cells = line.split(",")
        cells[place] = f"2020-01-{i:02d}"
        lines[i] = ",".join(cells)
    made.table.write_text("\n".join(lines) + "\n")
    assert len(told(made)) == 1


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        (("selection: few}", "selection: fwe, calibrate: sigmoid}"),
         ["models.radscore.calibrate: found 'sigmoid'",
          "models.radscore.selection: found the selection 'fwe'"]),
        (("kind: roc, models: [radscore, combined]", "kind: roc, models: [nope], boxes: 3"),
         ["outputs[1].boxes", "outputs[1].models[1]: found the model 'nope'"]),
        (("  age: {type: continuous, unit: years}", "  age: {type continuous, unit: years}"),
         ["clinical.age.type continuous: found the unknown key 'type continuous'; allowed: type, "
          "column, expression, cut, levels, groups, reference, unit, label; write type: "
          "continuous"]),
        (("  age: {type: continuous, unit: years}", "  age: {type continuous: 1, unit: years}"),
         ["clinical.age.type continuous: found the unknown key 'type continuous'; allowed: type, "
          "column, expression, cut, levels, groups, reference, unit, label; nearest: type"]),
        (("schema: 1\n", "", "evaluation:", "control: {}\nevaluation:"),
         ["schema: the key is missing", "control: found the unknown key"]),
        ((COMBINED, "combined: {kind: svm, inputs: [age], tune: {cost: [0, -1]}}"),
         ["combined.tune.cost[1]: found 0; allowed: a number > 0",
          "combined.tune.cost[2]: found -1; allowed: a number > 0",
          "combined.inputs[1]: found 'age'"]),
    ],
)  # fmt: skip
def test_one_fault_hides_no_other(
    made: Making, changes: tuple[str, ...], places: list[str]
) -> None:
    made.swap(*changes)
    lines = told(made)
    assert len(lines) == len(places), lines
    for place in places:
        assert any(place in line for line in lines), (place, lines)


def test_a_wrong_calibration_makes_no_fault_of_what_needs_it(made: Making) -> None:
    made.swap("penalised_logistic, inputs: [t1_tumour], selection: few",
              "svm, inputs: [t1_tumour], selection: few, calibrate: sigmoid")  # fmt: skip
    made.swap("kind: roc, models: [radscore, combined]", "kind: calibration, models: [radscore]")
    (said,) = told(made)
    assert "calibrate: found 'sigmoid'" in said


@pytest.mark.parametrize(
    ("model", "line"),
    [
        (RULE % "clinical.age, above: 10, below: 4",
         "all_of[1]: above 10 and below 4, which no value is at once"),
        (RULE % "clinical.grade, at_least: 4",
         "all_of[1].at_least: found 4, but clinical.grade is never >= 4; allowed: 0 (low), 1"),
        ("combined: {kind: threshold, input: clinical.grade, direction: higher, at: 0}",
         "at: found 0, but clinical.grade is always >= 0"),
    ],
)  # fmt: skip
def test_bounds_that_part_nobody(made: Making, model: str, line: str) -> None:
    made.swap(COMBINED, model)
    (said,) = told(made)
    assert f"{FILE}:24 models.combined.{line}" in said


def test_a_variable_without_values_and_one_that_is_there_twice(made: Making) -> None:
    made.swap(GRADE, f"{GRADE}\n  none: {{type: continuous, expression: age / 0}}")
    assert told(made) == [
        f"{FILE}:20 clinical.none: no case has a value; correct the column or the formula, or "
        "remove the variable"
    ]
    made.swap("none: {type: continuous, expression: age / 0}",
              "old: {type: continuous, column: age}")  # fmt: skip
    found = check_path(made.folder, headers=False)
    assert not found.faults
    assert any("clinical.old: the same values as clinical.age" in line for line in found.warnings)


def test_a_value_of_the_endpoint_that_no_case_has(made: Making) -> None:
    made.swap("positive: 1}", "positive: [1, 7]}")
    found = check_path(made.folder, headers=False)
    assert any("no case has the value 7 in column 'relapse'" in line for line in found.warnings)


@pytest.mark.parametrize(
    ("written", "place", "said"),
    [
        ("[{kind: mrrm}]", "[1].kind", "found 'mrrm'; allowed: {kinds}; nearest: mrmr"),
        ("{t1_tumour: [{kind: mrrm}]}", ".t1_tumour[1].kind",
         "found 'mrrm'; allowed: {kinds}; nearest: mrmr"),
        ("{t1_tumour: [{kind: mrmr, m: 2}]}", ".t1_tumour[1].m",
         "found the unknown key 'm'; allowed: kind, n, criterion; remove it"),
        ("{t1_tumour: 3}", ".t1_tumour",
         "found 3; allowed: text or a list [settings with kind: {kinds}]"),
    ],
)  # fmt: skip
def test_a_slip_in_a_selection_of_a_model_is_told_where_it_is(
    made: Making, written: str, place: str, said: str
) -> None:
    made.swap("selection: few}", f"selection: {written}}}")
    line = said.replace("{kinds}", ", ".join(SELECTORS))
    assert told(made) == [f"{FILE}:23 models.radscore.selection{place}: {line}"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (("table: clinical.csv", "table: clinical.xlsx"),
         ":5 cohort.table: no clinical.xlsx in studies/small/data, studies/small; "
         "allowed: clinical.csv; nearest: clinical.csv"),
        (("id: patient", "id: patient\n  external: [B]"),
         ":7 cohort.external: found a list; allowed: a mapping {name: settings (key: value)}; "
         "write external: {NAME: {folder: ...}, ...}"),
        ((BINARY, "endpoint: {type: multilabel, labels: {a: {column: relapse, positive: 1}}}"),
         ":3 endpoint.labels: found 1; allowed: a mapping {name: settings (key: value), "
         "at least 2}"),
        (("few: [{kind: mrmr, n: 2}]", "few: [{kind: pca}]"),
         ":21 selection.few[1]: found none of n, variance; give one: n (how many) or variance "
         "(a share to reach)"),
        (("unit: years}", "expression: ln(days)}"),
         ":18 clinical.age.expression: found the function 'ln'; allowed: log, log2, log10, exp, "
         "sqrt, abs, min, max, round, where; write log"),
    ],
)  # fmt: skip
def test_one_line_with_a_cure(made: Making, changes: tuple[str, ...], line: str) -> None:
    made.swap(*changes)
    assert FILE + line in told(made)


def test_a_file_of_another_ending_is_told(made: Making) -> None:
    path = made.image("P03")
    path.rename(path.with_name("P03.nii"))
    assert any("P03.nii is there: correct the path" in line for line in told(made))


def test_which_models_take_an_endpoint(made: Making) -> None:
    made.swap(COMBINED, "combined: {kind: cox, inputs: [radscore]}")
    (said,) = told(made)
    assert "model cox for a binary endpoint; allowed: endpoint survival; choose another " in said
    assert ", logistic, penalised_logistic, svm, " in said


def test_a_reference_that_some_fits_have_no_case_of(made: Making) -> None:
    combat(made, "batch: scanner, reference: old")
    lines = made.table.read_text(encoding="utf-8").splitlines()
    batches = ["scanner", "old", *["new"] * (len(lines) - 2)]
    made.table.write_text("\n".join(f"{a},{b}" for a, b in zip(lines, batches, strict=True)))
    said = [line for line in told(made) if "scanner" in line or "'old'" in line]
    assert said == [
        f"{FILE}:21 preparation.even[1].reference: found 'old', of which 11 of the 21 fits have "
        "no case; name a batch that every fit has cases of, or leave the reference out"
    ]
