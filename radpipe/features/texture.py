"""Texture features of one image: from grey values to matrices to features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from radpipe.features.glcm import glcm
from radpipe.features.gldm import gldm
from radpipe.features.glrlm import glrlm
from radpipe.features.glszm import glszm
from radpipe.features.neighbours import count, offsets_of, surroundings
from radpipe.features.ngtdm import ngtdm
from radpipe.features.pyradiomics_words import PLANES
from radpipe.features.region import Frame, Levels, Region
from radpipe.features.texture_settings import BinCountSpec, TextureSettings
from radpipe.features.zones import zones_of
from radpipe.imaging.discretise import count_edges, digitise, width_edges


def levels_of(values: np.ndarray, texture: TextureSettings) -> np.ndarray:
    """Return the grey level of each value, from 1."""
    spec = texture.discretise
    if isinstance(spec, BinCountSpec):
        edges = count_edges(values, spec.count)
    else:
        edges = width_edges(values.min(), values.max(), spec.width)
    return digitise(values, edges)


class Frames:
    """The boxes for a region's grey levels, each made when first needed and used again."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._frames: dict[tuple[int, int], tuple[Frame, np.ndarray | None]] = {}

    def spacing(self, axis: int) -> tuple[float, float, float]:
        """Return the voxel size with an axis moved to the front."""
        return self._region.turned(axis).spacing

    def levels(self, of: np.ndarray, axis: int, edge: int) -> Levels:
        """Return levels in a box with an axis moved to the front and an edge of zeros."""
        if (axis, edge) not in self._frames:
            turned = self._region.turned(axis)
            self._frames[axis, edge] = Frame(turned, edge), self._order(axis)
        frame, order = self._frames[axis, edge]
        return frame.levels(of if order is None else of[order])

    def _order(self, axis: int) -> np.ndarray | None:
        """Return where each voxel of the turned box stands in the order of the region's."""
        if axis == 0:
            return None
        inside = self._region.inside
        number = np.full(inside.shape, -1, np.int64)
        number[inside] = np.arange(np.count_nonzero(inside))
        turned = np.moveaxis(number, axis, 0)
        return turned[turned >= 0]


def texture_features(
    frames: Frames,
    levels: np.ndarray,
    texture: TextureSettings,
    classes: Sequence[str],
) -> dict[str, float]:
    """Return the features of the classes that are asked for, as ``class_Feature``.

    Parameters
    ----------
    frames : Frames
        Of the region.
    levels : ndarray of uint16, shape (voxels,)
        Grey level of each voxel of the region, in order.
    texture : TextureSettings
        How.
    classes : sequence of str
        Of glcm, glrlm, glszm, gldm, ngtdm; others are left alone.
    """
    plane = texture.force_2d
    axis = PLANES.index(plane) if plane else 0
    reach = max(texture.distances)
    boxed = frames.levels(levels, axis, reach)
    spacing = np.array(frames.spacing(axis))
    values = boxed.values
    found: dict[str, dict[str, float]] = {}
    steps = offsets_of(texture.distances, bool(plane))
    near = offsets_of((1,), bool(plane))
    together = texture.distances == (1,)
    if "glcm" in classes or "glrlm" in classes:
        pairs, runs = count(boxed, steps, together)
        if "glcm" in classes:
            weights = _glcm_weights(steps, spacing, texture.weighting)
            found["glcm"] = glcm(pairs, values, weights, texture.symmetric_glcm)
        if "glrlm" in classes:
            if not together:
                runs = count(boxed, near, True)[1]
            norm = texture.weighting
            weights = None if norm is None else _norm(near, spacing, norm)
            found["glrlm"] = glrlm(runs, values, weights)
    if "gldm" in classes or "ngtdm" in classes:
        dependences, differences = surroundings(boxed, steps, texture.gldm_alpha)
        if "gldm" in classes:
            found["gldm"] = gldm(dependences, values)
        if "ngtdm" in classes:
            found["ngtdm"] = ngtdm(boxed.counts, differences, values)
    if "glszm" in classes:
        found["glszm"] = glszm(*zones_of(boxed, bool(plane)), values)
    return {
        f"{family}_{name}": value
        for family, features in found.items()
        for name, value in features.items()
    }


def _glcm_weights(
    steps: np.ndarray, spacing: np.ndarray, weighting: str | None
) -> np.ndarray | None:
    if weighting is None:
        return None
    if weighting == "no_weighting":
        return np.ones(len(steps))
    return np.exp(-(_norm(steps, spacing, weighting) ** 2))


def _norm(steps: np.ndarray, spacing: np.ndarray, weighting: str) -> np.ndarray:
    """Return the length of each step in mm."""
    lengths = np.abs(steps) * spacing
    if weighting == "infinity":
        return lengths.max(axis=1)
    if weighting == "euclidean":
        return np.sqrt((lengths**2).sum(axis=1))
    if weighting == "manhattan":
        return lengths.sum(axis=1)
    return np.ones(len(steps))
