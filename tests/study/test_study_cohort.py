"""From the table to the cohort, and the one line for everything that is wrong with a table."""

import numpy as np
import pandas as pd
import pytest
from study_making import BINARY, CASES, SURVIVAL, Making

from radpipe.core.errors import FaultsError
from radpipe.study.cohort import Cohort, build_cohort
from radpipe.study.files import block_files, case_pairs
from radpipe.study.load import load_study

FILE = "studies/small/study.yaml"


def build(made: Making) -> Cohort:
    return build_cohort(load_study(made.folder))


def faults(made: Making) -> list[str]:
    with pytest.raises(FaultsError) as error:
        build(made)
    return str(error.value).splitlines()


def survival(made: Making) -> None:
    made.swap(BINARY, SURVIVAL, "penalised_logistic", "penalised_cox", "logistic", "cox")
    made.swap("kind: roc", "kind: kaplan_meier")


def test_the_cohort_of_a_sound_study(made: Making) -> None:
    cohort = build(made)
    frame = cohort.frame
    assert list(frame.columns) == [
        "case", "group", "cohort", "split", "y", "clinical.age", "clinical.grade",
    ]  # fmt: skip
    assert list(frame["case"]) == CASES
    assert frame["y"].dtype == np.int64
    assert frame["y"].sum() == 5
    assert frame["clinical.age"].dtype == np.float64
    assert list(frame["clinical.grade"][:2]) == ["low", "high"]
    assert set(frame["split"]) == {"train"}
    assert cohort.info["clinical"]["grade"]["levels"] == ["low", "high"]
    assert cohort.info["n_table"] == cohort.info["n_included"] == 12


def test_the_cohort_goes_through_parquet(made: Making, tmp_path: object) -> None:
    made.swap_cells("P03,1,42,low", "P03,1,,")
    cohort = build(made)
    cohort.frame.to_parquet(made.folder / "cohort.parquet")
    again = pd.read_parquet(made.folder / "cohort.parquet")
    pd.testing.assert_frame_equal(again, cohort.frame)
    assert np.isnan(again["clinical.age"][2])
    assert again["clinical.grade"][2] is None


def test_survival(made: Making) -> None:
    survival(made)
    frame = build(made).frame
    assert list(frame.columns[4:6]) == ["time", "event"]
    assert frame["time"][0] == 50.0
    assert frame["event"].sum() == 5


def test_missing_values_are_said_and_left_missing(made: Making) -> None:
    made.swap("id: patient", 'id: patient\n  missing: ["NA"]')
    made.swap_cells("P03,1,42,", "P03,1,NA,")
    cohort = build(made)
    assert np.isnan(cohort.frame["clinical.age"][2])
    assert cohort.info["warnings"] == [
        "clinical.age: 1 of 12 values are missing; models fill them in within each training set, "
        "a marker leaves such cases out"
    ]


def test_exclusions_by_name_and_ids_in_any_writing(made: Making) -> None:
    made.swap("id: patient", 'id: patient\n  exclude: {"Ｐ０３ ": "two tumours", P05: 2}')
    cohort = build(made)
    assert len(cohort.frame) == 10
    assert cohort.info["excluded"] == [
        {"case": "P03", "reason": "two tumours"}, {"case": "P05", "reason": "2"},
    ]  # fmt: skip


def test_groups_of_levels(made: Making) -> None:
    made.swap(
        "grade: {type: ordinal, levels: [low, high]}",
        "grade: {type: nominal, groups: {some: [low, lower]}, reference: some}",
    )
    cohort = build(made)
    assert list(cohort.frame["clinical.grade"][:2]) == ["some", "high"]
    assert cohort.info["clinical"]["grade"]["levels"] == ["some", "high"]
    assert cohort.info["warnings"] == [
        f"{FILE}:19 clinical.grade: groups: no case has the value 'lower'"
    ]


def test_groups_in_any_writing(made: Making) -> None:
    made.swap(
        "grade: {type: ordinal, levels: [low, high]}",
        "grade: {type: nominal, groups: {Ⅲ期: [ⅢA期, ⅢB期]}, reference: Ⅲ期}",
    )
    made.swap_cells("low", "Ⅰ期", "P02,0,41,high", "P02,0,41,ⅢA期", "high", "Ⅲ期")
    cohort = build(made)
    assert cohort.info["clinical"]["grade"]["levels"] == ["Ⅲ期", "I期"]
    assert set(cohort.frame["clinical.grade"]) == {"Ⅲ期", "I期"}


