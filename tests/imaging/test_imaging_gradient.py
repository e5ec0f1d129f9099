"""The gradient's length: by hand, in part as in whole, and PyRadiomics'."""

import numpy as np
import pytest
import SimpleITK as sitk

from radpipe.imaging.gradient import gradient

SPACING = (0.5, 1.0, 4.0)
BOXES = [np.s_[2:5, 1:6, 4:5], np.s_[0:3, 6:8, 0:10], np.s_[6:7, 0:1, 9:10], np.s_[:, :, :]]


def volume(array, oblique=False):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(SPACING)
    image.SetOrigin((10.0, -20.0, 30.0))
    if oblique:
        c, s = np.cos(0.3), np.sin(0.3)
        image.SetDirection((c, -s, 0, s, c, 0, 0, 0, 1))
    return image


def noise(dtype):
    return np.random.default_rng(11).normal(100, 40, (7, 8, 10)).astype(dtype)


def test_a_ramp_by_hand():
    _, y, x = np.indices((3, 4, 5))
    image = volume((2 * x + 8 * y).astype(np.int16))
    per_mm = sitk.GetArrayFromImage(gradient(image))
    assert per_mm.dtype == np.float32
    assert per_mm[1, 1:-1, 1:-1] == pytest.approx(np.hypot(2 / 0.5, 8))
    # beyond the edge the last voxel goes on: half the difference
    assert per_mm[1, 0, 2] == pytest.approx(np.hypot(4, 4))
    per_voxel = sitk.GetArrayFromImage(gradient(image, use_spacing=False))
    assert per_voxel[1, 1:-1, 1:-1] == pytest.approx(np.hypot(2, 8))


@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.float64])
@pytest.mark.parametrize("use_spacing", [True, False])
def test_a_box_has_the_values_of_the_whole(dtype, use_spacing):
    image = volume(noise(dtype))
    whole = gradient(image, use_spacing)
    for box in BOXES:
        part = gradient(image, use_spacing, box)
        assert np.array_equal(sitk.GetArrayFromImage(part), sitk.GetArrayFromImage(whole)[box])
        assert part.GetOrigin() == pytest.approx(whole[tuple(reversed(box))].GetOrigin())


def test_the_image_is_left_as_it_was():
    image = volume(noise(np.int16))
    gradient(image, True, BOXES[0])
    assert np.array_equal(sitk.GetArrayFromImage(image), noise(np.int16))


@pytest.mark.parametrize("oblique", [False, True])
@pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("use_spacing", [True, False])
def test_equal_to_pyradiomics(dtype, use_spacing, oblique):
    operations = pytest.importorskip(
        "radiomics.imageoperations", reason="PyRadiomics is not installed"
    )
    image = volume(noise(dtype), oblique)
    made = operations.getGradientImage(image, None, gradientUseSpacing=use_spacing)
    expected = sitk.GetArrayFromImage(next(made)[0])
    for box in BOXES:
        part = sitk.GetArrayFromImage(gradient(image, use_spacing, box))
        assert part.dtype == expected.dtype
        assert np.array_equal(part, expected[box])
