"""How the features of one block are extracted; the part of study.yaml that engines read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, FiniteFloat, field_validator, model_validator

from radpipe.core import digests
from radpipe.core.errors import nearest
from radpipe.core.spec import KindSpec, Spec, one_of
from radpipe.features.names import FEATURES, feature_problem
from radpipe.features.registry import FILTERS, NORMALISERS
from radpipe.features.texture_settings import BinCountSpec as BinCountSpec
from radpipe.features.texture_settings import BinWidthSpec as BinWidthSpec
from radpipe.features.texture_settings import TextureSettings, texture_of
from radpipe.imaging.volume import TOLERANCE

FeatureClass = Literal["shape", "shape2D", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]
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
Padding = Annotated[int, Field(ge=0, le=200)]
Positive = Annotated[FiniteFloat, Field(gt=0)]
Dimensions = Annotated[int, Field(ge=1, le=3)]
Voxels = Annotated[int, Field(ge=1)]
Channel = Annotated[int, Field(ge=0)]
ResegmentMode = Literal["absolute", "relative", "sigma"]


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
    pad_voxels: Padding = 5

    @model_validator(mode="after")
    def _something_to_do(self) -> ResampleSpec:
        if not any(self.spacing_mm):
            raise ValueError("spacing_mm is 0 on every axis; leave resample out instead")
        return self


class CropSpec(Spec):
    """The part of the image that is worked on, where no resampling crops it.

    Parameters
    ----------
    pad_voxels : int
        How far beyond the region's bounding box it reaches, in voxels.
    """

    pad_voxels: Padding = 5


class ResegmentSpec(Spec):
    """The grey values that a voxel of the region must have to stay in it.

    Parameters
    ----------
    range : tuple of 1 or 2 float
        The lowest value, or the lowest and the highest.
    mode : str
        What the range is given in: grey values, parts of the region's maximum, or standard
        deviations from the region's mean.
    shape : bool
        Whether shape features are those of what is left of the region, too.
    """

    range: tuple[FiniteFloat] | tuple[FiniteFloat, FiniteFloat]
    mode: ResegmentMode = "absolute"
    shape: bool = False

    @model_validator(mode="after")
    def _ascending(self) -> ResegmentSpec:
        if self.range[0] > self.range[-1]:
            raise ValueError(f"the range {list(self.range)}, highest first; give the lowest first")
        return self


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


class PreparationSettings(Spec):
    """How image and mask are made ready, before anything is measured.

    Parameters
    ----------
    correct_mask : bool
        Bring a mask that lies on another grid to the image's (nearest neighbour).
    geometry_tolerance : float or None
        How far the grids of image and mask may differ, in voxels; null is 0.000001.
    channel : int or None
        Which channel of a colour image is worked on, from 0; null takes grey images alone (in a
        study, the image's own channel counts then).
    mask_channel : int
        Which channel of a mask with several holds the region, from 0.
    minimum_dimensions : int
        Along how many axes a region must reach over more than one voxel.
    minimum_voxels : int or None
        A region of this many voxels or fewer is refused.
    normalise : z_score or None
        What is done to the grey values of the whole image first.
    resample : ResampleSpec or None
        The common grid; None keeps the image's own.
    crop : CropSpec or None
        Cut the image around the region before filtering, where it is not resampled.
    resegment : ResegmentSpec or None
        Leave voxels outside a range of grey values out of the region.
    """

    correct_mask: bool = False
    geometry_tolerance: Positive | None = None
    channel: Channel | None = None
    mask_channel: Channel = 0
    minimum_dimensions: Dimensions = 2
    minimum_voxels: Voxels | None = None
    normalise: one_of(NORMALISERS) | None = None  # type: ignore[valid-type]
    resample: ResampleSpec | None = None
    crop: CropSpec | None = None
    resegment: ResegmentSpec | None = None

    @model_validator(mode="after")
    def _one_crop(self) -> PreparationSettings:
        if self.crop and self.resample:
            raise ValueError(
                "crop beside resample, which crops already; remove crop, and give "
                "resample.pad_voxels"
            )
        return self

    @property
    def tolerance(self) -> float:
        """How far the grids of image and mask may differ, in voxels."""
        return TOLERANCE if self.geometry_tolerance is None else self.geometry_tolerance


class ExtractionSettings(PreparationSettings, TextureSettings):
    """Everything that the features of one block depend on, besides image, mask and label.

    A study's block may be a subclass with further keys; :func:`settings_of` drops them.

    Parameters
    ----------
    filters : tuple of filters
        Images that features are computed on.
    classes : tuple of str
        Feature classes; shape is computed once, on the original. shape2D needs force_2d.
    features : dict of str to tuple of str, or None
        Class -> the only features of it that are wanted; a class not named gives all.
    """

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
    features: dict[FeatureClass, Annotated[tuple[str, ...], Field(min_length=1)]] | None = None

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

    @field_validator("features", mode="before")
    @classmethod
    def _known_classes(cls, features: Any) -> Any:
        for name in features if isinstance(features, Mapping) else ():
            if name not in FEATURES:
                hint = nearest(str(name), list(FEATURES)) or f"allowed: {', '.join(FEATURES)}"
                raise ValueError(f"the class {name!r}, which is not known; {hint}")
        return features

    @field_validator("features")
    @classmethod
    def _known_features(cls, features: Mapping[str, tuple[str, ...]] | None) -> Any:
        wrong = [
            f"{family}.{feature} ({problem})"
            for family, names in (features or {}).items()
            for feature in names
            if (problem := feature_problem(family, feature))
        ]
        if wrong:
            raise ValueError(f"features that there are not: {', '.join(wrong)}; correct them")
        for family, names in (features or {}).items():
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise ValueError(f"{family} names {', '.join(twice)} twice; give each once")
        return features

    @model_validator(mode="after")
    def _fits_together(self) -> ExtractionSettings:
        if "shape2D" in self.classes and not self.force_2d:
            raise ValueError(
                "the class shape2D without a plane; add force_2d: axial, or remove shape2D"
            )
        left_out = [name for name in self.features or {} if name not in self.classes]
        if left_out:
            raise ValueError(
                f"features of {', '.join(left_out)}, which classes leaves out; add it to "
                "classes, or remove its features"
            )
        return self

    def own_names(self) -> list[str] | None:
        """Return what the extraction gives, where that is not what the classes tell."""
        return None

    @classmethod
    def whole(cls) -> type[ExtractionSettings]:
        """Return the class of the settings alone, without the keys of a study's block."""
        return ExtractionSettings


def settings_of(
    block: ExtractionSettings, normalise: ZScoreSpec | None = None, channel: int | None = None
) -> ExtractionSettings:
    """Return a block's extraction settings alone, with what its image says.

    Parameters
    ----------
    block : ExtractionSettings
        Or a subclass with further keys, which are dropped.
    normalise : ZScoreSpec or None
        What the image of the block asks for; the block's own, where given, comes first (null
        leaves the grey values as they are).
    channel : int or None
        The image's channel; the block's own, where given, comes first.
    """
    kind = block.whole()
    values = {name: getattr(block, name) for name in kind.model_fields}
    if "normalise" not in block.model_fields_set:
        values["normalise"] = normalise
    if values["channel"] is None:
        values["channel"] = channel
    return kind(**values)


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
    for spec in settings.filters:
        bins = texture_of(settings, spec).discretise
        if spec.kind.startswith("lbp") and getattr(bins, "width", 0) > 1:
            found.append(
                f"filters: {spec.kind} gives a few small numbers, which a bin width of "
                f"{bins.width:g} makes one grey level; give it discretise: "
                "{kind: bin_width, width: 1}"
            )
    if "log" in [f.kind for f in settings.filters] and not settings.resample:
        found.append(
            "filters: log without resample works on the image's own voxels; with unequal "
            "spacing give resample.spacing_mm"
        )
    return found
