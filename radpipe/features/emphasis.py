"""What the run-length, zone and dependence matrices have in common.

Each counts things by grey level and by size (of a run, of a zone, of a neighbourhood), and the
same sums over such a matrix carry other names in each class [1]_.

References
----------
.. [1] Chu A, Sehgal CM, Greenleaf JF. Use of gray value distribution of run lengths for texture
   analysis. Pattern Recognit Lett 1990;11:415-420.
"""

from __future__ import annotations

import numpy as np

EPS = float(np.spacing(1))


def emphases(counts: np.ndarray, levels: np.ndarray, sizes: np.ndarray) -> dict[str, np.ndarray]:
    """Return sums over matrices of counts.

    Parameters
    ----------
    counts : ndarray of float64, shape (matrices, levels, sizes)
        How many things of a level have a size; no matrix is empty.
    levels : ndarray of shape (levels,)
        Grey levels, from 1.
    sizes : ndarray of shape (sizes,)
        Sizes, from 1.

    Returns
    -------
    dict of str to ndarray of shape (matrices,)
    """
    i = levels.astype(np.float64)
    j = sizes.astype(np.float64)
    i2, j2 = i * i, j * j
    n = counts.sum(axis=(1, 2))
    by_level = counts.sum(axis=2)
    by_size = counts.sum(axis=1)
    share = counts / n[:, None, None]
    level_share, size_share = by_level / n[:, None], by_size / n[:, None]
    level_mean, size_mean = level_share @ i, size_share @ j
    level_square, size_square = (by_level**2).sum(axis=1), (by_size**2).sum(axis=1)
    low, high = np.tensordot(share, 1 / i2, (1, 0)), np.tensordot(share, i2, (1, 0))
    return {
        "number": n,
        "share_of_voxels": n / (by_size @ j),
        "small": size_share @ (1 / j2),
        "large": size_share @ j2,
        "low": level_share @ (1 / i2),
        "high": level_share @ i2,
        "small_low": low @ (1 / j2),
        "small_high": high @ (1 / j2),
        "large_low": low @ j2,
        "large_high": high @ j2,
        "level_nonuniformity": level_square / n,
        "level_nonuniformity_normalised": level_square / n**2,
        "size_nonuniformity": size_square / n,
        "size_nonuniformity_normalised": size_square / n**2,
        "level_variance": (level_share * (i - level_mean[:, None]) ** 2).sum(axis=1),
        "size_variance": (size_share * (j - size_mean[:, None]) ** 2).sum(axis=1),
        "entropy": -(share * np.log2(share + EPS)).sum(axis=(1, 2)),
    }
