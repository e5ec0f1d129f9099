"""The distribution of grey values in a region: percentiles, mean, spread, skewness, kurtosis.

Of the image as it is prepared (normalised, resampled, resegmented), not discretised. Percentiles
are interpolated linearly; the spread is that of all voxels (divided by n), skewness and kurtosis
are PyRadiomics' (a normal distribution has kurtosis 3).
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from radpipe.core.errors import RadpipeError
from radpipe.features.settings import ExtractionSettings
from radpipe.features.texture_settings import BinCountSpec
from radpipe.imaging.threads import itk_on_one_thread

if TYPE_CHECKING:
    import SimpleITK as sitk

MOMENTS = ("Mean", "StandardDeviation", "Skewness", "Kurtosis")
PREFIX = "original_histogram_"


class HistogramSettings(ExtractionSettings):
    """What a histogram depends on, besides image, mask and label.

    Parameters
    ----------
    percentiles : tuple of float
        Which are wanted.
    """

    percentiles: tuple[float, ...]
    discretise: BinCountSpec = BinCountSpec(count=2)  # grey levels are not used
    classes: tuple[str, ...] = ("firstorder",)

    def own_names(self) -> list[str]:
        """Return what the histogram gives."""
        names = [f"{percent:g}Percentile" for percent in self.percentiles]
        return [PREFIX + name for name in (*names, *MOMENTS)]

    @classmethod
    def whole(cls) -> type[ExtractionSettings]:
        """Return this class."""
        return HistogramSettings


class HistogramEngine:
    """Describes the distribution of grey values; an extraction engine of its own."""

    name = "histogram"

    def version(self) -> str:
        """Return the versions of the libraries that shape the numbers."""
        return " ".join(f"{package}={version(package)}" for package in ("numpy", "SimpleITK"))

    def warm(self) -> None:
        """Compile what is not compiled yet on this machine."""
        from radpipe.core.kernels import compile_once

        compile_once(("radpipe.imaging.bspline", "radpipe.features.firstorder"))

    def extract(
        self, image: sitk.Image, mask: sitk.Image, settings: ExtractionSettings
    ) -> dict[str, float]:
        """Return the histogram's features by name; see ``Engine``."""
        self.warm()
        from radpipe.features.firstorder import firstorder
        from radpipe.features.prepare import prepare

        if not isinstance(settings, HistogramSettings):
            raise RadpipeError("the engine histogram serves histogram blocks; choose native")
        with itk_on_one_thread():
            case = prepare(image, mask, settings)
            values = case.region.values(case.array[case.box]).astype(float)
        found = np.percentile(values, settings.percentiles)
        moments = firstorder(values, np.ones(1), 1.0)
        numbers = [*found.tolist(), *(moments[name] for name in MOMENTS)]
        return dict(zip(settings.own_names(), numbers, strict=True))
