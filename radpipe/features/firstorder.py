"""First-order statistics: the distribution of grey values in the region.

Definitions are PyRadiomics' [1]_; entropy and uniformity are of the discretised values.

References
----------
.. [1] van Griethuysen JJM et al. Computational radiomics system to decode the radiographic
   phenotype. Cancer Res 2017;77:e104.
"""

from __future__ import annotations

import math

import numpy as np

from radpipe.core.kernels import kernel

EPS = np.spacing(1)


def firstorder(
    values: np.ndarray, counts: np.ndarray, voxel_volume: float, shift: float = 0.0
) -> dict[str, float]:
    """Return the features of a distribution.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Grey values of the region's voxels.
    counts : ndarray of shape (levels,)
        Voxels of each grey level.
    voxel_volume : float
        In mm³.
    shift : float
        Added to the values for energy and root mean square.

    Returns
    -------
    dict of str to float
    """
    numbers = values.astype(np.float64, copy=False)
    ordered = np.sort(values).astype(np.float64, copy=False)
    p10, p25, p50, p75, p90 = (_percentile(ordered, q) for q in (10, 25, 50, 75, 90))
    first = int(np.searchsorted(ordered, p10, "left"))
    after = int(np.searchsorted(ordered, p90, "right"))
    # where all values are equal, the mean's last digit decides between 0 and 1 for skewness and
    # kurtosis: it is numpy's, in the voxels' order
    mean = float(numbers.mean())
    middle = ordered[first:after]
    energy, m2, m3, m4, deviation = _moments(ordered, mean, shift)
    minimum, maximum = float(ordered[0]), float(ordered[-1])
    share = counts / counts.sum()
    return {
        "10Percentile": p10,
        "90Percentile": p90,
        "Energy": energy,
        "Entropy": float(-np.sum(share * np.log2(share + EPS))),
        "InterquartileRange": p75 - p25,
        "Kurtosis": m4 / (m2 * m2 if m2 else 1.0),
        "Maximum": maximum,
        "MeanAbsoluteDeviation": deviation,
        "Mean": mean,
        "Median": p50,
        "Minimum": minimum,
        "Range": maximum - minimum,
        "RobustMeanAbsoluteDeviation": _absolute_deviation(middle),
        "RootMeanSquared": math.sqrt(energy / len(ordered)),
        "Skewness": m3 / (m2**1.5 if m2 else 1.0),
        "StandardDeviation": math.sqrt(m2),
        "TotalEnergy": energy * voxel_volume,
        "Uniformity": float(np.sum(share * share)),
        "Variance": m2,
    }


def _percentile(ordered: np.ndarray, percent: float) -> float:
    """Return a percentile by linear interpolation, with numpy's roundings."""
    place = (len(ordered) - 1) * (percent / 100)
    below = int(place)
    part = place - below
    a, b = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    return b - (b - a) * (1 - part) if part >= 0.5 else a + (b - a) * part


@kernel("UniTuple(float64, 5)(float64[::1], float64, float64)", fastmath={"reassoc", "contract"})
def _moments(values, mean, shift):
    """Return energy, the central moments 2 to 4, and the mean absolute deviation."""
    n = values.size
    energy = 0.0
    m2 = 0.0
    m3 = 0.0
    m4 = 0.0
    deviation = 0.0
    for i in range(n):
        energy += (values[i] + shift) * (values[i] + shift)
        d = values[i] - mean
        s = d * d
        m2 += s
        m3 += s * d
        m4 += s * s
        deviation += abs(d)
    return energy, m2 / n, m3 / n, m4 / n, deviation / n


def _absolute_deviation(values: np.ndarray) -> float:
    """Return the mean absolute deviation; of no value it is not defined."""
    return _mean_gap(values, float(values.mean())) if len(values) else math.nan


@kernel("float64(float64[::1], float64)", fastmath={"reassoc", "contract"})
def _mean_gap(values, centre):
    total = 0.0
    for i in range(values.size):
        total += abs(values[i] - centre)
    return total / values.size
