"""How image and mask are made ready before features are measured, as study.yaml says it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from radpipe.core.spec import KindSpec, Spec, one_of
from radpipe.features.registry import NORMALISERS
from radpipe.imaging.volume import TOLERANCE

Interpolator = Literal[
    "nearest",
    "linear",
    "bspline",
    "gaussian",
    "label_gaussian",
    "hamming_sinc",
    "cosine_sinc",
    "welch_sinc",
    "lanczos_sinc",
    "blackman_sinc",
]
Spacing = Annotated[float, Field(ge=0, le=100)]
Padding = Annotated[int, Field(ge=0, le=200)]
Positive = Annotated[FiniteFloat, Field(gt=0)]
Dimensions = Annotated[int, Field(ge=1, le=3)]
Voxels = Annotated[int, Field(ge=1)]
Channel = Annotated[int, Field(ge=0)]
ResegmentMode = Literal["absolute", "relative", "sigma"]


class ResampleSpec(Spec):
    """The grid that image and mask are brought to before filtering.

    Parameters
    ----------
    spacing_mm : tuple of 3 float
        Voxel size x, y, z in mm; 0 keeps that axis as it is.
    interpolator : str
        For the image; the mask always takes its nearest neighbour.
    pad_voxels : int
        How far beyond the region's bounding box the resampled image reaches, in new voxels.
        Laplacian-of-Gaussian features depend on it; 5 is PyRadiomics' default.
    """

    spacing_mm: tuple[Spacing, Spacing, Spacing]
    interpolator: Interpolator = "bspline"
    pad_voxels: Padding = 5

    @model_validator(mode="after")
    def _something_to_do(self) -> ResampleSpec:
        if not any(self.spacing_mm):
            raise ValueError("spacing_mm is 0 on every axis; leave resample out instead")
        return self


class CropSpec(Spec):
    """The part of the image that is worked on, where no resampling crops it.

    Parameters
    ----------
    pad_voxels : int
        How far beyond the region's bounding box it reaches, in voxels.
    """

    pad_voxels: Padding = 5


class ResegmentSpec(Spec):
    """The grey values that a voxel of the region must have to stay in it.

    Parameters
    ----------
    range : tuple of 1 or 2 float
        The lowest value, or the lowest and the highest.
    mode : str
        What the range is given in: grey values, parts of the region's maximum, or standard
        deviations from the region's mean.
    shape : bool
        Whether shape features are those of what is left of the region, too.
    """

    range: tuple[FiniteFloat] | tuple[FiniteFloat, FiniteFloat]
    mode: ResegmentMode = "absolute"
    shape: bool = False

    @model_validator(mode="after")
    def _ascending(self) -> ResegmentSpec:
        if self.range[0] > self.range[-1]:
            raise ValueError(f"the range {list(self.range)}, highest first; give the lowest first")
        return self


class ZScoreSpec(KindSpec):
    """Subtract the mean and divide by the standard deviation of the whole image.

    Parameters
    ----------
    scale : float
        Factor after the division, above 0.
    remove_outliers : float or None
        Clip at this many standard deviations, before ``scale``.
    """

    kind: Literal["z_score"] = "z_score"
    scale: float = Field(1.0, gt=0)
    remove_outliers: float | None = Field(None, gt=0)


class PreparationSettings(Spec):
    """How image and mask are made ready, before anything is measured.

    Parameters
    ----------
    correct_mask : bool
        Bring a mask that lies on another grid to the image's (nearest neighbour).
    geometry_tolerance : float or None
        How far the grids of image and mask may differ, in voxels; null is 0.000001.
    channel : int or None
        Which channel of a colour image is worked on, from 0; null takes grey images alone (in a
        study, the image's own channel counts then).
    mask_channel : int
        Which channel of a mask with several holds the region, from 0.
    minimum_dimensions : int
        Along how many axes a region must reach over more than one voxel.
    minimum_voxels : int or None
        A region of this many voxels or fewer is refused.
    normalise : z_score or None
        What is done to the grey values of the whole image first.
    resample : ResampleSpec or None
        The common grid; None keeps the image's own.
    crop : CropSpec or None
        Cut the image around the region before filtering, where it is not resampled.
    resegment : ResegmentSpec or None
        Leave voxels outside a range of grey values out of the region.
    """

    correct_mask: bool = False
    geometry_tolerance: Positive | None = None
    channel: Channel | None = None
    mask_channel: Channel = 0
    minimum_dimensions: Dimensions = 2
    minimum_voxels: Voxels | None = None
    normalise: one_of(NORMALISERS) | None = None  # type: ignore[valid-type]
    resample: ResampleSpec | None = None
    crop: CropSpec | None = None
    resegment: ResegmentSpec | None = None

    @model_validator(mode="after")
    def _one_crop(self) -> PreparationSettings:
        if self.crop and self.resample:
            raise ValueError(
                "crop beside resample, which crops already; remove crop, and give "
                "resample.pad_voxels"
            )
        return self

    @property
    def tolerance(self) -> float:
        """How far the grids of image and mask may differ, in voxels."""
        return TOLERANCE if self.geometry_tolerance is None else self.geometry_tolerance
