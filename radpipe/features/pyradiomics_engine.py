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
from radpipe.features.filters import FilterSpec
from radpipe.features.pyradiomics_words import IMAGE_TYPES, INTERPOLATORS, PLANES
from radpipe.features.settings import ExtractionSettings
from radpipe.features.texture_settings import BinCountSpec, TextureSettings, texture_of
from radpipe.imaging.threads import itk_on_one_thread

if TYPE_CHECKING:
    import SimpleITK as sitk

INSTALL = (
    'it needs a C compiler (gcc or clang) and pip install ".[pyradiomics]"; or use --engine native'
)
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

    def warm(self) -> None:
        """Do nothing: PyRadiomics was compiled when it was installed."""

    def extract(
        self, image: sitk.Image, mask: sitk.Image, settings: ExtractionSettings
    ) -> dict[str, float]:
        """Return the features that ``RadiomicsFeatureExtractor`` gives; see ``Engine``."""
        _check_installed()
        with _quiet_and_single_threaded():
            parameters = to_pyradiomics(settings)
            if image.GetDimension() == 2:
                parameters["setting"] = _in_two_dimensions(parameters["setting"])
            extractor = _extractor(parameters)
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
        and its parameter files take them (a file takes no ``voxelArrayShift`` that is not whole).
    """
    texture = _texture(settings)
    setting = {"additionalInfo": False, "label": 1, **_preparation(settings), **texture}
    features = settings.features or {}
    return {
        "setting": {key: value for key, value in setting.items() if value is not None},
        "imageType": dict(_image_type(spec, settings, texture) for spec in settings.filters),
        "featureClass": {family: list(features.get(family, ())) for family in settings.classes},
    }


def _in_two_dimensions(setting: dict[str, Any]) -> dict[str, Any]:
    """Return the settings as PyRadiomics takes them for a picture, whose plane is all there is."""
    spacing = setting.get("resampledPixelSpacing")
    resampled = {"resampledPixelSpacing": spacing[:2]} if spacing else {}
    return {**setting, "force2D": False, **resampled}


def _preparation(settings: ExtractionSettings) -> dict[str, Any]:
    """Return what happens to image and mask before any filter; None where PyRadiomics' default."""
    found: dict[str, Any] = {
        "correctMask": settings.correct_mask or None,
        "geometryTolerance": settings.geometry_tolerance,
        "label_channel": settings.mask_channel or None,
        "minimumROIDimensions": settings.minimum_dimensions,
        "minimumROISize": settings.minimum_voxels,
    }
    if settings.normalise:
        found["normalize"] = True
        found["normalizeScale"] = settings.normalise.scale
        found["removeOutliers"] = settings.normalise.remove_outliers
    if settings.resample:
        found["resampledPixelSpacing"] = list(settings.resample.spacing_mm)
        found["interpolator"] = INTERPOLATORS[settings.resample.interpolator]
        found["padDistance"] = settings.resample.pad_voxels
    if settings.crop:
        found["preCrop"] = True
        found["padDistance"] = settings.crop.pad_voxels
    if settings.resegment:
        found["resegmentRange"] = list(settings.resegment.range)
        found["resegmentMode"] = settings.resegment.mode
        found["resegmentShape"] = settings.resegment.shape
    return found


def _texture(texture: TextureSettings) -> dict[str, Any]:
    """Return the settings that a filter may override."""
    bins, shift, plane = texture.discretise, texture.intensity_shift, texture.force_2d
    counted = isinstance(bins, BinCountSpec)
    return {
        "binWidth": None if counted else bins.width,
        "binCount": bins.count if counted else None,
        "distances": list(texture.distances),
        "weightingNorm": texture.weighting,
        "symmetricalGLCM": texture.symmetric_glcm,
        "gldm_a": texture.gldm_alpha,
        "voxelArrayShift": int(shift) if shift.is_integer() else shift,
        "force2D": plane is not None,
        "force2Ddimension": PLANES.index(plane) if plane else 0,
    }


def _image_type(
    spec: FilterSpec, settings: ExtractionSettings, block: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return PyRadiomics' name and settings of a filter."""
    for name, (kind, keys) in IMAGE_TYPES.items():
        if kind == spec.kind:
            values = {theirs: getattr(spec, ours) for ours, theirs in keys.items()}
            own = _texture(texture_of(settings, spec))
            values |= {key: value for key, value in own.items() if value != block[key]}
            return name, {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
    raise RadpipeError(f"filter {spec.kind!r} is not known to the engine pyradiomics")


def _check_installed() -> None:
    if importlib.util.find_spec("radiomics") is None:
        raise RadpipeError(f"PyRadiomics is not installed: {INSTALL}")


def _extractor(parameters: dict[str, Any]) -> Any:
    try:
        from radiomics.featureextractor import RadiomicsFeatureExtractor
    except ImportError as error:
        raise RadpipeError(f"PyRadiomics cannot be loaded ({error}): {INSTALL}") from error
    # Not given as one dictionary: that is checked as a parameter file is, whose schema takes
    # whole numbers only where PyRadiomics itself takes any (voxelArrayShift).
    extractor = RadiomicsFeatureExtractor(**parameters["setting"])
    extractor.enabledImagetypes = parameters["imageType"]
    extractor.enabledFeatures = parameters["featureClass"]
    return extractor


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


@contextmanager
def _quiet_and_single_threaded() -> Iterator[None]:
    """Silence PyRadiomics, hold ITK to one thread, and put ITK's tolerances back.

    PyRadiomics sets ``geometryTolerance`` for all that comes after.
    """
    import SimpleITK as sitk

    process = sitk.ProcessObject
    coordinate = process.GetGlobalDefaultCoordinateTolerance()
    direction = process.GetGlobalDefaultDirectionTolerance()
    disabled = logging.root.manager.disable
    with warnings.catch_warnings(), itk_on_one_thread():
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            process.SetGlobalDefaultCoordinateTolerance(coordinate)
            process.SetGlobalDefaultDirectionTolerance(direction)
            logging.disable(disabled)
