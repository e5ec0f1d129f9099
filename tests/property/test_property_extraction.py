"""What must not change a feature does not, and what must change it does so as it should."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations, product

import numba
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from radpipe.features.case import extract_case
from radpipe.features.names import parse
from radpipe.features.native_engine import NativeEngine
from radpipe.features.settings import ExtractionSettings

ENGINE = NativeEngine()
WIDTH = 4.0
TEXTURE = ("glcm", "glrlm", "glszm", "gldm", "ngtdm")
SPACING = (0.8, 1.1, 2.5)
few = settings(max_examples=20, deadline=None)


@st.composite
def volumes(draw):
    """Grey values and a region, small and random, with two voxels or more along two axes."""
    shape = draw(st.tuples(*[st.integers(3, 9)] * 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.integers(0, draw(st.integers(1, 60)), shape, endpoint=True) - 19
    inside = rng.random(shape) < draw(st.sampled_from([0.3, 0.7, 1.0]))
    reach = [np.ptp(places) for places in np.nonzero(inside)] if inside.any() else [0]
    assume(np.count_nonzero(reach) > 1)
    return values.astype(np.int16), inside


def features(values, inside, spacing=SPACING, label=1, **changes):
    """Return the features of arrays indexed z, y, x; ``inside`` may be a mask of labels."""
    image, mask = sitk.GetImageFromArray(values), sitk.GetImageFromArray(inside.astype(np.uint8))
    for each in (image, mask):
        each.SetSpacing(spacing)
        each.SetOrigin((5.0, -3.0, 1.0))
    how = {"discretise": {"kind": "bin_width", "width": WIDTH}, **changes}
    return extract_case(image, mask, label, ExtractionSettings(**how), ENGINE)


def same(found, expected):
    """Every number is the same to the last bit, and NaN only where the other is."""
    np.testing.assert_equal(found, expected)


def close(found, expected, relative):
    assert found == pytest.approx(expected, rel=relative, abs=1e-12, nan_ok=True)


def texture(found):
    return {name: value for name, value in found.items() if parse(name).family in TEXTURE}


def within(array, grid, at):
    """Return an array in a larger one of zeros."""
    larger = np.zeros(grid, array.dtype)
    larger[tuple(slice(a, a + n) for a, n in zip(at, array.shape, strict=True))] = array
    return larger


@few
@given(volumes(), st.tuples(*[st.integers(0, 5)] * 3))
def test_translation(volume, at):
    grid = tuple(n + 5 for n in volume[0].shape)
    moved = (within(array, grid, at) for array in volume)
    same(features(*moved), features(*volume))


@few
@given(volumes(), st.tuples(*[st.integers(0, 3)] * 3))
def test_translation_of_filtered_images(volume, at):
    """Filters see the surroundings, which move along; farther than they reach is the border."""
    values, inside = volume
    filters = ["original", "gradient", {"kind": "wavelet", "family": "coif1", "level": 2}]
    grid = tuple(n + 30 for n in values.shape)
    first, second = (
        features(within(values, grid, place), within(inside, grid, place), filters=filters)
        for place in ((13, 13, 13), tuple(13 + a for a in at))
    )
    same(first, second)


@few
@given(volumes(), st.tuples(*[st.integers(0, 3)] * 3))
def test_translation_of_a_cropped_image(volume, at):
    """The Laplacian's recursion has no reach: what is cropped around the region is all it sees."""
    near = [np.pad(array, 4) for array in volume]
    grid = tuple(n + 5 for n in near[0].shape)
    beyond = np.random.default_rng(1).integers(-500, 500, grid).astype(np.int16)
    how = {"crop": {"pad_voxels": 4}, "filters": [{"kind": "log", "sigma_mm": [1.2]}, "wavelet"]}
    first, second = (
        features(
            np.where(
                within(np.ones_like(near[1]), grid, place), within(near[0], grid, place), beyond
            ),
            within(near[1], grid, place),
            **how,
        )
        for place in ((0, 0, 0), at)
    )
    same(first, second)


TURNS = [(axes, flips) for axes in permutations(range(3)) for flips in product((1, -1), repeat=3)]


@few
@given(volumes(), st.sampled_from(TURNS))
def test_rotation_and_mirror(volume, turn):
    """All 48 ways to lay a volume of cubic voxels: directions are averaged."""
    axes, flips = turn
    view = tuple(slice(None, None, step) for step in flips)
    turned = (np.ascontiguousarray(array.transpose(axes)[view]) for array in volume)
    unshaped = {"classes": ["firstorder", *TEXTURE]}
    spacing = (1.5, 1.5, 1.5)
    close(features(*turned, spacing, **unshaped), features(*volume, spacing, **unshaped), 1e-9)


