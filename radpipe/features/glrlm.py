"""Grey-level run-length features, by direction and averaged over directions.

Definitions are Galloway's [1]_, Chu's and Dasarathy's with PyRadiomics' normalisation.

References
----------
.. [1] Galloway MM. Texture analysis using gray level run lengths. Comput Graph Image Process
   1975;4:172-179.
"""

from __future__ import annotations

import numpy as np

from radpipe.features.emphasis import emphases

NAMES = {
    "GrayLevelNonUniformity": "level_nonuniformity",
    "GrayLevelNonUniformityNormalized": "level_nonuniformity_normalised",
    "GrayLevelVariance": "level_variance",
    "HighGrayLevelRunEmphasis": "high",
    "LongRunEmphasis": "large",
    "LongRunHighGrayLevelEmphasis": "large_high",
    "LongRunLowGrayLevelEmphasis": "large_low",
    "LowGrayLevelRunEmphasis": "low",
    "RunEntropy": "entropy",
    "RunLengthNonUniformity": "size_nonuniformity",
    "RunLengthNonUniformityNormalized": "size_nonuniformity_normalised",
    "RunPercentage": "share_of_voxels",
    "RunVariance": "size_variance",
    "ShortRunEmphasis": "small",
    "ShortRunHighGrayLevelEmphasis": "small_high",
    "ShortRunLowGrayLevelEmphasis": "small_low",
}


def glrlm(runs: np.ndarray, values: np.ndarray, weights: np.ndarray | None) -> dict[str, float]:
    """Return the features of run-length matrices.

    Parameters
    ----------
    runs : ndarray of shape (directions, levels, longest)
        Counts of runs; a direction without any does not count.
    values : ndarray of shape (levels,)
        The grey levels, from 1.
    weights : ndarray of shape (directions,) or None
        Sum the matrices with these weights and compute the features once; None computes them
        for each direction and averages.
    """
    if weights is None:
        matrices = runs[runs.any(axis=(1, 2))].astype(np.float64)
    else:
        matrices = np.tensordot(weights, runs.astype(np.float64), 1)[None]
    if not matrices.any():
        none = dict.fromkeys(NAMES, np.nan)  # PyRadiomics sums over no run at all
        return none if weights is None else none | {"RunEntropy": 0.0, "RunVariance": 0.0}
    found = emphases(matrices, values, np.arange(1, runs.shape[2] + 1))
    return {name: float(found[key].mean()) for name, key in NAMES.items()}
