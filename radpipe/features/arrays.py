"""Features of images or arrays, for programs: ``from radpipe.features import extract``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from radpipe.core.errors import RadpipeError
from radpipe.features.case import extract_case
from radpipe.features.engine import Engine
from radpipe.features.picture import PLANE, default_settings
from radpipe.features.registry import DEFAULT_ENGINE, ENGINES
from radpipe.features.settings import ExtractionSettings

if TYPE_CHECKING:
    import SimpleITK as sitk
    from numpy.typing import ArrayLike


def extract(
    image: sitk.Image | ArrayLike,
    mask: sitk.Image | ArrayLike,
    settings: ExtractionSettings | Mapping[str, Any] | None = None,
    *,
    label: int = 1,
    spacing: Sequence[float] | None = None,
    engine: str = DEFAULT_ENGINE,
) -> dict[str, float]:
    """Extract the features of one region.

    Parameters
    ----------
    image : sitk.Image or array_like
        A volume or a picture. The axes of an array are z, y, x (or y, x), as SimpleITK's
        ``GetArrayFromImage`` gives them.
    mask : sitk.Image or array_like
        Labels on the image's grid. An array may go with either; it is as long as the image along
        each axis.
    settings : ExtractionSettings, mapping or None
        How to extract: the keys that a block of study.yaml has. None takes PyRadiomics' defaults.
        What a PyRadiomics parameter file says is read by
        :func:`radpipe.features.params.from_pyradiomics`.
    label : int
        Value of the region in the mask.
    spacing : sequence of float
        Voxel size in mm along x, y, z (or x, y); for arrays, which do not have one.
    engine : str
        ``native``, or ``pyradiomics`` where that is installed.

    Returns
    -------
    dict of str to float
        Features by their PyRadiomics names, in a fixed order; NaN where one is undefined.

    Raises
    ------
    RadpipeError
        In one line, where image and mask do not fit, or the region admits no features.
    pydantic.ValidationError
        Where the settings are not allowed.

    Examples
    --------
    >>> import numpy as np
    >>> from radpipe.features import extract
    >>> z, y, x = np.indices((8, 16, 16))
    >>> image = 100 + 10 * x + y
    >>> mask = (x - 8) ** 2 + (y - 8) ** 2 + (z - 4) ** 2 <= 9
    >>> found = extract(image, mask, {"classes": ["firstorder"]}, spacing=(1, 1, 2.5))
    >>> round(found["original_firstorder_Mean"], 6)
    188.0
    """
    if label < 1:
        raise RadpipeError(f"label: found {label}; give the region's value in the mask, 1 or more")
    image = _image(image, spacing)
    mask = _mask(mask, image)
    flat = image.GetDimension() == 2
    chosen: Engine = ENGINES[engine]()
    return extract_case(image, mask, label, _settings(settings, flat), chosen)


def _settings(
    settings: ExtractionSettings | Mapping[str, Any] | None, flat: bool
) -> ExtractionSettings:
    if settings is None:
        return default_settings(flat)
    if isinstance(settings, ExtractionSettings):
        return settings
    return ExtractionSettings(**({"force_2d": PLANE} if flat else {}) | dict(settings))


def _image(image: Any, spacing: Sequence[float] | None) -> sitk.Image:
    import SimpleITK as sitk

    if isinstance(image, sitk.Image):
        if spacing is not None:
            raise RadpipeError("spacing: a SimpleITK image has its own; leave spacing out")
        return image
    found = _from_array(image, "image")
    if spacing is None or len(spacing) != found.GetDimension() or not all(s > 0 for s in spacing):
        axes = "xyz"[: found.GetDimension()]
        raise RadpipeError(
            f"spacing: found {spacing} for an array of {found.GetDimension()} axes; give the voxel "
            f"size in mm, spacing=({', '.join(axes)})"
        )
    found.SetSpacing([float(s) for s in spacing])
    return found


def _mask(mask: Any, image: sitk.Image) -> sitk.Image:
    import SimpleITK as sitk

    if isinstance(mask, sitk.Image):
        return mask
    found = _from_array(mask, "mask")
    if found.GetSize() != image.GetSize():
        shapes = [one.GetSize()[::-1] for one in (image, found)]
        raise RadpipeError(f"mask: found the shape {shapes[1]}; give the image's, {shapes[0]}")
    found.CopyInformation(image)
    return found


def _from_array(values: Any, name: str) -> sitk.Image:
    """Return an array as an image, in a number type that images have."""
    import SimpleITK as sitk

    array = np.asarray(values)
    if array.ndim not in (2, 3) or array.dtype.kind not in "buif":
        raise RadpipeError(
            f"{name}: found an array of {array.ndim} axes of {array.dtype}; "
            "give numbers along (z, y, x) or (y, x), and of a colour image array[..., channel]"
        )
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    elif array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)
    return sitk.GetImageFromArray(array.astype(array.dtype.newbyteorder("="), copy=False))
