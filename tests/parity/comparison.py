"""Compares the native engine's features with PyRadiomics', one by one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

TOLERANCE = 1e-6
"""Relative."""

NOISE = 1e-12
ZEROS: dict[str, str | None] = {
    "firstorder_Mean": "firstorder_RootMeanSquared",
    "firstorder_Skewness": None,
    "glcm_Imc1": None,
    "shape_Flatness": None,
    "shape_LeastAxisLength": "shape_MajorAxisLength",
}
"""Features that are exactly 0 in a common case, and what gives their scale there (None: 1).

Their sums cancel, and rounding is all that is left: the mean of a wavelet's high band over a whole
period, the skewness of two voxels, Imc1 of one grey level (a rounding error through another), the
thickness of a single slice. Both are taken for 0 when both are below ``NOISE`` times the scale.
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
    found = []
    for name in {**reference, **native}:
        ours, theirs = native.get(name), reference.get(name)
        if (
            ours is None
            or theirs is None
            or (
                relative(ours, theirs) > TOLERANCE
                and not max(abs(ours), abs(theirs)) < NOISE * _scale(name, reference)
            )
        ):
            found.append(Difference(name, theirs, ours))
    return found


def _scale(name: str, reference: Mapping[str, float]) -> float:
    """Return what a feature's rounding errors are in proportion to; 0 where it is never 0."""
    image, _, feature = name.partition("_")
    if feature not in ZEROS:
        return 0.0
    other = ZEROS[feature]
    return reference.get(f"{image}_{other}", 0.0) if other else 1.0


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
