"""Masks on another grid than their image: refused with the cure, or brought to it."""

import numpy as np
import pytest
import SimpleITK as sitk
from features_oracle import differences, native, pyradiomics, to_image

from radpipe.core.errors import CaseError
from radpipe.features.case import extract_case
from radpipe.features.settings import ExtractionSettings

CHEAP = {"classes": ["shape", "firstorder", "glcm"]}
RESAMPLED = {
    **CHEAP,
    "resample": {"spacing_mm": [1.5, 1.5, 1.5]},
    "filters": ["original", {"kind": "log", "sigma_mm": [1.0]}],
}
OWN_SPACING = {**CHEAP, "resample": {"spacing_mm": [1, 1, 2]}}
LINEAR = {**CHEAP, "resample": {"spacing_mm": [2, 2, 0], "interpolator": "linear"}}
CROPPED = {**CHEAP, "crop": {"pad_voxels": 2}, "filters": ["wavelet"]}
EVERY = {
    "as it is": CHEAP,
    "resampled": RESAMPLED,
    "to the image's own spacing": OWN_SPACING,
    "linear, in the plane": LINEAR,
    "cropped": CROPPED,
}


def moved(image, change):
    """Return a copy of an image with another grid."""
    copy = sitk.Image(image)
    change(copy)
    return copy


def resampled(mask, spacing, shift=0.0, turn=0.0):
    """Return a mask on a grid of its own: other voxels, shifted by mm, turned by radians."""
    grid = sitk.ResampleImageFilter()
    grid.SetOutputSpacing(spacing)
    voxels = zip(mask.GetSize(), mask.GetSpacing(), spacing, strict=True)
    grid.SetSize([int(n * old / new) for n, old, new in voxels])
    grid.SetOutputOrigin([o + shift for o in mask.GetOrigin()])
    turned = sitk.Euler3DTransform((0, 0, 0), 0.0, 0.0, turn).GetMatrix()
    grid.SetOutputDirection(turned if turn else mask.GetDirection())
    grid.SetInterpolator(sitk.sitkNearestNeighbor)
    return grid.Execute(mask)


@pytest.fixture(scope="session")
def masks(pair, ball):
    """Masks of the ball on other grids than its image's."""
    more = np.concatenate([ball, np.zeros_like(ball[:1])])
    small = sitk.RegionOfInterest(pair[1], [14, 13, 12], [6, 4, 3])
    return {
        "one slice more": to_image(more),
        "one slice less": pair[1][:, :, :15],
        "one row less": pair[1][:, 1:, :],
        "cut out": small,
        "coarser": resampled(pair[1], (2.0, 2.0, 2.0)),
        "finer": resampled(pair[1], (0.7, 0.7, 1.5), shift=0.1),
        "turned": resampled(pair[1], (1.0, 1.0, 2.0), turn=0.1),
    }


