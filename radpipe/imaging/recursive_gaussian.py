"""Laplacian of Gaussian by recursive filters, with ITK's coefficients and roundings.

The filters are Deriche's fourth-order recursions [1]_ with the coefficients and edge rule of
ITK's ``RecursiveGaussianImageFilter`` [2]_. Each pass along an axis is computed in double and
kept in single precision, as ``LaplacianRecursiveGaussianImageFilter`` does, so that the values
are the same to the last bit: grey levels are cut from them afterwards.

References
----------
.. [1] Deriche R. Recursively implementing the Gaussian and its derivatives. INRIA research
   report 1893, 1993.
.. [2] Farneback G, Westin CF. Improving Deriche-style recursive Gaussian filters. J Math
   Imaging Vis 2006;26:293-299.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from radpipe.core.kernels import kernel

SHORTEST = 4
"""Voxels along an axis that the recursion needs."""

_A = ((1.3530, -0.3531), (-1.3563, 0.3446))
_B = ((1.8151, 0.0902), (5.2318, -2.2355))
_W = (0.6681, 2.0787)
_L = (-1.3932, -1.3732)


@dataclass(frozen=True)
class _Numerator:
    n: tuple[float, float, float, float]
    total: float
    first: float
    second: float


def laplacian_of_gaussian(
    image: np.ndarray,
    spacing: tuple[float, ...],
    sigma: float,
    box: tuple[slice, slice, slice],
    flat: bool = False,
) -> np.ndarray:
    """Filter a volume, and return a box of it.

    Parameters
    ----------
    image : ndarray of shape (z, y, x)
        Grey values; the recursion runs over all of them.
    spacing : tuple of 3 float
        Voxel size along x, y, z in mm.
    sigma : float
        Width of the Gaussian in mm, above 0.
    box : tuple of 3 slice
        The part that is wanted, along z, y, x.
    flat : bool
        The image is a single slice: filter within it.

    Returns
    -------
    ndarray of float32
        Sum of the second derivatives, times sigma squared, in the box.
    """
    source = np.require(image, requirements=["C", "W"])
    if source.dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        exact = source.dtype.itemsize <= 2  # whole numbers below 2**24 are exact in float32
        source = source.astype(np.float32 if exact else np.float64)
    keep = [part.indices(size)[:2] for part, size in zip(box, source.shape, strict=True)][::-1]
    axes = (0, 1) if flat else (0, 1, 2)  # x, y, z as ITK counts
    total = np.zeros([high - low for low, high in keep[::-1]], np.float32)
    for axis in axes:
        others = [other for other in axes if other != axis]
        passed = _pass(source, axis, keep[axis], _coefficients(sigma, spacing[axis], 2))
        for other in others:
            passed = _pass(passed, other, keep[other], _coefficients(sigma, spacing[other], 0))
        _add(total.ravel(), passed.ravel(), 1.0 / (spacing[axis] * spacing[axis]))
    return total


def _coefficients(sigma: float, spacing: float, order: int) -> np.ndarray:
    """Return n0-n3, d1-d4, m1-m4, and the edge's bn1-bn4 and bm1-bm4 (20 numbers)."""
    width = sigma / spacing
    d, sd, dd, ed = _denominator(width)
    smooth = _numerator(width, 0)
    if order == 0:
        scale = 1.0 / (2 * smooth.total / sd - smooth.n[0])
        n = [value * scale for value in smooth.n]
    else:
        second = _numerator(width, 1)
        beta = -(2 * second.total - sd * second.n[0]) / (2 * smooth.total - sd * smooth.n[0])
        n = [a + beta * b for a, b in zip(second.n, smooth.n, strict=True)]
        sn = second.total + beta * smooth.total
        dn = second.first + beta * smooth.first
        en = second.second + beta * smooth.second
        alpha = en * sd * sd - ed * sn * sd - 2 * dn * dd * sd + 2 * dd * dd * sn
        alpha /= sd * sd * sd
        scale = sigma * sigma / alpha
        n = [value * scale for value in n]
    m = [n[1] - d[0] * n[0], n[2] - d[1] * n[0], n[3] - d[2] * n[0], -d[3] * n[0]]
    sn = n[0] + n[1] + n[2] + n[3]
    sm = m[0] + m[1] + m[2] + m[3]
    edge = [value * sn / sd for value in d] + [value * sm / sd for value in d]
    return np.array([*n, *d, *m, *edge])


