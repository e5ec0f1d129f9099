"""Image and mask as a pair: the same grid, a region that is there, values that are numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from radpipe.core.errors import CaseError, Fault

if TYPE_CHECKING:
    import SimpleITK as sitk

TOLERANCE = 1e-6
"""How far two grids may differ: origin and spacing in voxels, direction cosines as they are.

This is ITK's and PyRadiomics' default (``geometryTolerance``)."""

LISTED = 12
"""How many labels a message names."""

SMALL = 0.01
"""Up to what difference, in voxels, a tolerance is proposed: beyond it grids do not fit."""

STEPS = ("column", "row", "slice")
"""What a mask of another size has more or less of, along x, y, z."""


class EmptyRegion(CaseError):
    """A mask without a voxel of the region; a study may allow that."""


@dataclass(frozen=True)
class Geometry:
    """A volume's grid.

    Parameters
    ----------
    size : tuple of int
        Voxels along x, y, z.
    spacing : tuple of float
        Voxel size in mm.
    origin : tuple of float
        Centre of the first voxel, in mm.
    direction : tuple of float
        Direction cosines, row by row.
    """

    size: tuple[int, ...]
    spacing: tuple[float, ...]
    origin: tuple[float, ...]
    direction: tuple[float, ...]


def geometry_of(image: sitk.Image) -> Geometry:
    """Return the grid of ``image``."""
    return Geometry(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())


def differences(image: Geometry, mask: Geometry, tolerance: float = TOLERANCE) -> list[str]:
    """Return what differs between two grids beyond a tolerance, one phrase each."""
    if len(image.size) != len(mask.size):
        return [f"dimensions {len(image.size)} and {len(mask.size)}"]
    found = []
    if image.size != mask.size:
        found.append(_size_difference(image.size, mask.size))
    gaps = _gaps(image, mask)
    for what, gap in gaps.items():
        if not gap <= tolerance:
            a, b = getattr(image, what), getattr(mask, what)
            found.append(f"{what} {_listed(a)} and {_listed(b)}")
    return found


def check_pair(
    image: sitk.Image | Geometry,
    mask: sitk.Image | Geometry,
    image_name: str = "image",
    mask_name: str = "mask",
    tolerance: float = TOLERANCE,
) -> None:
    """Check that a mask lies on its image's grid; either may be given by its geometry alone.

    Parameters
    ----------
    image, mask : sitk.Image or Geometry
        The pair.
    image_name, mask_name : str
        What they are called in messages.
    tolerance : float
        How far the grids may differ, as :data:`TOLERANCE`.

    Raises
    ------
    CaseError
        Naming what differs, with both values, and what to do about it.
    """
    a = image if isinstance(image, Geometry) else geometry_of(image)
    b = mask if isinstance(mask, Geometry) else geometry_of(mask)
    found = differences(a, b, tolerance)
    if found:
        raise CaseError(
            Fault(
                mask_name,
                f"lies on another grid than {image_name}: {', '.join(found)} (image and mask)",
                _cure(a, b),
            )
        )


def _size_difference(image: tuple[int, ...], mask: tuple[int, ...]) -> str:
    """Return both sizes; a single step too many or too few comes first, as contours make it."""
    steps = [
        f"one {step} {'more' if there > here else 'less'} than the image"
        for step, here, there in zip(STEPS, image, mask, strict=False)
        if abs(there - here) == 1
    ]
    different = sum(here != there for here, there in zip(image, mask, strict=True))
    first = f"{' and '.join(steps)}, " if len(steps) == different else ""
    return f"{first}size {_listed(image)} and {_listed(mask)}"


def _gaps(image: Geometry, mask: Geometry) -> dict[str, float]:
    """Return how far two grids differ, as a tolerance is given."""
    unit = {"spacing": image.spacing[0], "origin": image.spacing[0], "direction": 1.0}
    return {
        what: float(np.max(np.abs(np.subtract(getattr(image, what), getattr(mask, what))))) / one
        for what, one in unit.items()
    }


def _cure(image: Geometry, mask: Geometry) -> str:
    """Return what to do about two grids that differ."""
    save = "save the mask again on this image"
    if len(image.size) != len(mask.size):
        return save
    correct = "set correct_mask: true (correctMask), which brings the mask to the image's grid"
    gap = max(_gaps(image, mask).values())
    if image.size != mask.size or not gap <= SMALL:
        return f"{correct} (nearest neighbour), or {save}"
    enough = 10 ** float(np.ceil(np.log10(1.01 * gap)))
    return f"set geometry_tolerance: {enough:g} (geometryTolerance), or {correct}, or {save}"


def region(mask: sitk.Image, label: int, mask_name: str = "mask") -> sitk.Image:
    """Return the region with ``label`` as a binary mask (uint8, 1 inside) on the same grid.

    Parameters
    ----------
    mask : sitk.Image
        Scalar, of integer or integer-valued floating-point voxels.
    label : int
        Value of the region's voxels, not 0.
    mask_name : str
        What the mask is called in messages.

    Raises
    ------
    EmptyRegion
        Where the mask is empty, or has no such label (those that are there are listed).
    CaseError
        Where it holds values that are no labels.
    """
    import SimpleITK as sitk

    array = sitk.GetArrayViewFromImage(mask)
    if not np.issubdtype(array.dtype, np.integer) and not np.array_equal(array, np.rint(array)):
        low, high = array.min(), array.max()
        raise CaseError(
            Fault(
                mask_name,
                f"holds values that are no labels (between {low:g} and {high:g}, not all whole)",
                "save the mask with whole numbers; a probability map must be cut first",
            )
        )
    inside = array == label
    if not inside.any():
        present = [f"{value:g}" for value in np.unique(array) if value != 0]
        if not present:
            found, cure = "the mask is empty", "draw the region, or exclude the case"
        else:
            more = ", ..." if len(present) > LISTED else ""
            found = f"label {label} is not in the mask"
            cure = (
                f"labels there: {', '.join(present[:LISTED])}{more}; draw the region with label "
                f"{label} or exclude the case; where all masks are so, set the region's label"
            )
        raise EmptyRegion(Fault(mask_name, found, cure))
    binary = sitk.GetImageFromArray(inside.astype(np.uint8))
    binary.CopyInformation(mask)
    return binary


def check_finite(image: sitk.Image, image_name: str = "image") -> None:
    """Check that every voxel is a finite number: one that is not spreads over the whole filter.

    Raises
    ------
    CaseError
        With the number of voxels that are NaN or infinite.
    """
    import SimpleITK as sitk

    array = sitk.GetArrayViewFromImage(image)
    if np.issubdtype(array.dtype, np.integer) or np.isfinite(array).all():
        return
    strange = int((~np.isfinite(array)).sum())
    raise CaseError(not_finite(image_name, strange, array.size))


def not_finite(image_name: str, count: int, of: int) -> Fault:
    """Return the fault of an image with ``count`` voxels of ``of`` that are NaN or infinite."""
    return Fault(
        image_name,
        f"NaN or infinite voxels: {count} of {of}",
        "give them a value (0 for background) and save the image again",
    )


def _listed(values: tuple[float, ...] | np.ndarray) -> str:
    """Write numbers with as many digits as show a difference at the tolerance."""
    return "(" + ", ".join(f"{float(v):.9g}" for v in values) + ")"
