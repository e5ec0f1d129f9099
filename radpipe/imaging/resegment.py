"""A region cut to a range of grey values."""

from __future__ import annotations

import numpy as np


def resegmented(
    values: np.ndarray, inside: np.ndarray, limits: tuple[float, ...], mode: str
) -> np.ndarray:
    """Return the part of a region whose grey values lie within limits.

    Parameters
    ----------
    values : ndarray
        The image.
    inside : ndarray of bool
        The region, of the same shape, not empty.
    limits : tuple of 1 or 2 float
        The lower limit, and the upper; both belong to the range.
    mode : str
        Limits as they are ("absolute"), as parts of the region's maximum ("relative"), or in
        standard deviations from its mean ("sigma").

    Returns
    -------
    ndarray of bool
    """
    within = values[inside]
    at = sorted(limits)
    if mode == "relative":
        at = [within.max() * limit for limit in at]
    elif mode == "sigma":
        mean, deviation = np.mean(within), np.std(within)
        at = [mean + deviation * limit for limit in at]
    kept = within >= at[0]
    if len(at) == 2:
        kept &= within <= at[1]
    found = np.zeros_like(inside)
    found[inside] = kept
    return found
