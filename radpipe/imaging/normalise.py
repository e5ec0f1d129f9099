"""Grey values brought to a common scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import SimpleITK as sitk


def z_score(image: sitk.Image, scale: float, remove_outliers: float | None) -> sitk.Image:
    """Subtract the mean of the whole image, divide by its standard deviation, and scale.

    Parameters
    ----------
    image : sitk.Image
        Scalar, not the same everywhere.
    scale : float
        Factor at the end.
    remove_outliers : float or None
        Clip at this many standard deviations, before ``scale``.

    Returns
    -------
    sitk.Image of float64
    """
    import SimpleITK as sitk

    found = sitk.Normalize(image)
    if remove_outliers is not None:
        found = sitk.Clamp(found, lowerBound=-remove_outliers, upperBound=remove_outliers)
    return found * scale