def test_groups_of_cases_and_a_random_split(made: Making) -> None:
    made.swap("id: patient", "id: patient\n  split: {kind: random, test_fraction: 0.2}")
    made.swap("folds: 3", "folds: 2")
    frame = build(made).frame
    assert sorted(set(frame["split"])) == ["internal", "train"]
    assert build(made).frame.equals(frame)


def test_files_of_each_case(made: Making) -> None:
    study = load_study(made.folder)
    files = block_files(study, "t1_tumour")
    assert list(files) == CASES
    assert files["P02"].image == study.data / "images/P02.nii.gz"
    assert files["P02"].mask == study.data / "masks/P02.nii.gz"
    assert files["P02"].label == 1
    first = case_pairs(study)[0]
    assert (first.case, first.image, first.region) == ("P01", "t1", "tumour")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("P03,1,", "P02,1,",
         "clinical.csv rows 3, 4: case P02: the id 'P02' 2 times; "
         "keep one row; name the patient in cohort.group if these are lesions"),
        ("P03,1,", " Ｐ０２,1,",
         "clinical.csv rows 3, 4: case P02: the id 'P02' 2 times; "
         "keep one row; name the patient in cohort.group if these are lesions"),
        ("P03,1,", ",1,",
         "clinical.csv row 4: a row without case id; fill the id in, or remove the row"),
        ("P03,1,", "../P03,1,",
         "clinical.csv row 4: case ../P03: '..' in the id; rename the case; ids become file names"),
        ("P03,1,", "a/b,1,",
         "clinical.csv row 4: case a/b: the character '/' in the id; "
         "rename the case; ids become file names"),
        ("P03,1,42", "P03,1,unknown",
         "clinical.csv row 4: case P03: text 'unknown' in the continuous variable 'age' "
         "(column 'age'); write a number, or add \"unknown\" to cohort.missing"),
        ("P03,1,42", "P03,1,nan",
         "clinical.csv row 4: case P03: text 'nan' in the continuous variable 'age' "
         "(column 'age'); write a number, or add \"nan\" to cohort.missing"),
        ("P03,1,42,low", "P03,1,42,lwo",
         "clinical.csv row 4: case P03: the value 'lwo' of 'grade', which is no level "
         "(column 'grade'); allowed: low, high; nearest: low"),
        ("P03,1,42", "P03,,42",
         "clinical.csv row 4: case P03: no outcome (column 'relapse' is empty); under cohort: "
         'add to exclude: {"P03": "outcome missing"}, or set endpoint.missing: exclude'),
        ("P02,0,", "P02,-,",
         f"{FILE}:3 endpoint.positive: column 'relapse' has 2 values besides it: 0, -; "
         "say which of them mean no event, such as negative: [0], and put what means missing into "
         'cohort.missing: ["-"]'),
        ("P02,0,", "P02,2,",
         f"{FILE}:3 endpoint.positive: column 'relapse' has 2 values besides it: 0, 2; "
         "say which of them mean no event, such as negative: [0, 2]"),
        (",age,", ",Alter,",
         f"{FILE}:18 clinical.age: found the column 'age', which clinical.csv does not have; "
         "allowed: patient, relapse, Alter, grade, days; correct the name, or the table"),
        ("patient,", "patients,",
         f"{FILE}:6 cohort.id: found the column 'patient', which clinical.csv does not have; "
         "allowed: patients, relapse, age, grade, days; nearest: patients"),
    ],
)  # fmt: skip
def test_one_line_for_each_wrong_cell(made: Making, old: str, new: str, line: str) -> None:
    made.swap_cells(old, new)
    assert line in faults(made)


def test_values_that_are_wrong_in_many_rows_take_one_line(made: Making) -> None:
    made.swap_cells("P03,1,42", "P03,1,?", "P05,0,44", "P05,0,?")
    assert faults(made) == [
        "clinical.csv rows 4, 6: text '?' in the continuous variable 'age' (column 'age') "
        '(cases P03, P05); write a number, or add "?" to cohort.missing'
    ]


def test_one_class(made: Making) -> None:
    made.table.write_text(made.table.read_text().replace(",0,", ",1,"))
    assert faults(made) == [
        f"clinical.csv: {FILE}:3 endpoint: every one of the 12 cases has the event 'relapse'; "
        "correct endpoint.positive, or the table; there must be cases with and without it"
    ]
    made.table.write_text(made.table.read_text().replace(",1,", ",0,"))
    assert faults(made) == [
        f"{FILE}:3 endpoint.positive: found '1', which no case has in column 'relapse'; "
        "allowed: 0; name one of the column's values"
    ]


def test_fewer_events_than_folds(made: Making) -> None:
    made.swap("folds: 3", "folds: 6")
    assert faults(made) == [
        f"{FILE}:25 evaluation.resampling.folds: 6 folds, but only 5 cases with the event; "
        "set folds to 5 at most"
    ]


