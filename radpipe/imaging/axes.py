"""What an image is made of: its axes, and the channels of its voxels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from radpipe.core.errors import CaseError, Fault
from radpipe.imaging.volume import Geometry, geometry_of

if TYPE_CHECKING:
    import SimpleITK as sitk


def axes_fault(size: tuple[int, ...], name: str) -> Fault | None:
    """Return what is wrong with the number of axes of an image; None where nothing is.

    Parameters
    ----------
    size : tuple of int
        Voxels along every axis.
    name : str
        What the image is called in messages.
    """
    if len(size) in (2, 3):
        return None
    found = f"has {len(size)} dimensions ({' x '.join(str(n) for n in size)})"
    if len(size) < 2:
        return Fault(name, found, "give an image", allowed="2 or 3")
    number = math.prod(size[3:])
    found = f"{found}, a series of {number} volumes"
    cure = f"save the one of the {number} volumes that is meant in a file of its own"
    return Fault(name, found, cure, allowed="2 or 3")


def channel_fault(channels: int, channel: int | None, name: str) -> Fault | None:
    """Return what is wrong with the channel that is asked for; None where nothing is.

    Parameters
    ----------
    channels : int
        Values that a voxel has.
    channel : int or None
        Which of them, from 0; None where nobody says.
    name : str
        What the image is called in messages.
    """
    allowed = f"0 to {channels - 1}" if channels > 1 else "0"
    if channels > 1 and channel is None:
        found = f"has {channels} values a voxel (colour, or a vector)"
        cure = "choose one (channel: 0, or --channel 0), or save the grey values"
        return Fault(name, found, cure, allowed=allowed)
    if channel is not None and channel >= channels:
        count = f"{channels} channel{'s' if channels > 1 else ''}"
        return Fault(name, f"has {count}, and not the channel {channel}", "correct it", allowed)
    return None


def one_channel(image: sitk.Image, channel: int | None, name: str = "image") -> sitk.Image:
    """Return one channel of an image; grey values are returned as they are.

    Raises
    ------
    CaseError
        Where there are several and none is chosen, or not the one that is.
    """
    channels = image.GetNumberOfComponentsPerPixel()
    fault = channel_fault(channels, channel, name)
    if fault is not None:
        raise CaseError(fault)
    if not _is_vector(image):
        return image
    import SimpleITK as sitk

    return sitk.VectorIndexSelectionCast(image, channel or 0)


def _is_vector(image: sitk.Image) -> bool:
    """Return whether an image is stored as vectors, were it of one value."""
    return "vector" in image.GetPixelIDTypeAsString()


def check_axes(image: sitk.Image, name: str = "image") -> None:
    """Check that an image has two or three axes.

    Raises
    ------
    CaseError
        With the number of volumes of a series.
    """
    fault = axes_fault(image.GetSize(), name)
    if fault is not None:
        raise CaseError(fault)


def as_volume(image: sitk.Image) -> sitk.Image:
    """Return an image of two axes as one slice, 1 mm thick; a volume as it is."""
    import SimpleITK as sitk

    return sitk.JoinSeries([image]) if image.GetDimension() == 2 else image


def geometry_like(mask: Geometry, image: Geometry) -> Geometry:
    """Return a mask's grid with as many axes as its image has.

    A picture of two axes and a volume of one slice belong together (editors of masks write
    volumes); what the slice's axis says is then the image's. Any other grid is returned as it is.
    """
    axes = (len(image.size), len(mask.size))
    if axes == (2, 3) and mask.size[2] == 1:
        turn = np.reshape(mask.direction, (3, 3))[:2, :2]
        parts = (mask.size[:2], mask.spacing[:2], mask.origin[:2])
        return Geometry(*parts, tuple(float(v) for v in turn.ravel()))
    if axes == (3, 2) and image.size[2] == 1:
        whole = np.reshape(image.direction, (3, 3)).copy()
        whole[:2, :2] = np.reshape(mask.direction, (2, 2))
        return Geometry(
            (*mask.size, 1),
            (*mask.spacing, image.spacing[2]),
            (*mask.origin, image.origin[2]),
            tuple(float(v) for v in whole.ravel()),
        )
    return mask


def with_axes_of(mask: sitk.Image, image: sitk.Image) -> sitk.Image:
    """Return a mask with the grid of :func:`geometry_like`."""
    import SimpleITK as sitk

    grid = geometry_like(geometry_of(mask), geometry_of(image))
    if len(grid.size) == mask.GetDimension():
        return mask
    found = sitk.GetImageFromArray(sitk.GetArrayViewFromImage(mask).reshape(grid.size[::-1]))
    found.SetSpacing(grid.spacing)
    found.SetOrigin(grid.origin)
    found.SetDirection(grid.direction)
    return found
