"""Masks and images that are changed at random, by as much as was asked for."""

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from radpipe.core.errors import CaseError
from radpipe.imaging.perturb import (
    Perturbation,
    changed_mask,
    moved,
    noise_level,
    redrawn,
    resized,
    with_noise,
)
from radpipe.imaging.perturbed import perturbed
from radpipe.imaging.supervoxels import supervoxels

NOTHING = Perturbation(0, 0, 0, False, 0, 7)
ALL = Perturbation(3, 30, 0.4, True, 1, 7)
SPACING = (3.0, 1.0, 1.0)


def ball(radius=12.0, shape=(16, 44, 44), spacing=SPACING):
    at = [np.arange(n) - (n - 1) / 2 for n in shape]
    z, y, x = np.meshgrid(*at, indexing="ij")
    mm = np.asarray(spacing)
    return (z * mm[0]) ** 2 + (y * mm[1]) ** 2 + (x * mm[2]) ** 2 < radius**2


def grey(shape=(16, 44, 44), seed=0):
    return np.random.default_rng(seed).normal(100, 10, shape)


@pytest.mark.parametrize("share", [-0.9, -0.25, -0.01, 0.01, 0.25, 0.9])
def test_the_volume_changes_as_asked_from_the_border(share):
    mask = ball()
    found = resized(mask, SPACING, share, np.random.default_rng(0))
    assert found.sum() == mask.sum() + round(share * mask.sum())
    inner, outer = (mask, found) if share > 0 else (found, mask)
    assert not (inner & ~outer).any()
    rim = np.argwhere(found != mask)
    r = np.linalg.norm((rim - (np.array(mask.shape) - 1) / 2) * SPACING, axis=1)
    assert r.min() >= 12 * 0.4 if share < 0 else r.max() < 12 * 1.5


def test_a_shift_moves_the_centre_and_keeps_the_volume():
    mask = ball()
    found = moved(mask, SPACING, np.array([3.0, -4.0, 2.0]), 0.0)
    step = (np.argwhere(found).mean(axis=0) - np.argwhere(mask).mean(axis=0)) * SPACING
    assert step == pytest.approx([3.0, -4.0, 2.0])
    assert found.sum() == mask.sum()


def test_a_turn_goes_about_the_centre_in_millimetres():
    mask = np.zeros((3, 41, 81), dtype=bool)
    mask[:, 17:24, 20:61] = True  # 7 mm wide, and 41 voxels of 0.5 mm long
    found = moved(mask, (3.0, 1.0, 0.5), np.zeros(3), 90.0)
    rows, columns = found[1].any(axis=1).sum() * 1.0, found[1].any(axis=0).sum() * 0.5
    assert (rows, columns) == (pytest.approx(20.5, abs=1.5), pytest.approx(7, abs=1))
    assert np.argwhere(found).mean(axis=0) == pytest.approx([1, 20, 40], abs=0.3)


def test_amounts_are_drawn_within_their_limits_and_nothing_else_changes():
    mask, image = ball(), grey()
    volumes, steps = [], []
    for seed in range(12):
        how = replace(NOTHING, volume_fraction=0.3, seed=seed)
        volumes.append(changed_mask(image, mask, SPACING, how).sum() / mask.sum() - 1)
        found = changed_mask(image, mask, SPACING, replace(NOTHING, shift_mm=4, seed=seed))
        steps.append(np.argwhere(found).mean(axis=0) - np.argwhere(mask).mean(axis=0))
    assert np.abs(volumes).max() <= 0.3005
    assert min(volumes) < -0.05
    assert max(volumes) > 0.05
    assert np.abs(steps * np.asarray(SPACING)).max() < 5
    assert np.ptp(steps, axis=0)[1:].min() > 2
    np.testing.assert_array_equal(changed_mask(image, mask, SPACING, NOTHING), mask)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 9, 9), (5, 6, 7)])
def test_no_region_is_ever_lost(shape):
    image = grey(shape)
    mask = np.zeros(shape, dtype=bool)
    mask[-1, -1, -1] = True
    for seed in range(20):
        how = Perturbation(8, 90, 0.9, True, 1, seed)
        assert changed_mask(image, mask, SPACING, how).any()


