"""Filters of each voxel by itself, scaled so that the image keeps its range.

Square, square root, logarithm and exponential as PyRadiomics defines them (van Griethuysen and
others, Cancer Research 2017, doi:10.1158/0008-5472.CAN-17-0339). Their constants come from the
largest absolute value of the whole image (its peak); the values of a part of it then follow from
that part alone. Order of operations and type (float64) are PyRadiomics' too, to the last bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radpipe.core.errors import CaseError, Fault

Array = NDArray[np.float64]


def peak_of(array: NDArray) -> float:
    """Return the largest absolute value of a whole image.

    Parameters
    ----------
    array : ndarray
        Finite values.
    """
    # not max(abs(array)): the absolute value of -32768 is no int16
    return max(float(array.max()), -float(array.min()))


def square(array: NDArray, peak: float, image_name: str = "image") -> Array:
    """Return ``(c x)^2`` with ``c = 1 / sqrt(peak)``: 0 to peak, without the sign.

    Parameters
    ----------
    array : ndarray
        The image or a part of it.
    peak : float
        :func:`peak_of` the whole image.
    image_name : str
        What the image is called in messages.

    Raises
    ------
    CaseError
        Where the image holds zeros only.
    """
    _check_peak(peak, "square", image_name)
    scale = 1 / np.sqrt(np.float64(peak))
    return (scale * array.astype(np.float64)) ** 2


def square_root(array: NDArray, peak: float) -> Array:
    """Return ``sqrt(c |x|)`` with ``c = peak`` and the sign of ``x``; zeros stay zeros.

    Parameters
    ----------
    array : ndarray
        The image or a part of it.
    peak : float
        :func:`peak_of` the whole image.
    """
    values = array.astype(np.float64)
    return np.copysign(np.sqrt(np.abs(values) * peak), values)


def logarithm(array: NDArray, peak: float, image_name: str = "image") -> Array:
    """Return ``c log(|x| + 1)`` with ``c = peak / log(peak + 1)`` and the sign of ``x``.

    Parameters
    ----------
    array : ndarray
        The image or a part of it.
    peak : float
        :func:`peak_of` the whole image.
    image_name : str
        What the image is called in messages.

    Raises
    ------
    CaseError
        Where the image holds zeros only.
    """
    _check_peak(peak, "logarithm", image_name)
    values = array.astype(np.float64)
    scale = peak / np.log(np.float64(peak) + 1)
    return np.copysign(np.log(np.abs(values) + 1), values) * scale


def exponential(array: NDArray, peak: float, image_name: str = "image") -> Array:
    """Return ``exp(c x)`` with ``c = log(peak) / peak``: 1 / peak to peak.

    Parameters
    ----------
    array : ndarray
        The image or a part of it.
    peak : float
        :func:`peak_of` the whole image.
    image_name : str
        What the image is called in messages.

    Raises
    ------
    CaseError
        Where the image holds zeros only.
    """
    _check_peak(peak, "exponential", image_name)
    scale = np.log(np.float64(peak)) / peak
    return np.exp(scale * array.astype(np.float64))


def _check_peak(peak: float, filter_name: str, image_name: str) -> None:
    """Refuse an image of zeros, of which PyRadiomics makes NaN."""
    if peak == 0:
        raise CaseError(
            Fault(
                image_name,
                f"holds zeros only: the {filter_name} filter has no range to scale to",
                "check the image, or exclude the case",
            )
        )
