"""Slices with the outline of the region, so that a reader sees that the masks fit."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from radpipe.core.spec import Text
from radpipe.outputs.base import OutputSpec


class MontageSpec(OutputSpec):
    """A grid of slices.

    Parameters
    ----------
    cases : tuple of str
        Which cases; empty means ``n`` spread evenly over the cohort.
    n : int
        How many cases where none are named.
    images : tuple of str
        Which images; empty means all that have a region.
    slice : {"largest", "central"}
        The slice where the region is largest, or the middle one of the region.
    window_percentiles : (low, high)
        Grey levels, as percentiles of the slice shown.
    """

    kind: Literal["montage"] = "montage"
    cases: tuple[Text, ...] = ()
    n: Annotated[int, Field(ge=1, le=200)] = 12
    images: tuple[Text, ...] = ()
    slice: Literal["largest", "central"] = "largest"
    window_percentiles: tuple[
        Annotated[float, Field(ge=0, lt=100)], Annotated[float, Field(gt=0, le=100)]
    ] = (1.0, 99.0)

    heading: ClassVar[str] = "Regions on the images"
    section: ClassVar[str] = "features"
    needs_images: ClassVar[bool] = True
