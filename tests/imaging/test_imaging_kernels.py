"""Compiled filters and grids against the libraries whose values they give."""

from itertools import product

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.imaging.discretise import count_edges, digitise, width_edges
from radpipe.imaging.recursive_gaussian import laplacian_of_gaussian
from radpipe.imaging.resample import Grid, bounding_box, grid_around, resample
from radpipe.imaging.wavelet import bands

pywt = pytest.importorskip("pywt", reason="PyWavelets is not installed")

DTYPES = [np.int16, np.uint8, np.int32, np.float32, np.float64]
WHOLE = np.s_[:, :, :]
some = settings(max_examples=40, deadline=None)


def noise(shape, dtype, seed=3):
    values = np.random.default_rng(seed).normal(120, 40, shape).clip(0, 255)
    return values.astype(dtype)


def volume(array, spacing=(0.9, 1.1, 2.5), direction=(1, 0, 0, 0, 1, 0, 0, 0, 1)):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing)
    image.SetOrigin((-4.5, 20.0, 3.25))
    image.SetDirection(direction)
    return image


# wavelets


def bands_by_pywavelets(image, family, axes, start_level, level):
    """Return what PyRadiomics makes of a whole volume."""
    data = np.pad(image, [(0, n % 2) for n in image.shape], "wrap")
    data = data if data.dtype == np.float32 else data.astype(np.float64)
    low = "a" * len(axes)
    for _ in range(start_level):
        data = pywt.swtn(data, family, level=1, axes=axes)[0][low]
    found = {}
    for number in range(1, level + 1):
        (decomposed,) = pywt.swtn(data, family, level=1, axes=axes)
        data = decomposed[low]
        for letters, values in decomposed.items():
            name = letters.replace("a", "L").replace("d", "H")
            if letters != low or number == level:
                found[number, name] = values[tuple(slice(0, n) for n in image.shape)]
    return found