def test_fewer_events_than_inner_folds(made: Making) -> None:
    made.swap("inner_folds: 2", "inner_folds: 4")
    assert faults(made) == [
        f"{FILE}:25 evaluation.resampling.inner_folds: 4 inner folds, but only 3 cases with the "
        "event in the training part of a fold; set inner_folds to 3 at most"
    ]


def test_a_column_of_words_is_not_continuous(made: Making) -> None:
    made.swap("{type: ordinal, levels: [low, high]}", "{type: continuous}")
    assert faults(made) == [
        f"{FILE}:19 clinical.grade: the column 'grade' of text (such as 'low') as a continuous "
        "variable; set its type to nominal or ordinal"
    ]


def test_times_must_be_positive(made: Making) -> None:
    survival(made)
    made.swap_cells("high,150", "high,0", "low,250", "low,soon")
    assert faults(made) == [
        "clinical.csv row 4: case P03: text 'soon' in the time to the event (column 'days'); "
        'write a number, or add "soon" to cohort.missing',
        "clinical.csv row 3: case P02: a time of 0 (column 'days'); allowed: times > 0; "
        'correct it, or under cohort: add to exclude: {"P02": "no follow-up"}',
    ]


def test_cases_without_outcome_may_be_left_out_and_counted(made: Making) -> None:
    made.swap("positive: 1", "positive: 1, missing: exclude")
    made.swap_cells("P03,1,", "P03,,")
    cohort = build(made)
    assert cohort.info["excluded"] == [{"case": "P03", "reason": "outcome missing"}]
    assert "P03" not in set(cohort.frame["case"])


def test_negative_values_are_checked_when_named(made: Making) -> None:
    made.swap("positive: 1", "positive: [1, yes], negative: 0")
    made.swap_cells("P02,0", "P02,yes", "P04,0", "P04,lost")
    assert faults(made) == [
        "clinical.csv row 5: case P04: the value 'lost' of the endpoint (column 'relapse'); "
        "allowed: positive 1, yes; negative 0; "
        "add it to endpoint.positive or endpoint.negative, or exclude the case"
    ]


def test_an_exclusion_of_nobody(made: Making) -> None:
    made.swap("id: patient", "id: patient\n  exclude: {P99: gone}")
    assert faults(made) == [
        f"{FILE}:7 cohort.exclude.P99: found the case 'P99', which is not in clinical.csv; "
        "nearest: P09"
    ]


def test_a_cell_may_not_lead_out_of_the_data_folder(made: Making) -> None:
    made.swap('"images/{patient}.nii.gz"', '"images/{grade}/{patient}.nii.gz"')
    made.swap("grade: {type: ordinal, levels: [low, high]}", "days: {type: continuous}")
    made.swap_cells("P03,1,42,low", "P03,1,42,../..", "P04,0,43,high", "P04,0,43,")
    assert faults(made) == [
        "clinical.csv row 4: case P03: grade '../..', which leads the path "
        "images/{grade}/{patient}.nii.gz out of its folder; correct the cell, or exclude the case",
        "clinical.csv row 5: case P04: an empty 'grade', which the path "
        "images/{grade}/{patient}.nii.gz needs; correct the cell, or exclude the case",
    ]


def test_a_split_that_divides_a_patient(made: Making) -> None:
    made.swap(
        "id: patient",
        "id: patient\n  group: patient_of\n  split: {kind: column, column: side, train: [a], "
        "internal: [b]}",
    )
    lines = made.table.read_text().splitlines()
    body = [f"{line},L{i // 2},{'ab'[i % 2]}" for i, line in enumerate(lines[1:])]
    made.table.write_text("\n".join([lines[0] + ",patient_of,side", *body]) + "\n")
    [line] = faults(made)
    assert line == (
        f"{FILE}:8 cohort.split: the cases of group 'L0' stand in both train and internal, "
        "and a patient's cases must stay together; exclude those on one side, or split by a column "
        "that gives each patient one side"
    )


def test_every_fault_of_the_table_at_once(made: Making) -> None:
    made.swap("folds: 3", "folds: 6", "id: patient", "id: patient\n  exclude: {P99: gone}")
    made.swap_cells("P03,1,42", "P03,1,?", "P12,0,", "P11,0,", "P05,0,44,low", "P05,0,44,hi")
    assert [line.split(": ")[0] for line in faults(made)] == [
        f"{FILE}:7 cohort.exclude.P99",
        "clinical.csv rows 12, 13",
        "clinical.csv row 4",
        "clinical.csv row 6",
        f"{FILE}:26 evaluation.resampling.folds",
    ]