def test_the_seed_decides_and_one_step_moves_no_other():
    mask, image = ball(), grey()
    first = changed_mask(image, mask, SPACING, ALL)
    np.testing.assert_array_equal(first, changed_mask(image, mask, SPACING, ALL))
    assert (first != changed_mask(image, mask, SPACING, replace(ALL, seed=8))).any()
    silent = changed_mask(image, mask, SPACING, replace(ALL, noise=0))
    np.testing.assert_array_equal(first, silent)


def test_a_border_goes_along_what_the_image_shows():
    mask = ball(10)
    image = grey() / 20 + 100 * ball(14)  # the mask is drawn too small
    found = redrawn(image, ball(13.5), SPACING, np.random.default_rng(1))
    assert found.any()
    assert (found & ~ball(16)).sum() < 0.02 * found.sum()
    pieces = supervoxels(image, SPACING)
    assert set(np.unique(pieces)) == set(range(pieces.max() + 1))
    inside = np.bincount(pieces.ravel(), ball(14).ravel()) / np.bincount(pieces.ravel())
    assert ((inside < 0.1) | (inside > 0.9)).mean() > 0.95
    assert mask.sum() < found.sum()


def test_noise_is_measured_and_added_in_its_own_measure():
    ramp = np.add.outer(np.arange(20.0), np.add.outer(np.arange(60.0), np.arange(60.0)))
    image = ramp + np.random.default_rng(3).normal(0, 5, ramp.shape)
    assert noise_level(image) == pytest.approx(5, rel=0.05)
    assert noise_level(ramp) == pytest.approx(0, abs=1e-9)
    mask = np.zeros(image.shape, dtype=bool)
    mask[8:12, 20:40, 20:40] = True
    found = with_noise(image, mask, (1, 1, 1), replace(NOTHING, noise=2))
    assert (found - image).std() == pytest.approx(10, rel=0.08)
    air = np.where(ramp > 60, image, 0.0)  # most of it without noise
    mask = np.zeros(image.shape, dtype=bool)
    mask[15:18, 50:58, 50:58] = True
    assert (with_noise(air, mask, (1, 1, 1), replace(NOTHING, noise=1)) - air).std() > 4


def volume(array, spacing=(1.0, 1.0, 3.0), origin=(5.0, -7.0, 2.0)):
    found = sitk.GetImageFromArray(array)
    found.SetSpacing(spacing)
    found.SetOrigin(origin)
    return found


def test_a_pair_keeps_its_grids_and_its_label():
    image, mask = volume(grey().astype(np.float32)), volume(ball().astype(np.uint8) * 3)
    own_grid = sitk.Crop(mask, [4, 4, 1], [4, 4, 1])
    for given in (mask, own_grid):
        seen, found = perturbed(image, given, 3, (None, 0), ALL)
        assert seen.GetSize() == image.GetSize()
        assert found.GetSize() == given.GetSize()
        assert found.GetOrigin() == pytest.approx(given.GetOrigin())
        assert set(np.unique(sitk.GetArrayFromImage(found))) == {0, 3}
        assert (sitk.GetArrayFromImage(seen) != sitk.GetArrayFromImage(image)).all()
    quiet, _ = perturbed(image, mask, 3, (None, 0), replace(ALL, noise=0))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(quiet), sitk.GetArrayFromImage(image))
    with pytest.raises(CaseError, match="label 2 is not in the mask"):
        perturbed(image, mask, 2, (None, 0), ALL)


def test_a_picture_and_one_channel_of_colours():
    flat = volume(grey()[5].astype(np.float32), (1.0, 1.0), (0.0, 0.0))
    colours = sitk.Compose([flat * 2, flat])
    mask = volume(ball()[8].astype(np.uint8), (1.0, 1.0), (0.0, 0.0))
    seen, found = perturbed(colours, mask, 1, (1, 0), ALL)
    assert seen.GetDimension() == found.GetDimension() == 2
    assert seen.GetNumberOfComponentsPerPixel() == 1
    assert sitk.GetArrayFromImage(seen).mean() == pytest.approx(100, abs=2)
    assert sitk.GetArrayFromImage(found).any()
