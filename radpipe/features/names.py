"""Names of features: ``block__image_class_Feature``, as PyRadiomics writes the second part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

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


def expected(settings: ExtractionSettings) -> list[str]:
    """Return the names that an extraction with ``settings`` gives, in their order."""
    names = []
    if "shape" in settings.classes:
        names += [f"original_shape_{feature}" for feature in FEATURES["shape"]]
    for image in (image for spec in settings.filters for image in spec.image_names()):
        for family in settings.classes:
            if family != "shape":
                names += [f"{image}_{family}_{feature}" for feature in FEATURES[family]]
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