NAMES = [
    "one slice more",
    "one slice less",
    "one row less",
    "cut out",
    "coarser",
    "finer",
    "turned",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("settings", EVERY)
def test_a_corrected_mask_gives_the_numbers_of_pyradiomics(settings, name, pair, masks, engine):
    chosen = ExtractionSettings(correct_mask=True, **EVERY[settings])
    reference = pyradiomics(pair[0], masks[name], chosen)
    assert differences(native(pair[0], masks[name], chosen), reference) == {}
    theirs = extract_case(pair[0], masks[name], 3, chosen, engine)
    assert differences(theirs, reference) == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_mask_to_whose_spacing_the_image_is_resampled(name, pair, masks, engine):
    spacing = masks[name].GetSpacing()
    chosen = ExtractionSettings(correct_mask=True, resample={"spacing_mm": spacing}, **CHEAP)
    found = native(pair[0], masks[name], chosen)
    assert differences(found, pyradiomics(pair[0], masks[name], chosen)) == {}


@pytest.mark.parametrize("settings", EVERY)
@pytest.mark.parametrize("shift", [3e-4, 0.3])
def test_a_small_difference_within_a_tolerance(settings, shift, pair, engine):
    mask = moved(pair[1], lambda m: m.SetOrigin((3.0 + shift, -7.0, 11.0)))
    chosen = ExtractionSettings(geometry_tolerance=2 * shift, **EVERY[settings])
    reference = pyradiomics(pair[0], mask, chosen)
    for found in (native(pair[0], mask, chosen), extract_case(pair[0], mask, 3, chosen, engine)):
        assert differences(found, reference) == {}


def refusal(image, mask, settings):
    with pytest.raises(CaseError) as caught:
        native(image, mask, ExtractionSettings(**settings))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("settings", EVERY)
def test_without_the_setting_the_cure_is_told(settings, pair, masks):
    said = refusal(pair[0], masks["one slice more"], EVERY[settings])
    assert "one slice more than the image, size (24, 20, 16) and (24, 20, 17)" in said
    assert "set correct_mask: true" in said
    assert "geometry_tolerance" not in said
    said = refusal(pair[0], masks["one row less"], EVERY[settings])
    assert "one row less than the image" in said
    assert "set correct_mask: true" in refusal(pair[0], masks["coarser"], EVERY[settings])
    near = moved(pair[1], lambda m: m.SetOrigin((3.0003, -7.0, 11.0)))
    said = refusal(pair[0], near, EVERY[settings])
    assert "set geometry_tolerance: 0.001 (geometryTolerance), or set correct_mask: true" in said


@pytest.mark.parametrize(("gap", "enough"), [(4e-5, 1e-4), (1e-4, 1e-3), (0.009, 0.01)])
def test_a_proposed_tolerance_is_enough(gap, enough, pair):
    near = moved(pair[1], lambda m: m.SetSpacing((1.0, 1.0, 2.0 + gap)))
    assert f"geometry_tolerance: {enough:g} " in refusal(pair[0], near, CHEAP)
    assert native(pair[0], near, ExtractionSettings(geometry_tolerance=enough, **CHEAP))


@pytest.mark.parametrize("settings", EVERY)
def test_a_region_beyond_the_image_is_refused(settings, pair, engine):
    beyond = moved(pair[1], lambda m: m.SetOrigin((3.0, 5.0, 11.0)))
    chosen = {"correct_mask": True, **EVERY[settings]}
    assert "reaches beyond t1.nii.gz: over its voxels" in refusal(pair[0], beyond, chosen)
    with pytest.raises(ValueError, match="larger than image space"):
        pyradiomics(pair[0], beyond, ExtractionSettings(**chosen))


def test_a_region_that_the_grid_of_the_image_loses(pair, ball):
    fine = np.zeros((160, 200, 240), np.uint8)
    fine[82, 83, 84:86] = 3
    mask = to_image(fine, (0.1, 0.1, 0.2))
    said = refusal(pair[0], mask, {"correct_mask": True, "minimum_dimensions": 1})
    assert "no voxel of the region is left on the image's grid" in said


def test_a_channel_of_a_mask(pair, ball):
    empty = sitk.Image(pair[1]) * 0
    several = sitk.Compose([sitk.Cast(one, sitk.sitkUInt8) for one in (empty, pair[1])])
    chosen = ExtractionSettings(mask_channel=1, **CHEAP)
    found = native(pair[0], several, chosen)
    assert found == native(*pair, ExtractionSettings(**CHEAP))
    assert differences(found, pyradiomics(pair[0], several, chosen)) == {}
    assert "the mask is empty" in refusal(pair[0], several, CHEAP)
    assert "has 2 channels, and not the channel 2" in refusal(
        pair[0], several, {"mask_channel": 2, **CHEAP}
    )


def test_a_channel_of_an_image(pair):
    colour = sitk.Compose([pair[0] * 0, pair[0], pair[0] + 1])
    found = native(colour, pair[1], ExtractionSettings(channel=1, **CHEAP))
    assert found == native(*pair, ExtractionSettings(**CHEAP))
    assert found == native(*pair, ExtractionSettings(channel=0, **CHEAP))
    said = refusal(colour, pair[1], CHEAP)
    assert "has 3 values a voxel" in said
    assert "channel: 0" in said
    assert "allowed: 0 to 2" in said
    assert "not the channel 3" in refusal(colour, pair[1], {"channel": 3, **CHEAP})
    assert "1 channel, and not the channel 1" in refusal(*pair, {"channel": 1, **CHEAP})


def test_a_series_of_volumes(pair):
    series = sitk.JoinSeries([pair[0]] * 5)
    said = refusal(series, pair[1], CHEAP)
    assert "has 4 dimensions (24 x 20 x 16 x 5), a series of 5 volumes" in said
    assert "save the one of the 5 volumes that is meant" in said
