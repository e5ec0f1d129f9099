"""Cases that seem to be of the same patients are told where no column says so."""

import pandas as pd
import pytest
from study_making import BINARY, Making

from radpipe.study.advice import advice
from radpipe.study.cohort import build_cohort
from radpipe.study.load import load_study


@pytest.fixture
def told(tmp_path):
    """Return what is told of cases with these ids and one more column, if any."""

    def notes(ids, column="", cells=(), group=""):
        made = Making(tmp_path / "studies" / "small")
        made.data.mkdir(parents=True, exist_ok=True)
        line = f"{{table: clinical.csv, id: case{f', group: {group}' if group else ''}}}"
        made.write(
            f"schema: 1\n{BINARY}\ncohort: {line}\nclinical:\n  age: {{type: continuous}}"
            "\nmodels:\n  logit: {kind: logistic, inputs: [clinical]}\n"
        )
        table = pd.DataFrame(
            {"case": ids, "relapse": [0, 1] * (len(ids) // 2), "age": range(40, 40 + len(ids))}
        )
        if column:
            table[column] = cells
        table.to_csv(made.table, index=False)
        study = load_study(made.folder)
        found = advice(study, build_cohort(study))
        return [line for line in found if "no group is set" in line]

    return notes


IDS = [f"P{n // 2:02d}_{n % 2 + 1}" for n in range(24)]
PAIRS = [name.split("_")[0] for name in IDS]
PLAIN = [f"C{n:03d}" for n in range(24)]


@pytest.mark.parametrize(
    ("ids", "column", "cells"),
    [(PLAIN, "患者号", PAIRS), (PLAIN, "Patient ID", PAIRS), (IDS, "code", PAIRS)],
)
def test_a_column_that_names_patients_is_told(told, ids, column, cells):
    [line] = told(ids, column, cells)
    assert f"column {column!r} has 12 values in several cases (P00, P01" in line
    assert line.endswith(
        f"if it names the patient, write group: {column}, else cases of one patient would stand on "
        "both sides of a split, and count as independent"
    )
    assert told(ids, column, cells, group=column) == []


@pytest.mark.parametrize("ends", [("1", "2"), ("L", "R"), ("左", "右")])
def test_ids_that_differ_in_their_last_number_or_side_are_told(told, ends):
    [line] = told([f"{name}-{end}" for name in PAIRS[::2] for end in ends])
    assert "12 ids differ only in their last number or side (P00, P01" in line
    assert "add a column that names the patient and write group: COLUMN" in line


@pytest.mark.parametrize(
    ("ids", "column", "cells"),
    [
        (PLAIN, "", ()),
        (PLAIN, "patient sex", ["m", "f"] * 12),  # two values for 24 cases
        (PLAIN, "patient", PLAIN[::-1]),  # every case its own
        (PLAIN, "ward", PAIRS),  # nothing says that it names patients
        ([f"2021-{n:02d}" for n in range(24)], "", ()),  # numbered within a year
    ],
)
def test_other_columns_and_ids_are_not(told, ids, column, cells):
    assert told(ids, column, cells) == []
