"""Local binary patterns in slices: by hand, stored from PyRadiomics, and beside PyRadiomics."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from radpipe.core.errors import CaseError
from radpipe.imaging.lbp2d import METHODS, lbp_2d

STORED = Path(__file__).parents[1] / "golden" / "lbp" / "patterns.csv"
CIRCLES = [(1, 8), (1.5, 9), (2.3, 12), (0.4, 5), (2, 1)]
BOX = np.s_[2:5, 3:8, 0:6]


def wavy(dtype=np.int16):
    """Smooth and noisy, with one flat part of zeros and one that is not zero."""
    rng = np.random.default_rng(3)
    z, y, x = np.indices((7, 9, 10))
    values = np.rint(40 * np.sin(x / 2) + 20 * np.cos(y / 2) + 5 * z + rng.normal(0, 9, z.shape))
    values[:3, :4] = 0
    values[4:, 5:, 5:] = 70
    return values.astype(dtype) if np.issubdtype(dtype, np.integer) else (values / 7).astype(dtype)


def middle(pixels, **options):
    """Return the pattern of the middle of 3 x 3 pixels, of four samples: right, up, left, down."""
    return lbp_2d(np.array(pixels, np.int16), radius=1, samples=4, **options)[1, 1]


def test_by_hand():
    pixels = [[0, 9, 0], [1, 5, 6], [0, 5, 0]]  # right 1, up 1, left 0, down 1 (as large is 1)
    assert middle(pixels, method="default") == 1 + 2 + 8
    assert middle(pixels, method="ror") == 0b0111
    assert middle(pixels, method="uniform") == 3
    assert middle(pixels, method="var") == pytest.approx(np.var([6, 9, 1, 5]))


def test_more_than_two_changes_are_not_uniform():
    assert middle([[0, 1, 0], [9, 5, 9], [0, 1, 0]], method="uniform") == 5


def test_outside_of_the_slice_is_zero():
    codes = lbp_2d(np.full((3, 3), 7, np.int16), samples=4, method="default")
    assert codes.tolist() == [[9, 13, 12], [11, 15, 14], [3, 7, 6]]
    codes = lbp_2d(np.full((3, 3), -7, np.int16), samples=4, method="default")
    assert (codes == 15).all()


def test_a_volume_keeps_its_type_and_a_slice_does_not():
    array = wavy()
    volume = lbp_2d(array, method="var")
    single = lbp_2d(array[3], method="var")
    assert volume.dtype == np.int16
    assert single.dtype == np.float64
    exact = lbp_2d(array.astype(np.float64), method="var")[3]
    assert np.array_equal(single, exact, equal_nan=True)
    told = np.isfinite(single)
    assert np.array_equal(volume[3][told], np.trunc(single[told]))
    assert lbp_2d(array.astype(np.float32)).dtype == np.float32


def test_slices_follow_the_axis():
    array = wavy()
    for axis, plane in ((0, array[4]), (1, array[:, 4]), (2, array[:, :, 4].T)):
        patterns = lbp_2d(array, axis, method="default").take(4, axis)
        expected = lbp_2d(plane, method="default")
        assert np.array_equal(patterns.T if axis == 2 else patterns, expected)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_a_box_has_the_values_of_the_whole(dtype, method):
    array = wavy(dtype)
    for axis in range(3):
        whole = lbp_2d(array, axis, 2.3, 12, method)
        part = lbp_2d(array, axis, 2.3, 12, method, BOX)
        assert np.array_equal(part, whole[BOX], equal_nan=dtype == np.float32)
    plane = lbp_2d(array[0], 0, 2.3, 12, method, BOX[1:])
    assert np.array_equal(plane, lbp_2d(array[0], 0, 2.3, 12, method)[BOX[1:]], equal_nan=True)


def test_bands_of_rows_do_not_show(monkeypatch):
    array = wavy(np.float32)
    whole = lbp_2d(array, method="default")
    monkeypatch.setattr("radpipe.imaging.lbp2d.BAND", 1)
    assert np.array_equal(lbp_2d(array, method="default"), whole)


def test_values_that_do_not_fit_the_image_are_refused():
    with pytest.raises(CaseError, match=r"16 samples gives values up to 65535, .* int16"):
        lbp_2d(wavy(), samples=16, method="default", image_name="ct.nii.gz")
    steep = wavy() * 100
    with pytest.raises(CaseError, match="normalise or resample"):
        lbp_2d(steep, method="var")
    lbp_2d(steep.astype(np.float32), method="var")
    lbp_2d(wavy(), samples=16, method="uniform")


def test_settings_that_mean_nothing():
    with pytest.raises(ValueError, match="not one of default, ror, uniform, var"):
        lbp_2d(wavy(), method="nri_uniform")
    with pytest.raises(ValueError, match="32 samples: 1 to 31"):
        lbp_2d(wavy(), samples=32, method="ror")


@pytest.mark.parametrize(
    ("column", "axis", "radius", "samples", "method"),
    [
        ("uniform_axis0", 0, 1, 8, "uniform"),
        ("default_axis1", 1, 1, 8, "default"),
        ("ror_axis2", 2, 1.5, 9, "ror"),
        ("uniform_axis1_wide", 1, 2.3, 12, "uniform"),
        ("var_axis0", 0, 1, 8, "var"),
        ("third_uniform_axis0", 0, 1, 8, "uniform"),
        ("third_var_axis2", 2, 1.5, 9, "var"),
    ],
)
def test_equal_to_what_pyradiomics_gave(column, axis, radius, samples, method):
    table = pd.read_csv(STORED)
    value = table["value"].to_numpy(np.int16).reshape(6, 7, 9)
    third = column.startswith("third_")
    array = (value / 3).astype(np.float32) if third else value
    patterns = lbp_2d(array, axis, radius, samples, method)
    expected = table[column].to_numpy().astype(array.dtype).reshape(value.shape)
    assert np.array_equal(patterns, expected, equal_nan=third)


@pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("method", METHODS)
def test_equal_to_pyradiomics(dtype, method):
    operations = pytest.importorskip(
        "radiomics.imageoperations", reason="PyRadiomics is not installed"
    )
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    array = wavy(dtype) if dtype != np.uint8 else np.abs(wavy()).astype(dtype)
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((0.5, 1.0, 4.0))
    for axis in range(3):
        for radius, samples in CIRCLES:
            if method in ("default", "ror") and samples > 8 * array.itemsize - 1:
                continue  # codes that the type cannot hold
            if method == "var" and dtype == np.uint8:
                continue
            made = operations.getLBP2DImage(
                image,
                None,
                force2D=True,
                force2Ddimension=axis,
                lbp2DRadius=radius,
                lbp2DSamples=samples,
                lbp2DMethod=method,
            )
            expected = sitk.GetArrayFromImage(next(made)[0])
            patterns = lbp_2d(array, axis, radius, samples, method)
            assert patterns.dtype == expected.dtype
            assert np.array_equal(patterns, expected, equal_nan=array.dtype.kind == "f")
