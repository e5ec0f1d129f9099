"""Square, square root, logarithm and exponential are PyRadiomics' to the last bit."""

import numpy as np
import pytest
import SimpleITK as sitk

from radpipe.core.errors import CaseError
from radpipe.imaging.pointwise import exponential, logarithm, peak_of, square, square_root

FILTERS = {
    "getSquareImage": square,
    "getSquareRootImage": square_root,
    "getLogarithmImage": logarithm,
    "getExponentialImage": exponential,
}
IMAGES = [
    (np.int16, 400.0),
    (np.uint8, 40.0),
    (np.int32, 1e6),
    (np.float32, 400.0),
    (np.float32, 1e-3),
    (np.float64, 1.7),
]


def test_by_hand():
    array = np.array([-4, 0, 1, 16], np.int16)
    peak = peak_of(array)
    assert peak == 16
    assert square(array, peak) == pytest.approx([1, 0, 1 / 16, 16])
    assert square_root(array, peak) == pytest.approx([-8, 0, 4, 16])
    expected = np.array([-np.log(5), 0, np.log(2), np.log(17)]) * 16 / np.log(17)
    assert logarithm(array, peak) == pytest.approx(expected)
    assert exponential(array, peak) == pytest.approx([0.5, 1, 2 ** (1 / 4), 16])
    for name in FILTERS.values():
        assert name(array, peak).dtype == np.float64


def test_the_peak_of_the_lowest_integer_is_not_lost():
    assert peak_of(np.array([-32768, 5], np.int16)) == 32768
    assert peak_of(np.array([3, 250], np.uint8)) == 250


@pytest.mark.parametrize("name", [square, logarithm, exponential])
def test_an_image_of_zeros_is_refused(name):
    with pytest.raises(CaseError, match=r"t1\.nii\.gz: holds zeros only: the \w+ filter"):
        name(np.zeros((2, 2, 2)), 0.0, "t1.nii.gz")


def test_the_square_root_of_zeros_is_zeros():
    assert not square_root(np.zeros((2, 2, 2)), 0.0).any()


@pytest.mark.parametrize(("dtype", "scale"), IMAGES)
@pytest.mark.parametrize("name", FILTERS)
def test_equal_to_pyradiomics_in_whole_and_in_part(name, dtype, scale):
    operations = pytest.importorskip(
        "radiomics.imageoperations", reason="PyRadiomics is not installed"
    )
    values = np.random.default_rng(5).normal(scale=scale, size=(7, 9, 11))
    array = (np.abs(values) if dtype == np.uint8 else values).astype(dtype)
    array[2] = 0
    filtered, _, _ = next(getattr(operations, name)(sitk.GetImageFromArray(array), None))
    expected = sitk.GetArrayFromImage(filtered)
    peak = peak_of(array)
    for box in (np.s_[:, :, :], np.s_[1:4, 3:8, 5:6]):
        assert np.array_equal(FILTERS[name](array[box], peak), expected[box])
