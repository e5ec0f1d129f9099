"""A pair of volumes whose mask, and image where noise is asked for, are changed at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from radpipe.imaging.align import onto_grid_of
from radpipe.imaging.axes import as_volume, check_axes, one_channel, with_axes_of
from radpipe.imaging.perturb import Perturbation, changed_mask, with_noise
from radpipe.imaging.volume import check_finite, geometry_of, region

if TYPE_CHECKING:
    import SimpleITK as sitk


def perturbed(
    image: sitk.Image,
    mask: sitk.Image,
    label: int,
    channels: tuple[int | None, int],
    how: Perturbation,
    names: tuple[str, str] = ("image", "mask"),
) -> tuple[sitk.Image, sitk.Image]:
    """Return the pair changed: grey values of one channel, and the region alone.

    Parameters
    ----------
    image, mask : sitk.Image
        Volumes or pictures, on one grid or on two.
    label : int
        Value of the region in the mask, and in the one that is returned.
    channels : (int or None, int)
        Those of image and mask that are meant.
    how : Perturbation
        What is changed.
    names : (str, str)
        Files, for messages.

    Raises
    ------
    CaseError
        Where the region is not there, or the pair cannot be read as one.
    """

    check_axes(image, names[0])
    check_axes(mask, names[1])
    grey = one_channel(image, channels[0], names[0])
    own = with_axes_of(one_channel(mask, channels[1], names[1]), grey)
    check_finite(grey, names[0])
    binary = region(own, label, names[1])
    seen = grey if geometry_of(own) == geometry_of(grey) else _sampled(grey, own)
    changed = changed_mask(_array(seen), _array(binary) == 1, _spacing(own), how)
    mask = _like(changed.astype(np.int32) * label, own)
    if how.noise:
        here = binary if seen is grey else onto_grid_of(grey, binary, names[1])
        grey = _like(with_noise(_array(grey), _array(here) == 1, _spacing(grey), how), grey)
    return grey, mask


def _sampled(image: sitk.Image, mask: sitk.Image) -> sitk.Image:
    """Return the image on the mask's grid, where a border is redrawn along it."""
    import SimpleITK as sitk

    return sitk.Resample(image, mask, sitk.Transform(), sitk.sitkLinear)


def _array(image: sitk.Image) -> np.ndarray:
    """Return the voxels of a volume or a picture, shape (z, y, x)."""
    import SimpleITK as sitk

    return sitk.GetArrayFromImage(as_volume(image))


def _spacing(image: sitk.Image) -> tuple[float, float, float]:
    """Return the voxel size along z, y, x."""
    z, y, x = as_volume(image).GetSpacing()[::-1]
    return float(z), float(y), float(x)


def _like(values: np.ndarray, image: sitk.Image) -> sitk.Image:
    """Return an array as an image on the grid of another."""
    import SimpleITK as sitk

    found = sitk.GetImageFromArray(values.reshape(image.GetSize()[::-1]))
    found.CopyInformation(image)
    return found
