"""Small regions and rare grey levels, where rounding and small constants come to the surface."""

import numpy as np
import pytest
import SimpleITK as sitk
from comparison import compare
from parity_cases import native, pyradiomics
from scipy.ndimage import gaussian_filter

from radpipe.features.settings import ExtractionSettings

pytest.importorskip("radiomics", reason="PyRadiomics is not installed")

SPACINGS = [0.7, 0.9765625, 1.0, 1.5, 2.5, 3.27, 5.0]


def pair_of(values, inside, spacing, origin=(0.0, 0.0, 0.0)):
    pair = sitk.GetImageFromArray(values), sitk.GetImageFromArray(inside.astype(np.uint8))
    for image in pair:
        image.SetSpacing(spacing)
        image.SetOrigin(origin)
    return pair


def agree(pair, **how):
    wanted = ExtractionSettings(**how)
    found = compare(native(pair, wanted), pyradiomics(pair, wanted))
    assert not found, "\n".join([str(how), *map(str, found)])


def small(seed, kinds=(np.int16, np.uint8, np.float32)):
    """Return a random volume of a few thousand voxels, and a region of a few to many in it."""
    rng = np.random.default_rng(seed)
    while True:
        shape = rng.integers(8, 18, 3)
        grid = np.indices(shape)
        radius = [
            (g - rng.uniform(0, n)) / rng.uniform(1, n) for g, n in zip(grid, shape, strict=True)
        ]
        inside = sum(r**2 for r in radius) < 1
        inside &= rng.random(shape) < rng.choice([0.4, 0.8, 1.0])
        if sum(np.ptp(place) > 0 for place in np.nonzero(inside)) > 1 and inside.any():
            break
    smooth = gaussian_filter(rng.normal(size=shape), rng.uniform(0, 2))
    values = np.clip(100 + rng.uniform(5, 60) * smooth / smooth.std(), 0, 255)
    kind = kinds[seed % len(kinds)]
    values = (np.rint(values) if np.issubdtype(kind, np.integer) else values).astype(kind)
    return pair_of(
        values, inside, rng.choice(SPACINGS, 3).tolist(), rng.uniform(-200, 200, 3).tolist()
    )


@pytest.mark.parametrize("seed", range(30))
def test_small_regions(seed):
    filters = ["original", {"kind": "log", "sigma_mm": [1.5]}, "wavelet", "gradient"]
    bins = {"kind": "bin_width", "width": [3.3, 10.0, 25.0][seed % 3]}
    agree(small(seed), filters=filters, discretise=bins)
    agree(small(seed), filters=filters, discretise=bins, resample={"spacing_mm": [1.3, 1, 1.2]})


@pytest.mark.parametrize("seed", [207, 279, 327, 351, 417, 5031, 5367])
@pytest.mark.parametrize("weighting", [None, "euclidean"])
def test_levels_that_hardly_depend_on_each_other(seed, weighting):
    """Few wide bins; each of these seeds has a direction that rounding decides."""
    agree(
        small(seed),
        filters=["original", {"kind": "log", "sigma_mm": [1.5]}, "wavelet"],
        discretise={"kind": "bin_width", "width": [3.3, 10.0, 25.0, 60.0][seed % 4]},
        symmetric_glcm=False,
        weighting=weighting,
    )


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("weighting", ["manhattan", "euclidean", "infinity"])
def test_neighbours_of_hardly_any_weight(seed, weighting):
    """exp(-distance²) of slices 5 mm apart makes pairs that only they have next to nothing."""
    image, mask = small(seed)
    for each in (image, mask):
        each.SetSpacing((1.0, 2.0, 5.0))
    bins = {"kind": "bin_width", "width": 2.0}
    agree((image, mask), discretise=bins, weighting=weighting, distances=[1 + seed % 3])


def test_voxels_that_no_line_joins():
    values = np.random.default_rng(1).integers(0, 200, (18, 20, 20)).astype(np.int16)
    inside = np.zeros(values.shape, bool)
    for place in ((3, 3, 3), (5, 6, 10), (9, 11, 4), (12, 14, 17), (15, 2, 19), (17, 18, 13)):
        inside[place] = True
    pair = pair_of(values, inside, (1.0, 1.0, 1.0))
    agree(pair)
    agree(pair, force_2d="axial")
    agree(pair, weighting="infinity")
