"""Neighbouring grey-tone difference features.

Definitions are Amadasun and King's [1]_, with PyRadiomics' values where they are not defined.

References
----------
.. [1] Amadasun M, King R. Textural features corresponding to textural properties. IEEE Trans
   Syst Man Cybern 1989;19:1264-1274.
"""

from __future__ import annotations

import numpy as np

MOST_COARSE = 1e6
"""Coarseness of a region in which no voxel differs from its neighbours."""


def ngtdm(counts: np.ndarray, differences: np.ndarray, values: np.ndarray) -> dict[str, float]:
    """Return the features of the neighbourhood's differences.

    Parameters
    ----------
    counts : ndarray of shape (levels,)
        Voxels of each grey level.
    differences : ndarray of shape (levels,)
        Sum over them of the difference from the mean of their neighbours.
    values : ndarray of shape (levels,)
        The grey levels, from 1.
    """
    voxels = counts.sum()
    n = len(values)
    p = counts / voxels
    i = values.astype(np.float64)
    s = differences
    weighted = float(p @ s)
    total = float(s.sum())
    gap = i[:, None] - i
    square = gap * gap
    contrast = float(p @ square @ p) * total / voxels
    spread = float(np.abs((i * p)[:, None] - i * p).sum())
    shares = p[:, None] + p
    both = (p * s)[:, None] + p * s
    return {
        "Busyness": weighted / spread if spread else 0.0,
        "Coarseness": 1 / weighted if weighted else MOST_COARSE,
        "Complexity": float((np.abs(gap) * both / shares).sum() / voxels),
        "Contrast": contrast / (n * (n - 1)) if n > 1 else 0.0,
        "Strength": float((shares * square).sum() / total) if total else 0.0,
    }
