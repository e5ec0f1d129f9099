"""The images that features are computed on: the original and its filtered forms."""

from __future__ import annotations

from itertools import product
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from radpipe.core.errors import nearest
from radpipe.core.spec import KindSpec

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


class FilterSpec(KindSpec):
    """A filter: its settings, and the names of the images that it makes."""

    def image_names(self) -> tuple[str, ...]:
        """Return the names of the images, as PyRadiomics writes them before the class."""
        raise NotImplementedError


class OriginalSpec(FilterSpec):
    """The image itself (after normalisation and resampling)."""

    kind: Literal["original"] = "original"

    def image_names(self) -> tuple[str, ...]:
        return ("original",)


class LogSpec(FilterSpec):
    """Laplacian of Gaussian: one image a sigma.

    Parameters
    ----------
    sigma_mm : tuple of float
        Widths of the Gaussian in mm, each above 0.
    """

    kind: Literal["log"] = "log"
    sigma_mm: Annotated[tuple[Annotated[float, Field(gt=0, le=100)], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> LogSpec:
        if len(set(self.sigma_mm)) < len(self.sigma_mm):
            raise ValueError(f"sigma_mm names a width twice: {list(self.sigma_mm)}")
        return self

    def image_names(self) -> tuple[str, ...]:
        return tuple(f"log-sigma-{str(s).replace('.', '-')}-mm-3D" for s in self.sigma_mm)


class WaveletSpec(FilterSpec):
    """Undecimated wavelet: eight images at one level, seven more for each further level.

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
    family: Annotated[str, AfterValidator(_known_wavelet)] = "coif1"
    start_level: int = Field(0, ge=0, le=5)
    level: int = Field(1, ge=1, le=5)

    def image_names(self) -> tuple[str, ...]:
        bands = ["".join(letters) for letters in product("LH", repeat=3)]
        names = []
        for level in range(1, self.level + 1):
            prefix = "wavelet" if level == 1 else f"wavelet{level}"
            names += [f"{prefix}-{band}" for band in bands if band != "LLL"]
        return (*names, f"{prefix}-LLL")
