"""Looks into a few volumes of each pattern: image or mask, labels, modality, which belong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from radpipe.core.errors import CaseError
from radpipe.imaging.axes import channel_fault
from radpipe.imaging.volume import Geometry, differences
from radpipe.io.images import read_header, read_image
from radpipe.study import words as w
from radpipe.study.layout import Layout

LOOKED_AT = 3
"""Volumes of each pattern that are opened."""

_MOST_LABELS = 32


@dataclass(frozen=True)
class Volumes:
    """What a few volumes of one pattern hold.

    Parameters
    ----------
    layout : Layout
        The pattern and its files.
    is_mask : bool
        Whether they hold labels (few whole values, zero among them).
    labels : tuple of int
        Labels that occur in the masks looked at.
    common : tuple of int
        Those that occur in each of them.
    low, high : float
        Range of grey values of an image.
    grids : mapping of str to Geometry
        Id -> grid, of the volumes looked at.
    problems : tuple of str
        Why a volume could not be opened.
    """

    layout: Layout
    is_mask: bool
    labels: tuple[int, ...]
    common: tuple[int, ...]
    low: float
    high: float
    grids: dict[str, Geometry]
    problems: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """Return the words that tell this pattern from others."""
        return w.plain_words(_outside(self.layout.pattern))


def look(data: Path, layout: Layout, cases: Sequence[str]) -> Volumes:
    """Open the volumes of the given cases and say what they hold."""
    grids: dict[str, Geometry] = {}
    problems: list[str] = []
    sets: list[tuple[int, ...]] = []
    low, high = float("inf"), float("-inf")
    named = bool(w.says(_outside(layout.pattern), w.MASK))
    is_mask = named
    for number, case in enumerate(cases):
        if case not in layout.files:
            continue
        path = data / layout.files[case]
        try:
            header = read_header(path)
            fault = channel_fault(header.components, None, str(path))
            if fault is not None:
                raise CaseError(fault)
            grids[case] = header.geometry
            if number and sets == []:
                continue  # the first volume showed an image: its header says enough of the others
            voxels = _voxels(path)
        except CaseError as error:
            problems.append(str(error))
            continue
        low, high = min(low, float(voxels.min())), max(high, float(voxels.max()))
        labels = labels_in(voxels)
        if labels is None or (labels == () and not named):
            is_mask = False
            continue
        is_mask = True
        sets.append(labels)
    union = tuple(sorted({label for labels in sets for label in labels}))
    common = tuple(label for label in union if all(label in labels for labels in sets))
    return Volumes(layout, is_mask, union, common, low, high, grids, tuple(problems))


def labels_in(voxels: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> tuple[int, ...] | None:
    """Return the labels of a mask (0 left out), or None where the voxels are grey values.

    A mask holds at most 32 different whole values from 0 to 65535, zero among them.
    """
    low, high = float(voxels.min()), float(voxels.max())
    if low != 0 or high > 65535 or high != int(high):
        return None
    whole = voxels.astype(np.int64)
    if voxels.dtype.kind == "f" and not np.array_equal(whole, voxels):
        return None
    counts = np.bincount(whole.ravel())
    present = np.flatnonzero(counts)
    return tuple(int(v) for v in present if v) if present.size <= _MOST_LABELS else None


def modality_of(volumes: Volumes) -> tuple[str, str]:
    """Return the modality (MR, CT, PT, US) and what it was guessed from."""
    for word in volumes.words:
        for modality, known in w.MODALITY.items():
            if word in known or any(not k.isascii() and k in word for k in known):
                return modality, f"from the name {word!r}"
    if volumes.low <= -200:
        return "CT", f"guessed: grey values down to {volumes.low:g}"
    return "MR", f"guessed: grey values {volumes.low:g} to {volumes.high:g}"


def same_grid(image: Volumes, mask: Volumes) -> bool:
    """Return whether image and mask agree in grid for the cases looked at in both."""
    shared = [case for case in image.grids if case in mask.grids]
    return bool(shared) and all(not differences(image.grids[c], mask.grids[c]) for c in shared)


def masks_of(
    image: Volumes, masks: Sequence[Volumes], images: Sequence[Volumes]
) -> dict[str, Volumes]:
    """Return region name -> mask pattern for one image, by grid first and by name second.

    A mask whose name speaks of another image is that one's; of several masks of one region the
    one that shares most words with the image is taken.
    """
    imagery = {word for other in images for word in other.words}
    chosen: dict[str, tuple[int, Volumes]] = {}
    for mask in masks:
        meant = set(mask.words) & imagery
        if not meant <= set(image.words) or not same_grid(image, mask):
            continue
        region = "_".join(word for word in mask.words if word not in imagery) or "roi"
        if region not in chosen or len(meant) > chosen[region][0]:
            chosen[region] = (len(meant), mask)
    return {region: mask for region, (_, mask) in chosen.items()}


def _voxels(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    import SimpleITK as sitk

    voxels: np.ndarray[tuple[int, ...], np.dtype[np.generic]]
    voxels = sitk.GetArrayFromImage(read_image(path))
    return voxels


def _outside(pattern: str) -> str:
    """Return a pattern without placeholders and suffix."""
    return re.sub(r"\{[^{}]*\}|\.(nii|nii\.gz|nrrd|mha)$", " ", pattern)
