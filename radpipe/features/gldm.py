"""Grey-level dependence features.

The matrix is Sun and Wee's [1]_: voxels by how many of their neighbours are alike, themselves
counted too.

References
----------
.. [1] Sun C, Wee WG. Neighboring gray level dependence matrix for texture classification. Comput
   Vis Graph Image Process 1983;23:341-352.
"""

from __future__ import annotations

import numpy as np

from radpipe.features.emphasis import emphases

NAMES = {
    "DependenceEntropy": "entropy",
    "DependenceNonUniformity": "size_nonuniformity",
    "DependenceNonUniformityNormalized": "size_nonuniformity_normalised",
    "DependenceVariance": "size_variance",
    "GrayLevelNonUniformity": "level_nonuniformity",
    "GrayLevelVariance": "level_variance",
    "HighGrayLevelEmphasis": "high",
    "LargeDependenceEmphasis": "large",
    "LargeDependenceHighGrayLevelEmphasis": "large_high",
    "LargeDependenceLowGrayLevelEmphasis": "large_low",
    "LowGrayLevelEmphasis": "low",
    "SmallDependenceEmphasis": "small",
    "SmallDependenceHighGrayLevelEmphasis": "small_high",
    "SmallDependenceLowGrayLevelEmphasis": "small_low",
}


def gldm(dependences: np.ndarray, values: np.ndarray) -> dict[str, float]:
    """Return the features of a dependence matrix.

    Parameters
    ----------
    dependences : ndarray of shape (levels, neighbours + 1)
        Voxels of a level by how many of their neighbours are alike.
    values : ndarray of shape (levels,)
        The grey levels, from 1.
    """
    matrix = dependences[None].astype(np.float64)
    found = emphases(matrix, values, np.arange(1, matrix.shape[2] + 1))
    return {name: float(found[key][0]) for name, key in NAMES.items()}
