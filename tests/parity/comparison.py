"""Compares the native engine's features with PyRadiomics', one by one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

TOLERANCE = 1e-6
"""Relative."""

NOISE = 1e-12
ROOT = 1e-6
ZEROS: dict[str, tuple[float, str | None]] = {
    **dict.fromkeys(
        [f"firstorder_{name}" for name in ("Mean", "Median", "Minimum", "Maximum")],
        (NOISE, "firstorder_RootMeanSquared"),
    ),
    "firstorder_Skewness": (NOISE, None),
    "glcm_ClusterShade": (NOISE, "glcm_ClusterTendency"),
    "glcm_Imc1": (NOISE, None),
    "glcm_Imc2": (ROOT, None),
    "glrlm_RunVariance": (NOISE, None),
    "shape_Elongation": (ROOT, None),
    "shape_Flatness": (ROOT, None),
    "shape_LeastAxisLength": (ROOT, "shape_MajorAxisLength"),
    "shape_MinorAxisLength": (ROOT, "shape_MajorAxisLength"),
}
"""Features that are exactly 0 in a common case: below which part of what scale (None: of 1).

Their sums cancel and leave rounding errors alone: the mean of a wavelet's high band over a whole
period, the skewness of two voxels, Imc1 of one grey level (a rounding error through another),
runs of one length. ``ROOT`` is for square roots of such sums: the thickness of a single slice.
Both values are taken for 0 when both are below; any other pair is compared by the tolerance.
"""


class Difference(NamedTuple):
    """A feature on which the two do not agree; None where one of them has not got it."""

    feature: str
    reference: float | None
    native: float | None

    def __str__(self) -> str:
        said = f"{self.feature}: PyRadiomics {self.reference!r}, native {self.native!r}"
        if self.reference is None or self.native is None:
            return said
        return f"{said}, relative {relative(self.native, self.reference):.1e}"


def compare(native: Mapping[str, float], reference: Mapping[str, float]) -> list[Difference]:
    """Return the features beyond the tolerance, and those that only one of the two has."""
    return [
        Difference(name, reference.get(name), native.get(name))
        for name in {**reference, **native}
        if name not in native or name not in reference or not _agree(name, native, reference)
    ]


def _agree(name: str, native: Mapping[str, float], reference: Mapping[str, float]) -> bool:
    ours, theirs = native[name], reference[name]
    if relative(ours, theirs) <= TOLERANCE:
        return True
    return max(abs(ours), abs(theirs)) < _floor(name, reference)


def _floor(name: str, reference: Mapping[str, float]) -> float:
    """Return what is nothing but rounding of a zero; 0 where a feature is never that."""
    image, _, feature = name.partition("_")
    if feature not in ZEROS:
        return 0.0
    part, scale = ZEROS[feature]
    return part * (reference.get(f"{image}_{scale}", 0.0) if scale else 1.0)


def worst(native: Mapping[str, float], reference: Mapping[str, float]) -> float:
    """Return the largest relative difference of the features that both have."""
    return max(
        (relative(native[name], reference[name]) for name in native.keys() & reference), default=0.0
    )


def relative(native: float, reference: float) -> float:
    """Return the difference as a part of the reference; NaN agrees with NaN and nothing else."""
    if native == reference or (math.isnan(native) and math.isnan(reference)):
        return 0.0
    if not (math.isfinite(native) and math.isfinite(reference)) or reference == 0:
        return math.inf
    return abs(native - reference) / abs(reference)
