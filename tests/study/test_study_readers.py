"""Readers, perturbations, and what check tells of them before a run."""

from pathlib import Path

import pytest
from readings_making import CASES, ICC, PERTURBATIONS, READ, READERS, mask_of, once, twice
from study_making import Making

from radpipe.study.check import CheckReport, check_path
from radpipe.study.cohort import build_cohort
from radpipe.study.files import block_files
from radpipe.study.load import load_study
from radpipe.study.readings import cases_read, reading_items

BLOCK = "t1_tumour"


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Making:
    monkeypatch.chdir(tmp_path)
    return twice()


@pytest.fixture
def single(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Making:
    monkeypatch.chdir(tmp_path)
    return once()


def told(made: Making) -> list[str]:
    return [str(fault) for fault in found(made).faults]


def found(made: Making) -> CheckReport:
    return check_path(made.folder, voxels=True)


def test_the_primary_reader_is_modelled_and_the_others_read_their_cases(both: Making) -> None:
    assert told(both) == []
    study = load_study(both.folder)
    first = block_files(study, BLOCK)
    again = block_files(study, f"{BLOCK}.r2")
    assert list(first) == CASES
    assert list(again) == READ
    assert first["P01"].mask.as_posix().endswith("masks/r1/P01.nii.gz")
    assert again["P01"].mask.as_posix().endswith("masks/r2/P01.nii.gz")
    assert first["P01"].image == again["P01"].image
    assert reading_items(study.spec) == [f"{BLOCK}.r2"]


@pytest.mark.parametrize(
    ("cases", "read"),
    [
        ("{column: double_read}", READ),
        ('{column: double_read, values: ["0"]}', CASES[24:]),
        ("[P03, P01, P02, P04, P05, P06]", CASES[:6]),
        ("all", CASES),
    ],
)
def test_cases_are_told_by_a_column_or_a_list_or_are_all(
    both: Making, cases: str, read: list[str]
) -> None:
    both.swap("{column: double_read}", cases)
    study = load_study(both.folder)
    assert cases_read(study, build_cohort(study), "r2") == read


def test_second_readings_are_of_training_cases_alone(both: Making) -> None:
    both.swap("  id: patient\n", "  id: patient\n  split: {kind: random, test_fraction: 0.3}\n")
    study = load_study(both.folder)
    cohort = build_cohort(study)
    held = set(cohort.frame.loc[cohort.frame["split"] != "train", "case"])
    read = cases_read(study, cohort, "r2")
    assert held & set(READ)
    assert set(read) == set(READ) - held


def test_a_retest_has_images_of_its_own(both: Making) -> None:
    both.swap(
        "{primary: true}\n  r2: {cases: {column: double_read}}", "{primary: true}\n  r1b: {}",
        '"images/{patient}.nii.gz"', '"images/{reader}/{patient}.nii.gz"',
        '"masks/{reader}/{patient}.nii.gz"', '"masks/r1/{patient}.nii.gz"',
    )  # fmt: skip
    for reader in ("r1", "r1b"):
        for case in CASES:
            place = both.data / "images" / reader / f"{case}.nii.gz"
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(both.image(case).read_bytes())
    for case in CASES:
        both.image(case).unlink()
    assert told(both) == []
    files = block_files(load_study(both.folder), f"{BLOCK}.r1b")["P01"]
    assert files.image.as_posix().endswith("images/r1b/P01.nii.gz")
    assert files.mask.as_posix().endswith("masks/r1/P01.nii.gz")


def test_missing_and_damaged_second_masks_are_told_with_their_cure(both: Making) -> None:
    mask_of(both, "r2", "P02").unlink()
    mask_of(both, "r2", "P03").write_bytes(b"")
    report = found(both)
    lost, empty = map(str, report.cases)
    assert report.fatal == ()
    assert "masks/r2/P02.nii.gz: reader r2: no such file" in lost
    assert lost.endswith("or leave the reading out (readers.r2.exclude)")
    assert "P03.nii.gz: reader r2: is empty" in empty
    both.swap("column: double_read}", 'column: double_read}, exclude: {P02: "lost", P03: "torn"}')
    assert told(both) == []
    for case in READ:
        mask_of(both, "r2", case).unlink(missing_ok=True)
    [whole] = told(both)
    assert "regions.tumour.masks.t1: reader r2: no file for any of the 22 cases" in whole


def test_what_concerns_the_first_reading_is_told_once(both: Making) -> None:
    both.image("P02").unlink()
    [lost] = told(both)
    assert "images/P02.nii.gz: no such file" in lost


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((READERS, ""), "{reader} in a path, but the study has no readers; add readers"),
        (("{primary: true}", "{}"), "found no primary reader among r1, r2; write primary: true"),
        (("r2: {cases", "r2: {primary: true, cases"), "a second primary reader beside 'r1'"),
        (("{primary: true}", "{primary: true, cases: [P01]}"), "cases of the primary reader"),
        (("masks/{reader}/", "masks/r1/"), "whose files no path tells apart; put {reader} into"),
        (("{column: double_read}", "{column: twice}"), "found the column 'twice', which"),
        (("{column: double_read}", "[P01, P99]"), "found the case 'P99', which is not in"),
        (("double_read}}", "double_read, values: [x]}}"), "'r2', who read no training case"),
        (("min_cases: 10", "readers: [r3]"), "found the reader 'r3'; allowed: r2; name one"),
        (("{column: double_read}", "{values: 1}"), "values without column; add column"),
        (("{column: double_read}", "{colum: x}"), "the unknown key 'colum'; allowed: column, va"),
        (("min_cases: 10", "min_cases: 9"), "found 9; allowed: a whole number >= 10"),
        (("images:\n", PERTURBATIONS + "images:\n"), "readers and perturbations, which no one co"),
        ((READERS, READERS.replace("r2:", "R1:")), "the name 'r1' beside 'R1'; rename one of"),
    ],
)
def test_what_does_not_fit_is_told(both: Making, changes: tuple[str, ...], said: str) -> None:
    both.swap(*changes)
    assert any(said in fault for fault in told(both)), told(both)


