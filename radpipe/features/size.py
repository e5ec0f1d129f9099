"""What would outgrow memory is refused before it is tried, with the numbers."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from radpipe.core.errors import CaseError, Fault
from radpipe.core.memory import check_room
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

GRID_BYTES = {"native": (40, 72), "pyradiomics": (48, 176)}
"""What a voxel of a resampled image takes, by engine: without and with wavelets (measured)."""

SPHERE_BYTES = 32
"""What a point of the sphere takes of which `lbp_3d` samples a voxel's surroundings."""


def check_size(
    image: sitk.Image, region: sitk.Image, settings: ExtractionSettings, engine: str, name: str
) -> None:
    """Refuse what would need more memory than there is.

    Parameters
    ----------
    image : sitk.Image
        Of one channel.
    region : sitk.Image
        1 in the region, on the image's grid unless both are resampled.
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
    _check_grid(image, region, settings, engine, name)
    _check_matrices(settings, name)
    if isinstance(settings.discretise, BinWidthSpec) and not settings.resample:
        _check_levels(image, region, settings, name)


def check_levels(low: float, high: float, width: float, name: str) -> None:
    """Refuse a bin width that makes more grey levels than matrices can have.

    Parameters
    ----------
    low, high : float
        The smallest and the largest value in the region.
    width : float
        Width of a grey level.
    name : str
        The image, for messages.
    """
    levels = (high - low) / width
    if levels > MOST_LEVELS:
        raise CaseError(
            Fault(
                name,
                f"a bin width of {width:g} makes {levels:.0f} grey levels of values that reach "
                f"over {high - low:g} in the region",
                "give a larger discretise.width, or a bin_count",
                allowed=f"up to {MOST_LEVELS}",
            )
        )
