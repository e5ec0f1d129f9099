"""Filters of local binary patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import model_validator

from radpipe.features.filters import (
    Count,
    FilterSpec,
    Images,
    LbpMethod,
    Radius,
    Subdivision,
)
from radpipe.features.pyradiomics_words import PLANES
from radpipe.features.texture_settings import TextureSettings

if TYPE_CHECKING:
    from radpipe.features.prepare import Prepared

MOST_BITS = 31
"""Samples of `lbp_2d` whose bits a code can hold."""


class Lbp2dSpec(FilterSpec):
    """Local binary patterns, slice by slice in the plane of ``force_2d`` (axial without it).

    Parameters
    ----------
    radius : float
        Radius of the circle of neighbours, in voxels.
    samples : int
        How many neighbours lie on the circle.
    method : str
        Which patterns are told apart, as scikit-image names them.
    """

    kind: Literal["lbp_2d"] = "lbp_2d"
    radius: Radius = 1.0
    samples: Count = 8
    method: LbpMethod = "uniform"

    @model_validator(mode="after")
    def _code_has_bits_enough(self) -> Lbp2dSpec:
        if self.method in ("default", "ror") and self.samples > MOST_BITS:
            raise ValueError(
                f"{self.samples} samples with method: {self.method}, whose codes have "
                f"{MOST_BITS} bits; give fewer, or method: uniform"
            )
        return self

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        return ("lbp-2D",)

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        from radpipe.imaging.lbp2d import lbp_2d

        how = (self.radius, self.samples, self.method)
        if case.picture:
            yield "lbp-2D", lbp_2d(case.array[0], 0, *how, case.box[1:])[np.newaxis]
            return
        axis = PLANES.index(texture.force_2d or "axial")
        yield "lbp-2D", lbp_2d(case.array, axis, *how, case.box)


class Lbp3dSpec(FilterSpec):
    """Local binary patterns on a sphere: one image a level, and their kurtosis.

    Parameters
    ----------
    levels : int
        How many degrees of spherical harmonics.
    radius : float
        Radius of the sphere of neighbours, in voxels.
    subdivision : int
        How often the triangles of the sphere are divided.
    """

    kind: Literal["lbp_3d"] = "lbp_3d"
    levels: Count = 2
    radius: Radius = 1.0
    subdivision: Subdivision = 1

    def image_names(self, dimensions: int = 3) -> tuple[str, ...]:
        return (*(f"lbp-3D-m{level}" for level in range(1, self.levels + 1)), "lbp-3D-k")

    def images(self, case: Prepared, texture: TextureSettings) -> Images:
        from radpipe.imaging.lbp3d import lbp_3d_values

        inside = case.region.inside
        corner = [part.start for part in case.box]
        where = tuple(at + first for at, first in zip(np.nonzero(inside), corner, strict=True))
        found = lbp_3d_values(case.array, where, self.levels, self.radius, self.subdivision)
        for name, values in zip(self.image_names(), found, strict=True):
            image = np.zeros(inside.shape)
            image[inside] = values
            yield name, image
