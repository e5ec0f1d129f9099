"""Gradient magnitude."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import SimpleITK as sitk

REACH = 1
"""How many voxels away a central difference looks."""


def gradient(
    image: sitk.Image, use_spacing: bool = True, box: Sequence[slice] | None = None
) -> sitk.Image:
    """Return the length of the gradient by central differences, as ITK and PyRadiomics compute it.

    Beyond the image's edge its last voxel goes on. Direction cosines turn the gradient and do not
    change its length. The result is float32 for every type of image.

    Parameters
    ----------
    image : sitk.Image
        Scalar.
    use_spacing : bool
        Differences per mm; otherwise per voxel.
    box : sequence of slice, optional
        The part to compute, z, y, x; every number in it is that of the whole image.

    Returns
    -------
    sitk.Image
        On the grid of the image, or of the box.
    """
    import SimpleITK as sitk

    steepness = sitk.GradientMagnitudeImageFilter()
    steepness.SetUseImageSpacing(use_spacing)
    if box is None:
        return steepness.Execute(image)
    around, inside = [], []
    for part, size in zip(reversed(box), image.GetSize(), strict=True):
        start, stop, _ = part.indices(size)
        first = max(start - REACH, 0)
        around.append(slice(first, min(stop + REACH, size)))
        inside.append(slice(start - first, stop - first))
    return steepness.Execute(image[tuple(around)])[tuple(inside)]
