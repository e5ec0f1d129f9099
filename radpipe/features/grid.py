"""The grid that image and mask are resampled to, and how they get there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from radpipe.features.preparation_settings import ResampleSpec
from radpipe.imaging.resample import Box, Grid, bounding_box, grid_around, resample

if TYPE_CHECKING:
    import SimpleITK as sitk

PARALLEL = 1e-10
"""Up to what difference of their direction cosines two grids have the same axes."""


def new_grid(image: sitk.Image, mask: sitk.Image, box: Box, wanted: ResampleSpec) -> Grid | None:
    """Return the grid around a region, or None where the image's own voxels are asked for.

    As in PyRadiomics it has the axes and the corner of the mask's grid, which is the image's
    unless the settings allow another.

    Parameters
    ----------
    image, mask : sitk.Image
        The pair, of three axes.
    box : tuple of 3 slice
        The region's bounding box in the mask.
    wanted : ResampleSpec
        Voxel size and padding.
    """
    grid = grid_around(mask, box, wanted.spacing_mm, wanted.pad_voxels)
    spacing = mask.GetSpacing() if grid is None else grid.spacing
    if np.allclose(image.GetSpacing(), spacing):
        return None
    if grid is not None:
        return grid
    # The mask has the voxels that are asked for, and its image has others.
    part = cropped(mask, around(box, mask, wanted.pad_voxels + 1))
    return Grid(part.GetSize(), part.GetSpacing(), part.GetOrigin(), part.GetDirection())


def grid_size(image: sitk.Image, mask: sitk.Image, wanted: ResampleSpec) -> tuple[int, ...]:
    """Return how many voxels along x, y, z the resampled image has."""
    import SimpleITK as sitk

    from radpipe.imaging.axes import as_volume

    image, mask = as_volume(image), as_volume(mask)
    box = bounding_box(sitk.GetArrayViewFromImage(mask) == 1)
    grid = new_grid(image, mask, box, wanted)
    return image.GetSize() if grid is None else grid.size


def sampled(image: sitk.Image, grid: Grid, interpolator: int) -> sitk.Image:
    """Return ``image`` on ``grid``, whatever the directions of both.

    Parameters
    ----------
    image : sitk.Image
        Scalar.
    grid : Grid
        Where to.
    interpolator : int
        SimpleITK's number of it.
    """
    import SimpleITK as sitk

    if np.allclose(image.GetDirection(), grid.direction, rtol=0, atol=PARALLEL):
        return resample(image, grid, interpolator)
    place = (grid.size, sitk.Transform(), interpolator, grid.origin, grid.spacing, grid.direction)
    return sitk.Resample(image, *place, 0.0, image.GetPixelID())


def around(box: Box, image: sitk.Image, pad: int) -> Box:
    """Return a box with a margin, as far as the image reaches."""
    found = [
        slice(max(0, part.start - pad), min(size, part.stop + pad))
        for part, size in zip(box, image.GetSize()[::-1], strict=True)
    ]
    return tuple(found)  # type: ignore[return-value]


def cropped(image: sitk.Image, box: Box) -> sitk.Image:
    """Return the part of an image in a box."""
    z, y, x = box
    return image[x.start : x.stop, y.start : y.stop, z.start : z.stop]
