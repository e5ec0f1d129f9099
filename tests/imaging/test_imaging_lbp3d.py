"""Local binary patterns in the volume: by hand, stored from PyRadiomics, and beside PyRadiomics."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from scipy import ndimage, special, stats

from radpipe.core.errors import CaseError
from radpipe.imaging import lbp3d
from radpipe.imaging.lbp3d import icosphere, lbp_3d, lbp_3d_values

STORED = Path(__file__).parents[1] / "golden" / "lbp" / "patterns.csv"


@pytest.fixture
def operations(monkeypatch):
    """PyRadiomics' filters, with the two names that newer SciPy has elsewhere."""
    operations = pytest.importorskip(
        "radiomics.imageoperations", reason="PyRadiomics is not installed"
    )
    pytest.importorskip("trimesh", reason="trimesh is not installed")
    if not hasattr(special, "sph_harm"):
        monkeypatch.setattr(
            special,
            "sph_harm",
            lambda m, n, azimuth, polar: special.sph_harm_y(n, m, polar, azimuth),
            raising=False,
        )
    older = ModuleType("scipy.ndimage.interpolation")
    older.map_coordinates = ndimage.map_coordinates
    monkeypatch.setitem(sys.modules, older.__name__, older)
    return operations


def wavy(dtype=np.int16):
    """Smooth and noisy, with one flat part of zeros and one that is not zero."""
    rng = np.random.default_rng(3)
    z, y, x = np.indices((11, 12, 13))
    values = np.rint(40 * np.sin(x / 2) + 20 * np.cos(y / 2) + 5 * z + rng.normal(0, 9, z.shape))
    values[:5, :5, :5] = 0
    values[6:, 6:, 6:] = 70
    return values.astype(dtype) if np.issubdtype(dtype, np.integer) else (values / 7).astype(dtype)


def ball(shape):
    """A region that touches the edges of its image."""
    places = np.indices(shape)
    far = sum(((p - (n - 1) / 2) / (n / 2)) ** 2 for p, n in zip(places, shape, strict=True))
    return (far <= 1).astype(np.uint8)


@pytest.mark.parametrize(("subdivision", "points"), [(0, 12), (1, 42), (2, 162)])
@pytest.mark.parametrize("radius", [1.0, 2.5])
def test_points_of_the_sphere(subdivision, points, radius):
    sphere = icosphere(subdivision, radius)
    assert sphere.shape == (points, 3)
    assert np.linalg.norm(sphere, axis=1) == pytest.approx(radius)
    assert sphere.sum(axis=0) == pytest.approx(0, abs=1e-12)
    assert len(np.unique(sphere.round(9), axis=0)) == points
    if subdivision:  # the middles of opposite edges lie on the axes
        for axis in range(3):
            assert (np.abs(sphere[:, axis]) > radius - 1e-9).sum() == 2


def test_flat_neighbourhood():
    """All samples are as large as the voxel; PyRadiomics' angles stand in each other's place."""
    array = np.full((7, 7, 7), 7, np.int16)
    mask = np.zeros(array.shape, np.uint8)
    mask[3, 3, 3] = 1
    m1, m2, k = lbp_3d(array, mask)
    assert m1[3, 3, 3] == pytest.approx(42**1.5 / (4 * np.pi))
    assert np.isnan(k[3, 3, 3])
    x, y, z = icosphere(1, 1.0).T
    polar, azimuth = np.abs(np.arctan2(y, x)), np.arccos(z)
    steep = np.sqrt(3 / (8 * np.pi)) * np.sin(polar) * np.exp(1j * azimuth)
    along = np.sqrt(3 / (4 * np.pi)) * np.cos(polar)
    harmonics = np.stack([steep.conj(), along, -steep])
    part = (harmonics.sum(axis=1)[:, np.newaxis] * harmonics).sum(axis=0)
    assert m2[3, 3, 3] == pytest.approx(np.sqrt((part**2).sum()).real)
    assert m2[3, 3, 3] > 18  # were the angles in place, nothing of a constant would be here
    for image in (m1, m2, k):
        assert image.dtype == np.float64
        assert not image[mask == 0].any()


def test_a_voxel_above_all_around_it():
    array = np.zeros((7, 7, 7), np.float32)
    array[3, 3, 3] = 100
    m1, m2, _ = lbp_3d_values(array, tuple(np.array([[3], [3], [3]])))
    assert m1[0] == m2[0] == 0


def test_outside_of_the_image_is_zero():
    """In a corner 3 of the 12 points lie inside of the image; the others are below the voxel."""
    array = np.full((5, 5, 5), 7, np.int16)
    inside = (icosphere(0, 1.0) >= 0).all(axis=1).sum()
    assert inside == 3
    m1, _, k = lbp_3d_values(array, tuple(np.zeros((3, 1), int)), subdivision=0)
    assert m1[0] == pytest.approx(inside * np.sqrt(12) / (4 * np.pi))
    assert k[0] == pytest.approx(stats.kurtosis([7] * 3 + [0] * 9))


