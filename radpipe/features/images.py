"""The images that features are computed on, as boxes around the region.

A filter gets the whole prepared image, because its values depend on what surrounds the region,
and gives the region's box.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from radpipe.features.filters import (
    FilterSpec,
    GradientSpec,
    Lbp2dSpec,
    Lbp3dSpec,
    LogSpec,
    WaveletSpec,
)
from radpipe.features.prepare import Prepared
from radpipe.features.pyradiomics_words import PLANES
from radpipe.features.texture_settings import TextureSettings
from radpipe.imaging import pointwise
from radpipe.imaging.gradient import gradient
from radpipe.imaging.lbp2d import lbp_2d
from radpipe.imaging.lbp3d import lbp_3d_values
from radpipe.imaging.recursive_gaussian import SHORTEST, laplacian_of_gaussian
from radpipe.imaging.wavelet import bands

Images = Iterator[tuple[str, np.ndarray]]


def images_of(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    """Yield the name and the box of every image that a filter makes.

    Parameters
    ----------
    case : Prepared
        Image and region.
    spec : FilterSpec
        The filter.
    texture : TextureSettings
        What counts on its images.

    Raises
    ------
    CaseError
        Where the image is too small for the filter.
    """
    return FILTERED[spec.kind](case, spec, texture)


def _original(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    yield "original", case.array[case.box]


def _log(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    assert isinstance(spec, LogSpec)
    spacing = case.image.GetSpacing()
    size = case.image.GetSize()
    flat = texture.force_2d == "axial" and size[2] == 1  # a picture: the filter stays in it
    axes = 2 if flat else 3
    for sigma, name in zip(spec.sigma_mm, spec.image_names(), strict=True):
        short = [
            n
            for n, s in zip(size[:axes], spacing[:axes], strict=True)
            if n < SHORTEST or n < np.ceil(sigma / s) + 1
        ]
        if not short:
            yield name, laplacian_of_gaussian(case.array, spacing, sigma, case.box, flat)


def _wavelet(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    assert isinstance(spec, WaveletSpec)
    axes = [2, 1, 0]
    if texture.force_2d:
        axes.remove(PLANES.index(texture.force_2d))
    found = bands(case.array, case.box, spec.family, tuple(axes), spec.start_level, spec.level)
    for level, band, values in found:
        yield f"wavelet{level if level > 1 else ''}-{band}", values


def _square(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    yield "square", pointwise.square(case.array[case.box], pointwise.peak_of(case.array))


def _square_root(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    yield "squareroot", pointwise.square_root(case.array[case.box], pointwise.peak_of(case.array))


def _logarithm(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    yield "logarithm", pointwise.logarithm(case.array[case.box], pointwise.peak_of(case.array))


def _exponential(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    yield "exponential", pointwise.exponential(case.array[case.box], pointwise.peak_of(case.array))


def _gradient(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    import SimpleITK as sitk

    assert isinstance(spec, GradientSpec)
    yield "gradient", sitk.GetArrayFromImage(gradient(case.image, spec.use_spacing, case.box))


def _lbp_2d(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    assert isinstance(spec, Lbp2dSpec)
    axis = PLANES.index(texture.force_2d or "axial")
    yield "lbp-2D", lbp_2d(case.array, axis, spec.radius, spec.samples, spec.method, case.box)


def _lbp_3d(case: Prepared, spec: FilterSpec, texture: TextureSettings) -> Images:
    assert isinstance(spec, Lbp3dSpec)
    inside = case.region.inside
    corner = [part.start for part in case.box]
    where = tuple(at + first for at, first in zip(np.nonzero(inside), corner, strict=True))
    found = lbp_3d_values(case.array, where, spec.levels, spec.radius, spec.subdivision)
    for name, values in zip(spec.image_names(), found, strict=True):
        image = np.zeros(inside.shape)
        image[inside] = values
        yield name, image


FILTERED: dict[str, Callable[[Prepared, FilterSpec, TextureSettings], Images]] = {
    "original": _original,
    "log": _log,
    "wavelet": _wavelet,
    "square": _square,
    "square_root": _square_root,
    "logarithm": _logarithm,
    "exponential": _exponential,
    "gradient": _gradient,
    "lbp_2d": _lbp_2d,
    "lbp_3d": _lbp_3d,
}
"""How each kind of filter makes its images."""
