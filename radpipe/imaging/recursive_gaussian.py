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

from radpipe.imaging.recursion import add, along_columns, along_lines

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
        add(total.ravel(), passed.ravel(), 1.0 / (spacing[axis] * spacing[axis]))
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
        along_lines(source.reshape(z * y, x), out.reshape(z * y, -1), keep[0], coefficients)
    elif axis == 1:
        along_columns(source, out, keep[0], coefficients)
    else:
        columns = y * x
        along_columns(
            source.reshape(1, z, columns), out.reshape(1, -1, columns), keep[0], coefficients
        )
    return out
