"""Cohorts from elsewhere, centres, and schemes that read a column: who is in, and what is wrong."""

import shutil

import numpy as np
import pandas as pd
import pytest
from study_making import CASES, Making, write_volume

from radpipe.core.errors import FaultsError
from radpipe.study.check import check
from radpipe.study.cohort import build_cohort
from radpipe.study.files import block_files, case_pairs
from radpipe.study.load import load_study

FILE = "studies/small/study.yaml"


def add_cohort(
    made: Making, folder: str, *changes: str, cases: int = 12, copied: bool = False
) -> None:
    """Lay a copy of the data beside them, with other text in its table and its file names.

    Its images are others, unless they are copied too.
    """
    there = made.data / folder
    rng = np.random.default_rng(sum(map(ord, folder)))
    for part in ("images", "masks"):
        (there / part).mkdir(parents=True)
        for case in CASES[:cases]:
            name = case
            for old, new in zip(changes[::2], changes[1::2], strict=True):
                name = name.replace(old, new)
            shutil.copy(made.data / part / f"{case}.nii.gz", there / part / f"{name}.nii.gz")
            if part == "images" and not copied:
                values = rng.normal(50, 10, (6, 8, 8)).astype(np.float32)
                write_volume(there / part / f"{name}.nii.gz", values)
    text = "".join(made.table.read_text().splitlines(keepends=True)[: cases + 1])
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        text = text.replace(old, new)
    (there / "clinical.csv").write_text(text)


def external(made: Making, value: str) -> None:
    made.swap("id: patient", f"id: patient\n  external: {value}")


def found(made: Making) -> list[str]:
    with pytest.raises(FaultsError) as error:
        build_cohort(load_study(made.folder))
    return str(error.value).splitlines()


def checked(made: Making) -> list[str]:
    return [str(fault) for fault in check(load_study(made.folder)).faults]


def test_a_new_folder_adds_a_cohort(made: Making) -> None:
    external(made, '"external/*"')
    add_cohort(made, "external/west", "P", "W")
    (made.data / "external" / ".cache").mkdir()
    first = build_cohort(load_study(made.folder)).frame
    assert dict(first["split"].value_counts()) == {"train": 12, "external:west": 12}
    add_cohort(made, "external/east", "P", "E", cases=5)
    study = load_study(made.folder)
    cohort = build_cohort(study)
    frame = cohort.frame
    assert list(dict.fromkeys(frame["cohort"])) == ["main", "east", "west"]
    assert list(frame["split"]) == ["train"] * 12 + ["external:east"] * 5 + ["external:west"] * 12
    assert cohort.info["cohorts"] == {"main": 12, "east": 5, "west": 12}
    assert cohort.info["n_table"] == 29
    files = block_files(study, "t1_tumour")
    assert files["E02"].image == study.data / "external/east/images/E02.nii.gz"
    assert files["W02"].mask == study.data / "external/west/masks/W02.nii.gz"
    assert len(case_pairs(study)) == 29
    assert checked(made) == []


def test_ids_that_stand_in_two_cohorts_are_two_cases(made: Making) -> None:
    external(made, "{west: west}")
    made.swap("id: patient", "id: patient\n  group: patient")
    add_cohort(made, "west", "P03", "W03", ",4", ",6", cases=4)
    study = load_study(made.folder)
    cohort = build_cohort(study)
    there = cohort.frame[cohort.frame["cohort"] == "west"]
    assert list(there["case"]) == ["west.P01", "west.P02", "W03", "west.P04"]
    assert list(there["group"]) == list(there["case"])
    assert list(cohort.frame["case"][:12]) == CASES
    assert cohort.frame["case"].is_unique
    assert (
        block_files(study, "t1_tumour")["west.P01"].image == study.data / "west/images/P01.nii.gz"
    )
    assert cohort.info["warnings"][0] == (
        "west/clinical.csv: 3 ids stand in another cohort too; they are taken for other cases, "
        "and called west.P01, west.P02, west.P04"
    )
    assert checked(made) == []


def test_groups_that_stand_in_two_cohorts_are_two_patients_and_said_to_be(made: Making) -> None:
    external(made, "{west: west}")
    made.swap("id: patient", "id: patient\n  group: who")
    add_column(made, "who", "aabbccddeeff")
    add_cohort(made, "west", "P", "W", "a\n", "z\n", cases=4)
    cohort = build_cohort(load_study(made.folder))
    assert list(cohort.frame["group"][12:]) == ["z", "z", "west.b", "west.b"]
    assert cohort.info["warnings"][0] == (
        "west/clinical.csv: 1 group stands in another cohort too; it is taken for another "
        "patient, and called west.b"
    )


