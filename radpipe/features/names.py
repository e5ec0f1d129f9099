"""Names of features: ``block__image_class_Feature``, as PyRadiomics writes the second part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from radpipe.core.errors import nearest
from radpipe.features.texture_settings import texture_of

if TYPE_CHECKING:
    from radpipe.features.settings import ExtractionSettings

SEPARATOR = "__"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FEATURES: dict[str, tuple[str, ...]] = {
    "shape": _words(
        """Elongation Flatness LeastAxisLength MajorAxisLength Maximum2DDiameterColumn
        Maximum2DDiameterRow Maximum2DDiameterSlice Maximum3DDiameter MeshVolume MinorAxisLength
        Sphericity SurfaceArea SurfaceVolumeRatio VoxelVolume"""
    ),
    "shape2D": _words(
        """Elongation MajorAxisLength MaximumDiameter MeshSurface MinorAxisLength Perimeter
        PerimeterSurfaceRatio PixelSurface Sphericity"""
    ),
    "firstorder": _words(
        """10Percentile 90Percentile Energy Entropy InterquartileRange Kurtosis Maximum
        MeanAbsoluteDeviation Mean Median Minimum Range RobustMeanAbsoluteDeviation
        RootMeanSquared Skewness TotalEnergy Uniformity Variance"""
    ),
    "glcm": _words(
        """Autocorrelation ClusterProminence ClusterShade ClusterTendency Contrast Correlation
        DifferenceAverage DifferenceEntropy DifferenceVariance Id Idm Idmn Idn Imc1 Imc2
        InverseVariance JointAverage JointEnergy JointEntropy MCC MaximumProbability SumAverage
        SumEntropy SumSquares"""
    ),
    "glrlm": _words(
        """GrayLevelNonUniformity GrayLevelNonUniformityNormalized GrayLevelVariance
        HighGrayLevelRunEmphasis LongRunEmphasis LongRunHighGrayLevelEmphasis
        LongRunLowGrayLevelEmphasis LowGrayLevelRunEmphasis RunEntropy RunLengthNonUniformity
        RunLengthNonUniformityNormalized RunPercentage RunVariance ShortRunEmphasis
        ShortRunHighGrayLevelEmphasis ShortRunLowGrayLevelEmphasis"""
    ),
    "glszm": _words(
        """GrayLevelNonUniformity GrayLevelNonUniformityNormalized GrayLevelVariance
        HighGrayLevelZoneEmphasis LargeAreaEmphasis LargeAreaHighGrayLevelEmphasis
        LargeAreaLowGrayLevelEmphasis LowGrayLevelZoneEmphasis SizeZoneNonUniformity
        SizeZoneNonUniformityNormalized SmallAreaEmphasis SmallAreaHighGrayLevelEmphasis
        SmallAreaLowGrayLevelEmphasis ZoneEntropy ZonePercentage ZoneVariance"""
    ),
    "gldm": _words(
        """DependenceEntropy DependenceNonUniformity DependenceNonUniformityNormalized
        DependenceVariance GrayLevelNonUniformity GrayLevelVariance HighGrayLevelEmphasis
        LargeDependenceEmphasis LargeDependenceHighGrayLevelEmphasis
        LargeDependenceLowGrayLevelEmphasis LowGrayLevelEmphasis SmallDependenceEmphasis
        SmallDependenceHighGrayLevelEmphasis SmallDependenceLowGrayLevelEmphasis"""
    ),
    "ngtdm": ("Busyness", "Coarseness", "Complexity", "Contrast", "Strength"),
}
"""Features of each class, deprecated ones left out, in PyRadiomics' order."""

DEPRECATED: dict[str, tuple[str, ...]] = {
    "shape": ("Compactness1", "Compactness2", "SphericalDisproportion"),
    "shape2D": ("SphericalDisproportion",),
    "firstorder": ("StandardDeviation",),
}
"""Features that PyRadiomics computes only where they are asked for by name."""

REMOVED: dict[str, dict[str, str]] = {
    "glcm": {
        "Dissimilarity": "use DifferenceAverage, which is equal",
        "Homogeneity1": "use Id, which is equal",
        "Homogeneity2": "use Idm, which is equal",
        "SumVariance": "use ClusterTendency, which is equal",
    },
    "gldm": {
        "GrayLevelNonUniformityNormalized": "use Uniformity of firstorder, which is equal",
        "DependencePercentage": "leave it out, it is always 1",
    },
}
"""Features that PyRadiomics knows but gives no value for, and what to do instead."""

SHAPE = ("shape", "shape2D")
"""Classes that are computed once, of the region alone."""

VOLUME_FEATURES = ("original_shape_VoxelVolume", "original_shape_MeshVolume")
"""What stands for the volume of the region, the first that is there."""


class FeatureName(NamedTuple):
    """The three parts of a feature's name."""

    image: str
    family: str
    feature: str


def feature_id(block: str, name: str) -> str:
    """Return the column name of feature ``name`` of ``block``."""
    return f"{block}{SEPARATOR}{name}"


def split_id(identifier: str) -> tuple[str, str]:
    """Return block and feature name of a feature id.

    Raises
    ------
    ValueError
        Where ``identifier`` is no feature id.
    """
    block, found, name = identifier.partition(SEPARATOR)
    if not found or not block or not name:
        raise ValueError(f"{identifier!r} is no feature id (block__image_class_Feature)")
    return block, name


def parse(name: str) -> FeatureName:
    """Return image, class and feature of ``wavelet-LLH_glcm_Contrast``.

    Raises
    ------
    ValueError
        Where ``name`` has not these three parts.
    """
    parts = name.rsplit("_", 2)
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"{name!r} is no feature name (image_class_Feature)")
    return FeatureName(*parts)


def feature_problem(family: str, feature: str) -> str:
    """Return what to do about a feature that a class does not give; empty where it does."""
    known = (*FEATURES[family], *DEPRECATED.get(family, ()))
    if feature in known:
        return ""
    removed = REMOVED.get(family, {}).get(feature)
    return removed or nearest(feature, known) or f"allowed: {', '.join(known)}"


def features_of(settings: ExtractionSettings, family: str) -> tuple[str, ...]:
    """Return the features of a class that are wanted, in their order."""
    wanted: Mapping[Any, tuple[str, ...]] = settings.features or {}
    return wanted.get(family, FEATURES[family])


def expected(settings: ExtractionSettings) -> list[str]:
    """Return the names that an extraction with ``settings`` gives, in their order."""
    own = settings.own_names()
    if own is not None:
        return own
    names = [
        f"original_{family}_{feature}"
        for family in SHAPE
        if family in settings.classes
        for feature in features_of(settings, family)
    ]
    for spec in settings.filters:
        dimensions = 2 if texture_of(settings, spec).force_2d else 3
        for image in spec.image_names(dimensions):
            for family in settings.classes:
                if family not in SHAPE:
                    wanted = features_of(settings, family)
                    names += [f"{image}_{family}_{feature}" for feature in wanted]
    return names


def volume_feature(names: Iterable[str]) -> str | None:
    """Return which of ``names`` is the region's volume, or None where none is.

    Parameters
    ----------
    names : iterable of str
        Feature names or feature ids.
    """
    known = list(names)
    for wanted in VOLUME_FEATURES:
        for name in known:
            if name == wanted or name.endswith(SEPARATOR + wanted):
                return name
    return None