def _numerator(width: float, which: int) -> _Numerator:
    (a1, a2), (b1, b2) = _A[which], _B[which]
    sin1, sin2 = math.sin(_W[0] / width), math.sin(_W[1] / width)
    cos1, cos2 = math.cos(_W[0] / width), math.cos(_W[1] / width)
    exp1, exp2 = math.exp(_L[0] / width), math.exp(_L[1] / width)
    n0 = a1 + a2
    n1 = exp2 * (b2 * sin2 - (a2 + 2 * a1) * cos2)
    n1 += exp1 * (b1 * sin1 - (a1 + 2 * a2) * cos1)
    n2 = (a1 + a2) * cos2 * cos1
    n2 -= b1 * cos2 * sin1 + b2 * cos1 * sin2
    n2 *= 2 * exp1 * exp2
    n2 += a2 * exp1 * exp1 + a1 * exp2 * exp2
    n3 = exp2 * exp1 * exp1 * (b2 * sin2 - a2 * cos2)
    n3 += exp1 * exp2 * exp2 * (b1 * sin1 - a1 * cos1)
    return _Numerator(
        (n0, n1, n2, n3), n0 + n1 + n2 + n3, n1 + 2 * n2 + 3 * n3, n1 + 4 * n2 + 9 * n3
    )


def _denominator(width: float) -> tuple[list[float], float, float, float]:
    cos1, cos2 = math.cos(_W[0] / width), math.cos(_W[1] / width)
    exp1, exp2 = math.exp(_L[0] / width), math.exp(_L[1] / width)
    d4 = exp1 * exp1 * exp2 * exp2
    d3 = -2 * cos1 * exp1 * exp2 * exp2
    d3 += -2 * cos2 * exp2 * exp1 * exp1
    d2 = 4 * cos2 * cos1 * exp1 * exp2
    d2 += exp1 * exp1 + exp2 * exp2
    d1 = -2 * (exp2 * cos2 + exp1 * cos1)
    sd = 1.0 + d1 + d2 + d3 + d4
    return (
        [d1, d2, d3, d4],
        sd,
        d1 + 2 * d2 + 3 * d3 + 4 * d4,
        d1 + 4 * d2 + 9 * d3 + 16 * d4,
    )


def _pass(
    source: np.ndarray, axis: int, keep: tuple[int, int], coefficients: np.ndarray
) -> np.ndarray:
    """Filter along x (0), y (1) or z (2), and keep a range of that axis, in single precision."""
    z, y, x = source.shape
    shape = [z, y, x]
    shape[2 - axis] = keep[1] - keep[0]
    out = np.empty(shape, np.float32)
    if axis == 0:
        _along_lines(source.reshape(z * y, x), out.reshape(z * y, -1), *keep, coefficients)
    elif axis == 1:
        _along_columns(source, out, *keep, coefficients)
    else:
        _along_columns(source.reshape(1, z, y * x), out.reshape(1, -1, y * x), *keep, coefficients)
    return out


WIDTH = 48
"""Most lines that are filtered side by side: vectors of the processor, and a cache's worth."""


@kernel()
def _lanes(lines):
    """Return how many lines to filter side by side, a multiple of 8 that leaves few idle."""
    rounds = (lines + WIDTH - 1) // WIDTH
    each = (lines + rounds - 1) // rounds
    return (each + 7) // 8 * 8


@kernel()
def _causal(data, out, c, length, lanes):
    """Filter lines that lie side by side from their beginning to their end.

    Before the edge the image goes on with the edge's value, which the recursion has settled to.
    """
    n0, n1, n2, n3 = c[0], c[1], c[2], c[3]
    d1, d2, d3, d4 = c[4], c[5], c[6], c[7]
    for i in range(min(4, length)):
        for s in range(lanes):
            edge = data[0, s]
            x1 = data[i - 1, s] if i >= 1 else edge
            x2 = data[i - 2, s] if i >= 2 else edge
            x3 = data[i - 3, s] if i >= 3 else edge
            value = data[i, s] * n0 + x1 * n1 + x2 * n2 + x3 * n3
            y1 = out[i - 1, s] * d1 if i >= 1 else edge * c[12]
            y2 = out[i - 2, s] * d2 if i >= 2 else edge * c[13]
            y3 = out[i - 3, s] * d3 if i >= 3 else edge * c[14]
            out[i, s] = value - (y1 + y2 + y3 + edge * c[15])
    for i in range(4, length):
        for s in range(lanes):
            value = data[i, s] * n0 + data[i - 1, s] * n1 + data[i - 2, s] * n2
            value = value + data[i - 3, s] * n3
            back = out[i - 1, s] * d1 + out[i - 2, s] * d2 + out[i - 3, s] * d3
            out[i, s] = value - (back + out[i - 4, s] * d4)


