"""Cubic B-spline interpolation on a grid with the same axes as the image's.

ITK sums 64 neighbours for each new voxel; where the axes agree, the spline is a product of three
and can be summed axis by axis. The coefficients follow Unser [1]_ with ITK's mirrored edges, so
that the values agree to rounding in double precision.

References
----------
.. [1] Unser M. Splines: a perfect fit for signal and image processing. IEEE Signal Processing
   Magazine 1999;16(6):22-38.
"""

from __future__ import annotations

import math

import numpy as np

from radpipe.core.kernels import kernel

MARGIN = 32
"""Voxels around the wanted part that the coefficients there depend on (the rest adds 1e-18)."""

POLE = math.sqrt(3.0) - 2.0
HORIZON = math.ceil(math.log(1e-10) / math.log(abs(POLE)))


def interpolate(image: np.ndarray, indices: tuple[np.ndarray, ...]) -> np.ndarray:
    """Interpolate at every combination of three lists of places.

    Parameters
    ----------
    image : ndarray of shape (z, y, x)
        Grey values.
    indices : tuple of 3 ndarray of float64
        Places along z, y, x in voxels, each inside the image (its voxels' outer edges count).

    Returns
    -------
    ndarray of float64, shape (len(z), len(y), len(x))
    """
    lows, highs, places = [], [], []
    for at, size in zip(indices, image.shape, strict=True):
        low = max(0, math.floor(at.min()) - MARGIN)
        lows.append(low)
        highs.append(min(size, math.floor(at.max()) + MARGIN + 2))
        places.append(at - low)
    part = image[tuple(slice(a, b) for a, b in zip(lows, highs, strict=True))]
    values = np.array(part, dtype=np.float64, order="C")
    z, y, x = values.shape
    for shape in ((z * y, x, 1), (z, y, x), (1, z, y * x)):
        _coefficients(values.reshape(shape), POLE, HORIZON)
    for axis in (2, 1, 0):  # slices are far apart: last, when they are fewest
        first, weights = _weights(places[axis], values.shape[axis])
        shape = list(values.shape)
        before, after = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
        shape[axis] = len(first)
        out = np.empty(shape)
        _sum_four(values.reshape(before, -1, after), out.reshape(before, -1, after), first, weights)
        values = out
    return values


def _weights(at: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the four neighbours of each place, mirrored at the edges, and their weights.

    Of two voxels, the farthest neighbour is mirrored at both edges; ITK mirrors once and reads
    memory that is not the image's.
    """
    floor = np.floor(at)
    w = at - floor
    last = w * w * w / 6.0
    first = 1.0 / 6.0 + 0.5 * w * (w - 1.0) - last
    third = w + first - 2.0 * last
    weights = np.stack([first, 1.0 - first - third - last, third, last], axis=1)
    neighbours = floor.astype(np.int64)[:, None] + np.arange(-1, 3)
    if size == 1:
        return np.zeros_like(neighbours), weights
    neighbours = np.where(neighbours < 0, -neighbours, neighbours)
    end = size - 1
    return np.where(neighbours >= end, np.abs(2 * end - neighbours), neighbours), weights


@kernel("void(float64[:,:,::1], float64, int64)")
def _coefficients(values, pole, horizon):
    """Turn samples along the middle axis into spline coefficients, in place."""
    planes, length, columns = values.shape
    if length == 1:
        return
    gain = (1.0 - pole) * (1.0 - 1.0 / pole)
    for p in range(planes):
        for i in range(length):
            for c in range(columns):
                values[p, i, c] *= gain
        for c in range(columns):
            power = pole
            if horizon < length:
                total = values[p, 0, c]
                for i in range(1, horizon):
                    total += power * values[p, i, c]
                    power *= pole
                values[p, 0, c] = total
            else:
                back = pole ** (length - 1)
                total = values[p, 0, c] + back * values[p, length - 1, c]
                back *= back / pole
                for i in range(1, length - 1):
                    total += (power + back) * values[p, i, c]
                    power *= pole
                    back /= pole
                values[p, 0, c] = total / (1.0 - power * power)
        for i in range(1, length):
            for c in range(columns):
                values[p, i, c] += pole * values[p, i - 1, c]
        end = length - 1
        for c in range(columns):
            values[p, end, c] = (pole / (pole * pole - 1.0)) * (
                pole * values[p, end - 1, c] + values[p, end, c]
            )
        for i in range(end - 1, -1, -1):
            for c in range(columns):
                values[p, i, c] = pole * (values[p, i + 1, c] - values[p, i, c])


@kernel("void(float64[:,:,::1], float64[:,:,::1], int64[:,::1], float64[:,::1])")
def _sum_four(values, out, neighbours, weights):
    """Sum four weighted neighbours along the middle axis."""
    planes, length, columns = out.shape
    for p in range(planes):
        for i in range(length):
            a, b = neighbours[i, 0], neighbours[i, 1]
            c, d = neighbours[i, 2], neighbours[i, 3]
            wa, wb, wc, wd = weights[i, 0], weights[i, 1], weights[i, 2], weights[i, 3]
            for k in range(columns):
                out[p, i, k] = (
                    wa * values[p, a, k]
                    + wb * values[p, b, k]
                    + wc * values[p, c, k]
                    + wd * values[p, d, k]
                )
