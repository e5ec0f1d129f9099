"""Grey levels: where the bins lie, and which voxel falls into which.

The bins are PyRadiomics': of equal width counted from 0 and closed below [1]_, or a fixed number
between the region's extremes. They are found in the image's own number type, as there.

References
----------
.. [1] Leijenaar RTH et al. The effect of SUV discretization in quantitative FDG-PET radiomics.
   Sci Rep 2015;5:11075.
"""

from __future__ import annotations

import numpy as np

from radpipe.core.kernels import kernel


def width_edges(minimum: np.generic, maximum: np.generic, width: float) -> np.ndarray:
    """Return the edges of bins of one width.

    Parameters
    ----------
    minimum, maximum : numpy scalar
        Of the region, in the image's number type.
    width : float
        Above 0.

    Returns
    -------
    ndarray
        One more than there are bins; the last bins may be empty.
    """
    low = minimum - (minimum % width)
    edges = np.arange(low, maximum + 2 * width, width)
    if len(edges) == 1:
        edges = np.array([edges[0] - 0.5, edges[0] + 0.5])
    return edges


def count_edges(values: np.ndarray, count: int) -> np.ndarray:
    """Return the edges of a number of equal bins over the values; the last takes the maximum."""
    edges = np.histogram_bin_edges(values, count)
    edges[-1] += 1
    return edges


def digitise(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the bin of each value, counted from 1.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Within the edges.
    edges : ndarray
        Rising, about evenly.

    Returns
    -------
    ndarray of uint16, shape (n,)
    """
    levels = np.empty(values.size, np.uint16)
    numbers = values if values.dtype == np.float32 else values.astype(np.float64, copy=False)
    _digitise(numbers, edges.astype(np.float64), levels)
    return levels


@kernel(
    "void(float32[::1], float64[::1], uint16[::1])",
    "void(float64[::1], float64[::1], uint16[::1])",
)
def _digitise(values, edges, levels):
    """Guess the bin by division, and correct the guess by the edges themselves."""
    low = edges[0]
    scale = 1.0 / (edges[1] - edges[0])
    last = edges.size - 1
    for i in range(values.size):
        value = np.float64(values[i])
        guess = min(max(int((value - low) * scale), 0), last)
        while guess < last and value >= edges[guess + 1]:
            guess += 1
        while guess > 0 and value < edges[guess]:
            guess -= 1
        levels[i] = guess + 1
