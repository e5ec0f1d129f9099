"""Awkward regions and images: PyRadiomics' numbers where it has some, and one line where not."""

import math

import numpy as np
import pytest
import SimpleITK as sitk
from features_oracle import check_equal, native, to_image

from radpipe.core.errors import CaseError
from radpipe.features.settings import ExtractionSettings

PLAIN = {"features": {"glcm": ["Id", "Contrast", "MCC"]}}
FILTERED = {
    "resample": {"spacing_mm": [1.5, 1.5, 1.5]},
    "filters": ["original", {"kind": "log", "sigma_mm": [1.0, 2.0]}, "wavelet"],
    "classes": ["shape", "firstorder", "glszm"],
}
UNSAMPLED = {"filters": ["wavelet", {"kind": "log", "sigma_mm": [2.0]}], "classes": ["firstorder"]}
EVERY = {"plain": PLAIN, "filtered": FILTERED, "filtered, not resampled": UNSAMPLED}


def like(pair, array):
    """Return an array as an image on the grid of a pair."""
    image = sitk.GetImageFromArray(array)
    image.CopyInformation(pair[0])
    return image


def part(ball, *where, label=3):
    """Return a mask of the voxels at each of some places (z, y, x)."""
    mask = np.zeros_like(ball)
    for place in where:
        mask[place] = label
    return mask


def refusal(image, mask, settings=PLAIN, label=3):
    """Return why a case is refused, which is one line."""
    with pytest.raises(CaseError) as caught:
        native(image, mask, ExtractionSettings(**settings), label)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("settings", EVERY)
