"""What shapes texture features: a block says it once, and a filter may have its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, FiniteFloat

from radpipe.core.spec import KindSpec, Spec, one_of
from radpipe.features.registry import DISCRETISERS

if TYPE_CHECKING:
    from radpipe.features.filters import FilterSpec

Weighting = Literal["manhattan", "euclidean", "infinity", "no_weighting"]
Plane = Literal["axial", "coronal", "sagittal"]
Distances = Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
Alpha = Annotated[int, Field(ge=0)]
Levels = Annotated[int, Field(ge=2, le=4096)]
Off = Literal["off"]
"""How a filter switches off what its block has switched on."""


class BinWidthSpec(KindSpec):
    """Grey levels of equal width, counted from 0 (in units of the normalised image).

    Parameters
    ----------
    width : float
        Width of a grey level, in the image's unit after `normalise`.
    """

    kind: Literal["bin_width"] = "bin_width"
    width: float = Field(25.0, gt=0)


class BinCountSpec(KindSpec):
    """A fixed number of grey levels between the region's minimum and maximum.

    Parameters
    ----------
    count : int
        How many grey levels between the region's smallest and largest value.
    """

    kind: Literal["bin_count"] = "bin_count"
    count: Levels


class TextureSettings(Spec):
    """How grey values become texture features.

    Parameters
    ----------
    discretise : bin_width or bin_count
        Grey levels for texture, entropy and uniformity. Default bin width 25.
    distances : tuple of int
        How far apart neighbours are, in voxels (glcm, gldm, ngtdm); 1 is the next voxel.
    weighting : str or None
        Sum the matrices of all directions (glcm, glrlm), weighted by their distance in this
        norm; null takes the mean of the features over the directions.
    symmetric_glcm : bool
        Count each pair of voxels in both directions.
    gldm_alpha : int
        Grey levels that a neighbour may differ by and still be dependent (gldm).
    intensity_shift : float
        Added to the grey values for Energy, TotalEnergy and RootMeanSquared.
    force_2d : str or None
        Compute texture (and wavelets) slice by slice in this plane of the voxel grid; null
        works in three dimensions.
    """

    discretise: one_of(DISCRETISERS) = BinWidthSpec()  # type: ignore[valid-type]
    distances: Distances = (1,)
    weighting: Weighting | None = None
    symmetric_glcm: bool = True
    gldm_alpha: Alpha = 0
    intensity_shift: FiniteFloat = 0.0
    force_2d: Plane | None = None


def texture_of(settings: TextureSettings, spec: FilterSpec) -> TextureSettings:
    """Return what counts on the images of a filter: its own settings, else the block's.

    Parameters
    ----------
    settings : TextureSettings
        The block's (``ExtractionSettings`` is one).
    spec : FilterSpec
        One of its filters.
    """
    values = {}
    for name in TextureSettings.model_fields:
        own = getattr(spec, name)
        values[name] = getattr(settings, name) if own is None else own
    return TextureSettings(**{name: None if v == "off" else v for name, v in values.items()})
