"""Grey-level size-zone features.

Definitions are Thibault's [1]_ with PyRadiomics' normalisation.

References
----------
.. [1] Thibault G et al. Texture indexes and gray level size zone matrix: application to cell
   nuclei classification. Pattern Recognition and Information Processing 2009:140-145.
"""

from __future__ import annotations

import numpy as np

from radpipe.features.emphasis import emphases

NAMES = {
    "GrayLevelNonUniformity": "level_nonuniformity",
    "GrayLevelNonUniformityNormalized": "level_nonuniformity_normalised",
    "GrayLevelVariance": "level_variance",
    "HighGrayLevelZoneEmphasis": "high",
    "LargeAreaEmphasis": "large",
    "LargeAreaHighGrayLevelEmphasis": "large_high",
    "LargeAreaLowGrayLevelEmphasis": "large_low",
    "LowGrayLevelZoneEmphasis": "low",
    "SizeZoneNonUniformity": "size_nonuniformity",
    "SizeZoneNonUniformityNormalized": "size_nonuniformity_normalised",
    "SmallAreaEmphasis": "small",
    "SmallAreaHighGrayLevelEmphasis": "small_high",
    "SmallAreaLowGrayLevelEmphasis": "small_low",
    "ZoneEntropy": "entropy",
    "ZonePercentage": "share_of_voxels",
    "ZoneVariance": "size_variance",
}


def glszm(ranks: np.ndarray, sizes: np.ndarray, values: np.ndarray) -> dict[str, float]:
    """Return the features of a list of zones.

    Parameters
    ----------
    ranks, sizes : ndarray of int64, shape (zones,)
        Grey level of each zone, as its place in ``values``, and its voxels.
    values : ndarray of shape (levels,)
        The grey levels, from 1.
    """
    there = np.flatnonzero(np.bincount(sizes))
    place = np.zeros(there[-1] + 1, np.int64)
    place[there] = np.arange(len(there))
    cells = np.bincount(ranks * len(there) + place[sizes], minlength=len(values) * len(there))
    matrix = cells.reshape(1, len(values), len(there)).astype(np.float64)
    found = emphases(matrix, values, there)
    return {name: float(found[key][0]) for name, key in NAMES.items()}
