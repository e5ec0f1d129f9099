"""One case, any engine: the checks before, and what is handed on afterwards."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from radpipe.core.digests import code_digest
from radpipe.core.errors import CaseError, Fault
from radpipe.features.engine import Engine
from radpipe.features.names import expected, parse
from radpipe.features.registry import ENGINES
from radpipe.features.settings import BinWidthSpec, ExtractionSettings
from radpipe.imaging.volume import check_finite, check_pair, region

if TYPE_CHECKING:
    import SimpleITK as sitk

MOST_LEVELS = 4096
"""Grey levels in a region beyond which co-occurrence matrices outgrow memory (2 GB)."""


def extract(
    image: sitk.Image,
    mask: sitk.Image,
    label: int,
    settings: ExtractionSettings,
    engine: Engine,
    image_name: str = "image",
    mask_name: str = "mask",
) -> dict[str, float]:
    """Extract the features of one region.

    Parameters
    ----------
    image : sitk.Image
        Scalar volume of three dimensions.
    mask : sitk.Image
        Labels on the same grid.
    label : int
        Value of the region in the mask.
    settings : ExtractionSettings
        How to extract.
    engine : Engine
        What computes.
    image_name, mask_name : str
        Files, for messages.

    Returns
    -------
    dict of str to float
        A value for each name of :func:`radpipe.features.names.expected`, in that order; NaN
        where a feature is undefined for this region (infinity counts as undefined).

    Raises
    ------
    CaseError
        Where the pair does not fit, the region is not there or admits no features.
    """
    _check_volume(image, image_name)
    _check_volume(mask, mask_name)
    check_pair(image, mask, image_name, mask_name)
    binary = region(mask, label, mask_name)
    check_finite(image, image_name)
    _check_levels(image, binary, settings, image_name)
    try:
        found = engine.extract(image, binary, settings)
    except CaseError as error:
        fault = error.fault
        raise CaseError(Fault(mask_name, fault.found, fault.cure, fault.allowed)) from error
    wanted = expected(settings)
    _check_complete(wanted, found, mask_name)
    return {name: found[name] if math.isfinite(found[name]) else math.nan for name in wanted}


def code_of(engine_name: str) -> str:
    """Return the digest of the code that features of this engine come from."""
    return code_digest([__name__, ENGINES.module_of(engine_name)])


def _check_volume(image: sitk.Image, name: str) -> None:
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        found = (
            f"has {image.GetDimension()} dimensions and "
            f"{image.GetNumberOfComponentsPerPixel()} values a voxel"
        )
        raise CaseError(Fault(name, found, "give one scalar volume", allowed="3 and 1"))


def _check_levels(
    image: sitk.Image, binary: sitk.Image, settings: ExtractionSettings, name: str
) -> None:
    """Refuse a bin width so small that texture matrices would not fit in memory."""
    import SimpleITK as sitk

    if not isinstance(settings.discretise, BinWidthSpec):
        return
    voxels = sitk.GetArrayViewFromImage(image)
    inside = voxels[sitk.GetArrayViewFromImage(binary) > 0]
    reach = float(inside.max()) - float(inside.min())
    if settings.normalise is not None:
        spread = float(np.std(voxels, dtype=float, ddof=1))
        if spread == 0:
            raise CaseError(
                Fault(name, "is the same value everywhere", "z_score needs grey values that vary")
            )
        reach *= settings.normalise.scale / spread
    levels = reach / settings.discretise.width
    if levels > MOST_LEVELS:
        raise CaseError(
            Fault(
                name,
                f"a bin width of {settings.discretise.width:g} makes {levels:.0f} grey levels of "
                f"values that reach over {reach:g} in the region",
                "give the block a larger discretise.width, or a bin_count",
                allowed=f"up to {MOST_LEVELS}",
            )
        )


def _check_complete(wanted: list[str], found: dict[str, float], mask_name: str) -> None:
    """A filter that an image is too small for leaves no features; that is told, not filled."""
    missing = list(dict.fromkeys(parse(name).image for name in wanted if name not in found))
    if missing:
        raise CaseError(
            Fault(
                mask_name,
                f"no features come from {', '.join(missing)}: the image around the region is too "
                "small for the filter",
                "drop the filter from the block, resample to smaller voxels, or exclude the case",
            )
        )