@pytest.mark.parametrize("side", ["first", "last"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_region_at_each_side_of_the_image(axis, side, settings, pair, ball):
    edge = slice(0, 5) if side == "first" else slice(-5, None)
    where = [slice(5, 11), slice(6, 14), slice(6, 15)]
    where[axis] = edge
    check_equal(pair[0], like(pair, part(ball, tuple(where))), EVERY[settings])


@pytest.mark.parametrize("settings", EVERY)
def test_a_region_that_is_the_whole_image(settings, pair, ball):
    check_equal(pair[0], like(pair, np.full_like(ball, 3)), EVERY[settings])


@pytest.mark.parametrize("settings", EVERY)
def test_unequal_spacing(settings, values, ball):
    spacing = (0.51, 0.73, 3.3)
    check_equal(to_image(values, spacing), to_image(ball, spacing), EVERY[settings])


@pytest.mark.parametrize("settings", EVERY)
def test_an_oblique_grid(settings, pair):
    direction = sitk.Euler3DTransform((0, 0, 0), 0.3, -0.2, 0.7).GetMatrix()
    image, mask = (sitk.Image(one) for one in pair)
    image.SetDirection(direction)
    mask.SetDirection(direction)
    check_equal(image, mask, EVERY[settings])


def test_one_label_of_several(pair, ball):
    both = ball.copy()
    both[1:5, 1:6, 1:8] = 7
    both[12:, 15:, 18:] = 1
    found = check_equal(pair[0], like(pair, both), FILTERED)
    assert found == native(*pair, ExtractionSettings(**FILTERED))


@pytest.mark.parametrize("settings", ["plain", "filtered"])
def test_holes_and_several_components(settings, pair, ball):
    holed = ball.copy()
    holed[7:9, 9:11, 11:13] = 0
    holed[2:5, 2:5, 2:5] = 3
    holed[14, 18, 22] = 3
    check_equal(pair[0], like(pair, holed), EVERY[settings])


@pytest.mark.parametrize(
    "bins", [{"kind": "bin_width", "width": 25}, {"kind": "bin_count", "count": 8}]
)
def test_a_region_of_one_grey_level(bins, pair, ball):
    grey = sitk.GetArrayFromImage(pair[0])
    grey[ball > 0] = 125
    found = check_equal(like(pair, grey), pair[1], {"discretise": bins})
    assert found["original_firstorder_Variance"] == 0
    assert not any(math.isinf(value) for value in found.values())


SMALL = {
    "two voxels": [(8, 8, slice(8, 10))],
    "two voxels, corner to corner": [(8, 8, 8), (9, 9, 9)],
    "two voxels far apart": [(3, 3, 3), (12, 15, 18)],
    "a line": [(8, 8, slice(3, 12))],
    "a slanted line": [(5, 5, 5), (6, 6, 6), (7, 7, 7), (8, 8, 8)],
    "a slice": [(8, slice(4, 14), slice(5, 16))],
    "a coronal slice": [(slice(4, 12), 9, slice(5, 16))],
    "a sagittal slice": [(slice(4, 12), slice(5, 16), 9)],
}


@pytest.mark.parametrize("name", SMALL)
def test_small_regions(name, pair, ball):
    mask = like(pair, part(ball, *SMALL[name]))
    check_equal(pair[0], mask, {"minimum_dimensions": 1})
    check_equal(pair[0], mask, {**FILTERED, "minimum_dimensions": 1})


def test_one_voxel_and_a_line_are_refused(pair, ball):
    one, line = (like(pair, part(ball, where)) for where in ((8, 8, 8), (8, 8, slice(3, 9))))
    assert "single voxel" in refusal(pair[0], one)
    assert "single voxel" in refusal(pair[0], one, {"minimum_dimensions": 1})
    assert "along 1 axis only" in refusal(pair[0], line)
    assert "8 voxels" in refusal(
        pair[0], like(pair, part(ball, (slice(4), slice(2), 1))), {"minimum_voxels": 8}
    )


def test_a_region_that_resampling_loses(pair, ball):
    settings = {"resample": {"spacing_mm": [9, 9, 9]}, "minimum_dimensions": 1}
    lost = like(pair, part(ball, (slice(8, 10), slice(8, 10), slice(8, 10))))
    said = refusal(pair[0], lost, settings)
    assert "no voxel of the region is left" in said or "single voxel" in said


def test_values_that_are_no_numbers(pair):
    for value in (math.nan, math.inf, -math.inf):
        image = sitk.Cast(pair[0], sitk.sitkFloat32)
        image[0, 0, 0] = value
        assert "NaN or infinite voxels: 1 of 7680" in refusal(image, pair[1])


def test_an_image_of_one_slice(values, ball):
    image, mask = to_image(values[8:9]), to_image(ball[8:9])
    check_equal(image, mask, {"filters": ["original", "wavelet"]})
    check_equal(image, mask, {"force_2d": "axial", "classes": ["shape", "shape2D", "glcm"]})


def test_more_grey_levels_than_allowed_on_a_filtered_image(pair):
    fine = {"kind": "bin_width", "width": 0.05}
    said = refusal(*pair, {"discretise": fine})
    assert "grey levels of original" in said
    assert "allowed: up to 4096" in said
    filtered = {"filters": ["original", {"kind": "wavelet", "discretise": fine}]}
    assert "grey levels of wavelet-" in refusal(*pair, filtered)
    flat = like(pair, np.full((16, 20, 24), 5, np.int16))
    assert "same value everywhere" in refusal(flat, pair[1], {"normalise": "z_score"})


class TestMemory:
    """What would not fit is refused before it is tried."""

    def test_a_grid_of_tiny_voxels(self, pair):
        said = refusal(*pair, {"resample": {"spacing_mm": [0.001, 0.001, 0.001]}})
        assert "a grid of 11011 x 11011 x 18011 voxels needs about" in said
        assert "give resample.spacing_mm larger voxels" in said

    def test_a_small_region_of_a_large_image_is_not_refused(self, pair, ball, monkeypatch):
        monkeypatch.setattr("radpipe.features.size.free", lambda: 1_000_000)
        monkeypatch.setattr("radpipe.core.memory.free", lambda: 1_000_000)
        small = like(pair, part(ball, (slice(7, 9), slice(9, 11), slice(9, 11))))
        settings = ExtractionSettings(resample={"spacing_mm": [0.5] * 3}, classes=["shape"])
        assert native(pair[0], small, settings)

    def test_matrices_of_many_levels_and_directions(self, pair, monkeypatch):
        monkeypatch.setattr("radpipe.core.memory.free", lambda: 10_000_000)
        many = {"discretise": {"kind": "bin_count", "count": 2000}, "distances": [1, 2]}
        assert "2000 grey levels in 62 directions" in refusal(*pair, many)
        assert "in 13 directions" in refusal(
            *pair, {"discretise": {"kind": "bin_width", "width": 0.1}}
        )
        few = ExtractionSettings(classes=["shape", "firstorder", "glszm"], **many)
        assert native(*pair, few)

    def test_a_sphere_of_many_points(self, pair):
        points = {"kind": "lbp_3d", "subdivision": 14}
        assert "lbp_3d with 2684354562 points" in refusal(*pair, {"filters": [points]})
