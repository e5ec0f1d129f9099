"""Undecimated wavelet of a box, bit for bit what PyWavelets gives for the whole volume.

The filter bank is applied axis by axis, x first; the image goes on periodically, after one more
voxel (the first again) where an axis has an odd number of them. Sums run in PyWavelets' order
and number type, because grey levels are cut from the values: in a flat part of the image a band
is zero but for rounding, and the rounding decides the level.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from radpipe.core.kernels import kernel

Box = tuple[slice, slice, slice]

AT_ONCE = 1 << 20
"""Voxels that are filtered at a time within their slices."""


def bands(
    image: np.ndarray,
    box: Box,
    family: str,
    axes: tuple[int, ...] = (2, 1, 0),
    start_level: int = 0,
    level: int = 1,
) -> Iterator[tuple[int, str, np.ndarray]]:
    """Yield the bands of an image, one at a time.

    Parameters
    ----------
    image : ndarray of shape (z, y, x)
        Grey values; single precision stays so, all else is computed in double.
    box : tuple of 3 slice
        The part that is wanted.
    family : str
        A discrete wavelet of PyWavelets.
    axes : tuple of int
        Axes that are filtered, in the order of a band's letters.
    start_level : int
        How many times the image is low-passed first.
    level : int
        How many levels follow.

    Yields
    ------
    level : int
        Counted from 1.
    name : str
        A letter an axis, L (low) or H (high); the low-passed image itself is given for the last
        level only.
    values : ndarray
        The band within the box.
    """
    dtype = np.dtype(np.float32 if image.dtype == np.float32 else np.float64)
    low, high = filters(family, dtype)
    data = image
    if start_level or level > 1:  # what is low-passed again is needed everywhere
        data = np.pad(image, [(0, size % 2) for size in image.shape], "wrap").astype(dtype)
    whole = tuple(slice(0, size) for size in data.shape)
    for _ in range(start_level):
        data = _low_passed(data, whole, axes, low)
    for number in range(1, level + 1):
        around = _around(data, box, axes, len(low))
        for name, values in _split(around, axes, _overhang(data, box, len(low)), low, high):
            if number == level or "H" in name:
                yield number, name, values
        if number < level:
            data = _low_passed(data, whole, axes, low)


def filters(family: str, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Return the low- and high-pass filter as PyWavelets applies them in a number type.

    Its single-precision filters are not its double ones rounded, and it does not hand them out:
    an impulse shows them.
    """
    import pywt

    length = pywt.Wavelet(family).dec_len
    impulse = np.zeros(2 * length, dtype)
    impulse[length // 2] = 1
    ((low, high),) = pywt.swt(impulse, family, level=1)
    return low[:length].copy(), high[:length].copy()


def _around(data: np.ndarray, box: Box, axes: tuple[int, ...], length: int) -> np.ndarray:
    """Return the box with the voxels that its filtered values depend on."""
    places = []
    for axis, (part, size) in enumerate(zip(box, data.shape, strict=True)):
        before, after = (length // 2 - 1, length // 2) if axis in axes else (0, 0)
        period = size + size % 2
        at = np.arange(part.start - before, part.stop + after) % period
        places.append(np.where(at == size, 0, at))  # the first voxel once more after the last
    if all(p[-1] - p[0] == len(p) - 1 for p in places):
        return data[tuple(slice(p[0], p[-1] + 1) for p in places)]
    return data[np.ix_(*places)]


def _overhang(data: np.ndarray, box: Box, length: int) -> list[int]:
    """Return, an axis, how many taps lie beyond the image's end at the box's first voxel."""
    ends = [size + size % 2 for size in data.shape]
    return [part.start + length // 2 - end + 1 for part, end in zip(box, ends, strict=True)]


def _split(
    data: np.ndarray,
    axes: tuple[int, ...],
    overhang: list[int],
    low: np.ndarray,
    high: np.ndarray,
) -> Iterator[tuple[str, np.ndarray]]:
    """Filter every axis both ways.

    Slices are filtered a few at a time, and again for each way: all ways side by side would
    take several times the memory of a band.
    """
    within = [axis for axis in axes if axis != 0]
    ways = {"L": low, "H": high}
    for letters in product("LH", repeat=len(within)):
        flat = _slices_filtered(data, within, overhang, [ways[letter] for letter in letters])
        if len(within) == len(axes):
            yield "".join(letters), flat
            continue
        for letter, taps in ways.items():
            yield "".join(letters) + letter, _convolved(flat, 0, overhang[0], taps)


def _slices_filtered(
    data: np.ndarray, within: list[int], overhang: list[int], taps: list[np.ndarray]
) -> np.ndarray:
    """Filter each slice along its own axes."""
    depth = data.shape[0]
    at_once = max(1, AT_ONCE // data[0].size)
    for first in range(0, depth, at_once):
        part = np.ascontiguousarray(data[first : first + at_once], dtype=taps[0].dtype)
        for axis, filtering in zip(within, taps, strict=True):
            part = _convolved(part, axis, overhang[axis], filtering)
        if depth <= at_once:
            return part
        if first == 0:
            found = np.empty((depth, *part.shape[1:]), part.dtype)
        found[first : first + at_once] = part
    return found


def _low_passed(data: np.ndarray, whole: Box, axes: tuple[int, ...], low: np.ndarray) -> np.ndarray:
    overhang = _overhang(data, whole, len(low))
    data = np.ascontiguousarray(_around(data, whole, axes, len(low)))
    for axis in axes:
        data = _convolved(data, axis, overhang[axis], low)
    return data


def _convolved(data: np.ndarray, axis: int, overhang: int, taps: np.ndarray) -> np.ndarray:
    """Filter along an axis wherever the filter has all its voxels."""
    z, y, x = data.shape
    shape = [z, y, x]
    shape[axis] -= len(taps) - 1
    out = np.empty(shape, data.dtype)
    if axis == 2:
        _lines(data.reshape(z * y, x), out.reshape(z * y, -1), overhang, taps)
    elif axis == 1:
        _columns(data, out, overhang, taps)
    else:
        _columns(data.reshape(1, z, y * x), out.reshape(1, -1, y * x), overhang, taps)
    return out


@kernel()
def _place(j, beyond):
    """Return the tap that is summed as number ``j`` where ``beyond`` taps lie past the end.

    PyWavelets sums those first, from the last to the first.
    """
    return beyond - 1 - j if j < beyond else j


@kernel(
    "void(float32[:,::1], float32[:,::1], int64, float32[::1])",
    "void(float64[:,::1], float64[:,::1], int64, float64[::1])",
)
def _lines(data, out, overhang, taps):
    """Filter every row of an array of shape (lines, length)."""
    last = taps.size - 1
    lines, length = out.shape
    regular = max(0, min(length, 1 - overhang))
    for line in range(lines):
        for i in range(regular):
            out[line, i] = taps[0] * data[line, i + last]
        for j in range(1, taps.size):
            for i in range(regular):
                out[line, i] += taps[j] * data[line, i + last - j]
        for i in range(regular, length):
            out[line, i] = 0
            for j in range(taps.size):
                k = _place(j, overhang + i)
                out[line, i] += taps[k] * data[line, i + last - k]


@kernel(
    "void(float32[:,:,::1], float32[:,:,::1], int64, float32[::1])",
    "void(float64[:,:,::1], float64[:,:,::1], int64, float64[::1])",
)
def _columns(data, out, overhang, taps):
    """Filter along the middle axis of an array of shape (planes, length, columns)."""
    last = taps.size - 1
    planes, length, columns = out.shape
    for p in range(planes):
        for i in range(length):
            out[p, i] = 0
            for j in range(taps.size):
                k = _place(j, overhang + i)
                for c in range(columns):
                    out[p, i, c] += taps[k] * data[p, i + last - k, c]