def test_cases_of_external_cohorts_are_excluded_by_their_names(made: Making) -> None:
    external(made, "{west: west}\n  exclude: {west.P02: moved, W03: lost}")
    add_cohort(made, "west", "P03", "W03", ",4", ",6", cases=4)
    cohort = build_cohort(load_study(made.folder))
    assert len(cohort.frame) == 14
    assert "P02" in set(cohort.frame["case"])
    assert cohort.info["excluded"] == [
        {"case": "west.P02", "reason": "moved"}, {"case": "W03", "reason": "lost"},
    ]  # fmt: skip
    assert checked(made) == []


def test_a_random_split_divides_the_main_cohort_alone(made: Making) -> None:
    made.swap("id: patient", "id: patient\n  split: {kind: random, test_fraction: 0.3}")
    made.swap("folds: 3", "folds: 2")
    before = build_cohort(load_study(made.folder)).frame
    external(made, "{west: west}")
    add_cohort(made, "west", "P", "W")
    after = build_cohort(load_study(made.folder)).frame
    pd.testing.assert_frame_equal(before, after.iloc[:12])
    assert set(after["split"][12:]) == {"external:west"}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("W03,1,42", "W03,1,?",
         "west/clinical.csv row 4: case W03: text '?' in the continuous variable 'age' "
         "(column 'age'); write a number, or add \"?\" to cohort.missing"),
        ("W03,1,42", "W03,,42",
         "west/clinical.csv row 4: case W03: no outcome (column 'relapse' is empty); under cohort: "
         'add to exclude: {"W03": "outcome missing"}, or set endpoint.missing: exclude'),
        ("W03,1,", "W02,1,",
         "west/clinical.csv rows 3, 4: case W02: the id 'W02' 2 times; "
         "keep one row; name the patient in cohort.group if these are lesions"),
        (",age,", ",Alter,",
         f"{FILE}:19 clinical.age: found the column 'age', which west/clinical.csv does not have; "
         "allowed: patient, relapse, Alter, grade, days; correct the name, or the table"),
    ],
)  # fmt: skip
def test_a_fault_names_the_cohorts_own_table(made: Making, old: str, new: str, line: str) -> None:
    external(made, "{west: west}")
    add_cohort(made, "west", "P", "W")
    table = made.data / "west" / "clinical.csv"
    table.write_text(table.read_text().replace(old, new))
    assert found(made) == [line]


def test_values_that_are_wrong_in_two_tables_take_one_line(made: Making) -> None:
    external(made, "{west: west}")
    made.swap_cells("P03,1,42", "P03,1,?")
    add_cohort(made, "west", "P", "W")
    assert found(made) == [
        "clinical.csv row 4, west/clinical.csv row 4: text '?' in the continuous variable 'age' "
        "(column 'age') (cases P03, W03); write a number, or add \"?\" to cohort.missing"
    ]


def test_pictures_of_external_cohorts_are_checked(made: Making) -> None:
    external(made, "{west: west}")
    add_cohort(made, "west", "P", "W")
    west = made.data / "west"
    (west / "masks" / "W02.nii.gz").unlink()
    shutil.copy(west / "images" / "W01.nii.gz", west / "images" / "W99.nii.gz")
    lines = checked(made)
    assert [line.split(": ")[0] for line in lines] == [
        "studies/small/data/west/masks/W02.nii.gz",
        "studies/small/data/west/images/W99.nii.gz",
    ]
    assert 'exclude: {"west.W99": "not in the table"}' in lines[1]
    made.swap("external: {west: west}", 'external: {west: west}\n  exclude: {west.W99: "no row"}')
    assert len(checked(made)) == 1


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("elsewhere",
         f"{FILE}:7 cohort.external.elsewhere: no clinical.csv in studies/small/data/elsewhere; "
         "add the table, or move the folder away"),
        ('"none/*"',
         f"{FILE}:7 cohort.external.*: no folder none/* in studies/small/data; "
         "correct the path, or remove the key"),
        ("{a: west, b: {folder: west, table: west.csv}}",
         f"{FILE}:7 cohort.external.b: no west.csv in studies/small/data/west; "
         "add the table, or move the folder away"),
        ('{west: west, "*": "w*"}',
         f"{FILE}:7 cohort.external: found the folder 'w*'; write * alone, at the end: external/*"),
        ("{main: west}",
         f"{FILE}:7 cohort.external: found a cohort called 'main'; rename the cohort"),
        ("{a: ../west}",
         f"{FILE}:7 cohort.external.a: found the path '../west', which leaves the data folder; "
         "give one below it"),
        ('{a: "x/*"}',
         f"{FILE}:7 cohort.external: found the folder 'x/*' for the cohort 'a'; * as folder and as "
         "name belong together, each folder's name is then its cohort's"),
    ],
)  # fmt: skip
def test_folders_that_are_no_cohort(made: Making, value: str, line: str) -> None:
    add_cohort(made, "west", "P", "W")
    external(made, value)
    assert found(made) == [line]


