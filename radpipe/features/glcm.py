"""Grey-level co-occurrence features, by direction and averaged over directions.

Definitions are Haralick's [1]_ with PyRadiomics' additions and its small constant in logarithms.
Most of them depend on the matrix through the distributions of single levels, of sums and of
differences, so that one pass over the matrix serves all.

References
----------
.. [1] Haralick RM, Shanmugam K, Dinstein I. Textural features for image classification. IEEE
   Trans Syst Man Cybern 1973;3:610-621.
"""

from __future__ import annotations

import math

import numpy as np

from radpipe.core.kernels import kernel
from radpipe.features.correlation import maximal_correlation
from radpipe.features.independence import by_order

NAMES = (
    *("Autocorrelation", "ClusterProminence", "ClusterShade", "ClusterTendency", "Contrast"),
    *("Correlation", "DifferenceAverage", "DifferenceEntropy", "DifferenceVariance", "Id"),
    *("Idm", "Idmn", "Idn", "Imc1", "Imc2", "InverseVariance", "JointAverage", "JointEnergy"),
    *("JointEntropy", "MaximumProbability", "SumAverage", "SumEntropy", "SumSquares"),
)
EPS = float(np.spacing(1))
EPS_BITS = EPS / math.log(2)
RARE = 1e-9
NEARLY_INDEPENDENT = 1e-3
"""Imc2 below which rounding, some 1e-15 in entropies, shows in its sixth digit."""


def glcm(
    pairs: np.ndarray, values: np.ndarray, weights: np.ndarray | None, symmetric: bool
) -> dict[str, float]:
    """Return the features of co-occurrence matrices.

    Parameters
    ----------
    pairs : ndarray of shape (directions, levels, levels)
        Counts of neighbouring levels.
    values : ndarray of shape (levels,)
        The grey levels, from 1.
    weights : ndarray of shape (directions,) or None
        Sum the matrices with these weights and compute the features once; None computes them
        for each direction and averages, over the directions in which voxels have neighbours.
    symmetric : bool
        Count each pair both ways.

    Returns
    -------
    dict of str to float
        NaN where no voxel has a neighbour.
    """
    if weights is None:
        matrices = pairs[pairs.any(axis=(1, 2))].astype(np.float64)
    else:
        matrices = np.tensordot(weights, pairs.astype(np.float64), 1)[None]
    if not matrices.any():
        return dict.fromkeys((*NAMES, "MCC"), np.nan)
    if symmetric:
        matrices += matrices.transpose(0, 2, 1).copy()
    matrices /= matrices.sum(axis=(1, 2), keepdims=True)
    found = np.empty((len(matrices), len(NAMES)))
    level = values.astype(np.float64)
    for matrix, row in zip(matrices, found, strict=True):
        _features(matrix, level, int(values[-1]), row)
    if not (found[:, NAMES.index("Imc2")] > NEARLY_INDEPENDENT).all():
        special = by_order(pairs, values, weights, symmetric)
    else:
        special = {"MCC": maximal_correlation(matrices)}
    return dict(zip(NAMES, np.nanmean(found, axis=0), strict=True)) | special


@kernel("void(float64[:,::1], float64[::1], int64, float64[::1])")
def _features(p, level, highest, out):
    """Fill ``out`` in the order of ``NAMES``."""
    n = level.size
    px = np.zeros(n)
    py = np.zeros(n)
    sums = np.zeros(2 * highest + 1)
    gaps = np.zeros(highest)
    ux = 0.0
    uy = 0.0
    product = 0.0
    energy = 0.0
    top = 0.0
    filled = 0
    joint = 0.0
    for i in range(n):
        a = int(level[i])
        for j in range(n):
            share = p[i, j]
            if share == 0.0:
                continue
            b = int(level[j])
            px[i] += share
            py[j] += share
            sums[a + b] += share
            gaps[abs(a - b)] += share
            product += share * (level[i] * level[j])
            energy += share * share
            joint -= share * np.log2(share + EPS)
            top = max(top, share)
            filled += 1
    for i in range(n):
        ux += level[i] * px[i]
        uy += level[i] * py[i]
    sx = 0.0
    sy = 0.0
    hx = 0.0
    hy = 0.0
    for i in range(n):
        sx += px[i] * (level[i] - ux) ** 2
        sy += py[i] * (level[i] - uy) ** 2
        hx -= px[i] * np.log2(px[i] + EPS)
        hy -= py[i] * np.log2(py[i] + EPS)
    # log2(px py + eps) to first order in eps, which is all that double precision shows, but for
    # levels as rare as eps (pairs of next to no weight)
    lx = np.zeros(n)
    ly = np.zeros(n)
    for i in range(n):
        if px[i] > 0.0:
            lx[i] = np.log2(px[i])
        if py[i] > 0.0:
            ly[i] = np.log2(py[i])
    covariance = 0.0
    hxy1 = 0.0
    hxy2 = 0.0
    for i in range(n):
        if px[i] == 0.0:
            continue
        for j in range(n):
            if py[j] == 0.0:
                continue
            both = px[i] * py[j]
            if both > RARE:
                logarithm = lx[i] + ly[j] + EPS_BITS / both
            else:
                logarithm = np.log2(both + EPS)
            hxy2 -= both * logarithm
            share = p[i, j]
            if share != 0.0:
                covariance += share * (level[i] - ux) * (level[j] - uy)
                hxy1 -= share * logarithm
    out[0] = product
    centre = ux + uy
    for k in range(1, 4):
        out[k] = 0.0
    sum_average = 0.0
    sum_entropy = 0.0
    for k in range(2, 2 * highest + 1):
        share = sums[k]
        if share != 0.0:
            d = k - centre
            out[1] += share * d**4
            out[2] += share * d**3
            out[3] += share * d**2
            sum_average += share * k
            sum_entropy -= share * np.log2(share + EPS)
    for k in range(4, 13):
        out[k] = 0.0
    out[15] = 0.0
    spread = np.sqrt(sx) * np.sqrt(sy)
    out[5] = 1.0 if spread == 0.0 else covariance / (spread + EPS)
    for k in range(highest):
        share = gaps[k]
        if share == 0.0:
            continue
        square = float(k) * k
        out[4] += share * square
        out[6] += share * k
        out[7] -= share * np.log2(share + EPS)
        out[9] += share / (1.0 + k)
        out[10] += share / (1.0 + square)
        out[11] += share / (1.0 + square / (float(highest) * highest))
        out[12] += share / (1.0 + k / float(highest))
        if k > 0:
            out[15] += share / square
    for k in range(highest):
        if gaps[k] != 0.0:
            out[8] += gaps[k] * (k - out[6]) ** 2
    most = max(hx, hy)
    out[13] = (joint - hxy1) / most if most != 0.0 else 0.0
    out[14] = 0.0 if hxy2 == joint else np.sqrt(1.0 - np.exp(-2.0 * (hxy2 - joint)))
    out[16] = ux
    out[17] = energy
    out[18] = joint
    out[19] = top
    out[20] = sum_average
    out[21] = sum_entropy
    out[22] = sx
