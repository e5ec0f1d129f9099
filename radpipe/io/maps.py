"""Parametric maps: images that are computed voxel by voxel from others, never written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from radpipe.core.digests import canonical
from radpipe.core.errors import CaseError, Fault
from radpipe.core.expressions import parse
from radpipe.imaging.axes import one_channel
from radpipe.imaging.volume import Geometry, differences, geometry_of
from radpipe.io.images import read_image
from radpipe.io.store import Store

if TYPE_CHECKING:
    import SimpleITK as sitk


class Part(NamedTuple):
    """An image that a formula names: its name, file, and the channel that counts."""

    name: str
    path: Path
    channel: int | None = None


@dataclass(frozen=True)
class ImageMap:
    """An image that a formula makes of others on one grid.

    Parameters
    ----------
    expression : str
        What `radpipe.core.expressions` reads; its names are those of the parts.
    parts : tuple of Part
        The images.
    """

    expression: str
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """Return what the map is called in notes."""
        return self.expression

    def __str__(self) -> str:
        """Return the map with its first file, for messages."""
        return f"{self.expression} ({self.parts[0].path})"


Source = Path | ImageMap
"""Where an image comes from: a file, or others."""


def files_of(source: Source) -> tuple[Path, ...]:
    """Return the files that an image is made of."""
    return (source,) if isinstance(source, Path) else tuple(part.path for part in source.parts)


def digest_source(store: Store, source: Source) -> str:
    """Return the digest of what an image is made of.

    Raises
    ------
    CaseError
        Where a file cannot be read.
    """
    if isinstance(source, Path):
        return store.digest_file(source)
    parts = [[part.name, part.channel, store.digest_file(part.path)] for part in source.parts]
    return canonical([source.expression, parts])


def read_source(source: Source) -> sitk.Image:
    """Read an image, or compute it.

    Raises
    ------
    CaseError
        Where a file cannot be read, the images of a map lie on different grids, or the formula
        has no value somewhere.
    """
    if isinstance(source, Path):
        return read_image(source)
    import SimpleITK as sitk

    images = {p.name: one_channel(read_image(p.path), p.channel, str(p.path)) for p in source.parts}
    first, *others = source.parts
    for part in others:
        grids = (geometry_of(images[first.name]), geometry_of(images[part.name]))
        check_grid(*grids, str(first.path), str(part.path))
    voxels = {name: sitk.GetArrayFromImage(image) for name, image in images.items()}
    values = parse(source.expression).evaluate(_Voxels(voxels))
    lost = int(np.isnan(values).sum())
    if lost:
        found = f"the map {source.expression} has no value at {lost} of {values.size} voxels"
        cure = "say what counts there, such as where(pre > 0, post / pre, 0)"
        raise CaseError(Fault(str(first.path), found, cure))
    found_map = sitk.GetImageFromArray(values)
    found_map.CopyInformation(images[first.name])
    return found_map


def check_grid(first: Geometry, other: Geometry, first_name: str, name: str) -> None:
    """Check that two images of a map lie on one grid.

    Raises
    ------
    CaseError
        With what differs.
    """
    found = differences(first, other)
    if found:
        said = f"lies on another grid than {first_name}: {', '.join(found)}; a map needs one grid"
        cure = "resample one image onto the other's grid, or exclude the case"
        raise CaseError(Fault(name, said, cure))


@dataclass(frozen=True)
class _Voxels:
    """The grey values of images, by the names of a formula."""

    known: Mapping[str, NDArray[np.generic]]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return the grey values of an image."""
        return self.known[name].astype(np.float64)

    def texts(self, name: str) -> NDArray[np.object_]:
        """Refuse: grey values are no text."""
        cure = "compare grey values with numbers"
        raise CaseError(Fault(name, "an image that is compared with text", cure))