def test_a_comparison_needs_something_to_compare(made: Making) -> None:
    made.swap("few: [{kind: mrmr, n: 2}]", ICC)
    assert "selector icc, but no case is read twice; add a second reader" in told(made)[0]
    made.swap(ICC, "few: [{kind: mrmr, n: 2}]", "{kind: roc, models: [radscore, combined]}",
              "reliability")  # fmt: skip
    assert "output reliability, but no model's selection compares readings" in told(made)[0]


def test_too_few_double_read_cases_are_told_before_the_run(both: Making) -> None:
    both.swap("min_cases: 10", "min_cases: 25")
    [few] = told(both)
    assert "selection.few[1]" in few
    assert "24 training cases with all readings; allowed: 25 or more" in few
    both.swap("min_cases: 25", "min_cases: 20")
    [few] = told(both)
    assert "24 training cases with all readings, of which the smallest of the 49 fits has" in few
    assert "take more folds, or lower min_cases" in few


def test_ten_cases_are_to_be_read_twice_where_nothing_else_is_said(both: Making) -> None:
    both.swap(", min_cases: 10", "", "{column: double_read}", "[P01, P02, P03, P04]")
    assert told(both) == [
        "studies/small/study.yaml:24 selection.few[1]: 4 training cases with all readings; "
        "allowed: 10 or more (min_cases); read more cases a second time, or add perturbations"
    ]


def test_blocks_that_nobody_read_twice_are_told(both: Making) -> None:
    both.swap(
        "regions:\n", '  t2: {path: "images/{patient}.nii.gz", modality: MR}\nregions:\n',
        'patient}.nii.gz"}}\n', 'patient}.nii.gz", t2: "masks/r1/{patient}.nii.gz"}}\n',
        "blocks:\n", "blocks:\n  t2_tumour: {image: t2, region: tumour, classes: [shape]}\n",
        "inputs: [t1_tumour]", "inputs: [t1_tumour, t2_tumour]",
    )  # fmt: skip
    report = found(both)
    assert [str(fault) for fault in report.faults] == []
    assert any("nobody read t2_tumour a second time" in line for line in report.warnings)
    both.swap("inputs: [t1_tumour, t2_tumour]", "inputs: [t2_tumour]")
    assert "none of the model's inputs is read twice" in told(both)[0]


def test_who_did_not_read_a_block_is_told(both: Making) -> None:
    both.swap(
        "images:\n", PERTURBATIONS + "images:\n", "kind: icc,",
        "kind: icc, readers: [r2, perturbations],",
        "regions:\n", '  t2: {path: "images/{patient}.nii.gz", modality: MR}\nregions:\n',
        'patient}.nii.gz"}}\n', 'patient}.nii.gz", t2: "masks/r1/{patient}.nii.gz"}}\n',
        "blocks:\n", "blocks:\n  t2_tumour: {image: t2, region: tumour, classes: [shape]}\n",
        "inputs: [t1_tumour]", "inputs: [t1_tumour, t2_tumour]",
    )  # fmt: skip
    [line] = [line for line in found(both).warnings if "did not read" in line]
    assert "r2 did not read t2_tumour, whose comparison is among the primary reader, pert" in line


def test_perturbations_are_readings_of_drawn_training_cases(single: Making) -> None:
    assert told(single) == []
    study = load_study(single.folder)
    items = [f"{BLOCK}.perturbation.1", f"{BLOCK}.perturbation.2"]
    assert reading_items(study.spec) == items
    draws = [file.perturbation for item in items for file in block_files(study, item).values()]
    assert len({draw.seed for draw in draws if draw}) == 60
    assert block_files(study, items[0])["P02"].perturbation in draws
    assert block_files(study, BLOCK)["P02"].perturbation is None
    single.swap("n: 2, shift", "n: 2, on: {fraction: 0.5}, exclude: {P02: bad}, shift")
    study = load_study(single.folder)
    drawn = list(block_files(study, items[0]))
    assert len(drawn) in (14, 15)
    assert drawn == sorted(drawn)
    assert "P02" not in drawn
    assert drawn == list(block_files(study, items[1]))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (PERTURBATIONS, "perturbations: {n: 3}\n", "perturbations that change nothing; give shi"),
        ("{n: 2,", "{n: 2, on: {n: 9, fraction: 0.5},", "fraction beside n; remove one of them"),
        ("{n: 2,", "{n: 2, on: {fraction: 2},", "found 2; allowed: a number > 0 and <= 1"),
        ("{n: 2,", "{n: 2, on: {n: 3},", "3 training cases with all readings; allowed: 10"),
        ("{n: 2,", "{n: 2, exclude: {P99: x},", "found the case 'P99', which is not in"),
        ("min_cases: 10", "readers: [r2]", "found the reader 'r2'; allowed: perturbations"),
    ],
)
def test_perturbations_that_do_not_fit_are_told(
    single: Making, old: str, new: str, said: str
) -> None:
    single.swap(old, new)
    lines = told(single)
    assert any(said in fault for fault in lines), lines
    assert len(lines) == 1
