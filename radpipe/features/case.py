"""One case, any engine: the checks before, and what is handed on afterwards."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from radpipe.core.digests import code_digest
from radpipe.core.errors import CaseError, Fault
from radpipe.features.engine import Engine
from radpipe.features.names import expected, parse
from radpipe.features.picture import in_plane
from radpipe.features.registry import ENGINES, FILTERS
from radpipe.features.settings import ExtractionSettings
from radpipe.features.size import check_size
from radpipe.imaging.axes import check_axes, one_channel, with_axes_of
from radpipe.imaging.volume import check_finite, check_pair, differences, geometry_of, region

if TYPE_CHECKING:
    import SimpleITK as sitk


def extract_case(
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
        A volume, or a picture of two dimensions; of several channels, one is chosen by the
        settings.
    mask : sitk.Image
        Labels on the same grid, or on one that the settings allow.
    label : int
        Value of the region in the mask.
    settings : ExtractionSettings
        How to extract; what they mean for a picture says
        :func:`radpipe.features.picture.in_plane`.
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
    check_axes(image, image_name)
    check_axes(mask, mask_name)
    image = one_channel(image, settings.channel, image_name)
    mask = with_axes_of(one_channel(mask, settings.mask_channel, mask_name), image)
    if image.GetDimension() == 2:
        settings = in_plane(settings, image_name)
    binary = _fitted(image, mask, label, settings, (image_name, mask_name))
    check_finite(image, image_name)
    check_size(image, binary, settings, engine.name, image_name)
    try:
        found = engine.extract(image, binary, settings)
    except CaseError as error:
        fault = error.fault
        raise CaseError(Fault(mask_name, fault.found, fault.cure, fault.allowed)) from error
    wanted = expected(settings)
    _check_complete(wanted, found, mask_name)
    values = ((name, float(found[name])) for name in wanted)
    return {name: value if math.isfinite(value) else math.nan for name, value in values}


def code_of(engine_name: str, settings: ExtractionSettings) -> str:
    """Return the digest of the code that an engine's features come from, with these settings."""
    return _code(engine_name, frozenset(spec.kind for spec in settings.filters))


@cache
def _code(engine_name: str, kinds: frozenset[str]) -> str:
    filters = {FILTERS.module_of(kind) for kind in kinds}
    return code_digest([__name__, ENGINES.module_of(engine_name), *sorted(filters)])


def _fitted(
    image: sitk.Image,
    mask: sitk.Image,
    label: int,
    settings: ExtractionSettings,
    names: tuple[str, str],
) -> sitk.Image:
    """Return the region on the image's grid.

    Where image and mask are resampled, a mask on another grid stays there: as PyRadiomics has
    it, the new grid is then made from the mask's, and both are sampled once.
    """
    grid, own = geometry_of(image), geometry_of(mask)
    tolerance = settings.tolerance
    if not settings.correct_mask or len(grid.size) != len(own.size):
        check_pair(grid, own, *names, tolerance)
    binary = region(mask, label, names[1])
    if grid == own:
        return binary
    from radpipe.imaging.align import check_inside, onto_grid_of

    apart = bool(differences(grid, own, tolerance))
    if apart or settings.resample:
        check_inside(grid, binary, *names)
    if apart and not settings.resample:
        return onto_grid_of(image, binary, names[1])
    return binary


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