BOXES = [WHOLE, np.s_[3:5, 2:6, 4:9], np.s_[0:2, 0:9, 11:13], np.s_[6:7, 8:9, 0:1]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("family", ["haar", "coif1", "db4", "bior3.1", "dmey"])
def test_wavelets_in_a_box_are_those_of_the_volume(dtype, family):
    image = noise((7, 9, 14), dtype)
    for axes, levels in product([(2, 1, 0), (2, 1), (1, 0), (2, 0)], [(0, 1), (1, 2)]):
        expected = bands_by_pywavelets(image, family, axes, *levels)
        for box in BOXES:
            box = tuple(
                slice(*part.indices(n)[:2]) for part, n in zip(box, image.shape, strict=True)
            )
            found = {
                (number, name): v for number, name, v in bands(image, box, family, axes, *levels)
            }
            assert found.keys() == expected.keys()
            for key, values in found.items():
                assert values.dtype == expected[key].dtype
                np.testing.assert_array_equal(values, expected[key][box], err_msg=str((axes, key)))


# Laplacian of Gaussian


def whole_by_itk(array, spacing, sigma):
    run = sitk.LaplacianRecursiveGaussianImageFilter()
    run.SetNormalizeAcrossScale(True)
    run.SetSigma(sigma)
    return sitk.GetArrayFromImage(run.Execute(volume(array, spacing)))


@pytest.mark.parametrize("dtype", [*DTYPES, np.uint16, np.uint32])
@pytest.mark.parametrize("sigma", [0.4, 1.0, 2.5, 5.0])
def test_laplacian_of_gaussian_is_itks_to_the_last_bit(dtype, sigma):
    for shape, spacing in (((9, 50, 13), (1.0, 1.0, 1.0)), ((4, 5, 61), (0.7, 1.3, 3.27))):
        array = noise(shape, dtype)
        expected = whole_by_itk(array, spacing, sigma)
        for box in (WHOLE, np.s_[1:3, 2:5, 3:4], np.s_[3:4, 0:1, 0:13]):
            box = tuple(slice(*part.indices(n)[:2]) for part, n in zip(box, shape, strict=True))
            found = laplacian_of_gaussian(array, spacing, sigma, box)
            assert found.dtype == expected.dtype == np.float32
            np.testing.assert_array_equal(found, expected[box])


def test_laplacian_of_gaussian_of_a_single_slice():
    array, box = noise((1, 12, 15), np.int16), np.s_[0:1, 3:9, 4:15]
    run = sitk.LaplacianRecursiveGaussianImageFilter()
    run.SetNormalizeAcrossScale(True)
    run.SetSigma(1.5)
    picture = sitk.GetArrayFromImage(run.Execute(volume(array, (0.8, 1.2, 3.0))[:, :, 0]))
    found = laplacian_of_gaussian(array, (0.8, 1.2, 3.0), 1.5, box, flat=True)
    np.testing.assert_array_equal(found[0], picture[box[1:]])


# resampling


def by_itk(image, grid, interpolator=sitk.sitkBSpline):
    place = (grid.size, sitk.Transform(), interpolator, grid.origin, grid.spacing, grid.direction)
    return sitk.GetArrayFromImage(sitk.Resample(image, *place))


OBLIQUE = (0.8, -0.6, 0.0, 0.48, 0.64, -0.6, 0.36, 0.48, 0.8)
GRIDS = [  # a region, the new spacing and the margin
    (np.s_[3:8, 4:15, 6:20], (1.0, 1.0, 1.0), 5),
    (np.s_[3:8, 4:15, 6:20], (2.0, 0.5, 0.0), 0),
    (np.s_[0:12, 0:5, 20:24], (1.3, 1.3, 1.3), 40),  # beyond the image's edge
    (np.s_[5:6, 9:12, 0:24], (0.9, 2.2, 1.0), 3),  # the first axis as it is, one slice
    (np.s_[2:9, 3:12, 4:15], (0.45, 0.55, 1.25), 4),  # new voxels in the middle of old ones
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("direction", [(1, 0, 0, 0, 1, 0, 0, 0, 1), OBLIQUE])
@pytest.mark.parametrize("case", range(len(GRIDS)))
def test_bsplines_are_itks(dtype, direction, case):
    part, spacing, pad = GRIDS[case]
    image = volume(noise((12, 17, 24), dtype), direction=direction)
    inside = np.zeros((12, 17, 24), bool)
    inside[part] = True
    grid = grid_around(volume(inside.astype(np.uint8), direction=direction), part, spacing, pad)
    found, expected = resample(image, grid, sitk.sitkBSpline), by_itk(image, grid)
    values = sitk.GetArrayFromImage(found)
    assert values.dtype == expected.dtype == dtype
    if np.issubdtype(dtype, np.integer):
        np.testing.assert_array_equal(values, expected)
    else:
        near = 1e-11 if dtype == np.float64 else 2 * np.finfo(dtype).eps
        np.testing.assert_allclose(values, expected, rtol=near, atol=near * 255)
    assert (found.GetSpacing(), found.GetOrigin()) == (grid.spacing, grid.origin)
    assert (found.GetDirection(), found.GetSize()) == (grid.direction, grid.size)


@pytest.mark.parametrize("direction", [(1, 0, 0, 0, 1, 0, 0, 0, 1), OBLIQUE])
def test_bsplines_where_new_voxels_meet_old_ones_and_the_edge(direction):
    """Rounding decides there whether a row lies within the image; 1.5 mm to 1 mm is enough."""
    rng = np.random.default_rng(8)
    for _ in range(60):
        shape = tuple(rng.integers(5, 20, 3))
        old = rng.choice([0.5, 0.7, 0.9765625, 1.0, 1.25, 1.5, 2.5, 3.27], 3)
        new = rng.choice([1.0, 2.0, *old, *(2 * old)], 3)
        image = volume(noise(shape, np.float64), old.tolist(), direction)
        image.SetOrigin(rng.uniform(-300, 300, 3).tolist())
        box = tuple(slice(n // 3, n) for n in shape)
        grid = grid_around(image, box, tuple(new.tolist()), 5)
        if grid is not None:
            found = sitk.GetArrayFromImage(resample(image, grid, sitk.sitkBSpline))
            expected = by_itk(image, grid)
            said = f"{shape} voxels of {old} to {new} mm"
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-7, err_msg=said)


@pytest.mark.parametrize("shape", [(1, 6, 7), (2, 3, 40), (1, 1, 9)])
def test_bsplines_of_thin_images(shape):
    image = volume(noise(shape, np.float64))
    x, y, z = image.GetSpacing()
    size = tuple(max(1, 2 * n - 1) for n in shape[::-1])
    grid = Grid(size, (x / 2, y / 2, z / 2), image.GetOrigin(), image.GetDirection())
    found = sitk.GetArrayFromImage(resample(image, grid, sitk.sitkBSpline))
    if shape[0] == 2:  # at the last of two voxels, ITK reads beyond the image: any value times 0
        np.testing.assert_allclose(
            found[-1, ::2, ::2], sitk.GetArrayFromImage(image)[-1], rtol=1e-9
        )
        found, expected = found[:-1], by_itk(image, grid)[:-1]
    else:
        expected = by_itk(image, grid)
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_a_spline_that_overshoots_stays_within_the_type():
    array = np.zeros((6, 9, 10), np.uint8)
    array[2:4, 3:6, 4:7] = 255
    image = volume(array)
    box = bounding_box(array > 0)
    grid = grid_around(image, box, (0.7, 0.7, 0.7), 2)
    found = sitk.GetArrayFromImage(resample(image, grid, sitk.sitkBSpline))
    np.testing.assert_array_equal(found, by_itk(image, grid))
    assert found.max() == 255


# grey levels


@some
@given(
    st.sampled_from(DTYPES),
    st.sampled_from([0.1, 0.25, 0.3, 1.0, 3.7, 10.0, 25.0, 1000.0]),
    st.integers(0, 2**32 - 1),
)
def test_digitise_as_numpy_also_on_the_edges(dtype, width, seed):
    rng = np.random.default_rng(seed)
    values = rng.uniform(0, 250, 300).astype(dtype)
    edges = width_edges(values.min(), values.max(), width)
    on = edges[: -1 if len(edges) > 1 else None].astype(dtype)
    around = (
        [on]
        if np.issubdtype(dtype, np.integer)
        else [on, *(np.nextafter(on, dtype(to)) for to in (-9e9, 9e9))]
    )
    values = np.concatenate([values, *around])
    values = values[(values >= edges[0]) & (values < edges[-1])]
    np.testing.assert_array_equal(digitise(values, edges), np.digitize(values, edges))


@some
@given(st.sampled_from(DTYPES), st.integers(2, 64), st.integers(0, 2**32 - 1))
def test_a_count_of_bins_as_numpy(dtype, count, seed):
    values = np.random.default_rng(seed).uniform(0, 250, 200).astype(dtype)
    edges = count_edges(values, count)
    found = digitise(values, edges)
    np.testing.assert_array_equal(found, np.digitize(values, edges))
    assert (found.min(), found.max()) == (1, count)


def test_a_single_value_has_a_bin():
    for dtype in DTYPES:
        values = np.full(3, 50, dtype)
        edges = width_edges(values.min(), values.max(), 25.0)
        assert digitise(values, edges).tolist() == np.digitize(values, edges).tolist() == [1, 1, 1]