@kernel()
def _anticausal(data, out, c, length, lanes):
    """Filter from the end to the beginning, without the voxel itself."""
    d1, d2, d3, d4 = c[4], c[5], c[6], c[7]
    m1, m2, m3, m4 = c[8], c[9], c[10], c[11]
    last = length - 1
    for j in range(min(4, length)):
        i = last - j
        for s in range(lanes):
            edge = data[last, s]
            x1 = data[i + 1, s] if j >= 1 else edge
            x2 = data[i + 2, s] if j >= 2 else edge
            x3 = data[i + 3, s] if j >= 3 else edge
            value = x1 * m1 + x2 * m2 + x3 * m3 + edge * m4
            y1 = out[i + 1, s] * d1 if j >= 1 else edge * c[16]
            y2 = out[i + 2, s] * d2 if j >= 2 else edge * c[17]
            y3 = out[i + 3, s] * d3 if j >= 3 else edge * c[18]
            out[i, s] = value - (y1 + y2 + y3 + edge * c[19])
    for i in range(last - 4, -1, -1):
        for s in range(lanes):
            value = data[i + 1, s] * m1 + data[i + 2, s] * m2 + data[i + 3, s] * m3
            value = value + data[i + 4, s] * m4
            ahead = out[i + 1, s] * d1 + out[i + 2, s] * d2 + out[i + 3, s] * d3
            out[i, s] = value - (ahead + out[i + 4, s] * d4)


# Rows are cut out before the inner loops: an index that may be negative would be tested for it,
# and the loops could not use the processor's vectors.


@kernel(
    "void(float32[:,::1], float32[:,::1], int64, int64, float64[::1])",
    "void(float64[:,::1], float32[:,::1], int64, int64, float64[::1])",
)
def _along_lines(source, out, low, high, c):
    """Filter every row of an array of shape (lines, length); keep places low to high."""
    lines, length = source.shape
    lanes = _lanes(lines)
    data = np.zeros((length, lanes))
    causal = np.zeros((length, lanes))
    anti = np.zeros((length, lanes))
    for first in range(0, lines, lanes):
        count = min(lanes, lines - first)
        for s in range(count):
            row = source[first + s]
            for i in range(length):
                data[i, s] = row[i]
        _causal(data, causal, c, length, lanes)
        _anticausal(data, anti, c, length, lanes)
        for s in range(count):
            kept = out[first + s]
            ahead, behind = causal[low:high, s], anti[low:high, s]
            for i in range(kept.size):
                kept[i] = np.float32(ahead[i] + behind[i])


@kernel(
    "void(float32[:,:,::1], float32[:,:,::1], int64, int64, float64[::1])",
    "void(float64[:,:,::1], float32[:,:,::1], int64, int64, float64[::1])",
)
def _along_columns(source, out, low, high, c):
    """Filter along the middle axis of an array of shape (planes, length, columns)."""
    planes, length, columns = source.shape
    lanes = _lanes(columns)
    data = np.zeros((length, lanes))
    causal = np.zeros((length, lanes))
    anti = np.zeros((length, lanes))
    for p in range(planes):
        for first in range(0, columns, lanes):
            count = min(lanes, columns - first)
            for i in range(length):
                row = source[p, i, first : first + count]
                line = data[i]
                for s in range(row.size):
                    line[s] = row[s]
            _causal(data, causal, c, length, lanes)
            _anticausal(data, anti, c, length, lanes)
            for i in range(low, high):
                kept = out[p, i - low, first : first + count]
                ahead, behind = causal[i], anti[i]
                for s in range(kept.size):
                    kept[s] = np.float32(ahead[s] + behind[s])


@kernel("void(float32[::1], float32[::1], float64)")
def _add(total, term, factor):
    """Add ``factor * term``, rounding to single precision each time."""
    for i in range(total.size):
        total[i] = np.float32(np.float64(total[i]) + np.float64(term[i]) * factor)
