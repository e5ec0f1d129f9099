"""A mask fits its image or is refused with what differs; a region is there or is missed."""

import numpy as np
import pytest
import SimpleITK as sitk

from radpipe.core.errors import CaseError
from radpipe.imaging.volume import check_finite, check_pair, geometry_of, region


def volume(array=None, dtype=np.int16):
    array = np.zeros((4, 5, 6)) if array is None else array
    image = sitk.GetImageFromArray(np.asarray(array).astype(dtype))
    image.SetSpacing((0.5, 0.5, 3.0))
    image.SetOrigin((10.0, -20.0, 30.0))
    return image


def test_equal_grids_pass_as_images_and_as_geometries():
    check_pair(volume(), volume())
    check_pair(geometry_of(volume()), volume())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: m.SetSpacing((0.5, 0.5, 3.1)), "spacing (0.5, 0.5, 3) and (0.5, 0.5, 3.1)"),
        (lambda m: m.SetOrigin((10.0, -20.0, 30.001)), "origin (10, -20, 30) and"),
        (lambda m: m.SetDirection((-1, 0, 0, 0, 1, 0, 0, 0, 1)), "direction (1, 0, 0"),
    ],
)
def test_what_differs_is_named_with_both_values(change, says):
    mask = volume()
    change(mask)
    with pytest.raises(CaseError, match="another grid") as caught:
        check_pair(volume(), mask, "t1.nii.gz", "m.nii.gz")
    assert says in str(caught.value)
    assert str(caught.value).startswith("m.nii.gz: ")
    assert "t1.nii.gz" in str(caught.value)


def test_size_and_dimension():
    with pytest.raises(CaseError, match=r"size \(6, 5, 4\) and \(6, 5, 3\)"):
        check_pair(volume(), volume(np.zeros((3, 5, 6))))
    with pytest.raises(CaseError, match="dimensions 3 and 2"):
        check_pair(volume(), sitk.Image((6, 5), sitk.sitkUInt8))


def test_tolerance_is_that_of_itk():
    """What ITK's filters refuse, and only that, is refused here."""
    for shift in (1e-8, 4e-7, 6e-7, 1e-5):
        mask = volume(np.ones((4, 5, 6)), np.uint8)
        mask.SetOrigin((10.0 + shift, -20.0, 30.0))
        statistics = sitk.LabelStatisticsImageFilter()
        try:
            statistics.Execute(volume(), mask)
            accepted = True
        except RuntimeError:
            accepted = False
        if accepted:
            check_pair(volume(), mask)
        else:
            with pytest.raises(CaseError):
                check_pair(volume(), mask)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint32, np.float32, np.float64])
def test_region_of_one_label(dtype):
    array = np.zeros((4, 5, 6))
    array[1:3, 1:4, 2:5] = 2
    array[0, 0, 0] = 7
    mask = volume(array, dtype)
    binary = region(mask, 2)
    assert binary.GetPixelID() == sitk.sitkUInt8
    np.testing.assert_array_equal(sitk.GetArrayFromImage(binary), array == 2)
    assert geometry_of(binary) == geometry_of(mask)


def test_absent_label_lists_those_there():
    array = np.zeros((4, 5, 6))
    array[0, 0, :2] = 2, 7
    with pytest.raises(CaseError, match=r"label 1 is not in the mask; labels there: 2, 7"):
        region(volume(array), 1)
    with pytest.raises(CaseError, match=r"12, \.\.\."):
        region(volume(np.arange(120).reshape(4, 5, 6)), 200)


def test_empty_mask_and_probability_map():
    with pytest.raises(CaseError, match="empty"):
        region(volume(), 1)
    with pytest.raises(CaseError, match="no labels"):
        region(volume(np.full((4, 5, 6), 0.5), np.float32), 1)


def test_infinite_and_missing_voxels_are_counted():
    array = np.zeros((4, 5, 6), np.float32)
    check_finite(volume(array, np.float32))
    array[0, 0, :3] = np.nan, np.inf, -np.inf
    with pytest.raises(CaseError, match="NaN or infinite voxels: 3 of 120"):
        check_finite(volume(array, np.float32), "t1")
