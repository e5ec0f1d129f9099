"""Local binary patterns in every slice.

Each pixel gets a code from a circle of samples around it: which of them are at least as large as
the pixel. T. Ojala, M. Pietikainen and T. Maenpaa, Multiresolution gray-scale and rotation
invariant texture classification with local binary patterns, IEEE Transactions on Pattern Analysis
and Machine Intelligence 24 (2002) 971-987, doi:10.1109/TPAMI.2002.1017623.

The numbers are those of ``skimage.feature.local_binary_pattern`` (0.20 and later), which
PyRadiomics calls, to the last bit: a sample that equals the pixel but for rounding decides a bit
of the code, so that even the order of additions shows, above all in flat parts of an image.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from radpipe.core.errors import CaseError, Fault

METHODS = ("default", "ror", "uniform", "var")
MOST_BITS = 31
"""The largest number of samples whose code is a 32-bit number (``default`` and ``ror``)."""

BAND = 1 << 15
"""Pixels worked on at once: their arrays stay in the processor's cache."""

Array = NDArray[np.float64]


def lbp_2d(
    array: NDArray,
    axis: int = 0,
    radius: float = 1.0,
    samples: int = 8,
    method: str = "uniform",
    box: Sequence[slice] | None = None,
    image_name: str = "image",
) -> NDArray:
    """Return the local binary pattern of every slice across an axis.

    Parameters
    ----------
    array : ndarray
        The whole image, z, y, x (or y, x: then there is one slice and no axis).
    axis : int
        The axis that the slices follow one another on (PyRadiomics' ``force2Ddimension``). Rows
        and columns of a slice are y, x for axis 0, z, x for axis 1, and y, z for axis 2: there
        samples run around the other way.
    radius : float
        Radius of the circle in pixels (the spacing does not enter).
    samples : int
        How many samples lie on the circle. Those between pixels are interpolated linearly, those
        outside of the slice are 0.
    method : str
        ``default``: the code itself, of one bit a sample. ``ror``: the smallest code that turning
        the circle gives. ``uniform``: the number of samples not below the pixel where that changes
        at most twice around the circle, samples + 1 elsewhere. ``var``: the samples' variance,
        NaN where it is 0; in flat parts it is what rounding leaves, and may be below 0.
    box : sequence of slice, optional
        The part to compute; every number in it is that of the whole image.
    image_name : str
        What the image is called in messages.

    Returns
    -------
    ndarray
        Values of the image or the box. A volume's are of the image's own type, as PyRadiomics has
        them (in an integer image ``var`` loses its decimals); a single slice's are float64.

    Raises
    ------
    CaseError
        Where values do not fit the image's type. PyRadiomics lets them wrap around.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not one of {', '.join(METHODS)}")
    if samples < 1 or (method in ("default", "ror") and samples > MOST_BITS):
        raise ValueError(f"{samples} samples: 1 to {MOST_BITS} for the methods default and ror")
    flat = array.ndim == 2
    stack = array[np.newaxis] if flat else array.swapaxes(0, axis)
    parts = [slice(None)] * array.ndim if box is None else list(box)
    if flat:
        parts.insert(0, slice(None))
    else:
        parts[0], parts[axis] = parts[axis], parts[0]
    places, rows, cols = (
        range(*part.indices(size)) for part, size in zip(parts, stack.shape, strict=True)
    )
    kept = np.dtype(np.float64) if flat else array.dtype
    result = np.empty((len(places), len(rows), len(cols)), kept)
    band = max(1, BAND // max(1, len(cols)))
    for i, place in enumerate(places):
        for top in range(0, len(rows), band):
            some = rows[top : top + band]
            values = _patterns(stack[place], some, cols, radius, samples, method)
            result[i, top : top + band] = _as_type(values, kept, method, samples, image_name)
    return result[0] if flat else result.swapaxes(0, axis)


def _patterns(
    pixels: NDArray, rows: range, cols: range, radius: float, samples: int, method: str
) -> Array:
    """Return the patterns of some rows and columns of a slice."""
    angles = 2 * np.pi * np.arange(samples, dtype=np.float64) / samples
    # rounded, so that a sample that falls on a pixel is that pixel
    circle = np.round(np.stack([-radius * np.sin(angles), radius * np.cos(angles)], axis=1), 5)
    reach = int(np.ceil(np.abs(circle).max()))
    around = _with_zeros(pixels, rows, cols, reach)
    textures = (_sample(around, reach, rows, cols, down, right) for down, right in circle)
    if method == "var":
        return _variance(textures, samples)
    centre = around[reach : reach + len(rows), reach : reach + len(cols)]
    bits = (texture >= centre for texture in textures)
    if method == "uniform":
        return _uniform(bits, samples, centre.shape)
    code = np.zeros(centre.shape, np.int32)
    for place, bit in enumerate(bits):
        code |= bit.astype(np.int32) << place
    return _smallest_turn(code, samples) if method == "ror" else code.astype(np.float64)


def _with_zeros(pixels: NDArray, rows: range, cols: range, reach: int) -> Array:
    """Return the pixels of some rows and columns with a margin, as float64; outside they are 0."""
    result = np.zeros((len(rows) + 2 * reach, len(cols) + 2 * reach))
    into, out_of = [], []
    for part, size in zip((rows, cols), pixels.shape, strict=True):
        first, last = max(part.start - reach, 0), min(part.stop + reach, size)
        into.append(slice(first - part.start + reach, last - part.start + reach))
        out_of.append(slice(first, last))
    result[tuple(into)] = pixels[tuple(out_of)]
    return result


def _sample(
    around: Array, reach: int, rows: range, cols: range, down: float, right: float
) -> Array:
    """Return the image interpolated beside every pixel."""
    row, row_part = _split(rows, down)
    col, col_part = _split(cols, right)
    height, width = len(rows), len(cols)

    def line(row: int) -> Array:
        left = around[reach + row :, reach + col :][:height, :width]
        if col_part is None:
            return left
        return _between(left, around[reach + row :, reach + col + 1 :][:height, :width], col_part)

    if row_part is None:
        return line(row)
    return _between(line(row), line(row + 1), row_part[:, np.newaxis])


def _split(places: range, shift: float) -> tuple[int, Array | None]:
    """Return a shift as whole pixels and the part that is left; None where nothing is.

    The part is that of the shifted position, not of the shift: they differ in the last bits, and
    differently at each place.
    """
    whole = int(np.floor(shift))
    if whole == shift:
        return whole, None
    positions = np.arange(places.start, places.stop) + shift
    return whole, positions - np.floor(positions)


def _between(low: Array, high: Array, part: Array) -> Array:
    """Return what lies between two values, at a part of the way."""
    result = (1 - part) * low
    result += part * high
    return result


def _uniform(bits: Iterable[NDArray[np.bool_]], samples: int, shape: tuple[int, ...]) -> Array:
    """Return how many samples are not below the pixel, for patterns of at most two changes."""
    ones = np.zeros(shape, np.int16)
    changes = np.zeros(shape, np.int16)
    before = None
    for bit in bits:
        ones += bit
        if before is not None:
            changes += bit != before
        before = bit
    return np.where(changes <= 2, ones, samples + 1).astype(np.float64)


def _smallest_turn(code: NDArray[np.int32], samples: int) -> Array:
    """Return the smallest number that turning the bits of a code gives."""
    smallest = code
    for _ in range(samples - 1):
        code = (code >> 1) | ((code & 1) << (samples - 1))
        smallest = np.minimum(smallest, code)
    return smallest.astype(np.float64)


def _variance(textures: Iterable[Array], samples: int) -> Array:
    """Return the variance in one pass, as scikit-image has it; 0 becomes NaN."""
    total: Array | float = 0.0
    squares: Array | float = 0.0
    for texture in textures:
        total = total + texture
        squares = squares + texture * texture
    variance = np.asarray((squares - total * total / samples) / samples)
    variance[variance == 0] = np.nan
    return variance


def _as_type(values: Array, dtype: np.dtype, method: str, samples: int, image_name: str) -> NDArray:
    """Return values in an image's type, decimals cut off.

    NaN becomes what numpy makes of it in an integer type (0 in 16 bits on most processors).
    """
    if np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)
        low, high = np.trunc(np.fmin.reduce(values, None)), np.trunc(np.fmax.reduce(values, None))
        if low < limits.min or high > limits.max:
            raise CaseError(
                Fault(
                    image_name,
                    f"local binary pattern {method} of {samples} samples gives values up to "
                    f"{max(high, -low):g}, which the image's type {dtype} cannot hold",
                    "normalise or resample the image (it is then a floating-point image), or use "
                    "the method uniform",
                )
            )
    with np.errstate(invalid="ignore"):
        return values.astype(dtype)
