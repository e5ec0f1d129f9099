"""The images that features are computed on: the original and its filtered forms."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import ceil
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field, FiniteFloat, model_validator

from radpipe.core.errors import nearest
from radpipe.core.spec import KindSpec, one_of
from radpipe.features.pyradiomics_words import PLANES
from radpipe.features.registry import DISCRETISERS
from radpipe.features.texture_settings import (
    Alpha,
    Distances,
    Off,
    Plane,
    TextureSettings,
    Weighting,
)

if TYPE_CHECKING:
    from radpipe.features.prepare import Prepared

Images = Iterator[tuple[str, np.ndarray]]

_BIORTHOGONAL = (
    *("1.1", "1.3", "1.5", "2.2", "2.4", "2.6", "2.8"),
    *("3.1", "3.3", "3.5", "3.7", "3.9", "4.4", "5.5", "6.8"),
)

WAVELETS: tuple[str, ...] = (
    "haar",
    "dmey",
    *(f"db{n}" for n in range(1, 39)),
    *(f"sym{n}" for n in range(2, 21)),
    *(f"coif{n}" for n in range(1, 18)),
    *(f"bior{n}" for n in _BIORTHOGONAL),
    *(f"rbio{n}" for n in _BIORTHOGONAL),
)
"""The discrete wavelets of PyWavelets, listed here so that a study is checked without it."""


def _known_wavelet(family: str) -> str:
    if family not in WAVELETS:
        hint = nearest(family, WAVELETS)
        raise ValueError(
            f"wavelet {family!r} is not known; allowed: haar, dmey, db1-db38, sym2-sym20, "
            "coif1-coif17, bior and rbio 1.1-6.8" + (f"; {hint}" if hint else "")
        )
    return family


Wavelet = Annotated[str, AfterValidator(_known_wavelet)]
StartLevel = Annotated[int, Field(ge=0, le=5)]
Level = Annotated[int, Field(ge=1, le=5)]
Sigma = Annotated[float, Field(gt=0, le=100)]
Radius = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Subdivision = Annotated[int, Field(ge=0)]
LbpMethod = Literal["default", "ror", "uniform", "var"]


class FilterSpec(KindSpec):
    """A filter: its settings, and the names of the images that it makes.

    Parameters
    ----------
    discretise : bin_width, bin_count or None
        Grey levels on this filter's images; null takes the block's, here and below.
    distances : tuple of int or None
        How far apart neighbours are, in voxels (glcm, gldm, ngtdm).
    weighting : str or None
        Norm that weights directions (glcm, glrlm); `off` takes the mean over directions.
    symmetric_glcm : bool or None
        Count each pair of voxels in both directions.
    gldm_alpha : int or None
        Grey levels that a neighbour may differ by and still be dependent (gldm).
    intensity_shift : float or None
        Added to the grey values for Energy, TotalEnergy and RootMeanSquared.
    force_2d : str or None
        Work slice by slice in this plane; `off` works in three dimensions.
    """

    discretise: one_of(DISCRETISERS) | None = None  # type: ignore[valid-type]
    distances: Distances | None = None
    weighting: Weighting | Off | None = None
    symmetric_glcm: bool | None = None
    gldm_alpha: Alpha | None = None
    intensity_shift: FiniteFloat | None = None
    force_2d: Plane | Off | None = None

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        """Return the names of the images, as PyRadiomics writes them before the class.

        Parameters
        ----------
        dimensions : int
            3, or 2 where the filter works slice by slice (``force_2d``).
        """
        raise NotImplementedError

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        """Yield the name and the grey values of every image, as boxes around the region.

        Values depend on what surrounds the region, so a filter gets all of the prepared image.
        One that the image is too small for is left out.

        Parameters
        ----------
        case : Prepared
            Image and region.
        texture : TextureSettings
            What counts on the filter's images.
        """
        raise NotImplementedError


class OriginalSpec(FilterSpec):
    """The image itself (after normalisation and resampling)."""

    kind: Literal["original"] = "original"

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        return ("original",)

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        yield "original", case.array[case.box]


class LogSpec(FilterSpec):
    """Laplacian of Gaussian: one image a sigma.

    Parameters
    ----------
    sigma_mm : tuple of float
        Widths of the Gaussian in mm, each above 0.
    """

    kind: Literal["log"] = "log"
    sigma_mm: Annotated[tuple[Sigma, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> LogSpec:
        if len(set(self.sigma_mm)) < len(self.sigma_mm):
            raise ValueError(f"sigma_mm names a width twice: {list(self.sigma_mm)}")
        return self

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        return tuple(f"log-sigma-{str(s).replace('.', '-')}-mm-3D" for s in self.sigma_mm)

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        from radpipe.imaging.recursive_gaussian import SHORTEST, laplacian_of_gaussian

        spacing, size = case.image.GetSpacing(), case.image.GetSize()
        flat = texture.force_2d == "axial" and size[2] == 1  # a picture: the filter stays in it
        axes = range(2 if flat else 3)
        for sigma, name in zip(self.sigma_mm, self.image_names(), strict=True):
            if all(size[a] >= max(SHORTEST, ceil(sigma / spacing[a]) + 1) for a in axes):
                yield name, laplacian_of_gaussian(case.array, spacing, sigma, case.box, flat)


class WaveletSpec(FilterSpec):
    """Undecimated wavelet: eight images at one level, seven more for each further level.

    Slice by slice (``force_2d``) there are four, and three more for each further level.

    Parameters
    ----------
    family : str
        A discrete wavelet of PyWavelets.
    start_level : int
        How many times the image is low-passed before the first level that is kept.
    level : int
        How many levels are kept.
    """

    kind: Literal["wavelet"] = "wavelet"
    family: Wavelet = "coif1"
    start_level: StartLevel = 0
    level: Level = 1

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        low, *bands = ["".join(letters) for letters in product("LH", repeat=dimensions)]
        names = []
        for level in range(1, self.level + 1):
            prefix = "wavelet" if level == 1 else f"wavelet{level}"
            names += [f"{prefix}-{band}" for band in bands]
        return (*names, f"{prefix}-{low}")

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        from radpipe.imaging.wavelet import bands

        axes = [2, 1, 0]
        if texture.force_2d:
            axes.remove(PLANES.index(texture.force_2d))
        found = bands(case.array, case.box, self.family, tuple(axes), self.start_level, self.level)
        for level, band, values in found:
            yield f"wavelet{level if level > 1 else ''}-{band}", values
