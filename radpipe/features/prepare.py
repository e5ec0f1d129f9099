"""One case made ready: normalised, on its grid, resegmented, and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from radpipe.core.errors import CaseError, Fault
from radpipe.features.grid import around, cropped, new_grid, sampled
from radpipe.features.preparation_settings import ResampleSpec
from radpipe.features.pyradiomics_words import INTERPOLATORS
from radpipe.features.region import Region
from radpipe.features.settings import ExtractionSettings
from radpipe.imaging.align import onto_grid_of
from radpipe.imaging.axes import as_volume
from radpipe.imaging.normalise import z_score
from radpipe.imaging.resample import Box, bounding_box
from radpipe.imaging.resegment import resegmented
from radpipe.imaging.volume import geometry_of

if TYPE_CHECKING:
    import SimpleITK as sitk


@dataclass(frozen=True)
class Prepared:
    """What filters and features are computed on.

    Parameters
    ----------
    image : sitk.Image
        The image on its grid, with what surrounds the region.
    box : tuple of 3 slice
        The region's bounding box in it, along z, y, x.
    region : Region
        The voxels that grey values are taken from.
    shape : Region
        The voxels that shape is measured on.
    picture : bool
        Whether the image has two dimensions; its slice is the only one then.
    """

    image: sitk.Image
    box: Box
    region: Region
    shape: Region
    picture: bool

    @property
    def array(self) -> np.ndarray:
        """Return the image's grey values, shape (z, y, x), without a copy."""
        import SimpleITK as sitk

        return sitk.GetArrayViewFromImage(self.image)


def prepare(image: sitk.Image, mask: sitk.Image, settings: ExtractionSettings) -> Prepared:
    """Make a case ready in PyRadiomics' order.

    Parameters
    ----------
    image, mask : sitk.Image
        As an engine gets them.
    settings : ExtractionSettings
        How to extract.

    Raises
    ------
    CaseError
        Where the region is too small, or nothing of it is left.
    """
    import SimpleITK as sitk

    picture = image.GetDimension() == 2
    image, mask = as_volume(image), as_volume(mask)
    inside = sitk.GetArrayViewFromImage(mask) == 1
    box = bounding_box(inside)
    if settings.normalise is not None:
        norm = settings.normalise
        image = z_score(image, norm.scale, norm.remove_outliers)
    if settings.resample is not None:
        image, inside = _on_grid(image, mask, inside, box, settings.resample)
    elif settings.crop is not None:
        part = around(box, mask, settings.crop.pad_voxels)
        image, inside = cropped(image, part), inside[part]
    box = _checked_box(inside, settings)
    kept = inside
    if settings.resegment is not None:
        cut = settings.resegment
        kept = resegmented(sitk.GetArrayViewFromImage(image), inside, cut.range, cut.mode)
        if kept.sum() <= 1:
            raise _too_small(
                f"resegmentation to {list(cut.range)} ({cut.mode}) leaves {kept.sum()} voxel(s)",
                "widen resegment.range, or exclude the case",
            )
        box = _checked_box(kept, settings)
        if cut.shape:
            inside = kept
    spacing = tuple(float(s) for s in image.GetSpacing()[::-1])
    return Prepared(
        image,
        box,
        Region(np.ascontiguousarray(kept[box]), spacing),  # type: ignore[arg-type]
        Region(np.ascontiguousarray(inside[box]), spacing),  # type: ignore[arg-type]
        picture,
    )


def _on_grid(
    image: sitk.Image, mask: sitk.Image, inside: np.ndarray, box: Box, wanted: ResampleSpec
) -> tuple[sitk.Image, np.ndarray]:
    import SimpleITK as sitk

    grid = new_grid(image, mask, box, wanted)
    if grid is None:
        if geometry_of(image) != geometry_of(mask):
            inside = sitk.GetArrayFromImage(onto_grid_of(image, mask)) == 1
            box = bounding_box(inside)
        part = around(box, image, wanted.pad_voxels)
        return cropped(image, part), inside[part]
    inside = sitk.GetArrayFromImage(sampled(mask, grid, sitk.sitkNearestNeighbor)) == 1
    if not inside.any():
        raise _too_small(
            f"no voxel of the region is left on a grid of {list(grid.spacing)} mm",
            "give resample.spacing_mm smaller voxels, or exclude the case",
        )
    return sampled(image, grid, getattr(sitk, INTERPOLATORS[wanted.interpolator])), inside


def _checked_box(inside: np.ndarray, settings: ExtractionSettings) -> Box:
    """Return the bounding box of a region that is large enough."""
    box = bounding_box(inside)
    dimensions = sum(part.stop - part.start > 1 for part in box)
    voxels = int(np.count_nonzero(inside))
    if dimensions == 0:
        raise _too_small("the region is a single voxel", "correct the mask, or exclude the case")
    if dimensions < settings.minimum_dimensions:
        raise _too_small(
            f"the region extends along {dimensions} axis only",
            "correct the mask, lower minimum_dimensions, or exclude the case",
            f"{settings.minimum_dimensions} axes",
        )
    if settings.minimum_voxels is not None and voxels <= settings.minimum_voxels:
        raise _too_small(
            f"the region has {voxels} voxels",
            "correct the mask, lower minimum_voxels, or exclude the case",
            f"more than {settings.minimum_voxels}",
        )
    return box


def _too_small(found: str, cure: str, allowed: str | None = None) -> CaseError:
    return CaseError(Fault("extraction", found, cure, allowed))