def test_an_external_cohort_without_features_is_told_where_to_put_them(made: Making) -> None:
    external(made, "{west: west}")
    made.swap("blocks:\n", "blocks:\n  other: {kind: table, file: f.csv}\n")
    add_cohort(made, "west", "P", "W", cases=4)
    rows = "\n".join(f"{case},{i}" for i, case in enumerate(CASES[1:]))
    (made.data / "f.csv").write_text(f"patient,x\n{rows}\n")
    table = "studies/small/data/f.csv"
    assert checked(made) == [
        f"{table}: no features of case P01; add them, or under cohort: add to exclude: "
        '{"P01": "no features"}',
        f"{table}: no features of cases W01, W02, W03, W04; add the cohort's own table "
        "studies/small/data/west/f.csv, or add them here",
    ]


def test_outputs_may_name_sets_that_only_the_data_tell(made: Making) -> None:
    external(made, '"external/*"')
    add_cohort(made, "external/west", "P", "W")
    made.swap("models: [radscore, combined]}", "models: [radscore], splits: ['external:west']}")
    assert checked(made) == []
    made.swap("external:west", "external:wets")
    assert checked(made) == [
        f"{FILE}:28 outputs[1].splits[1]: found the split 'external:wets', which no case belongs "
        "to; allowed: external:west; nearest: external:west"
    ]
    made.swap("external:wets", "internal")
    [line] = found(made)
    assert (
        "found the split 'internal'; allowed: resampled, external:NAME of each centre or cohort "
        "that is held out, apparent"
    ) in line


def add_column(made: Making, name: str, values: str) -> None:
    lines = made.table.read_text().splitlines()
    body = [f"{line},{value}" for line, value in zip(lines[1:], values, strict=True)]
    made.table.write_text("\n".join([f"{lines[0]},{name}", *body]) + "\n")


def test_centres_are_held_out_each_by_itself(made: Making) -> None:
    made.swap("id: patient", "id: patient\n  split: {kind: centre, column: site, train: [a]}")
    made.swap("folds: 3", "folds: 2")
    add_column(made, "site", "aaaaaaaabbcc")
    assert dict(build_cohort(load_study(made.folder)).frame["split"].value_counts()) == {
        "train": 8, "external:b": 2, "external:c": 2,
    }  # fmt: skip


def test_leave_one_centre_out_reads_its_column(made: Making) -> None:
    made.swap("kind: repeated_cv, folds: 3, repeats: 2", "kind: leave_one_centre_out, column: site")
    add_column(made, "site", "aaaabbbbcccc")
    frame = build_cohort(load_study(made.folder)).frame
    assert list(frame["centre"]) == list("aaaabbbbcccc")
    assert checked(made) == []


@pytest.mark.parametrize(
    ("column", "values", "line"),
    [
        ("hospital", "aaaabbbbcccc",
         f"{FILE}:25 evaluation.resampling.column: found the column 'site', which clinical.csv "
         "does not have; allowed: patient, relapse, age, grade, days, hospital; "
         "correct the name, or the table"),
        ("site", "aaaaaaaaaaaa",
         f"{FILE}:25 evaluation.resampling: leave_one_centre_out needs two centres, but the "
         "training cases are all of 'a'; name another column, or choose another resampling"),
        ("site", ["a", ""] * 6,
         "clinical.csv rows 3, 5, 7, 9, 11, 13: no centre (column 'site' is empty) (cases P02, "
         "P04, P06, P08, P10, P12); name the centre, or exclude the case"),
        ("site", "abacbabaccbc",
         f"{FILE}:25 evaluation.resampling.inner_folds: 2 inner folds, but only 1 case "
         "with the event in the training part of a fold; add cases"),
    ],
)  # fmt: skip
def test_centres_that_cannot_be_left_out(made: Making, column: str, values: str, line: str) -> None:
    made.swap("kind: repeated_cv, folds: 3, repeats: 2", "kind: leave_one_centre_out, column: site")
    add_column(made, column, values)
    assert found(made) == [line]


def test_folds_that_only_the_draw_shows_to_be_too_poor(made: Making) -> None:
    """One patient has half of the events: the fold without him holds all others who have one."""
    made.swap("id: patient", "id: patient\n  group: who", "folds: 3", "folds: 2")
    made.swap_cells("P02,0,", "P02,1,", "P04,0,", "P04,1,", "P12,0,", "P12,1,")
    add_column(made, "who", "aaaafbgchide")
    assert checked(made) == [
        f"{FILE}:26 evaluation.resampling: 2 folds need at least 2 cases (or groups) of each "
        "outcome, but there are 1; ask for fewer folds"
    ]
