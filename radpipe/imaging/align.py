"""A mask that lies on another grid than its image: is the region in it, and brought to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from radpipe.core.errors import CaseError, Fault
from radpipe.imaging.resample import bounding_box
from radpipe.imaging.volume import Geometry, geometry_of

if TYPE_CHECKING:
    import SimpleITK as sitk

SLACK = 1e-3
"""How far, in voxels, rounding may put the region beyond the image (PyRadiomics' tolerance)."""


def check_inside(
    image: Geometry, region: sitk.Image, image_name: str = "image", mask_name: str = "mask"
) -> None:
    """Check that a region's bounding box lies within an image's outer corners.

    As in PyRadiomics, two opposite corners stand for the box.

    Parameters
    ----------
    image : Geometry
        The image's grid.
    region : sitk.Image
        Not 0 in the region, which is not empty.
    image_name, mask_name : str
        What they are called in messages.

    Raises
    ------
    CaseError
        With the voxels of the image that the region reaches over.
    """
    import SimpleITK as sitk

    grid = geometry_of(region)
    box = bounding_box(sitk.GetArrayViewFromImage(region) != 0)[::-1]
    corners = np.array([[part.start for part in box], [part.stop for part in box]]) - 0.5
    places = np.array([_index(image, _point(grid, corner)) for corner in corners])
    low, high = places.min(axis=0), places.max(axis=0)
    if np.all(low >= -0.5 - SLACK) and np.all(high <= np.array(image.size) - 0.5 + SLACK):
        return
    reach = ", ".join(f"{a + 0.5:.4g} to {b + 0.5:.4g}" for a, b in zip(low, high, strict=True))
    raise CaseError(
        Fault(
            mask_name,
            f"the region reaches beyond {image_name}: over its voxels {reach} (x, y, z)",
            "give the image that the mask was drawn on",
            allowed=", ".join(f"0 to {n}" for n in image.size),
        )
    )


def onto_grid_of(image: sitk.Image, mask: sitk.Image, mask_name: str = "mask") -> sitk.Image:
    """Return a region on an image's grid, by its nearest neighbour.

    Raises
    ------
    CaseError
        Where no voxel of it is left.
    """
    import SimpleITK as sitk

    found = sitk.Resample(mask, image, sitk.Transform(), sitk.sitkNearestNeighbor)
    if not sitk.GetArrayViewFromImage(found).any():
        cure = "draw the region on this image, or exclude the case"
        where = "no voxel of the region is left on the image's grid"
        raise CaseError(Fault(mask_name, where, cure))
    return found


def _point(grid: Geometry, index: np.ndarray) -> np.ndarray:
    """Return where a place in voxels lies in mm."""
    return np.array(grid.origin) + _axes(grid) @ index


def _index(grid: Geometry, point: np.ndarray) -> np.ndarray:
    """Return where a place in mm lies in voxels."""
    return np.linalg.solve(_axes(grid), point - np.array(grid.origin))


def _axes(grid: Geometry) -> np.ndarray:
    n = len(grid.size)
    return np.reshape(grid.direction, (n, n)) * np.array(grid.spacing)
