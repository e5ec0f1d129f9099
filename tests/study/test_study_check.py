"""radpipe check: files, grids, labels, and all faults at once."""

from pathlib import Path

import numpy as np
import pytest
from study_making import BINARY, SURVIVAL, Making, write_volume

from radpipe.study.check import CheckReport, check, check_path
from radpipe.study.load import load_study

FILE = "studies/small/study.yaml"
DATA = "studies/small/data"


def report(made: Making, voxels: bool = True) -> CheckReport:
    return check(load_study(made.folder), voxels=voxels)


def lines(made: Making, voxels: bool = True) -> list[str]:
    return [str(fault) for fault in report(made, voxels).faults]


def ones(shape: tuple[int, ...] = (6, 8, 8), value: int = 1) -> np.ndarray:
    mask = np.zeros(shape, dtype=np.uint8)
    mask[2:4, 2:6, 2:6] = value
    return mask


def test_a_sound_study(made: Making) -> None:
    found = report(made)
    assert found.faults == ()
    assert found.facts == (
        "small: 12 cases, 5 with the event (relapse); 12 rows in clinical.csv, 0 excluded",
    )
    few, many, wide = found.warnings
    assert few.startswith(
        f"{FILE}:24 models.combined: 5 events for 2 candidate coefficients (2.5 each; "
        "10 is the usual least); at an AUC of 0.75 Riley's criteria ask for "
    )
    assert many.startswith(f"{FILE}:23 models.radscore: 5 events for 32 candidate features")
    assert wide.startswith(f"{FILE}:3 endpoint: 95% interval to be expected of an AUC of 0.75")


def test_progress_is_told(made: Making) -> None:
    told: list[tuple[int, int]] = []
    check(load_study(made.folder), progress=lambda done, of: told.append((done, of)))
    assert told[0] == (1, 12)
    assert told[-1] == (12, 12)


def test_an_id_without_image(made: Making) -> None:
    made.image("P03").unlink()
    found = report(made)
    assert [str(fault) for fault in found.cases] == [
        f"{DATA}/images/P03.nii.gz: no such file; "
        "add the file, correct its path, or exclude the case"
    ]
    assert found.cases[0].case == "P03"
    assert found.fatal == ()


def test_folds_without_the_cases_that_cannot_be_used(made: Making) -> None:
    for case in ("P01", "P03", "P06"):
        write_volume(made.mask(case), ones(value=0))
    found = report(made)
    assert len(found.cases) == 3
    [line] = [w for w in found.warnings if "cannot be used" in w]
    assert line == (
        f"without the 3 cases that cannot be used: {FILE}:25 evaluation.resampling.folds: 3 "
        "folds, but only 2 cases with the event; set folds to 2 at most"
    )


def test_an_image_without_row(made: Making) -> None:
    made.swap_cells("P12,0,51,high,1150\n", "")
    [line] = lines(made)
    assert line == (
        f"{DATA}/images/P12.nii.gz: an image without a row in clinical.csv; add the row, move the "
        'file away, or under cohort: add to exclude: {"P12": "not in the table"}'
    )
    made.swap("id: patient", 'id: patient\n  exclude: {"P12": "not in the table"}')
    assert lines(made) == []


def test_a_missing_mask_names_its_case_where_the_path_does_not(made: Making) -> None:
    made.swap('"masks/{patient}.nii.gz"', '"masks/{number}.nii.gz"')
    rows = made.table.read_text().splitlines()
    body = [f"{row},m{i}" for i, row in enumerate(rows[1:])]
    made.table.write_text("\n".join([rows[0] + ",number", *body]) + "\n")
    for i in range(11):
        made.mask(f"P{i + 1:02d}").rename(made.data / f"masks/m{i}.nii.gz")
    assert lines(made) == [
        f"{DATA}/masks/m11.nii.gz: case P12: no such file; "
        "add the file, correct its path, or exclude the case"
    ]


def test_a_pattern_that_fits_no_case_takes_one_line(made: Making) -> None:
    made.swap("masks/{patient}.nii.gz", "labels/{patient}.nii.gz")
    found = report(made)
    assert [str(fault) for fault in found.fatal] == [
        f"{FILE}:10 regions.tumour.masks.t1: no file for any of the 12 cases, such as "
        f"{DATA}/labels/P01.nii.gz; correct the path or the data"
    ]
    assert found.cases == ()


def test_a_mask_on_another_grid(made: Making) -> None:
    write_volume(made.mask("P03"), ones((6, 8, 7)))
    write_volume(made.mask("P04"), ones(), spacing=(1, 1, 3))
    grids = lines(made, voxels=False)
    cure = (
        "set blocks.t1_tumour.correct_mask: true (correctMask), which brings the mask to the "
        "image's grid (nearest neighbour), or save the mask again on this image"
    )
    assert grids == [
        f"{DATA}/masks/P03.nii.gz: lies on another grid than {DATA}/images/P03.nii.gz: one "
        "column less than the image, size (8, 8, 6) and (7, 8, 6) (image and mask); " + cure,
        f"{DATA}/masks/P04.nii.gz: lies on another grid than {DATA}/images/P04.nii.gz: spacing "
        "(1, 1, 2) and (1, 1, 3) (image and mask); " + cure,
    ]


