"""Cases that hold the same data stand on one side of the split."""

import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from study_making import CASES, Making, write_volume

from radpipe.study.check import check
from radpipe.study.load import load_study
from tests.study.test_study_cohort_external import add_cohort, external

TABLE = "blocks:\n  other: {kind: table, file: f.csv}\n"


def faults(made: Making) -> list[str]:
    return [str(fault) for fault in check(load_study(made.folder)).faults]


def other_rows(made: Making, folder: str) -> None:
    """Give a copied cohort rows of its own, by ids that stand in the main one."""
    table = made.data / folder / "clinical.csv"
    head, *rows = table.read_text().splitlines()
    ids = [row.partition(",")[0] for row in rows]
    moved = [row.partition(",")[2] for row in rows[1:] + rows[:1]]
    body = [f"{case},{row}" for case, row in zip(ids, moved, strict=True)]
    table.write_text("\n".join([head, *body]) + "\n")


def test_a_copied_cohort_is_told_by_its_images(made: Making) -> None:
    external(made, "{copy: copy}")
    add_cohort(made, "copy", copied=True)
    [line] = faults(made)
    assert line.startswith(
        "copy/clinical.csv rows 2, 3, 4, 5, 6, 7, 8, 9 and 4 more: the same image on different "
        "sides of the split: copy.P01 (external:copy) as P01 (train), copy.P02 "
    )
    assert line.endswith("; leave the cohort out of cohort.external, or give it cases of its own")


def test_a_few_copies_under_other_names_are_told_with_what_leaves_them_out(made: Making) -> None:
    external(made, "{west: west}")
    add_cohort(made, "west", "P", "W", cases=4)
    shutil.copy(made.image("P09"), made.data / "west" / "images" / "W02.nii.gz")
    assert faults(made) == [
        "west/clinical.csv row 3: the same image on different sides of the split: W02 "
        "(external:west) as P09 (train); leave the copies out: under cohort: add to "
        'exclude: {"W02": "a copy"}'
    ]


def test_an_image_twice_in_one_table_stands_on_one_side(made: Making) -> None:
    lines = made.table.read_text().splitlines()
    sides, persons = ["side", *"aaaaaaaaaabb"], ["person", "A", "A", *"CDEFGHIJKL"]
    rows = zip(lines, sides, persons, strict=True)
    made.table.write_text("\n".join(",".join(row) for row in rows))
    shutil.copy(made.image("P01"), made.image("P02"))
    made.swap("folds: 3", "folds: 2")
    split = "  split: {kind: column, column: side, train: [a], internal: [b]}"
    made.swap("id: patient", f"id: patient\n{split}")
    assert faults(made) == [
        "clinical.csv row 3: the same image in patients that folds may part: P02 (train) as P01 "
        '(train); leave the copies out: under cohort: add to exclude: {"P02": "a copy"}, or name '
        "each one's patient in cohort.group"
    ]
    made.swap("id: patient", "id: patient\n  group: person")
    assert faults(made) == []
    shutil.copy(made.image("P01"), made.image("P12"))
    [line] = faults(made)
    assert "the same image on different sides of the split: P12 (internal) as P01 (train)" in line


def test_images_of_one_size_and_middle_may_differ(made: Making, monkeypatch) -> None:
    monkeypatch.setattr("radpipe.study.twins._PIECE", 8)
    external(made, "{west: west}")
    add_cohort(made, "west", "P", "W", cases=4)
    made.swap("images/{patient}.nii.gz", "images/{patient}.nrrd")
    for folder, cases in ((made.data, CASES), (made.data / "west", ["W01", "W02", "W03", "W04"])):
        for i, case in enumerate(cases):
            values = np.zeros((6, 8, 8), dtype=np.float32)
            values[0, 0] = i + 20 * ("W" in case)
            write_volume(folder / "images" / f"{case}.nrrd", values)
    for path in list(made.data.glob("**/images/*.nii.gz")):
        path.unlink()
    sizes = {path.stat().st_size for path in made.data.glob("**/*.nrrd")}
    assert len(sizes) == 1
    assert faults(made) == []


@pytest.mark.parametrize(
    ("written", "copied"),
    [
        (lambda row: row, True),
        (lambda row: row.astype(np.float32), True),
        (lambda row: [float(f"{value:.6g}") for value in row], True),
        (lambda row: row * [1, 1, 1, 1, 1.001, 1], False),
    ],
    ids=["same", "float32", "rounded", "another"],
)
def test_a_copied_row_of_features_is_told(
    made: Making, written: Callable[[np.ndarray], Any], copied: bool
) -> None:
    external(made, "{west: west}")
    made.swap("blocks:\n", TABLE)
    add_cohort(made, "west", "P", "W", cases=4)
    rng = np.random.default_rng(0)
    own, theirs = rng.normal(size=(12, 6)), rng.normal(size=(4, 6))
    theirs[2] = written(own[7])
    write_features(made.data / "f.csv", CASES, own)
    write_features(made.data / "west" / "f.csv", ["W01", "W02", "W03", "W04"], theirs)
    told = (
        "west/clinical.csv row 4: the same features of other on different sides of the split: W03 "
        "(external:west) as P08 (train); leave the copies out: under cohort: add to "
        'exclude: {"W03": "a copy"}'
    )
    assert faults(made) == [told] * copied


def write_features(path, cases, values) -> None:
    names = ",".join(f"x{i}" for i in range(values.shape[1]))
    rows = [",".join([c, *map(repr, map(float, v))]) for c, v in zip(cases, values, strict=True)]
    path.write_text("\n".join([f"patient,{names}", *rows]) + "\n")


def test_counts_may_well_be_those_of_another_case(made: Making) -> None:
    external(made, "{west: west}")
    made.swap("blocks:\n", TABLE)
    add_cohort(made, "west", "P", "W", cases=4)
    write_features(made.data / "f.csv", CASES, np.eye(12, 9) + 0.5 * (np.arange(9) < 4))
    west = made.data / "west" / "f.csv"
    write_features(west, ["W01", "W02", "W03", "W04"], np.eye(12, 9)[:4] + 0.5 * (np.arange(9) < 4))
    assert faults(made) == []


def test_a_cohort_with_the_ids_and_rows_of_another_is_told(made: Making) -> None:
    external(made, "{copy: copy}")
    add_cohort(made, "copy")
    [line] = faults(made)
    assert "the same id, outcome and clinical variables on different sides" in line
    assert "copy.P01 (external:copy) as P01 (train)" in line
    other_rows(made, "copy")
    assert faults(made) == []
    warnings = check(load_study(made.folder)).warnings
    assert any("12 ids stand in another cohort too" in line for line in warnings)