@pytest.mark.parametrize("turn", TURNS)
def test_shape_under_rotation_and_mirror(turn):
    """Diameters in planes change places; a smooth surface has the same mesh from all sides."""
    axes, flips = turn
    z, y, x = np.indices((9, 12, 14))
    inside = ((z - 4) / 3.4) ** 2 + ((y - 5) / 4.3) ** 2 + ((x - 6 - 0.3 * y) / 4.1) ** 2 <= 1
    turned = np.ascontiguousarray(inside.transpose(axes)[tuple(np.s_[::f] for f in flips)])
    found, expected = (
        features(i.astype(np.int16), i, (2.0, 2.0, 2.0), classes=["shape"])
        for i in (turned, inside)
    )
    planes = [name for name in expected if "Maximum2D" in name]
    for values in (found, expected):
        values.update(zip(planes, sorted(values[name] for name in planes), strict=True))
    close(found, expected, 1e-12)


POWERS = {
    **dict.fromkeys(("Energy", "TotalEnergy", "Variance"), 2),
    **dict.fromkeys(("Skewness", "Kurtosis", "Entropy", "Uniformity"), 0),
}
"""Powers of a factor on the grey values by which first-order features grow; else 1."""


@few
@given(volumes(), st.integers(-4, 4))
def test_scaled_grey_values_in_scaled_bins(volume, exponent):
    """By a power of two, so that nothing is rounded and no voxel changes its bin."""
    values, inside = volume
    factor = 2.0**exponent
    bins = {"kind": "bin_width", "width": WIDTH * factor}
    found = features(values * factor, inside, discretise=bins)
    expected = features(values.astype(float), inside)
    same(texture(found), texture(expected))
    for name in expected:
        _, family, feature = parse(name)
        if family == "firstorder":
            expected[name] *= factor ** POWERS.get(feature, 1)
    close(found, expected, 1e-12)


@few
@given(volumes(), st.integers(-30, 30))
def test_grey_values_moved_by_whole_bins(volume, bins):
    values, inside = volume
    moved = bins * int(WIDTH)
    found, expected = features(values + np.int16(moved), inside), features(values, inside)
    same(texture(found), texture(expected))
    for feature in ("Mean", "Median", "Minimum", "Maximum", "10Percentile", "90Percentile"):
        expected[f"original_firstorder_{feature}"] += moved
    for feature in ("Energy", "TotalEnergy", "RootMeanSquared"):
        expected[f"original_firstorder_{feature}"] = found[f"original_firstorder_{feature}"]
    close(found, expected, 1e-9)


@few
@given(volumes(), st.integers(0, 2**32 - 1))
def test_voxels_outside_the_region_do_not_matter(volume, seed):
    values, inside = volume
    noise = np.random.default_rng(seed).integers(-3000, 3000, values.shape).astype(np.int16)
    same(features(np.where(inside, values, noise), inside), features(values, inside))


@few
@given(volumes(), st.permutations([1, 2, 3, 5, 200]))
def test_numbers_of_labels_and_other_regions_do_not_matter(volume, labels):
    values, inside = volume
    mask = np.zeros(values.shape, np.uint8)
    mask[~inside] = np.array([0, *labels[1:]])[values[~inside] % len(labels)]
    mask[inside] = labels[0]
    same(features(values, mask, label=labels[0]), features(values, inside))


VARIED = [
    {},
    {"filters": ["wavelet", {"kind": "log", "sigma_mm": [1.5]}], "distances": [1, 2]},
    {"resample": {"spacing_mm": [1, 1, 1]}, "force_2d": "coronal", "weighting": "euclidean"},
    {"normalise": {"kind": "z_score", "scale": 50}, "filters": ["gradient", "exponential"]},
]


@pytest.fixture(scope="module")
def cases():
    """Volumes of several sizes, so that what one leaves behind would show in another."""
    rng = np.random.default_rng(5)
    found = []
    for shape in ((10, 12, 14), (6, 20, 9), (12, 7, 8)):
        values = rng.integers(0, 200, shape).astype(np.int16)
        found.append((values, rng.random(shape) < 0.8))
    return found


@pytest.fixture(scope="module")
def jobs(cases):
    """Every case with every setting, and its features."""
    return [((case, how), features(*case, **how)) for how in VARIED for case in cases]


def test_the_same_again_with_other_cases_between(jobs):
    for (case, how), expected in [*jobs, *jobs[::-1]]:
        same(features(*case, **how), expected)


def test_cases_side_by_side_in_threads(jobs):
    jobs = jobs * 2
    with ThreadPoolExecutor(4) as threads:
        found = threads.map(lambda job: features(*job[0][0], **job[0][1]), jobs)
        for one, (_, expected) in zip(found, jobs, strict=True):
            same(one, expected)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_the_number_of_threads_does_not_matter(jobs, n):
    before = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads(), numba.get_num_threads()
    try:
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(n)
        numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))
        with threadpool_limits(n):
            found = [features(*case, **how) for (case, how), _ in jobs]
    finally:
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(before[0])
        numba.set_num_threads(before[1])
    for one, (_, expected) in zip(found, jobs, strict=True):
        same(one, expected)