def test_an_empty_mask_and_an_absent_label(made: Making) -> None:
    write_volume(made.mask("P03"), ones(value=0))
    several = ones(value=2)
    several[0, 0, 0] = 5
    write_volume(made.mask("P04"), several)
    assert lines(made, voxels=False) == []
    assert lines(made) == [
        f"{DATA}/masks/P03.nii.gz: the mask is empty; draw the region, or exclude the case",
        f"{DATA}/masks/P04.nii.gz: label 1 is not in the mask; labels there: 2, 5; "
        "draw the region with label 1 or exclude the case; where all masks are so, set the "
        "region's label",
    ]


def test_a_truncated_image(made: Making) -> None:
    file = made.image("P03")
    file.write_bytes(file.read_bytes()[:-200])
    [line] = lines(made)
    assert line == (
        f"{DATA}/images/P03.nii.gz: is cut off or damaged inside (compressed file ended before the "
        "end-of-stream marker was reached); copy or export it again"
    )
    file.write_bytes(file.read_bytes()[:20])
    [line] = lines(made, voxels=False)
    assert line.startswith(f"{DATA}/images/P03.nii.gz: is no image, or its header is damaged")
    assert line.endswith("copy or export it again")


def test_two_cases_with_one_mask(made: Making) -> None:
    made.swap("masks/{patient}", "masks/P01", "images/{patient}", "images/P01")
    found = lines(made)
    assert len(found) == 11
    assert found[0] == (
        f"{DATA}/masks/P01.nii.gz: case P02: the mask of case P01 as well, with the same image and "
        "label; give the path a placeholder that tells the cases apart"
    )


def test_an_output_that_shows_nobody(made: Making) -> None:
    made.swap("outputs:", "outputs:\n  - {kind: montage, cases: [P01, P91]}")
    assert lines(made) == [
        f"{FILE}:27 outputs[1].cases[2]: found the case 'P91', which is not in the cohort; "
        "name another case"
    ]


def test_a_horizon_that_nobody_reached(made: Making) -> None:
    made.swap(BINARY, SURVIVAL.replace("300", "300, 9000"))
    made.swap(
        "penalised_logistic",
        "penalised_cox",
        "kind: logistic",
        "kind: cox",
        "kind: roc",
        "kind: calibration",
    )
    assert (
        f"{FILE}:3 endpoint.horizons: nobody was followed up to 9000 days (longest: 1150); "
        "no risk can be checked there"
    ) in report(made).warnings


def test_faults_of_file_table_and_images_come_at_once(made: Making) -> None:
    made.swap("n: 2", "m: 2", "[radscore, clinical.age]", "[radscor, clinical.age]")
    made.swap_cells("P05,0,44", "P05,0,old", "P07,0,", "P06,0,")
    made.image("P03").unlink()
    write_volume(made.mask("P04"), ones((6, 8, 7)))
    found = check_path(made.folder)
    assert [str(fault).split(": ")[0] for fault in found.faults] == [
        f"{FILE}:21 selection.few[1].m",
        f"{FILE}:24 models.combined.inputs[1]",
        "clinical.csv rows 7, 8",
        "clinical.csv row 6",
        f"{DATA}/images/P03.nii.gz",
        f"{DATA}/masks/P04.nii.gz",
        f"{DATA}/images/P07.nii.gz",
    ]
    assert [fault.case for fault in found.cases] == ["P03", "P04", "P07"]


def test_a_broken_endpoint_hides_no_fault_of_the_images(made: Making) -> None:
    made.swap("type: binary", "type: binry")
    made.image("P03").unlink()
    found = check_path(made.folder)
    assert [str(fault).split(": ")[0] for fault in found.faults] == [
        f"{FILE}:3 endpoint.type",
        f"{DATA}/images/P03.nii.gz",
    ]


def test_what_cannot_be_read_at_all_is_one_fault(made: Making, tmp_path: Path) -> None:
    assert [str(f) for f in check_path(made.folder, tmp_path).faults] == [
        f"small: --data {tmp_path} holds no clinical.csv; "
        "give the folder that holds the cohort table"
    ]
    made.file.write_text("a: [1", encoding="utf-8")
    assert len(check_path(made.folder).faults) == 1
    assert len(check_path(Path("studies/none")).faults) == 1


def test_a_simulated_cohort_that_is_not_made_yet(made: Making) -> None:
    made.swap("title: A small study", "simulate: {cases: 20}")
    found = check_path(made.folder)
    assert found.faults == ()
    assert found.facts == ("small: simulated; the cohort is made when the study runs",)


@pytest.mark.parametrize("link", ["inside", "outside"])
def test_links_inside_the_data_folder_are_followed(made: Making, tmp_path: Path, link: str) -> None:
    target = made.data / "store" if link == "inside" else tmp_path / "elsewhere"
    target.mkdir()
    kept = made.image("P03").rename(target / "scan.nii.gz")
    made.image("P03").symlink_to(kept.absolute())
    assert lines(made) == []
