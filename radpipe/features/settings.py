"""How the features of one block are extracted; the part of study.yaml that engines read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from radpipe.core import digests
from radpipe.core.spec import KindSpec, Spec, one_of
from radpipe.features.registry import DISCRETISERS, FILTERS, NORMALISERS

FeatureClass = Literal["shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]
Interpolator = Literal[
    "nearest",
    "linear",
    "bspline",
    "gaussian",
    "label_gaussian",
    "hamming_sinc",
    "cosine_sinc",
    "welch_sinc",
    "lanczos_sinc",
    "blackman_sinc",
]
Spacing = Annotated[float, Field(ge=0, le=100)]


class ResampleSpec(Spec):
    """The grid that image and mask are brought to before filtering.

    Parameters
    ----------
    spacing_mm : tuple of 3 float
        Voxel size x, y, z in mm; 0 keeps that axis as it is.
    interpolator : str
        For the image; the mask always takes its nearest neighbour.
    pad_voxels : int
        How far beyond the region's bounding box the resampled image reaches, in new voxels.
        Laplacian-of-Gaussian features depend on it; 5 is PyRadiomics' default.
    """

    spacing_mm: tuple[Spacing, Spacing, Spacing]
    interpolator: Interpolator = "bspline"
    pad_voxels: int = Field(5, ge=0, le=200)

    @model_validator(mode="after")
    def _something_to_do(self) -> ResampleSpec:
        if not any(self.spacing_mm):
            raise ValueError("spacing_mm is 0 on every axis; leave resample out instead")
        return self


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
    count: int = Field(ge=2, le=4096)


class ZScoreSpec(KindSpec):
    """Subtract the mean and divide by the standard deviation of the whole image.

    Parameters
    ----------
    scale : float
        Factor after the division, above 0.
    remove_outliers : float or None
        Clip at this many standard deviations, before ``scale``.
    """

    kind: Literal["z_score"] = "z_score"
    scale: float = Field(1.0, gt=0)
    remove_outliers: float | None = Field(None, gt=0)


class ExtractionSettings(Spec):
    """Everything that the features of one block depend on, besides image, mask and label.

    A study's block may be a subclass with further keys; :func:`settings_of` drops them.

    Parameters
    ----------
    normalise : z_score or None
        What is done to the grey values of the whole image first.
    resample : ResampleSpec or None
        The common grid; None keeps the image's own.
    discretise : bin_width or bin_count
        Grey levels for texture, entropy and uniformity. Default bin width 25.
    filters : tuple of filters
        Images that features are computed on.
    classes : tuple of str
        Feature classes; shape is computed once, on the original.
    """

    normalise: one_of(NORMALISERS) | None = None  # type: ignore[valid-type]
    resample: ResampleSpec | None = None
    discretise: one_of(DISCRETISERS) = BinWidthSpec()  # type: ignore[valid-type]
    filters: Annotated[tuple[one_of(FILTERS), ...], Field(min_length=1)] = ("original",)  # type: ignore[valid-type]
    classes: Annotated[tuple[FeatureClass, ...], Field(min_length=1)] = (
        "shape",
        "firstorder",
        "glcm",
        "glrlm",
        "glszm",
        "gldm",
        "ngtdm",
    )

    @field_validator("filters")
    @classmethod
    def _each_filter_once(cls, filters: tuple[Any, ...]) -> tuple[Any, ...]:
        kinds = [f.kind for f in filters]
        twice = sorted({k for k in kinds if kinds.count(k) > 1})
        if twice:
            raise ValueError(f"filters name {', '.join(twice)} twice; give each once")
        return filters

    @field_validator("classes")
    @classmethod
    def _each_class_once(cls, classes: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({c for c in classes if classes.count(c) > 1})
        if twice:
            raise ValueError(f"classes name {', '.join(twice)} twice; give each once")
        return classes


def settings_of(
    block: ExtractionSettings, normalise: ZScoreSpec | None = None
) -> ExtractionSettings:
    """Return a block's extraction settings alone, with its image's normalisation.

    Parameters
    ----------
    block : ExtractionSettings
        Or a subclass with further keys, which are dropped.
    normalise : ZScoreSpec or None
        What the image of the block asks for; the block's own, where given, comes first (null
        leaves the grey values as they are).
    """
    values = {name: getattr(block, name) for name in ExtractionSettings.model_fields}
    if "normalise" not in block.model_fields_set:
        values["normalise"] = normalise
    return ExtractionSettings(**values)


def canonical(settings: ExtractionSettings) -> str:
    """Return the settings as one line of JSON that is equal exactly for equal settings."""
    return digests.canonical(settings_of(settings).model_dump(mode="json"))


def doubts(settings: ExtractionSettings) -> list[str]:
    """Return what is allowed but rarely meant, one line each, for ``radpipe check``."""
    found = []
    scale = settings.normalise.scale if settings.normalise else None
    width = getattr(settings.discretise, "width", None)
    if scale is not None and width is not None and width >= 2 * scale:
        found.append(
            f"discretise: a bin width of {width:g} on an image normalised to {scale:g} per "
            "standard deviation leaves hardly any grey levels; give a smaller width "
            f"(for example {0.3 * scale:g}) or normalise.scale: 100"
        )
    if "log" in [f.kind for f in settings.filters] and not settings.resample:
        found.append(
            "filters: log without resample works on the image's own voxels; with unequal "
            "spacing give resample.spacing_mm"
        )
    return found
