"""What a study says of grids, channels and pictures is what `check` looks for."""

from pathlib import Path

import numpy as np
import SimpleITK as sitk
from study_making import Making, write_volume

from radpipe.features.settings import canonical
from radpipe.study.check import CheckReport, check_path
from radpipe.study.load import load_study

FILTERS = "    filters: [original]\n"
CLASSES = "    classes: [shape, firstorder]\n"


def report(made: Making) -> CheckReport:
    return check_path(made.folder, voxels=True)


def cases(made: Making) -> list[str]:
    found = report(made)
    assert found.fatal == ()
    return [str(fault) for fault in found.cases]


def region(shape: tuple[int, ...] = (6, 8, 8)) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    mask[2:4, 2:6, 2:6] = 1
    return mask


def test_a_mask_on_another_grid_is_let_through_where_the_block_corrects_it(made: Making) -> None:
    write_volume(made.mask("P03"), region((7, 8, 8)))
    assert "one slice more than the image, size (8, 8, 6) and (8, 8, 7)" in cases(made)[0]
    made.swap(FILTERS, FILTERS + "    correct_mask: true\n")
    assert cases(made) == []


def test_a_region_beyond_the_image_is_told_all_the_same(made: Making) -> None:
    made.swap(FILTERS, FILTERS + "    correct_mask: true\n")
    write_volume(made.mask("P03"), region(), spacing=(2, 2, 2))
    (said,) = cases(made)
    assert "P03.nii.gz: the region reaches beyond" in said
    assert "over its voxels 3.5 to 11.5, 3.5 to 11.5, 2 to 4 (x, y, z)" in said
    assert "allowed: 0 to 8, 0 to 8, 0 to 6" in said


def test_a_tolerance_of_the_block_counts(made: Making) -> None:
    write_volume(made.mask("P03"), region(), spacing=(1, 1, 2.00004))
    assert "set blocks.t1_tumour.geometry_tolerance: 0.0001 " in cases(made)[0]
    made.swap(FILTERS, FILTERS + "    geometry_tolerance: 0.0001\n")
    assert cases(made) == []


def test_each_block_of_a_pair_is_asked(made: Making) -> None:
    write_volume(made.mask("P03"), region((7, 8, 8)))
    made.swap(FILTERS, FILTERS + "    correct_mask: true\n")
    text = made.file.read_text().replace(
        "clinical:\n", "  strict: {image: t1, region: tumour, classes: [glcm]}\nclinical:\n", 1
    )
    made.write(text)
    assert len(cases(made)) == 1


def colour(made: Making, case: str) -> None:
    grey = sitk.ReadImage(str(made.image(case)))
    sitk.WriteImage(sitk.Compose([grey, grey + 1]), str(made.image(case)))


def test_the_channel_of_an_image(made: Making) -> None:
    colour(made, "P03")
    (said,) = cases(made)
    assert "P03.nii.gz: has 2 values a voxel (colour, or a vector)" in said
    assert "choose one (channel: 0" in said
    before = load_study(made.folder).spec.settings("t1_tumour")
    made.swap("modality: MR}", "modality: MR, channel: 0}")
    assert cases(made) == []
    settings = load_study(made.folder).spec.settings("t1_tumour")
    assert settings.channel == 0
    assert canonical(settings) != canonical(before)
    made.swap(FILTERS, FILTERS + "    channel: 1\n")
    assert load_study(made.folder).spec.settings("t1_tumour").channel == 1
    assert "has 1 channel, and not the channel 1" in cases(made)[0]


def test_the_channel_of_a_mask(made: Making) -> None:
    made.swap(FILTERS, FILTERS + "    mask_channel: 1\n")
    for case in made.data.glob("masks/*.nii.gz"):
        mask = sitk.ReadImage(str(case))
        sitk.WriteImage(sitk.Compose([mask * 0, mask]), str(case))
    assert cases(made) == []
    made.swap("mask_channel: 1", "mask_channel: 0")
    assert all("the mask is empty" in said for said in cases(made))


def flatten(made: Making) -> None:
    for folder in ("images", "masks"):
        for path in (made.data / folder).glob("*.nii.gz"):
            sitk.WriteImage(sitk.ReadImage(str(path))[:, :, 2], str(path))


def fatal(made: Making) -> list[str]:
    found = report(made)
    assert found.cases == ()
    return [str(fault).partition("blocks.t1_tumour: ")[2] for fault in found.fatal]


def test_a_block_on_pictures(made: Making) -> None:
    flatten(made)
    assert fatal(made) == [
        "found images of two dimensions, and the class shape measures volumes; take shape2D in "
        "its place (classes: [shape2D, ...], force_2d: axial)"
    ]
    made.swap(CLASSES, "    classes: [firstorder]\n")
    assert fatal(made) == []
    made.swap(FILTERS, "    filters: [original, wavelet]\n")
    assert fatal(made) == [
        "found images of two dimensions, and the filters' names follow force_2d; "
        "add force_2d: axial"
    ]
    made.swap("[original, wavelet]\n", "[original, wavelet]\n    force_2d: axial\n")
    assert fatal(made) == []


def test_a_series_of_volumes_is_told_with_their_number(made: Making, tmp_path: Path) -> None:
    image = sitk.ReadImage(str(made.image("P03")))
    sitk.WriteImage(sitk.JoinSeries([image] * 3), str(made.image("P03")))
    (said,) = cases(made)
    assert "has 4 dimensions (8 x 8 x 6 x 3), a series of 3 volumes" in said


def test_masks_that_are_moved_are_told_with_their_cases(made: Making) -> None:
    made.swap(FILTERS, FILTERS + "    correct_mask: true\n")
    assert not [line for line in report(made).warnings if "correct_mask" in line]
    write_volume(made.mask("P03"), region((7, 8, 8)))
    write_volume(made.mask("P05"), region(), spacing=(1, 1, 1.9))
    made.mask("P07").unlink()
    found = report(made)
    [line] = [line for line in found.warnings if "correct_mask" in line]
    assert "blocks.t1_tumour.correct_mask: correct_mask brings masks of 2 cases from" in line
    assert "P03 (one slice more than the image, size (8, 8, 6) and (8, 8, 7)), P05 (spacing" in line
    assert len(found.cases) == 1
