"""The keys of a PyRadiomics parameter file, as PyRadiomics 3 names and checks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    ValidationError,
    create_model,
    model_validator,
)

from radpipe.core.errors import Fault, FaultsError, nearest
from radpipe.core.spec import Spec
from radpipe.features.filters import (
    Count,
    LbpMethod,
    Level,
    Radius,
    Sigma,
    StartLevel,
    Subdivision,
    Wavelet,
)
from radpipe.features.names import FEATURES, REMOVED, feature_problem
from radpipe.features.preparation_settings import (
    Channel,
    Dimensions,
    Padding,
    Positive,
    ResegmentMode,
    Spacing,
    Voxels,
)
from radpipe.features.pyradiomics_words import IMAGE_TYPES, INTERPOLATORS
from radpipe.features.texture_settings import Alpha, Levels, Weighting

Where = Callable[..., str]
"""Says where a key stands: ``where("setting", "binWidth")``."""

Names = Literal[
    "sitkNearestNeighbor",
    "sitkLinear",
    "sitkBSpline",
    "sitkGaussian",
    "sitkLabelGaussian",
    "sitkHammingWindowedSinc",
    "sitkCosineWindowedSinc",
    "sitkWelchWindowedSinc",
    "sitkLanczosWindowedSinc",
    "sitkBlackmanWindowedSinc",
]


def _numbered(value: Any) -> Any:
    """Let a number from 1 to 10 stand for an interpolator's name."""
    numbers = dict(enumerate(INTERPOLATORS.values(), start=1))
    return numbers.get(value, value) if type(value) is int else value


class _Keys(Spec):
    """Strict as PyRadiomics is; a key without a value (null) is as if it were left out."""

    model_config = ConfigDict(strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if data is None:
            return {}
        if not isinstance(data, Mapping):
            return data
        return {k: v for k, v in data.items() if v is not None or cls._means_something(k)}

    @classmethod
    def _means_something(cls, key: str) -> bool:
        """Return whether null is a value of a key of its own (or the key is not known)."""
        field = cls.model_fields.get(key)
        return field is None or type(None) in get_args(field.annotation)


class Setting(_Keys):
    """The keys of ``setting``, with PyRadiomics' defaults; each image type takes them too."""

    additionalInfo: bool = False
    label: Annotated[int, Field(ge=1)] = 1
    label_channel: Channel = 0
    minimumROIDimensions: Dimensions = 2
    minimumROISize: Voxels | None = None
    geometryTolerance: Positive | None = None
    correctMask: bool = False
    normalize: bool = False
    normalizeScale: Positive = 1.0
    removeOutliers: Positive | None = None
    resampledPixelSpacing: Annotated[list[Spacing], Field(min_length=2, max_length=3)] | None = None
    interpolator: Annotated[Names | None, BeforeValidator(_numbered)] = "sitkBSpline"
    preCrop: bool = False
    padDistance: Padding = 5
    resegmentRange: Annotated[list[FiniteFloat], Field(min_length=1, max_length=2)] | None = None
    resegmentMode: ResegmentMode = "absolute"
    resegmentShape: bool = False
    binWidth: Positive = 25.0
    binCount: Levels | None = None
    distances: list[Annotated[int, Field(ge=1)]] = Field([1], min_length=1)
    weightingNorm: Weighting | None = None
    symmetricalGLCM: bool = True
    gldm_a: Alpha = 0
    voxelArrayShift: FiniteFloat = 0.0
    force2D: bool = False
    force2Ddimension: Annotated[int, Field(ge=0, le=2)] = 0
    sigma: list[Sigma] = Field([])
    wavelet: Wavelet = "coif1"
    start_level: StartLevel = 0
    level: Level = 1
    gradientUseSpacing: bool = True
    lbp2DRadius: Radius = 1.0
    lbp2DSamples: Count = 8
    lbp2DMethod: LbpMethod = "uniform"
    lbp3DLevels: Count = 2
    lbp3DIcosphereRadius: Radius = 1.0
    lbp3DIcosphereSubdivision: Subdivision = 1


class VoxelSetting(_Keys):
    """The keys of ``voxelSetting``."""

    kernelRadius: Count = 1
    maskedKernel: bool = True
    initValue: Any = 0
    voxelBatch: Count | None = None


def _feature_of(family: str) -> Any:
    """Return the type of a feature's name; one that has no value any more is let through."""

    def known(name: str) -> str:
        problem = feature_problem(family, name)
        if problem and name not in REMOVED.get(family, {}):
            raise ValueError(f"{name!r}, which is no feature of {family}; {problem}")
        return name

    return Annotated[str, AfterValidator(known)]


_images: dict[str, Any] = dict.fromkeys(IMAGE_TYPES, (Setting | None, None))
_classes: dict[str, Any] = {
    family: (list[_feature_of(family)] | None, None)  # type: ignore[misc]
    for family in FEATURES
}
ImageTypes = create_model("ImageTypes", __base__=_Keys, **_images)
FeatureClasses = create_model("FeatureClasses", __base__=_Keys, **_classes)


class Params(_Keys):
    """A parameter file."""

    setting: Setting = Setting()
    imageType: ImageTypes = ImageTypes()
    featureClass: FeatureClasses = FeatureClasses()
    voxelSetting: VoxelSetting | None = None


def validated(parameters: Any, place: Where) -> Params:
    """Return a parameter file whose keys and values are sound.

    Raises
    ------
    FaultsError
        Every unknown key, wrong type and value out of range, with the place of each.
    """
    try:
        return Params.model_validate(parameters)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        raise FaultsError(_fault(problem, place) for problem in problems) from None


_ALLOWED = {
    "bool_type": "true or false",
    "finite_number": "a finite number",
    "float_type": "a number",
    "greater_than": "above {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "int_type": "a whole number",
    "less_than_equal": "{le:g} or less",
    "list_type": "a list",
    "literal_error": "{expected}",
    "model_type": "settings (key: value)",
    "string_type": "text",
    "too_long": "{max_length} values or fewer",
    "too_short": "{min_length} values or more",
}
"""What may stand where pydantic finds something wrong, in plain words."""


def _fault(problem: Mapping[str, Any], place: Where) -> Fault:
    """Return one error of pydantic's in the words of someone who writes the file."""
    path, value = problem["loc"], problem["input"]
    where = place(*path)
    if problem["type"] in ("extra_forbidden", "invalid_key"):
        known = _known(path[:-1])
        cure = nearest(path[-1], known) or "remove it"
        return Fault(where, f"found the unknown key {path[-1]!r}", cure, ", ".join(known))
    if problem["type"] == "value_error":
        found, _, cure = str(problem["ctx"]["error"]).partition("; ")
        return Fault(where, f"found {found}", cure)
    words = _ALLOWED.get(problem["type"], "another value")
    allowed = words.format(**problem.get("ctx", {})).replace("'", "")
    cure = nearest(value, allowed.replace(" or ", ", ").split(", "))
    return Fault(where, f"found {_written(value)}", cure, allowed)


def _written(value: Any) -> str:
    """Return a value as it stands in the file, short."""
    if isinstance(value, Mapping | list):
        return "settings" if isinstance(value, Mapping) else f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return str(value).lower() if isinstance(value, bool) else "nothing"
    return repr(value)[:60]


def _known(path: tuple[Any, ...]) -> list[str]:
    """Return the keys that may stand at a path."""
    model: Any = Params
    for part in path:
        annotation = model.model_fields[part].annotation
        models = (annotation, *get_args(annotation))
        model = next(m for m in models if isinstance(m, type) and issubclass(m, BaseModel))
    return list(model.model_fields)