def test_samples_of_an_integer_image_are_rounded():
    array = wavy()
    where = np.nonzero(np.ones(array.shape))
    sphere = icosphere(1, 1.0)
    positions = np.stack(where)[:, :, np.newaxis] + sphere.T[:, np.newaxis]
    samples = np.rint(ndimage.map_coordinates(array, positions, output=np.float64, order=3))
    told = samples.std(axis=1) > 0
    kurtosis = lbp_3d_values(array, where)[-1]
    assert kurtosis[told] == pytest.approx(stats.kurtosis(samples[told], axis=1), rel=1e-12)
    assert np.isnan(kurtosis[~told]).all()
    assert not told.all()


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_blocks_do_not_show(monkeypatch, dtype):
    array = wavy(dtype)
    where = tuple(places[::7] for places in np.nonzero(ball(array.shape)))
    whole = lbp_3d_values(array, where, levels=3)
    for block in (1, 1000):
        monkeypatch.setattr(lbp3d, "BLOCK", block)
        assert np.array_equal(lbp_3d_values(array, where, levels=3), whole, equal_nan=True)
    alone = lbp_3d_values(array, tuple(places[50:51] for places in where), levels=3)
    assert np.array_equal(alone, whole[:, 50:51], equal_nan=True)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_what_is_far_away_does_not_show(monkeypatch, axis):
    shape = [12, 12, 12]
    shape[axis] = 150
    array = np.random.default_rng(8).normal(100, 40, shape).astype(np.float32)
    middle = [slice(4, 9)] * 3
    middle[axis] = slice(72, 77)
    mask = np.zeros(shape, bool)
    mask[tuple(middle)] = True
    values = lbp_3d_values(array, np.nonzero(mask))
    monkeypatch.setattr(lbp3d, "MARGIN", 1000)
    assert np.array_equal(values, lbp_3d_values(array, np.nonzero(mask)))


def test_a_slice_is_no_volume():
    with pytest.raises(CaseError, match=r"t1\.nii\.gz: has 2 dimensions"):
        lbp_3d(np.zeros((4, 4)), np.ones((4, 4)), image_name="t1.nii.gz")


@pytest.mark.parametrize(
    ("prefix", "levels", "radius", "subdivision"),
    [("", 2, 1, 1), ("third_", 3, 1.5, 1), ("coarse_", 2, 2, 0)],
)
def test_equal_to_what_pyradiomics_gave(prefix, levels, radius, subdivision):
    table = pd.read_csv(STORED)
    value = table["value"].to_numpy(np.int16).reshape(6, 7, 9)
    mask = table["inside"].to_numpy().reshape(value.shape)
    array = (value / 3).astype(np.float32) if prefix == "third_" else value
    *norms, kurtosis = lbp_3d(array, mask, levels, radius, subdivision)
    for degree, image in enumerate(norms, start=1):
        expected = table[f"{prefix}m{degree}"].to_numpy()
        assert image.ravel() == pytest.approx(expected, rel=1e-12, abs=1e-12)
    # of a float32 image it is computed in float32
    rel = 1e-12 if array.dtype == np.int16 else 2e-6
    assert kurtosis.ravel() == pytest.approx(table[f"{prefix}k"].to_numpy(), rel=rel)


@pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.float32, np.float64])
@pytest.mark.parametrize(
    ("levels", "radius", "subdivision"), [(2, 1, 1), (3, 1.5, 0), (2, 2.3, 1), (4, 1, 2)]
)
def test_equal_to_pyradiomics(operations, dtype, levels, radius, subdivision):
    array = wavy(dtype) if dtype != np.uint8 else np.abs(wavy()).astype(dtype)
    mask = ball(array.shape)
    image, region = sitk.GetImageFromArray(array), sitk.GetImageFromArray(mask)
    image.SetSpacing((0.5, 1.0, 4.0))
    made = operations.getLBP3DImage(
        image,
        region,
        lbp3DLevels=levels,
        lbp3DIcosphereRadius=radius,
        lbp3DIcosphereSubdivision=subdivision,
    )
    mine = lbp_3d(array, mask, levels, radius, subdivision)
    inside = mask > 0
    for image, (theirs, name, _) in zip(mine, made, strict=True):
        expected = sitk.GetArrayFromImage(theirs)[inside]
        assert np.array_equal(image[inside], expected, equal_nan=True), name


@pytest.mark.parametrize("subdivision", [0, 1, 2, 3])
@pytest.mark.parametrize("radius", [0.7, 1, 1.5, 3.3])
def test_the_sphere_is_that_of_trimesh(subdivision, radius):
    creation = pytest.importorskip("trimesh.creation", reason="trimesh is not installed")
    expected = np.array(creation.icosphere(subdivision, radius).vertices)
    assert np.array_equal(icosphere(subdivision, radius), expected)
