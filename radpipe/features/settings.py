"""How the features of one block are extracted; the part of study.yaml that engines read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from radpipe.core import digests
from radpipe.core.errors import nearest
from radpipe.core.spec import one_of
from radpipe.features.names import FEATURES, feature_problem
from radpipe.features.preparation_settings import PreparationSettings, ZScoreSpec
from radpipe.features.registry import FILTERS
from radpipe.features.texture_settings import TextureSettings, texture_of

FeatureClass = Literal["shape", "shape2D", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]


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
