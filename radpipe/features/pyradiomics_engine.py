"""PyRadiomics as the extraction engine, called as it is with a study's settings."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from radpipe.core.errors import CaseError, Fault, RadpipeError
from radpipe.features.filters import FilterSpec, LogSpec, WaveletSpec
from radpipe.features.settings import BinCountSpec, ExtractionSettings

if TYPE_CHECKING:
    import SimpleITK as sitk

INTERPOLATORS = {
    "nearest": "sitkNearestNeighbor",
    "linear": "sitkLinear",
    "bspline": "sitkBSpline",
    "gaussian": "sitkGaussian",
    "label_gaussian": "sitkLabelGaussian",
    "hamming_sinc": "sitkHammingWindowedSinc",
    "cosine_sinc": "sitkCosineWindowedSinc",
    "welch_sinc": "sitkWelchWindowedSinc",
    "lanczos_sinc": "sitkLanczosWindowedSinc",
    "blackman_sinc": "sitkBlackmanWindowedSinc",
}
"""Our names of interpolators, and PyRadiomics'."""

INSTALL = 'a C compiler (gcc or clang) and pip install ".[pyradiomics]" are needed for extraction'
"""The remedy, until an engine without a compiler is there."""

REFUSALS = (ArithmeticError, AssertionError, LookupError, RuntimeError, ValueError)
"""What PyRadiomics, numpy and ITK raise on a region that admits no features."""


class PyRadiomicsEngine:
    """The field's reference, in the maintained build ``pyradiomics-bhklab``."""

    name = "pyradiomics"

    def version(self) -> str:
        """Return PyRadiomics' version and those of the libraries that shape its numbers."""
        _check_installed()
        packages = ["pyradiomics-bhklab", "pyradiomics", "SimpleITK", "numpy", "PyWavelets"]
        return " ".join(f"{p}={v}" for p in packages if (v := _version(p)))

    def extract(
        self, image: sitk.Image, mask: sitk.Image, settings: ExtractionSettings
    ) -> dict[str, float]:
        """Return the features that ``RadiomicsFeatureExtractor`` gives; see ``Engine``."""
        _check_installed()
        with _quiet_and_single_threaded():
            extractor = _extractor(to_pyradiomics(settings))
            try:
                found = extractor.execute(image, mask)
            except REFUSALS as error:
                reason = " ".join(str(error).split()) or type(error).__name__
                raise CaseError(
                    Fault(
                        "extraction",
                        f"PyRadiomics gives no features for this region: {reason}",
                        "correct the mask, change the block's settings, or exclude the case",
                    )
                ) from error
        return {name: float(value) for name, value in found.items()}


def to_pyradiomics(settings: ExtractionSettings) -> dict[str, Any]:
    """Return the settings as PyRadiomics' parameter dictionary.

    Returns
    -------
    dict
        With ``setting``, ``imageType`` and ``featureClass``, as ``RadiomicsFeatureExtractor``
        and its parameter files take them.
    """
    setting: dict[str, Any] = {"additionalInfo": False, "label": 1}
    if settings.resample:
        setting["resampledPixelSpacing"] = list(settings.resample.spacing_mm)
        setting["interpolator"] = INTERPOLATORS[settings.resample.interpolator]
        setting["padDistance"] = settings.resample.pad_voxels
    if settings.normalise:
        setting["normalize"] = True
        setting["normalizeScale"] = settings.normalise.scale
        if settings.normalise.remove_outliers is not None:
            setting["removeOutliers"] = settings.normalise.remove_outliers
    if isinstance(settings.discretise, BinCountSpec):
        setting["binCount"] = settings.discretise.count
    else:
        setting["binWidth"] = settings.discretise.width
    return {
        "setting": setting,
        "imageType": dict(_image_type(spec) for spec in settings.filters),
        "featureClass": {family: [] for family in settings.classes},
    }


def _image_type(spec: FilterSpec) -> tuple[str, dict[str, Any]]:
    """Return PyRadiomics' name and settings of a filter."""
    if isinstance(spec, LogSpec):
        return "LoG", {"sigma": list(spec.sigma_mm)}
    if isinstance(spec, WaveletSpec):
        levels = {"start_level": spec.start_level, "level": spec.level}
        return "Wavelet", {"wavelet": spec.family, **levels}
    if spec.kind == "original":
        return "Original", {}
    raise RadpipeError(f"filter {spec.kind!r} is not known to the engine pyradiomics")


def _check_installed() -> None:
    if importlib.util.find_spec("radiomics") is None:
        raise RadpipeError(f"PyRadiomics is not installed: {INSTALL}")


def _extractor(parameters: dict[str, Any]) -> Any:
    try:
        from radiomics.featureextractor import RadiomicsFeatureExtractor
    except ImportError as error:
        raise RadpipeError(f"PyRadiomics cannot be loaded ({error}): {INSTALL}") from error
    return RadiomicsFeatureExtractor(parameters)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


@contextmanager
def _quiet_and_single_threaded() -> Iterator[None]:
    """Silence PyRadiomics and hold ITK to one thread.

    With several threads ITK sums in another order, and the last digits would follow the number
    of cores.
    """
    import SimpleITK as sitk

    threads = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    disabled = logging.root.manager.disable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
        try:
            yield
        finally:
            sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)
            logging.disable(disabled)
