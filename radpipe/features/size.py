"""What would outgrow memory is refused before it is tried, with the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from radpipe.core.errors import CaseError, Fault
from radpipe.core.memory import check_room, free
from radpipe.features.filters_patterns import Lbp3dSpec
from radpipe.features.settings import ExtractionSettings
from radpipe.features.texture_settings import (
    BinCountSpec,
    BinWidthSpec,
    TextureSettings,
    texture_of,
)

if TYPE_CHECKING:
    import SimpleITK as sitk

MOST_LEVELS = 4096
"""Grey levels in a region beyond which co-occurrence matrices outgrow memory (2 GB)."""

PAIR_BYTES = 24
"""What an entry of a co-occurrence matrix takes: its count, and the numbers made of it."""

GRID_BYTES = {"native": (40, 72), "histogram": (40, 72), "pyradiomics": (48, 176)}
"""What a voxel of a resampled image takes, by engine: without and with wavelets (measured)."""

POINT_BYTES, HARMONIC_BYTES = 200, 16
"""What a point takes of the sphere that `lbp_3d` samples, and its value in one harmonic."""

FINE = "give a larger discretise.width, or a bin_count"
COARSE = "give resample.spacing_mm larger voxels"


def check_size(
    image: sitk.Image, region: sitk.Image, settings: ExtractionSettings, engine: str, name: str
) -> None:
    """Refuse what would need more memory than there is, as far as it is known beforehand.

    Parameters
    ----------
    image : sitk.Image
        Of one channel.
    region : sitk.Image
        1 in the region, on the image's grid or, where both are resampled, on one of its own.
    settings : ExtractionSettings
        As they count for the image.
    engine : str
        The engine's name.
    name : str
        The image, for messages.

    Raises
    ------
    CaseError
        With what is needed, what there is, and the setting to change.
    """
    _check_varies(image, settings, name)
    _check_grid(image, region, settings, engine, name)
    for spec in settings.filters:
        texture = texture_of(settings, spec)
        if isinstance(texture.discretise, BinCountSpec):
            _check_matrices(texture.discretise.count, texture, settings, name)
        if isinstance(spec, Lbp3dSpec):
            _check_sphere(spec, name)
    if engine == "pyradiomics":  # radpipe's own ask each image when it is there
        _check_original(image, region, settings, name)


def check_levels(
    low: float,
    high: float,
    texture: TextureSettings,
    settings: ExtractionSettings,
    image: str,
    where: str = "extraction",
) -> None:
    """Refuse more grey levels than matrices can have.

    Parameters
    ----------
    low, high : float
        The smallest and the largest value in the region.
    texture : TextureSettings
        What counts on the image.
    settings : ExtractionSettings
        The block's.
    image : str
        Which image it is, such as ``wavelet-LLH``.
    where : str
        The file, for messages.
    """
    if not isinstance(texture.discretise, BinWidthSpec):
        return
    width = texture.discretise.width
    levels = (high - low) / width
    if levels > MOST_LEVELS:
        found = (
            f"a bin width of {width:g} makes {levels:.0f} grey levels of {image}, whose values "
            f"reach over {high - low:g} in the region"
        )
        raise CaseError(Fault(where, found, FINE, allowed=f"up to {MOST_LEVELS}"))
    _check_matrices(int(levels) + 1, texture, settings, where)


def _check_varies(image: sitk.Image, settings: ExtractionSettings, name: str) -> None:
    import SimpleITK as sitk

    if settings.normalise is None:
        return
    voxels = sitk.GetArrayViewFromImage(image)
    if voxels.min() == voxels.max():
        cure = "z_score needs grey values that vary"
        raise CaseError(Fault(name, "is the same value everywhere", cure))


def _check_grid(
    image: sitk.Image, region: sitk.Image, settings: ExtractionSettings, engine: str, name: str
) -> None:
    """Refuse a grid of more voxels than there is memory for; all of the image is the most."""
    wavelets = "wavelet" in [spec.kind for spec in settings.filters]
    each = GRID_BYTES.get(engine, GRID_BYTES["pyradiomics"])[wavelets]
    size = np.array(image.GetSize(), dtype=float)
    if settings.resample is not None:
        spacing = np.array(region.GetSpacing())
        wanted = np.array(settings.resample.spacing_mm)[: len(spacing)]
        size = np.array(region.GetSize()) * spacing / np.where(wanted == 0, spacing, wanted)
        if each * size.prod() > free():
            from radpipe.features.grid import grid_size

            size = np.array(grid_size(image, region, settings.resample), dtype=float)
    elif engine != "pyradiomics":  # they filter what lies around the region, and little else
        return
    listed = " x ".join(f"{n:.0f}" for n in size)
    found = f"a grid of {listed} voxels" + (" with wavelets" if wavelets else "")
    cure = COARSE if settings.resample else "give crop, so that less of the image is filtered"
    if settings.crop is None:
        check_room(each * size.prod(), name, found, cure)


def _check_matrices(
    levels: int, texture: TextureSettings, settings: ExtractionSettings, name: str
) -> None:
    if not {"glcm", "glrlm"} & set(settings.classes):
        return
    number = directions(texture)
    found = f"co-occurrence of {levels} grey levels in {number} directions"
    cure = "give fewer grey levels or distances"
    check_room(PAIR_BYTES * number * levels**2, name, found, cure)


def directions(texture: TextureSettings) -> int:
    """Return in how many directions a voxel has neighbours at the distances that count."""
    axes = 2 if texture.force_2d else 3
    return sum(((2 * d + 1) ** axes - (2 * d - 1) ** axes) // 2 for d in set(texture.distances))


def _check_sphere(spec: Lbp3dSpec, name: str) -> None:
    points = 10 * 4**spec.subdivision + 2
    found = f"lbp_3d with {points} points of {spec.levels} levels"
    each = POINT_BYTES + HARMONIC_BYTES * (spec.levels + 1) ** 2
    check_room(points * each, name, found, "give a smaller subdivision or fewer levels")


def _check_original(
    image: sitk.Image, region: sitk.Image, settings: ExtractionSettings, name: str
) -> None:
    """Check the grey levels that the image itself will have, before it is resampled."""
    import SimpleITK as sitk

    from radpipe.imaging.align import onto_grid_of

    if region.GetSize() != image.GetSize():
        region = onto_grid_of(image, region, name)
    voxels = sitk.GetArrayViewFromImage(image)
    inside = voxels[sitk.GetArrayViewFromImage(region) > 0]
    low, high = float(inside.min()), float(inside.max())
    if settings.normalise is not None:
        scale = settings.normalise.scale
        mean, spread = float(np.mean(voxels, dtype=float)), float(np.std(voxels, ddof=1))
        most = (settings.normalise.remove_outliers or np.inf) * scale
        low, high = ((v - mean) / spread * scale for v in (low, high))
        low, high = max(low, -most), min(high, most)
    if settings.resegment is not None and settings.resegment.mode == "absolute":
        first, *last = settings.resegment.range
        low, high = max(low, first), min(high, *last, high)
    check_levels(low, high, settings, settings, "original", name)
